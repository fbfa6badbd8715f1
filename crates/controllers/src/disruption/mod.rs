//! Disruption controller: how many pods of each PodDisruptionBudget may be evicted now.
//!
//! Models: pkg/controller/disruption (Kubernetes 1.36). The API server's evictions read what it writes. Where several
//! budgets are about one pod, upstream looks at any one of them after a change; here all are looked at.

mod expected;
#[cfg(test)]
mod tests;

use crate::pod_control::look_time;
use crate::{Controller, Ctx, Decision};
use api::{
    Condition, DISRUPTION_ALLOWED, Kind, Object, ObjectKey, Pod, PodCondition, PodDisruptionBudget,
    PodDisruptionBudgetStatus, Resource, StrMap, Time,
};
use apiserver::{Change, EventRecord, Lister, Plan, WatchEvent, Write};
use sim::SimDuration;
use std::rc::Rc;

/// The row of this controller. Its keys are budgets, and pods that are marked for a disruption.
pub const CONTROLLER: Controller = Controller { name: "disruption", keys, reconcile, period: None, when: None };

const COMPONENT: &str = "controllermanager";
/// A pod whose eviction was granted, or that was marked for a disruption, is to be gone after so long.
const TIMEOUT: SimDuration = SimDuration::from_secs(120);

fn keys(event: &WatchEvent, lister: Lister<'_>, keys: &mut Vec<ObjectKey>) {
    match &event.object {
        Object::PodDisruptionBudget(_) if event.change != Change::Deleted => keys.push(event.object.key()),
        Object::Pod(pod) if concerns_budgets(event, pod) => {
            let about = |budget: &&Rc<PodDisruptionBudget>| budget.selects(&pod.metadata.labels);
            let before = keys.len();
            keys.extend(budgets(lister, pod).filter(about).map(|budget| budget.key()));
            if keys.len() > before + 1 && event.change != Change::Deleted || marked_since(pod).is_some() {
                keys.push(pod.key());
            }
        }
        _ => {}
    }
}

/// Whether a change of a pod can change what is counted. (Upstream looks at every change, and finds nothing.)
fn concerns_budgets(event: &WatchEvent, pod: &Pod) -> bool {
    let Some(Object::Pod(old)) = &event.old else { return true };
    old.is_ready() != pod.is_ready()
        || old.metadata.deletion_timestamp != pod.metadata.deletion_timestamp
        || old.metadata.labels != pod.metadata.labels
        || marked_since(old) != marked_since(pod)
}

fn budgets<'a>(lister: Lister<'a>, pod: &Pod) -> impl Iterator<Item = &'a Rc<PodDisruptionBudget>> {
    lister.list_in::<PodDisruptionBudget>(&pod.metadata.namespace)
}

/// Since when a pod that is not on its way out is marked for a disruption. A kubelet's mark counts for ever.
/// Models: nonTerminatingPodHasStaleDisruptionCondition.
fn marked_since(pod: &Pod) -> Option<Time> {
    let mark = pod.status.condition("DisruptionTarget")?;
    let stands = mark.status == "True" && mark.reason != "TerminationByKubelet";
    (stands && !pod.is_terminating() && !pod.is_finished()).then_some(mark.last_transition_time?)
}

fn reconcile(ctx: &Ctx<'_>, key: &ObjectKey) -> Decision {
    let mut plan = Plan::default();
    if key.kind == Kind::Pod {
        if let Some(pod) = ctx.lister.get::<Pod>(&key.namespace, &key.name) {
            look_at_pod(ctx, pod, &mut plan);
        }
    } else if let Some(budget) = ctx.lister.get::<PodDisruptionBudget>(&key.namespace, &key.name) {
        look_at_budget(ctx, budget, &mut plan);
    }
    plan.into()
}

/// Tells of a pod with several budgets, and takes back a mark that nothing came of.
fn look_at_pod(ctx: &Ctx<'_>, pod: &Pod, plan: &mut Plan) {
    let mut about = budgets(ctx.lister, pod).filter(|budget| budget.selects(&pod.metadata.labels));
    if let (Some(first), Some(_)) = (about.next(), about.next()) {
        let message = format!(
            "Pod \"{}\"/\"{}\" matches multiple PodDisruptionBudgets.  Chose \"{}\" arbitrarily.",
            pod.metadata.namespace, pod.metadata.name, first.metadata.name
        );
        plan.record(EventRecord::warning(pod, COMPONENT, "MultiplePodDisruptionBudgets", message));
    }
    let Some(since) = marked_since(pod) else { return };
    let due = since.plus(TIMEOUT);
    if due > ctx.now {
        plan.recheck(due.since(ctx.now));
        return;
    }
    let mut spared = pod.clone();
    let condition =
        PodCondition { observed_generation: pod.metadata.generation, ..PodCondition::new("DisruptionTarget", false) };
    spared.status.set_condition(condition, ctx.now);
    plan.write(Write::UpdateStatus(spared.into_object()));
}

