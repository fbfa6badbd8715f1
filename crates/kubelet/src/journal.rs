//! What the model did in a container whose program it does not know: nginx writes no line here, but that it was
//! started, probed, asked and stopped did happen, and that is what its log tells.
//!
//! Start and end are in the run anyway and are put into words when somebody reads the log; only what would be
//! forgotten otherwise is kept, and of that so much a run.

use crate::probes::Purpose;
use crate::program::LogLine;
use crate::stop::KILLED;
use crate::worker::Run;
use api::Time;

/// Notes that are kept of a run.
const MOST: usize = 200;
/// So much of what was asked for is kept.
const LONGEST: usize = 200;

/// What happened to a run beside its start and end, in the order in which it was noted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Journal(Vec<(Time, Note)>);

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Note {
    Probe {
        purpose: Purpose,
        passed: bool,
    },
    PreStop,
    /// SIGTERM, and since when its time to end runs.
    Term {
        since: Time,
    },
    Request(Box<str>),
    /// There was more.
    Full,
}

impl Run {
    /// Whether nobody knows what its program would write.
    fn keeps_journal(&self) -> bool {
        self.program.is_none()
    }

    /// Whether this outcome of a probe is worth a line: a failure until it is known for one, and the end of failures.
    pub(crate) fn is_probe_news(&self, purpose: Purpose, passed: bool, known: bool) -> bool {
        let last = self.journal.0.iter().rev().find_map(|(_, note)| match note {
            Note::Probe { purpose: other, passed } if *other == purpose => Some(*passed),
            _ => None,
        });
        self.keeps_journal() && if passed { last == Some(false) } else { !known }
    }

    /// A probe has passed or failed.
    pub(crate) fn note_probe(&mut self, at: Time, purpose: Purpose, passed: bool) {
        self.note(at, Note::Probe { purpose, passed });
    }

    /// Its preStop hook begins.
    pub(crate) fn note_pre_stop(&mut self, at: Time) {
        self.note(at, Note::PreStop);
    }

    /// It gets SIGTERM; its grace runs since `since`.
    pub(crate) fn note_term(&mut self, at: Time, since: Time) {
        self.note(at, Note::Term { since });
    }

    /// It has answered a request.
    pub(crate) fn note_request(&mut self, at: Time, method: &str, path: &str, client: &str) {
        if self.keeps_journal() {
            let path: String = path.chars().take(LONGEST).map(|c| if c.is_control() { '?' } else { c }).collect();
            self.note(at, Note::Request(format!("{method} {path} from {client}").into()));
        }
    }

    /// Keeps a note. What ends a run is always told, whatever came before.
    fn note(&mut self, at: Time, note: Note) {
        let is_end = matches!(note, Note::PreStop | Note::Term { .. });
        if !self.keeps_journal() {
            return;
        }
        let notes = &mut self.journal.0;
        if is_end || notes.len() < MOST {
            notes.push((at, note));
        } else if !notes.iter().any(|(_, note)| *note == Note::Full) {
            notes.push((at, Note::Full));
        }
    }

    /// Its log until a moment. `lost` if it ended with the power of its machine.
    pub(crate) fn log(&self, until: Time, lost: bool) -> Vec<LogLine> {
        if let Some(program) = &self.program {
            return program.log(self.started_at, until);
        }
        let line = |time: Time, text: String| LogLine { time, text: format!("podground: {text}") };
        let begin = format!("{} started (images are not run here: this is what the model did)", self.spec_image);
        let mut log = vec![line(self.started_at, begin)];
        log.extend(self.journal.0.iter().map(|(at, note)| line(*at, note.text())));
        // A hook may end after what was noted later.
        log.sort_by_key(|line| line.time);
        log.retain(|line| line.time <= until);
        let Some(exit) = self.exit.filter(|exit| exit.at <= until) else { return log };
        let termed = self.journal.0.iter().rev().find_map(|(at, note)| match note {
            Note::Term { since } if *at <= exit.at => Some(*since),
            _ => None,
        });
        if lost {
            log.push(line(exit.at, "the machine lost its power".to_owned()));
            return log;
        }
        if let Some(since) = termed.filter(|_| exit.code == KILLED) {
            let grace = exit.at.since(since).as_secs();
            log.push(line(exit.at, format!("SIGKILL after {grace} s of grace")));
        }
        log.push(line(exit.at, format!("exited with code {}", exit.code)));
        log
    }
}

impl Note {
    fn text(&self) -> String {
        match self {
            Note::Probe { purpose, passed } => {
                let outcome = if *passed { "passed" } else { "failed" };
                format!("{} probe {outcome}", purpose.word().to_lowercase())
            }
            Note::PreStop => "preStop hook".to_owned(),
            Note::Term { .. } => "SIGTERM".to_owned(),
            Note::Request(text) => text.to_string(),
            Note::Full => "further probes and requests are not told".to_owned(),
        }
    }
}
