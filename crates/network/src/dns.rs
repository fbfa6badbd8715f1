//! What the cluster's name server answers.
//!
//! Models: the DNS specification of kubernetes/dns and CoreDNS's kubernetes plugin (`pods insecure`, as kubeadm sets it
//! up), without its cache.

use crate::ready_endpoints;
use api::{CLUSTER_DNS, CLUSTER_DOMAIN, Endpoint, EndpointSlice, Namespace, Service};
use apiserver::Lister;
use std::rc::Rc;

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Query {
    /// Addresses.
    A,
    /// Addresses of IPv6, of which there are none here.
    Aaaa,
    /// Ports and where they are.
    Srv,
    /// The name of an address, asked for as `4.3.2.1.in-addr.arpa`.
    Ptr,
    /// What a name stands for.
    Cname,
}

/// One record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// The full name, without a dot at its end.
    pub name: String,
    /// What it says.
    pub data: Data,
}

/// What a record says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Data {
    /// An address.
    A(String),
    /// Another name.
    Cname(String),
    /// A port at another name.
    Srv {
        /// The share of each in percent.
        weight: usize,
        /// The port.
        port: i32,
        /// The name.
        target: String,
    },
    /// A name.
    Ptr(String),
}

/// An answer of the name server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// These records.
    Records(Vec<Record>),
    /// The name exists, but nothing of the kind that was asked for.
    NoData,
    /// There is no such name.
    NxDomain,
    /// It is a name outside of the cluster, of which nothing is known here.
    Outside,
}

/// Asks the cluster's name server for a full name.
pub fn ask(lister: Lister<'_>, name: &str, query: Query) -> Answer {
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    if let Some(reversed) = name.strip_suffix(".in-addr.arpa") {
        let mut numbers: Vec<&str> = reversed.split('.').collect();
        numbers.reverse();
        let names = names_of(lister, &numbers.join("."));
        let record = |target: String| Record { name: name.clone(), data: Data::Ptr(target) };
        return records(names.into_iter().map(record).collect());
    }
    if name == CLUSTER_DOMAIN {
        return Answer::NoData;
    }
    let Some(rest) = name.strip_suffix(&format!(".{CLUSTER_DOMAIN}")) else { return Answer::Outside };
    let labels: Vec<&str> = rest.split('.').collect();
    match labels.as_slice() {
        ["svc" | "pod"] => Answer::NoData,
        [namespace, "svc" | "pod"] => match lister.get::<Namespace>("", namespace) {
            Some(_) => Answer::NoData,
            None => Answer::NxDomain,
        },
        [address, namespace, "pod"] => of_pod(lister, &name, address, namespace, query),
        [before @ .., service, namespace, "svc"] => of_service(lister, &name, before, service, namespace, query),
        _ => Answer::NxDomain,
    }
}

fn records(records: Vec<Record>) -> Answer {
    if records.is_empty() { Answer::NxDomain } else { Answer::Records(records) }
}

/// `10-244-1-2.default.pod.cluster.local` answers with the address in it, whether or not there is such a pod.
fn of_pod(lister: Lister<'_>, name: &str, address: &str, namespace: &str, query: Query) -> Answer {
    let address = address.replace('-', ".");
    if lister.get::<Namespace>("", namespace).is_none() || address.parse::<std::net::Ipv4Addr>().is_err() {
        return Answer::NxDomain;
    }
    if query != Query::A {
        return Answer::NoData;
    }
    Answer::Records(vec![Record { name: name.to_owned(), data: Data::A(address) }])
}

