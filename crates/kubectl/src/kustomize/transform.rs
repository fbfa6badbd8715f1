//! What is changed in every object: names, namespace, labels, annotations, images, replicas; and references to names.
//!
//! Models: kustomize/api/internal/builtins and api/internal/konfig/builtinpluginconsts.

use super::{Res, pairs};
use crate::fields::{at, list, text};
use serde_json::{Map, Value};

pub(super) fn transform(wishes: &Value, all: &mut [Res]) -> Result<(), String> {
    let namespace = text(wishes, "namespace");
    let (prefix, suffix) = (text(wishes, "namePrefix"), text(wishes, "nameSuffix"));
    for res in all.iter_mut() {
        if !namespace.is_empty() {
            set_namespace(res, namespace);
        }
        let keeps_its_name = matches!(res.kind(), "Namespace" | "CustomResourceDefinition");
        if !keeps_its_name && prefix.len() + suffix.len() > 0 {
            let name = format!("{prefix}{}{suffix}", res.name());
            res.rename(name);
        }
        label(&mut res.value, &pairs(&wishes["commonLabels"]), true, true);
        for entry in list(wishes, "labels") {
            let selectors = entry["includeSelectors"].as_bool().unwrap_or(false);
            let templates = selectors || entry["includeTemplates"].as_bool().unwrap_or(false);
            label(&mut res.value, &pairs(&entry["pairs"]), selectors, templates);
        }
        annotate(&mut res.value, &pairs(&wishes["commonAnnotations"]));
    }
    for wish in list(wishes, "replicas") {
        let name = text(wish, "name");
        let scaled = |res: &&mut Res| {
            res.is_called(name)
                && matches!(res.kind(), "Deployment" | "ReplicaSet" | "ReplicationController" | "StatefulSet")
        };
        let mut found = all.iter_mut().filter(scaled).peekable();
        if found.peek().is_none() {
            return Err(format!(
                "resource with name {name} does not match a config with the following GVK [Deployment.[noVer].[noGrp] ReplicationController.[noVer].[noGrp] ReplicaSet.[noVer].[noGrp] StatefulSet.[noVer].[noGrp]]"
            ));
        }
        found.for_each(|res| set(&mut res.value, &["spec", "replicas"], wish["count"].clone()));
    }
    for wish in list(wishes, "images") {
        all.iter_mut().for_each(|res| images(&mut res.value, wish));
    }
    Ok(())
}

/// Puts a value at a path, making the maps on the way.
pub(super) fn set(value: &mut Value, path: &[&str], new: Value) {
    let Some((last, above)) = path.split_last() else { return };
    if let Some(map) = map_at(value, above, true) {
        map.insert((*last).to_owned(), new);
    }
}

/// The map at a path; `make` makes those that are not there.
fn map_at<'v>(value: &'v mut Value, path: &[&str], make: bool) -> Option<&'v mut Map<String, Value>> {
    let mut now = value;
    for field in path {
        let map = now.as_object_mut()?;
        if !map.contains_key(*field) && !make {
            return None;
        }
        now = map.entry(*field).or_insert_with(|| Value::Object(Map::new()));
        if now.is_null() && make {
            *now = Value::Object(Map::new());
        }
    }
    now.as_object_mut()
}

fn set_namespace(res: &mut Res, namespace: &str) {
    let info = schema::lookup(text(&res.value, "apiVersion"), res.kind());
    if res.kind() == "Namespace" {
        return res.rename(namespace.to_owned());
    }
    if info.is_none_or(|info| info.namespaced) {
        set(&mut res.value, &["metadata", "namespace"], namespace.into());
    }
    if matches!(res.kind(), "RoleBinding" | "ClusterRoleBinding")
        && let Some(subjects) = res.value["subjects"].as_array_mut()
    {
        let accounts =
            subjects.iter_mut().filter(|it| text(it, "kind") == "ServiceAccount" && text(it, "name") == "default");
        accounts.for_each(|account| set(account, &["namespace"], namespace.into()));
    }
}

/// Where a kind keeps the metadata of what it makes.
fn templates(kind: &str) -> &'static [&'static [&'static str]] {
    match kind {
        "DaemonSet" | "Deployment" | "Job" | "ReplicaSet" | "ReplicationController" | "StatefulSet" => {
            &[&["spec", "template", "metadata"]]
        }
        "CronJob" => &[&["spec", "jobTemplate", "metadata"], &["spec", "jobTemplate", "spec", "template", "metadata"]],
        _ => &[],
    }
}

fn label(value: &mut Value, labels: &Map<String, Value>, selectors: bool, in_templates: bool) {
    if labels.is_empty() {
        return;
    }
    let kind = text(value, "kind").to_owned();
    let mut put = |path: &[&str], make: bool| {
        if let Some(map) = map_at(value, path, make) {
            map.extend(labels.clone());
        }
    };
    put(&["metadata", "labels"], true);
    if in_templates {
        for path in templates(&kind) {
            let path: Vec<&str> = path.iter().copied().chain(["labels"]).collect();
            put(&path, true);
        }
    }
    if selectors {
        match kind.as_str() {
            "Service" | "ReplicationController" => put(&["spec", "selector"], kind != "Service"),
            "DaemonSet" | "Deployment" | "ReplicaSet" | "StatefulSet" => {
                put(&["spec", "selector", "matchLabels"], true)
            }
            "Job" | "PodDisruptionBudget" => put(&["spec", "selector", "matchLabels"], false),
            "CronJob" => put(&["spec", "jobTemplate", "spec", "selector", "matchLabels"], false),
            "NetworkPolicy" => put(&["spec", "podSelector", "matchLabels"], false),
            _ => {}
        }
    }
    if in_templates
        && kind == "StatefulSet"
        && let Some(claims) = value["spec"]["volumeClaimTemplates"].as_array_mut()
    {
        for claim in claims {
            if let Some(map) = map_at(claim, &["metadata", "labels"], true) {
                map.extend(labels.clone());
            }
        }
    }
}

