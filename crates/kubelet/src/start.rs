//! Starting a container: its image, its environment, its process.
//! Models: pkg/kubelet/kuberuntime/kuberuntime_container.go startContainer, pkg/kubelet/images/image_manager.go.

use crate::ailments;
use crate::env::{self, Facts, Variables};
use crate::hash::digits;
use crate::images::{Image, ImageBehaviour};
use crate::machine::Pull;
use crate::program::Program;
use crate::timing::Stage;
use crate::turn::{ProgramEnd, Turn};
use crate::worker::{Busy, Created, Run, State, Waiting, Worker, container_of};
use sim::SimDuration;
use std::rc::Rc;

/// When a kubelet tries again what a look at the manifest has failed for.
const RETRY: SimDuration = SimDuration::from_secs(12);

impl Worker {
    /// Begins to start a container: with its image if that is there, else with a pull.
    pub(crate) fn begin_start(&mut self, turn: &mut Turn<'_>, index: usize) {
        let requested = self.spec(index).image.clone();
        let image = match turn.images.look_up(&requested) {
            Ok(image) => image,
            Err(why) => {
                let message = format!("Failed to apply default image tag \"{requested}\": {why}");
                turn.warn_at(self, index, "InspectFailed", message.clone());
                return self.fail_start(turn, index, "InvalidImageName", message, RETRY);
            }
        };
        let cached = turn.machine.store.has(&image.name, turn.now);
        match self.spec(index).image_pull_policy.as_str() {
            "Never" if !cached => {
                let message = format!("Container image \"{requested}\" is not present with pull policy of Never");
                turn.warn_at(self, index, "ErrImageNeverPull", message.clone());
                self.fail_start(turn, index, "ErrImageNeverPull", message, RETRY);
            }
            "Always" => self.pull(turn, index, &image),
            _ if !cached => self.pull(turn, index, &image),
            _ => {
                let message = format!(
                    "Container image \"{requested}\" already present on machine and can be accessed by the pod"
                );
                turn.normal_at(self, index, "Pulled", message);
                self.create(turn, index, image);
            }
        }
    }

    fn pull(&mut self, turn: &mut Turn<'_>, index: usize, image: &Image) {
        let requested = self.spec(index).image.clone();
        let container = &self.containers[index];
        let until = container.pull_failed.and_then(|failed| container.pull_back_off.until(failed));
        if let Some(until) = until.filter(|until| *until > turn.now) {
            let back_off = format!("Back-off pulling image \"{requested}\"");
            turn.normal_at(self, index, "BackOff", back_off.clone());
            let message = format!("{back_off}: ErrImagePull: {}", pull_error(image));
            return self.fail_start(turn, index, "ImagePullBackOff", message, until.since(turn.now));
        }
        turn.normal_at(self, index, "Pulling", format!("Pulling image \"{requested}\""));
        let fails = turn.images.behaviour(&image.name) == ImageBehaviour::Broken;
        let pull = if fails {
            let takes = turn.delay(Stage::PullFails);
            turn.machine.store.fail(turn.now, takes)
        } else {
            let draw = turn.rng.next_u64();
            let (full, confirm) = (turn.timing.pull(image.bytes, draw), turn.delay(Stage::PullConfirms));
            turn.machine.store.pull(&image.name, turn.now, full, confirm)
        };
        self.busy = Some(Busy::Pulling { container: index, pull, fails });
    }

    pub(crate) fn pulled(&mut self, turn: &mut Turn<'_>, index: usize, pull: Pull, fails: bool) {
        let requested = self.spec(index).image.clone();
        let Ok(image) = turn.images.look_up(&requested) else { return };
        if fails {
            let error = pull_error(&image);
            turn.warn_at(self, index, "Failed", format!("Failed to pull image \"{requested}\": {error}"));
            let container = &mut self.containers[index];
            container.pull_failed = Some(turn.now);
            container.pull_back_off.count(turn.now, turn.now);
            let again = turn.delay(Stage::Resync);
            return self.fail_start(turn, index, "ErrImagePull", error, again);
        }
        let container = &mut self.containers[index];
        (container.pull_back_off, container.pull_failed) = Default::default();
        let (took, in_all) = (pull.ends.since(pull.began), pull.ends.since(pull.asked));
        let message = format!(
            "Successfully pulled image \"{requested}\" in {took} ({in_all} including waiting). Image size: {} bytes.",
            image.bytes
        );
        turn.normal_at(self, index, "Pulled", message);
        self.create(turn, index, image);
    }

