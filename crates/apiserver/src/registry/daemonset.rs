//! DaemonSets: defaults, checks, what may change.
//! Models: pkg/apis/apps/v1/defaults.go, pkg/apis/apps/validation, pkg/registry/apps/daemonset/strategy.go.

use super::{Part, pod};
use api::{Cause, DaemonSet, IntOrString, RollingUpdateDaemonSet, Wire};

/// Counts the templates a DaemonSet has had; pods carry the number as a label.
pub(crate) const TEMPLATE_GENERATION: &str = "deprecated.daemonset.template.generation";

pub(super) fn default(set: &mut DaemonSet) {
    let spec = &mut set.spec;
    spec.revision_history_limit.get_or_insert(10);
    let strategy = &mut spec.update_strategy;
    if strategy.r#type.is_empty() {
        strategy.r#type = "RollingUpdate".into();
    }
    if strategy.r#type == "RollingUpdate" {
        let rolling = strategy.rolling_update.get_or_insert_with(RollingUpdateDaemonSet::default);
        rolling.max_unavailable.get_or_insert(IntOrString::Int(1));
        rolling.max_surge.get_or_insert(IntOrString::Int(0));
    }
    pod::default_template(&mut spec.template);
}

pub(super) fn prepare_for_create(set: &mut DaemonSet) {
    set.metadata.generation = 1;
    set.metadata.annotations = set.metadata.annotations.with(TEMPLATE_GENERATION, "1");
    set.status = Default::default();
}

pub(super) fn prepare_for_update(new: &mut DaemonSet, old: &DaemonSet, part: Part) {
    match part {
        Part::Spec => {
            new.status = old.status.clone();
            let count =
                old.metadata.annotations.get(TEMPLATE_GENERATION).and_then(|n| n.parse::<i64>().ok()).unwrap_or(1);
            let count = if new.spec.template == old.spec.template { count } else { count + 1 };
            new.metadata.annotations = new.metadata.annotations.with(TEMPLATE_GENERATION, count.to_string());
            if new.spec != old.spec {
                new.metadata.generation += 1;
            }
        }
        Part::Status => {
            new.spec = old.spec.clone();
            new.metadata = old.metadata.clone();
        }
    }
}

pub(super) fn validate(set: &DaemonSet) -> Vec<Cause> {
    let spec = &set.spec;
    let mut causes = Vec::new();
    if spec.selector.is_empty() {
        causes.push(Cause::invalid("spec.selector", spec.selector.write(), "empty selector is invalid for daemonset"));
    } else if !spec.selector.matches(&spec.template.metadata.labels) {
        let labels = spec.template.metadata.labels.write();
        causes.push(Cause::invalid(
            "spec.template.metadata.labels",
            labels,
            "`selector` does not match template `labels`",
        ));
    }
    causes.extend(pod::validate_spec(&spec.template.spec, "spec.template.spec"));
    if spec.template.spec.restart_policy != "Always" {
        causes.push(Cause::unsupported(
            "spec.template.spec.restartPolicy",
            &spec.template.spec.restart_policy,
            &["Always"],
        ));
    }
    causes
}

pub(super) fn validate_update(new: &DaemonSet, old: &DaemonSet) -> Vec<Cause> {
    let mut causes = validate(new);
    if new.spec.selector != old.spec.selector {
        causes.push(Cause::invalid("spec.selector", new.spec.selector.write(), "field is immutable"));
    }
    causes
}
