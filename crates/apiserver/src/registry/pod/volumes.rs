//! Volumes and where they are mounted. Models: ValidateVolumes, validateVolumeSource, ValidateVolumeMounts and
//! ValidateVolumeDevices of pkg/apis/core/validation/validation.go.

use super::validate::{Place, Text, array};
use super::{containers, resources};
use crate::registry::check::{Causes, Path};
use crate::registry::{meta, names, persistentvolumeclaim};
use api::{Container, FieldSelector, PersistentVolumeClaim, PodSpec, Quantity, Volume, Wire};
use serde_json::Value;
use std::collections::BTreeSet;

const FILE_MODE: &str = "must be a number between 0 and 0777 (octal), both inclusive";
/// The kinds of volumes, in the order in which they are looked at. Those without a check of their own are kept as given.
const SOURCES: [&str; 30] = [
    "emptyDir",
    "hostPath",
    "gitRepo",
    "gcePersistentDisk",
    "awsElasticBlockStore",
    "secret",
    "nfs",
    "iscsi",
    "glusterfs",
    "flocker",
    "persistentVolumeClaim",
    "rbd",
    "cinder",
    "cephfs",
    "quobyte",
    "downwardAPI",
    "fc",
    "flexVolume",
    "configMap",
    "azureFile",
    "vsphereVolume",
    "photonPersistentDisk",
    "portworxVolume",
    "azureDisk",
    "storageos",
    "projected",
    "scaleIO",
    "csi",
    "ephemeral",
    "image",
];

/// A volume that containers may mount.
pub(super) struct Known<'a> {
    name: &'a str,
    is_claim: bool,
}

/// Checks the volumes and answers with those that may be mounted.
pub(super) fn validate<'a>(spec: &'a PodSpec, place: Place<'a>, at: &Path<'_>, causes: &mut Causes) -> Vec<Known<'a>> {
    let mut known: Vec<Known<'a>> = Vec::new();
    let mut position = 0;
    let claims: &'a [PersistentVolumeClaim] = match place {
        Place::Template(extra) => extra.claims,
        Place::Pod(_) => &[],
    };
    // The claims of a StatefulSet come first and hide volumes of the same name.
    for claim in claims {
        let at = at.index(position);
        position += 1;
        add(&claim.metadata.name, true, &at, causes.len(), &mut known, causes);
    }
    let made = |volume: &Volume| match place {
        Place::Pod(pod) => volume.rest.get("ephemeral").map(|_| format!("{pod}-{}", volume.name)),
        Place::Template(_) => None,
    };
    let made: Vec<String> = spec.volumes.iter().filter_map(made).collect();
    for volume in &spec.volumes {
        if claims.iter().any(|claim| claim.metadata.name == volume.name) {
            continue;
        }
        let at = at.index(position);
        position += 1;
        let before = causes.len();
        source(volume, place, &at, causes);
        let is_claim = volume.persistent_volume_claim.is_some() || volume.rest.get("ephemeral").is_some();
        add(&volume.name, is_claim, &at, before, &mut known, causes);
        if let Some(claim) = &volume.persistent_volume_claim
            && made.iter().any(|name| claim.claim_name == name.as_str())
        {
            let detail = "must not reference a PVC that gets created for an ephemeral volume";
            let at = at.field("persistentVolumeClaim");
            causes.invalid(&at.field("claimName"), claim.claim_name.as_str(), detail);
        }
    }
    known
}

/// Checks the name; a volume that is wrong in some way cannot be mounted.
fn add<'a>(
    name: &'a str,
    is_claim: bool,
    at: &Path<'_>,
    before: usize,
    known: &mut Vec<Known<'a>>,
    causes: &mut Causes,
) {
    if name.is_empty() {
        causes.required(&at.field("name"), "");
    } else {
        meta::name(name, &at.field("name"), names::dns_label, causes);
    }
    if known.iter().any(|volume| volume.name == name) {
        causes.duplicate(&at.field("name"), name);
    }
    if causes.len() == before {
        known.push(Known { name, is_claim });
    }
}

fn source(volume: &Volume, place: Place<'_>, at: &Path<'_>, causes: &mut Causes) {
    let is_given = |name: &&str| match *name {
        "secret" => volume.secret.is_some(),
        "configMap" => volume.config_map.is_some(),
        "persistentVolumeClaim" => volume.persistent_volume_claim.is_some(),
        other => volume.rest.get(other).is_some(),
    };
    let mut given = SOURCES.iter().filter(|name| is_given(name));
    let Some(first) = given.next() else { return causes.required(at, "must specify a volume type") };
    match volume.rest.get(first) {
        Some(value) => other_source(first, value, &at.field(first), causes),
        None => typed_source(volume, &at.field(first), causes),
    }
    if let Place::Pod(pod) = place
        && *first == "ephemeral"
    {
        let claim = format!("{pod}-{}", volume.name);
        for wrong in names::dns_subdomain(&claim) {
            let detail = format!("PVC name {}: {wrong}", schema::go_quote(&claim));
            causes.invalid(&at.field("name"), volume.name.as_str(), detail);
        }
    }
    for name in given {
        causes.forbidden(&at.field(name), "may not specify more than 1 volume type");
    }
}

