//! Job controller: pods that are to end well, so and so many of them, each end counted once.
//!
//! Models: pkg/controller/job (Kubernetes 1.36). Every pod has a finalizer until its end is in the Job's status, so
//! that no pod goes uncounted, whoever deletes it. Upstream holds back between what it asked for and the watch showing
//! it (expectations); here each pass reads the present. Changes of pods and of the status are gathered for a second.

mod control;
mod failures;
mod indexes;
mod intervals;
mod manage;
mod policies;
#[cfg(test)]
mod tests;
mod tracking;
mod waits;

use crate::pod_control::owner_keys_by;
use crate::{Controller, Ctx, Decision, Look};
use api::{Job, Kind, Object, ObjectKey, OwnerReference, Pod, Resource, Time};
use apiserver::{Change, Lister, Plan, WatchEvent, Write};
use sim::SimDuration;
use std::rc::Rc;

/// The row of this controller.
pub const CONTROLLER: Controller =
    Controller { name: "job-controller", keys, reconcile, period: None, when: Some(when) };

/// Who records the events.
const COMPONENT: &str = "job-controller";
/// Changes of pods and of the status are gathered this long.
const BATCH: SimDuration = SimDuration::from_secs(1);

/// Jobs, and pods that have lost theirs and must not keep its finalizer.
fn keys(event: &WatchEvent, lister: Lister<'_>, keys: &mut Vec<ObjectKey>) {
    match &event.object {
        Object::Job(job) if event.change == Change::Deleted || job.finished().is_some() => {
            if event.change == Change::Deleted {
                keys.push(job.key());
            }
            let pods = lister.owned::<Pod>(&job.metadata.uid);
            keys.extend(pods.filter(|pod| tracking::is_tracked(pod)).map(|pod| pod.key()));
        }
        Object::Job(job) => keys.push(job.key()),
        Object::Pod(pod) => {
            let selects = |job: &Job, labels: &api::StrMap| {
                job.spec.selector.as_ref().is_some_and(|selector| !selector.is_empty() && selector.matches(labels))
            };
            owner_keys_by::<Job>(event, lister, selects, keys);
            if event.change != Change::Deleted && is_left_over(pod, lister) {
                keys.push(pod.key());
            }
        }
        _ => {}
    }
}

/// A new Job and one that is to be different are looked at soon, all else is gathered.
fn when(event: &WatchEvent, key: &ObjectKey, _: Time) -> Look {
    let wants_change = match (&event.object, &event.old) {
        (Object::Job(job), Some(Object::Job(old))) => job.metadata.generation != old.metadata.generation,
        (Object::Job(_), _) => true,
        _ => false,
    };
    if wants_change || key.kind == Kind::Pod { Look::AtOnce } else { Look::Gathered(BATCH) }
}

fn reconcile(ctx: &Ctx<'_>, key: &ObjectKey) -> Decision {
    if key.kind == Kind::Pod {
        return release(ctx, key).into();
    }
    let job = ctx.lister.get::<Job>(&key.namespace, &key.name);
    match job {
        Some(job) if is_kept_elsewhere(job) => Decision::default(),
        Some(job) if job.finished().is_none() => control::decide(ctx, job, &run_name(key)),
        _ => Decision { forgotten: vec![run_name(key)], ..Decision::default() },
    }
}

/// The name under which failures in a row are counted.
fn run_name(key: &ObjectKey) -> api::Str {
    format!("job/{}", key.path()).into()
}

/// Whether another controller sees to the Job.
fn is_kept_elsewhere(job: &Job) -> bool {
    job.spec.managed_by.as_ref().is_some_and(|name| *name != "kubernetes.io/job-controller")
}

/// Takes the finalizer off a pod that no Job will count any more. Models: syncOrphanPod.
fn release(ctx: &Ctx<'_>, key: &ObjectKey) -> Plan {
    let mut plan = Plan::default();
    let pod = ctx.lister.get::<Pod>(&key.namespace, &key.name);
    if let Some(pod) = pod.filter(|pod| is_left_over(pod, ctx.lister)) {
        plan.write(Write::Update(tracking::without_finalizer(pod).into_object()));
    }
    plan
}

/// Whether a pod has the finalizer, but no Job that would take it off.
fn is_left_over(pod: &Pod, lister: Lister<'_>) -> bool {
    tracking::is_tracked(pod)
        && match pod.metadata.controller() {
            None => true,
            Some(owner) if owner.kind != "Job" || owner.api_version != "batch/v1" => false,
            Some(owner) => {
                job_of(owner, pod, lister).is_none_or(|job| !is_kept_elsewhere(job) && job.finished().is_some())
            }
        }
}

fn job_of<'a>(owner: &OwnerReference, pod: &Pod, lister: Lister<'a>) -> Option<&'a Rc<Job>> {
    lister.get::<Job>(&pod.metadata.namespace, &owner.name).filter(|job| job.metadata.uid == owner.uid)
}

#[cfg(test)]
pub(crate) use tests::status_words;
