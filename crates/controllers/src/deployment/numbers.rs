//! How many pods there may be, must be and are.
//! Models: pkg/controller/deployment/util/deployment_util.go.

use api::{Deployment, IntOrString, ReplicaSet, RollingUpdateDeployment};
use std::rc::Rc;

/// How many pods the set wants.
pub(super) fn size(set: &ReplicaSet) -> i32 {
    set.spec.replicas.unwrap_or(0)
}

/// How many pods the Deployment wants.
pub(super) fn replicas(deployment: &Deployment) -> i32 {
    deployment.spec.replicas.unwrap_or(0)
}

/// The sum of a number over sets.
pub(super) fn total<'s>(sets: impl IntoIterator<Item = &'s Rc<ReplicaSet>>, number: fn(&ReplicaSet) -> i32) -> i32 {
    sets.into_iter().map(|set| number(set)).fold(0, i32::saturating_add)
}

fn rolling(deployment: &Deployment) -> Option<&RollingUpdateDeployment> {
    let strategy = &deployment.spec.strategy;
    strategy.rolling_update.as_ref().filter(|_| strategy.r#type == "RollingUpdate")
}

/// The most pods above and below what is wanted. If both come out as nothing, one may be missing, as else nothing
/// could ever move. Models: ResolveFenceposts.
fn fenceposts(deployment: &Deployment) -> (i32, i32) {
    let Some(rolling) = rolling(deployment) else { return (0, 0) };
    let scaled = |field: &Option<IntOrString>, up| {
        field.as_ref().and_then(|value| value.scaled(replicas(deployment), up)).unwrap_or(0)
    };
    match (scaled(&rolling.max_surge, true), scaled(&rolling.max_unavailable, false)) {
        (0, 0) => (0, 1),
        posts => posts,
    }
}

/// The most pods there may be above what is wanted.
pub(super) fn max_surge(deployment: &Deployment) -> i32 {
    fenceposts(deployment).0
}

/// The most pods that may be missing.
pub(super) fn max_unavailable(deployment: &Deployment) -> i32 {
    if rolling(deployment).is_none() || replicas(deployment) == 0 {
        return 0;
    }
    fenceposts(deployment).1.min(replicas(deployment))
}

/// How big the new set may be now, if all sets together have `current` pods. Models: NewRSNewReplicas.
pub(super) fn new_size(deployment: &Deployment, current: i32, new: i32) -> i32 {
    let wanted = replicas(deployment);
    if rolling(deployment).is_none() {
        return wanted;
    }
    let room = wanted.saturating_add(max_surge(deployment)).saturating_sub(current);
    if room <= 0 { new } else { new + room.min(wanted - new) }
}

/// The rounded quotient of two numbers that are not negative. Models: integer.RoundToInt32.
pub(super) fn rounded(dividend: i64, divisor: i64) -> i32 {
    i32::try_from((2 * dividend + divisor) / (2 * divisor)).unwrap_or(i32::MAX)
}
