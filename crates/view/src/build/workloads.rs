//! Workload chips and their colours.

use super::{Context, count, reference, text};
use crate::{ObjectRef, Severity, Text, WorkloadChip};
use api::{
    ControllerRevision, CronJob, DaemonSet, Deployment, Job, ReplicaSet, ReplicationController, Resource, StatefulSet,
    Str, Time,
};
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
    workloads.extend(lister.list::<CronJob>().map(|job| of(&**job)));
    workloads.extend(lister.list::<Job>().filter(|job| job.metadata.controller().is_none()).map(|job| of(&**job)));
    workloads.sort();
    let colour =
        |(i, (_, target)): (usize, (Option<Time>, ObjectRef))| (target, u8::try_from(i % COLOURS).unwrap_or(0));
    let mut colours: BTreeMap<ObjectRef, u8> = workloads.into_iter().enumerate().map(colour).collect();
    // A Job of a CronJob has the colour of that.
    for job in lister.list::<Job>() {
        let Some(owner) = job.metadata.controller() else { continue };
        if let Some(colour) = colours.get(&super::owner_reference(owner, &job.metadata.namespace)).copied() {
            colours.insert(reference(&job.key()), colour);
        }
    }
    colours
}

/// Whether a ReplicaSet is a workload of its own, and no Deployment's part.
fn is_alone(set: &ReplicaSet) -> bool {
    set.metadata.controller().is_none()
}

pub(super) fn chips(ctx: &Context<'_>) -> Rc<[WorkloadChip]> {
    let chip = |target: ObjectRef, ready: i32, desired: i32, revision: Text| WorkloadChip {
        colour: ctx.colours.get(&target).copied().unwrap_or(0),
        target,
        revision,
        ready: count(ready),
        desired: count(desired),
        severity: if ready >= desired { Severity::Good } else { Severity::Busy },
    };
    let mut chips: Vec<WorkloadChip> = Vec::new();
    for set in ctx.lister.list::<StatefulSet>() {
        let revision = text(&set.status.update_revision);
        chips.push(chip(reference(&set.key()), set.status.ready_replicas, set.spec.replicas.unwrap_or(0), revision));
    }
    for set in ctx.lister.list::<DaemonSet>() {
        let (ready, desired) = (set.status.number_ready, set.status.desired_number_scheduled);
        chips.push(chip(reference(&set.key()), ready, desired, daemon_revision(ctx, &set.metadata.uid)));
    }
    for deployment in ctx.lister.list::<Deployment>() {
        let (ready, desired) = (deployment.status.ready_replicas, deployment.spec.replicas.unwrap_or(0));
        chips.push(chip(reference(&deployment.key()), ready, desired, deployment_revision(ctx, deployment)));
    }
    for set in ctx.lister.list::<ReplicaSet>().filter(|set| is_alone(set)) {
        let (ready, desired) = (set.status.ready_replicas, set.spec.replicas.unwrap_or(0));
        chips.push(chip(reference(&set.key()), ready, desired, text("")));
    }
    for controller in ctx.lister.list::<ReplicationController>() {
        let (ready, desired) = (controller.status.ready_replicas, controller.spec.replicas.unwrap_or(0));
        chips.push(chip(reference(&controller.key()), ready, desired, text("")));
    }
    for job in ctx.lister.list::<Job>().filter(|job| job.metadata.controller().is_none()) {
        let desired = job.spec.completions.or(job.spec.parallelism).unwrap_or(1);
        chips.push(chip(reference(&job.key()), job.status.succeeded, desired, text("")));
    }
    chips.sort_by(|a, b| a.target.cmp(&b.target));
    chips.into()
}

/// The hash of a DaemonSet's newest template.
fn daemon_revision(ctx: &Context<'_>, uid: &Str) -> Text {
    let newest = ctx.lister.owned::<ControllerRevision>(uid).max_by_key(|revision| revision.revision);
    let hash = newest.and_then(|revision| revision.metadata.labels.get("controller-revision-hash"));
    hash.map_or_else(|| text(""), |hash| text(hash))
}

/// The hash of a Deployment's newest template.
fn deployment_revision(ctx: &Context<'_>, deployment: &Deployment) -> Text {
    const REVISION: &str = "deployment.kubernetes.io/revision";
    let newest = deployment.metadata.annotations.get(REVISION);
    let mut sets = ctx.lister.owned::<ReplicaSet>(&deployment.metadata.uid);
    let set = sets.find(|set| newest.is_some() && set.metadata.annotations.get(REVISION) == newest);
    let hash = set.and_then(|set| set.metadata.labels.get("pod-template-hash"));
    hash.map_or_else(|| text(""), |hash| text(hash))
}
