//! Saved moments to replay from, thinned where little happened and where much time has passed since.
//!
//! Memory is bounded: at most [`Checkpoints::LIMIT`] moments are kept, and each shares with its neighbours whatever did
//! not change between them. An hour of a busy cluster of 1,000 pods keeps some 50 MiB alive by them (see BENCHMARKS.md).

use crate::moment::Moment;
use sim::SimTime;

/// A saved moment.
#[derive(Clone)]
pub(crate) struct Checkpoint {
    /// How many inputs it contains.
    pub(crate) inputs: usize,
    pub(crate) moment: Moment,
}

/// Saved moments in order of time. At most [`Checkpoints::LIMIT`] are kept.
///
/// A saved moment costs what changes after it: everything that is shared with it is copied when it is written. So they
/// are spaced by work, not by time, and further apart the longer the history is.
#[derive(Clone)]
pub(crate) struct Checkpoints {
    saved: Vec<Checkpoint>,
    /// Whether any are saved; without, going back means to start over.
    keeps: bool,
}

impl Default for Checkpoints {
    fn default() -> Self {
        Checkpoints { saved: Vec::new(), keeps: true }
    }
}

impl Checkpoints {
    /// How many moments are kept; beyond that the one goes that spares least work.
    const LIMIT: usize = 128;
    /// The least number of steps of the loop between two saved moments: some 20 ms of replay.
    const STEPS: u64 = 1000;

    /// None are saved from now on.
    pub(crate) fn keep_none(&mut self) {
        *self = Checkpoints { saved: Vec::new(), keeps: false };
    }

    /// The same rule for a history that starts over.
    pub(crate) fn emptied(&self) -> Self {
        Checkpoints { saved: Vec::new(), keeps: self.keeps }
    }

    /// Saves a moment if the last saved one is far enough away.
    pub(crate) fn offer(&mut self, inputs: usize, moment: &Moment) {
        if !self.keeps {
            return;
        }
        let due = self.saved.last().is_none_or(|last| {
            let (then, now) = (&last.moment.cluster, &moment.cluster);
            let spacing = Self::STEPS.max(now.steps() / (Self::LIMIT as u64 / 2));
            last.inputs < inputs && now.now() > then.now() || now.steps() >= then.steps() + spacing
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
