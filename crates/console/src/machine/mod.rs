//! The machine: executes the instructions of a script, one command at a time, without ever blocking.
//!
//! Guarantees: it is plain data and cheap to clone; it never calls the host from within a call of the host; every script
//! ends or waits for virtual time after a bounded amount of work. A loop is cut after [`MAX_ROUNDS`] rounds or
//! [`MAX_WAIT_MS`] of virtual time, a wait that has no end of its own after the same time.

mod exec;
mod frames;
mod run;
mod words;

use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;

use crate::compile::{Instr, compile};
use crate::files::Files;
use crate::host::Host;
use crate::record::{CommandResult, Progress, Stream};
use crate::syntax::{SyntaxError, parse};
use frames::Frame;
use run::Active;
use words::Builder;

/// The most rounds of one `while` or `until`.
pub const MAX_ROUNDS: u32 = 10_000;

/// How long a loop, or a wait without an end of its own, may take: an hour of virtual time.
pub const MAX_WAIT_MS: u64 = 3_600_000;

/// The most work of one script, in instructions and quarters of a kilobyte of text.
const MAX_WORK: u64 = 5_000_000;

/// Variables by name.
pub type Vars = BTreeMap<String, String>;

/// What `set` switches.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// `-e`: stop at the first failure that the script does not look at.
    pub errexit: bool,
    /// `-u`: an unset variable is an error.
    pub nounset: bool,
    /// `-o pipefail`: a pipeline fails if any of its commands does.
    pub pipefail: bool,
}

/// What lasts from one script to the next, as in a shell that stays open.
#[derive(Clone, Debug, Default)]
pub struct Shell {
    /// The files.
    pub files: Files,
    /// The variables.
    pub vars: Vars,
    /// What `alias` defined.
    pub aliases: BTreeMap<String, String>,
    /// What `set` switched.
    pub options: Options,
    /// What its own errors begin with; empty for the session's shell.
    pub name: Rc<str>,
    /// What `$1`, `$2`… stand for, `$0` first.
    pub arguments: Rc<[String]>,
    /// The input of the whole shell.
    pub input: Rc<str>,
}

/// A round of a loop.
#[derive(Clone, Debug, Default)]
struct Loop {
    rounds: u32,
    started_ms: u64,
    values: VecDeque<String>,
    status: i32,
}

/// A shell with, at most, one script that runs in it. `J` is the host's job.
#[derive(Clone, Debug)]
pub struct Machine<J> {
    shell: Shell,
    status: i32,
    code: Rc<[Instr]>,
    pc: usize,
    builders: Vec<Builder>,
    loops: Vec<Loop>,
    subjects: Vec<String>,
    pipes: Vec<i32>,
    piped: Rc<str>,
    frames: Vec<Frame>,
    /// The command that is being recorded, and how many commands within it have begun.
    record: Option<CommandResult>,
    record_depth: u32,
    /// Where we are, outside of commands.
    place: (u32, Rc<str>),
    /// Errors printed outside of commands, for the next record.
    early: String,
    /// The exit code of the last `$(…)`, which is that of an assignment.
    captured: Option<i32>,
    active: Option<Active<J>>,
    pending: VecDeque<Progress>,
    work: u64,
    /// Why the script must stop, found where it could not be stopped.
    broken: Option<String>,
    ended: Option<(i32, bool)>,
}

impl<J: Clone> Machine<J> {
    /// A fresh shell over these files, with nothing to run.
    pub fn new(files: Files) -> Self {
        let vars = Vars::from([("HOME".to_owned(), crate::files::HOME.to_owned())]);
        let shell = Shell { files, vars, ..Shell::default() };
        Self {
            shell,
            status: 0,
            code: Rc::new([]),
            pc: 0,
            builders: Vec::new(),
            loops: Vec::new(),
            subjects: Vec::new(),
            pipes: Vec::new(),
            piped: "".into(),
            frames: Vec::new(),
            record: None,
            record_depth: 0,
            place: (1, "".into()),
            early: String::new(),
            captured: None,
            active: None,
            pending: VecDeque::new(),
            work: 0,
            broken: None,
            ended: None,
        }
    }

    /// Takes a script to run. Files, variables, aliases and `$?` stay as they are; a script that still runs is dropped.
    pub fn load(&mut self, script: &str, first_line: u32) -> Result<(), SyntaxError> {
        let code = compile(&parse(script, first_line)?)?;
        let shell = std::mem::take(&mut self.shell);
        let status = self.status;
        *self = Self { shell, status, code: code.into(), place: (first_line, "".into()), ..Self::new(Files::new()) };
        Ok(())
    }

