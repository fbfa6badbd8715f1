//! A session: a cluster with everything that was done to it, at a moment of its time.
//!
//! State = f(seed, scenario, input log). The log is the only way in ([`Input`]); play, pause, speed, step, seek and
//! share all rest on replaying it from a checkpoint, and a checkpoint is a clone of the whole state, which shares
//! everything with the present one.

mod branches;
mod checkpoints;
mod chronicle;
mod compare;
mod export;
mod input;
mod lines;
mod link;
mod moment;
mod nodes;
#[cfg(test)]
mod properties;
mod scenario;
mod session;
mod share;
#[cfg(test)]
mod stories;
mod travel;

pub use branches::Branch;
pub use chronicle::{Happening, Mark, MarkKind, Phase, PhaseChange, Tick};
pub use cluster::{LookRecord, Timing};
pub use compare::{Comparison, Difference};
pub use console::{Candidate, CandidateKind, Completion, Engine};
pub use input::{Entry, Input};
pub use link::{Fragment, LinkContent, pairs, parse_fragment, session_fragment, thousandths};
pub use moment::{ConsoleLine, LineKind};
pub use scenario::{SavedBranch, Scenario, ScenarioError, ScenarioFile};
pub use session::{Clock, Session};
pub use share::{LinkError, decode, encode};
pub use travel::Stride;
