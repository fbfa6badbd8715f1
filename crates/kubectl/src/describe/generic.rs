//! Kinds without a description of their own: all their fields. Models: genericDescriber.

use super::text::Text;
use crate::fields::{self, int};
use crate::targets::with_type;
use api::{Object, labels_text};
use apiserver::ResourceInfo;
use serde_json::{Map, Value};

/// Paths that the head has told already.
const TOLD: &[&str] =
    &[".metadata.managedFields", ".metadata.name", ".metadata.namespace", ".metadata.labels", ".metadata.annotations"];

pub(super) fn describe(text: &mut Text, info: &ResourceInfo, object: &Object) -> bool {
    let meta = object.meta();
    text.field(0, "Name", &meta.name);
    text.field(0, "Namespace", &meta.namespace);
    text.labels("Labels", &meta.labels);
    text.annotations("Annotations", &meta.annotations);
    if let Value::Object(map) = with_type(info, object) {
        content(text, 0, &map, "");
    }
    true
}

fn content(text: &mut Text, level: usize, map: &Map<String, Value>, prefix: &str) {
    for (field, value) in map {
        let path = format!("{prefix}.{field}");
        if TOLD.contains(&path.as_str()) {
            continue;
        }
        match value {
            Value::Object(inner) => {
                text.line(level, format_args!("{}:", label(field)));
                content(text, level + 1, inner, &path);
            }
            Value::Array(items) => {
                text.line(level, format_args!("{}:", label(field)));
                for item in items {
                    match item {
                        Value::Object(inner) => content(text, level + 1, inner, &path),
                        other => text.line(level + 1, fields::go_text(other)),
                    }
                }
            }
            other => text.field(level, &label(field), fields::go_text(other)),
        }
    }
}

/// `apiVersion` → `API Version`. Models: smartLabelFor.
fn label(field: &str) -> String {
    if !field.chars().all(|c| c.is_alphabetic() || c == '-') {
        return field.to_owned();
    }
    let words: Vec<String> = camel_words(field).into_iter().map(|word| title_case(&word)).collect();
    words.join(" ")
}

/// `apiVersion` → `api`, `Version`; `podIPs` → `pod`, `IPs`; `hostIP` → `host`, `IP`.
fn camel_words(field: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let letters: Vec<char> = field.chars().collect();
    for (at, c) in letters.iter().enumerate() {
        let starts = match (at.checked_sub(1).and_then(|before| letters.get(before)), letters.get(at + 1)) {
            (None, _) => true,
            (Some(before), _) if c.is_uppercase() && !before.is_uppercase() => true,
            (Some(before), Some(after)) => {
                c.is_uppercase() && before.is_uppercase() && after.is_lowercase() && letters.get(at + 2).is_some()
            }
            _ => false,
        };
        if starts {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut() {
            word.push(*c);
        }
    }
    words
}

fn title_case(word: &str) -> String {
    if ["API", "URL", "UID", "GUID"].contains(&word.to_uppercase().as_str()) {
        return word.to_uppercase();
    }
    let mut letters = word.chars();
    match letters.next() {
        Some(first) if word.to_lowercase() == word => first.to_uppercase().chain(letters).collect(),
        _ => word.to_owned(),
    }
}

pub(super) fn priority_class(text: &mut Text, object: &Object) -> bool {
    let body = object.write_body();
    text.field(0, "Name", &object.meta().name);
    text.field(0, "Value", int(&body, "value"));
    text.field(0, "GlobalDefault", body["globalDefault"].as_bool().unwrap_or(false));
    text.field(0, "PreemptionPolicy", fields::text(&body, "preemptionPolicy"));
    text.field(0, "Description", fields::text(&body, "description"));
    text.field(0, "Annotations", labels_text(&object.meta().annotations));
    true
}

#[cfg(test)]
mod tests {
    use super::label;

    #[test]
    fn labels_of_fields() {
        let cases = [
            ("apiVersion", "API Version"),
            ("kind", "Kind"),
            ("uid", "UID"),
            ("creationTimestamp", "Creation Timestamp"),
            ("podIP", "Pod IP"),
            ("example.com/x", "example.com/x"),
        ];
        for (field, expected) in cases {
            assert_eq!(label(field), expected);
        }
    }
}
