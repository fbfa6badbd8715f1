//! Where a connection goes: Services lead to ready endpoints, addresses to pods, and what leads nowhere says how.
//! Models: pkg/proxy (iptables mode), pkg/proxy/topology.go for traffic policies.

use crate::dns::slices;
use api::{Node, Pod, Service, ServicePort};
use apiserver::Lister;
use serde_json::Value;
use std::rc::Rc;

/// Where a connection goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Route {
    /// To a pod.
    Pod {
        /// The pod.
        pod: Rc<Pod>,
        /// The port in it.
        port: i32,
    },
    /// To the API server.
    ApiServer,
    /// It is refused: the Service has no endpoint that is ready, or nothing listens on that machine.
    Refused,
    /// Nobody answers.
    Silence,
}

/// Where a connection that comes from `client` goes. `turn` chooses among several endpoints.
pub fn route(lister: Lister<'_>, client: &Pod, address: &str, port: i32, turn: u32) -> Route {
    if address == "localhost" || address.starts_with("127.") {
        return own_or_neighbour(lister, client, port);
    }
    if address == client.status.pod_ip.as_str() && !client.spec.host_network {
        return Route::Pod { pod: Rc::new(client.clone()), port };
    }
    for service in lister.list::<Service>() {
        let external = service.spec.rest.get("externalIPs").and_then(Value::as_array);
        let is_external = external.into_iter().flatten().filter_map(Value::as_str).any(|known| known == address);
        if *service.spec.cluster_ip == *address || is_external {
            return match service.spec.ports.iter().find(|known| known.port == port) {
                Some(found) => through(lister, service, found, client, "internalTrafficPolicy", turn),
                None => Route::Silence,
            };
        }
    }
    if let Some(node) = node_at(lister, address) {
        return through_node(lister, node, client, port, turn);
    }
    let at = |pod: &&Rc<Pod>| *pod.status.pod_ip == *address && !pod.is_finished();
    match lister.list::<Pod>().find(at) {
        Some(pod) => Route::Pod { pod: Rc::clone(pod), port },
        None => Route::Silence,
    }
}

fn own_or_neighbour(lister: Lister<'_>, client: &Pod, port: i32) -> Route {
    if !client.spec.host_network {
        return Route::Pod { pod: Rc::new(client.clone()), port };
    }
    on_machine(lister, &client.spec.node_name, port)
}

/// A pod in the machine's own network that listens at this port.
fn on_machine(lister: Lister<'_>, node: &str, port: i32) -> Route {
    let declares = |pod: &&Rc<Pod>| {
        let mut ports = pod.spec.containers.iter().flat_map(|container| container.ports.iter());
        !pod.is_finished()
            && ports.any(|known| known.host_port == port || pod.spec.host_network && known.container_port == port)
    };
    let Some(pod) = lister.pods_on_node(node).find(declares) else { return Route::Refused };
    let mut ports = pod.spec.containers.iter().flat_map(|container| container.ports.iter());
    let inner = ports.find(|known| known.host_port == port).map_or(port, |known| known.container_port);
    Route::Pod { pod: Rc::clone(pod), port: inner }
}

fn node_at<'a>(lister: Lister<'a>, address: &str) -> Option<&'a Rc<Node>> {
    lister.list::<Node>().find(|node| node.status.addresses.iter().any(|known| *known.address == *address))
}

fn through_node(lister: Lister<'_>, node: &Node, client: &Pod, port: i32, turn: u32) -> Route {
    for service in lister.list::<Service>() {
        if let Some(found) = service.spec.ports.iter().find(|known| known.node_port == port && port > 0) {
            let mut from = client.clone();
            from.spec.node_name = node.metadata.name.clone();
            return through(lister, service, found, &from, "externalTrafficPolicy", turn);
        }
    }
    if !node.is_ready() {
        return Route::Silence;
    }
    on_machine(lister, &node.metadata.name, port)
}

fn through(lister: Lister<'_>, service: &Service, port: &ServicePort, client: &Pod, policy: &str, turn: u32) -> Route {
    let local = service.spec.rest.get(policy).and_then(Value::as_str) == Some("Local");
    let mut found: Vec<(Rc<Pod>, i32)> = Vec::new();
    for slice in slices(lister, service) {
        let Some(inner) = slice.ports.iter().find(|known| known.name == port.name).and_then(|known| known.port) else {
            continue;
        };
        for endpoint in slice.endpoints.iter().filter(|endpoint| endpoint.conditions.ready != Some(false)) {
            if local && endpoint.node_name != client.spec.node_name {
                continue;
            }
            let target = endpoint.target_ref.as_ref().filter(|target| target.kind == "Pod");
            let pod = target.and_then(|target| lister.get::<Pod>(&target.namespace, &target.name));
            found.extend(pod.map(|pod| (Rc::clone(pod), inner)));
        }
    }
    if found.is_empty() {
        if (service.metadata.namespace.as_str(), service.metadata.name.as_str()) == ("default", "kubernetes") {
            return Route::ApiServer;
        }
        return Route::Refused;
    }
    let index = usize::try_from(turn).unwrap_or(0) % found.len();
    let (pod, port) = found.swap_remove(index);
    Route::Pod { pod, port }
}

/// The Service that an address belongs to: who answers there depends on whose turn it is.
pub fn service_at<'a>(lister: Lister<'a>, address: &str, port: i32) -> Option<&'a Rc<Service>> {
    lister.list::<Service>().find(|service| {
        *service.spec.cluster_ip == *address
            || port > 0 && service.spec.ports.iter().any(|known| known.node_port == port)
    })
}
