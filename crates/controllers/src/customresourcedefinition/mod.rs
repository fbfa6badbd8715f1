//! What makes a CustomResourceDefinition serve its kind, and takes its objects with it when it goes.
//!
//! Models: apiextensions-apiserver/pkg/controller (status/naming_controller.go, establish, finalizer/crd_finalizer.go).

use crate::{Controller, Ctx, Decision};
use api::{Generic, Kind, Object, ObjectKey, Rest, Str, Time, Wire};
use apiserver::{CLEANUP, Change, DeleteOptions, Lister, Plan, Step, Wait, WatchEvent, Write, definition_kind};
use serde_json::{Value, json};

/// The three controllers of upstream's apiextensions server as one.
pub const CONTROLLER: Controller =
    Controller { name: "customresourcedefinition", keys, reconcile, period: None, when: None };

fn keys(event: &WatchEvent, lister: Lister<'_>, keys: &mut Vec<ObjectKey>) {
    let kind = event.object.kind();
    if kind == definition_kind() {
        match event.change {
            Change::Deleted => keys.extend(lister.objects(kind, None).map(Object::key)),
            _ => keys.push(event.object.key()),
        }
    } else if kind.is_custom() && event.change == Change::Deleted {
        keys.extend(lister.definition_name(kind).map(|name| ObjectKey::cluster(definition_kind(), name.clone())));
    }
}

fn reconcile(ctx: &Ctx<'_>, key: &ObjectKey) -> Decision {
    let Some(Object::Other(_, definition)) = ctx.lister.object(key) else { return Decision::default() };
    if definition.metadata.is_terminating() {
        return empty(ctx, key, definition).into();
    }
    establish(ctx, key, definition).into()
}

fn text<'a>(value: Option<&'a Value>, path: &str) -> &'a str {
    value.and_then(|value| value.pointer(path)).and_then(Value::as_str).unwrap_or("")
}

/// Accepts the names unless another definition of the group has them, then lets the kind be served.
fn establish(ctx: &Ctx<'_>, key: &ObjectKey, definition: &Generic) -> Plan {
    let mut plan = Plan::default();
    let wanted = definition.rest.get("spec").and_then(|spec| spec.get("names")).cloned().unwrap_or_default();
    let status = definition.rest.get("status").cloned().unwrap_or_else(|| json!({}));
    let conflict = conflict(ctx.lister, key, definition, &wanted);
    let is_true = |ty: &str| {
        let conditions = status.get("conditions").and_then(Value::as_array).into_iter().flatten();
        conditions.into_iter().any(|c| text(Some(c), "/type") == ty && text(Some(c), "/status") == "True")
    };
    let mut next = status.clone();
    match conflict {
        Some((reason, name)) => {
            let message = format!("\"{name}\" is already in use");
            set_condition(&mut next, ctx.now, "NamesAccepted", false, reason, &message);
            if !is_true("Established") {
                set_condition(&mut next, ctx.now, "Established", false, "NotAccepted", "not all names are accepted");
            }
        }
        None => {
            next["acceptedNames"] = wanted;
            set_condition(&mut next, ctx.now, "NamesAccepted", true, "NoConflicts", "no conflicts found");
            // Upstream serves the kind once its other half has seen the names accepted.
            let message = "the initial names have been accepted";
            if is_true("NamesAccepted") {
                set_condition(&mut next, ctx.now, "Established", true, "InitialNamesAccepted", message);
            } else if !is_true("Established") {
                set_condition(&mut next, ctx.now, "Established", false, "Installing", message);
            }
        }
    }
    if next != status {
        plan.write(Write::UpdateStatus(with_status(key.kind, definition, next)));
    }
    plan
}

