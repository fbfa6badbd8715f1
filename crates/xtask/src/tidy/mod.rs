//! `tidy`: the rules of the house that no compiler checks. Also a test, so that the quick loop sees it.
//!
//! A rule that must be broken is broken in the open: `// tidy: long because …` above a long function or at the top of a
//! long file. The other rules have no way around.

mod code;
mod layers;
mod links;
mod lists;
mod sources;

pub use code::blanked;
pub use lists::{LISTS, List};

use crate::project::Project;
use crate::{Result, test};
use std::fmt;

/// One broken rule.
#[derive(Debug, PartialEq)]
pub struct Finding {
    /// The file, from the root.
    pub file: String,
    /// The line, from 1; 0 for the whole file.
    pub line: usize,
    /// What is wrong and what to do.
    pub message: String,
}

impl Finding {
    /// A finding on a line, or on the whole file (line 0).
    pub fn new(file: &str, line: usize, message: impl Into<String>) -> Self {
        Self { file: file.to_owned(), line, message: message.into() }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => write!(f, "{}: {}", self.file, self.message),
            line => write!(f, "{}:{line}: {}", self.file, self.message),
        }
    }
}

/// The command.
pub fn run(project: &Project) -> Result<()> {
    let findings = check(project)?;
    if findings.is_empty() {
        println!("tidy: nothing to say");
        return Ok(());
    }
    findings.iter().for_each(|finding| println!("{finding}"));
    Err(format!("tidy has {} findings", findings.len()))
}

/// All broken rules of the checkout.
pub fn check(project: &Project) -> Result<Vec<Finding>> {
    let mut findings = layers::check(&test::metadata(project)?);
    findings.extend(sources::check(project)?);
    findings.extend(lists::check(project)?);
    findings.extend(links::check(project)?);
    Ok(findings)
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::project::Project;

    #[test]
    fn the_checkout_is_tidy() {
        let findings = Project::find().and_then(|project| check(&project)).expect("the checkout can be read");
        let shown: Vec<String> = findings.iter().map(ToString::to_string).collect();
        assert!(shown.is_empty(), "\n{}\n", shown.join("\n"));
    }
}
