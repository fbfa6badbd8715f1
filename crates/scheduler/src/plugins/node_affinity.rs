//! NodeAffinity: rejects nodes that node selector or required node affinity do not match, and prefers those that
//! preferred terms match. A pod pinned by node name (as DaemonSets do) makes the cycle look at that node only.
//! Models: pkg/scheduler/framework/plugins/nodeaffinity.

use super::{CycleState, Hint, Plugin, PreFilter, Verdict, World, normalize_by_max};
use crate::events::{Change, Events};
use crate::matching;
use crate::node_info::NodeInfo;
use api::{NodeSelectorTerm, Pod, Str};
use std::collections::BTreeSet;

pub(super) const PLUGIN: Plugin = Plugin {
    weight: 2,
    pre_filter: Some(pre_filter),
    filter: Some(filter),
    pre_score: Some(|_, pod, _, _| !matching::preferred_terms(pod).is_empty()),
    score: Some(score),
    normalize: Some(|_, _, scores| normalize_by_max(scores, false)),
    hints: &[Hint::when(Events::NODE_ADD.or(Events::NODE_LABEL), matches_now)],
    ..Plugin::named("NodeAffinity")
};

fn pre_filter(_: &World<'_>, pod: &Pod, _: &mut CycleState) -> PreFilter {
    if !matching::restricts_nodes(pod) {
        return PreFilter::Skip;
    }
    let Some(selector) = matching::required_selector(pod) else { return PreFilter::Pass };
    if selector.node_selector_terms.is_empty() {
        return PreFilter::Pass;
    }
    let mut names = BTreeSet::new();
    for term in &selector.node_selector_terms {
        match names_of(term) {
            Some(named) => names.extend(named),
            // Terms are alternatives: one that names no node lets any node in.
            None => return PreFilter::Pass,
        }
    }
    if names.is_empty() {
        return PreFilter::Reject("pod affinity terms conflict".to_owned());
    }
    PreFilter::Only(names)
}

/// The node names that a term allows; `None` if it does not speak of names.
fn names_of(term: &NodeSelectorTerm) -> Option<BTreeSet<Str>> {
    let mut names: Option<BTreeSet<Str>> = None;
    for field in term.match_fields.iter().filter(|f| f.key == "metadata.name" && f.operator == "In") {
        let allowed: BTreeSet<Str> = field.values.iter().cloned().collect();
        names = Some(match names {
            Some(names) => names.intersection(&allowed).cloned().collect(),
            None => allowed,
        });
    }
    names
}

fn filter(_: &CycleState, pod: &Pod, node: &NodeInfo) -> Verdict {
    if matching::node_matches(pod, &node.node) {
        return Verdict::Pass;
    }
    Verdict::reject_for_good("node(s) didn't match Pod's node affinity/selector")
}

fn score(_: &CycleState, pod: &Pod, node: &NodeInfo) -> i64 {
    let matching = matching::preferred_terms(pod)
        .iter()
        .filter(|wish| wish.preference.matches(&node.node.metadata.labels, node.name()));
    matching.map(|wish| i64::from(wish.weight)).sum()
}

fn matches_now(pod: &Pod, change: &Change<'_>) -> bool {
    match change.nodes() {
        (old, Some(new)) => matching::node_matches(pod, new) && old.is_none_or(|old| !matching::node_matches(pod, old)),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use crate::harness::{assert_filter, assert_scores, node, pod};
    use serde_json::json;

    #[test]
    fn required_terms_reject_and_preferred_ones_count() {
        let ssd = node("ssd", json!({"metadata": {"labels": {"disk": "ssd", "cpu": "new"}}}));
        let hdd = node("hdd", json!({"metadata": {"labels": {"disk": "hdd", "cpu": "new"}}}));
        let none = node("none", json!({}));
        let picky = pod("p", json!({"nodeSelector": {"disk": "ssd"}}));
        assert_filter(&picky, &ssd, "fits");
        assert_filter(&picky, &hdd, "node(s) didn't match Pod's node affinity/selector (for good)");
        let wish = |key: &str, value: &str, weight: i32| json!({"weight": weight, "preference": {"matchExpressions": [{"key": key, "operator": "In", "values": [value]}]}});
        let wishes = [wish("disk", "ssd", 30), wish("cpu", "new", 10)];
        let choosy = pod(
            "p",
            json!({"affinity": {"nodeAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": wishes}}}),
        );
        assert_scores("NodeAffinity", &choosy, &[ssd, hdd, none], &[], "ssd 100, hdd 25, none 0");
    }
}