/// The first name that somebody else of the group has. Models: calculateNamesAndConditions.
fn conflict(
    lister: Lister<'_>,
    key: &ObjectKey,
    definition: &Generic,
    wanted: &Value,
) -> Option<(&'static str, String)> {
    let group = |object: &Generic| text(object.rest.get("spec"), "/group").to_owned();
    let own_group = group(definition);
    let (mut resources, mut kinds) = (Vec::new(), Vec::new());
    for object in lister.objects(definition_kind(), None) {
        let Object::Other(_, other) = object else { continue };
        if other.metadata.name == key.name || group(other) != own_group {
            continue;
        }
        let names = other.rest.get("status").and_then(|status| status.get("acceptedNames"));
        resources.extend(["/plural", "/singular"].map(|path| text(names, path).to_owned()));
        kinds.extend(["/kind", "/listKind"].map(|path| text(names, path).to_owned()));
        let short = names.and_then(|names| names.get("shortNames")).and_then(Value::as_array).into_iter().flatten();
        resources.extend(short.filter_map(Value::as_str).map(str::to_owned));
    }
    let mut asked = vec![("PluralConflict", "/plural", &resources), ("SingularConflict", "/singular", &resources)];
    asked.extend([("KindConflict", "/kind", &kinds), ("ListKindConflict", "/listKind", &kinds)]);
    for (reason, path, taken) in asked {
        let name = text(Some(wanted), path);
        if !name.is_empty() && taken.iter().any(|have| have == name) {
            return Some((reason, name.to_owned()));
        }
    }
    let short = wanted.get("shortNames").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    short
        .into_iter()
        .find(|name| resources.iter().any(|have| have == name))
        .map(|name| ("ShortNamesConflict", name.to_owned()))
}

/// Deletes the objects of a definition that is going, then lets it go. Models: crd_finalizer.go.
fn empty(ctx: &Ctx<'_>, key: &ObjectKey, definition: &Generic) -> Plan {
    let mut plan = Plan::default();
    if !definition.metadata.has_finalizer(CLEANUP) {
        return plan;
    }
    let spec = definition.rest.get("spec");
    let kind = Kind::custom(text(spec, "/group"), text(spec, "/names/kind"));
    let mut status = definition.rest.get("status").cloned().unwrap_or_else(|| json!({}));
    // A definition that never served its kind has no objects; those of its name are another's.
    let conditions = status.get("conditions").and_then(Value::as_array).into_iter().flatten();
    let established = conditions.into_iter().any(|c| c["type"] == "Established" && c["status"] == "True");
    let left: Vec<&Object> = ctx.lister.objects(kind, None).filter(|_| established).collect();
    if left.is_empty() {
        let mut freed = definition.clone();
        let others = freed.metadata.finalizers.iter().filter(|name| **name != CLEANUP).cloned();
        freed.metadata.finalizers = others.collect::<Vec<Str>>().into();
        plan.write(Write::Update(Object::Other(key.kind, freed.into())));
        return plan;
    }
    set_condition(
        &mut status,
        ctx.now,
        "Terminating",
        true,
        "InstanceDeletionInProgress",
        "CustomResource deletion is in progress",
    );
    if definition.rest.get("status") != Some(&status) {
        plan.write(Write::UpdateStatus(with_status(key.kind, definition, status)));
    }
    for object in left.iter().filter(|object| !object.meta().is_terminating()) {
        let options = DeleteOptions { uid: Some(object.meta().uid.clone()), ..Default::default() };
        let write = Write::Delete(object.key(), options);
        plan.steps.push(Step { write, on_success: None, on_failure: None, keep_going: true });
    }
    plan.waits.push(Wait {
        who: key.clone(),
        awaits: left.iter().map(|object| object.key()).take(10).collect(),
        rule: "InstanceDeletionInProgress".into(),
        message: format!("{} goes once its {} objects are gone", key.name, left.len()),
        doc: "tasks/extend-kubernetes/custom-resources/custom-resource-definitions/",
    });
    plan
}

fn with_status(kind: Kind, definition: &Generic, status: Value) -> Object {
    let mut changed = definition.clone();
    changed.rest = Rest::clone(&changed.rest).with("status", status);
    Object::Other(kind, changed.into())
}

/// Sets a condition; its time changes only with its status.
fn set_condition(status: &mut Value, now: Time, ty: &str, holds: bool, reason: &str, message: &str) {
    let value = if holds { "True" } else { "False" };
    if !status["conditions"].is_array() {
        status["conditions"] = json!([]);
    }
    let Some(conditions) = status["conditions"].as_array_mut() else { return };
    let since = conditions
        .iter()
        .find(|c| text(Some(c), "/type") == ty && text(Some(c), "/status") == value)
        .and_then(|c| c.get("lastTransitionTime").cloned())
        .unwrap_or_else(|| now.write());
    let condition =
        json!({"type": ty, "status": value, "reason": reason, "message": message, "lastTransitionTime": since});
    match conditions.iter_mut().find(|c| text(Some(c), "/type") == ty) {
        Some(have) => *have = condition,
        None => conditions.push(condition),
    }
}
