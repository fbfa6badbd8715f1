//! NodeResourcesFit: rejects nodes without room for what the pod asks for, and prefers those with most room left.
//! Models: pkg/scheduler/framework/plugins/noderesources (fit.go, least_allocated.go).

use super::{CycleState, Hint, MAX_SCORE, Plugin, PreFilter, Verdict, World};
use crate::events::{Change, Events};
use crate::node_info::{Amounts, NodeInfo, PodInfo};
use api::{Node, Pod};
use std::borrow::Cow;
use std::rc::Rc;

pub(super) const PLUGIN: Plugin = Plugin {
    weight: 1,
    pre_filter: Some(pre_filter),
    filter: Some(filter),
    score: Some(score),
    hints: &[
        Hint::when(Events::POD_DELETE.or(Events::POD_SCALE_DOWN), frees_something),
        Hint::when(Events::NODE_ADD.or(Events::NODE_ALLOCATABLE), has_more_room),
    ],
    ..Plugin::named("NodeResourcesFit")
};

fn pre_filter(_: &World<'_>, pod: &Pod, state: &mut CycleState) -> PreFilter {
    let info = PodInfo::new(Rc::new(pod.clone()));
    state.requests = info.requests;
    state.scored = info.scored;
    PreFilter::Pass
}

fn filter(state: &CycleState, _: &Pod, node: &NodeInfo) -> Verdict {
    let (asked, room, used) = (&state.requests, &node.allocatable, &node.requested);
    let mut reasons: Vec<Cow<'static, str>> = Vec::new();
    let mut resolvable = true;
    if i64::try_from(node.pods.len()).unwrap_or(i64::MAX) >= room.pods {
        reasons.push("Too many pods".into());
    }
    let mut check = |asked: i64, room: i64, used: i64, reason: &dyn Fn() -> Cow<'static, str>| {
        if asked > 0 && asked > room - used {
            reasons.push(reason());
            // No eviction makes a node larger than it is.
            resolvable &= asked <= room;
        }
    };
    check(asked.cpu_milli, room.cpu_milli, used.cpu_milli, &|| "Insufficient cpu".into());
    check(asked.memory_bytes, room.memory_bytes, used.memory_bytes, &|| "Insufficient memory".into());
    check(asked.ephemeral_bytes, room.ephemeral_bytes, used.ephemeral_bytes, &|| {
        "Insufficient ephemeral-storage".into()
    });
    for (name, amount) in &asked.scalars {
        check(*amount, room.scalar(name), used.scalar(name), &|| format!("Insufficient {name}").into());
    }
    if reasons.is_empty() { Verdict::Pass } else { Verdict::Reject { reasons, resolvable } }
}

/// The mean share of CPU and memory that stays free, in percent.
fn score(state: &CycleState, _: &Pod, node: &NodeInfo) -> i64 {
    let pairs = [
        (node.scored.cpu_milli + state.scored.cpu_milli, node.allocatable.cpu_milli),
        (node.scored.memory_bytes + state.scored.memory_bytes, node.allocatable.memory_bytes),
    ];
    let (mut sum, mut kinds) = (0, 0);
    for (requested, room) in pairs.into_iter().filter(|(_, room)| *room > 0) {
        sum += free_percent(requested, room);
        kinds += 1;
    }
    if kinds == 0 { 0 } else { sum / kinds }
}

fn free_percent(requested: i64, room: i64) -> i64 {
    if requested > room {
        return 0;
    }
    let free = room - requested;
    match free.checked_mul(MAX_SCORE) {
        Some(points) => points / room,
        None => i64::try_from(i128::from(free) * i128::from(MAX_SCORE) / i128::from(room)).unwrap_or(0),
    }
}

fn frees_something(pod: &Pod, change: &Change<'_>) -> bool {
    match change.pods() {
        (Some(gone), None) => !gone.spec.node_name.is_empty() || !gone.status.nominated_node_name.is_empty(),
        (Some(old), Some(new)) if new.metadata.uid == pod.metadata.uid => old.requests() != new.requests(),
        (Some(old), Some(new)) if !new.spec.node_name.is_empty() => {
            let (old, new) = (old.requests(), new.requests());
            let amount = |list: &api::ResourceList, name: &str| list.get(name).map_or(0, api::Quantity::milli);
            pod.requests().iter().any(|(name, want)| !want.is_zero() && amount(&old, name) > amount(&new, name))
        }
        _ => false,
    }
}

