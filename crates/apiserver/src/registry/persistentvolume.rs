//! PersistentVolumes. Models: pkg/apis/core/v1/defaults.go, pkg/registry/core/persistentvolume/strategy.go.

use super::Part;
use api::{Cause, PersistentVolume, PersistentVolumeStatus};

pub(super) fn default(volume: &mut PersistentVolume) {
    let spec = &mut volume.spec;
    if spec.persistent_volume_reclaim_policy.is_empty() {
        spec.persistent_volume_reclaim_policy = "Retain".into();
    }
    if spec.volume_mode.is_empty() {
        spec.volume_mode = "Filesystem".into();
    }
}

pub(super) fn prepare_for_create(volume: &mut PersistentVolume) {
    volume.status = PersistentVolumeStatus { phase: "Pending".into(), ..Default::default() };
}

pub(super) fn prepare_for_update(new: &mut PersistentVolume, old: &PersistentVolume, part: Part) {
    match part {
        Part::Spec => new.status = old.status.clone(),
        Part::Status => {
            new.spec = old.spec.clone();
            new.metadata = old.metadata.clone();
        }
    }
}

pub(super) fn validate(volume: &PersistentVolume) -> Vec<Cause> {
    let mut causes = Vec::new();
    if volume.spec.access_modes.is_empty() {
        causes.push(Cause::required("spec.accessModes", ""));
    }
    if !volume.spec.capacity.has("storage") {
        causes.push(Cause::required("spec.capacity", ""));
    }
    causes
}

pub(super) fn validate_update(new: &PersistentVolume, _old: &PersistentVolume) -> Vec<Cause> {
    validate(new)
}
