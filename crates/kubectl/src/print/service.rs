//! Services in a table.

use super::{Printer, col, created, wide};
use api::{Object, Resource, Service, Time, labels_text};
use serde_json::Value;
use std::collections::BTreeSet;

pub(super) const PRINTER: Printer = Printer {
    columns: &[
        col("NAME"),
        col("TYPE"),
        col("CLUSTER-IP"),
        col("EXTERNAL-IP"),
        col("PORT(S)"),
        col("AGE"),
        wide("SELECTOR"),
    ],
    row,
};

fn row(object: &Object, now: Time) -> Vec<String> {
    let Some(service) = Service::from_object(object) else { return Vec::new() };
    let spec = &service.spec;
    let ports: Vec<String> = spec
        .ports
        .iter()
        .map(|port| match port.node_port {
            0 => format!("{}/{}", port.port, port.protocol),
            node_port => format!("{}:{node_port}/{}", port.port, port.protocol),
        })
        .collect();
    vec![
        service.metadata.name.to_string(),
        spec.r#type.to_string(),
        super::or_none(&spec.cluster_ip),
        external_ip(service),
        super::or_none(&ports.join(",")),
        created(object, now),
        labels_text(&spec.selector),
    ]
}

/// Where a Service is reached from outside. Models: getServiceExternalIP.
fn external_ip(service: &Service) -> String {
    let given: Vec<String> = texts(service.spec.rest.get("externalIPs"));
    let load_balancer = load_balancer_addresses(service);
    match service.spec.r#type.as_str() {
        "ClusterIP" | "NodePort" => super::or_none(&given.join(",")),
        "LoadBalancer" if given.is_empty() && load_balancer.is_empty() => "<pending>".to_owned(),
        "LoadBalancer" => load_balancer.into_iter().chain(given).collect::<Vec<_>>().join(","),
        "ExternalName" => service.spec.external_name.to_string(),
        _ => "<unknown>".to_owned(),
    }
}

fn load_balancer_addresses(service: &Service) -> Vec<String> {
    let ingress = service.rest.get("status").map_or(&Value::Null, |status| &status["loadBalancer"]["ingress"]);
    let address = |entry: &Value| {
        ["ip", "hostname"]
            .iter()
            .find_map(|field| entry[*field].as_str().filter(|text| !text.is_empty()).map(str::to_owned))
    };
    let sorted: BTreeSet<String> = ingress.as_array().into_iter().flatten().filter_map(address).collect();
    sorted.into_iter().collect()
}

fn texts(value: Option<&Value>) -> Vec<String> {
    value.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}
