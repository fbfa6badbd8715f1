//! What the console's output speaks of: names of objects become links, words of state get a tone. The text stays as it is.

use std::rc::Rc;

use view::{ObjectRef, Snapshot, Text};

use crate::session::{ConsoleLine, LineKind};

/// Marks of one line at most.
const MOST: usize = 60;
/// Longer outputs stay plain.
const LONGEST: usize = 20_000;

/// What a piece of the output is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Mark {
    /// The name of an object.
    Link(ObjectRef),
    /// A word with a tone: a class of style.
    Tone(&'static str),
}

/// A printed piece of the console.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Shown {
    /// What was printed.
    pub line: ConsoleLine,
    /// Its marks: from, to, what; in the order of the text.
    pub marks: Rc<[(usize, usize, Mark)]>,
}

impl Shown {
    /// A piece as it is printed, with the cluster of that moment.
    pub fn new(line: ConsoleLine, snapshot: &Snapshot) -> Self {
        let is_read = line.kind == LineKind::Stdout && line.text.len() < LONGEST;
        let marks = if is_read { marks(&line.text, snapshot) } else { Vec::new() };
        Self { line, marks: marks.into() }
    }
}

fn marks(text: &str, snapshot: &Snapshot) -> Vec<(usize, usize, Mark)> {
    let mut marks = Vec::new();
    let is_part = |character: char| character.is_ascii_alphanumeric() || "-./".contains(character);
    let mut at = 0;
    while let Some(start) = text[at..].find(is_part).map(|found| at + found) {
        let end = text[start..].find(|character| !is_part(character)).map_or(text.len(), |found| start + found);
        let word = text[start..end].trim_end_matches(['.', '/']);
        if let Some(mark) = mark(word, snapshot) {
            marks.push((start, start + word.len(), mark));
            if marks.len() == MOST {
                return marks;
            }
        }
        at = end.max(start + 1);
    }
    marks
}

fn mark(word: &str, snapshot: &Snapshot) -> Option<Mark> {
    let tone = match word {
        "Running" | "Ready" | "Bound" | "Complete" | "created" | "True" => Some("tone-good"),
        "Pending" | "ContainerCreating" | "Terminating" | "NotReady" | "configured" | "PodInitializing" => {
            Some("tone-busy")
        }
        "CrashLoopBackOff" | "ImagePullBackOff" | "ErrImagePull" | "Error" | "Failed" | "Warning" | "deleted"
        | "evicted" => Some("tone-bad"),
        _ => None,
    };
    if let Some(tone) = tone {
        return Some(Mark::Tone(tone));
    }
    let (kind, name) = word.split_once('/').map_or((None, word), |(kind, name)| (Some(kind), name));
    target(kind, name, snapshot).map(Mark::Link)
}

/// The object of a name, if the cluster has one, and of that kind where one is said: `statefulset.apps/mysql`.
fn target(kind: Option<&str>, name: &str, snapshot: &Snapshot) -> Option<ObjectRef> {
    let is_meant = |of: &str| {
        kind.is_none_or(|kind| {
            kind.split('.').next().is_some_and(|kind| kind.trim_end_matches('s').eq_ignore_ascii_case(of))
        })
    };
    if name.len() < 3 {
        return None;
    }
    if let Some(pod) = snapshot.pods.iter().find(|pod| &*pod.name == name).filter(|_| is_meant("Pod")) {
        return Some(pod.target());
    }
    let is_node = is_meant("Node") && snapshot.nodes.iter().any(|node| &*node.name == name);
    if is_node {
        return Some(ObjectRef::new("Node", "", name));
    }
    // A workload's name is often a word of the language, too: only with its kind it is one.
    let mut chips = snapshot.workloads.iter().map(|chip| &chip.target);
    chips.find(|target| kind.is_some() && &*target.name == name && is_meant(&target.kind)).cloned()
}

/// A piece of text with its mark.
pub type Piece<'t> = (&'t str, Option<&'t Mark>);

/// The text cut at its marks.
pub fn pieces(shown: &Shown) -> Vec<Piece<'_>> {
    let text: &Text = &shown.line.text;
    let text = text.trim_end_matches('\n');
    let (mut pieces, mut at): (Vec<Piece<'_>>, usize) = (Vec::new(), 0);
    for (start, end, mark) in shown.marks.iter() {
        let (start, end) = (*start, (*end).min(text.len()));
        if start >= at && start < end {
            pieces.push((&text[at..start], None));
            pieces.push((&text[start..end], Some(mark)));
            at = end;
        }
    }
    pieces.push((&text[at..], None));
    pieces
}

#[cfg(test)]
mod tests {
    use super::{Mark, Shown, pieces};
    use crate::fixture;
    use crate::session::{ConsoleLine, LineKind};

    #[test]
    fn names_become_links_and_the_text_stays() {
        let text = "NAME      STATUS\nmysql-0   Running\nstatefulset.apps/mysql scaled\nnode-1 and mysql.\n";
        let line = ConsoleLine { kind: LineKind::Stdout, text: text.into() };
        let shown = Shown::new(line, &fixture::snapshot());
        let words: Vec<String> = shown
            .marks
            .iter()
            .map(|(from, to, mark)| match mark {
                Mark::Link(target) => format!("{} -> {target}", &text[*from..*to]),
                Mark::Tone(tone) => format!("{} is {tone}", &text[*from..*to]),
            })
            .collect();
        assert_eq!(
            words,
            [
                "mysql-0 -> Pod default/mysql-0",
                "Running is tone-good",
                "statefulset.apps/mysql -> StatefulSet default/mysql",
                "node-1 -> Node node-1",
            ]
        );
        let whole: String = pieces(&shown).iter().map(|(piece, _)| *piece).collect();
        assert_eq!(whole, text.trim_end());
    }
}
