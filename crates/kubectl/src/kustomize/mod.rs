//! Kustomize, the part of it that tutorials use: a folder with a `kustomization.yaml` becomes objects.
//!
//! Resources, bases, generators with their hashes, prefixes and suffixes, namespace, labels, annotations, images, replicas
//! and patches. Components, remote bases, replacements, plugins and Helm charts are refused by name.
//!
//! Models: sigs.k8s.io/kustomize/api (krusty, internal/target, internal/builtins).

mod generate;
mod patches;
mod sha256;
mod transform;

use crate::call::Files;
use crate::fields::{list, text};
use serde_json::{Map, Value};

/// The names that the file may have, the first that exists counts.
const FILE_NAMES: &[&str] = &["kustomization.yaml", "kustomization.yml", "Kustomization"];

/// The fields that are known here.
const KNOWN: &[&str] = &[
    "apiVersion",
    "bases",
    "commonAnnotations",
    "commonLabels",
    "configMapGenerator",
    "generatorOptions",
    "images",
    "kind",
    "labels",
    "metadata",
    "namePrefix",
    "nameSuffix",
    "namespace",
    "patches",
    "patchesJson6902",
    "patchesStrategicMerge",
    "replicas",
    "resources",
    "secretGenerator",
    "sortOptions",
];

/// Fields of the real thing that are not here.
const ELSEWHERE: &[&str] = &[
    "buildMetadata",
    "components",
    "configurations",
    "crds",
    "generators",
    "helmCharts",
    "helmGlobals",
    "openapi",
    "replacements",
    "transformers",
    "validators",
    "vars",
];

/// One object on its way.
#[derive(Clone, Debug)]
struct Res {
    value: Value,
    /// Every name it has had; the last is the present one.
    names: Vec<String>,
    /// Whether its name gets a hash of what is in it.
    hashed: bool,
}

impl Res {
    fn new(value: Value, hashed: bool) -> Self {
        let name = text(&value, "metadata.name").to_owned();
        Res { value, names: vec![name], hashed }
    }

    fn kind(&self) -> &str {
        text(&self.value, "kind")
    }

    fn name(&self) -> &str {
        self.names.last().map_or("", String::as_str)
    }

    fn is_called(&self, name: &str) -> bool {
        self.names.iter().any(|known| known == name)
    }

    fn rename(&mut self, name: String) {
        transform::set(&mut self.value, &["metadata", "name"], name.clone().into());
        self.names.push(name);
    }
}

/// Builds a folder; the error is one line.
pub(crate) fn build(files: &dyn Files, folder: &str) -> Result<Vec<Value>, String> {
    let mut all = accumulate(files, folder.trim_end_matches('/'), 0)?;
    for res in &mut all {
        if res.hashed {
            let name = format!("{}-{}", res.name(), generate::hash(&res.value));
            res.rename(name);
        }
    }
    transform::fix_references(&mut all);
    all.sort_by_key(|res| order(&res.value));
    Ok(all.into_iter().map(|res| res.value).collect())
}

/// Everything of a folder and its bases, changed as the folder asks.
fn accumulate(files: &dyn Files, folder: &str, depth: usize) -> Result<Vec<Res>, String> {
    if depth > 16 {
        return Err(format!("cycle detected: {folder} is a base of itself"));
    }
    let wishes = kustomization(files, folder)?;
    let mut all: Vec<Res> = Vec::new();
    for entry in list(&wishes, "bases").iter().chain(list(&wishes, "resources")) {
        let Some(entry) = entry.as_str() else { return Err("resources are paths of files or folders".to_owned()) };
        all.extend(resource(files, folder, entry, depth)?);
    }
    for (index, one) in all.iter().enumerate() {
        let same = |other: &&Res| {
            (other.kind(), other.name(), text(&other.value, "metadata.namespace"))
                == (one.kind(), one.name(), text(&one.value, "metadata.namespace"))
        };
        if all[..index].iter().any(|other| same(&other)) {
            return Err(format!("may not add resource with an already registered id: {}.{}", one.kind(), one.name()));
        }
    }
    generate::generate(files, folder, &wishes, &mut all)?;
    patches::apply(files, folder, &wishes, &mut all)?;
    transform::transform(&wishes, &mut all)?;
    Ok(all)
}

