//! The status of a Deployment: counts, and how its rollout gets on.
//! Models: calculateStatus in pkg/controller/deployment/sync.go, and progress.go.

use super::conditions::{AVAILABLE, DONE, PROGRESSING, REPLICA_FAILURE, TIMED_OUT, condition, has_deadline};
use super::control::Pass;
use super::numbers::{self, size};
use api::{Deployment, DeploymentCondition, DeploymentStatus, ReplicaSet};
use sim::SimDuration;
use std::rc::Rc;

/// Writes the counts, if they change. Models: syncDeploymentStatus.
pub(super) fn sync(pass: &mut Pass<'_>) {
    let status = calculate(pass);
    write(pass, status);
}

/// Writes the counts and how the rollout gets on. Models: syncRolloutStatus.
pub(super) fn sync_rollout(pass: &mut Pass<'_>) {
    let mut status = calculate(pass);
    if has_deadline(&pass.deployment) {
        estimate_progress(pass, &mut status);
    } else {
        status.remove_condition(PROGRESSING);
    }
    match replica_failure(pass) {
        Some(failure) => status.set_condition(failure),
        None => status.remove_condition(REPLICA_FAILURE),
    }
    if !write(pass, status) {
        requeue_stuck(pass);
    }
}

fn write(pass: &mut Pass<'_>, status: DeploymentStatus) -> bool {
    let changed = status != pass.deployment.status;
    if changed {
        pass.deployment.status = status;
        pass.write_status();
    }
    changed
}

/// Whether all pods have the present template and are available. Models: DeploymentComplete.
pub(super) fn is_complete(deployment: &Deployment, status: &DeploymentStatus) -> bool {
    let wanted = numbers::replicas(deployment);
    [status.updated_replicas, status.replicas, status.available_replicas] == [wanted; 3]
        && status.observed_generation >= deployment.metadata.generation
}

fn calculate(pass: &Pass<'_>) -> DeploymentStatus {
    let (deployment, sets) = (&pass.deployment, &pass.sets);
    let available = numbers::total(sets, |set| set.status.available_replicas);
    let mut status = DeploymentStatus {
        observed_generation: deployment.metadata.generation,
        replicas: numbers::total(sets, |set| set.status.replicas),
        updated_replicas: pass.new_set().map_or(0, |set| set.status.replicas),
        ready_replicas: numbers::total(sets, |set| set.status.ready_replicas),
        available_replicas: available,
        unavailable_replicas: (numbers::total(sets, size) - available).max(0),
        terminating_replicas: terminating(sets),
        conditions: deployment.status.conditions.clone(),
        collision_count: deployment.status.collision_count,
        rest: deployment.status.rest.clone(),
    };
    let enough = available >= numbers::replicas(deployment) - numbers::max_unavailable(deployment);
    let (value, reason, message) = if enough {
        ("True", "MinimumReplicasAvailable", "Deployment has minimum availability.")
    } else {
        ("False", "MinimumReplicasUnavailable", "Deployment does not have minimum availability.")
    };
    status.set_condition(condition(AVAILABLE, value, reason, message, pass.ctx.now));
    status
}

/// The pods on their way out, unless a set does not tell yet. Models: GetTerminatingReplicaCountForReplicaSets.
fn terminating(sets: &[Rc<ReplicaSet>]) -> Option<i32> {
    let is_known =
        |set: &&Rc<ReplicaSet>| set.status.observed_generation != 0 || set.status.terminating_replicas.is_some();
    sets.iter().filter(is_known).try_fold(0, |sum, set| Some(sum + set.status.terminating_replicas?))
}

fn estimate_progress(pass: &Pass<'_>, status: &mut DeploymentStatus) {
    let deployment = &pass.deployment;
    let old = &deployment.status;
    let current = old.condition(PROGRESSING);
    if status.replicas == status.updated_replicas && current.is_some_and(|c| c.reason == DONE) {
        return;
    }
    let who = match pass.new_set() {
        Some(set) => format!("ReplicaSet \"{}\"", set.metadata.name),
        None => format!("Deployment \"{}\"", deployment.metadata.name),
    };
    let make = |value, reason, what| condition(PROGRESSING, value, reason, &format!("{who} {what}."), pass.ctx.now);
    if is_complete(deployment, status) {
        status.set_condition(make("True", DONE, "has successfully progressed"));
    } else if is_progressing(old, status) {
        // Also an unchanged reason is written anew: the deadline counts from it.
        let mut progress = make("True", "ReplicaSetUpdated", "is progressing");
        if let Some(current) = current.filter(|c| c.status == "True") {
            progress.last_transition_time = current.last_transition_time;
        }
        status.remove_condition(PROGRESSING);
        status.set_condition(progress);
    } else if is_timed_out(pass, status) {
        status.set_condition(make("False", TIMED_OUT, "has timed out progressing"));
    }
}

/// Models: DeploymentProgressing.
fn is_progressing(old: &DeploymentStatus, new: &DeploymentStatus) -> bool {
    new.updated_replicas > old.updated_replicas
        || new.replicas - new.updated_replicas < old.replicas - old.updated_replicas
        || new.ready_replicas > old.ready_replicas
        || new.available_replicas > old.available_replicas
}

fn deadline(deployment: &Deployment) -> SimDuration {
    let seconds = deployment.spec.progress_deadline_seconds.unwrap_or(0);
    SimDuration::from_secs(u64::try_from(seconds).unwrap_or(0))
}

/// Models: DeploymentTimedOut.
fn is_timed_out(pass: &Pass<'_>, status: &DeploymentStatus) -> bool {
    let Some(current) = status.condition(PROGRESSING).filter(|c| c.reason != DONE) else { return false };
    current.reason == TIMED_OUT
        || current.last_update_time.is_some_and(|since| since.plus(deadline(&pass.deployment)) < pass.ctx.now)
}

/// The failure of a set to make its pods, of the new one if it has one. Models: getReplicaFailures.
fn replica_failure(pass: &Pass<'_>) -> Option<DeploymentCondition> {
    let sets = pass.new_set().into_iter().chain(&pass.sets);
    let failure = sets.into_iter().find_map(|set| set.status.condition(REPLICA_FAILURE))?;
    Some(DeploymentCondition {
        r#type: failure.r#type.clone(),
        status: failure.status.clone(),
        last_update_time: failure.last_transition_time,
        last_transition_time: failure.last_transition_time,
        reason: failure.reason.clone(),
        message: failure.message.clone(),
        ..Default::default()
    })
}

/// Looks again when the deadline is over, if nothing else happens. Models: requeueStuckDeployment.
fn requeue_stuck(pass: &mut Pass<'_>) {
    let status = &pass.deployment.status;
    let Some(current) = status.condition(PROGRESSING).filter(|c| c.reason != TIMED_OUT) else { return };
    if !has_deadline(&pass.deployment) || is_complete(&pass.deployment, status) {
        return;
    }
    let Some(since) = current.last_update_time else { return };
    let left = since.plus(deadline(&pass.deployment)).since(pass.ctx.now);
    pass.plan.recheck(left + SimDuration::from_secs(1));
}
