//! Objects of custom kinds against their structural schema: what is unknown is taken out, what is missing is filled in,
//! what is wrong is told.
//!
//! Models: apiextensions-apiserver/pkg/apiserver/schema/{pruning,defaulting}, pkg/apiserver/validation, and the words of
//! k8s.io/kube-openapi/pkg/validation.

use api::{Cause, Time};
use regex_lite::Regex;
use schema::float_text;
use serde_json::{Map, Value};

fn flag(schema: &Value, name: &str) -> bool {
    schema.get(name).and_then(Value::as_bool).unwrap_or(false)
}

fn text<'a>(schema: &'a Value, name: &str) -> &'a str {
    schema.get(name).and_then(Value::as_str).unwrap_or("")
}

/// The schema of a property: its own, or that of additional properties. `None`: it is not known; null: anything goes.
fn property<'a>(schema: &'a Value, name: &str) -> Option<&'a Value> {
    static ANYTHING: Value = Value::Null;
    if let Some(known) = schema.get("properties").and_then(|known| known.get(name)) {
        return Some(known);
    }
    match schema.get("additionalProperties") {
        Some(Value::Bool(true)) => Some(&ANYTHING),
        Some(values @ Value::Object(_)) => Some(values),
        _ => None,
    }
}

const META_FIELDS: [&str; 3] = ["apiVersion", "kind", "metadata"];

/// The paths of the fields that the schema does not know, as strict validation names them.
pub fn unknown_fields(schema: &Value, value: &Value) -> Vec<String> {
    let mut found = Vec::new();
    walk(&mut value.clone(), schema, true, "", &mut found);
    found.sort_unstable();
    found
}

/// Takes out what the schema does not know.
pub(super) fn prune(value: &mut Value, schema: &Value) {
    walk(value, schema, true, "", &mut Vec::new());
}

fn walk(value: &mut Value, schema: &Value, is_resource: bool, at: &str, unknown: &mut Vec<String>) {
    let keeps = flag(schema, "x-kubernetes-preserve-unknown-fields");
    let is_resource = is_resource || flag(schema, "x-kubernetes-embedded-resource");
    match value {
        Value::Object(map) => {
            let names: Vec<String> = map.keys().cloned().collect();
            for name in names {
                if is_resource && META_FIELDS.contains(&name.as_str()) {
                    continue;
                }
                let path = if at.is_empty() { name.clone() } else { format!("{at}.{name}") };
                match property(schema, &name) {
                    Some(Value::Null) => {}
                    Some(below) => {
                        if let Some(inner) = map.get_mut(&name) {
                            walk(inner, below, false, &path, unknown);
                        }
                    }
                    None if keeps => {}
                    None => {
                        unknown.push(path);
                        map.remove(&name);
                    }
                }
            }
        }
        Value::Array(items) => {
            let Some(below) = schema.get("items") else { return };
            for (index, item) in items.iter_mut().enumerate() {
                walk(item, below, false, &format!("{at}[{index}]"), unknown);
            }
        }
        _ => {}
    }
}

/// Fills in defaults; a null where none may stand gives way to the default.
pub(super) fn fill_defaults(value: &mut Value, schema: &Value) {
    match value {
        Value::Object(map) => {
            for (name, below) in schema.get("properties").and_then(Value::as_object).into_iter().flatten() {
                let Some(default) = below.get("default") else { continue };
                let gives_way = map.get(name).is_none_or(|have| have.is_null() && !flag(below, "nullable"));
                if gives_way {
                    map.insert(name.clone(), default.clone());
                }
            }
            for (name, inner) in map.iter_mut() {
                if let Some(below) = property(schema, name).filter(|below| below.is_object()) {
                    fill_defaults(inner, below);
                }
            }
        }
        Value::Array(items) => {
            if let Some(below) = schema.get("items") {
                items.iter_mut().for_each(|item| fill_defaults(item, below));
            }
        }
        _ => {}
    }
}

/// Everything that is wrong with an object.
pub(super) fn check(value: &Value, schema: &Value) -> Vec<Cause> {
    let mut causes = Vec::new();
    check_value(value, schema, "", true, &mut causes);
    causes
}

/// `Invalid value: SHOWN: PATH in body DETAIL`.
fn invalid(at: &str, shown: &Value, detail: impl std::fmt::Display) -> Cause {
    let named = if at.is_empty() { "<nil>" } else { at };
    Cause::new(named, format!("Invalid value: {shown}: {at} in body {detail}"))
}

fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

fn check_value(value: &Value, schema: &Value, at: &str, is_root: bool, causes: &mut Vec<Cause>) {
    if value.is_null() && flag(schema, "nullable") {
        return;
    }
    let (wanted, have) = (text(schema, "type"), type_of(value));
    let int_or_string = flag(schema, "x-kubernetes-int-or-string");
    let fits = match wanted {
        _ if int_or_string => matches!(have, "integer" | "string"),
        "" => true,
        "number" => matches!(have, "number" | "integer"),
        wanted => wanted == have,
    };
    if !fits {
        let wanted = if int_or_string { "integer,string" } else { wanted };
        causes.push(invalid(
            at,
            &Value::from(have),
            format_args!("must be of type {wanted}: {}", schema::go_quote(have)),
        ));
        return;
    }
    check_enum(value, schema, at, causes);
    match value {
        Value::Object(map) => check_map(map, schema, at, is_root, causes),
        Value::Array(items) => check_list(items, schema, at, causes),
        Value::String(text) => check_text(text, schema, at, causes),
        Value::Number(_) => check_number(value, schema, at, causes),
        _ => {}
    }
    check_combinations(value, schema, at, causes);
}

fn check_enum(value: &Value, schema: &Value, at: &str, causes: &mut Vec<Cause>) {
    let Some(allowed) = schema.get("enum").and_then(Value::as_array) else { return };
    if allowed.contains(value) {
        return;
    }
    let list: Vec<String> = allowed
        .iter()
        .map(|one| schema::go_quote(&one.as_str().map_or_else(|| one.to_string(), str::to_owned)))
        .collect();
    causes.push(Cause::new(at, format!("Unsupported value: {value}: supported values: {}", list.join(", "))));
}

fn check_map(map: &Map<String, Value>, schema: &Value, at: &str, is_root: bool, causes: &mut Vec<Cause>) {
    let path = |name: &str| if at.is_empty() { name.to_owned() } else { format!("{at}.{name}") };
    for name in schema.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str) {
        let is_implied = is_root && META_FIELDS.contains(&name);
        if !is_implied && !map.contains_key(name) {
            causes.push(Cause::required(path(name), ""));
        }
    }
    if let Some(most) = schema.get("maxProperties").and_then(Value::as_u64).filter(|most| map.len() as u64 > *most) {
        causes.push(Cause::new(at, format!("Too many: {}: must have at most {most} items", map.len())));
    }
    if let Some(least) = schema.get("minProperties").and_then(Value::as_u64).filter(|least| (map.len() as u64) < *least)
    {
        let value = Value::Object(map.clone());
        causes.push(invalid(at, &value, format_args!("should have at least {least} properties")));
    }
    for (name, value) in map {
        if is_root && META_FIELDS.contains(&name.as_str()) {
            continue;
        }
        if let Some(below) = property(schema, name).filter(|below| below.is_object()) {
            check_value(value, below, &path(name), false, causes);
        }
    }
}

fn check_list(items: &[Value], schema: &Value, at: &str, causes: &mut Vec<Cause>) {
    let count = items.len() as u64;
    if let Some(most) = schema.get("maxItems").and_then(Value::as_u64).filter(|most| count > *most) {
        causes.push(Cause::new(at, format!("Too many: {count}: must have at most {most} items")));
    }
    if let Some(least) = schema.get("minItems").and_then(Value::as_u64).filter(|least| count < *least) {
        causes.push(invalid(at, &Value::from(items.to_vec()), format_args!("should have at least {least} items")));
    }
    if let Some(below) = schema.get("items") {
        for (index, item) in items.iter().enumerate() {
            check_value(item, below, &format!("{at}[{index}]"), false, causes);
        }
    }
    let keys: Vec<&str> = schema
        .get("x-kubernetes-list-map-keys")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    let identity = |item: &Value| match text(schema, "x-kubernetes-list-type") {
        "set" => Some(item.clone()),
        "map" => {
            let of: Map<String, Value> =
                keys.iter().filter_map(|key| Some(((*key).to_owned(), item.get(*key)?.clone()))).collect();
            Some(Value::Object(of))
        }
        _ => None,
    };
    for (index, item) in items.iter().enumerate() {
        let own = identity(item);
        if own.is_some() && items[..index].iter().any(|before| identity(before) == own) {
            let shown = own.unwrap_or_default();
            causes.push(Cause::new(format!("{at}[{index}]"), format!("Duplicate value: {shown}")));
        }
    }
}

