//! All machines of a cluster and the pods on them, on one agenda.
//!
//! The cluster's loop tells of changes ([`Kubelets::observe`]), asks when something is due ([`Kubelets::next_at`]) and
//! lets one thing happen ([`Kubelets::step`]); the answer is a plan of writes. What really runs is kept here; the API
//! knows of it only what a connected machine has reported.
//! Models: pkg/kubelet/kubelet.go syncLoop, pkg/kubelet/pod_workers.go, pkg/kubelet/status/status_manager.go.

use crate::files::Disk;
use crate::hash::hash64;
use crate::images::Images;
use crate::machine::{Machine, MachineSpec, Power};
use crate::node;
use crate::status;
use crate::timing::{Stage, Timing};
use crate::turn::Turn;
use crate::waits;
use crate::worker::{Life, Worker};
use api::{Kind, Node, Object, ObjectKey, Pod, Resource, Str, Time};
use apiserver::{Change, DeleteOptions, Lister, Plan, WatchEvent, Write};
use imbl::GenericOrdMap;
use imbl::shared_ptr::RcK;
use sim::{Agenda, Rng, SimDuration, SimTime, Ticket};
use std::rc::Rc;

/// Lease renewals of a machine.
const HEARTBEAT: SimDuration = SimDuration::from_secs(10);

/// What one step came to.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The pod or node it was about.
    pub key: Option<ObjectKey>,
    /// What is to be written, and what the pod waits for.
    pub plan: Plan,
}

/// Every machine and everything on it. A clone shares everything.
#[derive(Clone)]
pub struct Kubelets {
    pub(crate) timing: Timing,
    pub(crate) machines: GenericOrdMap<Str, Rc<Machine>, RcK>,
    /// Pods by UID.
    pub(crate) workers: GenericOrdMap<Str, Rc<Worker>, RcK>,
    pub(crate) images: Images,
    /// The files of PersistentVolumes, by what these stand for.
    pub(crate) volumes: GenericOrdMap<Str, Disk, RcK>,
    /// Wakeups that bring something further.
    progress: Agenda<Task>,
    /// Heartbeats, probes that find what is known, retries.
    periodic: Agenda<Task>,
    joined: u32,
}

/// What a wakeup is for.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Task {
    /// A machine's kubelet starts, or reaches the control plane again.
    Start(Str),
    /// A machine renews its lease.
    Beat(Str),
    /// A pod is looked at.
    Look(Str),
}

impl Kubelets {
    /// No machines yet.
    pub fn new(timing: Timing) -> Self {
        Kubelets {
            timing,
            machines: GenericOrdMap::new(),
            workers: GenericOrdMap::new(),
            images: Images::default(),
            volumes: GenericOrdMap::new(),
            progress: Agenda::default(),
            periodic: Agenda::default(),
            joined: 0,
        }
    }

    /// Whether there is a machine of this name.
    pub fn has_machine(&self, name: &str) -> bool {
        self.machines.contains_key(name)
    }

    /// A machine joins: its kubelet registers the Node, which turns Ready a moment later.
    pub fn add_machine(&mut self, spec: &MachineSpec, now: Time) -> Plan {
        let start = now.plus(self.timing.delay(Stage::Join, hash64(&spec.name)));
        let mut machine = self.new_machine(spec, Power::Booting);
        machine.start = Some(self.progress.push(sim_time(start), Task::Start(spec.name.clone())));
        let mut plan = Plan::default();
        plan.write(Write::Create(node::new_node(&machine, false, now).into_object()));
        self.machines.insert(spec.name.clone(), Rc::new(machine));
        plan
    }

    /// A machine that has been there before the scenario began: its Node is Ready from the first moment.
    pub fn add_ready_machine(&mut self, spec: &MachineSpec, now: Time) -> Plan {
        let mut machine = self.new_machine(spec, Power::On);
        machine.reported = Some(now);
        machine.beat = Some(self.periodic.push(sim_time(now), Task::Beat(spec.name.clone())));
        let mut plan = Plan::default();
        plan.write(Write::Create(node::new_node(&machine, true, now).into_object()));
        self.machines.insert(spec.name.clone(), Rc::new(machine));
        plan
    }

