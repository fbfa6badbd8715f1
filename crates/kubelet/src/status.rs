//! The status that a kubelet reports for a pod: container statuses, conditions, addresses.
//! Models: pkg/kubelet/kubelet_pods.go (generateAPIPodStatus, convertToAPIContainerStatuses),
//! pkg/kubelet/status/generate.go.

use crate::machine::Machine;
use crate::phase::phase;
use crate::worker::{ContainerRun, Ended, Life, Role, State, Worker};
use api::{
    Address, Container, ContainerState, ContainerStatus, List, Pod, PodCondition, PodStatus, ResourceRequirements,
    Rest, Str, Termination, Time, VolumeMountStatus,
};
use std::rc::Rc;

/// The conditions that are the kubelet's own. Others are kept as they are.
const OURS: [&str; 5] = ["PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady", "PodScheduled"];

/// The status to report; `pod` is the pod as it is stored, with what others have written into its status.
pub(crate) fn generate(worker: &Worker, machine: &Machine, pod: &Pod, now: Time) -> PodStatus {
    let old = &pod.status;
    if let Some(verdict) = worker.verdict.as_ref().filter(|verdict| verdict.refused) {
        return PodStatus {
            observed_generation: pod.metadata.generation,
            phase: "Failed".into(),
            reason: verdict.reason.clone(),
            message: format!("Pod was rejected: {}", verdict.message).into(),
            start_time: worker.start_time,
            qos_class: old.qos_class.clone(),
            ..Default::default()
        };
    }
    let init = pod.spec.init_containers.len();
    let statuses: Vec<ContainerStatus> = worker
        .containers
        .iter()
        .enumerate()
        .map(|(index, run)| {
            let spec = worker.spec(index);
            // Nothing is reported of a container before its postStart hook is done.
            if worker.is_hooking(index) {
                let before = old.init_container_statuses.iter().chain(&old.container_statuses);
                let before = before.into_iter().find(|status| status.name == spec.name);
                return before.cloned().unwrap_or_else(|| container_status(&run.unseen(), spec, init > 0, false));
            }
            container_status(run, spec, init > 0, worker.readiness(index, now))
        })
        .collect();
    let (init_statuses, main_statuses) = statuses.split_at(init);
    let mut sorted = main_statuses.to_vec();
    sorted.sort_by(|a, b| a.name.cmp(&b.name));
    let requests = pod.requests();
    let host = machine.address();
    let verdict = worker.verdict.as_ref();
    let phase = if verdict.is_some() { "Failed" } else { phase(worker, init_statuses, main_statuses) };
    // Models: status_manager.go TerminatePod. Whatever is over without having ended has failed.
    let lost = worker.life == Life::Ended && !matches!(phase, "Succeeded" | "Failed");
    let phase = if lost { "Failed" } else { phase };
    if lost && (init == 0 || main_statuses.iter().any(|status| status.last_state != ContainerState::None)) {
        sorted.iter_mut().for_each(mark_lost);
    }
    let same_phase = old.phase == phase;
    let kept = |text: &Str| if same_phase { text.clone() } else { Str::default() };
    let mut status = PodStatus {
        observed_generation: pod.metadata.generation,
        phase: phase.into(),
        reason: verdict.map_or_else(|| kept(&old.reason), |v| v.reason.clone()),
        message: verdict.map_or_else(|| kept(&old.message), |v| v.message.as_str().into()),
        nominated_node_name: old.nominated_node_name.clone(),
        host_ips: vec![Address { ip: host.clone(), ..Default::default() }].into(),
        host_ip: host,
        pod_ips: addresses(&worker.sandbox.ip),
        pod_ip: worker.sandbox.ip.clone(),
        start_time: worker.start_time,
        init_container_statuses: init_statuses.to_vec().into(),
        container_statuses: sorted.into(),
        qos_class: old.qos_class.clone(),
        allocated_resources: requests.clone(),
        resources: Some(ResourceRequirements { requests, limits: pod.limits(), ..Default::default() }),
        rest: old.rest.clone(),
        conditions: List::default(),
    };
    status.conditions = conditions(worker, pod, &status, now);
    status
}

