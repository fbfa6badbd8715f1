//! The taints that follow from what is known of a node. Models: doNoScheduleTaintingPass, reconcileNodeLabels,
//! processTaintBaseEviction and markNodeAsReachable.

use crate::Ctx;
use api::{Node, Resource, Str, Taint, Time, Version};
use apiserver::{Plan, Step, Write};

/// Ready is False.
pub(super) const NOT_READY: &str = "node.kubernetes.io/not-ready";
/// Ready is Unknown.
pub(super) const UNREACHABLE: &str = "node.kubernetes.io/unreachable";
const UNSCHEDULABLE: &str = "node.kubernetes.io/unschedulable";

/// Which status of which condition keeps new pods away, and by which taint.
const BY_CONDITION: [(&str, &str, &str); 6] = [
    ("Ready", "False", NOT_READY),
    ("Ready", "Unknown", UNREACHABLE),
    ("MemoryPressure", "True", "node.kubernetes.io/memory-pressure"),
    ("DiskPressure", "True", "node.kubernetes.io/disk-pressure"),
    ("NetworkUnavailable", "True", "node.kubernetes.io/network-unavailable"),
    ("PIDPressure", "True", "node.kubernetes.io/pid-pressure"),
];

/// The labels that repeat another one under an old name.
const OLD_NAMES: [(&str, &str); 2] =
    [("kubernetes.io/os", "beta.kubernetes.io/os"), ("kubernetes.io/arch", "beta.kubernetes.io/arch")];

/// Brings the NoSchedule taints in line with conditions and cordon, and the old names of labels with the new.
pub(super) fn keep_current(ctx: &Ctx<'_>, node: &Node, plan: &mut Plan) {
    let holds = |(name, status, _): &&(&str, &str, &str)| node.condition(name).is_some_and(|c| c.status == *status);
    let mut wanted: Vec<&str> = BY_CONDITION.iter().filter(holds).map(|(_, _, key)| *key).collect();
    if node.spec.unschedulable {
        wanted.push(UNSCHEDULABLE);
    }
    let ours = |key: &str| key == UNSCHEDULABLE || BY_CONDITION.iter().any(|(_, _, k)| *k == key);
    let stale: Vec<&Taint> = no_schedule(node).filter(|t| ours(&t.key) && !wanted.contains(&t.key.as_str())).collect();
    let missing = wanted.iter().filter(|key| no_schedule(node).all(|t| t.key != **key));
    let mut taints: Vec<Taint> = node.spec.taints.iter().filter(|t| !stale.contains(t)).cloned().collect();
    taints.extend(missing.map(|key| taint(key, "NoSchedule", ctx.now)));
    let mut changed = node.clone();
    changed.spec.taints = taints.into();
    for (new, old) in OLD_NAMES {
        let labels = &node.metadata.labels;
        if let Some(value) = labels.get(new).filter(|value| labels.get(old) != Some(value)) {
            changed.metadata.labels = changed.metadata.labels.with(old, value.clone());
        }
    }
    write(node, changed, plan);
}

fn no_schedule(node: &Node) -> impl Iterator<Item = &Taint> {
    node.spec.taints.iter().filter(|t| t.effect == "NoSchedule")
}

/// Takes NoExecute taints off a node that is Ready; turns the one of the other state into the right one. Nodes that
/// have neither wait for their turn in [`super::zones`].
pub(super) fn swap_no_execute(ctx: &Ctx<'_>, node: &Node, ready: &str, plan: &mut Plan) {
    let (right, wrong): (&str, &[&str]) = match ready {
        "True" => ("", &[NOT_READY, UNREACHABLE]),
        "False" => (NOT_READY, &[UNREACHABLE]),
        _ => (UNREACHABLE, &[NOT_READY]),
    };
    if !wrong.iter().any(|key| has_no_execute(node, key)) {
        return;
    }
    let kept = node.spec.taints.iter().filter(|t| t.effect != "NoExecute" || !wrong.contains(&t.key.as_str()));
    let mut changed = node.clone();
    changed.spec.taints = kept.cloned().collect();
    if !right.is_empty() {
        changed.spec.taints = with_no_execute(ctx, &changed, right);
    }
    write(node, changed, plan);
}

/// Gives a node the NoExecute taint of its state.
pub(super) fn add_no_execute(ctx: &Ctx<'_>, node: &Node, key: &str, plan: &mut Plan) {
    let mut changed = node.clone();
    changed.spec.taints = with_no_execute(ctx, node, key);
    write(node, changed, plan);
}

/// Whether a node has this NoExecute taint.
pub(super) fn has_no_execute(node: &Node, key: &str) -> bool {
    node.spec.taints.iter().any(|t| t.effect == "NoExecute" && t.key == *key)
}

fn with_no_execute(ctx: &Ctx<'_>, node: &Node, key: &str) -> api::List<Taint> {
    let others = node.spec.taints.iter().filter(|t| t.effect != "NoExecute" || t.key != *key).cloned();
    others.chain([taint(key, "NoExecute", ctx.now)]).collect()
}

fn taint(key: &str, effect: &str, now: Time) -> Taint {
    Taint { key: key.into(), effect: effect.into(), value: Str::default(), time_added: Some(now), ..Default::default() }
}

fn write(node: &Node, mut changed: Node, plan: &mut Plan) {
    if changed == *node {
        return;
    }
    // The same plan may have written its status before.
    changed.metadata.resource_version = Version::default();
    let write = Write::Update(changed.into_object());
    plan.steps.push(Step { write, on_success: None, on_failure: None, keep_going: true });
}
