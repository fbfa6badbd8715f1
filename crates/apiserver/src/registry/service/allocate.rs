//! Cluster addresses and node ports. Models: pkg/registry/core/service/storage/alloc.go, ipallocator, portallocator.
//!
//! Upstream hands them out at random; here they are handed out in order, so that a session can be read twice.

use super::{is_external, needs_cluster_ip, needs_health_port, needs_node_ports, text};
use crate::registry::check::{Causes, Path};
use crate::registry::pod::fill;
use crate::store::Store;
use api::{IntOrString, Kind, Object, Service, ServicePort, Str, Wire};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// 10.96.0.0/12; .1 goes to the Service `kubernetes`.
const FIRST_ADDRESS: u32 = 0x0a60_0001;
const LAST_ADDRESS: u32 = 0x0a6f_fffe;
const RANGE: &str = "10.96.0.0/12";
const PORTS: std::ops::RangeInclusive<i32> = 30_000..=32_767;
const TAKEN_PORT: &str = "provided port is already allocated";

/// Remembers where the next search begins.
#[derive(Clone, Debug, Default)]
pub(crate) struct Addresses {
    next_address: u32,
    next_port: i32,
}

/// What other Services have.
#[derive(Default)]
struct Taken {
    addresses: BTreeSet<Str>,
    ports: BTreeSet<i32>,
}

impl Taken {
    fn by_others(service: &Service, store: &Store) -> Taken {
        let mut taken = Taken::default();
        for object in store.list(Kind::Service, None) {
            let Object::Service(other) = object else { continue };
            if other.metadata.name == service.metadata.name && other.metadata.namespace == service.metadata.namespace {
                continue;
            }
            taken.addresses.extend(other.spec.cluster_ips.iter().cloned());
            taken.ports.extend(other.spec.ports.iter().map(|port| port.node_port));
            taken.ports.extend(health_port(other));
        }
        taken
    }
}

fn health_port(service: &Service) -> Option<i32> {
    let port = service.spec.rest.get("healthCheckNodePort").and_then(Value::as_i64)?;
    i32::try_from(port).ok()
}

impl Addresses {
    fn next_address(&mut self, taken: &Taken) -> Option<Str> {
        let count = LAST_ADDRESS - FIRST_ADDRESS + 1;
        (0..count).find_map(|_| {
            let n = FIRST_ADDRESS + 1 + self.next_address % (count - 1);
            self.next_address = self.next_address.wrapping_add(1);
            let address: Str = std::net::Ipv4Addr::from(n).to_string().into();
            // The name server's address is given out to nobody by itself.
            (address != api::CLUSTER_DNS && !taken.addresses.contains(&address)).then_some(address)
        })
    }

    fn next_port(&mut self, taken: &BTreeSet<i32>) -> Option<i32> {
        let count = PORTS.end() - PORTS.start() + 1;
        (0..count).find_map(|_| {
            self.next_port = self.next_port % count + 1;
            let port = PORTS.start() + self.next_port % count;
            (!taken.contains(&port)).then_some(port)
        })
    }
}

/// Gives a Service the addresses and ports it needs and lacks.
pub(in crate::registry) fn allocate(
    service: &mut Service,
    old: Option<&Service>,
    store: &Store,
    addresses: &mut Addresses,
    causes: &mut Causes,
) {
    if !needs_cluster_ip(&service.spec.r#type) && !needs_node_ports(service) {
        return;
    }
    // The list of the others is made only if something is to be given out.
    let settled = |old: &Service| {
        old.spec.cluster_ips == service.spec.cluster_ips
            && old.spec.ports == service.spec.ports
            && old.spec.r#type == service.spec.r#type
            && old.spec.rest == service.spec.rest
    };
    if old.is_some_and(settled) {
        return;
    }
    let mut taken = Taken::by_others(service, store);
    if needs_cluster_ip(&service.spec.r#type) {
        families(service, causes);
        cluster_address(service, &taken, addresses, causes);
    }
    if needs_node_ports(service) {
        node_ports(service, &mut taken, addresses, causes);
    }
    if is_external(service)
        && needs_health_port(service)
        && health_port(service).is_none()
        && let Some(port) = addresses.next_port(&taken.ports)
    {
        service.spec.rest = service.spec.rest.with("healthCheckNodePort", json!(port));
    }
}

