//! TaintToleration: rejects nodes whose NoSchedule or NoExecute taints the pod does not tolerate, and prefers nodes
//! with few PreferNoSchedule taints that it does not tolerate.
//! Models: pkg/scheduler/framework/plugins/tainttoleration.

use super::{CycleState, Hint, Plugin, Verdict, normalize_by_max};
use crate::events::{Change, Events};
use crate::matching;
use crate::node_info::NodeInfo;
use api::Pod;

pub(super) const PLUGIN: Plugin = Plugin {
    weight: 3,
    filter: Some(filter),
    score: Some(score),
    normalize: Some(|_, _, scores| normalize_by_max(scores, true)),
    hints: &[
        Hint::when(Events::NODE_ADD.or(Events::NODE_TAINT), is_tolerated_now),
        Hint::when(Events::POD_TOLERATION, |pod, change| {
            change.pods().1.is_some_and(|changed| changed.metadata.uid == pod.metadata.uid)
        }),
    ],
    ..Plugin::named("TaintToleration")
};

fn filter(_: &CycleState, pod: &Pod, node: &NodeInfo) -> Verdict {
    if matching::has_untolerated_taint(pod, &node.node) {
        return Verdict::reject_for_good("node(s) had untolerated taint(s)");
    }
    Verdict::Pass
}

fn score(_: &CycleState, pod: &Pod, node: &NodeInfo) -> i64 {
    let soft = node.node.spec.taints.iter().filter(|taint| taint.effect == "PreferNoSchedule");
    soft.filter(|taint| !matching::tolerates(pod, taint)).map(|_| 1).sum()
}

fn is_tolerated_now(pod: &Pod, change: &Change<'_>) -> bool {
    match change.nodes() {
        (old, Some(new)) => {
            old.is_none_or(|old| matching::has_untolerated_taint(pod, old))
                && !matching::has_untolerated_taint(pod, new)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use crate::harness::{assert_filter, assert_scores, node, pod};
    use serde_json::json;

    #[test]
    fn hard_taints_reject_and_soft_ones_cost() {
        let hard = node("hard", json!({"spec": {"taints": [{"key": "a", "effect": "NoSchedule"}]}}));
        let soft = node("soft", json!({"spec": {"taints": [{"key": "a", "effect": "PreferNoSchedule"}]}}));
        let softer = node(
            "softer",
            json!({"spec": {"taints": [
            {"key": "a", "effect": "PreferNoSchedule"}, {"key": "b", "effect": "PreferNoSchedule"}]}}),
        );
        let plain = pod("p", json!({}));
        assert_filter(&plain, &hard, "node(s) had untolerated taint(s) (for good)");
        assert_filter(&plain, &soft, "fits");
        let tolerant = pod("p", json!({"tolerations": [{"key": "a", "operator": "Exists"}]}));
        assert_filter(&tolerant, &hard, "fits");
        let nodes = [node("clean", json!({})), soft, softer];
        assert_scores("TaintToleration", &plain, &nodes, &[], "clean 100, soft 50, softer 0");
        assert_scores("TaintToleration", &tolerant, &nodes, &[], "clean 100, soft 100, softer 0");
    }
}