/// The file of a folder.
fn kustomization(files: &dyn Files, folder: &str) -> Result<Value, String> {
    let paths = FILE_NAMES.iter().map(|name| join(folder, name));
    let found = paths.filter_map(|path| Some((files.read(&path)?, path))).next();
    let Some((content, path)) = found else {
        return Err(format!(
            "unable to find one of 'kustomization.yaml', 'kustomization.yml' or 'Kustomization' in directory '{folder}'"
        ));
    };
    let wishes = documents(&path, &content)?.into_iter().next().unwrap_or(Value::Null);
    let Value::Object(map) = &wishes else { return Err(format!("kustomization.yaml is empty: {path}")) };
    for field in map.keys() {
        if ELSEWHERE.contains(&field.as_str()) {
            return Err(format!("{path}: {field} is not available here"));
        }
        if !KNOWN.contains(&field.as_str()) {
            return Err(format!("invalid Kustomization: json: unknown field \"{field}\""));
        }
    }
    Ok(wishes)
}

/// What one entry of `resources` stands for.
fn resource(files: &dyn Files, folder: &str, entry: &str, depth: usize) -> Result<Vec<Res>, String> {
    if entry.contains("://") || entry.starts_with("github.com/") {
        return Err(format!("accumulating resources: '{entry}': there is no network here"));
    }
    let path = join(folder, entry);
    if let Some(content) = files.read(&path) {
        let objects = documents(&path, &content)?;
        for object in &objects {
            if text(object, "kind").is_empty() || text(object, "metadata.name").is_empty() {
                return Err(format!("accumulating resources from '{entry}': missing Resource metadata"));
            }
        }
        return Ok(objects.into_iter().map(|object| Res::new(object, false)).collect());
    }
    if files.list(&path).is_some() {
        return accumulate(files, &path, depth + 1);
    }
    Err(format!(
        "accumulating resources: accumulation err='accumulating resources from '{entry}': open {path}: no such file or directory'"
    ))
}

/// The documents of a file that are not empty.
fn documents(path: &str, content: &str) -> Result<Vec<Value>, String> {
    let mut values = Vec::new();
    for document in manifest::parse(path, content).documents {
        let body = document.body.map_err(|failure| format!("{path}: {}", failure.message))?;
        match body.value {
            Value::Null => {}
            value if text(&value, "kind") == "List" => values.extend(list(&value, "items").iter().cloned()),
            value => values.push(value),
        }
    }
    Ok(values)
}

/// A path below a folder, `..` and `.` taken away.
fn join(folder: &str, path: &str) -> String {
    if path.starts_with('/') {
        return path.to_owned();
    }
    let root = if folder.starts_with('/') { "/" } else { "" };
    let mut parts: Vec<&str> = Vec::new();
    for part in folder.split('/').chain(path.split('/')) {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    let joined = parts.join("/");
    if joined.is_empty() && root.is_empty() { ".".to_owned() } else { format!("{root}{joined}") }
}

/// Namespaces come first, webhooks last, others of a kind by name. Models: SortOrderTransformer, "legacy".
fn order(value: &Value) -> (usize, String, String, String) {
    const FIRST: &[&str] = &[
        "Namespace",
        "ResourceQuota",
        "StorageClass",
        "CustomResourceDefinition",
        "ServiceAccount",
        "PodSecurityPolicy",
        "Role",
        "ClusterRole",
        "RoleBinding",
        "ClusterRoleBinding",
        "ConfigMap",
        "Secret",
        "Endpoints",
        "Service",
        "LimitRange",
        "PriorityClass",
        "PersistentVolume",
        "PersistentVolumeClaim",
        "Deployment",
        "StatefulSet",
        "CronJob",
        "PodDisruptionBudget",
    ];
    let kind = text(value, "kind");
    let place = match FIRST.iter().position(|first| *first == kind) {
        Some(place) => place,
        None if kind.ends_with("WebhookConfiguration") => FIRST.len() + 1,
        None => FIRST.len(),
    };
    let group = format!("{}_{kind}", text(value, "apiVersion"));
    (place, group, text(value, "metadata.namespace").to_owned(), text(value, "metadata.name").to_owned())
}

/// A map of texts, as labels are.
fn pairs(value: &Value) -> Map<String, Value> {
    value.as_object().cloned().unwrap_or_default()
}

#[cfg(test)]
mod tests;