/// Models: trySync and failSafe.
fn look_at_budget(ctx: &Ctx<'_>, budget: &PodDisruptionBudget, plan: &mut Plan) {
    let all = ctx.lister.list_in::<Pod>(&budget.metadata.namespace);
    let pods: Vec<&Rc<Pod>> = all.filter(|pod| budget.selects(&pod.metadata.labels)).collect();
    plan.took = look_time(pods.len());
    if pods.is_empty() {
        plan.record(EventRecord::normal(budget, COMPONENT, "NoPods", "No matching pods found"));
    }
    let expected = match expected::count(ctx.lister, budget, &pods) {
        Ok(expected) => expected,
        Err(why) => {
            let message = format!("Failed to calculate the number of expected pods: {why}");
            plan.record(EventRecord::warning(budget, COMPONENT, "CalculateExpectedPodCountFailed", message));
            let status = failed(ctx, budget, &why);
            return write(budget, status, plan);
        }
    };
    if expected.has_unmanaged {
        let message = format!(
            "Pods selected by this PodDisruptionBudget (selector: {}) were found to be unmanaged. As a result, the status of the PDB cannot be calculated correctly, which may result in undefined behavior. To account for these pods please set \".spec.minAvailable\" field of the PDB to an integer value.",
            expected::selector_text(budget)
        );
        plan.record(EventRecord::warning(budget, COMPONENT, "UnmanagedPods", message));
    }
    let disrupted_pods = still_disrupted(ctx, budget, &pods, plan);
    let current_healthy = count_healthy(&pods, &disrupted_pods);
    let allowed = if expected.pods > 0 { (current_healthy - expected.healthy).max(0) } else { 0 };
    let mut status = PodDisruptionBudgetStatus {
        observed_generation: budget.metadata.generation,
        disrupted_pods,
        disruptions_allowed: allowed,
        current_healthy,
        desired_healthy: expected.healthy,
        expected_pods: expected.pods,
        conditions: budget.status.conditions.clone(),
        rest: Default::default(),
    };
    status.update_condition(ctx.now);
    write(budget, status, plan);
}

fn write(budget: &PodDisruptionBudget, status: PodDisruptionBudgetStatus, plan: &mut Plan) {
    if status != budget.status {
        plan.write(Write::UpdateStatus(PodDisruptionBudget { status, ..budget.clone() }.into_object()));
    }
}

/// A status that lets nothing be evicted, as nothing is known.
fn failed(ctx: &Ctx<'_>, budget: &PodDisruptionBudget, why: &str) -> PodDisruptionBudgetStatus {
    let mut status = budget.status.clone();
    status.disruptions_allowed = 0;
    let condition = Condition {
        r#type: DISRUPTION_ALLOWED.into(),
        status: "False".into(),
        reason: "SyncFailed".into(),
        message: why.into(),
        observed_generation: status.observed_generation,
        ..Default::default()
    };
    status.conditions = condition.set_among(&status.conditions, ctx.now);
    status
}

/// The granted evictions whose pods are not seen to go yet. One that is too late is told of and forgotten.
/// Models: buildDisruptedPodMap.
fn still_disrupted(ctx: &Ctx<'_>, budget: &PodDisruptionBudget, pods: &[&Rc<Pod>], plan: &mut Plan) -> StrMap<Time> {
    let mut still = StrMap::default();
    for pod in pods.iter().filter(|pod| !pod.is_terminating()) {
        let Some(since) = budget.status.disrupted_pods.get(&pod.metadata.name) else { continue };
        let due = since.plus(TIMEOUT);
        if due < ctx.now {
            let namespace = &budget.metadata.namespace;
            // Upstream names the namespace twice, too.
            let message = format!("Pod was expected by PDB {namespace}/{namespace} to be deleted but it wasn't");
            plan.record(EventRecord::warning(&***pod, COMPONENT, "NotDeleted", message));
        } else {
            plan.recheck(due.since(ctx.now).max(SimDuration::from_millis(1)));
            still = still.with(&pod.metadata.name, *since);
        }
    }
    still
}

fn count_healthy(pods: &[&Rc<Pod>], disrupted: &StrMap<Time>) -> i32 {
    let counts = |pod: &&&Rc<Pod>| !pod.is_terminating() && !disrupted.has(&pod.metadata.name) && pod.is_ready();
    i32::try_from(pods.iter().filter(counts).count()).unwrap_or(i32::MAX)
}
