//! Patches: JSON merge patch (RFC 7386).

use crate::resources::ResourceInfo;
use api::Status;
use serde_json::Value;

/// The form of a patch body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PatchType {
    /// RFC 7386: maps are merged, lists are replaced, null removes.
    Merge,
}

/// The object after the patch.
pub(crate) fn apply(
    patch_type: PatchType,
    _info: &ResourceInfo,
    current: &Value,
    body: &Value,
) -> Result<Value, Status> {
    match patch_type {
        PatchType::Merge => Ok(json_merge(current, body)),
    }
}

/// Applies a JSON merge patch.
pub fn json_merge(current: &Value, patch: &Value) -> Value {
    let Value::Object(changes) = patch else { return patch.clone() };
    let mut merged = current.as_object().cloned().unwrap_or_default();
    for (name, change) in changes {
        if change.is_null() {
            merged.remove(name);
        } else {
            let before = merged.get(name).unwrap_or(&Value::Null);
            let after = json_merge(before, change);
            merged.insert(name.clone(), after);
        }
    }
    Value::Object(merged)
}
