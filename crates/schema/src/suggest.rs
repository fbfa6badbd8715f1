//! What somebody probably meant by a field that does not exist: another spelling, or another place.

use std::fmt;

use serde_json::{Map, Value};

use crate::validate::{Segment, path_text};
use crate::{Definition, Type};

/// How far down to look for the place where a field belongs; a container in a workload's pod template is four names away.
const MAX_DEPTH: usize = 4;

/// What was probably meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Suggestion {
    /// The field of this name, in the same object.
    Rename(String),
    /// The field at this place.
    Move(Vec<Segment>),
}

impl fmt::Display for Suggestion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rename(name) => write!(f, "did you mean {name:?}?"),
            Self::Move(path) => write!(f, "it belongs at {:?}", path_text(path)),
        }
    }
}

/// The definitions from the root to the object at hand, each with the length of its path.
pub(crate) type Trail = Vec<(&'static Definition, usize)>;

/// A suggestion for the unknown field at `path`, the last step of which is its name.
pub(crate) fn suggest(path: &[Segment], trail: &Trail, siblings: &Map<String, Value>) -> Option<Suggestion> {
    let Some(Segment::Key(name)) = path.last() else { return None };
    let &(here, _) = trail.last()?;
    let taken = |candidate: &str| siblings.contains_key(candidate);
    let same = here.fields.iter().find(|field| field.name.eq_ignore_ascii_case(name) && !taken(field.name));
    same.map(|field| Suggestion::Rename(field.name.to_owned()))
        .or_else(|| elsewhere(path, trail, name, MAX_DEPTH, &|field| field == name))
        .or_else(|| closest(here, name, &taken).map(|found| Suggestion::Rename(found.to_owned())))
        .or_else(|| {
            elsewhere(path, trail, name, 1, &|field| field.eq_ignore_ascii_case(name) || is_prefix(name, field))
        })
}

/// The nearest field that `wanted` accepts: below this object, then in each object around it and in that one's children.
fn elsewhere(
    path: &[Segment],
    trail: &Trail,
    name: &str,
    depth: usize,
    wanted: &dyn Fn(&str) -> bool,
) -> Option<Suggestion> {
    for (level, &(definition, length)) in trail.iter().rev().enumerate() {
        let start = path[..length].to_vec();
        if level > 0
            && let Some(field) = definition.fields.iter().find(|field| wanted(field.name))
        {
            return Some(Suggestion::Move(with(&start, field.name)));
        }
        // `name` and `type` are everywhere: far away they mean something else.
        let depth = if level == 0 && !matches!(name, "name" | "type" | "key" | "value") { depth } else { 1 };
        if let Some(found) = below(definition, start, depth, wanted) {
            return Some(Suggestion::Move(found));
        }
    }
    None
}

/// Breadth first, so that the nearest place wins.
fn below(
    root: &'static Definition,
    start: Vec<Segment>,
    depth: usize,
    wanted: &dyn Fn(&str) -> bool,
) -> Option<Vec<Segment>> {
    let mut level = vec![(root, start)];
    for _ in 0..depth {
        let mut next = Vec::new();
        for (definition, path) in &level {
            for field in &definition.fields {
                // Nobody writes the status by hand.
                if matches!(field.name, "status" | "managedFields" | "ownerReferences") {
                    continue;
                }
                let (target, path) = match &field.ty {
                    Type::Object(name) => (crate::definition(name), with(path, field.name)),
                    Type::Array(item) => {
                        let mut path = with(path, field.name);
                        path.push(Segment::Index(0));
                        (item.definition(), path)
                    }
                    _ => continue,
                };
                if let Some(target) = target {
                    next.push((target, path));
                }
            }
        }
        for (definition, path) in &next {
            if let Some(field) = definition.fields.iter().find(|field| wanted(field.name)) {
                return Some(with(path, field.name));
            }
        }
        level = next;
        // The schema of custom resources contains itself many times over.
        if level.len() > 1_000 {
            return None;
        }
    }
    None
}

fn with(path: &[Segment], name: &str) -> Vec<Segment> {
    let mut path = path.to_vec();
    path.push(Segment::Key(name.to_owned()));
    path
}

/// The field whose name is nearest, if it is near enough to be a slip.
fn closest(definition: &'static Definition, name: &str, taken: &dyn Fn(&str) -> bool) -> Option<&'static str> {
    let lower = name.to_ascii_lowercase();
    let limit = (name.chars().count() / 3).max(1);
    definition
        .fields
        .iter()
        .filter(|field| !taken(field.name))
        .filter_map(|field| {
            let distance = edit_distance(&lower, &field.name.to_ascii_lowercase());
            (distance <= limit || is_prefix(name, field.name)).then_some((distance, field.name))
        })
        .min()
        .map(|(_, name)| name)
}

/// Whether one name begins with the other, case aside, and the shorter one is long enough to say something.
fn is_prefix(one: &str, other: &str) -> bool {
    let (one, other) = (one.to_ascii_lowercase(), other.to_ascii_lowercase());
    one.len().min(other.len()) >= 4 && (one.starts_with(&other) || other.starts_with(&one))
}

/// Edit distance; exchanging two neighbouring letters counts once.
#[must_use]
pub fn edit_distance(one: &str, other: &str) -> usize {
    let (one, other): (Vec<char>, Vec<char>) = (one.chars().collect(), other.chars().collect());
    // Names are short; a pasted wall of text is far from all of them.
    if one.len().abs_diff(other.len()) > 16 {
        return usize::MAX;
    }
    let mut rows = vec![vec![0; other.len() + 1]; one.len() + 1];
    for (i, row) in rows.iter_mut().enumerate() {
        row[0] = i;
    }
    for (j, cell) in rows[0].iter_mut().enumerate() {
        *cell = j;
    }
    for i in 1..=one.len() {
        for j in 1..=other.len() {
            let replaced = rows[i - 1][j - 1] + usize::from(one[i - 1] != other[j - 1]);
            let mut best = replaced.min(rows[i - 1][j] + 1).min(rows[i][j - 1] + 1);
            if i > 1 && j > 1 && one[i - 1] == other[j - 2] && one[i - 2] == other[j - 1] {
                best = best.min(rows[i - 2][j - 2] + 1);
            }
            rows[i][j] = best;
        }
    }
    rows[one.len()][other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances() {
        let cases = [
            ("imag", "image", 1),
            ("replicsa", "replicas", 1),
            ("a", "a", 0),
            ("", "abc", 3),
            ("contaners", "containers", 1),
        ];
        for (one, other, expected) in cases {
            assert_eq!(edit_distance(one, other), expected, "{one} {other}");
        }
    }
}
