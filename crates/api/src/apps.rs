//! StatefulSets, DaemonSets and their revisions, Deployments and ReplicaSets; ReplicationControllers, which are of the
//! core group but of a kind with ReplicaSets. Models: staging/src/k8s.io/api/apps/v1/types.go, core/v1/types.go.

use crate::{
    IntOrString, List, ObjectMeta, PersistentVolumeClaim, PodTemplateSpec, RequiredSelector, Str, StrMap, Time,
};
use serde_json::Value;
use std::rc::Rc;

object! {
    /// Pods with lasting names and claims, one per ordinal.
    pub struct StatefulSet {
        /// Name and labels.
        metadata: ObjectMeta = "metadata" always,
        /// What is wanted.
        spec: StatefulSetSpec = "spec" always,
        /// What there is.
        status: StatefulSetStatus = "status" always,
    }
}

object! {
    /// What is wanted of a StatefulSet.
    pub struct StatefulSetSpec {
        /// How many pods.
        replicas: Option<i32> = "replicas",
        /// Which pods are its own.
        selector: RequiredSelector = "selector" always,
        /// What its pods look like.
        template: Rc<PodTemplateSpec> = "template" always,
        /// Claims made for each pod.
        volume_claim_templates: List<PersistentVolumeClaim> = "volumeClaimTemplates",
        /// The Service that gives the pods their names.
        service_name: Str = "serviceName" always,
        /// `OrderedReady` or `Parallel`.
        pod_management_policy: Str = "podManagementPolicy",
        /// How a new template reaches the pods.
        update_strategy: StatefulSetUpdateStrategy = "updateStrategy" always,
        /// Old revisions kept.
        revision_history_limit: Option<i32> = "revisionHistoryLimit",
        /// Seconds a pod must be Ready to count as available.
        min_ready_seconds: i32 = "minReadySeconds",
        /// What becomes of the claims.
        persistent_volume_claim_retention_policy: Option<ClaimRetentionPolicy> = "persistentVolumeClaimRetentionPolicy",
        /// Where numbering starts.
        ordinals: Option<StatefulSetOrdinals> = "ordinals",
    }
}

object! {
    /// How a new template reaches the pods.
    pub struct StatefulSetUpdateStrategy {
        /// `RollingUpdate` or `OnDelete`.
        r#type: Str = "type",
        /// Details of a rolling update.
        rolling_update: Option<RollingUpdateStatefulSet> = "rollingUpdate",
    }
}

object! {
    /// Details of a StatefulSet's rolling update.
    pub struct RollingUpdateStatefulSet {
        /// Ordinals below this keep the old revision.
        partition: Option<i32> = "partition",
    }
}

object! {
    /// What becomes of the claims of a StatefulSet.
    pub struct ClaimRetentionPolicy {
        /// When the set is deleted: `Retain` or `Delete`.
        when_deleted: Str = "whenDeleted",
        /// When a pod is scaled away: `Retain` or `Delete`.
        when_scaled: Str = "whenScaled",
    }
}

object! {
    /// Where numbering starts.
    pub struct StatefulSetOrdinals {
        /// First ordinal.
        start: i32 = "start" always,
    }
}

object! {
    /// What there is of a StatefulSet.
    pub struct StatefulSetStatus {
        /// Generation the status speaks of.
        observed_generation: i64 = "observedGeneration",
        /// Pods made.
        replicas: i32 = "replicas" always,
        /// Pods that are Ready.
        ready_replicas: i32 = "readyReplicas",
        /// Pods of the current revision.
        current_replicas: i32 = "currentReplicas",
        /// Pods of the update revision.
        updated_replicas: i32 = "updatedReplicas",
        /// The revision most pods had.
        current_revision: Str = "currentRevision",
        /// The revision pods are moving to.
        update_revision: Str = "updateRevision",
        /// Hash collisions met.
        collision_count: Option<i32> = "collisionCount",
        /// Pods Ready for minReadySeconds.
        available_replicas: i32 = "availableReplicas" always,
    }
}

object! {
    /// One pod on every matching node.
    pub struct DaemonSet {
        /// Name and labels.
        metadata: ObjectMeta = "metadata" always,
        /// What is wanted.
        spec: DaemonSetSpec = "spec" always,
        /// What there is.
        status: DaemonSetStatus = "status" always,
    }
}

object! {
    /// What is wanted of a DaemonSet.
    pub struct DaemonSetSpec {
        /// Which pods are its own.
        selector: RequiredSelector = "selector" always,
        /// What its pods look like.
        template: Rc<PodTemplateSpec> = "template" always,
        /// How a new template reaches the pods.
        update_strategy: DaemonSetUpdateStrategy = "updateStrategy" always,
        /// Seconds a pod must be Ready to count as available.
        min_ready_seconds: i32 = "minReadySeconds",
        /// Old revisions kept.
        revision_history_limit: Option<i32> = "revisionHistoryLimit",
    }
}

