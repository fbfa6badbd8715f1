//! Values of flags.

use super::{Candidate, CandidateKind, Typing, names};
use api::Kind;
use std::collections::BTreeSet;

/// The values that a flag could have.
pub(super) fn of_flag(typing: &Typing<'_>, flag: &str, word: &str) -> Vec<Candidate> {
    let command = typing.line.command.as_str();
    let fixed = |values: &[&str]| values.iter().map(|value| Candidate::new(CandidateKind::Value, *value)).collect();
    match flag {
        "namespace" => {
            let namespaces = typing.sight.lister.objects(Kind::Namespace, None);
            namespaces.map(|it| Candidate::new(CandidateKind::Namespace, it.meta().name.to_string())).collect()
        }
        "output" => formats(command),
        "container" | "containers" => names::containers(typing),
        "filename" | "from-file" | "from-env-file" | "patch-file" | "kustomize" => {
            super::files(typing.sight.files, word)
        }
        "dry-run" => fixed(&["none", "client", "server"]),
        "cascade" => fixed(&["background", "foreground", "orphan"]),
        "validate" => fixed(&["strict", "warn", "ignore"]),
        "context" | "cluster" | "user" => fixed(&[crate::verbs::CONTEXT]),
        "selector" => labels(typing, |key, value| format!("{key}={value}")),
        "label-columns" => labels(typing, |key, _| key.to_owned()),
        "field-selector" => {
            open(&["metadata.name=", "metadata.namespace=", "spec.nodeName=", "status.phase=", "type="])
        }
        "for" if command == "wait" => {
            let mut values: Vec<Candidate> = fixed(&["create", "delete"]);
            let conditions = ["Ready", "Available", "Complete", "Failed", "Progressing", "PodScheduled", "Initialized"];
            values.extend(conditions.map(|it| Candidate::new(CandidateKind::Value, format!("condition={it}"))));
            values.extend(open(&["jsonpath="]));
            values
        }
        "for" => names::slashed(typing, word),
        "type" if command == "patch" => fixed(&["json", "merge", "strategic"]),
        "type" if command == "expose" => fixed(&["ClusterIP", "ExternalName", "LoadBalancer", "NodePort"]),
        "types" => fixed(&["Normal", "Warning"]),
        "subresource" => fixed(&["resize", "scale", "status"]),
        "sort-by" if command == "api-resources" => fixed(&["kind", "name"]),
        "sort-by" if command.starts_with("top") => fixed(&["cpu", "memory"]),
        "sort-by" => fixed(&[".metadata.creationTimestamp", ".metadata.name", ".spec.nodeName", ".status.startTime"]),
        "restart" => fixed(&["Always", "Never", "OnFailure"]),
        "image-pull-policy" => fixed(&["Always", "IfNotPresent", "Never"]),
        "protocol" => fixed(&["SCTP", "TCP", "UDP"]),
        _ => Vec::new(),
    }
}

fn open(values: &[&str]) -> Vec<Candidate> {
    values.iter().map(|value| Candidate::new(CandidateKind::Value, *value).open()).collect()
}

fn formats(command: &str) -> Vec<Candidate> {
    let plain: &[&str] = match command {
        "api-resources" => &["json", "name", "wide", "yaml"],
        "version" => &["json", "yaml"],
        "explain" => &["plaintext", "plaintext-openapiv2"],
        "config get-contexts" => &["name"],
        "get" => &["json", "kyaml", "name", "wide", "yaml"],
        _ => &["json", "kyaml", "name", "yaml"],
    };
    let mut values: Vec<Candidate> = plain.iter().map(|value| Candidate::new(CandidateKind::Value, *value)).collect();
    if !matches!(command, "api-resources" | "version" | "explain" | "config get-contexts") {
        values.extend(open(&["go-template=", "go-template-file=", "jsonpath=", "jsonpath-as-json=", "jsonpath-file="]));
        if command == "get" {
            values.extend(open(&["custom-columns=", "custom-columns-file="]));
        }
    }
    values
}

/// Labels of the objects of the type that is named, of pods if none is.
fn labels(typing: &Typing<'_>, write: impl Fn(&str, &str) -> String) -> Vec<Candidate> {
    let word = typing.line.words.first().map_or("pods", String::as_str);
    let word = word.split(['/', ',']).next().unwrap_or(word);
    let Some((info, kind)) = typing.sight.lister.find(word) else { return Vec::new() };
    let namespace = typing.line.flag("namespace").unwrap_or(typing.sight.namespace);
    let everywhere = typing.line.flag("all-namespaces").is_some() || !info.namespaced;
    let mut found = BTreeSet::new();
    for object in typing.sight.lister.objects(kind, (!everywhere).then_some(namespace)) {
        found.extend(object.meta().labels.iter().map(|(key, value)| write(key, value)));
    }
    found.into_iter().map(|text| Candidate::new(CandidateKind::Value, text)).collect()
}
