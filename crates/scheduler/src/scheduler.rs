//! The scheduler's state: what it has seen, whom it tries next, and what it remembers.
//! Models: pkg/scheduler/scheduler.go, eventhandlers.go.

use crate::binding::Binding;
use crate::cache::NodeCache;
use crate::counts::Map;
use crate::cycle::Nominated;
use crate::events::{self, Change, Events};
use crate::node_info::{PodInfo, priority};
use crate::plugins::World;
use crate::queue::Queue;
use crate::trace::{SchedulingTrace, Traces};
use api::{Kind, Node, Object, ObjectKey, PersistentVolume, Pod, Resource, Str, Time};
use apiserver::{Change as Verb, Lister, Plan, WatchEvent};
use sim::Rng;
use std::rc::Rc;

/// The name under which pods ask for this scheduler, and its events are recorded.
pub(crate) const NAME: &str = "default-scheduler";

/// Whether the pod asks for this scheduler.
pub(crate) fn is_ours(pod: &Pod) -> bool {
    pod.spec.scheduler_name == NAME || pod.spec.scheduler_name.is_empty()
}

/// What the scheduler decided about one pod.
#[derive(Clone, Debug)]
pub struct Attempt {
    /// The pod.
    pub pod: ObjectKey,
    /// The writes, and what the pod waits for.
    pub plan: Plan,
    /// What was said about which node.
    pub trace: Rc<SchedulingTrace>,
}

/// The scheduler. A clone shares everything and costs next to nothing.
#[derive(Clone, Default)]
pub struct Scheduler {
    pub(crate) queue: Queue,
    pub(crate) nodes: NodeCache,
    pub(crate) nominated: Nominated,
    /// Pods that have a node but are not known to be bound to it yet.
    pub(crate) assumed: Map<ObjectKey, Str>,
    pub(crate) binding: Binding,
    pub(crate) free_volumes: Map<(Str, Str), ()>,
    pub(crate) traces: Traces,
    /// Pods that will not be tried, and of which that is still to be said.
    pub(crate) held_back: Map<ObjectKey, ()>,
    /// Where the next cycle starts to look for nodes.
    pub(crate) start: usize,
    pub(crate) examined: u64,
    now: Option<Time>,
}

impl Scheduler {
    /// A scheduler that has seen nothing.
    pub fn new() -> Self {
        Scheduler::default()
    }

    /// Takes note of a change. Every change has to be shown, in order.
    pub fn observe(&mut self, event: &WatchEvent, lister: Lister<'_>, now: Time) {
        self.saw(now);
        match &event.object {
            Object::Pod(pod) => self.observe_pod(event, pod, now),
            Object::Node(node) => self.observe_node(event, node, now),
            Object::PersistentVolume(volume) => {
                self.file_volume(volume, event.change != Verb::Deleted);
                if let Some(claim) = &volume.spec.claim_ref {
                    self.wake_users(lister, &claim.namespace, &claim.name, now);
                }
                self.react(event, now);
            }
            Object::PersistentVolumeClaim(claim) => {
                self.wake_users(lister, &claim.metadata.namespace, &claim.metadata.name, now);
                self.react(event, now);
            }
            Object::StorageClass(_) => self.react(event, now),
            _ => {}
        }
    }

    /// When there is something to do next.
    pub fn next_at(&self) -> Option<Time> {
        let retries = [self.queue.next_flush(), self.binding.next_timeout()];
        self.next_progress_at().into_iter().chain(retries.into_iter().flatten()).min()
    }

    /// When there is something to do next that is no mere retry.
    pub fn next_progress_at(&self) -> Option<Time> {
        let words = if self.held_back.is_empty() { None } else { self.now };
        let looks = [words, self.queue.next_try(), self.binding.next_poll()];
        looks.into_iter().flatten().min()
    }

    /// Does one unit of work that is due at or before `now`. The plan has to be applied before the next call.
    pub fn step(&mut self, lister: Lister<'_>, now: Time, rng: &mut Rng) -> Option<Attempt> {
        self.saw(now);
        self.queue.flush(now);
        if let Some((key, ())) = self.held_back.get_min().cloned() {
            self.held_back.remove(&key);
            if let Some(attempt) = self.say_why_held_back(lister, &key, now) {
                return Some(attempt);
            }
        }
        if let Some((key, progress)) = self.binding.next_ended(lister, now) {
            return Some(self.finish_binding(lister, &key, progress, now));
        }
        while let Some((key, queued)) = self.queue.pop(now) {
            // The newest version counts; a pod that is gone or bound is nobody's business any more.
            let pod = lister.get::<Pod>(&key.namespace, &key.name).filter(|pod| pod.spec.node_name.is_empty());
            if let Some(pod) = pod.filter(|_| !self.assumed.contains_key(&key)).cloned() {
                return Some(self.attempt(lister, &key, &pod, queued, now, rng));
            }
        }
        None
    }

