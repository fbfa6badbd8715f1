//! Which volume appears where in a container, and where its files are kept.
//! Models: pkg/kubelet/kubelet_pods.go makeMounts, pkg/volume/util/subpath.

use super::normal;
use crate::env::{Variables, expand};
use api::{PersistentVolume, PersistentVolumeClaim, Pod, Quantity, Str, Volume, VolumeMount};
use apiserver::Lister;
use serde_json::Value;

/// Where the files of a volume are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// With the pod, under the name of the volume (`emptyDir`).
    Pod(Str),
    /// With the machine, below this path (`hostPath`, local volumes).
    Machine(String),
    /// With a PersistentVolume, or whatever it stands for.
    Volume(Str),
    /// In objects: the volume of this name shows them.
    Objects(Str),
}

/// A volume in a container.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Mount {
    /// Where it appears, without a slash in front.
    pub(crate) path: String,
    pub(crate) place: Place,
    /// The part of the volume that appears, empty for all of it.
    pub(crate) sub_path: String,
    pub(crate) read_only: bool,
    /// What `df` calls it.
    pub(crate) device: String,
    pub(crate) size: Option<Quantity>,
}

/// Stands for a disk of its own, until it has a letter.
const DISK: &str = "/dev/vd";

/// The mounts of a container, those that lie in others after them.
pub(crate) fn mounts_of(pod: &Pod, mounts: &[VolumeMount], variables: &Variables, lister: Lister<'_>) -> Vec<Mount> {
    let mut found: Vec<Mount> = mounts.iter().filter_map(|mount| mount_of(pod, mount, variables, lister)).collect();
    for (mount, letter) in found.iter_mut().filter(|mount| mount.device == DISK).zip('b'..='z') {
        mount.device = format!("/dev/vd{letter}");
    }
    found.sort_by_key(|mount| mount.path.split('/').count());
    found
}

fn mount_of(pod: &Pod, mount: &VolumeMount, variables: &Variables, lister: Lister<'_>) -> Option<Mount> {
    let volume = pod.spec.volumes.iter().find(|volume| volume.name == mount.name)?;
    let sub_path = match mount.rest.get("subPathExpr").and_then(Value::as_str) {
        Some(text) => expand(text, variables),
        None => mount.sub_path.to_string(),
    };
    let made = |place: Place, device: String, size: Option<Quantity>, read_only: bool| Mount {
        path: normal(&mount.mount_path),
        place,
        sub_path: normal(&sub_path),
        read_only: mount.read_only || read_only,
        device,
        size,
    };
    let source = |name: &str| volume.rest.get(name);
    if let Some(host) = source("hostPath") {
        let path = host.get("path").and_then(Value::as_str).unwrap_or("/");
        return Some(made(Place::Machine(normal(path)), "/dev/vda1".to_owned(), None, false));
    }
    if let Some(empty) = source("emptyDir") {
        let in_memory = empty.get("medium").and_then(Value::as_str) == Some("Memory");
        let size = empty.get("sizeLimit").and_then(Value::as_str).and_then(Quantity::parse);
        let device = if in_memory { "tmpfs" } else { "/dev/vda1" };
        return Some(made(Place::Pod(volume.name.clone()), device.to_owned(), size.filter(|_| in_memory), false));
    }
    let objects = volume.config_map.is_some()
        || volume.secret.is_some()
        || source("projected").is_some()
        || source("downwardAPI").is_some();
    if objects {
        // These are read-only whatever the mount says.
        let device = if volume.config_map.is_some() { "/dev/vda1" } else { "tmpfs" };
        return Some(made(Place::Objects(volume.name.clone()), device.to_owned(), None, true));
    }
    let Some((claim, read_only)) = claim_of(pod, volume) else {
        // A source of another kind: what is written there stays with the pod.
        return Some(made(Place::Pod(volume.name.clone()), "/dev/vda1".to_owned(), None, false));
    };
    let claim = lister.get::<PersistentVolumeClaim>(&pod.metadata.namespace, &claim)?;
    let volume = lister.get::<PersistentVolume>("", &claim.spec.volume_name)?;
    let device = match disk_of_volume(volume) {
        Place::Machine(_) => "/dev/vda1".to_owned(),
        _ => DISK.to_owned(),
    };
    let size = claim.status.capacity.get("storage").cloned();
    Some(made(disk_of_volume(volume), device, size, read_only))
}

fn claim_of(pod: &Pod, volume: &Volume) -> Option<(Str, bool)> {
    if let Some(source) = &volume.persistent_volume_claim {
        return Some((source.claim_name.clone(), source.read_only));
    }
    volume.rest.get("ephemeral")?;
    Some((format!("{}-{}", pod.metadata.name, volume.name).into(), false))
}

/// Where the files of a PersistentVolume are kept: two that stand for one and the same disk or share have the same.
pub(crate) fn disk_of_volume(volume: &PersistentVolume) -> Place {
    let text = |source: &Value, field: &str| source.get(field).and_then(Value::as_str).unwrap_or("").to_owned();
    let rest = &volume.spec.rest;
    for kind in ["hostPath", "local"] {
        if let Some(source) = rest.get(kind) {
            return Place::Machine(normal(&text(source, "path")));
        }
    }
    if let Some(source) = rest.get("nfs") {
        return Place::Volume(format!("nfs:{}:{}", text(source, "server"), normal(&text(source, "path"))).into());
    }
    if let Some(source) = rest.get("csi") {
        return Place::Volume(format!("csi:{}:{}", text(source, "driver"), text(source, "volumeHandle")).into());
    }
    Place::Volume(format!("volume:{}", volume.metadata.uid).into())
}
