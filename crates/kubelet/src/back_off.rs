//! Waits that double with each failure: restarts and image pulls.
//! Models: staging/src/k8s.io/client-go/util/flowcontrol/backoff.go, as pkg/kubelet uses it.

use api::Time;
use sim::SimDuration;

const INITIAL: SimDuration = SimDuration::from_secs(10);
const MAX: SimDuration = SimDuration::from_secs(300);
/// What has run for longer than this since its last failure starts anew.
const FORGOTTEN: SimDuration = SimDuration::from_secs(600);

/// How long to wait before the next try, and when that was decided.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct BackOff {
    wait: SimDuration,
    counted: Option<Time>,
}

impl BackOff {
    /// The present wait, as messages print it.
    pub(crate) fn wait(&self) -> SimDuration {
        self.wait
    }

    /// When the wait after a failure at `failed` ends; `None` if there is none.
    pub(crate) fn until(&self, failed: Time) -> Option<Time> {
        let counted = self.counted?;
        if failed.since(counted) > FORGOTTEN { None } else { Some(failed.plus(self.wait)) }
    }

    /// Counts a try after a failure at `failed`.
    pub(crate) fn count(&mut self, failed: Time, now: Time) {
        let fresh = self.counted.is_none_or(|counted| failed.since(counted) > FORGOTTEN);
        self.wait = if fresh { INITIAL } else { (self.wait + self.wait).min(MAX) };
        self.counted = Some(now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_to_five_minutes_and_are_forgotten_after_ten() {
        let mut back_off = BackOff::default();
        let mut now = Time::from_unix_millis(0);
        assert_eq!(back_off.until(now), None, "the first restart comes at once");
        let mut waits = Vec::new();
        for _ in 0..7 {
            back_off.count(now, now);
            let until = back_off.until(now).expect("a wait");
            waits.push(until.since(now).as_secs());
            now = until;
        }
        assert_eq!(waits, [10, 20, 40, 80, 160, 300, 300]);
        let later = now.plus(SimDuration::from_secs(601));
        assert_eq!(back_off.until(later), None);
        back_off.count(later, later);
        assert_eq!(back_off.wait().as_secs(), 10);
    }
}
