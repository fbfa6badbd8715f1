//! Node cards.

use super::kept::Kept;
use super::{Context, text};
use crate::{Machine, Meter, NodeCard, PodTile, Severity, Text};
use api::{Node, Quantity, ResourceList};
use std::collections::BTreeMap;
use std::rc::Rc;

const ROLE_PREFIX: &str = "node-role.kubernetes.io/";
const TAINT_PREFIX: &str = "node.kubernetes.io/";

/// Every card; one whose node and tiles are those of the last picture is the same one, unless it tells of time.
pub(super) fn cards(ctx: &Context<'_>, pods: &[Rc<PodTile>], kept: &mut Kept) -> Rc<[NodeCard]> {
    let mut nodes: Vec<&Rc<Node>> = ctx.lister.list::<Node>().collect();
    nodes.sort_by_cached_key(|node| natural(&node.metadata.name));
    let mut on_node: BTreeMap<&str, Vec<Rc<PodTile>>> = BTreeMap::new();
    for pod in pods {
        if let Some(node) = &pod.node {
            on_node.entry(node).or_default().push(pod.clone());
        }
    }
    let last = std::mem::take(&mut kept.cards);
    let alike = |a: &Node, b: &Node| a.metadata.labels == b.metadata.labels && a.spec == b.spec;
    kept.same_nodes = last.len() == nodes.len()
        && last
            .iter()
            .zip(&nodes)
            .all(|((old, _), new)| Rc::ptr_eq(old, new) || old.metadata.uid == new.metadata.uid && alike(old, new));
    let mut last = last.into_iter().peekable();
    for node in nodes {
        let name = &node.metadata.name;
        let mut here = on_node.remove(name.as_str()).unwrap_or_default();
        here.sort_by_key(|pod| pod.is_daemon);
        while last.next_if(|(old, _)| natural(&old.metadata.name) < natural(name)).is_some() {}
        let is_same = |(old, card): &(Rc<Node>, NodeCard)| {
            Rc::ptr_eq(old, node)
                && card.is_ready
                && card.machine == machine(ctx, name)
                && card.pods.len() == here.len()
                && card.pods.iter().zip(&here).all(|(a, b)| Rc::ptr_eq(a, b))
        };
        let known = last.next_if(is_same);
        let made = known.unwrap_or_else(|| (node.clone(), card(ctx, node, here)));
        kept.cards.push(made);
    }
    kept.cards.iter().map(|(_, card)| card.clone()).collect()
}

fn card(ctx: &Context<'_>, node: &Node, on_node: Vec<Rc<PodTile>>) -> NodeCard {
    let name = &node.metadata.name;
    let (condition, severity) = condition(ctx, node);
    let living: Vec<ResourceList> =
        ctx.lister.pods_on_node(name).filter(|pod| !pod.is_finished()).map(|pod| pod.requests()).collect();
    let asked =
        |resource: &str| -> i64 { living.iter().filter_map(|list| list.get(resource)).map(Quantity::milli).sum() };
    let has = |resource: &str| node.status.allocatable.get(resource).map_or(0, Quantity::milli);
    let roles: Vec<&str> =
        node.metadata.labels.iter().filter_map(|(label, _)| label.strip_prefix(ROLE_PREFIX)).collect();
    NodeCard {
        name: text(name),
        condition,
        severity,
        is_ready: node.is_ready(),
        cordoned: node.spec.unschedulable,
        machine: machine(ctx, name),
        roles: if roles.is_empty() { "<none>".into() } else { roles.join(",").into() },
        taints: node
            .spec
            .taints
            .iter()
            .map(|taint| {
                let taint = taint.to_string();
                text(taint.strip_prefix(TAINT_PREFIX).unwrap_or(&taint))
            })
            .collect(),
        labels: node.metadata.labels.iter().map(|(key, value)| format!("{key}={value}").into()).collect(),
        cpu: meter(asked("cpu"), has("cpu"), cores),
        memory: meter(asked("memory"), has("memory"), gibibytes),
        pod_count: meter(living.len() as i64 * 1000, has("pods"), |milli| (milli / 1000).to_string()),
        pods: on_node.into(),
        created_ms: ctx.sim_ms(node.metadata.creation_timestamp),
    }
}

/// The state of the machine behind a Node.
fn machine(ctx: &Context<'_>, name: &str) -> Machine {
    match ctx.cluster.kubelets().power_and_network(name) {
        Some((false, _)) => Machine::Stopped,
        Some((true, false)) => Machine::Partitioned,
        _ => Machine::On,
    }
}

fn condition(ctx: &Context<'_>, node: &Node) -> (Text, Severity) {
    let Some(ready) = node.condition("Ready") else { return ("Unknown".into(), Severity::Busy) };
    if ready.status == "True" {
        let cordoned = node.spec.unschedulable;
        return if cordoned {
            ("Ready,SchedulingDisabled".into(), Severity::Waiting)
        } else {
            ("Ready".into(), Severity::Good)
        };
    }
    if ready.status == "Unknown" {
        let silent = ctx.cluster.time().since(ready.last_heartbeat_time.unwrap_or_default());
        return (format!("NotReady · no heartbeat {}", api::human_duration(silent)).into(), Severity::Bad);
    }
    ("NotReady".into(), Severity::Busy)
}

fn meter(used: i64, total: i64, print: impl Fn(i64) -> String) -> Meter {
    let per_mille = if total > 0 { used.saturating_mul(1000) / total } else { 0 };
    Meter { used: print(used).into(), total: print(total).into(), per_mille: u32::try_from(per_mille).unwrap_or(0) }
}

/// `1.4`, `4`: cores with one decimal where needed.
fn cores(milli: i64) -> String {
    tenths(milli, 1000)
}

/// `3.5Gi`: thousandths of bytes as gibibytes.
fn gibibytes(milli: i64) -> String {
    format!("{}Gi", tenths(milli / 1000, 1 << 30))
}

fn tenths(value: i64, unit: i64) -> String {
    let tenths = (value * 10 + unit / 2) / unit;
    if tenths % 10 == 0 { (tenths / 10).to_string() } else { format!("{}.{}", tenths / 10, tenths % 10) }
}

/// What sorts names in the order people expect: `node-2` before `node-10`.
fn natural(name: &str) -> (&str, u64, &str) {
    let head = name.trim_end_matches(|c: char| c.is_ascii_digit());
    (head, name[head.len()..].parse().unwrap_or(0), name)
}
