//! Workload chips and their colours.

use super::{Context, count, reference};
use crate::{ObjectRef, Severity, WorkloadChip};
use api::{DaemonSet, Deployment, ReplicaSet, ReplicationController, Resource, StatefulSet, Time};
use apiserver::Lister;
use std::collections::BTreeMap;
use std::rc::Rc;

/// How many colours the page has for workloads.
const COLOURS: usize = 8;

/// A colour for each workload, in the order in which they were made, so that a new one changes no other's.
pub(super) fn colours(lister: Lister<'_>) -> BTreeMap<ObjectRef, u8> {
    let mut workloads: Vec<(Option<Time>, ObjectRef)> = Vec::new();
    fn of<T: Resource>(workload: &T) -> (Option<Time>, ObjectRef) {
        (workload.meta().creation_timestamp, reference(&workload.key()))
    }
    workloads.extend(lister.list::<StatefulSet>().map(|set| of(&**set)));
    workloads.extend(lister.list::<DaemonSet>().map(|set| of(&**set)));
    workloads.extend(lister.list::<Deployment>().map(|deployment| of(&**deployment)));
    workloads.extend(lister.list::<ReplicaSet>().filter(|set| is_alone(set)).map(|set| of(&**set)));
    workloads.extend(lister.list::<ReplicationController>().map(|controller| of(&**controller)));
    workloads.sort();
    workloads.into_iter().enumerate().map(|(i, (_, target))| (target, u8::try_from(i % COLOURS).unwrap_or(0))).collect()
}

/// Whether a ReplicaSet is a workload of its own, and no Deployment's part.
fn is_alone(set: &ReplicaSet) -> bool {
    set.metadata.controller().is_none()
}

pub(super) fn chips(ctx: &Context<'_>) -> Rc<[WorkloadChip]> {
    let chip = |target: ObjectRef, ready: i32, desired: i32| WorkloadChip {
        colour: ctx.colours.get(&target).copied().unwrap_or(0),
        target,
        ready: count(ready),
        desired: count(desired),
        severity: if ready >= desired { Severity::Good } else { Severity::Busy },
    };
    let mut chips: Vec<WorkloadChip> = Vec::new();
    for set in ctx.lister.list::<StatefulSet>() {
        chips.push(chip(reference(&set.key()), set.status.ready_replicas, set.spec.replicas.unwrap_or(0)));
    }
    for set in ctx.lister.list::<DaemonSet>() {
        chips.push(chip(reference(&set.key()), set.status.number_ready, set.status.desired_number_scheduled));
    }
    for deployment in ctx.lister.list::<Deployment>() {
        let (ready, desired) = (deployment.status.ready_replicas, deployment.spec.replicas.unwrap_or(0));
        chips.push(chip(reference(&deployment.key()), ready, desired));
    }
    for set in ctx.lister.list::<ReplicaSet>().filter(|set| is_alone(set)) {
        chips.push(chip(reference(&set.key()), set.status.ready_replicas, set.spec.replicas.unwrap_or(0)));
    }
    for controller in ctx.lister.list::<ReplicationController>() {
        let (ready, desired) = (controller.status.ready_replicas, controller.spec.replicas.unwrap_or(0));
        chips.push(chip(reference(&controller.key()), ready, desired));
    }
    chips.sort_by(|a, b| a.target.cmp(&b.target));
    chips.into()
}
