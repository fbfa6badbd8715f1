//! Completion of a line of the console: commands, verbs, flags, types, names, files, variables.
//!
//! A plain function of the line, the place of the cursor and what is there now. It never changes anything and never fails:
//! what it does not understand has no candidates. kubectl's own words are completed by `kubectl::complete`.

mod sim_line;
mod words;

use crate::builtins;
use crate::files::Files;
use crate::machine::Vars;
use api::Kind;
use apiserver::Lister;
use kubectl::Sight;
use words::Typed;

pub use kubectl::{Candidate, CandidateKind};

/// What is looked at to complete a line.
#[derive(Clone, Copy)]
pub struct CompletionView<'a> {
    /// The objects of the cluster.
    pub lister: Lister<'a>,
    /// The namespace of kubectl's context.
    pub namespace: &'a str,
    /// The shell's files.
    pub files: &'a Files,
    /// The shell's variables.
    pub vars: &'a Vars,
}

/// What could stand in place of `line[start..end]`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Completion {
    /// Where the replaced text begins, in bytes.
    pub start: usize,
    /// Where it ends: the cursor.
    pub end: usize,
    /// The candidates, sorted; each begins with the text that it would replace.
    pub candidates: Vec<Candidate>,
}

impl Completion {
    /// What all candidates begin with: as far as Tab can go without a choice.
    pub fn common(&self) -> &str {
        let Some(first) = self.candidates.first() else { return "" };
        let shared = |text: &str| first.text.bytes().zip(text.bytes()).take_while(|(a, b)| a == b).count();
        let mut end = self.candidates.iter().map(|it| shared(&it.text)).min().unwrap_or(0);
        while !first.text.is_char_boundary(end) {
            end -= 1;
        }
        &first.text[..end]
    }

    /// The line with this text in place of the replaced one, and where the cursor is then. `whole` adds a space behind
    /// it, as a shell does when there was no choice.
    pub fn apply(&self, line: &str, text: &str, whole: bool) -> (String, usize) {
        let (before, after) = (&line[..self.start], &line[self.end..]);
        let space = if whole && !after.starts_with(' ') { " " } else { "" };
        let head = format!("{before}{text}{space}");
        let cursor = head.len() + usize::from(whole && after.starts_with(' '));
        (format!("{head}{after}"), cursor)
    }
}

/// Completes a line with the cursor behind its first `cursor` bytes.
pub fn complete(line: &str, cursor: usize, view: CompletionView<'_>) -> Completion {
    let mut end = cursor.min(line.len());
    while !line.is_char_boundary(end) {
        end -= 1;
    }
    let Some(typed) = words::typed(&line[..end], view.vars) else {
        return Completion { start: end, end, ..Completion::default() };
    };
    let (from, candidates) = candidates(&typed, view);
    // Quotes and backslashes make the text on the line longer than the word it means.
    let start = typed.place_of(from);
    let candidates = candidates.into_iter().map(|mut candidate| {
        candidate.text = typed.quoted(&candidate.text, candidate.goes_on);
        candidate
    });
    Completion { start, end, candidates: candidates.collect() }
}

/// The candidates for a word, and how much of it they leave alone.
fn candidates(typed: &Typed, view: CompletionView<'_>) -> (usize, Vec<Candidate>) {
    let word = typed.word.as_str();
    if let Some(name) = typed.variable() {
        let vars = view.vars.keys().filter(|var| var.starts_with(name));
        let found = vars.map(|var| Candidate::new(CandidateKind::Variable, var.clone()));
        return (word.len() - name.len(), found.collect());
    }
    if typed.redirects {
        return (0, kubectl::complete_files(&ShellFiles(view.files), word));
    }
    let mut before = typed.before.as_slice();
    while let Some(rest) = behind_wrapper(before) {
        before = rest;
    }
    let Some((command, before)) = before.split_first() else { return (0, commands(word)) };
    match command.as_str() {
        "kubectl" | "k" => {
            let files = ShellFiles(view.files);
            let sight = Sight { lister: view.lister, namespace: view.namespace, files: &files };
            let found = kubectl::complete(sight, before, word);
            (found.from, found.candidates)
        }
        "sim" => (0, sim_line::candidates(before, word, view)),
        "cd" | "mkdir" | "rmdir" => {
            let mut found = kubectl::complete_files(&ShellFiles(view.files), word);
            found.retain(|candidate| candidate.kind == CandidateKind::Folder);
            (0, found)
        }
        "echo" | "sleep" | "seq" | "printf" | "true" | "false" | "clear" => (0, Vec::new()),
        "help" => (0, commands(word)),
        _ => (0, kubectl::complete_files(&ShellFiles(view.files), word)),
    }
}

/// The command that another one runs: behind `timeout 30`, `xargs -n 1`, `!`, `time`.
fn behind_wrapper(words: &[String]) -> Option<&[String]> {
    let (first, rest) = words.split_first()?;
    let skipped = match first.as_str() {
        "!" | "if" | "then" | "else" | "elif" | "while" | "until" | "do" | "{" | "time" => 0,
        "timeout" if !rest.is_empty() => 1,
        "xargs" => {
            let mut at = 0;
            while let Some(word) = rest.get(at).filter(|word| word.starts_with('-')) {
                at += if matches!(word.as_str(), "-n" | "-I" | "-L") { 2 } else { 1 };
            }
            at
        }
        word if is_assignment(word) => 0,
        _ => return None,
    };
    rest.get(skipped..)
}

fn is_assignment(word: &str) -> bool {
    let Some((name, _)) = word.split_once('=') else { return false };
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// Everything that can be the first word.
fn commands(word: &str) -> Vec<Candidate> {
    let host = [("kubectl", "talk to the cluster"), ("sim", "what no kubectl verb can do")];
    let all = builtins::table(&host).into_iter().filter(|(name, _)| name.starts_with(word));
    all.map(|(name, about)| Candidate::new(CandidateKind::Command, name).about(about)).collect()
}

/// Names of objects of a kind that begin so, in the context's namespace if they have one.
fn names(view: CompletionView<'_>, kind: Kind, word: &str) -> Vec<Candidate> {
    let namespace = (kind != Kind::Node).then_some(view.namespace);
    let names = view.lister.objects(kind, namespace).map(|object| object.meta().name.to_string());
    names.filter(|name| name.starts_with(word)).map(|name| Candidate::new(CandidateKind::Name, name)).collect()
}

/// The shell's files, as kubectl's completion sees them.
struct ShellFiles<'a>(&'a Files);

impl kubectl::Files for ShellFiles<'_> {
    fn read(&self, path: &str) -> Option<String> {
        self.0.read(path).ok().map(|text| text.to_string())
    }
    fn list(&self, dir: &str) -> Option<Vec<String>> {
        if self.0.is_folder(dir) { self.0.list(dir).ok() } else { None }
    }
}

#[cfg(test)]
mod tests;
