//! The session: play, pause, speed, step, seek over the input log.

use crate::checkpoints::Checkpoints;
use crate::moment::{ConsoleLine, Moment};
use crate::scenario::{Scenario, ScenarioError};
use crate::{Entry, Input, share};
use cluster::Cluster;
use console::{CommandResult, Completion, Files, Folder, Request};
use sim::{SimDuration, SimTime};
use std::cell::RefCell;
use std::rc::Rc;

/// The longest span of real time that one call of [`Session::advance`] takes for real, in milliseconds: after a pause
/// of the driver (a hidden tab) the simulation does not race to catch up.
const LONGEST_FRAME_MS: u32 = 500;

/// Where virtual time is, and how it moves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Clock {
    /// The moment shown, in virtual milliseconds.
    pub now_ms: u64,
    /// The latest moment that was reached, in virtual milliseconds.
    pub end_ms: u64,
    /// Whether time runs.
    pub playing: bool,
    /// How fast, in thousandths of real time.
    pub speed_milli: u32,
    /// Whether the cluster could not keep up with the speed in the last frame.
    pub lagging: bool,
}

/// A cluster with its past.
#[derive(Clone)]
pub struct Session {
    scenario: Rc<Scenario>,
    folder: Option<Rc<dyn Folder>>,
    log: Vec<Entry>,
    /// How many inputs of the log the present moment contains.
    taken: usize,
    moment: Moment,
    checkpoints: Checkpoints,
    clock: Clock,
    /// Thousandths of a virtual millisecond that are owed to slow playback.
    owed: u64,
    console_read: usize,
    revision: u64,
    snapshot: RefCell<Option<(u64, Rc<view::Snapshot>)>>,
}

impl Session {
    /// A fresh session. It is paused.
    pub fn new(scenario: Scenario) -> Self {
        Self::with(scenario, Vec::new(), None)
    }

    /// A fresh session whose `-f` also reads a folder of the host.
    pub fn over(scenario: Scenario, folder: Rc<dyn Folder>) -> Self {
        Self::with(scenario, Vec::new(), Some(folder))
    }

    /// A saved session (see [`Session::saved`]), at its start: what was done in it lies ahead.
    pub fn open(saved: &str) -> Result<Self, ScenarioError> {
        let (scenario, log) = Scenario::from_json(saved)?;
        Ok(Self::with(scenario, log, None))
    }

    fn with(scenario: Scenario, log: Vec<Entry>, folder: Option<Rc<dyn Folder>>) -> Self {
        let end_ms = log.last().map_or(0, |entry| entry.at.as_millis());
        let moment = Self::start(&scenario, folder.as_ref());
        Session {
            scenario: Rc::new(scenario),
            folder,
            log,
            taken: 0,
            moment,
            checkpoints: Checkpoints::default(),
            clock: Clock { end_ms, speed_milli: 1000, ..Clock::default() },
            owed: 0,
            console_read: 0,
            revision: 1,
            snapshot: RefCell::new(None),
        }
    }

    fn start(scenario: &Scenario, folder: Option<&Rc<dyn Folder>>) -> Moment {
        let mut files = Files::new();
        if let Some(folder) = folder {
            files = files.over(folder.clone());
        }
        for file in &scenario.files {
            // A name that cannot be a path of ours is left out; the editor still has the file.
            drop(files.put(&file.name, file.content.clone()));
        }
        Moment::new(scenario, files)
    }

    /// The cluster at the present moment.
    pub fn cluster(&self) -> &Cluster {
        &self.moment.cluster
    }

    /// The shell's files at the present moment.
    pub fn files(&self) -> &Files {
        self.moment.files()
    }

    /// What could be typed at the cursor of a line of the console; see [`console::complete`].
    pub fn complete(&self, line: &str, cursor: usize) -> Completion {
        self.moment.complete(line, cursor)
    }

    /// What the session starts from.
    pub fn scenario(&self) -> &Scenario {
        &self.scenario
    }

    /// Everything that was done, in order of time.
    pub fn log(&self) -> &[Entry] {
        &self.log
    }

    /// Does something now. What lay ahead in the log is dropped.
    pub fn input(&mut self, input: Input) {
        let now = self.moment.cluster.now();
        // Inputs come after everything that happens at their moment by itself; a replay keeps that order.
        while self.moment.step(now, &self.scenario, &self.log[..self.taken]) {}
        self.log.truncate(self.taken);
        self.checkpoints.cut(self.taken, now);
        self.log.push(Entry { at: now, input });
        self.clock.end_ms = now.as_millis();
        self.take_next();
        self.serve_request();
    }

