//! PersistentVolumes in a table.

use super::{Printer, col, created, wide};
use api::{Object, PersistentVolume, Resource, Time};
use serde_json::Value;

pub(super) const PRINTER: Printer = Printer {
    columns: &[
        col("NAME"),
        col("CAPACITY"),
        col("ACCESS MODES"),
        col("RECLAIM POLICY"),
        col("STATUS"),
        col("CLAIM"),
        col("STORAGECLASS"),
        col("VOLUMEATTRIBUTESCLASS"),
        col("REASON"),
        col("AGE"),
        wide("VOLUMEMODE"),
    ],
    row,
};

fn row(object: &Object, now: Time) -> Vec<String> {
    let Some(volume) = PersistentVolume::from_object(object) else { return Vec::new() };
    let spec = &volume.spec;
    let phase = if volume.metadata.is_terminating() { "Terminating" } else { &volume.status.phase };
    let attributes = spec.rest.get("volumeAttributesClassName").and_then(Value::as_str).unwrap_or("<unset>");
    vec![
        volume.metadata.name.to_string(),
        spec.capacity.get("storage").map_or_else(|| "0".to_owned(), ToString::to_string),
        api::access_modes_text(&spec.access_modes),
        spec.persistent_volume_reclaim_policy.to_string(),
        phase.to_owned(),
        spec.claim_ref.as_ref().map(|claim| format!("{}/{}", claim.namespace, claim.name)).unwrap_or_default(),
        spec.storage_class_name.to_string(),
        attributes.to_owned(),
        volume.status.reason.to_string(),
        created(object, now),
        unset(&spec.volume_mode),
    ]
}

pub(super) fn unset(text: &str) -> String {
    if text.is_empty() { "<unset>".to_owned() } else { text.to_owned() }
}
