//! Cluster events: what a watch event means to pods that found no node.
//! Models: pkg/scheduler/framework/events.go, staging/src/k8s.io/kube-scheduler/framework/types.go (ActionType).

use api::{Kind, Node, Object, PersistentVolume, PersistentVolumeClaim, Pod, Resource, StorageClass};
use apiserver::{Change as Verb, WatchEvent};

/// A set of kinds of change.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Events(u32);

impl Events {
    /// A pod is on a node now.
    pub(crate) const POD_ADD: Events = Events(1);
    /// A pod is no longer on its node, or gave up the claim to one.
    pub(crate) const POD_DELETE: Events = Events(1 << 1);
    /// A pod's labels changed.
    pub(crate) const POD_LABEL: Events = Events(1 << 2);
    /// A pod asks for less.
    pub(crate) const POD_SCALE_DOWN: Events = Events(1 << 3);
    /// A pod tolerates more.
    pub(crate) const POD_TOLERATION: Events = Events(1 << 4);
    /// A pod's last scheduling gate is gone.
    pub(crate) const POD_GATES_GONE: Events = Events(1 << 5);
    /// A node is new.
    pub(crate) const NODE_ADD: Events = Events(1 << 6);
    /// A node is gone.
    pub(crate) const NODE_DELETE: Events = Events(1 << 7);
    /// A node's room changed.
    pub(crate) const NODE_ALLOCATABLE: Events = Events(1 << 8);
    /// A node's labels changed.
    pub(crate) const NODE_LABEL: Events = Events(1 << 9);
    /// A node's taints changed, or it was uncordoned.
    pub(crate) const NODE_TAINT: Events = Events(1 << 10);
    /// A claim is new.
    pub(crate) const CLAIM_ADD: Events = Events(1 << 11);
    /// A claim changed.
    pub(crate) const CLAIM_UPDATE: Events = Events(1 << 12);
    /// A volume is new.
    pub(crate) const VOLUME_ADD: Events = Events(1 << 13);
    /// A volume changed.
    pub(crate) const VOLUME_UPDATE: Events = Events(1 << 14);
    /// A storage class is new.
    pub(crate) const CLASS_ADD: Events = Events(1 << 15);
    /// A storage class changed.
    pub(crate) const CLASS_UPDATE: Events = Events(1 << 16);

    /// Both together.
    pub(crate) const fn or(self, other: Events) -> Events {
        Events(self.0 | other.0)
    }

    /// Whether they have something in common.
    pub(crate) const fn touches(self, other: Events) -> bool {
        self.0 & other.0 != 0
    }
}

/// One change, as queueing hints see it.
#[derive(Clone, Copy)]
pub(crate) struct Change<'a> {
    /// What kind of change.
    pub(crate) event: Events,
    /// The object before, if it existed.
    pub(crate) old: Option<&'a Object>,
    /// The object after, if it still exists.
    pub(crate) new: Option<&'a Object>,
}

impl<'a> Change<'a> {
    fn both<T: Resource + 'a>(&self) -> (Option<&'a T>, Option<&'a T>) {
        let typed = |object: Option<&'a Object>| object.and_then(T::from_object).map(|object| &**object);
        (typed(self.old), typed(self.new))
    }

    /// The pod before and after.
    pub(crate) fn pods(&self) -> (Option<&'a Pod>, Option<&'a Pod>) {
        self.both()
    }

    /// The node before and after.
    pub(crate) fn nodes(&self) -> (Option<&'a Node>, Option<&'a Node>) {
        self.both()
    }

    /// The claim before and after.
    pub(crate) fn claims(&self) -> (Option<&'a PersistentVolumeClaim>, Option<&'a PersistentVolumeClaim>) {
        self.both()
    }

    /// The volume before and after.
    pub(crate) fn volumes(&self) -> (Option<&'a PersistentVolume>, Option<&'a PersistentVolume>) {
        self.both()
    }

    /// The storage class before and after.
    pub(crate) fn classes(&self) -> (Option<&'a StorageClass>, Option<&'a StorageClass>) {
        self.both()
    }
}

/// What a change of anything but a pod means, finest first; nothing if it can help no pod.
pub(crate) fn of_watch_event(event: &WatchEvent) -> Vec<Events> {
    let (added, modified) = (event.change == Verb::Added, event.change == Verb::Modified);
    match (&event.object, &event.old) {
        (Object::Node(_), _) if added => vec![Events::NODE_ADD],
        (Object::Node(new), Some(Object::Node(old))) if modified => of_node_change(old, new),
        (Object::Node(_), _) => vec![Events::NODE_DELETE],
        _ if !added && !modified => Vec::new(),
        _ => match event.object.kind() {
            Kind::PersistentVolumeClaim => vec![if added { Events::CLAIM_ADD } else { Events::CLAIM_UPDATE }],
            Kind::PersistentVolume => vec![if added { Events::VOLUME_ADD } else { Events::VOLUME_UPDATE }],
            Kind::StorageClass => vec![if added { Events::CLASS_ADD } else { Events::CLASS_UPDATE }],
            _ => Vec::new(),
        },
    }
}

/// Models: NodeSchedulingPropertiesChange.
fn of_node_change(old: &Node, new: &Node) -> Vec<Events> {
    let mut events = Vec::new();
    if old.spec.unschedulable && !new.spec.unschedulable {
        events.push(Events::NODE_TAINT);
    }
    if old.status.allocatable != new.status.allocatable {
        events.push(Events::NODE_ALLOCATABLE);
    }
    if old.metadata.labels != new.metadata.labels {
        events.push(Events::NODE_LABEL);
    }
    if old.spec.taints != new.spec.taints && !events.contains(&Events::NODE_TAINT) {
        events.push(Events::NODE_TAINT);
    }
    events
}

/// What a change of a pod that stays where it is means. Models: PodSchedulingPropertiesChange.
pub(crate) fn of_pod_change(old: &Pod, new: &Pod) -> Vec<Events> {
    let mut events = Vec::new();
    if old.metadata.labels != new.metadata.labels {
        events.push(Events::POD_LABEL);
    }
    if asks_for_less(old, new) {
        events.push(Events::POD_SCALE_DOWN);
    }
    if !old.spec.scheduling_gates.is_empty() && new.spec.scheduling_gates.is_empty() {
        events.push(Events::POD_GATES_GONE);
    }
    if old.spec.tolerations.len() != new.spec.tolerations.len() {
        events.push(Events::POD_TOLERATION);
    }
    events
}

fn asks_for_less(old: &Pod, new: &Pod) -> bool {
    if old.spec.containers == new.spec.containers && old.spec.init_containers == new.spec.init_containers {
        return false;
    }
    let now = new.requests();
    old.requests().iter().any(|(name, had)| now.get(name).is_none_or(|has| has.milli() < had.milli()))
}