    /// Runs a line (or several) of the command language now. A command that still waits is ended first; an empty
    /// line does only that.
    pub fn run(&mut self, command: &str) {
        self.input(Input::Command(command.into()));
    }

    fn take_next(&mut self) {
        let Some(entry) = self.log.get(self.taken).cloned() else { return };
        self.taken += 1;
        self.moment.take(&entry.input, &self.scenario, &self.log[..self.taken]);
        self.revision += 1;
    }

    /// Does what a `sim` command asked of the session.
    fn serve_request(&mut self) {
        let Some(request) = self.moment.request.take() else { return };
        match request {
            Request::Goto(ms) => {
                // The command itself is no part of the history it moves in.
                self.log.truncate(self.taken.saturating_sub(1));
                self.taken = self.taken.min(self.log.len());
                let console = self.moment.console.clone();
                let results = self.moment.results.clone();
                self.seek(SimTime::from_millis(ms));
                self.moment.console = console;
                self.moment.results = results;
            }
            Request::Reset => {
                *self = Self {
                    folder: self.folder.clone(),
                    ..Self::with((*self.scenario).clone(), Vec::new(), self.folder.clone())
                }
            }
            Request::Open(saved) => match Scenario::from_json(&saved) {
                Ok((scenario, log)) => {
                    let end = log.last().map_or(SimTime::ZERO, |entry| entry.at);
                    *self = Self::with(scenario, log, self.folder.clone());
                    self.seek(end);
                }
                // The command has looked at the file before it asked.
                Err(_) => self.revision += 1,
            },
        }
    }

    /// Lets real time pass: moves virtual time on if the session plays. `budget` bounds the steps of the loop; if it
    /// runs out, virtual time lags and [`Clock::lagging`] says so. Returns whether anything may look different.
    pub fn advance(&mut self, elapsed_ms: u32, budget: u64) -> bool {
        if !self.clock.playing {
            return false;
        }
        let elapsed = u64::from(elapsed_ms.min(LONGEST_FRAME_MS));
        let thousandths = elapsed * u64::from(self.clock.speed_milli) + self.owed;
        let target = self.moment.cluster.now() + SimDuration::from_millis(thousandths / 1000);
        self.owed = thousandths % 1000;
        let before = (self.moment.cluster.now(), self.moment.cluster.steps(), self.revision);
        self.clock.lagging = !self.run_until(target, budget);
        before != (self.moment.cluster.now(), self.moment.cluster.steps(), self.revision)
    }

    /// Moves on to `target`, taking inputs of the log as they come. False if the budget ran out before.
    fn run_until(&mut self, target: SimTime, budget: u64) -> bool {
        for _ in 0..budget {
            let next = self.log.get(self.taken).map(|entry| entry.at).filter(|at| *at <= target);
            let limit = next.unwrap_or(target);
            let more = self.moment.step(limit, &self.scenario, &self.log[..self.taken]);
            self.checkpoints.offer(self.taken, &self.moment);
            if more {
                continue;
            }
            if next.is_none() {
                self.clock.end_ms = self.clock.end_ms.max(target.as_millis());
                return true;
            }
            self.take_next();
        }
        false
    }

    /// Moves on by one thing that happens while a command waits, for those who have no clock of their own: call it
    /// while [`Session::is_busy`].
    pub fn pump(&mut self) {
        let target = self.moment.cluster.now() + SimDuration::from_secs(3600);
        self.run_until(target, 1);
        self.serve_request();
        self.clock.end_ms = self.clock.end_ms.max(self.moment.cluster.now().as_millis());
    }

    /// Moves on by one step of the loop, but not past `target`. Answers with who acted, if anybody did.
    pub fn step_towards(&mut self, target: SimTime) -> Option<cluster::Step> {
        self.run_until(target, 1);
        self.serve_request();
        self.moment.last_step.take()
    }

    /// Why the last command could not even be begun, if it could not.
    pub fn syntax_error(&self) -> Option<&str> {
        self.moment.syntax_error.as_deref()
    }

    /// The exit code, if the last command ended by `exit` or `set -e`.
    pub fn exit_by_command(&self) -> Option<i32> {
        self.moment.exited
    }

    /// Whether a command is still running.
    pub fn is_busy(&self) -> bool {
        self.moment.is_busy()
    }

