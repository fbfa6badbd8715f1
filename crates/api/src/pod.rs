//! Pods: spec, containers, affinity, status. Models: staging/src/k8s.io/api/core/v1/types.go.

use crate::{
    Affinity, Container, ContainerStatus, List, ObjectMeta, Quantity, ResourceList, ResourceRequirements, Str, StrMap,
    Time, Toleration, TopologySpreadConstraint, Volume, Wire,
};
use serde_json::Value;
use std::rc::Rc;

object! {
    /// A group of containers on one node.
    pub struct Pod {
        /// Name, labels, owners.
        metadata: ObjectMeta = "metadata" always,
        /// What is to run.
        spec: PodSpec = "spec" always,
        /// What runs.
        status: PodStatus = "status" always,
    }
}

object! {
    /// A pod to be made by a workload; `metadata` carries labels and annotations only.
    pub struct PodTemplateSpec {
        /// Labels and annotations of the pods.
        metadata: ObjectMeta = "metadata" always,
        /// Spec of the pods.
        spec: PodSpec = "spec" always,
    }
}

object! {
    /// What a pod is to run, and where it may.
    pub struct PodSpec {
        /// Run in order before the others, each to its end (or, with restartPolicy Always, beside them).
        init_containers: List<Container> = "initContainers",
        /// The containers.
        containers: List<Container> = "containers" always,
        /// Volumes to mount.
        volumes: List<Volume> = "volumes",
        /// `Always`, `OnFailure` or `Never`.
        restart_policy: Str = "restartPolicy",
        /// Seconds between SIGTERM and SIGKILL.
        termination_grace_period_seconds: Option<i64> = "terminationGracePeriodSeconds",
        /// Seconds after which the pod is failed.
        active_deadline_seconds: Option<i64> = "activeDeadlineSeconds",
        /// Labels the node must have.
        node_selector: StrMap = "nodeSelector",
        /// The node it is bound to.
        node_name: Str = "nodeName",
        /// Whether it uses the node's network.
        host_network: bool = "hostNetwork",
        /// Host name inside the pod.
        hostname: Str = "hostname",
        /// Governing Service for its DNS name.
        subdomain: Str = "subdomain",
        /// Rules on nodes and other pods.
        affinity: Option<Rc<Affinity>> = "affinity",
        /// Which scheduler binds it.
        scheduler_name: Str = "schedulerName",
        /// Taints it tolerates.
        tolerations: List<Toleration> = "tolerations",
        /// Name of its PriorityClass.
        priority_class_name: Str = "priorityClassName",
        /// The value of its priority class.
        priority: Option<i32> = "priority",
        /// `PreemptLowerPriority` or `Never`.
        preemption_policy: Str = "preemptionPolicy",
        /// Account it runs as.
        service_account_name: Str = "serviceAccountName",
        /// Extra resources of the pod itself.
        overhead: ResourceList = "overhead",
        /// What the pod as a whole asks for and may use, in place of the sum over its containers.
        resources: Option<ResourceRequirements> = "resources",
        /// How pods spread over domains.
        topology_spread_constraints: List<TopologySpreadConstraint> = "topologySpreadConstraints",
        /// What holds back scheduling.
        scheduling_gates: List<SchedulingGate> = "schedulingGates",
    }
}

object! {
    /// One gate that holds back scheduling until it is removed.
    pub struct SchedulingGate {
        /// Its name.
        name: Str = "name" always,
    }
}

object! {
    /// What is known of a running pod.
    pub struct PodStatus {
        /// Generation the status speaks of.
        observed_generation: i64 = "observedGeneration",
        /// `Pending`, `Running`, `Succeeded`, `Failed`, `Unknown`.
        phase: Str = "phase",
        /// PodScheduled, Initialized, ContainersReady, Ready, ….
        conditions: List<PodCondition> = "conditions",
        /// Why it is in this phase, in sentences.
        message: Str = "message",
        /// Why it is in this phase, in a word.
        reason: Str = "reason",
        /// Where preemption made room for it.
        nominated_node_name: Str = "nominatedNodeName",
        /// Address of the node.
        host_ip: Str = "hostIP",
        /// Addresses of the node.
        host_ips: List<Address> = "hostIPs",
        /// Address of the pod.
        pod_ip: Str = "podIP",
        /// Addresses of the pod.
        pod_ips: List<Address> = "podIPs",
        /// When the kubelet saw it.
        start_time: Option<Time> = "startTime",
        /// State of the init containers.
        init_container_statuses: List<ContainerStatus> = "initContainerStatuses",
        /// State of the containers.
        container_statuses: List<ContainerStatus> = "containerStatuses",
        /// `Guaranteed`, `Burstable` or `BestEffort`.
        qos_class: Str = "qosClass",
        /// What the node has set aside for the pod.
        allocated_resources: ResourceList = "allocatedResources",
        /// What the pod as a whole asks for and may use.
        resources: Option<ResourceRequirements> = "resources",
    }
}

object! {
    /// One address.
    pub struct Address {
        /// The address.
        ip: Str = "ip" always,
    }
}

object! {
    /// One condition of a pod.
    pub struct PodCondition {
        /// Its name.
        r#type: Str = "type" always,
        /// `True`, `False` or `Unknown`.
        status: Str = "status" always,
        /// Generation the condition speaks of.
        observed_generation: i64 = "observedGeneration",
        /// Never set by anything, always printed as null.
        last_probe_time: Null = "lastProbeTime" always,
        /// When the status last changed.
        last_transition_time: Option<Time> = "lastTransitionTime" always,
        /// Why, in a word.
        reason: Str = "reason",
        /// Why, in sentences.
        message: Str = "message",
    }
}

