//! RollingUpdate: the new set grows and the old ones shrink, within the bounds of surge and unavailability.
//! Models: pkg/controller/deployment/rolling.go.

use super::control::Pass;
use super::numbers::{self, size};
use super::status;

pub(super) fn roll(pass: &mut Pass<'_>) {
    if pass.new.is_none() && !pass.create_new() {
        return;
    }
    let moved = grow(pass) || shrink(pass);
    if !moved && status::is_complete(&pass.deployment, &pass.deployment.status) {
        pass.clean_up();
    }
    status::sync_rollout(pass);
}

/// Scales the new set as far as there is room. Models: reconcileNewReplicaSet.
fn grow(pass: &mut Pass<'_>) -> bool {
    let Some(new) = pass.new else { return false };
    let (have, wanted) = (size(&pass.sets[new]), numbers::replicas(&pass.deployment));
    let to = if have >= wanted { wanted } else { numbers::new_size(&pass.deployment, pass.total_size(), have) };
    pass.scale_set(new, to, false)
}

/// Scales the old sets down as far as enough pods stay available. Models: reconcileOldReplicaSets.
fn shrink(pass: &mut Pass<'_>) -> bool {
    let old = pass.active(pass.old());
    let Some(new) = pass.new_set().filter(|_| !old.is_empty()) else { return false };
    let least = numbers::replicas(&pass.deployment) - numbers::max_unavailable(&pass.deployment);
    let pending = size(new) - new.status.available_replicas;
    // New pods that are not available yet must not let more old ones go.
    let spare = pass.total_size() - least - pending;
    if spare <= 0 {
        return false;
    }
    let unhealthy = clean_unhealthy(pass, &old, spare);
    let available = |pass: &Pass<'_>, places: &[usize]| -> i32 {
        numbers::total(places.iter().map(|at| &pass.sets[*at]), |set| set.status.available_replicas)
    };
    let all: Vec<usize> = old.iter().copied().chain(pass.new).collect();
    let mut surplus = available(pass, &all) - least;
    let mut healthy = 0;
    for at in old {
        let step = size(&pass.sets[at]).min(surplus);
        if step > 0 {
            pass.scale_set(at, size(&pass.sets[at]) - step, false);
            surplus -= step;
            healthy += step;
        }
    }
    unhealthy + healthy > 0
}

/// Takes away old pods that serve nobody first; sets delete those that are not ready before all others.
/// Models: cleanupUnhealthyReplicas.
fn clean_unhealthy(pass: &mut Pass<'_>, old: &[usize], most: i32) -> i32 {
    let mut taken = 0;
    for at in old.iter().copied() {
        let set = &pass.sets[at];
        let (have, unhealthy) = (size(set), size(set) - set.status.available_replicas);
        let step = unhealthy.min(most - taken);
        if step > 0 {
            pass.scale_set(at, have - step, false);
            taken += step;
        }
    }
    taken
}
