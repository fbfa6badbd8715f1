//! InterPodAffinity: required rules of the pod on other pods, and required anti-affinity of others against it,
//! reject nodes; preferred ones (and other pods' required affinity to it) score.
//! Models: pkg/scheduler/framework/plugins/interpodaffinity (plugin.go, filtering.go, scoring.go).

use super::{CycleState, Hint, MAX_SCORE, Plugin, PreFilter, Verdict, World};
use crate::counts::{BySlot, Matcher, Namespaces};
use crate::events::{Change, Events};
use crate::node_info::{NodeInfo, PodInfo};
use crate::selector::Selector;
use crate::terms::{PodTerms, Term, matches_all};
use api::{Namespace, Pod, Str, StrMap};
use std::collections::BTreeMap;
use std::rc::Rc;

pub(super) const PLUGIN: Plugin = Plugin {
    weight: 2,
    pre_filter: Some(pre_filter),
    filter: Some(filter),
    adjust: Some(adjust),
    pre_score: Some(pre_score),
    score: Some(score),
    normalize: Some(normalize),
    hints: &[
        Hint::when(Events::POD_ADD.or(Events::POD_LABEL).or(Events::POD_DELETE), pod_change_helps),
        Hint::when(Events::NODE_ADD.or(Events::NODE_LABEL), node_change_helps),
    ],
    ..Plugin::named("InterPodAffinity")
};

/// What another pod's required affinity to this one is worth. Models: InterPodAffinityArgs.hardPodAffinityWeight.
const HARD_AFFINITY_WEIGHT: i64 = 1;

/// Matching pods by topology label and value.
type Domains = BTreeMap<(Str, Str), i64>;

/// The rules, and how many pods in which domain they are about.
#[derive(Clone, Default)]
pub(super) struct State {
    terms: Option<Rc<PodTerms>>,
    namespace_labels: StrMap,
    against: Domains,
    affinity: Domains,
    anti: Domains,
}

/// Points by topology label and value.
#[derive(Clone, Default)]
pub(super) struct Scores(BTreeMap<Str, BTreeMap<Str, i64>>);

fn pre_filter(world: &World<'_>, pod: &Pod, state: &mut CycleState) -> PreFilter {
    let mut found = State {
        terms: PodTerms::of(pod).map(Rc::new),
        namespace_labels: labels_of_namespace(world, &pod.metadata.namespace),
        ..State::default()
    };
    for (terms, group) in world.nodes.groups() {
        for term in terms.required_anti.iter().filter(|term| term.matches(pod, &found.namespace_labels)) {
            add_all(&mut found.against, world, term, &group.by_slot);
        }
    }
    if let Some(terms) = &found.terms {
        if !terms.required_affinity.is_empty() {
            let meant = world.nodes.count(&matcher(world, &terms.required_affinity));
            for term in &terms.required_affinity {
                add_all(&mut found.affinity, world, term, &meant);
            }
        }
        for term in &terms.required_anti {
            add_all(&mut found.anti, world, term, &world.nodes.count(&matcher(world, std::slice::from_ref(term))));
        }
    }
    let required = |terms: &Rc<PodTerms>| !terms.required_affinity.is_empty() || !terms.required_anti.is_empty();
    let skip = found.against.is_empty() && !found.terms.as_ref().is_some_and(required);
    state.inter_pod = found;
    if skip { PreFilter::Skip } else { PreFilter::Pass }
}

/// The pods that every one of the terms means, with namespace selectors resolved.
fn matcher(world: &World<'_>, terms: &[Term]) -> Matcher {
    let of = |term: &Term| {
        if term.namespace_selector.is_everything() {
            return (Namespaces::All, term.selector.clone());
        }
        let mut names = term.namespaces.clone();
        if term.namespace_selector != Selector::Nothing {
            let selected = world.lister.list::<Namespace>();
            let selected = selected.filter(|namespace| term.namespace_selector.matches(&namespace.metadata.labels));
            names.extend(selected.map(|namespace| namespace.metadata.name.clone()));
        }
        (Namespaces::These(names), term.selector.clone())
    };
    Matcher { terms: terms.iter().map(of).collect(), live_only: false }
}

