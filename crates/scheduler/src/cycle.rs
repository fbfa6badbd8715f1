//! One scheduling cycle: which nodes fit a pod, and which of them is best.
//! Models: pkg/scheduler/schedule_one.go (findNodesThatFitPod, prioritizeNodes), framework/runtime/framework.go.

use crate::counts::Map;
use crate::node_info::{NodeInfo, PodInfo, priority};
use crate::plugins::{ALL, CycleState, PluginSet, PreFilter, Verdict, World};
use api::{ObjectKey, Pod, Str};
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::rc::Rc;

/// Clusters smaller than this are examined whole.
const MIN_FEASIBLE: usize = 100;

/// Why a pod cannot go on a node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Rejection {
    /// The place of the plugin that says so.
    pub(crate) plugin: usize,
    /// Why, in upstream's words.
    pub(crate) reasons: Vec<Cow<'static, str>>,
    /// Whether it could, if pods were taken off the node.
    pub(crate) resolvable: bool,
}

impl Rejection {
    /// A rejection by nobody in particular.
    pub(crate) fn of(reason: &'static str) -> Self {
        Rejection { plugin: 0, reasons: vec![reason.into()], resolvable: false }
    }
}

/// Why which node does not fit.
#[derive(Clone, Debug, Default)]
pub(crate) struct NodeStatuses {
    /// The nodes that were examined, by place.
    pub(crate) explicit: Vec<(u32, Rejection)>,
    /// Why the others were not.
    pub(crate) absent: Option<String>,
}

impl NodeStatuses {
    /// The nodes that would fit with fewer pods on them.
    pub(crate) fn resolvable(&self) -> impl Iterator<Item = u32> {
        self.explicit.iter().filter(|(_, rejection)| rejection.resolvable).map(|(slot, _)| *slot)
    }

    /// Whether this node would.
    pub(crate) fn is_resolvable(&self, slot: u32) -> bool {
        self.resolvable().any(|s| s == slot)
    }
}

/// Pods that were promised room on a node.
#[derive(Clone, Default)]
pub(crate) struct Nominated {
    pods: Map<ObjectKey, (Str, Rc<PodInfo>)>,
    by_node: Map<(Str, ObjectKey), ()>,
}

impl Nominated {
    /// Promises the pod room on a node; an empty name takes the promise back.
    pub(crate) fn set(&mut self, key: &ObjectKey, pod: &Rc<Pod>, node: &Str) {
        self.remove(key);
        if !node.is_empty() {
            self.pods.insert(key.clone(), (node.clone(), Rc::new(PodInfo::new(pod.clone()))));
            self.by_node.insert((node.clone(), key.clone()), ());
        }
    }

    /// Takes the promise back.
    pub(crate) fn remove(&mut self, key: &ObjectKey) {
        if let Some((node, _)) = self.pods.remove(key) {
            self.by_node.remove(&(node, key.clone()));
        }
    }

    /// The node promised to a pod.
    pub(crate) fn node_of(&self, key: &ObjectKey) -> Option<&Str> {
        self.pods.get(key).map(|(node, _)| node)
    }

    /// The pods that were promised this node.
    pub(crate) fn on(&self, node: &Str) -> impl Iterator<Item = &Rc<PodInfo>> {
        let from = (node.clone(), ObjectKey::new(api::Kind::ConfigMap, "", ""));
        let node = node.clone();
        let keys = self.by_node.range(from..).take_while(move |((name, _), ())| *name == node);
        keys.filter_map(|((_, key), ())| self.pods.get(key).map(|(_, info)| info))
    }

    fn is_empty(&self) -> bool {
        self.pods.is_empty()
    }
}

/// The outcome of the first look at a pod.
pub(crate) enum Prepared {
    /// It may fit somewhere.
    Ready {
        /// The only nodes to look at, if some plugin knows.
        only: Option<BTreeSet<Str>>,
        /// The plugins that know.
        named_by: PluginSet,
    },
    /// It fits nowhere.
    Rejected {
        /// The place of the plugin that says so.
        plugin: usize,
        /// Why, in upstream's words.
        reason: String,
    },
}

/// Models: RunPreFilterPlugins.
pub(crate) fn pre_filter(world: &World<'_>, pod: &Pod, state: &mut CycleState) -> Prepared {
    let (mut only, mut named_by) = (None, PluginSet::default());
    for (index, plugin) in ALL.iter().enumerate() {
        let Some(look) = plugin.pre_filter else { continue };
        match look(world, pod, state) {
            PreFilter::Pass => {}
            PreFilter::Skip => state.skip.insert(index),
            PreFilter::Only(names) => {
                named_by.insert(index);
                only = Some(match only {
                    Some(before) => names.intersection(&before).cloned().collect(),
                    None => names,
                });
            }
            PreFilter::Reject(reason) => return Prepared::Rejected { plugin: index, reason },
        }
    }
    Prepared::Ready { only, named_by }
}

/// Takes into account that `other` is put on the node (1) or taken off it (-1).
pub(crate) fn adjust(state: &mut CycleState, pod: &Pod, other: &PodInfo, node: &NodeInfo, sign: i64) {
    for (index, plugin) in ALL.iter().enumerate() {
        if let Some(adjust) = plugin.adjust.filter(|_| !state.skip.has(index)) {
            adjust(state, pod, other, node, sign);
        }
    }
}

