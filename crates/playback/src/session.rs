//! The session: what is done, and time that passes. Going back and forth is in `travel`, other futures in `lines`.

use crate::branches::{Line, MAIN, Undone};
use crate::checkpoints::Checkpoints;
use crate::chronicle::{Chronicle, Mark};
use crate::moment::{ConsoleLine, Moment};
use crate::scenario::{Scenario, ScenarioError, ScenarioFile};
use crate::{Entry, Input, export, link};
use cluster::Cluster;
use console::{CommandResult, Completion, Engine, Files, Folder, Piece, Request};
use sim::{SimDuration, SimTime};
use std::cell::RefCell;
use std::collections::VecDeque;
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
    /// How fast time really went in the last second, in thousandths of real time; 0 if that is not known.
    pub actual_milli: u32,
    /// The range that is played again and again, in virtual milliseconds.
    pub range: Option<(u64, u64)>,
    /// Whether time runs as fast as it can until something happens.
    pub until_event: bool,
}

/// A cluster with its past, and the other futures it could have had.
#[derive(Clone)]
pub struct Session {
    pub(crate) scenario: Rc<Scenario>,
    pub(crate) folder: Option<Rc<dyn Folder>>,
    pub(crate) log: Vec<Entry>,
    /// How many inputs of the log the present moment contains.
    pub(crate) taken: usize,
    pub(crate) moment: Moment,
    pub(crate) checkpoints: Checkpoints,
    pub(crate) chronicle: Chronicle,
    /// The name of the present line of history, and the others.
    pub(crate) name: Rc<str>,
    pub(crate) lines: Vec<Line>,
    pub(crate) undone: Vec<Undone>,
    /// Marks that somebody set, by time.
    pub(crate) marks: Vec<Mark>,
    /// What is left of a script that moves in time.
    queue: VecDeque<Piece>,
    /// What finished before a command last moved in time, and how many results of the moment are not to be told again.
    past: Vec<CommandResult>,
    past_ends: usize,
    /// Whether a command led to a moment at which another one waits, and nothing has been done since.
    landed: bool,
    /// Whether the record of the loop is wanted.
    pub(crate) tracing: bool,
    pub(crate) clock: Clock,
    /// Thousandths of a virtual millisecond that are owed to slow playback.
    pub(crate) owed: u64,
    /// Real and virtual milliseconds since the speed was last measured.
    measured: (u64, u64),
    pub(crate) console_read: usize,
    pub(crate) revision: u64,
    snapshot: RefCell<Option<(u64, Rc<view::Snapshot>)>>,
    parts: RefCell<view::Kept>,
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

    /// The same session without saved moments, for those who only go forward: faster and smaller, and going back plays
    /// everything again from the start.
    #[must_use]
    pub fn forward_only(mut self) -> Self {
        self.checkpoints.keep_none();
        self
    }

    fn with(scenario: Scenario, log: Vec<Entry>, folder: Option<Rc<dyn Folder>>) -> Self {
        let end_ms = log.last().map_or(0, |entry| entry.at.as_millis());
        let moment = Self::start(&scenario, folder.as_ref());
        let chronicle = Chronicle::new(&moment.cluster);
        let marks = scenario.marks.clone();
        let lines = scenario.branches.iter().map(|branch| Line {
            name: branch.name.clone(),
            log: branch.log.clone(),
            end: branch.end,
            chronicle: chronicle.clone(),
            near: None,
        });
        Session {
            lines: lines.collect(),
            scenario: Rc::new(scenario),
            folder,
            log,
            taken: 0,
            moment,
            checkpoints: Checkpoints::default(),
            chronicle,
            name: MAIN.into(),
            undone: Vec::new(),
            marks,
            queue: VecDeque::new(),
            past: Vec::new(),
            past_ends: 0,
            landed: false,
            tracing: false,
            clock: Clock { end_ms, speed_milli: 1000, ..Clock::default() },
            owed: 0,
            measured: (0, 0),
            console_read: 0,
            revision: 1,
            snapshot: RefCell::new(None),
            parts: RefCell::default(),
        }
    }