    /// Whether the running command waits for something other than time, with no end in sight (a watch).
    pub fn waits_without_end(&self) -> bool {
        let far = self.moment.cluster.now() + SimDuration::from_secs(1800);
        self.moment.waiting().is_some_and(|(until, only_time)| !only_time && until > far)
    }

    /// Ends a command that still waits, as Ctrl-C does. It is an input like any other: a replay does the same.
    pub fn interrupt(&mut self) {
        self.run("");
    }

    /// Moves virtual time on until nothing is left to happen but periodic work, or `limit` has passed.
    pub fn settle(&mut self, limit: SimDuration) {
        let end = self.moment.cluster.now() + limit;
        while let Some(next) = self.moment.cluster.next_progress_at().filter(|at| *at <= end) {
            self.run_until(next, u64::MAX);
        }
    }

    /// Lets time run, or stops it.
    pub fn play(&mut self, playing: bool) {
        self.clock.playing = playing;
        self.owed = 0;
    }

    /// Sets the speed, in thousandths of real time.
    pub fn set_speed(&mut self, speed_milli: u32) {
        self.clock.speed_milli = speed_milli;
    }

    /// Goes to the next moment at which something other than periodic work happens, and stops there.
    pub fn step(&mut self) {
        self.clock.playing = false;
        let next = self.moment.cluster.next_progress_at().or_else(|| self.moment.cluster.next_at());
        if let Some(at) = next {
            self.run_until(at, u64::MAX);
        }
    }

    /// Goes back to before the last thing that happened, and stops there.
    pub fn step_back(&mut self) {
        self.clock.playing = false;
        let steps = self.moment.cluster.steps();
        self.restore(self.checkpoints.before_step(steps).cloned());
        while self.moment.cluster.steps() + 1 < steps {
            let Some(next) = self.moment.cluster.next_at() else { return };
            self.run_until(next, 1);
        }
    }

    /// Goes to a moment, back or on. Inputs that lie ahead of it stay in the log until something else is done.
    pub fn seek(&mut self, at: SimTime) {
        if at < self.moment.cluster.now() {
            self.restore(self.checkpoints.before(at).cloned());
        }
        self.run_until(at, u64::MAX);
        self.revision += 1;
    }

    fn restore(&mut self, checkpoint: Option<crate::checkpoints::Checkpoint>) {
        match checkpoint {
            Some(saved) => {
                self.moment = saved.moment;
                self.taken = saved.inputs;
            }
            None => {
                self.moment = Self::start(&self.scenario, self.folder.as_ref());
                self.taken = 0;
            }
        }
        self.console_read = self.console_read.min(self.moment.console.len());
        self.owed = 0;
        self.revision += 1;
    }

    /// Where time is.
    pub fn clock(&self) -> Clock {
        Clock { now_ms: self.moment.cluster.now().as_millis(), ..self.clock }
    }

    /// Changes whenever the picture may have changed.
    pub fn revision(&self) -> (u64, u64) {
        (self.revision, self.moment.cluster.steps())
    }

    /// The picture of this moment; the same one as before if nothing changed.
    pub fn snapshot(&self) -> Rc<view::Snapshot> {
        let steps = self.moment.cluster.steps()
            ^ self.revision.rotate_left(32)
            ^ self.moment.cluster.now().as_millis().rotate_left(48);
        let mut kept = self.snapshot.borrow_mut();
        match &*kept {
            Some((of, snapshot)) if *of == steps => snapshot.clone(),
            _ => {
                let snapshot = Rc::new(view::snapshot(&self.moment.cluster));
                *kept = Some((steps, snapshot.clone()));
                snapshot
            }
        }
    }

    /// What the console has printed since the last call.
    pub fn take_console(&mut self) -> Vec<ConsoleLine> {
        let lines = self.moment.console.iter().skip(self.console_read).cloned().collect();
        self.console_read = self.moment.console.len();
        lines
    }

    /// Everything that the console shows at the present moment.
    pub fn console(&self) -> impl Iterator<Item = &ConsoleLine> {
        self.moment.console.iter()
    }

    /// The commands that have finished since `from`, which counts them from the start.
    pub fn results(&self, from: usize) -> impl Iterator<Item = &CommandResult> {
        self.moment.results.iter().skip(from)
    }

    /// The session in its saved form.
    pub fn saved(&self) -> String {
        self.scenario.to_json(&self.log)
    }

    /// The session as a link: the URL fragment, `#` included.
    pub fn fragment(&self) -> String {
        share::fragment(&self.saved())
    }
}