    /// Takes back what an attempt assumed, after its plan could not be applied; the pod is tried again later.
    pub fn failed(&mut self, pod: &ObjectKey, lister: Lister<'_>, now: Time) {
        if let Some(stored) = lister.get::<Pod>(&pod.namespace, &pod.name).filter(|p| p.spec.node_name.is_empty()) {
            let queued = self.binding.remove(pod).map(|waiting| waiting.queued);
            self.forget_assumed(pod, now);
            let queued = queued.unwrap_or_else(|| crate::queue::QueuedPod::again(stored, 1, now));
            self.queue.remove(pod);
            self.queue.put_back(pod, queued, Default::default(), now);
        }
    }

    /// What happened when this pod was last looked at.
    pub fn trace(&self, pod: &ObjectKey) -> Option<&Rc<SchedulingTrace>> {
        self.traces.get(pod)
    }

    /// On which node pods of lower priority make room for this pod.
    pub fn nominated_node(&self, pod: &ObjectKey) -> Option<&Str> {
        self.nominated.node_of(pod)
    }

    /// How often a node was examined for a pod since the beginning: the measure of the scheduler's work.
    pub fn nodes_examined(&self) -> u64 {
        self.examined
    }

    /// What the plugins may look at.
    pub(crate) fn world<'a>(&'a self, lister: Lister<'a>, now: Time) -> World<'a> {
        World {
            lister,
            nodes: &self.nodes,
            nominated: &self.nominated,
            assumed: &self.assumed,
            free_volumes: &self.free_volumes,
            now,
        }
    }

    /// Counts the pod as being on the node from now on.
    pub(crate) fn assume(&mut self, key: &ObjectKey, pod: &Rc<Pod>, node: &Str) {
        let mut assumed = Pod::clone(pod);
        assumed.spec.node_name = node.clone();
        self.nodes.add_pod(node, PodInfo::new(Rc::new(assumed)));
        self.assumed.insert(key.clone(), node.clone());
        self.nominated.remove(key);
    }

    /// Takes an assumption back; others may profit from that.
    pub(crate) fn forget_assumed(&mut self, key: &ObjectKey, now: Time) {
        let Some(node) = self.assumed.remove(key) else { return };
        if let Some(info) = self.nodes.remove_pod(&node, key) {
            self.pod_left(&Object::Pod(info.pod.clone()), now);
        }
    }

    fn saw(&mut self, now: Time) {
        self.now = Some(now);
        self.queue.start(now);
    }

    fn observe_node(&mut self, event: &WatchEvent, node: &Rc<Node>, now: Time) {
        if event.change == Verb::Deleted {
            self.react(event, now);
            self.nodes.remove_node(&node.metadata.name);
            self.binding.wake_all_on(&node.metadata.name, now);
        } else {
            self.nodes.set_node(node);
            self.react(event, now);
        }
    }

    fn observe_pod(&mut self, event: &WatchEvent, pod: &Rc<Pod>, now: Time) {
        let key = pod.key();
        let old = event.old.as_ref().and_then(Pod::from_object);
        // A pod that has ended takes no room, as if it were gone.
        if event.change == Verb::Deleted || pod.is_finished() {
            self.pod_is_gone(&key, &event.object, pod, now);
            if event.change == Verb::Deleted {
                self.traces.remove(&key);
            }
        } else if !pod.spec.node_name.is_empty() {
            let was_bound = old.is_some_and(|old| !old.spec.node_name.is_empty());
            self.pod_is_on_a_node(&key, event, pod, old.filter(|_| was_bound), now);
        } else if is_ours(pod) {
            self.pod_waits(&key, event, pod, old, now);
        } else if old.is_none() {
            self.held_back.insert(key, ());
        }
    }

    fn pod_is_gone(&mut self, key: &ObjectKey, object: &Object, pod: &Rc<Pod>, now: Time) {
        self.held_back.remove(key);
        self.queue.remove(key);
        self.binding.remove(key);
        if self.assumed.contains_key(key) {
            self.forget_assumed(key, now);
        } else if self.nodes.remove_pod(&pod.spec.node_name, key).is_some() {
            self.pod_left(object, now);
        } else if self.nominated.node_of(key).is_some() {
            self.promise_is_void(object, pod, now);
        }
        self.nominated.remove(key);
    }

