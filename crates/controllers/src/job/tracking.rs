//! How the ends of pods get into the status, each once: a pod's UID is noted as uncounted, then its finalizer goes,
//! then it is counted. Only then is the Job at its end.
//! Models: trackJobStatusAndRemoveFinalizers and what it calls, in pkg/controller/job/job_controller.go.

use super::COMPONENT;
use super::control::{Pass, size};
use super::indexes;
use super::policies::{self, Verdict};
use api::{Job, JobCondition, JobStatus, List, Pod, Resource, Str, UncountedTerminatedPods, Version};
use apiserver::{EventRecord, Plan, Write};
use std::collections::BTreeSet;
use std::rc::Rc;

/// What holds a pod until it is counted.
pub(super) const FINALIZER: &str = "batch.kubernetes.io/job-tracking";
/// The most pods noted as uncounted at a time.
const MAX_UNCOUNTED: usize = 500;

/// Whether a pod is still to be counted.
pub(super) fn is_tracked(pod: &Pod) -> bool {
    pod.metadata.has_finalizer(FINALIZER)
}

/// Whether a pod counts as failed: also one that is deleted, unless it is replaced only once it has ended.
/// Models: isPodFailed.
pub(super) fn is_failed(job: &Job, pod: &Pod) -> bool {
    let deleted = pod.is_terminating() && pod.status.phase != "Succeeded";
    pod.status.phase == "Failed" || deleted && job.spec.pod_replacement_policy != "Failed"
}

/// The pod without the finalizer, to be written unconditionally.
pub(super) fn without_finalizer(pod: &Pod) -> Pod {
    let mut pod = pod.clone();
    pod.metadata.finalizers = pod.metadata.finalizers.iter().filter(|f| **f != FINALIZER).cloned().collect();
    pod.metadata.resource_version = Version::default();
    pod
}

/// Plans the rest of the pass: status, finalizers, pods to be made, status.
pub(super) fn finish(mut pass: Pass<'_>) -> Plan {
    pass.status.active = pass.active;
    pass.status.ready = Some(pass.ready);
    pass.status.terminating = Some(pass.terminating);
    if pass.job.is_indexed() {
        pass.pods.sort_by_key(|pod| indexes::index(pod));
    }
    let mut tracked: BTreeSet<Str> =
        pass.pods.iter().filter(|pod| is_tracked(pod)).map(|pod| pod.metadata.uid.clone()).collect();
    count_released(&mut pass.status, &tracked);
    let (released, is_full) = note_uncounted(&mut pass);
    let end = announce(&mut pass);
    let first = pass.status.clone();
    for pod in &released {
        tracked.remove(&pod.metadata.uid);
    }
    count_released(&mut pass.status, &tracked);
    let end = end.filter(|_| !is_full && may_end(&pass));
    if let Some(end) = &end {
        pass.status.ensure_condition(end.clone());
        if end.r#type == "Complete" {
            pass.status.completion_time = end.last_transition_time;
        }
    }
    write(pass, &first, &released, end)
}

/// Counts the pods noted as uncounted that have lost their finalizer. Models: cleanUncountedPodsWithoutFinalizers.
fn count_released(status: &mut JobStatus, tracked: &BTreeSet<Str>) {
    let Some(uncounted) = &mut status.uncounted_terminated_pods else { return };
    for (list, count) in
        [(&mut uncounted.succeeded, &mut status.succeeded), (&mut uncounted.failed, &mut status.failed)]
    {
        let left: List<Str> = list.iter().filter(|uid| tracked.contains(*uid)).cloned().collect();
        *count += size(list.len() - left.len());
        *list = left;
    }
}

