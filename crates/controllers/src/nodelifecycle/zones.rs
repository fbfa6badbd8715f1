//! NoExecute taints, zone by zone: one node at a time, none while the fault may be on our side.
//! Models: ComputeZoneState, handleDisruption, doNoExecuteTaintingPass and the rate-limited queue.

use super::taints::{self, NOT_READY, UNREACHABLE};
use crate::{BackOffKey, Ctx, Decision};
use api::{Node, Resource, Str};
use apiserver::{Lister, Wait};
use sim::SimDuration;
use std::collections::BTreeMap;
use std::rc::Rc;

/// In a zone that is mostly well, one node is given up in this time (0.1 a second).
const INTERVAL: SimDuration = SimDuration::from_secs(10);
/// In a large zone of which most is lost (0.01 a second).
const SLOW_INTERVAL: SimDuration = SimDuration::from_secs(100);
/// Nodes that make a zone large.
const LARGE: usize = 50;
/// Nodes with this label are not counted.
const EXCLUDED: &str = "node.kubernetes.io/exclude-disruption";

/// How many nodes of a zone answer.
#[derive(Default)]
struct Zone {
    ready: usize,
    lost: usize,
}

/// How fast nodes of a zone are given up.
enum Rate {
    /// One in this time.
    Every(SimDuration),
    /// Not at all.
    Paused,
}

impl Zone {
    /// At least 55 % of more than two.
    fn is_mostly_lost(&self) -> bool {
        self.ready > 0 && self.lost > 2 && self.lost * 100 >= 55 * (self.ready + self.lost)
    }

    fn rate(&self) -> Rate {
        match self.is_mostly_lost() {
            true if self.ready + self.lost > LARGE => Rate::Every(SLOW_INTERVAL),
            true => Rate::Paused,
            // A zone that is lost as a whole is given up: others will take its pods.
            false => Rate::Every(INTERVAL),
        }
    }
}

/// Region and zone of a node.
fn zone_of(node: &Node) -> (Str, Str) {
    let label = |name: &str| node.metadata.labels.get(name).cloned().unwrap_or_default();
    (label("topology.kubernetes.io/region"), label("topology.kubernetes.io/zone"))
}

fn counted(lister: Lister<'_>) -> impl Iterator<Item = &Rc<Node>> {
    lister.list::<Node>().filter(|node| !node.metadata.labels.has(EXCLUDED))
}

fn zones(lister: Lister<'_>) -> BTreeMap<(Str, Str), Zone> {
    let mut zones: BTreeMap<(Str, Str), Zone> = BTreeMap::new();
    for node in counted(lister) {
        let zone = zones.entry(zone_of(node)).or_default();
        if node.is_ready() {
            zone.ready += 1;
        } else {
            zone.lost += 1;
        }
    }
    zones
}

/// Whether not one node is Ready; `just_lost`, sorted, are to count as lost already.
pub(super) fn nobody_answers(lister: Lister<'_>, just_lost: &[Str]) -> bool {
    let answers = |node: &Rc<Node>| node.is_ready() && just_lost.binary_search(&node.metadata.name).is_err();
    counted(lister).next().is_some() && !counted(lister).any(answers)
}

/// Taints the next node of every zone whose turn it is.
pub(super) fn taint_next(ctx: &Ctx<'_>) -> Decision {
    let mut decision = Decision::default();
    let mut waiting: BTreeMap<(Str, Str), Vec<&Rc<Node>>> = BTreeMap::new();
    for node in ctx.lister.list::<Node>() {
        if right_taint(node).is_some_and(|key| !taints::has_no_execute(node, key)) {
            waiting.entry(zone_of(node)).or_default().push(node);
        }
    }
    if waiting.is_empty() {
        return decision;
    }
    if nobody_answers(ctx.lister, &[]) {
        let why = "no node answers: pods are not evicted until one does";
        decision.plan.waits.extend(waiting.values().flatten().map(|node| wait(node, "EvictionPaused", why.to_owned())));
        return decision;
    }
    let (zones, empty) = (zones(ctx.lister), Zone::default());
    for (name, mut nodes) in waiting {
        nodes.sort_by_key(|node| node.condition("Ready").and_then(|c| c.last_transition_time));
        taint_in_zone(ctx, &name, zones.get(&name).unwrap_or(&empty), &nodes, &mut decision);
    }
    decision
}

fn taint_in_zone(ctx: &Ctx<'_>, name: &(Str, Str), zone: &Zone, nodes: &[&Rc<Node>], decision: &mut Decision) {
    let interval = match zone.rate() {
        Rate::Every(interval) => interval,
        Rate::Paused => {
            let why = format!(
                "{} of {} nodes of the zone do not answer: pods are not evicted while 55 % or more are lost",
                zone.lost,
                zone.lost + zone.ready
            );
            decision.plan.waits.extend(nodes.iter().map(|node| wait(node, "EvictionPaused", why.clone())));
            return;
        }
    };
    let turn = format!("nodelifecycle/{}/{}", name.0, name.1);
    let mut rest = nodes;
    let mut remaining = ctx.back_off.remaining(&turn, ctx.now);
    if remaining == SimDuration::ZERO
        && let [next, later @ ..] = nodes
        && let Some(key) = right_taint(next)
    {
        taints::add_no_execute(ctx, next, key, &mut decision.plan);
        decision.failed.push(BackOffKey { name: turn.into(), initial: interval, max: interval });
        (rest, remaining) = (later, interval);
    }
    if !rest.is_empty() {
        decision.plan.requeue(remaining);
    }
    for (place, node) in rest.iter().enumerate() {
        let turn = (0..place).fold(ctx.now.plus(remaining), |time, _| time.plus(interval));
        let name = &node.metadata.name;
        let why = format!("{name} gets its NoExecute taint at {turn}: in each zone one node in {interval}");
        decision.plan.waits.push(wait(node, "EvictionRate", why));
    }
}

/// The NoExecute taint of a node that is not Ready.
fn right_taint(node: &Node) -> Option<&'static str> {
    match node.condition("Ready")?.status.as_str() {
        "False" => Some(NOT_READY),
        "Unknown" => Some(UNREACHABLE),
        _ => None,
    }
}

fn wait(node: &Node, rule: &str, message: String) -> Wait {
    Wait {
        who: node.key(),
        awaits: Vec::new(),
        rule: rule.into(),
        message,
        doc: "concepts/architecture/nodes/#rate-limits-on-eviction",
    }
}
