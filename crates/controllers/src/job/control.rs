//! One pass over a Job: what its pods have come to, whether that ends it, and else which pods it needs.
//! Models: syncJob in pkg/controller/job/job_controller.go.

use super::intervals::Intervals;
use super::policies::{self, Verdict};
use super::tracking::{FINALIZER, is_failed, is_tracked};
use super::{COMPONENT, failures, indexes, manage, tracking, waits};
use crate::pod_control::{Owner, claim, delete_pod, look_time};
use crate::{Ctx, Decision, FailureRun};
use api::{Job, JobCondition, JobStatus, Object, Pod, Resource, Str, Time};
use apiserver::{EventRecord, Plan, Step, Write};
use sim::SimDuration;
use std::collections::BTreeMap;
use std::rc::Rc;

/// What one pass knows and plans.
pub(super) struct Pass<'a> {
    pub(super) ctx: &'a Ctx<'a>,
    pub(super) job: &'a Job,
    /// In whole seconds, as the API tells times: what is counted from a time in the status starts there.
    pub(super) second: Time,
    /// The status to be written.
    pub(super) status: JobStatus,
    pub(super) pods: Vec<Rc<Pod>>,
    /// Those that run or are to.
    pub(super) active_pods: Vec<Rc<Pod>>,
    /// How many those will be after this pass.
    pub(super) active: i32,
    pub(super) ready: i32,
    pub(super) terminating: i32,
    pub(super) succeeded: i32,
    pub(super) failed: i32,
    /// The indexes in the stored status.
    pub(super) known_indexes: Intervals,
    pub(super) succeeded_indexes: Intervals,
    /// Present if there is a limit for each index.
    pub(super) failed_indexes: Option<Intervals>,
    /// Failed pods, by index, that are not counted before they are replaced.
    pub(super) delayed: BTreeMap<i32, Rc<Pod>>,
    pub(super) run: FailureRun,
    /// How the Job ends, if it does.
    pub(super) end: Option<JobCondition>,
    pub(super) plan: Plan,
    /// Pods to be made, in batches.
    pub(super) creations: Vec<Step>,
    pub(super) created: i32,
    /// Told of once the pods are made.
    pub(super) told: Option<EventRecord>,
}

/// Decides for a Job that has not ended; `name` is that of its failures in a row.
pub(super) fn decide(ctx: &Ctx<'_>, job: &Job, name: &Str) -> Decision {
    let Some(selector) = &job.spec.selector else { return Decision::default() };
    let mut plan = Plan::default();
    let owner = Owner::new(job, selector);
    let mut pods = claim::<Pod>(&owner, ctx.lister, |_| true, &mut plan);
    adopt_finalizers(job, &mut pods, &mut plan);
    plan.took = look_time(pods.len());
    let mut pass = Pass::new(ctx, job, pods, plan);
    let (new_succeeded, new_failed) = pass.newly_finished();
    pass.succeeded = job.status.succeeded + count(&new_succeeded) + pass.uncounted(|u| u.succeeded.len());
    let counted = new_failed.iter().filter(|pod| policies::judge(job, pod) != Verdict::Ignore).count();
    pass.failed = job.status.failed + size(counted) + pass.uncounted(|u| u.failed.len());
    if pass.status.start_time.is_none() && !job.is_suspended() {
        pass.status.start_time = Some(pass.second);
    }
    pass.run = failures::count(ctx.back_off.run(name), &new_succeeded, &new_failed);
    pass.find_end();
    if pass.end.is_some() {
        pass.stop();
    } else {
        pass.go_on();
    }
    waits::explain(&mut pass);
    let runs = if new_succeeded.is_empty() && new_failed.is_empty() { vec![] } else { vec![(name.clone(), pass.run)] };
    Decision { plan: tracking::finish(pass), runs, ..Decision::default() }
}

/// A pod that is adopted gets the finalizer, one that is released loses it. Models: ClaimPods with finalizers.
fn adopt_finalizers(job: &Job, pods: &mut [Rc<Pod>], plan: &mut Plan) {
    for step in &mut plan.steps {
        if let Write::Update(Object::Pod(pod)) = &mut step.write {
            let changed = if pod.metadata.is_controlled_by(&job.metadata.uid) {
                with_finalizer(pod)
            } else {
                tracking::without_finalizer(pod)
            };
            *pod = Rc::new(changed);
        }
    }
    let is_adopted = |pod: &Pod| pod.metadata.resource_version.0 == 0;
    for pod in pods.iter_mut().filter(|pod| is_adopted(pod)) {
        *pod = Rc::new(with_finalizer(pod));
    }
}

