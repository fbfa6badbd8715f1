//! The three-way merge of `kubectl apply`: what changed in the manifest since it was last applied, as a patch that
//! leaves alone what others have set.
//! Models: strategicpatch.CreateThreeWayMergePatch and jsonmergepatch.CreateThreeWayJSONMergePatch.

use super::strategic::{DELETE_VALUES, DIRECTIVE, ORDER, RETAIN_KEYS, below, rule};
use crate::resources::ResourceInfo;
use schema::Definition;
use serde_json::{Map, Value};

/// The strategic merge patch that takes `current` to what `modified` wants, removing what `original` had and
/// `modified` no longer has. An empty map means that nothing changes.
pub fn three_way(info: &ResourceInfo, original: &Value, modified: &Value, current: &Value) -> Value {
    let empty = Map::new();
    let map = |value: &'_ Value| value.as_object().cloned().unwrap_or_default();
    let (original, modified, current) = (map(original), map(modified), map(current));
    let original = if original.is_empty() { &empty } else { &original };
    Value::Object(diff_maps(info.definition(), original, &modified, &current))
}

type Fields = Map<String, Value>;

fn diff_maps(
    definition: Option<&'static Definition>,
    original: &Fields,
    modified: &Fields,
    current: &Fields,
) -> Fields {
    let mut patch = Map::new();
    for (field, wanted) in modified {
        diff_field(definition, field, original.get(field), wanted, current.get(field), &mut patch);
    }
    for field in original.keys().filter(|field| !modified.contains_key(*field) && current.contains_key(*field)) {
        patch.insert(field.clone(), Value::Null);
    }
    patch
}

fn diff_field(
    definition: Option<&'static Definition>,
    field: &str,
    original: Option<&Value>,
    wanted: &Value,
    current: Option<&Value>,
    patch: &mut Fields,
) {
    let empty = Map::new();
    match (wanted, current) {
        (Value::Object(wanted), Some(Value::Object(current))) => {
            let original = original.and_then(Value::as_object).unwrap_or(&empty);
            let mut change = diff_maps(below(definition, field), original, wanted, current);
            if change.is_empty() {
                return;
            }
            if rule(definition, field).retain_keys {
                change.insert(RETAIN_KEYS.to_owned(), wanted.keys().cloned().collect());
            }
            patch.insert(field.to_owned(), Value::Object(change));
        }
        (Value::Array(wanted), Some(Value::Array(current))) if rule(definition, field).merge => {
            let original = original.and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
            diff_lists(definition, field, original, wanted, current, patch);
        }
        (wanted, Some(current)) if wanted == current => {}
        // A manifest's null says: not set.
        (Value::Null, None) => {}
        (wanted, _) => {
            patch.insert(field.to_owned(), wanted.clone());
        }
    }
}

