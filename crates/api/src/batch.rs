//! Jobs and CronJobs. Models: staging/src/k8s.io/api/batch/v1/types.go.

use crate::{LabelSelector, List, ObjectMeta, ObjectReference, PodTemplateSpec, Str, Time};
use std::rc::Rc;

object! {
    /// Pods that are to end well, so and so many of them.
    pub struct Job {
        /// Name and labels.
        metadata: ObjectMeta = "metadata" always,
        /// What is wanted.
        spec: JobSpec = "spec" always,
        /// What there is.
        status: JobStatus = "status" always,
    }
}

object! {
    /// What is wanted of a Job.
    pub struct JobSpec {
        /// How many pods may run at a time.
        parallelism: Option<i32> = "parallelism",
        /// How many pods must end well; absent for a work queue, which is done once one of its pods is.
        completions: Option<i32> = "completions",
        /// Seconds after which the Job is failed.
        active_deadline_seconds: Option<i64> = "activeDeadlineSeconds",
        /// What some failures of pods mean.
        pod_failure_policy: Option<Rc<PodFailurePolicy>> = "podFailurePolicy",
        /// When some completions are enough.
        success_policy: Option<Rc<SuccessPolicy>> = "successPolicy",
        /// How many pods may fail before the Job is failed.
        backoff_limit: Option<i32> = "backoffLimit",
        /// How many pods of one index may fail before the index is failed.
        backoff_limit_per_index: Option<i32> = "backoffLimitPerIndex",
        /// How many indexes may fail before the Job is failed.
        max_failed_indexes: Option<i32> = "maxFailedIndexes",
        /// Which pods are its own; made by the server.
        selector: Option<LabelSelector> = "selector",
        /// Whether the author gives the selector.
        manual_selector: Option<bool> = "manualSelector",
        /// What its pods look like.
        template: Rc<PodTemplateSpec> = "template" always,
        /// Seconds after its end at which it is deleted.
        ttl_seconds_after_finished: Option<i32> = "ttlSecondsAfterFinished",
        /// `NonIndexed` or `Indexed`.
        completion_mode: Str = "completionMode",
        /// Whether no pods are to run.
        suspend: Option<bool> = "suspend",
        /// `TerminatingOrFailed` or `Failed`: when a pod is replaced.
        pod_replacement_policy: Str = "podReplacementPolicy",
        /// Who keeps the Job, if not the Job controller.
        managed_by: Option<Str> = "managedBy",
    }
}

object! {
    /// What some failures of pods mean; the first rule that matches counts.
    pub struct PodFailurePolicy {
        /// The rules.
        rules: List<PodFailurePolicyRule> = "rules" always,
    }
}

object! {
    /// One rule; it has one of the two requirements.
    pub struct PodFailurePolicyRule {
        /// `FailJob`, `FailIndex`, `Ignore` or `Count`.
        action: Str = "action" always,
        /// Exit codes it is about.
        on_exit_codes: Option<OnExitCodes> = "onExitCodes",
        /// Conditions it is about.
        on_pod_conditions: List<OnPodCondition> = "onPodConditions",
    }
}

object! {
    /// Exit codes that a rule is about.
    pub struct OnExitCodes {
        /// Only this container counts.
        container_name: Option<Str> = "containerName",
        /// `In` or `NotIn`.
        operator: Str = "operator" always,
        /// The codes.
        values: List<i32> = "values" always,
    }
}

object! {
    /// A condition that a rule is about.
    pub struct OnPodCondition {
        /// Its type.
        r#type: Str = "type" always,
        /// The status it must have.
        status: Str = "status" always,
    }
}

object! {
    /// When some completions are enough; any rule will do.
    pub struct SuccessPolicy {
        /// The rules.
        rules: List<SuccessPolicyRule> = "rules" always,
    }
}

object! {
    /// One rule of a success policy.
    pub struct SuccessPolicyRule {
        /// The indexes that count, as `0,2-4`.
        succeeded_indexes: Option<Str> = "succeededIndexes",
        /// How many of them must have succeeded; all if absent.
        succeeded_count: Option<i32> = "succeededCount",
    }
}

object! {
    /// What there is of a Job.
    pub struct JobStatus {
        /// `Suspended`, `SuccessCriteriaMet`, `Complete`, `FailureTarget`, `Failed`.
        conditions: List<JobCondition> = "conditions",
        /// When it began, or went on after a suspension.
        start_time: Option<Time> = "startTime",
        /// When it was complete.
        completion_time: Option<Time> = "completionTime",
        /// Pods that run or are to.
        active: i32 = "active",
        /// Pods that ended well; for an indexed Job, indexes.
        succeeded: i32 = "succeeded",
        /// Pods that failed.
        failed: i32 = "failed",
        /// Pods on their way out.
        terminating: Option<i32> = "terminating",
        /// Indexes that ended well, as `0-3,5`.
        completed_indexes: Str = "completedIndexes",
        /// Indexes that failed.
        failed_indexes: Option<Str> = "failedIndexes",
        /// Pods that have ended and are not in the counts yet.
        uncounted_terminated_pods: Option<UncountedTerminatedPods> = "uncountedTerminatedPods",
        /// Active pods that are Ready.
        ready: Option<i32> = "ready",
    }
}

