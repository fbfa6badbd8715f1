//! EndpointSlices and Endpoints in a table.

use super::{Printer, col, created, first_few};
use api::{EndpointSlice, Endpoints, Object, Resource, Time};

pub(super) const PRINTER: Printer =
    Printer { columns: &[col("NAME"), col("ADDRESSTYPE"), col("PORTS"), col("ENDPOINTS"), col("AGE")], row };

fn row(object: &Object, now: Time) -> Vec<String> {
    let Some(slice) = EndpointSlice::from_object(object) else { return Vec::new() };
    let ports: Vec<String> = slice
        .ports
        .iter()
        .map(|port| match port.port {
            Some(number) => number.to_string(),
            None if port.name.is_empty() => "*".to_owned(),
            None => port.name.to_string(),
        })
        .collect();
    let addresses: Vec<String> =
        slice.endpoints.iter().flat_map(|endpoint| endpoint.addresses.iter().map(ToString::to_string)).collect();
    vec![
        slice.metadata.name.to_string(),
        slice.address_type.to_string(),
        first_few(&ports, 3, "<unset>"),
        first_few(&addresses, 3, "<unset>"),
        created(object, now),
    ]
}

pub(super) const ENDPOINTS: Printer = Printer { columns: &[col("NAME"), col("ENDPOINTS"), col("AGE")], row: endpoints };

/// Models: formatEndpoints.
fn endpoints(object: &Object, now: Time) -> Vec<String> {
    let Some(endpoints) = Endpoints::from_object(object) else { return Vec::new() };
    let mut addresses = Vec::new();
    for subset in &endpoints.subsets {
        let ips = subset.addresses.iter().map(|address| &address.ip);
        if subset.ports.is_empty() {
            addresses.extend(ips.clone().map(ToString::to_string));
        }
        for port in &subset.ports {
            addresses.extend(ips.clone().map(|ip| format!("{ip}:{}", port.port)));
        }
    }
    let none = if endpoints.subsets.is_empty() { "<none>" } else { "" };
    vec![endpoints.metadata.name.to_string(), first_few(&addresses, 3, none), created(object, now)]
}
