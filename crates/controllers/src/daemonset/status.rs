//! The counters of a DaemonSet's status, over nodes.
//! Models: updateDaemonSetStatus and storeDaemonSetStatus in pkg/controller/daemon/daemon_controller.go.

use super::control::{Pass, age};
use api::{DaemonSet, DaemonSetStatus, Resource};
use apiserver::Write;

/// Plans the status, if it changes. Pods that the pass itself creates are counted by the next one.
pub(super) fn update(pass: &mut Pass<'_>, collision_count: Option<i32>) {
    let mut status = count(pass);
    status.collision_count = collision_count;
    status.rest = pass.set.status.rest.clone();
    if status != pass.set.status {
        let set = DaemonSet { status, ..pass.set.clone() };
        pass.plan.write_finally(Write::UpdateStatus(set.into_object()));
    }
}

fn count(pass: &Pass<'_>) -> DaemonSetStatus {
    let mut status =
        DaemonSetStatus { observed_generation: pass.set.metadata.generation, ..DaemonSetStatus::default() };
    for place in pass.places.iter().filter(|place| place.exists) {
        if !place.fit.should_run {
            status.number_misscheduled += i32::from(!place.pods.is_empty());
            continue;
        }
        status.desired_number_scheduled += 1;
        let oldest = match place.pods {
            [only] => Some(only),
            several => several.iter().min_by_key(|daemon| age(daemon.pod)),
        };
        if let Some(daemon) = oldest {
            status.current_number_scheduled += 1;
            status.number_ready += i32::from(daemon.is_available || daemon.pod.is_ready());
            status.number_available += i32::from(daemon.is_available);
            status.updated_number_scheduled += i32::from(daemon.is_updated);
        }
    }
    status.number_unavailable = status.desired_number_scheduled - status.number_available;
    status
}