    fn new_machine(&mut self, spec: &MachineSpec, power: Power) -> Machine {
        self.joined += 1;
        Machine::new(spec.clone(), self.joined, power)
    }

    /// The pods of which a container runs, with their machines, also those that nobody reaches.
    pub fn running(&self) -> impl Iterator<Item = (&Str, &Pod)> {
        self.workers.values().filter(|worker| worker.has_running()).map(|worker| (&worker.machine, &*worker.pod))
    }

    /// Whether a machine has power, and whether the control plane reaches it; `None` if there is no such machine.
    pub fn power_and_network(&self, name: &str) -> Option<(bool, bool)> {
        self.machines.get(name).map(|machine| (machine.power != Power::Off, !machine.cut))
    }

    /// The machine is gone for good, with everything on it. Its Node is somebody else's to delete.
    pub fn remove_machine(&mut self, name: &str) {
        let Some(machine) = self.machines.remove(name) else { return };
        machine.beat.map(|ticket| self.periodic.cancel(ticket));
        machine.start.map(|ticket| self.progress.cancel(ticket));
        for uid in &machine.pods {
            self.forget(uid);
        }
    }

    /// The machine loses power, or gets it back and boots.
    pub fn power(&mut self, name: &str, on: bool, now: Time) {
        let Some(machine) = self.machines.get_mut(name).map(Rc::make_mut) else { return };
        if on == (machine.power != Power::Off) {
            return;
        }
        if on {
            let start = now.plus(self.timing.delay(Stage::Boot, hash64(name) ^ u64::from(machine.boots)));
            machine.power = Power::Booting;
            machine.boots += 1;
            machine.start = Some(self.progress.push(sim_time(start), Task::Start(machine.spec.name.clone())));
            return;
        }
        machine.power = Power::Off;
        machine.store.interrupt(now);
        machine.addresses.release_all();
        machine.beat.take().map(|ticket| self.periodic.cancel(ticket));
        machine.start.take().map(|ticket| self.progress.cancel(ticket));
        let pods: Vec<Str> = machine.pods.iter().cloned().collect();
        for uid in pods {
            if let Some(worker) = self.workers.get_mut(&uid).map(Rc::make_mut) {
                worker.lose_power(now);
                self.arm(&uid, now);
            }
        }
    }

    /// The machine is cut off from the control plane, or reaches it again.
    pub fn partition(&mut self, name: &str, cut: bool, now: Time) {
        let Some(machine) = self.machines.get_mut(name).map(Rc::make_mut) else { return };
        if machine.cut == cut {
            return;
        }
        machine.cut = cut;
        if !cut && machine.power == Power::On && machine.start.is_none() {
            let start = now.plus(self.timing.delay(Stage::Hear, hash64(name)));
            machine.start = Some(self.progress.push(sim_time(start), Task::Start(machine.spec.name.clone())));
        }
    }

    /// Takes note of a change that a kubelet watches.
    pub fn observe(&mut self, event: &WatchEvent, lister: Lister<'_>, now: Time) {
        self.observe_files(event, now);
        match &event.object {
            Object::Pod(pod) => self.observe_pod(event.change, pod, event.old.as_ref(), now),
            Object::ConfigMap(_) | Object::Secret(_) | Object::PersistentVolumeClaim(_)
                if event.change != Change::Deleted =>
            {
                self.observe_arrival(&event.object.key(), lister, now);
            }
            _ => {}
        }
    }

    /// What a change means for the files of pods.
    fn observe_files(&mut self, event: &WatchEvent, now: Time) {
        match &event.object {
            Object::ConfigMap(_) | Object::Secret(_) => match (&event.old, event.change) {
                (_, Change::Deleted) => self.keep_old_files(&event.object, true, now),
                (Some(old), _) => self.keep_old_files(old, false, now),
                (None, _) => {}
            },
            Object::PersistentVolume(volume) if event.change == Change::Deleted => self.drop_volume(volume),
            _ => {}
        }
    }

