//! One pass over a CronJob: which of its Jobs have ended, which go, and whether one is to be started.
//! Models: sync and syncCronJob in pkg/controller/cronjob/cronjob_controllerv2.go.

use super::starts::{Due, Flaw, Starts};
use crate::Ctx;
use api::{CronJob, CronJobStatus, Job, Kind, ObjectKey, ObjectMeta, ObjectReference, OwnerReference, Resource, Time};
use apiserver::{DeleteOptions, EventRecord, EventType, Plan, Step, Wait, Write};
use std::cmp::Reverse;
use std::rc::Rc;

const COMPONENT: &str = "cronjob-controller";
/// Annotation of a Job: the start it is of.
const SCHEDULED: &str = "batch.kubernetes.io/cronjob-scheduled-timestamp";
const DOC: &str = "concepts/workloads/controllers/cron-jobs/";

struct Pass<'a> {
    cron_job: &'a CronJob,
    jobs: Vec<Rc<Job>>,
    status: CronJobStatus,
    now: Time,
    plan: Plan,
}

pub(super) fn plan(ctx: &Ctx<'_>, cron_job: &CronJob) -> Plan {
    let uid = &cron_job.metadata.uid;
    let jobs = ctx.lister.owned::<Job>(uid).filter(|job| job.metadata.is_controlled_by(uid)).cloned().collect();
    let mut pass = Pass { cron_job, jobs, status: cron_job.status.clone(), now: ctx.now, plan: Plan::default() };
    pass.clean_up();
    pass.note_started();
    pass.look_at_jobs();
    pass.drop_missing(ctx);
    if !cron_job.metadata.is_terminating() {
        pass.start(ctx);
    }
    if pass.status != cron_job.status {
        let mut changed = CronJob { status: pass.status, ..cron_job.clone() };
        changed.metadata.resource_version = Default::default();
        pass.plan.write_finally(Write::UpdateStatus(changed.into_object()));
    }
    pass.plan
}

