//! PersistentVolumeClaims. Models: pkg/apis/core/v1/defaults.go, pkg/apis/core/validation ValidatePersistentVolumeClaim.

use super::Part;
use api::{Cause, PersistentVolumeClaim, PersistentVolumeClaimSpec, PersistentVolumeClaimStatus};

pub(super) fn default(claim: &mut PersistentVolumeClaim) {
    if claim.spec.volume_mode.is_empty() {
        claim.spec.volume_mode = "Filesystem".into();
    }
}

pub(super) fn prepare_for_create(claim: &mut PersistentVolumeClaim) {
    claim.status = PersistentVolumeClaimStatus { phase: "Pending".into(), ..Default::default() };
}

pub(super) fn prepare_for_update(new: &mut PersistentVolumeClaim, old: &PersistentVolumeClaim, part: Part) {
    match part {
        Part::Spec => new.status = old.status.clone(),
        Part::Status => {
            new.spec = old.spec.clone();
            new.metadata = old.metadata.clone();
        }
    }
}

pub(super) fn validate(claim: &PersistentVolumeClaim) -> Vec<Cause> {
    validate_spec(&claim.spec, "spec")
}

/// Everything that is wrong with the spec of a claim (or claim template) found at `path`.
pub(super) fn validate_spec(spec: &PersistentVolumeClaimSpec, path: &str) -> Vec<Cause> {
    let mut causes = Vec::new();
    if spec.access_modes.is_empty() {
        causes.push(Cause::required(format!("{path}.accessModes"), "at least 1 access mode is required"));
    }
    if !spec.resources.requests.has("storage") {
        causes.push(Cause::required(format!("{path}.resources[storage]"), ""));
    }
    causes
}

pub(super) fn validate_update(new: &PersistentVolumeClaim, old: &PersistentVolumeClaim) -> Vec<Cause> {
    let mut causes = validate(new);
    let mut comparable = new.spec.clone();
    comparable.resources.requests = old.spec.resources.requests.clone();
    if old.spec.volume_name.is_empty() {
        comparable.volume_name = old.spec.volume_name.clone();
    }
    if old.spec.storage_class_name.is_none() {
        // A class may be given later to a claim that has none yet.
        comparable.storage_class_name = None;
    }
    if comparable != old.spec {
        causes.push(Cause::forbidden(
            "spec",
            "spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims",
        ));
    }
    causes
}
