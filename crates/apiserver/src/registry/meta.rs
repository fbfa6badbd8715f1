//! Metadata, labels and selectors: what every kind shares.
//! Models: staging/src/k8s.io/apimachinery/pkg/api/validation/objectmeta.go, pkg/apis/meta/v1/validation, and
//! ValidateObjectMeta of pkg/apis/core/validation.

use super::check::{Causes, Path};
use super::names::{self, Form, NameCheck};
use api::{Kind, LabelSelector, Object, ObjectMeta, OwnerReference, Str, StrMap, Wire};

/// The most bytes of all annotations of an object.
const ANNOTATIONS_SIZE: usize = 256 << 10;
/// The finalizers that need no domain.
const STANDARD_FINALIZERS: [&str; 3] = ["foregroundDeletion", "kubernetes", "orphan"];

/// Metadata, on creation and on update.
pub(super) const META: Path<'static> = Path::root("metadata");

/// Checks the metadata of a new object.
pub(super) fn validate(object: &Object, causes: &mut Causes) {
    let (meta, check) = (object.meta(), name_check(object.kind()));
    if !meta.generate_name.is_empty() {
        let wrong = names::check_name(&meta.generate_name, Form::Prefix, check);
        causes.each_invalid(&META.field("generateName"), &meta.generate_name, wrong);
    }
    if meta.name.is_empty() {
        causes.required(&META.field("name"), "name or generateName is required");
    } else {
        causes.each_invalid(&META.field("name"), &meta.name, names::check_name(&meta.name, Form::Name, check));
    }
    if !meta.namespace.is_empty() {
        causes.each_invalid(&META.field("namespace"), &meta.namespace, names::dns_label(&meta.namespace));
    }
    validate_common(meta, causes);
}

/// Checks the metadata of a changed object.
pub(super) fn validate_update(new: &Object, _old: &Object, causes: &mut Causes) {
    validate_common(new.meta(), causes);
}

fn validate_common(meta: &ObjectMeta, causes: &mut Causes) {
    labels(&meta.labels, &META.field("labels"), causes);
    annotations(&meta.annotations, &META.field("annotations"), causes);
    owners(&meta.owner_references, &META.field("ownerReferences"), causes);
    let path = META.field("finalizers");
    for finalizer in &meta.finalizers {
        causes.each_invalid(&path, finalizer, names::qualified_name(finalizer));
    }
    if meta.has_finalizer("orphan") && meta.has_finalizer("foregroundDeletion") {
        let detail = "finalizer orphan and foregroundDeletion cannot be both set";
        causes.invalid(&path, meta.finalizers.write(), detail);
    }
    for (i, finalizer) in meta.finalizers.iter().enumerate() {
        kube_finalizer(finalizer, &path.index(i), causes);
    }
}

/// A finalizer without a domain must be one that the system knows.
pub(super) fn kube_finalizer(finalizer: &str, at: &Path<'_>, causes: &mut Causes) {
    if !finalizer.contains('/') && !STANDARD_FINALIZERS.contains(&finalizer) {
        causes.invalid(at, finalizer, "name is neither a standard finalizer name nor is it fully qualified");
    }
}

/// The rule for names of a kind.
fn name_check(kind: Kind) -> NameCheck {
    match kind {
        // Label rules for what becomes part of a host name.
        Kind::Namespace | Kind::Service | Kind::StatefulSet => names::dns_label,
        Kind::CronJob => names::cron_job_name,
        // Events are made by programs, which upstream trusts with the name.
        Kind::Event => |_| Vec::new(),
        Kind::Other(_) => match crate::resource(kind).map_or("", |info| info.kind) {
            "Role" | "ClusterRole" | "RoleBinding" | "ClusterRoleBinding" | "APIService" => names::path_segment,
            _ => names::dns_subdomain,
        },
        _ => names::dns_subdomain,
    }
}

/// Checks keys and values of labels.
pub(super) fn labels(labels: &StrMap, at: &Path<'_>, causes: &mut Causes) {
    for (key, value) in labels.iter() {
        label_key(key, at, causes);
        causes.each_invalid(at, value, names::label_value(value));
    }
}

/// Checks the key of a label.
pub(super) fn label_key(key: &str, at: &Path<'_>, causes: &mut Causes) {
    causes.each_invalid(at, key, names::qualified_name(key));
}

/// Checks keys and size of annotations; case does not matter in their keys.
pub(super) fn annotations(annotations: &StrMap, at: &Path<'_>, causes: &mut Causes) {
    for (key, _) in annotations.iter() {
        let wrong = match key.bytes().any(|b| b.is_ascii_uppercase()) {
            true => names::qualified_name(&key.to_lowercase()),
            false => names::qualified_name(key),
        };
        causes.each_invalid(at, key, wrong);
    }
    if annotations.iter().map(|(key, value)| key.len() + value.len()).sum::<usize>() > ANNOTATIONS_SIZE {
        causes.too_long(at, ANNOTATIONS_SIZE);
    }
}

