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

/// A change of the text that repairs it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Fix {
    /// What the button says.
    pub label: Text,
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
    /// The text with this change made; the same text where the place does not exist.
    pub fn applied_to(&self, text: &str) -> String {
        let (Some(from), Some(to)) = (offset(text, self.line, self.column), offset(text, self.end_line, self.end_column))
        else {
            return text.to_owned();
        };
        if to < from {
            return text.to_owned();
        }
        [&text[..from], &*self.replacement, &text[to..]].concat()
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
    use super::Fix;

    #[test]
    fn a_fix_replaces_its_place_and_nothing_else() {
        let fix = |line, column, end_column| Fix {
            label: "imagePullPolicy".into(),
            line,
            column,
            end_line: line,
            end_column,
            replacement: "imagePullPolicy".into(),
        };
        let text = "a: é\n  imagePullPolice: Always\n";
        assert_eq!(fix(2, 3, 18).applied_to(text), "a: é\n  imagePullPolicy: Always\n");
        assert_eq!(fix(9, 3, 18).applied_to(text), text);
    }
}
