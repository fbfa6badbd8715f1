//! Budgets, quotas, limits: what holds others back.
//! Models: staging/src/k8s.io/api/policy/v1/types.go, staging/src/k8s.io/api/core/v1/types.go.

use crate::{Condition, IntOrString, LabelSelector, List, ObjectMeta, ResourceList, Str, StrMap, Time};

object! {
    /// How many pods an eviction must leave.
    pub struct PodDisruptionBudget {
        /// Name and labels.
        metadata: ObjectMeta = "metadata" always,
        /// Which pods, and how many.
        spec: PodDisruptionBudgetSpec = "spec" always,
        /// How many there are.
        status: PodDisruptionBudgetStatus = "status" always,
    }
}

object! {
    /// Which pods a budget is about, and how many must stay.
    pub struct PodDisruptionBudgetSpec {
        /// How many must stay available.
        min_available: Option<IntOrString> = "minAvailable",
        /// Which pods; absent means none, empty means all of the namespace.
        selector: Option<LabelSelector> = "selector",
        /// How many may be unavailable.
        max_unavailable: Option<IntOrString> = "maxUnavailable",
        /// `IfHealthyBudget` (also if empty) or `AlwaysAllow`.
        unhealthy_pod_eviction_policy: Str = "unhealthyPodEvictionPolicy",
    }
}

object! {
    /// How far a budget is used up.
    pub struct PodDisruptionBudgetStatus {
        /// Generation the status speaks of.
        observed_generation: i64 = "observedGeneration",
        /// Pods whose eviction was granted and that are not seen to go yet.
        disrupted_pods: StrMap<Time> = "disruptedPods",
        /// How many pods may be evicted now.
        disruptions_allowed: i32 = "disruptionsAllowed" always,
        /// How many pods are healthy.
        current_healthy: i32 = "currentHealthy" always,
        /// How many must be.
        desired_healthy: i32 = "desiredHealthy" always,
        /// How many there should be.
        expected_pods: i32 = "expectedPods" always,
        /// `DisruptionAllowed`.
        conditions: List<Condition> = "conditions",
    }
}

/// The condition of a budget.
pub const DISRUPTION_ALLOWED: &str = "DisruptionAllowed";

impl PodDisruptionBudget {
    /// Whether it is about a pod with these labels.
    pub fn selects(&self, labels: &StrMap) -> bool {
        self.spec.selector.as_ref().is_some_and(|selector| selector.matches(labels))
    }
}

impl PodDisruptionBudgetStatus {
    /// Makes the condition say what the number says. Models: UpdateDisruptionAllowedCondition.
    pub fn update_condition(&mut self, now: Time) {
        let (status, reason) =
            if self.disruptions_allowed > 0 { ("True", "SufficientPods") } else { ("False", "InsufficientPods") };
        let condition = Condition {
            r#type: DISRUPTION_ALLOWED.into(),
            status: status.into(),
            reason: reason.into(),
            observed_generation: self.observed_generation,
            ..Default::default()
        };
        self.conditions = condition.set_among(&self.conditions, now);
    }
}

object! {
    /// Bounds and defaults for what single objects of a namespace ask for.
    pub struct LimitRange {
        /// Name and labels.
        metadata: ObjectMeta = "metadata" always,
        /// The bounds.
        spec: LimitRangeSpec = "spec" always,
    }
}

object! {
    /// The bounds of a LimitRange.
    pub struct LimitRangeSpec {
        /// One for each type of object.
        limits: List<LimitRangeItem> = "limits" always,
    }
}

object! {
    /// Bounds and defaults for one type of object.
    pub struct LimitRangeItem {
        /// `Container`, `Pod` or `PersistentVolumeClaim`.
        r#type: Str = "type" always,
        /// The most.
        max: ResourceList = "max",
        /// The least.
        min: ResourceList = "min",
        /// Limits of containers that name none.
        default: ResourceList = "default",
        /// Requests of containers that name none.
        default_request: ResourceList = "defaultRequest",
        /// How many times the request the limit may be.
        max_limit_request_ratio: ResourceList = "maxLimitRequestRatio",
    }
}

object! {
    /// Bounds for what all objects of a namespace ask for together.
    pub struct ResourceQuota {
        /// Name and labels.
        metadata: ObjectMeta = "metadata" always,
        /// The bounds.
        spec: ResourceQuotaSpec = "spec" always,
        /// What is used of them.
        status: ResourceQuotaStatus = "status" always,
    }
}

object! {
    /// The bounds of a quota.
    pub struct ResourceQuotaSpec {
        /// The bounds by resource.
        hard: ResourceList = "hard",
        /// Which objects count: `Terminating`, `BestEffort`, ….
        scopes: List<Str> = "scopes",
        /// The same with values.
        scope_selector: Option<ScopeSelector> = "scopeSelector",
    }
}

object! {
    /// Which objects a quota counts; all parts are ANDed.
    pub struct ScopeSelector {
        /// The parts.
        match_expressions: List<ScopedResourceSelectorRequirement> = "matchExpressions",
    }
}

object! {
    /// One part of a scope selector.
    pub struct ScopedResourceSelectorRequirement {
        /// `PriorityClass`, `Terminating`, ….
        scope_name: Str = "scopeName" always,
        /// `In`, `NotIn`, `Exists` or `DoesNotExist`.
        operator: Str = "operator" always,
        /// The values of `In` and `NotIn`.
        values: List<Str> = "values",
    }
}

object! {
    /// What is used of a quota.
    pub struct ResourceQuotaStatus {
        /// The bounds that are enforced.
        hard: ResourceList = "hard",
        /// What is used.
        used: ResourceList = "used",
    }
}
