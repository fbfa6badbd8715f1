//! One instruction after the other.

use super::words::{Builder, Origin};
use super::{Loop, MAX_ROUNDS, MAX_WAIT_MS, Machine};
use crate::compile::Instr;
use crate::files::{FileError, MAX_TEXT_BYTES};
use crate::host::Host;
use crate::record::{CommandResult, Stream};
use crate::{arith, builtins};

impl<J: Clone> Machine<J> {
    pub(super) fn execute(&mut self, instr: Instr, host: &mut dyn Host<Job = J>) {
        match instr {
            Instr::Words => self.builders.push(Builder::default()),
            Instr::Text { text, quoted } => self.piece(&text, if quoted { Origin::Quoted } else { Origin::Literal }),
            Instr::Param { name, quoted } => match self.value(&name) {
                Some(value) => self.piece(&value, Origin::expansion(quoted)),
                None if self.shell.options.nounset => self.fatal(&format!("{name}: unbound variable"), host.now_ms()),
                None => self.piece("", Origin::expansion(quoted)),
            },
            Instr::Length { name, quoted } => {
                let length = self.value(&name).unwrap_or_default().chars().count();
                self.piece(&length.to_string(), Origin::expansion(quoted));
            }
            Instr::JumpIfSet { name, nonempty, to } => {
                if self.value(&name).is_some_and(|value| !nonempty || !value.is_empty()) {
                    self.pc = to;
                }
            }
            Instr::AssignDefault { name } => {
                let value = self.pop_single();
                self.shell.vars.insert(name.to_string(), value);
            }
            Instr::Unset { name } => {
                let reason = self.pop_single();
                let reason = if reason.is_empty() { "is not set" } else { &reason };
                self.fatal(&format!("{name}: {reason}"), host.now_ms());
            }
            Instr::Arithmetic { quoted } => match arith::evaluate(&self.pop_single(), &self.shell.vars) {
                Ok(value) => self.piece(&value.to_string(), Origin::expansion(quoted)),
                Err(error) => self.fatal(&error, host.now_ms()),
            },
            Instr::EndWord { split } => {
                if let Some(builder) = self.builders.last_mut() {
                    builder.end_word(split, &self.shell.files);
                }
            }
            Instr::Assign { name, append, keep } => self.assign(&name, append, keep),
            Instr::Record { line, text, tested } => self.record(line, &text, tested),
            Instr::EndRecord => self.end_record(host.now_ms()),
            Instr::Negate => self.status = i32::from(self.status == 0),
            Instr::Run => self.run(host),
            Instr::Test => {
                let words = self.pop_words();
                let outcome = builtins::double_bracket(&words, &self.shell.files);
                self.write(Stream::Err, &outcome.stderr);
                self.status = outcome.exit_code;
            }
            other => self.execute_flow(other, host),
        }
    }

    /// Frames and jumps.
    fn execute_flow(&mut self, instr: Instr, host: &mut dyn Host<Job = J>) {
        match instr {
            Instr::Open { frame, end } => self.open(frame, end),
            Instr::Redirect { how, failed } => {
                let word = self.pop_single();
                if !self.redirect(how, &word) {
                    self.pc = failed;
                }
            }
            Instr::Join { from, to } => self.join(from, to),
            Instr::Close => _ = self.close(),
            Instr::CloseCapture { quoted } => {
                let text = self.close();
                self.captured = Some(self.status);
                self.piece(text.trim_end_matches('\n'), Origin::expansion(quoted));
            }
            Instr::Pipe { begins: true } => self.pipes.push(0),
            Instr::Pipe { begins: false } => {
                let worst = self.pipes.pop().unwrap_or_default();
                if self.shell.options.pipefail && worst != 0 {
                    self.status = worst;
                }
            }
            Instr::Jump(to) => self.pc = to,
            Instr::JumpIf { success, to } => {
                if success == (self.status == 0) {
                    self.pc = to;
                }
            }
            Instr::Succeed => self.status = 0,
            Instr::Place { line, text } => self.place = (line, text),
            Instr::Loop => self.loops.push(Loop { started_ms: host.now_ms(), ..Loop::default() }),
            Instr::Round { broken } => self.round(broken, host.now_ms()),
            Instr::For => {
                let values = self.pop_words().into();
                self.loops.push(Loop { values, ..Loop::default() });
            }
            Instr::Next { name, done } => match self.loops.last_mut().and_then(|inner| inner.values.pop_front()) {
                Some(value) => _ = self.shell.vars.insert(name.to_string(), value),
                None => self.pc = done,
            },
            Instr::Keep => {
                if let Some(inner) = self.loops.last_mut() {
                    inner.status = self.status;
                }
            }
            Instr::EndLoop => self.status = self.loops.pop().map_or(0, |inner| inner.status),
            Instr::DropLoop => _ = self.loops.pop(),
            Instr::Subject => {
                let subject = self.pop_single();
                self.subjects.push(subject);
            }
            Instr::Match { to } => {
                let pattern = self.builders.pop().unwrap_or_default().pattern();
                if self.subjects.last().is_some_and(|subject| pattern.matches(subject)) {
                    self.pc = to;
                }
            }
            Instr::EndCase => _ = self.subjects.pop(),
            other => unreachable!("not about flow: {other:?}"),
        }
    }

