//! Everything that is a function of scenario and inputs: the cluster, the shell, what the console printed.

use crate::scenario::Scenario;
use crate::{Input, export, link};
use cluster::Cluster;
use console::complete::complete;
use console::{
    CommandResult, Completion, CompletionView, Engine, Files, Job, Machine, Progress, Request, SessionText, Stream,
    World,
};
use imbl::GenericVector;
use imbl::shared_ptr::RcK;
use sim::SimTime;
use std::rc::Rc;

/// What a line of the console is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineKind {
    /// A command that was given.
    Command,
    /// What it printed.
    Stdout,
    /// What it complained of.
    Stderr,
    /// Everything before this is to be forgotten.
    Clear,
}

/// A piece of what the console shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConsoleLine {
    /// What it is.
    pub kind: LineKind,
    /// The text, with its newlines.
    pub text: Rc<str>,
}

/// A piece of the console as a transcript has it.
pub(crate) fn transcript_of(line: &ConsoleLine) -> String {
    match line.kind {
        LineKind::Command => format!("$ {}\n", line.text.trim_end()),
        LineKind::Stdout | LineKind::Stderr => line.text.to_string(),
        LineKind::Clear => String::new(),
    }
}

impl ConsoleLine {
    /// As a transcript has it: commands after `$ `.
    pub fn transcript(&self) -> String {
        transcript_of(self)
    }
}

/// The state of a session at one moment. A clone shares everything.
#[derive(Clone)]
pub(crate) struct Moment {
    pub(crate) cluster: Cluster,
    machine: Machine<Job>,
    namespace: String,
    pub(crate) console: GenericVector<ConsoleLine, RcK>,
    /// Commands that have finished, for those who want records.
    pub(crate) results: GenericVector<CommandResult, RcK>,
    pub(crate) request: Option<Request>,
    /// Why the last command could not even be begun.
    pub(crate) syntax_error: Option<String>,
    /// The exit code, if the last command ended by `exit` or `set -e`.
    pub(crate) exited: Option<i32>,
    /// Who acted last.
    pub(crate) last_step: Option<cluster::Step>,
    /// Until when the running command waits, and whether only time can end that.
    waiting: Option<(SimTime, bool)>,
}

/// What `sim save` and `sim share` write.
struct Texts<'a> {
    scenario: &'a Scenario,
    log: &'a [crate::Entry],
}

impl SessionText for Texts<'_> {
    fn saved(&self) -> String {
        self.scenario.to_json(self.log)
    }
    fn check_saved(&self, text: &str) -> Result<(), String> {
        Scenario::from_json(text).map(drop).map_err(|error| error.to_string())
    }
    fn fragment(&self) -> String {
        link::session_fragment(&self.saved(), None, None)
    }
    fn export(&self, engine: Engine) -> String {
        // The command that asks for it is the last one of the log.
        export::export(engine, self.scenario, self.log.split_last().map_or(&[], |(_, before)| before))
    }
}

impl Moment {
    pub(crate) fn new(scenario: &Scenario, files: Files) -> Self {
        Moment {
            cluster: Cluster::new(&scenario.options),
            machine: Machine::new(files),
            namespace: "default".to_owned(),
            console: GenericVector::new(),
            results: GenericVector::new(),
            request: None,
            syntax_error: None,
            exited: None,
            last_step: None,
            waiting: None,
        }
    }

    /// Whether a command is running.
    pub(crate) fn is_busy(&self) -> bool {
        !self.machine.is_idle()
    }

    /// Until when the running command waits, and whether only time can end that.
    pub(crate) fn waiting(&self) -> Option<(SimTime, bool)> {
        self.waiting
    }

    pub(crate) fn files(&self) -> &Files {
        self.machine.files()
    }

    /// What could be typed at the cursor of a line.
    pub(crate) fn complete(&self, line: &str, cursor: usize) -> Completion {
        let view = CompletionView {
            lister: self.cluster.server().lister(),
            namespace: &self.namespace,
            files: self.machine.files(),
            vars: self.machine.vars(),
        };
        complete(line, cursor, view)
    }

