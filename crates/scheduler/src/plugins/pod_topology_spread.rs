//! PodTopologySpread: rejects nodes whose domain would get ahead of the emptiest one by more than the allowed skew,
//! and prefers domains with fewer matching pods (see `pod_topology_spread_score`).
//! Models: pkg/scheduler/framework/plugins/podtopologyspread (plugin.go, common.go, filtering.go).

use super::{CycleState, Hint, Plugin, PreFilter, Verdict, World, pod_topology_spread_score as soft};
use crate::counts::{Matcher, Namespaces};
use crate::events::{Change, Events};
use crate::matching;
use crate::node_info::{NodeInfo, PodInfo};
use crate::selector::{Requirement, Selector};
use api::{Node, Pod, Str, StrMap, TopologySpreadConstraint};
use std::collections::BTreeMap;

pub(super) const PLUGIN: Plugin = Plugin {
    weight: 2,
    pre_filter: Some(pre_filter),
    filter: Some(filter),
    adjust: Some(adjust),
    pre_score: Some(soft::pre_score),
    score: Some(soft::score),
    normalize: Some(soft::normalize),
    hints: &[
        Hint::when(
            Events::POD_ADD.or(Events::POD_LABEL).or(Events::POD_TOLERATION).or(Events::POD_DELETE),
            pod_change_helps,
        ),
        Hint::when(
            Events::NODE_ADD.or(Events::NODE_DELETE).or(Events::NODE_LABEL).or(Events::NODE_TAINT),
            node_change_helps,
        ),
    ],
    ..Plugin::named("PodTopologySpread")
};

/// One constraint, with its defaults filled in.
#[derive(Clone)]
pub(super) struct Constraint {
    pub(super) max_skew: i64,
    pub(super) topology_key: Str,
    pub(super) selector: Selector,
    min_domains: usize,
    honors_affinity: bool,
    honors_taints: bool,
}

/// The hard constraints, and what is known of their domains.
#[derive(Clone, Default)]
pub(super) struct State {
    hard: Vec<Hard>,
}

#[derive(Clone)]
struct Hard {
    constraint: Constraint,
    /// Matching pods by domain.
    domains: BTreeMap<Str, i64>,
    /// The fewest in any domain; none if there are too few domains.
    fewest: i64,
}

impl Hard {
    fn new(constraint: Constraint, domains: BTreeMap<Str, i64>) -> Self {
        let mut hard = Hard { constraint, domains, fewest: 0 };
        hard.find_fewest();
        hard
    }

    fn find_fewest(&mut self) {
        let enough = self.domains.len() >= self.constraint.min_domains;
        self.fewest = if enough { self.domains.values().copied().min().unwrap_or(0) } else { 0 };
    }
}

impl Constraint {
    fn of(given: &TopologySpreadConstraint, pod: &Pod) -> Self {
        let labels = &pod.metadata.labels;
        let same = given.match_label_keys.iter().filter_map(|key| Some((key, labels.get(key)?.clone())));
        let same = same.map(|(key, value)| Requirement::is_in(key, vec![value]));
        Constraint {
            max_skew: i64::from(given.max_skew),
            topology_key: given.topology_key.clone(),
            selector: Selector::of(given.label_selector.as_ref()).and(same),
            min_domains: given.min_domains.and_then(|n| usize::try_from(n).ok()).unwrap_or(1),
            honors_affinity: given.node_affinity_policy != "Ignore",
            honors_taints: given.node_taints_policy == "Honor",
        }
    }

    /// A constraint that no author wrote.
    pub(super) fn by_default(topology_key: &str, max_skew: i64, selector: Selector) -> Self {
        Constraint {
            max_skew,
            topology_key: topology_key.into(),
            selector,
            min_domains: 1,
            honors_affinity: true,
            honors_taints: false,
        }
    }

    /// Whether the node's pods count. Models: matchNodeInclusionPolicies.
    pub(super) fn includes(&self, pod: &Pod, node: &Node) -> bool {
        (!self.honors_affinity || matching::node_matches(pod, node))
            && (!self.honors_taints || !matching::has_untolerated_taint(pod, node))
    }

