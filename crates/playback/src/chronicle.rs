//! What happened, as a timeline shows it: Events, the phases of each pod, and the moments worth a mark.
//!
//! It is read off the watch log as time first reaches a moment, and kept while one goes back: a timeline also shows what
//! lies ahead. Whoever acts in the past cuts it there.

use api::{Object, ObjectKey, Pod, Resource, Str};
use apiserver::{Change, WatchEvent};
use cluster::Cluster;
use sim::SimTime;
use std::collections::BTreeSet;
use std::rc::Rc;
use view::{ObjectRef, Text};

/// Why a moment is worth a mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum MarkKind {
    /// Somebody set it.
    User,
    /// A lesson set it.
    Lesson,
    /// The first pod of a workload is Ready.
    FirstReady,
    /// A workload has a new pod template.
    RolloutStarted,
    /// All of its pods are of that template, and available.
    RolloutDone,
    /// A node stopped answering.
    NodeLost,
    /// It answers again.
    NodeBack,
    /// A pod had to leave.
    Evicted,
    /// A pod crashes again and again.
    CrashLoop,
}

impl MarkKind {
    /// The word for attributes and saved sessions.
    pub fn word(self) -> &'static str {
        match self {
            MarkKind::User => "user",
            MarkKind::Lesson => "lesson",
            MarkKind::FirstReady => "first-ready",
            MarkKind::RolloutStarted => "rollout-started",
            MarkKind::RolloutDone => "rollout-done",
            MarkKind::NodeLost => "node-lost",
            MarkKind::NodeBack => "node-back",
            MarkKind::Evicted => "evicted",
            MarkKind::CrashLoop => "crash-loop",
        }
    }

    /// Whether it speaks of something that went wrong.
    pub fn is_bad(self) -> bool {
        matches!(self, MarkKind::NodeLost | MarkKind::Evicted | MarkKind::CrashLoop)
    }
}

/// A moment worth going to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// When, in virtual milliseconds.
    pub at_ms: u64,
    /// Why.
    pub kind: MarkKind,
    /// What happened, for people.
    pub text: Text,
    /// The object it is about, if it is about one.
    pub about: Option<ObjectRef>,
}

/// An Event of the API, once for each time it was told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tick {
    /// When, in virtual milliseconds.
    pub at_ms: u64,
    /// Whether its type is `Warning`.
    pub is_warning: bool,
    /// Its reason.
    pub reason: Text,
    /// What it is about.
    pub about: ObjectRef,
    /// Its message.
    pub message: Text,
}

/// Where a pod is in its life, as coarsely as a lane of a timeline shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// No node yet.
    Pending,
    /// Its containers are being made.
    Creating,
    /// Running, not ready.
    NotReady,
    /// Running and ready.
    Ready,
    /// It fails, or waits after failures.
    Failing,
    /// It has done its work.
    Completed,
    /// Being deleted.
    Terminating,
    /// Gone.
    Gone,
}

impl Phase {
    /// The word that is shown.
    pub fn word(self) -> &'static str {
        match self {
            Phase::Pending => "Pending",
            Phase::Creating => "Creating",
            Phase::NotReady => "Not ready",
            Phase::Ready => "Ready",
            Phase::Failing => "Failing",
            Phase::Completed => "Completed",
            Phase::Terminating => "Terminating",
            Phase::Gone => "Gone",
        }
    }
}

/// A pod came to another phase.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PhaseChange {
    /// When, in virtual milliseconds.
    pub at_ms: u64,
    /// The pod's UID: a StatefulSet gives its name to one pod after the other.
    pub uid: Text,
    /// The pod.
    pub pod: ObjectRef,
    /// The phase it is in now.
    pub phase: Phase,
}

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Happening {
    /// An Event.
    Tick(Tick),
    /// A change of a pod's phase.
    Phase(PhaseChange),
    /// A notable moment.
    Mark(Mark),
}

/// What happened, and which entry of the watch log tells of it.
#[derive(Clone, Debug)]
struct Record {
    entry: u64,
    what: Happening,
}

