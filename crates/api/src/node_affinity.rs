//! Whether a node is one that a pod asks for by its labels or name.
//! Models: k8s.io/component-helpers/scheduling/corev1/nodeaffinity.

use crate::{Node, NodeSelector, NodeSelectorRequirement, NodeSelectorTerm, PodSpec, StrMap};

impl PodSpec {
    /// Whether node selector and required node affinity match the node.
    pub fn matches_node(&self, node: &Node) -> bool {
        let labels = &node.metadata.labels;
        let required = self.affinity.as_ref().and_then(|a| a.node_affinity.as_ref()?.required.as_ref());
        self.node_selector.iter().all(|(key, value)| labels.get(key) == Some(value))
            && required.is_none_or(|selector| selector.matches(labels, &node.metadata.name))
    }
}

impl NodeSelector {
    /// Whether one of the terms matches a node with these labels and this name.
    pub fn matches(&self, labels: &StrMap, name: &str) -> bool {
        self.node_selector_terms.iter().any(|term| term.matches(labels, name))
    }
}

impl NodeSelectorTerm {
    /// Whether all conditions hold; a term without any matches nothing. An empty name passes all conditions on fields.
    pub fn matches(&self, labels: &StrMap, name: &str) -> bool {
        (!self.match_expressions.is_empty() || !self.match_fields.is_empty())
            && self.match_expressions.iter().all(|requirement| requirement.matches_labels(labels))
            && self.match_fields.iter().all(|requirement| name.is_empty() || requirement.matches_name(name))
    }
}

impl NodeSelectorRequirement {
    fn matches_labels(&self, labels: &StrMap) -> bool {
        let value = labels.get(&self.key);
        match self.operator.as_str() {
            "In" => value.is_some_and(|v| self.values.contains(v)),
            "NotIn" => value.is_none_or(|v| !self.values.contains(v)),
            "Exists" => value.is_some(),
            "DoesNotExist" => value.is_none(),
            "Gt" | "Lt" => {
                let bound = self.values.first().and_then(|v| v.parse::<i64>().ok());
                match (value.and_then(|v| v.parse::<i64>().ok()), bound) {
                    (Some(have), Some(bound)) if self.operator == "Gt" => have > bound,
                    (Some(have), Some(bound)) => have < bound,
                    _ => false,
                }
            }
            _ => false,
        }
    }

    /// The only field is `metadata.name`, and it is compared with one value.
    fn matches_name(&self, name: &str) -> bool {
        let [value] = &self.values[..] else { return false };
        match self.operator.as_str() {
            "In" => self.key == "metadata.name" && *value == *name,
            "NotIn" => self.key != "metadata.name" || *value != *name,
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Wire;
    use serde_json::{Value, json};

    #[test]
    fn terms_are_alternatives_and_their_conditions_all_hold() {
        let node = Node::read(json!({"metadata": {"name": "n1", "labels": {"disk": "ssd", "cores": "8"}}}));
        let fits = |terms: Value| {
            let required = json!({"nodeSelectorTerms": terms});
            let affinity = json!({"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": required}});
            PodSpec::read(json!({ "affinity": affinity })).matches_node(&node)
        };
        let label = |key: &str, operator: &str, values: Value| json!({"matchExpressions": [{"key": key, "operator": operator, "values": values}]});
        assert!(fits(json!([label("gpu", "Exists", json!([])), label("cores", "Gt", json!(["4"]))])));
        assert!(fits(json!([label("gpu", "NotIn", json!(["a"]))])));
        assert!(!fits(json!([label("disk", "Lt", json!(["4"]))])));
        assert!(!fits(json!([{}])) && !fits(json!([])));
        let name = |name: &str| json!({"matchFields": [{"key": "metadata.name", "operator": "In", "values": [name]}]});
        assert!(fits(json!([name("n1")])) && !fits(json!([name("n2")])));
        assert!(PodSpec::read(json!({"nodeSelector": {"disk": "ssd"}})).matches_node(&node));
        assert!(!PodSpec::read(json!({"nodeSelector": {"disk": "hdd"}})).matches_node(&node));
    }
}