    fn create(&mut self, turn: &mut Turn<'_>, index: usize, image: Image) {
        let links = self.links(turn, index);
        let variables = match self.environment(turn, index, &links) {
            Ok(variables) => variables,
            Err(why) => return self.fail_start(turn, index, "CreateContainerConfigError", why, RETRY),
        };
        let spec = self.spec(index);
        let all: Variables = links.into_iter().chain(variables.iter().cloned()).collect();
        let program = Program::of(&spec.command, &spec.args, &all, self.hostname());
        turn.normal_at(self, index, "Created", "Container created".to_owned());
        let created = Created {
            at: turn.now,
            image: image.name,
            image_id: image.id,
            program: program.map(Rc::new),
            variables: (!variables.is_empty()).then(|| Rc::new(variables)),
        };
        self.busy = Some(Busy::Starting { container: index, until: turn.now.plus(turn.delay(Stage::Start)), created });
    }

    /// The variables that name Services, if anything in the container's spec can make use of them.
    fn links(&self, turn: &Turn<'_>, index: usize) -> Variables {
        let spec = self.spec(index);
        let words = spec.command.iter().chain(&spec.args).chain(spec.env.iter().map(|variable| &variable.value));
        if words.into_iter().any(|word| word.contains('$')) {
            return env::service_links(&self.pod, turn.lister, turn.now);
        }
        Variables::new()
    }

    fn environment(&self, turn: &Turn<'_>, index: usize, links: &Variables) -> Result<Variables, String> {
        let spec = self.spec(index);
        if spec.env.is_empty() && spec.env_from.is_empty() {
            return Ok(Variables::new());
        }
        let facts = Facts { pod_ip: self.sandbox.ip.clone(), host_ip: turn.machine.address() };
        env::resolve(&self.pod, spec, &facts, links, turn.lister)
    }

    /// The name that the pod's processes see as their host's.
    pub(crate) fn hostname(&self) -> &str {
        let spec = &self.pod.spec;
        if spec.host_network {
            &self.machine
        } else if spec.hostname.is_empty() {
            &self.pod.metadata.name
        } else {
            &spec.hostname
        }
    }

    /// Notes why a container cannot be started, and when to try again.
    fn fail_start(&mut self, turn: &mut Turn<'_>, index: usize, reason: &str, message: String, again: SimDuration) {
        let error = if reason == "CreateContainerConfigError" { message.as_str() } else { reason };
        turn.warn_at(self, index, "Failed", format!("Error: {error}"));
        let container = &mut self.containers[index];
        container.not_before = Some(turn.now.plus(again));
        container.waiting = Some(Rc::new(Waiting { reason: reason.into(), message, hopeful: false }));
        self.unreported = true;
    }

    pub(crate) fn started(&mut self, turn: &mut Turn<'_>, index: usize, created: Created) {
        let Created { at, image, image_id, program, variables } = created;
        turn.normal_at(self, index, "Started", "Container started".to_owned());
        let end = match program.as_deref() {
            Some(program) => program.end.map_or(ProgramEnd::Never, |(after, code)| ProgramEnd::At(after, code)),
            None => ProgramEnd::Unknown,
        };
        let exit = self.plan_exit(turn, index, &image, end);
        let never_ready = turn.images.behaviour(&image) == ImageBehaviour::Unready;
        let run = Run {
            id: format!("containerd://{}", digits(turn.rng, 64)).into(),
            started_at: turn.now,
            spec_image: self.spec(index).image.clone(),
            image,
            image_id,
            program,
            variables,
            created_at: at,
            exit,
            stopping: false,
            hooked_until: None,
            hook_fails: false,
            never_ready,
            journal: Default::default(),
        };
        let known = run.program.clone();
        let latency = turn.delay(Stage::Probe);
        let noticed = turn.now.plus(turn.delay(Stage::Notice));
        let container = &mut self.containers[index];
        if let Some(ended) = container.ended().cloned() {
            // The wait before the next restart counts from the end of the run before this one.
            container.back_off.count(ended.at, turn.now);
            container.last = Some(ended);
        }
        container.restarts += i32::from(container.last.is_some());
        container.starts += 1;
        container.stale = false;
        container.forget_files();
        container.waiting = None;
        // One that exits at once is tried again only when that has been noticed.
        container.not_before = exit.filter(|exit| exit.at == turn.now).map(|_| noticed);
        container.state = State::Running(Rc::new(run));
        if let Some(probes) = &mut container.probes {
            probes.restart(turn.now, latency);
            let spec = container_of(&self.pod, index);
            probes.foresee(spec, turn.now, |probe| ailments::onset(probe, spec, known.as_deref()));
        }
        self.unreported |= !self.begin_post_start(turn, index);
    }
}

/// What a registry answers about an image that it does not have.
fn pull_error(image: &Image) -> String {
    let name = &image.name;
    format!(
        "rpc error: code = NotFound desc = failed to pull and unpack image \"{name}\": failed to resolve reference \"{name}\": {name}: not found"
    )
}
