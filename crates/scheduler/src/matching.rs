//! Whether a pod may be on a node by its labels and taints: predicates that several plugins share.
//! Models: k8s.io/component-helpers/scheduling/corev1 (nodeaffinity, helpers).

use api::{Node, NodeSelector, Pod, PreferredSchedulingTerm, Taint};

/// The required node affinity of a pod, if it has one.
pub(crate) fn required_selector(pod: &Pod) -> Option<&NodeSelector> {
    pod.spec.affinity.as_ref()?.node_affinity.as_ref()?.required.as_ref()
}

/// The preferred node affinity terms of a pod.
pub(crate) fn preferred_terms(pod: &Pod) -> &[PreferredSchedulingTerm] {
    pod.spec.affinity.as_ref().and_then(|a| a.node_affinity.as_ref()).map_or(&[], |a| &a.preferred)
}

/// Whether a pod says anything about the nodes it must be on.
pub(crate) fn restricts_nodes(pod: &Pod) -> bool {
    !pod.spec.node_selector.is_empty() || required_selector(pod).is_some()
}

/// Whether node selector and required node affinity of the pod match the node.
/// Models: nodeaffinity.GetRequiredNodeAffinity and Match.
pub(crate) fn node_matches(pod: &Pod, node: &Node) -> bool {
    pod.spec.matches_node(node)
}

/// Whether some toleration of the pod covers the taint.
pub(crate) fn tolerates(pod: &Pod, taint: &Taint) -> bool {
    pod.spec.tolerations.iter().any(|toleration| toleration.tolerates(taint))
}

/// Whether the node has a taint that keeps the pod from being scheduled there.
/// Models: FindMatchingUntoleratedTaint with DoNotScheduleTaintsFilterFunc.
pub(crate) fn has_untolerated_taint(pod: &Pod, node: &Node) -> bool {
    node.spec
        .taints
        .iter()
        .filter(|taint| taint.effect == "NoSchedule" || taint.effect == "NoExecute")
        .any(|taint| !tolerates(pod, taint))
}

#[cfg(test)]
mod tests {
    use super::*;
    use api::Wire;
    use serde_json::json;

    #[test]
    fn only_untolerated_hard_taints_count() {
        let node = Node::read(json!({"metadata": {"name": "n"}, "spec": {"taints": [
            {"key": "a", "value": "1", "effect": "NoSchedule"}, {"key": "b", "effect": "PreferNoSchedule"}]}}));
        let kept_away = |tolerations: serde_json::Value| {
            has_untolerated_taint(&Pod::read(json!({"spec": {"tolerations": tolerations}})), &node)
        };
        assert!(kept_away(json!([])));
        assert!(kept_away(json!([{"key": "a", "value": "2"}])));
        assert!(kept_away(json!([{"key": "a", "value": "1", "effect": "NoExecute"}])));
        assert!(!kept_away(json!([{"key": "a", "value": "1"}])));
        assert!(!kept_away(json!([{"operator": "Exists"}])));
    }
}
