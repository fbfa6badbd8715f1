//! The text tools that pipes lead to.

pub(crate) mod awk;
pub(crate) mod base64;
pub(crate) mod grep;
pub(crate) mod lines;
pub(crate) mod regex;
pub(crate) mod sed;
pub(crate) mod sort;
pub(crate) mod tr;
pub(crate) mod xargs;

use crate::builtins::Context;
use crate::host::Outcome;

/// The texts a tool reads: its files, or its input. Each with its name as given.
fn inputs(context: &Context<'_>, tool: &str, paths: &[String]) -> Result<Vec<(String, String)>, Outcome> {
    if paths.is_empty() {
        return Ok(vec![("-".to_owned(), context.stdin.to_owned())]);
    }
    let read = |path: &String| match path.as_str() {
        "-" => Ok((path.clone(), context.stdin.to_owned())),
        file => match context.shell.files.read(file) {
            Ok(text) => Ok((path.clone(), text.to_string())),
            Err(error) => Err(Outcome::error(2, format!("{tool}: {path}: {error}"))),
        },
    };
    paths.iter().map(read).collect()
}

/// All that a tool reads, as one text.
fn input(context: &Context<'_>, tool: &str, paths: &[String]) -> Result<String, Outcome> {
    Ok(inputs(context, tool, paths)?.into_iter().map(|(_, text)| text).collect())
}

#[cfg(test)]
mod tests;
