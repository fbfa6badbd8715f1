//! What `sim` does to pods and images, and what can be asked about them.

use crate::hash::hash64;
use crate::images::ImageBehaviour;
use crate::kubelets::Kubelets;
use crate::program::LogLine;
use crate::timing::Stage;
use crate::worker::{ContainerRun, Exit, Life, State, Worker};
use api::{Kind, ObjectKey, Pod, Str, Time};
use sim::SimDuration;
use std::rc::Rc;

/// Exit code that a runtime gives to a container that it finds dead.
const LOST: i32 = 255;

impl Kubelets {
    /// A container exits now; its restart policy decides what follows. Whether it was running.
    pub fn crash(&mut self, pod: &Pod, container: &str, exit_code: i32, now: Time) -> bool {
        let uid = &pod.metadata.uid;
        let noticed_at = now.plus(self.timing.delay(Stage::Notice, hash64(uid)));
        let Some(worker) = self.workers.get_mut(uid).map(Rc::make_mut) else { return false };
        let Some(index) = worker.index_of(container) else { return false };
        let crashed = worker.crash(index, exit_code, now, noticed_at);
        self.arm(uid, now);
        crashed
    }

    /// From now on the pod's readiness probes fail, or pass, whatever the manifest says.
    pub fn set_ready(&mut self, pod: &Pod, ready: bool, now: Time) {
        let uid = &pod.metadata.uid;
        if let Some(worker) = self.workers.get_mut(uid).map(Rc::make_mut) {
            worker.forced_ready = Some(ready);
            worker.health_changed(now, now.plus(self.timing.delay(Stage::Probe, hash64(uid))));
            self.arm(uid, now);
        }
    }

    /// How pulls and containers of an image behave from now on.
    pub fn set_image(&mut self, image: &str, behaviour: ImageBehaviour, now: Time) {
        self.images.set(image, behaviour);
        let name = crate::images::parse(image).map_or_else(|_| image.into(), |image| image.name);
        let uses = |worker: &Worker| (0..worker.containers.len()).any(|index| worker.uses_image(index, &name));
        let uids: Vec<Str> =
            self.workers.iter().filter(|(_, worker)| uses(worker)).map(|(uid, _)| uid.clone()).collect();
        for uid in uids {
            let probe = now.plus(self.timing.delay(Stage::Probe, hash64(&uid)));
            let Some(worker) = self.workers.get_mut(&uid).map(Rc::make_mut) else { continue };
            for index in 0..worker.containers.len() {
                if worker.uses_image(index, &name) {
                    worker.containers[index].image_changed(behaviour);
                }
            }
            worker.health_changed(now, probe);
            self.arm(&uid, now);
        }
    }

    /// What a container has printed by now: in its present run, or (`previous`) in the one before. `None` if there is
    /// no such run.
    pub fn log(&self, uid: &str, container: &str, previous: bool, now: Time) -> Option<Vec<LogLine>> {
        let worker = self.workers.get(uid)?;
        let container = &worker.containers[worker.index_of(container)?];
        if let State::Running(run) = &container.state
            && !previous
        {
            return Some(run.log(run.exit.map_or(now, |exit| exit.at.min(now)), false));
        }
        // The status of one that waits for its restart has the run that ended as the last one.
        let waits = container.ended().filter(|_| container.waiting.is_some());
        let ended = if previous { waits.or(container.last.as_ref()) } else { container.ended() }?;
        Some(ended.run.log(ended.run.exit.map_or(ended.at, |exit| exit.at), ended.reason == "Unknown"))
    }
}

impl Worker {
    /// What probes find has changed by command: pods with probes find out with their next one, others at `soon`.
    fn health_changed(&mut self, now: Time, soon: Time) {
        let mut probed = true;
        for container in &mut self.containers {
            match &mut container.probes {
                Some(probes) => {
                    probes.wake(now);
                    probed &= probes.ready().is_some();
                }
                None => probed = false,
            }
        }
        if !probed {
            self.wake = Some(self.wake.map_or(soon, |at| at.min(soon)));
        }
    }

    fn uses_image(&self, index: usize, name: &Str) -> bool {
        let container = &self.containers[index];
        match &container.state {
            State::Running(run) => run.image == *name,
            _ => crate::images::parse(&self.spec(index).image).is_ok_and(|image| image.name == *name),
        }
    }

    /// Whether the pod cannot go on because this object is missing or not ready.
    pub(crate) fn waits_for_object(&self, key: &ObjectKey) -> bool {
        let volume = self.volumes.problem.as_ref().is_some_and(|problem| problem.awaits == *key);
        let named = || format!("\"{}\"", key.name);
        volume
            || key.namespace == self.pod.metadata.namespace
                && self.containers.iter().filter_map(|c| c.waiting.as_ref()).any(|why| {
                    let path = format!("{}/{}", key.namespace, key.name);
                    why.reason == "CreateContainerConfigError"
                        && (why.message.contains(&named()) || why.message.ends_with(&path))
                })
    }

    /// What was missing has arrived: the next try may succeed.
    pub(crate) fn hope(&mut self, now: Time) {
        if let Some(problem) = &self.volumes.problem {
            self.volumes.hopeful = true;
            if problem.awaits.kind == Kind::PersistentVolumeClaim {
                // Claims are looked at all the time; only ConfigMaps and Secrets have a back-off of their own.
                self.volumes.retry_at = Some(now.plus(SimDuration::from_millis(300)));
            }
        }
        for container in &mut self.containers {
            container.hope();
        }
    }

    /// The machine has lost its power: nothing runs any more.
    pub(crate) fn lose_power(&mut self, now: Time) {
        for container in &mut self.containers {
            if let State::Running(run) = &mut container.state {
                Rc::make_mut(run).exit = Some(Exit { at: now, code: LOST, noticed_at: now });
            }
            container.end(now, LOST, "Unknown");
            container.stale = true;
        }
        self.busy = None;
        self.wake = None;
        self.volumes = Default::default();
        self.sandbox.up = false;
        self.sandbox.host = None;
    }
}

impl Worker {
    /// The machine has booted: its runtime finds the containers dead, and takes that for the time of their end.
    pub(crate) fn find_dead(&mut self, now: Time) {
        if self.life == Life::Ended {
            return;
        }
        for container in &mut self.containers {
            if let State::Exited(ended) = &mut container.state
                && ended.reason == "Unknown"
            {
                Rc::make_mut(ended).at = now;
            }
        }
    }
}

impl ContainerRun {
    fn hope(&mut self) {
        if let Some(why) = &mut self.waiting {
            Rc::make_mut(why).hopeful = true;
        }
    }

    /// Its image behaves otherwise from now on.
    fn image_changed(&mut self, behaviour: ImageBehaviour) {
        match &mut self.state {
            State::Running(run) => Rc::make_mut(run).never_ready = behaviour == ImageBehaviour::Unready,
            // A retry that was blind is not, now that the image works.
            _ if behaviour == ImageBehaviour::Works => self.hope(),
            _ => {}
        }
    }
}
