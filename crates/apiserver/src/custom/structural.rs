//! Whether a schema is structural: every part of an object has one type, told outside of combinations.
//! Models: apiextensions-apiserver/pkg/apiserver/schema/validation.go, and the checks of extensions in
//! pkg/apis/apiextensions/validation (ValidateCustomResourceDefinitionOpenAPISchema).

use api::Cause;
use regex_lite::Regex;
use serde_json::{Value, json};

const TYPES: [&str; 6] = ["array", "boolean", "integer", "number", "object", "string"];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Level {
    Root,
    Field,
    Item,
}

fn text<'a>(schema: &'a Value, name: &str) -> &'a str {
    schema.get(name).and_then(Value::as_str).unwrap_or("")
}

fn flag(schema: &Value, name: &str) -> bool {
    schema.get(name).and_then(Value::as_bool).unwrap_or(false)
}

/// Everything that is wrong with a version's schema.
pub(super) fn check(schema: &Value, at: &str, causes: &mut Vec<Cause>) {
    let mut found = Vec::new();
    walk(schema, Level::Root, at, &mut found);
    found.sort_by_key(Cause::to_string);
    causes.extend(found);
}

fn walk(schema: &Value, level: Level, at: &str, causes: &mut Vec<Cause>) {
    let ty = text(schema, "type");
    check_type(schema, ty, level, at, causes);
    check_lists(schema, ty, at, causes);
    check_switches(schema, at, causes);
    if let Some(items) = schema.get("items") {
        if items.is_array() {
            causes.push(Cause::forbidden(format!("{at}.items"), "items must be a schema object and not an array"));
        } else {
            walk(items, Level::Item, &format!("{at}.items"), causes);
        }
    } else if ty == "array" {
        causes.push(Cause::required(format!("{at}.items"), "must be specified"));
    }
    for (name, below) in schema.get("properties").and_then(Value::as_object).into_iter().flatten() {
        let path = format!("{at}.properties[{name}]");
        if level == Level::Root && name == "metadata" {
            check_metadata(below, &path, causes);
            continue;
        }
        walk(below, Level::Field, &path, causes);
    }
    match schema.get("additionalProperties") {
        Some(_) if level == Level::Root => {
            causes.push(Cause::forbidden(format!("{at}.additionalProperties"), "must not be used at the root"));
        }
        Some(_) if schema.get("properties").is_some() => {
            let detail = "additionalProperties and properties are mutual exclusive";
            causes.push(Cause::forbidden(format!("{at}.additionalProperties"), detail));
        }
        Some(values @ Value::Object(_)) => walk(values, Level::Field, &format!("{at}.additionalProperties"), causes),
        _ => {}
    }
    check_combinations(schema, at, causes);
}

fn check_type(schema: &Value, ty: &str, level: Level, at: &str, causes: &mut Vec<Cause>) {
    let path = format!("{at}.type");
    let free = flag(schema, "x-kubernetes-int-or-string") || flag(schema, "x-kubernetes-preserve-unknown-fields");
    if ty.is_empty() && flag(schema, "x-kubernetes-embedded-resource") {
        causes.push(Cause::required(path, "must be object if x-kubernetes-embedded-resource is true"));
    } else if ty.is_empty() && !free {
        let detail = match level {
            Level::Root => "must not be empty at the root",
            Level::Item => "must not be empty for specified array items",
            Level::Field => "must not be empty for specified object fields",
        };
        causes.push(Cause::required(path, detail));
    } else if !ty.is_empty() && !TYPES.contains(&ty) {
        causes.push(Cause::unsupported(path, ty, &TYPES));
    } else if level == Level::Root && !ty.is_empty() && ty != "object" {
        causes.push(Cause::invalid(path, format!("\"{ty}\""), "must be object at the root"));
    }
}

fn check_metadata(schema: &Value, at: &str, causes: &mut Vec<Cause>) {
    if text(schema, "type") != "object" {
        causes.push(Cause::invalid(format!("{at}.type"), format!("\"{}\"", text(schema, "type")), "must be object"));
    }
    let names = schema.get("properties").and_then(Value::as_object);
    let only_names = names.is_none_or(|names| names.keys().all(|name| name == "name" || name == "generateName"));
    let nothing_else = schema.as_object().is_none_or(|fields| {
        fields.keys().all(|field| ["type", "properties", "description"].contains(&field.as_str()))
    });
    if !only_names || !nothing_else {
        let detail = "must not specify anything other than name and generateName, but metadata is implicitly specified";
        causes.push(Cause::forbidden(at, detail));
    }
}

