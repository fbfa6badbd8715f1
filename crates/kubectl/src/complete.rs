//! Completion: what could stand where somebody is typing. It only reads, and answers in order, without doubles.
//!
//! Models: kubectl/pkg/util/completion, kubectl/pkg/cmd/*/ (ValidArgsFunction, RegisterFlagCompletionFunc). Beyond it:
//! resource types without their group, label pairs, and names of containers behind `set image`.

mod names;
mod values;

use crate::call::Files;
use crate::flags::{Flag, GLOBAL, Takes};
use crate::verbs::{self, Verb};
use apiserver::Lister;

/// What a candidate is, for whoever colours or groups them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CandidateKind {
    /// A command of the shell.
    Command,
    /// A verb of kubectl or `sim`, or what follows one.
    Verb,
    /// The type of a resource.
    ResourceType,
    /// The name of an object.
    Name,
    /// The name of a namespace.
    Namespace,
    /// The name of a container.
    Container,
    /// A flag.
    Flag,
    /// A value of a flag, or another fixed word.
    Value,
    /// A field of a kind.
    Field,
    /// A variable of the shell.
    Variable,
    /// A file.
    File,
    /// A folder; its text ends in `/`.
    Folder,
}

/// One thing that could be typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// The whole word, or as much of it as [`Completions::from`] leaves to it.
    pub text: String,
    /// What it is.
    pub kind: CandidateKind,
    /// One line about it; may be empty.
    pub about: String,
    /// Whether more of the same word follows (`pod/`, `--output=`, a folder): then no space belongs behind it.
    pub goes_on: bool,
}

impl Candidate {
    /// A candidate without words about it.
    pub fn new(kind: CandidateKind, text: impl Into<String>) -> Self {
        Candidate { text: text.into(), kind, about: String::new(), goes_on: false }
    }

    /// The same with a line about it.
    #[must_use]
    pub fn about(mut self, about: impl Into<String>) -> Self {
        self.about = about.into();
        self
    }

    /// The same, as the beginning of a word.
    #[must_use]
    pub fn open(mut self) -> Self {
        self.goes_on = true;
        self
    }
}

/// What could be typed in place of a part of a word.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Completions {
    /// How many bytes of the word stay as they are; the candidates stand in place of the rest.
    pub from: usize,
    /// The candidates.
    pub candidates: Vec<Candidate>,
}

/// What is looked at to complete.
#[derive(Clone, Copy)]
pub struct Sight<'a> {
    /// The objects.
    pub lister: Lister<'a>,
    /// The namespace of the current context.
    pub namespace: &'a str,
    /// The files that `-f` reads.
    pub files: &'a dyn Files,
}

/// Completes the word that is being typed; `before` are the words between `kubectl` and it.
pub fn complete(sight: Sight<'_>, before: &[String], word: &str) -> Completions {
    let line = Line::read(before);
    if line.after_dash {
        return Completions::default();
    }
    let typing = Typing { sight, line: &line };
    if let Some(flag) = line.open_flag {
        return typing.value(flag, word, 0);
    }
    if word.starts_with('-') {
        return typing.flag(word);
    }
    typing.word(word)
}

/// The words before the one that is typed, sorted.
struct Line {
    /// The verb; `None` as long as none is written.
    verb: Option<&'static Verb>,
    /// `rollout status`, without `kubectl`.
    command: String,
    /// What is neither verb nor flag.
    words: Vec<String>,
    /// Flags with their values.
    flags: Vec<(&'static str, String)>,
    /// A flag that waits for its value.
    open_flag: Option<&'static Flag>,
    after_dash: bool,
    /// A word stands where a verb should and is none.
    lost: bool,
}

impl Line {
    fn read(before: &[String]) -> Line {
        let mut line = Line {
            verb: None,
            command: String::new(),
            words: Vec::new(),
            flags: Vec::new(),
            open_flag: None,
            after_dash: false,
            lost: false,
        };
        for word in before {
            line.take(word);
        }
        line
    }

    fn take(&mut self, word: &str) {
        if let Some(flag) = self.open_flag.take() {
            self.flags.push((flag.long, word.to_owned()));
        } else if self.after_dash || word == "--" {
            self.after_dash = true;
        } else if let Some(long) = word.strip_prefix("--") {
            let (name, value) = long.split_once('=').map_or((long, None), |(name, value)| (name, Some(value)));
            if let Some(flag) = self.known_flags().into_iter().find(|flag| flag.long == name) {
                self.give(flag, value);
            }
        } else if word.len() > 1 && word.starts_with('-') {
            self.take_letters(&word[1..]);
        } else {
            self.take_word(word);
        }
    }

    fn give(&mut self, flag: &'static Flag, value: Option<&str>) {
        match value {
            Some(value) => self.flags.push((flag.long, value.to_owned())),
            None if takes_value(flag) => self.open_flag = Some(flag),
            None => self.flags.push((flag.long, "true".to_owned())),
        }
    }

    fn take_letters(&mut self, letters: &str) {
        let flags = self.known_flags();
        let mut rest = letters.chars();
        while let Some(letter) = rest.next() {
            let Some(flag) = flags.iter().find(|flag| flag.short == Some(letter)) else { return };
            let after = rest.as_str();
            if takes_value(flag) {
                let value = after.strip_prefix('=').unwrap_or(after);
                return self.give(flag, (!after.is_empty()).then_some(value));
            }
            self.give(flag, None);
        }
    }

