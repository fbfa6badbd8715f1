//! The page's side of a session: the one file that knows what drives the cluster. Everything else sees these types.

use std::rc::Rc;

use view::{ObjectRef, Snapshot, Text};

use crate::diagnostic::Diagnostic;
use crate::files::NamedText;

/// Where virtual time is, and how it moves.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Clock {
    /// The moment shown, in milliseconds of virtual time.
    pub now_ms: u64,
    /// The latest moment there is; later than the moment shown after a rewind.
    pub end_ms: u64,
    /// Whether time runs.
    pub playing: bool,
    /// How fast, in thousandths of real time.
    pub speed_milli: u32,
    /// Whether the cluster could not keep up with the speed that was asked for.
    pub lagging: bool,
}

/// What a line of the console is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LineKind {
    /// A command that was given.
    Command,
    /// What it printed.
    Stdout,
    /// What it complained of.
    Stderr,
    /// A remark of the page.
    Note,
    /// Everything before this is to be forgotten.
    Clear,
}

/// A line of the console, or several.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ConsoleLine {
    /// What it is.
    pub kind: LineKind,
    /// Its text.
    pub text: Text,
}

/// A running session.
pub struct Session {
    clock: Clock,
    snapshot: Rc<Snapshot>,
    console: Vec<ConsoleLine>,
}

impl Session {
    /// A fresh cluster of that many nodes.
    pub fn new(_nodes: u32, _seed: u64) -> Self {
        Self { clock: Clock { speed_milli: 1_000, now_ms: 74_200, end_ms: 74_200, playing: false, lagging: false }, snapshot: Self::picture(), console: Vec::new() }
    }

    #[cfg(feature = "demo")]
    fn picture() -> Rc<Snapshot> {
        crate::fixture::snapshot()
    }

    #[cfg(not(feature = "demo"))]
    fn picture() -> Rc<Snapshot> {
        Rc::default()
    }

    /// The session that a link describes, with its files.
    pub fn open(json: &str) -> Result<(Self, Vec<NamedText>), String> {
        let _state: serde_json::Value = serde_json::from_str(json).map_err(|error| error.to_string())?;
        Ok((Self::new(3, 1), Vec::new()))
    }

    /// The session as JSON for a link.
    pub fn share(&self, files: &[NamedText]) -> String {
        serde_json::json!({"v": 1, "files": files}).to_string()
    }

    /// Makes these the files of the session's file system.
    pub fn write_files(&mut self, _files: &[NamedText]) {}

    /// Gives a console command.
    pub fn run(&mut self, command: &str) {
        self.console.push(ConsoleLine { kind: LineKind::Command, text: command.into() });
    }

    /// Lets real time pass. Returns whether the picture may have changed.
    pub fn advance(&mut self, elapsed_ms: u32) {
        if self.clock.playing {
            self.clock.now_ms += u64::from(elapsed_ms) * u64::from(self.clock.speed_milli) / 1_000;
            self.clock.end_ms = self.clock.end_ms.max(self.clock.now_ms);
        }
    }

    /// Lets time run, or stops it.
    pub fn play(&mut self, playing: bool) {
        self.clock.playing = playing;
    }

    /// Sets the speed, in thousandths of real time.
    pub fn set_speed(&mut self, speed_milli: u32) {
        self.clock.speed_milli = speed_milli;
    }

    /// Goes to the next moment at which something happens, and stops.
    pub fn step(&mut self) {
        self.clock.playing = false;
    }

    /// Goes to a moment.
    pub fn seek(&mut self, ms: u64) {
        self.clock.now_ms = ms;
    }

    /// Where time is.
    pub fn clock(&self) -> Clock {
        self.clock
    }

    /// Grows whenever the picture changed.
    pub fn revision(&self) -> u64 {
        1
    }

    /// The picture of this moment.
    pub fn snapshot(&self) -> Rc<Snapshot> {
        self.snapshot.clone()
    }

    /// What the console printed since the last call.
    pub fn take_console(&mut self) -> Vec<ConsoleLine> {
        std::mem::take(&mut self.console)
    }

    /// What `kubectl describe` says of an object at this moment. Not an input: nothing is recorded.
    pub fn describe(&self, target: &ObjectRef) -> Text {
        format!("Name:         {}\nNamespace:    {}\n", target.name, target.namespace).into()
    }

    /// What is wrong with a file.
    pub fn check(_id: u32, _file: &NamedText) -> Vec<Diagnostic> {
        Vec::new()
    }
}
