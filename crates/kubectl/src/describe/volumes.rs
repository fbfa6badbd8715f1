//! Volumes of a pod or template, and the sources of PersistentVolumes.

use super::text::Text;
use crate::fields::{self, at, scalar};
use api::{Volume, Wire};
use serde_json::Value;

/// Describes the volumes of a pod; `indent` is not empty inside a template.
pub(super) fn describe(text: &mut Text, volumes: &[Volume], indent: &str) {
    if volumes.is_empty() {
        text.line(0, format_args!("{indent}Volumes:\t<none>"));
        return;
    }
    text.line(0, format_args!("{indent}Volumes:"));
    for volume in volumes {
        let blank = if indent.is_empty() { "" } else { " " };
        text.line(1, format_args!("{blank}{}:", volume.name));
        source(text, &volume.write());
    }
}

/// How a kind of source is told: its field, its type line, and what follows it.
struct Source {
    field: &'static str,
    r#type: &'static str,
    parts: &'static [Part],
}

/// One line of a source: label, path, and what stands there if there is nothing.
type Part = (&'static str, &'static str, &'static str);

const SOURCES: &[Source] = &[
    Source {
        field: "hostPath",
        r#type: "HostPath (bare host directory volume)",
        parts: &[("Path", "path", ""), ("HostPathType", "type", "<none>")],
    },
    Source {
        field: "emptyDir",
        r#type: "EmptyDir (a temporary directory that shares a pod's lifetime)",
        parts: &[("Medium", "medium", ""), ("SizeLimit", "sizeLimit", "<unset>")],
    },
    Source {
        field: "secret",
        r#type: "Secret (a volume populated by a Secret)",
        parts: &[("SecretName", "secretName", ""), ("Optional", "optional", "false")],
    },
    Source {
        field: "configMap",
        r#type: "ConfigMap (a volume populated by a ConfigMap)",
        parts: &[("Name", "name", ""), ("Optional", "optional", "false")],
    },
    Source {
        field: "persistentVolumeClaim",
        r#type: "PersistentVolumeClaim (a reference to a PersistentVolumeClaim in the same namespace)",
        parts: &[("ClaimName", "claimName", ""), ("ReadOnly", "readOnly", "false")],
    },
    Source {
        field: "nfs",
        r#type: "NFS (an NFS mount that lasts the lifetime of a pod)",
        parts: &[("Server", "server", ""), ("Path", "path", ""), ("ReadOnly", "readOnly", "false")],
    },
    Source {
        field: "local",
        r#type: "LocalVolume (a persistent volume backed by local storage on a node)",
        parts: &[("Path", "path", "")],
    },
    Source {
        field: "image",
        r#type: "Image (a container image or OCI artifact)",
        parts: &[("Reference", "reference", ""), ("PullPolicy", "pullPolicy", "")],
    },
    Source {
        field: "awsElasticBlockStore",
        r#type: "AWSElasticBlockStore (a Persistent Disk resource in AWS)",
        parts: &[
            ("VolumeID", "volumeID", ""),
            ("FSType", "fsType", ""),
            ("Partition", "partition", "0"),
            ("ReadOnly", "readOnly", "false"),
        ],
    },
    Source {
        field: "gcePersistentDisk",
        r#type: "GCEPersistentDisk (a Persistent Disk resource in Google Compute Engine)",
        parts: &[
            ("PDName", "pdName", ""),
            ("FSType", "fsType", ""),
            ("Partition", "partition", "0"),
            ("ReadOnly", "readOnly", "false"),
        ],
    },
    Source {
        field: "gitRepo",
        r#type: "GitRepo (a volume that is pulled from git when the pod is created)",
        parts: &[("Repository", "repository", ""), ("Revision", "revision", "")],
    },
];

/// Describes the source that a volume has.
pub(super) fn source(text: &mut Text, volume: &Value) {
    if let Some(source) = SOURCES.iter().find(|source| volume.get(source.field).is_some()) {
        text.field(2, "Type", source.r#type);
        parts(text, &volume[source.field], source.parts);
    } else if let Some(projected) = volume.get("projected") {
        text.field(2, "Type", "Projected (a volume that contains injected data from multiple sources)");
        for source in fields::list(projected, "sources") {
            self::projected(text, source);
        }
    } else if let Some(downward) = volume.get("downwardAPI") {
        text.field(2, "Type", "DownwardAPI (a volume populated by information about the pod)");
        text.line(2, "Items:");
        for item in fields::list(downward, "items") {
            let from = if item["fieldRef"].is_object() {
                fields::text(item, "fieldRef.fieldPath")
            } else {
                fields::text(item, "resourceFieldRef.resource")
            };
            text.line(3, format_args!("{from} -> {}", fields::text(item, "path")));
        }
    } else if let Some(csi) = volume.get("csi") {
        text.field(2, "Type", "CSI (a Container Storage Interface (CSI) volume source)");
        let handle: &[Part] = if csi.get("volumeHandle").is_some() {
            &[
                ("Driver", "driver", ""),
                ("FSType", "fsType", ""),
                ("VolumeHandle", "volumeHandle", ""),
                ("ReadOnly", "readOnly", "false"),
            ]
        } else {
            &[("Driver", "driver", ""), ("FSType", "fsType", ""), ("ReadOnly", "readOnly", "false")]
        };
        parts(text, csi, handle);
        attributes(text, csi);
    } else if volume.get("ephemeral").is_some() {
        text.field(
            2,
            "Type",
            "EphemeralVolume (an inline specification for a volume that gets created and deleted with the pod)",
        );
    } else {
        text.line(1, "<unknown>");
    }
}

fn parts(text: &mut Text, source: &Value, parts: &[Part]) {
    for (label, path, absent) in parts {
        let value = at(source, path);
        if fields::is_empty(value) { text.field(2, label, absent) } else { text.field(2, label, scalar(value)) }
    }
}

fn projected(text: &mut Text, source: &Value) {
    let optional = |of: &Value| at(of, "optional").as_bool().unwrap_or(false);
    if let Some(secret) = source.get("secret") {
        text.field(2, "SecretName", fields::text(secret, "name"));
        text.field(2, "Optional", optional(secret));
    } else if source.get("downwardAPI").is_some() {
        text.field(2, "DownwardAPI", "true");
    } else if let Some(map) = source.get("configMap") {
        text.field(2, "ConfigMapName", fields::text(map, "name"));
        text.field(2, "Optional", optional(map));
    } else if let Some(token) = source.get("serviceAccountToken") {
        text.field(2, "TokenExpirationSeconds", fields::int(token, "expirationSeconds"));
    }
}

fn attributes(text: &mut Text, csi: &Value) {
    let lines: Vec<String> =
        fields::map(csi, "volumeAttributes").map(|(key, value)| format!("{key}={}", scalar(value))).collect();
    if lines.is_empty() {
        text.field(2, "VolumeAttributes", "<none>");
    }
    for (index, line) in lines.iter().enumerate() {
        let title = if index == 0 { "    VolumeAttributes:" } else { "    " };
        text.line(0, format_args!("{title}\t    {line}"));
    }
}
