//! What is wrong with a manifest, as the editor shows it. Lines and columns count from one.

use serde::Serialize;
use view::Text;

/// How bad it is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// The document cannot be applied.
    Error,
    /// It can, but this is hardly what was meant.
    Warning,
    /// Good to know.
    Info,
}

/// A piece of the text and what is to stand there.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Edit {
    /// The first line of what is replaced.
    pub line: u32,
    /// Its first column.
    pub column: u32,
    /// The last line of what is replaced.
    pub end_line: u32,
    /// The column after its last one.
    pub end_column: u32,
    /// What stands there afterwards.
    pub replacement: Text,
}

/// A change of the text that repairs it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Fix {
    /// What the button says.
    pub label: Text,
    /// The pieces that change. They do not overlap.
    pub edits: Vec<Edit>,
}

/// Something found in a file.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Diagnostic {
    /// The file's id.
    #[serde(skip)]
    pub file: u32,
    /// How bad it is.
    #[serde(rename = "severity")]
    pub level: Level,
    /// The first line it concerns.
    pub line: u32,
    /// Its first column.
    pub column: u32,
    /// The last line it concerns.
    pub end_line: u32,
    /// The column after its last one.
    pub end_column: u32,
    /// What is wrong.
    pub message: Text,
    /// What may have been meant.
    pub hint: Option<Text>,
    /// The change that repairs it.
    pub fix: Option<Fix>,
}

impl Fix {
    /// The text with this change made. A piece whose place does not exist stays as it is.
    pub fn applied_to(&self, text: &str) -> String {
        let place = |edit: &Edit| {
            let from = offset(text, edit.line, edit.column)?;
            let to = offset(text, edit.end_line, edit.end_column)?;
            (from <= to).then(|| (from, to, edit.replacement.clone()))
        };
        let mut places: Vec<_> = self.edits.iter().filter_map(place).collect();
        places.sort_unstable();
        let mut repaired = text.to_owned();
        // From the end, so that the places before stay where they are.
        for (from, to, replacement) in places.into_iter().rev() {
            repaired.replace_range(from..to, &replacement);
        }
        repaired
    }
}

/// The byte at which a line and column start.
fn offset(text: &str, line: u32, column: u32) -> Option<usize> {
    let line = (line as usize).checked_sub(1)?;
    let start = text.split_inclusive('\n').take(line).map(str::len).sum::<usize>();
    let rest = text.get(start..)?.split('\n').next()?;
    let column = (column as usize).checked_sub(1)?;
    let within = rest.char_indices().map(|(at, _)| at).chain([rest.len()]).nth(column)?;
    Some(start + within)
}

#[cfg(test)]
mod tests {
    use super::{Edit, Fix};

    #[test]
    fn a_fix_replaces_its_places_and_nothing_else() {
        let edit = |line, column, end_column, replacement: &str| Edit {
            line,
            column,
            end_line: line,
            end_column,
            replacement: replacement.into(),
        };
        let fix = Fix {
            label: "imagePullPolicy".into(),
            edits: vec![edit(1, 4, 5, "e"), edit(2, 3, 18, "imagePullPolicy"), edit(9, 1, 2, "nowhere")],
        };
        assert_eq!(fix.applied_to("a: é\n  imagePullPolice: Always\n"), "a: e\n  imagePullPolicy: Always\n");
    }
}
