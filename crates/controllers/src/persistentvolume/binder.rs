//! Binding claims to volumes. Models: pv_controller.go syncUnboundClaim, syncBoundClaim, bind, provisionClaim.

use super::{
    BETA_CLASS, BETA_STORAGE_PROVISIONER, BIND_COMPLETED, BOUND_BY_CONTROLLER, COMPONENT, DOC, SELECTED_NODE,
    STORAGE_PROVISIONER, class_of, is_for, matching,
};
use crate::{Controller, Ctx, Decision};
use api::{
    Kind, Object, ObjectKey, ObjectReference, PersistentVolume, PersistentVolumeClaim, Pod, Resource, StorageClass,
    Version,
};
use apiserver::{Change, EventRecord, Lister, Plan, Wait, WatchEvent, Write};
use sim::SimDuration;

/// The controller that binds claims.
pub const CONTROLLER: Controller =
    Controller { name: "persistentvolume-binder", keys, reconcile, period: Some((RESYNC, everything)), when: None };

/// How often all claims are looked at, whatever happened: what keeps a claim waiting is said again each time.
const RESYNC: SimDuration = SimDuration::from_secs(15);
/// The first moment of a claim's life: a pod that was made right after it is not known yet, and the claim is not
/// handed to a provisioner before that pod has been tried once.
const FIRST_MOMENT: SimDuration = SimDuration::from_millis(10);

fn everything() -> ObjectKey {
    ObjectKey::new(Kind::PersistentVolumeClaim, "", "")
}

fn keys(event: &WatchEvent, lister: Lister<'_>, keys: &mut Vec<ObjectKey>) {
    match &event.object {
        Object::PersistentVolumeClaim(claim) if event.change != Change::Deleted => keys.push(claim.key()),
        // A volume that comes, goes or changes may concern its claim, or any claim that waits for one.
        Object::PersistentVolume(volume) => match &volume.spec.claim_ref {
            Some(claim) => {
                keys.push(ObjectKey::new(Kind::PersistentVolumeClaim, claim.namespace.clone(), claim.name.clone()));
            }
            None => keys.extend(waiting(lister).map(|claim| claim.key())),
        },
        Object::StorageClass(class) => {
            keys.extend(
                waiting(lister).filter(|claim| class_of(claim) == class.metadata.name).map(|claim| claim.key()),
            );
        }
        _ => {}
    }
}

fn waiting<'a>(lister: Lister<'a>) -> impl Iterator<Item = &'a std::rc::Rc<PersistentVolumeClaim>> {
    lister.list::<PersistentVolumeClaim>().filter(|claim| claim.status.phase == "Pending")
}

/// Whether somebody has taken away the reference that the volume of a bound claim keeps to it.
fn has_come_loose(lister: Lister<'_>, claim: &PersistentVolumeClaim) -> bool {
    let volume = lister.get::<PersistentVolume>("", &claim.spec.volume_name);
    claim.status.phase == "Bound" && volume.is_some_and(|volume| volume.spec.claim_ref.is_none())
}

fn reconcile(ctx: &Ctx<'_>, key: &ObjectKey) -> Decision {
    if *key == everything() {
        let claims = ctx.lister.list::<PersistentVolumeClaim>();
        let unsettled = claims.filter(|claim| claim.status.phase == "Pending" || has_come_loose(ctx.lister, claim));
        return Decision { wake: unsettled.map(|claim| claim.key()).collect(), ..Default::default() };
    }
    let Some(claim) = ctx.lister.get::<PersistentVolumeClaim>(&key.namespace, &key.name) else {
        return Decision::default();
    };
    if claim.metadata.annotations.has(BIND_COMPLETED) {
        return plan_bound(ctx, claim).into();
    }
    if claim.spec.volume_name.is_empty() { plan_unbound(ctx, claim) } else { plan_named(ctx, claim) }.into()
}

/// A claim that was bound: its volume may have been lost. Models: syncBoundClaim.
fn plan_bound(ctx: &Ctx<'_>, claim: &PersistentVolumeClaim) -> Plan {
    let mut plan = Plan::default();
    let volume = ctx.lister.get::<PersistentVolume>("", &claim.spec.volume_name);
    let (reason, message) = match volume {
        // A volume whose reference somebody took away is bound again.
        Some(volume) if volume.spec.claim_ref.as_ref().is_none_or(|r| r.uid == claim.metadata.uid) => {
            bind(&mut plan, volume, claim);
            return plan;
        }
        Some(_) => ("ClaimMisbound", "Two claims are bound to the same volume, this one is bound incorrectly"),
        None if claim.spec.volume_name.is_empty() => {
            ("ClaimLost", "Bound claim has lost reference to PersistentVolume. Data on the volume is lost!")
        }
        None => ("ClaimLost", "Bound claim has lost its PersistentVolume. Data on the volume is lost!"),
    };
    if claim.status.phase != "Lost" {
        let mut lost = claim.clone();
        lost.status.phase = "Lost".into();
        lost.status.capacity = Default::default();
        lost.status.access_modes = Default::default();
        plan.write(Write::UpdateStatus(lost.into_object()));
        plan.record(EventRecord::warning(claim, COMPONENT, reason, message));
    }
    plan
}

