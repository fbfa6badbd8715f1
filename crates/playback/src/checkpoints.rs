//! Saved moments to replay from, thinned where little happened.

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

    /// Drops the moment without which the fewest steps are to be replayed: quiet times are thinned, busy ones kept.
    /// The first and the last stay.
    fn thin(&mut self) {
        let steps = |index: usize| self.saved[index].moment.cluster.steps();
        let gap = |index: &usize| steps(index + 1) - steps(index - 1);
        if let Some(index) = (1..self.saved.len() - 1).min_by_key(gap) {
            self.saved.remove(index);
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
