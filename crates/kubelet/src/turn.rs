//! One look at one pod: what has come due is taken in, what is to be done next is begun.
//! Models: pkg/kubelet/kubelet.go SyncPod, pkg/kubelet/pleg.

use crate::actions::{self, Action};
use crate::admission;
use crate::images::{ImageBehaviour, Images};
use crate::machine::Machine;
use crate::probes::{self, Finding, Health, Purpose};
use crate::timing::{Stage, Timing};
use crate::volumes;
use crate::worker::{Busy, Exit, Life, State, Verdict, Waiting, Worker};
use api::{Node, Time};
use apiserver::{EventRecord, Lister, Write};
use sim::{Rng, SimDuration, parse_go_duration};
use std::rc::Rc;

/// Everything a look may see and change beside the worker itself.
pub(crate) struct Turn<'a> {
    pub(crate) now: Time,
    pub(crate) timing: Timing,
    pub(crate) lister: Lister<'a>,
    pub(crate) rng: &'a mut Rng,
    pub(crate) machine: &'a mut Machine,
    pub(crate) images: &'a mut Images,
    /// Events to be recorded, in order.
    pub(crate) events: Vec<EventRecord>,
    /// What is to be written beside the pod's status.
    pub(crate) writes: Vec<Write>,
}

impl Turn<'_> {
    /// How long a stage takes this time.
    pub(crate) fn delay(&mut self, stage: Stage) -> SimDuration {
        let draw = self.rng.next_u64();
        self.timing.delay(stage, draw)
    }

    pub(crate) fn normal(&mut self, worker: &Worker, reason: &str, message: String) {
        self.events.push(EventRecord::normal(&*worker.pod, "kubelet", reason, message).on_host(&worker.machine));
    }

    pub(crate) fn warn(&mut self, worker: &Worker, reason: &str, message: String) {
        self.events.push(EventRecord::warning(&*worker.pod, "kubelet", reason, message).on_host(&worker.machine));
    }

    /// The same about one container.
    pub(crate) fn normal_at(&mut self, worker: &Worker, container: usize, reason: &str, message: String) {
        self.normal(worker, reason, message);
        self.locate(worker, container);
    }

    pub(crate) fn warn_at(&mut self, worker: &Worker, container: usize, reason: &str, message: String) {
        self.warn(worker, reason, message);
        self.locate(worker, container);
    }

    fn locate(&mut self, worker: &Worker, container: usize) {
        let list = if container < worker.pod.spec.init_containers.len() { "initContainers" } else { "containers" };
        if let Some(event) = self.events.last_mut() {
            event.field_path = format!("spec.{list}{{{}}}", worker.spec(container).name).into();
        }
    }
}

impl Worker {
    /// Looks at the pod: takes in what is due and begins what is next.
    pub(crate) fn look(&mut self, turn: &mut Turn<'_>) {
        if self.wake.is_some_and(|at| at <= turn.now) {
            self.wake = None;
            // That deletion was asked for is nothing to report; how it went is.
            self.unreported |= !self.pod.is_terminating();
        }
        if self.life == Life::New && self.wake.is_none() {
            self.admit(turn);
        }
        if self.life == Life::Active {
            self.stop_if_asked(turn);
        }
        self.finish_busy(turn);
        self.notice_exits(turn.now);
        self.tell_failed_hooks(turn);
        match self.life {
            Life::Active => {
                self.run_probes(turn);
                self.grow_volumes(turn);
                self.act(turn);
            }
            Life::Stopping(_) => self.go_on_stopping(turn),
            Life::New | Life::Ended => {}
        }
    }

