//! DaemonSet lanes.

use super::kept::{Kept, KeptLane};
use super::{Context, count, reference, text, tile};
use crate::{Coverage, CoverageState, DaemonSetLane, PodTile};
use api::{DaemonSet, Node, Object, Pod, Resource};
use std::collections::BTreeMap;
use std::rc::Rc;

/// Every lane; one whose set, pods and nodes are those of the last picture is the same one.
pub(super) fn lanes(ctx: &Context<'_>, pods: &[Rc<PodTile>], kept: &mut Kept) -> Rc<[DaemonSetLane]> {
    let last = std::mem::take(&mut kept.daemon_sets);
    let retold = std::mem::take(&mut kept.retold);
    let same_nodes = kept.same_nodes;
    let mut old = last.into_iter().filter(|_| same_nodes).peekable();
    for set in ctx.lister.list::<DaemonSet>() {
        let place = (&set.metadata.namespace, &set.metadata.name);
        while old.next_if(|kept| (&kept.set.metadata.namespace, &kept.set.metadata.name) < place).is_some() {}
        let own: Vec<Rc<Pod>> = ctx.lister.owned::<Pod>(&set.metadata.uid).cloned().collect();
        let is_same = |kept: &KeptLane| {
            Rc::ptr_eq(&kept.set, set)
                && !retold.contains(&set.metadata.uid)
                && kept.pods.len() == own.len()
                && kept.pods.iter().zip(&own).all(|(a, b)| Rc::ptr_eq(a, b))
        };
        let known = old.next_if(is_same);
        let made = known.unwrap_or_else(|| KeptLane { set: set.clone(), lane: lane(ctx, set, pods), pods: own });
        kept.daemon_sets.push(made);
    }
    kept.daemon_sets.iter().map(|kept| kept.lane.clone()).collect()
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