fn with_finalizer(pod: &Pod) -> Pod {
    let mut pod = pod.clone();
    if !is_tracked(&pod) {
        pod.metadata.finalizers = pod.metadata.finalizers.iter().cloned().chain([FINALIZER.into()]).collect();
    }
    pod
}

pub(super) fn size(count: usize) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}

fn count(pods: &[Rc<Pod>]) -> i32 {
    size(pods.len())
}

impl<'a> Pass<'a> {
    fn new(ctx: &'a Ctx<'a>, job: &'a Job, pods: Vec<Rc<Pod>>, plan: Plan) -> Self {
        let is_active = |pod: &&Rc<Pod>| !pod.is_finished() && !pod.is_terminating();
        let active_pods: Vec<Rc<Pod>> = pods.iter().filter(is_active).cloned().collect();
        let mut status = job.status.clone();
        status.uncounted_terminated_pods.get_or_insert_default();
        Pass {
            ctx,
            job,
            second: failures::whole_second(ctx.now),
            status,
            active: count(&active_pods),
            ready: size(active_pods.iter().filter(|pod| pod.is_ready()).count()),
            terminating: size(pods.iter().filter(|pod| pod.is_terminating() && !pod.is_finished()).count()),
            pods,
            active_pods,
            succeeded: 0,
            failed: 0,
            known_indexes: Intervals::default(),
            succeeded_indexes: Intervals::default(),
            failed_indexes: None,
            delayed: BTreeMap::new(),
            run: FailureRun::default(),
            end: None,
            plan,
            creations: Vec::new(),
            created: 0,
            told: None,
        }
    }

    pub(super) fn uncounted(&self, part: impl Fn(&api::UncountedTerminatedPods) -> usize) -> i32 {
        self.job.status.uncounted_terminated_pods.as_ref().map_or(0, |uncounted| size(part(uncounted)))
    }

    /// Whether a pod is replaced only once it has ended.
    pub(super) fn replaces_failed_only(&self) -> bool {
        self.job.spec.pod_replacement_policy == "Failed"
    }

    /// The pods that have ended well or failed and are not in the status in any way. Models: getNewFinishedPods.
    fn newly_finished(&self) -> (Vec<Rc<Pod>>, Vec<Rc<Pod>>) {
        let uncounted = self.job.status.uncounted_terminated_pods.clone().unwrap_or_default();
        let is_valid = |pod: &&Rc<Pod>| {
            is_tracked(pod) && (!self.job.is_indexed() || indexes::valid_index(self.job, pod).is_some())
        };
        let valid = || self.pods.iter().filter(is_valid);
        let is_new_success =
            |pod: &&Rc<Pod>| pod.status.phase == "Succeeded" && !uncounted.succeeded.contains(&pod.metadata.uid);
        let is_new_failure = |pod: &&Rc<Pod>| is_failed(self.job, pod) && !uncounted.failed.contains(&pod.metadata.uid);
        (valid().filter(is_new_success).cloned().collect(), valid().filter(is_new_failure).cloned().collect())
    }

