//! Saved moments to replay from, thinned with age.

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
    /// How many moments are kept; beyond that every other one of the older half goes.
    const LIMIT: usize = 256;
    /// The least virtual time between two saved moments.
    const SPACING: SimDuration = SimDuration::from_millis(1000);
    /// The most steps of the loop between two saved moments.
    const STEPS: u64 = 2000;

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
            let mut index = 0;
            let half = Self::LIMIT / 2;
            self.saved.retain(|_| {
                index += 1;
                index > half || index % 2 == 1
            });
        }
    }

    /// The latest saved moment at or before `at`.
    pub(crate) fn before(&self, at: SimTime) -> Option<&Checkpoint> {
        self.saved.iter().rev().find(|saved| saved.moment.cluster.now() <= at)
    }

    /// The latest saved moment before step number `steps`.
    pub(crate) fn before_step(&self, steps: u64) -> Option<&Checkpoint> {
        self.saved.iter().rev().find(|saved| saved.moment.cluster.steps() < steps)
    }

    /// Forgets everything that contains more than `inputs` inputs or lies after `at`.
    pub(crate) fn cut(&mut self, inputs: usize, at: SimTime) {
        self.saved.retain(|saved| saved.inputs <= inputs && saved.moment.cluster.now() <= at);
    }
}