/// A field that always prints as null.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Null;

impl Wire for Null {
    fn read(_: Value) -> Self {
        Null
    }
    fn write(&self) -> Value {
        Value::Null
    }
    fn is_absent(&self) -> bool {
        true
    }
}

impl PodStatus {
    /// The condition of this type.
    pub fn condition(&self, r#type: &str) -> Option<&PodCondition> {
        self.conditions.iter().find(|c| c.r#type == *r#type)
    }

    /// Sets a condition, keeping its transition time if the status stays the same; upstream keeps the order of
    /// first appearance. Models: pkg/api/v1/pod UpdatePodCondition.
    pub fn set_condition(&mut self, mut new: PodCondition, now: Time) {
        let mut conditions: Vec<PodCondition> = self.conditions.to_vec();
        match conditions.iter_mut().find(|c| c.r#type == new.r#type) {
            Some(old) => {
                new.last_transition_time = if old.status == new.status { old.last_transition_time } else { Some(now) };
                *old = new;
            }
            None => {
                new.last_transition_time = Some(now);
                conditions.push(new);
            }
        }
        self.conditions = conditions.into();
    }
}

impl PodCondition {
    /// A condition with a status and no reason.
    pub fn new(r#type: &str, status: bool) -> Self {
        PodCondition {
            r#type: r#type.into(),
            status: if status { "True" } else { "False" }.into(),
            ..Default::default()
        }
    }

    /// The same with a reason and message.
    #[must_use]
    pub fn because(mut self, reason: &str, message: impl Into<Str>) -> Self {
        self.reason = reason.into();
        self.message = message.into();
        self
    }
}

impl Pod {
    /// Whether its Ready condition is True. Models: podutil.IsPodReady.
    pub fn is_ready(&self) -> bool {
        self.status.condition("Ready").is_some_and(|c| c.status == "True")
    }

    /// Whether it runs and its Ready condition is True.
    pub fn is_running_and_ready(&self) -> bool {
        self.status.phase == "Running" && self.is_ready()
    }

    /// Whether it has been Ready for at least this many seconds. Models: podutil.IsPodAvailable.
    pub fn is_available(&self, min_ready_seconds: i32, now: Time) -> bool {
        let Some(ready) = self.status.condition("Ready").filter(|c| c.status == "True") else {
            return false;
        };
        let wait = sim::SimDuration::from_secs(u64::try_from(min_ready_seconds).unwrap_or(0));
        min_ready_seconds == 0 || ready.last_transition_time.is_some_and(|since| since.plus(wait) <= now)
    }

    /// Whether it has ended for good.
    pub fn is_finished(&self) -> bool {
        self.status.phase == "Succeeded" || self.status.phase == "Failed"
    }

    /// Whether deletion was asked for.
    pub fn is_terminating(&self) -> bool {
        self.metadata.is_terminating()
    }

    /// What it asks the node for. Per resource: the larger of the largest init step and the sum of all containers
    /// and sidecars, plus overhead. Models: k8s.io/component-helpers/resource PodRequests.
    pub fn requests(&self) -> ResourceList {
        let mut total = self.total(|c| &c.resources.requests);
        for (name, amount) in self.spec.resources.iter().flat_map(|whole| whole.requests.iter()) {
            total = total.with(name, amount.clone());
        }
        add(&total, &self.spec.overhead)
    }

    /// The most it may use, counted as [`Pod::requests`]. Models: k8s.io/component-helpers/resource PodLimits.
    pub fn limits(&self) -> ResourceList {
        let total = self.total(|c| &c.resources.limits);
        // Overhead is added to limits that are set, it sets none.
        let overhead = self.spec.overhead.iter().filter(|(name, _)| total.has(name));
        add(&total, &overhead.map(|(name, amount)| (name.clone(), amount.clone())).collect())
    }

    fn total(&self, part: impl Fn(&Container) -> &ResourceList) -> ResourceList {
        let mut sum = self.spec.containers.iter().fold(ResourceList::default(), |sum, c| add(&sum, part(c)));
        let (mut sidecars, mut largest) = (ResourceList::default(), ResourceList::default());
        for container in &self.spec.init_containers {
            let amounts = part(container);
            if container.restart_policy == "Always" {
                sidecars = add(&sidecars, amounts);
                sum = add(&sum, amounts);
                largest = larger(&largest, &sidecars);
            } else {
                largest = larger(&largest, &add(&sidecars, amounts));
            }
        }
        larger(&sum, &largest)
    }
}

fn merged(a: &ResourceList, b: &ResourceList, with: impl Fn(&Quantity, &Quantity) -> Quantity) -> ResourceList {
    if b.is_empty() {
        return a.clone();
    }
    if a.is_empty() {
        return b.clone();
    }
    let mut sum: std::collections::BTreeMap<Str, Quantity> = a.iter().map(|(k, v)| (k.clone(), v.clone())).collect();
    for (name, amount) in b.iter() {
        let total = sum.get(name).map_or_else(|| amount.clone(), |have| with(have, amount));
        sum.insert(name.clone(), total);
    }
    sum.into()
}

fn add(a: &ResourceList, b: &ResourceList) -> ResourceList {
    merged(a, b, Quantity::plus)
}

fn larger(a: &ResourceList, b: &ResourceList) -> ResourceList {
    merged(a, b, |x, y| x.max(y).clone())
}
