//! Definitions, the objects they allow, and what may change in them.

use super::values;
use crate::registry::tests::server;
use crate::{PatchType, Server};
use api::{Cause, Object};
use expect_test::{Expect, expect};
use serde_json::{Value, json};

fn check(schema: Value, value: Value, expected: Expect) {
    let causes: Vec<String> = values::check(&value, &schema).iter().map(Cause::to_string).collect();
    expected.assert_eq(&causes.join("\n"));
}

fn spec(of: Value) -> Value {
    json!({"type": "object", "properties": {"spec": {"type": "object", "properties": of}}})
}

#[test]
fn values_that_do_not_fit() {
    let schema = spec(json!({
        "text": {"type": "string", "minLength": 3, "maxLength": 4},
        "number": {"type": "number", "exclusiveMinimum": true, "minimum": 1.5, "multipleOf": 2},
        "list": {"type": "array", "maxItems": 1, "x-kubernetes-list-type": "set", "items": {"type": "integer"}},
        "keyed": {"type": "array", "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["name"],
            "items": {"type": "object", "properties": {"name": {"type": "string"}}}},
        "when": {"type": "string", "format": "date-time"},
        "maybe": {"type": "string", "nullable": true},
        "one": {"type": "object", "x-kubernetes-preserve-unknown-fields": true, "oneOf": [{"required": ["a"]}, {"required": ["b"]}]},
    }));
    let value = json!({"spec": {"text": "ab", "number": 1.5, "list": [1, 1], "keyed": [{"name": "a"}, {"name": "a"}],
        "when": "soon", "maybe": null, "one": {"a": 1, "b": 2}}});
    check(
        schema.clone(),
        value,
        expect![[r#"
        spec.keyed[1]: Duplicate value: {"name":"a"}
        spec.list: Too many: 2: must have at most 1 items
        spec.list[1]: Duplicate value: 1
        spec.number: Invalid value: 1.5: spec.number in body should be greater than 1.5
        spec.number: Invalid value: 1.5: spec.number in body should be a multiple of 2
        <nil>: Invalid value: "": "spec.one" must validate one and only one schema (oneOf). Found 2 valid alternatives
        spec.text: Invalid value: "ab": spec.text in body should be at least 3 chars long
        spec.when: Invalid value: "soon": spec.when in body must be of type date-time: "soon""#]],
    );
    check(
        schema,
        json!({"spec": {"text": 5, "list": null, "when": "2026-01-01T00:00:00Z", "one": {}}}),
        expect![[r#"
        spec.list: Invalid value: "null": spec.list in body must be of type array: "null"
        <nil>: Invalid value: "": "spec.one" must validate one and only one schema (oneOf). Found none valid
        spec.text: Invalid value: "integer": spec.text in body must be of type string: "integer""#]],
    );
}

#[test]
fn unknown_fields_go_and_defaults_come() {
    let schema = spec(json!({
        "known": {"type": "object", "properties": {"a": {"type": "integer", "default": 7}}},
        "free": {"type": "object", "x-kubernetes-preserve-unknown-fields": true},
        "map": {"type": "object", "additionalProperties": {"type": "object", "properties": {"x": {"type": "string"}}}},
        "on": {"type": "boolean", "default": true},
    }));
    let mut value = json!({"apiVersion": "a/v1", "metadata": {"name": "n"}, "top": 1,
        "spec": {"known": {"b": 1}, "free": {"any": {"thing": 1}}, "map": {"k": {"x": "1", "y": "2"}}, "on": null}});
    expect!["spec.known.b spec.map.k.y top"].assert_eq(&super::unknown_fields(&schema, &value).join(" "));
    values::prune(&mut value, &schema);
    values::fill_defaults(&mut value, &schema);
    expect![[r#"{"apiVersion":"a/v1","metadata":{"name":"n"},"spec":{"free":{"any":{"thing":1}},"known":{"a":7},"map":{"k":{"x":"1"}},"on":true}}"#]].assert_eq(&value.to_string());
}

fn define(server: &mut Server, versions: Value) {
    let body = json!({"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
        "metadata": {"name": "things.example.com"}, "spec": {"group": "example.com", "scope": "Cluster",
            "names": {"plural": "things", "kind": "Thing"}, "versions": versions}});
    let created = server.create_from(body).expect("defined");
    assert!(server.lister().is_installing());
    let Object::Other(kind, generic) = &created else { panic!("a definition") };
    let mut served = api::Generic::clone(generic);
    let status = json!({"conditions": [{"type": "Established", "status": "True"}], "storedVersions": ["v1"]});
    served.rest = served.rest.with("status", status);
    server.update_status(Object::Other(*kind, served.into())).expect("established");
}

#[test]
fn versions_are_one_object_in_two_forms() {
    let schema = json!({"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": true}});
    let mut server = server();
    define(
        &mut server,
        json!([{"name": "v1beta1", "served": true, "storage": false, "schema": schema},
               {"name": "v1", "served": true, "storage": true, "schema": schema},
               {"name": "v1alpha1", "served": false, "storage": false, "schema": schema}]),
    );
    let lister = server.lister();
    let versions: Vec<String> =
        lister.resources().iter().filter(|r| r.plural == "things").map(|r| r.api_version()).collect();
    expect!["example.com/v1 example.com/v1beta1"].assert_eq(&versions.join(" "));
    assert_eq!(lister.find("thing").map(|(info, _)| info.version), Some("v1"));
    assert_eq!(lister.find("things.v1beta1.example.com").map(|(info, _)| info.version), Some("v1beta1"));
    assert!(lister.served("example.com/v1alpha1", "Thing").is_none());
    let body =
        json!({"apiVersion": "example.com/v1beta1", "kind": "Thing", "metadata": {"name": "a"}, "spec": {"x": 1}});
    let created = server.create_from(body).expect("created");
    assert_eq!(created.meta().generation, 1);
    let refused = server.patch(&created.key(), PatchType::Strategic, &json!({}), false).expect_err("refused");
    assert_eq!(refused.reason, api::StatusReason::UnsupportedMediaType);
}

#[test]
fn what_is_stored_cannot_leave_the_definition() {
    let schema = json!({"openAPIV3Schema": {"type": "object"}});
    let mut server = server();
    define(&mut server, json!([{"name": "v1", "served": true, "storage": true, "schema": schema}]));
    let key = api::ObjectKey::cluster(super::definition_kind(), "things.example.com");
    let versions = json!([{"name": "v2", "served": true, "storage": true, "schema": schema}]);
    let patch = json!({"spec": {"scope": "Namespaced", "versions": versions}});
    let refused = server.patch(&key, PatchType::Merge, &patch, false).expect_err("refused");
    expect![[r#"CustomResourceDefinition.apiextensions.k8s.io "things.example.com" is invalid: [spec.scope: Invalid value: "Namespaced": field is immutable, status.storedVersions[0]: Invalid value: "v1": missing from spec.versions; v1 was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in v1 and removes v1 from status.storedVersions]"#]].assert_eq(&refused.message);
}