fn addresses(ip: &Str) -> List<Address> {
    if ip.is_empty() { List::default() } else { vec![Address { ip: ip.clone(), ..Default::default() }].into() }
}

impl Worker {
    /// Whether a container that runs is ready. Models: prober manager UpdatePodStatus.
    fn readiness(&self, index: usize, now: Time) -> bool {
        let container = &self.containers[index];
        if !container.is_started() {
            return false;
        }
        match container.probes.as_ref().and_then(|probes| probes.ready()) {
            Some(ready) => ready,
            None => self.health(index).is_none_or(|health| health.is_ready(now)),
        }
    }
}

fn container_status(run: &ContainerRun, spec: &Container, has_init: bool, ready: bool) -> ContainerStatus {
    let waiting =
        |reason: &str, message: &str| ContainerState::Waiting { reason: reason.into(), message: message.into() };
    let last =
        |ended: Option<&Rc<Ended>>| ended.map_or(ContainerState::None, |e| ContainerState::Terminated(termination(e)));
    let (state, last_state) = match (&run.state, &run.waiting) {
        (State::Running(live), _) => (ContainerState::Running { started_at: live.started_at }, last(run.last.as_ref())),
        (State::Exited(ended), Some(why)) => (waiting(&why.reason, &why.message), last(Some(ended))),
        (State::Exited(ended), None) => (last(Some(ended)), last(run.last.as_ref())),
        (State::Absent, Some(why)) => (waiting(&why.reason, &why.message), last(run.last.as_ref())),
        (State::Absent, None) => {
            let reason = if has_init { "PodInitializing" } else { "ContainerCreating" };
            (waiting(reason, ""), last(run.last.as_ref()))
        }
    };
    // The image as the runtime names it, once there was a run.
    let of_runtime = match &run.state {
        State::Running(live) => Some(&**live),
        State::Exited(ended) => Some(&ended.run),
        State::Absent => None,
    };
    let completed = run.role == Role::Init && run.ended().is_some_and(|ended| ended.code == 0) && run.waiting.is_none();
    let mounts = spec.volume_mounts.iter().map(|mount| VolumeMountStatus {
        name: mount.name.clone(),
        mount_path: mount.mount_path.clone(),
        read_only: mount.read_only,
        recursive_read_only: if mount.read_only { "Disabled".into() } else { Str::default() },
        rest: Rest::default(),
    });
    ContainerStatus {
        name: spec.name.clone(),
        state,
        last_state,
        ready: ready && run.role != Role::Init || completed,
        restart_count: run.restarts,
        image: of_runtime.map_or_else(|| spec.image.clone(), |live| live.image.clone()),
        image_id: of_runtime.map(|live| live.image_id.clone()).unwrap_or_default(),
        container_id: of_runtime.map(|live| live.id.clone()).unwrap_or_default(),
        started: Some(run.is_started()),
        allocated_resources: if of_runtime.is_some() { spec.resources.requests.clone() } else { Default::default() },
        resources: of_runtime.map(|_| spec.resources.clone()),
        volume_mounts: mounts.collect(),
        rest: Rest::default(),
    }
}

/// A container that was never seen to end counts as failed once its pod is gone.
fn mark_lost(status: &mut ContainerStatus) {
    if !matches!(status.state, ContainerState::Terminated(_)) {
        status.state = ContainerState::Terminated(Rc::new(Termination {
            exit_code: 137,
            reason: "ContainerStatusUnknown".into(),
            message: "The container could not be located when the pod was terminated".into(),
            ..Default::default()
        }));
    }
}

fn termination(ended: &Ended) -> Rc<Termination> {
    Rc::new(Termination {
        exit_code: ended.code,
        reason: ended.reason.clone(),
        started_at: Some(ended.run.started_at),
        finished_at: Some(ended.at),
        container_id: ended.run.id.clone(),
        ..Default::default()
    })
}

