//! A workload as a chip: what it is and how much of it is ready.

use crate::{ObjectRef, Severity};

/// One workload.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct WorkloadChip {
    /// The workload.
    pub target: ObjectRef,
    /// Which of the page's workload colours it has.
    pub colour: u8,
    /// How many of its Pods are ready.
    pub ready: u32,
    /// How many it wants.
    pub desired: u32,
    /// How good or bad that is.
    pub severity: Severity,
}
