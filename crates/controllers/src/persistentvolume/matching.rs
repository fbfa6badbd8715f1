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
