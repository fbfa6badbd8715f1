//! Which volume fits a claim best. Models: pkg/controller/volume/persistentvolume/index.go, volume.FindMatchingVolume.

use super::{class_of, is_for};
use api::{PersistentVolume, PersistentVolumeClaim, Quantity};
use std::rc::Rc;

/// The smallest available volume that fits, or one that was reserved for this claim.
///
/// With `delayed` only a reserved volume counts: all others are the scheduler's to choose.
pub(super) fn best<'a>(
    volumes: impl Iterator<Item = &'a Rc<PersistentVolume>>,
    claim: &PersistentVolumeClaim,
    delayed: bool,
) -> Option<&'a Rc<PersistentVolume>> {
    let mut smallest: Option<&Rc<PersistentVolume>> = None;
    for volume in volumes {
        if volume.metadata.is_terminating() || !fits_mode_and_size(volume, claim) {
            continue;
        }
        if volume.spec.claim_ref.is_some() {
            if is_for(volume, claim) {
                return Some(volume);
            }
            continue;
        }
        let selected = claim.spec.selector.as_ref().is_none_or(|s| s.matches(&volume.metadata.labels));
        let free = volume.status.phase == "Available" || volume.status.phase == "Pending";
        if delayed
            || !selected
            || !free
            || volume.spec.storage_class_name != class_of(claim)
            || !has_modes(volume, claim)
        {
            continue;
        }
        if smallest.is_none_or(|best| size(volume) < size(best)) {
            smallest = Some(volume);
        }
    }
    smallest
}

/// Why a volume that a claim names does not do. Models: checkVolumeSatisfyClaim.
pub(super) fn refusal(volume: &PersistentVolume, claim: &PersistentVolumeClaim) -> Option<String> {
    let asked = claim.spec.resources.requests.get("storage").map_or(0, Quantity::milli);
    let attributes = |rest: &api::Rest| rest.get("volumeAttributesClassName").cloned();
    Some(if volume.metadata.is_terminating() {
        format!("the volume is marked for deletion \"{}\"", volume.metadata.name)
    } else if size(volume) < asked {
        "requested PV is too small".to_owned()
    } else if volume.spec.storage_class_name != class_of(claim) {
        "storageClassName does not match".to_owned()
    } else if attributes(&volume.spec.rest) != attributes(&claim.spec.rest) {
        "volumeAttributesClassName does not match".to_owned()
    } else if volume.spec.volume_mode != claim.spec.volume_mode {
        "incompatible volumeMode".to_owned()
    } else if !has_modes(volume, claim) {
        "incompatible accessMode".to_owned()
    } else {
        return None;
    })
}

fn fits_mode_and_size(volume: &PersistentVolume, claim: &PersistentVolumeClaim) -> bool {
    let asked = claim.spec.resources.requests.get("storage").map_or(0, Quantity::milli);
    volume.spec.volume_mode == claim.spec.volume_mode && size(volume) >= asked
}

fn has_modes(volume: &PersistentVolume, claim: &PersistentVolumeClaim) -> bool {
    claim.spec.access_modes.iter().all(|mode| volume.spec.access_modes.contains(mode))
}

fn size(volume: &PersistentVolume) -> i64 {
    volume.spec.capacity.get("storage").map_or(0, Quantity::milli)
}
