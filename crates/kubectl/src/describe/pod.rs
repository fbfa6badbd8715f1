//! Pods.

use super::text::{Text, moment};
use super::{containers, template, volumes};
use crate::call::Call;
use api::{Pod, age};
use serde_json::Value;

pub(super) fn describe(call: &Call<'_>, text: &mut Text, pod: &Pod) -> bool {
    head(call, text, pod);
    if !pod.spec.init_containers.is_empty() {
        let statuses = &pod.status.init_container_statuses;
        containers::describe(text, "Init Containers", &pod.spec.init_containers, statuses, Some(pod), "");
    }
    containers::describe(text, "Containers", &pod.spec.containers, &pod.status.container_statuses, Some(pod), "");
    readiness_gates(text, pod);
    if !pod.status.conditions.is_empty() {
        text.line(0, "Conditions:");
        text.line(1, "Type\tStatus");
        for condition in &pod.status.conditions {
            text.line(1, format_args!("{} \t{} ", condition.r#type, condition.status));
        }
    }
    volumes::describe(text, &pod.spec.volumes, "");
    text.field(0, "QoS Class", &pod.status.qos_class);
    text.labels("Node-Selectors", &pod.spec.node_selector);
    text.tolerations("Tolerations", &pod.spec.tolerations);
    template::topology_spread_constraints(text, &pod.spec.topology_spread_constraints, "");
    true
}

fn head(call: &Call<'_>, text: &mut Text, pod: &Pod) {
    let (meta, spec, status) = (&pod.metadata, &pod.spec, &pod.status);
    text.field(0, "Name", &meta.name);
    text.field(0, "Namespace", &meta.namespace);
    if let Some(priority) = spec.priority {
        text.field(0, "Priority", priority);
    }
    if !spec.priority_class_name.is_empty() {
        text.field(0, "Priority Class Name", &spec.priority_class_name);
    }
    if let Some(runtime) = spec.rest.get("runtimeClassName").and_then(Value::as_str) {
        text.field(0, "Runtime Class Name", runtime);
    }
    if !spec.service_account_name.is_empty() {
        text.field(0, "Service Account", &spec.service_account_name);
    }
    if spec.node_name.is_empty() {
        text.field(0, "Node", "<none>");
    } else {
        text.field(0, "Node", format_args!("{}/{}", spec.node_name, status.host_ip));
    }
    if status.start_time.is_some() {
        text.field(0, "Start Time", moment(status.start_time));
    }
    text.labels("Labels", &meta.labels);
    text.annotations("Annotations", &meta.annotations);
    if meta.is_terminating() && !pod.is_finished() {
        text.field(0, "Status", format_args!("Terminating (lasts {})", age(call.now(), meta.deletion_timestamp)));
        let grace = meta.deletion_grace_period_seconds.unwrap_or(0);
        text.field(0, "Termination Grace Period", format_args!("{grace}s"));
    } else {
        text.field(0, "Status", &status.phase);
    }
    if !status.reason.is_empty() {
        text.field(0, "Reason", &status.reason);
    }
    if !status.message.is_empty() {
        text.field(0, "Message", &status.message);
    }
    text.field(0, "IP", &status.pod_ip);
    if status.pod_ips.is_empty() {
        text.field(0, "IPs", "<none>");
    } else {
        text.line(0, "IPs:");
        for address in &status.pod_ips {
            text.field(1, "IP", &address.ip);
        }
    }
    if let Some(owner) = super::controlled_by(meta) {
        text.field(0, "Controlled By", owner);
    }
    if !status.nominated_node_name.is_empty() {
        text.field(0, "NominatedNodeName", &status.nominated_node_name);
    }
}

fn readiness_gates(text: &mut Text, pod: &Pod) {
    let gates = pod.spec.rest.get("readinessGates").and_then(Value::as_array);
    let Some(gates) = gates.filter(|gates| !gates.is_empty()) else { return };
    text.line(0, "Readiness Gates:");
    text.line(1, "Type\tStatus");
    for gate in gates {
        let name = gate["conditionType"].as_str().unwrap_or("");
        let status = pod.status.condition(name).map_or("<none>", |condition| condition.status.as_str());
        text.line(1, format_args!("{name} \t{status} "));
    }
}
