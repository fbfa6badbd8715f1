//! What is to be done next about a pod that is kept running: a decision, without doing it.
//! Models: pkg/kubelet/kuberuntime/kuberuntime_manager.go computePodActions, computeInitContainerActions, doBackOff.

use crate::phase::restarts;
use crate::probes::Purpose;
use crate::worker::{ContainerRun, Role, State, Worker};
use api::Time;

/// The next thing to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    /// All containers have ended for good, or one that must not fail has: stop the pod.
    EndPod,
    /// Mount the volumes and set up the sandbox.
    Prepare,
    /// Stop a running container; it is started again if its restart policy says so.
    Kill { container: usize, message: String },
    /// Start a container (again).
    Start(usize),
    /// A container has failed too often to be started again now; it may be at this time.
    BackOff { container: usize, until: Time },
    /// Nothing can be done now. The earliest time at which a container may be tried again, if one waits for that.
    Wait(Option<Time>),
}

/// Decides. `worker` must be active and not busy.
pub(crate) fn next(worker: &Worker, now: Time) -> Action {
    if is_over(worker) {
        return Action::EndPod;
    }
    if !worker.sandbox.up {
        return match worker.volumes.retry_at {
            Some(at) if at > now => Action::Wait(Some(at)),
            _ => Action::Prepare,
        };
    }
    if let Some(kill) = to_kill(worker) {
        return kill;
    }
    let mut soonest: Option<Time> = None;
    for index in candidates(worker) {
        match try_start(&worker.containers[index], now) {
            Try::Now => return Action::Start(index),
            Try::BackOff(until) => return Action::BackOff { container: index, until },
            Try::At(at) => soonest = Some(soonest.map_or(at, |known| known.min(at))),
        }
    }
    Action::Wait(soonest)
}

/// Whether nothing is left to run: every container is done for good, or initialisation has failed for good.
fn is_over(worker: &Worker) -> bool {
    let policy = worker.pod.spec.restart_policy.as_str();
    let done = |c: &ContainerRun| c.ended().is_some_and(|ended| !restarts(policy, ended.code));
    let mut mains = worker.containers.iter().filter(|c| c.role == Role::Main).peekable();
    let init_failed = worker
        .containers
        .iter()
        .any(|c| c.role == Role::Init && policy == "Never" && !c.stale && c.ended().is_some_and(|e| e.code != 0));
    init_failed || mains.peek().is_some() && mains.all(done)
}

/// A running container whose image was changed or whose probe has failed.
fn to_kill(worker: &Worker) -> Option<Action> {
    let policy = worker.pod.spec.restart_policy.as_str();
    worker.containers.iter().enumerate().find_map(|(index, container)| {
        let run = container.run().filter(|run| !run.stopping)?;
        let spec = worker.spec(index);
        let changed = container.role != Role::Init && run.spec_image != spec.image;
        let failed = container.probes.as_ref().and_then(|probes| probes.demands_kill());
        let why = match failed {
            _ if changed => "definition changed",
            Some(Purpose::Startup) => "failed startup probe",
            Some(_) => "failed liveness probe",
            None => return None,
        };
        let again = changed || container.role == Role::Sidecar || policy != "Never";
        let tail = if again { ", will be restarted" } else { "" };
        Some(Action::Kill { container: index, message: format!("Container {} {why}{tail}", spec.name) })
    })
}

/// The containers that should run and do not, in the order in which they are tried.
fn candidates(worker: &Worker) -> Vec<usize> {
    let policy = worker.pod.spec.restart_policy.as_str();
    let has_begun = worker.containers.iter().any(|c| c.role == Role::Main && is_of_this_sandbox(c));
    let mut wanted = Vec::new();
    for (index, container) in worker.containers.iter().enumerate() {
        match container.role {
            Role::Init if has_begun => {}
            Role::Init => {
                let done = !container.stale && container.ended().is_some_and(|ended| ended.code == 0);
                if done {
                    continue;
                }
                if container.run().is_none() {
                    wanted.push(index);
                }
                // The next one has to wait for this one.
                return wanted;
            }
            Role::Sidecar => {
                if container.run().is_none() {
                    wanted.push(index);
                }
                if !has_begun && !container.is_started() {
                    return wanted;
                }
            }
            Role::Main => {
                let wants = match &container.state {
                    State::Running(_) => false,
                    State::Absent => true,
                    State::Exited(ended) => restarts(policy, ended.code),
                };
                if wants {
                    wanted.push(index);
                }
            }
        }
    }
    wanted
}

