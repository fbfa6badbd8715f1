//! Services.

use super::text::Text;
use crate::call::Call;
use crate::fields;
use api::{EndpointSlice, IntOrString, Service, labels_text};
use serde_json::Value;

pub(super) fn describe(call: &Call<'_>, text: &mut Text, service: &Service) -> bool {
    let spec = &service.spec;
    let rest = |field: &str| spec.rest.get(field).unwrap_or(&Value::Null);
    let joined = |value: &Value| {
        let items: Vec<String> = value.as_array().into_iter().flatten().map(fields::scalar).collect();
        items.join(",")
    };
    text.head(&service.metadata);
    text.field(0, "Selector", labels_text(&spec.selector));
    text.field(0, "Type", &spec.r#type);
    given(text, "IP Family Policy", rest("ipFamilyPolicy"));
    let families = joined(rest("ipFamilies"));
    text.field(0, "IP Families", super::text::or_none(&families));
    text.field(0, "IP", &spec.cluster_ip);
    let addresses: Vec<&str> = spec.cluster_ips.iter().map(|address| address.as_str()).collect();
    text.field(0, "IPs", super::text::or_none(&addresses.join(",")));
    let external = joined(rest("externalIPs"));
    if !external.is_empty() {
        text.field(0, "External IPs", external);
    }
    given(text, "Desired LoadBalancer IP", rest("loadBalancerIP"));
    if !spec.external_name.is_empty() {
        text.field(0, "External Name", &spec.external_name);
    }
    let ingress: Vec<String> = service.rest.get("status").map_or_else(Vec::new, load_balancer);
    if !ingress.is_empty() {
        text.field(0, "LoadBalancer Ingress", ingress.join(", "));
    }
    ports(call, text, service);
    text.field(0, "Session Affinity", fields::scalar(rest("sessionAffinity")));
    given(text, "External Traffic Policy", rest("externalTrafficPolicy"));
    given(text, "Internal Traffic Policy", rest("internalTrafficPolicy"));
    given(text, "HealthCheck NodePort", rest("healthCheckNodePort"));
    let ranges = joined(rest("loadBalancerSourceRanges"));
    if !ranges.is_empty() {
        text.field(0, "LoadBalancer Source Ranges", ranges);
    }
    given(text, "Traffic Distribution", rest("trafficDistribution"));
    true
}

fn given(text: &mut Text, label: &str, value: &Value) {
    if !fields::is_empty(value) {
        text.field(0, label, fields::scalar(value));
    }
}

fn load_balancer(status: &Value) -> Vec<String> {
    let address =
        |entry: &Value| fields::scalar(if entry["ip"].is_string() { &entry["ip"] } else { &entry["hostname"] });
    fields::list(status, "loadBalancer.ingress").iter().map(address).collect()
}

fn ports(call: &Call<'_>, text: &mut Text, service: &Service) {
    let slices: Vec<&EndpointSlice> = call
        .lister()
        .list_in::<EndpointSlice>(&service.metadata.namespace)
        .map(|slice| &**slice)
        .filter(|slice| slice.metadata.labels.get("kubernetes.io/service-name") == Some(&service.metadata.name))
        .collect();
    for port in &service.spec.ports {
        let name = if port.name.is_empty() { "<unset>" } else { &port.name };
        text.field(0, "Port", format_args!("{name}\t{}/{}", port.port, port.protocol));
        let target = match &port.target_port {
            Some(IntOrString::Int(number)) => number.to_string(),
            Some(IntOrString::Text(name)) => name.to_string(),
            None => "0".to_owned(),
        };
        text.field(0, "TargetPort", format_args!("{target}/{}", port.protocol));
        if let Some(protocol) = port.rest.get("appProtocol").and_then(Value::as_str) {
            text.field(0, "AppProtocol", protocol);
        }
        if port.node_port != 0 {
            text.field(0, "NodePort", format_args!("{name}\t{}/{}", port.node_port, port.protocol));
        }
        text.field(0, "Endpoints", endpoints(&slices, &port.name));
    }
}

/// At most three ready endpoints of a port. Models: formatEndpointSlices.
pub(super) fn endpoints(slices: &[&EndpointSlice], port_name: &str) -> String {
    if slices.is_empty() {
        return "<none>".to_owned();
    }
    let mut ready = Vec::new();
    for slice in slices {
        let addresses = || {
            let is_ready = |endpoint: &&api::Endpoint| endpoint.conditions.ready.unwrap_or(true);
            slice.endpoints.iter().filter(is_ready).filter_map(|endpoint| endpoint.addresses.first())
        };
        if slice.ports.is_empty() {
            ready.extend(addresses().map(ToString::to_string));
        }
        for port in slice.ports.iter().filter(|port| port.name == *port_name) {
            ready.extend(addresses().map(|address| format!("{address}:{}", port.port.unwrap_or(0))));
        }
    }
    let shown = ready[..ready.len().min(3)].join(",");
    if ready.len() > 3 { format!("{shown} + {} more...", ready.len() - 3) } else { shown }
}
