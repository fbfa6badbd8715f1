//! ReplicaSet controller: so many equal pods, no more and no less.
//!
//! Models: pkg/controller/replicaset (Kubernetes 1.36). Upstream holds back between what it asked for and the watch
//! showing it (expectations); here each pass reads the present. ReplicationControllers are kept by the same passes.

mod control;
mod status;
#[cfg(test)]
mod tests;
mod victims;

pub(crate) use control::{Replicated, reconcile as reconcile_replicas};

use crate::pod_control::owner_keys;
use crate::{Controller, Ctx, Decision};
use api::{Kind, LabelSelector, Object, ObjectKey, Pod, PodTemplateSpec, ReplicaSet, ReplicaSetStatus};
use apiserver::{Change, Lister, WatchEvent};
use std::rc::Rc;

/// The row of this controller.
pub const CONTROLLER: Controller =
    Controller { name: "replicaset-controller", keys, reconcile, period: None, when: None };

impl Replicated for ReplicaSet {
    const COMPONENT: &'static str = "replicaset-controller";
    const DOCS: &'static str = "concepts/workloads/controllers/replicaset/";
    const COUNTS_TERMINATING: bool = true;

    fn replicas(&self) -> i32 {
        self.spec.replicas.unwrap_or(0)
    }
    fn selector(&self) -> LabelSelector {
        api::LabelSelector::clone(&self.spec.selector)
    }
    fn template(&self) -> Option<&Rc<PodTemplateSpec>> {
        Some(&self.spec.template)
    }
    fn min_ready_seconds(&self) -> i32 {
        self.spec.min_ready_seconds
    }
    fn status(&self) -> &ReplicaSetStatus {
        &self.status
    }
    fn with_status(&self, status: ReplicaSetStatus) -> Self {
        ReplicaSet { status, ..self.clone() }
    }
}

fn keys(event: &WatchEvent, lister: Lister<'_>, keys: &mut Vec<ObjectKey>) {
    match &event.object {
        Object::ReplicaSet(_) if event.change != Change::Deleted => keys.push(event.object.key()),
        Object::Pod(pod) if concerns_count(event, pod) => {
            owner_keys::<ReplicaSet>(event, lister, |set| &set.spec.selector, keys);
        }
        _ => {}
    }
}

/// Whether a change of a pod can change what is counted of it. (Upstream looks at every change, and finds nothing.)
pub(crate) fn concerns_count(event: &WatchEvent, pod: &Pod) -> bool {
    let Some(Object::Pod(old)) = &event.old else { return true };
    event.change != Change::Modified
        || old.metadata.labels != pod.metadata.labels
        || old.metadata.owner_references != pod.metadata.owner_references
        || old.metadata.deletion_timestamp != pod.metadata.deletion_timestamp
        || old.is_finished() != pod.is_finished()
        || old.status.condition("Ready") != pod.status.condition("Ready") && old.is_ready() != pod.is_ready()
}

fn reconcile(ctx: &Ctx<'_>, key: &ObjectKey) -> Decision {
    debug_assert_eq!(key.kind, Kind::ReplicaSet);
    let Some(set) = ctx.lister.get::<ReplicaSet>(&key.namespace, &key.name) else {
        return Decision::default();
    };
    reconcile_replicas(ctx, &**set, || siblings(ctx.lister, set)).into()
}

/// The active pods of all ReplicaSets that have the same controller, as a scale-down evens out their nodes. A set
/// without a controller has none. Models: getIndirectlyRelatedPods (which goes by selectors; the hash label makes
/// that the same).
fn siblings<'a>(lister: Lister<'a>, set: &ReplicaSet) -> Vec<&'a Rc<Pod>> {
    let Some(owner) = set.metadata.controller() else { return Vec::new() };
    let has_pods = |set: &&Rc<ReplicaSet>| {
        set.metadata.is_controlled_by(&owner.uid) && (set.status.replicas > 0 || set.replicas() > 0)
    };
    let sets = lister.owned::<ReplicaSet>(&owner.uid).filter(has_pods);
    sets.flat_map(|set| lister.owned::<Pod>(&set.metadata.uid).filter(|pod| control::is_active(pod))).collect()
}