/// Whether a main container was started in the present sandbox: then initialisation is behind the pod.
fn is_of_this_sandbox(container: &ContainerRun) -> bool {
    !container.stale && !matches!(container.state, State::Absent)
}

enum Try {
    Now,
    BackOff(Time),
    At(Time),
}

fn try_start(container: &ContainerRun, now: Time) -> Try {
    if let Some(at) = container.not_before.filter(|at| *at > now) {
        return Try::At(at);
    }
    let Some(ended) = container.ended() else { return Try::Now };
    match container.back_off.until(ended.at) {
        Some(until) if until > now => Try::BackOff(until),
        _ => Try::Now,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::worker::{Ended, Run};
    use api::{Kind, Object, Pod, Resource};
    use serde_json::{Value, json};
    use std::rc::Rc;

    fn worker(spec: Value) -> Worker {
        let pod = Object::read(Kind::Pod, json!({"metadata": {"name": "p"}, "spec": spec}));
        let mut worker = Worker::new(Rc::clone(Pod::from_object(&pod).expect("a pod")), "n".into(), at(0));
        worker.sandbox.up = true;
        worker
    }

    fn at(seconds: i64) -> Time {
        Time::from_unix_millis(seconds * 1000)
    }

    fn run(image: &str) -> Run {
        Run {
            id: "containerd://x".into(),
            started_at: at(0),
            spec_image: image.into(),
            image: image.into(),
            image_id: "".into(),
            program: None,
            variables: None,
            created_at: at(0),
            exit: None,
            stopping: false,
            hooked_until: None,
            hook_fails: false,
            never_ready: false,
            journal: Default::default(),
        }
    }

    fn running(worker: &mut Worker, index: usize) {
        worker.containers[index].state = State::Running(Rc::new(run(&worker.spec(index).image.clone())));
        worker.containers[index].starts += 1;
    }

    fn exited(worker: &mut Worker, index: usize, seconds: i64, code: i32) {
        let ended = Ended { run: run("i"), at: at(seconds), code, reason: "".into() };
        worker.containers[index].state = State::Exited(Rc::new(ended));
    }

    #[test]
    fn init_containers_run_one_after_the_other_and_sidecars_stay() {
        let mut w = worker(json!({"restartPolicy": "Always",
            "initContainers": [{"name": "a", "image": "i"}, {"name": "s", "image": "i", "restartPolicy": "Always"}],
            "containers": [{"name": "m", "image": "i"}]}));
        assert_eq!(next(&w, at(0)), Action::Start(0));
        running(&mut w, 0);
        assert_eq!(next(&w, at(0)), Action::Wait(None));
        exited(&mut w, 0, 1, 0);
        assert_eq!(next(&w, at(1)), Action::Start(1));
        running(&mut w, 1);
        assert_eq!(next(&w, at(2)), Action::Start(2));
        running(&mut w, 2);
        exited(&mut w, 1, 3, 1);
        assert_eq!(next(&w, at(3)), Action::Start(1), "a sidecar runs again while the others run");
    }

    #[test]
    fn the_first_restart_comes_at_once_and_the_next_waits() {
        let mut w = worker(json!({"restartPolicy": "Always", "containers": [{"name": "m", "image": "i"}]}));
        exited(&mut w, 0, 5, 1);
        assert_eq!(next(&w, at(5)), Action::Start(0));
        w.containers[0].back_off.count(at(5), at(5));
        exited(&mut w, 0, 8, 1);
        assert_eq!(next(&w, at(9)), Action::BackOff { container: 0, until: at(18) });
        w.containers[0].not_before = Some(at(18));
        assert_eq!(next(&w, at(9)), Action::Wait(Some(at(18))));
        assert_eq!(next(&w, at(18)), Action::Start(0));
    }

    #[test]
    fn a_pod_is_over_when_its_policy_says_so() {
        for (policy, code, over) in
            [("Never", 1, true), ("OnFailure", 0, true), ("OnFailure", 1, false), ("Always", 0, false)]
        {
            let mut w = worker(json!({"restartPolicy": policy, "containers": [{"name": "m", "image": "i"}]}));
            exited(&mut w, 0, 5, code);
            assert_eq!(next(&w, at(5)) == Action::EndPod, over, "{policy} {code}");
        }
    }

    #[test]
    fn a_changed_image_restarts_its_container() {
        let mut w = worker(json!({"restartPolicy": "Always", "containers": [{"name": "m", "image": "i"}]}));
        w.containers[0].state = State::Running(Rc::new(run("older")));
        let message = "Container m definition changed, will be restarted".to_owned();
        assert_eq!(next(&w, at(1)), Action::Kill { container: 0, message });
    }
}
