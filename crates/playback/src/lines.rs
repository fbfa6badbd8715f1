//! Lines of history: who acts in the past forks, and the old future stays under a name.

use crate::branches::{Branch, Line, MOST_BRANCHES, describe, fresh_name, shared};
use crate::checkpoints::Checkpoint;
use crate::chronicle::{Happening, Mark, MarkKind, PhaseChange, Tick};
use crate::compare::{Comparison, compare};
use crate::session::Session;
use sim::SimTime;
use std::rc::Rc;
use view::Text;

impl Session {
    /// Makes room for something new at this moment: what lies ahead, or was undone, becomes a branch.
    pub(crate) fn fork(&mut self) {
        let now = self.moment.cluster.now();
        // What was undone first holds everything that was undone after.
        let undone = std::mem::take(&mut self.undone).into_iter().next().map(|undone| undone.line);
        let lies_ahead = self.taken < self.log.len() || self.clock.end_ms > now.as_millis();
        if lies_ahead || undone.is_some() {
            let name = fresh_name(self.names());
            let line = match undone {
                Some(line) => Line { name, ..line },
                None => self.present_line(name),
            };
            self.lines.push(line);
            if self.lines.len() > MOST_BRANCHES {
                self.lines.remove(0);
            }
        }
        self.log.truncate(self.taken);
        self.checkpoints.cut(self.taken, now);
        self.chronicle.cut(&self.moment.cluster);
    }

    fn names(&self) -> impl Iterator<Item = &str> + Clone {
        [&*self.name].into_iter().chain(self.lines.iter().map(|line| &*line.name))
    }

    /// The present line of history, to be kept.
    pub(crate) fn present_line(&self, name: Rc<str>) -> Line {
        let near = self.checkpoints.last().map(|saved| (saved.inputs, saved.moment.clone()));
        let end = SimTime::from_millis(self.clock().end_ms.max(self.clock().now_ms));
        Line { name, log: self.log.clone(), end, chronicle: self.chronicle.clone(), near }
    }

    /// Makes a line the present one. Where time is, is for the caller to say afterwards.
    pub(crate) fn adopt(&mut self, line: Line) {
        self.keep_shared(&line.log);
        if let Some((inputs, moment)) = line.near {
            self.checkpoints.append(Checkpoint { inputs, moment });
        }
        self.log = line.log;
        self.chronicle = line.chronicle;
        self.clock.end_ms = line.end.as_millis();
        self.name = line.name;
        self.revision += 1;
    }

    /// Every line of history, the present one first.
    pub fn branches(&self) -> Vec<Branch> {
        let clock = self.clock();
        let present = Branch {
            name: self.name.clone(),
            is_current: true,
            parts_ms: 0,
            end_ms: clock.end_ms.max(clock.now_ms),
            first: "".into(),
        };
        let end = SimTime::from_millis(present.end_ms);
        [present].into_iter().chain(self.lines.iter().map(|line| describe(line, &self.log, end))).collect()
    }

    /// Makes another line of history the present one, at the same moment if it goes that far. False if there is none
    /// of that name.
    pub fn switch(&mut self, name: &str) -> bool {
        let Some(index) = self.lines.iter().position(|line| &*line.name == name) else { return false };
        let now = self.moment.cluster.now();
        self.play(false);
        self.forget_queue();
        self.undone.clear();
        let line = self.lines.remove(index);
        let present = self.present_line(self.name.clone());
        self.lines.insert(index, present);
        let to = now.min(line.end);
        self.adopt(line);
        self.restore(self.checkpoints.last_that(|saved| saved.moment.cluster.now() <= to).cloned());
        self.seek(to);
        true
    }

    /// Forgets another line of history. False if there is none of that name.
    pub fn drop_branch(&mut self, name: &str) -> bool {
        let before = self.lines.len();
        self.lines.retain(|line| &*line.name != name);
        self.lines.len() < before
    }

    /// Gives a line of history another name, unless another has it.
    pub fn rename_branch(&mut self, name: &str, new: &str) -> bool {
        if new.trim().is_empty() || self.names().any(|other| other == new) {
            return false;
        }
        if &*self.name == name {
            self.name = new.into();
            return true;
        }
        let line = self.lines.iter_mut().find(|line| &*line.name == name);
        line.map(|line| line.name = new.into()).is_some()
    }

    /// In what another line of history differs from the present one at this moment.
    pub fn compare(&self, name: &str) -> Option<Comparison> {
        let line = self.lines.iter().find(|line| &*line.name == name)?;
        let same = shared(&self.log, &line.log);
        let parts = [self.log.get(same), line.log.get(same)].into_iter().flatten().map(|entry| entry.at).min();
        let mut other = self.clone();
        other.switch(name);
        other.seek(self.moment.cluster.now());
        Some(compare(self, &other, parts.unwrap_or(SimTime::ZERO)))
    }

    /// Everything that happened on this line as far as time has been there, in order.
    pub fn happenings(&self) -> impl DoubleEndedIterator<Item = &Happening> {
        self.chronicle.happenings()
    }

    /// The Events that were told.
    pub fn ticks(&self) -> impl DoubleEndedIterator<Item = &Tick> {
        self.happenings().filter_map(|what| if let Happening::Tick(tick) = what { Some(tick) } else { None })
    }

    /// The phases that pods came to.
    pub fn phases(&self) -> impl DoubleEndedIterator<Item = &PhaseChange> {
        self.happenings().filter_map(|what| if let Happening::Phase(change) = what { Some(change) } else { None })
    }

    /// Every mark: those that were set, and the notable moments that were found; by time.
    pub fn marks(&self) -> Vec<Mark> {
        let mut marks: Vec<Mark> = self.chronicle.marks().chain(&self.marks).cloned().collect();
        marks.sort_by_key(|mark| mark.at_ms);
        marks
    }

    /// Sets a mark at this moment.
    pub fn set_mark(&mut self, kind: MarkKind, text: &str) {
        let at_ms = self.moment.cluster.now().as_millis();
        self.marks.retain(|mark| mark.at_ms != at_ms || mark.kind != kind);
        let index = self.marks.partition_point(|mark| mark.at_ms <= at_ms);
        let text: Text = if text.trim().is_empty() { view::clock_text(at_ms).into() } else { text.into() };
        self.marks.insert(index, Mark { at_ms, kind, text, about: None });
        self.revision += 1;
    }

    /// Removes the marks that somebody set at this moment.
    pub fn remove_mark(&mut self, at_ms: u64) {
        self.marks.retain(|mark| mark.at_ms != at_ms);
        self.revision += 1;
    }

    /// The mark after (before) this moment.
    pub fn mark_beside(&self, on: bool) -> Option<Mark> {
        let now_ms = self.moment.cluster.now().as_millis();
        let marks = self.marks();
        if on {
            marks.into_iter().find(|mark| mark.at_ms > now_ms)
        } else {
            marks.into_iter().rfind(|mark| mark.at_ms < now_ms)
        }
    }

    /// Changes whenever [`Session::happenings`] or [`Session::marks`] say something else.
    pub fn timeline_revision(&self) -> (u64, u64) {
        (self.chronicle.revision(), self.revision)
    }
}
