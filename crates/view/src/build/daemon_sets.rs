//! DaemonSet lanes.

use super::{Context, count, reference, text, tile};
use crate::{Coverage, CoverageState, DaemonSetLane, PodTile};
use api::{DaemonSet, Node, Object, Pod, Resource};
use std::collections::BTreeMap;
use std::rc::Rc;

pub(super) fn lanes(ctx: &Context<'_>, pods: &[Rc<PodTile>]) -> Rc<[DaemonSetLane]> {
    ctx.lister.list::<DaemonSet>().map(|set| lane(ctx, set, pods)).collect()
}

fn lane(ctx: &Context<'_>, set: &DaemonSet, pods: &[Rc<PodTile>]) -> DaemonSetLane {
    let target = reference(&set.key());
    let mut by_node: BTreeMap<&str, &Pod> = BTreeMap::new();
    for object in ctx.lister.owned_by(&set.metadata.uid) {
        if let Object::Pod(pod) = object
            && let Some(node) = controllers::daemon_pod_node(pod)
        {
            by_node.entry(node).or_insert(pod);
        }
    }
    let coverage = ctx.lister.list::<Node>().map(|node| Coverage {
        node: text(&node.metadata.name),
        state: match by_node.get(node.metadata.name.as_str()) {
            Some(pod) => tile(pods, &pod.metadata.namespace, &pod.metadata.name)
                .map_or(CoverageState::Missing, |tile| CoverageState::Pod(tile.clone())),
            None => match controllers::daemon_refusal(node, set) {
                Some(why) => CoverageState::NotEligible(why.into()),
                None => CoverageState::Missing,
            },
        },
    });
    let status = &set.status;
    DaemonSetLane {
        colour: ctx.colours.get(&target).copied().unwrap_or(0),
        strategy: text(&set.spec.update_strategy.r#type),
        desired: count(status.desired_number_scheduled),
        current: count(status.current_number_scheduled),
        ready: count(status.number_ready),
        up_to_date: count(status.updated_number_scheduled),
        available: count(status.number_available),
        coverage: coverage.collect(),
        target,
    }
}