fn typed_source(volume: &Volume, at: &Path<'_>, causes: &mut Causes) {
    let required = |text: &str, at: &Path<'_>, causes: &mut Causes| {
        if text.is_empty() {
            causes.required(at, "");
        }
    };
    if let Some(secret) = &volume.secret {
        required(&secret.secret_name, &at.field("secretName"), causes);
        mode(secret.default_mode.map(i64::from), &at.field("defaultMode"), causes);
        items(secret.rest.get("items"), at, causes);
    } else if let Some(claim) = &volume.persistent_volume_claim {
        required(&claim.claim_name, &at.field("claimName"), causes);
    } else if let Some(map) = &volume.config_map {
        required(&map.name, &at.field("name"), causes);
        mode(map.default_mode.map(i64::from), &at.field("defaultMode"), causes);
        items(map.rest.get("items"), at, causes);
    }
}

fn other_source(name: &str, value: &Value, at: &Path<'_>, causes: &mut Causes) {
    match name {
        "emptyDir" => {
            let limit = value.get("sizeLimit").map(|limit| Quantity::read(limit.clone()));
            if limit.is_some_and(|limit| limit.milli() < 0) {
                causes.forbidden(&at.field("sizeLimit"), "SizeLimit field must be a valid resource quantity");
            }
        }
        "hostPath" => host_path(value, at, causes),
        "nfs" => nfs(value, at, causes),
        "downwardAPI" => {
            mode(value.get("defaultMode").and_then(Value::as_i64), &at.field("defaultMode"), causes);
            // Upstream does not number the files.
            array(value.get("items")).iter().for_each(|file| downward_file(file, at, causes));
        }
        "projected" => projected(value, at, causes),
        "csi" => csi_driver(value.get("driver").and_then(Value::as_str).unwrap_or(""), &at.field("driver"), causes),
        "ephemeral" => ephemeral(value, at, causes),
        _ => {}
    }
}

/// Checks a directory of the node.
pub(in crate::registry) fn host_path(value: &Value, at: &Path<'_>, causes: &mut Causes) {
    let text = |field: &str| value.get(field).and_then(Value::as_str).unwrap_or("");
    if text("path").is_empty() {
        return causes.required(&at.field("path"), "");
    }
    no_backsteps(text("path"), &at.field("path"), causes);
    let types = ["", "BlockDevice", "CharDevice", "Directory", "DirectoryOrCreate", "File", "FileOrCreate", "Socket"];
    causes.one_of(&at.field("type"), text("type"), &types);
}

fn nfs(value: &Value, at: &Path<'_>, causes: &mut Causes) {
    let text = |field: &str| value.get(field).and_then(Value::as_str).unwrap_or("");
    for field in ["server", "path"] {
        if text(field).is_empty() {
            causes.required(&at.field(field), "");
        }
    }
    if !text("path").is_empty() && !text("path").starts_with('/') {
        causes.invalid(&at.field("path"), text("path"), "must be an absolute path");
    }
}

/// Checks the name of a driver.
pub(in crate::registry) fn csi_driver(name: &str, at: &Path<'_>, causes: &mut Causes) {
    if name.is_empty() {
        return causes.required(at, "");
    }
    if name.len() > 63 {
        causes.too_long(at, 63);
    }
    causes.each_invalid(at, name, names::dns_subdomain(&name.to_lowercase()));
}

fn ephemeral(value: &Value, at: &Path<'_>, causes: &mut Causes) {
    let at_template = at.field("volumeClaimTemplate");
    match value.get("volumeClaimTemplate") {
        None => causes.required(&at_template, ""),
        Some(template) => {
            let claim = PersistentVolumeClaim::read(template.clone());
            let meta_at = at_template.field("metadata");
            meta::annotations(&claim.metadata.annotations, &meta_at.field("annotations"), causes);
            meta::labels(&claim.metadata.labels, &meta_at.field("labels"), causes);
            persistentvolumeclaim::validate_spec(&claim.spec, &at_template.field("spec"), causes);
        }
    }
}

