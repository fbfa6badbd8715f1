//! What a Service must look like. Models: ValidateServiceCreate, ValidateServiceUpdate of
//! pkg/apis/core/validation/validation.go.

use super::{is_external, needs_cluster_ip, needs_health_port, text};
use crate::registry::check::{Causes, Path};
use crate::registry::{meta, names};
use api::{IntOrString, Service, ServicePort, Str, Wire};
use serde_json::Value;
use std::collections::BTreeSet;

const SPEC: Path<'static> = Path::root("spec");

pub(in crate::registry) fn validate(service: &Service, causes: &mut Causes) {
    let spec = &service.spec;
    let ports_at = SPEC.field("ports");
    if spec.ports.is_empty() && !service.is_headless() && spec.r#type != "ExternalName" {
        causes.required(&ports_at, "");
    }
    by_type(service, causes);
    let mut known = BTreeSet::new();
    for (i, port) in spec.ports.iter().enumerate() {
        validate_port(port, spec.ports.len() > 1, &mut known, &ports_at.index(i), causes);
    }
    meta::labels(&spec.selector, &SPEC.field("selector"), causes);
    session_affinity(service, causes);
    if needs_cluster_ip(&spec.r#type) {
        addresses(service, causes);
    }
    let external = SPEC.field("externalIPs");
    for (i, ip) in list(spec.rest.get("externalIPs")).iter().enumerate() {
        meta::name(ip.as_str().unwrap_or(""), &external.index(i), names::ip_address, causes);
    }
    causes.one_of(&SPEC.field("type"), &spec.r#type, &["ClusterIP", "ExternalName", "LoadBalancer", "NodePort"]);
    duplicate_ports(service, &ports_at, causes);
    only_load_balancers(service, causes);
    traffic_policies(service, causes);
}

fn by_type(service: &Service, causes: &mut Causes) {
    let spec = &service.spec;
    match spec.r#type.as_str() {
        kind @ ("LoadBalancer" | "NodePort") if service.is_headless() => {
            let detail = format!("may not be set to 'None' for {kind} services");
            causes.invalid(&SPEC.field("clusterIPs").index(0), "None", detail);
        }
        "ExternalName" => {
            let given = [
                ("clusterIPs", !spec.cluster_ips.is_empty() || !spec.cluster_ip.is_empty()),
                ("ipFamilies", !list(spec.rest.get("ipFamilies")).is_empty()),
                ("ipFamilyPolicy", spec.rest.get("ipFamilyPolicy").is_some()),
            ];
            for (field, _) in given.iter().filter(|(_, given)| *given) {
                causes.forbidden(&SPEC.field(field), "may not be set for ExternalName services");
            }
            let name = spec.external_name.strip_suffix('.').unwrap_or(&spec.external_name);
            if name.is_empty() {
                causes.required(&SPEC.field("externalName"), "");
            } else {
                meta::name(name, &SPEC.field("externalName"), names::dns_subdomain, causes);
            }
        }
        _ => {}
    }
}

fn validate_port<'a>(
    port: &'a ServicePort,
    needs_name: bool,
    known: &mut BTreeSet<&'a Str>,
    at: &Path<'_>,
    causes: &mut Causes,
) {
    let name_at = at.field("name");
    if port.name.is_empty() {
        if needs_name {
            causes.required(&name_at, "");
        }
    } else {
        meta::name(&port.name, &name_at, names::dns_label, causes);
        if !known.insert(&port.name) {
            causes.duplicate(&name_at, port.name.as_str());
        }
    }
    for wrong in names::port_number(port.port) {
        causes.invalid(&at.field("port"), port.port, wrong);
    }
    causes.one_of(&at.field("protocol"), &port.protocol, &["SCTP", "TCP", "UDP"]);
    match &port.target_port {
        Some(IntOrString::Text(name)) => meta::name(name, &at.field("targetPort"), names::port_name, causes),
        Some(IntOrString::Int(number)) => causes.in_range(&at.field("targetPort"), *number, 1..=65535),
        None => {}
    }
    if let Some(protocol) = port.rest.get("appProtocol").and_then(Value::as_str) {
        meta::name(protocol, &at.field("appProtocol"), names::qualified_name, causes);
    }
}

