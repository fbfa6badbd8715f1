//! ReplicationControllers: defaults, checks, what may change.
//! Models: pkg/apis/core/v1/defaults.go, ValidateReplicationControllerSpec in pkg/apis/core/validation,
//! pkg/registry/core/replicationcontroller/strategy.go.

use super::replicaset::{check_template, not_negative};
use super::{Part, pod};
use api::{Cause, ReplicaSetStatus, ReplicationController};

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

pub(super) fn validate(controller: &ReplicationController) -> Vec<Cause> {
    let spec = &controller.spec;
    let mut causes = Vec::new();
    not_negative("spec.minReadySeconds", Some(spec.min_ready_seconds), &mut causes);
    if spec.selector.is_empty() {
        causes.push(Cause::required("spec.selector", ""));
    }
    not_negative("spec.replicas", spec.replicas, &mut causes);
    match &spec.template {
        None => causes.push(Cause::required("spec.template", "")),
        Some(template) => {
            let matches = |labels: &api::StrMap| spec.selector.iter().all(|(k, v)| labels.get(k) == Some(v));
            check_template(template, matches, "ReplicationController", &mut causes);
        }
    }
    causes
}