    fn observe_pod(&mut self, change: Change, pod: &Rc<Pod>, old: Option<&Object>, now: Time) {
        let name = &pod.spec.node_name;
        let Some(machine) = self.machines.get(name).filter(|machine| machine.is_connected()) else { return };
        let uid = &pod.metadata.uid;
        let hear = now.plus(self.timing.delay(Stage::Hear, hash64(uid)));
        if !self.workers.contains_key(uid) {
            if change != Change::Deleted {
                let machine = machine.spec.name.clone();
                self.hear_of(pod, machine, hear, now);
            }
            return;
        }
        if change == Change::Deleted {
            return self.hear_removed(uid, hear, now);
        }
        let old = old.and_then(|old| Pod::from_object(old));
        let Some(worker) = self.workers.get_mut(uid).map(Rc::make_mut) else { return };
        let asked = old.is_none_or(|old| {
            old.metadata.deletion_timestamp != pod.metadata.deletion_timestamp
                || old.metadata.generation != pod.metadata.generation
                || old.metadata.annotations != pod.metadata.annotations
        });
        // Somebody else has written a status that is not what was reported.
        let overruled = worker.life != Life::New && pod.is_ready() != worker.reported_ready
            || pod.is_finished() && worker.life == Life::Active;
        let gates = worker.pod.spec.rest.get("readinessGates").is_some();
        worker.pod = Rc::clone(pod);
        if asked || overruled || gates {
            worker.wake = Some(worker.wake.map_or(hear, |at| at.min(hear)));
            self.arm(&uid.clone(), now);
        }
    }

    fn hear_of(&mut self, pod: &Rc<Pod>, machine: Str, at: Time, now: Time) {
        let uid = pod.metadata.uid.clone();
        if let Some(machine) = self.machines.get_mut(&machine).map(Rc::make_mut) {
            machine.pods.insert(uid.clone());
        }
        self.workers.insert(uid.clone(), Rc::new(Worker::new(Rc::clone(pod), machine, at)));
        self.arm(&uid, now);
    }

    /// A pod is gone from the API: what still runs of it is stopped.
    fn hear_removed(&mut self, uid: &Str, at: Time, now: Time) {
        let Some(worker) = self.workers.get_mut(uid).map(Rc::make_mut) else { return };
        if matches!(worker.life, Life::New | Life::Ended) {
            return self.forget(uid);
        }
        worker.removed = true;
        worker.wake = Some(at);
        self.arm(uid, now);
    }

    /// Something has arrived that pods may wait for: their next try is no blind one.
    fn observe_arrival(&mut self, key: &ObjectKey, lister: Lister<'_>, now: Time) {
        let uids: Vec<Str> = if key.kind == Kind::PersistentVolumeClaim {
            lister.pods_using_claim(&key.namespace, &key.name).map(|pod| pod.metadata.uid.clone()).collect()
        } else {
            let waits = |worker: &Worker| worker.waits_for_object(key);
            self.workers.iter().filter(|(_, worker)| waits(worker)).map(|(uid, _)| uid.clone()).collect()
        };
        for uid in uids {
            let Some(worker) = self.workers.get_mut(&uid).map(Rc::make_mut) else { continue };
            if worker.waits_for_object(key) {
                worker.hope(now);
            } else if worker.has_to_grow(lister) {
                worker.wake = Some(now);
            } else {
                continue;
            }
            self.arm(&uid, now);
        }
    }

    /// When the next thing is due.
    pub fn next_at(&self) -> Option<Time> {
        let next = [self.progress.next_at(), self.periodic.next_at()];
        next.into_iter().flatten().min().map(wall_time)
    }

    /// When the next thing is due that is not periodic: no heartbeat, no probe that finds what is known, no retry.
    pub fn next_progress_at(&self) -> Option<Time> {
        self.progress.next_at().map(wall_time)
    }

    /// Lets the next thing happen that is due by now; `None` if nothing is.
    pub fn step(&mut self, lister: Lister<'_>, now: Time, rng: &mut Rng) -> Option<Outcome> {
        let until = sim_time(now);
        let first = match (self.progress.next_at(), self.periodic.next_at()) {
            (Some(progress), Some(periodic)) if periodic < progress => &mut self.periodic,
            (None, _) => &mut self.periodic,
            _ => &mut self.progress,
        };
        Some(match first.pop_due(until)?.what {
            Task::Start(name) => self.start(&name, lister, now),
            Task::Beat(name) => self.beat(&name, lister, now, rng),
            Task::Look(uid) => self.look(&uid, lister, now, rng),
        })
    }

