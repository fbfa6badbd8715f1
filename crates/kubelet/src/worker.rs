//! A pod worker: what a machine knows of one pod, and what really runs there (which the API may not know yet).
//! Models: pkg/kubelet/pod_workers.go, pkg/kubelet/container/runtime.go.

use crate::back_off::BackOff;
use crate::env::Variables;
use crate::files::Disk;
use crate::inside::Stale;
use crate::journal::Journal;
use crate::machine::Pull;
use crate::probes::Probes;
use crate::program::Program;
use crate::volumes::Problem;
use api::{Container, Pod, Str, Time};
use sim::Ticket;
use std::collections::BTreeMap;
use std::rc::Rc;

/// One pod on one machine.
#[derive(Clone)]
pub(crate) struct Worker {
    /// The pod as the kubelet last heard of it.
    pub(crate) pod: Rc<Pod>,
    pub(crate) machine: Str,
    pub(crate) life: Life,
    /// What is under way; nothing else is begun meanwhile, as in upstream's SyncPod.
    pub(crate) busy: Option<Busy>,
    pub(crate) volumes: Volumes,
    pub(crate) sandbox: Sandbox,
    /// When the kubelet first saw it.
    pub(crate) start_time: Option<Time>,
    /// Init containers, then the others, in the order of the spec.
    pub(crate) containers: Vec<ContainerRun>,
    /// Readiness by command.
    pub(crate) forced_ready: Option<bool>,
    /// Phase, reason and message that do not follow from the containers.
    pub(crate) verdict: Option<Rc<Verdict>>,
    /// The API has no such pod any more.
    pub(crate) removed: bool,
    /// Look at the pod at this time, whatever else is due.
    pub(crate) wake: Option<Time>,
    /// Whether there may be news for the API.
    pub(crate) unreported: bool,
    /// The Ready condition that was last reported.
    pub(crate) reported_ready: bool,
    /// Its wakeups: one that is progress, one that is periodic.
    pub(crate) tickets: [Option<Ticket>; 2],
    /// The files of volumes that live with the pod, by the volume's name.
    pub(crate) scratch: Rc<BTreeMap<Str, Disk>>,
    /// Objects whose last change the pod's files do not show yet.
    pub(crate) stale: Vec<Stale>,
}

/// Where a pod is in its life on the machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Life {
    /// It was heard of and is to be admitted.
    New,
    /// It is kept running.
    Active,
    /// Its containers are being stopped.
    Stopping(Stopping),
    /// It has ended: refused, completed, failed or stopped.
    Ended,
}

/// Why and how far a pod is being stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stopping {
    pub(crate) since: Time,
    /// When everything that still runs is killed.
    pub(crate) kill_at: Time,
    /// All containers have stopped; volumes and sandbox are gone at this time.
    pub(crate) torn_down_at: Option<Time>,
}

/// Why a pod ends whatever its containers do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Verdict {
    pub(crate) reason: Str,
    pub(crate) message: String,
    /// It was never admitted, so nothing is known of its containers.
    pub(crate) refused: bool,
}

/// An operation that takes time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Busy {
    /// Volumes are mounted and the sandbox is set up.
    Preparing { until: Time },
    /// An image is pulled for a container.
    Pulling { container: usize, pull: Pull, fails: bool },
    /// A container is created and started.
    Starting { container: usize, until: Time, created: Created },
    /// A container's postStart hook runs; why it fails, if it does.
    Hooking { container: usize, until: Time, failure: Option<Rc<str>> },
}

/// A container that was created and is about to run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Created {
    pub(crate) at: Time,
    pub(crate) image: Str,
    pub(crate) image_id: Str,
    pub(crate) program: Option<Rc<Program>>,
    pub(crate) variables: Option<Rc<Variables>>,
}

impl Busy {
    pub(crate) fn until(&self) -> Time {
        match self {
            Busy::Preparing { until } | Busy::Starting { until, .. } | Busy::Hooking { until, .. } => *until,
            Busy::Pulling { pull, .. } => pull.ends,
        }
    }
}

