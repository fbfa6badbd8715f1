//! The external provisioner: makes a volume for a claim that was handed to it, a moment later.
//! Models: kubernetes-csi/external-provisioner (controller.go of sig-storage-lib-external-provisioner).

use super::{PROVISIONED_BY, SELECTED_NODE, STORAGE_PROVISIONER, class_of};
use crate::{Controller, Ctx, Decision};
use api::{
    Object, ObjectKey, ObjectMeta, PersistentVolume, PersistentVolumeClaim, PersistentVolumeSpec, Resource,
    StorageClass, Str,
};
use apiserver::{Change, EventRecord, Lister, Plan, WatchEvent, Write};
use serde_json::json;
use sim::SimDuration;

/// The controller that makes volumes.
pub const CONTROLLER: Controller =
    Controller { name: "external-provisioner", keys, reconcile, period: None, when: None };

/// How long making a volume takes.
const PROVISIONING: SimDuration = SimDuration::from_millis(300);

fn keys(event: &WatchEvent, _: Lister<'_>, keys: &mut Vec<ObjectKey>) {
    if let Object::PersistentVolumeClaim(claim) = &event.object
        && event.change != Change::Deleted
        && claim.spec.volume_name.is_empty()
        && claim.metadata.annotations.has(STORAGE_PROVISIONER)
    {
        keys.push(claim.key());
    }
}

fn reconcile(ctx: &Ctx<'_>, key: &ObjectKey) -> Decision {
    let mut plan = Plan::default();
    let wanted = ctx.lister.get::<PersistentVolumeClaim>(&key.namespace, &key.name).filter(|claim| {
        claim.spec.volume_name.is_empty() && claim.status.phase == "Pending" && !claim.metadata.is_terminating()
    });
    let Some(claim) = wanted else { return plan.into() };
    let Some(class) = ctx.lister.get::<StorageClass>("", &class_of(claim)) else { return plan.into() };
    let handed = claim.metadata.annotations.get(STORAGE_PROVISIONER) == Some(&class.provisioner);
    if !handed || class.waits_for_first_consumer() && !claim.metadata.annotations.has(SELECTED_NODE) {
        return plan.into();
    }
    let component = component(&class.provisioner);
    let begun = ctx.lister.events_about(&claim.metadata.uid).find(|event| event.reason == "Provisioning");
    let Some(begun) = begun.and_then(|event| event.first_timestamp) else {
        let message = format!("External provisioner is provisioning volume for claim \"{}\"", key.path());
        plan.record(EventRecord::normal(&**claim, &component, "Provisioning", message));
        plan.requeue(PROVISIONING);
        return plan.into();
    };
    let left = PROVISIONING - ctx.now.since(begun);
    if left > SimDuration::ZERO {
        plan.requeue(left);
        return plan.into();
    }
    let volume = volume_for(claim, class);
    if ctx.lister.get::<PersistentVolume>("", &volume.metadata.name).is_some() {
        return plan.into();
    }
    let message = format!("Successfully provisioned volume {}", volume.metadata.name);
    let succeeded = EventRecord::normal(&**claim, &component, "ProvisioningSucceeded", message);
    let failed =
        EventRecord::warning(&**claim, &component, "ProvisioningFailed", "failed to provision volume: {error}");
    plan.write_recording(Write::Create(volume.into_object()), succeeded, failed);
    plan.into()
}

/// A provisioner names itself and the pod it runs in.
fn component(provisioner: &str) -> String {
    format!("{provisioner}_csi-provisioner-0")
}

/// The driver of a provisioner: provisioners may be named `example.com/disk`, drivers are domain names.
fn driver(provisioner: &str) -> String {
    let name = match provisioner.split_once('/') {
        Some((domain, name)) => format!("{name}.{domain}"),
        None => provisioner.to_owned(),
    };
    let letter = |c: char| if c.is_ascii_alphanumeric() || c == '.' { c.to_ascii_lowercase() } else { '-' };
    name.chars().map(letter).take(63).collect::<String>().trim_matches(['-', '.']).to_owned()
}

fn volume_for(claim: &PersistentVolumeClaim, class: &StorageClass) -> PersistentVolume {
    let name: Str = format!("pvc-{}", claim.metadata.uid).into();
    let source = json!({"driver": driver(&class.provisioner), "volumeHandle": name.as_str(), "volumeAttributes": {}});
    PersistentVolume {
        metadata: ObjectMeta {
            name,
            annotations: api::StrMap::default().with(PROVISIONED_BY, class.provisioner.clone()),
            ..Default::default()
        },
        spec: PersistentVolumeSpec {
            capacity: api::ResourceList::default()
                .with("storage", claim.spec.resources.requests.get("storage").cloned().unwrap_or_default()),
            access_modes: claim.spec.access_modes.clone(),
            claim_ref: Some(super::binder::reference(claim)),
            persistent_volume_reclaim_policy: class.reclaim_policy.clone(),
            storage_class_name: class.metadata.name.clone(),
            volume_mode: claim.spec.volume_mode.clone(),
            node_affinity: None,
            rest: api::Rest::default().with("csi", source),
        },
        ..Default::default()
    }
}
