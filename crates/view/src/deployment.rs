//! One Deployment as a lane: the ReplicaSets between which a rollout trades pods.

use std::rc::Rc;

use crate::{ObjectRef, PodTile, Text};

/// One ReplicaSet of a Deployment.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ReplicaSetRow {
    /// The ReplicaSet.
    pub target: ObjectRef,
    /// Its revision; empty if it has none.
    pub revision: Text,
    /// Whether it has the present template.
    pub is_new: bool,
    /// The image of its first container.
    pub image: Text,
    /// `spec.replicas`.
    pub desired: u32,
    /// `status.readyReplicas`.
    pub ready: u32,
    /// `status.availableReplicas`.
    pub available: u32,
    /// Its Pods, those on their way out too, by name.
    pub pods: Rc<[Rc<PodTile>]>,
}

/// One Deployment, or a ReplicaSet or ReplicationController that belongs to none.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DeploymentLane {
    /// The workload.
    pub target: ObjectRef,
    /// Its colour, as in its chip.
    pub colour: u8,
    /// `RollingUpdate` or `Recreate`; empty for what rolls nothing out.
    pub strategy: Text,
    /// Whether new templates are held back.
    pub is_paused: bool,
    /// `spec.replicas`.
    pub desired: u32,
    /// `status.readyReplicas`.
    pub ready: u32,
    /// `status.updatedReplicas`.
    pub up_to_date: u32,
    /// `status.availableReplicas`.
    pub available: u32,
    /// How many Pods must be available during a rolling update.
    pub least: u32,
    /// How many Pods there may be during a rolling update.
    pub most: u32,
    /// Why the rollout does not go on, as a sentence, while it waits.
    pub waiting: Option<Text>,
    /// Its ReplicaSets that have Pods or want some, and the newest one; oldest revision first.
    pub sets: Rc<[ReplicaSetRow]>,
}
