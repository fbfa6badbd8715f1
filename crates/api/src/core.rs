//! Nodes, namespaces, services, configuration, events, leases.
//! Models: staging/src/k8s.io/api/core/v1/types.go, discovery/v1, coordination/v1.

use crate::{IntOrString, List, ObjectMeta, ResourceList, Str, StrMap, Time};
use std::rc::Rc;

object! {
    /// A machine.
    pub struct Node {
        /// Name and labels.
        metadata: ObjectMeta = "metadata" always,
        /// Taints, cordon.
        spec: NodeSpec = "spec" always,
        /// Capacity and conditions.
        status: NodeStatus = "status" always,
    }
}

object! {
    /// What is wanted of a node.
    pub struct NodeSpec {
        /// Addresses of its pods.
        pod_cidr: Str = "podCIDR",
        /// Addresses of its pods.
        pod_cidrs: List<Str> = "podCIDRs",
        /// Name at the cloud.
        provider_id: Str = "providerID",
        /// What keeps pods away.
        taints: List<Taint> = "taints",
        /// Cordoned.
        unschedulable: bool = "unschedulable",
    }
}

object! {
    /// Keeps pods away that do not tolerate it.
    pub struct Taint {
        /// Its key.
        key: Str = "key" always,
        /// Its value.
        value: Str = "value",
        /// `NoSchedule`, `PreferNoSchedule` or `NoExecute`.
        effect: Str = "effect" always,
        /// When it was put on (NoExecute only).
        time_added: Option<Time> = "timeAdded",
    }
}

object! {
    /// What is known of a node.
    pub struct NodeStatus {
        /// Everything it has.
        capacity: ResourceList = "capacity",
        /// What pods may ask for.
        allocatable: ResourceList = "allocatable",
        /// Ready, MemoryPressure, ….
        conditions: List<NodeCondition> = "conditions",
        /// Addresses.
        addresses: List<NodeAddress> = "addresses",
    }
}

object! {
    /// One condition of a node.
    pub struct NodeCondition {
        /// Its name.
        r#type: Str = "type" always,
        /// `True`, `False` or `Unknown`.
        status: Str = "status" always,
        /// When the kubelet last reported it.
        last_heartbeat_time: Option<Time> = "lastHeartbeatTime" always,
        /// When the status last changed.
        last_transition_time: Option<Time> = "lastTransitionTime" always,
        /// Why, in a word.
        reason: Str = "reason",
        /// Why, in sentences.
        message: Str = "message",
    }
}

object! {
    /// One address of a node.
    pub struct NodeAddress {
        /// The address.
        address: Str = "address" always,
        /// `InternalIP`, `Hostname`, ….
        r#type: Str = "type" always,
    }
}

impl Node {
    /// The condition of this type.
    pub fn condition(&self, r#type: &str) -> Option<&NodeCondition> {
        self.status.conditions.iter().find(|c| c.r#type == *r#type)
    }

    /// Whether its Ready condition is True.
    pub fn is_ready(&self) -> bool {
        self.condition("Ready").is_some_and(|c| c.status == "True")
    }
}

impl std::fmt::Display for Taint {
    /// `key=value:Effect`, or `key:Effect`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.value.is_empty() {
            write!(f, "{}:{}", self.key, self.effect)
        } else {
            write!(f, "{}={}:{}", self.key, self.value, self.effect)
        }
    }
}

object! {
    /// A room for names.
    pub struct Namespace {
        /// Name and labels.
        metadata: ObjectMeta = "metadata" always,
        /// Finalizers.
        spec: NamespaceSpec = "spec" always,
        /// Phase.
        status: NamespaceStatus = "status" always,
    }
}

object! {
    /// What holds a namespace.
    pub struct NamespaceSpec {
        /// Usually `kubernetes`.
        finalizers: List<Str> = "finalizers",
    }
}

object! {
    /// What is known of a namespace.
    pub struct NamespaceStatus {
        /// `Active` or `Terminating`.
        phase: Str = "phase",
    }
}

/// The domain of the cluster's names.
pub const CLUSTER_DOMAIN: &str = "cluster.local";

/// Where the cluster's name server answers.
pub const CLUSTER_DNS: &str = "10.96.0.10";

object! {
    /// A name for a set of pods.
    pub struct Service {
        /// Name and labels.
        metadata: ObjectMeta = "metadata" always,
        /// Which pods, which ports.
        spec: ServiceSpec = "spec" always,
    }
}

object! {
    /// Which pods, which ports, which addresses.
    pub struct ServiceSpec {
        /// Virtual address, `None` for a headless Service.
        cluster_ip: Str = "clusterIP",
        /// Virtual addresses.
        cluster_ips: List<Str> = "clusterIPs",
        /// Ports.
        ports: List<ServicePort> = "ports",
        /// Labels of its pods.
        selector: StrMap = "selector",
        /// `ClusterIP`, `NodePort`, `LoadBalancer` or `ExternalName`.
        r#type: Str = "type",
        /// Name it stands for (ExternalName).
        external_name: Str = "externalName",
        /// Whether unready pods have names too.
        publish_not_ready_addresses: bool = "publishNotReadyAddresses",
    }
}

