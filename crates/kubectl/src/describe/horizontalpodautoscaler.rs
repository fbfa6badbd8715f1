//! HorizontalPodAutoscalers. Models: describeHorizontalPodAutoscalerV2.

use super::text::Text;
use crate::fields::{at, scalar, text as field};
use api::{HPAScalingRules, HorizontalPodAutoscaler, Wire};
use serde_json::Value;

pub(super) fn describe(text: &mut Text, autoscaler: &HorizontalPodAutoscaler) -> bool {
    let (meta, spec) = (&autoscaler.metadata, &autoscaler.spec);
    text.field(0, "Name", &meta.name);
    text.field(0, "Namespace", &meta.namespace);
    text.labels("Labels", &meta.labels);
    text.annotations("Annotations", &meta.annotations);
    let created = meta.creation_timestamp.map(|time| time.rfc1123z()).unwrap_or_default();
    text.field(0, "CreationTimestamp", created);
    text.field(0, "Reference", format_args!("{}/{}", spec.scale_target_ref.kind, spec.scale_target_ref.name));
    text.field(0, "Metrics", "( current / target )");
    let status = autoscaler.status.current_metrics.clone().unwrap_or_default();
    for (index, metric) in spec.metrics.iter().enumerate() {
        let current = status.get(index).map(Wire::write).unwrap_or_default();
        metric_line(text, &metric.write(), &current);
    }
    text.field(0, "Min replicas", spec.min_replicas.map_or_else(|| "<unset>".to_owned(), |least| least.to_string()));
    text.field(0, "Max replicas", spec.max_replicas);
    if let Some(behavior) = &spec.behavior {
        text.line(0, "Behavior:");
        direction(text, "Scale Up", behavior.scale_up.as_ref());
        direction(text, "Scale Down", behavior.scale_down.as_ref());
    }
    let (current, desired) = (autoscaler.status.current_replicas, autoscaler.status.desired_replicas);
    let pods = format!("{} pods", spec.scale_target_ref.kind);
    text.field(0, &pods, format_args!("{current} current / {desired} desired"));
    for (index, condition) in autoscaler.status.conditions.iter().enumerate() {
        if index == 0 {
            text.line(0, "Conditions:");
            text.line(1, "Type\tStatus\tReason\tMessage");
            text.line(1, "----\t------\t------\t-------");
        }
        let (r#type, status) = (&condition.r#type, &condition.status);
        text.line(1, format_args!("{type}\t{status}\t{}\t{}", condition.reason, condition.message));
    }
    true
}

fn metric_line(text: &mut Text, metric: &Value, current: &Value) {
    let or_unknown = |value: &Value| if value.is_null() { "<unknown>".to_owned() } else { scalar(value) };
    let measured = |path: &str| or_unknown(at(current, path));
    let target = |path: &str| scalar(at(metric, path));
    match field(metric, "type") {
        "External" => {
            let name = field(metric, "external.metric.name");
            let (words, value) = match at(metric, "external.target.averageValue") {
                Value::Null => ("target value", "value"),
                _ => ("target average value", "averageValue"),
            };
            let (now, goal) =
                (measured(&format!("external.current.{value}")), target(&format!("external.target.{value}")));
            text.line(1, format_args!("\"{name}\" ({words}):\t{now} / {goal}"));
        }
        "Pods" => {
            let name = field(metric, "pods.metric.name");
            let (now, goal) = (measured("pods.current.averageValue"), target("pods.target.averageValue"));
            text.line(1, format_args!("\"{name}\" on pods:\t{now} / {goal}"));
        }
        "Object" => {
            let (name, of) = (field(metric, "object.metric.name"), "object.describedObject");
            let (kind, object) = (field(metric, &format!("{of}.kind")), field(metric, &format!("{of}.name")));
            let average = field(metric, "object.target.type") == "AverageValue";
            let (words, value) =
                if average { ("target average value", "averageValue") } else { ("target value", "value") };
            let (now, goal) = (measured(&format!("object.current.{value}")), target(&format!("object.target.{value}")));
            text.line(1, format_args!("\"{name}\" on {kind}/{object} ({words}):\t{now} / {goal}"));
        }
        kind @ ("Resource" | "ContainerResource") => {
            let source = if kind == "Resource" { "resource" } else { "containerResource" };
            let mut what = format!("resource {} on pods", field(metric, &format!("{source}.name")));
            if kind == "ContainerResource" {
                let container = field(metric, "containerResource.container");
                what = format!(
                    "resource {} of container \"{container}\" on pods",
                    field(metric, "containerResource.name")
                );
            }
            let current_of = |name: &str| at(current, &format!("{source}.current.{name}")).clone();
            let target_of = |name: &str| at(metric, &format!("{source}.target.{name}")).clone();
            let average = target_of("averageValue");
            if !average.is_null() {
                let now = or_unknown(&current_of("averageValue"));
                text.line(1, format_args!("{what}:\t{now} / {}", scalar(&average)));
                return;
            }
            let now = match current_of("averageUtilization") {
                Value::Null => "<unknown>".to_owned(),
                percent => format!("{}% ({})", scalar(&percent), scalar(&current_of("averageValue"))),
            };
            let goal = match target_of("averageUtilization") {
                Value::Null => "<auto>".to_owned(),
                percent => format!("{}%", scalar(&percent)),
            };
            text.line(1, format_args!("{what}  (as a percentage of request):\t{now} / {goal}"));
        }
        other => text.line(1, format_args!("<unknown metric type \"{other}\">")),
    }
}

fn direction(text: &mut Text, title: &str, rules: Option<&HPAScalingRules>) {
    let Some(rules) = rules else { return };
    text.line(1, format_args!("{title}:"));
    if let Some(window) = rules.stabilization_window_seconds {
        text.line(2, format_args!("Stabilization Window: {window} seconds"));
    }
    if rules.policies.is_empty() {
        return;
    }
    text.line(2, format_args!("Select Policy: {}", rules.select_policy.as_deref().unwrap_or("Max")));
    text.line(2, "Policies:");
    for policy in &rules.policies {
        let (value, period) = (policy.value, policy.period_seconds);
        text.line(3, format_args!("- Type: {}\tValue: {value}\tPeriod: {period} seconds", policy.r#type));
    }
}
