//! ReplicaSets: defaults, checks, what may change.
//! Models: pkg/apis/apps/v1/defaults.go, pkg/apis/apps/validation, pkg/registry/apps/replicaset/strategy.go.

use super::check::Causes;
use super::workload::{self, SPEC};
use super::{Part, pod};
use api::{ReplicaSet, ReplicaSetStatus};

pub(super) fn default(set: &mut ReplicaSet) {
    set.spec.replicas.get_or_insert(1);
    pod::default_template(&mut set.spec.template);
}

pub(super) fn prepare_for_create(set: &mut ReplicaSet) {
    set.metadata.generation = 1;
    set.status = ReplicaSetStatus::default();
}

pub(super) fn prepare_for_update(new: &mut ReplicaSet, old: &ReplicaSet, part: Part) {
    keep_other_part!(new, old, part);
}

pub(super) fn validate(set: &ReplicaSet, causes: &mut Causes) {
    let spec = &set.spec;
    causes.non_negative(&SPEC.field("replicas"), spec.replicas.unwrap_or(0));
    causes.non_negative(&SPEC.field("minReadySeconds"), spec.min_ready_seconds);
    workload::selector_and_template(&spec.selector, &spec.template, causes);
}

pub(super) fn validate_update(new: &ReplicaSet, old: &ReplicaSet, causes: &mut Causes) {
    if new.spec == old.spec {
        return;
    }
    validate(new, causes);
    workload::same_selector(&new.spec.selector, &old.spec.selector, causes);
}
