//! Going back and forth: seek, single steps, undo and redo, the range that is played again and again.

use crate::branches::{Undone, last_action, shared};
use crate::checkpoints::Checkpoint;
use crate::session::Session;
use crate::{Entry, Input};
use sim::{SimDuration, SimTime};

/// How far one step goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Stride {
    /// To the next (last) Event, change of a pod's phase, or mark.
    #[default]
    Event,
    /// A second.
    Second,
    /// One look of one brain: a reconcile of a controller, an attempt of the scheduler, a turn of a kubelet.
    Reconcile,
}

/// How long a step by event looks ahead, and how many steps of the loop it makes at the most.
const LOOK_AHEAD: SimDuration = SimDuration::from_secs(600);
const LOOK_AHEAD_STEPS: u32 = 20_000;

/// How long time may rush on with nothing happening: a day.
const RUSH: SimDuration = SimDuration::from_secs(86_400);

impl Session {
    /// Goes to the next moment at which something other than periodic work happens, and stops there.
    pub fn step(&mut self) {
        self.play(false);
        let cluster = &self.moment.cluster;
        if let Some(at) = cluster.next_progress_at().or_else(|| cluster.next_at()) {
            self.run_until(at, u64::MAX);
        }
    }

    /// Goes back to before the last thing that happened, and stops there.
    pub fn step_back(&mut self) {
        self.step_by(Stride::Reconcile, false);
    }

    /// Steps on, or back, and stops there.
    pub fn step_by(&mut self, stride: Stride, on: bool) {
        self.play(false);
        let now = self.moment.cluster.now();
        match (stride, on) {
            (Stride::Second, true) => {
                self.run_until(now + SimDuration::from_secs(1), u64::MAX);
            }
            (Stride::Second, false) => {
                let at = now.as_millis().saturating_sub(1000);
                self.seek(SimTime::from_millis(at));
            }
            (Stride::Reconcile, true) => self.next_reconcile(),
            (Stride::Reconcile, false) => {
                self.forget_queue();
                let progress = self.moment.progress(self.taken);
                self.back_to_last(|saved| saved.moment.progress(saved.inputs) < progress);
            }
            (Stride::Event, true) => self.next_event(),
            (Stride::Event, false) => {
                self.forget_queue();
                let cursor = self.moment.cluster.server().watch_cursor();
                let Some(entry) = self.chronicle.last_before(cursor) else { return self.seek(SimTime::ZERO) };
                self.back_to_last(|saved| saved.moment.cluster.server().watch_cursor() <= entry);
            }
        }
    }

    fn next_reconcile(&mut self) {
        let progress = self.moment.progress(self.taken);
        while let Some(at) = self.next_thing_at() {
            self.run_until(at, 1);
            if self.moment.progress(self.taken) > progress {
                return;
            }
        }
    }

    /// When the next thing happens, be it by itself or out of the log.
    fn next_thing_at(&self) -> Option<SimTime> {
        let input = self.log.get(self.taken).map(|entry| entry.at);
        let waiting = self.moment.waiting().map(|(until, _)| until);
        [self.moment.cluster.next_at(), input, waiting].into_iter().flatten().min()
    }

    fn next_event(&mut self) {
        let before = (self.moment.clone(), self.taken, self.clock.end_ms);
        let limit = self.moment.cluster.now() + LOOK_AHEAD;
        let told = |session: &Session| session.chronicle.last_before(session.moment.cluster.server().watch_cursor());
        let last = told(self);
        for _ in 0..LOOK_AHEAD_STEPS {
            let Some(at) = self.next_thing_at().filter(|at| *at <= limit) else { break };
            self.run_until(at, 1);
            if told(self) != last {
                return;
            }
        }
        // Nothing is to be told of for long: the next thing that happens will do.
        (self.moment, self.taken, self.clock.end_ms) = before;
        self.step();
    }

    /// Lets time run as fast as it can until something happens, and stops there.
    pub fn play_until_event(&mut self) {
        self.play(true);
        self.clock.until_event = true;
    }

    /// One frame of that. Where nothing happens for a day, nothing will.
    pub(crate) fn rush(&mut self, budget: u64) {
        let told = |session: &Session| session.chronicle.last_before(session.moment.cluster.server().watch_cursor());
        let (last, quiet_since) = (told(self), self.chronicle.last_at());
        for _ in 0..budget {
            let Some(at) = self.next_thing_at().filter(|at| at.since(quiet_since) <= RUSH) else {
                return self.play(false);
            };
            self.run_until(at, 1);
            if told(self) != last {
                return self.play(false);
            }
        }
    }

    /// Plays a range again and again, in virtual milliseconds; `None` ends that. An empty range is none.
    pub fn play_range(&mut self, range: Option<(u64, u64)>) {
        self.clock.range = range.filter(|(from, to)| from < to);
        if let Some((from, to)) = self.clock.range
            && !(from..to).contains(&self.moment.cluster.now().as_millis())
        {
            self.seek(SimTime::from_millis(from));
        }
    }

