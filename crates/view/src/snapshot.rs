//! Everything the page shows at one moment.

use std::rc::Rc;

use crate::{
    ClaimRow, ClassRow, CronJobLane, DaemonSetLane, DeploymentLane, EventRow, JobLane, NodeCard, PodTile, Problem,
    ServiceRow, StatefulSetLane, StatusSentence, Text, VolumeRow, WorkloadChip,
};

/// Everything the page shows at one moment of a cluster's life.
///
/// The default value is a cluster in which there is nothing.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Snapshot {
    /// The moment, in milliseconds of virtual time.
    pub now_ms: u64,
    /// The moment as the clock shows it.
    pub clock: Text,
    /// The version of Kubernetes that is modelled, such as `v1.36`.
    pub version: Text,
    /// What the cluster is about, in one sentence.
    pub status: StatusSentence,
    /// Every node, by name with numbers in their order.
    pub nodes: Rc<[NodeCard]>,
    /// Every Pod, by namespace and name. The tiles of the other parts are these.
    pub pods: Rc<[Rc<PodTile>]>,
    /// The Pods on no card: those without a node, and those whose node is gone; by namespace and name.
    pub unscheduled: Rc<[Rc<PodTile>]>,
    /// Every workload, by kind, namespace and name.
    pub workloads: Rc<[WorkloadChip]>,
    /// Every StatefulSet, by namespace and name.
    pub stateful_sets: Rc<[StatefulSetLane]>,
    /// Every DaemonSet, by namespace and name.
    pub daemon_sets: Rc<[DaemonSetLane]>,
    /// Every Deployment, and every ReplicaSet and ReplicationController without one; by namespace and name.
    pub deployments: Rc<[DeploymentLane]>,
    /// Every Job, by namespace and name.
    pub jobs: Rc<[JobLane]>,
    /// Every CronJob, by namespace and name.
    pub cron_jobs: Rc<[CronJobLane]>,
    /// Every PersistentVolumeClaim, by namespace and name.
    pub claims: Rc<[ClaimRow]>,
    /// Every PersistentVolume, by name.
    pub volumes: Rc<[VolumeRow]>,
    /// Every StorageClass, by name.
    pub classes: Rc<[ClassRow]>,
    /// Every Service, by namespace and name.
    pub services: Rc<[ServiceRow]>,
    /// The latest Events, oldest first.
    pub events: Rc<[EventRow]>,
    /// What is wrong or waits, worst first.
    pub problems: Rc<[Problem]>,
}
