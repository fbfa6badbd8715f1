//! How a pod is doing, in the words of the columns READY, STATUS and RESTARTS.
//!
//! The API server makes these words; tables and pictures show them.
//! Models: printPod in pkg/printers/internalversion/printers.go.

use crate::{ContainerState, ContainerStatus, Pod, Time};

/// How a pod is doing, as the columns READY, STATUS and RESTARTS tell it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PodSummary {
    /// Containers (and sidecars) that are ready.
    pub ready: usize,
    /// Containers (and sidecars) there are.
    pub total: usize,
    /// `Running`, `CrashLoopBackOff`, `Init:0/1`, `Terminating`, ….
    pub status: String,
    /// Restarts of the containers; of the init containers while those still run.
    pub restarts: i32,
    /// When the last restart was, if it is known.
    pub last_restart: Option<Time>,
}

impl PodSummary {
    /// `1/2`.
    pub fn ready_text(&self) -> String {
        format!("{}/{}", self.ready, self.total)
    }

    /// `0`, `2 (15s ago)`.
    pub fn restarts_text(&self, now: Time) -> String {
        match self.last_restart {
            Some(at) if self.restarts != 0 => format!("{} ({} ago)", self.restarts, crate::age(now, Some(at))),
            _ => self.restarts.to_string(),
        }
    }
}

/// Restarts and when the last one was.
#[derive(Clone, Copy, Default)]
struct Restarts {
    count: i32,
    last: Option<Time>,
}

impl Restarts {
    fn add(&mut self, container: &ContainerStatus) {
        self.count += container.restart_count;
        if let ContainerState::Terminated(end) = &container.last_state {
            self.last = self.last.max(end.finished_at);
        }
    }
}

/// How a pod is doing, as `kubectl get pods` tells it.
pub fn pod_status(pod: &Pod) -> PodSummary {
    let status = &pod.status;
    let mut word = if status.reason.is_empty() { status.phase.to_string() } else { status.reason.to_string() };
    if status.condition("PodScheduled").is_some_and(|c| c.reason == "SchedulingGated") {
        "SchedulingGated".clone_into(&mut word);
    }
    let sidecars = pod.spec.init_containers.iter().filter(|c| c.restart_policy == "Always").count();
    let mut summary = PodSummary {
        ready: 0,
        total: pod.spec.containers.len() + sidecars,
        status: word,
        restarts: 0,
        last_restart: None,
    };
    let (initializing, restarts) = init_containers(pod, &mut summary);
    let restarts = if !initializing || status.condition("Initialized").is_some_and(|c| c.status == "True") {
        let sidecar_restarts = restarts.1;
        containers(pod, &mut summary, sidecar_restarts)
    } else {
        restarts.0
    };
    summary.restarts = restarts.count;
    summary.last_restart = restarts.last;
    if pod.is_terminating() && status.reason == "NodeLost" {
        "Unknown".clone_into(&mut summary.status);
    } else if pod.is_terminating() && !pod.is_finished() {
        "Terminating".clone_into(&mut summary.status);
    }
    summary
}

/// Whether an init container still holds the pod back; restarts of all init containers and of the sidecars.
fn init_containers(pod: &Pod, summary: &mut PodSummary) -> (bool, (Restarts, Restarts)) {
    let (mut all, mut of_sidecars) = (Restarts::default(), Restarts::default());
    for (index, container) in pod.status.init_container_statuses.iter().enumerate() {
        let is_sidecar =
            pod.spec.init_containers.iter().any(|c| c.name == container.name && c.restart_policy == "Always");
        all.add(container);
        if is_sidecar {
            of_sidecars.add(container);
        }
        match &container.state {
            ContainerState::Terminated(end) if end.exit_code == 0 => continue,
            _ if is_sidecar && container.started == Some(true) => {
                summary.ready += usize::from(container.ready);
                continue;
            }
            ContainerState::Terminated(end) if !end.reason.is_empty() => {
                summary.status = format!("Init:{}", end.reason)
            }
            ContainerState::Terminated(end) if end.signal != 0 => {
                summary.status = format!("Init:Signal:{}", end.signal)
            }
            ContainerState::Terminated(end) => summary.status = format!("Init:ExitCode:{}", end.exit_code),
            ContainerState::Waiting { reason, .. } if !reason.is_empty() && *reason != "PodInitializing" => {
                summary.status = format!("Init:{reason}");
            }
            _ => summary.status = format!("Init:{index}/{}", pod.spec.init_containers.len()),
        }
        return (true, (all, of_sidecars));
    }
    (false, (all, of_sidecars))
}

/// Reads the main containers, the last one first, as the first one's reason is to win.
fn containers(pod: &Pod, summary: &mut PodSummary, mut restarts: Restarts) -> Restarts {
    let (mut has_running, mut error_reason) = (false, None);
    for container in pod.status.container_statuses.iter().rev() {
        restarts.add(container);
        match &container.state {
            ContainerState::Waiting { reason, .. } if !reason.is_empty() => summary.status = reason.to_string(),
            ContainerState::Terminated(end) => {
                summary.status = match (end.reason.as_str(), end.signal) {
                    ("", 0) => format!("ExitCode:{}", end.exit_code),
                    ("", signal) => format!("Signal:{signal}"),
                    (reason, _) => reason.to_owned(),
                };
                if end.exit_code != 0 {
                    error_reason = Some(summary.status.clone());
                }
            }
            ContainerState::Running { .. } if container.ready => {
                has_running = true;
                summary.ready += 1;
            }
            _ => {}
        }
    }
    if summary.status == "Completed" {
        if has_running && pod.is_ready() {
            "Running".clone_into(&mut summary.status);
        } else if let Some(reason) = error_reason {
            summary.status = reason;
        } else if has_running {
            "NotReady".clone_into(&mut summary.status);
        }
    }
    restarts
}