/// Everything that happened, in order, as far as it is still remembered.
#[derive(Clone, Debug)]
pub(crate) struct Chronicle {
    records: Rc<Vec<Record>>,
    /// Up to where the watch log has been read.
    seen: u64,
    /// Workloads of which a pod has been Ready, and workloads that roll out.
    ready_once: BTreeSet<ObjectKey>,
    rolling: BTreeSet<ObjectKey>,
    /// Changes whenever it says something else.
    revision: u64,
}

/// The most happenings that are remembered (about 200 bytes each): a session of hours forgets its oldest.
const LIMIT: usize = 20_000;

impl Chronicle {
    /// Nothing has happened yet: what a fresh cluster holds is no news.
    pub(crate) fn new(cluster: &Cluster) -> Self {
        Chronicle {
            records: Rc::default(),
            seen: cluster.server().watch_cursor(),
            ready_once: BTreeSet::new(),
            rolling: BTreeSet::new(),
            revision: 0,
        }
    }

    /// Reads what is new in the watch log. A moment that was there before has nothing new.
    pub(crate) fn observe(&mut self, cluster: &Cluster) {
        let (from, to) = (self.seen, cluster.server().watch_cursor());
        if to <= from {
            return;
        }
        self.seen = to;
        let before = self.records.len();
        for (entry, event) in (from..).zip(cluster.server().watch_since(from)) {
            self.read(entry, event, cluster);
        }
        if self.records.len() > LIMIT {
            Rc::make_mut(&mut self.records).drain(..LIMIT / 4);
        }
        self.revision += u64::from(self.records.len() != before);
    }

    /// Forgets what happened after this moment.
    pub(crate) fn cut(&mut self, cluster: &Cluster) {
        let seen = cluster.server().watch_cursor();
        if seen >= self.seen {
            return;
        }
        self.seen = seen;
        self.revision += 1;
        let keep = self.records.partition_point(|record| record.entry < seen);
        Rc::make_mut(&mut self.records).truncate(keep);
        (self.ready_once, self.rolling) = (BTreeSet::new(), BTreeSet::new());
        let marks: Vec<Mark> = self.marks().cloned().collect();
        for mark in marks {
            let Some(key) = mark.about.as_ref().and_then(key_of) else { continue };
            match mark.kind {
                MarkKind::FirstReady => drop(self.ready_once.insert(key)),
                MarkKind::RolloutStarted => drop(self.rolling.insert(key)),
                MarkKind::RolloutDone => drop(self.rolling.remove(&key)),
                _ => {}
            }
        }
    }

    /// Everything, in order.
    pub(crate) fn happenings(&self) -> impl DoubleEndedIterator<Item = &Happening> {
        self.records.iter().map(|record| &record.what)
    }

    pub(crate) fn marks(&self) -> impl Iterator<Item = &Mark> {
        self.happenings().filter_map(|what| if let Happening::Mark(mark) = what { Some(mark) } else { None })
    }

    /// How many happenings are remembered: grows when something happens.
    pub(crate) fn revision(&self) -> u64 {
        self.revision
    }

    /// The entry of the watch log that tells of the last thing that happened before `cursor`.
    pub(crate) fn last_before(&self, cursor: u64) -> Option<u64> {
        let index = self.records.partition_point(|record| record.entry < cursor);
        Some(self.records.get(index.checked_sub(1)?)?.entry)
    }

    /// When the last thing happened that is remembered.
    pub(crate) fn last_at(&self) -> SimTime {
        let at_ms = self.happenings().next_back().map_or(0, |what| match what {
            Happening::Tick(Tick { at_ms, .. })
            | Happening::Phase(PhaseChange { at_ms, .. })
            | Happening::Mark(Mark { at_ms, .. }) => *at_ms,
        });
        SimTime::from_millis(at_ms)
    }

