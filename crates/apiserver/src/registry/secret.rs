//! Secrets: plain values are folded into data. Models: pkg/registry/core/secret/strategy.go, ValidateSecret.

use super::check::{Causes, Path};
use super::configmap;
use api::Secret;

pub(super) fn default(secret: &mut Secret) {
    if secret.r#type.is_empty() {
        secret.r#type = "Opaque".into();
    }
    for (key, text) in std::mem::take(&mut secret.string_data).iter() {
        secret.data = secret.data.with(key, base64(text.as_bytes()));
    }
}

fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    bytes
        .chunks(3)
        .flat_map(|chunk| {
            let n = chunk.iter().fold(0u32, |n, b| n << 8 | u32::from(*b)) << (8 * (3 - chunk.len()));
            (0..4).map(
                move |i| {
                    if i <= chunk.len() { char::from(LETTERS[(n >> (18 - 6 * i) & 63) as usize]) } else { '=' }
                },
            )
        })
        .collect()
}

pub(super) fn validate(secret: &Secret, causes: &mut Causes) {
    let data = Path::root("data");
    configmap::keys(&secret.data, &data, causes);
    if configmap::decoded_size(&secret.data) > configmap::MAX_SIZE {
        causes.too_long(&data, configmap::MAX_SIZE);
    }
    let required = |keys: &[&str], causes: &mut Causes| {
        for key in keys {
            causes.required(&data.key(key), "");
        }
    };
    let lacks = |key: &str| !secret.data.has(key);
    match secret.r#type.as_str() {
        "kubernetes.io/service-account-token" => {
            const ACCOUNT: &str = "kubernetes.io/service-account.name";
            if secret.metadata.annotations.get(ACCOUNT).is_none_or(|name| name.is_empty()) {
                let at = Path::root("metadata");
                causes.required(&at.field("annotations").key(ACCOUNT), "");
            }
        }
        "kubernetes.io/dockercfg" if lacks(".dockercfg") => required(&[".dockercfg"], causes),
        "kubernetes.io/dockerconfigjson" if lacks(".dockerconfigjson") => required(&[".dockerconfigjson"], causes),
        "kubernetes.io/basic-auth" if lacks("username") && lacks("password") => {
            required(&["username", "password"], causes);
        }
        "kubernetes.io/ssh-auth" if secret.data.get("ssh-privatekey").is_none_or(|key| key.is_empty()) => {
            required(&["ssh-privatekey"], causes);
        }
        "kubernetes.io/tls" => {
            let missing: Vec<&str> = ["tls.crt", "tls.key"].into_iter().filter(|key| lacks(key)).collect();
            required(&missing, causes);
        }
        _ => {}
    }
}

pub(super) fn validate_update(new: &Secret, old: &Secret, causes: &mut Causes) {
    causes.immutable(&Path::root("type"), &new.r#type, &old.r#type);
    configmap::frozen(old.immutable, new.immutable, &[("data", new.data != old.data)], causes);
    validate(new, causes);
}

#[cfg(test)]
mod tests {
    use crate::registry::tests::{refused, refused_update};
    use expect_test::expect;
    use serde_json::{Value, json};

    fn secret(kind: &str, data: Value) -> Value {
        json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"}, "type": kind, "stringData": data})
    }

    #[test]
    fn types_and_keys() {
        refused(
            secret("Opaque", json!({"a b": "1"})),
            expect![[
                r#"Secret "s" is invalid: data[a b]: Invalid value: "a b": a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')"#
            ]],
        );
        refused(
            secret("kubernetes.io/tls", json!({"tls.crt": "1"})),
            expect![[r#"Secret "s" is invalid: data[tls.key]: Required value"#]],
        );
        refused(
            secret("kubernetes.io/basic-auth", json!({})),
            expect![[r#"
            data[username]: Required value
            data[password]: Required value"#]],
        );
        refused(
            secret("kubernetes.io/service-account-token", json!({})),
            expect![[
                r#"Secret "s" is invalid: metadata.annotations[kubernetes.io/service-account.name]: Required value"#
            ]],
        );
        refused_update(
            secret("Opaque", json!({})),
            json!({"type": "mine"}),
            expect![[r#"Secret "s" is invalid: type: Invalid value: "mine": field is immutable"#]],
        );
    }
}
