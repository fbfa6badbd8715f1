//! Recreate: all old pods go, and only when the last of them is gone new ones come.
//! Models: pkg/controller/deployment/recreate.go.

use super::control::Pass;
use super::numbers;
use super::status;
use api::Pod;
use std::rc::Rc;

pub(super) fn roll(pass: &mut Pass<'_>) {
    let old = pass.active(pass.old());
    if !old.is_empty() {
        for at in old {
            pass.scale_set(at, 0, false);
        }
        status::sync_rollout(pass);
        return;
    }
    if old_pods_run(pass) {
        status::sync_rollout(pass);
        return;
    }
    if pass.new.is_none() && !pass.create_new() {
        return;
    }
    if let Some(new) = pass.new {
        pass.scale_set(new, numbers::replicas(&pass.deployment), false);
    }
    if status::is_complete(&pass.deployment, &pass.deployment.status) {
        pass.clean_up();
    }
    status::sync_rollout(pass);
}

/// Models: oldPodsRunning.
fn old_pods_run(pass: &Pass<'_>) -> bool {
    pass.old().iter().any(|at| pass.sets[*at].status.replicas > 0) || old_pods(pass).next().is_some()
}

/// The pods of old sets that have not ended, on their way out or not.
pub(super) fn old_pods<'p>(pass: &'p Pass<'_>) -> impl Iterator<Item = &'p Rc<Pod>> {
    let lister = pass.ctx.lister;
    pass.old().into_iter().flat_map(move |at| {
        let uid = &pass.sets[at].metadata.uid;
        lister.owned::<Pod>(uid).filter(move |pod| pod.metadata.is_controlled_by(uid) && !pod.is_finished())
    })
}
