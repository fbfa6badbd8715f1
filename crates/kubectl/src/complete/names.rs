//! Words that are no flags: resource types, names of objects, fields, files, behind each verb.

use super::{Candidate, CandidateKind, Completions, Typing, sorted};
use crate::{fields, targets};
use api::{Kind, Object};
use apiserver::ResourceInfo;
use serde_json::Value;

/// What stands behind a verb.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Behind {
    /// A type, then names of it, or `TYPE/NAME`.
    TypesAndNames,
    /// The same, of these kinds only.
    These(&'static [&'static str]),
    /// One object of these kinds, then containers with a `=`.
    Images(&'static [&'static str]),
    /// A pod, or `TYPE/NAME` of what has pods.
    Pods,
    /// Names of nodes.
    Nodes,
    /// Types only.
    Types,
    /// A type with the path of a field.
    Fields,
    /// Verbs of kubectl.
    Verbs,
    /// Verbs of the API, then types.
    Permissions,
    /// Names of these kinds, one after the other.
    Names(Kind),
    /// The one context.
    Contexts,
    /// Files.
    Files,
    /// Labels or other free words.
    Nothing,
}

const WITH_TEMPLATE: &[&str] =
    &["cronjobs", "daemonsets", "deployments", "jobs", "pods", "replicasets", "replicationcontrollers", "statefulsets"];
const WITH_SCALE: &[&str] = &["deployments", "replicasets", "replicationcontrollers", "statefulsets"];
const WITH_ROLLOUT: &[&str] = &["daemonsets", "deployments", "statefulsets"];
const WITH_PODS: &[&str] =
    &["daemonsets", "deployments", "jobs", "pods", "replicasets", "replicationcontrollers", "services", "statefulsets"];
const EXPOSABLE: &[&str] = &["deployments", "pods", "replicasets", "replicationcontrollers", "services"];

fn behind(command: &str) -> Behind {
    match command {
        "get"
        | "describe"
        | "delete"
        | "edit"
        | "label"
        | "annotate"
        | "patch"
        | "wait"
        | "apply view-last-applied"
        | "apply edit-last-applied" => Behind::TypesAndNames,
        "rollout status" | "rollout restart" | "rollout undo" | "rollout history" => Behind::These(WITH_ROLLOUT),
        "rollout pause" | "rollout resume" => Behind::These(&["deployments"]),
        "scale" | "autoscale" => Behind::These(WITH_SCALE),
        "expose" => Behind::These(EXPOSABLE),
        "set image" => Behind::Images(WITH_TEMPLATE),
        "set env" | "set resources" | "set serviceaccount" => Behind::These(WITH_TEMPLATE),
        "set selector" => Behind::These(&["services"]),
        "set subject" => Behind::These(&["clusterrolebindings", "rolebindings"]),
        "taint" => Behind::These(&["nodes"]),
        "logs" | "exec" | "attach" | "debug" | "port-forward" | "cp" => Behind::Pods,
        "cordon" | "uncordon" | "drain" | "top node" => Behind::Nodes,
        "top pod" => Behind::Names(Kind::Pod),
        "api-resources" | "create" => Behind::Nothing,
        "explain" => Behind::Fields,
        "auth can-i" => Behind::Permissions,
        "help" => Behind::Verbs,
        "config use-context"
        | "config set-context"
        | "config get-contexts"
        | "config delete-context"
        | "config rename-context" => Behind::Contexts,
        "certificate approve" | "certificate deny" => Behind::Types,
        "kustomize" => Behind::Files,
        "create token" => Behind::Names(Kind::ServiceAccount),
        _ => Behind::Nothing,
    }
}

/// Completes a word that is no flag and no verb.
pub(super) fn argument(typing: &Typing<'_>, word: &str) -> Completions {
    let words = &typing.line.words;
    match behind(&typing.line.command) {
        Behind::TypesAndNames => types_and_names(typing, words, word, None),
        Behind::These(kinds) => types_and_names(typing, words, word, Some(kinds)),
        Behind::Images(kinds) => match object(typing) {
            Some(object) => sorted(container_names(object, |name| format!("{name}=")), word, 0),
            None => types_and_names(typing, words, word, Some(kinds)),
        },
        Behind::Pods => pods(typing, words, word),
        Behind::Nodes => sorted(objects(typing, Kind::Node), word, 0),
        Behind::Names(kind) => sorted(objects(typing, kind), word, 0),
        Behind::Types => types(typing, None, word, 0),
        Behind::Fields if words.is_empty() => fields_of_type(typing, word),
        Behind::Verbs if words.is_empty() => {
            let verbs = crate::verbs::commands().into_iter();
            sorted(verbs.map(|(name, about)| Candidate::new(CandidateKind::Verb, name).about(about)).collect(), word, 0)
        }
        Behind::Permissions => match words.len() {
            0 => sorted(
                ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"]
                    .map(|verb| Candidate::new(CandidateKind::Value, verb))
                    .into(),
                word,
                0,
            ),
            1 => types(typing, None, word, 0),
            _ => Completions::default(),
        },
        Behind::Contexts if words.is_empty() => {
            sorted(vec![Candidate::new(CandidateKind::Value, crate::verbs::CONTEXT)], word, 0)
        }
        Behind::Files => sorted(super::files(typing.sight.files, word), word, 0),
        _ => Completions::default(),
    }
}

