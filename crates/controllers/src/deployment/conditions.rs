//! The conditions of a Deployment. Models: pkg/controller/deployment/util/deployment_util.go.

use api::{Deployment, DeploymentCondition, Time};

/// Whether enough pods are available.
pub(super) const AVAILABLE: &str = "Available";
/// Whether the rollout gets on.
pub(super) const PROGRESSING: &str = "Progressing";
/// Whether a ReplicaSet cannot make its pods.
pub(super) const REPLICA_FAILURE: &str = "ReplicaFailure";
/// The reason of a rollout that does not get on.
pub(super) const TIMED_OUT: &str = "ProgressDeadlineExceeded";
/// The reason of a rollout that is through.
pub(super) const DONE: &str = "NewReplicaSetAvailable";

pub(super) fn condition(r#type: &str, status: &str, reason: &str, message: &str, now: Time) -> DeploymentCondition {
    DeploymentCondition {
        r#type: r#type.into(),
        status: status.into(),
        last_update_time: Some(now),
        last_transition_time: Some(now),
        reason: reason.into(),
        message: message.into(),
        ..Default::default()
    }
}

/// Whether a lack of progress is noticed at all.
pub(super) fn has_deadline(deployment: &Deployment) -> bool {
    deployment.spec.progress_deadline_seconds.is_some_and(|seconds| seconds != i32::MAX)
}
