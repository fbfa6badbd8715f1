//! Strategic merge patch: lists merge by the keys of the API's types.
//! Models: staging/src/k8s.io/apimachinery/pkg/util/strategicpatch/patch.go (mergeMap, mergeSlice).

use crate::resources::ResourceInfo;
use schema::{Definition, MergeRule, merge_rule};
use serde_json::{Map, Value};

pub(super) const DIRECTIVE: &str = "$patch";
pub(super) const RETAIN_KEYS: &str = "$retainKeys";
pub(super) const ORDER: &str = "$setElementOrder/";
pub(super) const DELETE_VALUES: &str = "$deleteFromPrimitiveList/";

/// Applies a strategic merge patch to an object of this resource.
pub fn strategic_merge(info: &ResourceInfo, current: &Value, patch: &Value) -> Value {
    match (current, patch) {
        (Value::Object(current), Value::Object(patch)) => Value::Object(merge_map(info.definition(), current, patch)),
        _ => patch.clone(),
    }
}

/// The definition of the values of a field, through lists and maps.
pub(super) fn below(definition: Option<&'static Definition>, field: &str) -> Option<&'static Definition> {
    definition?.field(field)?.ty.definition()
}

/// The rule by which a field of a definition merges.
pub(super) fn rule(definition: Option<&'static Definition>, field: &str) -> MergeRule {
    definition.map_or(MergeRule::REPLACE, |definition| merge_rule(definition.name, field))
}

fn merge_map(
    definition: Option<&'static Definition>,
    current: &Map<String, Value>,
    patch: &Map<String, Value>,
) -> Map<String, Value> {
    if patch.get(DIRECTIVE).and_then(Value::as_str) == Some("replace") {
        return patch.iter().filter(|(key, _)| *key != DIRECTIVE).map(|(k, v)| (k.clone(), v.clone())).collect();
    }
    let mut merged = current.clone();
    if let Some(Value::Array(keep)) = patch.get(RETAIN_KEYS) {
        merged.retain(|key, _| keep.iter().any(|kept| kept.as_str() == Some(key)));
    }
    for (field, change) in patch.iter().filter(|(field, _)| !field.starts_with('$')) {
        match change {
            Value::Null => {
                merged.remove(field);
            }
            Value::Object(change) if change.get(DIRECTIVE).and_then(Value::as_str) == Some("delete") => {
                merged.remove(field);
            }
            Value::Object(change) => {
                let before = merged.get(field).and_then(Value::as_object).cloned().unwrap_or_default();
                merged.insert(field.clone(), Value::Object(merge_map(below(definition, field), &before, change)));
            }
            Value::Array(change) => {
                let before = merged.get(field).and_then(Value::as_array).cloned().unwrap_or_default();
                merged.insert(field.clone(), Value::Array(merge_list(definition, field, before, change)));
            }
            scalar => {
                merged.insert(field.clone(), scalar.clone());
            }
        }
    }
    for (directive, values) in patch {
        let Value::Array(values) = values else { continue };
        if let Some(field) = directive.strip_prefix(DELETE_VALUES)
            && let Some(Value::Array(items)) = merged.get_mut(field)
        {
            items.retain(|item| !values.contains(item));
        } else if let Some(field) = directive.strip_prefix(ORDER)
            && let Some(Value::Array(items)) = merged.get_mut(field)
        {
            sort_as(items, values, rule(definition, field).patch_key);
        }
    }
    merged
}

fn merge_list(definition: Option<&'static Definition>, field: &str, before: Vec<Value>, patch: &[Value]) -> Vec<Value> {
    let rule = rule(definition, field);
    let directive = |item: &Value, word: &str| item.get(DIRECTIVE).and_then(Value::as_str) == Some(word);
    let replaces = patch.iter().any(|item| directive(item, "replace"));
    if !rule.merge || replaces {
        return patch.iter().filter(|item| !directive(item, "replace")).cloned().collect();
    }
    let Some(key) = rule.patch_key else {
        let mut merged = before;
        merged.extend(patch.iter().filter(|item| !item.is_object()).cloned());
        let mut unique: Vec<Value> = Vec::new();
        merged.into_iter().for_each(|item| {
            if !unique.contains(&item) {
                unique.push(item)
            }
        });
        return unique;
    };
    let mut merged = before;
    for item in patch {
        let place = merged.iter().position(|have| have.get(key) == item.get(key));
        match (place, item) {
            (Some(at), item) if directive(item, "delete") => {
                merged.remove(at);
            }
            (None, item) if directive(item, "delete") => {}
            (Some(at), Value::Object(change)) => {
                let have = merged[at].as_object().cloned().unwrap_or_default();
                merged[at] = Value::Object(merge_map(below(definition, field), &have, change));
            }
            (_, item) => merged.push(item.clone()),
        }
    }
    merged
}

/// Puts items in the order of `order`; those it does not name keep their place behind the one before them.
fn sort_as(items: &mut Vec<Value>, order: &[Value], key: Option<&str>) {
    let id = |value: &Value| key.map_or_else(|| Some(value.clone()), |key| value.get(key).cloned());
    let place = |item: &Value| order.iter().position(|ordered| id(ordered) == id(item));
    let mut last = 0;
    let mut placed: Vec<(usize, usize, Value)> = Vec::new();
    for (index, item) in items.drain(..).enumerate() {
        // An item only the server knows stays after the item it stood behind.
        let (at, rank) = place(&item).map_or((last, index + 1), |at| (at, 0));
        last = at;
        placed.push((at, rank, item));
    }
    placed.sort_by_key(|(at, rank, _)| (*at, *rank));
    items.extend(placed.into_iter().map(|(_, _, item)| item));
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn pod(current: Value, patch: Value) -> Value {
        let info = schema::lookup("v1", "Pod").expect("pods are known");
        strategic_merge(info, &json!({"spec": current}), &json!({"spec": patch}))["spec"].take()
    }

    #[test]
    fn containers_merge_by_name() {
        let current = json!({"containers": [{"name": "a", "image": "x:1"}, {"name": "b", "image": "y"}]});
        let merged =
            pod(current.clone(), json!({"containers": [{"name": "a", "image": "x:2"}, {"name": "c", "image": "z"}]}));
        assert_eq!(
            merged,
            json!({"containers": [{"name": "a", "image": "x:2"}, {"name": "b", "image": "y"}, {"name": "c", "image": "z"}]})
        );
        let merged = pod(current.clone(), json!({"containers": [{"name": "a", "$patch": "delete"}]}));
        assert_eq!(merged, json!({"containers": [{"name": "b", "image": "y"}]}));
        let merged = pod(current, json!({"$setElementOrder/containers": [{"name": "b"}, {"name": "a"}]}));
        assert_eq!(merged["containers"][0]["name"], "b");
    }

    #[test]
    fn lists_without_a_key_are_replaced_and_null_removes() {
        let current = json!({"tolerations": [{"key": "a"}], "nodeSelector": {"a": "1", "b": "2"}, "hostname": "h"});
        let merged =
            pod(current, json!({"tolerations": [{"key": "b"}], "nodeSelector": {"a": null}, "hostname": null}));
        assert_eq!(merged, json!({"tolerations": [{"key": "b"}], "nodeSelector": {"b": "2"}}));
    }
}
