//! Words in the making: pieces, splitting, patterns over file names.

use crate::files::Files;
use crate::glob::Pattern;

/// Where a piece of a word comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    /// In quotes: neither split nor a pattern.
    Quoted,
    /// Written so: a pattern.
    Literal,
    /// The value of an expansion: split, and a pattern.
    Expanded,
}

impl Origin {
    /// The origin of an expansion.
    pub(super) fn expansion(quoted: bool) -> Self {
        if quoted { Origin::Quoted } else { Origin::Expanded }
    }
}

/// A list of words in the making.
#[derive(Clone, Debug, Default)]
pub(super) struct Builder {
    words: Vec<String>,
    pieces: Vec<(String, Origin)>,
    bytes: usize,
}

/// A word with, for each character, whether it may be part of a pattern.
type Field = Vec<(char, bool)>;

impl Builder {
    pub(super) fn push(&mut self, text: &str, origin: Origin) {
        self.bytes += text.len();
        self.pieces.push((text.to_owned(), origin));
    }

    /// The length of everything in it.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    pub(super) fn end_word(&mut self, split: bool, files: &Files) {
        let pieces = std::mem::take(&mut self.pieces);
        if !split {
            self.words.push(pieces.into_iter().map(|(text, _)| text).collect());
            return;
        }
        let words = &mut self.words;
        split_fields(&pieces, |field| {
            let names = if field.iter().any(|(c, active)| *active && "*?[".contains(*c)) {
                matching_names(&field, files)
            } else {
                Vec::new()
            };
            if names.is_empty() {
                words.push(field.into_iter().map(|(c, _)| c).collect());
            } else {
                words.extend(names);
            }
        });
    }

    /// The pattern that the current word is.
    pub(super) fn pattern(&self) -> Pattern {
        let active = |origin: Origin| origin != Origin::Quoted;
        Pattern::new(self.pieces.iter().flat_map(|(text, origin)| text.chars().map(move |c| (c, active(*origin)))))
    }

    pub(super) fn into_words(self) -> Vec<String> {
        self.words
    }
}

/// Hands over the words, one at a time: all at once would take many times the memory of a long text.
fn split_fields(pieces: &[(String, Origin)], mut take: impl FnMut(Field)) {
    let mut open: Option<Field> = None;
    for (text, origin) in pieces {
        if *origin != Origin::Expanded {
            let active = *origin == Origin::Literal;
            open.get_or_insert_default().extend(text.chars().map(|c| (c, active)));
            continue;
        }
        for c in text.chars() {
            if matches!(c, ' ' | '\t' | '\n') {
                open.take().into_iter().for_each(&mut take);
            } else {
                open.get_or_insert_default().push((c, true));
            }
        }
    }
    open.into_iter().for_each(take);
}

/// The files that a pattern stands for: only the last part of the path is one.
fn matching_names(field: &Field, files: &Files) -> Vec<String> {
    let slash = field.iter().rposition(|(c, _)| *c == '/').map_or(0, |at| at + 1);
    let folder: String = field[..slash].iter().map(|(c, _)| *c).collect();
    let pattern = Pattern::new(field[slash..].iter().copied());
    let names = files.list(if folder.is_empty() { "." } else { &folder }).unwrap_or_default();
    let names = names.iter().map(|name| name.trim_end_matches('/'));
    names.filter(|name| !name.starts_with('.') && pattern.matches(name)).map(|name| format!("{folder}{name}")).collect()
}
