//! Whether a node takes a pod that is bound to it.
//! Models: pkg/kubelet/lifecycle/predicate.go, pkg/scheduler AdmissionCheck (the filters a kubelet repeats).

use crate::machine::Granted;
use api::{ContainerPort, Node, Pod, Quantity, Str};

/// Why a pod is refused: the word that becomes its reason, and the sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) reason: Str,
    pub(crate) message: String,
}

/// Says why the node refuses the pod; `others` are its pods that have not ended.
pub(crate) fn refusal<'a>(
    pod: &Pod,
    node: &Node,
    granted: &Granted,
    others: impl Iterator<Item = &'a Pod>,
) -> Option<Refusal> {
    if let Some(refusal) = lacks_resources(pod, node, granted) {
        return Some(refusal);
    }
    let predicate = |name: &str, why: &str| {
        Some(Refusal { reason: name.into(), message: format!("Predicate {name} failed: {why}") })
    };
    if !pod.spec.matches_node(node) {
        return predicate("NodeAffinity", "node(s) didn't match Pod's node affinity/selector");
    }
    if takes_used_port(pod, others) {
        return predicate("NodePorts", "node(s) didn't have free ports for the requested pod ports");
    }
    let untolerated = node
        .spec
        .taints
        .iter()
        .any(|taint| taint.effect == "NoExecute" && !pod.spec.tolerations.iter().any(|t| t.tolerates(taint)));
    if untolerated {
        return predicate("TaintToleration", "node(s) had untolerated taint(s)");
    }
    None
}

/// The first resource that is short, in upstream's order. CPU counts in thousandths, the rest in whole units.
fn lacks_resources(pod: &Pod, node: &Node, granted: &Granted) -> Option<Refusal> {
    let out_of = |resource: &str, requested: i64, used: i64, capacity: i64| Refusal {
        reason: format!("OutOf{resource}").into(),
        message: format!(
            "Node didn't have enough resource: {resource}, requested: {requested}, used: {used}, capacity: {capacity}"
        ),
    };
    let allocatable = |resource: &str| node.status.allocatable.get(resource).map_or(0, Quantity::milli);
    let pods = allocatable("pods") / 1000;
    if granted.pods() + 1 > pods {
        return Some(out_of("pods", 1, granted.pods(), pods));
    }
    let requests = pod.requests();
    let first = ["cpu", "memory", "ephemeral-storage"];
    let rest = requests.iter().map(|(name, _)| name.as_str()).filter(|name| !first.contains(name));
    for resource in first.into_iter().chain(rest) {
        let Some(wanted) = requests.get(resource).map(Quantity::milli).filter(|milli| *milli > 0) else { continue };
        // An extended resource that the node does not know is somebody else's to check.
        if !first.contains(&resource) && !node.status.allocatable.has(resource) {
            continue;
        }
        let (used, capacity) = (granted.amount(resource), allocatable(resource));
        if wanted > capacity - used {
            let unit = if resource == "cpu" { 1 } else { 1000 };
            return Some(out_of(resource, wanted / unit, used / unit, capacity / unit));
        }
    }
    None
}

fn takes_used_port<'a>(pod: &Pod, others: impl Iterator<Item = &'a Pod>) -> bool {
    if host_ports(pod).next().is_none() {
        return false;
    }
    let everywhere = |ip: &Str| ip.is_empty() || ip == "0.0.0.0";
    let clash = |a: &ContainerPort, b: &ContainerPort| {
        a.host_port == b.host_port
            && a.protocol == b.protocol
            && (everywhere(&a.host_ip) || everywhere(&b.host_ip) || a.host_ip == b.host_ip)
    };
    let mut others = others;
    others.any(|other| host_ports(other).any(|used| host_ports(pod).any(|wanted| clash(wanted, used))))
}

fn host_ports(pod: &Pod) -> impl Iterator<Item = &ContainerPort> {
    pod.spec.containers.iter().flat_map(|c| c.ports.iter()).filter(|port| port.host_port > 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use api::{Kind, Object, Resource};
    use expect_test::{Expect, expect};
    use serde_json::{Value, json};

    fn check(spec: Value, expect: Expect) {
        let pod = |spec: Value| {
            let object = Object::read(Kind::Pod, json!({"metadata": {"name": "p"}, "spec": spec}));
            Pod::from_object(&object).cloned().expect("a pod")
        };
        let node = Object::read(
            Kind::Node,
            json!({
                "metadata": {"name": "n", "labels": {"disk": "hdd", "rank": "5"}},
                "spec": {"taints": [{"key": "gone", "effect": "NoExecute"}, {"key": "x", "effect": "NoSchedule"}]},
                "status": {"allocatable": {"cpu": "1", "memory": "1Gi", "pods": "3"}},
            }),
        );
        let node = Node::from_object(&node).cloned().expect("a node");
        let other = pod(json!({"containers": [{"name": "a", "resources": {"requests": {"cpu": "100m"}},
            "ports": [{"containerPort": 80, "hostPort": 80, "protocol": "TCP"}]}]}));
        let mut granted = Granted::default();
        granted.add(&other);
        let answer = refusal(&pod(spec), &node, &granted, std::iter::once(&*other));
        let text = answer.map_or("admitted".to_owned(), |r| format!("{}: {}", r.reason, r.message));
        expect.assert_eq(&text);
    }

    #[test]
    fn refusals() {
        let tolerant = json!([{"key": "gone", "operator": "Exists"}]);
        let container = |more: Value| {
            let mut c = json!({"name": "a", "image": "nginx"});
            c.as_object_mut().expect("a map").extend(more.as_object().cloned().unwrap_or_default());
            json!([c])
        };
        check(json!({"containers": container(json!({})), "tolerations": tolerant}), expect!["admitted"]);
        check(
            json!({"containers": container(json!({"resources": {"requests": {"cpu": "900"}}})), "tolerations": tolerant}),
            expect!["OutOfcpu: Node didn't have enough resource: cpu, requested: 900000, used: 100, capacity: 1000"],
        );
        check(
            json!({"containers": container(json!({"resources": {"requests": {"memory": "2Gi"}}})), "tolerations": tolerant}),
            expect![
                "OutOfmemory: Node didn't have enough resource: memory, requested: 2147483648, used: 0, capacity: 1073741824"
            ],
        );
        check(
            json!({"containers": container(json!({})), "nodeSelector": {"disk": "ssd"}}),
            expect!["NodeAffinity: Predicate NodeAffinity failed: node(s) didn't match Pod's node affinity/selector"],
        );
        let ports = json!({"ports": [{"containerPort": 8080, "hostPort": 80, "protocol": "TCP"}]});
        check(
            json!({"containers": container(ports), "tolerations": tolerant}),
            expect![
                "NodePorts: Predicate NodePorts failed: node(s) didn't have free ports for the requested pod ports"
            ],
        );
        check(
            json!({"containers": container(json!({}))}),
            expect!["TaintToleration: Predicate TaintToleration failed: node(s) had untolerated taint(s)"],
        );
    }
}
