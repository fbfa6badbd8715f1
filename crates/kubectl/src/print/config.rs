//! ConfigMaps and Secrets in a table.

use super::{Printer, col, created};
use api::{ConfigMap, Resource, Secret};

pub(super) const CONFIG_MAP: Printer = Printer {
    columns: &[col("NAME"), col("DATA"), col("AGE")],
    row: |object, now| {
        let Some(map) = ConfigMap::from_object(object) else { return Vec::new() };
        let keys = map.data.len() + map.binary_data.len();
        vec![map.metadata.name.to_string(), keys.to_string(), created(object, now)]
    },
};

pub(super) const SECRET: Printer = Printer {
    columns: &[col("NAME"), col("TYPE"), col("DATA"), col("AGE")],
    row: |object, now| {
        let Some(secret) = Secret::from_object(object) else { return Vec::new() };
        let keys = secret.data.len().to_string();
        vec![secret.metadata.name.to_string(), secret.r#type.to_string(), keys, created(object, now)]
    },
};
