//! Phases of volumes, and what becomes of one whose claim is gone. Models: pv_controller.go syncVolume, reclaimVolume.

use super::{COMPONENT, PROVISIONED_BY};
use crate::{Controller, Ctx, Decision};
use api::{Kind, Object, ObjectKey, PersistentVolume, PersistentVolumeClaim, Resource, Version};
use apiserver::{Change, DeleteOptions, EventRecord, Lister, Plan, WatchEvent, Write};

/// The controller that keeps volumes' phases.
pub const CONTROLLER: Controller =
    Controller { name: "persistentvolume-reclaimer", keys, reconcile, period: None, when: None };

fn keys(event: &WatchEvent, _: Lister<'_>, keys: &mut Vec<ObjectKey>) {
    match &event.object {
        Object::PersistentVolume(volume) if event.change != Change::Deleted => keys.push(volume.key()),
        Object::PersistentVolumeClaim(claim) if !claim.spec.volume_name.is_empty() => {
            keys.push(ObjectKey::cluster(Kind::PersistentVolume, claim.spec.volume_name.clone()));
        }
        _ => {}
    }
}

fn reconcile(ctx: &Ctx<'_>, key: &ObjectKey) -> Decision {
    let mut plan = Plan::default();
    let Some(volume) = ctx.lister.get::<PersistentVolume>("", &key.name) else { return plan.into() };
    let Some(claim_ref) = volume.spec.claim_ref.as_ref().filter(|r| !r.uid.is_empty()) else {
        set_phase(&mut plan, volume, "Available");
        return plan.into();
    };
    let claim = ctx
        .lister
        .get::<PersistentVolumeClaim>(&claim_ref.namespace, &claim_ref.name)
        .filter(|claim| claim.metadata.uid == claim_ref.uid);
    match claim {
        Some(claim) if claim.spec.volume_name == volume.metadata.name => set_phase(&mut plan, volume, "Bound"),
        // The binder has not come to the claim yet, or the claim has chosen another volume.
        Some(_) => {}
        None => plan_released(&mut plan, volume),
    }
    plan.into()
}

fn plan_released(plan: &mut Plan, volume: &PersistentVolume) {
    if volume.status.phase != "Failed" {
        set_phase(plan, volume, "Released");
    }
    if volume.spec.persistent_volume_reclaim_policy != "Delete" || volume.metadata.is_terminating() {
        return;
    }
    if volume.metadata.annotations.has(PROVISIONED_BY) {
        plan.write(Write::Delete(volume.key(), DeleteOptions::default()));
    } else if volume.status.phase != "Failed" {
        let message = "error getting deleter volume plugin for volume \"{}\": no deletable volume plugin matched"
            .replace("{}", &volume.metadata.name);
        plan.record(EventRecord::warning(volume, COMPONENT, "VolumeFailedDelete", message));
        set_phase(plan, volume, "Failed");
    }
}

fn set_phase(plan: &mut Plan, volume: &PersistentVolume, phase: &str) {
    if volume.status.phase == phase {
        return;
    }
    let mut changed = volume.clone();
    changed.status.phase = phase.into();
    // Two phases may be written in one plan, so the version in hand can be outdated by our own write.
    changed.metadata.resource_version = Version::default();
    plan.write(Write::UpdateStatus(changed.into_object()));
}
