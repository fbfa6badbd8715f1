//! Brace expansion, as bash has it and tutorials use it: `{1..5}` and `{a,b}` in unquoted text.

use super::ast::*;

/// The most words that one word may become.
const MAX_WORDS: usize = 10_000;

/// The words that this word stands for.
pub(super) fn expand(word: Word) -> Vec<Word> {
    let mut done = Vec::new();
    let mut todo = vec![word];
    while let Some(word) = todo.pop() {
        match first_choice(&word) {
            Some((part, before, choices, after)) if done.len() + todo.len() + choices.len() <= MAX_WORDS => {
                // The last choice goes on the stack first, so that the first one comes off first.
                todo.extend(choices.into_iter().rev().map(|choice| {
                    let mut parts = word.clone();
                    parts[part] = Part::Text { text: format!("{before}{choice}{after}"), quoted: false };
                    parts
                }));
            }
            _ => done.push(word),
        }
    }
    done
}

/// The first brace with a choice in it: which part, the text before, the choices, the text after.
fn first_choice(word: &Word) -> Option<(usize, String, Vec<String>, String)> {
    word.iter().enumerate().find_map(|(at, part)| {
        let Part::Text { text, quoted: false } = part else { return None };
        text.match_indices('{').find_map(|(open, _)| {
            let inside = &text[open + 1..];
            let close = inside.find(['{', '}']).filter(|end| inside[*end..].starts_with('}'))?;
            let choices = choices(&inside[..close])?;
            Some((at, text[..open].to_owned(), choices, inside[close + 1..].to_owned()))
        })
    })
}

fn choices(inside: &str) -> Option<Vec<String>> {
    if let Some((from, to)) = inside.split_once("..") {
        let (from, to) = (from.parse::<i64>().ok()?, to.parse::<i64>().ok()?);
        if from.abs_diff(to) >= MAX_WORDS as u64 {
            return None;
        }
        let step = if from <= to { 1 } else { -1 };
        return Some((0..=from.abs_diff(to) as i64).map(|i| (from + i * step).to_string()).collect());
    }
    inside.contains(',').then(|| inside.split(',').map(str::to_owned).collect())
}
