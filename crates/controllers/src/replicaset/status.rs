//! The counters of a set's status, and the condition that tells of pods that could not be made.
//! Models: pkg/controller/replicaset/replica_set_utils.go.

use super::control::Replicated;
use crate::Ctx;
use api::{Pod, ReplicaSetCondition, ReplicaSetStatus};
use apiserver::{Plan, Write};
use std::rc::Rc;

/// The condition of a set that could not make or delete a pod.
pub(super) const FAILURE: &str = "ReplicaFailure";

/// Plans the status. `reason` names what fails if a step of the plan does. Pods that the pass itself makes or deletes
/// are counted by the next one.
pub(super) fn update<T: Replicated>(
    ctx: &Ctx<'_>,
    set: &T,
    pods: &[Rc<Pod>],
    terminating: Option<i32>,
    reason: &str,
    plan: &mut Plan,
) {
    let old = set.status();
    let status = ReplicaSetStatus {
        terminating_replicas: terminating,
        conditions: old.conditions.iter().filter(|c| c.r#type != FAILURE).cloned().collect(),
        rest: old.rest.clone(),
        ..count(ctx, set, pods)
    };
    if !reason.is_empty() && !plan.steps.is_empty() {
        let mut failed = status.clone();
        // A failure that is told already stays as it was told first.
        failed.conditions = match old.condition(FAILURE) {
            Some(_) => old.conditions.clone(),
            None => failed.conditions.iter().cloned().chain([failure(ctx, reason)]).collect(),
        };
        plan.on_error = Some(set.with_status(failed).into_object());
    }
    if status != *old {
        plan.write_finally(Write::UpdateStatus(set.with_status(status).into_object()));
    }
}

fn failure(ctx: &Ctx<'_>, reason: &str) -> ReplicaSetCondition {
    ReplicaSetCondition {
        r#type: FAILURE.into(),
        status: "True".into(),
        last_transition_time: Some(ctx.now),
        reason: reason.into(),
        message: "{error}".into(),
        ..Default::default()
    }
}

fn count<T: Replicated>(ctx: &Ctx<'_>, set: &T, pods: &[Rc<Pod>]) -> ReplicaSetStatus {
    let mut status = ReplicaSetStatus { observed_generation: set.meta().generation, ..Default::default() };
    let template = set.template().map(|template| template.metadata.labels.clone()).unwrap_or_default();
    let min_ready = set.min_ready_seconds();
    for pod in pods {
        let labels = &pod.metadata.labels;
        let is_full = template.iter().all(|(key, value)| labels.get(key) == Some(value));
        status.replicas += 1;
        status.fully_labeled_replicas += i32::from(is_full);
        if pod.is_ready() {
            status.ready_replicas += 1;
            status.available_replicas += i32::from(pod.is_available(min_ready, ctx.now));
        }
    }
    status
}
