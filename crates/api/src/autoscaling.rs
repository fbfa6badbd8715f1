//! HorizontalPodAutoscalers. Models: staging/src/k8s.io/api/autoscaling/v2/types.go.

use crate::{List, ObjectMeta, Quantity, Str, Time};
use std::rc::Rc;

object! {
    /// Sets how many replicas a workload has by how busy its pods are.
    pub struct HorizontalPodAutoscaler {
        /// Name and labels.
        metadata: ObjectMeta = "metadata" always,
        /// What is wanted.
        spec: HorizontalPodAutoscalerSpec = "spec" always,
        /// What there is.
        status: HorizontalPodAutoscalerStatus = "status" always,
    }
}

object! {
    /// What is wanted of an autoscaler.
    pub struct HorizontalPodAutoscalerSpec {
        /// The workload.
        scale_target_ref: CrossVersionObjectReference = "scaleTargetRef" always,
        /// The fewest replicas.
        min_replicas: Option<i32> = "minReplicas",
        /// The most replicas.
        max_replicas: i32 = "maxReplicas" always,
        /// What is looked at; the metric that asks for most replicas counts.
        metrics: List<MetricSpec> = "metrics",
        /// How fast it may go.
        behavior: Option<Rc<HorizontalPodAutoscalerBehavior>> = "behavior",
    }
}

object! {
    /// Names an object by kind and name.
    pub struct CrossVersionObjectReference {
        /// Its kind.
        kind: Str = "kind" always,
        /// Its name.
        name: Str = "name" always,
        /// Its group and version.
        api_version: Str = "apiVersion",
    }
}

object! {
    /// One metric to look at. Metrics of other types than the first two stay in `rest`.
    pub struct MetricSpec {
        /// `Resource`, `ContainerResource`, `Pods`, `Object` or `External`.
        r#type: Str = "type" always,
        /// Use of a resource by the pods.
        resource: Option<ResourceMetricSource> = "resource",
        /// Use of a resource by one container of the pods.
        container_resource: Option<ResourceMetricSource> = "containerResource",
    }
}

object! {
    /// Use of a resource, and how much of it is wanted.
    pub struct ResourceMetricSource {
        /// The resource: `cpu`, `memory`.
        name: Str = "name" always,
        /// The container, if it is about one.
        container: Str = "container",
        /// How much is wanted.
        target: MetricTarget = "target" always,
    }
}

object! {
    /// How much of a metric is wanted.
    pub struct MetricTarget {
        /// `Utilization`, `Value` or `AverageValue`.
        r#type: Str = "type" always,
        /// The sum that is wanted.
        value: Option<Quantity> = "value",
        /// The average over the pods that is wanted.
        average_value: Option<Quantity> = "averageValue",
        /// The average over the pods that is wanted, in per cent of their requests.
        average_utilization: Option<i32> = "averageUtilization",
    }
}

object! {
    /// How fast an autoscaler may go.
    pub struct HorizontalPodAutoscalerBehavior {
        /// Upwards.
        scale_up: Option<HPAScalingRules> = "scaleUp",
        /// Downwards.
        scale_down: Option<HPAScalingRules> = "scaleDown",
    }
}

object! {
    /// How fast it may go in one direction.
    pub struct HPAScalingRules {
        /// Seconds over which recommendations are looked at, so that the most cautious one counts.
        stabilization_window_seconds: Option<i32> = "stabilizationWindowSeconds",
        /// `Max`, `Min` or `Disabled`: which policy counts.
        select_policy: Option<Str> = "selectPolicy",
        /// The policies.
        policies: List<HPAScalingPolicy> = "policies",
        /// How far from the target nothing is done; a tenth if absent.
        tolerance: Option<Quantity> = "tolerance",
    }
}

object! {
    /// At most so much change in such a time.
    pub struct HPAScalingPolicy {
        /// `Pods` or `Percent`.
        r#type: Str = "type" always,
        /// How much.
        value: i32 = "value" always,
        /// In how many seconds.
        period_seconds: i32 = "periodSeconds" always,
    }
}

object! {
    /// What there is of an autoscaler.
    pub struct HorizontalPodAutoscalerStatus {
        /// The generation that was looked at.
        observed_generation: Option<i64> = "observedGeneration",
        /// When it last changed the number of replicas.
        last_scale_time: Option<Time> = "lastScaleTime",
        /// How many replicas the workload was to have at the last look.
        current_replicas: i32 = "currentReplicas",
        /// How many it is to have.
        desired_replicas: i32 = "desiredReplicas" always,
        /// What was measured; absent before the first look.
        current_metrics: Option<List<MetricStatus>> = "currentMetrics" always,
        /// Whether it can scale, whether it is active, whether a limit holds it.
        conditions: List<HorizontalPodAutoscalerCondition> = "conditions",
    }
}

object! {
    /// One metric as it was measured; its type is empty if it could not be.
    pub struct MetricStatus {
        /// As in the metric's spec.
        r#type: Str = "type" always,
        /// Use of a resource by the pods.
        resource: Option<ResourceMetricStatus> = "resource",
        /// Use of a resource by one container of the pods.
        container_resource: Option<ResourceMetricStatus> = "containerResource",
    }
}

object! {
    /// Use of a resource as it was measured.
    pub struct ResourceMetricStatus {
        /// The resource.
        name: Str = "name" always,
        /// The container, if it is about one.
        container: Str = "container",
        /// What was measured.
        current: MetricValueStatus = "current" always,
    }
}

object! {
    /// What was measured of a metric.
    pub struct MetricValueStatus {
        /// The average over the pods.
        average_value: Option<Quantity> = "averageValue",
        /// The average over the pods in per cent of their requests.
        average_utilization: Option<i32> = "averageUtilization",
    }
}

object! {
    /// One aspect of an autoscaler's state.
    pub struct HorizontalPodAutoscalerCondition {
        /// `AbleToScale`, `ScalingActive`, `ScalingLimited`.
        r#type: Str = "type" always,
        /// `True`, `False` or `Unknown`.
        status: Str = "status" always,
        /// Since when.
        last_transition_time: Option<Time> = "lastTransitionTime" always,
        /// Why, in a word.
        reason: Str = "reason",
        /// Why, in a sentence.
        message: Str = "message",
    }
}

impl HorizontalPodAutoscalerStatus {
    /// The condition of a type.
    pub fn condition(&self, r#type: &str) -> Option<&HorizontalPodAutoscalerCondition> {
        self.conditions.iter().find(|condition| condition.r#type == r#type)
    }

    /// Sets a condition; its time changes only with its status.
    pub fn set_condition(&mut self, r#type: &str, holds: bool, reason: &str, message: &str, now: Time) {
        let status = if holds { "True" } else { "False" };
        let had = self.condition(r#type);
        let since = had.filter(|had| had.status == status).and_then(|had| had.last_transition_time);
        let condition = HorizontalPodAutoscalerCondition {
            r#type: r#type.into(),
            status: status.into(),
            last_transition_time: since.or(Some(now)),
            reason: reason.into(),
            message: message.into(),
            ..Default::default()
        };
        let mut conditions = self.conditions.to_vec();
        match conditions.iter_mut().find(|have| have.r#type == r#type) {
            Some(have) => *have = condition,
            None => conditions.push(condition),
        }
        self.conditions = conditions.into();
    }
}
