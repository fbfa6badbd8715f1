//! What is wrong with a text, where, and what to do about it.

use std::fmt;

use schema::Segment;

use crate::positions::Span;

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// kubectl or the server refuses it.
    Error,
    /// It is accepted, but probably does not do what was meant.
    Warning,
}

/// A replacement of a piece of the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// What to replace; may be empty.
    pub span: Span,
    /// The new text.
    pub text: String,
}

/// A repair that can be made by a click.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fix {
    /// What it does: `Replace by "image"`.
    pub title: String,
    /// The edits, which do not overlap.
    pub edits: Vec<Edit>,
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// How bad it is.
    pub severity: Severity,
    /// Name of the file.
    pub file: String,
    /// What to underline.
    pub span: Span,
    /// What is wrong, in kubectl's or the server's words where they have some.
    pub message: String,
    /// The path in the object, if one is concerned.
    pub path: Vec<Segment>,
    /// What it means or what to do, in plain words.
    pub hint: Option<String>,
    /// A repair.
    pub fix: Option<Fix>,
}

impl fmt::Display for Diagnostic {
    /// `web.yaml:12:5: error: unknown field "spec.replicsa" (did you mean "replicas"?)`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let severity = match self.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        let start = self.span.start;
        write!(f, "{}:{}:{}: {severity}: {}", self.file, start.line, start.column, self.message)?;
        match &self.hint {
            Some(hint) => write!(f, " ({hint})"),
            None => Ok(()),
        }
    }
}
