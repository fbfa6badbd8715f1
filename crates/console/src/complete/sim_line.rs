//! Words behind `sim`, read off its own usage lines: what `sim help` shows is what can be completed.

use super::{Candidate, CandidateKind, CompletionView, ShellFiles, names};
use crate::sim_verbs;
use api::Kind;
use std::collections::BTreeMap;

pub(super) fn candidates(before: &[String], word: &str, view: CompletionView<'_>) -> Vec<Candidate> {
    let mut found: BTreeMap<String, Candidate> = BTreeMap::new();
    for (usage, about) in sim_verbs::usages() {
        let mut shape = usage.split_whitespace().skip(1).collect::<Vec<_>>();
        let flags: Vec<&str> = usage.split('[').skip(1).filter(|part| part.starts_with('-')).collect();
        shape.truncate(shape.iter().position(|part| part.starts_with('[')).unwrap_or(shape.len()));
        let words = words_of(before, &flags);
        let fits = words
            .iter()
            .zip(&shape)
            .all(|(word, part)| is_placeholder(part) || alternatives(part).any(|it| it == *word));
        if !fits {
            continue;
        }
        let mut add = |candidate: Candidate| {
            if candidate.text.starts_with(word) {
                found.entry(candidate.text.clone()).or_insert(candidate);
            }
        };
        if word.starts_with('-') {
            let flags =
                flags.iter().filter(|_| words.len() >= shape.iter().filter(|part| !is_placeholder(part)).count());
            flags
                .filter_map(|flag| flag.split([' ', ']']).next())
                .for_each(|flag| add(Candidate::new(CandidateKind::Flag, flag)));
            continue;
        }
        match shape.get(words.len()) {
            Some(part) if is_placeholder(part) => of_placeholder(&shape, part, word, view).into_iter().for_each(add),
            Some(part) => {
                alternatives(part).for_each(|it| add(Candidate::new(CandidateKind::Verb, it).about(about)));
            }
            None => {}
        }
    }
    found.into_values().collect()
}

/// The words that are neither flags nor their values.
fn words_of<'a>(before: &'a [String], flags: &[&str]) -> Vec<&'a str> {
    let takes_value = |word: &str| {
        flags
            .iter()
            .any(|flag| flag.split_once(' ').is_some_and(|(name, value)| name == word && !value.starts_with(']')))
    };
    let mut words = Vec::new();
    let mut skip = false;
    for word in before {
        if std::mem::take(&mut skip) {
            continue;
        }
        if word.starts_with('-') {
            skip = takes_value(word);
        } else {
            words.push(word.as_str());
        }
    }
    words
}

fn alternatives(part: &str) -> impl Iterator<Item = &str> {
    part.split('|')
}

/// `NAME`, `KIND/NAME`, `30s`: stands for something.
fn is_placeholder(part: &str) -> bool {
    !part.starts_with(|c: char| c.is_ascii_lowercase())
}

fn of_placeholder(shape: &[&str], part: &str, word: &str, view: CompletionView<'_>) -> Vec<Candidate> {
    match (shape.first().copied(), part) {
        (Some("node"), "NAME") if shape.get(1) != Some(&"add") => names(view, Kind::Node, word),
        (_, "POD") => names(view, Kind::Pod, word),
        (_, "IMAGE") => images(view),
        (_, "FILE") => kubectl::complete_files(&ShellFiles(view.files), word),
        (_, "KIND/NAME") => {
            let kinds = ["deployment", "replicaset", "statefulset", "replicationcontroller"];
            match word.split_once('/') {
                None => kinds.map(|kind| Candidate::new(CandidateKind::ResourceType, format!("{kind}/")).open()).into(),
                Some((kind, name)) => {
                    let Some(found) = kinds.iter().position(|it| *it == kind) else { return Vec::new() };
                    let all = [Kind::Deployment, Kind::ReplicaSet, Kind::StatefulSet, Kind::ReplicationController];
                    let mut named = names(view, all[found], name);
                    named.iter_mut().for_each(|it| it.text = format!("{kind}/{}", it.text));
                    named
                }
            }
        }
        _ => Vec::new(),
    }
}

/// The images that pods use.
fn images(view: CompletionView<'_>) -> Vec<Candidate> {
    let pods = view.lister.list::<api::Pod>();
    let images = pods.flat_map(|pod| pod.spec.containers.iter().map(|container| container.image.to_string()));
    images.map(|image| Candidate::new(CandidateKind::Value, image)).collect()
}