fn projected(value: &Value, at: &Path<'_>, causes: &mut Causes) {
    mode(value.get("defaultMode").and_then(Value::as_i64), &at.field("defaultMode"), causes);
    let sources = at.field("sources");
    for (i, source) in array(value.get("sources")).iter().enumerate() {
        let at = sources.index(i);
        let kinds =
            ["secret", "configMap", "downwardAPI", "serviceAccountToken", "clusterTrustBundle", "podCertificate"];
        let given: Vec<(&str, &Value)> = kinds.iter().filter_map(|kind| Some((*kind, source.get(kind)?))).collect();
        for (kind, value) in &given {
            projection(kind, value, &at.field(kind), causes);
        }
        if given.len() > 1 {
            causes.forbidden(&at, "may not specify more than 1 volume type per source");
        }
    }
}

fn projection(kind: &str, value: &Value, at: &Path<'_>, causes: &mut Causes) {
    let text = |field: &str| value.get(field).and_then(Value::as_str).unwrap_or("");
    match kind {
        "secret" | "configMap" => {
            if text("name").is_empty() {
                causes.required(&at.field("name"), "");
            }
            items(value.get("items"), at, causes);
        }
        "downwardAPI" => array(value.get("items")).iter().for_each(|file| downward_file(file, at, causes)),
        "serviceAccountToken" => {
            let seconds = value.get("expirationSeconds").and_then(Value::as_i64).unwrap_or(3600);
            if seconds < 600 {
                causes.invalid(
                    &at.field("expirationSeconds"),
                    seconds,
                    "may not specify a duration less than 10 minutes",
                );
            } else if seconds > 1 << 32 {
                let detail = "may not specify a duration larger than 2^32 seconds";
                causes.invalid(&at.field("expirationSeconds"), seconds, detail);
            }
            if text("path").is_empty() {
                causes.required(&at.field("path"), "");
            } else {
                local_path(text("path"), &at.field("path"), causes);
            }
        }
        _ => {}
    }
}

fn items(items: Option<&Value>, at: &Path<'_>, causes: &mut Causes) {
    let at = at.field("items");
    for (i, item) in array(items).iter().enumerate() {
        let at = at.index(i);
        let text = |field: &str| item.get(field).and_then(Value::as_str).unwrap_or("");
        for field in ["key", "path"] {
            if text(field).is_empty() {
                causes.required(&at.field(field), "");
            }
        }
        local_path(text("path"), &at.field("path"), causes);
        mode(item.get("mode").and_then(Value::as_i64), &at.field("mode"), causes);
    }
}

fn downward_file(file: &Value, at: &Path<'_>, causes: &mut Causes) {
    let path = file.get("path").and_then(Value::as_str).unwrap_or("");
    if path.is_empty() {
        causes.required(&at.field("path"), "");
    }
    local_path(path, &at.field("path"), causes);
    match (file.get("fieldRef"), file.get("resourceFieldRef")) {
        (Some(field), resource) => {
            containers::file_field(&FieldSelector::read(field.clone()), &at.field("fieldRef"), causes);
            if resource.is_some() {
                causes.invalid(at, "resource", "fieldRef and resourceFieldRef can not be specified simultaneously");
            }
        }
        (None, Some(resource)) => {
            resources::field_selector(resource, true, &at.field("resourceFieldRef"), causes);
        }
        (None, None) => causes.required(at, "one of fieldRef and resourceFieldRef is required"),
    }
    mode(file.get("mode").and_then(Value::as_i64), &at.field("mode"), causes);
}

fn mode(mode: Option<i64>, at: &Path<'_>, causes: &mut Causes) {
    if let Some(mode) = mode.filter(|mode| !(0..=0o777).contains(mode)) {
        causes.invalid(at, mode, FILE_MODE);
    }
}

fn no_backsteps(path: &str, at: &Path<'_>, causes: &mut Causes) {
    if path.split('/').any(|part| part == "..") {
        causes.invalid(at, path, "must not contain '..'");
    }
}

fn relative(path: &str, at: &Path<'_>, causes: &mut Causes) {
    if path.starts_with('/') {
        causes.invalid(at, path, "must be a relative path");
    }
    no_backsteps(path, at, causes);
}

fn local_path(path: &str, at: &Path<'_>, causes: &mut Causes) {
    relative(path, at, causes);
    if path.starts_with("..") && !path.starts_with("../") {
        causes.invalid(at, path, "must not start with '..'");
    }
}

