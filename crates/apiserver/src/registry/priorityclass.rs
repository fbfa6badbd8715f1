//! PriorityClasses. Models: pkg/apis/scheduling/v1/defaults.go, pkg/apis/scheduling/validation,
//! plugin/pkg/admission/priority (the part about classes), pkg/registry/scheduling/priorityclass/storage.

use super::check::{Causes, Path};
use crate::store::Store;
use api::{Generic, Kind, Object, Status};
use serde_json::{Value, json};

/// The greatest value that a class of a user may have.
const HIGHEST: i64 = 1_000_000_000;
const SYSTEM_PREFIX: &str = "system-";
const SYSTEM: [(&str, i64); 2] = [("system-node-critical", 2_000_001_000), ("system-cluster-critical", 2_000_000_000)];
const RESOURCE: &str = "priorityclasses.scheduling.k8s.io";

/// Whether an object without a type of its own is a PriorityClass.
pub(super) fn is(kind: Kind) -> bool {
    crate::resource(kind).is_some_and(|info| info.kind == "PriorityClass")
}

fn value(class: &Generic) -> i64 {
    class.rest.get("value").and_then(Value::as_i64).unwrap_or(0)
}

fn is_default(class: &Generic) -> bool {
    class.rest.get("globalDefault").and_then(Value::as_bool).unwrap_or(false)
}

pub(super) fn default(class: &mut Generic) {
    if class.rest.get("preemptionPolicy").is_none_or(Value::is_null) {
        class.rest = class.rest.with("preemptionPolicy", json!("PreemptLowerPriority"));
    }
}

pub(super) fn validate(class: &Generic, causes: &mut Causes) {
    let name = class.metadata.name.as_str();
    if name.starts_with(SYSTEM_PREFIX) {
        let wrong = match SYSTEM.iter().find(|(known, _)| *known == name) {
            None => Some(format!("{name} is not a known system priority class")),
            Some((_, wanted)) if *wanted != value(class) => {
                Some(format!("value of {name} PriorityClass must be {wanted}"))
            }
            Some(_) if is_default(class) => Some(format!("globalDefault of {name} PriorityClass must be false")),
            Some(_) => None,
        };
        if let Some(wrong) = wrong {
            let detail = format!(
                "priority class names with '{SYSTEM_PREFIX}' prefix are reserved for system use only. error: {wrong}"
            );
            causes.forbidden(&Path::root("metadata").field("name"), &detail);
        }
    } else if value(class) > HIGHEST {
        let detail = format!("maximum allowed value of a user defined priority is {HIGHEST}");
        causes.forbidden(&Path::root("value"), &detail);
    }
    let policy = class.rest.get("preemptionPolicy").and_then(Value::as_str).unwrap_or_default();
    causes.one_of(&Path::root("preemptionPolicy"), policy, &["Never", "PreemptLowerPriority"]);
}

pub(super) fn validate_update(new: &Generic, old: &Generic, causes: &mut Causes) {
    if value(new) != value(old) {
        causes.forbidden(&Path::root("value"), "may not be changed in an update.");
    }
    let policy = |class: &Generic| class.rest.get("preemptionPolicy").cloned().unwrap_or_default();
    if policy(new) != policy(old) {
        causes.invalid(&Path::root("preemptionPolicy"), policy(new), "field is immutable");
    }
}

/// One class at most is the default. Models: validatePriorityClass of the admission plugin.
pub(crate) fn admit(object: &Object, store: &Store) -> Result<(), Status> {
    let Object::Other(kind, class) = object else { return Ok(()) };
    if !is(*kind) || !is_default(class) {
        return Ok(());
    }
    let others = store.list(*kind, None).filter_map(|object| match object {
        Object::Other(_, other) => Some(other),
        _ => None,
    });
    let name = &class.metadata.name;
    match others.filter(|other| is_default(other)).find(|other| other.metadata.name != *name) {
        None => Ok(()),
        Some(other) => {
            let other = &other.metadata.name;
            let why = format!("PriorityClass {other} is already marked as default. Only one default can exist");
            Err(Status::forbidden(RESOURCE, name, &why))
        }
    }
}

/// The classes of the system stay.
pub(crate) fn admit_deletion(object: &Object) -> Result<(), Status> {
    let name = &object.meta().name;
    if matches!(object, Object::Other(kind, _) if is(*kind)) && SYSTEM.iter().any(|(known, _)| *known == name.as_str())
    {
        return Err(Status::forbidden(RESOURCE, name, "this is a system priority class and cannot be deleted"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::registry::tests::{merged, refused, refused_update, server};
    use expect_test::expect;
    use serde_json::{Value, json};

    fn class(fields: Value) -> Value {
        let sound = json!({"apiVersion": "scheduling.k8s.io/v1", "kind": "PriorityClass", "metadata": {"name": "high"},
            "value": 5});
        merged(sound, fields)
    }

    #[test]
    fn values_names_and_policies_have_their_bounds() {
        refused(
            class(json!({"value": 1_000_000_001, "preemptionPolicy": "Always"})),
            expect![[r#"
                value: Forbidden: maximum allowed value of a user defined priority is 1000000000
                preemptionPolicy: Unsupported value: "Always": supported values: "Never", "PreemptLowerPriority""#]],
        );
        refused(
            class(json!({"metadata": {"name": "system-mine"}})),
            expect![[
                r#"PriorityClass.scheduling.k8s.io "system-mine" is invalid: metadata.name: Forbidden: priority class names with 'system-' prefix are reserved for system use only. error: system-mine is not a known system priority class"#
            ]],
        );
        refused_update(
            class(json!({})),
            json!({"value": 6, "preemptionPolicy": "Never"}),
            expect![[r#"
                value: Forbidden: may not be changed in an update.
                preemptionPolicy: Invalid value: "Never": field is immutable"#]],
        );
    }

    #[test]
    fn one_class_is_the_default_and_the_systems_own_stay() {
        let mut server = server();
        let first = class(json!({"globalDefault": true}));
        let first = server.create_from(first).expect("created");
        let second = class(json!({"metadata": {"name": "second"}, "globalDefault": true}));
        let refused = server.create_from(second).expect_err("refused").message;
        expect![[r#"priorityclasses.scheduling.k8s.io "second" is forbidden: PriorityClass high is already marked as default. Only one default can exist"#]].assert_eq(&refused);
        server.update(first).expect("the default itself may be written");
        let system = class(json!({"metadata": {"name": "system-node-critical"}, "value": 2_000_001_000}));
        let system = server.create_from(system).expect("created").key();
        let refused = server.delete(&system, &crate::DeleteOptions::default()).expect_err("refused").message;
        expect![[r#"priorityclasses.scheduling.k8s.io "system-node-critical" is forbidden: this is a system priority class and cannot be deleted"#]].assert_eq(&refused);
    }
}
