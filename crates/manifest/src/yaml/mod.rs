//! A YAML 1.1 reader that accepts, refuses and words its refusals as the one in kubectl does.
//!
//! Models: go.yaml.in/yaml/v2 (scannerc.go, parserc.go), itself a libyaml. No crate reads scalars and reports errors that way,
//! and kubectl's message with its line number is what people search the web for.
//!
//! Text → tokens ([`scanner`], scalars in [`scalars`]) → a tree of nodes ([`parser`]). What scalars mean is decided in
//! [`crate::resolve`], what a tree means in [`crate::compose`].

mod parser;
mod scalars;
mod scanner;

pub(crate) use parser::{Content, Node, NodeId, Rest, Tree, read};

/// Collections may nest this deep. Upstream allows 10,000, more than a browser's stack holds; no manifest comes near either.
pub(crate) const MAX_DEPTH: usize = 100;

/// A place in a text: counted from zero, columns and indexes in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Mark {
    /// Byte offset.
    pub at: usize,
    /// Characters before this one.
    pub index: usize,
    /// Line.
    pub line: usize,
    /// Column.
    pub column: usize,
}

/// Why a text is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Error {
    /// Upstream's words, with upstream's line number, which is often one less than ours.
    pub message: String,
    /// Upstream's words without the line.
    pub problem: String,
    /// Where the reader noticed.
    pub mark: Mark,
    /// Where the thing began that went wrong.
    pub context: Option<Mark>,
}

impl Error {
    /// A refusal of the scanner: upstream adds one to the line it counts from zero.
    pub fn scanner(problem: impl Into<String>, mark: Mark, context: Option<Mark>) -> Self {
        let shift = usize::from(mark.line != 0);
        Self::at_line(problem.into(), mark.line + shift, mark, context)
    }

    /// A refusal of the parser: upstream prints the line as it counts it.
    pub fn parser(problem: impl Into<String>, mark: Mark, context: Option<Mark>) -> Self {
        Self::at_line(problem.into(), mark.line, mark, context)
    }

    /// A refusal without a line.
    pub fn plain(problem: impl Into<String>, mark: Mark) -> Self {
        let problem = problem.into();
        Self { message: format!("yaml: {problem}"), problem, mark, context: None }
    }

    fn at_line(problem: String, line: usize, mark: Mark, context: Option<Mark>) -> Self {
        // Line 0 says nothing, so upstream tries the line of the context and then leaves it out.
        let line = if line == 0 { context.map_or(0, |mark| mark.line) } else { line };
        let message = if line == 0 { format!("yaml: {problem}") } else { format!("yaml: line {line}: {problem}") };
        Self { message, problem, mark, context }
    }
}

pub(crate) type Result<T> = std::result::Result<T, Error>;
