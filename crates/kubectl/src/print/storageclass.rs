//! StorageClasses in a table.

use super::{Printer, col, created};
use api::{Object, Resource, StorageClass, Time};

pub(super) const PRINTER: Printer = Printer {
    columns: &[
        col("NAME"),
        col("PROVISIONER"),
        col("RECLAIMPOLICY"),
        col("VOLUMEBINDINGMODE"),
        col("ALLOWVOLUMEEXPANSION"),
        col("AGE"),
    ],
    row,
};

fn row(object: &Object, now: Time) -> Vec<String> {
    let Some(class) = StorageClass::from_object(object) else { return Vec::new() };
    let or = |text: &str, default: &str| if text.is_empty() { default.to_owned() } else { text.to_owned() };
    let default = if class.is_default() { " (default)" } else { "" };
    vec![
        format!("{}{default}", class.metadata.name),
        class.provisioner.to_string(),
        or(&class.reclaim_policy, "Delete"),
        or(&class.volume_binding_mode, "Immediate"),
        class.allow_volume_expansion.unwrap_or(false).to_string(),
        created(object, now),
    ]
}
