//! Endpoints. Models: pkg/apis/core/v1/defaults.go, ValidateEndpoints of pkg/apis/core/validation.

use super::check::{Causes, Path};
use super::{meta, names};
use api::{EndpointAddress, Endpoints, SubsetPort};
use std::net::IpAddr;

pub(super) fn default(endpoints: &mut Endpoints) {
    let lacks = |port: &SubsetPort| port.protocol.is_empty();
    if !endpoints.subsets.iter().any(|subset| subset.ports.iter().any(lacks)) {
        return;
    }
    let mut subsets = endpoints.subsets.to_vec();
    for subset in &mut subsets {
        let filled = |port: &SubsetPort| match lacks(port) {
            true => SubsetPort { protocol: "TCP".into(), ..port.clone() },
            false => port.clone(),
        };
        subset.ports = subset.ports.iter().map(filled).collect();
    }
    endpoints.subsets = subsets.into();
}

pub(super) fn validate(endpoints: &Endpoints, causes: &mut Causes) {
    let at = Path::root("subsets");
    for (i, subset) in endpoints.subsets.iter().enumerate() {
        let at = at.index(i);
        if subset.addresses.is_empty() && subset.not_ready_addresses.is_empty() {
            causes.required(&at, "must specify `addresses` or `notReadyAddresses`");
        }
        for (field, addresses) in [("addresses", &subset.addresses), ("notReadyAddresses", &subset.not_ready_addresses)]
        {
            let at = at.field(field);
            addresses.iter().enumerate().for_each(|(j, one)| address(one, &at.index(j), causes));
        }
        let ports = at.field("ports");
        for (j, one) in subset.ports.iter().enumerate() {
            port(one, subset.ports.len() > 1, &ports.index(j), causes);
        }
    }
}

pub(super) fn validate_update(new: &Endpoints, old: &Endpoints, causes: &mut Causes) {
    if new.subsets != old.subsets {
        validate(new, causes);
    }
}

fn address(address: &EndpointAddress, at: &Path<'_>, causes: &mut Causes) {
    let ip = at.field("ip");
    causes.each_invalid(&ip, &address.ip, names::ip_address(&address.ip));
    if !address.hostname.is_empty() {
        meta::name(&address.hostname, &at.field("hostname"), names::dns_label, causes);
    }
    if !address.node_name.is_empty() {
        meta::name(&address.node_name, &at.field("nodeName"), names::dns_subdomain, causes);
    }
    match address.ip.parse::<IpAddr>() {
        Ok(parsed) => causes.each_invalid(&ip, &address.ip, unfit(parsed, &address.ip).into_iter().collect()),
        Err(_) => causes.invalid(&ip, address.ip.as_str(), "must be a valid IP address"),
    }
}

/// Why nothing can be behind an address. Models: ValidateEndpointIP.
fn unfit(ip: IpAddr, text: &str) -> Option<String> {
    let (link_local, link_local_multicast) = match ip {
        IpAddr::V4(v4) => (v4.is_link_local(), v4.octets()[..3] == [224, 0, 0]),
        IpAddr::V6(v6) => (v6.segments()[0] & 0xffc0 == 0xfe80, v6.segments()[0] & 0xff0f == 0xff02),
    };
    if ip.is_unspecified() {
        Some(format!("may not be unspecified ({text})"))
    } else if ip.is_loopback() {
        Some("may not be in the loopback range (127.0.0.0/8, ::1/128)".to_owned())
    } else if link_local {
        Some("may not be in the link-local range (169.254.0.0/16, fe80::/10)".to_owned())
    } else if link_local_multicast {
        Some("may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)".to_owned())
    } else {
        None
    }
}

fn port(port: &SubsetPort, needs_name: bool, at: &Path<'_>, causes: &mut Causes) {
    if !port.name.is_empty() {
        meta::name(&port.name, &at.field("name"), names::dns_label, causes);
    } else if needs_name {
        causes.required(&at.field("name"), "");
    }
    for detail in names::port_number(port.port) {
        causes.invalid(&at.field("port"), port.port, detail);
    }
    causes.one_of(&at.field("protocol"), &port.protocol, &["SCTP", "TCP", "UDP"]);
}

#[cfg(test)]
mod tests {
    use crate::registry::tests::refused;
    use expect_test::expect;
    use serde_json::{Value, json};

    fn endpoints(subset: Value) -> Value {
        json!({"apiVersion": "v1", "kind": "Endpoints", "metadata": {"name": "db"}, "subsets": [subset]})
    }

    #[test]
    fn addresses_and_ports() {
        refused(endpoints(json!({"addresses": [{"ip": "192.0.2.1"}], "ports": [{"port": 80}]})), expect!["accepted"]);
        refused(
            endpoints(json!({"ports": [{"port": 0}, {"port": 80, "protocol": "ICMP"}]})),
            expect![[r#"
            subsets[0]: Required value: must specify `addresses` or `notReadyAddresses`
            subsets[0].ports[0].name: Required value
            subsets[0].ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive
            subsets[0].ports[1].name: Required value
            subsets[0].ports[1].protocol: Unsupported value: "ICMP": supported values: "SCTP", "TCP", "UDP""#]],
        );
        refused(
            endpoints(
                json!({"addresses": [{"ip": "127.0.0.1"}, {"ip": "x"}], "notReadyAddresses": [{"ip": "169.254.1.1"}]}),
            ),
            expect![[r#"
                subsets[0].addresses[0].ip: Invalid value: "127.0.0.1": may not be in the loopback range (127.0.0.0/8, ::1/128)
                subsets[0].addresses[1].ip: Invalid value: "x": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)
                subsets[0].addresses[1].ip: Invalid value: "x": must be a valid IP address
                subsets[0].notReadyAddresses[0].ip: Invalid value: "169.254.1.1": may not be in the link-local range (169.254.0.0/16, fe80::/10)"#]],
        );
    }
}
