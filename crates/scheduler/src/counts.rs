//! How many pods match a selector on each node: kept as pods come and go, so that no scheduling cycle lists pods.
//!
//! Spreading and pod affinity ask the same few selectors again and again (one or two a workload). The first question
//! counts over all pods; from then on each change of a pod adjusts the answer. Questions that nobody asked for a
//! long time are forgotten. Upstream counts anew in every cycle (podtopologyspread countPodsMatchSelector,
//! interpodaffinity getIncomingAffinityAntiAffinityCounts); the numbers are the same.

use crate::node_info::{NodeInfo, PodInfo};
use crate::selector::Selector;
use api::{Pod, Str};
use imbl::GenericOrdMap;
use imbl::shared_ptr::RcK;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// An ordered map whose copies share everything.
pub(crate) type Map<K, V> = GenericOrdMap<K, V, RcK>;

/// Numbers of pods by the slot of their node; no entry means none.
pub(crate) type BySlot = Map<u32, i64>;

/// In which namespaces pods are counted.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Namespaces {
    /// In all of them.
    All,
    /// In these.
    These(BTreeSet<Str>),
}

/// Which pods are counted: those that every one of the conditions means.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Matcher {
    /// Namespaces and labels.
    pub(crate) terms: Vec<(Namespaces, Selector)>,
    /// Whether pods that are being deleted are left out.
    pub(crate) live_only: bool,
}

impl Matcher {
    /// Whether this pod is counted.
    pub(crate) fn matches(&self, pod: &Pod) -> bool {
        let meta = &pod.metadata;
        let means = |(namespaces, selector): &(Namespaces, Selector)| {
            let inside = match namespaces {
                Namespaces::All => true,
                Namespaces::These(names) => names.contains(&meta.namespace),
            };
            inside && selector.matches(&meta.labels)
        };
        let left_out = self.live_only && meta.is_terminating();
        !left_out && !self.terms.is_empty() && self.terms.iter().all(means)
    }
}

/// How many questions are remembered.
const REMEMBERED: usize = 256;

#[derive(Clone, Default)]
struct Count {
    by_slot: BySlot,
    /// By topology key, the numbers by the node's value of that label; only keys that were asked for.
    by_domain: BTreeMap<Str, Map<Str, i64>>,
    asked_at: u64,
}

impl Count {
    fn adjust(&mut self, node: &NodeInfo, sign: i64) {
        adjust(&mut self.by_slot, &node.slot, sign);
        for (key, domains) in &mut self.by_domain {
            if let Some(value) = node.label(key) {
                adjust(domains, value, sign);
            }
        }
    }
}

fn adjust<K: Ord + Clone>(counts: &mut Map<K, i64>, key: &K, by: i64) {
    let now = counts.get(key).copied().unwrap_or(0) + by;
    if now == 0 {
        counts.remove(key);
    } else {
        counts.insert(key.clone(), now);
    }
}

/// The answers to all questions asked lately.
#[derive(Clone, Default)]
pub(crate) struct Counts {
    entries: BTreeMap<Rc<Matcher>, Count>,
    asked: u64,
}

impl Counts {
    /// Counts a pod that is put on a node (`sign` 1) or taken off it (-1).
    pub(crate) fn adjust(&mut self, info: &PodInfo, node: &NodeInfo, sign: i64) {
        for (matcher, count) in &mut self.entries {
            if matcher.matches(&info.pod) {
                count.adjust(node, sign);
            }
        }
    }

    /// Counts a pod anew that has changed where it is.
    pub(crate) fn replace(&mut self, old: &PodInfo, new: &PodInfo, node: &NodeInfo) {
        for (matcher, count) in &mut self.entries {
            match (matcher.matches(&old.pod), matcher.matches(&new.pod)) {
                (true, false) => count.adjust(node, -1),
                (false, true) => count.adjust(node, 1),
                _ => {}
            }
        }
    }

    /// Forgets what depends on the labels of nodes.
    pub(crate) fn forget_domains(&mut self) {
        for count in self.entries.values_mut() {
            count.by_domain.clear();
        }
    }

    /// The numbers by node.
    pub(crate) fn by_slot<'a>(&mut self, matcher: &Matcher, nodes: impl Iterator<Item = &'a NodeInfo>) -> BySlot {
        self.entry(matcher, nodes).by_slot.clone()
    }

    /// The numbers by value of a node label; nodes without it are left out.
    pub(crate) fn by_domain<'a>(
        &mut self,
        matcher: &Matcher,
        key: &Str,
        nodes: impl Iterator<Item = &'a NodeInfo>,
        node_at: impl Fn(u32) -> Option<&'a NodeInfo>,
    ) -> Map<Str, i64> {
        let count = self.entry(matcher, nodes);
        if let Some(domains) = count.by_domain.get(key) {
            return domains.clone();
        }
        let mut domains = Map::new();
        for (slot, number) in &count.by_slot {
            if let Some(value) = node_at(*slot).and_then(|node| node.label(key)) {
                adjust(&mut domains, value, *number);
            }
        }
        count.by_domain.insert(key.clone(), domains.clone());
        domains
    }

    fn entry<'a>(&mut self, matcher: &Matcher, nodes: impl Iterator<Item = &'a NodeInfo>) -> &mut Count {
        self.asked += 1;
        let asked_at = self.asked;
        if !self.entries.contains_key(matcher) {
            self.make_room();
            let mut count = Count::default();
            for node in nodes {
                let number = node.pods.iter().filter(|info| matcher.matches(&info.pod)).count();
                adjust(&mut count.by_slot, &node.slot, i64::try_from(number).unwrap_or(i64::MAX));
            }
            self.entries.insert(Rc::new(matcher.clone()), count);
        }
        let count = self.entries.entry(Rc::new(matcher.clone())).or_default();
        count.asked_at = asked_at;
        count
    }

    fn make_room(&mut self) {
        if self.entries.len() < REMEMBERED {
            return;
        }
        let oldest = self.entries.iter().min_by_key(|(_, count)| count.asked_at).map(|(matcher, _)| matcher.clone());
        if let Some(oldest) = oldest {
            self.entries.remove(&oldest);
        }
    }
}
