//! The record of the loop: which brain looked at which key, why, what it saw and what it decided.
//!
//! Off by default, and then there is nothing but one `None` to look at. When on it changes nothing that happens.

use api::{Object, ObjectKey, Pod};
use apiserver::{Lister, Plan, WatchEvent};
use sim::SimTime;
use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;

/// One look of one brain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LookRecord {
    /// The step of the loop.
    pub step: u64,
    /// When.
    pub at: SimTime,
    /// A controller's name, `scheduler` or `kubelet`.
    pub brain: &'static str,
    /// The key it looked at, if it was about one.
    pub key: Option<ObjectKey>,
    /// What woke it: changes it watches, or a timer.
    pub why: Rc<str>,
    /// What was there to see.
    pub saw: Rc<str>,
    /// What it decided: the plan as text, one line a write. Empty if there was nothing to do.
    pub decided: Rc<str>,
    /// The server's words, if the plan could not be carried out.
    pub failed: Option<Rc<str>>,
}

/// The most looks that are remembered.
const LIMIT: usize = 1_000;

/// The most changes that are named as the reason of one look.
const CAUSES: usize = 3;

/// The latest looks, and what will have woken the ones to come.
#[derive(Clone, Debug, Default)]
pub(crate) struct Trace {
    looks: VecDeque<Rc<LookRecord>>,
    causes: BTreeMap<(&'static str, ObjectKey), Vec<Rc<str>>>,
}

impl Trace {
    pub(crate) fn looks(&self) -> impl DoubleEndedIterator<Item = &Rc<LookRecord>> {
        self.looks.iter()
    }

    /// A change concerns this key of this brain.
    pub(crate) fn concerns(&mut self, brain: &'static str, key: &ObjectKey, event: &WatchEvent) {
        let named = match self.causes.get_mut(&(brain, key.clone())) {
            Some(named) => named,
            None => self.causes.entry((brain, key.clone())).or_default(),
        };
        if named.len() <= CAUSES {
            named.push(format!("{} {}", event.change.as_str(), event.object.key()).into());
        }
    }

    /// A brain asked to look at a key for a reason of its own.
    pub(crate) fn because(&mut self, brain: &'static str, key: &ObjectKey, why: &str) {
        self.causes.entry((brain, key.clone())).or_default().push(why.into());
    }

    /// What woke this look; from now on it counts anew.
    fn why(&mut self, brain: &'static str, key: Option<&ObjectKey>) -> Rc<str> {
        let named = key.and_then(|key| self.causes.remove(&(brain, key.clone())));
        match named {
            None => "its timer".into(),
            Some(named) if named.len() > CAUSES => format!("{}, and more", named[..CAUSES].join(", ")).into(),
            Some(named) => named.join(", ").into(),
        }
    }

    /// A brain looked.
    pub(crate) fn look(&mut self, mut record: LookRecord) {
        record.why = self.why(record.brain, record.key.as_ref());
        self.looks.push_back(Rc::new(record));
        if self.looks.len() > LIMIT {
            self.looks.pop_front();
        }
    }
}

/// What there is to see about a key: its own version, and the pods it controls.
pub(crate) fn sight(lister: Lister<'_>, key: &ObjectKey) -> Rc<str> {
    let Some(object) = lister.object(key) else { return "it is not there (any more)".into() };
    if let Object::Pod(pod) = object {
        return pod_sight(pod).into();
    }
    let meta = object.meta();
    let version = match meta.generation {
        0 => format!("resourceVersion {}", meta.resource_version.0),
        generation => format!("generation {generation}, resourceVersion {}", meta.resource_version.0),
    };
    let pods: Vec<String> =
        lister.owned::<Pod>(&meta.uid).map(|pod| format!("{} {}", pod.metadata.name, pod_word(pod))).collect();
    match pods.len() {
        0 => version.into(),
        1..=8 => format!("{version}; pods: {}", pods.join(", ")).into(),
        more => format!("{version}; {more} pods: {}, …", pods[..8].join(", ")).into(),
    }
}

fn pod_word(pod: &Pod) -> String {
    let ready = if pod.is_ready() { ", Ready" } else { "" };
    format!("{}{ready}", api::pod_status(pod).status)
}

fn pod_sight(pod: &Pod) -> String {
    let node = if pod.spec.node_name.is_empty() { "no node" } else { &pod.spec.node_name };
    format!("{}, {node}, resourceVersion {}", pod_word(pod), pod.metadata.resource_version.0)
}

/// A plan as the trace shows it.
pub(crate) fn decision(plan: &Plan) -> Rc<str> {
    plan.to_string().trim_end().into()
}

impl std::fmt::Display for LookRecord {
    /// Some lines for a terminal.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let key = self.key.as_ref().map(|key| format!(" {key}")).unwrap_or_default();
        let ms = self.at.as_millis();
        writeln!(f, "{}.{:03}s {}{key}", ms / 1000, ms % 1000, self.brain)?;
        writeln!(f, "    woken by {}", self.why)?;
        if !self.saw.is_empty() {
            writeln!(f, "    saw {}", self.saw)?;
        }
        let decided = if self.decided.is_empty() { "nothing to do" } else { &self.decided };
        for (index, line) in decided.lines().enumerate() {
            writeln!(f, "    {} {line}", if index == 0 { "decided:" } else { "        " })?;
        }
        match &self.failed {
            Some(words) => writeln!(f, "    failed: {words}"),
            None => Ok(()),
        }
    }
}
