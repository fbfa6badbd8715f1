//! What the scheduler knows of a node: its room, the pods that take it, ports and images.
//! Models: pkg/scheduler/framework/types.go (NodeInfo, PodInfo, Resource).

use crate::terms::PodTerms;
use api::{Container, Node, ObjectKey, Pod, Resource, ResourceList, Str};
use std::collections::BTreeMap;
use std::rc::Rc;

/// What containers without requests count as when nodes are scored. Models: pkg/scheduler/util/pod_resources.go.
const DEFAULT_CPU_MILLI: i64 = 100;
const DEFAULT_MEMORY_BYTES: i64 = 200 * 1024 * 1024;

const HOSTNAME: &str = "kubernetes.io/hostname";
const ZONE: &str = "topology.kubernetes.io/zone";

/// Amounts of resources, as numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Amounts {
    /// Thousandths of a CPU.
    pub(crate) cpu_milli: i64,
    /// Bytes of memory.
    pub(crate) memory_bytes: i64,
    /// Bytes of local storage.
    pub(crate) ephemeral_bytes: i64,
    /// How many pods (of a node's allocatable only).
    pub(crate) pods: i64,
    /// Extended resources and huge pages.
    pub(crate) scalars: BTreeMap<Str, i64>,
}

impl Amounts {
    /// Reads a resource list; names that no pod can ask for are left out.
    pub(crate) fn of(list: &ResourceList) -> Self {
        let mut amounts = Amounts::default();
        for (name, quantity) in list.iter() {
            match name.as_str() {
                "cpu" => amounts.cpu_milli = quantity.milli(),
                "memory" => amounts.memory_bytes = quantity.value(),
                "ephemeral-storage" => amounts.ephemeral_bytes = quantity.value(),
                "pods" => amounts.pods = quantity.value(),
                _ if is_scalar(name) => {
                    amounts.scalars.insert(name.clone(), quantity.value());
                }
                _ => {}
            }
        }
        amounts
    }

    /// The amount of an extended resource.
    pub(crate) fn scalar(&self, name: &str) -> i64 {
        self.scalars.get(name).copied().unwrap_or(0)
    }

    fn add(&mut self, other: &Amounts, sign: i64) {
        self.cpu_milli += sign * other.cpu_milli;
        self.memory_bytes += sign * other.memory_bytes;
        self.ephemeral_bytes += sign * other.ephemeral_bytes;
        for (name, amount) in &other.scalars {
            *self.scalars.entry(name.clone()).or_insert(0) += sign * amount;
        }
    }
}

/// Models: pkg/scheduler/util IsScalarResourceName.
fn is_scalar(name: &str) -> bool {
    name.contains('/') || name.starts_with("hugepages-") || name.starts_with("attachable-volumes-")
}

/// CPU (thousandths) and memory (bytes), with defaults for containers that ask for nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Scored {
    /// Thousandths of a CPU.
    pub(crate) cpu_milli: i64,
    /// Bytes of memory.
    pub(crate) memory_bytes: i64,
}

impl Scored {
    fn of(pod: &Pod) -> Self {
        let overhead = Amounts::of(&pod.spec.overhead);
        let cpu = |c: &Container| c.resources.requests.get("cpu").map_or(DEFAULT_CPU_MILLI, api::Quantity::milli);
        let memory =
            |c: &Container| c.resources.requests.get("memory").map_or(DEFAULT_MEMORY_BYTES, api::Quantity::value);
        Scored {
            cpu_milli: total(pod, cpu) + overhead.cpu_milli,
            memory_bytes: total(pod, memory) + overhead.memory_bytes,
        }
    }
}

/// The larger of the largest init step and the sum of all containers and sidecars.
fn total(pod: &Pod, of: impl Fn(&Container) -> i64) -> i64 {
    let mut sum: i64 = pod.spec.containers.iter().map(&of).sum();
    let (mut sidecars, mut largest) = (0, 0);
    for container in &pod.spec.init_containers {
        if container.restart_policy == "Always" {
            sidecars += of(container);
            sum += of(container);
            largest = largest.max(sidecars);
        } else {
            largest = largest.max(sidecars + of(container));
        }
    }
    sum.max(largest)
}

/// A port taken on a node.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct HostPort {
    ip: Str,
    protocol: Str,
    port: i32,
}

impl HostPort {
    /// Whether both cannot be taken at once: the same port of the same protocol on the same or on every address.
    pub(crate) fn conflicts_with(&self, other: &HostPort) -> bool {
        let any = |ip: &Str| *ip == "0.0.0.0";
        self.port == other.port
            && self.protocol == other.protocol
            && (self.ip == other.ip || any(&self.ip) || any(&other.ip))
    }

    /// The host ports of a pod's containers and sidecars. Models: pkg/scheduler/util GetHostPorts.
    pub(crate) fn of(pod: &Pod) -> Vec<HostPort> {
        let sidecars = pod.spec.init_containers.iter().filter(|c| c.restart_policy == "Always");
        let or = |text: &Str, default: &str| if text.is_empty() { default.into() } else { text.clone() };
        sidecars
            .chain(&pod.spec.containers)
            .flat_map(|c| c.ports.iter())
            .filter(|p| p.host_port > 0)
            .map(|p| HostPort { ip: or(&p.host_ip, "0.0.0.0"), protocol: or(&p.protocol, "TCP"), port: p.host_port })
            .collect()
    }
}

