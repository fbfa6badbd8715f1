//! ConfigMaps, Secrets, ServiceAccounts.

use super::text::Text;
use api::{ConfigMap, Secret, ServiceAccount};
use serde_json::Value;

pub(super) fn config_map(text: &mut Text, map: &ConfigMap) -> bool {
    text.head(&map.metadata);
    text.line(0, "\nData\n====");
    for (key, value) in map.data.iter() {
        text.line(0, format_args!("{key}:\n----\n{value}\n"));
    }
    text.line(0, "\nBinaryData\n====");
    for (key, value) in map.binary_data.iter() {
        text.line(0, format_args!("{key}: {} bytes", bytes(value)));
    }
    text.line(0, "");
    true
}

pub(super) fn secret(text: &mut Text, secret: &Secret) -> bool {
    text.head(&secret.metadata);
    text.line(0, format_args!("\nType:\t{}", secret.r#type));
    text.line(0, "\nData\n====");
    for (key, value) in secret.data.iter() {
        text.field(0, key, format_args!("{} bytes", bytes(value)));
    }
    false
}

/// How many bytes a base64 value stands for.
fn bytes(value: &str) -> usize {
    crate::base64::decode(value).map_or(value.len(), |bytes| bytes.len())
}

pub(super) fn service_account(text: &mut Text, account: &ServiceAccount) -> bool {
    text.head(&account.metadata);
    let secrets = account.rest.get("imagePullSecrets").and_then(Value::as_array);
    let names: Vec<String> =
        secrets.into_iter().flatten().map(|secret| crate::fields::text(secret, "name").to_owned()).collect();
    text.column("Image pull secrets", &names);
    true
}
