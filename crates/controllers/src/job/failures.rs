//! How long a Job waits after failures. Models: pkg/controller/job/backoff_utils.go.

use super::indexes::all_failures;
use crate::FailureRun;
use api::{ContainerState, ContainerStatus, Pod, Time};
use sim::SimDuration;
use std::rc::Rc;

/// The wait after the first failure.
const FIRST: SimDuration = SimDuration::from_secs(10);
/// The longest wait.
const MOST: SimDuration = SimDuration::from_secs(600);

/// The failures in a row once these pods have ended. Models: newBackoffRecord.
pub(super) fn count(before: FailureRun, succeeded: &[Rc<Pod>], failed: &[Rc<Pod>]) -> FailureRun {
    let last_success = succeeded.iter().map(|pod| finished_at(pod)).max();
    let later = failed.iter().map(|pod| finished_at(pod)).filter(|at| last_success.is_none_or(|success| *at > success));
    let base = if succeeded.is_empty() { before } else { FailureRun::default() };
    later.fold(base, |run, at| FailureRun {
        failures: run.failures + 1,
        // Of the failures that are new, the last counts; they are always after those known.
        last: if run.failures == base.failures { Some(at) } else { run.last.max(Some(at)) },
    })
}

/// How much longer to wait after failures in a row: 10 s, doubled with each, from the last of them on.
/// Models: getRemainingTimeForFailuresCount.
pub(super) fn remaining(run: FailureRun, now: Time) -> SimDuration {
    let Some(last) = run.last.filter(|_| run.failures > 0) else { return SimDuration::ZERO };
    wait(run.failures) - now.since(last)
}

/// The wait after so many failures in a row.
pub(super) fn wait(failures: u32) -> SimDuration {
    let doubled = FIRST.as_millis().saturating_mul(1 << failures.saturating_sub(1).min(20));
    SimDuration::from_millis(doubled).min(MOST)
}

/// The same for an index, by the last pod of it that failed. Models: getRemainingTimePerIndex.
pub(super) fn remaining_for_index(last_failed: &Pod, now: Time) -> SimDuration {
    let failures = u32::try_from(all_failures(last_failed)).unwrap_or(0) + 1;
    remaining(FailureRun { failures, last: Some(finished_at(last_failed)) }, now)
}

/// When a pod ended: its last container, else when it stopped being Ready, else when its deletion was asked for.
/// Models: getFinishedTime. The API tells times in whole seconds.
pub(super) fn finished_at(pod: &Pod) -> Time {
    let status = &pod.status;
    let is_sidecar = |container: &&ContainerStatus| {
        pod.spec.init_containers.iter().any(|c| c.name == container.name && c.restart_policy == "Always")
    };
    let sidecars = status.init_container_statuses.iter().filter(is_sidecar);
    let ends = status.container_statuses.iter().chain(sidecars).map(|container| match &container.state {
        ContainerState::Terminated(end) => end.finished_at,
        _ => None,
    });
    let containers = ends.collect::<Option<Vec<Time>>>().and_then(|ends| ends.into_iter().max());
    let unready = || status.condition("Ready").filter(|c| c.status == "False").and_then(|c| c.last_transition_time);
    let deletion = || {
        let grace = pod.metadata.deletion_grace_period_seconds.unwrap_or(0).saturating_mul(1000);
        Some(Time::from_unix_millis(pod.metadata.deletion_timestamp?.unix_millis() - grace))
    };
    let at = containers.or_else(unready).or_else(deletion).or(pod.metadata.creation_timestamp).unwrap_or_default();
    whole_second(at)
}

/// The second that a moment is in.
pub(super) fn whole_second(at: Time) -> Time {
    Time::from_unix_millis(at.unix_millis().div_euclid(1000) * 1000)
}
