//! Scaling in the middle of a rollout, or of a paused Deployment: every active set gets its share.
//! Models: scale in pkg/controller/deployment/sync.go.

use super::control::Pass;
use super::numbers::{self, rounded, size};
use super::{by_age, revisions};
use api::{Deployment, ReplicaSet};
use std::cmp::Reverse;

pub(super) fn scale(pass: &mut Pass<'_>) {
    let wanted = numbers::replicas(&pass.deployment);
    let active = pass.active((0..pass.sets.len()).collect());
    match active[..] {
        [only] => {
            pass.scale_set(only, wanted, false);
        }
        [] => {
            if let Some(latest) = pass.new.or(pass.sets.len().checked_sub(1)) {
                pass.scale_set(latest, wanted, false);
            }
        }
        _ if is_saturated(pass) => {
            for at in pass.active(pass.old()) {
                pass.scale_set(at, 0, false);
            }
        }
        _ if pass.deployment.spec.strategy.r#type == "RollingUpdate" => share_out(pass, active),
        _ => {}
    }
}

/// Whether the new set has all its pods, available. Models: IsSaturated.
fn is_saturated(pass: &Pass<'_>) -> bool {
    let wanted = numbers::replicas(&pass.deployment);
    pass.new_set().is_some_and(|set| {
        size(set) == wanted
            && revisions::desired_replicas(set) == Some(wanted)
            && set.status.available_replicas == wanted
    })
}

/// Spreads what is to be added or taken over the active sets, in proportion to their sizes, the biggest first.
fn share_out(pass: &mut Pass<'_>, mut active: Vec<usize>) {
    let deployment = &pass.deployment;
    let wanted = numbers::replicas(deployment);
    let allowed = if wanted > 0 { wanted + numbers::max_surge(deployment) } else { 0 };
    let to_add = allowed - numbers::total(active.iter().map(|at| &pass.sets[*at]), size);
    let sets = &pass.sets;
    // Of two sets of a size the newer one grows and the older one shrinks first.
    active.sort_by(|a, b| {
        let ages = by_age(&sets[*a], &sets[*b]);
        Reverse(size(&sets[*a])).cmp(&Reverse(size(&sets[*b]))).then(if to_add > 0 { ages.reverse() } else { ages })
    });
    let mut sizes: Vec<i32> = Vec::with_capacity(active.len());
    let mut added = 0;
    for at in &active {
        let share = if to_add == 0 { 0 } else { share(deployment, &sets[*at], to_add, added) };
        sizes.push(size(&sets[*at]) + share);
        added += share;
    }
    if let Some(first) = sizes.first_mut() {
        *first = (*first + to_add - added).max(0);
    }
    for (at, size) in active.into_iter().zip(sizes) {
        pass.scale_set(at, size, true);
    }
}

/// The share of one set. Models: GetReplicaSetProportion.
fn share(deployment: &Deployment, set: &ReplicaSet, to_add: i32, added: i32) -> i32 {
    if to_add == added {
        return 0;
    }
    let (fraction, allowed) = (fraction(deployment, set), to_add - added);
    if to_add > 0 { fraction.min(allowed) } else { fraction.max(allowed) }
}

/// By how much a set grows if it grows as the whole does. Models: getReplicaSetFraction.
fn fraction(deployment: &Deployment, set: &ReplicaSet) -> i32 {
    let have = size(set);
    let wanted = numbers::replicas(deployment);
    if wanted == 0 {
        return -have;
    }
    let most = i64::from(wanted) + i64::from(numbers::max_surge(deployment));
    let before = revisions::max_replicas(set).filter(|most| *most > 0).unwrap_or(deployment.status.replicas);
    if before == 0 {
        return 0;
    }
    rounded(i64::from(have) * most, i64::from(before)) - have
}