    /// A kubelet starts, or is connected again: it reports its node and compares its pods with the API's.
    fn start(&mut self, name: &Str, lister: Lister<'_>, now: Time) -> Outcome {
        let key = Some(ObjectKey::cluster(Kind::Node, name.clone()));
        let mut plan = Plan::default();
        let Some(machine) = self.machines.get_mut(name).map(Rc::make_mut) else { return Outcome { key, plan } };
        machine.start = None;
        let booted = machine.power == Power::Booting;
        machine.power = Power::On;
        let found: Vec<Str> = if booted { machine.pods.iter().cloned().collect() } else { Vec::new() };
        for uid in found {
            if let Some(worker) = self.workers.get_mut(&uid).map(Rc::make_mut) {
                worker.find_dead(now);
            }
        }
        if machine.beat.is_none() {
            machine.beat = Some(self.periodic.push(sim_time(now), Task::Beat(name.clone())));
        }
        if !machine.is_connected() {
            // It runs what it knows of.
            self.wake_all(name, now);
            return Outcome { key, plan };
        }
        match lister.get::<Node>("", name) {
            Some(node) if booted => {
                machine.reported = Some(now);
                plan = node::started(machine, node, now);
            }
            None if booted => {
                plan.write(Write::Create(node::new_node(machine, false, now).into_object()));
                machine.reported = None;
            }
            _ => plan = node::heartbeat(machine, lister, now),
        }
        self.compare(name, lister, now);
        Outcome { key, plan }
    }

    /// Compares the pods of a machine with those the API has for it.
    fn compare(&mut self, name: &Str, lister: Lister<'_>, now: Time) {
        for pod in lister.pods_on_node(name) {
            match self.workers.get_mut(&pod.metadata.uid).map(Rc::make_mut) {
                Some(worker) => worker.pod = Rc::clone(pod),
                None => self.hear_of(pod, name.clone(), now, now),
            }
        }
        let Some(machine) = self.machines.get(name) else { return };
        let gone = |uid: &Str| {
            let worker = self.workers.get(uid)?;
            let meta = &worker.pod.metadata;
            let there = lister.get::<Pod>(&meta.namespace, &meta.name).is_some_and(|pod| pod.metadata.uid == *uid);
            (!there).then(|| uid.clone())
        };
        let gone: Vec<Str> = machine.pods.iter().filter_map(gone).collect();
        for uid in gone {
            self.hear_removed(&uid, now, now);
        }
        self.wake_all(name, now);
    }

    fn wake_all(&mut self, name: &str, now: Time) {
        let pods: Vec<Str> = self.machines.get(name).map(|m| m.pods.iter().cloned().collect()).unwrap_or_default();
        for uid in pods {
            if let Some(worker) = self.workers.get_mut(&uid).map(Rc::make_mut) {
                worker.wake = Some(now);
                self.arm(&uid, now);
            }
        }
    }

    fn beat(&mut self, name: &Str, lister: Lister<'_>, now: Time, rng: &mut Rng) -> Outcome {
        let key = Some(ObjectKey::cluster(Kind::Node, name.clone()));
        let Some(machine) = self.machines.get_mut(name).map(Rc::make_mut) else {
            return Outcome { key, plan: Plan::default() };
        };
        // The first renewal comes at any time within the interval, so that machines do not all write at once.
        let first = lister.get::<api::Lease>("kube-node-lease", name).is_none();
        let wait = if first { rng.below(HEARTBEAT.as_millis()) } else { HEARTBEAT.as_millis() + rng.below(400) };
        let next = now.plus(SimDuration::from_millis(wait));
        machine.beat = Some(self.periodic.push(sim_time(next), Task::Beat(name.clone())));
        let plan = if machine.is_connected() { node::heartbeat(machine, lister, now) } else { Plan::default() };
        Outcome { key, plan }
    }

