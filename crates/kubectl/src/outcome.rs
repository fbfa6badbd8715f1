//! How a verb ends when nothing went wrong.

use crate::follow::Follow;

/// How a verb ends when nothing went wrong.
pub(crate) enum Outcome {
    /// All is said.
    Done,
    /// All is said, and the exit code is not 0.
    Exit(i32),
    /// Something is waited for.
    Follow(Box<Follow>),
}

impl Outcome {
    /// Something is waited for.
    pub(crate) fn follow(follow: Follow) -> Self {
        Outcome::Follow(Box::new(follow))
    }
}
