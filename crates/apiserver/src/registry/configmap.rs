//! ConfigMaps, and what Secrets have in common with them. Models: ValidateConfigMap of pkg/apis/core/validation.

use super::check::{Causes, Path};
use super::{meta, names};
use api::{ConfigMap, StrMap};

/// The most bytes of all values.
pub(super) const MAX_SIZE: usize = 1 << 20;
const IMMUTABLE: &str = "field is immutable when `immutable` is set";

pub(super) fn validate(map: &ConfigMap, causes: &mut Causes) {
    let data = Path::root("data");
    keys(&map.data, &data, causes);
    for (key, _) in map.data.iter().filter(|(key, _)| map.binary_data.has(key)) {
        causes.invalid(&data.key(key), key.as_str(), "duplicate of key present in binaryData");
    }
    keys(&map.binary_data, &Path::root("binaryData"), causes);
    let plain: usize = map.data.iter().map(|(_, value)| value.len()).sum();
    if plain + decoded_size(&map.binary_data) > MAX_SIZE {
        causes.too_long(&Path::root(""), MAX_SIZE);
    }
}

/// Checks the keys.
pub(super) fn keys(data: &StrMap, at: &Path<'_>, causes: &mut Causes) {
    for (key, _) in data.iter() {
        meta::name(key, &at.key(key), names::config_key, causes);
    }
}

/// How many bytes base64 values stand for.
pub(super) fn decoded_size(data: &StrMap) -> usize {
    let size = |value: &str| value.len() / 4 * 3 - value.bytes().rev().take_while(|b| *b == b'=').count().min(2);
    data.iter().map(|(_, value)| if value.is_empty() { 0 } else { size(value) }).sum()
}

/// What is frozen stays as it is.
pub(super) fn frozen(was: bool, is: bool, data: &[(&str, bool)], causes: &mut Causes) {
    if !was {
        return;
    }
    if !is {
        causes.forbidden(&Path::root("immutable"), IMMUTABLE);
    }
    for (field, _) in data.iter().filter(|(_, changed)| *changed) {
        causes.forbidden(&Path::root(field), IMMUTABLE);
    }
}

pub(super) fn validate_update(new: &ConfigMap, old: &ConfigMap, causes: &mut Causes) {
    let changed = [("data", new.data != old.data), ("binaryData", new.binary_data != old.binary_data)];
    frozen(old.immutable, new.immutable, &changed, causes);
    validate(new, causes);
}

#[cfg(test)]
mod tests {
    use crate::registry::tests::{refused, refused_update};
    use expect_test::expect;
    use serde_json::{Value, json};

    fn map(data: Value, immutable: bool) -> Value {
        json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "m"}, "data": data, "immutable": immutable})
    }

    #[test]
    fn keys_and_sizes() {
        refused(
            map(json!({"a/b": "", "..": ""}), false),
            expect![[r#"
            data[..]: Invalid value: "..": must not be '..'
            data[a/b]: Invalid value: "a/b": a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')"#]],
        );
        refused(
            map(json!({"a": "x".repeat(1 << 20), "b": "x"}), false),
            expect![[r#"ConfigMap "m" is invalid: : Too long: may not be more than 1048576 bytes"#]],
        );
    }

    #[test]
    fn frozen_maps() {
        refused_update(map(json!({"a": "1"}), false), json!({"data": {"a": "2"}}), expect!["accepted"]);
        refused_update(
            map(json!({"a": "1"}), true),
            json!({"data": {"a": "2"}, "immutable": false}),
            expect![[r#"
            immutable: Forbidden: field is immutable when `immutable` is set
            data: Forbidden: field is immutable when `immutable` is set"#]],
        );
    }
}
