//! Completion indexes of pods, and what is counted by index. Models: pkg/controller/job/indexed_job_utils.go.

use super::control::Pass;
use super::failures::finished_at;
use super::intervals::Intervals;
use super::policies::{self, Verdict};
use super::tracking::{is_failed, is_tracked};
use api::{Container, EnvVar, EnvVarSource, FieldSelector, Job, List, Pod, PodTemplateSpec, Str};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// Annotation and label of a pod: its index.
const INDEX: &str = "batch.kubernetes.io/job-completion-index";
/// Annotation of a pod: how many pods of its index have failed before it.
const FAILURES: &str = "batch.kubernetes.io/job-index-failure-count";
/// Annotation of a pod: how many failures were ignored.
const IGNORED: &str = "batch.kubernetes.io/job-index-ignored-failure-count";
const VARIABLE: &str = "JOB_COMPLETION_INDEX";

/// The index of a pod.
pub(super) fn index(pod: &Pod) -> Option<i32> {
    pod.metadata.annotations.get(INDEX)?.parse().ok().filter(|index| *index >= 0)
}

/// The index of a pod, if the Job has that many.
pub(super) fn valid_index(job: &Job, pod: &Pod) -> Option<i32> {
    index(pod).filter(|index| *index < completions(job))
}

pub(super) fn completions(job: &Job) -> i32 {
    job.spec.completions.unwrap_or(0)
}

/// The indexes of these pods.
pub(super) fn indexes_of<'p>(pods: impl IntoIterator<Item = &'p Rc<Pod>>) -> BTreeSet<i32> {
    pods.into_iter().filter_map(|pod| index(pod)).collect()
}

/// The indexes that had succeeded when the status was written, and those that have by now.
pub(super) fn succeeded(job: &Job, pods: &[Rc<Pod>]) -> (Intervals, Intervals) {
    let before = Intervals::parse(&job.status.completed_indexes, completions(job));
    let new = pods.iter().filter(|pod| pod.status.phase == "Succeeded" && is_tracked(pod));
    let now = before.with(new.filter_map(|pod| valid_index(job, pod)).collect::<BTreeSet<i32>>());
    (before, now)
}

/// The indexes that have failed for good. Models: calculateFailedIndexes.
pub(super) fn failed(job: &Job, pods: &[Rc<Pod>]) -> Intervals {
    let text = job.status.failed_indexes.as_deref().unwrap_or("");
    let new = pods.iter().filter(|pod| is_tracked(pod) && fails_index(job, pod));
    Intervals::parse(text, completions(job))
        .with(new.filter_map(|pod| valid_index(job, pod)).collect::<BTreeSet<i32>>())
}

fn fails_index(job: &Job, pod: &Pod) -> bool {
    if !is_failed(job, pod) {
        return false;
    }
    match policies::judge(job, pod) {
        Verdict::FailIndex => true,
        Verdict::Ignore => false,
        _ => failures(pod) >= job.spec.backoff_limit_per_index.unwrap_or(0),
    }
}

/// The failed pods that stay uncounted until the next pod of their index is there, as it is to carry on their count.
/// Models: getPodsWithDelayedDeletionPerIndex.
pub(super) fn delayed(pass: &Pass<'_>) -> BTreeMap<i32, Rc<Pod>> {
    let active = indexes_of(&pass.active_pods);
    let failed = pass.failed_indexes.clone().unwrap_or_default();
    let mut delayed: BTreeMap<i32, Rc<Pod>> = BTreeMap::new();
    for pod in pass.pods.iter().filter(|pod| is_tracked(pod) && is_failed(pass.job, pod)) {
        let Some(index) = valid_index(pass.job, pod) else { continue };
        if pass.succeeded_indexes.has(index) || failed.has(index) || active.contains(&index) {
            continue;
        }
        let is_later =
            |other: &Rc<Pod>| all_failures(other) <= all_failures(pod) && finished_at(pod) >= finished_at(other);
        if delayed.get(&index).is_none_or(is_later) {
            delayed.insert(index, Rc::clone(pod));
        }
    }
    delayed
}

/// The first indexes that have no pod and need one. Models: firstPendingIndexes.
pub(super) fn pending(pass: &Pass<'_>, count: usize) -> Vec<i32> {
    let mut taken = pass.succeeded_indexes.with(indexes_of(&pass.active_pods));
    if pass.replaces_failed_only() {
        let terminating = pass.pods.iter().filter(|pod| pod.is_terminating() && !pod.is_finished());
        taken = taken.with(indexes_of(terminating));
    }
    if let Some(failed) = &pass.failed_indexes {
        taken = taken.merge(failed);
    }
    taken.gaps(count, completions(pass.job))
}

fn count(pod: &Pod, annotation: &str) -> i32 {
    pod.metadata.annotations.get(annotation).and_then(|text| text.parse().ok()).filter(|n| *n >= 0).unwrap_or(0)
}

fn failures(pod: &Pod) -> i32 {
    count(pod, FAILURES)
}

/// Counted failures and ignored ones.
pub(super) fn all_failures(pod: &Pod) -> i32 {
    failures(pod).saturating_add(count(pod, IGNORED))
}

/// Gives every container the variable that tells its index.
pub(super) fn add_variable(template: &mut PodTemplateSpec) {
    let add = |containers: &List<Container>| -> List<Container> {
        let with = |container: &Container| {
            let mut container = container.clone();
            if container.env.iter().all(|variable| variable.name != VARIABLE) {
                container.env = container.env.iter().cloned().chain([variable()]).collect();
            }
            container
        };
        containers.iter().map(with).collect()
    };
    template.spec.containers = add(&template.spec.containers);
    template.spec.init_containers = add(&template.spec.init_containers);
}

fn variable() -> EnvVar {
    let field = FieldSelector { field_path: format!("metadata.labels['{INDEX}']").into(), ..Default::default() };
    let from = EnvVarSource { field_ref: Some(field), ..Default::default() };
    EnvVar { name: VARIABLE.into(), value_from: Some(from), ..Default::default() }
}

/// Makes a new pod that of an index; with a limit for each index it carries on the count of the one it replaces.
pub(super) fn give_index(job: &Job, pod: &mut Pod, index: i32, replaced: Option<&Pod>) {
    let meta = &mut pod.metadata;
    let number = Str::from(index.to_string());
    meta.annotations = meta.annotations.with(INDEX, number.clone());
    meta.labels = meta.labels.with(INDEX, number);
    pod.spec.hostname = format!("{}-{index}", job.metadata.name).into();
    let suffix = format!("-{index}-");
    // The random end of a name takes five of its 63 letters.
    let prefix: String = job.metadata.name.chars().take(58 - suffix.len().min(58)).collect();
    meta.generate_name = (prefix + &suffix).into();
    if job.spec.backoff_limit_per_index.is_none() {
        return;
    }
    let (mut failed, mut ignored) = (0, 0);
    if let Some(replaced) = replaced {
        (failed, ignored) = (failures(replaced), count(replaced, IGNORED));
        match policies::judge(job, replaced) {
            Verdict::Ignore => ignored += 1,
            _ => failed += 1,
        }
    }
    meta.annotations = meta.annotations.with(FAILURES, failed.to_string());
    if ignored > 0 {
        meta.annotations = meta.annotations.with(IGNORED, ignored.to_string());
    }
}