/// Asks the filters in turn until one rejects.
fn check(state: &CycleState, pod: &Pod, node: &NodeInfo) -> Result<(), Rejection> {
    for (index, plugin) in ALL.iter().enumerate() {
        let Some(filter) = plugin.filter.filter(|_| !state.skip.has(index)) else { continue };
        if let Verdict::Reject { reasons, resolvable } = filter(state, pod, node) {
            return Err(Rejection { plugin: index, reasons, resolvable });
        }
    }
    Ok(())
}

/// The same, with pods of the same or higher priority on the node that were promised it.
/// Models: RunFilterPluginsWithNominatedPods.
pub(crate) fn check_with_nominated(
    world: &World<'_>,
    state: &CycleState,
    pod: &Pod,
    node: &NodeInfo,
) -> Result<(), Rejection> {
    if !world.nominated.is_empty() {
        let yields_to =
            |info: &&Rc<PodInfo>| priority(&info.pod) >= priority(pod) && info.pod.metadata.uid != pod.metadata.uid;
        let promised: Vec<Rc<PodInfo>> = world.nominated.on(node.name()).filter(yields_to).cloned().collect();
        if !promised.is_empty() {
            let (mut fuller, mut state) = (node.clone(), state.clone());
            for info in &promised {
                fuller.add_pod(info);
                adjust(&mut state, pod, info, &fuller, 1);
            }
            check(&state, pod, &fuller)?;
        }
    }
    // They are not there yet, and may never come: the pod must fit without them too.
    check(state, pod, node)
}

/// Which nodes fit, and why the others do not.
pub(crate) struct Found {
    /// The places of the nodes that fit, in the order in which they were found.
    pub(crate) feasible: Vec<u32>,
    /// Why the others do not.
    pub(crate) statuses: NodeStatuses,
    /// How many nodes were examined.
    pub(crate) examined: usize,
}

/// How many fitting nodes are enough. Models: numFeasibleNodesToFind with the adaptive percentage.
pub(crate) fn enough_nodes(nodes: usize) -> usize {
    if nodes < MIN_FEASIBLE {
        return nodes;
    }
    let percent = 50usize.saturating_sub(nodes / 125).max(5);
    (nodes * percent / 100).max(MIN_FEASIBLE)
}

/// Looks for nodes that fit: the promised one, else those named (and by which plugins), else all from `start` on.
/// Models: findNodesThatFitPod.
pub(crate) fn find_feasible(
    world: &World<'_>,
    pod: &Pod,
    state: &CycleState,
    only: Option<(BTreeSet<Str>, PluginSet)>,
    start: &mut usize,
) -> Found {
    let mut found = Found { feasible: Vec::new(), statuses: NodeStatuses::default(), examined: 0 };
    if let Some(node) = world.nodes.get(&pod.status.nominated_node_name) {
        found.examine(world, state, pod, node);
        if !found.feasible.is_empty() {
            return found;
        }
        found.statuses.explicit.clear();
    }
    match only {
        Some((names, named_by)) => {
            let nodes: Vec<&NodeInfo> = names.iter().filter_map(|name| world.nodes.get(name)).collect();
            let from = *start;
            for i in 0..nodes.len() {
                found.examine(world, state, pod, nodes[(from + i) % nodes.len()]);
            }
            found.statuses.absent = Some(format!("node(s) didn't satisfy plugin(s) [{}]", named_by.names().join(" ")));
        }
        None => {
            let order = world.nodes.order();
            let enough = enough_nodes(order.len());
            let from = *start;
            for i in 0..order.len() {
                let Some(node) = world.nodes.at(order[(from + i) % order.len()]) else { continue };
                found.examine(world, state, pod, node);
                if found.feasible.len() >= enough {
                    break;
                }
            }
        }
    }
    *start = (*start + found.feasible.len() + found.statuses.explicit.len()) % world.nodes.len().max(1);
    found
}

impl Found {
    fn examine(&mut self, world: &World<'_>, state: &CycleState, pod: &Pod, node: &NodeInfo) {
        self.examined += 1;
        match check_with_nominated(world, state, pod, node) {
            Ok(()) => self.feasible.push(node.slot),
            Err(rejection) => self.statuses.explicit.push((node.slot, rejection)),
        }
    }
}

/// The scores of the nodes that fit: for each plugin that scores, its place and the weighted score of each node.
pub(crate) type Scores = Vec<(usize, Vec<i64>)>;

/// Models: prioritizeNodes, RunScorePlugins.
pub(crate) fn score(world: &World<'_>, pod: &Pod, state: &mut CycleState, nodes: &[&NodeInfo]) -> Scores {
    let mut all = Vec::new();
    for (index, plugin) in ALL.iter().enumerate() {
        let Some(score) = plugin.score else { continue };
        if plugin.pre_score.is_some_and(|look| !look(world, pod, nodes, state)) {
            continue;
        }
        let mut scores: Vec<i64> = nodes.iter().map(|node| score(state, pod, node)).collect();
        if let Some(normalize) = plugin.normalize {
            normalize(state, nodes, &mut scores);
        }
        for score in &mut scores {
            *score *= plugin.weight;
        }
        all.push((index, scores));
    }
    all
}

#[cfg(test)]
mod tests {
    use super::enough_nodes;

    #[test]
    fn large_clusters_are_sampled() {
        let enough = [1, 99, 100, 200, 500, 1000, 5000, 10_000].map(enough_nodes);
        assert_eq!(enough, [1, 99, 100, 100, 230, 420, 500, 500]);
    }
}