/// A claim whose author (or the provisioner) has named the volume.
fn plan_named(ctx: &Ctx<'_>, claim: &PersistentVolumeClaim) -> Plan {
    let mut plan = Plan::default();
    let name = &claim.spec.volume_name;
    match ctx.lister.get::<PersistentVolume>("", name) {
        Some(volume) if is_for(volume, claim) => bind(&mut plan, volume, claim),
        Some(volume) if volume.spec.claim_ref.is_none() => match matching::refusal(volume, claim) {
            None => bind(&mut plan, volume, claim),
            Some(why) => {
                let message = format!("Cannot bind to requested volume \"{name}\": {why}");
                plan.waits.push(wait(claim, "VolumeMismatch", format!("volume {name} does not do: {why}")));
                plan.record(EventRecord::warning(claim, COMPONENT, "VolumeMismatch", message));
            }
        },
        Some(_) => {
            let message = format!("volume \"{name}\" already bound to a different claim.");
            plan.waits.push(wait(claim, "FailedBinding", message.clone()));
            plan.record(EventRecord::warning(claim, COMPONENT, "FailedBinding", message));
        }
        None => plan.waits.push(wait(claim, "VolumeMissing", format!("volume {name} does not exist yet"))),
    }
    plan
}

/// A claim that was made when there was no default class gets one as soon as there is.
/// Models: assignDefaultStorageClass.
fn assign_default_class(ctx: &Ctx<'_>, claim: &PersistentVolumeClaim, plan: &mut Plan) -> bool {
    if claim.spec.storage_class_name.is_some() || claim.metadata.annotations.has(BETA_CLASS) {
        return false;
    }
    let Some(class) = StorageClass::newest_default(ctx.lister.list::<StorageClass>()) else { return false };
    let mut assigned = claim.clone();
    assigned.spec.storage_class_name = Some(class.metadata.name.clone());
    plan.write(Write::Update(assigned.into_object()));
    true
}

/// A claim that names no volume: find one, or have one made.
fn plan_unbound(ctx: &Ctx<'_>, claim: &PersistentVolumeClaim) -> Plan {
    let mut plan = Plan::default();
    let class_name = class_of(claim);
    let class = ctx.lister.get::<StorageClass>("", &class_name);
    let delayed = class.is_some_and(|class| class.waits_for_first_consumer());
    if let Some(volume) = matching::best(ctx.lister.list::<PersistentVolume>(), claim, delayed) {
        bind(&mut plan, volume, claim);
        return plan;
    }
    if assign_default_class(ctx, claim, &mut plan) {
        return plan;
    }
    if delayed && !claim.metadata.annotations.has(SELECTED_NODE) {
        plan_delayed(ctx, claim, &mut plan);
        return plan;
    }
    match class {
        Some(class) => plan_provisioning(ctx, class, claim, &mut plan),
        None if class_name.is_empty() => {
            let message = "no persistent volumes available for this claim and no storage class is set";
            plan.record(EventRecord::normal(claim, COMPONENT, "FailedBinding", message));
            plan.waits.push(wait(claim, "FailedBinding", "no volume fits, and no storage class can make one".into()));
        }
        None => {
            let message = format!("storageclass.storage.k8s.io \"{class_name}\" not found");
            plan.record(EventRecord::warning(claim, COMPONENT, "ProvisioningFailed", message));
            plan.waits.push(wait(claim, "ProvisioningFailed", format!("there is no StorageClass {class_name}")));
        }
    }
    plan
}

/// A delayed claim waits for a pod, then for the pod's node. Models: emitEventForUnboundDelayBindingClaim.
fn plan_delayed(ctx: &Ctx<'_>, claim: &PersistentVolumeClaim, plan: &mut Plan) {
    let consumers: Vec<_> = ctx
        .lister
        .pods_using_claim(&claim.metadata.namespace, &claim.metadata.name)
        .filter(|pod| pod.spec.node_name.is_empty() && !pod.is_terminating())
        .filter(|pod| pod.metadata.creation_timestamp.is_some_and(|made| ctx.now.since(made) >= FIRST_MOMENT))
        .collect();
    let names: Vec<&str> = consumers.iter().map(|pod| pod.metadata.name.as_str()).collect();
    let (reason, message) = match names.as_slice() {
        [] => ("WaitForFirstConsumer", "waiting for first consumer to be created before binding".to_owned()),
        [one] => ("WaitForPodScheduled", format!("waiting for pod {one} to be scheduled")),
        many => ("WaitForPodScheduled", format!("waiting for pods {} to be scheduled", many.join(","))),
    };
    plan.record(EventRecord::normal(claim, COMPONENT, reason, message.clone()));
    let mut wait = wait(claim, reason, format!("{}: {message}", claim.metadata.name));
    wait.awaits = consumers.iter().map(|pod: &&std::rc::Rc<Pod>| pod.key()).collect();
    plan.waits.push(wait);
}