    /// The files of the shell.
    pub fn files(&self) -> &Files {
        &self.shell.files
    }

    /// A shell within a container.
    pub(crate) fn in_container(name: &str, arguments: Vec<String>, input: &str, files: Files, vars: Vars) -> Self {
        let (name, arguments, input) = (name.into(), arguments.into(), input.into());
        let shell = Shell { files, vars, name, arguments, input, ..Shell::default() };
        Self { shell, ..Self::new(Files::new()) }
    }

    /// What the shell's own errors begin with.
    fn name(&self) -> &str {
        if self.shell.name.is_empty() { "podground" } else { &self.shell.name }
    }

    /// The files of the shell, to put more into them.
    pub fn files_mut(&mut self) -> &mut Files {
        &mut self.shell.files
    }

    /// The shell's variables.
    pub fn vars(&self) -> &Vars {
        &self.shell.vars
    }

    /// The exit code of the last command: `$?`.
    pub fn status(&self) -> i32 {
        self.status
    }

    /// Whether the script has ended, or none was loaded.
    pub fn is_idle(&self) -> bool {
        self.pending.is_empty() && self.active.is_none() && (self.ended.is_some() || self.pc >= self.code.len())
    }

    /// Goes on until there is something to report.
    pub fn step(&mut self, host: &mut dyn Host<Job = J>) -> Progress {
        loop {
            if let Some(progress) = self.pending.pop_front() {
                return progress;
            }
            if let Some(message) = self.broken.take() {
                self.fatal(&message, host.now_ms());
            } else if let Some(active) = self.active.take() {
                self.go_on(active, host);
            } else if let Some((exit_code, by_exit)) = self.ended {
                return Progress::Finished { exit_code, by_exit };
            } else if let Some(instr) = self.code.get(self.pc).cloned() {
                self.pc += 1;
                self.spend(1);
                self.execute(instr, host);
            } else {
                self.ended = Some((self.status, false));
            }
        }
    }

    /// Stops the script as Ctrl-C does, with exit code 130.
    pub fn interrupt(&mut self, now_ms: u64) {
        self.pending.retain(|progress| !matches!(progress, Progress::Waiting { .. }));
        self.active = None;
        self.frames.clear();
        self.finish(130, true, now_ms);
    }

    /// Counts work; too much of it breaks the script.
    fn spend(&mut self, work: usize) {
        self.work += work as u64;
        if self.work > MAX_WORK {
            // Once is enough: what follows is the end.
            self.work = 0;
            self.frames.clear();
            self.broken = Some("the script does too much: it was stopped".to_owned());
        }
    }

    /// Prints an error and ends the script, or the `$(…)`, `( … )` or pipe that we are in.
    fn fatal(&mut self, message: &str, now_ms: u64) {
        if self.record.is_none() && self.in_the_open() {
            let (line, command) = (self.place.0, self.place.1.to_string());
            self.begin_record(CommandResult { line, command, ..CommandResult::default() });
        }
        let message = format!("{}: {message}\n", self.name());
        self.write(Stream::Err, &message);
        // What went wrong while saying what went wrong must not start over.
        self.broken = None;
        self.unwind(1, now_ms);
    }

    /// Ends what `exit` ends: the innermost frame that is a shell of its own, else the script.
    fn unwind(&mut self, code: i32, now_ms: u64) {
        self.status = code;
        let Some(at) = self.frames.iter().rposition(|frame| frame.is_shell()) else {
            return self.finish(code, true, now_ms);
        };
        self.frames.truncate(at + 1);
        let heights = self.frames[at].heights;
        self.drop_to(heights);
        self.pc = self.frames[at].end;
        // A command within `( … )` has a record of its own, which ends with it.
        if let Some(record) = self.record.take_if(|_| self.record_depth == 0) {
            self.report(record, now_ms);
        }
    }

    fn finish(&mut self, code: i32, by_exit: bool, now_ms: u64) {
        self.frames.clear();
        self.builders.clear();
        self.status = code;
        if let Some(record) = self.record.take() {
            self.report(record, now_ms);
        }
        self.record_depth = 0;
        self.pc = self.code.len();
        self.ended = Some((code, by_exit));
    }

    fn begin_record(&mut self, record: CommandResult) {
        let stderr = std::mem::take(&mut self.early);
        self.record = Some(CommandResult { stderr, ..record });
    }

    fn report(&mut self, record: CommandResult, now_ms: u64) {
        self.pending.push_back(Progress::Ran(CommandResult { exit_code: self.status, time_ms: now_ms, ..record }));
    }
}

#[cfg(test)]
mod tests;
