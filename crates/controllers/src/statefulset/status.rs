//! The counters of a StatefulSet's status.
//! Models: computeReplicaStatus and completeRollingUpdate in pkg/controller/statefulset.

use super::control::Slot;
use super::identity::REVISION_LABEL;
use crate::history::label;
use api::{Pod, StatefulSet, StatefulSetStatus, Str, Time};
use std::rc::Rc;

/// The status of a set whose pods are these. Pods that the pass only now creates do not count yet.
pub(super) fn compute<'a>(
    set: &StatefulSet,
    revisions: (&Str, &Str),
    collision_count: i32,
    pods: impl Iterator<Item = &'a Rc<Pod>>,
    now: Time,
) -> StatefulSetStatus {
    let (current, update) = revisions;
    let mut status = StatefulSetStatus {
        observed_generation: set.metadata.generation,
        current_revision: current.clone(),
        update_revision: update.clone(),
        collision_count: Some(collision_count),
        ..Default::default()
    };
    for pod in pods {
        status.replicas += 1;
        if pod.is_running_and_ready() {
            status.ready_replicas += 1;
            status.available_replicas += i32::from(pod.is_available(set.spec.min_ready_seconds, now));
        }
        if !pod.is_terminating() {
            let revision = label(&**pod, REVISION_LABEL);
            status.current_replicas += i32::from(*current == *revision);
            status.updated_replicas += i32::from(*update == *revision);
        }
    }
    status
}

/// The pods among the slots that exist.
pub(super) fn existing(slots: &[Slot]) -> impl Iterator<Item = &Rc<Pod>> {
    slots.iter().filter_map(|slot| match slot {
        Slot::Pod(pod) => Some(pod),
        Slot::Missing { .. } => None,
    })
}

/// Ends a rolling update: once all pods are updated and Ready the update revision becomes the current one.
pub(super) fn complete_rolling_update(set: &StatefulSet, replicas: i32, status: &mut StatefulSetStatus) {
    if set.spec.update_strategy.r#type == "RollingUpdate"
        && [status.updated_replicas, status.ready_replicas, status.replicas] == [replicas; 3]
    {
        status.current_replicas = status.updated_replicas;
        status.current_revision = status.update_revision.clone();
    }
}

/// Whether a status says something that the stored one does not. Models: inconsistentStatus.
pub(super) fn differs(set: &StatefulSet, status: &StatefulSetStatus) -> bool {
    let stored = &set.status;
    status.observed_generation > stored.observed_generation
        || status.replicas != stored.replicas
        || status.current_replicas != stored.current_replicas
        || status.ready_replicas != stored.ready_replicas
        || status.updated_replicas != stored.updated_replicas
        || status.current_revision != stored.current_revision
        || status.available_replicas != stored.available_replicas
        || status.update_revision != stored.update_revision
}