fn owners(owners: &[OwnerReference], at: &Path<'_>, causes: &mut Causes) {
    let mut controller: Option<String> = None;
    for owner in owners {
        let parts: [(&str, &Str, &str); 4] = [
            ("apiVersion", &owner.api_version, "version must not be empty"),
            ("kind", &owner.kind, "must not be empty"),
            ("name", &owner.name, "must not be empty"),
            ("uid", &owner.uid, "must not be empty"),
        ];
        for (field, value, detail) in parts {
            if value.is_empty() {
                causes.invalid(&at.field(field), "", detail);
            }
        }
        if owner.api_version == "v1" && owner.kind == "Event" {
            causes.invalid(at, owner.write(), "/v1, Kind=Event is disallowed from being an owner");
        }
        if owner.controller == Some(true) {
            let this = format!("{}/{}", owner.kind, owner.name);
            match &controller {
                None => controller = Some(this),
                Some(first) => {
                    let list: Vec<serde_json::Value> = owners.iter().map(Wire::write).collect();
                    let detail = format!(
                        "Only one reference can have Controller set to true. Found \"true\" in references for {first} and {this}"
                    );
                    causes.invalid(at, list, detail);
                }
            }
        }
    }
}

/// Checks a selector over labels.
pub(super) fn selector(selector: &LabelSelector, at: &Path<'_>, causes: &mut Causes) {
    labels(&selector.match_labels, &at.field("matchLabels"), causes);
    let expressions = at.field("matchExpressions");
    for (i, requirement) in selector.match_expressions.iter().enumerate() {
        let at = expressions.index(i);
        let values = at.field("values");
        match requirement.operator.as_str() {
            "In" | "NotIn" if requirement.values.is_empty() => {
                causes.required(&values, "must be specified when `operator` is 'In' or 'NotIn'");
            }
            "Exists" | "DoesNotExist" if !requirement.values.is_empty() => {
                causes.forbidden(&values, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'");
            }
            "In" | "NotIn" | "Exists" | "DoesNotExist" => {}
            other => causes.invalid(&at.field("operator"), other, "not a valid selector operator"),
        }
        label_key(&requirement.key, &at.field("key"), causes);
        for (j, value) in requirement.values.iter().enumerate() {
            causes.each_invalid(&values.index(j), value, names::label_value(value));
        }
    }
}

/// A selector as messages show it: the server's order of fields is not that of the alphabet.
pub(super) fn selector_text(selector: &LabelSelector) -> String {
    let mut parts = Vec::new();
    if !selector.match_labels.is_empty() {
        parts.push(format!("\"matchLabels\":{}", selector.match_labels.write()));
    }
    if !selector.match_expressions.is_empty() {
        parts.push(format!("\"matchExpressions\":{}", selector.match_expressions.write()));
    }
    format!("{{{}}}", parts.join(","))
}

/// What may not be missing where a whole name of this form is expected.
pub(super) fn name(text: &str, at: &Path<'_>, check: NameCheck, causes: &mut Causes) {
    causes.each_invalid(at, text, check(text));
}

#[cfg(test)]
mod tests {
    use crate::registry::tests::refused;
    use expect_test::expect;
    use serde_json::json;

    fn config_map(meta: serde_json::Value) -> serde_json::Value {
        json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": meta})
    }

    #[test]
    fn names_by_kind() {
        refused(
            config_map(json!({"name": "Bad_Name"})),
            expect![[
                r#"ConfigMap "Bad_Name" is invalid: metadata.name: Invalid value: "Bad_Name": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"#
            ]],
        );
        refused(
            json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "a.b"}}),
            expect![[r#"Namespace "a.b" is invalid: metadata.name: Invalid value: "a.b": must not contain dots"#]],
        );
        refused(config_map(json!({"name": "x", "generateName": "Y-"})), expect!["accepted"]);
        refused(
            json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", "metadata": {"name": "a/b"}}),
            expect![[
                r#"Role.rbac.authorization.k8s.io "a/b" is invalid: metadata.name: Invalid value: "a/b": may not contain '/'"#
            ]],
        );
    }

    #[test]
    fn labels_annotations_owners_and_finalizers() {
        refused(
            config_map(json!({"name": "x", "labels": {"a b": "c d"}})),
            expect![[r#"
            metadata.labels: Invalid value: "a b": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')
            metadata.labels: Invalid value: "c d": a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"#]],
        );
        refused(
            config_map(json!({"name": "x", "annotations": {"/a": ""}})),
            expect![[
                r#"ConfigMap "x" is invalid: metadata.annotations: Invalid value: "/a": prefix part must be non-empty"#
            ]],
        );
        refused(
            config_map(json!({"name": "x", "annotations": {"a": "x".repeat(270_000)}})),
            expect![[r#"ConfigMap "x" is invalid: metadata.annotations: Too long: may not be more than 262144 bytes"#]],
        );
        refused(
            config_map(json!({"name": "x", "finalizers": ["mine"]})),
            expect![[
                r#"ConfigMap "x" is invalid: metadata.finalizers[0]: Invalid value: "mine": name is neither a standard finalizer name nor is it fully qualified"#
            ]],
        );
        let owner =
            |name: &str| json!({"apiVersion": "v1", "kind": "Pod", "name": name, "uid": "1", "controller": true});
        refused(
            config_map(json!({"name": "x", "ownerReferences": [{"apiVersion": "v1", "kind": "Pod", "name": "p"}]})),
            expect![[
                r#"ConfigMap "x" is invalid: metadata.ownerReferences.uid: Invalid value: "": must not be empty"#
            ]],
        );
        refused(
            config_map(json!({"name": "x", "ownerReferences": [owner("a"), owner("b")]})),
            expect![[
                r#"ConfigMap "x" is invalid: metadata.ownerReferences: Invalid value: [{"apiVersion":"v1","controller":true,"kind":"Pod","name":"a","uid":"1"},{"apiVersion":"v1","controller":true,"kind":"Pod","name":"b","uid":"1"}]: Only one reference can have Controller set to true. Found "true" in references for Pod/a and Pod/b"#
            ]],
        );
    }
}