    fn look(&mut self, uid: &Str, lister: Lister<'_>, now: Time, rng: &mut Rng) -> Outcome {
        let mut outcome = Outcome { key: None, plan: Plan::default() };
        let Some(worker) = self.workers.get_mut(uid).map(Rc::make_mut) else { return outcome };
        let Some(machine) = self.machines.get_mut(&worker.machine).map(Rc::make_mut) else { return outcome };
        let mut turn = Turn {
            now,
            timing: self.timing,
            lister,
            rng,
            machine,
            images: &mut self.images,
            events: Vec::new(),
            writes: Vec::new(),
        };
        worker.look(&mut turn);
        outcome.key = Some(worker.pod.key());
        let events = std::mem::take(&mut turn.events);
        let writes = std::mem::take(&mut turn.writes);
        if machine.is_connected() {
            events.into_iter().for_each(|event| outcome.plan.record(event));
            writes.into_iter().for_each(|write| outcome.plan.write(write));
            report(worker, machine, lister, now, &mut outcome.plan);
            outcome.plan.waits.extend(waits::of(worker, machine, now));
        }
        let is_over = worker.removed && worker.life == Life::Ended;
        if is_over {
            self.forget(uid);
        } else {
            self.arm(uid, now);
        }
        outcome
    }

    /// Puts the next looks at a pod on the agenda.
    pub(crate) fn arm(&mut self, uid: &Str, now: Time) {
        let Some(worker) = self.workers.get_mut(uid).map(Rc::make_mut) else { return };
        let runs = self.machines.get(&worker.machine).is_some_and(|machine| machine.power == Power::On);
        let times = if runs { worker.next_times(now) } else { Default::default() };
        let agendas = [(&mut self.progress, times.progress), (&mut self.periodic, times.periodic)];
        for ((agenda, at), ticket) in agendas.into_iter().zip(&mut worker.tickets) {
            let at = at.map(sim_time);
            if ticket.map(Ticket::at) == at && at.is_some_and(|at| at > sim_time(now)) {
                continue;
            }
            if let Some(ticket) = ticket.take() {
                agenda.cancel(ticket);
            }
            *ticket = at.map(|at| agenda.push(at.max(sim_time(now)), Task::Look(uid.clone())));
        }
    }

    /// Nothing is left of a pod.
    fn forget(&mut self, uid: &Str) {
        let Some(worker) = self.workers.remove(uid) else { return };
        let [progress, periodic] = worker.tickets;
        progress.map(|ticket| self.progress.cancel(ticket));
        periodic.map(|ticket| self.periodic.cancel(ticket));
        if let Some(machine) = self.machines.get_mut(&worker.machine).map(Rc::make_mut) {
            machine.pods.remove(uid);
        }
    }
}

/// Writes what the API does not know yet: the status, or that nothing is left of a deleted pod.
fn report(worker: &mut Worker, machine: &Machine, lister: Lister<'_>, now: Time, plan: &mut Plan) {
    if !worker.unreported || worker.removed || worker.life == Life::New {
        return;
    }
    worker.unreported = false;
    let meta = &worker.pod.metadata;
    let Some(pod) = lister.get::<Pod>(&meta.namespace, &meta.name).filter(|pod| pod.metadata.uid == meta.uid) else {
        return;
    };
    let status = status::generate(worker, machine, pod, now);
    worker.reported_ready = status.condition("Ready").is_some_and(|c| c.status == "True");
    let awaited = pod.metadata.deletion_grace_period_seconds.is_some_and(|grace| grace > 0);
    let last_word = worker.life == Life::Ended && pod.is_terminating() && awaited;
    // A pod that goes needs no second report but of how it ended.
    let news = if last_word { status.phase != pod.status.phase } else { status != pod.status };
    if news {
        plan.write(Write::UpdateStatus(Pod { status, ..Pod::clone(pod) }.into_object()));
    }
    if last_word {
        let options = DeleteOptions {
            grace_period_seconds: Some(0),
            uid: Some(pod.metadata.uid.clone()),
            ..DeleteOptions::default()
        };
        plan.write(Write::Delete(pod.key(), options));
    }
}

fn sim_time(time: Time) -> SimTime {
    SimTime::from_millis(u64::try_from(time.unix_millis()).unwrap_or(0))
}

fn wall_time(time: SimTime) -> Time {
    Time::from_unix_millis(i64::try_from(time.as_millis()).unwrap_or(i64::MAX))
}
