//! Text to script: the grammar of the subset.
//!
//! Our own parser: the subset is small, and what it leaves out must be refused in words a reader of a tutorial
//! understands. The libraries there are either weigh more than the rest of this crate or cannot be linked for their
//! licence.

mod ast;
mod braces;
mod parser;
mod redirect;
mod word;

pub use ast::*;

use std::fmt;

/// Why a script cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyntaxError {
    /// The line, from 1.
    pub line: u32,
    /// What is wrong, and what to do about it.
    pub message: String,
    /// The text ends too early: more lines could make it right (a console can go on asking).
    pub incomplete: bool,
}

impl fmt::Display for SyntaxError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.message)
    }
}

/// Reads a script whose first line has the number `first_line`.
pub fn parse(text: &str, first_line: u32) -> Result<Script, SyntaxError> {
    let text = text.trim_start_matches('\u{feff}').replace("\r\n", "\n");
    let mut parser = parser::Parser::new(&text, first_line);
    let list = parser.script()?;
    Ok(Script { list, heredocs: parser.heredocs })
}

/// Where a command starts: its byte and its line. None where the text cannot be cut.
pub type Place = Option<(usize, u32)>;

/// The commands of a script's outermost list, each with where it starts.
pub fn parse_with_places(text: &str) -> Result<Vec<(Place, AndOr)>, SyntaxError> {
    let mut parser = parser::Parser::new(text, 1);
    let list = parser.script()?;
    Ok(parser.places.into_iter().zip(list).collect())
}

#[cfg(test)]
mod tests;