/// This cluster speaks IPv4 only. Models: initIPFamilyFields.
fn families(service: &mut Service, causes: &mut Causes) {
    let spec_at = Path::root("spec");
    let for_anybody = service.is_headless() && service.spec.selector.is_empty();
    let rest = &mut service.spec.rest;
    fill(rest, "ipFamilyPolicy", json!(if for_anybody { "RequireDualStack" } else { "SingleStack" }));
    let policy = text(rest, "ipFamilyPolicy").to_owned();
    if for_anybody {
        let both = policy != "SingleStack";
        return fill(rest, "ipFamilies", if both { json!(["IPv4", "IPv6"]) } else { json!(["IPv4"]) });
    }
    if policy == "RequireDualStack" {
        let detail = "this cluster is not configured for dual-stack services";
        causes.invalid(&spec_at.field("ipFamilyPolicy"), policy, detail);
    }
    fill(rest, "ipFamilies", json!(["IPv4"]));
    let given: Vec<Value> = rest.get("ipFamilies").and_then(Value::as_array).cloned().unwrap_or_default();
    for (i, family) in given.iter().enumerate().filter(|(_, family)| *family == "IPv6") {
        causes.invalid(&spec_at.field("ipFamilies").index(i), family.clone(), "not configured on this cluster");
    }
}

fn cluster_address(service: &mut Service, taken: &Taken, addresses: &mut Addresses, causes: &mut Causes) {
    let spec = &mut service.spec;
    if spec.cluster_ip == "None" {
        spec.cluster_ips = vec![spec.cluster_ip.clone()].into();
        return;
    }
    if spec.cluster_ip.is_empty() {
        if let Some(address) = addresses.next_address(taken) {
            spec.cluster_ip = address;
            spec.cluster_ips = vec![spec.cluster_ip.clone()].into();
        }
        return;
    }
    if spec.cluster_ips.is_empty() {
        spec.cluster_ips = vec![spec.cluster_ip.clone()].into();
    }
    let ip = &spec.cluster_ip;
    let Ok(number) = ip.parse::<std::net::Ipv4Addr>().map(u32::from) else { return };
    let why = if !(FIRST_ADDRESS..=LAST_ADDRESS).contains(&number) {
        format!("the provided IP ({ip}) is not in the valid range. The range of valid IPs is {RANGE}")
    } else if taken.addresses.contains(ip) {
        "provided IP is already allocated".to_owned()
    } else {
        return;
    };
    let spec_at = Path::root("spec");
    causes.invalid(
        &spec_at.field("clusterIPs"),
        spec.cluster_ips.write(),
        format!("failed to allocate IP {ip}: {why}"),
    );
}

fn node_ports(service: &mut Service, taken: &mut Taken, addresses: &mut Addresses, causes: &mut Causes) {
    let spec_at = Path::root("spec");
    let ports_at = spec_at.field("ports");
    for (i, port) in service.spec.ports.iter().enumerate().filter(|(_, port)| port.node_port != 0) {
        let at = ports_at.index(i);
        if !PORTS.contains(&port.node_port) {
            let detail = "provided port is not in the valid range. The range of valid ports is 30000-32767";
            causes.invalid(&at.field("nodePort"), port.node_port, detail);
        } else if taken.ports.contains(&port.node_port) {
            causes.invalid(&at.field("nodePort"), port.node_port, TAKEN_PORT);
        }
    }
    // Two protocols of one port share a node port.
    let mut given: Vec<(i32, IntOrString, i32)> = Vec::new();
    taken.ports.extend(service.spec.ports.iter().map(|port| port.node_port));
    let ports: Vec<ServicePort> = service
        .spec
        .ports
        .iter()
        .map(|port| {
            let mut port = port.clone();
            let target = port.target_port.clone().unwrap_or_default();
            if port.node_port == 0 {
                let shared = given.iter().find(|(number, to, _)| *number == port.port && *to == target).map(|g| g.2);
                port.node_port = shared.or_else(|| addresses.next_port(&taken.ports)).unwrap_or(0);
            }
            taken.ports.insert(port.node_port);
            given.push((port.port, target, port.node_port));
            port
        })
        .collect();
    service.spec.ports = ports.into();
}
