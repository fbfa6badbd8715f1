//! Kinds without a description of their own: all their fields. Models: genericDescriber.

use super::text::Text;
use crate::fields::{self, at, int};
use crate::targets::with_type;
use api::{Object, StrMap, Wire, labels_text};
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

/// `apiVersion` → `api`, `Version`; `hostIP` → `host`, `IP`; `nonResourceURLs` → `non`, `Resource`, `URLs`.
///
/// Models: github.com/fatih/camelcase, and how smartLabelFor joins what it takes apart.
fn camel_words(field: &str) -> Vec<String> {
    let class = |c: char| match c {
        c if c.is_lowercase() => 1,
        c if c.is_uppercase() => 2,
        _ => 4,
    };
    let mut runs: Vec<String> = Vec::new();
    let mut last = 0;
    for c in field.chars() {
        match runs.last_mut() {
            Some(run) if class(c) == last => run.push(c),
            _ => runs.push(c.to_string()),
        }
        last = class(c);
    }
    for at in 1..runs.len() {
        // The last capital of a run begins the word that follows it.
        let is_upper = runs[at - 1].chars().all(char::is_uppercase);
        if is_upper
            && runs[at].starts_with(char::is_lowercase)
            && let Some(capital) = runs[at - 1].pop()
        {
            runs[at].insert(0, capital);
        }
    }
    runs.retain(|run| !run.is_empty());
    let mut words: Vec<String> = Vec::new();
    let mut runs = runs.into_iter().peekable();
    while let Some(mut run) = runs.next() {
        let is_acronym = run.chars().count() >= 2 && run.chars().all(|c| !c.is_alphabetic() || c.is_uppercase());
        if is_acronym && let Some(next) = runs.next_if(|next| next.starts_with(char::is_uppercase)) {
            run.push_str(&next);
        }
        words.push(run);
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

pub(super) fn attributes_class(text: &mut Text, object: &Object) -> bool {
    let body = object.write_body();
    text.field(0, "Name", &object.meta().name);
    text.field(0, "Annotations", labels_text(&object.meta().annotations));
    text.field(0, "DriverName", fields::text(&body, "driverName"));
    text.field(0, "Parameters", labels_text(&StrMap::read(body["parameters"].clone())));
    true
}

pub(super) fn csi_node(text: &mut Text, object: &Object) -> bool {
    let (body, meta) = (object.write_body(), object.meta());
    text.field(0, "Name", &meta.name);
    text.labels("Labels", &meta.labels);
    text.annotations("Annotations", &meta.annotations);
    text.field(0, "CreationTimestamp", super::text::moment(meta.creation_timestamp));
    text.line(0, "Spec:");
    let drivers = fields::list(&body, "spec.drivers");
    if !drivers.is_empty() {
        text.line(1, "Drivers:");
    }
    for driver in drivers {
        text.line(2, format_args!("{}:", fields::text(driver, "name")));
        text.field(3, "Node ID", fields::text(driver, "nodeID"));
        if let Some(count) = at(driver, "allocatable.count").as_i64() {
            text.line(3, "Allocatables:");
            text.field(4, "Count", count);
        }
        if driver["topologyKeys"].is_array() {
            let keys: Vec<String> = fields::list(driver, "topologyKeys").iter().map(fields::scalar).collect();
            text.field(3, "Topology Keys", super::go_list(&keys));
        }
    }
    true
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
            ("nonResourceURLs", "Non Resource URLs"),
            ("clusterIPs", "Cluster I Ps"),
            ("example.com/x", "example.com/x"),
        ];
        for (field, expected) in cases {
            assert_eq!(label(field), expected);
        }
    }
}
