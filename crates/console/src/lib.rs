//! The command language of podground: a small subset of a POSIX shell, its text tools, an in-memory file system,
//! Markdown pages as scripts, and transcripts.
//!
//! One library, three homes: the console panel of the page, `podground exec`, and `podground run PAGE.md`. A script is
//! parsed, compiled to a list of instructions and executed by a [`Machine`], which is plain data: it can be cloned at any
//! moment (a checkpoint of the simulation does) and never blocks. What the language itself does not know (`kubectl`,
//! `sim`) it asks of a [`Host`].
//!
//! Models: the shell of POSIX.1-2017, as far as tutorials use it, and a little of bash where tutorials do. Functions,
//! background jobs and `read` are refused with a message that says so.

mod arith;
mod builtins;
mod compile;
pub mod complete;
mod duration;
pub mod files;
mod flags;
mod glob;
pub mod host;
mod inside;
pub mod machine;
pub mod page;
mod pieces;
pub mod record;
mod sim_verbs;
mod syntax;
mod tools;
pub mod transcript;
mod world;

pub use builtins::CLEAR_SEQUENCE;
pub use complete::{Candidate, CandidateKind, Completion, CompletionView};
pub use duration::parse_shell_duration;
pub use files::{FileError, Files, Folder};
pub use host::{Host, Outcome, Polled, Started};
pub use machine::Machine;
pub use pieces::{Piece, pieces};
pub use record::{CommandResult, Progress, Stream};
pub use sim::parse_go_duration;
pub use syntax::SyntaxError;
pub use world::{Engine, Job, Request, SessionText, World};
