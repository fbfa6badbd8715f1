//! A workload as a chip: what it is and how much of it is ready.

use crate::{ObjectRef, Severity, Text};

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
    /// The revision that its pods are to have, as [`crate::PodTile::revision`] names it; empty where there is but one.
    pub revision: Text,
    /// How good or bad that is.
    pub severity: Severity,
}
