//! CronJob controller: a Job at each start of a schedule, and only so many old ones kept.
//!
//! Models: pkg/controller/cronjob (Kubernetes 1.36). Upstream notes a Job it starts in the same pass; here the UID that
//! goes into the status is known only once the Job is there, so the pass that its appearance brings notes it.

mod control;
mod starts;
#[cfg(test)]
mod tests;

use crate::{Controller, Ctx, Decision, Look};
use api::{CronJob, Object, ObjectKey, Resource, Time};
use apiserver::{Change, Lister, WatchEvent};

/// The row of this controller.
pub const CONTROLLER: Controller =
    Controller { name: "cronjob-controller", keys, reconcile, period: None, when: Some(when) };

fn keys(event: &WatchEvent, lister: Lister<'_>, keys: &mut Vec<ObjectKey>) {
    match &event.object {
        Object::CronJob(cron_job) if event.change != Change::Deleted => keys.push(cron_job.key()),
        Object::Job(job) => {
            let before = event.old.as_ref().and_then(|old| old.meta().controller());
            let owners = [job.metadata.controller(), before];
            let cron_jobs = owners.into_iter().flatten().filter(|owner| owner.kind == "CronJob").filter_map(|owner| {
                let cron_job = lister.get::<CronJob>(&job.metadata.namespace, &owner.name)?;
                (cron_job.metadata.uid == owner.uid).then(|| cron_job.key())
            });
            keys.extend(cron_jobs);
        }
        _ => {}
    }
}

/// A CronJob with a new schedule is looked at when that comes round, all else at once. Models: updateCronJob.
fn when(event: &WatchEvent, _: &ObjectKey, now: Time) -> Look {
    let (Object::CronJob(new), Some(Object::CronJob(old))) = (&event.object, &event.old) else {
        return Look::AtOnce;
    };
    if new.spec.schedule == old.spec.schedule && new.spec.time_zone == old.spec.time_zone {
        return Look::AtOnce;
    }
    starts::Starts::of(new).map_or(Look::AtOnce, |starts| Look::Scheduled(starts.until_next(now)))
}

fn reconcile(ctx: &Ctx<'_>, key: &ObjectKey) -> Decision {
    let cron_job = ctx.lister.get::<CronJob>(&key.namespace, &key.name);
    cron_job.map(|cron_job| control::plan(ctx, cron_job).into()).unwrap_or_default()
}
