//! The regular look at the heartbeats. Models: monitorNodeHealth, tryUpdateNodeHealth, processTaintBaseEviction and
//! pkg/controller/util/node MarkPodsNotReady.
//!
//! Upstream remembers when it saw the last heartbeat; here the heartbeat's own time counts, which needs no memory and
//! differs by less than one look. What is remembered is whether all nodes were lost: once one of them answers again,
//! the silence of the others counts from that moment (handleDisruption).

use super::{COMPONENT, taints, zones};
use crate::{Ctx, Decision, FailureRun};
use api::{Lease, Node, NodeCondition, Pod, Resource, Time, Version};
use apiserver::{EventRecord, Plan, Step, Wait, Write};
use sim::SimDuration;

/// Silence after which a node counts as lost.
const GRACE: SimDuration = SimDuration::from_secs(50);
/// The same for a node that has never said anything.
const STARTUP_GRACE: SimDuration = SimDuration::from_secs(60);
/// Silence worth mentioning: one heartbeat, due every 10 s, was missed.
const NOTICEABLE: SimDuration = SimDuration::from_secs(20);
/// Under this name it is remembered whether no node answers (one failure), and when that was over the last time.
const ALL_LOST: &str = "nodelifecycle/all-lost";
/// Namespace of the nodes' leases.
const LEASES: &str = "kube-node-lease";
/// The conditions that a kubelet reports, in the order in which missing ones are added.
const REPORTED: [&str; 4] = ["Ready", "MemoryPressure", "DiskPressure", "PIDPressure"];

/// Marks the nodes that have fallen silent, and the pods on them; takes NoExecute taints off those that are back.
pub(super) fn look(ctx: &Ctx<'_>) -> Decision {
    let mut plan = Plan::default();
    let mut lost = Vec::new();
    let memory = ctx.back_off.run(ALL_LOST);
    for node in ctx.lister.list::<Node>() {
        let last = last_sign_of_life(ctx, node);
        let since = memory.last.map_or(last, |over| over.max(last));
        let silence = ctx.now.since(since);
        let ready = node.condition("Ready");
        let grace = if ready.is_some() { GRACE } else { STARTUP_GRACE };
        let known_as_lost = ready.is_some_and(|c| c.status == "Unknown");
        if silence > grace && !known_as_lost {
            mark_lost(ctx, node, &mut plan);
            lost.push(node.metadata.name.clone());
            taints::swap_no_execute(ctx, node, "Unknown", &mut plan);
        } else {
            if silence > NOTICEABLE && !known_as_lost {
                plan.waits.push(waits_for_heartbeat(node, last, since, grace));
            }
            if let Some(ready) = ready {
                taints::swap_no_execute(ctx, node, &ready.status, &mut plan);
            }
        }
    }
    // Once nobody answers, the fault is likely on this side: nobody is to be evicted.
    let is_over = !zones::nobody_answers(ctx.lister, &lost);
    if !is_over {
        for node in ctx.lister.list::<Node>() {
            taints::swap_no_execute(ctx, node, "True", &mut plan);
        }
    }
    let run = match (memory.failures, is_over) {
        (0, false) => Some(FailureRun { failures: 1, ..memory }),
        (1.., true) => Some(FailureRun { failures: 0, last: Some(ctx.now) }),
        _ => None,
    };
    Decision { plan, runs: run.map(|run| (ALL_LOST.into(), run)).into_iter().collect(), ..Default::default() }
}

/// When the kubelet last renewed its lease or reported the status.
fn last_sign_of_life(ctx: &Ctx<'_>, node: &Node) -> Time {
    let lease = ctx.lister.get::<Lease>(LEASES, &node.metadata.name).and_then(|lease| lease.spec.renew_time);
    let report = node.condition("Ready").and_then(|c| c.last_heartbeat_time);
    [node.metadata.creation_timestamp, lease.map(|time| time.0), report].into_iter().flatten().max().unwrap_or(ctx.now)
}

fn waits_for_heartbeat(node: &Node, last: Time, since: Time, grace: SimDuration) -> Wait {
    let from = if since > last { format!(" from {since}, when no longer all nodes were lost,") } else { String::new() };
    Wait {
        who: node.key(),
        awaits: Vec::new(),
        rule: "NodeHeartbeat".into(),
        message: format!(
            "the kubelet of {} was last heard of at {last}; after {}s of silence{from} the node counts as lost",
            node.metadata.name,
            grace.as_secs()
        ),
        doc: "concepts/architecture/nodes/#node-heartbeats",
    }
}

fn mark_lost(ctx: &Ctx<'_>, node: &Node, plan: &mut Plan) {
    let mut marked = node.clone();
    marked.status.conditions = unknown(node, ctx.now).into();
    let step =
        Step { write: Write::UpdateStatus(marked.into_object()), on_success: None, on_failure: None, keep_going: true };
    if !node.is_ready() {
        // It was not Ready before: its pods and its users know.
        return plan.steps.push(step);
    }
    let message = format!("Node {} status is now: NodeNotReady", node.metadata.name);
    let event = EventRecord::normal(node, COMPONENT, "NodeNotReady", message);
    plan.steps.push(Step { on_success: Some(event), ..step });
    for pod in ctx.lister.pods_on_node(&node.metadata.name) {
        mark_not_ready(pod, ctx.now, plan);
    }
}

fn unknown(node: &Node, now: Time) -> Vec<NodeCondition> {
    let mut conditions = node.status.conditions.to_vec();
    for name in REPORTED {
        match conditions.iter_mut().find(|c| c.r#type == name) {
            Some(condition) if condition.status == "Unknown" => {}
            Some(condition) => {
                condition.status = "Unknown".into();
                condition.reason = "NodeStatusUnknown".into();
                condition.message = "Kubelet stopped posting node status.".into();
                condition.last_transition_time = Some(now);
            }
            None => conditions.push(NodeCondition {
                r#type: name.into(),
                status: "Unknown".into(),
                reason: "NodeStatusNeverUpdated".into(),
                message: "Kubelet never posted node status.".into(),
                last_heartbeat_time: node.metadata.creation_timestamp,
                last_transition_time: Some(now),
                ..Default::default()
            }),
        }
    }
    conditions
}

/// Endpoints and available counts are to drop although nobody knows what has become of the pod; all else stays.
fn mark_not_ready(pod: &Pod, now: Time, plan: &mut Plan) {
    let Some(ready) = pod.status.condition("Ready").filter(|c| c.status != "False") else { return };
    let mut marked = pod.clone();
    marked.status.set_condition(api::PodCondition { status: "False".into(), ..ready.clone() }, now);
    marked.metadata.resource_version = Version::default();
    plan.steps.push(Step {
        write: Write::UpdateStatus(marked.into_object()),
        on_success: Some(EventRecord::warning(pod, COMPONENT, "NodeNotReady", "Node is not ready")),
        on_failure: None,
        keep_going: true,
    });
}