fn labels_of_namespace(world: &World<'_>, name: &str) -> StrMap {
    world.lister.get::<Namespace>("", name).map(|namespace| namespace.metadata.labels.clone()).unwrap_or_default()
}

fn add_all(domains: &mut Domains, world: &World<'_>, term: &Term, pods: &BySlot) {
    for (slot, number) in pods {
        if let Some(node) = world.nodes.at(*slot) {
            add(domains, term, node, *number);
        }
    }
}

fn add(domains: &mut Domains, term: &Term, node: &NodeInfo, number: i64) {
    let Some(value) = node.label(&term.topology_key) else { return };
    let pair = (term.topology_key.clone(), value.clone());
    let sum = domains.get(&pair).copied().unwrap_or(0) + number;
    if sum == 0 {
        domains.remove(&pair);
    } else {
        domains.insert(pair, sum);
    }
}

fn filter(state: &CycleState, pod: &Pod, node: &NodeInfo) -> Verdict {
    let state = &state.inter_pod;
    let count = |domains: &Domains, term: &Term| {
        let value = node.label(&term.topology_key)?;
        Some(domains.get(&(term.topology_key.clone(), value.clone())).copied().unwrap_or(0))
    };
    if let Some(terms) = &state.terms {
        if !is_near(state, &terms.required_affinity, pod, |term| count(&state.affinity, term)) {
            return Verdict::reject_for_good("node(s) didn't match pod affinity rules");
        }
        if terms.required_anti.iter().any(|term| count(&state.anti, term).is_some_and(|n| n > 0)) {
            return Verdict::reject("node(s) didn't match pod anti-affinity rules");
        }
    }
    let kept_away = |((key, value), number): (&(Str, Str), &i64)| *number > 0 && node.label(key) == Some(value);
    if state.against.iter().any(kept_away) {
        return Verdict::reject("node(s) didn't satisfy existing pods anti-affinity rules");
    }
    Verdict::Pass
}

/// Whether pods that all affinity terms mean are in the node's domains. The first pod of a group that wants to be
/// near itself goes anywhere that has the labels.
fn is_near(state: &State, terms: &[Term], pod: &Pod, count: impl Fn(&Term) -> Option<i64>) -> bool {
    let counts: Option<Vec<i64>> = terms.iter().map(count).collect();
    let Some(counts) = counts else { return false };
    counts.iter().all(|number| *number > 0)
        || state.affinity.is_empty() && matches_all(terms, pod, &state.namespace_labels)
}

fn adjust(state: &mut CycleState, pod: &Pod, other: &PodInfo, node: &NodeInfo, sign: i64) {
    let state = &mut state.inter_pod;
    if let Some(theirs) = &other.terms {
        for term in theirs.required_anti.iter().filter(|term| term.matches(pod, &state.namespace_labels)) {
            add(&mut state.against, term, node, sign);
        }
    }
    let Some(terms) = state.terms.clone() else { return };
    let nowhere = StrMap::default();
    if matches_all(&terms.required_affinity, &other.pod, &nowhere) {
        for term in &terms.required_affinity {
            add(&mut state.affinity, term, node, sign);
        }
    }
    for term in terms.required_anti.iter().filter(|term| term.matches(&other.pod, &nowhere)) {
        add(&mut state.anti, term, node, sign);
    }
}

