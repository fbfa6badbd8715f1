//! ReplicaSets: defaults, checks, what may change; and the checks of templates that Deployments and
//! ReplicationControllers share with them.
//! Models: pkg/apis/apps/v1/defaults.go, pkg/apis/apps/validation, pkg/registry/apps/replicaset/strategy.go.

use super::{Part, pod};
use api::{Cause, LabelSelector, PodTemplateSpec, ReplicaSet, ReplicaSetStatus, StrMap, Wire};

pub(super) fn default(set: &mut ReplicaSet) {
    set.spec.replicas.get_or_insert(1);
    pod::default_template(&mut set.spec.template);
}

pub(super) fn prepare_for_create(set: &mut ReplicaSet) {
    set.metadata.generation = 1;
    set.status = ReplicaSetStatus::default();
}

pub(super) fn prepare_for_update(new: &mut ReplicaSet, old: &ReplicaSet, part: Part) {
    match part {
        Part::Spec => {
            new.status = old.status.clone();
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

pub(super) fn validate(set: &ReplicaSet) -> Vec<Cause> {
    let spec = &set.spec;
    let mut causes = Vec::new();
    not_negative("spec.replicas", spec.replicas, &mut causes);
    not_negative("spec.minReadySeconds", Some(spec.min_ready_seconds), &mut causes);
    selector_and_template(&spec.selector, &spec.template, &mut causes);
    causes
}

pub(super) fn validate_update(new: &ReplicaSet, old: &ReplicaSet) -> Vec<Cause> {
    let mut causes = validate(new);
    same_selector(&new.spec.selector, &old.spec.selector, &mut causes);
    causes
}

/// Refuses a number below zero.
pub(super) fn not_negative(field: &str, number: Option<i32>, causes: &mut Vec<Cause>) {
    if let Some(number) = number.filter(|number| *number < 0) {
        causes.push(Cause::invalid(field, number, "must be greater than or equal to 0"));
    }
}

/// Checks the selector and the template of a Deployment or ReplicaSet.
pub(super) fn selector_and_template(selector: &LabelSelector, template: &PodTemplateSpec, causes: &mut Vec<Cause>) {
    if selector.is_empty() {
        causes.push(Cause::required("spec.selector", ""));
    }
    // Upstream's selector that is missing matches nothing, so the labels are wrong, too.
    let matches = |labels: &StrMap| !selector.is_empty() && selector.matches(labels);
    check_template(template, matches, "ReplicaSet", causes);
}

/// Checks the template of what keeps pods running. Models: ValidatePodTemplateSpecForReplicaSet and …ForRC.
pub(super) fn check_template(
    template: &PodTemplateSpec,
    matches: impl Fn(&StrMap) -> bool,
    kind: &str,
    causes: &mut Vec<Cause>,
) {
    let labels = &template.metadata.labels;
    if !matches(labels) {
        let detail = "`selector` does not match template `labels`";
        causes.push(Cause::invalid("spec.template.metadata.labels", labels.write(), detail));
    }
    let spec = &template.spec;
    causes.extend(pod::validate_spec(spec, "spec.template.spec"));
    if spec.restart_policy != "Always" {
        causes.push(Cause::unsupported("spec.template.spec.restartPolicy", &spec.restart_policy, &["Always"]));
    }
    if spec.active_deadline_seconds.is_some() {
        let detail = format!("activeDeadlineSeconds in {kind} is not Supported");
        causes.push(Cause::forbidden("spec.template.spec.activeDeadlineSeconds", &detail));
    }
}

/// Refuses another selector.
pub(super) fn same_selector(new: &LabelSelector, old: &LabelSelector, causes: &mut Vec<Cause>) {
    if new != old {
        causes.push(Cause::invalid("spec.selector", new.write(), "field is immutable"));
    }
}