    fn pod_is_on_a_node(
        &mut self,
        key: &ObjectKey,
        event: &WatchEvent,
        pod: &Rc<Pod>,
        old: Option<&Rc<Pod>>,
        now: Time,
    ) {
        let node = &pod.spec.node_name;
        if let Some(assumed) = self.assumed.remove(key)
            && assumed != *node
        {
            self.nodes.remove_pod(&assumed, key);
        }
        self.nodes.update_pod(node, key, PodInfo::new(pod.clone()));
        let Some(old) = old else {
            self.binding.remove(key);
            self.queue.remove(key);
            self.nominated.remove(key);
            self.held_back.remove(key);
            let change = Change { event: Events::POD_ADD, old: None, new: Some(&event.object) };
            return self.queue.react(&change, now);
        };
        for kind in events::of_pod_change(old, pod) {
            let change = Change { event: kind, old: event.old.as_ref(), new: Some(&event.object) };
            self.queue.react(&change, now);
        }
    }

    fn pod_waits(&mut self, key: &ObjectKey, event: &WatchEvent, pod: &Rc<Pod>, old: Option<&Rc<Pod>>, now: Time) {
        if self.assumed.contains_key(key) {
            if pod.is_terminating() {
                self.binding.remove(key);
                self.forget_assumed(key, now);
            }
            return;
        }
        let Some(old) = old else {
            self.nominated.set(key, pod, &pod.status.nominated_node_name);
            if self.queue.add(key, pod, now).is_some() {
                self.held_back.insert(key.clone(), ());
            }
            return;
        };
        let changes: Vec<Change<'_>> = events::of_pod_change(old, pod)
            .into_iter()
            .map(|kind| Change { event: kind, old: event.old.as_ref(), new: Some(&event.object) })
            .collect();
        self.queue.update(key, pod, &changes, now);
        if self.queue.get(key).is_some_and(|_| !pod.spec.scheduling_gates.is_empty())
            && old.spec.scheduling_gates != pod.spec.scheduling_gates
        {
            self.held_back.insert(key.clone(), ());
        }
        let (before, after) = (&old.status.nominated_node_name, &pod.status.nominated_node_name);
        if before.is_empty() && after.is_empty() {
            // What was promised in this scheduler's memory stays.
            let promised = self.nominated.node_of(key).cloned().unwrap_or_default();
            self.nominated.set(key, pod, &promised);
        } else {
            self.nominated.set(key, pod, after);
        }
        if !before.is_empty()
            && before != after
            && let Some(old_object) = &event.old
        {
            self.promise_is_void(old_object, old, now);
        }
    }

    /// A pod has left its node.
    fn pod_left(&mut self, object: &Object, now: Time) {
        self.queue.react(&Change { event: Events::POD_DELETE, old: Some(object), new: None }, now);
    }

    /// Pods that had to yield to this one may have a chance now.
    fn promise_is_void(&mut self, object: &Object, pod: &Pod, now: Time) {
        let change = Change { event: Events::POD_DELETE, old: Some(object), new: None };
        self.queue.react_where(&change, now, |other| priority(other) <= priority(pod));
    }

    fn react(&mut self, event: &WatchEvent, now: Time) {
        let gone = event.change == Verb::Deleted;
        let (old, new) = if gone { (Some(&event.object), None) } else { (event.old.as_ref(), Some(&event.object)) };
        for kind in events::of_watch_event(event) {
            self.queue.react(&Change { event: kind, old, new }, now);
        }
    }

    /// Keeps the list of volumes that a waiting claim could take.
    fn file_volume(&mut self, volume: &PersistentVolume, exists: bool) {
        let beta = volume.metadata.annotations.get("volume.beta.kubernetes.io/storage-class");
        let class = beta.unwrap_or(&volume.spec.storage_class_name).clone();
        let place = (class, volume.metadata.name.clone());
        if exists && volume.status.phase != "Bound" {
            self.free_volumes.insert(place, ());
        } else {
            self.free_volumes.remove(&place);
        }
    }

    /// Has those look again who wait for this claim.
    fn wake_users(&mut self, lister: Lister<'_>, namespace: &str, claim: &str, now: Time) {
        for user in lister.pods_using_claim(namespace, claim) {
            self.binding.wake(&ObjectKey::new(Kind::Pod, namespace, user.metadata.name.clone()), now);
        }
    }
}
