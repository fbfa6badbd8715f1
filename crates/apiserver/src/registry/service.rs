//! Services: defaults, addresses, checks. Models: pkg/apis/core/v1/defaults.go, pkg/registry/core/service.

use super::Part;
use api::{Cause, IntOrString, List, Service, ServicePort, Str};
use serde_json::json;

/// Hands out cluster addresses and node ports.
#[derive(Clone, Debug, Default)]
pub(crate) struct Addresses {
    next_address: u32,
    next_port: u32,
}

impl Addresses {
    /// The next address of 10.96.0.0/12; .1 goes to the Service `kubernetes`.
    fn next(&mut self) -> Str {
        self.next_address += 1;
        let n = 0x0a60_0000 + self.next_address;
        format!("{}.{}.{}.{}", n >> 24, n >> 16 & 255, n >> 8 & 255, n & 255).into()
    }

    fn next_port(&mut self) -> i32 {
        self.next_port += 1;
        30_000 + i32::try_from(self.next_port % 2768).unwrap_or(0)
    }
}

pub(super) fn default(service: &mut Service) {
    let spec = &mut service.spec;
    if spec.r#type.is_empty() {
        spec.r#type = "ClusterIP".into();
    }
    let mut fill = |field: &str, value: serde_json::Value| {
        if spec.rest.get(field).is_none() {
            spec.rest = spec.rest.with(field, value);
        }
    };
    fill("sessionAffinity", json!("None"));
    if spec.r#type != "ExternalName" {
        fill("internalTrafficPolicy", json!("Cluster"));
        fill("ipFamilies", json!(["IPv4"]));
        fill("ipFamilyPolicy", json!("SingleStack"));
    }
    if matches!(spec.r#type.as_str(), "NodePort" | "LoadBalancer") {
        fill("externalTrafficPolicy", json!("Cluster"));
    }
    let ports: List<ServicePort> = spec.ports.iter().map(default_port).collect();
    spec.ports = ports;
}

fn default_port(port: &ServicePort) -> ServicePort {
    let mut port = port.clone();
    if port.protocol.is_empty() {
        port.protocol = "TCP".into();
    }
    port.target_port.get_or_insert(IntOrString::Int(port.port));
    port
}

pub(super) fn prepare_for_create(service: &mut Service, addresses: &mut Addresses) {
    let spec = &mut service.spec;
    if spec.r#type == "ExternalName" {
        return;
    }
    if spec.cluster_ip.is_empty() {
        spec.cluster_ip = addresses.next();
    }
    spec.cluster_ips = vec![spec.cluster_ip.clone()].into();
    if matches!(spec.r#type.as_str(), "NodePort" | "LoadBalancer") {
        let ports = spec.ports.iter().map(|port| {
            let node_port = if port.node_port == 0 { addresses.next_port() } else { port.node_port };
            ServicePort { node_port, ..port.clone() }
        });
        spec.ports = ports.collect();
    }
    service.rest = service.rest.with("status", json!({"loadBalancer": {}}));
}

pub(super) fn prepare_for_update(new: &mut Service, old: &Service, _part: Part) {
    if new.spec.cluster_ip.is_empty() && new.spec.r#type != "ExternalName" {
        new.spec.cluster_ip = old.spec.cluster_ip.clone();
        new.spec.cluster_ips = old.spec.cluster_ips.clone();
    }
}

pub(super) fn validate(service: &Service) -> Vec<Cause> {
    let spec = &service.spec;
    let mut causes = Vec::new();
    if spec.ports.is_empty() && !service.is_headless() && spec.r#type != "ExternalName" {
        causes.push(Cause::required("spec.ports", ""));
    }
    for (i, port) in spec.ports.iter().enumerate() {
        if spec.ports.len() > 1 && port.name.is_empty() {
            causes.push(Cause::required(format!("spec.ports[{i}].name"), ""));
        }
    }
    causes
}

pub(super) fn validate_update(new: &Service, old: &Service) -> Vec<Cause> {
    let mut causes = validate(new);
    let kept = new.spec.cluster_ip == old.spec.cluster_ip
        || old.spec.r#type == "ExternalName"
        || new.spec.r#type == "ExternalName";
    if !kept {
        causes.push(Cause::invalid(
            "spec.clusterIPs[0]",
            format!("[\"{}\"]", new.spec.cluster_ip),
            "may not change once set",
        ));
    }
    causes
}
