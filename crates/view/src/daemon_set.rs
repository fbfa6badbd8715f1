//! One DaemonSet as a lane: which nodes it covers, and why it leaves others out.

use std::rc::Rc;

use crate::{ObjectRef, PodTile, Text};

/// What a DaemonSet has on a node.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum CoverageState {
    /// Its Pod.
    Pod(Rc<PodTile>),
    /// A Pod should be there and is not, yet.
    Missing,
    /// No Pod belongs there; the text says why.
    NotEligible(Text),
}

/// One node as a DaemonSet sees it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Coverage {
    /// The node's name.
    pub node: Text,
    /// What is there.
    pub state: CoverageState,
}

/// One DaemonSet.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DaemonSetLane {
    /// The DaemonSet.
    pub target: ObjectRef,
    /// Its colour, as in its chip.
    pub colour: u8,
    /// `RollingUpdate` or `OnDelete`.
    pub strategy: Text,
    /// `status.desiredNumberScheduled`.
    pub desired: u32,
    /// `status.currentNumberScheduled`.
    pub current: u32,
    /// `status.numberReady`.
    pub ready: u32,
    /// `status.updatedNumberScheduled`.
    pub up_to_date: u32,
    /// `status.numberAvailable`.
    pub available: u32,
    /// Every node, by name.
    pub coverage: Rc<[Coverage]>,
}