/// Checks where a container mounts volumes.
pub(super) fn mounts(container: &Container, volumes: &[Known<'_>], at: &Path<'_>, causes: &mut Causes) {
    let devices = array(container.rest.get("volumeDevices"));
    let device = |field: &str, text: &str| devices.iter().any(|d| d.get(field).and_then(Value::as_str) == Some(text));
    let mut taken: BTreeSet<&str> = BTreeSet::new();
    for (i, mount) in container.volume_mounts.iter().enumerate() {
        let item = at.index(i);
        let (name, path) = (mount.name.as_str(), mount.mount_path.as_str());
        if name.is_empty() {
            causes.required(&item.field("name"), "");
        }
        if !volumes.iter().any(|volume| volume.name == name) {
            causes.not_found(&item.field("name"), name);
        }
        if path.is_empty() {
            causes.required(&item.field("mountPath"), "");
        }
        if !taken.insert(path) {
            causes.invalid(&item.field("mountPath"), path, "must be unique");
        }
        if device("name", name) {
            causes.invalid(&item.field("name"), name, "must not already exist in volumeDevices");
        }
        if device("devicePath", path) {
            causes.invalid(&item.field("mountPath"), path, "must not already exist as a path in volumeDevices");
        }
        if !mount.sub_path.is_empty() {
            relative(&mount.sub_path, &at.field("subPath"), causes);
        }
        mount_options(container, mount, at, &item, causes);
    }
}

/// Checks the options of a mount; upstream does not number the mount for most of them.
fn mount_options(container: &Container, mount: &api::VolumeMount, at: &Path<'_>, item: &Path<'_>, causes: &mut Causes) {
    let rest = Text(&mount.rest);
    let (expression, propagation) = (rest.get("subPathExpr"), rest.get("mountPropagation"));
    if !expression.is_empty() {
        if !mount.sub_path.is_empty() {
            let detail = "subPathExpr and subPath are mutually exclusive";
            causes.invalid(&item.field("subPathExpr"), expression, detail);
        }
        relative(expression, &at.field("subPathExpr"), causes);
    }
    let at_propagation = at.field("mountPropagation");
    if !propagation.is_empty() {
        causes.one_of(&at_propagation, propagation, &["Bidirectional", "HostToContainer", "None"]);
    }
    let context = container.rest.get("securityContext");
    let privileged = context.and_then(|c| c.get("privileged")).and_then(Value::as_bool) == Some(true);
    if propagation == "Bidirectional" && !privileged {
        let detail = "Bidirectional mount propagation is available only to privileged containers";
        causes.forbidden(&at_propagation, detail);
    }
    let at_read_only = at.field("recursiveReadOnly");
    match rest.get("recursiveReadOnly") {
        "" | "Disabled" => {}
        "Enabled" | "IfPossible" => {
            if !mount.read_only {
                causes.forbidden(&at_read_only, "may only be specified when readOnly is true");
            }
            if !matches!(propagation, "" | "None") {
                let detail = "may only be specified when mountPropagation is None or not specified";
                causes.forbidden(&at_read_only, detail);
            }
        }
        other => causes.unsupported(&at_read_only, other, &["Disabled", "Enabled", "IfPossible"]),
    }
}

/// Checks the volumes that a container uses as block devices.
pub(super) fn devices(container: &Container, volumes: &[Known<'_>], at: &Path<'_>, causes: &mut Causes) {
    let (mut names, mut paths): (BTreeSet<&str>, BTreeSet<&str>) = Default::default();
    for (i, device) in array(container.rest.get("volumeDevices")).iter().enumerate() {
        let item = at.index(i);
        let text = |field: &str| device.get(field).and_then(Value::as_str).unwrap_or("");
        let (name, path) = (text("name"), text("devicePath"));
        let (at_name, at_path) = (item.field("name"), item.field("devicePath"));
        if name.is_empty() {
            causes.required(&at_name, "");
        } else if !names.insert(name) {
            causes.invalid(&at_name, name, "must be unique");
        }
        match volumes.iter().find(|volume| volume.name == name) {
            None => causes.not_found(&at_name, name),
            Some(volume) if !volume.is_claim => {
                let detail = "can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode";
                causes.invalid(&at_name, name, detail);
            }
            Some(_) => {}
        }
        if path.is_empty() {
            causes.required(&at_path, "");
        }
        if paths.contains(path) {
            causes.invalid(&at_path, path, "must be unique");
        }
        if path.split('/').any(|part| part == "..") {
            causes.invalid(&at_path, path, "can not contain backsteps ('..')");
        } else {
            paths.insert(path);
        }
        if container.volume_mounts.iter().any(|mount| mount.name == name) {
            causes.invalid(&at_name, name, "must not already exist in volumeMounts");
        }
        if container.volume_mounts.iter().any(|mount| mount.mount_path == path) {
            causes.invalid(&at_path, path, "must not already exist as a path in volumeMounts");
        }
    }
}
