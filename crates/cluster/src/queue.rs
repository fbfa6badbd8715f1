//! The controllers' work queue: one wakeup per key at a time, the earliest counts.
//! Models: staging/src/k8s.io/client-go/util/workqueue.

use api::ObjectKey;
use imbl::GenericOrdMap;
use imbl::shared_ptr::RcK;
use sim::{Agenda, SimDuration, SimTime, Ticket};

/// A key of one controller: its place in `controllers::all()` and the key.
pub(crate) type Job = (usize, ObjectKey);

/// Why a key is looked at again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Urgency {
    /// Something is to happen: a change, or the end of a wait.
    Progress,
    /// A look in regular intervals, or a retry after a failure.
    Periodic,
}

#[derive(Clone, Default)]
pub(crate) struct Queue {
    agenda: Agenda<(Job, Urgency)>,
    queued: GenericOrdMap<Job, (Ticket, Urgency), RcK>,
    failures: GenericOrdMap<Job, u32, RcK>,
    /// Keys whose last look is still going on, and until when.
    busy: GenericOrdMap<Job, SimTime, RcK>,
    /// The controllers' workers that are at a look that takes time, and until when.
    at_work: Vec<(usize, SimTime)>,
    /// How many entries are more than periodic looks.
    progress: usize,
}

impl Queue {
    /// Wakes a key at `at`; a wakeup that is already planned for then or earlier stays.
    pub(crate) fn add(&mut self, job: Job, at: SimTime, urgency: Urgency) {
        let at = self.busy.get(&job).map_or(at, |until| at.max(*until));
        if let Some((ticket, planned)) = self.queued.get(&job).copied() {
            if ticket.at() <= at && planned <= urgency {
                return;
            }
            let (at, urgency) = (at.min(ticket.at()), urgency.min(planned));
            self.agenda.cancel(ticket);
            self.count(planned, -1);
            return self.insert(job, at, urgency);
        }
        self.insert(job, at, urgency);
    }

    fn insert(&mut self, job: Job, at: SimTime, urgency: Urgency) {
        let ticket = self.agenda.push(at, (job.clone(), urgency));
        self.queued.insert(job, (ticket, urgency));
        self.count(urgency, 1);
    }

    fn count(&mut self, urgency: Urgency, by: isize) {
        if urgency == Urgency::Progress {
            self.progress = self.progress.saturating_add_signed(by);
        }
    }

    /// The look at a key goes on until then: it is not woken before, and one worker of its controller has no time for
    /// others.
    pub(crate) fn occupy(&mut self, job: &Job, until: SimTime) {
        self.busy.insert(job.clone(), until);
        self.at_work.push((job.0, until));
    }

    /// When a worker of the controller has time, if none has now.
    fn free_at(&mut self, controller: usize, workers: usize, now: SimTime) -> Option<SimTime> {
        self.at_work.retain(|(_, until)| *until > now);
        let busy = self.at_work.iter().filter(|(of, _)| *of == controller);
        if busy.clone().count() < workers { None } else { busy.map(|(_, until)| *until).min() }
    }

    /// Wakes a key that failed, later each time. Models: workqueue.DefaultTypedControllerRateLimiter.
    pub(crate) fn retry(&mut self, job: Job, now: SimTime) {
        let failures = self.failures.get(&job).copied().unwrap_or(0);
        self.failures.insert(job.clone(), failures + 1);
        let wait = 5u64.saturating_mul(1 << failures.min(20)).min(1_000_000);
        self.add(job, now + SimDuration::from_millis(wait), Urgency::Periodic);
    }

    /// Forgets a key's failures.
    pub(crate) fn forget(&mut self, job: &Job) {
        if !self.failures.is_empty() {
            self.failures.remove(job);
        }
    }

    /// Every planned look, in the order in which they come due.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Job> {
        self.agenda.iter().map(|(_, (job, _))| job)
    }

    pub(crate) fn next_at(&self) -> Option<SimTime> {
        self.agenda.next_at()
    }

    /// When the next entry that is more than a periodic look is due.
    pub(crate) fn next_progress_at(&self) -> Option<SimTime> {
        if self.progress == 0 {
            return None;
        }
        self.agenda.iter().find(|(_, (_, urgency))| *urgency == Urgency::Progress).map(|(at, _)| at)
    }

    /// Takes the first key that is due, if a worker of its controller has time for it; those that have to wait go to
    /// the end of the line of the first worker who will.
    pub(crate) fn pop_due(&mut self, now: SimTime, workers: impl Fn(usize) -> usize) -> Option<Job> {
        loop {
            let (job, urgency) = self.agenda.pop_due(now)?.what;
            self.queued.remove(&job);
            self.count(urgency, -1);
            let free = if self.at_work.is_empty() { None } else { self.free_at(job.0, workers(job.0), now) };
            match free {
                None => {
                    self.busy.remove(&job);
                    return Some(job);
                }
                Some(at) => self.insert(job, at, urgency),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use api::Kind;

    fn job(name: &str) -> Job {
        (0, ObjectKey::new(Kind::Pod, "default", name))
    }

    #[test]
    fn one_wakeup_per_key_and_the_earliest_counts() {
        let at = SimTime::from_millis;
        let mut queue = Queue::default();
        queue.add(job("a"), at(50), Urgency::Periodic);
        queue.add(job("a"), at(20), Urgency::Progress);
        queue.add(job("a"), at(30), Urgency::Progress);
        queue.add(job("b"), at(20), Urgency::Periodic);
        assert_eq!(queue.next_progress_at(), Some(at(20)));
        assert_eq!(queue.pop_due(at(25), |_| 1), Some(job("a")));
        assert_eq!(queue.next_progress_at(), None);
        assert_eq!(queue.pop_due(at(25), |_| 1), Some(job("b")));
        assert_eq!(queue.pop_due(at(99), |_| 1), None);
    }

    #[test]
    fn a_key_is_not_woken_while_its_look_goes_on() {
        let at = SimTime::from_millis;
        let mut queue = Queue::default();
        queue.occupy(&job("a"), at(40));
        queue.add(job("a"), at(10), Urgency::Progress);
        assert_eq!(queue.next_at(), Some(at(40)));
        queue.pop_due(at(40), |_| 1);
        queue.add(job("a"), at(45), Urgency::Progress);
        assert_eq!(queue.next_at(), Some(at(45)));
    }

    #[test]
    fn a_key_waits_for_a_worker_who_has_time() {
        let at = SimTime::from_millis;
        let mut queue = Queue::default();
        for name in ["a", "b", "c"] {
            queue.add(job(name), at(0), Urgency::Progress);
        }
        let mut looks = Vec::new();
        for now in [0, 1, 40, 80] {
            while let Some(job) = queue.pop_due(at(now), |_| 2) {
                looks.push(format!("{} at {now}", job.1.name));
                queue.occupy(&job, at(now + 40));
            }
        }
        assert_eq!(looks, ["a at 0", "b at 0", "c at 40"]);
    }

    #[test]
    fn failures_wait_longer_each_time() {
        let mut queue = Queue::default();
        let mut now = SimTime::ZERO;
        let mut waits = Vec::new();
        for _ in 0..4 {
            queue.retry(job("a"), now);
            let at = queue.next_at().expect("queued");
            waits.push(at.since(now).as_millis());
            now = at;
            queue.pop_due(now, |_| 1);
        }
        assert_eq!(waits, [5, 10, 20, 40]);
    }
}