fn check_text(value: &str, schema: &Value, at: &str, causes: &mut Vec<Cause>) {
    let length = value.chars().count() as u64;
    let shown = Value::from(value);
    if let Some(most) = schema.get("maxLength").and_then(Value::as_u64).filter(|most| length > *most) {
        causes.push(Cause::new(at, format!("Too long: may not be more than {most} bytes")));
    }
    if let Some(least) = schema.get("minLength").and_then(Value::as_u64).filter(|least| length < *least) {
        causes.push(invalid(at, &shown, format_args!("should be at least {least} chars long")));
    }
    let pattern = text(schema, "pattern");
    if !pattern.is_empty() && Regex::new(pattern).is_ok_and(|pattern| !pattern.is_match(value)) {
        causes.push(invalid(at, &shown, format_args!("should match '{pattern}'")));
    }
    let format = text(schema, "format");
    let fits = match format {
        "date-time" | "datetime" => Time::parse(value).is_some(),
        "date" => value.len() == 10 && Time::parse(&format!("{value}T00:00:00Z")).is_some(),
        "ipv4" => value.parse::<std::net::Ipv4Addr>().is_ok(),
        "ipv6" => value.parse::<std::net::Ipv6Addr>().is_ok(),
        _ => true,
    };
    if !fits {
        causes.push(invalid(at, &shown, format_args!("must be of type {format}: {}", schema::go_quote(value))));
    }
}

fn check_number(value: &Value, schema: &Value, at: &str, causes: &mut Vec<Cause>) {
    let Some(number) = value.as_f64() else { return };
    let bound = |name: &str| schema.get(name).and_then(Value::as_f64);
    let shown = |limit: f64| float_text(limit);
    if let Some(most) = bound("maximum") {
        if flag(schema, "exclusiveMaximum") && number >= most {
            causes.push(invalid(at, value, format_args!("should be less than {}", shown(most))));
        } else if number > most {
            causes.push(invalid(at, value, format_args!("should be less than or equal to {}", shown(most))));
        }
    }
    if let Some(least) = bound("minimum") {
        if flag(schema, "exclusiveMinimum") && number <= least {
            causes.push(invalid(at, value, format_args!("should be greater than {}", shown(least))));
        } else if number < least {
            causes.push(invalid(at, value, format_args!("should be greater than or equal to {}", shown(least))));
        }
    }
    if let Some(factor) = bound("multipleOf").filter(|factor| *factor > 0.0 && (number / factor).fract() != 0.0) {
        causes.push(invalid(at, value, format_args!("should be a multiple of {}", shown(factor))));
    }
    let range = match text(schema, "format") {
        "int32" => i64::from(i32::MIN)..=i64::from(i32::MAX),
        _ => return,
    };
    if value.as_i64().is_none_or(|whole| !range.contains(&whole)) {
        causes.push(invalid(at, value, "must be of type int32"));
    }
}

fn check_combinations(value: &Value, schema: &Value, at: &str, causes: &mut Vec<Cause>) {
    let list = |name: &str| schema.get(name).and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let matches = |one: &Value| {
        let mut found = Vec::new();
        check_value(value, one, at, false, &mut found);
        found
    };
    for one in list("allOf") {
        causes.extend(matches(one));
    }
    let any = list("anyOf");
    if !any.is_empty() && any.iter().all(|one| !matches(one).is_empty()) {
        causes.push(no_match(at, "must validate at least one schema (anyOf)"));
        causes.extend(any.first().map(matches).unwrap_or_default());
    }
    let one_of = list("oneOf");
    if !one_of.is_empty() {
        let count = one_of.iter().filter(|one| matches(one).is_empty()).count();
        if count != 1 {
            let found =
                if count == 0 { "Found none valid".to_owned() } else { format!("Found {count} valid alternatives") };
            causes.push(no_match(at, &format!("must validate one and only one schema (oneOf). {found}")));
        }
    }
    if schema.get("not").is_some_and(|not| matches(not).is_empty()) {
        causes.push(no_match(at, "must not validate the schema (not)"));
    }
}

/// What upstream tells of combined schemas names its place only in the text.
fn no_match(at: &str, detail: &str) -> Cause {
    Cause::new("<nil>", format!("Invalid value: \"\": {} {detail}", schema::go_quote(at)))
}
