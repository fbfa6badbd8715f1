//! Where a pod may and should be: rules on nodes, on other pods, taints it tolerates, how pods spread.
//! Models: staging/src/k8s.io/api/core/v1/types.go.

use crate::{LabelSelector, List, Str};

object! {
    /// Rules on nodes and on other pods.
    pub struct Affinity {
        /// About nodes.
        node_affinity: Option<NodeAffinity> = "nodeAffinity",
        /// Near other pods.
        pod_affinity: Option<PodAffinity> = "podAffinity",
        /// Away from other pods.
        pod_anti_affinity: Option<PodAffinity> = "podAntiAffinity",
    }
}

object! {
    /// Rules on nodes.
    pub struct NodeAffinity {
        /// Must hold at scheduling time.
        required: Option<NodeSelector> = "requiredDuringSchedulingIgnoredDuringExecution",
        /// Should hold.
        preferred: List<PreferredSchedulingTerm> = "preferredDuringSchedulingIgnoredDuringExecution",
    }
}

object! {
    /// Alternatives of node terms (ORed).
    pub struct NodeSelector {
        /// The alternatives.
        node_selector_terms: List<NodeSelectorTerm> = "nodeSelectorTerms" always,
    }
}

object! {
    /// Conditions on a node (ANDed).
    pub struct NodeSelectorTerm {
        /// On its labels.
        match_expressions: List<NodeSelectorRequirement> = "matchExpressions",
        /// On its fields (only `metadata.name`).
        match_fields: List<NodeSelectorRequirement> = "matchFields",
    }
}

object! {
    /// One condition on a node.
    pub struct NodeSelectorRequirement {
        /// Label or field.
        key: Str = "key" always,
        /// `In`, `NotIn`, `Exists`, `DoesNotExist`, `Gt`, `Lt`.
        operator: Str = "operator" always,
        /// Values to compare with.
        values: List<Str> = "values",
    }
}

object! {
    /// A weighted wish about nodes.
    pub struct PreferredSchedulingTerm {
        /// 1 to 100.
        weight: i32 = "weight" always,
        /// The wish.
        preference: NodeSelectorTerm = "preference" always,
    }
}

object! {
    /// Rules on other pods.
    pub struct PodAffinity {
        /// Must hold.
        required: List<PodAffinityTerm> = "requiredDuringSchedulingIgnoredDuringExecution",
        /// Should hold.
        preferred: List<WeightedPodAffinityTerm> = "preferredDuringSchedulingIgnoredDuringExecution",
    }
}

object! {
    /// Which pods, and over which domain.
    pub struct PodAffinityTerm {
        /// The pods meant.
        label_selector: Option<LabelSelector> = "labelSelector",
        /// Namespaces they are looked for in; the pod's own if empty.
        namespaces: List<Str> = "namespaces",
        /// Node label that makes a domain.
        topology_key: Str = "topologyKey" always,
        /// Namespaces by label.
        namespace_selector: Option<LabelSelector> = "namespaceSelector",
    }
}

object! {
    /// A weighted wish about other pods.
    pub struct WeightedPodAffinityTerm {
        /// 1 to 100.
        weight: i32 = "weight" always,
        /// The wish.
        pod_affinity_term: PodAffinityTerm = "podAffinityTerm" always,
    }
}

object! {
    /// A taint that a pod tolerates.
    pub struct Toleration {
        /// Taint key; empty with `Exists` means all.
        key: Str = "key",
        /// `Equal` (default) or `Exists`.
        operator: Str = "operator",
        /// Taint value for `Equal`.
        value: Str = "value",
        /// Effect; empty means all.
        effect: Str = "effect",
        /// How long a NoExecute taint is tolerated.
        toleration_seconds: Option<i64> = "tolerationSeconds",
    }
}

object! {
    /// How matching pods spread over the domains of a topology key.
    pub struct TopologySpreadConstraint {
        /// The largest difference allowed.
        max_skew: i32 = "maxSkew" always,
        /// Node label that makes a domain.
        topology_key: Str = "topologyKey" always,
        /// `DoNotSchedule` or `ScheduleAnyway`.
        when_unsatisfiable: Str = "whenUnsatisfiable" always,
        /// Which pods are counted.
        label_selector: Option<LabelSelector> = "labelSelector",
        /// Least number of domains.
        min_domains: Option<i32> = "minDomains",
        /// `Honor` or `Ignore`.
        node_affinity_policy: Str = "nodeAffinityPolicy",
        /// `Honor` or `Ignore`.
        node_taints_policy: Str = "nodeTaintsPolicy",
        /// Labels of the pod that refine the selector.
        match_label_keys: List<Str> = "matchLabelKeys",
    }
}

impl Toleration {
    /// Whether it tolerates this taint. Models: component-helpers/scheduling/corev1 ToleratesTaint.
    pub fn tolerates(&self, taint: &crate::Taint) -> bool {
        (self.effect.is_empty() || self.effect == taint.effect)
            && (self.key.is_empty() || self.key == taint.key)
            && match self.operator.as_str() {
                "" | "Equal" => self.value == taint.value,
                "Exists" => true,
                // The numeric operators are behind an alpha gate in v1.36.
                _ => false,
            }
    }
}