    /// Goes to a moment, back or on. Inputs that lie ahead of it stay in the log until something else is done.
    pub fn seek(&mut self, at: SimTime) {
        self.forget_queue();
        self.travel(at);
    }

    /// The same for a command that goes on afterwards.
    pub(crate) fn travel(&mut self, at: SimTime) {
        if at < self.moment.cluster.now() {
            let saved = self.checkpoints.last_that(|saved| saved.moment.cluster.now() <= at).cloned();
            self.restore(saved);
        }
        while self.happen(at) {}
        self.clock.end_ms = self.clock.end_ms.max(at.as_millis());
        self.revision += 1;
    }

    /// Goes to the last state, on the way to this one, that is `early`; states after one that is not are not either.
    fn back_to_last(&mut self, early: impl Fn(&Checkpoint) -> bool) {
        let goal = self.moment.cluster.now();
        self.restore(self.checkpoints.last_that(&early).cloned());
        loop {
            let before = Checkpoint { inputs: self.taken, moment: self.moment.clone() };
            let went = self.happen(goal);
            if !went || !early(&Checkpoint { inputs: self.taken, moment: self.moment.clone() }) {
                (self.moment, self.taken) = (before.moment, before.inputs);
                return;
            }
        }
    }

    pub(crate) fn restore(&mut self, checkpoint: Option<Checkpoint>) {
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
        self.moment.cluster.set_tracing(self.tracing);
        self.console_read = self.console_read.min(self.moment.console.len());
        self.owed = 0;
        self.revision += 1;
    }

    /// Begins, or ends, a record of every look that the loop makes; see [`Cluster::looks`](cluster::Cluster::looks). It
    /// costs nothing while it is off, and changes nothing that happens.
    pub fn set_tracing(&mut self, on: bool) {
        self.tracing = on;
        self.moment.cluster.set_tracing(on);
        if on {
            // What led here is to be told, too: played again from the last saved moment.
            let (now, progress) = (self.moment.cluster.now(), self.moment.progress(self.taken));
            let early = |saved: &Checkpoint| saved.moment.progress(saved.inputs) < progress;
            self.restore(self.checkpoints.last_that(early).cloned());
            self.go_on_to(now, progress);
        }
        self.revision += 1;
    }

    /// Whether the record of the loop is on.
    pub fn is_tracing(&self) -> bool {
        self.tracing
    }

    /// Takes the last action back: goes to the moment before it, as if it had never been given. False if there is none.
    pub fn undo(&mut self) -> bool {
        let Some(first) = last_action(&self.log, self.taken) else { return false };
        let at = self.log[first].at;
        self.undone.push(Undone {
            line: self.present_line(self.name.clone()),
            now: self.moment.cluster.now(),
            taken: self.taken,
            progress: self.moment.progress(self.taken),
        });
        self.log.truncate(first);
        self.play(false);
        self.forget_queue();
        self.go_back_to_end(at);
        true
    }

    /// Does what was undone last again: everything is as it was. False if there is nothing.
    pub fn redo(&mut self) -> bool {
        let Some(undone) = self.undone.pop() else { return false };
        self.play(false);
        self.forget_queue();
        self.adopt(undone.line);
        self.go_to(undone.now, undone.progress);
        true
    }

    /// What [`Session::undo`] and [`Session::redo`] would take back or do again.
    pub fn undo_redo(&self) -> (Option<&Input>, Option<&Input>) {
        let undo = last_action(&self.log, self.taken).and(self.log.get(self.taken.wrapping_sub(1)));
        let redo = self.undone.last().and_then(|undone| undone.line.log.get(undone.taken.wrapping_sub(1)));
        (undo.map(|entry| &entry.input), redo.map(|entry| &entry.input))
    }

    /// Goes to a moment of the present line, to this state of it if several things happen at that moment.
    pub(crate) fn go_to(&mut self, now: SimTime, progress: u64) {
        let early =
            |saved: &Checkpoint| saved.moment.progress(saved.inputs) <= progress && saved.moment.cluster.now() <= now;
        self.restore(self.checkpoints.last_that(early).cloned());
        self.go_on_to(now, progress);
    }

    fn go_on_to(&mut self, now: SimTime, progress: u64) {
        while self.moment.progress(self.taken) < progress && self.happen(now) {}
        if self.moment.cluster.now() < now {
            while self.happen(now) {}
        }
    }

    /// The checkpoints that also belong to another log: up to where it parts from the present one.
    pub(crate) fn keep_shared(&mut self, log: &[Entry]) {
        let same = shared(&self.log, log);
        let parts = [self.log.get(same), log.get(same)].into_iter().flatten().map(|entry| entry.at).min();
        self.checkpoints.cut(same, parts.unwrap_or(SimTime::from_millis(u64::MAX)));
    }
}
