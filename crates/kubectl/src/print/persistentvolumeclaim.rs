//! PersistentVolumeClaims in a table.

use super::persistentvolume::unset;
use super::{Printer, col, created, wide};
use api::{Object, PersistentVolumeClaim, Resource, Time};
use serde_json::Value;

pub(super) const PRINTER: Printer = Printer {
    columns: &[
        col("NAME"),
        col("STATUS"),
        col("VOLUME"),
        col("CAPACITY"),
        col("ACCESS MODES"),
        col("STORAGECLASS"),
        col("VOLUMEATTRIBUTESCLASS"),
        col("AGE"),
        wide("VOLUMEMODE"),
    ],
    row,
};

fn row(object: &Object, now: Time) -> Vec<String> {
    let Some(claim) = PersistentVolumeClaim::from_object(object) else { return Vec::new() };
    let (spec, status) = (&claim.spec, &claim.status);
    let phase = if claim.metadata.is_terminating() { "Terminating" } else { &status.phase };
    // Size and modes are those of the volume, so there are none before there is a volume.
    let (capacity, modes) = if spec.volume_name.is_empty() {
        Default::default()
    } else {
        let size = status.capacity.get("storage").map_or_else(|| "0".to_owned(), ToString::to_string);
        (size, api::access_modes_text(&status.access_modes))
    };
    let attributes = spec.rest.get("volumeAttributesClassName").and_then(Value::as_str).unwrap_or("<unset>");
    vec![
        claim.metadata.name.to_string(),
        phase.to_owned(),
        spec.volume_name.to_string(),
        capacity,
        modes,
        spec.storage_class_name.as_ref().map(ToString::to_string).unwrap_or_default(),
        attributes.to_owned(),
        created(object, now),
        unset(&spec.volume_mode),
    ]
}
