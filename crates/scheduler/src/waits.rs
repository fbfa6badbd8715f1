//! Why a pod has no node yet, in one sentence for people.

use crate::diagnosis::Histogram;
use crate::plugins::claim_names;
use api::{Kind, ObjectKey, Pod, Resource, Str};
use apiserver::Wait;

const ASSIGN: &str = "concepts/scheduling-eviction/assign-pod-node/";
const TAINTS: &str = "concepts/scheduling-eviction/taint-and-toleration/";
const RESOURCES: &str = "concepts/configuration/manage-resources-containers/";
const SPREAD: &str = "concepts/scheduling-eviction/topology-spread-constraints/";
const VOLUMES: &str = "concepts/storage/persistent-volumes/";
const CLASSES: &str = "concepts/storage/storage-classes/#volume-binding-mode";
const GATES: &str = "concepts/scheduling-eviction/pod-scheduling-readiness/";
const PREEMPTION: &str = "concepts/scheduling-eviction/pod-priority-preemption/";
const SCHEDULERS: &str = "tasks/extend-kubernetes/configure-multiple-schedulers/";
const NODES: &str = "concepts/architecture/nodes/";

/// Reasons that nodes are rejected for, what they mean for people (behind "N nodes"), and where to read on.
const MEANINGS: &[(&str, &str, &str)] = &[
    ("Insufficient ", "do not have enough free {}", RESOURCES),
    ("Too many pods", "already run as many pods as they may", RESOURCES),
    ("node(s) had untolerated taint(s)", "have a taint that it does not tolerate", TAINTS),
    ("node(s) were unschedulable", "are cordoned", NODES),
    ("node(s) didn't match Pod's node affinity/selector", "do not match its node selector or node affinity", ASSIGN),
    ("node(s) didn't have free ports", "have a host port that it wants taken already", RESOURCES),
    ("node(s) didn't match PersistentVolume's node affinity", "cannot reach its volume", VOLUMES),
    ("node(s) didn't find available persistent volumes to bind", "have no volume for its claims", VOLUMES),
    (
        "node(s) unavailable due to PersistentVolumeClaim with ReadWriteOncePod",
        "cannot mount a claim that another pod uses exclusively",
        VOLUMES,
    ),
    ("node(s) had no available volume zone", "are not in the zone of its volume", VOLUMES),
    (
        "node(s) didn't match pod topology spread constraints (missing",
        "lack a label that its spread constraints need",
        SPREAD,
    ),
    ("node(s) didn't match pod topology spread constraints", "would break its spread constraints", SPREAD),
    ("node(s) didn't match pod affinity rules", "are not near the pods that its affinity asks for", ASSIGN),
    ("node(s) didn't match pod anti-affinity rules", "have pods near that its anti-affinity avoids", ASSIGN),
    (
        "node(s) didn't satisfy existing pods anti-affinity rules",
        "have pods near whose anti-affinity avoids it",
        ASSIGN,
    ),
];

fn wait(pod: &Pod, rule: &str, message: String, awaits: Vec<ObjectKey>, doc: &'static str) -> Wait {
    Wait { who: pod.key(), awaits, rule: rule.into(), message, doc }
}

/// No node fits.
pub(crate) fn no_fit(pod: &Pod, nodes: usize, reasons: &Histogram<'_>) -> Wait {
    let main = reasons.iter().filter(|(reason, _)| !reason.starts_with("node(s) didn't satisfy plugin(s)"));
    // The most frequent reason is the main one; if all nodes but the one that the pod is pinned to are out of the
    // question, it is that node's.
    let Some((reason, count)) = main.max_by_key(|(_, count)| **count) else {
        return wait(
            pod,
            "FailedScheduling",
            "It is pinned to a node that does not exist.".to_owned(),
            Vec::new(),
            ASSIGN,
        );
    };
    let known = MEANINGS.iter().find(|(start, ..)| reason.starts_with(start));
    let (meaning, doc) = match known {
        Some((start, meaning, doc)) => (meaning.replace("{}", &reason[start.len()..]), *doc),
        None => (format!("were rejected: {reason}"), ASSIGN),
    };
    let message = format!("It fits no node: {} {}.", of_nodes(*count, nodes), singular(*count, &meaning));
    wait(pod, "FailedScheduling", message, Vec::new(), doc)
}

fn of_nodes(count: usize, nodes: usize) -> String {
    match (count, nodes) {
        (1, 1) => "the only node".to_owned(),
        (count, nodes) if count == nodes => format!("all {nodes} nodes"),
        (count, nodes) => format!("{count} of {nodes} nodes"),
    }
}

/// The verb of a single node.
fn singular(count: usize, meaning: &str) -> String {
    if count != 1 {
        return meaning.to_owned();
    }
    let verbs = [
        ("do not ", "does not "),
        ("have ", "has "),
        ("are ", "is "),
        ("were ", "was "),
        ("lack ", "lacks "),
        ("already run", "already runs"),
    ];
    let found = verbs.iter().find_map(|(many, one)| meaning.strip_prefix(many).map(|rest| format!("{one}{rest}")));
    found.unwrap_or_else(|| meaning.to_owned()).replace("pods as they may", "pods as it may")
}

