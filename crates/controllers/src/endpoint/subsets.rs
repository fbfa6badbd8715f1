//! Addresses packed into subsets that share ports, and cut where there are too many.
//! Models: RepackSubsets in pkg/api/v1/endpoints/util.go, truncateEndpoints in pkg/controller/endpoint.

use api::{EndpointAddress, EndpointSubset, List, Str, SubsetPort};
use std::collections::BTreeMap;

/// One port of one address; without a port for a headless Service that has none.
pub(crate) struct Entry {
    pub(crate) port: Option<SubsetPort>,
    pub(crate) address: EndpointAddress,
    pub(crate) ready: bool,
}

/// Addresses by address and pod, each with whether it is ready.
type Addresses = BTreeMap<(Str, Str), (EndpointAddress, bool)>;

/// Ports with the same addresses make a subset.
pub(crate) fn repack(entries: Vec<Entry>) -> List<EndpointSubset> {
    let mut ports: Vec<(Option<SubsetPort>, Addresses)> = Vec::new();
    for Entry { port, address, ready } in entries {
        let uid = address.target_ref.as_ref().map(|target| target.uid.clone()).unwrap_or_default();
        let place = ports.iter().position(|(known, _)| *known == port).unwrap_or_else(|| {
            ports.push((port, Addresses::new()));
            ports.len() - 1
        });
        // What is not ready anywhere is not ready.
        let entry = ports[place].1.entry((address.ip.clone(), uid)).or_insert((address, ready));
        entry.1 &= ready;
    }
    ports.sort_by(|(a, _), (b, _)| order(a.as_ref()).cmp(&order(b.as_ref())));
    let mut groups: Vec<(Vec<SubsetPort>, Addresses)> = Vec::new();
    for (port, addresses) in ports {
        match groups.iter_mut().find(|(_, known)| *known == addresses) {
            Some((ports, _)) => ports.extend(port),
            None => groups.push((port.into_iter().collect(), addresses)),
        }
    }
    groups.into_iter().map(|(ports, addresses)| subset(ports, addresses)).collect()
}

fn order(port: Option<&SubsetPort>) -> Option<(&Str, i32, &Str)> {
    port.map(|port| (&port.name, port.port, &port.protocol))
}

fn subset(ports: Vec<SubsetPort>, addresses: Addresses) -> EndpointSubset {
    let (mut ready, mut others) = (Vec::new(), Vec::new());
    for (address, is_ready) in addresses.into_values() {
        if is_ready { ready.push(address) } else { others.push(address) }
    }
    EndpointSubset {
        addresses: ready.into(),
        not_ready_addresses: others.into(),
        ports: ports.into(),
        ..Default::default()
    }
}

/// At most so many addresses, the ready ones first, each subset in proportion.
pub(super) fn truncate(subsets: &List<EndpointSubset>, capacity: usize) -> List<EndpointSubset> {
    let ready: usize = subsets.iter().map(|subset| subset.addresses.len()).sum();
    let others: usize = subsets.iter().map(|subset| subset.not_ready_addresses.len()).sum();
    let cuts_ready = ready > capacity;
    let (total, most) = if cuts_ready { (ready, capacity) } else { (others, capacity - ready) };
    let mut left = most;
    let mut share = |addresses: &List<EndpointAddress>| -> List<EndpointAddress> {
        let part = (addresses.len() * most).div_ceil(total.max(1)).min(left).min(addresses.len());
        left -= part;
        addresses[..part].to_vec().into()
    };
    let cut = |subset: &EndpointSubset| match cuts_ready {
        true => EndpointSubset {
            addresses: share(&subset.addresses),
            not_ready_addresses: List::default(),
            ..subset.clone()
        },
        false => EndpointSubset { not_ready_addresses: share(&subset.not_ready_addresses), ..subset.clone() },
    };
    subsets.iter().map(cut).collect()
}
