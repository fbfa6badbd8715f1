//! The managers of what brains wrote, told when somebody asks. They follow from the kind of the object and from who
//! made it, as each of upstream's components writes in one way.

use super::{Typed, set, strip, typed};
use api::{FieldSet, Kind, ManagedEntry, ManagedFields, Object, Time, Wire};
use serde_json::{Map, Value};

/// Fields that admission or the scheduler set, which nobody manages.
const OF_NOBODY: &[&str] =
    &["f:nodeName", "f:serviceAccount", "f:serviceAccountName", "f:tolerations", "f:priority", "f:preemptionPolicy"];

/// Every entry of an object: those that are kept, and those that follow from what it is.
pub(crate) fn shown(object: &Object, value: &Value, api_version: &str, typed: Typed<'_>) -> ManagedFields {
    let kept = &object.meta().managed_fields;
    let mut entries = kept.entries().to_vec();
    let made = typed::compare(typed, &Value::Object(Map::new()), value);
    let all = set::union(&made.added, &made.modified);
    let owned = entries.iter().fold(Map::new(), |all, entry| set::union(&all, &entry.fields));
    if entries.is_empty() {
        let mut fields = all.clone();
        strip(&mut fields);
        fields.remove("f:status");
        for name in OF_NOBODY.iter().filter(|_| matches!(object, Object::Pod(_))) {
            set::remove_below(&mut fields, &["f:spec", name]);
        }
        add(&mut entries, maker(object), "", api_version, object.meta().creation_timestamp, fields);
    }
    let mut status = set::difference(&set::only(&all, "f:status"), &owned);
    if matches!(object, Object::Pod(_)) {
        // The scheduler's binding sets this one, and bindings are not tracked.
        set::remove_below(&mut status, &["f:status", "f:conditions", "k:{\"type\":\"PodScheduled\"}"]);
        set::remove_below(&mut status, &["f:status", "f:qosClass"]);
    }
    if status.get("f:status").and_then(Value::as_object).is_some_and(Map::is_empty) {
        status.remove("f:status");
    }
    let time = value.get("status").and_then(latest).or(object.meta().creation_timestamp);
    add(&mut entries, reporter(object), "status", api_version, time, status);
    entries.into()
}

fn add(
    entries: &mut Vec<ManagedEntry>,
    manager: &str,
    subresource: &str,
    api_version: &str,
    time: Option<Time>,
    fields: FieldSet,
) {
    if fields.is_empty() {
        return;
    }
    let entry = ManagedEntry {
        manager: manager.into(),
        applies: false,
        api_version: api_version.into(),
        subresource: subresource.into(),
        time,
        fields,
    };
    match entries.iter_mut().find(|have| have.is_same_manager(&entry)) {
        Some(have) => {
            have.fields = set::union(&have.fields, &entry.fields);
            have.time = have.time.max(entry.time);
        }
        None => entries.push(entry),
    }
}

/// Who makes objects of this kind that no user makes.
fn maker(object: &Object) -> &'static str {
    match object {
        Object::Node(_) | Object::Lease(_) => "kubelet",
        Object::Namespace(_) | Object::Service(_) => "kube-apiserver",
        Object::Event(event) => match event.source.component.as_str() {
            "kubelet" => "kubelet",
            "default-scheduler" => "kube-scheduler",
            _ => "kube-controller-manager",
        },
        Object::Other(..) if object.meta().owner_references.is_empty() => "kube-apiserver",
        _ => "kube-controller-manager",
    }
}

/// Who writes their status.
fn reporter(object: &Object) -> &'static str {
    match object.kind() {
        Kind::Pod | Kind::Node => "kubelet",
        Kind::Other(_) => "kube-apiserver",
        _ => "kube-controller-manager",
    }
}

/// The latest moment that a status tells of.
fn latest(value: &Value) -> Option<Time> {
    match value {
        Value::Object(map) => map
            .iter()
            .filter_map(|(name, inner)| match inner {
                Value::String(_) if name.ends_with("Time") || name.ends_with("At") => Wire::read(inner.clone()),
                Value::String(_) => None,
                inner => latest(inner),
            })
            .max(),
        Value::Array(items) => items.iter().filter_map(latest).max(),
        _ => None,
    }
}
