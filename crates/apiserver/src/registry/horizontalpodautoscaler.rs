//! HorizontalPodAutoscalers: defaults, checks, what may change, and the old version of the API.
//! Models: pkg/apis/autoscaling/v2/defaults.go, pkg/apis/autoscaling/validation, pkg/apis/autoscaling/v1/conversion.go,
//! pkg/registry/autoscaling/horizontalpodautoscaler/strategy.go.

use super::Part;
use super::check::{Causes, Path};
use super::workload::SPEC;
use api::{
    HPAScalingPolicy, HPAScalingRules, HorizontalPodAutoscaler, HorizontalPodAutoscalerSpec,
    HorizontalPodAutoscalerStatus, MetricSpec, MetricTarget, ResourceMetricSource, Str, Wire,
};
use serde_json::Value;
use std::rc::Rc;

/// The target of an autoscaler that names none, in per cent.
const DEFAULT_CPU_UTILIZATION: i32 = 80;
/// The longest period of a policy, in seconds.
const MAX_PERIOD_SECONDS: i32 = 1800;
/// The longest window of stabilization, in seconds.
const MAX_WINDOW_SECONDS: i32 = 3600;

const SOURCES: [(&str, &str); 5] = [
    ("ContainerResource", "containerResource"),
    ("External", "external"),
    ("Object", "object"),
    ("Pods", "pods"),
    ("Resource", "resource"),
];

pub(super) fn default(autoscaler: &mut HorizontalPodAutoscaler) {
    let spec = &mut autoscaler.spec;
    from_v1(spec);
    spec.min_replicas.get_or_insert(1);
    if spec.metrics.is_empty() {
        spec.metrics = vec![cpu_utilization(DEFAULT_CPU_UTILIZATION)].into();
    }
    if let Some(behavior) = &mut spec.behavior {
        let behavior = Rc::make_mut(behavior);
        let up = [policy("Pods", 4), policy("Percent", 100)];
        fill(behavior.scale_up.get_or_insert_default(), Some(0), &up);
        // How long a way down is stabilized is the controller's to say.
        fill(behavior.scale_down.get_or_insert_default(), None, &up[1..]);
    }
}

