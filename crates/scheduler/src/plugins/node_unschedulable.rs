//! NodeUnschedulable: rejects cordoned nodes, unless the pod tolerates the cordon's taint.
//! Models: pkg/scheduler/framework/plugins/nodeunschedulable.

use super::{CycleState, Hint, Plugin, Verdict};
use crate::events::Events;
use crate::matching;
use crate::node_info::NodeInfo;
use api::{Pod, Taint};

pub(super) const PLUGIN: Plugin = Plugin {
    filter: Some(filter),
    hints: &[
        Hint::when(Events::NODE_ADD.or(Events::NODE_TAINT), |_, change| match change.nodes() {
            (old, Some(new)) => !new.spec.unschedulable && old.is_none_or(|old| old.spec.unschedulable),
            _ => false,
        }),
        Hint::when(Events::POD_TOLERATION, |pod, change| {
            let own = |changed: &&Pod| changed.metadata.uid == pod.metadata.uid;
            change.pods().1.filter(own).is_some_and(tolerates_cordon)
        }),
    ],
    ..Plugin::named("NodeUnschedulable")
};

fn filter(_: &CycleState, pod: &Pod, node: &NodeInfo) -> Verdict {
    if node.node.spec.unschedulable && !tolerates_cordon(pod) {
        return Verdict::reject_for_good("node(s) were unschedulable");
    }
    Verdict::Pass
}

fn tolerates_cordon(pod: &Pod) -> bool {
    let cordon =
        Taint { key: "node.kubernetes.io/unschedulable".into(), effect: "NoSchedule".into(), ..Taint::default() };
    matching::tolerates(pod, &cordon)
}

#[cfg(test)]
mod tests {
    use crate::harness::{assert_filter, node, pod};
    use serde_json::json;

    #[test]
    fn cordoned_nodes_are_for_those_who_tolerate_it() {
        let cordoned = node("n", json!({"spec": {"unschedulable": true}}));
        let tolerant = json!({"tolerations": [{"key": "node.kubernetes.io/unschedulable", "operator": "Exists", "effect": "NoSchedule"}]});
        assert_filter(&pod("p", json!({})), &cordoned, "node(s) were unschedulable (for good)");
        assert_filter(&pod("p", tolerant), &cordoned, "fits");
    }
}
