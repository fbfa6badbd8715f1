//! Finalizers that keep claims and volumes while they are in use.
//! Models: pkg/controller/volume/pvcprotection and pvprotection.

use crate::{Controller, Ctx, Decision};
use api::{Kind, Object, ObjectKey, PersistentVolume, PersistentVolumeClaim, Pod, Resource, Str};
use apiserver::{Change, Lister, Plan, Wait, WatchEvent, Write};

/// Keeps claims that scheduled pods use.
pub const CLAIM_PROTECTION: Controller = Controller {
    name: "persistentvolumeclaim-protection",
    keys: claim_keys,
    reconcile: reconcile_claim,
    period: None,
    when: None,
};

/// Keeps volumes that are Bound.
pub const VOLUME_PROTECTION: Controller = Controller {
    name: "persistentvolume-protection",
    keys: volume_keys,
    reconcile: reconcile_volume,
    period: None,
    when: None,
};

const CLAIM_FINALIZER: &str = "kubernetes.io/pvc-protection";
const VOLUME_FINALIZER: &str = "kubernetes.io/pv-protection";

fn claim_keys(event: &WatchEvent, _: Lister<'_>, keys: &mut Vec<ObjectKey>) {
    match &event.object {
        Object::PersistentVolumeClaim(claim) if claim.metadata.is_terminating() && event.change != Change::Deleted => {
            keys.push(claim.key());
        }
        Object::Pod(pod) if event.change == Change::Deleted => {
            let claims = pod.spec.volumes.iter().filter_map(|volume| volume.persistent_volume_claim.as_ref());
            keys.extend(claims.map(|c| {
                ObjectKey::new(Kind::PersistentVolumeClaim, pod.metadata.namespace.clone(), c.claim_name.clone())
            }));
        }
        _ => {}
    }
}

fn reconcile_claim(ctx: &Ctx<'_>, key: &ObjectKey) -> Decision {
    let mut plan = Plan::default();
    let going = ctx
        .lister
        .get::<PersistentVolumeClaim>(&key.namespace, &key.name)
        .filter(|claim| claim.metadata.is_terminating() && claim.metadata.has_finalizer(CLAIM_FINALIZER));
    let Some(claim) = going else { return plan.into() };
    let users: Vec<ObjectKey> = ctx
        .lister
        .pods_using_claim(&key.namespace, &key.name)
        .filter(|pod: &&std::rc::Rc<Pod>| !pod.spec.node_name.is_empty())
        .map(|pod| pod.key())
        .collect();
    if users.is_empty() {
        let mut freed = PersistentVolumeClaim::clone(claim);
        freed.metadata.finalizers = without(&freed.metadata.finalizers, CLAIM_FINALIZER);
        plan.write(Write::Update(freed.into_object()));
    } else {
        plan.waits.push(Wait {
            who: key.clone(),
            message: format!("claim {} is Terminating until no pod uses it ({})", key.name, users[0].name),
            awaits: users,
            rule: "StorageObjectInUse".into(),
            doc: "concepts/storage/persistent-volumes/#storage-object-in-use-protection",
        });
    }
    plan.into()
}

fn volume_keys(event: &WatchEvent, _: Lister<'_>, keys: &mut Vec<ObjectKey>) {
    if let Object::PersistentVolume(volume) = &event.object
        && volume.metadata.is_terminating()
        && event.change != Change::Deleted
    {
        keys.push(volume.key());
    }
}

fn reconcile_volume(ctx: &Ctx<'_>, key: &ObjectKey) -> Decision {
    let mut plan = Plan::default();
    let going = ctx.lister.get::<PersistentVolume>("", &key.name).filter(|volume| {
        volume.metadata.is_terminating()
            && volume.metadata.has_finalizer(VOLUME_FINALIZER)
            && volume.status.phase != "Bound"
    });
    if let Some(volume) = going {
        let mut freed = PersistentVolume::clone(volume);
        freed.metadata.finalizers = without(&freed.metadata.finalizers, VOLUME_FINALIZER);
        plan.write(Write::Update(freed.into_object()));
    }
    plan.into()
}

fn without(finalizers: &[Str], name: &str) -> api::List<Str> {
    finalizers.iter().filter(|f| *f != name).cloned().collect()
}