object! {
    /// How a new template reaches the pods of a DaemonSet.
    pub struct DaemonSetUpdateStrategy {
        /// `RollingUpdate` or `OnDelete`.
        r#type: Str = "type",
        /// Details of a rolling update.
        rolling_update: Option<RollingUpdateDaemonSet> = "rollingUpdate",
    }
}

object! {
    /// Details of a DaemonSet's rolling update.
    pub struct RollingUpdateDaemonSet {
        /// Nodes that may be without an available pod.
        max_unavailable: Option<IntOrString> = "maxUnavailable",
        /// Nodes that may have two pods.
        max_surge: Option<IntOrString> = "maxSurge",
    }
}

object! {
    /// What there is of a DaemonSet; counts are over nodes.
    pub struct DaemonSetStatus {
        /// Nodes that should and do have a pod.
        current_number_scheduled: i32 = "currentNumberScheduled" always,
        /// Nodes that should not have one, but do.
        number_misscheduled: i32 = "numberMisscheduled" always,
        /// Nodes that should have one.
        desired_number_scheduled: i32 = "desiredNumberScheduled" always,
        /// Nodes whose pod is Ready.
        number_ready: i32 = "numberReady" always,
        /// Generation the status speaks of.
        observed_generation: i64 = "observedGeneration",
        /// Nodes whose pod has the newest template.
        updated_number_scheduled: i32 = "updatedNumberScheduled",
        /// Nodes whose pod is available.
        number_available: i32 = "numberAvailable",
        /// Nodes that lack an available pod.
        number_unavailable: i32 = "numberUnavailable",
        /// Hash collisions met.
        collision_count: Option<i32> = "collisionCount",
    }
}

object! {
    /// Equal pods, of which a new template makes new ones step by step.
    pub struct Deployment {
        /// Name and labels.
        metadata: ObjectMeta = "metadata" always,
        /// What is wanted.
        spec: DeploymentSpec = "spec" always,
        /// What there is.
        status: DeploymentStatus = "status" always,
    }
}

object! {
    /// What is wanted of a Deployment.
    pub struct DeploymentSpec {
        /// How many pods.
        replicas: Option<i32> = "replicas",
        /// Which ReplicaSets and pods are its own.
        selector: RequiredSelector = "selector" always,
        /// What its pods look like.
        template: Rc<PodTemplateSpec> = "template" always,
        /// How a new template reaches the pods.
        strategy: DeploymentStrategy = "strategy" always,
        /// Seconds a pod must be Ready to count as available.
        min_ready_seconds: i32 = "minReadySeconds",
        /// Old ReplicaSets kept.
        revision_history_limit: Option<i32> = "revisionHistoryLimit",
        /// Whether new templates are held back.
        paused: bool = "paused",
        /// Seconds without progress after which a rollout counts as stuck.
        progress_deadline_seconds: Option<i32> = "progressDeadlineSeconds",
    }
}

object! {
    /// How a new template reaches the pods of a Deployment.
    pub struct DeploymentStrategy {
        /// `RollingUpdate` or `Recreate`.
        r#type: Str = "type",
        /// Details of a rolling update.
        rolling_update: Option<RollingUpdateDeployment> = "rollingUpdate",
    }
}

object! {
    /// Details of a Deployment's rolling update.
    pub struct RollingUpdateDeployment {
        /// Pods that may be missing.
        max_unavailable: Option<IntOrString> = "maxUnavailable",
        /// Pods that may be there beyond those wanted.
        max_surge: Option<IntOrString> = "maxSurge",
    }
}

object! {
    /// What there is of a Deployment.
    pub struct DeploymentStatus {
        /// Generation the status speaks of.
        observed_generation: i64 = "observedGeneration",
        /// Pods made that are not on their way out.
        replicas: i32 = "replicas",
        /// Pods of the newest template.
        updated_replicas: i32 = "updatedReplicas",
        /// Pods that are Ready.
        ready_replicas: i32 = "readyReplicas",
        /// Pods Ready for minReadySeconds.
        available_replicas: i32 = "availableReplicas",
        /// Pods that are still needed to be available.
        unavailable_replicas: i32 = "unavailableReplicas",
        /// Pods on their way out.
        terminating_replicas: Option<i32> = "terminatingReplicas",
        /// `Available`, `Progressing`, `ReplicaFailure`.
        conditions: List<DeploymentCondition> = "conditions",
        /// Hash collisions met.
        collision_count: Option<i32> = "collisionCount",
    }
}

object! {
    /// One condition of a Deployment.
    pub struct DeploymentCondition {
        /// Its type.
        r#type: Str = "type" always,
        /// `True`, `False` or `Unknown`.
        status: Str = "status" always,
        /// When it was last written.
        last_update_time: Option<Time> = "lastUpdateTime",
        /// When its status last changed.
        last_transition_time: Option<Time> = "lastTransitionTime",
        /// Why, in a word.
        reason: Str = "reason",
        /// Why, in a sentence.
        message: Str = "message",
    }
}