object! {
    /// UIDs of pods that have ended and are not in the counts yet.
    pub struct UncountedTerminatedPods {
        /// Those that ended well.
        succeeded: List<Str> = "succeeded",
        /// Those that failed.
        failed: List<Str> = "failed",
    }
}

object! {
    /// One condition of a Job.
    pub struct JobCondition {
        /// Its type.
        r#type: Str = "type" always,
        /// `True`, `False` or `Unknown`.
        status: Str = "status" always,
        /// When it was last looked at.
        last_probe_time: Option<Time> = "lastProbeTime",
        /// When its status last changed.
        last_transition_time: Option<Time> = "lastTransitionTime",
        /// Why, in a word.
        reason: Str = "reason",
        /// Why, in a sentence.
        message: Str = "message",
    }
}

object! {
    /// A Job that starts over and over.
    pub struct CronJob {
        /// Name and labels.
        metadata: ObjectMeta = "metadata" always,
        /// What is wanted.
        spec: CronJobSpec = "spec" always,
        /// What there is.
        status: CronJobStatus = "status" always,
    }
}

object! {
    /// What is wanted of a CronJob.
    pub struct CronJobSpec {
        /// When to start, as cron writes it.
        schedule: Str = "schedule" always,
        /// The zone of the schedule, by its IANA name.
        time_zone: Option<Str> = "timeZone",
        /// Seconds after which a start that was missed is not made up for.
        starting_deadline_seconds: Option<i64> = "startingDeadlineSeconds",
        /// `Allow`, `Forbid` or `Replace`: what a start does while an earlier Job runs.
        concurrency_policy: Str = "concurrencyPolicy",
        /// Whether nothing is to start.
        suspend: Option<bool> = "suspend",
        /// What its Jobs look like.
        job_template: JobTemplateSpec = "jobTemplate" always,
        /// Completed Jobs kept.
        successful_jobs_history_limit: Option<i32> = "successfulJobsHistoryLimit",
        /// Failed Jobs kept.
        failed_jobs_history_limit: Option<i32> = "failedJobsHistoryLimit",
    }
}

object! {
    /// A Job to be made; `metadata` carries labels and annotations only.
    pub struct JobTemplateSpec {
        /// Labels and annotations of the Jobs.
        metadata: ObjectMeta = "metadata" always,
        /// Spec of the Jobs.
        spec: JobSpec = "spec" always,
    }
}

object! {
    /// What there is of a CronJob.
    pub struct CronJobStatus {
        /// The Jobs that run.
        active: List<ObjectReference> = "active",
        /// When it last started a Job: the scheduled time.
        last_schedule_time: Option<Time> = "lastScheduleTime",
        /// When a Job was last complete.
        last_successful_time: Option<Time> = "lastSuccessfulTime",
    }
}

impl Job {
    /// Whether its pods have indexes.
    pub fn is_indexed(&self) -> bool {
        self.spec.completion_mode == "Indexed"
    }

    /// Whether no pods are to run.
    pub fn is_suspended(&self) -> bool {
        self.spec.suspend == Some(true)
    }

    /// `Complete` or `Failed` once it has ended. Models: FinishedCondition in pkg/controller/job/util.
    pub fn finished(&self) -> Option<&JobCondition> {
        let ends = |c: &&JobCondition| (c.r#type == "Complete" || c.r#type == "Failed") && c.status == "True";
        self.status.conditions.iter().find(ends)
    }
}

impl JobStatus {
    /// The condition of this type.
    pub fn condition(&self, r#type: &str) -> Option<&JobCondition> {
        self.conditions.iter().find(|c| c.r#type == *r#type)
    }

    /// The condition of this type, if it holds.
    pub fn holds(&self, r#type: &str) -> Option<&JobCondition> {
        self.condition(r#type).filter(|c| c.status == "True")
    }

    /// Appends a condition.
    pub fn push_condition(&mut self, condition: JobCondition) {
        self.conditions = self.conditions.iter().cloned().chain([condition]).collect();
    }

    /// Sets a condition unless it is there with the same status, reason and message; one that would be new and False
    /// is not set. Answers whether anything changed. Models: ensureJobConditionStatus.
    pub fn ensure_condition(&mut self, condition: JobCondition) -> bool {
        match self.condition(&condition.r#type) {
            None if condition.status == "False" => return false,
            None => self.push_condition(condition),
            Some(old)
                if old.status == condition.status
                    && old.reason == condition.reason
                    && old.message == condition.message =>
            {
                return false;
            }
            Some(_) => {
                let renew =
                    |old: &JobCondition| if old.r#type == condition.r#type { condition.clone() } else { old.clone() };
                self.conditions = self.conditions.iter().map(renew).collect();
            }
        }
        true
    }
}

impl JobCondition {
    /// A condition that came about now. Models: newCondition in pkg/controller/job.
    pub fn new(r#type: &str, status: bool, reason: impl Into<Str>, message: impl Into<Str>, now: Time) -> Self {
        JobCondition {
            r#type: r#type.into(),
            status: if status { "True" } else { "False" }.into(),
            last_probe_time: Some(now),
            last_transition_time: Some(now),
            reason: reason.into(),
            message: message.into(),
            rest: Default::default(),
        }
    }
}
