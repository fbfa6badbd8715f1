//! What the resource metrics API (metrics.k8s.io) answers: how much CPU and memory pods and nodes use.
//!
//! Models: metrics-server, which asks every kubelet each 15 seconds and knows a container once it was seen twice.
//! Nothing runs here, so the use of CPU is what the user said (`sim load`), in per cent of what was requested, and
//! nothing otherwise; memory in use is the memory that was requested.

use crate::Lister;
use api::{Container, ContainerState, Kind, Node, Object, ObjectKey, Pod, Quantity, Resource, Str, Time};
use sim::SimDuration;
use std::collections::BTreeMap;
use std::rc::Rc;

/// How often kubelets are asked.
pub const METRIC_RESOLUTION: SimDuration = SimDuration::from_secs(15);

/// The use of CPU by workload, in per cent of the requests of its pods.
pub(crate) type Loads = Rc<BTreeMap<ObjectKey, u32>>;

/// What one pod uses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PodMetrics {
    /// When it was measured.
    pub timestamp: Time,
    /// What its containers use, in their order.
    pub containers: Vec<Usage>,
}

/// What a container or a node uses.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// The name of the container or node.
    pub name: Str,
    /// CPU in thousandths of a core.
    pub milli_cpu: i64,
    /// Memory in bytes.
    pub memory: i64,
}

impl PodMetrics {
    /// The sum over its containers; without a name.
    pub fn total(&self) -> Usage {
        let sum = |of: fn(&Usage) -> i64| self.containers.iter().map(of).fold(0, i64::saturating_add);
        Usage { name: Str::default(), milli_cpu: sum(|usage| usage.milli_cpu), memory: sum(|usage| usage.memory) }
    }
}

impl Lister<'_> {
    /// What a pod uses; `None` as long as it has not been measured.
    pub fn pod_metrics(self, pod: &Pod, now: Time) -> Option<PodMetrics> {
        if pod.status.phase != "Running" {
            return None;
        }
        let period = i64::try_from(METRIC_RESOLUTION.as_millis()).ok()?;
        let timestamp = Time::from_unix_millis(now.unix_millis().div_euclid(period) * period);
        let load = self.load_of(pod);
        let statuses = pod.status.container_statuses.iter().chain(&pod.status.init_container_statuses);
        let mut containers = Vec::new();
        for status in statuses {
            let ContainerState::Running { started_at, .. } = &status.state else { continue };
            // Seen twice: the use of CPU is a difference.
            if started_at.plus(METRIC_RESOLUTION) > timestamp {
                return None;
            }
            let spec = pod.spec.containers.iter().chain(&pod.spec.init_containers).find(|c| c.name == status.name)?;
            containers.push(usage(spec, load));
        }
        if containers.is_empty() { None } else { Some(PodMetrics { timestamp, containers }) }
    }

    /// What all pods on a node use together; `None` if the node does not answer.
    pub fn node_metrics(self, node: &Node, now: Time) -> Option<Usage> {
        if !node.is_ready() {
            return None;
        }
        let mut sum = Usage { name: node.metadata.name.clone(), ..Usage::default() };
        for pod in self.pods_on_node(&node.metadata.name) {
            let Some(metrics) = self.pod_metrics(pod, now) else { continue };
            let total = metrics.total();
            sum.milli_cpu = sum.milli_cpu.saturating_add(total.milli_cpu);
            sum.memory = sum.memory.saturating_add(total.memory);
        }
        Some(sum)
    }

    /// The load that was set for a pod, or for the nearest of its owners that has one; zero without.
    fn load_of(self, pod: &Pod) -> u32 {
        let loads = self.loads();
        if loads.is_empty() {
            return 0;
        }
        if let Some(load) = loads.get(&pod.key()) {
            return *load;
        }
        let mut owner = pod.metadata.controller().and_then(|r| self.owner(r, &pod.metadata.namespace));
        while let Some(object) = owner {
            if let Some(load) = loads.get(&object.key()) {
                return *load;
            }
            let meta = object.meta();
            owner = meta.controller().and_then(|r| self.owner(r, &meta.namespace));
        }
        0
    }
}

fn usage(container: &Container, load: u32) -> Usage {
    let request = |resource: &str, of: fn(&Quantity) -> i64| container.resources.requests.get(resource).map_or(0, of);
    Usage {
        name: container.name.clone(),
        milli_cpu: request("cpu", Quantity::milli).saturating_mul(i64::from(load)) / 100,
        memory: request("memory", Quantity::value),
    }
}

/// Whether objects of this kind have pods, or are pods, whose use can be set.
pub(crate) fn takes_load(object: &Object) -> bool {
    matches!(
        object.kind(),
        Kind::Pod
            | Kind::Deployment
            | Kind::ReplicaSet
            | Kind::ReplicationController
            | Kind::StatefulSet
            | Kind::DaemonSet
            | Kind::Job
            | Kind::CronJob
    )
}
