//! What kinds with a pod template share. Models: pkg/apis/apps/validation/validation.go.

use super::check::{Causes, Path};
use super::{meta, names, pod};
use api::{IntOrString, LabelSelector, PodTemplateSpec, Wire};
use serde_json::Value;

/// The spec of an object.
pub(super) const SPEC: Path<'static> = Path::root("spec");

/// The template must make pods that the selector finds. A selector without conditions finds none.
pub(super) fn template_matches(
    selector: &LabelSelector,
    template: &PodTemplateSpec,
    at: &Path<'_>,
    causes: &mut Causes,
) {
    let labels = &template.metadata.labels;
    if selector.is_empty() || !selector.matches(labels) {
        labels_do_not_match(template, at, causes);
    }
}

/// The template makes pods that the selector does not find.
pub(super) fn labels_do_not_match(template: &PodTemplateSpec, at: &Path<'_>, causes: &mut Causes) {
    let labels = &template.metadata.labels;
    let shown = if labels.is_empty() { Value::Null } else { labels.write() };
    let at = at.field("metadata");
    causes.invalid(&at.field("labels"), shown, "`selector` does not match template `labels`");
}

/// Checks the selector and the template of a Deployment or ReplicaSet. Models: ValidatePodTemplateSpecForReplicaSet.
pub(super) fn selector_and_template(selector: &LabelSelector, template: &PodTemplateSpec, causes: &mut Causes) {
    let at = SPEC.field("selector");
    if selector.is_empty() {
        causes.required(&at, "");
    }
    meta::selector(selector, &at, causes);
    let at = SPEC.field("template");
    template_matches(selector, template, &at, causes);
    pod::validate_template(template, pod::Extra::default(), &at, causes);
    restarts_always(template, "ReplicaSet", &at, causes);
}

/// Refuses another selector.
pub(super) fn same_selector(new: &LabelSelector, old: &LabelSelector, causes: &mut Causes) {
    if new != old {
        let shown = meta::selector_text(new);
        causes.told(&SPEC.field("selector"), "Invalid value", &shown, "field is immutable");
    }
}

/// Pods of lasting workloads are restarted whatever happens, and have no deadline.
pub(super) fn restarts_always(template: &PodTemplateSpec, kind: &str, at: &Path<'_>, causes: &mut Causes) {
    let at = at.field("spec");
    causes.one_of(&at.field("restartPolicy"), &template.spec.restart_policy, &["Always"]);
    if template.spec.active_deadline_seconds.is_some() {
        let detail = format!("activeDeadlineSeconds in {kind} is not Supported");
        causes.forbidden(&at.field("activeDeadlineSeconds"), &detail);
    }
}

/// Checks a count or percentage.
pub(super) fn count_or_percent(value: &IntOrString, at: &Path<'_>, causes: &mut Causes) {
    match value {
        IntOrString::Int(count) => causes.non_negative(at, *count),
        IntOrString::Text(text) => causes.each_invalid(at, text, names::percent(text)),
    }
}

/// Checks that a percentage is at most all.
pub(super) fn at_most_all(value: &IntOrString, at: &Path<'_>, causes: &mut Causes) {
    if let IntOrString::Text(text) = value
        && names::percent(text).is_empty()
        && number(value) > 100
    {
        causes.invalid(at, text.as_str(), "must not be greater than 100%");
    }
}

/// The number of a count or percentage; 0 if it is neither.
pub(super) fn number(value: &IntOrString) -> i64 {
    match value {
        IntOrString::Int(count) => i64::from(*count),
        IntOrString::Text(text) => text.trim_end_matches('%').parse().unwrap_or(0),
    }
}