fn pre_score(world: &World<'_>, pod: &Pod, _: &[&NodeInfo], state: &mut CycleState) -> bool {
    let mut scores = Scores::default();
    if let Some(terms) = PodTerms::of(pod) {
        for (sign, wishes) in [(1, &terms.preferred_affinity), (-1, &terms.preferred_anti)] {
            for (weight, term) in wishes {
                let meant = world.nodes.count(&matcher(world, std::slice::from_ref(term)));
                scores.add(world, term, &meant, sign * i64::from(*weight));
            }
        }
    }
    let labels = labels_of_namespace(world, &pod.metadata.namespace);
    for (terms, group) in world.nodes.groups() {
        let required = terms.required_affinity.iter().map(|term| (HARD_AFFINITY_WEIGHT, term));
        let near = terms.preferred_affinity.iter().map(|(weight, term)| (i64::from(*weight), term));
        let away = terms.preferred_anti.iter().map(|(weight, term)| (-i64::from(*weight), term));
        for (weight, term) in required.chain(near).chain(away).filter(|(_, term)| term.matches(pod, &labels)) {
            scores.add(world, term, &group.by_slot, weight);
        }
    }
    let any = !scores.0.is_empty();
    state.inter_pod_score = scores;
    any
}

impl Scores {
    fn add(&mut self, world: &World<'_>, term: &Term, pods: &BySlot, weight: i64) {
        for (slot, number) in pods {
            if let Some(value) = world.nodes.at(*slot).and_then(|node| node.label(&term.topology_key)) {
                let values = self.0.entry(term.topology_key.clone()).or_default();
                *values.entry(value.clone()).or_insert(0) += number * weight;
            }
        }
    }
}

fn score(state: &CycleState, _: &Pod, node: &NodeInfo) -> i64 {
    let points = |(key, values): (&Str, &BTreeMap<Str, i64>)| node.label(key).and_then(|v| values.get(v)).copied();
    state.inter_pod_score.0.iter().filter_map(points).sum()
}

#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    reason = "upstream computes with floats; so do we"
)]
fn normalize(_: &CycleState, _: &[&NodeInfo], scores: &mut [i64]) {
    let (min, max) = scores.iter().fold((i64::MAX, i64::MIN), |(min, max), score| (min.min(*score), max.max(*score)));
    for score in scores {
        let share = if max > min { (*score - min) as f64 / (max - min) as f64 } else { 0.0 };
        *score = (MAX_SCORE as f64 * share) as i64;
    }
}

/// Models: isSchedulableAfterPodChange.
fn pod_change_helps(pod: &Pod, change: &Change<'_>) -> bool {
    let (old, new) = change.pods();
    if old.is_some() && new.is_some_and(|new| new.metadata.uid == pod.metadata.uid) {
        return true;
    }
    let unplaced = |other: &Pod| other.spec.node_name.is_empty() && other.status.nominated_node_name.is_empty();
    if old.is_some_and(unplaced) || new.is_some_and(unplaced) {
        return false;
    }
    let nowhere = StrMap::default();
    let terms = PodTerms::of(pod);
    let near = |other: &Pod| terms.as_ref().is_some_and(|t| matches_all(&t.required_affinity, other, &nowhere));
    let away = |other: &Pod| terms.as_ref().is_some_and(|t| matches_all(&t.required_anti, other, &nowhere));
    match (old, new) {
        (Some(old), Some(new)) => !near(old) && near(new) || away(old) && !away(new),
        (None, Some(new)) => near(new),
        (Some(old), None) => {
            let theirs = PodTerms::of(old);
            away(old) || theirs.is_some_and(|theirs| matches_all(&theirs.required_anti, pod, &nowhere))
        }
        (None, None) => false,
    }
}

/// Models: isSchedulableAfterNodeChange.
fn node_change_helps(pod: &Pod, change: &Change<'_>) -> bool {
    let (old, Some(new)) = change.nodes() else { return false };
    let Some(terms) = PodTerms::of(pod) else { return false };
    let value = |node: &api::Node, term: &Term| node.metadata.labels.get(&term.topology_key).cloned();
    let Some(old) = old else {
        return !terms.required_anti.is_empty() || terms.required_affinity.iter().any(|t| value(new, t).is_some());
    };
    let joined = |term: &Term| value(new, term).is_some() && value(old, term) != value(new, term);
    let left = |term: &Term| value(old, term).is_some() && value(old, term) != value(new, term);
    terms.required_affinity.iter().any(joined) || terms.required_anti.iter().any(left)
}