fn cpu_utilization(percent: i32) -> MetricSpec {
    let target =
        MetricTarget { r#type: "Utilization".into(), average_utilization: Some(percent), ..Default::default() };
    let resource = ResourceMetricSource { name: "cpu".into(), target, ..Default::default() };
    MetricSpec { r#type: "Resource".into(), resource: Some(resource), ..Default::default() }
}

/// The first version of the API has one target only, in a field of its own; what is stored is the second version.
fn from_v1(spec: &mut HorizontalPodAutoscalerSpec) {
    let field = "targetCPUUtilizationPercentage";
    let Some(percent) = spec.rest.get(field).map(|value| i32::read(value.clone())) else { return };
    let is_cpu = |metric: &&MetricSpec| metric.resource.as_ref().is_some_and(|source| source.name == "cpu");
    let others = spec.metrics.iter().filter(|metric| !is_cpu(metric)).cloned();
    spec.metrics = others.chain([cpu_utilization(percent)]).collect();
    let rest: serde_json::Map<String, Value> = spec
        .rest
        .iter()
        .filter(|(name, _)| *name != field)
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    spec.rest = rest.into();
}

fn policy(r#type: &str, value: i32) -> HPAScalingPolicy {
    HPAScalingPolicy { r#type: r#type.into(), value, period_seconds: 15, ..Default::default() }
}

fn fill(rules: &mut HPAScalingRules, window: Option<i32>, policies: &[HPAScalingPolicy]) {
    rules.select_policy.get_or_insert_with(|| "Max".into());
    rules.stabilization_window_seconds = rules.stabilization_window_seconds.or(window);
    if rules.policies.is_empty() {
        rules.policies = policies.to_vec().into();
    }
}

pub(super) fn prepare_for_create(autoscaler: &mut HorizontalPodAutoscaler) {
    autoscaler.status = HorizontalPodAutoscalerStatus::default();
}

pub(super) fn prepare_for_update(new: &mut HorizontalPodAutoscaler, old: &HorizontalPodAutoscaler, part: Part) {
    match part {
        Part::Spec => new.status = old.status.clone(),
        Part::Status => {
            new.spec = old.spec.clone();
            new.metadata = old.metadata.clone();
        }
    }
}

pub(super) fn validate(autoscaler: &HorizontalPodAutoscaler, causes: &mut Causes) {
    let spec = &autoscaler.spec;
    let least = spec.min_replicas.unwrap_or(1);
    if least < 1 {
        causes.invalid(&SPEC.field("minReplicas"), least, "must be greater than or equal to 1");
    }
    let at = SPEC.field("maxReplicas");
    if spec.max_replicas == 0 {
        causes.required(&at, "must be set and greater than 0");
    } else if spec.max_replicas < 0 {
        causes.invalid(&at, spec.max_replicas, "must be greater than or equal to 1");
    }
    if spec.max_replicas < least {
        causes.invalid(&at, spec.max_replicas, "must be greater than or equal to `minReplicas`");
    }
    let at = SPEC.field("scaleTargetRef");
    for (name, value) in [("kind", &spec.scale_target_ref.kind), ("name", &spec.scale_target_ref.name)] {
        path_segment(value, &at.field(name), causes);
    }
    let at = SPEC.field("metrics");
    for (index, metric) in spec.metrics.iter().enumerate() {
        validate_metric(metric, &at.index(index), causes);
    }
    if let Some(behavior) = &spec.behavior {
        let at = SPEC.field("behavior");
        for (name, rules) in [("scaleUp", &behavior.scale_up), ("scaleDown", &behavior.scale_down)] {
            if let Some(rules) = rules {
                validate_rules(rules, &at.field(name), causes);
            }
        }
    }
}

/// Models: IsPathSegmentName in apimachinery/pkg/api/validate/content.
fn path_segment(value: &Str, at: &Path<'_>, causes: &mut Causes) {
    match value.as_str() {
        "" => causes.required(at, ""),
        "." | ".." => causes.invalid(at, value.as_str(), format_args!("may not be '{value}'")),
        text => {
            for sign in ['/', '%'] {
                if text.contains(sign) {
                    causes.invalid(at, text, format_args!("may not contain '{sign}'"));
                }
            }
        }
    }
}

fn validate_metric(metric: &MetricSpec, at: &Path<'_>, causes: &mut Causes) {
    let types: Vec<&str> = SOURCES.iter().map(|(r#type, _)| *r#type).collect();
    if metric.r#type.is_empty() {
        causes.required(&at.field("type"), "must specify a metric source type");
    }
    let expected = SOURCES.iter().find(|(r#type, _)| metric.r#type == *r#type).map(|(_, field)| *field);
    if expected.is_none() {
        causes.unsupported(&at.field("type"), metric.r#type.as_str(), &types);
    }
    // In the order in which the server looks; only the first one found is looked into.
    let present = |field: &str| match field {
        "resource" => metric.resource.is_some(),
        "containerResource" => metric.container_resource.is_some(),
        other => metric.rest.get(other).is_some_and(|source| !source.is_null()),
    };
    let found: Vec<&str> =
        ["object", "external", "pods", "resource", "containerResource"].into_iter().filter(|f| present(f)).collect();
    if let Some(first) = found.first() {
        validate_source(metric, first, &at.field(first), causes);
    }
    match expected {
        Some(field) if !present(field) => {
            causes.required(&at.field(field), "must populate information for the given metric source");
        }
        Some(_) => {}
        None => causes.unsupported(&at.field("type"), metric.r#type.as_str(), &types),
    }
    if found.len() != 1 {
        for field in found.into_iter().filter(|field| Some(*field) != expected) {
            causes.forbidden(&at.field(field), "must populate the given metric source only");
        }
    }
}

fn validate_source(metric: &MetricSpec, field: &str, at: &Path<'_>, causes: &mut Causes) {
    let of_resource = match field {
        "resource" => metric.resource.as_ref(),
        "containerResource" => metric.container_resource.as_ref(),
        _ => None,
    };
    let Some(source) = of_resource else {
        let source = metric.rest.get(field).cloned().unwrap_or_default();
        return validate_named_source(&source, field, at, causes);
    };
    if source.name.is_empty() {
        causes.required(&at.field("name"), "must specify a resource name");
    }
    if field == "containerResource" && source.container.is_empty() {
        causes.required(&at.field("container"), "must specify a container");
    }
    let (target, at) = (&source.target, at.field("target"));
    validate_target(target, &at, causes);
    match (target.average_utilization, &target.average_value) {
        (None, None) => causes
            .required(&at.field("averageUtilization"), "must set either a target raw value or a target utilization"),
        (Some(_), Some(_)) => {
            causes.forbidden(&at.field("averageValue"), "may not set both a target raw value and a target utilization");
        }
        _ => {}
    }
}

/// A metric that has a name of its own.
fn validate_named_source(source: &Value, field: &str, at: &Path<'_>, causes: &mut Causes) {
    let text = |pointer: &str| Str::from(source.pointer(pointer).and_then(Value::as_str).unwrap_or(""));
    if field == "object" {
        let at = at.field("describedObject");
        path_segment(&text("/describedObject/kind"), &at.field("kind"), causes);
        path_segment(&text("/describedObject/name"), &at.field("name"), causes);
    }
    let name = text("/metric/name");
    let metric_at = at.field("metric");
    if name.is_empty() {
        causes.required(&metric_at.field("name"), "must specify a metric name");
    } else {
        path_segment(&name, &metric_at.field("name"), causes);
    }
    let target = MetricTarget::read(source.get("target").cloned().unwrap_or_default());
    let at = at.field("target");
    validate_target(&target, &at, causes);
    let missing = match field {
        "pods" if target.average_value.is_none() => "must specify a positive target averageValue",
        "pods" => return,
        _ if target.value.is_some() || target.average_value.is_some() => {
            if field == "external" && target.value.is_some() && target.average_value.is_some() {
                causes.forbidden(&at.field("value"), "may not set both a target value for metric and a per-pod target");
            }
            return;
        }
        "external" => "must set either a target value for metric or a per-pod target",
        _ => "must set either a target value or averageValue",
    };
    causes.required(&at.field("averageValue"), missing);
}

fn validate_target(target: &MetricTarget, at: &Path<'_>, causes: &mut Causes) {
    if target.r#type.is_empty() {
        causes.required(&at.field("type"), "must specify a metric target type");
    }
    if !["Utilization", "Value", "AverageValue"].contains(&target.r#type.as_str()) {
        causes.invalid(&at.field("type"), target.r#type.as_str(), "must be either Utilization, Value, or AverageValue");
    }
    for (name, amount) in [("value", &target.value), ("averageValue", &target.average_value)] {
        if let Some(amount) = amount.as_ref().filter(|amount| amount.milli() <= 0) {
            causes.invalid(&at.field(name), amount.write(), "must be positive");
        }
    }
    if let Some(percent) = target.average_utilization.filter(|percent| *percent < 1) {
        causes.invalid(&at.field("averageUtilization"), percent, "must be greater than 0");
    }
}

fn validate_rules(rules: &HPAScalingRules, at: &Path<'_>, causes: &mut Causes) {
    let window_at = at.field("stabilizationWindowSeconds");
    match rules.stabilization_window_seconds {
        Some(window) if window < 0 => causes.invalid(&window_at, window, "must be greater than or equal to zero"),
        Some(window) if window > MAX_WINDOW_SECONDS => {
            causes.invalid(&window_at, window, format_args!("must be less than or equal to {MAX_WINDOW_SECONDS}"));
        }
        _ => {}
    }
    if let Some(policy) = &rules.select_policy {
        causes.one_of(&at.field("selectPolicy"), policy, &["Disabled", "Max", "Min"]);
    }
    let policies_at = at.field("policies");
    for (index, policy) in rules.policies.iter().enumerate() {
        let at = policies_at.index(index);
        causes.one_of(&at.field("type"), &policy.r#type, &["Percent", "Pods"]);
        if policy.value <= 0 {
            causes.invalid(&at.field("value"), policy.value, "must be greater than zero");
        }
        let period_at = at.field("periodSeconds");
        if policy.period_seconds <= 0 {
            causes.invalid(&period_at, policy.period_seconds, "must be greater than zero");
        } else if policy.period_seconds > MAX_PERIOD_SECONDS {
            causes.invalid(
                &period_at,
                policy.period_seconds,
                format_args!("must be less than or equal to {MAX_PERIOD_SECONDS}"),
            );
        }
    }
    if let Some(tolerance) = rules.tolerance.as_ref().filter(|tolerance| tolerance.milli() < 0) {
        causes.invalid(&at.field("tolerance"), tolerance.write(), "must be greater than or equal to 0");
    }
}

#[cfg(test)]
mod tests {
    use crate::registry::tests::{merged, refused};
    use expect_test::expect;
    use serde_json::{Value, json};

    fn autoscaler(fields: Value) -> Value {
        let sound = json!({"apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler", "metadata": {"name": "web"},
            "spec": {"maxReplicas": 3, "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}}});
        merged(sound, json!({"spec": fields}))
    }

    #[test]
    fn bounds_and_targets() {
        refused(autoscaler(json!({})), expect!["accepted"]);
        refused(
            autoscaler(json!({"maxReplicas": 0, "scaleTargetRef": {"name": "a/b"}})),
            expect![[r#"
            spec.maxReplicas: Required value: must be set and greater than 0
            spec.maxReplicas: Invalid value: 0: must be greater than or equal to `minReplicas`
            spec.scaleTargetRef.name: Invalid value: "a/b": may not contain '/'"#]],
        );
        refused(
            autoscaler(json!({"minReplicas": 0})),
            expect![[
                r#"HorizontalPodAutoscaler.autoscaling "web" is invalid: spec.minReplicas: Invalid value: 0: must be greater than or equal to 1"#
            ]],
        );
        refused(
            autoscaler(json!({"minReplicas": 5})),
            expect![[
                r#"HorizontalPodAutoscaler.autoscaling "web" is invalid: spec.maxReplicas: Invalid value: 3: must be greater than or equal to `minReplicas`"#
            ]],
        );
    }

    #[test]
    fn metrics() {
        refused(
            autoscaler(json!({"metrics": [{"type": "Resource"}]})),
            expect![[
                r#"HorizontalPodAutoscaler.autoscaling "web" is invalid: spec.metrics[0].resource: Required value: must populate information for the given metric source"#
            ]],
        );
        let target = json!({"type": "Utilization"});
        refused(
            autoscaler(json!({"metrics": [{"type": "Resource", "resource": {"name": "cpu", "target": target}}]})),
            expect![[
                r#"HorizontalPodAutoscaler.autoscaling "web" is invalid: spec.metrics[0].resource.target.averageUtilization: Required value: must set either a target raw value or a target utilization"#
            ]],
        );
        refused(
            autoscaler(json!({"metrics": [{"type": "Pod", "pods": {"metric": {"name": "hits"},
                "target": {"type": "AverageValue", "averageValue": "0"}}}]})),
            expect![[r#"
                spec.metrics[0].type: Unsupported value: "Pod": supported values: "ContainerResource", "External", "Object", "Pods", "Resource"
                spec.metrics[0].pods.target.averageValue: Invalid value: "0": must be positive"#]],
        );
    }

    #[test]
    fn behavior() {
        refused(
            autoscaler(json!({"behavior": {"scaleDown": {"stabilizationWindowSeconds": 4000, "selectPolicy": "Some",
                "policies": [{"type": "Pod", "value": 0, "periodSeconds": 3600}]}}})),
            expect![[r#"
                spec.behavior.scaleDown.stabilizationWindowSeconds: Invalid value: 4000: must be less than or equal to 3600
                spec.behavior.scaleDown.selectPolicy: Unsupported value: "Some": supported values: "Disabled", "Max", "Min"
                spec.behavior.scaleDown.policies[0].type: Unsupported value: "Pod": supported values: "Percent", "Pods"
                spec.behavior.scaleDown.policies[0].value: Invalid value: 0: must be greater than zero
                spec.behavior.scaleDown.policies[0].periodSeconds: Invalid value: 3600: must be less than or equal to 1800"#]],
        );
    }
}
