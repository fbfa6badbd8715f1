//! Nodes in a table.

use super::{Column, Printer, col, created, wide};
use crate::fields;
use api::{Node, Object, Resource, Time};
use serde_json::Value;

const COLUMNS: &[Column] = &[
    col("NAME"),
    col("STATUS"),
    col("ROLES"),
    col("AGE"),
    col("VERSION"),
    wide("INTERNAL-IP"),
    wide("EXTERNAL-IP"),
    wide("OS-IMAGE"),
    wide("KERNEL-VERSION"),
    wide("CONTAINER-RUNTIME"),
];

pub(super) const PRINTER: Printer = Printer { columns: COLUMNS, row };

fn row(object: &Object, now: Time) -> Vec<String> {
    let Some(node) = Node::from_object(object) else { return Vec::new() };
    let info = node.status.rest.get("nodeInfo").unwrap_or(&Value::Null);
    let known = |field: &str| match fields::text(info, field) {
        "" => "<unknown>".to_owned(),
        text => text.to_owned(),
    };
    let mut kernel = known("kernelVersion");
    let architecture = fields::text(info, "architecture");
    if !architecture.is_empty() {
        kernel = format!("{kernel} ({architecture})");
    }
    let address = |r#type: &str| {
        let found = node.status.addresses.iter().find(|address| address.r#type == *r#type);
        found.map_or_else(|| "<none>".to_owned(), |address| address.address.to_string())
    };
    vec![
        node.metadata.name.to_string(),
        node_status(node),
        super::or_none(&roles(node)),
        created(object, now),
        fields::text(info, "kubeletVersion").to_owned(),
        address("InternalIP"),
        address("ExternalIP"),
        known("osImage"),
        kernel,
        known("containerRuntimeVersion"),
    ]
}

/// `Ready`, `NotReady,SchedulingDisabled`, `Unknown`: how a node is doing.
pub fn node_status(node: &Node) -> String {
    let ready = match node.condition("Ready") {
        Some(condition) if condition.status == "True" => "Ready",
        Some(_) => "NotReady",
        None => "Unknown",
    };
    if node.spec.unschedulable { format!("{ready},SchedulingDisabled") } else { ready.to_owned() }
}

/// The roles that its labels name, sorted, joined by commas. Models: findNodeRoles.
pub(crate) fn roles(node: &Node) -> String {
    let mut roles: Vec<&str> = node
        .metadata
        .labels
        .iter()
        .filter_map(|(key, value)| match key.strip_prefix("node-role.kubernetes.io/") {
            Some(role) => Some(role),
            None if key == "kubernetes.io/role" => Some(value.as_str()),
            None => None,
        })
        .filter(|role| !role.is_empty())
        .collect();
    roles.sort_unstable();
    roles.dedup();
    roles.join(",")
}