    pub(crate) fn start(scenario: &Scenario, folder: Option<&Rc<dyn Folder>>) -> Moment {
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

    /// Does something now. What lay ahead in the log is kept as a branch.
    pub fn input(&mut self, input: Input) {
        match input {
            Input::Command(text) => {
                self.queue = console::pieces(&text).into();
                self.feed();
            }
            input => self.give(input, 1),
        }
    }

    /// Runs a line (or several) of the command language now. A command that still waits is ended first; an empty
    /// line does only that.
    pub fn run(&mut self, command: &str) {
        self.input(Input::Command(command.into()));
    }

    /// What a command would print now. Nothing changes, and nothing is recorded.
    pub fn ask(&self, command: &str) -> Option<CommandResult> {
        let mut moment = self.moment.clone();
        let before = moment.results.len();
        moment.take(&Input::Command(command.into()), 1, &self.scenario, &self.log[..self.taken]);
        moment.results.iter().skip(before).last().cloned()
    }

    /// Gives what is left of a script, as far as it does not wait. Answers whether that moved in time.
    fn feed(&mut self) -> bool {
        let mut moved = false;
        while let Some(piece) = self.queue.pop_front() {
            if piece.moves {
                moved |= self.travel_by(&piece);
                continue;
            }
            self.give(Input::Command(piece.text), piece.line);
            moved |= self.serve_request(None);
            if self.moment.exited.is_some() {
                self.queue.clear();
            }
            if self.is_waiting() {
                break;
            }
        }
        moved
    }

    /// Whether a command waits, other than one that did at the moment to which another led.
    fn is_waiting(&self) -> bool {
        self.moment.is_busy() && !self.landed
    }

    /// A command that moves in time is no part of the history it moves in, unless it fails.
    fn travel_by(&mut self, piece: &Piece) -> bool {
        let input = Input::Command(piece.text.clone());
        let mut tried = self.moment.clone();
        tried.take(&input, piece.line, &self.scenario, &self.log[..self.taken]);
        if tried.request.is_none() {
            self.give(input, piece.line);
            return false;
        }
        let kept = std::mem::replace(&mut self.moment, tried);
        self.serve_request(Some(kept))
    }

    fn give(&mut self, input: Input, line: u32) {
        let now = self.moment.cluster.now();
        if std::mem::take(&mut self.landed) && matches!(input, Input::Command(_)) {
            // That the command which waited here ends is nothing to tell of.
            self.past_ends += 1;
        }
        // Inputs come after everything that happens at their moment by itself; a replay keeps that order.
        while self.moment.step(now, &self.scenario, &self.log[..self.taken]) {}
        self.chronicle.observe(&self.moment.cluster);
        self.fork();
        self.log.push(Entry { at: now, input, other: serde_json::Map::new() });
        self.clock.end_ms = now.as_millis();
        self.take_next(line);
    }

    pub(crate) fn take_next(&mut self, line: u32) {
        let Some(entry) = self.log.get(self.taken).cloned() else { return };
        self.taken += 1;
        self.moment.take(&entry.input, line, &self.scenario, &self.log[..self.taken]);
        self.chronicle.observe(&self.moment.cluster);
        self.revision += 1;
    }

    /// Does what a `sim` command asked of the session. Answers whether that moved in time.
    fn serve_request(&mut self, kept: Option<Moment>) -> bool {
        let Some(request) = self.moment.request.take() else { return false };
        if self.moment.is_busy() {
            self.moment.drop_rest();
        }
        let past: Vec<CommandResult> = self.results(0).cloned().collect();
        match request {
            Request::Goto(ms) => {
                // A command that moves in time is no part of the history it moves in.
                match kept {
                    Some(moment) => self.moment = moment,
                    None => self.forget_last_command(),
                }
                let queue = std::mem::take(&mut self.queue);
                self.travel(SimTime::from_millis(ms));
                self.queue = queue;
            }
            Request::Reset => {
                // The cluster is a fresh one; the files of the shell stay.
                let file = |(name, text): (&str, &Rc<str>)| ScenarioFile { name: name.into(), content: text.clone() };
                let files = self.moment.files().own().map(file).collect();
                let start = Scenario { files, ..self.scenario.without_history() };
                let fresh = self.another(start, Vec::new());
                *self = Self { queue: std::mem::take(&mut self.queue), ..fresh };
            }
            Request::Open(saved) => match Scenario::from_json(&saved) {
                Ok((scenario, log)) => {
                    let end = log.last().map_or(SimTime::ZERO, |entry| entry.at);
                    let opened = self.another(scenario, log);
                    let queue = std::mem::take(&mut self.queue);
                    *self = opened;
                    self.travel(end);
                    self.queue = queue;
                }
                // The command has looked at the file before it asked.
                Err(_) => self.revision += 1,
            },
        }
        (self.past, self.past_ends) = (past, self.moment.results.len());
        self.landed = self.moment.is_busy();
        true
    }

    /// Goes to before the command that was given last, as if it had not been.
    fn forget_last_command(&mut self) {
        let is_command = |entry: &Entry| matches!(entry.input, Input::Command(_));
        let Some(index) = self.log[..self.taken].iter().rposition(is_command) else { return };
        let at = self.log[index].at;
        self.log.truncate(index);
        self.go_back_to_end(at);
    }

    /// Goes to the end of the log as it has just been cut, at this moment.
    pub(crate) fn go_back_to_end(&mut self, at: SimTime) {
        self.checkpoints.cut(self.log.len(), at);
        self.clock.end_ms = at.as_millis();
        self.restore(self.checkpoints.last().cloned());
        self.travel(at);
        self.chronicle.cut(&self.moment.cluster);
    }

    /// A session of another history in the place of this one.
    fn another(&self, scenario: Scenario, log: Vec<Entry>) -> Session {
        Session { checkpoints: self.checkpoints.emptied(), ..Self::with(scenario, log, self.folder.clone()) }
    }

    /// Lets real time pass: moves virtual time on if the session plays. `budget` bounds the steps of the loop; if it
    /// runs out, virtual time lags and [`Clock::lagging`] says so. Returns whether anything may look different.
    pub fn advance(&mut self, elapsed_ms: u32, budget: u64) -> bool {
        if !self.clock.playing {
            return false;
        }
        self.landed = false;
        let before = (self.moment.cluster.now(), self.moment.cluster.steps(), self.revision);
        if self.clock.until_event {
            self.rush(budget);
        } else {
            let elapsed = u64::from(elapsed_ms.min(LONGEST_FRAME_MS));
            let thousandths = elapsed * u64::from(self.clock.speed_milli) + self.owed;
            let target = before.0 + SimDuration::from_millis(thousandths / 1000);
            self.owed = thousandths % 1000;
            self.clock.lagging = !self.play_to(target, budget);
            self.measure(elapsed, self.moment.cluster.now().since(before.0).as_millis());
        }
        before != (self.moment.cluster.now(), self.moment.cluster.steps(), self.revision)
    }

    /// Moves on to `target`, or around the range that is played again and again.
    fn play_to(&mut self, target: SimTime, budget: u64) -> bool {
        let Some((from, to)) = self.clock.range.filter(|(_, to)| target.as_millis() >= *to) else {
            return self.run_until(target, budget);
        };
        if self.moment.cluster.now().as_millis() < to && !self.run_until(SimTime::from_millis(to), budget) {
            return false;
        }
        self.travel(SimTime::from_millis(from));
        true
    }

    /// Notes how fast time went, once a second.
    fn measure(&mut self, real_ms: u64, virtual_ms: u64) {
        self.measured = (self.measured.0 + real_ms, self.measured.1 + virtual_ms);
        let (real, passed) = self.measured;
        if real >= 1000 {
            self.clock.actual_milli = u32::try_from(passed.saturating_mul(1000) / real).unwrap_or(u32::MAX);
            self.measured = (0, 0);
        }
    }

    /// Moves on to `target`, taking inputs of the log as they come. False if the budget ran out before.
    pub(crate) fn run_until(&mut self, target: SimTime, budget: u64) -> bool {
        for _ in 0..budget {
            if !self.happen(target) {
                self.clock.end_ms = self.clock.end_ms.max(target.as_millis());
                return true;
            }
            let moved = if self.moment.request.is_some() { self.serve_request(None) } else { false };
            if self.moment.exited.is_some() {
                self.queue.clear();
            }
            if moved || !self.queue.is_empty() && !self.is_waiting() && self.feed() {
                return true;
            }
        }
        false
    }

    /// Lets one thing happen by `target` at the latest: a step of the loop, an input of the log, or time that passes.
    /// False if nothing is left and `target` is reached.
    pub(crate) fn happen(&mut self, target: SimTime) -> bool {
        let next = self.log.get(self.taken).map(|entry| entry.at).filter(|at| *at <= target);
        let limit = next.unwrap_or(target);
        let more = self.moment.step(limit, &self.scenario, &self.log[..self.taken]);
        self.checkpoints.offer(self.taken, &self.moment);
        self.chronicle.observe(&self.moment.cluster);
        if !more && next.is_some() {
            self.take_next(1);
            // What a stored script asks of the session was answered when it was recorded.
            self.moment.request = None;
        }
        self.clock.end_ms = self.clock.end_ms.max(self.moment.cluster.now().as_millis());
        more || next.is_some() || !self.queue.is_empty() && !self.is_waiting()
    }

    /// Moves on by one thing that happens while a command waits, for those who have no clock of their own: call it
    /// while [`Session::is_busy`].
    pub fn pump(&mut self) {
        let target = self.moment.cluster.now() + SimDuration::from_secs(3600);
        let end_ms = self.clock.end_ms;
        self.run_until(target, 1);
        self.clock.end_ms = end_ms.max(self.moment.cluster.now().as_millis());
    }

    /// Moves on by one step of the loop, but not past `target`. Answers with who acted, if anybody did.
    pub fn step_towards(&mut self, target: SimTime) -> Option<cluster::Step> {
        self.run_until(target, 1);
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
        self.is_waiting() || !self.queue.is_empty()
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
        self.clock.until_event = false;
        (self.owed, self.measured, self.clock.actual_milli) = (0, (0, 0), 0);
        self.clock.lagging &= playing;
    }

    /// Sets the speed, in thousandths of real time.
    pub fn set_speed(&mut self, speed_milli: u32) {
        self.clock.speed_milli = speed_milli;
        (self.measured, self.clock.actual_milli) = ((0, 0), 0);
    }

    /// What a script has left is not given: somebody goes elsewhere.
    pub(crate) fn forget_queue(&mut self) {
        self.queue.clear();
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
                let mut parts = self.parts.borrow_mut();
                let snapshot = Rc::new(view::next_snapshot(&self.moment.cluster, &mut parts));
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

    /// The commands that have finished since `from`, which counts them from the start; those, too, that were given
    /// before a command moved in time.
    pub fn results(&self, from: usize) -> impl Iterator<Item = &CommandResult> {
        self.past.iter().chain(self.moment.results.iter().skip(self.past_ends)).skip(from)
    }

    /// The session in its saved form: the present line of history with its marks.
    pub fn saved(&self) -> String {
        self.scenario.with_marks(&self.marks).to_json(&self.log)
    }

    /// The session in its saved form, with the other lines of history.
    pub fn saved_whole(&self) -> String {
        let branches = self.lines.iter().map(|line| crate::scenario::SavedBranch {
            name: line.name.clone(),
            log: line.log.clone(),
            end: line.end,
        });
        self.scenario.with_marks(&self.marks).with_branches(branches.collect()).to_json(&self.log)
    }

    /// The session as a link: the URL fragment, `#` included.
    pub fn fragment(&self) -> String {
        link::session_fragment(&self.saved(), None, None)
    }

    /// The session as a script for a real cluster on this engine.
    pub fn export(&self, engine: Engine) -> String {
        export::export(engine, &self.scenario, &self.log)
    }

    /// The commands that were given up to this moment, one after the other: what one would type again.
    pub fn commands(&self) -> String {
        let command = |entry: &Entry| match &entry.input {
            Input::Command(text) if !text.trim().is_empty() => Some(format!("{}\n", text.trim_end())),
            _ => None,
        };
        self.log[..self.taken].iter().filter_map(command).collect()
    }

    /// The console as a transcript: each command after `$ `, and what it printed.
    pub fn transcript(&self) -> String {
        self.console().map(crate::moment::transcript_of).collect()
    }
}
