//! `kubectl explain` of custom resources, from the schema of their definition.

use super::explain::{indented, wrap};
use crate::call::Call;
use crate::errors::CmdError;
use apiserver::ResourceInfo;
use serde_json::{Map, Value, json};

fn text<'a>(schema: &'a Value, name: &str) -> &'a str {
    schema.get(name).and_then(Value::as_str).unwrap_or("")
}

/// The name of a type between angle brackets.
fn type_name(schema: &Value) -> String {
    if schema.get("x-kubernetes-int-or-string") == Some(&Value::Bool(true)) {
        return "IntOrString".to_owned();
    }
    match text(schema, "type") {
        "array" => format!("[]{}", schema.get("items").map_or_else(|| "Object".to_owned(), type_name)),
        "object" => match schema.get("additionalProperties") {
            Some(values @ Value::Object(_)) => format!("map[string]{}", type_name(values)),
            _ => "Object".to_owned(),
        },
        "" => "".to_owned(),
        plain => plain.to_owned(),
    }
}

/// The schema that holds the fields, through lists and maps.
fn inner(schema: &Value) -> &Value {
    match (schema.get("items"), schema.get("additionalProperties")) {
        (Some(items), _) => inner(items),
        (None, Some(values @ Value::Object(_))) => inner(values),
        _ => schema,
    }
}

/// Explains a custom resource, or the field at `path` below it.
pub(super) fn explain(
    call: &mut Call<'_>,
    info: &ResourceInfo,
    path: &[&str],
    recursive: bool,
) -> Result<(), CmdError> {
    let Some(custom) = info.custom else { return Ok(()) };
    let root = with_standard_fields(&custom.schema);
    let mut at = &root;
    for name in path {
        let below = inner(at).get("properties").and_then(|fields| fields.get(*name));
        at = below.ok_or_else(|| CmdError::new(format!("field \"{name}\" does not exist")))?;
    }
    call.say(format_args!("GROUP:      {}\nKIND:       {}\nVERSION:    {}\n", info.group, info.kind, info.version));
    if let Some(name) = path.last() {
        call.say(format_args!("FIELD: {name} <{}>\n\n", type_name(at)));
    }
    call.say("DESCRIPTION:");
    let description = match text(at, "description") {
        "" => "<empty>",
        given => given,
    };
    call.say(indented(&wrap(description, 76), 4));
    call.say("    ");
    let holder = inner(at);
    if holder.get("properties").is_some() {
        call.say("FIELDS:");
        fields(call, holder, 1, recursive);
    }
    call.say("");
    Ok(())
}

/// Every object has these, whether or not its definition says so.
fn with_standard_fields(schema: &Value) -> Value {
    let mut root = if schema.is_object() { schema.clone() } else { json!({"type": "object"}) };
    if !root["properties"].is_object() {
        root["properties"] = Value::Object(Map::new());
    }
    let described = |definition: &str, field: &str| {
        let found = schema::definition(definition).and_then(|definition| definition.field(field));
        found.map_or_else(String::new, |field| field.description())
    };
    for field in ["apiVersion", "kind"] {
        let description = described("core.v1.Pod", field);
        root["properties"][field] = json!({"type": "string", "description": description});
    }
    let description = described("core.v1.Pod", "metadata");
    root["properties"]["metadata"] = json!({"x-type": "ObjectMeta", "description": description});
    root
}

fn fields(call: &mut Call<'_>, holder: &Value, level: usize, recursive: bool) {
    let required: Vec<&str> =
        holder.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
    let indent = "  ".repeat(level);
    for (name, field) in holder.get("properties").and_then(Value::as_object).into_iter().flatten() {
        let ty = if text(field, "x-type").is_empty() { type_name(field) } else { text(field, "x-type").to_owned() };
        let mark = if required.contains(&name.as_str()) { " -required-" } else { "" };
        call.say(format_args!("{indent}{name}\t<{ty}>{mark}"));
        if let Some(values) = field.get("enum").and_then(Value::as_array) {
            let shown: Vec<String> =
                values.iter().take(4).map(|v| v.as_str().map_or_else(|| v.to_string(), str::to_owned)).collect();
            let more = if values.len() > 4 { ", ...." } else { "" };
            call.say(format_args!("{indent}enum: {}{more}", shown.join(", ")));
        }
        if recursive {
            fields(call, inner(field), level + 1, true);
            continue;
        }
        let description = match text(field, "description") {
            "" => "<no description>",
            given => given,
        };
        call.say(indented(&wrap(description, 78 - 2 * level), 2 * level + 2));
        call.say("");
    }
}