    fn take_word(&mut self, word: &str) {
        let next = match self.verb {
            None => verbs::find(word),
            Some(verb) if self.words.is_empty() => verb.subs.iter().find(|sub| sub.is_called(word)),
            Some(_) => None,
        };
        match next {
            Some(verb) => {
                self.verb = Some(verb);
                self.command = format!("{} {}", self.command, verb.name).trim().to_owned();
            }
            None if self.verb.is_none() => self.lost = true,
            None => self.words.push(word.to_owned()),
        }
    }

    /// The flags that may stand here.
    fn known_flags(&self) -> Vec<&'static Flag> {
        let own = self.verb.map_or(&[] as &[&[Flag]], |verb| verb.flags);
        own.iter().flat_map(|group| group.iter()).chain(GLOBAL).collect()
    }

    fn flag(&self, name: &str) -> Option<&str> {
        self.flags.iter().rev().find(|(flag, _)| *flag == name).map(|(_, value)| value.as_str())
    }
}

/// Whether the next word is the flag's value.
fn takes_value(flag: &Flag) -> bool {
    !matches!(flag.takes, Takes::Bool | Takes::Optional(_))
}

/// A word that is being typed, with everything that is known about its place.
struct Typing<'a> {
    sight: Sight<'a>,
    line: &'a Line,
}

impl Typing<'_> {
    /// `-`, `--out`, `--output=ya`, `-oya`.
    fn flag(&self, word: &str) -> Completions {
        let flags = self.line.known_flags();
        if let Some((name, value)) = word.strip_prefix("--").and_then(|long| long.split_once('=')) {
            let flag = flags.iter().find(|flag| flag.long == name);
            return flag.map_or_else(Completions::default, |flag| self.value(flag, value, name.len() + 3));
        }
        let letter = word[1..].chars().next().filter(|letter| *letter != '-');
        if let Some(letter) = letter {
            let flag = flags.iter().find(|flag| flag.short == Some(letter) && takes_value(flag));
            let from = 1 + letter.len_utf8();
            return flag.map_or_else(Completions::default, |flag| self.value(flag, &word[from..], from));
        }
        let mut candidates: Vec<Candidate> = Vec::new();
        for flag in flags {
            let repeats = matches!(flag.takes, Takes::Texts | Takes::Array);
            if !repeats && self.line.flag(flag.long).is_some() || flag.about.is_empty() && flag.long != "help" {
                continue;
            }
            let long = Candidate::new(CandidateKind::Flag, format!("--{}", flag.long)).about(flag.about);
            candidates.push(long);
        }
        sorted(candidates, word, 0)
    }

    /// The value of a flag, of which `from` bytes of the word are no part.
    fn value(&self, flag: &Flag, word: &str, from: usize) -> Completions {
        let (kept, last) = match flag.takes {
            Takes::Texts => word.rsplit_once(',').map_or((0, word), |(before, last)| (before.len() + 1, last)),
            _ => (0, word),
        };
        sorted(values::of_flag(self, flag.long, last), last, from + kept)
    }

    /// A word that is no flag.
    fn word(&self, word: &str) -> Completions {
        if self.line.lost {
            return Completions::default();
        }
        let Some(verb) = self.line.verb else {
            let verbs = verbs::commands().into_iter();
            return sorted(
                verbs.map(|(name, about)| Candidate::new(CandidateKind::Verb, name).about(about)).collect(),
                word,
                0,
            );
        };
        if self.line.words.is_empty() && !verb.subs.is_empty() {
            let subs = verb.subs.iter().map(|sub| Candidate::new(CandidateKind::Verb, sub.name).about(sub.about));
            let mut found = sorted(subs.collect(), word, 0);
            if found.candidates.is_empty() && verb.name == "apply" {
                found = self.argument(word);
            }
            return found;
        }
        self.argument(word)
    }

    fn argument(&self, word: &str) -> Completions {
        names::argument(self, word)
    }
}

/// Those that begin so, in order, each once.
fn sorted(mut candidates: Vec<Candidate>, word: &str, from: usize) -> Completions {
    candidates.retain(|candidate| candidate.text.starts_with(word));
    candidates.sort_by(|a, b| a.text.cmp(&b.text));
    candidates.dedup_by(|a, b| a.text == b.text);
    Completions { from, candidates }
}

/// Files and folders that begin so, as they are typed: with the folder that stands before them.
pub fn files(files: &dyn Files, word: &str) -> Vec<Candidate> {
    let (folder, name) = word.rsplit_once('/').map_or(("", word), |(folder, name)| (&word[..=folder.len()], name));
    let listed = match folder {
        "" => files.list("."),
        "/" => files.list("/"),
        folder => files.list(folder.trim_end_matches('/')),
    };
    let mut candidates = Vec::new();
    for entry in listed.unwrap_or_default() {
        let bare = entry.trim_end_matches('/');
        if !bare.starts_with(name) || (bare.starts_with('.') && !name.starts_with('.')) {
            continue;
        }
        let path = format!("{folder}{bare}");
        let is_folder = entry.ends_with('/') || files.list(&path).is_some();
        candidates.push(if is_folder {
            Candidate::new(CandidateKind::Folder, format!("{path}/")).open()
        } else {
            Candidate::new(CandidateKind::File, path)
        });
    }
    candidates
}

#[cfg(test)]
mod tests;
