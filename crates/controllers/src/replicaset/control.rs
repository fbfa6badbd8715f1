//! One pass over what keeps a number of equal pods: claims, creations, deletions, the status.
//! Models: syncReplicaSet and manageReplicas in pkg/controller/replicaset/replica_set.go.

use super::{status, victims};
use crate::Ctx;
use crate::pod_control::{Owner, claim_among, create_pod, delete_pod, look_time, next_availability, pod_from_template};
use api::{LabelSelector, Namespace, Pod, PodTemplateSpec, ReplicaSetStatus, Resource};
use apiserver::{Plan, Step, Wait, Write};
use sim::SimDuration;
use std::rc::Rc;

/// The most pods made or deleted in one pass.
const BURST_REPLICAS: usize = 500;

/// An object that keeps a number of equal pods.
pub(crate) trait Replicated: Resource {
    /// Who records its events.
    const COMPONENT: &'static str;
    /// The page of the documentation that is about it.
    const DOCS: &'static str;
    /// Whether its status counts pods on their way out.
    const COUNTS_TERMINATING: bool;
    /// How many pods it wants.
    fn replicas(&self) -> i32;
    /// Which pods are its own.
    fn selector(&self) -> LabelSelector;
    /// What its pods look like.
    fn template(&self) -> Option<&Rc<PodTemplateSpec>>;
    /// Seconds a pod must be Ready to count as available.
    fn min_ready_seconds(&self) -> i32;
    /// What there is of it.
    fn status(&self) -> &ReplicaSetStatus;
    /// The same with another status.
    fn with_status(&self, status: ReplicaSetStatus) -> Self;
}

/// Whether a pod counts as a replica. Models: IsPodActive.
pub(super) fn is_active(pod: &Pod) -> bool {
    !pod.is_finished() && !pod.is_terminating()
}

/// Plans what is to be done about a set. `siblings` are the pods among which a scale-down evens out the nodes.
pub(crate) fn reconcile<'a, T: Replicated>(
    ctx: &Ctx<'_>,
    set: &T,
    siblings: impl FnOnce() -> Vec<&'a Rc<Pod>>,
) -> Plan {
    let mut plan = Plan::default();
    let selector = set.selector();
    let owner = Owner::new(set, &selector);
    let wanted = usize::try_from(set.replicas()).unwrap_or(0);
    if let Some(tally) = status::tally(ctx, set, &owner).filter(|tally| tally.active == wanted) {
        // What most passes find: as many pods as are wanted, and only the counts may have changed.
        plan.took = look_time(3 * tally.owned);
        let terminating = T::COUNTS_TERMINATING.then_some(tally.leaving);
        status::update(set, tally.counts, terminating, None, &mut plan);
        return plan;
    }
    let owned: Vec<&Rc<Pod>> = ctx.lister.owned::<Pod>(&set.meta().uid).collect();
    let pods = claim_among(&owner, ctx.lister, owned.iter().copied(), is_active, |_| true, &mut plan);
    // Each pod is looked at to be claimed, to be counted and to be ranked.
    plan.took = look_time(3 * owned.len());
    let mut reason = "";
    if !set.meta().is_terminating() {
        if pods.len() < wanted {
            reason = "FailedCreate";
            create(ctx, set, &owner, wanted - pods.len(), &mut plan);
        } else if pods.len() > wanted {
            reason = "FailedDelete";
            let surplus = (pods.len() - wanted).min(BURST_REPLICAS);
            let doomed = victims::choose(&pods, siblings, surplus, ctx.now);
            let delete = |pod: &Rc<Pod>| Step { keep_going: true, ..delete_pod(set, T::COMPONENT, pod) };
            plan.steps.extend(doomed.iter().map(delete));
        }
    }
    let terminating = T::COUNTS_TERMINATING.then(|| count_terminating(&owned, &owner));
    let failing = (!reason.is_empty()).then_some((reason, ctx.now));
    status::update(set, status::count(ctx, set, &pods), terminating, failing, &mut plan);
    let min_ready = set.min_ready_seconds();
    if min_ready > 0
        && let Some(next) = next_availability(&pods, min_ready, ctx.now)
    {
        plan.requeue(next.max(SimDuration::from_millis(1)));
    }
    wait_for_failure(set, wanted.saturating_sub(pods.len()), &mut plan);
    plan
}

/// Creates pods in batches that double in size; the first batch in which one fails is the last.
/// Models: slowStartBatch.
fn create<T: Replicated>(ctx: &Ctx<'_>, set: &T, owner: &Owner<'_>, missing: usize, plan: &mut Plan) {
    let namespace = ctx.lister.get::<Namespace>("", &set.meta().namespace);
    // Everything in it is on its way out: nothing can be made, and nobody needs to hear of it.
    if namespace.is_some_and(|namespace| namespace.metadata.is_terminating()) {
        return;
    }
    let Some(template) = set.template() else { return };
    let pod = pod_from_template(template, owner);
    let (mut remaining, mut batch) = (missing.min(BURST_REPLICAS), 1);
    while remaining > 0 {
        let size = batch.min(remaining);
        let create = || Step { keep_going: true, ..create_pod(set, T::COMPONENT, pod.clone()) };
        plan.steps.extend(std::iter::repeat_with(create).take(size));
        remaining -= size;
        batch *= 2;
        if remaining > 0 {
            plan.write(Write::StopIfFailed);
        }
    }
}

/// The pods on their way out that still run. Models: FilterTerminatingPods, FilterClaimedPods.
fn count_terminating(owned: &[&Rc<Pod>], owner: &Owner<'_>) -> i32 {
    let counts = |pod: &&&Rc<Pod>| {
        pod.is_terminating()
            && !pod.is_finished()
            && pod.metadata.is_controlled_by(&owner.meta.uid)
            && owner.selector.matches(&pod.metadata.labels)
    };
    i32::try_from(owned.iter().filter(counts).count()).unwrap_or(i32::MAX)
}

/// Says why pods are missing, as the status has it.
fn wait_for_failure<T: Replicated>(set: &T, missing: usize, plan: &mut Plan) {
    let Some(failure) = set.status().condition(status::FAILURE).filter(|_| missing > 0) else { return };
    let pods = if missing == 1 { "1 pod is".to_owned() } else { format!("{missing} pods are") };
    plan.waits.push(Wait {
        who: set.key(),
        awaits: Vec::new(),
        rule: failure.reason.clone(),
        message: format!("{pods} missing: {}; it is tried again later each time", failure.message),
        doc: T::DOCS,
    });
}