fn diff_lists(
    definition: Option<&'static Definition>,
    field: &str,
    original: &[Value],
    wanted: &[Value],
    current: &[Value],
    patch: &mut Fields,
) {
    let rule = rule(definition, field);
    let Some(key) = rule.patch_key else {
        let added: Vec<Value> = wanted.iter().filter(|item| !current.contains(item)).cloned().collect();
        let removed: Vec<Value> =
            original.iter().filter(|item| !wanted.contains(item) && current.contains(item)).cloned().collect();
        if !added.is_empty() {
            patch.insert(field.to_owned(), Value::Array(added));
        }
        if !removed.is_empty() {
            patch.insert(format!("{DELETE_VALUES}{field}"), Value::Array(removed));
        }
        return;
    };
    let empty = Map::new();
    let find = |list: &'_ [Value], id: Option<&Value>| list.iter().find(|item| item.get(key) == id).cloned();
    let fields = |item: Option<Value>| item.and_then(|item| item.as_object().cloned());
    let mut changes = Vec::new();
    for item in wanted {
        let id = item.get(key);
        let (Some(have), Some(want)) = (fields(find(current, id)), item.as_object()) else {
            changes.push(item.clone());
            continue;
        };
        let before = fields(find(original, id));
        let mut change = diff_maps(below(definition, field), before.as_ref().unwrap_or(&empty), want, &have);
        if change.is_empty() {
            continue;
        }
        if rule.retain_keys {
            change.insert(RETAIN_KEYS.to_owned(), want.keys().cloned().collect());
        }
        change.insert(key.to_owned(), id.cloned().unwrap_or_default());
        changes.push(Value::Object(change));
    }
    for item in original {
        let id = item.get(key);
        if find(wanted, id).is_none() && find(current, id).is_some() {
            let mut gone = Map::new();
            gone.insert(DIRECTIVE.to_owned(), "delete".into());
            gone.insert(key.to_owned(), id.cloned().unwrap_or_default());
            changes.push(Value::Object(gone));
        }
    }
    let ids = |list: &[Value]| -> Vec<Value> { list.iter().filter_map(|item| item.get(key).cloned()).collect() };
    let standing: Vec<Value> = ids(current).into_iter().filter(|id| ids(wanted).contains(id)).collect();
    if changes.is_empty() && standing == ids(wanted) {
        return;
    }
    let order = ids(wanted).into_iter().map(|id| Value::Object([(key.to_owned(), id)].into_iter().collect()));
    patch.insert(format!("{ORDER}{field}"), order.collect());
    if !changes.is_empty() {
        patch.insert(field.to_owned(), Value::Array(changes));
    }
}

#[cfg(test)]
mod tests {
    use super::super::strategic_merge;
    use super::*;
    use serde_json::json;

    fn apply(original: Value, modified: Value, current: Value) -> Value {
        let info = schema::lookup("v1", "Pod").expect("pods are known");
        strategic_merge(info, &current, &three_way(info, &original, &modified, &current))
    }

    #[test]
    fn what_left_the_manifest_goes_what_others_added_stays() {
        let original = json!({"metadata": {"labels": {"a": "1", "b": "1"}}});
        let modified = json!({"metadata": {"labels": {"a": "2"}}});
        let current =
            json!({"metadata": {"labels": {"a": "1", "b": "1", "other": "x"}}, "status": {"phase": "Running"}});
        let expected = json!({"metadata": {"labels": {"a": "2", "other": "x"}}, "status": {"phase": "Running"}});
        assert_eq!(apply(original, modified, current), expected);
    }

    #[test]
    fn lists_merge_by_key() {
        let original = json!({"spec": {"containers": [{"name": "a", "image": "x:1"}, {"name": "old", "image": "o"}]}});
        let modified = json!({"spec": {"containers": [{"name": "new", "image": "n"}, {"name": "a", "image": "x:2"}]}});
        let current = json!({"spec": {"containers": [{"name": "a", "image": "x:1", "tty": true}, {"name": "old", "image": "o"}, {"name": "side", "image": "s"}]}});
        let expected = json!({"spec": {"containers": [{"name": "new", "image": "n"}, {"name": "a", "image": "x:2", "tty": true}, {"name": "side", "image": "s"}]}});
        let merged = apply(original, modified, current);
        let names = |value: &Value| {
            let mut names: Vec<String> =
                value["spec"]["containers"].as_array().into_iter().flatten().map(|c| c.to_string()).collect();
            names.sort();
            names
        };
        assert_eq!(names(&merged), names(&expected));
    }

    #[test]
    fn the_same_manifest_changes_nothing() {
        let info = schema::lookup("v1", "Pod").expect("pods are known");
        let manifest = json!({"spec": {"containers": [{"name": "a", "image": "x"}], "nodeSelector": {"a": "b"}}});
        let current = json!({"spec": {"containers": [{"name": "a", "image": "x", "tty": true}], "nodeSelector": {"a": "b"}, "hostname": "h"}});
        assert_eq!(three_way(info, &manifest, &manifest, &current), json!({}));
    }
}
