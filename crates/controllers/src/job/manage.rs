//! Which pods a Job makes and deletes. Models: manageJob in pkg/controller/job/job_controller.go.

use super::control::{Pass, size};
use super::tracking::{FINALIZER, without_finalizer};
use super::{COMPONENT, failures, indexes};
use crate::pod_control::{Owner, create_pod, delete_pod, pod_from_template};
use api::{Namespace, Pod, PodTemplateSpec, Resource, Time, Version};
use apiserver::{Step, Write};
use sim::SimDuration;
use std::cmp::{Ordering, Reverse};
use std::rc::Rc;

/// The most pods made or deleted in one pass.
const BURST: usize = 500;

pub(super) fn pods(pass: &mut Pass<'_>) {
    let job = pass.job;
    if job.is_suspended() {
        let all = pass.active_pods.len();
        let doomed = victims(pass, all);
        return delete(pass, &doomed);
    }
    let parallelism = job.spec.parallelism.unwrap_or(0);
    let wanted = match job.spec.completions {
        // Pods of a work queue know among them when the work is done: after a success none is added.
        None if pass.succeeded > 0 => pass.active,
        None => parallelism,
        Some(completions) => (completions - pass.succeeded).min(parallelism).max(0),
    };
    let mut doomed = victims(pass, usize::try_from(pass.active - wanted).unwrap_or(0));
    if !doomed.is_empty() {
        doomed.truncate(BURST);
        return delete(pass, &doomed);
    }
    let going = if pass.replaces_failed_only() { pass.terminating } else { 0 };
    let missing = usize::try_from(wanted - going - pass.active).unwrap_or(0);
    if missing > 0 {
        make(pass, missing.min(BURST));
    }
}

/// The pods to delete: of an indexed Job all that have no index of its own, else those that have come least far.
/// Models: activePodsForRemoval.
fn victims(pass: &Pass<'_>, at_least: usize) -> Vec<Rc<Pod>> {
    let mut left: Vec<Rc<Pod>> = pass.active_pods.clone();
    left.sort_by(compare);
    let mut doomed = Vec::new();
    if pass.job.is_indexed() {
        // Of several pods of an index the one that has come furthest stays.
        let is_doubled = |pod: &Rc<Pod>, later: &[Rc<Pod>]| {
            let index = indexes::valid_index(pass.job, pod);
            index.is_none() || later.iter().any(|other| indexes::index(other) == index)
        };
        let (mut surplus, mut kept) = (Vec::new(), Vec::new());
        for (i, pod) in left.iter().enumerate() {
            let list = if is_doubled(pod, &left[i + 1..]) { &mut surplus } else { &mut kept };
            list.push(Rc::clone(pod));
        }
        (doomed, left) = (surplus, kept);
    }
    let more = at_least.saturating_sub(doomed.len()).min(left.len());
    doomed.extend(left.drain(..more));
    doomed
}

/// Less is what goes first. Models: ActivePods in pkg/controller.
fn compare(a: &Rc<Pod>, b: &Rc<Pod>) -> Ordering {
    type Rank = (bool, u8, bool, Reverse<Option<Time>>, Reverse<i32>, Reverse<Option<Time>>);
    let rank = |pod: &Pod| -> Rank {
        let phase = match pod.status.phase.as_str() {
            "Pending" => 0,
            "Unknown" => 1,
            _ => 2,
        };
        let ready = pod.status.condition("Ready").filter(|c| c.status == "True");
        let restarts = pod.status.container_statuses.iter().map(|container| container.restart_count).max();
        (
            !pod.spec.node_name.is_empty(),
            phase,
            ready.is_some(),
            Reverse(ready.and_then(|c| c.last_transition_time)),
            Reverse(restarts.unwrap_or(0)),
            Reverse(pod.metadata.creation_timestamp),
        )
    };
    rank(a).cmp(&rank(b))
}

/// Deletes pods that are not to be counted: the finalizer goes first. Models: deleteJobPods.
fn delete(pass: &mut Pass<'_>, doomed: &[Rc<Pod>]) {
    for pod in doomed {
        pass.plan.write(Write::Update(without_finalizer(pod).into_object()));
        pass.plan.steps.push(delete_pod(pass.job, COMPONENT, pod));
        pass.ready -= i32::from(pod.is_ready());
    }
    pass.active -= size(doomed.len());
    pass.terminating += size(doomed.len());
    // Of this pass on they are none of the Job's business.
    let is_doomed = |pod: &Rc<Pod>| doomed.iter().any(|other| other.metadata.uid == pod.metadata.uid);
    pass.pods.retain(|pod| !is_doomed(pod));
}

/// Makes missing pods, once the wait after failures is over.
fn make(pass: &mut Pass<'_>, missing: usize) {
    let (job, now) = (pass.job, pass.ctx.now);
    let per_index = job.spec.backoff_limit_per_index.is_some();
    let mut wait = if per_index { SimDuration::ZERO } else { failures::remaining(pass.run, now) };
    let mut pending: Vec<Option<i32>> = vec![None; missing];
    if job.is_indexed() {
        let all = indexes::pending(pass, missing);
        let remaining = |index: i32| pass.delayed.get(&index).map(|pod| failures::remaining_for_index(pod, now));
        let waits = |index: &i32| per_index && remaining(*index).is_some_and(|wait| wait > SimDuration::ZERO);
        let (later, at_once): (Vec<i32>, Vec<i32>) = all.into_iter().partition(waits);
        if at_once.is_empty() {
            wait = wait.max(later.into_iter().filter_map(remaining).min().unwrap_or(SimDuration::ZERO));
        }
        pending = at_once.into_iter().map(Some).collect();
    }
    if wait > SimDuration::ZERO {
        // Upstream comes back no sooner than changes are gathered.
        return pass.plan.recheck(wait.max(super::BATCH));
    }
    let namespace = pass.ctx.lister.get::<Namespace>("", &job.metadata.namespace);
    if namespace.is_some_and(|namespace| namespace.metadata.is_terminating()) {
        return;
    }
    pass.creations = creations(pass, &pending);
    pass.created = size(pending.len());
    pass.active += pass.created;
}

/// Creates pods in batches that double in size; the first batch in which one fails is the last.
fn creations(pass: &Pass<'_>, pending: &[Option<i32>]) -> Vec<Step> {
    let job = pass.job;
    let mut template = PodTemplateSpec::clone(&job.spec.template);
    if job.is_indexed() {
        indexes::add_variable(&mut template);
    }
    let selector = job.spec.selector.clone().unwrap_or_default();
    let mut pod = pod_from_template(&template, &Owner::new(job, &selector));
    if !pod.metadata.has_finalizer(FINALIZER) {
        pod.metadata.finalizers = pod.metadata.finalizers.iter().cloned().chain([FINALIZER.into()]).collect();
    }
    pod.metadata.resource_version = Version::default();
    let mut steps = Vec::new();
    let (mut batch, mut left) = (1, 1);
    for index in pending {
        if left == 0 {
            steps.push(Step { write: Write::StopIfFailed, on_success: None, on_failure: None, keep_going: false });
            batch *= 2;
            left = batch;
        }
        let mut pod = pod.clone();
        if let Some(index) = *index {
            indexes::give_index(job, &mut pod, index, pass.delayed.get(&index).map(|pod| &**pod));
        }
        steps.push(Step { keep_going: true, ..create_pod(job, COMPONENT, pod) });
        left -= 1;
    }
    steps.push(Step { write: Write::StopIfFailed, on_success: None, on_failure: None, keep_going: false });
    steps
}