fn annotate(value: &mut Value, annotations: &Map<String, Value>) {
    if annotations.is_empty() {
        return;
    }
    let kind = text(value, "kind").to_owned();
    let all = [&["metadata"] as &[&str]].into_iter().chain(templates(&kind).iter().copied());
    for path in all {
        let path: Vec<&str> = path.iter().copied().chain(["annotations"]).collect();
        if let Some(map) = map_at(value, &path, true) {
            map.extend(annotations.clone());
        }
    }
}

/// Changes an image wherever containers are.
fn images(value: &mut Value, wish: &Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| images(item, wish)),
        Value::Object(map) => {
            for (field, inner) in map.iter_mut() {
                if matches!(field.as_str(), "containers" | "initContainers" | "ephemeralContainers")
                    && let Some(containers) = inner.as_array_mut()
                {
                    containers.iter_mut().for_each(|container| image(container, wish));
                } else {
                    images(inner, wish);
                }
            }
        }
        _ => {}
    }
}

fn image(container: &mut Value, wish: &Value) {
    let old = text(container, "image").to_owned();
    let (bare, digest) = old.split_once('@').map_or((old.as_str(), None), |(bare, digest)| (bare, Some(digest)));
    let tag_at = bare.rfind(':').filter(|at| !bare[*at..].contains('/'));
    let (name, tag) = tag_at.map_or((bare, None), |at| (&bare[..at], Some(&bare[at + 1..])));
    if name != text(wish, "name") || name.is_empty() {
        return;
    }
    let new_name = if text(wish, "newName").is_empty() { name } else { text(wish, "newName") };
    let new_tag = crate::fields::scalar(&wish["newTag"]);
    let image = match (text(wish, "digest"), new_tag.as_str()) {
        ("", "") => match (tag, digest) {
            (_, Some(digest)) => format!("{new_name}@{digest}"),
            (Some(tag), None) => format!("{new_name}:{tag}"),
            (None, None) => new_name.to_owned(),
        },
        ("", tag) => format!("{new_name}:{tag}"),
        (digest, _) => format!("{new_name}@{digest}"),
    };
    set(container, &["image"], image.into());
}

/// Lets every reference follow the object that it names.
pub(super) fn fix_references(all: &mut [Res]) {
    let renamed: Vec<(String, Vec<String>)> =
        all.iter().filter(|res| res.names.len() > 1).map(|res| (res.kind().to_owned(), res.names.clone())).collect();
    if renamed.is_empty() {
        return;
    }
    let present = |kind: &str, name: &str| {
        let found = renamed.iter().find(|(of, names)| of == kind && names.iter().any(|known| known == name));
        found.and_then(|(_, names)| names.last()).filter(|new| *new != name).cloned()
    };
    for res in all {
        if let Some(map) = res.value.as_object_mut() {
            let inner =
                map.iter_mut().filter(|(field, _)| !matches!(field.as_str(), "metadata" | "data" | "stringData"));
            inner.for_each(|(field, value)| follow(field, value, &present));
        }
    }
}

/// The kind that a field of this name refers to, and the field of its value that has the name.
fn refers_to(field: &str) -> &'static [(&'static str, &'static str)] {
    match field {
        "configMap" | "configMapKeyRef" | "configMapRef" => &[("ConfigMap", "name")],
        "secret" => &[("Secret", "secretName"), ("Secret", "name")],
        "imagePullSecrets" | "secretKeyRef" | "secretRef" => &[("Secret", "name")],
        "tls" => &[("Secret", "secretName")],
        "service" => &[("Service", "name")],
        "persistentVolumeClaim" => &[("PersistentVolumeClaim", "claimName")],
        _ => &[],
    }
}

fn follow(field: &str, value: &mut Value, present: &dyn Fn(&str, &str) -> Option<String>) {
    let named = match field {
        "serviceName" => "Service",
        "serviceAccountName" | "serviceAccount" => "ServiceAccount",
        "storageClassName" => "StorageClass",
        "priorityClassName" => "PriorityClass",
        "ingressClassName" => "IngressClass",
        "volumeName" => "PersistentVolume",
        _ => "",
    };
    if let Some(new) = value.as_str().filter(|_| !named.is_empty()).and_then(|name| present(named, name)) {
        *value = new.into();
        return;
    }
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| follow(field, item, present)),
        Value::Object(_) => {
            for (kind, name) in refers_to(field) {
                if let Some(new) = present(kind, text(value, name)) {
                    set(value, &[name], new.into());
                }
            }
            if matches!(field, "roleRef" | "scaleTargetRef" | "subjects")
                && let Some(new) = present(text(value, "kind"), at(value, "name").as_str().unwrap_or(""))
            {
                set(value, &["name"], new.into());
            }
            if let Some(map) = value.as_object_mut() {
                map.iter_mut().for_each(|(field, inner)| follow(field, inner, present));
            }
        }
        _ => {}
    }
}
