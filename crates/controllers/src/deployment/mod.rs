//! Deployment controller: one ReplicaSet a template, and pods that move from the old ones to the new one step by step.
//!
//! Models: pkg/controller/deployment (Kubernetes 1.36). Not modelled: the rollback annotation of extensions/v1beta1.

mod conditions;
mod control;
mod numbers;
mod recreate;
mod revisions;
mod rolling;
mod scale;
mod status;
#[cfg(test)]
mod tests;
mod waits;

use crate::pod_control::{Owner, claim, owner_keys};
use crate::{Controller, Ctx, Decision};
use api::{Deployment, Kind, Object, ObjectKey, Pod, ReplicaSet, Resource};
use apiserver::{Change, Lister, Plan, WatchEvent};
use control::Pass;
use std::rc::Rc;

/// How many pods must be available during a rollout, and how many there may be.
pub fn rollout_bounds(deployment: &Deployment) -> (i32, i32) {
    let wanted = numbers::replicas(deployment);
    (wanted - numbers::max_unavailable(deployment), wanted.saturating_add(numbers::max_surge(deployment)))
}

/// The row of this controller.
pub const CONTROLLER: Controller =
    Controller { name: "deployment-controller", keys, reconcile, period: None, when: None };

fn keys(event: &WatchEvent, lister: Lister<'_>, keys: &mut Vec<ObjectKey>) {
    match (&event.object, event.change) {
        (Object::Deployment(_), Change::Added | Change::Modified) => keys.push(event.object.key()),
        (Object::ReplicaSet(_), _) => {
            owner_keys::<Deployment>(event, lister, |deployment| &deployment.spec.selector, keys);
        }
        (Object::Pod(pod), Change::Deleted) => keys.extend(recreated(pod, lister)),
        _ => {}
    }
}

/// The Deployment that recreates its pods, once the last of the old ones is gone. Models: deletePod.
fn recreated(pod: &Pod, lister: Lister<'_>) -> Option<ObjectKey> {
    let namespace = &pod.metadata.namespace;
    let owner = pod.metadata.controller()?;
    let Object::ReplicaSet(set) = lister.owner(owner, namespace)? else { return None };
    let Object::Deployment(deployment) = lister.owner(set.metadata.controller()?, namespace)? else { return None };
    let mut sets = lister.owned::<ReplicaSet>(&deployment.metadata.uid);
    let mut is_last = || !sets.any(|set| lister.owned::<Pod>(&set.metadata.uid).next().is_some());
    (deployment.spec.strategy.r#type == "Recreate" && is_last()).then(|| deployment.key())
}

fn reconcile(ctx: &Ctx<'_>, key: &ObjectKey) -> Decision {
    debug_assert_eq!(key.kind, Kind::Deployment);
    let Some(stored) = ctx.lister.get::<Deployment>(&key.namespace, &key.name) else {
        return Decision::default();
    };
    let mut plan = Plan::default();
    let owner = Owner::new(&**stored, &stored.spec.selector);
    let sets = claim::<ReplicaSet>(&owner, ctx.lister, |_| true, &mut plan);
    let mut pass = Pass::new(ctx, Deployment::clone(stored), sets, plan);
    pass.run();
    waits::explain(&mut pass);
    pass.plan.into()
}

/// Sorts sets from the oldest to the newest. Models: ReplicaSetsByCreationTimestamp.
fn by_age(a: &Rc<ReplicaSet>, b: &Rc<ReplicaSet>) -> std::cmp::Ordering {
    let place = |set: &ReplicaSet| (set.metadata.creation_timestamp, set.metadata.name.clone());
    place(a).cmp(&place(b))
}