fn of_service(lister: Lister<'_>, name: &str, before: &[&str], service: &str, namespace: &str, query: Query) -> Answer {
    let Some(service) = lister.get::<Service>(namespace, service) else {
        if (service, namespace) == ("kube-dns", "kube-system") && before.is_empty() {
            let address = Data::A(CLUSTER_DNS.to_owned());
            return only(query, Query::A, vec![Record { name: name.to_owned(), data: address }]);
        }
        return Answer::NxDomain;
    };
    let (port, host) = match before {
        [] => (None, None),
        [port, protocol] if port.starts_with('_') && protocol.starts_with('_') => {
            (Some((&port[1..], &protocol[1..])), None)
        }
        [host] => (None, Some(*host)),
        _ => return Answer::NxDomain,
    };
    if service.spec.r#type == "ExternalName" {
        if host.is_some() {
            return Answer::NxDomain;
        }
        let target = service.spec.external_name.trim_end_matches('.').to_owned();
        return Answer::Records(vec![Record { name: name.to_owned(), data: Data::Cname(target) }]);
    }
    let targets = targets(lister, service, host);
    let targets: Vec<Target> = targets.into_iter().filter(|target| target.is_at(port)).collect();
    if targets.is_empty() {
        return Answer::NxDomain;
    }
    match query {
        Query::A => {
            let mut addresses: Vec<String> = Vec::new();
            for target in targets {
                if !addresses.contains(&target.address) {
                    addresses.push(target.address);
                }
            }
            let record = |address| Record { name: name.to_owned(), data: Data::A(address) };
            Answer::Records(addresses.into_iter().map(record).collect())
        }
        Query::Srv => {
            let weight = 100 / targets.len().max(1);
            let record = |target: Target| Record {
                name: name.to_owned(),
                data: Data::Srv { weight: weight.max(1), port: target.port, target: target.name },
            };
            Answer::Records(targets.into_iter().filter(|target| target.port > 0).map(record).collect())
        }
        Query::Aaaa | Query::Ptr | Query::Cname => Answer::NoData,
    }
}

fn only(query: Query, wanted: Query, records: Vec<Record>) -> Answer {
    if query == wanted { Answer::Records(records) } else { Answer::NoData }
}

/// One address and port behind a Service's name.
struct Target {
    name: String,
    address: String,
    port: i32,
    port_name: String,
    protocol: String,
}

impl Target {
    fn is_at(&self, wanted: Option<(&str, &str)>) -> bool {
        wanted.is_none_or(|(port, protocol)| self.port_name == port && self.protocol.eq_ignore_ascii_case(protocol))
    }
}

/// The addresses behind a Service's name, or behind that of one of its endpoints.
fn targets(lister: Lister<'_>, service: &Service, host: Option<&str>) -> Vec<Target> {
    let name = crate::service_name(service);
    let mut targets = Vec::new();
    if !service.is_headless() && host.is_none() {
        for port in &service.spec.ports {
            targets.push(Target {
                name: name.clone(),
                address: service.spec.cluster_ip.to_string(),
                port: port.port,
                port_name: port.name.to_string(),
                protocol: port.protocol.to_string(),
            });
        }
        return targets;
    }
    for slice in slices(lister, service) {
        for endpoint in slice.endpoints.iter().filter(|endpoint| endpoint.conditions.ready != Some(false)) {
            let Some(address) = endpoint.addresses.first() else { continue };
            let label = label_of(endpoint);
            if host.is_some_and(|host| host != label) {
                continue;
            }
            let target = |port: i32, port_name: &str, protocol: &str| Target {
                name: format!("{label}.{name}"),
                address: address.to_string(),
                port,
                port_name: port_name.to_owned(),
                protocol: protocol.to_owned(),
            };
            if slice.ports.is_empty() {
                targets.push(target(0, "", "TCP"));
            }
            targets.extend(slice.ports.iter().map(|port| target(port.port.unwrap_or(0), &port.name, &port.protocol)));
        }
    }
    targets
}

/// The slices of a Service, its own and those somebody else made for it.
pub(crate) fn slices<'a>(lister: Lister<'a>, service: &'a Service) -> impl Iterator<Item = &'a Rc<EndpointSlice>> {
    lister.list_in::<EndpointSlice>(&service.metadata.namespace).filter(move |slice| {
        slice.metadata.labels.get("kubernetes.io/service-name").is_some_and(|name| *name == service.metadata.name)
    })
}

/// An endpoint's label below the name of its Service.
fn label_of(endpoint: &Endpoint) -> String {
    if !endpoint.hostname.is_empty() {
        return endpoint.hostname.to_string();
    }
    endpoint.addresses.first().map(|address| address.replace('.', "-")).unwrap_or_default()
}

/// The names that an address has.
fn names_of(lister: Lister<'_>, address: &str) -> Vec<String> {
    if address == CLUSTER_DNS {
        return vec![format!("kube-dns.kube-system.svc.{CLUSTER_DOMAIN}")];
    }
    let mut names = Vec::new();
    for service in lister.list::<Service>() {
        if *service.spec.cluster_ip == *address {
            return vec![crate::service_name(service)];
        }
        for endpoint in ready_endpoints(lister, service) {
            if endpoint.addresses.first().is_some_and(|known| **known == *address) {
                names.push(format!("{}.{}", label_of(endpoint), crate::service_name(service)));
            }
        }
    }
    names
}