/// A pod on a node, and what it takes there.
#[derive(Clone, Debug)]
pub(crate) struct PodInfo {
    /// The pod.
    pub(crate) pod: Rc<Pod>,
    /// What it asks for.
    pub(crate) requests: Amounts,
    /// What it counts as when nodes are scored.
    pub(crate) scored: Scored,
    /// The ports it takes.
    pub(crate) ports: Vec<HostPort>,
    /// Its rules on other pods, if it has any.
    pub(crate) terms: Option<Rc<PodTerms>>,
}

impl PodInfo {
    /// What `pod` takes on a node.
    pub(crate) fn new(pod: Rc<Pod>) -> Self {
        PodInfo {
            requests: Amounts::of(&pod.requests()),
            scored: Scored::of(&pod),
            ports: HostPort::of(&pod),
            terms: PodTerms::of(&pod).map(Rc::new),
            pod,
        }
    }

    /// Whether it is the pod of this key.
    pub(crate) fn is(&self, key: &ObjectKey) -> bool {
        self.pod.metadata.name == key.name && self.pod.metadata.namespace == key.namespace
    }
}

/// A node, and what is left of it.
#[derive(Clone, Debug, Default)]
pub(crate) struct NodeInfo {
    /// The node; an empty one while only pods that name it are known.
    pub(crate) node: Rc<Node>,
    /// Whether the node exists.
    pub(crate) exists: bool,
    /// Its place in the cache.
    pub(crate) slot: u32,
    /// The pods on it, in the order in which they came.
    pub(crate) pods: Vec<Rc<PodInfo>>,
    /// What they ask for together.
    pub(crate) requested: Amounts,
    /// What they count as when nodes are scored.
    pub(crate) scored: Scored,
    /// The ports they take.
    pub(crate) ports: Vec<HostPort>,
    /// What pods may ask for.
    pub(crate) allocatable: Amounts,
    /// Bytes of the images it has, by name.
    pub(crate) images: BTreeMap<Str, i64>,
    /// The labels that each cycle asks for on each node.
    pub(crate) hostname: Option<Str>,
    pub(crate) zone: Option<Str>,
}

impl NodeInfo {
    /// Its name.
    pub(crate) fn name(&self) -> &Str {
        &self.node.metadata.name
    }

    /// The value of one of its labels.
    pub(crate) fn label(&self, key: &str) -> Option<&Str> {
        match key {
            HOSTNAME => self.hostname.as_ref(),
            ZONE => self.zone.as_ref(),
            _ => self.node.metadata.labels.get(key),
        }
    }

    /// Takes the node's present state.
    pub(crate) fn set_node(&mut self, node: &Rc<Node>) {
        self.node = node.clone();
        self.exists = true;
        self.hostname = node.metadata.labels.get(HOSTNAME).cloned();
        self.zone = node.metadata.labels.get(ZONE).cloned();
        self.allocatable = Amounts::of(&node.status.allocatable);
        self.images = images_of(node);
    }

    /// Puts a pod on the node.
    pub(crate) fn add_pod(&mut self, info: &Rc<PodInfo>) {
        self.pods.push(info.clone());
        self.requested.add(&info.requests, 1);
        self.scored.cpu_milli += info.scored.cpu_milli;
        self.scored.memory_bytes += info.scored.memory_bytes;
        self.ports.extend(info.ports.iter().cloned());
    }

    /// Takes a pod off the node.
    pub(crate) fn remove_pod(&mut self, key: &ObjectKey) -> Option<Rc<PodInfo>> {
        let at = self.pods.iter().position(|info| info.is(key))?;
        let info = self.pods.remove(at);
        self.requested.add(&info.requests, -1);
        self.scored.cpu_milli -= info.scored.cpu_milli;
        self.scored.memory_bytes -= info.scored.memory_bytes;
        for port in &info.ports {
            if let Some(at) = self.ports.iter().position(|p| p == port) {
                self.ports.remove(at);
            }
        }
        Some(info)
    }
}

/// Image names and sizes that a kubelet reports.
fn images_of(node: &Node) -> BTreeMap<Str, i64> {
    let mut sizes = BTreeMap::new();
    let Some(images) = node.status.rest.get("images").and_then(serde_json::Value::as_array) else { return sizes };
    for image in images {
        let bytes = image.get("sizeBytes").and_then(serde_json::Value::as_i64).unwrap_or(0);
        let names = image.get("names").and_then(serde_json::Value::as_array);
        for name in names.into_iter().flatten().filter_map(serde_json::Value::as_str) {
            sizes.insert(name.into(), bytes);
        }
    }
    sizes
}

/// The priority of a pod; 0 if none was given.
pub(crate) fn priority(pod: &Pod) -> i32 {
    pod.spec.priority.unwrap_or(0)
}

/// The key of a pod.
pub(crate) fn key_of(pod: &Pod) -> ObjectKey {
    pod.key()
}