object! {
    /// A port of a Service.
    pub struct ServicePort {
        /// Its name.
        name: Str = "name",
        /// `TCP`, `UDP` or `SCTP`.
        protocol: Str = "protocol",
        /// The port of the Service.
        port: i32 = "port" always,
        /// The port of the pods, by number or name.
        target_port: Option<IntOrString> = "targetPort",
        /// The port on every node.
        node_port: i32 = "nodePort",
    }
}

impl Service {
    /// Whether it has no virtual address.
    pub fn is_headless(&self) -> bool {
        self.spec.cluster_ip == "None"
    }
}

object! {
    /// Configuration as text.
    pub struct ConfigMap {
        /// Name and labels.
        metadata: ObjectMeta = "metadata" always,
        /// Text values.
        data: StrMap = "data",
        /// Base64 values.
        binary_data: StrMap = "binaryData",
        /// Whether changes are refused.
        immutable: bool = "immutable",
    }
}

object! {
    /// Configuration that is not to be shown.
    pub struct Secret {
        /// Name and labels.
        metadata: ObjectMeta = "metadata" always,
        /// Base64 values.
        data: StrMap = "data",
        /// Plain values, folded into data on write.
        string_data: StrMap = "stringData",
        /// `Opaque` and others.
        r#type: Str = "type",
        /// Whether changes are refused.
        immutable: bool = "immutable",
    }
}

object! {
    /// An account of pods.
    pub struct ServiceAccount {
        /// Name and labels.
        metadata: ObjectMeta = "metadata" always,
    }
}

object! {
    /// Something that happened to an object, counted if it happens again.
    pub struct Event {
        /// Name and namespace.
        metadata: ObjectMeta = "metadata" always,
        /// The object.
        involved_object: Rc<ObjectReference> = "involvedObject" always,
        /// What happened, in a word.
        reason: Str = "reason",
        /// What happened, in sentences.
        message: Str = "message",
        /// Who saw it.
        source: EventSource = "source" always,
        /// When it happened first.
        first_timestamp: Option<Time> = "firstTimestamp" always,
        /// When it happened last.
        last_timestamp: Option<Time> = "lastTimestamp" always,
        /// How often.
        count: i32 = "count",
        /// `Normal` or `Warning`.
        r#type: Str = "type",
        /// When it happened first (newer API).
        event_time: Option<MicroTime> = "eventTime" always,
        /// How often it happened, if more than once (newer API).
        series: Option<Rc<EventSeries>> = "series",
        /// What was being done (newer API).
        action: Str = "action",
        /// Who saw it (newer API).
        reporting_component: Str = "reportingComponent" always,
        /// Where that runs (newer API).
        reporting_instance: Str = "reportingInstance" always,
    }
}

object! {
    /// How often an event of the newer API happened.
    pub struct EventSeries {
        /// How often.
        count: i32 = "count",
        /// When it happened last.
        last_observed_time: Option<MicroTime> = "lastObservedTime",
    }
}

impl Event {
    /// When it was seen first, by either API.
    pub fn first_seen(&self) -> Option<Time> {
        self.first_timestamp.or(self.event_time.map(|time| time.0))
    }

    /// When it was seen last, by either API.
    pub fn last_seen(&self) -> Option<Time> {
        let series = self.series.as_ref().and_then(|series| series.last_observed_time);
        series.map(|time| time.0).or(self.last_timestamp).or(self.first_seen())
    }

    /// How often it was seen, by either API.
    pub fn times_seen(&self) -> i32 {
        self.series.as_ref().map_or(self.count, |series| series.count).max(1)
    }
}

object! {
    /// Who saw an event.
    pub struct EventSource {
        /// `kubelet`, `statefulset-controller`, ….
        component: Str = "component",
        /// The node, for kubelets.
        host: Str = "host",
    }
}

object! {
    /// An object, by kind and name.
    pub struct ObjectReference {
        /// Kind.
        kind: Str = "kind",
        /// Namespace.
        namespace: Str = "namespace",
        /// Name.
        name: Str = "name",
        /// UID.
        uid: Str = "uid",
        /// Group and version.
        api_version: Str = "apiVersion",
        /// Version at the time.
        resource_version: Str = "resourceVersion",
        /// Part of the object, e.g. `spec.containers{nginx}`.
        field_path: Str = "fieldPath",
    }
}

object! {
    /// A kubelet's heartbeat.
    pub struct Lease {
        /// Name.
        metadata: ObjectMeta = "metadata" always,
        /// Holder and times.
        spec: LeaseSpec = "spec" always,
    }
}

object! {
    /// Holder and times of a lease.
    pub struct LeaseSpec {
        /// Who holds it.
        holder_identity: Str = "holderIdentity",
        /// Seconds it is good for.
        lease_duration_seconds: Option<i32> = "leaseDurationSeconds",
        /// When it was last renewed.
        renew_time: Option<MicroTime> = "renewTime",
    }
}

/// A point in time printed with microseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct MicroTime(pub Time);

impl crate::Wire for MicroTime {
    fn read(value: serde_json::Value) -> Self {
        MicroTime(Time::read(value))
    }
    fn write(&self) -> serde_json::Value {
        serde_json::Value::String(self.0.micro())
    }
    fn is_absent(&self) -> bool {
        false
    }
}