impl Pass<'_> {
    fn event(&mut self, event_type: EventType, reason: &str, message: String) {
        let event = EventRecord::normal(self.cron_job, COMPONENT, reason, message);
        self.plan.record(EventRecord { event_type, ..event });
    }

    fn warn(&mut self, reason: &str, message: String) {
        self.event(EventType::Warning, reason, message);
    }

    fn tell(&mut self, reason: &str, message: String) {
        self.event(EventType::Normal, reason, message);
    }

    fn wait(&mut self, rule: &str, awaits: Vec<ObjectKey>, message: &str) {
        let who = self.cron_job.key();
        self.plan.waits.push(Wait { who, awaits, rule: rule.into(), message: message.to_owned(), doc: DOC });
    }

    fn is_active(&self, job: &Job) -> bool {
        self.status.active.iter().any(|active| active.uid == job.metadata.uid)
    }

    fn forget(&mut self, uid: &str) {
        self.status.active = self.status.active.iter().filter(|active| active.uid != *uid).cloned().collect();
    }

    /// Deletes the oldest ended Jobs beyond the limits. Models: cleanupFinishedJobs.
    fn clean_up(&mut self) {
        let spec = &self.cron_job.spec;
        let limits = [("Complete", spec.successful_jobs_history_limit), ("Failed", spec.failed_jobs_history_limit)];
        for (end, limit) in limits {
            let Some(limit) = limit.and_then(|limit| usize::try_from(limit).ok()) else { continue };
            let has_ended = |job: &&Rc<Job>| job.finished().is_some_and(|condition| condition.r#type == *end);
            let mut ended: Vec<Rc<Job>> = self.jobs.iter().filter(has_ended).cloned().collect();
            ended.sort_by_key(|job| {
                let start = job.status.start_time.map(Reverse);
                // Oldest first; those that never started last.
                (Reverse(start), job.metadata.name.clone())
            });
            let surplus = ended.len().saturating_sub(limit);
            for job in &ended[..surplus] {
                self.delete(job);
            }
        }
    }

    fn delete(&mut self, job: &Job) {
        let deleted = format!("Deleted job {}", job.metadata.name);
        self.plan.steps.push(Step {
            write: Write::Delete(job.key(), DeleteOptions::default()),
            on_success: Some(EventRecord::normal(self.cron_job, COMPONENT, "SuccessfulDelete", deleted)),
            on_failure: Some(EventRecord::warning(self.cron_job, COMPONENT, "FailedDelete", "Deleted job: {error}")),
            keep_going: true,
        });
        self.forget(&job.metadata.uid);
    }

    /// Puts a Job that the pass before started into the status.
    fn note_started(&mut self) {
        for job in self.jobs.clone() {
            let Some(start) = scheduled_time(&job).filter(|_| !self.is_active(&job)) else { continue };
            let is_own = job.metadata.name == job_name(self.cron_job, start.unix_millis().div_euclid(1000)).as_str();
            if is_own && self.status.last_schedule_time.is_none_or(|last| last < start) {
                let reference = reference(&job);
                self.status.active = self.status.active.iter().cloned().chain([reference]).collect();
                self.status.last_schedule_time = Some(start);
            }
        }
    }

    /// Notes which Jobs have ended, and which nobody knows of.
    fn look_at_jobs(&mut self) {
        for job in self.jobs.clone() {
            let name = &job.metadata.name;
            let Some(end) = job.finished() else {
                if !self.is_active(&job) {
                    let message = format!("Saw a job that the controller did not create or forgot: {name}");
                    self.warn("UnexpectedJob", message);
                }
                continue;
            };
            if self.is_active(&job) {
                self.forget(&job.metadata.uid);
                self.tell("SawCompletedJob", format!("Saw completed job: {name}, condition: {}", end.r#type));
            }
            if end.r#type == "Complete" {
                self.status.last_successful_time = self.status.last_successful_time.max(job.status.completion_time);
            }
        }
    }

    /// Drops active Jobs that are gone.
    fn drop_missing(&mut self, ctx: &Ctx<'_>) {
        for active in self.status.active.clone().iter() {
            let is_child = self.jobs.iter().any(|job| job.metadata.uid == active.uid);
            if !is_child && ctx.lister.get::<Job>(&active.namespace, &active.name).is_none() {
                self.tell("MissingJob", format!("Active job went missing: {}", active.name));
                self.forget(&active.uid);
            }
        }
    }

    /// Starts a Job if one is due, and asks to be asked again at the next start.
    fn start(&mut self, ctx: &Ctx<'_>) {
        let starts = match Starts::of(self.cron_job) {
            Err(Flaw::Zone(zone)) => {
                let message = format!("invalid timeZone: \"{zone}\": unknown time zone {zone}");
                return self.warn("UnknownTimeZone", message);
            }
            _ if self.cron_job.spec.suspend == Some(true) => {
                return self.wait("Suspended", Vec::new(), "nothing is started as long as spec.suspend is true");
            }
            Err(Flaw::Unreadable(why)) => {
                let message = format!("unparseable schedule: \"{}\" : {why}", self.cron_job.spec.schedule);
                return self.warn("UnparseableSchedule", message);
            }
            // What was noted in this pass counts.
            Ok(starts) => starts.after(self.status.last_schedule_time),
        };
        let due = match starts.due(self.now) {
            Err(why) => {
                let message = format!("invalid schedule: {} : {why}", self.cron_job.spec.schedule);
                return self.warn("InvalidSchedule", message);
            }
            Ok(due) => due,
        };
        if let Some(due) = due {
            self.start_due(ctx, &starts, due);
        }
        self.plan.recheck(starts.until_next(self.now));
    }

    fn start_due(&mut self, ctx: &Ctx<'_>, starts: &Starts, due: Due) {
        let at = Time::from_unix_millis(due.at.saturating_mul(1000));
        if due.many_missed {
            let message =
                "too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew";
            self.warn("TooManyMissedTimes", message.to_owned());
        }
        if starts.is_too_late(due, self.now) {
            let message = format!("Missed scheduled time to start a job: {}", at.rfc1123z());
            return self.warn("MissSchedule", message);
        }
        let name = job_name(self.cron_job, due.at);
        let is_known = self.status.active.iter().any(|active| active.name == name.as_str());
        if is_known || self.status.last_schedule_time == Some(at) {
            return;
        }
        let active = self.status.active.clone();
        match self.cron_job.spec.concurrency_policy.as_str() {
            "Forbid" if !active.is_empty() => {
                let message = "Not starting job because prior execution is running and concurrency policy is Forbid";
                self.tell("JobAlreadyActive", message.to_owned());
                let running =
                    active.iter().map(|job| ObjectKey::new(Kind::Job, job.namespace.clone(), job.name.clone()));
                return self.wait(
                    "Forbid",
                    running.collect(),
                    "a start that is due waits for the Job before it to end",
                );
            }
            "Replace" => {
                let running = active.iter().filter_map(|job| ctx.lister.get::<Job>(&job.namespace, &job.name));
                for job in running {
                    self.delete(job);
                }
            }
            _ => {}
        }
        // Somebody else's Job has the name: then that start is taken.
        if ctx.lister.get::<Job>(&self.cron_job.metadata.namespace, &name).is_some() {
            return;
        }
        let job = new_job(self.cron_job, &name, starts.zone.rfc3339(due.at));
        let created = EventRecord::normal(self.cron_job, COMPONENT, "SuccessfulCreate", "Created job {name}");
        let failed = EventRecord::warning(self.cron_job, COMPONENT, "FailedCreate", "Error creating job: {error}");
        self.plan.write_recording(Write::Create(job.into_object()), created, failed);
    }
}

/// The name of the Job of a start: with the minutes since 1970.
fn job_name(cron_job: &CronJob, start: i64) -> String {
    format!("{}-{}", cron_job.metadata.name, start / 60)
}

fn scheduled_time(job: &Job) -> Option<Time> {
    Time::parse(job.metadata.annotations.get(SCHEDULED)?)
}

/// A Job as the template wants it. Models: getJobFromTemplate2.
fn new_job(cron_job: &CronJob, name: &str, scheduled: String) -> Job {
    let template = &cron_job.spec.job_template;
    Job {
        metadata: ObjectMeta {
            name: name.into(),
            namespace: cron_job.metadata.namespace.clone(),
            labels: template.metadata.labels.clone(),
            annotations: template.metadata.annotations.with(SCHEDULED, scheduled),
            owner_references: vec![OwnerReference::controller_of(&cron_job.key(), &cron_job.metadata.uid)].into(),
            ..Default::default()
        },
        spec: template.spec.clone(),
        ..Default::default()
    }
}

fn reference(job: &Job) -> ObjectReference {
    ObjectReference {
        kind: "Job".into(),
        namespace: job.metadata.namespace.clone(),
        name: job.metadata.name.clone(),
        uid: job.metadata.uid.clone(),
        api_version: "batch/v1".into(),
        resource_version: job.metadata.resource_version.0.to_string().into(),
        ..Default::default()
    }
}