fn check_lists(schema: &Value, ty: &str, at: &str, causes: &mut Vec<Cause>) {
    let list_type = text(schema, "x-kubernetes-list-type");
    let keys = schema.get("x-kubernetes-list-map-keys").and_then(Value::as_array);
    let path = |name: &str| format!("{at}.{name}");
    if !list_type.is_empty() {
        if ty != "array" {
            let detail = "must be array if x-kubernetes-list-type is specified";
            causes.push(match ty {
                "" => Cause::required(path("type"), detail),
                ty => Cause::invalid(path("type"), format!("\"{ty}\""), detail),
            });
        }
        if !["atomic", "set", "map"].contains(&list_type) {
            let supported = ["atomic", "map", "set"];
            causes.push(Cause::unsupported(path("x-kubernetes-list-type"), list_type, &supported));
        }
    }
    match (list_type, keys) {
        ("map", None) => causes.push(Cause::required(
            path("x-kubernetes-list-map-keys"),
            "must not be empty if x-kubernetes-list-type is map",
        )),
        ("map", Some(_)) | (_, None) => {}
        (_, Some(_)) => causes.push(match list_type {
            "" => Cause::required(
                path("x-kubernetes-list-type"),
                "must be map if x-kubernetes-list-map-keys is non-empty",
            ),
            other => Cause::invalid(
                path("x-kubernetes-list-type"),
                format!("\"{other}\""),
                "must be map if x-kubernetes-list-map-keys is non-empty",
            ),
        }),
    }
    for (index, key) in keys.into_iter().flatten().filter_map(Value::as_str).enumerate() {
        let property = schema.pointer(&format!("/items/properties/{key}"));
        if list_type == "map" && property.is_none() {
            let detail = "entries must all be names of item properties";
            causes.push(Cause::invalid(
                format!("{at}.x-kubernetes-list-map-keys[{index}]"),
                format!("\"{key}\""),
                detail,
            ));
        }
    }
}

fn check_switches(schema: &Value, at: &str, causes: &mut Vec<Cause>) {
    let path = |name: &str| format!("{at}.{name}");
    if flag(schema, "x-kubernetes-int-or-string") {
        for other in ["x-kubernetes-preserve-unknown-fields", "x-kubernetes-embedded-resource"] {
            if flag(schema, other) {
                let detail = "must be false if x-kubernetes-int-or-string is true";
                causes.push(Cause::invalid(path(other), true, detail));
            }
        }
    }
    if schema.get("x-kubernetes-preserve-unknown-fields") == Some(&Value::Bool(false)) {
        let detail = "must be true or undefined";
        causes.push(Cause::invalid(path("x-kubernetes-preserve-unknown-fields"), false, detail));
    }
    for forbidden in ["definitions", "dependencies", "$ref", "patternProperties", "additionalItems", "id"] {
        if schema.get(forbidden).is_some() {
            causes.push(Cause::forbidden(path(forbidden), &format!("{forbidden} is not supported")));
        }
    }
    if flag(schema, "uniqueItems") {
        let detail = "uniqueItems cannot be set to true since the runtime complexity becomes quadratic";
        causes.push(Cause::forbidden(path("uniqueItems"), detail));
    }
    let pattern = text(schema, "pattern");
    if let Err(why) = Regex::new(pattern) {
        let detail = format!("must be a valid regular expression, but isn't: {why}");
        causes.push(Cause::invalid(path("pattern"), schema::go_quote(pattern), &detail));
    }
}

/// Combinations may only restrict values; types belong outside.
fn check_combinations(schema: &Value, at: &str, causes: &mut Vec<Cause>) {
    let int_or_string = json!([{"type": "integer"}, {"type": "string"}]);
    let is_int_or_string = flag(schema, "x-kubernetes-int-or-string");
    for name in ["allOf", "anyOf", "oneOf"] {
        let list = schema.get(name).and_then(Value::as_array);
        if is_int_or_string && schema.get(name) == Some(&int_or_string) {
            continue;
        }
        for (index, inner) in list.into_iter().flatten().enumerate() {
            let first_of_all = is_int_or_string && name == "allOf" && inner.get("anyOf") == Some(&int_or_string);
            if !first_of_all {
                check_inner(inner, &format!("{at}.{name}[{index}]"), causes);
            }
        }
    }
    if let Some(not) = schema.get("not") {
        check_inner(not, &format!("{at}.not"), causes);
    }
}

fn check_inner(schema: &Value, at: &str, causes: &mut Vec<Cause>) {
    const FORBIDDEN: [(&str, &str); 8] = [
        ("type", "must be empty to be structural"),
        ("additionalProperties", "must be undefined to be structural"),
        ("title", "must be empty to be structural"),
        ("description", "must be empty to be structural"),
        ("default", "must be undefined to be structural"),
        ("nullable", "must be false to be structural"),
        ("x-kubernetes-preserve-unknown-fields", "must be false to be structural"),
        ("x-kubernetes-int-or-string", "must be false to be structural"),
    ];
    for (name, detail) in FORBIDDEN.iter().filter(|(name, _)| schema.get(*name).is_some()) {
        causes.push(Cause::forbidden(format!("{at}.{name}"), detail));
    }
    if let Some(items) = schema.get("items") {
        check_inner(items, &format!("{at}.items"), causes);
    }
    for (name, below) in schema.get("properties").and_then(Value::as_object).into_iter().flatten() {
        check_inner(below, &format!("{at}.properties[{name}]"), causes);
    }
    check_combinations(schema, at, causes);
}