    fn piece(&mut self, text: &str, origin: Origin) {
        self.spend(text.len() / 256);
        let Some(builder) = self.builders.last_mut() else { return };
        if builder.bytes() + text.len() > MAX_TEXT_BYTES {
            self.broken = Some(format!("a command is {}", FileError::TooLong));
            return;
        }
        builder.push(text, origin);
    }

    pub(super) fn pop_words(&mut self) -> Vec<String> {
        self.builders.pop().unwrap_or_default().into_words()
    }

    fn pop_single(&mut self) -> String {
        self.pop_words().into_iter().next().unwrap_or_default()
    }

    /// The value of a variable or of a special parameter.
    fn value(&self, name: &str) -> Option<String> {
        match name {
            "?" => Some(self.status.to_string()),
            "#" => Some(self.shell.arguments.len().saturating_sub(1).to_string()),
            "0" => Some(self.shell.arguments.first().map_or("podground", String::as_str).to_owned()),
            "@" | "*" => Some(self.shell.arguments.get(1..).unwrap_or_default().join(" ")),
            "-" | "!" => Some(String::new()),
            digits if digits.starts_with(|c: char| c.is_ascii_digit()) => {
                digits.parse().ok().and_then(|index: usize| self.shell.arguments.get(index).cloned())
            }
            "$" => Some("1".to_owned()),
            "PWD" => Some(self.shell.files.current().to_owned()),
            name => self.shell.vars.get(name).cloned(),
        }
    }

    fn assign(&mut self, name: &str, append: bool, keep: bool) {
        let value = self.pop_single();
        if !keep {
            return;
        }
        let variable = self.shell.vars.entry(name.to_owned()).or_default();
        if !append {
            variable.clear();
        }
        if variable.len() + value.len() > MAX_TEXT_BYTES {
            self.broken = Some(format!("{name} is {}", FileError::TooLong));
            return;
        }
        variable.push_str(&value);
    }

    fn record(&mut self, line: u32, text: &str, tested: bool) {
        self.captured = None;
        self.record_depth += 1;
        if self.record_depth == 1 && self.in_the_open() {
            self.begin_record(CommandResult { line, command: text.to_owned(), tested, ..CommandResult::default() });
        }
    }

    fn end_record(&mut self, now_ms: u64) {
        self.record_depth -= 1;
        if self.record_depth > 0 || !self.in_the_open() {
            return;
        }
        let Some(record) = self.record.take() else { return };
        let stop = self.shell.options.errexit && !record.tested && self.status != 0;
        self.report(record, now_ms);
        if stop {
            self.finish(self.status, true, now_ms);
        }
    }

    fn round(&mut self, broken: usize, now_ms: u64) {
        let Some(inner) = self.loops.last_mut() else { return };
        inner.rounds += 1;
        let limit = match () {
            () if inner.rounds > MAX_ROUNDS => format!("{MAX_ROUNDS} rounds"),
            () if now_ms.saturating_sub(inner.started_ms) >= MAX_WAIT_MS => "1 h of virtual time".to_owned(),
            () => return,
        };
        self.loops.pop();
        self.pc = broken;
        self.status = 1;
        let own = self.record.is_none() && self.in_the_open();
        if own {
            let (line, command) = (self.place.0, self.place.1.to_string());
            self.begin_record(CommandResult { line, command, ..CommandResult::default() });
        }
        self.write(Stream::Err, &format!("podground: this loop was stopped after {limit}\n"));
        if let Some(record) = self.record.take_if(|_| own) {
            self.report(record, now_ms);
        }
    }
}
