//! The phase of a pod. Models: pkg/kubelet/kubelet_pods.go getPhase.

use crate::worker::{Life, Role, Worker};
use api::{ContainerState, ContainerStatus};

/// How many containers are in which state.
#[derive(Default)]
struct Tally {
    waiting: usize,
    running: usize,
    stopped: usize,
    /// Stopped, and not to run again.
    over: usize,
    succeeded: usize,
}

/// The phase that follows from the states of the containers.
pub(crate) fn phase(worker: &Worker, init: &[ContainerStatus], main: &[ContainerStatus]) -> &'static str {
    let policy = worker.pod.spec.restart_policy.as_str();
    let roles = || worker.containers.iter().map(|c| c.role);
    let mut tally = Tally::default();
    let (mut initialising, mut sidecars_pending, mut failed_for_good) = (false, false, false);
    for (role, status) in roles().zip(init) {
        let ended = exit_code(status);
        if role == Role::Sidecar {
            match &status.state {
                ContainerState::Running { .. } => {
                    sidecars_pending |= status.started != Some(true);
                    tally.running += 1;
                }
                ContainerState::Waiting { .. } if ended.is_none() => {
                    sidecars_pending = true;
                    tally.waiting += 1;
                }
                _ => {}
            }
        } else {
            match ended {
                Some(0) => {}
                Some(_) => failed_for_good |= policy == "Never",
                None => initialising = true,
            }
        }
    }
    for status in main {
        match (&status.state, exit_code(status)) {
            (ContainerState::Running { .. }, _) => tally.running += 1,
            (ContainerState::Terminated(_), Some(code)) => {
                tally.stopped += 1;
                tally.over += usize::from(!restarts(policy, code));
                tally.succeeded += usize::from(code == 0);
            }
            (ContainerState::Waiting { .. }, Some(code)) => {
                tally.stopped += 1;
                tally.over += usize::from(!restarts(policy, code));
            }
            _ => tally.waiting += 1,
        }
    }
    if failed_for_good {
        return "Failed";
    }
    let has_run = worker.containers.iter().any(|c| c.role == Role::Main && c.starts > 0);
    if initialising || sidecars_pending && !has_run || tally.waiting > 0 {
        return "Pending";
    }
    if tally.running > 0 {
        return "Running";
    }
    let terminal = matches!(worker.life, Life::Stopping(_) | Life::Ended);
    if !terminal && tally.stopped != tally.over {
        return "Running";
    }
    if tally.stopped == tally.succeeded { "Succeeded" } else { "Failed" }
}

/// How a container's present or last run ended, unless it runs.
fn exit_code(status: &ContainerStatus) -> Option<i32> {
    match (&status.state, &status.last_state) {
        (ContainerState::Terminated(end), _) => Some(end.exit_code),
        (ContainerState::Waiting { .. }, ContainerState::Terminated(end)) => Some(end.exit_code),
        _ => None,
    }
}

/// Whether a container that has ended with this code is to run again. Models: podutil.ContainerShouldRestart.
pub(crate) fn restarts(policy: &str, code: i32) -> bool {
    match policy {
        "Never" => false,
        "OnFailure" => code != 0,
        _ => true,
    }
}
