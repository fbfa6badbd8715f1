//! ReplicationControllers: defaults, checks, what may change.
//! Models: pkg/apis/core/v1/defaults.go, ValidateReplicationControllerSpec in pkg/apis/core/validation,
//! pkg/registry/core/replicationcontroller/strategy.go.

use super::check::Causes;
use super::workload::{self, SPEC};
use super::{Part, pod};
use api::{ReplicaSetStatus, ReplicationController};

pub(super) fn default(controller: &mut ReplicationController) {
    controller.spec.replicas.get_or_insert(1);
    let Some(template) = &mut controller.spec.template else { return };
    pod::default_template(template);
    for labels in [&mut controller.spec.selector, &mut controller.metadata.labels] {
        if labels.is_empty() {
            *labels = template.metadata.labels.clone();
        }
    }
}

pub(super) fn prepare_for_create(controller: &mut ReplicationController) {
    controller.metadata.generation = 1;
    controller.status = ReplicaSetStatus::default();
}

pub(super) fn prepare_for_update(new: &mut ReplicationController, old: &ReplicationController, part: Part) {
    keep_other_part!(new, old, part);
}

pub(super) fn validate(controller: &ReplicationController, causes: &mut Causes) {
    let spec = &controller.spec;
    causes.non_negative(&SPEC.field("minReadySeconds"), spec.min_ready_seconds);
    if spec.selector.is_empty() {
        causes.required(&SPEC.field("selector"), "");
    }
    causes.non_negative(&SPEC.field("replicas"), spec.replicas.unwrap_or(0));
    let at = SPEC.field("template");
    let Some(template) = &spec.template else { return causes.required(&at, "") };
    if spec.selector.iter().any(|(key, value)| template.metadata.labels.get(key) != Some(value)) {
        workload::labels_do_not_match(template, &at, causes);
    }
    pod::validate_template(template, pod::Extra::default(), &at, causes);
    workload::restarts_always(template, "ReplicationController", &at, causes);
}

pub(super) fn validate_update(new: &ReplicationController, old: &ReplicationController, causes: &mut Causes) {
    if new.spec != old.spec {
        validate(new, causes);
    }
}
