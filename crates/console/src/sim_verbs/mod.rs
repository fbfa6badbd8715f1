//! The `sim` command: what no kubectl verb can do. The contract is console.md's table.
//!
//! One file per noun; [`all`] is the only list of them.

mod image;
mod load;
mod node;
mod pod;
mod session;
mod time;

use crate::files::Files;
use crate::host::{Outcome, Started};
use crate::world::{Job, World};

pub(crate) use time::poll_settle;

/// How a `sim` command ends.
type Run = Result<Started<Job>, Failure>;

/// One noun or verb after `sim`.
struct Verb {
    /// The word.
    name: &'static str,
    /// The lines that `sim help` shows: usage and what it does.
    help: &'static [(&'static str, &'static str)],
    /// Runs it with the words after it.
    run: fn(&mut World<'_>, &[String], &mut Files) -> Run,
}

/// Why a `sim` command failed.
struct Failure {
    exit_code: i32,
    message: String,
}

impl Failure {
    /// The words are wrong; the usage follows.
    fn usage(message: impl std::fmt::Display, usage: &str) -> Self {
        Failure { exit_code: 2, message: format!("error: {message}\nusage: {usage}") }
    }
}

impl From<api::Status> for Failure {
    fn from(status: api::Status) -> Self {
        Failure { exit_code: 1, message: format!("error: {status}") }
    }
}

fn all() -> [&'static Verb; 14] {
    [
        &time::ADVANCE,
        &time::SETTLE,
        &time::CLOCK,
        &node::NODE,
        &pod::POD,
        &image::IMAGE,
        &load::LOAD,
        &session::REWIND,
        &session::GOTO,
        &session::SAVE,
        &session::OPEN,
        &session::SHARE,
        &session::EXPORT,
        &session::RESET,
    ]
}

/// Runs `sim` with the words after it.
pub(crate) fn run(world: &mut World<'_>, args: &[String], files: &mut Files) -> Started<Job> {
    let Some(word) = args.first() else {
        return Started::Done(Outcome::error(2, format!("error: sim needs a verb\n\n{}", help())));
    };
    if matches!(word.as_str(), "help" | "--help" | "-h") {
        return done(help());
    }
    let verb = all().into_iter().find(|verb| verb.name == *word);
    let Some(verb) = verb else {
        let message = format!("podground: sim {word}: not available here (try: sim help)");
        return Started::Done(Outcome::error(127, message));
    };
    match (verb.run)(world, &args[1..], files) {
        Ok(started) => started,
        Err(failure) => Started::Done(Outcome::error(failure.exit_code, failure.message)),
    }
}

/// The usage of every form of every verb, and what it does.
pub(crate) fn usages() -> impl Iterator<Item = (&'static str, &'static str)> {
    all().into_iter().flat_map(|verb| verb.help.iter().copied())
}

fn help() -> String {
    let lines: Vec<(&str, &str)> = usages().collect();
    let width = lines.iter().map(|(usage, _)| usage.len()).max().unwrap_or(0);
    lines.iter().map(|(usage, what)| format!("{usage:width$}  {what}\n")).collect()
}

fn done(stdout: impl Into<String>) -> Started<Job> {
    Started::Done(Outcome::ok(stdout))
}

/// Flags with their values, in the order in which they were given.
type Flags = Vec<(String, String)>;

/// Splits words into flags (`--cpu 4`, `--cpu=4`) and the rest. A flag that `known` does not name is an error.
fn split_flags(args: &[String], known: &[&str], usage: &str) -> Result<(Flags, Vec<String>), Failure> {
    let (mut flags, mut rest) = (Vec::new(), Vec::new());
    let mut words = args.iter();
    while let Some(word) = words.next() {
        let Some(flag) = word.strip_prefix('-') else {
            rest.push(word.clone());
            continue;
        };
        let flag = flag.strip_prefix('-').unwrap_or(flag);
        let (name, value) = match flag.split_once('=') {
            Some((name, value)) => (name, Some(value.to_owned())),
            None => (flag, None),
        };
        if !known.contains(&name) {
            return Err(Failure::usage(format_args!("unknown flag: {word}"), usage));
        }
        let value = value.or_else(|| words.next().cloned());
        let value = value.ok_or_else(|| Failure::usage(format_args!("flag needs an argument: {word}"), usage))?;
        flags.push((name.to_owned(), value));
    }
    Ok((flags, rest))
}

/// Exactly one word.
fn one<'a>(words: &'a [String], usage: &str) -> Result<&'a str, Failure> {
    match words {
        [word] => Ok(word),
        [] => Err(Failure::usage("a name is missing", usage)),
        [_, more, ..] => Err(Failure::usage(format_args!("one word too many: {more}"), usage)),
    }
}
