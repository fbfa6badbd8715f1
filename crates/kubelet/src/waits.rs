//! Why a pod on a machine is not Ready, or not gone: the reason as a value.

use crate::machine::Machine;
use crate::worker::{Busy, Life, Role, Worker};
use api::{ObjectKey, Resource, Time};
use apiserver::Wait;

const LIFECYCLE: &str = "concepts/workloads/pods/pod-lifecycle/";
const IMAGES: &str = "concepts/containers/images/";
const PROBES: &str = "concepts/configuration/liveness-readiness-startup-probes/";
const VOLUMES: &str = "concepts/storage/volumes/";

/// What the pod waits for; empty if it is Ready or has ended.
pub(crate) fn of(worker: &Worker, machine: &Machine, now: Time) -> Option<Wait> {
    let (rule, message, doc, awaits) = match worker.life {
        Life::New | Life::Ended => return None,
        Life::Stopping(stopping) => {
            let hooks =
                worker.containers.iter().filter_map(|c| c.run()?.hooked_until).filter(|until| *until > now).max();
            let message = if let Some(until) = hooks {
                format!("a preStop hook runs until {until}; SIGTERM comes after it")
            } else if worker.has_running() {
                format!("its containers got SIGTERM; what still runs at {} is killed", stopping.kill_at)
            } else {
                "its containers have stopped; volumes and network are being taken down".to_owned()
            };
            ("Terminating", message, LIFECYCLE, Vec::new())
        }
        Life::Active => active(worker, machine, now)?,
    };
    Some(Wait { who: worker.pod.key(), awaits, rule: rule.into(), message, doc })
}

type Reason = (&'static str, String, &'static str, Vec<ObjectKey>);

fn active(worker: &Worker, machine: &Machine, now: Time) -> Option<Reason> {
    if let Some(busy) = &worker.busy {
        return Some(under_way(worker, machine, busy, now));
    }
    if let Some(problem) = &worker.volumes.problem {
        return Some(("FailedMount", problem.message.clone(), VOLUMES, vec![problem.awaits.clone()]));
    }
    for (index, container) in worker.containers.iter().enumerate() {
        let Some(why) = &container.waiting else { continue };
        let name = &worker.spec(index).name;
        let mut message = format!("container {name}: {}", why.message);
        if let Some(at) = container.not_before.filter(|at| *at > now) {
            message.push_str(&format!("; tried again at {at}"));
        }
        let (rule, doc) = match why.reason.as_str() {
            "CrashLoopBackOff" => ("CrashLoopBackOff", LIFECYCLE),
            "PostStartHookError" => ("PostStartHookError", LIFECYCLE),
            "ErrImagePull" => ("ErrImagePull", IMAGES),
            "ImagePullBackOff" => ("ImagePullBackOff", IMAGES),
            "ErrImageNeverPull" => ("ErrImageNeverPull", IMAGES),
            "InvalidImageName" => ("InvalidImageName", IMAGES),
            _ => ("CreateContainerConfigError", LIFECYCLE),
        };
        return Some((rule, message, doc, Vec::new()));
    }
    for (index, container) in worker.containers.iter().enumerate() {
        let name = &worker.spec(index).name;
        match (container.run(), container.role) {
            (Some(_), Role::Init) => {
                let message = format!("init container {name} has to exit with 0 before the next one starts");
                return Some(("PodInitializing", message, "concepts/workloads/pods/init-containers/", Vec::new()));
            }
            (Some(_), _) if !container.is_started() => {
                let message = format!("the startup probe of container {name} has not passed yet");
                return Some(("StartupProbe", message, PROBES, Vec::new()));
            }
            _ => {}
        }
    }
    if worker.reported_ready {
        return None;
    }
    let unready = (0..worker.containers.len()).find(|index| {
        let container = &worker.containers[*index];
        let passes = container.probes.as_ref().and_then(|probes| probes.ready());
        let healthy = worker.health(*index).is_some_and(|health| health.is_ready(now));
        container.role != Role::Init && container.run().is_some() && !passes.unwrap_or(healthy)
    })?;
    let message = format!("container {} runs, its readiness probe has not passed", worker.spec(unready).name);
    Some(("ReadinessProbe", message, PROBES, Vec::new()))
}

fn under_way(worker: &Worker, machine: &Machine, busy: &Busy, now: Time) -> Reason {
    let message = match busy {
        Busy::Preparing { .. } => "its volumes are being mounted and its network is being set up".to_owned(),
        Busy::Pulling { container, pull, .. } if pull.began > now => {
            format!(
                "image {} is pulled after those asked for before on {}",
                worker.spec(*container).image,
                machine.spec.name
            )
        }
        Busy::Pulling { container, .. } => {
            format!("image {} is being pulled to {}", worker.spec(*container).image, machine.spec.name)
        }
        Busy::Hooking { container, .. } => {
            format!("the postStart hook of container {} runs", worker.spec(*container).name)
        }
        Busy::Starting { container, .. } => format!("container {} is being started", worker.spec(*container).name),
    };
    let doc = if matches!(busy, Busy::Pulling { .. }) { IMAGES } else { LIFECYCLE };
    ("ContainerCreating", message, doc, Vec::new())
}
