//! PodTopologySpread, the soft half: scores nodes by how many matching pods their domains have. Pods of a workload or
//! Service without constraints of their own are spread a little over hosts and zones.
//! Models: pkg/scheduler/framework/plugins/podtopologyspread/scoring.go, plugins/helper/spread.go.

use super::pod_topology_spread::{Constraint, constraints, has_all_keys};
use super::{CycleState, MAX_SCORE, World};
use crate::counts::{BySlot, Map};
use crate::node_info::NodeInfo;
use crate::selector::Selector;
use api::{Object, Pod, Service, Str};
use std::collections::BTreeSet;

const HOSTNAME: &str = "kubernetes.io/hostname";
const ZONE: &str = "topology.kubernetes.io/zone";

/// The soft constraints, and what is known of their domains.
#[derive(Clone, Default)]
pub(super) struct State {
    soft: Vec<Soft>,
    /// Nodes without some topology label; they get no points.
    ignored: BTreeSet<u32>,
}

#[derive(Clone)]
struct Soft {
    constraint: Constraint,
    /// Matching pods by domain; by node if the domain is the host.
    domains: Map<Str, i64>,
    by_slot: BySlot,
    weight: f64,
    by_host: bool,
}

pub(super) fn pre_score(world: &World<'_>, pod: &Pod, nodes: &[&NodeInfo], state: &mut CycleState) -> bool {
    let own = !pod.spec.topology_spread_constraints.is_empty();
    let constraints = if own { constraints(pod, "ScheduleAnyway") } else { defaults(world, pod) };
    if constraints.is_empty() {
        return false;
    }
    // Default constraints make do with the labels that a node has.
    let complete = |node: &&NodeInfo| !own || has_all_keys(&node.node.metadata.labels, &constraints);
    let ignored = nodes.iter().copied().filter(|node| !complete(node)).map(|node| node.slot).collect();
    let soft = constraints.iter().map(|constraint| {
        let by_host = constraint.topology_key == HOSTNAME;
        let complete_nodes = nodes.iter().copied().filter(complete);
        let size = if by_host {
            complete_nodes.count()
        } else {
            let mut values: Vec<Option<&Str>> =
                complete_nodes.map(|node| node.label(&constraint.topology_key)).collect();
            // Where no node has a zone there is nothing to sort.
            values.dedup();
            values.sort_unstable();
            values.dedup();
            values.len()
        };
        let matcher = constraint.matcher(pod);
        let by_slot = world.nodes.count(&matcher);
        let counts_all = constraint.includes_all(pod) && (!own || constraints.len() == 1);
        let domains = if by_host {
            Map::new()
        } else if counts_all {
            world.nodes.count_by_domain(&matcher, &constraint.topology_key)
        } else {
            count_included(world, pod, constraint, &by_slot, &complete)
        };
        Soft { constraint: constraint.clone(), domains, by_slot, weight: domain_weight(size), by_host }
    });
    let soft = soft.collect();
    state.spread_score = State { soft, ignored };
    true
}

/// Matching pods by domain, on nodes that the constraint's policies include.
fn count_included(
    world: &World<'_>,
    pod: &Pod,
    constraint: &Constraint,
    by_slot: &BySlot,
    complete: &dyn Fn(&&NodeInfo) -> bool,
) -> Map<Str, i64> {
    let mut domains: Map<Str, i64> = Map::new();
    for (slot, number) in by_slot {
        let Some(node) = world.nodes.at(*slot).filter(|node| complete(node)) else { continue };
        if let Some(value) = node.label(&constraint.topology_key).filter(|_| constraint.includes(pod, &node.node)) {
            let sum = domains.get(value).copied().unwrap_or(0) + number;
            domains.insert(value.clone(), sum);
        }
    }
    domains
}

#[expect(clippy::cast_precision_loss, reason = "upstream computes with floats; so do we")]
fn domain_weight(domains: usize) -> f64 {
    natural_log((domains + 2) as f64)
}

/// ln(x) for x >= 2, from a series of basic operations: the bits of the C library's logarithm may differ between
/// machines, and a score must not.
fn natural_log(x: f64) -> f64 {
    const LN_2: f64 = std::f64::consts::LN_2;
    let (mut mantissa, mut doublings) = (x, 0.0);
    while mantissa > 1.5 {
        mantissa /= 2.0;
        doublings += 1.0;
    }
    let ratio = (mantissa - 1.0) / (mantissa + 1.0);
    let (square, mut power, mut sum, mut odd) = (ratio * ratio, ratio, 0.0, 1.0);
    while odd < 40.0 {
        sum += power / odd;
        power *= square;
        odd += 2.0;
    }
    doublings * LN_2 + 2.0 * sum
}