    fn admit(&mut self, turn: &mut Turn<'_>) {
        self.start_time = self.pod.status.start_time.or(Some(turn.now));
        self.unreported = true;
        if self.pod.is_finished() {
            self.life = Life::Ended;
            return;
        }
        let refusal = turn.lister.get::<Node>("", &self.machine).and_then(|node| {
            let on_node = turn.lister.pods_on_node(&self.machine).filter(|pod| {
                pod.metadata.uid != self.pod.metadata.uid && !pod.is_finished() && pod.status.start_time.is_some()
            });
            admission::refusal(&self.pod, node, &turn.machine.granted, on_node.map(|pod| &**pod))
        });
        if let Some(refusal) = refusal {
            turn.warn(self, &refusal.reason, refusal.message.clone());
            let verdict = Verdict { reason: refusal.reason, message: refusal.message, refused: true };
            self.verdict = Some(Rc::new(verdict));
            self.life = Life::Ended;
            return;
        }
        turn.machine.granted.add(&self.pod);
        self.life = Life::Active;
        if self.pod.spec.host_network {
            self.sandbox.ip = turn.machine.address();
        }
    }

    /// Ends the pod's life if the API, its deadline or somebody else's verdict asks for it.
    fn stop_if_asked(&mut self, turn: &mut Turn<'_>) {
        if self.removed {
            return self.begin_stopping(turn, 0);
        }
        let pod = &self.pod;
        if let Some(grace) = pod.metadata.deletion_grace_period_seconds.filter(|_| pod.is_terminating()) {
            return self.begin_stopping(turn, grace);
        }
        let grace = pod.spec.termination_grace_period_seconds.unwrap_or(30);
        if pod.is_finished() {
            return self.begin_stopping(turn, grace);
        }
        if self.deadline().is_some_and(|at| at <= turn.now) {
            let message = "Pod was active on the node longer than the specified deadline".to_owned();
            turn.normal(self, "DeadlineExceeded", message.clone());
            self.verdict = Some(Rc::new(Verdict { reason: "DeadlineExceeded".into(), message, refused: false }));
            self.unreported = true;
            self.begin_stopping(turn, grace);
        }
    }

    /// When the pod has been active for as long as it may.
    pub(crate) fn deadline(&self) -> Option<Time> {
        let seconds = u64::try_from(self.pod.spec.active_deadline_seconds?).ok()?;
        self.start_time.map(|start| start.plus(SimDuration::from_secs(seconds)))
    }

    fn finish_busy(&mut self, turn: &mut Turn<'_>) {
        let Some(busy) = self.busy.take_if(|busy| busy.until() <= turn.now) else { return };
        match busy {
            Busy::Preparing { .. } => self.prepared(turn),
            Busy::Pulling { container, pull, fails } => self.pulled(turn, container, pull, fails),
            Busy::Starting { container, created, .. } => self.started(turn, container, created),
            Busy::Hooking { container, failure, .. } => self.post_started(turn, container, failure),
        }
    }

    fn prepared(&mut self, turn: &mut Turn<'_>) {
        if !self.pod.spec.host_network {
            let Some(host) = turn.machine.addresses.take() else {
                let message = "Failed to create pod sandbox: rpc error: code = Unknown desc = failed to setup network for sandbox: plugin type=\"host-local\" failed (add): failed to allocate for range 0: no IP addresses available in range set";
                turn.warn(self, "FailedCreatePodSandBox", message.to_owned());
                self.volumes.retry_at = Some(turn.now.plus(SimDuration::from_secs(15)));
                return;
            };
            self.sandbox.host = Some(host);
            self.sandbox.ip = turn.machine.pod_address(host);
        }
        self.sandbox.up = true;
        self.sandbox.attempts += 1;
        // A volume that is mounted anew gets its size at once.
        self.volumes.grow_at = self.has_to_grow(turn.lister).then_some(turn.now);
        self.grow_volumes(turn);
    }

    /// Takes in the exits that the kubelet has seen by now.
    fn notice_exits(&mut self, now: Time) {
        for container in &mut self.containers {
            let Some(exit) = container.run().and_then(|run| run.exit).filter(|exit| exit.noticed_at <= now) else {
                continue;
            };
            container.end(exit.at, exit.code, if exit.code == 0 { "Completed" } else { "Error" });
            self.unreported = true;
        }
    }

