//! Other futures: what lay ahead when somebody acted in the past is kept under a name until it is dropped, and what was
//! undone until something else is done.

use crate::chronicle::Chronicle;
use crate::moment::Moment;
use crate::{Entry, Input};
use sim::SimTime;
use std::rc::Rc;

/// A line of history that is not the present one.
#[derive(Clone)]
pub(crate) struct Line {
    pub(crate) name: Rc<str>,
    pub(crate) log: Vec<Entry>,
    /// The latest moment that was reached.
    pub(crate) end: SimTime,
    pub(crate) chronicle: Chronicle,
    /// A saved moment near its end, and how many inputs it contains, so that going there takes little work.
    pub(crate) near: Option<(usize, Moment)>,
}

/// What was undone, and where time was.
#[derive(Clone)]
pub(crate) struct Undone {
    pub(crate) line: Line,
    pub(crate) now: SimTime,
    pub(crate) taken: usize,
    /// How far that moment was, if several things happen in it.
    pub(crate) progress: u64,
}

/// A line of history, for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Branch {
    /// Its name.
    pub name: Rc<str>,
    /// Whether it is the present one.
    pub is_current: bool,
    /// Where it parts from the present one, in virtual milliseconds.
    pub parts_ms: u64,
    /// How far it goes, in virtual milliseconds.
    pub end_ms: u64,
    /// The first thing that is done in it and not in the present one.
    pub first: Rc<str>,
}

/// The most lines that are kept beside the present one; beyond that the oldest goes.
pub(crate) const MOST_BRANCHES: usize = 16;

/// The name of the line that a session starts with.
pub(crate) const MAIN: &str = "main";

/// A name that no line has.
pub(crate) fn fresh_name<'a>(taken: impl Iterator<Item = &'a str> + Clone) -> Rc<str> {
    let name = |n: &u32| format!("future-{n}");
    let free = (1..).find(|n| !taken.clone().any(|other| other == name(n)));
    name(&free.unwrap_or_default()).into()
}

/// How many inputs two logs share from the start.
pub(crate) fn shared(a: &[Entry], b: &[Entry]) -> usize {
    a.iter().zip(b).take_while(|(a, b)| a == b).count()
}

/// How `line` differs from the present log.
pub(crate) fn describe(line: &Line, present: &[Entry], present_end: SimTime) -> Branch {
    let same = shared(&line.log, present);
    let next = [line.log.get(same), present.get(same)].into_iter().flatten().map(|entry| entry.at).min();
    let parts = next.unwrap_or_else(|| line.end.min(present_end));
    Branch {
        name: line.name.clone(),
        is_current: false,
        parts_ms: parts.as_millis(),
        end_ms: line.end.as_millis(),
        first: line.log.get(same).map_or("nothing more is done".into(), |entry| summary(&entry.input)),
    }
}

/// An input on one line.
pub(crate) fn summary(input: &Input) -> Rc<str> {
    match input {
        Input::Command(text) => text.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or("^C").into(),
        Input::WriteFile { path, .. } => format!("write {path}").into(),
        Input::DeleteFile { path } => format!("delete {path}").into(),
    }
}

/// Where the last action before `taken` begins: the last command, with the files that were written for it.
pub(crate) fn last_action(log: &[Entry], taken: usize) -> Option<usize> {
    let last = taken.checked_sub(1)?;
    let at = log.get(last)?.at;
    let is_file = |entry: &Entry| !matches!(entry.input, Input::Command(_));
    let files = log[..last].iter().rev().take_while(|entry| entry.at == at && is_file(entry)).count();
    Some(last - files)
}