/// Notes the pods that have ended; answers with those whose finalizer is to go, and whether there were too many for
/// one pass.
fn note_uncounted(pass: &mut Pass<'_>) -> (Vec<Rc<Pod>>, bool) {
    let job = pass.job;
    let uncounted = pass.status.uncounted_terminated_pods.clone().unwrap_or_default();
    let (mut succeeded, mut failed) = (uncounted.succeeded.to_vec(), uncounted.failed.to_vec());
    // What the stored status notes was counted by now, or will be; it is not noted again.
    let noted = job.status.uncounted_terminated_pods.clone().unwrap_or_default();
    let mut new_indexes: BTreeSet<i32> = BTreeSet::new();
    let (mut released, mut is_full) = (Vec::new(), false);
    let fails_all = pass.end.as_ref().is_some_and(|end| end.r#type != "SuccessCriteriaMet");
    for pod in pass.pods.iter().filter(|pod| is_tracked(pod)) {
        let is_failed = is_failed(job, pod);
        if !may_release(pass, pod, is_failed) {
            continue;
        }
        released.push(Rc::clone(pod));
        let uid = &pod.metadata.uid;
        let index = indexes::valid_index(job, pod);
        if pod.status.phase == "Succeeded" && !noted.failed.contains(uid) {
            if job.is_indexed() {
                new_indexes.extend(index.filter(|index| !pass.known_indexes.has(*index)));
            } else if !noted.succeeded.contains(uid) {
                succeeded.push(uid.clone());
            }
        } else if (is_failed || fails_all) && !noted.failed.contains(uid) && (!job.is_indexed() || index.is_some()) {
            // Once the Job has failed, so has every pod that has not ended.
            if policies::judge(job, pod) != Verdict::Ignore {
                failed.push(uid.clone());
            }
        }
        if new_indexes.len() + succeeded.len() + failed.len() >= MAX_UNCOUNTED {
            is_full = true;
            break;
        }
    }
    let rest = uncounted.rest.clone();
    let uncounted = UncountedTerminatedPods { succeeded: succeeded.into(), failed: failed.into(), rest };
    pass.status.uncounted_terminated_pods = Some(uncounted);
    if job.is_indexed() {
        let completed = pass.succeeded_indexes.with(new_indexes);
        pass.status.succeeded = completed.total();
        pass.status.completed_indexes = completed.to_string().into();
        pass.status.failed_indexes = pass.failed_indexes.as_ref().map(|failed| failed.to_string().into());
    }
    (released, is_full)
}

/// Models: canRemoveFinalizer.
fn may_release(pass: &Pass<'_>, pod: &Pod, is_failed: bool) -> bool {
    if pass.job.metadata.is_terminating() || pass.end.is_some() || pod.status.phase == "Succeeded" {
        return true;
    }
    let is_delayed = || {
        let delayed = indexes::index(pod).and_then(|index| pass.delayed.get(&index));
        delayed.is_some_and(|delayed| delayed.metadata.uid == pod.metadata.uid)
    };
    is_failed && !is_delayed()
}

/// Puts the first condition of the pair into the status and answers with the second.
fn announce(pass: &mut Pass<'_>) -> Option<JobCondition> {
    let end = pass.end.clone()?;
    let second = match end.r#type.as_str() {
        "FailureTarget" => "Failed",
        "SuccessCriteriaMet" => "Complete",
        _ => return Some(end),
    };
    if pass.status.holds(&end.r#type).is_none() {
        pass.status.push_condition(end.clone());
    }
    Some(JobCondition::new(second, true, end.reason, end.message, pass.second))
}

/// Whether nothing of the Job is left to be counted or to end. Models: enactJobFinished.
fn may_end(pass: &Pass<'_>) -> bool {
    let uncounted = pass.status.uncounted_terminated_pods.as_ref();
    uncounted.is_none_or(|uncounted| uncounted.succeeded.is_empty() && uncounted.failed.is_empty())
        && pass.terminating == 0
}

fn write(mut pass: Pass<'_>, first: &JobStatus, released: &[Rc<Pod>], end: Option<JobCondition>) -> Plan {
    let mut stored = pass.job.status.clone();
    // With pods to be made and none to be counted, one write is enough, after they are there.
    if *first != stored && (pass.creations.is_empty() || !released.is_empty()) {
        pass.plan.write(Write::UpdateStatus(pass.with_status(first)));
        stored = first.clone();
    }
    for pod in released {
        pass.plan.write(Write::Update(without_finalizer(pod).into_object()));
    }
    if pass.created > 0 {
        let without = JobStatus { active: pass.active - pass.created, ..pass.status.clone() };
        pass.plan.on_error = Some(pass.with_status(&without));
        pass.plan.steps.append(&mut pass.creations);
    }
    if let Some(event) = pass.told.take() {
        pass.plan.record(event);
    }
    if pass.status != stored {
        pass.plan.write(Write::UpdateStatus(pass.with_status(&pass.status)));
    }
    if let Some(end) = end {
        record_end(&mut pass, &end);
    }
    pass.plan
}

/// Models: recordJobFinished.
fn record_end(pass: &mut Pass<'_>, end: &JobCondition) {
    let job = pass.job;
    if end.r#type != "Complete" {
        let event = EventRecord::warning(job, COMPONENT, &end.reason, end.message.to_string());
        return pass.plan.record(event);
    }
    if job.spec.completions.is_some_and(|completions| pass.status.succeeded > completions) {
        let message = "Too many succeeded pods running after completion count reached";
        pass.plan.record(EventRecord::warning(job, COMPONENT, "TooManySucceededPods", message));
    }
    pass.plan.record(EventRecord::normal(job, COMPONENT, "Completed", "Job completed"));
}
