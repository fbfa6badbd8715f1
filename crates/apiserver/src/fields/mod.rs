//! Managed fields: who set which field, what server-side apply merges, removes and refuses.
//!
//! Models: staging/src/k8s.io/apimachinery/pkg/util/managedfields/internal (fieldmanager.go and the managers it is made
//! of), sigs.k8s.io/structured-merge-diff/v6/merge/update.go, and client-go/util/csaupgrade.
//!
//! What users write is tracked write by write. Objects that only brains wrote carry nothing: who manages their fields
//! follows from what they are ([`shown`]), so that a thousand pods cost no set of fields.

mod derived;
mod set;
mod typed;

use api::{FieldSet, ManagedEntry, ManagedFields, Status, StatusReason, Str, Time};
use serde_json::{Map, Value};
use set::{difference, intersection, union};

pub(crate) use derived::shown;
pub(crate) use typed::Typed;

/// The manager of what kubectl applies on the server.
const KUBECTL: &str = "kubectl";
const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// One write that is to be tracked.
pub(crate) struct Operation<'a> {
    /// Who writes.
    pub(crate) manager: &'a str,
    /// In which group and version.
    pub(crate) api_version: &'a str,
    /// Through which subresource; empty for the object itself.
    pub(crate) subresource: &'a str,
    /// When.
    pub(crate) now: Time,
    /// Whether the status is a subresource of its own, which writes to the object do not reach.
    pub(crate) has_status: bool,
    /// The schema of the object.
    pub(crate) typed: Typed<'a>,
}

impl Operation<'_> {
    fn entry(&self, applies: bool, fields: FieldSet) -> ManagedEntry {
        ManagedEntry {
            manager: self.manager.into(),
            applies,
            api_version: self.api_version.into(),
            subresource: self.subresource.into(),
            time: Some(self.now),
            fields,
        }
    }

    /// Without what nobody manages and what this write cannot reach.
    fn reachable(&self, mut set: FieldSet) -> FieldSet {
        strip(&mut set);
        if self.subresource == "status" {
            set.remove("f:spec");
            set::remove_below(&mut set, &["f:metadata", "f:labels"]);
        } else if self.has_status {
            set.remove("f:status");
        }
        set
    }
}

/// Takes out what nobody manages. Models: stripmeta.go.
fn strip(set: &mut FieldSet) {
    set.remove("f:apiVersion");
    set.remove("f:kind");
    const META: [&str; 9] = [
        "f:name",
        "f:namespace",
        "f:creationTimestamp",
        "f:selfLink",
        "f:uid",
        "f:clusterName",
        "f:generation",
        "f:managedFields",
        "f:resourceVersion",
    ];
    if set.get("f:metadata").and_then(Value::as_object).is_some_and(Map::is_empty) {
        set.remove("f:metadata");
    }
    for name in META.iter().copied().chain(["."]) {
        set::remove_below(set, &["f:metadata", name]);
    }
}

/// The managers after an update that makes `new` of `old`. Models: Updater.Update and managedfieldsupdater.go.
pub(crate) fn update(op: &Operation<'_>, managed: &ManagedFields, old: &Value, new: &Value) -> ManagedFields {
    let found = typed::compare(op.typed, old, new);
    let written = op.reachable(union(&found.added, &found.modified));
    let removed = op.reachable(found.removed);
    if written.is_empty() && removed.is_empty() {
        return managed.clone();
    }
    let mut entries = without(managed, &written, &removed);
    if !written.is_empty() {
        let entry = op.entry(false, written);
        match entries.iter_mut().find(|have| have.is_same_manager(&entry)) {
            Some(have) => {
                have.fields = union(&have.fields, &entry.fields);
                have.time = entry.time;
            }
            None => entries.push(entry),
        }
    }
    entries.into()
}

/// Every entry without what somebody else has written or removed.
fn without(managed: &ManagedFields, written: &FieldSet, removed: &FieldSet) -> Vec<ManagedEntry> {
    let mut entries = managed.entries().to_vec();
    for entry in &mut entries {
        entry.fields = difference(&difference(&entry.fields, written), removed);
    }
    entries
}

/// What an applied configuration makes of an object, and who manages it then; conflicts unless `force`.
/// Models: Updater.Apply, lastappliedmanager.go and conflict.go.
pub(crate) fn apply(
    op: &Operation<'_>,
    managed: &ManagedFields,
    live: &Value,
    config: &Value,
    force: bool,
) -> Result<(Value, ManagedFields), Status> {
    let wanted = op.reachable(typed::to_set(op.typed, config));
    let applied = op.entry(true, wanted.clone());
    let before = managed.entries().iter().find(|entry| entry.is_same_manager(&applied));
    let mut merged = typed::merge(op.typed, live, config);
    drop_nulls(&mut merged, config);
    if let Some(map) = merged.as_object_mut() {
        map.remove("apiVersion");
        map.remove("kind");
    }
    if let Some(before) = before {
        let others = managed.entries().iter().filter(|entry| !entry.is_same_manager(&applied));
        let kept = others.fold(wanted.clone(), |all, entry| union(&all, &entry.fields));
        set::remove_items(&mut merged, &before.fields, &kept);
    }
    let found = typed::compare(op.typed, live, &merged);
    let written = op.reachable(union(&found.added, &found.modified));
    let removed = op.reachable(found.removed);
    let mut conflicts: Vec<(&ManagedEntry, FieldSet)> = Vec::new();
    for entry in managed.entries().iter().filter(|entry| !entry.is_same_manager(&applied)) {
        let clash = intersection(&entry.fields, &written);
        if !clash.is_empty() {
            conflicts.push((entry, clash));
        }
    }
    if !force && !conflicts.is_empty() {
        let allowed = if op.manager == KUBECTL { last_applied(op, live) } else { Map::new() };
        let all = conflicts.iter().fold(Map::new(), |all, (_, clash)| union(&all, clash));
        if !difference(&all, &allowed).is_empty() {
            let left = conflicts.into_iter().map(|(entry, clash)| (entry, difference(&clash, &allowed)));
            return Err(conflict(&left.filter(|(_, clash)| !clash.is_empty()).collect::<Vec<_>>()));
        }
    }
    if op.manager == KUBECTL && live.pointer(&last_applied_path()).is_some() {
        set_last_applied(&mut merged, config);
    }
    let unchanged = merged == *live && before.is_some_and(|before| before.fields == wanted);
    if unchanged {
        return Ok((merged, managed.clone()));
    }
    let mut entries = without(managed, &written, &removed);
    entries.retain(|entry| !entry.is_same_manager(&applied));
    entries.push(applied);
    Ok((merged, entries.into()))
}

