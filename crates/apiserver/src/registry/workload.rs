//! What kinds with a pod template share. Models: pkg/apis/apps/validation/validation.go.

use super::check::{Causes, Path};
use super::{meta, names, pod};
use api::{IntOrString, LabelSelector, PodTemplateSpec, RequiredSelector, Wire};
use serde_json::Value;

/// The spec of an object.
pub(super) const SPEC: Path<'static> = Path::root("spec");

/// The template must make pods that the selector finds. A selector that is missing finds none, one without conditions
/// all.
pub(super) fn template_matches(
    selector: &RequiredSelector,
    template: &PodTemplateSpec,
    at: &Path<'_>,
    causes: &mut Causes,
) {
    let labels = &template.metadata.labels;
    if !selector.is_given() || !selector.matches(labels) {
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
pub(super) fn selector_and_template(selector: &RequiredSelector, template: &PodTemplateSpec, causes: &mut Causes) {
    required_selector(selector, "deployment", causes);
    let at = SPEC.field("template");
    template_matches(selector, template, &at, causes);
    pod::validate_template(template, pod::Extra::default(), &at, causes);
    restarts_always(template, "ReplicaSet", &at, causes);
}

/// Checks a selector that must be there; what is without conditions is refused in the name of `what` (a ReplicaSet's
/// says deployment, too).
pub(super) fn required_selector(selector: &RequiredSelector, what: &str, causes: &mut Causes) {
    let at = SPEC.field("selector");
    if !selector.is_given() {
        return causes.required(&at, "");
    }
    meta::selector(selector, &at, causes);
    no_empty_selector(selector, what, causes);
}

/// Refuses a selector that is there but has no conditions.
pub(super) fn no_empty_selector(selector: &RequiredSelector, what: &str, causes: &mut Causes) {
    if selector.is_given() && selector.is_empty() {
        let detail = format!("empty selector is invalid for {what}");
        causes.told(&SPEC.field("selector"), "Invalid value", &meta::selector_text(selector), &detail);
    }
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
