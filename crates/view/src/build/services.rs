//! Services and the names they give.

use super::{Context, text};
use crate::{DnsRow, ServiceRow, Text};
use api::{EndpointSlice, Service};
use std::rc::Rc;

pub(super) fn rows(ctx: &Context<'_>) -> Rc<[ServiceRow]> {
    ctx.lister.list::<Service>().map(|service| row(ctx, service)).collect()
}

fn row(ctx: &Context<'_>, service: &Service) -> ServiceRow {
    let meta = &service.metadata;
    let ports: Vec<String> = service
        .spec
        .ports
        .iter()
        .map(|port| {
            if port.node_port == 0 {
                format!("{}/{}", port.port, port.protocol)
            } else {
                format!("{}:{}/{}", port.port, port.node_port, port.protocol)
            }
        })
        .collect();
    let mut endpoints: Vec<Text> = Vec::new();
    for object in ctx.lister.owned_by(&meta.uid) {
        if let api::Object::EndpointSlice(slice) = object {
            endpoints.extend(ready_endpoints(slice));
        }
    }
    ServiceRow {
        namespace: text(&meta.namespace),
        name: text(&meta.name),
        kind: text(&service.spec.r#type),
        cluster_ip: text(if service.spec.cluster_ip.is_empty() { "<none>" } else { &service.spec.cluster_ip }),
        ports: if ports.is_empty() { "<none>".into() } else { ports.join(",").into() },
        endpoints: endpoints.into(),
        dns: network::records(ctx.lister, service)
            .into_iter()
            .map(|record| DnsRow {
                name: record.name.into(),
                addresses: record.addresses.join(", ").into(),
                backend: record.backend.into(),
            })
            .collect(),
    }
}

fn ready_endpoints(slice: &EndpointSlice) -> Vec<Text> {
    let port = slice.ports.first().and_then(|port| port.port);
    let ready = slice.endpoints.iter().filter(|endpoint| endpoint.conditions.ready != Some(false));
    ready
        .flat_map(|endpoint| endpoint.addresses.iter())
        .map(|address| port.map_or_else(|| text(address), |port| format!("{address}:{port}").into()))
        .collect()
}
