//! Claims, volumes, classes.

use super::{Context, text};
use crate::{ClaimRow, ClassRow, Severity, Text, VolumeRow};
use api::{PersistentVolume, PersistentVolumeClaim, Resource, ResourceList, StorageClass};
use std::rc::Rc;

pub(super) fn claims(ctx: &Context<'_>) -> Rc<[ClaimRow]> {
    ctx.lister.list::<PersistentVolumeClaim>().map(|claim| claim_row(ctx, claim)).collect()
}

fn claim_row(ctx: &Context<'_>, claim: &PersistentVolumeClaim) -> ClaimRow {
    let meta = &claim.metadata;
    let users: Vec<&str> =
        ctx.lister.pods_using_claim(&meta.namespace, &meta.name).map(|pod| pod.metadata.name.as_str()).collect();
    ClaimRow {
        namespace: text(&meta.namespace),
        name: text(&meta.name),
        status: text(if meta.is_terminating() { "Terminating" } else { &claim.status.phase }),
        severity: phase_severity(&claim.status.phase),
        volume: text(&claim.spec.volume_name),
        capacity: size(&claim.status.capacity),
        access_modes: api::access_modes_text(&claim.status.access_modes).into(),
        class: text(claim.spec.storage_class_name.as_deref().unwrap_or("")),
        used_by: users.join(", ").into(),
        waiting: ctx.wait(&claim.key()).map(|record| text(&record.wait.message)),
        created_ms: ctx.sim_ms(meta.creation_timestamp),
    }
}

pub(super) fn volumes(ctx: &Context<'_>) -> Rc<[VolumeRow]> {
    let row = |volume: &Rc<PersistentVolume>| VolumeRow {
        name: text(&volume.metadata.name),
        capacity: size(&volume.spec.capacity),
        access_modes: api::access_modes_text(&volume.spec.access_modes).into(),
        reclaim_policy: text(&volume.spec.persistent_volume_reclaim_policy),
        status: text(if volume.metadata.is_terminating() { "Terminating" } else { &volume.status.phase }),
        severity: phase_severity(&volume.status.phase),
        claim: volume
            .spec
            .claim_ref
            .as_ref()
            .map_or_else(|| "".into(), |c| format!("{}/{}", c.namespace, c.name).into()),
        class: text(&volume.spec.storage_class_name),
    };
    ctx.lister.list::<PersistentVolume>().map(row).collect()
}

pub(super) fn classes(ctx: &Context<'_>) -> Rc<[ClassRow]> {
    let row = |class: &Rc<StorageClass>| ClassRow {
        name: text(&class.metadata.name),
        is_default: class.is_default(),
        provisioner: text(&class.provisioner),
        reclaim_policy: text(&class.reclaim_policy),
        binding_mode: text(&class.volume_binding_mode),
        allows_expansion: class.allow_volume_expansion == Some(true),
    };
    ctx.lister.list::<StorageClass>().map(row).collect()
}

fn phase_severity(phase: &str) -> Severity {
    match phase {
        "Bound" | "Available" => Severity::Good,
        "Lost" | "Failed" => Severity::Bad,
        _ => Severity::Waiting,
    }
}

fn size(list: &ResourceList) -> Text {
    list.get("storage").map_or_else(|| "".into(), |size| size.to_string().into())
}
