//! Services: defaults, what belongs to which type, addresses, checks.
//! Models: pkg/apis/core/v1/defaults.go, pkg/registry/core/service/strategy.go.

mod allocate;
mod validate;

use super::Part;
use super::pod::fill;
use api::{IntOrString, Rest, Service, ServicePort};
use serde_json::{Value, json};

pub(crate) use allocate::Addresses;
pub(super) use allocate::allocate;
pub(super) use validate::{validate, validate_update};

pub(super) fn default(service: &mut Service) {
    let spec = &mut service.spec;
    if spec.r#type.is_empty() {
        spec.r#type = "ClusterIP".into();
    }
    fill(&mut spec.rest, "sessionAffinity", json!("None"));
    if text(&spec.rest, "sessionAffinity") == "ClientIP" {
        fill(&mut spec.rest, "sessionAffinityConfig", json!({"clientIP": {"timeoutSeconds": 10_800}}));
    }
    if needs_cluster_ip(spec.r#type.as_str()) {
        fill(&mut spec.rest, "internalTrafficPolicy", json!("Cluster"));
    }
    spec.ports = spec.ports.iter().map(default_port).collect();
    if is_external(service) {
        fill(&mut service.spec.rest, "externalTrafficPolicy", json!("Cluster"));
    }
    if service.spec.r#type == "LoadBalancer" {
        fill(&mut service.spec.rest, "allocateLoadBalancerNodePorts", json!(true));
    }
}

fn default_port(port: &ServicePort) -> ServicePort {
    let mut port = port.clone();
    if port.protocol.is_empty() {
        port.protocol = "TCP".into();
    }
    let unset = match &port.target_port {
        None | Some(IntOrString::Int(0)) => true,
        Some(IntOrString::Text(name)) => name.is_empty(),
        Some(IntOrString::Int(_)) => false,
    };
    if unset {
        port.target_port = Some(IntOrString::Int(port.port));
    }
    port
}

pub(super) fn prepare_for_create(service: &mut Service) {
    service.rest = service.rest.with("status", json!({"loadBalancer": {}}));
}

pub(super) fn prepare_for_update(new: &mut Service, old: &Service, part: Part) {
    match part {
        Part::Spec => {
            let status = old.rest.get("status").cloned().unwrap_or_else(|| json!({"loadBalancer": {}}));
            new.rest = new.rest.with("status", status);
            normalize_addresses(new, old);
            keep_allocated(new, old);
            drop_what_the_type_has_no_use_for(new, old);
        }
        Part::Status => {
            new.spec = old.spec.clone();
            new.metadata = old.metadata.clone();
        }
    }
}

/// A client that knows only the first address changes only that.
fn normalize_addresses(new: &mut Service, old: &Service) {
    let same_list = new.spec.cluster_ips == old.spec.cluster_ips;
    if new.spec.cluster_ip != old.spec.cluster_ip && same_list {
        new.spec.cluster_ips = match new.spec.cluster_ip.is_empty() {
            true => Default::default(),
            false => vec![new.spec.cluster_ip.clone()].into(),
        };
    }
}

/// What was allocated before stays, even if the client does not send it. Models: patchAllocatedValues.
fn keep_allocated(new: &mut Service, old: &Service) {
    let both = |needs: fn(&Service) -> bool| needs(old) && needs(new);
    let (addresses, ports, health) =
        (both(|s| needs_cluster_ip(&s.spec.r#type)), both(needs_node_ports), both(needs_health_port));
    if addresses {
        if new.spec.cluster_ip.is_empty() {
            new.spec.cluster_ip = old.spec.cluster_ip.clone();
        }
        if new.spec.cluster_ips.is_empty() {
            new.spec.cluster_ips = match new.spec.cluster_ip == old.spec.cluster_ip {
                true => old.spec.cluster_ips.clone(),
                false => vec![new.spec.cluster_ip.clone()].into(),
            };
        }
    }
    if ports {
        let used = |service: &Service, port: i32| service.spec.ports.iter().any(|p| p.node_port == port);
        let port = |port: &ServicePort| {
            let before = old.spec.ports.iter().rfind(|p| p.name == port.name).map_or(0, |p| p.node_port);
            let node_port = if port.node_port == 0 && !used(new, before) { before } else { port.node_port };
            ServicePort { node_port, ..port.clone() }
        };
        new.spec.ports = new.spec.ports.iter().map(port).collect();
    }
    if health && new.spec.rest.get("healthCheckNodePort").is_none() {
        keep(new, old, "healthCheckNodePort");
    }
}

fn keep(new: &mut Service, old: &Service, field: &str) {
    if let Some(value) = old.spec.rest.get(field) {
        new.spec.rest = new.spec.rest.with(field, value.clone());
    }
}

/// Clears what only the type before had, unless the client changed it. Models: dropTypeDependentFields.
fn drop_what_the_type_has_no_use_for(new: &mut Service, old: &Service) {
    let lost = |new: &Service, needs: fn(&Service) -> bool| needs(old) && !needs(new);
    let mut fields = Vec::new();
    if lost(new, |s| needs_cluster_ip(&s.spec.r#type)) {
        if new.spec.cluster_ip == old.spec.cluster_ip && new.spec.cluster_ips == old.spec.cluster_ips {
            new.spec.cluster_ip = Default::default();
            new.spec.cluster_ips = Default::default();
        }
        fields.extend(["ipFamilies", "ipFamilyPolicy"]);
    }
    let same_port = |p: &ServicePort| old.spec.ports.iter().any(|o| o.node_port == p.node_port);
    if lost(new, needs_node_ports) && new.spec.ports.iter().all(same_port) {
        new.spec.ports = new.spec.ports.iter().map(|p| ServicePort { node_port: 0, ..p.clone() }).collect();
    }
    if lost(new, needs_health_port) {
        fields.push("healthCheckNodePort");
    }
    if lost(new, |s| s.spec.r#type == "LoadBalancer") {
        fields.extend(["allocateLoadBalancerNodePorts", "loadBalancerClass"]);
    }
    if lost(new, is_external) {
        fields.push("externalTrafficPolicy");
    }
    fields.retain(|field| new.spec.rest.get(field) == old.spec.rest.get(field));
    if !fields.is_empty() {
        let kept = new.spec.rest.iter().filter(|(name, _)| !fields.contains(&name.as_str()));
        new.spec.rest =
            kept.map(|(name, value)| (name.clone(), value.clone())).collect::<serde_json::Map<_, _>>().into();
    }
}

fn text<'a>(rest: &'a Rest, field: &str) -> &'a str {
    rest.get(field).and_then(Value::as_str).unwrap_or("")
}

/// Whether Services of a type have an address of their own; headless ones count.
fn needs_cluster_ip(service_type: &str) -> bool {
    service_type != "ExternalName"
}

fn needs_node_ports(service: &Service) -> bool {
    match service.spec.r#type.as_str() {
        "NodePort" => true,
        "LoadBalancer" => {
            service.spec.rest.get("allocateLoadBalancerNodePorts").and_then(Value::as_bool) != Some(false)
        }
        _ => false,
    }
}

fn needs_health_port(service: &Service) -> bool {
    service.spec.r#type == "LoadBalancer" && text(&service.spec.rest, "externalTrafficPolicy") == "Local"
}

/// Whether it can be reached from outside.
fn is_external(service: &Service) -> bool {
    let has_external_ips =
        service.spec.rest.get("externalIPs").and_then(Value::as_array).is_some_and(|l| !l.is_empty());
    matches!(service.spec.r#type.as_str(), "NodePort" | "LoadBalancer")
        || service.spec.r#type == "ClusterIP" && has_external_ips
}