/// Whether the pod fits the empty node, and the node is new or has more of what the pod asks for.
fn has_more_room(pod: &Pod, change: &Change<'_>) -> bool {
    let (old, Some(new)) = change.nodes() else { return false };
    let asked = Amounts::of(&pod.requests());
    let room_of = |node: &Node| Amounts::of(&node.status.allocatable);
    let room = room_of(new);
    let fits = room.pods > 0
        && asked.cpu_milli <= room.cpu_milli
        && asked.memory_bytes <= room.memory_bytes
        && asked.ephemeral_bytes <= room.ephemeral_bytes
        && asked.scalars.iter().all(|(name, amount)| *amount <= room.scalar(name));
    let Some(before) = old.map(room_of) else { return fits };
    let grew = |asked: i64, now: i64, before: i64| asked > 0 && now > before;
    fits && (room.pods > before.pods
        || grew(asked.cpu_milli, room.cpu_milli, before.cpu_milli)
        || grew(asked.memory_bytes, room.memory_bytes, before.memory_bytes)
        || grew(asked.ephemeral_bytes, room.ephemeral_bytes, before.ephemeral_bytes)
        || asked.scalars.iter().any(|(name, amount)| grew(*amount, room.scalar(name), before.scalar(name))))
}

#[cfg(test)]
mod tests {
    use crate::harness::{assert_filter, assert_scores, node, node_with, pod};
    use serde_json::{Value, json};

    fn asking(requests: Value) -> std::rc::Rc<api::Pod> {
        pod("p", json!({"containers": [{"name": "c", "resources": {"requests": requests}}]}))
    }

    #[test]
    fn every_missing_resource_is_named() {
        let room =
            json!({"status": {"allocatable": {"cpu": "2", "memory": "1Gi", "pods": "2", "example.com/gpu": "1"}}});
        let busy = node_with("n", room.clone(), &[asking(json!({"cpu": "1", "example.com/gpu": "1"}))]);
        assert_filter(&asking(json!({"cpu": "1"})), &busy, "fits");
        assert_filter(&asking(json!({"cpu": "1500m"})), &busy, "Insufficient cpu");
        assert_filter(
            &asking(json!({"cpu": "3", "memory": "2Gi"})),
            &busy,
            "Insufficient cpu, Insufficient memory (for good)",
        );
        assert_filter(&asking(json!({"example.com/gpu": "1"})), &busy, "Insufficient example.com/gpu");
        assert_filter(&asking(json!({"example.com/fpga": "1"})), &busy, "Insufficient example.com/fpga (for good)");
        assert_filter(&asking(json!({"ephemeral-storage": "1Gi"})), &busy, "Insufficient ephemeral-storage (for good)");
        let full = node_with("n", room, &[pod("a", json!({})), pod("b", json!({}))]);
        assert_filter(&asking(json!({})), &full, "Too many pods");
    }

    #[test]
    fn init_containers_count_if_they_need_more() {
        let spec = json!({
            "initContainers": [
                {"name": "side", "restartPolicy": "Always", "resources": {"requests": {"cpu": "500m"}}},
                {"name": "setup", "resources": {"requests": {"cpu": "2"}}}],
            "containers": [{"name": "c", "resources": {"requests": {"cpu": "1"}}}]});
        let sized = |cpu: &str| node("n", json!({"status": {"allocatable": {"cpu": cpu, "pods": "9"}}}));
        assert_filter(&pod("p", spec.clone()), &sized("2500m"), "fits");
        assert_filter(&pod("p", spec), &sized("2400m"), "Insufficient cpu (for good)");
    }

    #[test]
    fn the_emptier_node_scores_higher_and_silent_containers_count_too() {
        let room = json!({"status": {"allocatable": {"cpu": "4", "memory": "4000Mi", "pods": "9"}}});
        let quarter = node_with("quarter", room.clone(), &[asking(json!({"cpu": "900m", "memory": "800Mi"}))]);
        let silent = node_with("silent", room.clone(), &[asking(json!({}))]);
        let empty = node("empty", room);
        assert_scores(
            "NodeResourcesFit",
            &asking(json!({})),
            &[quarter, silent, empty],
            &[],
            "quarter 75, silent 92, empty 96",
        );
    }
}