    /// Whether every node's pods count, whatever the node.
    pub(super) fn includes_all(&self, pod: &Pod) -> bool {
        !self.honors_taints && (!self.honors_affinity || !matching::restricts_nodes(pod))
    }

    /// The pods that it spreads: not those that are being deleted; none if the selector is empty.
    pub(super) fn matcher(&self, pod: &Pod) -> Matcher {
        let namespaces = Namespaces::These([pod.metadata.namespace.clone()].into());
        let counts_nothing = self.selector.is_everything();
        let selector = if counts_nothing { Selector::Nothing } else { self.selector.clone() };
        Matcher { terms: vec![(namespaces, selector)], live_only: true }
    }
}

/// The pod's own constraints of one kind.
pub(super) fn constraints(pod: &Pod, when_unsatisfiable: &str) -> Vec<Constraint> {
    let given = pod.spec.topology_spread_constraints.iter();
    given.filter(|c| c.when_unsatisfiable == *when_unsatisfiable).map(|c| Constraint::of(c, pod)).collect()
}

fn hard(pod: &Pod) -> Vec<Constraint> {
    constraints(pod, "DoNotSchedule")
}

/// Whether the node has every label that the constraints spread over.
pub(super) fn has_all_keys<'a>(labels: &StrMap, constraints: impl IntoIterator<Item = &'a Constraint>) -> bool {
    constraints.into_iter().all(|constraint| labels.has(&constraint.topology_key))
}

fn pre_filter(world: &World<'_>, pod: &Pod, state: &mut CycleState) -> PreFilter {
    let constraints = hard(pod);
    if constraints.is_empty() {
        return PreFilter::Skip;
    }
    let counts: Vec<_> = constraints.iter().map(|constraint| world.nodes.count(&constraint.matcher(pod))).collect();
    let mut domains = vec![BTreeMap::new(); constraints.len()];
    for node in world.nodes.iter().filter(|node| has_all_keys(&node.node.metadata.labels, &constraints)) {
        for (i, constraint) in constraints.iter().enumerate() {
            if !constraint.includes(pod, &node.node) {
                continue;
            }
            let Some(value) = node.label(&constraint.topology_key) else { continue };
            *domains[i].entry(value.clone()).or_insert(0) += counts[i].get(&node.slot).copied().unwrap_or(0);
        }
    }
    state.spread.hard = constraints.into_iter().zip(domains).map(|(c, domains)| Hard::new(c, domains)).collect();
    PreFilter::Pass
}

fn filter(state: &CycleState, pod: &Pod, node: &NodeInfo) -> Verdict {
    for Hard { constraint, domains, fewest } in &state.spread.hard {
        let Some(value) = node.label(&constraint.topology_key) else {
            return Verdict::reject_for_good(
                "node(s) didn't match pod topology spread constraints (missing required label)",
            );
        };
        let itself = i64::from(constraint.selector.matches(&pod.metadata.labels));
        if domains.get(value).copied().unwrap_or(0) + itself - fewest > constraint.max_skew {
            return Verdict::reject("node(s) didn't match pod topology spread constraints");
        }
    }
    Verdict::Pass
}

fn adjust(state: &mut CycleState, pod: &Pod, other: &PodInfo, node: &NodeInfo, sign: i64) {
    let labels = &node.node.metadata.labels;
    let constraints = state.spread.hard.iter().map(|hard| &hard.constraint);
    if other.pod.metadata.namespace != pod.metadata.namespace || !has_all_keys(labels, constraints) {
        return;
    }
    for hard in &mut state.spread.hard {
        let constraint = &hard.constraint;
        if !constraint.selector.matches(&other.pod.metadata.labels) || !constraint.includes(pod, &node.node) {
            continue;
        }
        if let Some(value) = labels.get(&constraint.topology_key) {
            *hard.domains.entry(value.clone()).or_insert(0) += sign;
            hard.find_fewest();
        }
    }
}