#[cfg(test)]
mod tests {
    use crate::harness::{assert_filter_among, assert_scores, labelled, node_with};
    use serde_json::{Value, json};
    use std::rc::Rc;

    fn with_rule(name: &str, app: &str, rule: &str, wanted: &str, key: &str) -> Rc<api::Pod> {
        let term = json!({"labelSelector": {"matchLabels": {"app": wanted}}, "topologyKey": key});
        let (kind, mode) = rule.split_once('.').expect("kind.mode");
        let rule: Value = if mode == "preferredDuringSchedulingIgnoredDuringExecution" {
            json!([{"weight": 10, "podAffinityTerm": term}])
        } else {
            json!([term])
        };
        labelled(name, json!({"app": app}), json!({"affinity": {kind: {mode: rule}}}))
    }

    const NEAR: &str = "podAffinity.requiredDuringSchedulingIgnoredDuringExecution";
    const AWAY: &str = "podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution";
    const RATHER_NEAR: &str = "podAffinity.preferredDuringSchedulingIgnoredDuringExecution";
    const RATHER_AWAY: &str = "podAntiAffinity.preferredDuringSchedulingIgnoredDuringExecution";

    fn nodes(pods_on_a1: &[Rc<api::Pod>]) -> [crate::harness::NodeAndPods; 3] {
        let zone = |zone: &str| json!({"metadata": {"labels": {"zone": zone}}});
        [node_with("a1", zone("a"), pods_on_a1), node_with("a2", zone("a"), &[]), node_with("b1", zone("b"), &[])]
    }

    #[test]
    fn required_rules_reject_and_anti_affinity_is_symmetric() {
        let db = labelled("db", json!({"app": "db"}), json!({}));
        let near = "node(s) didn't match pod affinity rules (for good)";
        let away = "node(s) didn't match pod anti-affinity rules";
        let existing = "node(s) didn't satisfy existing pods anti-affinity rules";
        let filter = |pod: &Rc<api::Pod>, on_a1: &[Rc<api::Pod>], verdicts: [&str; 3]| {
            assert_filter_among(pod, &nodes(on_a1), &verdicts);
        };
        filter(&with_rule("web", "web", NEAR, "db", "zone"), std::slice::from_ref(&db), ["fits", "fits", near]);
        filter(&with_rule("web", "web", NEAR, "db", "zone"), &[], [near, near, near]);
        filter(&with_rule("db-2", "db", NEAR, "db", "zone"), &[], ["fits", "fits", "fits"]);
        filter(&with_rule("web", "web", AWAY, "db", "zone"), std::slice::from_ref(&db), [away, away, "fits"]);
        filter(&with_rule("web", "web", AWAY, "db", "rack"), std::slice::from_ref(&db), ["fits", "fits", "fits"]);
        filter(&db, &[with_rule("web", "web", AWAY, "db", "zone")], [existing, existing, "fits"]);
    }

    #[test]
    fn wishes_of_both_sides_score() {
        let db = labelled("db", json!({"app": "db"}), json!({}));
        let scores = |pod: &Rc<api::Pod>, on_a1: &[Rc<api::Pod>], expected: &str| {
            assert_scores("InterPodAffinity", pod, &nodes(on_a1), &[], expected);
        };
        scores(&with_rule("web", "web", RATHER_NEAR, "db", "zone"), std::slice::from_ref(&db), "a1 100, a2 100, b1 0");
        scores(&with_rule("web", "web", RATHER_AWAY, "db", "zone"), std::slice::from_ref(&db), "a1 0, a2 0, b1 100");
        scores(&db, &[with_rule("web", "web", NEAR, "db", "zone")], "a1 100, a2 100, b1 0");
        scores(&db, &[], "a1 0, a2 0, b1 0");
    }
}