    /// Takes an input and lets commands run as far as they go without time.
    pub(crate) fn take(&mut self, input: &Input, line: u32, scenario: &Scenario, log: &[crate::Entry]) {
        match input {
            Input::Command(text) => {
                self.stop(scenario, log);
                self.load(text, line);
                self.run(scenario, log);
            }
            Input::WriteFile { path, content } => {
                if let Err(error) = self.machine.files_mut().put(path, content.clone()) {
                    self.print(LineKind::Stderr, &format!("{error}\n"));
                }
            }
            Input::DeleteFile { path } => {
                // A file that is not there is what was wanted.
                drop(self.machine.files_mut().remove(path));
            }
        }
    }

    /// Ends a command that still waits, as Ctrl-C does: whoever asks for something else is not kept waiting.
    fn stop(&mut self, scenario: &Scenario, log: &[crate::Entry]) {
        if self.is_busy() {
            self.machine.interrupt(self.cluster.now().as_millis());
            self.print(LineKind::Stderr, "^C\n");
            self.run(scenario, log);
        }
    }

    /// Takes up a command; an empty one is none.
    fn load(&mut self, text: &Rc<str>, line: u32) {
        if text.trim().is_empty() {
            return;
        }
        self.print(LineKind::Command, text);
        (self.syntax_error, self.exited) = (None, None);
        if let Err(error) = self.machine.load(text, line) {
            self.print(LineKind::Stderr, &format!("podground: {error}\n"));
            self.syntax_error = Some(error.to_string());
        }
    }

    /// Lets commands go on until they wait for time or are done.
    pub(crate) fn run(&mut self, scenario: &Scenario, log: &[crate::Entry]) {
        self.waiting = None;
        while self.is_busy() {
            let texts = Texts { scenario, log };
            let mut world = World {
                cluster: &mut self.cluster,
                namespace: &mut self.namespace,
                session: &texts,
                request: &mut self.request,
            };
            match self.machine.step(&mut world) {
                Progress::Output { stream, text } => {
                    let kind = if stream == Stream::Out { LineKind::Stdout } else { LineKind::Stderr };
                    self.print(kind, &text);
                }
                Progress::Ran(result) => {
                    self.results.push_back(result);
                    if self.request.is_some() {
                        return;
                    }
                }
                Progress::Waiting { until_ms, only_time } => {
                    self.waiting = Some((SimTime::from_millis(until_ms), only_time));
                    return;
                }
                Progress::Finished { exit_code, by_exit } => self.exited = by_exit.then_some(exit_code),
            }
        }
    }

    /// Moves on to `target` at the latest: to the next thing that happens, or to where the running command wants to
    /// look again. Returns whether time may go on, that is, `target` is not reached yet.
    pub(crate) fn step(&mut self, target: SimTime, scenario: &Scenario, log: &[crate::Entry]) -> bool {
        let limit = self.waiting.map_or(target, |(until, _)| until.min(target));
        self.last_step = self.cluster.step(limit);
        let stepped = self.last_step.is_some();
        if !stepped {
            self.cluster.advance(limit, 1);
        }
        match self.waiting {
            // A command is asked again after each step, or when its time has come: never in between, so that how
            // finely a driver slices time cannot be seen in what commands print.
            Some((until, only_time)) if stepped && !only_time || self.cluster.now() >= until => self.run(scenario, log),
            _ => {}
        }
        stepped || self.cluster.now() < target
    }

    /// Ends a script in the middle because what it asked for left nothing to go on with.
    pub(crate) fn drop_rest(&mut self) {
        self.machine.interrupt(self.cluster.now().as_millis());
        self.print(
            LineKind::Stderr,
            "podground: the script ends here: what moves in time stands on a line of its own\n",
        );
    }

    /// Grows with everything that happens on one line of history, and with nothing else.
    pub(crate) fn progress(&self, taken: usize) -> u64 {
        let seen = self.cluster.steps() + self.cluster.server().watch_cursor();
        seen + (taken + self.console.len() + self.results.len()) as u64
    }

    fn print(&mut self, kind: LineKind, text: &str) {
        let (kind, text) = match text.rfind(console::CLEAR_SEQUENCE) {
            Some(at) if kind == LineKind::Stdout => {
                self.console.push_back(ConsoleLine { kind: LineKind::Clear, text: "".into() });
                (kind, &text[at + console::CLEAR_SEQUENCE.len()..])
            }
            _ => (kind, text),
        };
        if !text.is_empty() || kind == LineKind::Command {
            self.console.push_back(ConsoleLine { kind, text: text.into() });
        }
    }
}
