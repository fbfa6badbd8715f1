//! The plugins, each a row of plain functions, and the one list that knows them all.
//!
//! A plugin looks at one pod and one node at a time; what it needs of the rest of the cluster it works out once, in
//! `pre_filter` or `pre_score`, and keeps in its part of the [`CycleState`]. It never looks at other plugins, never
//! picks a node and never formats the final message.
//!
//! Models: pkg/scheduler/apis/config/v1/default_plugins.go.

mod default_preemption;
mod dynamic_resources;
mod image_locality;
mod inter_pod_affinity;
mod node_affinity;
mod node_name;
mod node_ports;
mod node_resources_balanced_allocation;
mod node_resources_fit;
mod node_unschedulable;
mod node_volume_limits;
mod pod_topology_spread;
mod pod_topology_spread_score;
mod priority_sort;
mod scheduling_gates;
mod taint_toleration;
mod volume_binding;
mod volume_restrictions;
mod volume_zone;

use crate::cache::NodeCache;
use crate::counts::Map;
use crate::cycle::{NodeStatuses, Nominated};
use crate::events::{Change, Events};
use crate::node_info::{Amounts, HostPort, NodeInfo, PodInfo, Scored};
use api::{ObjectKey, Pod, Str, Time};
use apiserver::Lister;
use sim::Rng;
use std::borrow::Cow;
use std::collections::BTreeSet;

pub(crate) use priority_sort::Rank;
pub(crate) use volume_binding::{PodVolumes, claim_is_bound, claim_names, is_selected_for, volume_fits_node};

/// Every plugin, in the order in which they are asked.
pub(crate) const ALL: &[Plugin] = &[
    scheduling_gates::PLUGIN,
    priority_sort::PLUGIN,
    node_unschedulable::PLUGIN,
    node_name::PLUGIN,
    taint_toleration::PLUGIN,
    node_affinity::PLUGIN,
    node_ports::PLUGIN,
    node_resources_fit::PLUGIN,
    volume_restrictions::PLUGIN,
    node_volume_limits::PLUGIN,
    volume_binding::PLUGIN,
    volume_zone::PLUGIN,
    pod_topology_spread::PLUGIN,
    inter_pod_affinity::PLUGIN,
    dynamic_resources::PLUGIN,
    default_preemption::PLUGIN,
    node_resources_balanced_allocation::PLUGIN,
    image_locality::PLUGIN,
];

/// The highest score a plugin gives, before its weight.
pub(crate) const MAX_SCORE: i64 = 100;