/// What keeps the volumes from being mounted.
#[derive(Clone, Debug, Default)]
pub(crate) struct Volumes {
    pub(crate) problem: Option<Rc<Problem>>,
    /// Since when there is one.
    pub(crate) since: Option<Time>,
    pub(crate) tries: u32,
    pub(crate) retry_at: Option<Time>,
    /// What was missing has arrived: the next try is no blind one.
    pub(crate) hopeful: bool,
    /// When the file system of a claim that has grown is enlarged.
    pub(crate) grow_at: Option<Time>,
}

/// The pod's network.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sandbox {
    pub(crate) up: bool,
    /// How many there have been.
    pub(crate) attempts: u32,
    /// Address of the pod; kept after the sandbox is gone.
    pub(crate) ip: Str,
    /// The last number of an address that was handed out and not given back.
    pub(crate) host: Option<u8>,
}

/// What part a container plays in its pod.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// Runs to its end before the next.
    Init,
    /// An init container that stays.
    Sidecar,
    /// One of the containers.
    Main,
}

/// One container: its present run, its last one, and what holds back the next.
#[derive(Clone)]
pub(crate) struct ContainerRun {
    pub(crate) role: Role,
    pub(crate) state: State,
    /// The run before the present one.
    pub(crate) last: Option<Rc<Ended>>,
    pub(crate) restarts: i32,
    /// How often it was started, also before a reboot.
    pub(crate) starts: u32,
    /// It belongs to a sandbox that is gone, and is to run again.
    pub(crate) stale: bool,
    /// Why it cannot be started now.
    pub(crate) waiting: Option<Rc<Waiting>>,
    /// It is not to be tried before.
    pub(crate) not_before: Option<Time>,
    pub(crate) back_off: BackOff,
    pub(crate) pull_back_off: BackOff,
    pub(crate) pull_failed: Option<Time>,
    pub(crate) probes: Option<Box<Probes>>,
    /// Its files outside of volumes, once something was written there.
    pub(crate) root: Option<Rc<Disk>>,
}

/// Whether a container runs.
#[derive(Clone)]
pub(crate) enum State {
    /// It was never started in this sandbox.
    Absent,
    Running(Rc<Run>),
    Exited(Rc<Ended>),
}

/// A running container.
#[derive(Clone, Debug)]
pub(crate) struct Run {
    /// `containerd://…`
    pub(crate) id: Str,
    pub(crate) started_at: Time,
    /// The image in the spec it was started from.
    pub(crate) spec_image: Str,
    pub(crate) image: Str,
    pub(crate) image_id: Str,
    pub(crate) program: Option<Rc<Program>>,
    /// The variables that the manifest asks for, as they were when it was created.
    pub(crate) variables: Option<Rc<Variables>>,
    pub(crate) created_at: Time,
    /// How it will end, if nothing comes between.
    pub(crate) exit: Option<Exit>,
    /// It got SIGTERM.
    pub(crate) stopping: bool,
    /// It is to be stopped, and its preStop hook runs until then.
    pub(crate) hooked_until: Option<Time>,
    /// Its preStop hook will fail, which was not told yet.
    pub(crate) hook_fails: bool,
    /// Its image never passes readiness.
    pub(crate) never_ready: bool,
    /// What its log tells beside its start and end, if its program is not modelled.
    pub(crate) journal: Journal,
}

/// The end of a run that is known ahead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Exit {
    pub(crate) at: Time,
    pub(crate) code: i32,
    /// When the kubelet sees it.
    pub(crate) noticed_at: Time,
}

/// A run that is over.
#[derive(Clone, Debug)]
pub(crate) struct Ended {
    pub(crate) run: Run,
    pub(crate) at: Time,
    pub(crate) code: i32,
    pub(crate) reason: Str,
}

