//! Nodes.

use super::text::{Text, moment, or_none};
use crate::call::Call;
use api::{Lease, Node, Pod, Quantity, ResourceList, age};
use serde_json::Value;

pub(super) fn describe(call: &Call<'_>, text: &mut Text, node: &Node) -> bool {
    let meta = &node.metadata;
    text.field(0, "Name", &meta.name);
    text.field(0, "Roles", or_none(&crate::print::roles(node)));
    text.labels("Labels", &meta.labels);
    text.annotations("Annotations", &meta.annotations);
    text.field(0, "CreationTimestamp", moment(meta.creation_timestamp));
    text.taints("Taints", &node.spec.taints);
    text.field(0, "Unschedulable", node.spec.unschedulable);
    lease(call, text, node);
    conditions(text, node);
    text.line(0, "Addresses:");
    for address in &node.status.addresses {
        text.field(1, &address.r#type, &address.address);
    }
    for (title, amounts) in [("Capacity:", &node.status.capacity), ("Allocatable:", &node.status.allocatable)] {
        if !amounts.is_empty() {
            text.line(0, title);
        }
        for (name, amount) in amounts.iter() {
            text.field(1, name, amount);
        }
    }
    system_info(text, node);
    pods(call, text, node);
    true
}

fn lease(call: &Call<'_>, text: &mut Text, node: &Node) {
    let name = &node.metadata.name;
    let Some(lease) = call.lister().get::<Lease>("kube-node-lease", name) else {
        let missing = format!("Failed to get lease: leases.coordination.k8s.io \"{name}\" not found");
        return text.field(0, "Lease", missing);
    };
    let unset = || "<unset>".to_owned();
    text.line(0, "Lease:");
    let holder = &lease.spec.holder_identity;
    text.field(1, "HolderIdentity", if holder.is_empty() { unset() } else { holder.to_string() });
    let acquired = lease.spec.rest.get("acquireTime").and_then(Value::as_str).and_then(api::Time::parse);
    text.field(1, "AcquireTime", acquired.map_or_else(unset, |at| moment(Some(at))));
    text.field(1, "RenewTime", lease.spec.renew_time.map_or_else(unset, |at| moment(Some(at.0))));
}

fn conditions(text: &mut Text, node: &Node) {
    if node.status.conditions.is_empty() {
        return;
    }
    text.line(0, "Conditions:");
    text.line(1, "Type\tStatus\tLastHeartbeatTime\tLastTransitionTime\tReason\tMessage");
    text.line(1, "----\t------\t-----------------\t------------------\t------\t-------");
    for condition in &node.status.conditions {
        let (heartbeat, transition) = (moment(condition.last_heartbeat_time), moment(condition.last_transition_time));
        let (kind, status) = (&condition.r#type, &condition.status);
        text.line(
            1,
            format_args!(
                "{kind} \t{status} \t{heartbeat} \t{transition} \t{} \t{}",
                condition.reason, condition.message
            ),
        );
    }
}

fn system_info(text: &mut Text, node: &Node) {
    const LINES: &[(&str, &str)] = &[
        ("Machine ID", "machineID"),
        ("System UUID", "systemUUID"),
        ("Boot ID", "bootID"),
        ("Kernel Version", "kernelVersion"),
        ("OS Image", "osImage"),
        ("Operating System", "operatingSystem"),
        ("Architecture", "architecture"),
        ("Container Runtime Version", "containerRuntimeVersion"),
        ("Kubelet Version", "kubeletVersion"),
    ];
    let info = node.status.rest.get("nodeInfo").unwrap_or(&Value::Null);
    text.line(0, "System Info:");
    for (label, field) in LINES {
        text.field(1, label, crate::fields::text(info, field));
    }
    if !node.spec.pod_cidr.is_empty() {
        text.field(0, "PodCIDR", &node.spec.pod_cidr);
    }
    if !node.spec.pod_cidrs.is_empty() {
        let all: Vec<&str> = node.spec.pod_cidrs.iter().map(|cidr| cidr.as_str()).collect();
        text.field(0, "PodCIDRs", all.join(","));
    }
    if !node.spec.provider_id.is_empty() {
        text.field(0, "ProviderID", &node.spec.provider_id);
    }
}

/// What the pods of the node ask for, and what that is of the whole. Models: describeNodeResource.
fn pods(call: &Call<'_>, text: &mut Text, node: &Node) {
    let pods = super::live_pods_on(call, &node.metadata.name);
    let whole = if node.status.allocatable.is_empty() { &node.status.capacity } else { &node.status.allocatable };
    text.field(0, "Non-terminated Pods", format_args!("({} in total)", pods.len()));
    text.line(1, "Namespace\tName\t\tCPU Requests\tCPU Limits\tMemory Requests\tMemory Limits\tAge");
    text.line(1, "---------\t----\t\t------------\t----------\t---------------\t-------------\t---");
    let (mut requests, mut limits) = (ResourceList::default(), ResourceList::default());
    for pod in &pods {
        let (asks, may_use) = (pod.requests(), pod_limits(pod));
        let share = |list: &ResourceList, name| share(list, whole, name);
        text.line(
            1,
            format_args!(
                "{}\t{}\t\t{}\t{}\t{}\t{}\t{}",
                pod.metadata.namespace,
                pod.metadata.name,
                share(&asks, "cpu"),
                share(&may_use, "cpu"),
                share(&asks, "memory"),
                share(&may_use, "memory"),
                age(call.now(), pod.metadata.creation_timestamp)
            ),
        );
        requests = sum(&requests, &asks);
        limits = sum(&limits, &may_use);
    }
    text.line(0, "Allocated resources:");
    text.line(1, "(Total limits may be over 100 percent, i.e., overcommitted.)");
    text.line(1, "Resource\tRequests\tLimits");
    text.line(1, "--------\t--------\t------");
    for name in ["cpu", "memory", "ephemeral-storage"] {
        text.line(1, format_args!("{name}\t{}\t{}", share(&requests, whole, name), share(&limits, whole, name)));
    }
    let standard = ["cpu", "memory", "ephemeral-storage", "pods"];
    for (name, _) in whole.iter().filter(|(name, _)| !standard.contains(&name.as_str())) {
        let (asks, may_use) = (amount(&requests, name), amount(&limits, name));
        if name.starts_with("hugepages-") {
            text.line(1, format_args!("{name}\t{}\t{}", share(&requests, whole, name), share(&limits, whole, name)));
        } else {
            text.line(1, format_args!("{name}\t{asks}\t{may_use}"));
        }
    }
}

fn amount(list: &ResourceList, name: &str) -> Quantity {
    list.get(name).cloned().unwrap_or_else(|| Quantity::decimal(0))
}

/// `100m (2%)`.
fn share(list: &ResourceList, whole: &ResourceList, name: &str) -> String {
    let part = amount(list, name);
    let of = amount(whole, name).milli();
    let percent = if of == 0 { 0 } else { i128::from(part.milli()) * 100 / i128::from(of) };
    format!("{part} ({percent}%)")
}

fn sum(a: &ResourceList, b: &ResourceList) -> ResourceList {
    b.iter().fold(a.clone(), |sum, (name, more)| {
        let total = sum.get(name).map_or_else(|| more.clone(), |have| have.plus(more));
        sum.with(name, total)
    })
}

/// The most a pod may use; the same rule as for its requests.
fn pod_limits(pod: &Pod) -> ResourceList {
    let mut copy = pod.clone();
    let swap = |containers: &api::List<api::Container>| {
        let swapped = containers.iter().map(|container| {
            let mut container = container.clone();
            container.resources.requests = container.resources.limits.clone();
            container
        });
        swapped.collect()
    };
    copy.spec.containers = swap(&pod.spec.containers);
    copy.spec.init_containers = swap(&pod.spec.init_containers);
    copy.requests()
}
