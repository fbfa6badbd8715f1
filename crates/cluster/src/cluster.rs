//! The loop.

use crate::queue::{Queue, Urgency};
use crate::trace::{LookRecord, Trace, decision, sight};
use crate::waits::{WaitRecord, Waits};
use crate::{Options, fresh};
use api::{ObjectKey, Str, Time};
use apiserver::{Change, Lister, Plan, Server, WatchEvent};
use controllers::{BackOff, Ctx, Look, Memory};
use imbl::GenericOrdMap;
use imbl::shared_ptr::RcK;
use kubelet::{Kubelets, Timing};
use scheduler::Scheduler;
use sim::{Rng, SimDuration, SimTime, WallClock};
use std::rc::Rc;

/// A whole cluster. A clone is a checkpoint and shares everything.
#[derive(Clone)]
pub struct Cluster {
    pub(crate) server: Server,
    pub(crate) kubelets: Kubelets,
    scheduler: Scheduler,
    queue: Queue,
    back_off: BackOff,
    memory: Memory,
    waits: Waits,
    rng: Rng,
    clock: WallClock,
    now: SimTime,
    cursor: u64,
    latency: SimDuration,
    steps: u64,
    /// Whose turn it is behind each Service, by its UID.
    pub(crate) turns: GenericOrdMap<Str, u32, RcK>,
    /// The record of the loop, while it is wanted.
    trace: Option<Rc<Trace>>,
}

/// Which brain acted in a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// When.
    pub at: SimTime,
    /// A controller's name, `scheduler` or `kubelet`.
    pub brain: &'static str,
    /// The key it looked at, if it was about one.
    pub key: Option<ObjectKey>,
}

/// How far [`Cluster::advance`] came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// To the end.
    Target,
    /// The work budget ran out before.
    OutOfBudget,
}

/// Steps at one instant after which the loop moves time on by a millisecond, so that two brains that answer each
/// other forever cannot hold time still.
const STEPS_PER_INSTANT: u64 = 1_000_000;

impl Cluster {
    /// A fresh cluster.
    pub fn new(options: &Options) -> Self {
        let clock = WallClock::starting_at(options.start.unix_millis());
        let mut rng = Rng::new(options.seed);
        let server_rng = Rng::new(rng.next_u64());
        let mut cluster = Cluster {
            server: Server::new(options.start, server_rng),
            kubelets: Kubelets::new(options.timing),
            scheduler: Scheduler::new(),
            queue: Queue::default(),
            back_off: BackOff::default(),
            memory: Memory::default(),
            waits: Waits::default(),
            rng,
            clock,
            now: SimTime::ZERO,
            cursor: 0,
            latency: watch_latency(options.timing),
            steps: 0,
            turns: GenericOrdMap::new(),
            trace: None,
        };
        for (index, controller) in controllers::all().iter().enumerate() {
            if let Some((period, key)) = controller.period {
                cluster.queue.add((index, key()), SimTime::ZERO + period, Urgency::Periodic);
            }
        }
        fresh::fill(&mut cluster, options);
        cluster.deliver();
        cluster
    }

    /// Virtual time since the start.
    pub fn now(&self) -> SimTime {
        self.now
    }

    /// Virtual time on the wall clock.
    pub fn time(&self) -> Time {
        self.wall(self.now)
    }

    /// The wall clock.
    pub fn clock(&self) -> WallClock {
        self.clock
    }

    fn wall(&self, at: SimTime) -> Time {
        Time::from_unix_millis(self.clock.unix_millis(at))
    }

    /// How many steps the loop has made: changes whenever anything may have changed.
    pub fn steps(&self) -> u64 {
        self.steps
    }