    fn condition(&self, r#type: &str, reason: impl Into<Str>, message: impl Into<Str>) -> JobCondition {
        JobCondition::new(r#type, true, reason, message, self.second)
    }

    /// Whether the Job ends, and how: what was decided before stands, then failures come before successes.
    fn find_end(&mut self) {
        let (job, status) = (self.job, &self.job.status);
        self.end = match (status.holds("SuccessCriteriaMet"), status.holds("FailureTarget")) {
            (Some(met), _) => Some(met.clone()),
            (None, Some(target)) => Some(self.condition("Failed", target.reason.clone(), target.message.clone())),
            (None, None) => {
                let failed = self.pods.iter().filter(|pod| is_failed(job, pod));
                let mut verdicts = failed.map(|pod| policies::judge(job, pod));
                verdicts.find_map(|verdict| match verdict {
                    Verdict::FailJob(why) => Some(self.condition("FailureTarget", "PodFailurePolicy", why)),
                    _ => None,
                })
            }
        };
        if self.end.is_none() {
            self.end = self.limits();
        }
        if job.is_indexed() {
            self.count_indexes();
        }
    }

    fn failure(&self, reason: &str, message: &str) -> Option<JobCondition> {
        Some(self.condition("FailureTarget", reason, message))
    }

    /// The limits on failures and time.
    fn limits(&mut self) -> Option<JobCondition> {
        let job = self.job;
        let limit = job.spec.backoff_limit.unwrap_or(i32::MAX);
        if self.failed > limit || self.restarts_exceed(limit) {
            return self.failure("BackoffLimitExceeded", "Job has reached the specified backoff limit");
        }
        let deadline = job.spec.active_deadline_seconds.filter(|_| !job.is_suspended())?;
        let allowed = SimDuration::from_secs(u64::try_from(deadline).unwrap_or(0));
        let active = self.ctx.now.since(self.status.start_time?);
        if active >= allowed {
            return self.failure("DeadlineExceeded", "Job was active longer than specified deadline");
        }
        self.plan.requeue(allowed - active);
        None
    }

    /// Whether containers that restart in place have done so too often. Models: pastBackoffLimitOnFailure.
    fn restarts_exceed(&self, limit: i32) -> bool {
        if self.job.spec.template.spec.restart_policy != "OnFailure" {
            return false;
        }
        let lives = |pod: &&Rc<Pod>| pod.status.phase == "Running" || pod.status.phase == "Pending";
        let restarts = |pod: &Rc<Pod>| -> i32 {
            let containers = pod.status.init_container_statuses.iter().chain(&pod.status.container_statuses);
            containers.map(|container| container.restart_count).sum()
        };
        let total: i32 = self.pods.iter().filter(lives).map(restarts).sum();
        if limit == 0 { total > 0 } else { total >= limit }
    }

    fn count_indexes(&mut self) {
        let job = self.job;
        (self.known_indexes, self.succeeded_indexes) = indexes::succeeded(job, &self.pods);
        self.succeeded = self.succeeded_indexes.total();
        if job.spec.backoff_limit_per_index.is_some() {
            let failed = indexes::failed(job, &self.pods);
            let total = failed.total();
            if self.end.is_none() {
                self.end = if job.spec.max_failed_indexes.is_some_and(|most| total > most) {
                    let message = "Job has exceeded the specified maximal number of failed indexes";
                    self.failure("MaxFailedIndexesExceeded", message)
                } else if total > 0 && total + self.succeeded >= indexes::completions(job) {
                    self.failure("FailedIndexes", "Job has failed indexes")
                } else {
                    None
                };
            }
            self.failed_indexes = Some(failed);
            self.delayed = indexes::delayed(self);
        }
        if self.end.is_none()
            && let Some(why) = policies::success(job, &self.succeeded_indexes)
        {
            self.end = Some(self.condition("SuccessCriteriaMet", "SuccessPolicy", why));
        }
    }

    /// The Job ends: what still runs is deleted; its finalizers stay for now. Models: deleteActivePods.
    fn stop(&mut self) {
        for pod in &self.active_pods {
            self.plan.steps.push(delete_pod(self.job, COMPONENT, pod));
        }
        self.terminating += self.active;
        (self.active, self.ready) = (0, 0);
    }

    /// The Job goes on: pods are made or deleted; it may be complete; it may be suspended or go on after that.
    fn go_on(&mut self) {
        let may_act = !self.job.metadata.is_terminating();
        if may_act {
            manage::pods(self);
        }
        let complete = match self.job.spec.completions {
            None => self.succeeded > 0 && self.active == 0,
            Some(completions) => self.succeeded >= completions && self.active == 0,
        };
        if complete {
            let message = "Reached expected number of succeeded pods";
            self.end = Some(self.condition("SuccessCriteriaMet", "CompletionsReached", message));
        } else if may_act {
            self.note_suspension();
        }
    }

    fn note_suspension(&mut self) {
        let now = self.second;
        let (status, reason, message) = match self.job.is_suspended() {
            true => (true, "JobSuspended", "Job suspended"),
            false => (false, "JobResumed", "Job resumed"),
        };
        if !self.status.ensure_condition(JobCondition::new("Suspended", status, reason, message, now)) {
            return;
        }
        // The deadline counts from when the Job goes on.
        self.status.start_time = (!status).then_some(now);
        let word = if status { "Suspended" } else { "Resumed" };
        self.told = Some(EventRecord::normal(self.job, COMPONENT, word, message));
    }
}

impl Pass<'_> {
    /// The Job with this status, to be written unconditionally, as it may have been written by the same plan.
    pub(super) fn with_status(&self, status: &JobStatus) -> Object {
        let mut job = Job { status: status.clone(), ..self.job.clone() };
        job.metadata.resource_version = Default::default();
        job.into_object()
    }
}
