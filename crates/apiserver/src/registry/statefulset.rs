//! StatefulSets: defaults, checks, what may change.
//! Models: pkg/apis/apps/v1/defaults.go, pkg/apis/apps/validation, pkg/registry/apps/statefulset/strategy.go.

use super::{Part, persistentvolumeclaim, pod};
use api::{Cause, ClaimRetentionPolicy, PersistentVolumeClaim, RollingUpdateStatefulSet, StatefulSet};

const MUTABLE: &str = "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden";

pub(super) fn default(set: &mut StatefulSet) {
    let spec = &mut set.spec;
    spec.replicas.get_or_insert(1);
    spec.revision_history_limit.get_or_insert(10);
    if spec.pod_management_policy.is_empty() {
        spec.pod_management_policy = "OrderedReady".into();
    }
    let strategy = &mut spec.update_strategy;
    if strategy.r#type.is_empty() {
        strategy.r#type = "RollingUpdate".into();
        // Only an author who names no type gets the block.
        strategy.rolling_update.get_or_insert_with(RollingUpdateStatefulSet::default);
    }
    if let Some(rolling) = &mut strategy.rolling_update {
        rolling.partition.get_or_insert(0);
        // Gate MaxUnavailableStatefulSet is off in v1.36: the field is dropped on write.
        rolling.rest = Default::default();
    }
    let policy = spec.persistent_volume_claim_retention_policy.get_or_insert_with(ClaimRetentionPolicy::default);
    for field in [&mut policy.when_deleted, &mut policy.when_scaled] {
        if field.is_empty() {
            *field = "Retain".into();
        }
    }
    pod::default_template(&mut spec.template);
    let claims: Vec<PersistentVolumeClaim> = spec.volume_claim_templates.iter().map(default_claim).collect();
    if claims[..] != spec.volume_claim_templates[..] {
        spec.volume_claim_templates = claims.into();
    }
}

/// A claim template carries its type and a pending status, as the real server prints it.
fn default_claim(template: &PersistentVolumeClaim) -> PersistentVolumeClaim {
    let mut claim = template.clone();
    claim.rest = claim.rest.with("apiVersion", "v1".into()).with("kind", "PersistentVolumeClaim".into());
    persistentvolumeclaim::default(&mut claim);
    claim.status.phase = "Pending".into();
    claim
}

pub(super) fn prepare_for_create(set: &mut StatefulSet) {
    set.metadata.generation = 1;
    set.status = Default::default();
}

pub(super) fn prepare_for_update(new: &mut StatefulSet, old: &StatefulSet, part: Part) {
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

pub(super) fn validate(set: &StatefulSet) -> Vec<Cause> {
    let spec = &set.spec;
    let mut causes = Vec::new();
    if spec.selector.is_empty() {
        causes.push(Cause::required("spec.selector", "empty selector is invalid for statefulset"));
    } else if !spec.selector.matches(&spec.template.metadata.labels) {
        let labels = api::Wire::write(&spec.template.metadata.labels);
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

pub(super) fn validate_update(new: &StatefulSet, old: &StatefulSet) -> Vec<Cause> {
    let mut causes = validate(new);
    let mut comparable = new.spec.clone();
    comparable.replicas = old.spec.replicas;
    comparable.ordinals = old.spec.ordinals.clone();
    comparable.template = old.spec.template.clone();
    comparable.update_strategy = old.spec.update_strategy.clone();
    comparable.revision_history_limit = old.spec.revision_history_limit;
    comparable.persistent_volume_claim_retention_policy = old.spec.persistent_volume_claim_retention_policy.clone();
    comparable.min_ready_seconds = old.spec.min_ready_seconds;
    if comparable != old.spec {
        causes.push(Cause::forbidden("spec", MUTABLE));
    }
    causes
}
