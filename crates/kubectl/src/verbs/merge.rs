//! The patch that `kubectl apply` sends: what it adds, changes and takes away. Models: jsonmergepatch.CreateThreeWayJSONMergePatch.

use serde_json::{Map, Value};

/// What turns `current` into what `modified` asks for, taking away what only `original` asked for.
pub(super) fn three_way(original: &Value, modified: &Value, current: &Value) -> Value {
    let mut patch = additions(modified, current);
    removals(original, modified, current, &mut patch);
    Value::Object(patch)
}

fn additions(modified: &Value, current: &Value) -> Map<String, Value> {
    let mut patch = Map::new();
    let empty = Map::new();
    for (name, wanted) in modified.as_object().unwrap_or(&empty) {
        match (wanted, current.get(name)) {
            (Value::Object(_), Some(have @ Value::Object(_))) => {
                let inner = additions(wanted, have);
                if !inner.is_empty() {
                    patch.insert(name.clone(), Value::Object(inner));
                }
            }
            (wanted, Some(have)) if covers(have, wanted) => {}
            (Value::Null, None) => {}
            (wanted, _) => {
                patch.insert(name.clone(), wanted.clone());
            }
        }
    }
    patch
}

fn removals(original: &Value, modified: &Value, current: &Value, patch: &mut Map<String, Value>) {
    let empty = Map::new();
    for (name, was) in original.as_object().unwrap_or(&empty) {
        match (modified.get(name), current.get(name)) {
            (None, Some(_)) => {
                patch.insert(name.clone(), Value::Null);
            }
            (Some(wanted @ Value::Object(_)), Some(have @ Value::Object(_))) if was.is_object() => {
                let mut inner = match patch.remove(name) {
                    Some(Value::Object(inner)) => inner,
                    _ => Map::new(),
                };
                removals(was, wanted, have, &mut inner);
                if !inner.is_empty() {
                    patch.insert(name.clone(), Value::Object(inner));
                }
            }
            _ => {}
        }
    }
}

/// Whether `have` is `wanted` with nothing but defaults added.
fn covers(have: &Value, wanted: &Value) -> bool {
    match (have, wanted) {
        (Value::Object(have), Value::Object(wanted)) => {
            wanted.iter().all(|(name, wanted)| have.get(name).is_some_and(|have| covers(have, wanted)))
        }
        (Value::Array(have), Value::Array(wanted)) => {
            have.len() == wanted.len() && have.iter().zip(wanted).all(|(have, wanted)| covers(have, wanted))
        }
        _ => have == wanted,
    }
}