#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    reason = "upstream computes with floats; so do we"
)]
pub(super) fn score(state: &CycleState, _: &Pod, node: &NodeInfo) -> i64 {
    let State { soft, ignored } = &state.spread_score;
    if ignored.contains(&node.slot) {
        return 0;
    }
    let mut score = 0.0;
    for Soft { constraint, domains, by_slot, weight, by_host } in soft {
        let Some(value) = node.label(&constraint.topology_key) else { continue };
        let matching = if *by_host { by_slot.get(&node.slot) } else { domains.get(value) };
        score += matching.copied().unwrap_or(0) as f64 * weight + (constraint.max_skew - 1) as f64;
    }
    score.round() as i64
}

pub(super) fn normalize(state: &CycleState, nodes: &[&NodeInfo], scores: &mut [i64]) {
    let ignored = &state.spread_score.ignored;
    let counted = nodes.iter().zip(&*scores).filter(|(node, _)| !ignored.contains(&node.slot)).map(|(_, score)| *score);
    let (min, max) = counted.fold((i64::MAX, 0), |(min, max), score| (min.min(score), max.max(score)));
    for (node, score) in nodes.iter().zip(scores) {
        *score = if ignored.contains(&node.slot) {
            0
        } else if max == 0 {
            MAX_SCORE
        } else {
            MAX_SCORE * (max + min - *score) / max
        };
    }
}

/// The system's default constraints, for pods that belong to something. Models: buildDefaultConstraints.
fn defaults(world: &World<'_>, pod: &Pod) -> Vec<Constraint> {
    let selector = default_selector(world, pod);
    if selector == Selector::Nothing || selector.is_everything() {
        return Vec::new();
    }
    vec![Constraint::by_default(HOSTNAME, 3, selector.clone()), Constraint::by_default(ZONE, 5, selector)]
}

/// What the pod's Services and its owner select. Models: helper.DefaultSelector.
fn default_selector(world: &World<'_>, pod: &Pod) -> Selector {
    let namespace = &pod.metadata.namespace;
    let selects = |service: &&std::rc::Rc<Service>| {
        let selector = &service.spec.selector;
        !selector.is_empty() && selector.iter().all(|(key, value)| pod.metadata.labels.get(key) == Some(value))
    };
    let services = world.lister.list_in::<Service>(namespace).filter(selects);
    let selector = services
        .fold(Selector::All(Vec::new()), |sum, service| sum.and_also(Selector::of_labels(&service.spec.selector)));
    let owner = pod.metadata.controller().and_then(|owner| world.lister.owner(owner, namespace));
    match owner {
        Some(Object::StatefulSet(set)) => selector.and_also(Selector::of(Some(&set.spec.selector))),
        Some(Object::ReplicaSet(set)) => selector.and_also(Selector::of(Some(&set.spec.selector))),
        Some(Object::ReplicationController(controller)) => {
            selector.and_also(Selector::of_labels(&controller.spec.selector))
        }
        _ => selector,
    }
}

#[cfg(test)]
mod tests {
    use super::natural_log;
    use crate::harness::{assert_scores, labelled, node_with};
    use serde_json::{Value, json};

    #[test]
    fn logarithms_are_right() {
        for x in [2.0, 3.0, 5.0, 102.0, 5002.0_f64] {
            assert!((natural_log(x) - x.ln()).abs() < 1e-14, "{x}");
        }
    }

    fn zoned(name: &str, zone: &str, pods: &[std::rc::Rc<api::Pod>]) -> crate::harness::NodeAndPods {
        let labels = json!({"kubernetes.io/hostname": name, "topology.kubernetes.io/zone": zone});
        node_with(name, json!({"metadata": {"labels": labels}}), pods)
    }

    fn web(name: &str, spec: Value) -> std::rc::Rc<api::Pod> {
        labelled(name, json!({"app": "web"}), spec)
    }

    #[test]
    fn emptier_domains_score_higher() {
        let nodes = [
            zoned("a1", "a", &[web("w1", json!({})), web("w2", json!({}))]),
            zoned("a2", "a", &[]),
            zoned("b1", "b", &[]),
        ];
        let constraint = json!({"maxSkew": 1, "topologyKey": "topology.kubernetes.io/zone", "whenUnsatisfiable": "ScheduleAnyway",
                                "labelSelector": {"matchLabels": {"app": "web"}}});
        let pod = web("new", json!({"topologySpreadConstraints": [constraint]}));
        assert_scores("PodTopologySpread", &pod, &nodes, &[], "a1 0, a2 0, b1 100");
    }

    #[test]
    fn pods_of_a_service_are_spread_by_default() {
        let service = json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web"},
                             "spec": {"selector": {"app": "web"}, "ports": [{"port": 80}]}});
        let nodes = [zoned("a1", "a", &[web("w1", json!({}))]), zoned("a2", "a", &[]), zoned("b1", "b", &[])];
        assert_scores("PodTopologySpread", &web("new", json!({})), &nodes, &[service], "a1 66, a2 88, b1 100");
        assert_scores("PodTopologySpread", &web("new", json!({})), &nodes, &[], "a1 0, a2 0, b1 0");
    }
}
