//! The Node object and its Lease, as a kubelet registers and renews them.
//! Models: pkg/kubelet/kubelet_node_status.go, pkg/kubelet/nodestatus/setters.go,
//! staging/src/k8s.io/component-helpers/apimachinery/lease.

use crate::machine::Machine;
use api::{
    Kind, Lease, LeaseSpec, List, MicroTime, Node, NodeAddress, NodeCondition, NodeSpec, NodeStatus, ObjectMeta,
    OwnerReference, Quantity, Resource, ResourceList, Rest, Str, StrMap, Taint, Time,
};
use apiserver::{EventRecord, Lister, Plan, Write};
use serde_json::json;
use sim::SimDuration;

/// Namespace of the leases of nodes.
const LEASES: &str = "kube-node-lease";
/// Seconds a lease is good for.
const LEASE_SECONDS: i32 = 40;
/// The status is reported this often even if nothing in it changes.
const REPORT_EVERY: SimDuration = SimDuration::from_secs(300);
/// Version of the kubelet.
const VERSION: &str = "v1.36.2";
/// Keeps pods away until the node has been Ready once.
const NOT_READY: &str = "node.kubernetes.io/not-ready";

/// The Node that a kubelet registers.
pub(crate) fn new_node(machine: &Machine, ready: bool, now: Time) -> Node {
    let spec = &machine.spec;
    let name = &spec.name;
    let usual = [
        ("beta.kubernetes.io/arch", "amd64"),
        ("beta.kubernetes.io/os", "linux"),
        ("kubernetes.io/arch", "amd64"),
        ("kubernetes.io/hostname", name.as_str()),
        ("kubernetes.io/os", "linux"),
    ];
    let labels = usual.iter().map(|(k, v)| (Str::from(*k), Str::from(*v))).chain(spec.labels.iter().cloned());
    let annotations =
        [("node.alpha.kubernetes.io/ttl", "0"), ("volumes.kubernetes.io/controller-managed-attach-detach", "true")];
    let mut taints = spec.taints.clone();
    if !ready {
        taints.push(Taint { key: NOT_READY.into(), effect: "NoSchedule".into(), ..Default::default() });
    }
    Node {
        metadata: ObjectMeta {
            name: name.clone(),
            labels: labels.collect(),
            annotations: annotations.iter().map(|(k, v)| (Str::from(*k), Str::from(*v))).collect(),
            ..Default::default()
        },
        spec: NodeSpec {
            pod_cidr: machine.pod_cidr(),
            pod_cidrs: vec![machine.pod_cidr()].into(),
            taints: taints.into(),
            ..Default::default()
        },
        status: NodeStatus { conditions: conditions(&[], ready, now), ..facts(machine) },
        rest: Rest::default(),
    }
}

