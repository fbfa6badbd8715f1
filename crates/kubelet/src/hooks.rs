//! Lifecycle hooks: what postStart and preStop do, how long that takes, and how it ends.
//! Models: pkg/kubelet/lifecycle/handlers.go, pkg/kubelet/kuberuntime/kuberuntime_container.go executePreStopHook.

use crate::env::Variables;
use crate::program::Program;
use crate::turn::Turn;
use crate::worker::{Busy, State, Waiting, Worker};
use api::{Container, Str, Time};
use serde_json::Value;
use sim::SimDuration;
use std::rc::Rc;

/// What a hook does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Hook {
    /// How long it takes; `None` for ever.
    pub(crate) takes: Option<SimDuration>,
    /// Why it fails, if it does: the kubelet's words about the command.
    pub(crate) failure: Option<String>,
}

/// So far ahead that it counts as never.
pub(crate) const NEVER: i64 = i64::MAX / 4;

/// The hook of this name, if the container has one. A command that is not understood succeeds at once, as does a call
/// over the network.
pub(crate) fn hook(spec: &Container, name: &str, variables: Option<&Variables>, hostname: &str) -> Option<Hook> {
    let handler = spec.rest.get("lifecycle").and_then(|lifecycle| lifecycle.get(name))?;
    if let Some(seconds) = handler.pointer("/sleep/seconds").and_then(Value::as_u64) {
        return Some(Hook { takes: Some(SimDuration::from_secs(seconds)), failure: None });
    }
    let words = handler.pointer("/exec/command").and_then(Value::as_array);
    let command: Vec<Str> = words.into_iter().flatten().filter_map(Value::as_str).map(Str::from).collect();
    let none = Variables::new();
    let at_once = Hook { takes: Some(SimDuration::ZERO), failure: None };
    let Some(program) = Program::of(&command, &[], variables.unwrap_or(&none), hostname) else { return Some(at_once) };
    let Some((takes, code)) = program.end else { return Some(Hook { takes: None, failure: None }) };
    let start = Time::from_unix_millis(0);
    let output: String = program.log(start, start.plus(takes)).iter().map(|line| format!("{}\n", line.text)).collect();
    let line = command.iter().map(Str::as_str).collect::<Vec<_>>().join(" ");
    let failure = (code != 0).then(|| {
        format!("Exec lifecycle hook ([{line}]) for Container \"{}\" in Pod \"{{pod}}\" failed - error: command '{line}' exited with {code}: {output}, message: {output:?}", spec.name)
    });
    Some(Hook { takes: Some(takes), failure })
}

impl Worker {
    /// Begins a container's postStart hook; whether there is one. Until it is done nothing else happens in the pod, and
    /// nothing is reported of it.
    pub(crate) fn begin_post_start(&mut self, turn: &mut Turn<'_>, index: usize) -> bool {
        let Some(run) = self.containers[index].run() else { return false };
        let Some(hook) = hook(self.spec(index), "postStart", run.variables.as_deref(), self.hostname()) else {
            return false;
        };
        let until = hook.takes.map_or(Time::from_unix_millis(NEVER), |takes| turn.now.plus(takes));
        self.busy = Some(Busy::Hooking { container: index, until, failure: hook.failure.map(Rc::from) });
        true
    }

    /// Whether a container's postStart hook still runs.
    pub(crate) fn is_hooking(&self, index: usize) -> bool {
        matches!(self.busy, Some(Busy::Hooking { container, .. }) if container == index)
    }

    /// A postStart hook is done: the container counts as started, or is killed.
    pub(crate) fn post_started(&mut self, turn: &mut Turn<'_>, index: usize, failure: Option<Rc<str>>) {
        self.unreported = true;
        let Some(why) = failure else {
            let latency = turn.delay(crate::timing::Stage::Probe);
            if let Some(probes) = &mut self.containers[index].probes {
                probes.restart(turn.now, latency);
            }
            return;
        };
        turn.warn_at(self, index, "FailedPostStartHook", "PostStartHook failed".to_owned());
        if self.containers[index].run().is_none() {
            return;
        }
        let grace = self.pod.spec.termination_grace_period_seconds.unwrap_or(30);
        self.kill(turn, index, "FailedPostStartHook".to_owned(), grace);
        if self.pod.spec.restart_policy != "Never" {
            let message = why.replace("{pod}", &self.full_name());
            let waiting = Waiting { reason: "PostStartHookError".into(), message, hopeful: true };
            self.containers[index].waiting = Some(Rc::new(waiting));
        }
    }

    /// Says that a container is to be stopped, and begins its preStop hook, which uses up its grace.
    pub(crate) fn announce_stop(&mut self, turn: &mut Turn<'_>, index: usize, message: String, grace: i64) {
        let Some(run) = self.containers[index].run().filter(|run| run.hooked_until.is_none()) else { return };
        let hook = hook(self.spec(index), "preStop", run.variables.as_deref(), self.hostname()).filter(|_| grace > 0);
        turn.normal_at(self, index, "Killing", message);
        let most = SimDuration::from_secs(u64::try_from(grace).unwrap_or(0));
        let takes = hook.as_ref().map_or(SimDuration::ZERO, |hook| hook.takes.unwrap_or(most).min(most));
        let hooks = hook.is_some();
        let fails = hook.is_some_and(|hook| hook.failure.is_some() && hook.takes.is_some_and(|takes| takes <= most));
        if let State::Running(run) = &mut self.containers[index].state {
            let run = Rc::make_mut(run);
            run.hooked_until = Some(turn.now.plus(takes));
            run.hook_fails = fails;
            if hooks {
                run.note_pre_stop(turn.now);
            }
        }
    }

    /// Tells of preStop hooks that have failed by now.
    pub(crate) fn tell_failed_hooks(&mut self, turn: &mut Turn<'_>) {
        for index in 0..self.containers.len() {
            let container = &mut self.containers[index];
            let State::Running(run) = &mut container.state else { continue };
            if !run.hook_fails || run.hooked_until.is_none_or(|until| until > turn.now) {
                continue;
            }
            Rc::make_mut(run).hook_fails = false;
            turn.warn_at(self, index, "FailedPreStopHook", "PreStopHook failed".to_owned());
        }
    }
}