    /// The read-only view of everything stored.
    pub fn lister(&self) -> Lister<'_> {
        self.server.lister()
    }

    /// The API server, to read.
    pub fn server(&self) -> &Server {
        &self.server
    }

    /// The API server, for a client's request. Call [`Cluster::deliver`] afterwards.
    pub fn server_mut(&mut self) -> &mut Server {
        &mut self.server
    }

    /// The machines and what runs on them.
    pub fn kubelets(&self) -> &Kubelets {
        &self.kubelets
    }

    /// The scheduler, for its traces.
    pub fn scheduler(&self) -> &Scheduler {
        &self.scheduler
    }

    /// Everything that waits, and for what.
    pub fn waits(&self) -> impl Iterator<Item = &WaitRecord> {
        self.waits.iter()
    }

    /// Every planned look of a controller: its name and the key.
    pub fn wakeups(&self) -> impl Iterator<Item = (&'static str, &ObjectKey)> {
        self.queue.iter().map(|(index, key)| (controllers::all()[*index].name, key))
    }

    /// Begins, or ends, a record of every look that the loop makes. It changes nothing that happens.
    pub fn set_tracing(&mut self, on: bool) {
        match (on, &self.trace) {
            (true, None) => self.trace = Some(Rc::default()),
            (false, Some(_)) => self.trace = None,
            _ => {}
        }
    }

    /// The latest looks, oldest first; none while there is no record.
    pub fn looks(&self) -> impl DoubleEndedIterator<Item = &Rc<LookRecord>> {
        self.trace.iter().flat_map(|trace| trace.looks())
    }

    /// What a brain would see if it looked at this key now; nothing while there is no record.
    fn sight(&self, key: Option<&ObjectKey>) -> Rc<str> {
        match (&self.trace, key) {
            (Some(_), Some(key)) => sight(self.server.lister(), key),
            _ => Rc::default(),
        }
    }

    fn record(
        &mut self,
        brain: &'static str,
        key: Option<&ObjectKey>,
        saw: Rc<str>,
        plan: &Plan,
        failed: Option<&api::Status>,
    ) {
        if let Some(trace) = &mut self.trace {
            Rc::make_mut(trace).look(LookRecord {
                step: self.steps,
                at: self.now,
                brain,
                key: key.cloned(),
                why: Rc::default(),
                saw,
                decided: decision(plan),
                failed: failed.map(|status| status.to_string().into()),
            });
        }
    }

    /// When the next thing happens.
    pub fn next_at(&self) -> Option<SimTime> {
        let sim = |time: Time| self.clock.sim_time(time.unix_millis()).max(self.now);
        let scheduler = self.scheduler.next_at().map(sim);
        let kubelets = self.kubelets.next_at().map(sim);
        [self.queue.next_at(), scheduler, kubelets].into_iter().flatten().min()
    }

    /// When the next thing happens that is not periodic work (heartbeats, probes, regular looks, retries).
    pub fn next_progress_at(&self) -> Option<SimTime> {
        let sim = |time: Time| self.clock.sim_time(time.unix_millis()).max(self.now);
        let scheduler = self.scheduler.next_progress_at().map(sim);
        let kubelets = self.kubelets.next_progress_at().map(sim);
        [self.queue.next_progress_at(), scheduler, kubelets].into_iter().flatten().min()
    }

    /// Lets the next thing happen if it is due at or before `until`, and moves time to it.
    pub fn step(&mut self, until: SimTime) -> Option<Step> {
        let at = self.next_at().filter(|at| *at <= until)?;
        self.move_to(at);
        let now = self.time();
        self.steps += 1;
        let step = if self.queue.next_at().is_some_and(|due| due <= self.now) {
            self.step_controller(now)
        } else if self.scheduler.next_at().is_some_and(|due| due <= now) {
            self.step_scheduler(now)
        } else {
            self.step_kubelet(now)
        };
        self.deliver();
        Some(step)
    }

    /// Lets everything happen up to `target` and moves time there, making at most `budget` steps.
    pub fn advance(&mut self, target: SimTime, budget: u64) -> Reach {
        for _ in 0..budget {
            if self.step(target).is_none() {
                self.move_to(target);
                return Reach::Target;
            }
        }
        Reach::OutOfBudget
    }

    fn move_to(&mut self, at: SimTime) {
        self.now = self.now.max(at);
        if self.steps % STEPS_PER_INSTANT == STEPS_PER_INSTANT - 1 {
            self.now += SimDuration::from_millis(1);
        }
        let now = self.time();
        self.server.set_now(now);
    }

    fn step_scheduler(&mut self, now: Time) -> Step {
        let attempt = self.scheduler.step(self.server.lister(), now, &mut self.rng);
        let key = attempt.map(|attempt| {
            let saw = self.sight(Some(&attempt.pod));
            let applied = self.settle_plan("scheduler", &attempt.pod, &attempt.plan, now);
            self.record("scheduler", Some(&attempt.pod), saw, &attempt.plan, applied.as_ref().err());
            if applied.is_err() {
                self.scheduler.failed(&attempt.pod, self.server.lister(), now);
            }
            attempt.pod
        });
        Step { at: self.now, brain: "scheduler", key }
    }

    fn step_kubelet(&mut self, now: Time) -> Step {
        let outcome = self.kubelets.step(self.server.lister(), now, &mut self.rng);
        let key = outcome.and_then(|outcome| {
            let saw = self.sight(outcome.key.as_ref());
            // A kubelet's write that fails (its pod is gone) is tried again with its next change.
            let applied = match &outcome.key {
                Some(key) => self.settle_plan("kubelet", key, &outcome.plan, now),
                None => self.server.apply(&outcome.plan),
            };
            self.record("kubelet", outcome.key.as_ref(), saw, &outcome.plan, applied.as_ref().err());
            outcome.key
        });
        Step { at: self.now, brain: "kubelet", key }
    }

    fn step_controller(&mut self, now: Time) -> Step {
        let Some(job) = self.queue.pop_due(self.now, |index| controllers::workers(&controllers::all()[index])) else {
            return Step { at: self.now, brain: "", key: None };
        };
        let controller = &controllers::all()[job.0];
        let ctx = Ctx { lister: self.server.lister(), now, back_off: &self.back_off, memory: &self.memory };
        let decision = (controller.reconcile)(&ctx, &job.1);
        for failed in &decision.failed {
            self.back_off.count(failed, now);
        }
        for name in &decision.forgotten {
            self.back_off.forget(name);
        }
        if decision.plan.took > SimDuration::ZERO {
            self.queue.occupy(&job, self.now + decision.plan.took);
        }
        let saw = self.sight(Some(&job.1));
        let applied = self.settle_plan(controller.name, &job.1, &decision.plan, now);
        self.record(controller.name, Some(&job.1), saw, &decision.plan, applied.as_ref().err());
        match applied {
            Ok(()) => {
                for (name, run) in &decision.runs {
                    self.back_off.set_run(name, *run);
                }
                self.queue.forget(&job);
                if let Some((key, memory)) = decision.remembered {
                    self.memory.keep(key, memory);
                }
            }
            Err(_) => {
                self.because(&job, "a failure before");
                self.queue.retry(job.clone(), self.now);
            }
        }
        if let Some(after) = decision.plan.requeue_after {
            self.queue.add(job.clone(), self.now + after, Urgency::Progress);
        }
        for key in decision.wake {
            self.because(&(job.0, key.clone()), "another look of its own");
            self.queue.add((job.0, key), self.now, Urgency::Periodic);
        }
        if let Some(after) = decision.plan.recheck_after {
            self.queue.add(job.clone(), self.now + after, Urgency::Periodic);
        }
        if let Some((period, key)) = controller.period
            && key() == job.1
        {
            self.back_off.collect(now);
            self.queue.add(job.clone(), self.now + period, Urgency::Periodic);
        }
        Step { at: self.now, brain: controller.name, key: Some(job.1) }
    }

    /// Notes why a controller is to look at a key, if anybody wants to know.
    fn because(&mut self, job: &(usize, ObjectKey), why: &str) {
        if let Some(trace) = &mut self.trace {
            Rc::make_mut(trace).because(controllers::all()[job.0].name, &job.1, why);
        }
    }

    /// Applies a plan and keeps its waits.
    fn settle_plan(&mut self, brain: &'static str, key: &ObjectKey, plan: &Plan, now: Time) -> Result<(), api::Status> {
        let applied = self.server.apply(plan);
        self.waits.replace(brain, key, &plan.waits, now);
        applied
    }

    /// Hands everything that changed since the last time to controllers, scheduler and kubelets.
    pub fn deliver(&mut self) {
        let now = self.time();
        let mut keys = Vec::new();
        loop {
            let events: Vec<WatchEvent> = self.server.watch_since(self.cursor).cloned().collect();
            if events.is_empty() {
                return;
            }
            self.cursor = self.server.watch_cursor();
            for event in &events {
                if event.change == Change::Deleted {
                    self.waits.forget(&event.object.key());
                    self.memory.forget(&event.object.key());
                }
                let lister = self.server.lister();
                if let (Some(trace), api::Kind::Pod) = (&mut self.trace, event.object.key().kind) {
                    let key = event.object.key();
                    Rc::make_mut(trace).concerns("scheduler", &key, event);
                    Rc::make_mut(trace).concerns("kubelet", &key, event);
                }
                self.scheduler.observe(event, lister, now.plus(self.latency));
                self.kubelets.observe(event, lister, now);
                for (index, controller) in controllers::all().iter().enumerate() {
                    (controller.keys)(event, lister, &mut keys);
                    for key in keys.drain(..) {
                        if let Some(trace) = &mut self.trace {
                            Rc::make_mut(trace).concerns(controller.name, &key, event);
                        }
                        let look = controller.when.map_or(Look::AtOnce, |when| when(event, &key, now));
                        let (after, urgency) = match look {
                            Look::AtOnce => (SimDuration::ZERO, Urgency::Progress),
                            Look::Gathered(after) => (after, Urgency::Progress),
                            Look::Scheduled(after) => (after, Urgency::Periodic),
                        };
                        self.queue.add((index, key), self.now + self.latency + after, urgency);
                    }
                }
            }
        }
    }

    /// Counts a change that no step made, so that those who draw look again.
    pub(crate) fn touch(&mut self) {
        self.steps += 1;
    }

    /// Applies a plan from outside the loop (a fault, a machine that joins).
    pub(crate) fn apply_now(&mut self, plan: &Plan) -> Result<(), api::Status> {
        let now = self.time();
        self.server.set_now(now);
        let applied = self.server.apply(plan);
        self.deliver();
        applied
    }
}

/// How long a change takes to reach those who watch.
fn watch_latency(timing: Timing) -> SimDuration {
    match timing {
        Timing::Instant => SimDuration::ZERO,
        Timing::Classroom | Timing::Realistic => SimDuration::from_millis(5),
    }
}