object! {
    /// A number of equal pods.
    pub struct ReplicaSet {
        /// Name and labels.
        metadata: ObjectMeta = "metadata" always,
        /// What is wanted.
        spec: ReplicaSetSpec = "spec" always,
        /// What there is.
        status: ReplicaSetStatus = "status" always,
    }
}

object! {
    /// What is wanted of a ReplicaSet.
    pub struct ReplicaSetSpec {
        /// How many pods.
        replicas: Option<i32> = "replicas",
        /// Seconds a pod must be Ready to count as available.
        min_ready_seconds: i32 = "minReadySeconds",
        /// Which pods are its own.
        selector: RequiredSelector = "selector" always,
        /// What its pods look like.
        template: Rc<PodTemplateSpec> = "template" always,
    }
}

object! {
    /// What there is of a ReplicaSet or ReplicationController.
    pub struct ReplicaSetStatus {
        /// Pods made that are not on their way out.
        replicas: i32 = "replicas" always,
        /// Those of them that have all labels of the template.
        fully_labeled_replicas: i32 = "fullyLabeledReplicas",
        /// Pods that are Ready.
        ready_replicas: i32 = "readyReplicas",
        /// Pods Ready for minReadySeconds.
        available_replicas: i32 = "availableReplicas",
        /// Pods on their way out.
        terminating_replicas: Option<i32> = "terminatingReplicas",
        /// Generation the status speaks of.
        observed_generation: i64 = "observedGeneration",
        /// `ReplicaFailure`.
        conditions: List<ReplicaSetCondition> = "conditions",
    }
}

object! {
    /// One condition of a ReplicaSet or ReplicationController.
    pub struct ReplicaSetCondition {
        /// Its type.
        r#type: Str = "type" always,
        /// `True`, `False` or `Unknown`.
        status: Str = "status" always,
        /// When its status last changed.
        last_transition_time: Option<Time> = "lastTransitionTime",
        /// Why, in a word.
        reason: Str = "reason",
        /// Why, in a sentence.
        message: Str = "message",
    }
}

object! {
    /// A number of equal pods, as before there were ReplicaSets.
    pub struct ReplicationController {
        /// Name and labels.
        metadata: ObjectMeta = "metadata" always,
        /// What is wanted.
        spec: ReplicationControllerSpec = "spec" always,
        /// What there is.
        status: ReplicaSetStatus = "status" always,
    }
}

object! {
    /// What is wanted of a ReplicationController.
    pub struct ReplicationControllerSpec {
        /// How many pods.
        replicas: Option<i32> = "replicas",
        /// Seconds a pod must be Ready to count as available.
        min_ready_seconds: i32 = "minReadySeconds",
        /// The labels of the pods that are its own.
        selector: StrMap = "selector",
        /// What its pods look like.
        template: Option<Rc<PodTemplateSpec>> = "template",
    }
}

object! {
    /// A stored template of a StatefulSet or DaemonSet.
    pub struct ControllerRevision {
        /// Name, labels, owner.
        metadata: ObjectMeta = "metadata" always,
        /// The patch that restores the template.
        data: Option<Rc<Value>> = "data",
        /// Its number, rising.
        revision: i64 = "revision" always,
    }
}

/// The time since which a Ready pod counts as available, were it Ready at `since`.
pub fn available_at(since: Time, min_ready_seconds: i32) -> Time {
    since.plus(sim::SimDuration::from_secs(u64::try_from(min_ready_seconds).unwrap_or(0)))
}

impl StatefulSetSpec {
    /// The first ordinal.
    pub fn start_ordinal(&self) -> i32 {
        self.ordinals.as_ref().map_or(0, |ordinals| ordinals.start)
    }
}

impl DeploymentStatus {
    /// The condition of this type.
    pub fn condition(&self, r#type: &str) -> Option<&DeploymentCondition> {
        self.conditions.iter().find(|c| c.r#type == *r#type)
    }

    /// Sets a condition, unless one of its type has the same status and reason already; it goes to the end of the
    /// list. Models: SetDeploymentCondition.
    pub fn set_condition(&mut self, mut new: DeploymentCondition) {
        if let Some(old) = self.condition(&new.r#type).filter(|old| old.status == new.status) {
            if old.reason == new.reason {
                return;
            }
            new.last_transition_time = old.last_transition_time;
        }
        self.remove_condition(&new.r#type.clone());
        self.conditions = self.conditions.iter().cloned().chain([new]).collect();
    }

    /// Takes the condition of this type away.
    pub fn remove_condition(&mut self, r#type: &str) {
        if self.condition(r#type).is_some() {
            self.conditions = self.conditions.iter().filter(|c| c.r#type != *r#type).cloned().collect();
        }
    }
}

impl ReplicaSetStatus {
    /// The condition of this type.
    pub fn condition(&self, r#type: &str) -> Option<&ReplicaSetCondition> {
        self.conditions.iter().find(|c| c.r#type == *r#type)
    }
}
