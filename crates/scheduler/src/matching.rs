//! Whether a pod may be on a node by its labels and taints: predicates that several plugins share.
//! Models: k8s.io/component-helpers/scheduling/corev1 (nodeaffinity, helpers).

use api::{Node, NodeSelector, NodeSelectorRequirement, NodeSelectorTerm, Pod, PreferredSchedulingTerm, StrMap, Taint};

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
    let labels = &node.metadata.labels;
    pod.spec.node_selector.iter().all(|(key, value)| labels.get(key) == Some(value))
        && required_selector(pod).is_none_or(|selector| selector_matches(selector, labels, &node.metadata.name))
}

/// Whether one of the selector's terms matches. A node without a name (a volume's affinity) passes all conditions on fields.
pub(crate) fn selector_matches(selector: &NodeSelector, labels: &StrMap, name: &str) -> bool {
    selector.node_selector_terms.iter().any(|term| term_matches(term, labels, name))
}

/// Whether all conditions of a term hold; an empty term matches nothing.
pub(crate) fn term_matches(term: &NodeSelectorTerm, labels: &StrMap, name: &str) -> bool {
    let empty = term.match_expressions.is_empty() && term.match_fields.is_empty();
    !empty
        && term.match_expressions.iter().all(|r| expression_matches(r, labels))
        && term.match_fields.iter().all(|r| name.is_empty() || field_matches(r, name))
}

fn expression_matches(requirement: &NodeSelectorRequirement, labels: &StrMap) -> bool {
    let value = labels.get(&requirement.key);
    match requirement.operator.as_str() {
        "In" => value.is_some_and(|v| requirement.values.contains(v)),
        "NotIn" => value.is_none_or(|v| !requirement.values.contains(v)),
        "Exists" => value.is_some(),
        "DoesNotExist" => value.is_none(),
        "Gt" | "Lt" => {
            let bound = requirement.values.first().and_then(|v| v.parse::<i64>().ok());
            match (value.and_then(|v| v.parse::<i64>().ok()), bound) {
                (Some(have), Some(bound)) if requirement.operator == "Gt" => have > bound,
                (Some(have), Some(bound)) => have < bound,
                _ => false,
            }
        }
        _ => false,
    }
}

/// Only `metadata.name` can be asked for, and only with one value.
fn field_matches(requirement: &NodeSelectorRequirement, name: &str) -> bool {
    let [value] = &*requirement.values else { return false };
    match requirement.operator.as_str() {
        "In" => requirement.key == "metadata.name" && *value == *name,
        "NotIn" => requirement.key != "metadata.name" || *value != *name,
        _ => false,
    }
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
    fn node_selector_terms_are_ored_and_their_conditions_anded() {
        let node = Node::read(json!({"metadata": {"name": "n1", "labels": {"disk": "ssd", "cores": "8"}}}));
        let fits = |spec: serde_json::Value| node_matches(&Pod::read(json!({ "spec": spec })), &node);
        let terms = |terms: serde_json::Value| {
            fits(json!({"affinity": {"nodeAffinity": {
                "requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": terms}}}}))
        };
        let expression =
            |key: &str, operator: &str, values: &[&str]| json!({"key": key, "operator": operator, "values": values});
        assert!(fits(json!({})) && fits(json!({"nodeSelector": {"disk": "ssd"}})));
        assert!(!fits(json!({"nodeSelector": {"disk": "ssd", "gpu": "yes"}})));
        assert!(terms(json!([{"matchExpressions": [expression("gpu", "Exists", &[])]},
                             {"matchExpressions": [expression("disk", "In", &["ssd", "nvme"]), expression("cores", "Gt", &["4"])]}])));
        assert!(!terms(json!([{"matchExpressions": [expression("cores", "Lt", &["8"])]}])));
        assert!(!terms(json!([{"matchExpressions": [expression("disk", "Gt", &["1"])]}])));
        assert!(terms(
            json!([{"matchExpressions": [expression("gpu", "NotIn", &["a"]), expression("gpu", "DoesNotExist", &[])]}])
        ));
        assert!(terms(json!([{"matchFields": [expression("metadata.name", "In", &["n1"])]}])));
        assert!(!terms(json!([{"matchFields": [expression("metadata.name", "In", &["n2"])]}])));
        assert!(!terms(json!([{}])), "an empty term matches nothing");
    }

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
