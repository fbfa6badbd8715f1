//! The command language of podground: a small subset of a POSIX shell, its text tools, an in-memory file system,
//! Markdown pages as scripts, and transcripts.
//!
//! One library, three homes: the console panel of the page, `podground exec`, and `podground run PAGE.md`. A script is
//! parsed, compiled to a list of instructions and executed by a `Machine`, which is plain
//! data: it can be cloned at any moment (a checkpoint of the simulation does) and never blocks. What the language itself
//! does not know (`kubectl`, `sim`) it asks of a [`Host`].
//!
//! Models: the shell of POSIX.1-2017, as far as tutorials use it, and a little of bash where tutorials do. Functions,
//! background jobs and `read` are refused with a message that says so.

pub mod files;
pub mod host;
pub mod record;

pub use files::{FileError, Files, Folder};
pub use host::{Host, Outcome, Polled, Started};
pub use record::{CommandResult, Progress, Stream};
