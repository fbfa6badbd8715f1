//! StorageClasses. Models: pkg/apis/storage/v1/defaults.go, pkg/apis/storage/validation.

use api::{Cause, StorageClass};

pub(super) fn default(class: &mut StorageClass) {
    if class.reclaim_policy.is_empty() {
        class.reclaim_policy = "Delete".into();
    }
    if class.volume_binding_mode.is_empty() {
        class.volume_binding_mode = "Immediate".into();
    }
}

pub(super) fn validate(class: &StorageClass) -> Vec<Cause> {
    if class.provisioner.is_empty() { vec![Cause::required("provisioner", "")] } else { Vec::new() }
}
