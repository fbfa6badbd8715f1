//! PersistentVolumes. Models: pkg/apis/core/v1/defaults.go, pkg/registry/core/persistentvolume/strategy.go,
//! ValidatePersistentVolume of pkg/apis/core/validation.

use super::check::{Causes, Path};
use super::persistentvolumeclaim::{VOLUME_MODES, access_modes};
use super::workload::SPEC;
use super::{Part, internal, meta, names, pod};
use api::{PersistentVolume, PersistentVolumeSpec, PersistentVolumeStatus, Wire};
use serde_json::{Map, Value};

/// The kinds of volumes, in the order in which they are looked at.
const SOURCES: [&str; 22] = [
    "hostPath",
    "gcePersistentDisk",
    "awsElasticBlockStore",
    "glusterfs",
    "flocker",
    "nfs",
    "rbd",
    "quobyte",
    "cephfs",
    "iscsi",
    "cinder",
    "fc",
    "flexVolume",
    "azureFile",
    "vsphereVolume",
    "photonPersistentDisk",
    "portworxVolume",
    "azureDisk",
    "scaleIO",
    "local",
    "storageos",
    "csi",
];

pub(super) fn default(volume: &mut PersistentVolume) {
    let spec = &mut volume.spec;
    if spec.persistent_volume_reclaim_policy.is_empty() {
        spec.persistent_volume_reclaim_policy = "Retain".into();
    }
    if spec.volume_mode.is_empty() {
        spec.volume_mode = "Filesystem".into();
    }
    if let Some(mut path) = spec.rest.get("hostPath").filter(|p| p.get("type").is_none()).cloned() {
        path["type"] = "".into();
        spec.rest = spec.rest.with("hostPath", path);
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

pub(super) fn validate(volume: &PersistentVolume, causes: &mut Causes) {
    let spec = &volume.spec;
    if spec.access_modes.is_empty() {
        causes.required(&SPEC.field("accessModes"), "");
    }
    access_modes(&spec.access_modes, &SPEC.field("accessModes"), causes);
    capacity(spec, &SPEC.field("capacity"), causes);
    let policies = ["Delete", "Recycle", "Retain"];
    let policy_at = SPEC.field("persistentVolumeReclaimPolicy");
    causes.one_of(&policy_at, &spec.persistent_volume_reclaim_policy, &policies);
    if let Some(affinity) = &spec.node_affinity {
        let at = SPEC.field("nodeAffinity");
        match &affinity.required {
            Some(required) => pod::node_selector(required, &at.field("required"), causes),
            None => causes.required(&at.field("required"), "must specify required node constraints"),
        }
    }
    source(spec, causes);
    let is_root = |path: &str| path.split('/').all(|part| part.is_empty() || part == ".");
    let path = spec.rest.get("hostPath").and_then(|p| p.get("path")?.as_str());
    if path.is_some_and(is_root) && spec.persistent_volume_reclaim_policy == "Recycle" {
        causes.forbidden(&policy_at, "may not be 'recycle' for a hostPath mount of '/'");
    }
    if !spec.storage_class_name.is_empty() {
        meta::name(&spec.storage_class_name, &SPEC.field("storageClassName"), names::dns_subdomain, causes);
    }
    causes.one_of(&SPEC.field("volumeMode"), &spec.volume_mode, &VOLUME_MODES);
}

fn capacity(spec: &PersistentVolumeSpec, at: &Path<'_>, causes: &mut Causes) {
    if spec.capacity.is_empty() {
        causes.required(at, "");
    }
    if !spec.capacity.has("storage") || spec.capacity.len() > 1 {
        let shown = if spec.capacity.is_empty() { Value::Null } else { spec.capacity.write() };
        causes.unsupported(at, shown, &["storage"]);
    }
    for (name, amount) in spec.capacity.iter() {
        let at = at.key(name);
        if amount.milli() < 0 {
            causes.invalid(&at, amount.value(), "must be a valid resource quantity");
        }
        if amount.milli() <= 0 {
            causes.invalid(&at, amount.to_string(), "must be greater than zero");
        }
    }
}

fn source(spec: &PersistentVolumeSpec, causes: &mut Causes) {
    let mut given = SOURCES.iter().filter_map(|name| Some((*name, spec.rest.get(name)?)));
    let Some((name, value)) = given.next() else { return causes.required(&SPEC, "must specify a volume type") };
    let at = SPEC.field(name);
    let text = |field: &str| value.get(field).and_then(Value::as_str).unwrap_or("");
    let required = |field: &str, causes: &mut Causes| {
        if text(field).is_empty() {
            causes.required(&at.field(field), "");
        }
    };
    match name {
        "hostPath" => pod::host_path(value, &at, causes),
        "nfs" => {
            required("server", causes);
            required("path", causes);
            if !text("path").is_empty() && !text("path").starts_with('/') {
                causes.invalid(&at.field("path"), text("path"), "must be an absolute path");
            }
        }
        "local" => {
            required("path", causes);
            if text("path").split('/').any(|part| part == "..") {
                causes.invalid(&at.field("path"), text("path"), "must not contain '..'");
            }
            if spec.node_affinity.is_none() {
                causes.required(&SPEC.field("nodeAffinity"), "Local volume requires node affinity");
            }
        }
        "csi" => {
            pod::csi_driver(text("driver"), &at.field("driver"), causes);
            required("volumeHandle", causes);
        }
        _ => {}
    }
    for (name, _) in given {
        causes.forbidden(&SPEC.field(name), "may not specify more than 1 volume type");
    }
}

fn sources_of(spec: &PersistentVolumeSpec) -> Value {
    let source = |(name, value): (&String, &Value)| (name.clone(), value.clone());
    Value::Object(
        spec.rest.iter().filter(|(name, _)| SOURCES.contains(&name.as_str())).map(source).collect::<Map<_, _>>(),
    )
}

pub(super) fn validate_update(new: &PersistentVolume, old: &PersistentVolume, causes: &mut Causes) {
    if new.spec == old.spec {
        return;
    }
    validate(new, causes);
    let (after, before) = (sources_of(&new.spec), sources_of(&old.spec));
    if after != before {
        let diff = internal::volume_source_diff(&before, &after);
        let detail = format!("spec.persistentvolumesource is immutable after creation\n{diff}");
        causes.forbidden(&SPEC.field("persistentvolumesource"), &detail);
    }
    if new.spec.volume_mode != old.spec.volume_mode {
        causes.invalid(&Path::root("volumeMode"), new.spec.volume_mode.as_str(), "field is immutable");
    }
    if old.spec.node_affinity.is_some() && new.spec.node_affinity != old.spec.node_affinity {
        let shown = new.spec.node_affinity.as_ref().map_or_else(|| "null".to_owned(), internal::volume_node_affinity);
        let detail = "field is immutable, except for updating from beta label to GA";
        causes.told(&Path::root("nodeAffinity"), "Invalid value", &shown, detail);
    }
}

#[cfg(test)]
mod tests {
    use crate::registry::tests::{merged, refused, refused_update};
    use expect_test::expect;
    use serde_json::{Value, json};

    fn volume(spec: Value) -> Value {
        let sound = json!({"apiVersion": "v1", "kind": "PersistentVolume", "metadata": {"name": "v"}, "spec": {
            "accessModes": ["ReadWriteOnce"], "capacity": {"storage": "1Gi"}, "hostPath": {"path": "/d"},
        }});
        merged(sound, json!({ "spec": spec }))
    }

    #[test]
    fn modes_sizes_and_sources() {
        refused(volume(json!({})), expect!["accepted"]);
        refused(
            volume(json!({"accessModes": null, "capacity": null})),
            expect![[r#"
            spec.accessModes: Required value
            spec.capacity: Required value
            spec.capacity: Unsupported value: null: supported values: "storage""#]],
        );
        refused(
            volume(json!({"capacity": {"storage": "-1"}, "persistentVolumeReclaimPolicy": "Keep"})),
            expect![[r#"
            spec.capacity[storage]: Invalid value: -1: must be a valid resource quantity
            spec.capacity[storage]: Invalid value: "-1": must be greater than zero
            spec.persistentVolumeReclaimPolicy: Unsupported value: "Keep": supported values: "Delete", "Recycle", "Retain""#]],
        );
        refused(
            volume(json!({"hostPath": null})),
            expect![[r#"PersistentVolume "v" is invalid: spec: Required value: must specify a volume type"#]],
        );
        refused(
            volume(json!({"hostPath": {"path": "/a/../b", "type": "Dir"}, "nfs": {"server": "s", "path": "/"}})),
            expect![[r#"
                spec.hostPath.path: Invalid value: "/a/../b": must not contain '..'
                spec.hostPath.type: Unsupported value: "Dir": supported values: "", "BlockDevice", "CharDevice", "Directory", "DirectoryOrCreate", "File", "FileOrCreate", "Socket"
                spec.nfs: Forbidden: may not specify more than 1 volume type"#]],
        );
        refused(
            volume(json!({"hostPath": null, "local": {"path": "/d"}})),
            expect![[
                r#"PersistentVolume "v" is invalid: spec.nodeAffinity: Required value: Local volume requires node affinity"#
            ]],
        );
        refused(
            volume(json!({"hostPath": null, "csi": {"driver": "Bad_Driver"}})),
            expect![[r#"
            spec.csi.driver: Invalid value: "Bad_Driver": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')
            spec.csi.volumeHandle: Required value"#]],
        );
    }

    #[test]
    fn the_source_is_for_ever() {
        refused_update(
            volume(json!({})),
            json!({"spec": {"hostPath": {"path": "/other"}}}),
            expect![[r#"
            PersistentVolume "v" is invalid: spec.persistentvolumesource: Forbidden: spec.persistentvolumesource is immutable after creation
            @@ -2,7 +2,7 @@
              "GCEPersistentDisk": null,
              "AWSElasticBlockStore": null,
              "HostPath": {
            -  "Path": "/d",
            +  "Path": "/other",
               "Type": ""
              },
              "Glusterfs": null,
        "#]],
        );
        let nodes = |node: &str| json!({"required": {"nodeSelectorTerms": [{"matchExpressions": [{"key": "kubernetes.io/hostname", "operator": "In", "values": [node]}]}]}});
        refused_update(
            volume(json!({"nodeAffinity": nodes("a")})),
            json!({"spec": {"nodeAffinity": nodes("b")}}),
            expect![[
                r#"PersistentVolume "v" is invalid: nodeAffinity: Invalid value: {"Required":{"NodeSelectorTerms":[{"MatchExpressions":[{"Key":"kubernetes.io/hostname","Operator":"In","Values":["b"]}],"MatchFields":null}]}}: field is immutable, except for updating from beta label to GA"#
            ]],
        );
    }
}