/// A null in a configuration says: not set.
fn drop_nulls(merged: &mut Value, config: &Value) {
    let (Some(map), Some(config)) = (merged.as_object_mut(), config.as_object()) else { return };
    for (name, value) in config {
        if value.is_null() {
            map.remove(name);
        } else if let Some(below) = map.get_mut(name) {
            drop_nulls(below, value);
        }
    }
}

fn last_applied_path() -> String {
    format!("/metadata/annotations/{}", LAST_APPLIED.replace('/', "~1"))
}

/// The fields of the configuration that kubectl applied last and that are still as it said: with those an apply by
/// kubectl does not conflict. Models: allowedConflictsFromLastApplied.
fn last_applied(op: &Operation<'_>, live: &Value) -> FieldSet {
    let text = live.pointer(&last_applied_path()).and_then(Value::as_str).unwrap_or("");
    let Ok(applied) = serde_json::from_str::<Value>(text) else { return Map::new() };
    let laid_over = typed::merge(op.typed, live, &applied);
    let found = typed::compare(op.typed, live, &laid_over);
    difference(&typed::to_set(op.typed, &applied), &union(&found.added, &found.modified))
}

/// Keeps the annotation of `kubectl apply` up to date. Models: lastappliedupdater.go.
fn set_last_applied(merged: &mut Value, config: &Value) {
    let mut bare = config.clone();
    if let Some(annotations) = bare.pointer_mut("/metadata/annotations").and_then(Value::as_object_mut) {
        annotations.remove(LAST_APPLIED);
    }
    if let Some(kept) = merged.pointer_mut("/metadata/annotations").and_then(Value::as_object_mut) {
        kept.insert(LAST_APPLIED.to_owned(), format!("{bare}\n").into());
    }
}

fn conflict(conflicts: &[(&ManagedEntry, FieldSet)]) -> Status {
    let named: Vec<(String, Vec<String>)> =
        conflicts.iter().map(|(entry, clash)| (manager_text(entry), set::paths(clash))).collect();
    let count: usize = named.iter().map(|(_, paths)| paths.len()).sum();
    let message = match named.as_slice() {
        [(manager, paths)] if count == 1 => {
            format!("Apply failed with 1 conflict: conflict with {manager}: {}", paths[0])
        }
        _ => {
            let lines: Vec<String> = named
                .iter()
                .map(|(manager, paths)| {
                    let list: String = paths.iter().map(|path| format!("\n- {path}")).collect();
                    format!("conflicts with {manager}:{list}")
                })
                .collect();
            format!("Apply failed with {count} conflicts: {}", lines.join("\n"))
        }
    };
    Status::new(StatusReason::Conflict, message)
}

fn manager_text(entry: &ManagedEntry) -> String {
    let mut text = format!("\"{}\"", entry.manager);
    if !entry.subresource.is_empty() {
        text.push_str(&format!(" with subresource \"{}\"", entry.subresource));
    }
    if !entry.applies {
        text.push_str(&format!(" using {}", entry.api_version));
    }
    text
}

/// Hands what kubectl managed by client-side apply over to the manager that applies on the server; `None` if there is
/// nothing to hand over. Models: csaupgrade.UpgradeManagedFieldsPatch.
pub(crate) fn upgrade(managed: &ManagedFields, to: &Str) -> Option<ManagedFields> {
    let annotation = format!("f:{LAST_APPLIED}");
    let owns = |entry: &&ManagedEntry| set::has(&entry.fields, &["f:metadata", "f:annotations", &annotation]);
    let from: Vec<&ManagedEntry> =
        managed.entries().iter().filter(|entry| !entry.applies && entry.subresource.is_empty()).filter(owns).collect();
    let first = *from.first()?;
    let target = managed.entries().iter().find(|e| e.applies && e.subresource.is_empty() && e.manager == *to);
    let mut target = target.unwrap_or(first).clone();
    target.manager = to.clone();
    target.applies = true;
    for entry in &from {
        target.fields = union(&target.fields, &entry.fields);
    }
    let mut entries: Vec<ManagedEntry> = managed
        .entries()
        .iter()
        .filter(|entry| !from.contains(entry) && !entry.is_same_manager(&target))
        .cloned()
        .collect();
    entries.push(target);
    Some(entries.into())
}

/// Whether somebody who applies manages the annotation of `kubectl apply`.
pub(crate) fn annotation_is_applied(managed: &ManagedFields) -> bool {
    let annotation = format!("f:{LAST_APPLIED}");
    managed.entries().iter().any(|e| e.applies && set::has(&e.fields, &["f:metadata", "f:annotations", &annotation]))
}

#[cfg(test)]
mod tests;