fn session_affinity(service: &Service, causes: &mut Causes) {
    let affinity = text(&service.spec.rest, "sessionAffinity");
    causes.one_of(&SPEC.field("sessionAffinity"), affinity, &["ClientIP", "None"]);
    let config = service.spec.rest.get("sessionAffinityConfig");
    let at = SPEC.field("sessionAffinityConfig");
    if affinity == "None" && config.is_some() {
        causes.forbidden(&at, "must not be set when session affinity is None");
    }
    let timeout = config.and_then(|c| c.get("clientIP")?.get("timeoutSeconds")?.as_i64());
    if let Some(timeout) = timeout.filter(|t| affinity == "ClientIP" && !(1..=86_400).contains(t)) {
        let client = at.field("clientIP");
        causes.invalid(&client.field("timeoutSeconds"), timeout, "must be greater than 0 and less than 86400");
    }
}

fn addresses(service: &Service, causes: &mut Causes) {
    let spec = &service.spec;
    let at = SPEC.field("clusterIPs");
    match spec.cluster_ips.first() {
        Some(first) if !spec.cluster_ip.is_empty() && *first != spec.cluster_ip => {
            causes.invalid(&at, spec.cluster_ips.write(), "first value must match `clusterIP`");
        }
        Some(_) if spec.cluster_ip.is_empty() => {
            causes.invalid(&at, spec.cluster_ips.write(), "must be empty when `clusterIP` is not specified");
        }
        None if !spec.cluster_ip.is_empty() => causes.required(&at, ""),
        _ => {}
    }
    let families = SPEC.field("ipFamilies");
    for (i, family) in list(spec.rest.get("ipFamilies")).iter().enumerate() {
        causes.one_of(&families.index(i), family.as_str().unwrap_or(""), &["IPv4", "IPv6"]);
    }
    let policy = text(&spec.rest, "ipFamilyPolicy");
    if !policy.is_empty() {
        let policies = ["PreferDualStack", "RequireDualStack", "SingleStack"];
        causes.one_of(&SPEC.field("ipFamilyPolicy"), policy, &policies);
    }
    for (i, ip) in spec.cluster_ips.iter().enumerate() {
        if i == 0 && *ip == "None" {
            if spec.cluster_ips.len() > 1 {
                causes.invalid(&at, spec.cluster_ips.write(), "'None' must be the first and only value");
            }
        } else {
            meta::name(ip, &at.index(i), names::ip_address, causes);
        }
    }
}

fn duplicate_ports(service: &Service, at: &Path<'_>, causes: &mut Causes) {
    let ports = &service.spec.ports;
    for (i, port) in ports.iter().enumerate().filter(|(_, port)| port.node_port != 0) {
        let at = at.index(i);
        if service.spec.r#type == "ClusterIP" {
            causes.forbidden(&at.field("nodePort"), "may not be used when `type` is 'ClusterIP'");
        }
        if ports[..i].iter().any(|p| p.protocol == port.protocol && p.node_port == port.node_port) {
            causes.duplicate(&at.field("nodePort"), port.node_port);
        }
    }
    for (i, port) in ports.iter().enumerate() {
        if ports[..i].iter().any(|p| p.protocol == port.protocol && p.port == port.port) {
            // The server shows the port in its internal form, with nothing but what makes it the same.
            let shown = format!(
                "{{\"Name\":\"\",\"Protocol\":\"{}\",\"AppProtocol\":null,\"Port\":{},\"TargetPort\":0,\"NodePort\":0}}",
                port.protocol, port.port
            );
            causes.told(&at.index(i), "Duplicate value", &shown, "");
        }
    }
}

