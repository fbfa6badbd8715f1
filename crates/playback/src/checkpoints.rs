//! Saved moments to replay from, thinned where little happened and where much time has passed since.
//!
//! Memory is bounded: at most [`Checkpoints::LIMIT`] moments are kept, and each shares with its neighbours whatever did
//! not change between them. An hour of a busy cluster of 1,000 pods keeps some 50 MiB alive by them (see BENCHMARKS.md).

use crate::moment::Moment;
use sim::{SimDuration, SimTime};

/// A saved moment.
#[derive(Clone)]
pub(crate) struct Checkpoint {
    /// How many inputs it contains.
    pub(crate) inputs: usize,
    pub(crate) moment: Moment,
}

/// Saved moments in order of time. At most [`Checkpoints::LIMIT`] are kept.
#[derive(Clone, Default)]
pub(crate) struct Checkpoints {
    saved: Vec<Checkpoint>,
}

impl Checkpoints {
    /// How many moments are kept; beyond that the one goes that spares least work.
    const LIMIT: usize = 256;
    /// The least virtual time between two saved moments.
    const SPACING: SimDuration = SimDuration::from_millis(1000);
    /// The most steps of the loop between two saved moments.
    const STEPS: u64 = 500;

    /// Saves a moment if the last saved one is far enough away.
    pub(crate) fn offer(&mut self, inputs: usize, moment: &Moment) {
        let due = self.saved.last().is_none_or(|last| {
            let (then, now) = (&last.moment.cluster, &moment.cluster);
            last.inputs < inputs && now.now() > then.now()
                || now.now().since(then.now()) >= Self::SPACING && now.steps() > then.steps()
                || now.steps() >= then.steps() + Self::STEPS
        });
        if !due {
            return;
        }
        self.saved.push(Checkpoint { inputs, moment: moment.clone() });
        if self.saved.len() > Self::LIMIT {
            self.thin();
        }
    }

    /// Drops the moment that is missed least: the one that leaves the smallest gap, where a gap counts for less the
    /// longer ago it is. The first and the last stay.
    fn thin(&mut self) {
        let steps = |index: usize| self.saved[index].moment.cluster.steps();
        let now = self.saved.last().map_or(0, |last| last.moment.cluster.steps());
        // Gaps grow with the square root of the age: twice as wide for what is four times as old.
        let cost = |index: &usize| {
            let (gap, age) = (steps(index + 1) - steps(index - 1), now - steps(*index) + Self::STEPS);
            u128::from(gap) * u128::from(gap) * 1_000_000 / u128::from(age)
        };
        if let Some(index) = (1..self.saved.len() - 1).min_by_key(cost) {
            self.saved.remove(index);
        }
    }

    /// The latest saved moment that is `early` enough. Whoever asks guarantees that all before it are, too.
    pub(crate) fn last_that(&self, early: impl Fn(&Checkpoint) -> bool) -> Option<&Checkpoint> {
        self.saved.iter().rev().find(|saved| early(saved))
    }

    /// The latest saved moment.
    pub(crate) fn last(&self) -> Option<&Checkpoint> {
        self.saved.last()
    }

    /// Adds a saved moment that lies after all others; any other is of no use.
    pub(crate) fn append(&mut self, saved: Checkpoint) {
        let later =
            |last: &Checkpoint| last.moment.cluster.now() < saved.moment.cluster.now() && last.inputs <= saved.inputs;
        if self.saved.last().is_none_or(later) {
            self.saved.push(saved);
        }
    }

    /// Forgets everything that contains more than `inputs` inputs or lies after `at`.
    pub(crate) fn cut(&mut self, inputs: usize, at: SimTime) {
        self.saved.retain(|saved| saved.inputs <= inputs && saved.moment.cluster.now() <= at);
    }
}