/// It was rejected before any node was looked at, for this reason.
pub(crate) fn rejected(pod: &Pod, reason: &str) -> Wait {
    let claims = || claim_names(pod).map(|(name, _)| claim_key(pod, &name));
    let named = |key: &ObjectKey| reason.contains(&format!("\"{}\"", key.name));
    let (mut awaits, mut message) = (claims().filter(named).collect::<Vec<_>>(), format!("It fits no node: {reason}."));
    if reason.starts_with("pod has unbound immediate") {
        awaits = claims().collect();
        message = "It waits until its claims are bound to volumes.".to_owned();
    } else if let ([claim], true) = (awaits.as_slice(), reason.ends_with("not found")) {
        message = format!("Its claim {} does not exist.", claim.name);
    } else if let ([claim], true) = (awaits.as_slice(), reason.ends_with("is being deleted")) {
        message = format!("Its claim {} is being deleted.", claim.name);
    }
    let doc = if awaits.is_empty() { ASSIGN } else { VOLUMES };
    wait(pod, "FailedScheduling", message, awaits, doc)
}

/// There is no node.
pub(crate) fn no_nodes(pod: &Pod) -> Wait {
    wait(pod, "FailedScheduling", "The cluster has no nodes.".to_owned(), Vec::new(), NODES)
}

/// Pods of lower priority make room for it.
pub(crate) fn preempting(pod: &Pod, node: &Str, victims: Vec<ObjectKey>) -> Wait {
    let count = victims.len();
    let pods = if count == 1 { "a pod" } else { "pods" };
    let message = format!("It waits for {pods} of lower priority to leave {node}.");
    wait(pod, "Preemption", message, victims, PREEMPTION)
}

/// It has a node and waits for its volumes.
pub(crate) fn volumes(pod: &Pod, node: &Str, claims: Vec<ObjectKey>) -> Wait {
    let names: Vec<&str> = claims.iter().map(|claim| claim.name.as_str()).collect();
    let message = format!("It goes to {node} as soon as a volume is bound to {}.", names.join(" and "));
    wait(pod, "WaitForFirstConsumer", message, claims, CLASSES)
}

/// It is held back by scheduling gates.
pub(crate) fn gated(pod: &Pod) -> Wait {
    let gates: Vec<&str> = pod.spec.scheduling_gates.iter().map(|gate| gate.name.as_str()).collect();
    let gates = gates.join(", ");
    wait(
        pod,
        "SchedulingGated",
        format!("It is not scheduled until its gates are removed: {gates}."),
        Vec::new(),
        GATES,
    )
}

/// It asks for a scheduler that does not run here.
pub(crate) fn foreign(pod: &Pod) -> Wait {
    let name = &pod.spec.scheduler_name;
    let message = format!("It asks for the scheduler {name}, and no such scheduler runs in this cluster.");
    wait(pod, "OtherScheduler", message, Vec::new(), SCHEDULERS)
}

/// Something went wrong; it will be tried again.
pub(crate) fn failed(pod: &Pod, error: &str) -> Wait {
    wait(pod, "FailedScheduling", format!("Scheduling it failed and is tried again: {error}."), Vec::new(), ASSIGN)
}

/// The key of a claim in the pod's namespace.
pub(crate) fn claim_key(pod: &Pod, name: &Str) -> ObjectKey {
    ObjectKey::new(Kind::PersistentVolumeClaim, pod.metadata.namespace.clone(), name.clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use api::Wire;
    use serde_json::json;

    #[test]
    fn the_main_cause_is_put_in_plain_words() {
        let volumes = json!([{"name": "v", "persistentVolumeClaim": {"claimName": "data"}}]);
        let pod = Pod::read(json!({"metadata": {"name": "p", "namespace": "ns"}, "spec": {"volumes": volumes}}));
        let said = |nodes: usize, reasons: &[(&'static str, usize)]| {
            no_fit(&pod, nodes, &reasons.iter().map(|(reason, count)| ((*reason).into(), *count)).collect()).message
        };
        let taint = "node(s) had untolerated taint(s)";
        assert_eq!(
            said(4, &[(taint, 1), ("Insufficient cpu", 3)]),
            "It fits no node: 3 of 4 nodes do not have enough free cpu."
        );
        assert_eq!(
            said(1, &[("Too many pods", 1)]),
            "It fits no node: the only node already runs as many pods as it may."
        );
        assert_eq!(said(2, &[(taint, 2)]), "It fits no node: all 2 nodes have a taint that it does not tolerate.");
        let pinned = "node(s) didn't satisfy plugin(s) [NodeAffinity]";
        assert_eq!(
            said(4, &[(pinned, 3), ("Insufficient cpu", 1)]),
            "It fits no node: 1 of 4 nodes does not have enough free cpu."
        );
        let missing = rejected(&pod, "persistentvolumeclaim \"data\" not found");
        assert_eq!((missing.message.as_str(), missing.awaits.len()), ("Its claim data does not exist.", 1));
    }
}
