//! Stopping containers and pods: SIGTERM, the grace period, SIGKILL, sidecars last.
//! Models: pkg/kubelet/kuberuntime/kuberuntime_container.go killContainer, kuberuntime_termination_order.go,
//! pkg/kubelet/kubelet.go SyncTerminatingPod and SyncTerminatedPod.

use crate::timing::Stage;
use crate::turn::{Turn, annotation};
use crate::worker::{Exit, Life, Role, State, Stopping, Worker};
use api::Time;
use sim::SimDuration;
use std::rc::Rc;

/// Even a pod that is to go at once has this long.
const LEAST_GRACE: i64 = 2;
/// Exit code of a process that got SIGKILL.
pub(crate) const KILLED: i32 = 137;
/// Exit code of a process that SIGTERM has ended in the middle of its work.
const INTERRUPTED: i32 = 143;

impl Worker {
    /// The pod's life ends: its containers are stopped within `grace` seconds.
    pub(crate) fn begin_stopping(&mut self, turn: &mut Turn<'_>, grace: i64) {
        let kill_at = turn.now.plus(seconds(grace.max(LEAST_GRACE)));
        // What is just being started never gets to run.
        self.busy = None;
        self.life = Life::Stopping(Stopping { since: turn.now, kill_at, torn_down_at: None });
        self.go_on_stopping(turn);
        // Sidecars are told at once, and their hooks run; their turn comes when the others have ended.
        for index in 0..self.containers.len() {
            if self.containers[index].role == Role::Sidecar {
                let message = format!("Stopping container {}", self.spec(index).name);
                self.announce_stop(turn, index, message, grace);
            }
        }
    }

    /// Stops what may be stopped by now, and ends the pod once nothing runs any more.
    pub(crate) fn go_on_stopping(&mut self, turn: &mut Turn<'_>) {
        let Life::Stopping(stopping) = self.life else { return };
        self.notice_stopped(turn.now);
        if let Some(torn_down_at) = stopping.torn_down_at {
            if torn_down_at <= turn.now {
                self.tear_down(turn);
            }
            return;
        }
        self.shorten_grace(turn.now);
        let left = i64::try_from(stopping.kill_at.since(turn.now).as_secs()).unwrap_or(0);
        for index in self.to_stop() {
            let message = format!("Stopping container {}", self.spec(index).name);
            self.kill(turn, index, message, left);
        }
        self.notice_stopped(turn.now);
        if self.has_running() {
            // The next of the sidecars may be due already.
            if !self.to_stop().is_empty() {
                self.go_on_stopping(turn);
            }
            return;
        }
        self.unreported = true;
        // What it was granted is free as soon as nothing runs: the scheduler takes the pod for gone, too.
        turn.machine.granted.take_back(&self.pod);
        let torn_down_at = turn.now.plus(turn.delay(Stage::TearDown));
        self.life = Life::Stopping(Stopping { torn_down_at: Some(torn_down_at), ..stopping });
        if torn_down_at <= turn.now {
            self.tear_down(turn);
        }
    }

    /// A second deletion may leave less time than the first.
    fn shorten_grace(&mut self, now: Time) {
        let Life::Stopping(stopping) = &mut self.life else { return };
        let Some(grace) = self.pod.metadata.deletion_grace_period_seconds else { return };
        let kill_at = stopping.since.plus(seconds(grace.max(LEAST_GRACE))).max(now);
        if kill_at >= stopping.kill_at {
            return;
        }
        stopping.kill_at = kill_at;
        for container in &mut self.containers {
            if let State::Running(run) = &mut container.state
                && run.exit.is_some_and(|exit| exit.at > kill_at)
            {
                Rc::make_mut(run).exit = Some(Exit { at: kill_at, code: KILLED, noticed_at: kill_at });
            }
        }
    }

    /// The containers that get their signal now: all but the sidecars, then these from the last to the first.
    fn to_stop(&self) -> Vec<usize> {
        let running = |role: Role| {
            let matching =
                move |index: &usize| self.containers[*index].role == role && self.containers[*index].run().is_some();
            (0..self.containers.len()).filter(matching)
        };
        let first: Vec<usize> = running(Role::Init).chain(running(Role::Main)).collect();
        let now = if first.is_empty() { running(Role::Sidecar).next_back().into_iter().collect() } else { first };
        now.into_iter().filter(|index| self.containers[*index].run().is_some_and(|run| !run.stopping)).collect()
    }

    /// Sends SIGTERM to a container, and settles when it will be gone.
    pub(crate) fn kill(&mut self, turn: &mut Turn<'_>, index: usize, message: String, grace: i64) {
        self.announce_stop(turn, index, message, grace);
        let ignores = annotation(self, "ignore-sigterm") == Some("true");
        let hooked_until = self.containers[index].run().and_then(|run| run.hooked_until);
        let told_at = hooked_until.map_or(turn.now, |until| until.max(turn.now));
        // What the hook leaves of the grace period, but always a moment to end well.
        let left = seconds(grace) - told_at.since(turn.now).min(seconds(grace));
        let killed_at = told_at.plus(left.max(seconds(LEAST_GRACE)));
        let obeys_at = told_at.plus(turn.delay(Stage::Stop));
        // A server ends well when it is told to; work that was to be completed is not.
        let works = self.pod.spec.restart_policy != "Always" && self.containers[index].role == Role::Main;
        let obeys = if works { INTERRUPTED } else { 0 };
        let (at, code) = if ignores || obeys_at > killed_at { (killed_at, KILLED) } else { (obeys_at, obeys) };
        let since = match self.life {
            Life::Stopping(stopping) => stopping.since,
            _ => turn.now,
        };
        if let State::Running(run) = &mut self.containers[index].state {
            let run = Rc::make_mut(run);
            run.stopping = true;
            run.note_term(told_at, since);
            let earlier = run.exit.filter(|exit| exit.at <= at);
            let exit = earlier.unwrap_or(Exit { at, code, noticed_at: at });
            run.exit = Some(Exit { noticed_at: exit.at, ..exit });
        }
    }

    fn notice_stopped(&mut self, now: Time) {
        for container in &mut self.containers {
            let exit = container.run().filter(|run| run.stopping).and_then(|run| run.exit);
            if let Some(exit) = exit.filter(|exit| exit.at <= now) {
                container.end(exit.at, exit.code, if exit.code == 0 { "Completed" } else { "Error" });
                container.waiting = None;
            }
        }
    }

    /// Volumes and network are gone: nothing of the pod is left on the machine but its logs.
    pub(crate) fn tear_down(&mut self, turn: &mut Turn<'_>) {
        if let Some(host) = self.sandbox.host.take() {
            turn.machine.addresses.release(host);
        }
        self.sandbox.up = false;
        self.life = Life::Ended;
        self.unreported = true;
    }
}

fn seconds(n: i64) -> SimDuration {
    SimDuration::from_secs(u64::try_from(n).unwrap_or(0))
}
