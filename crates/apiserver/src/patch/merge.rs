//! JSON merge patch, RFC 7386.

use serde_json::Value;

/// Applies a JSON merge patch: maps are merged, everything else is replaced, null removes.
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

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn maps_merge_lists_are_replaced_null_removes() {
        let current = json!({"a": {"b": 1, "c": 2}, "l": [1, 2]});
        let patch = json!({"a": {"b": null, "d": {"x": null, "y": 1}}, "l": [3]});
        assert_eq!(json_merge(&current, &patch), json!({"a": {"c": 2, "d": {"y": 1}}, "l": [3]}));
    }
}