    /// How the probes of a running container are answered.
    pub(crate) fn health(&self, index: usize) -> Option<Health> {
        let run = self.containers[index].run()?;
        let after = annotation(self, "ready-after").and_then(parse_go_duration).unwrap_or_default();
        let ready = self.forced_ready.or(run.never_ready.then_some(false));
        Some(Health { answers_from: run.started_at.plus(after), ready })
    }

    fn run_probes(&mut self, turn: &mut Turn<'_>) {
        for index in 0..self.containers.len() {
            let Some(health) = self.health(index).filter(|_| !self.is_hooking(index)) else { continue };
            // Without a readiness probe a container is ready as soon as it answers.
            self.unreported |= !self.reported_ready && health.is_ready(turn.now);
            let Some(mut probes) = self.containers[index].probes.take() else { continue };
            let mut findings = Vec::new();
            probes.run(turn.now, health, &mut findings);
            self.containers[index].probes = Some(probes);
            for Finding { purpose, passed, concluded, known } in findings {
                self.unreported |= concluded;
                if let State::Running(run) = &mut self.containers[index].state
                    && run.is_probe_news(purpose, passed, known)
                {
                    Rc::make_mut(run).note_probe(turn.now, purpose, passed);
                }
                if !passed {
                    let answers = turn.now >= health.answers_from;
                    let text = probes::failure_text(purpose, self.spec(index), &self.sandbox.ip, answers);
                    turn.warn_at(self, index, "Unhealthy", text);
                }
                if concluded && !passed && purpose != Purpose::Readiness {
                    self.containers[index].not_before = None;
                }
            }
        }
    }

    /// Begins what can be begun now.
    fn act(&mut self, turn: &mut Turn<'_>) {
        // Each round brings a container, or the pod, a step further; what is left after that many waits a moment.
        for _ in 0..=10 * self.containers.len() + 10 {
            if self.busy.as_ref().is_some_and(|busy| busy.until() > turn.now) {
                return;
            }
            self.finish_busy(turn);
            self.notice_exits(turn.now);
            if self.busy.is_some() {
                continue;
            }
            match actions::next(self, turn.now) {
                Action::EndPod => {
                    let grace = self.pod.spec.termination_grace_period_seconds.unwrap_or(30);
                    return self.begin_stopping(turn, grace);
                }
                Action::Prepare => self.prepare(turn),
                Action::Kill { container, message } => {
                    let grace = self.pod.spec.termination_grace_period_seconds.unwrap_or(30);
                    self.kill(turn, container, message, grace);
                }
                Action::Start(container) => self.begin_start(turn, container),
                Action::BackOff { container, until } => self.back_off(turn, container, until),
                Action::Wait(_) => return,
            }
        }
        self.wake = Some(turn.now.plus(SimDuration::from_millis(1)));
    }

    fn prepare(&mut self, turn: &mut Turn<'_>) {
        let Some(problem) = volumes::problem(&self.pod, turn.lister) else {
            if self.sandbox.attempts > 0 {
                turn.normal(
                    self,
                    "SandboxChanged",
                    "Pod sandbox changed, it will be killed and re-created.".to_owned(),
                );
            }
            self.volumes = Default::default();
            self.busy = Some(Busy::Preparing { until: turn.now.plus(turn.delay(Stage::Prepare)) });
            return;
        };
        let since = *self.volumes.since.get_or_insert(turn.now);
        let speaks_from = since.plus(problem.silent_for);
        let volumes = &mut self.volumes;
        volumes.hopeful = false;
        if turn.now < speaks_from {
            volumes.retry_at = Some(speaks_from);
        } else {
            let wait = if problem.silent_for == SimDuration::ZERO {
                volumes::retry_after(volumes.tries)
            } else {
                problem.silent_for
            };
            volumes.tries += 1;
            volumes.retry_at = Some(turn.now.plus(wait));
            turn.warn(self, "FailedMount", problem.message.clone());
        }
        self.volumes.problem = Some(Rc::new(problem));
    }

