//! Service addressing: which names a Service gives and what they answer, and where a connection goes.
//!
//! Models: the DNS specification of kubernetes/dns and CoreDNS's kubernetes plugin, without its cache.

mod dns;
mod resolver;
mod route;

pub use api::CLUSTER_DOMAIN;
pub use dns::{Answer, Data, Query, Record, ask};
pub use resolver::{Looked, Resolver};
pub use route::{Route, route, service_at};

use api::{Endpoint, EndpointSlice, Service};
use apiserver::Lister;
use std::rc::Rc;

/// The label of a slice that names its Service.
const SERVICE_NAME: &str = "kubernetes.io/service-name";

/// One name in the cluster's DNS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DnsRecord {
    /// The full name, without a dot at its end.
    pub name: String,
    /// The addresses it answers with.
    pub addresses: Vec<String>,
    /// What is behind it: `Service mysql`, `Pod mysql-0`.
    pub backend: String,
}

/// `mysql.default.svc.cluster.local`.
pub fn service_name(service: &Service) -> String {
    format!("{}.{}.svc.{CLUSTER_DOMAIN}", service.metadata.name, service.metadata.namespace)
}

/// The names a Service gives: its own, and for a headless one that of each ready pod with a hostname.
pub fn records(lister: Lister<'_>, service: &Service) -> Vec<DnsRecord> {
    let name = service_name(service);
    let backend = format!("Service {}", service.metadata.name);
    if service.spec.r#type == "ExternalName" {
        return vec![DnsRecord { name, addresses: vec![service.spec.external_name.to_string()], backend }];
    }
    if !service.is_headless() {
        return vec![DnsRecord { name, addresses: vec![service.spec.cluster_ip.to_string()], backend }];
    }
    let endpoints = ready_endpoints(lister, service);
    let own = endpoints.iter().flat_map(|e| e.addresses.iter().map(|a| a.to_string())).collect();
    let mut records = vec![DnsRecord { name: name.clone(), addresses: own, backend }];
    for endpoint in endpoints.iter().filter(|endpoint| !endpoint.hostname.is_empty()) {
        let pod = endpoint.target_ref.as_ref().map_or("", |target| target.name.as_str());
        records.push(DnsRecord {
            name: format!("{}.{name}", endpoint.hostname),
            addresses: endpoint.addresses.iter().map(|a| a.to_string()).collect(),
            backend: format!("Pod {pod}"),
        });
    }
    records[1..].sort_by(|a, b| a.name.cmp(&b.name));
    records
}

/// The endpoints of a Service that get traffic and names.
pub fn ready_endpoints<'a>(lister: Lister<'a>, service: &Service) -> Vec<&'a Endpoint> {
    let slices = lister.list_in::<EndpointSlice>(&service.metadata.namespace);
    let its_own = |slice: &&Rc<EndpointSlice>| slice.metadata.labels.get(SERVICE_NAME) == Some(&service.metadata.name);
    slices
        .filter(its_own)
        .flat_map(|slice| slice.endpoints.iter())
        .filter(|e| e.conditions.ready != Some(false))
        .collect()
}
