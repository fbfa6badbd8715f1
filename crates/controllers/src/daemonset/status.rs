//! The counters of a DaemonSet's status, over nodes.
//! Models: updateDaemonSetStatus and storeDaemonSetStatus in pkg/controller/daemon/daemon_controller.go.

use super::control::{Pass, age};
use api::{DaemonSet, DaemonSetStatus, Resource};
use apiserver::{Step, Write};

/// Plans the status, if it changes. By the time upstream counts, it knows the pods that it has just made.
pub(super) fn update(pass: &mut Pass<'_>, collision_count: Option<i32>) {
    let status = |pass: &Pass<'_>, after: bool| {
        let mut status = count(pass, after);
        status.collision_count = collision_count;
        status.rest = pass.set.status.rest.clone();
        (status != pass.set.status).then(|| {
            let set = DaemonSet { status, ..pass.set.clone() };
            Write::UpdateStatus(set.into_object())
        })
    };
    let (before, after) = (status(pass, false), status(pass, true));
    if pass.made.is_empty() {
        after.into_iter().for_each(|write| pass.plan.write_finally(write));
        return;
    }
    after.into_iter().for_each(|write| pass.plan.write(write));
    pass.plan.if_failed.extend(before.map(|write| Step {
        write,
        on_success: None,
        on_failure: None,
        keep_going: true,
    }));
}

/// Counts as things are, or as they will be `after` the pass has made its pods and deleted others.
fn count(pass: &Pass<'_>, after: bool) -> DaemonSetStatus {
    let mut status =
        DaemonSetStatus { observed_generation: pass.set.metadata.generation, ..DaemonSetStatus::default() };
    for place in pass.places.iter().filter(|place| place.exists) {
        let mut pods = place.pods.iter().filter(|daemon| !after || !pass.gone.contains(&daemon.pod.metadata.name));
        if !place.fit.should_run {
            status.number_misscheduled += i32::from(pods.next().is_some());
            continue;
        }
        status.desired_number_scheduled += 1;
        let oldest = match place.pods {
            [_] => pods.next(),
            _ => pods.min_by_key(|daemon| age(daemon.pod)),
        };
        if let Some(daemon) = oldest {
            status.current_number_scheduled += 1;
            status.number_ready += i32::from(daemon.is_available || daemon.pod.is_ready());
            status.number_available += i32::from(daemon.is_available);
            status.updated_number_scheduled += i32::from(daemon.is_updated);
        } else if after && pass.made.contains(place.name) {
            status.current_number_scheduled += 1;
            status.updated_number_scheduled += 1;
        }
    }
    status.number_unavailable = status.desired_number_scheduled - status.number_available;
    status
}
