//! Claims and volumes: binding, provisioning, reclaiming, protection.
//!
//! Models: pkg/controller/volume/persistentvolume/pv_controller.go, pvcprotection, pvprotection, and the
//! external-provisioner and external-resizer sidecars for every class that names a provisioner.

mod binder;
mod matching;
mod protection;
mod provisioner;
mod reclaim;
mod resizer;

pub use binder::CONTROLLER as BINDER;
pub use protection::{CLAIM_PROTECTION, VOLUME_PROTECTION};
pub use provisioner::CONTROLLER as PROVISIONER;
pub use reclaim::CONTROLLER as RECLAIMER;
pub use resizer::CONTROLLER as RESIZER;

use api::{PersistentVolume, PersistentVolumeClaim};

/// Who speaks in events of the binder.
const COMPONENT: &str = "persistentvolume-controller";
/// The scheduler's choice of a node, which lets a delayed claim go on.
const SELECTED_NODE: &str = "volume.kubernetes.io/selected-node";
const BIND_COMPLETED: &str = "pv.kubernetes.io/bind-completed";
const BOUND_BY_CONTROLLER: &str = "pv.kubernetes.io/bound-by-controller";
const PROVISIONED_BY: &str = "pv.kubernetes.io/provisioned-by";
const STORAGE_PROVISIONER: &str = "volume.kubernetes.io/storage-provisioner";
const BETA_STORAGE_PROVISIONER: &str = "volume.beta.kubernetes.io/storage-provisioner";
/// What named the class of a claim before there was a field.
const BETA_CLASS: &str = "volume.beta.kubernetes.io/storage-class";
const DOC: &str = "concepts/storage/persistent-volumes/";

/// The class a claim names: the old annotation first, then the field.
fn class_of(claim: &PersistentVolumeClaim) -> api::Str {
    match claim.metadata.annotations.get(BETA_CLASS) {
        Some(class) => class.clone(),
        None => claim.spec.storage_class_name.clone().unwrap_or_default(),
    }
}

/// Whether a volume's claim reference means this very claim.
fn is_for(volume: &PersistentVolume, claim: &PersistentVolumeClaim) -> bool {
    volume.spec.claim_ref.as_ref().is_some_and(|r| {
        r.name == claim.metadata.name
            && r.namespace == claim.metadata.namespace
            && (r.uid.is_empty() || r.uid == claim.metadata.uid)
    })
}