    fn read(&mut self, entry: u64, event: &WatchEvent, cluster: &Cluster) {
        let (now, clock) = (cluster.now(), cluster.clock());
        match &event.object {
            Object::Event(told) if event.change != Change::Deleted => {
                let at = told.last_timestamp.map_or(now, |time| clock.sim_time(time.unix_millis()));
                self.tick(entry, told, at.min(now).as_millis());
            }
            Object::Pod(pod) => self.read_pod(entry, event, pod, cluster),
            Object::Node(node) => {
                let was = matches!(&event.old, Some(Object::Node(old)) if old.is_ready());
                let is = node.is_ready() && event.change != Change::Deleted;
                let had = event.old.is_some() || event.change == Change::Deleted;
                let (kind, words) = match (was, is) {
                    _ if !had => return,
                    (true, false) => (MarkKind::NodeLost, "stopped answering"),
                    (false, true) => (MarkKind::NodeBack, "is Ready"),
                    (false, false) if event.change == Change::Deleted => (MarkKind::NodeLost, "is gone"),
                    _ => return,
                };
                self.mark(entry, now, kind, &node.key(), words);
            }
            object => self.read_workload(entry, event, object, now),
        }
    }

    fn tick(&mut self, entry: u64, event: &api::Event, at_ms: u64) {
        let about = &event.involved_object;
        let about = ObjectRef::new(&about.kind, &about.namespace, &about.name);
        if matches!(event.reason.as_str(), "TaintManagerEviction" | "Evicted" | "Preempted") && &*about.kind == "Pod" {
            let text: Text = format!("{about}: {}", event.reason).into();
            self.push(
                entry,
                Happening::Mark(Mark { at_ms, kind: MarkKind::Evicted, text, about: Some(about.clone()) }),
            );
        }
        let (reason, message) = (event.reason.as_str().into(), event.message.as_str().into());
        let is_warning = event.r#type == "Warning";
        self.push(entry, Happening::Tick(Tick { at_ms, is_warning, reason, about, message }));
    }

    fn read_pod(&mut self, entry: u64, event: &WatchEvent, pod: &Rc<Pod>, cluster: &Cluster) {
        let at_ms = cluster.now().as_millis();
        let before = match &event.old {
            Some(Object::Pod(old)) => Some(phase_of(old)),
            _ => None,
        };
        if event.change != Change::Deleted
            && crashes(pod)
            && !matches!(&event.old, Some(Object::Pod(old)) if crashes(old))
        {
            self.crash_loop(entry, pod, at_ms);
        }
        let phase = if event.change == Change::Deleted { Phase::Gone } else { phase_of(pod) };
        if before == Some(phase) {
            return;
        }
        let about = reference(&pod.key());
        let uid = pod.metadata.uid.as_str().into();
        self.push(entry, Happening::Phase(PhaseChange { at_ms, uid, pod: about, phase }));
        if phase == Phase::Ready
            && let Some(owner) = workload(pod, cluster)
            && self.ready_once.insert(owner.clone())
        {
            let words = format!("has its first Ready pod, {}", pod.metadata.name);
            self.mark(entry, cluster.now(), MarkKind::FirstReady, &owner, &words);
        }
    }

    /// Marks the first of the many times that a pod comes to this.
    fn crash_loop(&mut self, entry: u64, pod: &Pod, at_ms: u64) {
        let about = reference(&pod.key());
        if self.marks().any(|mark| mark.kind == MarkKind::CrashLoop && mark.about.as_ref() == Some(&about)) {
            return;
        }
        let words = "crashes again and again (CrashLoopBackOff)";
        self.mark(entry, SimTime::from_millis(at_ms), MarkKind::CrashLoop, &pod.key(), words);
    }

    fn read_workload(&mut self, entry: u64, event: &WatchEvent, object: &Object, now: SimTime) {
        let Some((template, done)) = rollout(object) else { return };
        let key = object.key();
        if event.change == Change::Deleted {
            self.rolling.remove(&key);
            self.ready_once.remove(&key);
            return;
        }
        let old = event.old.as_ref().and_then(rollout);
        if old.is_none_or(|(old, _)| !Rc::ptr_eq(old, template) && old != template) {
            let words = if event.old.is_some() { "has a new template: its rollout starts" } else { "is created" };
            self.rolling.insert(key.clone());
            self.mark(entry, now, MarkKind::RolloutStarted, &key, words);
        } else if done && self.rolling.remove(&key) {
            self.mark(entry, now, MarkKind::RolloutDone, &key, "is rolled out");
        }
    }

