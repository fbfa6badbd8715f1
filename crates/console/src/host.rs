//! The border between the command language and the simulation: what the machine asks, and how it is answered.

use crate::files::Files;

/// The world a script runs in: the simulated cluster with its clock, `kubectl` and `sim`.
///
/// Guarantees to the host: [`run`](Host::run) and [`poll`](Host::poll) are never called from within each other, at most
/// one job exists at a time, and a job that was cut (by `timeout`, by an interrupt, by the limit on waits) is dropped
/// without another call. Virtual time stands still between two calls of [`crate::Machine::step`] unless the host moves it.
pub trait Host {
    /// A command that waits, such as `kubectl rollout status`. It is cloned with the machine when a checkpoint is taken.
    type Job: Clone;

    /// Runs a command that the language itself does not know. `argv` has at least one word; the alias `k` has already
    /// become `kubectl`. `files` is what `-f` reads (the host's own folder is reached through it too).
    fn run(&mut self, argv: &[String], stdin: &str, files: &mut Files) -> Started<Self::Job>;

    /// When a job wants to be polled again, though nothing may have happened until then.
    fn wakes_ms(&self, _job: &Self::Job) -> Option<u64> {
        None
    }

    /// Asks a waiting job what has happened since it was started or last polled.
    fn poll(&mut self, job: &mut Self::Job, files: &mut Files) -> Polled;

    /// Virtual milliseconds since the start of the scenario.
    fn now_ms(&self) -> u64;

    /// The virtual wall clock, in Unix milliseconds.
    fn wall_clock_ms(&self) -> i64;

    /// The commands that [`run`](Host::run) knows, each with one line of explanation, for `help`.
    fn commands(&self) -> Vec<(&'static str, &'static str)>;
}

/// What a command left behind when it ended, or the last part of it if it printed while it waited.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// The exit code, 0 to 255.
    pub exit_code: i32,
    /// Text for standard output.
    pub stdout: String,
    /// Text for standard error.
    pub stderr: String,
}

impl Outcome {
    /// Success with this text.
    pub fn ok(stdout: impl Into<String>) -> Self {
        Self { stdout: stdout.into(), ..Self::default() }
    }

    /// Failure with this message; the newline at its end is added.
    pub fn error(exit_code: i32, message: impl std::fmt::Display) -> Self {
        Self { exit_code, stdout: String::new(), stderr: format!("{message}\n") }
    }
}

/// The answer to [`Host::run`].
#[derive(Clone, Debug)]
pub enum Started<J> {
    /// No such command here: the machine says so, with exit code 127.
    Unknown,
    /// Finished at once.
    Done(Outcome),
    /// It waits for virtual time to move on.
    Waiting {
        /// What to poll.
        job: J,
        /// Printed so far, to standard output.
        stdout: String,
        /// Printed so far, to standard error.
        stderr: String,
        /// The moment by which the command ends by itself (`--timeout`), if there is one. A wait without such a
        /// moment is cut after an hour of virtual time.
        until_ms: Option<u64>,
    },
}

/// The answer to [`Host::poll`]. The texts are what is new since the last answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Polled {
    /// The job is over.
    Done(Outcome),
    /// The job goes on waiting.
    Waiting {
        /// New text for standard output.
        stdout: String,
        /// New text for standard error.
        stderr: String,
    },
}