/// Hands the claim to the provisioner its class names.
fn plan_provisioning(ctx: &Ctx<'_>, class: &StorageClass, claim: &PersistentVolumeClaim, plan: &mut Plan) {
    let provisioner = &class.provisioner;
    if provisioner == "kubernetes.io/no-provisioner" {
        let message = format!("no volume plugin matched name: {provisioner}");
        plan.record(EventRecord::warning(claim, COMPONENT, "ProvisioningFailed", message));
        let sentence = format!("no free volume of class {} fits, and its class makes none", class.metadata.name);
        plan.waits.push(wait(claim, "ProvisioningFailed", sentence));
        return;
    }
    let age = claim.metadata.creation_timestamp.map_or(FIRST_MOMENT, |made| ctx.now.since(made));
    if age < FIRST_MOMENT {
        plan.requeue(FIRST_MOMENT - age);
        return;
    }
    if claim.metadata.annotations.get(STORAGE_PROVISIONER) != Some(provisioner) {
        let mut handed = claim.clone();
        for annotation in [STORAGE_PROVISIONER, BETA_STORAGE_PROVISIONER] {
            handed.metadata.annotations = handed.metadata.annotations.with(annotation, provisioner.clone());
        }
        plan.write(Write::Update(handed.into_object()));
    }
    let message = format!(
        "Waiting for a volume to be created either by the external provisioner '{provisioner}' or manually by the system administrator. If volume creation is delayed, please verify that the provisioner is running and correctly registered."
    );
    plan.record(EventRecord::normal(claim, COMPONENT, "ExternalProvisioning", message));
    plan.waits.push(wait(claim, "ExternalProvisioning", format!("{provisioner} is making a volume")));
}

fn wait(claim: &PersistentVolumeClaim, rule: &str, message: String) -> Wait {
    Wait { who: claim.key(), awaits: Vec::new(), rule: rule.into(), message, doc: DOC }
}

/// Makes both sides name each other and their phases Bound; writes only what is not so yet.
fn bind(plan: &mut Plan, volume: &PersistentVolume, claim: &PersistentVolumeClaim) {
    let mut owned = volume.clone();
    if owned.spec.claim_ref.as_ref().is_none_or(|r| r.uid != claim.metadata.uid) {
        if owned.spec.claim_ref.is_none() {
            owned.metadata.annotations = owned.metadata.annotations.with(BOUND_BY_CONTROLLER, "yes");
        }
        owned.spec.claim_ref = Some(reference(claim));
        plan.write(Write::Update(owned.clone().into_object()));
        owned.metadata.resource_version = Version::default();
    }
    if owned.status.phase != "Bound" {
        owned.status.phase = "Bound".into();
        plan.write(Write::UpdateStatus(owned.into_object()));
    }
    let mut bound = claim.clone();
    if bound.spec.volume_name.is_empty() {
        bound.spec.volume_name = volume.metadata.name.clone();
        bound.metadata.annotations = bound.metadata.annotations.with(BOUND_BY_CONTROLLER, "yes");
    }
    bound.metadata.annotations = bound.metadata.annotations.with(BIND_COMPLETED, "yes");
    if bound.metadata.annotations != claim.metadata.annotations || bound.spec != claim.spec {
        plan.write(Write::Update(bound.clone().into_object()));
        bound.metadata.resource_version = Version::default();
    }
    // The size of a claim that is bound already may lag behind its volume's: its file system has yet to grow.
    if bound.status.phase != "Bound" || bound.status.access_modes != volume.spec.access_modes {
        if bound.status.phase != "Bound" {
            bound.status.capacity = volume.spec.capacity.clone();
        }
        bound.status.phase = "Bound".into();
        bound.status.access_modes = volume.spec.access_modes.clone();
        plan.write(Write::UpdateStatus(bound.into_object()));
    }
}

/// The reference a volume keeps to its claim.
pub(super) fn reference(claim: &PersistentVolumeClaim) -> ObjectReference {
    ObjectReference {
        api_version: "v1".into(),
        kind: "PersistentVolumeClaim".into(),
        namespace: claim.metadata.namespace.clone(),
        name: claim.metadata.name.clone(),
        uid: claim.metadata.uid.clone(),
        resource_version: claim.metadata.resource_version.0.to_string().into(),
        ..Default::default()
    }
}
