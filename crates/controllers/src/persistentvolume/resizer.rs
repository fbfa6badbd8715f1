//! The external resizer: enlarges the volume of a claim that asks for more than it has. The file system on it is then
//! enlarged by the kubelet of a pod that uses the claim.
//! Models: kubernetes-csi/external-resizer (pkg/controller/expand_and_recover.go), pkg/controller/volume/expand and
//! pkg/volume/util/resize_util.go.

use super::{DOC, PROVISIONED_BY, is_for};
use crate::{Controller, Ctx, Decision};
use api::{
    CONTROLLER_RESIZE_IN_PROGRESS, NODE_RESIZE_PENDING, Object, ObjectKey, PersistentVolume, PersistentVolumeClaim,
    PersistentVolumeClaimCondition, Quantity, Resource, Str, StrMap, Time,
};
use apiserver::{Change, EventRecord, Lister, Plan, Wait, WatchEvent, Write};
use sim::SimDuration;

/// The controller that enlarges volumes.
pub const CONTROLLER: Controller = Controller { name: "external-resizer", keys, reconcile, period: None, when: None };

/// Who tells that somebody else enlarges the volume.
const EXPAND_COMPONENT: &str = "volume_expand";
/// How long enlarging a volume takes.
const RESIZING: SimDuration = SimDuration::from_millis(300);

fn keys(event: &WatchEvent, _: Lister<'_>, keys: &mut Vec<ObjectKey>) {
    if let Object::PersistentVolumeClaim(claim) = &event.object
        && event.change != Change::Deleted
        && claim.status.phase == "Bound"
        && (wants_more(claim) || claim.resize_status().is_some())
    {
        keys.push(claim.key());
    }
}

fn size(list: &api::ResourceList) -> Quantity {
    list.get("storage").cloned().unwrap_or_default()
}

fn wants_more(claim: &PersistentVolumeClaim) -> bool {
    size(&claim.spec.resources.requests).milli() > size(&claim.status.capacity).milli()
}

fn reconcile(ctx: &Ctx<'_>, key: &ObjectKey) -> Decision {
    let mut plan = Plan::default();
    let Some(claim) = ctx.lister.get::<PersistentVolumeClaim>(&key.namespace, &key.name) else {
        return plan.into();
    };
    let volume = ctx.lister.get::<PersistentVolume>("", &claim.spec.volume_name);
    let Some(volume) = volume.filter(|volume| is_for(volume, claim)) else { return plan.into() };
    let Some(driver) = volume.metadata.annotations.get(PROVISIONED_BY) else { return plan.into() };
    let component = format!("external-resizer {driver}");
    let asked = size(&claim.spec.resources.requests);
    let making = size(&claim.status.allocated_resources);
    match claim.resize_status() {
        Some(CONTROLLER_RESIZE_IN_PROGRESS) => {
            let begun = condition(claim, "Resizing").and_then(|condition| condition.last_transition_time);
            let left = RESIZING - begun.map_or(RESIZING, |begun| ctx.now.since(begun));
            if left > SimDuration::ZERO {
                plan.requeue(left);
            } else {
                plan_enlarged(ctx.now, claim, volume, &component, &making, &mut plan);
            }
        }
        // While the file system is still to grow, a claim may ask for even more.
        Some(_) if asked.milli() <= making.milli() => wait(claim, &mut plan),
        _ if wants_more(claim) => plan_begin(ctx.now, claim, volume, &component, asked, &mut plan),
        _ => {}
    }
    plan.into()
}

fn plan_begin(
    now: Time,
    claim: &PersistentVolumeClaim,
    volume: &PersistentVolume,
    component: &str,
    asked: Quantity,
    plan: &mut Plan,
) {
    let message = "waiting for an external controller to expand this PVC";
    plan.record(EventRecord::normal(claim, EXPAND_COMPONENT, "ExternalExpanding", message));
    let mut begun = claim.clone();
    begun.status.conditions = [in_effect("Resizing", "", now)].into_iter().collect();
    begun.status.allocated_resources = begun.status.allocated_resources.with("storage", asked);
    begun.status.allocated_resource_statuses = progress(CONTROLLER_RESIZE_IN_PROGRESS);
    plan.write(Write::UpdateStatus(begun.into_object()));
    let message = format!("External resizer is resizing volume {}", volume.metadata.name);
    plan.record(EventRecord::normal(claim, component, "Resizing", message));
    plan.requeue(RESIZING);
}

/// The volume has its new size. A block device is thereby done; a file system has to be told.
fn plan_enlarged(
    now: Time,
    claim: &PersistentVolumeClaim,
    volume: &PersistentVolume,
    component: &str,
    making: &Quantity,
    plan: &mut Plan,
) {
    if size(&volume.spec.capacity).milli() < making.milli() {
        let mut enlarged = volume.clone();
        enlarged.spec.capacity = enlarged.spec.capacity.with("storage", making.clone());
        plan.write(Write::Update(enlarged.into_object()));
    }
    let mut told = claim.clone();
    let event = if claim.spec.volume_mode == "Block" {
        told.status.capacity = told.status.capacity.with("storage", making.clone());
        told.status.conditions = Default::default();
        told.status.allocated_resource_statuses = Default::default();
        EventRecord::normal(claim, component, "VolumeResizeSuccessful", "Resize volume succeeded")
    } else {
        let message = "Waiting for user to (re-)start a pod to finish file system resize of volume on node.";
        let pending = in_effect("FileSystemResizePending", message, now);
        told.status.conditions = told.status.conditions.iter().cloned().chain([pending]).collect();
        told.status.allocated_resource_statuses = progress(NODE_RESIZE_PENDING);
        let message = "Require file system resize of volume on node";
        EventRecord::normal(claim, component, "FileSystemResizeRequired", message)
    };
    plan.write(Write::UpdateStatus(told.into_object()));
    plan.record(event);
}

fn progress(status: &str) -> StrMap {
    StrMap::default().with("storage", status)
}

fn in_effect(name: &str, message: &str, now: Time) -> PersistentVolumeClaimCondition {
    PersistentVolumeClaimCondition {
        r#type: name.into(),
        status: "True".into(),
        last_transition_time: Some(now),
        message: message.into(),
        ..Default::default()
    }
}

fn condition<'a>(claim: &'a PersistentVolumeClaim, name: &str) -> Option<&'a PersistentVolumeClaimCondition> {
    claim.status.conditions.iter().find(|condition| condition.r#type == name)
}

fn wait(claim: &PersistentVolumeClaim, plan: &mut Plan) {
    let name: &Str = &claim.metadata.name;
    plan.waits.push(Wait {
        who: claim.key(),
        awaits: Vec::new(),
        rule: "FileSystemResizePending".into(),
        message: format!("the volume of {name} has grown; its file system grows on the node of a pod that uses it"),
        doc: DOC,
    });
}