fn conditions(worker: &Worker, pod: &Pod, status: &PodStatus, now: Time) -> List<PodCondition> {
    let old = &pod.status;
    let ended = worker.life == Life::Ended;
    let mut list: Vec<PodCondition> =
        old.conditions.iter().filter(|c| !OURS.iter().any(|ours| c.r#type == *ours)).cloned().collect();
    let containers_ready = containers_ready(pod, status);
    let mut ready = PodCondition { r#type: "Ready".into(), ..containers_ready.clone() };
    if ready.status == "True"
        && let Some(message) = closed_gates(pod, &list)
    {
        ready = PodCondition::new("Ready", false).because("ReadinessGatesNotReady", message);
    }
    let generated = [
        PodCondition::new("PodReadyToStartContainers", worker.sandbox.up && !ended),
        initialized(pod, status),
        ready,
        containers_ready,
        PodCondition::new("PodScheduled", true),
    ];
    for mut condition in generated {
        condition.observed_generation = pod.metadata.generation;
        let since = old.condition(&condition.r#type).filter(|c| c.status == condition.status);
        condition.last_transition_time = since.map_or(Some(now), |c| c.last_transition_time);
        list.push(condition);
    }
    list.into()
}

fn containers_ready(pod: &Pod, status: &PodStatus) -> PodCondition {
    let condition = |ready| PodCondition::new("ContainersReady", ready);
    match status.phase.as_str() {
        "Succeeded" => return condition(false).because("PodCompleted", ""),
        "Failed" => return condition(false).because("PodFailed", ""),
        _ => {}
    }
    let sidecars = pod.spec.init_containers.iter().filter(|c| c.restart_policy == "Always");
    let unready: Vec<&str> = sidecars
        .chain(&pod.spec.containers)
        .filter(|c| !find(status, &c.name).is_some_and(|s| s.ready))
        .map(|c| c.name.as_str())
        .collect();
    if unready.is_empty() {
        return condition(true);
    }
    condition(false).because("ContainersNotReady", format!("containers with unready status: [{}]", unready.join(" ")))
}

fn initialized(pod: &Pod, status: &PodStatus) -> PodCondition {
    let condition = |done| PodCondition::new("Initialized", done);
    if status.phase == "Succeeded" {
        return condition(true).because("PodCompleted", "");
    }
    let begun = |s: &ContainerStatus| {
        matches!(s.state, ContainerState::Running { .. } | ContainerState::Terminated(_))
            || s.last_state != ContainerState::None
    };
    if status.container_statuses.iter().any(begun) {
        return condition(true);
    }
    let incomplete: Vec<&str> = pod
        .spec
        .init_containers
        .iter()
        .filter(|c| {
            let sidecar = c.restart_policy == "Always";
            !find(status, &c.name).is_some_and(|s| if sidecar { s.started == Some(true) } else { s.ready })
        })
        .map(|c| c.name.as_str())
        .collect();
    if incomplete.is_empty() {
        return condition(true);
    }
    condition(false)
        .because("ContainersNotInitialized", format!("containers with incomplete status: [{}]", incomplete.join(" ")))
}

fn find<'a>(status: &'a PodStatus, name: &str) -> Option<&'a ContainerStatus> {
    status.container_statuses.iter().chain(&status.init_container_statuses).find(|s| s.name == *name)
}

/// What the readiness gates still wait for.
fn closed_gates(pod: &Pod, conditions: &[PodCondition]) -> Option<String> {
    let gates = pod.spec.rest.get("readinessGates").and_then(|gates| gates.as_array())?;
    let closed: Vec<String> = gates
        .iter()
        .filter_map(|gate| gate.get("conditionType").and_then(|name| name.as_str()))
        .filter_map(|name| match conditions.iter().find(|c| c.r#type == *name) {
            None => Some(format!("corresponding condition of pod readiness gate \"{name}\" does not exist.")),
            Some(c) if c.status != "True" => {
                Some(format!("the status of pod readiness gate \"{name}\" is not \"True\", but {}", c.status))
            }
            Some(_) => None,
        })
        .collect();
    (!closed.is_empty()).then(|| closed.join(", "))
}
