//! Roles and their bindings. Models: describe.go and component-helpers/auth/rbac/validation/policy_compact.go.

use super::text::Text;
use crate::fields::{list, scalar, text as field};
use api::Object;
use serde_json::Value;

/// A rule about one thing: one verb of one resource, or of one URL; compacted, several verbs.
#[derive(Clone, Debug, Default, PartialEq)]
struct Rule {
    verbs: Vec<String>,
    groups: Vec<String>,
    resources: Vec<String>,
    names: Vec<String>,
    urls: Vec<String>,
}

impl Rule {
    /// As Go prints it: rules are sorted by this.
    fn go_text(&self) -> String {
        let list = super::go_list::<String>;
        format!(
            "&PolicyRule{{Verbs:{},APIGroups:{},Resources:{},ResourceNames:{},NonResourceURLs:{},}}",
            list(&self.verbs),
            list(&self.groups),
            list(&self.resources),
            list(&self.names),
            list(&self.urls)
        )
    }
}

pub(super) fn role(text: &mut Text, object: &Object) -> bool {
    head(text, object);
    text.line(0, "PolicyRule:");
    text.line(1, "Resources\tNon-Resource URLs\tResource Names\tVerbs");
    text.line(1, "---------\t-----------------\t--------------\t-----");
    for rule in compact(breakdown(list(&object.write_body(), "rules"))) {
        let (urls, names, verbs) =
            (super::go_list(&rule.urls), super::go_list(&rule.names), super::go_list(&rule.verbs));
        text.line(1, format_args!("{}\t{urls}\t{names}\t{verbs}", resource(&rule)));
    }
    false
}

pub(super) fn binding(text: &mut Text, object: &Object) -> bool {
    let body = object.write_body();
    head(text, object);
    text.line(0, "Role:");
    text.field(1, "Kind", field(&body, "roleRef.kind"));
    text.field(1, "Name", field(&body, "roleRef.name"));
    text.line(0, "Subjects:");
    text.line(1, "Kind\tName\tNamespace");
    text.line(1, "----\t----\t---------");
    for subject in list(&body, "subjects") {
        let cell = |name: &str| field(subject, name);
        text.line(1, format_args!("{}\t{}\t{}", cell("kind"), cell("name"), cell("namespace")));
    }
    false
}

fn head(text: &mut Text, object: &Object) {
    let meta = object.meta();
    text.field(0, "Name", &meta.name);
    text.labels("Labels", &meta.labels);
    text.annotations("Annotations", &meta.annotations);
}

/// `deployments.apps/scale`.
fn resource(rule: &Rule) -> String {
    let Some(resource) = rule.resources.first() else { return String::new() };
    let (name, sub) = resource.split_once('/').map_or((resource.as_str(), ""), |(name, sub)| (name, sub));
    let group = rule.groups.first().map_or("", String::as_str);
    let dot = if group.is_empty() { "" } else { "." };
    let slash = if sub.is_empty() { "" } else { "/" };
    format!("{name}{dot}{group}{slash}{sub}")
}

/// Every combination of what the rules name, by itself.
fn breakdown(rules: &[Value]) -> Vec<Rule> {
    let texts = |rule: &Value, path: &str| list(rule, path).iter().map(scalar).collect::<Vec<String>>();
    let mut single = Vec::new();
    for rule in rules {
        let (verbs, names) = (texts(rule, "verbs"), texts(rule, "resourceNames"));
        for group in texts(rule, "apiGroups") {
            for resource in texts(rule, "resources") {
                for verb in &verbs {
                    let one = Rule {
                        verbs: vec![verb.clone()],
                        groups: vec![group.clone()],
                        resources: vec![resource.clone()],
                        ..Rule::default()
                    };
                    if names.is_empty() {
                        single.push(one.clone());
                    }
                    single.extend(names.iter().map(|name| Rule { names: vec![name.clone()], ..one.clone() }));
                }
            }
        }
        for url in texts(rule, "nonResourceURLs") {
            single.extend(verbs.iter().map(|verb| Rule {
                verbs: vec![verb.clone()],
                urls: vec![url.clone()],
                ..Rule::default()
            }));
        }
    }
    single
}

/// Rules about the same resource become one; those about URLs stay.
fn compact(rules: Vec<Rule>) -> Vec<Rule> {
    let mut compacted: Vec<Rule> = Vec::new();
    for rule in rules {
        let same = |other: &&mut Rule| {
            rule.urls.is_empty()
                && (&other.groups, &other.resources, &other.names) == (&rule.groups, &rule.resources, &rule.names)
                && other.urls.is_empty()
        };
        match compacted.iter_mut().find(same) {
            Some(other) => other.verbs.extend(rule.verbs),
            None => compacted.push(rule),
        }
    }
    compacted.sort_by_key(Rule::go_text);
    compacted
}
