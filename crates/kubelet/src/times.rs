//! When a pod is to be looked at again, and whether that look can bring it further.

use crate::worker::{Life, Worker};
use api::Time;

/// The earliest of some times, apart for looks that bring something further and for periodic ones (probes that go on
/// failing, retries after failures).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Times {
    pub(crate) progress: Option<Time>,
    pub(crate) periodic: Option<Time>,
}

impl Times {
    fn progress(&mut self, at: Option<Time>) {
        self.progress = earlier(self.progress, at);
    }

    fn periodic(&mut self, at: Option<Time>) {
        self.periodic = earlier(self.periodic, at);
    }
}

fn earlier(a: Option<Time>, b: Option<Time>) -> Option<Time> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
}

impl Worker {
    /// When this pod is to be looked at next. `now` bounds what has been missed.
    pub(crate) fn next_times(&self, now: Time) -> Times {
        let mut times = Times::default();
        times.progress(self.wake);
        for run in self.containers.iter().filter_map(|container| container.run()) {
            times.progress(run.hooked_until.filter(|_| run.hook_fails));
        }
        match self.life {
            Life::New | Life::Ended => {}
            Life::Stopping(stopping) => {
                times.progress(stopping.torn_down_at);
                for container in &self.containers {
                    let Some(run) = container.run() else { continue };
                    times.progress(run.exit.map(|exit| if run.stopping { exit.at } else { exit.noticed_at }));
                }
            }
            Life::Active => self.active_times(&mut times, now),
        }
        times
    }

    fn active_times(&self, times: &mut Times, now: Time) {
        times.progress(self.deadline().filter(|at| *at > now));
        times.progress(self.volumes.grow_at);
        let never = Time::from_unix_millis(crate::hooks::NEVER);
        times.progress(self.busy.as_ref().map(|busy| busy.until()).filter(|at| *at < never));
        if !self.sandbox.up && self.busy.is_none() {
            let retry = self.volumes.retry_at;
            if self.volumes.hopeful { times.progress(retry) } else { times.periodic(retry) }
        }
        for (index, container) in self.containers.iter().enumerate() {
            let Some(run) = container.run() else {
                let blind = container.waiting.as_ref().is_some_and(|why| !why.hopeful && why.reason != "ErrImagePull");
                let at = container.not_before.filter(|at| *at > now);
                if blind {
                    times.periodic(at)
                } else {
                    times.progress(at)
                }
                continue;
            };
            times.progress(run.exit.map(|exit| exit.noticed_at));
            let Some(health) = self.health(index).filter(|_| !self.is_hooking(index)) else { continue };
            if let Some(probes) = &container.probes {
                let [progress, periodic] = probes.next(health);
                times.progress(progress);
                times.periodic(periodic);
            }
            if container.probes.as_ref().is_none_or(|probes| probes.ready().is_none()) && health.ready.is_none() {
                times.progress(Some(health.answers_from).filter(|at| *at > now));
            }
        }
    }
}
