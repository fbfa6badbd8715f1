//! One Node as a card: its condition, how full it is, and the Pods on it.

use std::rc::Rc;

use crate::{PodTile, Severity, Text};

/// How much of something is in use.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Meter {
    /// What is in use, such as `1.4`.
    pub used: Text,
    /// What there is, such as `4`.
    pub total: Text,
    /// The share in use; may exceed 1000 where more is asked for than there is.
    pub per_mille: u32,
}

/// The state of the machine behind a Node, which only the simulator's own commands change.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Machine {
    /// It runs and reports.
    On,
    /// It has no power (`sim node stop`).
    Stopped,
    /// It runs, but the control plane does not hear it (`sim node partition`).
    Partitioned,
}

/// One Node.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NodeCard {
    /// The Node's name.
    pub name: Text,
    /// Its condition in words: `Ready`, `NotReady · no heartbeat 52s`, `Ready,SchedulingDisabled`.
    pub condition: Text,
    /// How bad that is.
    pub severity: Severity,
    /// Whether the Ready condition is true.
    pub is_ready: bool,
    /// Whether the Node is cordoned (`spec.unschedulable`).
    pub cordoned: bool,
    /// What the machine behind it does.
    pub machine: Machine,
    /// Its roles as kubectl prints them, `<none>` included.
    pub roles: Text,
    /// Its taints as `key=value:Effect`, the well-known prefix left out.
    pub taints: Rc<[Text]>,
    /// Its labels as `key=value`, sorted.
    pub labels: Rc<[Text]>,
    /// CPU asked for by its Pods, of what is allocatable.
    pub cpu: Meter,
    /// Memory asked for by its Pods, of what is allocatable.
    pub memory: Meter,
    /// Pods on it, of how many it may have.
    pub pod_count: Meter,
    /// Its Pods: by namespace and name, those of DaemonSets last.
    pub pods: Rc<[Rc<PodTile>]>,
    /// When it was created, in milliseconds of virtual time.
    pub created_ms: u64,
}
