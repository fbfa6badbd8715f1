//! PrioritySort: pods of higher priority first, then those that were queued earlier.
//! Models: pkg/scheduler/framework/plugins/queuesort.

use super::Plugin;
use crate::node_info::priority;
use api::{Pod, Time};
use std::cmp::Reverse;

pub(super) const PLUGIN: Plugin = Plugin { rank: Some(rank), ..Plugin::named("PrioritySort") };

/// The place of a pod in the queue; smaller goes first. The number keeps pods of one moment in order of arrival.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Rank(Reverse<i32>, Time, u64);

fn rank(pod: &Pod, queued_at: Time, number: u64) -> Rank {
    Rank(Reverse(priority(pod)), queued_at, number)
}

impl Rank {
    /// A rank by arrival alone.
    pub(crate) fn of_arrival(queued_at: Time, number: u64) -> Rank {
        Rank(Reverse(0), queued_at, number)
    }
}
