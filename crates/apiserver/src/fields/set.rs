//! Sets of fields and what is done with them. Models: sigs.k8s.io/structured-merge-diff/v6/fieldpath (set.go, path.go).
//!
//! A set is the map that `fieldsV1` writes ([`FieldSet`]). A node is a member if nothing is below it or it has a `.`.

use api::FieldSet;
use serde_json::{Map, Value};

/// A node of a set: `None` if neither it nor anything below it is a member.
pub(super) type Node = Option<FieldSet>;

const SELF: &str = ".";

/// A member with nothing below it.
pub(super) fn leaf() -> Node {
    Some(Map::new())
}

/// A node of these children, itself a member or not.
pub(super) fn node(member: bool, mut children: FieldSet) -> Node {
    children.remove(SELF);
    match (member, children.is_empty()) {
        (false, true) => None,
        (true, false) => {
            children.insert(SELF.to_owned(), Value::Object(Map::new()));
            Some(children)
        }
        _ => Some(children),
    }
}

/// Puts a node below a name, if there is one.
pub(super) fn put(children: &mut FieldSet, name: String, node: Node) {
    if let Some(node) = node {
        children.insert(name, Value::Object(node));
    }
}

fn is_member(set: &FieldSet) -> bool {
    set.is_empty() || set.contains_key(SELF)
}

fn children(set: &FieldSet) -> impl Iterator<Item = (&String, &FieldSet)> {
    set.iter().filter(|(name, _)| *name != SELF).filter_map(|(name, value)| Some((name, value.as_object()?)))
}

fn child<'a>(set: &'a FieldSet, name: &str) -> Option<&'a FieldSet> {
    if name == SELF { None } else { set.get(name)?.as_object() }
}

/// Everything that is in either. Roots are never members.
pub(super) fn union(a: &FieldSet, b: &FieldSet) -> FieldSet {
    union_below(a, b).unwrap_or_default()
}

fn union_below(a: &FieldSet, b: &FieldSet) -> Node {
    let mut out = Map::new();
    for (name, below) in children(a) {
        let node = match child(b, name) {
            Some(other) => union_nodes(below, other),
            None => Some(below.clone()),
        };
        put(&mut out, name.clone(), node);
    }
    for (name, below) in children(b).filter(|(name, _)| child(a, name).is_none()) {
        put(&mut out, name.clone(), Some(below.clone()));
    }
    Some(out)
}

fn union_nodes(a: &FieldSet, b: &FieldSet) -> Node {
    node(is_member(a) || is_member(b), union_below(a, b).unwrap_or_default())
}

/// What is in `a` and not in `b`, path by path.
pub(super) fn difference(a: &FieldSet, b: &FieldSet) -> FieldSet {
    let mut out = Map::new();
    for (name, below) in children(a) {
        let kept = match child(b, name) {
            Some(other) => node(is_member(below) && !is_member(other), difference(below, other)),
            None => Some(below.clone()),
        };
        put(&mut out, name.clone(), kept);
    }
    out
}

/// What is in both, path by path.
pub(super) fn intersection(a: &FieldSet, b: &FieldSet) -> FieldSet {
    let mut out = Map::new();
    for (name, below) in children(a) {
        if let Some(other) = child(b, name) {
            put(&mut out, name.clone(), node(is_member(below) && is_member(other), intersection(below, other)));
        }
    }
    out
}

/// Takes a path out with all that is below it.
pub(super) fn remove_below(set: &mut FieldSet, path: &[&str]) {
    let Some((first, rest)) = path.split_first() else { return };
    if rest.is_empty() {
        set.remove(*first);
    } else if let Some(Value::Object(below)) = set.get_mut(*first) {
        let had_children = children(below).next().is_some();
        remove_below(below, rest);
        if had_children && below.is_empty() {
            set.remove(*first);
        }
    }
}

/// Only what is at this path and below it.
pub(super) fn only(set: &FieldSet, name: &str) -> FieldSet {
    set.get(name).map(|below| [(name.to_owned(), below.clone())].into_iter().collect()).unwrap_or_default()
}

/// Whether `set` has this path as a member.
pub(crate) fn has(set: &FieldSet, path: &[&str]) -> bool {
    match path.split_first() {
        None => is_member(set),
        Some((first, rest)) => child(set, first).is_some_and(|below| has(below, rest)),
    }
}

/// Every member as a conflict names it: `.spec.template.spec.containers[name="nginx"].image`. Members of a level come
/// before what is below its fields.
pub(super) fn paths(set: &FieldSet) -> Vec<String> {
    let mut found = Vec::new();
    collect_paths(set, "", &mut found);
    found
}

fn collect_paths(set: &FieldSet, at: &str, found: &mut Vec<String>) {
    for (name, below) in children(set) {
        if is_member(below) {
            found.push(format!("{at}{}", element(name)));
        }
    }
    for (name, below) in children(set) {
        collect_paths(below, &format!("{at}{}", element(name)), found);
    }
}

fn element(name: &str) -> String {
    match name.split_once(':') {
        Some(("f", field)) => format!(".{field}"),
        Some(("k", keys)) => {
            let keys: Map<String, Value> = serde_json::from_str(keys).unwrap_or_default();
            let pairs: Vec<String> = keys.iter().map(|(key, value)| format!("{key}={value}")).collect();
            format!("[{}]", pairs.join(","))
        }
        Some(("v", value)) => format!("[={value}]"),
        _ => format!("[{name}]"),
    }
}

/// Takes out of `value` what `gone` names and `kept` does not; what becomes empty by that goes too.
pub(super) fn remove_items(value: &mut Value, gone: &FieldSet, kept: &FieldSet) {
    match value {
        Value::Object(map) => {
            for (name, below) in children(gone) {
                let Some(field) = name.strip_prefix("f:") else { continue };
                let rest = child(kept, name);
                let Some(inner) = map.get_mut(field) else { continue };
                if is_member(below) && rest.is_none() {
                    map.remove(field);
                    continue;
                }
                let had = !is_empty(inner);
                remove_items(inner, below, rest.unwrap_or(&Map::new()));
                if had && is_empty(inner) && rest.is_none() {
                    map.remove(field);
                }
            }
        }
        Value::Array(items) => items.retain_mut(|item| {
            let Some(name) = item_name(item, gone) else { return true };
            let Some(below) = child(gone, &name) else { return true };
            let rest = child(kept, &name);
            if is_member(below) && rest.is_none() {
                return false;
            }
            remove_items(item, below, rest.unwrap_or(&Map::new()));
            true
        }),
        _ => {}
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Object(map) => map.is_empty(),
        Value::Array(items) => items.is_empty(),
        _ => false,
    }
}

/// The name under which an item of a list stands in a set: by its keys if the set names items by keys, else by value.
fn item_name(item: &Value, set: &FieldSet) -> Option<String> {
    let is_its_name = |name: &&String| match name.split_once(':') {
        Some(("k", keys)) => {
            let keys: Map<String, Value> = serde_json::from_str(keys).unwrap_or_default();
            keys.iter().all(|(key, value)| match item.get(key) {
                Some(have) => have == value,
                None => super::typed::key_default(key).as_ref() == Some(value),
            })
        }
        Some(("v", value)) => serde_json::from_str::<Value>(value).is_ok_and(|named| named == *item),
        _ => false,
    };
    children(set).map(|(name, _)| name).find(is_its_name).cloned()
}