/// What a node status says beside the conditions.
fn facts(machine: &Machine) -> NodeStatus {
    let spec = &machine.spec;
    let capacity: ResourceList = [
        ("cpu", spec.cpu.clone()),
        ("ephemeral-storage", Quantity::bytes(100 << 30)),
        ("memory", spec.memory.clone()),
        ("pods", Quantity::decimal(i64::from(spec.pods))),
    ]
    .into_iter()
    .map(|(name, amount)| (Str::from(name), amount))
    .collect();
    let address = |address: Str, kind: &str| NodeAddress { address, r#type: kind.into(), rest: Rest::default() };
    let info = json!({
        "architecture": "amd64", "bootID": boot_id(machine), "containerRuntimeVersion": "containerd://2.0.0",
        "kernelVersion": "6.1.0", "kubeProxyVersion": "", "kubeletVersion": VERSION, "machineID": spec.name.as_str(),
        "operatingSystem": "linux", "osImage": "Debian GNU/Linux 12 (bookworm)", "systemUUID": spec.name.as_str(),
    });
    NodeStatus {
        allocatable: capacity.clone(),
        capacity,
        conditions: List::default(),
        addresses: vec![address(machine.address(), "InternalIP"), address(spec.name.clone(), "Hostname")].into(),
        rest: Rest::default()
            .with("nodeInfo", info)
            .with("daemonEndpoints", json!({"kubeletEndpoint": {"Port": 10250}})),
    }
}

fn boot_id(machine: &Machine) -> String {
    match machine.boots {
        0 => machine.spec.name.to_string(),
        boots => format!("{}-{boots}", machine.spec.name),
    }
}

/// The conditions of a node that is well: type, status, reason, message.
const WELL: [(&str, &str, &str, &str); 3] = [
    ("MemoryPressure", "False", "KubeletHasSufficientMemory", "kubelet has sufficient memory available"),
    ("DiskPressure", "False", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
    ("PIDPressure", "False", "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
];

fn conditions(old: &[NodeCondition], ready: bool, now: Time) -> List<NodeCondition> {
    let readiness = if ready {
        ("Ready", "True", "KubeletReady", "kubelet is posting ready status")
    } else {
        (
            "Ready",
            "False",
            "KubeletNotReady",
            "container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady message:Network plugin returns error: cni plugin not initialized",
        )
    };
    let mut list: Vec<NodeCondition> = old.iter().filter(|c| !is_ours(&c.r#type)).cloned().collect();
    for (name, status, reason, message) in WELL.into_iter().chain([readiness]) {
        let since = old.iter().find(|c| c.r#type == name && c.status == status).and_then(|c| c.last_transition_time);
        list.push(NodeCondition {
            r#type: name.into(),
            status: status.into(),
            last_heartbeat_time: Some(now),
            last_transition_time: since.or(Some(now)),
            reason: reason.into(),
            message: message.into(),
            rest: Rest::default(),
        });
    }
    list.into()
}

fn is_ours(name: &str) -> bool {
    name == "Ready" || WELL.iter().any(|(ours, ..)| *ours == name)
}

/// An event that a kubelet records about its node.
pub(crate) fn node_event(node: &Node, reason: &str, message: String) -> EventRecord {
    EventRecord::normal(node, "kubelet", reason, message).on_host(&node.metadata.name)
}

/// The same, in the words of a change of its state.
fn now_is(node: &Node, state: &str) -> EventRecord {
    node_event(node, state, format!("Node {} status is now: {state}", node.metadata.name))
}

/// What a kubelet that has started writes: the node's status, and what it has found out.
pub(crate) fn started(machine: &Machine, node: &Node, now: Time) -> Plan {
    let mut plan = Plan::default();
    plan.record(node_event(node, "Starting", "Starting kubelet.".to_owned()));
    if machine.boots > 0 {
        let message = format!("Node {} has been rebooted, boot id: {}", node.metadata.name, boot_id(machine));
        plan.record(EventRecord::warning(node, "kubelet", "Rebooted", message).on_host(&node.metadata.name));
    }
    for state in ["NodeHasSufficientMemory", "NodeHasNoDiskPressure", "NodeHasSufficientPID"] {
        plan.record(now_is(node, state));
    }
    let allocatable = "Updated Node Allocatable limit across pods".to_owned();
    plan.record(node_event(node, "NodeAllocatableEnforced", allocatable));
    if !node.is_ready() {
        plan.record(now_is(node, "NodeReady"));
    }
    plan.write(Write::UpdateStatus(with_status(machine, node, now).into_object()));
    plan
}

fn with_status(machine: &Machine, node: &Node, now: Time) -> Node {
    let mut facts = facts(machine);
    // What others keep in the status (extended resources, attached volumes) stays.
    for (field, value) in node.status.rest.iter() {
        if facts.rest.get(field).is_none() {
            facts.rest = facts.rest.with(field, value.clone());
        }
    }
    let more = |ours: &ResourceList, theirs: &ResourceList| {
        theirs.iter().filter(|(k, _)| !ours.has(k)).fold(ours.clone(), |list, (k, v)| list.with(k, v.clone()))
    };
    let status = NodeStatus {
        capacity: more(&facts.capacity, &node.status.capacity),
        allocatable: more(&facts.allocatable, &node.status.allocatable),
        conditions: conditions(&node.status.conditions, true, now),
        ..facts
    };
    Node { status, ..node.clone() }
}

/// A heartbeat: the lease is renewed, and the status is reported if it is due or somebody else has changed it.
pub(crate) fn heartbeat(machine: &mut Machine, lister: Lister<'_>, now: Time) -> Plan {
    let mut plan = Plan::default();
    let name = &machine.spec.name;
    let node = lister.get::<Node>("", name);
    renew_lease(name, node.map(|n| &n.metadata.uid), lister, now, &mut plan);
    let Some(node) = node else { return plan };
    if node.spec.unschedulable != machine.cordoned {
        machine.cordoned = node.spec.unschedulable;
        plan.record(now_is(node, if machine.cordoned { "NodeNotSchedulable" } else { "NodeSchedulable" }));
    }
    let due = machine.reported.is_none_or(|last| now.since(last) >= REPORT_EVERY);
    if due || !node.is_ready() {
        if !node.is_ready() {
            plan.record(now_is(node, "NodeReady"));
        }
        machine.reported = Some(now);
        plan.write(Write::UpdateStatus(with_status(machine, node, now).into_object()));
    }
    plan
}

/// Renews the lease, or creates it if its node is there to own it.
fn renew_lease(name: &Str, node_uid: Option<&Str>, lister: Lister<'_>, now: Time, plan: &mut Plan) {
    if let Some(lease) = lister.get::<Lease>(LEASES, name) {
        let mut renewed = Lease::clone(lease);
        renewed.spec.renew_time = Some(MicroTime(now));
        return plan.write(Write::Update(renewed.into_object()));
    }
    let Some(uid) = node_uid else { return };
    let owner = OwnerReference {
        api_version: "v1".into(),
        kind: Kind::Node.type_meta().1.into(),
        name: name.clone(),
        uid: uid.clone(),
        ..Default::default()
    };
    let lease = Lease {
        metadata: ObjectMeta {
            name: name.clone(),
            namespace: LEASES.into(),
            labels: StrMap::default(),
            owner_references: vec![owner].into(),
            ..Default::default()
        },
        spec: LeaseSpec {
            holder_identity: name.clone(),
            lease_duration_seconds: Some(LEASE_SECONDS),
            renew_time: Some(MicroTime(now)),
            rest: Rest::default(),
        },
        rest: Rest::default(),
    };
    plan.write(Write::Create(lease.into_object()));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::machine::{MachineSpec, Power};

    #[test]
    fn a_new_node_keeps_pods_away_until_it_is_ready() {
        let machine = Machine::new(MachineSpec::worker("node-4"), 4, Power::Booting);
        let now = Time::from_unix_millis(0);
        let node = new_node(&machine, false, now);
        assert!(!node.is_ready());
        assert_eq!(node.spec.taints[0].to_string(), "node.kubernetes.io/not-ready:NoSchedule");
        let ready = with_status(&machine, &node, now.plus(SimDuration::from_secs(3)));
        let since = |name: &str| ready.condition(name).and_then(|c| c.last_transition_time);
        assert!(ready.is_ready());
        assert_eq!((since("Ready"), since("PIDPressure")), (Some(Time::from_unix_millis(3000)), Some(now)));
        assert!(new_node(&machine, true, now).spec.taints.is_empty());
    }
}
