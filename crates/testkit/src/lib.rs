//! Fixtures, invariant checkers and the transcript runner: what tests share. Nothing that is shipped depends on this.

pub mod chaos;
pub mod checkers;
pub mod fixtures;
pub mod transcripts;
