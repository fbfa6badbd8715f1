//! One StatefulSet as a lane: its ordinals in order, the claims of each, and what each missing one waits for.

use std::rc::Rc;

use crate::{ObjectRef, PodTile, Text};

/// A claim that belongs to an ordinal.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SlotClaim {
    /// The claim's name, such as `data-mysql-0`.
    pub name: Text,
    /// Its size once bound, else the size asked for.
    pub size: Text,
    /// Its phase: `Bound`, `Pending`, `Lost`.
    pub status: Text,
    /// Whether it is bound.
    pub is_bound: bool,
}

/// What is at an ordinal.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum SlotState {
    /// The Pod exists.
    Pod(Rc<PodTile>),
    /// The Pod does not exist yet; the text says what it waits for, such as `after mysql-2`.
    Missing(Text),
}

/// One ordinal of a StatefulSet.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OrdinalSlot {
    /// The ordinal.
    pub ordinal: u32,
    /// The Pod's name, whether it exists or not.
    pub pod_name: Text,
    /// The Pod's name in the cluster's DNS, short: `mysql-0.mysql`.
    pub dns: Text,
    /// What is there.
    pub state: SlotState,
    /// Whether the ordinal is beyond `replicas` and about to go.
    pub is_surplus: bool,
    /// The claims of this ordinal that exist, in the order of the templates.
    pub claims: Rc<[SlotClaim]>,
}

/// One StatefulSet.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StatefulSetLane {
    /// The StatefulSet.
    pub target: ObjectRef,
    /// Its colour, as in its chip.
    pub colour: u8,
    /// `OrderedReady` or `Parallel`.
    pub policy: Text,
    /// `RollingUpdate` or `OnDelete`.
    pub strategy: Text,
    /// The name of its update revision.
    pub revision: Text,
    /// The name of the revision it comes from; the same while nothing is rolled out.
    pub current_revision: Text,
    /// Ordinals below this one keep the revision they have.
    pub partition: u32,
    /// `spec.replicas`.
    pub desired: u32,
    /// `status.readyReplicas`.
    pub ready: u32,
    /// Its ordinals, ascending.
    pub slots: Rc<[OrdinalSlot]>,
}
