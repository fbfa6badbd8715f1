//! Lanes of Jobs and CronJobs.

use super::{Context, count, reference, text, tile};
use crate::{CronJobLane, CronStart, JobLane, PodTile, Severity, clock_text};
use api::{CronJob, Job, Pod, Resource};
use std::rc::Rc;

/// Starts to come that a lane shows.
const COMING: usize = 5;

pub(super) fn lanes(ctx: &Context<'_>, pods: &[Rc<PodTile>]) -> Rc<[JobLane]> {
    ctx.lister.list::<Job>().map(|job| lane(ctx, job, pods)).collect()
}

fn lane(ctx: &Context<'_>, job: &Job, pods: &[Rc<PodTile>]) -> JobLane {
    let target = reference(&job.key());
    let (status, severity) = status(job);
    let own = ctx.lister.owned::<Pod>(&job.metadata.uid);
    let tiles = own.filter_map(|pod| tile(pods, &pod.metadata.namespace, &pod.metadata.name));
    let owner = job.metadata.controller().filter(|owner| owner.kind == "CronJob");
    JobLane {
        colour: ctx.colours.get(&target).copied().unwrap_or(0),
        completions: job.spec.completions.map(count),
        parallelism: count(job.spec.parallelism.unwrap_or(1)),
        active: count(job.status.active),
        succeeded: count(job.status.succeeded),
        failed: count(job.status.failed),
        backoff_limit: count(job.spec.backoff_limit.unwrap_or(6)),
        status: text(status),
        severity,
        pods: tiles.cloned().collect(),
        made_by: owner.map(|owner| super::owner_reference(owner, &job.metadata.namespace)),
        target,
    }
}

/// kubectl's STATUS of a Job, and how good or bad it is.
fn status(job: &Job) -> (&'static str, Severity) {
    let holds = |kind: &str| job.status.conditions.iter().any(|each| each.r#type == kind && each.status == "True");
    match () {
        () if holds("Complete") => ("Complete", Severity::Good),
        () if holds("Failed") => ("Failed", Severity::Bad),
        () if job.metadata.is_terminating() => ("Terminating", Severity::Waiting),
        () if holds("Suspended") => ("Suspended", Severity::Waiting),
        () if holds("FailureTarget") => ("FailureTarget", Severity::Bad),
        () if holds("SuccessCriteriaMet") => ("SuccessCriteriaMet", Severity::Busy),
        () => ("Running", Severity::Busy),
    }
}

pub(super) fn cron_lanes(ctx: &Context<'_>) -> Rc<[CronJobLane]> {
    ctx.lister.list::<CronJob>().map(|job| cron_lane(ctx, job)).collect()
}

fn cron_lane(ctx: &Context<'_>, cron: &CronJob) -> CronJobLane {
    let target = reference(&cron.key());
    let own = ctx.lister.owned::<Job>(&cron.metadata.uid);
    let mut starts: Vec<CronStart> = own.map(|job| started(ctx, job)).collect();
    starts.sort_by_key(|start| start.at_ms);
    starts.extend(coming(ctx, cron));
    CronJobLane {
        colour: ctx.colours.get(&target).copied().unwrap_or(0),
        target,
        schedule: text(&cron.spec.schedule),
        zone: text(cron.spec.time_zone.as_deref().unwrap_or("")),
        concurrency: text(&cron.spec.concurrency_policy),
        is_suspended: cron.spec.suspend == Some(true),
        active: u32::try_from(cron.status.active.len()).unwrap_or(0),
        starts: starts.into(),
    }
}

fn started(ctx: &Context<'_>, job: &Job) -> CronStart {
    let at_ms = ctx.sim_ms(job.metadata.creation_timestamp);
    let (status, severity) = status(job);
    CronStart { at_ms, time: clock_text(at_ms).into(), job: Some((reference(&job.key()), severity, text(status))) }
}

/// The next starts by the schedule.
fn coming(ctx: &Context<'_>, cron: &CronJob) -> Vec<CronStart> {
    let Ok(schedule) = cron::Schedule::parse(&cron.spec.schedule) else { return Vec::new() };
    let zone = match cron.spec.time_zone.as_deref() {
        Some(name) => cron::Zone::find(name),
        None => Some(cron::Zone::utc()),
    };
    let (Some(zone), false) = (zone, cron.spec.suspend == Some(true)) else { return Vec::new() };
    let now = ctx.cluster.time().unix_millis() / 1_000;
    let next = |after: &i64| schedule.next(*after, &zone);
    let moments = std::iter::successors(schedule.next(now, &zone), next).take(COMING);
    let start = |unix: i64| {
        let at_ms = ctx.cluster.clock().sim_time(unix * 1_000).as_millis();
        CronStart { at_ms, time: clock_text(at_ms).into(), job: None }
    };
    moments.map(start).collect()
}