    fn mark(&mut self, entry: u64, at: SimTime, kind: MarkKind, key: &ObjectKey, words: &str) {
        let about = reference(key);
        let text = format!("{about} {words}").into();
        self.push(entry, Happening::Mark(Mark { at_ms: at.as_millis(), kind, text, about: Some(about) }));
    }

    fn push(&mut self, entry: u64, what: Happening) {
        Rc::make_mut(&mut self.records).push(Record { entry, what });
    }
}

/// The workload of a pod: its owner, or the Deployment that its ReplicaSet belongs to.
fn workload(pod: &Pod, cluster: &Cluster) -> Option<ObjectKey> {
    let namespace = &pod.metadata.namespace;
    let owner = pod.metadata.controller()?;
    let above = match cluster.lister().owner(owner, namespace) {
        Some(Object::ReplicaSet(set)) => set.metadata.controller().cloned(),
        _ => None,
    };
    let owner = above.as_ref().unwrap_or(owner);
    let kind = api::Kind::modelled(&owner.api_version, &owner.kind)?;
    Some(ObjectKey::new(kind, namespace.clone(), owner.name.clone()))
}

fn crashes(pod: &Pod) -> bool {
    api::pod_status(pod).status.ends_with("CrashLoopBackOff")
}

/// A workload's template, and whether all of its pods are of it and available.
fn rollout(object: &Object) -> Option<(&Rc<api::PodTemplateSpec>, bool)> {
    Some(match object {
        Object::Deployment(it) => {
            let (want, status) = (it.spec.replicas.unwrap_or(0), &it.status);
            let seen = status.observed_generation >= it.metadata.generation;
            (
                &it.spec.template,
                seen && [status.updated_replicas, status.replicas, status.available_replicas] == [want; 3],
            )
        }
        Object::StatefulSet(it) => {
            let (want, status) = (it.spec.replicas.unwrap_or(0), &it.status);
            let seen = status.observed_generation >= it.metadata.generation;
            let same = status.current_revision == status.update_revision;
            (&it.spec.template, seen && same && [status.replicas, status.available_replicas] == [want; 2])
        }
        Object::DaemonSet(it) => {
            let (want, status) = (it.status.desired_number_scheduled, &it.status);
            let seen = status.observed_generation >= it.metadata.generation;
            (&it.spec.template, seen && [status.updated_number_scheduled, status.number_available] == [want; 2])
        }
        _ => return None,
    })
}

/// Where a pod is in its life.
pub(crate) fn phase_of(pod: &Pod) -> Phase {
    if pod.is_terminating() {
        return Phase::Terminating;
    }
    if pod.status.phase == "Succeeded" {
        return Phase::Completed;
    }
    if pod.status.phase == "Failed" {
        return Phase::Failing;
    }
    if pod.spec.node_name.is_empty() {
        return Phase::Pending;
    }
    let word = api::pod_status(pod).status;
    if word.ends_with("BackOff") || word.ends_with("Error") || word == "ErrImagePull" {
        return Phase::Failing;
    }
    match (pod.status.phase.as_str(), pod.is_ready()) {
        ("Running", true) => Phase::Ready,
        ("Running", false) => Phase::NotReady,
        _ => Phase::Creating,
    }
}

/// A key in the words of the picture.
pub(crate) fn reference(key: &ObjectKey) -> ObjectRef {
    ObjectRef::new(key.kind.type_meta().1, &key.namespace, &key.name)
}

fn key_of(about: &ObjectRef) -> Option<ObjectKey> {
    let kind = api::Kind::MODELLED.iter().copied().find(|kind| kind.type_meta().1 == &*about.kind)?;
    Some(ObjectKey::new(kind, Str::from(&*about.namespace), Str::from(&*about.name)))
}
