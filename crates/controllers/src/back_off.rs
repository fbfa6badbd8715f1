//! Back-off that outlives a single reconcile. Models: staging/src/k8s.io/client-go/util/flowcontrol/backoff.go.

use api::{Str, Time};
use imbl::GenericOrdMap;
use imbl::shared_ptr::RcK;
use sim::SimDuration;

/// What failed, and how long to wait the first time and at most.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BackOffKey {
    /// Names the thing that failed, e.g. `UID/generation/node`.
    pub name: Str,
    /// The wait after the first failure.
    pub initial: SimDuration,
    /// The longest wait.
    pub max: SimDuration,
}

/// Failures by name. A clone shares everything.
#[derive(Clone, Default)]
pub struct BackOff {
    entries: GenericOrdMap<Str, Entry, RcK>,
    runs: GenericOrdMap<Str, FailureRun, RcK>,
}

/// Failures in a row, for those who count them by when they happened. It stands until it is forgotten.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FailureRun {
    /// How many there were since the last success.
    pub failures: u32,
    /// When the last one was.
    pub last: Option<Time>,
}

#[derive(Clone, Copy)]
struct Entry {
    wait: SimDuration,
    max: SimDuration,
    since: Time,
}

impl BackOff {
    /// How much longer to wait before trying `name` again; zero if it may be tried now.
    pub fn remaining(&self, name: &str, now: Time) -> SimDuration {
        match self.entries.get(name) {
            Some(entry) => entry.wait - now.since(entry.since),
            None => SimDuration::ZERO,
        }
    }

    /// Whether `name` has failed before and is not forgotten yet.
    pub fn is_known(&self, name: &str) -> bool {
        self.entries.get(name).is_some()
    }

    /// Counts a failure: the wait doubles, unless the last one was long ago.
    pub fn count(&mut self, key: &BackOffKey, now: Time) {
        let wait = match self.entries.get(&key.name) {
            Some(entry) if now.since(entry.since) < entry.max + entry.max => (entry.wait + entry.wait).min(key.max),
            _ => key.initial,
        };
        self.entries.insert(key.name.clone(), Entry { wait, max: key.max, since: now });
    }

    /// The failures in a row of `name`.
    pub fn run(&self, name: &str) -> FailureRun {
        self.runs.get(name).copied().unwrap_or_default()
    }

    /// Keeps the failures in a row of `name`.
    pub fn set_run(&mut self, name: &Str, run: FailureRun) {
        self.runs.insert(name.clone(), run);
    }

    /// Forgets `name`.
    pub fn forget(&mut self, name: &str) {
        self.entries.remove(name);
        self.runs.remove(name);
    }

    /// Forgets what has been quiet for long.
    pub fn collect(&mut self, now: Time) {
        let stale: Vec<Str> = self
            .entries
            .iter()
            .filter(|(_, entry)| now.since(entry.since) > entry.max + entry.max)
            .map(|(name, _)| name.clone())
            .collect();
        for name in stale {
            self.entries.remove(&name);
        }
    }
}