/// `TYPE/NAME` as the value of a flag.
pub(super) fn slashed(typing: &Typing<'_>, word: &str) -> Vec<Candidate> {
    match word.split_once('/').map(|(kind, _)| (kind, typing.sight.lister.find(kind))) {
        Some((kind, Some((_, found)))) => {
            let mut named = objects(typing, found);
            named.iter_mut().for_each(|candidate| candidate.text = format!("{kind}/{}", candidate.text));
            named
        }
        Some(_) => Vec::new(),
        None => all_types(typing)
            .into_iter()
            .map(|kind| Candidate::new(CandidateKind::ResourceType, format!("{kind}/")).open())
            .collect(),
    }
}

fn types_and_names(typing: &Typing<'_>, words: &[String], word: &str, kinds: Option<&[&str]>) -> Completions {
    if let Some((kind, name)) = word.split_once('/') {
        return named(typing, kind, name, kind.len() + 1);
    }
    let Some(first) = words.first() else {
        let kept = word.rfind(',').map_or(0, |at| at + 1);
        return types(typing, kinds, &word[kept..], kept);
    };
    if first.contains('/') {
        let kinds =
            kinds.map_or_else(|| all_types(typing), |kinds| kinds.iter().map(|kind| (*kind).to_owned()).collect());
        let open = kinds.into_iter().map(|kind| Candidate::new(CandidateKind::ResourceType, format!("{kind}/")).open());
        return sorted(open.collect(), word, 0);
    }
    let mut found = Completions::default();
    for kind in first.split(',') {
        found.candidates.extend(named(typing, kind, word, 0).candidates);
    }
    found.candidates.retain(|candidate| !words[1..].contains(&candidate.text));
    sorted(found.candidates, word, 0)
}

/// Names of a type; `from` bytes of the word stand before the name.
fn named(typing: &Typing<'_>, kind: &str, name: &str, from: usize) -> Completions {
    match typing.sight.lister.find(kind) {
        Some((_, kind)) => sorted(objects(typing, kind), name, from),
        None => Completions { from, candidates: Vec::new() },
    }
}

/// The types that can be listed: plural names, and short names where one is being typed.
fn types(typing: &Typing<'_>, kinds: Option<&[&str]>, word: &str, from: usize) -> Completions {
    let mut candidates = Vec::new();
    for info in typing.sight.lister.resources().into_iter().filter(|info| is_listed(info)) {
        if kinds.is_some_and(|kinds| !kinds.contains(&info.plural)) {
            continue;
        }
        candidates.push(Candidate::new(CandidateKind::ResourceType, type_word(info)).about(info.kind));
        for name in info.short_names.iter().filter(|name| !word.is_empty() && name.starts_with(word)) {
            candidates.push(Candidate::new(CandidateKind::ResourceType, *name).about(info.kind));
        }
    }
    if kinds.is_none() {
        candidates.push(Candidate::new(CandidateKind::ResourceType, "all").about("the usual workloads and services"));
    }
    sorted(candidates, word, from)
}

fn all_types(typing: &Typing<'_>) -> Vec<String> {
    typing.sight.lister.resources().into_iter().filter(|info| is_listed(info)).map(type_word).collect()
}

fn is_listed(info: &ResourceInfo) -> bool {
    info.preferred && info.verbs.contains(&"list")
}

/// The plural, with its group only where another kind has the same.
fn type_word(info: &ResourceInfo) -> String {
    match schema::find(info.plural) {
        Some(found) if found.kind == info.kind && found.group == info.group => info.plural.to_owned(),
        _ => info.qualified_plural(),
    }
}

/// Every object of a kind in the namespace that the command is about.
pub(super) fn objects(typing: &Typing<'_>, kind: Kind) -> Vec<Candidate> {
    let namespaced = apiserver::resource(kind).is_some_and(|info| info.namespaced);
    let namespace = namespaced.then(|| typing.line.flag("namespace").unwrap_or(typing.sight.namespace));
    let what = if kind == Kind::Namespace { CandidateKind::Namespace } else { CandidateKind::Name };
    let objects = typing.sight.lister.objects(kind, namespace);
    objects.map(|object| Candidate::new(what, object.meta().name.to_string())).collect()
}