    /// Holds back the restart of a container that has failed too often.
    fn back_off(&mut self, turn: &mut Turn<'_>, index: usize, until: Time) {
        let name = self.spec(index).name.clone();
        let full_name = self.full_name();
        let container = &mut self.containers[index];
        let wait = container.back_off.wait();
        container.not_before = Some(until);
        container.waiting = Some(Rc::new(Waiting {
            reason: "CrashLoopBackOff".into(),
            message: format!("back-off {wait} restarting failed container={name} pod={full_name}"),
            hopeful: false,
        }));
        self.unreported = true;
        let message = format!("Back-off restarting failed container {name} in pod {full_name}");
        turn.warn_at(self, index, "BackOff", message);
    }

    /// How a container's run will end if nothing comes between; see console.md, "Containers".
    pub(crate) fn plan_exit(
        &self,
        turn: &mut Turn<'_>,
        index: usize,
        image: &str,
        program_end: ProgramEnd,
    ) -> Option<Exit> {
        let container = &self.containers[index];
        let started = turn.now;
        let at_once = |code| Some(Exit { at: started, code, noticed_at: started });
        if let ImageBehaviour::Crashes { exit_code } = turn.images.behaviour(image) {
            return at_once(exit_code);
        }
        let fails = annotation(self, "start-fails").and_then(|n| n.parse::<u32>().ok()).unwrap_or(0);
        let is_main = container.role == crate::worker::Role::Main;
        if is_main && container.starts < fails {
            return at_once(1);
        }
        let (mut after, mut code) = match program_end {
            ProgramEnd::At(after, code) => (Some(after), code),
            ProgramEnd::Never => (None, 0),
            // A shell at a terminal runs for as long as somebody types.
            ProgramEnd::Unknown if crate::inside::reads_input(self.spec(index)) => (None, 0),
            ProgramEnd::Unknown => (self.usual_run(index), 0),
        };
        if is_main {
            if let Some(given) = annotation(self, "exit-code").and_then(|n| n.parse().ok()) {
                code = given;
                after = after.or(Some(USUAL_RUN));
            }
            if let Some(given) = annotation(self, "run-for").and_then(parse_go_duration) {
                after = Some(given);
            }
        }
        let at = started.plus(after?);
        let noticed_at = if at == started { at } else { at.plus(turn.delay(Stage::Notice)) };
        Some(Exit { at, code, noticed_at })
    }

    /// How long a container runs whose command says nothing: one of a pod that is to end ends.
    fn usual_run(&self, index: usize) -> Option<SimDuration> {
        match self.containers[index].role {
            crate::worker::Role::Sidecar => None,
            crate::worker::Role::Init => Some(USUAL_INIT_RUN),
            crate::worker::Role::Main => {
                let of_job = self.pod.metadata.controller().is_some_and(|owner| owner.kind == "Job");
                // A server that nobody expects to complete goes on serving.
                let serves = !of_job && crate::servers::serves(self.spec(index));
                (of_job || self.pod.spec.restart_policy != "Always" && !serves).then_some(USUAL_RUN)
            }
        }
    }

    /// A running container exits now, whatever it was about to do. Whether there was one.
    pub(crate) fn crash(&mut self, index: usize, code: i32, now: Time, noticed_at: Time) -> bool {
        match &mut self.containers[index].state {
            State::Running(run) => {
                Rc::make_mut(run).exit = Some(Exit { at: now, code, noticed_at });
                true
            }
            _ => false,
        }
    }
}

/// How long a container of a pod that is to end runs.
const USUAL_RUN: SimDuration = SimDuration::from_secs(5);
/// How long an init container runs.
const USUAL_INIT_RUN: SimDuration = SimDuration::from_secs(1);

/// How a container's command ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ProgramEnd {
    At(SimDuration, i32),
    Never,
    /// It is left to the image.
    Unknown,
}

/// A value that the author has set for the simulator.
pub(crate) fn annotation<'a>(worker: &'a Worker, name: &str) -> Option<&'a str> {
    let annotations = &worker.pod.metadata.annotations;
    if annotations.is_empty() {
        return None;
    }
    annotations.get(&format!("podground.dev/{name}")).map(|value| value.as_str())
}
