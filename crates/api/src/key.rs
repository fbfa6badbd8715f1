//! Kinds and object keys: how everything is named.

use crate::Str;
use std::fmt;

/// Which kind an object is of. Kinds that something here models have a name; all others are an index into the
/// API server's table of resources, which also knows custom ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "the variants are the kinds' own names")]
pub enum Kind {
    ConfigMap,
    ControllerRevision,
    CronJob,
    DaemonSet,
    Deployment,
    EndpointSlice,
    Endpoints,
    Event,
    HorizontalPodAutoscaler,
    Job,
    Lease,
    LimitRange,
    Namespace,
    Node,
    PersistentVolume,
    PersistentVolumeClaim,
    Pod,
    PodDisruptionBudget,
    ReplicaSet,
    ReplicationController,
    ResourceQuota,
    Secret,
    Service,
    ServiceAccount,
    StatefulSet,
    StorageClass,
    /// A kind without a type of its own: its place in the API server's table of resources, or what [`Kind::custom`] makes.
    Other(u32),
}

/// Custom kinds have this bit.
const CUSTOM: u32 = 1 << 31;

impl Kind {
    /// The kind of custom resources of this group and name. It follows from the names alone, so that it is the same in
    /// every cluster and at every time.
    pub fn custom(group: &str, kind: &str) -> Kind {
        Kind::Other(CUSTOM | crate::fnv32a(format!("{group}/{kind}").as_bytes()))
    }

    /// Whether it is the kind of custom resources.
    pub fn is_custom(self) -> bool {
        matches!(self, Kind::Other(number) if number & CUSTOM != 0)
    }

    /// Every kind that has a type of its own.
    pub const MODELLED: &'static [Kind] = &[
        Kind::ConfigMap,
        Kind::ControllerRevision,
        Kind::CronJob,
        Kind::DaemonSet,
        Kind::Deployment,
        Kind::EndpointSlice,
        Kind::Endpoints,
        Kind::Event,
        Kind::HorizontalPodAutoscaler,
        Kind::Job,
        Kind::Lease,
        Kind::LimitRange,
        Kind::Namespace,
        Kind::Node,
        Kind::PersistentVolume,
        Kind::PersistentVolumeClaim,
        Kind::Pod,
        Kind::PodDisruptionBudget,
        Kind::ReplicaSet,
        Kind::ReplicationController,
        Kind::ResourceQuota,
        Kind::Secret,
        Kind::Service,
        Kind::ServiceAccount,
        Kind::StatefulSet,
        Kind::StorageClass,
    ];

    /// Group/version and name of a modelled kind, as manifests spell them; empty for the others.
    pub fn type_meta(self) -> (&'static str, &'static str) {
        match self {
            Kind::ConfigMap => ("v1", "ConfigMap"),
            Kind::ControllerRevision => ("apps/v1", "ControllerRevision"),
            Kind::CronJob => ("batch/v1", "CronJob"),
            Kind::DaemonSet => ("apps/v1", "DaemonSet"),
            Kind::Deployment => ("apps/v1", "Deployment"),
            Kind::EndpointSlice => ("discovery.k8s.io/v1", "EndpointSlice"),
            Kind::Endpoints => ("v1", "Endpoints"),
            Kind::Event => ("v1", "Event"),
            Kind::HorizontalPodAutoscaler => ("autoscaling/v2", "HorizontalPodAutoscaler"),
            Kind::Job => ("batch/v1", "Job"),
            Kind::Lease => ("coordination.k8s.io/v1", "Lease"),
            Kind::LimitRange => ("v1", "LimitRange"),
            Kind::Namespace => ("v1", "Namespace"),
            Kind::Node => ("v1", "Node"),
            Kind::PersistentVolume => ("v1", "PersistentVolume"),
            Kind::PersistentVolumeClaim => ("v1", "PersistentVolumeClaim"),
            Kind::Pod => ("v1", "Pod"),
            Kind::PodDisruptionBudget => ("policy/v1", "PodDisruptionBudget"),
            Kind::ReplicaSet => ("apps/v1", "ReplicaSet"),
            Kind::ReplicationController => ("v1", "ReplicationController"),
            Kind::ResourceQuota => ("v1", "ResourceQuota"),
            Kind::Secret => ("v1", "Secret"),
            Kind::Service => ("v1", "Service"),
            Kind::ServiceAccount => ("v1", "ServiceAccount"),
            Kind::StatefulSet => ("apps/v1", "StatefulSet"),
            Kind::StorageClass => ("storage.k8s.io/v1", "StorageClass"),
            Kind::Other(_) => ("", ""),
        }
    }

    /// The modelled kind of this group/version and name.
    pub fn modelled(api_version: &str, kind: &str) -> Option<Kind> {
        Kind::MODELLED.iter().copied().find(|k| k.type_meta() == (api_version, kind))
    }

    /// Whether objects of a modelled kind live in a namespace.
    pub fn is_namespaced(self) -> bool {
        !matches!(self, Kind::Namespace | Kind::Node | Kind::PersistentVolume | Kind::StorageClass)
    }
}

/// The name of an object: its kind, namespace (empty for cluster-wide kinds) and name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectKey {
    /// The kind.
    pub kind: Kind,
    /// The namespace, empty for cluster-wide kinds.
    pub namespace: Str,
    /// The name.
    pub name: Str,
}

impl ObjectKey {
    /// A key; give an empty namespace for cluster-wide kinds.
    pub fn new(kind: Kind, namespace: impl Into<Str>, name: impl Into<Str>) -> Self {
        ObjectKey { kind, namespace: namespace.into(), name: name.into() }
    }

    /// The key of a cluster-wide object.
    pub fn cluster(kind: Kind, name: impl Into<Str>) -> Self {
        ObjectKey { kind, namespace: Str::default(), name: name.into() }
    }

    /// `namespace/name`, or the bare name of a cluster-wide object.
    pub fn path(&self) -> String {
        if self.namespace.is_empty() { self.name.to_string() } else { format!("{}/{}", self.namespace, self.name) }
    }
}

impl fmt::Display for ObjectKey {
    /// `StatefulSet default/web`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            Kind::Other(n) => write!(f, "kind#{n} {}", self.path()),
            kind => write!(f, "{} {}", kind.type_meta().1, self.path()),
        }
    }
}