/// One plugin: a name and the functions it has. A function that is absent has nothing to say.
pub(crate) struct Plugin {
    /// Its name, as upstream spells it.
    pub(crate) name: &'static str,
    /// How much its scores count.
    pub(crate) weight: i64,
    /// Which changes may help a pod that it rejected.
    pub(crate) hints: &'static [Hint],
    /// Why a pod may not enter the queue yet.
    pub(crate) pre_enqueue: Option<fn(&Pod) -> Option<String>>,
    /// The place of a pod in the queue.
    pub(crate) rank: Option<fn(&Pod, Time, u64) -> Rank>,
    /// Looks at the pod once before any node is looked at.
    pub(crate) pre_filter: Option<fn(&World<'_>, &Pod, &mut CycleState) -> PreFilter>,
    /// Whether the pod may go on the node.
    pub(crate) filter: Option<fn(&CycleState, &Pod, &NodeInfo) -> Verdict>,
    /// Takes into account that another pod is put on a node (1) or taken off it (-1) for the sake of argument.
    pub(crate) adjust: Option<Adjust>,
    /// What can be done about a pod that fits nowhere.
    pub(crate) post_filter: Option<fn(&mut PostFilter<'_>) -> PostFilterAnswer>,
    /// Looks at the nodes that fit before they are scored; false if there is nothing to score.
    pub(crate) pre_score: Option<PreScore>,
    /// How good the node is for the pod.
    pub(crate) score: Option<fn(&CycleState, &Pod, &NodeInfo) -> i64>,
    /// Brings the scores of all nodes into 0 to 100.
    pub(crate) normalize: Option<Normalize>,
}

type Adjust = fn(&mut CycleState, &Pod, &PodInfo, &NodeInfo, i64);
type PreScore = fn(&World<'_>, &Pod, &[&NodeInfo], &mut CycleState) -> bool;
type Normalize = fn(&CycleState, &[&NodeInfo], &mut [i64]);

impl Plugin {
    /// A plugin without any function.
    const fn named(name: &'static str) -> Plugin {
        Plugin {
            name,
            weight: 0,
            hints: &[],
            pre_enqueue: None,
            rank: None,
            pre_filter: None,
            filter: None,
            adjust: None,
            post_filter: None,
            pre_score: None,
            score: None,
            normalize: None,
        }
    }

    /// Whether changes of this kind can matter to pods that it rejected.
    pub(crate) fn listens_to(&self, event: Events) -> bool {
        self.hints.iter().any(|hint| hint.on.touches(event)) || self.retries_on_taints(event)
    }

    /// Whether this very change may help this pod.
    pub(crate) fn may_be_helped(&self, pod: &Pod, change: &Change<'_>) -> bool {
        let mut hints = self.hints.iter().filter(|hint| hint.on.touches(change.event));
        hints.any(|hint| (hint.helps)(pod, change)) || self.retries_on_taints(change.event)
    }

    /// A plugin that cares for new nodes but has nothing to say of taints is asked again whenever a node's taints
    /// change: a workaround that upstream has kept (kubernetes#109437; buildQueueingHintMap in scheduler.go).
    fn retries_on_taints(&self, event: Events) -> bool {
        let hears_of = |event| self.hints.iter().any(|hint| hint.on.touches(event));
        event.touches(Events::NODE_TAINT) && hears_of(Events::NODE_ADD) && !hears_of(Events::NODE_TAINT)
    }
}

/// Which changes may help a pod that a plugin rejected, and how to tell.
pub(crate) struct Hint {
    /// The changes.
    pub(crate) on: Events,
    /// Whether this very change may help this pod.
    pub(crate) helps: fn(&Pod, &Change<'_>) -> bool,
}

impl Hint {
    const fn when(on: Events, helps: fn(&Pod, &Change<'_>) -> bool) -> Hint {
        Hint { on, helps }
    }

    /// Every such change may help.
    const fn always(on: Events) -> Hint {
        Hint { on, helps: |_, _| true }
    }
}

/// What plugins may look at beside pod and node.
#[derive(Clone, Copy)]
pub(crate) struct World<'a> {
    /// Everything stored.
    pub(crate) lister: Lister<'a>,
    /// Every node with its pods.
    pub(crate) nodes: &'a NodeCache,
    /// Pods that were promised room on a node.
    pub(crate) nominated: &'a Nominated,
    /// Pods that have a node but are not bound to it yet.
    pub(crate) assumed: &'a Map<ObjectKey, Str>,
    /// Volumes that are not bound yet, by class and name.
    pub(crate) free_volumes: &'a Map<(Str, Str), ()>,
    /// The time.
    pub(crate) now: Time,
}

/// The outcome of `pre_filter`.
pub(crate) enum PreFilter {
    /// Go on.
    Pass,
    /// Go on; this plugin's filter need not be asked.
    Skip,
    /// Go on with these nodes only.
    Only(BTreeSet<Str>),
    /// The pod fits nowhere, whatever the nodes are like.
    Reject(String),
}

/// Whether a pod may go on a node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It may.
    Pass,
    /// It may not.
    Reject {
        /// Why, in upstream's words.
        reasons: Vec<Cow<'static, str>>,
        /// Whether it could, if pods were taken off the node.
        resolvable: bool,
    },
}

impl Verdict {
    /// Not on this node, unless pods are taken off it.
    fn reject(reason: &'static str) -> Verdict {
        Verdict::Reject { reasons: vec![reason.into()], resolvable: true }
    }

    /// Not on this node, whatever becomes of its pods.
    fn reject_for_good(reason: &'static str) -> Verdict {
        Verdict::Reject { reasons: vec![reason.into()], resolvable: false }
    }
}

/// What `post_filter` may look at.
pub(crate) struct PostFilter<'a> {
    /// The cluster.
    pub(crate) world: World<'a>,
    /// The pod that fits nowhere.
    pub(crate) pod: &'a Pod,
    /// What the plugins worked out for it.
    pub(crate) state: &'a CycleState,
    /// Why it does not fit on which node.
    pub(crate) statuses: &'a NodeStatuses,
    /// Randomness.
    pub(crate) rng: &'a mut Rng,
}

/// The outcome of `post_filter`.
pub(crate) enum PostFilterAnswer {
    /// Nothing can be done.
    Nothing {
        /// Why.
        reason: String,
        /// Whether a promise of room made earlier is void.
        clears_nomination: bool,
    },
    /// The plugin could not work, for this reason; no other one is asked.
    Failed(String),
    /// The pod is promised this node once these pods are gone.
    Nominate {
        /// The node.
        node: Str,
        /// The pods that have to go, most important first.
        victims: Vec<ObjectKey>,
    },
}

/// What the plugins work out for one pod in one scheduling cycle.
#[derive(Clone, Default)]
pub(crate) struct CycleState {
    /// Plugins whose filter has nothing to say about this pod.
    pub(crate) skip: PluginSet,
    /// What the pod asks for.
    requests: Amounts,
    /// What the pod counts as in scores.
    scored: Scored,
    /// The ports it wants.
    ports: Vec<HostPort>,
    volume_restrictions: volume_restrictions::State,
    volumes: volume_binding::State,
    volume_zone: volume_zone::State,
    spread: pod_topology_spread::State,
    spread_score: pod_topology_spread_score::State,
    inter_pod: inter_pod_affinity::State,
    inter_pod_score: inter_pod_affinity::Scores,
    images: image_locality::State,
    dynamic_resources: dynamic_resources::State,
}

impl CycleState {
    /// The volumes that the pod needs bound or made before it can run on the node.
    pub(crate) fn volumes_on(&self, node: &NodeInfo) -> PodVolumes {
        volume_binding::volumes_on(&self.volumes, node)
    }
}

/// Scales scores to 0..=100 by the highest; turned round if less is better. Models: helper.DefaultNormalizeScore.
fn normalize_by_max(scores: &mut [i64], reverse: bool) {
    let max = scores.iter().copied().max().unwrap_or(0);
    for score in scores {
        let scaled = if max == 0 { 0 } else { MAX_SCORE * *score / max };
        *score = if reverse { MAX_SCORE - scaled } else { scaled };
    }
}

/// A set of plugins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct PluginSet(u32);

impl PluginSet {
    /// Adds the plugin at this place of [`ALL`].
    pub(crate) fn insert(&mut self, index: usize) {
        self.0 |= 1 << index;
    }

    /// Whether the plugin at this place is in it.
    pub(crate) fn has(self, index: usize) -> bool {
        self.0 & (1 << index) != 0
    }

    /// Whether there is none.
    pub(crate) fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The places, in order.
    pub(crate) fn iter(self) -> impl Iterator<Item = usize> {
        (0..ALL.len()).filter(move |index| self.has(*index))
    }

    /// Their names, sorted.
    pub(crate) fn names(self) -> Vec<&'static str> {
        let mut names: Vec<&'static str> = self.iter().map(|index| ALL[index].name).collect();
        names.sort_unstable();
        names
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect;

    #[test]
    fn filters_and_weights_are_upstreams() {
        let filters: Vec<&str> = ALL.iter().filter(|p| p.filter.is_some()).map(|p| p.name).collect();
        expect!["NodeUnschedulable, NodeName, TaintToleration, NodeAffinity, NodePorts, NodeResourcesFit, VolumeRestrictions, NodeVolumeLimits, VolumeBinding, VolumeZone, PodTopologySpread, InterPodAffinity"]
            .assert_eq(&filters.join(", "));
        let scores: Vec<String> =
            ALL.iter().filter(|p| p.score.is_some()).map(|p| format!("{} {}", p.name, p.weight)).collect();
        expect!["TaintToleration 3, NodeAffinity 2, NodeResourcesFit 1, PodTopologySpread 2, InterPodAffinity 2, NodeResourcesBalancedAllocation 1, ImageLocality 1"]
            .assert_eq(&scores.join(", "));
    }
}