/// Why a container waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Waiting {
    pub(crate) reason: Str,
    pub(crate) message: String,
    /// What is missing has arrived: the next try is no blind one.
    pub(crate) hopeful: bool,
}

impl Worker {
    /// A pod that was just heard of.
    pub(crate) fn new(pod: Rc<Pod>, machine: Str, wake: Time) -> Self {
        let spec = &pod.spec;
        let init = spec.init_containers.iter().map(|c| {
            let role = if c.restart_policy == "Always" { Role::Sidecar } else { Role::Init };
            ContainerRun::new(c, role)
        });
        let main = spec.containers.iter().map(|c| ContainerRun::new(c, Role::Main));
        let containers = init.chain(main).collect();
        Worker {
            machine,
            life: Life::New,
            busy: None,
            volumes: Volumes::default(),
            sandbox: Sandbox::default(),
            start_time: None,
            containers,
            forced_ready: None,
            verdict: None,
            removed: false,
            wake: Some(wake),
            unreported: false,
            reported_ready: false,
            tickets: [None; 2],
            scratch: Rc::default(),
            stale: Vec::new(),
            pod,
        }
    }

    /// The container's part of the spec, by its place in `containers`.
    pub(crate) fn spec(&self, index: usize) -> &Container {
        container_of(&self.pod, index)
    }

    /// The place of a container by its name.
    pub(crate) fn index_of(&self, name: &str) -> Option<usize> {
        (0..self.containers.len()).find(|index| self.spec(*index).name == *name)
    }

    /// `name_namespace(uid)`, as upstream's messages name a pod.
    pub(crate) fn full_name(&self) -> String {
        let meta = &self.pod.metadata;
        format!("{}_{}({})", meta.name, meta.namespace, meta.uid)
    }

    /// Whether any container runs.
    pub(crate) fn has_running(&self) -> bool {
        self.containers.iter().any(|c| c.run().is_some())
    }
}

/// The spec of a container by its place: init containers first.
pub(crate) fn container_of(pod: &Pod, index: usize) -> &Container {
    let init = pod.spec.init_containers.len();
    if index < init { &pod.spec.init_containers[index] } else { &pod.spec.containers[index - init] }
}

impl Run {
    /// Whether its process has not exited, whatever the kubelet has noticed.
    pub(crate) fn is_alive(&self, now: Time) -> bool {
        self.exit.is_none_or(|exit| exit.at > now)
    }
}

impl ContainerRun {
    fn new(spec: &Container, role: Role) -> Self {
        ContainerRun {
            role,
            state: State::Absent,
            last: None,
            restarts: 0,
            starts: 0,
            stale: false,
            waiting: None,
            not_before: None,
            back_off: BackOff::default(),
            pull_back_off: BackOff::default(),
            pull_failed: None,
            probes: Probes::of(spec).map(Box::new),
            root: None,
        }
    }

    /// The same as if it had not been started yet.
    pub(crate) fn unseen(&self) -> ContainerRun {
        ContainerRun { state: State::Absent, last: None, restarts: 0, ..self.clone() }
    }

    /// The present run.
    pub(crate) fn run(&self) -> Option<&Rc<Run>> {
        match &self.state {
            State::Running(run) => Some(run),
            _ => None,
        }
    }

    /// The run that has ended, if none runs now.
    pub(crate) fn ended(&self) -> Option<&Rc<Ended>> {
        match &self.state {
            State::Exited(ended) => Some(ended),
            _ => None,
        }
    }

    /// Ends the present run.
    pub(crate) fn end(&mut self, at: Time, code: i32, reason: &str) {
        if let State::Running(run) = &self.state {
            let ended = Ended { run: Run::clone(run), at, code, reason: reason.into() };
            self.state = State::Exited(Rc::new(ended));
        }
    }

    /// Whether its startup probe has passed, if it has one.
    pub(crate) fn is_started(&self) -> bool {
        self.run().is_some() && self.probes.as_ref().is_none_or(|probes| probes.startup_passed())
    }
}
