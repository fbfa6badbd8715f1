//! The counters of a set's status, and the condition that tells of pods that could not be made.
//! Models: pkg/controller/replicaset/replica_set_utils.go.

use super::control::Replicated;
use crate::Ctx;
use crate::pod_control::Owner;
use api::{Pod, ReplicaSetCondition, ReplicaSetStatus, StrMap, Time};
use apiserver::{Plan, Write};
use std::rc::Rc;

/// The condition of a set that could not make or delete a pod.
pub(super) const FAILURE: &str = "ReplicaFailure";

/// What there is of a set, counted from how its pods stand.
pub(super) struct Tally {
    /// Pods that name the set among their owners.
    pub owned: usize,
    /// Those of its own that count as replicas.
    pub active: usize,
    /// Those of its own on their way out that still run.
    pub leaving: i32,
    /// The counts of the status.
    pub counts: ReplicaSetStatus,
}

/// Counts without a look at any pod; `None` if one is to be adopted or released, or counts only after some time.
pub(super) fn tally<T: Replicated>(ctx: &Ctx<'_>, set: &T, owner: &Owner<'_>) -> Option<Tally> {
    let meta = set.meta();
    let may_adopt = || ctx.lister.orphans::<Pod>(&meta.namespace).next().is_some();
    if meta.is_terminating() || set.min_ready_seconds() > 0 || may_adopt() {
        return None;
    }
    let template = set.template().map(|template| template.metadata.labels.clone()).unwrap_or_default();
    let counts = ReplicaSetStatus { observed_generation: meta.generation, ..Default::default() };
    let mut tally = Tally { owned: 0, active: 0, leaving: 0, counts };
    // Pods of one template share their labels.
    let mut known: Option<(&StrMap, bool)> = None;
    for (_, pod) in ctx.lister.standings(&meta.uid) {
        tally.owned += 1;
        if !pod.is_controlled || !pod.is_active && !pod.is_leaving {
            continue;
        }
        let is_full = match known {
            Some((labels, is_full)) if labels.is_same(&pod.labels) => is_full,
            _ if !owner.selector.matches(&pod.labels) => return None,
            _ => has_all(&pod.labels, &template),
        };
        known = Some((&pod.labels, is_full));
        if pod.is_leaving {
            tally.leaving += 1;
            continue;
        }
        tally.active += 1;
        tally.counts.replicas += 1;
        tally.counts.fully_labeled_replicas += i32::from(is_full);
        tally.counts.ready_replicas += i32::from(pod.is_ready);
        tally.counts.available_replicas += i32::from(pod.is_ready);
    }
    Some(tally)
}

fn has_all(labels: &StrMap, wanted: &StrMap) -> bool {
    wanted.iter().all(|(key, value)| labels.get(key) == Some(value))
}

/// Plans the status. `failing` names what fails if a step of the plan does. Pods that the pass itself makes or deletes
/// are counted by the next one.
pub(super) fn update<T: Replicated>(
    set: &T,
    counts: ReplicaSetStatus,
    terminating: Option<i32>,
    failing: Option<(&str, Time)>,
    plan: &mut Plan,
) {
    let old = set.status();
    let status = ReplicaSetStatus {
        terminating_replicas: terminating,
        conditions: old.conditions.iter().filter(|c| c.r#type != FAILURE).cloned().collect(),
        rest: old.rest.clone(),
        ..counts
    };
    if let Some((reason, now)) = failing
        && !plan.steps.is_empty()
    {
        let mut failed = status.clone();
        // A failure that is told already stays as it was told first.
        failed.conditions = match old.condition(FAILURE) {
            Some(_) => old.conditions.clone(),
            None => failed.conditions.iter().cloned().chain([failure(now, reason)]).collect(),
        };
        plan.on_error = Some(set.with_status(failed).into_object());
    }
    if status != *old {
        plan.write_finally(Write::UpdateStatus(set.with_status(status).into_object()));
    }
}

fn failure(now: Time, reason: &str) -> ReplicaSetCondition {
    ReplicaSetCondition {
        r#type: FAILURE.into(),
        status: "True".into(),
        last_transition_time: Some(now),
        reason: reason.into(),
        message: "{error}".into(),
        ..Default::default()
    }
}

/// Counts pods one by one.
pub(super) fn count<T: Replicated>(ctx: &Ctx<'_>, set: &T, pods: &[Rc<Pod>]) -> ReplicaSetStatus {
    let mut status = ReplicaSetStatus { observed_generation: set.meta().generation, ..Default::default() };
    let template = set.template().map(|template| template.metadata.labels.clone()).unwrap_or_default();
    let min_ready = set.min_ready_seconds();
    for pod in pods {
        let labels = &pod.metadata.labels;
        let is_full = has_all(labels, &template);
        status.replicas += 1;
        status.fully_labeled_replicas += i32::from(is_full);
        if pod.is_ready() {
            status.ready_replicas += 1;
            status.available_replicas += i32::from(pod.is_available(min_ready, ctx.now));
        }
    }
    status
}