/// A pod, or a type with a slash and a name; behind a pod of `logs` a container.
fn pods(typing: &Typing<'_>, words: &[String], word: &str) -> Completions {
    if let Some((kind, name)) = word.split_once('/') {
        return named(typing, kind, name, kind.len() + 1);
    }
    match (words.len(), typing.line.command.as_str()) {
        (0, command) => {
            let mut candidates = objects(typing, Kind::Pod);
            if command == "cp" {
                candidates.iter_mut().for_each(|candidate| {
                    candidate.text.push(':');
                    candidate.goes_on = true;
                });
                candidates.extend(super::files(typing.sight.files, word));
            } else {
                let open = |kind: &&str| Candidate::new(CandidateKind::ResourceType, format!("{kind}/")).open();
                candidates.extend(WITH_PODS.iter().map(open));
            }
            sorted(candidates, word, 0)
        }
        (1, "logs") => sorted(containers(typing), word, 0),
        _ => Completions::default(),
    }
}

/// The containers of the object that the command names.
pub(super) fn containers(typing: &Typing<'_>) -> Vec<Candidate> {
    object(typing).map_or_else(Vec::new, |object| container_names(object, str::to_owned))
}

fn container_names(object: &Object, write: impl Fn(&str) -> String) -> Vec<Candidate> {
    let Some(info) = apiserver::resource(object.kind()) else { return Vec::new() };
    let Some(path) = crate::verbs::pod_spec_path(info.kind) else { return Vec::new() };
    let body = object.write_body();
    let spec = path.iter().fold(&body, |value, field| &value[*field]);
    let all = fields::list(spec, "initContainers").iter().chain(fields::list(spec, "containers"));
    let candidate = |container: &Value| {
        let text = write(fields::text(container, "name"));
        let goes_on = text.ends_with('=');
        Candidate { goes_on, ..Candidate::new(CandidateKind::Container, text).about(fields::text(container, "image")) }
    };
    all.map(candidate).collect()
}

/// The object that the words name.
fn object<'a>(typing: &Typing<'a>) -> Option<&'a Object> {
    let words = &typing.line.words;
    let (kind, name) = match words.as_slice() {
        [first, ..] if first.contains('/') => first.split_once('/')?,
        [first, second, ..] if behind(&typing.line.command) != Behind::Pods => (first.as_str(), second.as_str()),
        [first, ..] if behind(&typing.line.command) == Behind::Pods => ("pods", first.as_str()),
        _ => return None,
    };
    let (info, kind) = typing.sight.lister.find(kind)?;
    let namespace = typing.line.flag("namespace").unwrap_or(typing.sight.namespace);
    let namespace = if info.namespaced { namespace } else { "" };
    typing.sight.lister.object(&api::ObjectKey::new(kind, namespace, name))
}

/// `sts.spec.or`: fields below a type.
fn fields_of_type(typing: &Typing<'_>, word: &str) -> Completions {
    let Some((before, _)) = word.rsplit_once('.') else { return types(typing, None, word, 0) };
    let mut parts = before.split('.');
    let none = || Completions { from: before.len() + 1, candidates: Vec::new() };
    let root = parts.next().and_then(|kind| targets::resource(kind).ok()).and_then(|(info, _)| info.definition());
    let Some(root) = root else { return none() };
    let definition = match schema::explain(root, parts) {
        Ok(None) => Some(root),
        Ok(Some(field)) => field.ty.definition(),
        Err(_) => None,
    };
    let Some(definition) = definition else { return none() };
    let fields = definition.fields.iter();
    let candidates =
        fields.map(|field| Candidate::new(CandidateKind::Field, field.name).about(field.ty.explain_name()));
    sorted(candidates.collect(), &word[before.len() + 1..], before.len() + 1)
}

#[cfg(test)]
mod tests {
    use super::{Behind, behind};

    /// A verb whose usage names a type or a pod has an answer here.
    #[test]
    fn no_verb_with_arguments_is_forgotten() {
        let forgotten: Vec<String> = crate::verbs::every_command()
            .into_iter()
            .filter(|(command, verb)| {
                let usage = verb.usage;
                let wants = ["TYPE", "POD", "RESOURCE", "NODE", "DEPLOYMENT"].iter().any(|word| usage.contains(word));
                wants
                    && behind(command) == Behind::Nothing
                    && !command.starts_with("create")
                    && command != "events"
                    && verb.subs.is_empty()
            })
            .map(|(command, _)| command)
            .collect();
        assert!(forgotten.is_empty(), "{forgotten:?}");
    }
}