fn only_load_balancers(service: &Service, causes: &mut Causes) {
    let (rest, is_balancer) = (&service.spec.rest, service.spec.r#type == "LoadBalancer");
    let only = "may only be used when `type` is 'LoadBalancer'";
    if !is_balancer && !list(rest.get("loadBalancerSourceRanges")).is_empty() {
        causes.forbidden(&SPEC.field("LoadBalancerSourceRanges"), only);
    }
    if !is_balancer && rest.get("allocateLoadBalancerNodePorts").is_some() {
        causes.forbidden(&SPEC.field("allocateLoadBalancerNodePorts"), only);
    }
    if let Some(class) = rest.get("loadBalancerClass").and_then(Value::as_str) {
        let at = SPEC.field("loadBalancerClass");
        if is_balancer {
            meta::name(class, &at, names::qualified_name, causes);
        } else {
            causes.forbidden(&at, "may only be used when `type` is 'LoadBalancer'");
        }
    }
}

fn traffic_policies(service: &Service, causes: &mut Causes) {
    let rest = &service.spec.rest;
    let (external, at) = (text(rest, "externalTrafficPolicy"), SPEC.field("externalTrafficPolicy"));
    match (is_external(service), external) {
        (false, "") => {}
        (false, policy) => causes.invalid(&at, policy, "may only be set for externally-accessible services"),
        (true, "") => causes.required(&at, ""),
        (true, policy) => causes.one_of(&at, policy, &["Cluster", "Local"]),
    }
    let health = rest.get("healthCheckNodePort").and_then(Value::as_i64).unwrap_or(0);
    if health != 0 && !needs_health_port(service) {
        let detail = "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'";
        causes.invalid(&SPEC.field("healthCheckNodePort"), health, detail);
    }
    let internal = text(rest, "internalTrafficPolicy");
    if !internal.is_empty() {
        causes.one_of(&SPEC.field("internalTrafficPolicy"), internal, &["Cluster", "Local"]);
    }
    if let Some(distribution) = rest.get("trafficDistribution").and_then(Value::as_str) {
        let known = ["PreferClose", "PreferSameZone", "PreferSameNode"];
        causes.one_of(&SPEC.field("trafficDistribution"), distribution, &known);
    }
}

fn list(value: Option<&Value>) -> &[Value] {
    value.and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

pub(in crate::registry) fn validate_update(new: &Service, old: &Service, causes: &mut Causes) {
    let had_and_has = needs_cluster_ip(&old.spec.r#type) && needs_cluster_ip(&new.spec.r#type);
    if had_and_has && !(old.is_headless() && new.is_headless()) {
        let at = SPEC.field("clusterIPs");
        for (i, (before, now)) in old.spec.cluster_ips.iter().zip(new.spec.cluster_ips.iter()).enumerate() {
            if before != now {
                causes.invalid(&at.index(i), new.spec.cluster_ips.write(), "may not change once set");
            }
        }
        if new.spec.cluster_ips.is_empty() && !old.spec.cluster_ips.is_empty() {
            causes.invalid(&at.index(0), Value::Null, "primary clusterIP can not be unset");
        }
    }
    validate(new, causes);
}

#[cfg(test)]
mod tests {
    use crate::registry::tests::{refused, refused_update};
    use expect_test::expect;
    use serde_json::{Value, json};

    fn service(spec: Value) -> Value {
        json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "s"}, "spec": spec})
    }

    #[test]
    fn ports() {
        refused(
            service(json!({"selector": {"a": "b"}})),
            expect![[r#"Service "s" is invalid: spec.ports: Required value"#]],
        );
        refused(
            service(json!({"ports": [{"port": 80}, {"port": 80, "name": "x"}]})),
            expect![[r#"
            spec.ports[0].name: Required value
            spec.ports[1]: Duplicate value: {"Name":"","Protocol":"TCP","AppProtocol":null,"Port":80,"TargetPort":0,"NodePort":0}"#]],
        );
        refused(
            service(json!({"ports": [{"port": 0, "targetPort": "Web_1", "protocol": "tcp"}]})),
            expect![[r#"
            spec.ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive
            spec.ports[0].protocol: Unsupported value: "tcp": supported values: "SCTP", "TCP", "UDP"
            spec.ports[0].targetPort: Invalid value: "Web_1": must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)"#]],
        );
        refused(
            service(json!({"ports": [{"port": 80, "nodePort": 30080}]})),
            expect![[
                r#"Service "s" is invalid: spec.ports[0].nodePort: Forbidden: may not be used when `type` is 'ClusterIP'"#
            ]],
        );
        refused(
            service(json!({"type": "NodePort", "ports": [{"port": 80, "nodePort": 80}]})),
            expect![[
                r#"Service "s" is invalid: spec.ports[0].nodePort: Invalid value: 80: provided port is not in the valid range. The range of valid ports is 30000-32767"#
            ]],
        );
    }

    #[test]
    fn types_and_addresses() {
        refused(
            service(json!({"type": "Cluster", "ports": [{"port": 80}]})),
            expect![[
                r#"Service "s" is invalid: spec.type: Unsupported value: "Cluster": supported values: "ClusterIP", "ExternalName", "LoadBalancer", "NodePort""#
            ]],
        );
        refused(
            service(json!({"type": "NodePort", "clusterIP": "None", "ports": [{"port": 80}]})),
            expect![[
                r#"Service "s" is invalid: spec.clusterIPs[0]: Invalid value: "None": may not be set to 'None' for NodePort services"#
            ]],
        );
        refused(
            service(json!({"type": "ExternalName"})),
            expect![[r#"Service "s" is invalid: spec.externalName: Required value"#]],
        );
        refused(
            service(json!({"clusterIP": "1.2.3.4", "ports": [{"port": 80}]})),
            expect![[
                r#"Service "s" is invalid: spec.clusterIPs: Invalid value: ["1.2.3.4"]: failed to allocate IP 1.2.3.4: the provided IP (1.2.3.4) is not in the valid range. The range of valid IPs is 10.96.0.0/12"#
            ]],
        );
        refused(
            service(json!({"clusterIP": "abc", "ports": [{"port": 80}]})),
            expect![[
                r#"Service "s" is invalid: spec.clusterIPs[0]: Invalid value: "abc": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"#
            ]],
        );
        refused(
            service(json!({"ipFamilyPolicy": "RequireDualStack", "ports": [{"port": 80}]})),
            expect![[
                r#"Service "s" is invalid: spec.ipFamilyPolicy: Invalid value: "RequireDualStack": this cluster is not configured for dual-stack services"#
            ]],
        );
        refused(
            service(json!({"externalTrafficPolicy": "Local", "ports": [{"port": 80}]})),
            expect![[
                r#"Service "s" is invalid: spec.externalTrafficPolicy: Invalid value: "Local": may only be set for externally-accessible services"#
            ]],
        );
        refused(
            service(json!({"sessionAffinity": "Always", "ports": [{"port": 80}]})),
            expect![[
                r#"Service "s" is invalid: spec.sessionAffinity: Unsupported value: "Always": supported values: "ClientIP", "None""#
            ]],
        );
    }

    #[test]
    fn the_address_is_for_ever() {
        let body = service(json!({"ports": [{"port": 80}]}));
        refused_update(
            body.clone(),
            json!({"spec": {"clusterIP": "10.96.7.7"}}),
            expect![[
                r#"Service "s" is invalid: spec.clusterIPs[0]: Invalid value: ["10.96.7.7"]: may not change once set"#
            ]],
        );
        refused_update(
            body,
            json!({"spec": {"clusterIP": "None"}}),
            expect![[
                r#"Service "s" is invalid: spec.clusterIPs[0]: Invalid value: ["None"]: may not change once set"#
            ]],
        );
    }
}