/// Models: isSchedulableAfterPodChange.
fn pod_change_helps(pod: &Pod, change: &Change<'_>) -> bool {
    let (old, new) = change.pods();
    let involved = |other: &Pod| {
        let placed = !other.spec.node_name.is_empty() || !other.status.nominated_node_name.is_empty();
        other.metadata.uid == pod.metadata.uid || placed && other.metadata.namespace == pod.metadata.namespace
    };
    if old.is_some_and(|old| !involved(old)) || new.is_some_and(|new| !involved(new)) {
        return false;
    }
    let constraints = hard(pod);
    let spreads = |other: &Pod| constraints.iter().any(|c| c.selector.matches(&other.metadata.labels));
    match (old, new) {
        (Some(old), Some(new)) => {
            let itself = new.metadata.uid == pod.metadata.uid;
            let tolerates_more = itself && old.spec.tolerations != new.spec.tolerations;
            let matched_otherwise =
                |c: &Constraint| c.selector.matches(&old.metadata.labels) != c.selector.matches(&new.metadata.labels);
            tolerates_more && constraints.iter().any(|c| c.honors_taints)
                || old.metadata.labels != new.metadata.labels && constraints.iter().any(matched_otherwise)
        }
        (old, new) => new.or(old).is_some_and(spreads),
    }
}

/// Models: isSchedulableAfterNodeChange.
fn node_change_helps(pod: &Pod, change: &Change<'_>) -> bool {
    let constraints = hard(pod);
    let in_a_domain = |node: &Node| has_all_keys(&node.metadata.labels, &constraints);
    match change.nodes() {
        (Some(old), Some(new)) => {
            let moved =
                |c: &Constraint| old.metadata.labels.get(&c.topology_key) != new.metadata.labels.get(&c.topology_key);
            in_a_domain(old) != in_a_domain(new)
                || in_a_domain(new) && (constraints.iter().any(moved) || old.spec.taints != new.spec.taints)
        }
        (old, new) => new.or(old).is_some_and(in_a_domain),
    }
}

#[cfg(test)]
mod tests {
    use crate::harness::{assert_filter_among, labelled, node_with, pod};
    use serde_json::{Value, json};

    fn spread(constraint: Value) -> std::rc::Rc<api::Pod> {
        let mut full = json!({"maxSkew": 1, "topologyKey": "zone", "whenUnsatisfiable": "DoNotSchedule",
                              "labelSelector": {"matchLabels": {"app": "web"}}});
        for (key, value) in constraint.as_object().into_iter().flatten() {
            full[key] = value.clone();
        }
        labelled("new", json!({"app": "web"}), json!({"topologySpreadConstraints": [full]}))
    }

    #[test]
    fn the_skew_is_measured_from_the_emptiest_domain() {
        let web = |name: &str| labelled(name, json!({"app": "web"}), json!({}));
        let zone = |zone: &str| json!({"metadata": {"labels": {"zone": zone}}});
        let cordoned = json!({"metadata": {"labels": {"zone": "c"}}, "spec": {"unschedulable": true}});
        let nodes = [
            node_with("a1", zone("a"), &[web("w1"), web("w2")]),
            node_with("a2", zone("a"), &[]),
            node_with("b", zone("b"), &[web("w3"), pod("other", json!({}))]),
            node_with("bare", json!({}), &[web("w4")]),
        ];
        let skewed = "node(s) didn't match pod topology spread constraints";
        let label = "node(s) didn't match pod topology spread constraints (missing required label) (for good)";
        assert_filter_among(&spread(json!({})), &nodes, &[skewed, skewed, "fits", label]);
        assert_filter_among(&spread(json!({"maxSkew": 2})), &nodes, &["fits", "fits", "fits", label]);
        assert_filter_among(&spread(json!({"minDomains": 3})), &nodes, &[skewed, skewed, skewed, label]);
        // A cordoned, empty zone still counts as a domain, and blocks the others.
        let [a1, a2, b, _] = nodes;
        assert_filter_among(
            &spread(json!({})),
            &[a1, a2, b, node_with("c", cordoned, &[])],
            &[skewed, skewed, skewed, "node(s) were unschedulable (for good)"],
        );
    }
}
