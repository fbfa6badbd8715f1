//! EndpointSlices and Endpoints.

use super::text::{Text, or_none};
use api::{EndpointAddress, EndpointSlice, Endpoints, List};
use serde_json::Value;

pub(super) fn describe(text: &mut Text, slice: &EndpointSlice) -> bool {
    text.head(&slice.metadata);
    text.field(0, "AddressType", &slice.address_type);
    if slice.ports.is_empty() {
        text.line(0, "Ports: <unset>");
    } else {
        text.line(0, "Ports:");
        text.line(1, "Name\tPort\tProtocol");
        text.line(1, "----\t----\t--------");
    }
    for port in &slice.ports {
        let number = port.port.map_or_else(|| "<unset>".to_owned(), |port| port.to_string());
        text.line(1, format_args!("{}\t{number}\t{}", unset(&port.name), port.protocol));
    }
    text.line(0, if slice.endpoints.is_empty() { "Endpoints: <none>" } else { "Endpoints:" });
    for endpoint in &slice.endpoints {
        let addresses: Vec<&str> = endpoint.addresses.iter().map(|address| address.as_str()).collect();
        text.field(1, "- Addresses", or_none(&addresses.join(", ")));
        text.line(2, "Conditions:");
        let ready = endpoint.conditions.ready.map_or_else(|| "<unset>".to_owned(), |ready| ready.to_string());
        text.field(3, "Ready", ready);
        text.field(2, "Hostname", unset(&endpoint.hostname));
        if let Some(target) = &endpoint.target_ref {
            text.field(2, "TargetRef", format_args!("{}/{}", target.kind, target.name));
        }
        text.field(2, "NodeName", unset(&endpoint.node_name));
        text.field(2, "Zone", unset(endpoint.rest.get("zone").and_then(Value::as_str).unwrap_or("")));
    }
    true
}

fn unset(text: &str) -> &str {
    if text.is_empty() { "<unset>" } else { text }
}

pub(super) fn endpoints(text: &mut Text, endpoints: &Endpoints) -> bool {
    text.head(&endpoints.metadata);
    text.line(0, "Subsets:");
    let ips = |addresses: &List<EndpointAddress>| {
        let ips: Vec<&str> = addresses.iter().map(|address| address.ip.as_str()).collect();
        or_none(&ips.join(",")).to_owned()
    };
    for subset in &endpoints.subsets {
        text.field(1, "Addresses", ips(&subset.addresses));
        text.field(1, "NotReadyAddresses", ips(&subset.not_ready_addresses));
        if !subset.ports.is_empty() {
            text.line(1, "Ports:");
            text.line(2, "Name\tPort\tProtocol");
            text.line(2, "----\t----\t--------");
            for port in &subset.ports {
                text.line(2, format_args!("{}\t{}\t{}", unset(&port.name), port.port, port.protocol));
            }
        }
        text.line(0, "");
    }
    true
}
