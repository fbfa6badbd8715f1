//! ConfigMaps and Secrets made from files, literals and env files, and the hashes of their contents.
//!
//! Models: kustomize/api/internal/generators and api/hasher.

use super::{Res, join, pairs, sha256, transform};
use crate::call::Files;
use crate::fields::{go_escape, list, text};
use serde_json::{Map, Value, json};

/// Makes what the generators of a folder ask for.
pub(super) fn generate(files: &dyn Files, folder: &str, wishes: &Value, all: &mut Vec<Res>) -> Result<(), String> {
    for (field, kind) in [("configMapGenerator", "ConfigMap"), ("secretGenerator", "Secret")] {
        for wish in list(wishes, field) {
            let made = one(files, folder, wishes, wish, kind)?;
            place(made, text(wish, "behavior"), all)?;
        }
    }
    Ok(())
}

fn one(files: &dyn Files, folder: &str, wishes: &Value, wish: &Value, kind: &str) -> Result<Res, String> {
    let name = text(wish, "name");
    if name.is_empty() && !matches!(text(wish, "behavior"), "merge" | "replace") {
        return Err(format!("a {kind} generator needs a name"));
    }
    let mut data = Map::new();
    let mut put = |key: &str, value: String| {
        let value = if kind == "Secret" { crate::base64::encode(value.as_bytes()) } else { value };
        data.insert(key.to_owned(), value.into());
    };
    let read = |path: &str| {
        let path = join(folder, path);
        files
            .read(&path)
            .ok_or_else(|| format!("loading KV pairs: file sources: open {path}: no such file or directory"))
    };
    for path in list(wish, "envs").iter().chain([&wish["env"]]).filter_map(Value::as_str) {
        for line in read(path)?.lines().map(str::trim_start).filter(|line| !line.is_empty() && !line.starts_with('#')) {
            let (key, value) = line.split_once('=').unwrap_or((line, ""));
            put(key, value.to_owned());
        }
    }
    for literal in list(wish, "literals").iter().filter_map(Value::as_str) {
        let (key, value) =
            literal.split_once('=').ok_or_else(|| format!("invalid literal source {literal}, expected key=value"))?;
        put(key, value.trim_matches(['"', '\'']).to_owned());
    }
    for entry in list(wish, "files").iter().filter_map(Value::as_str) {
        let (key, path) = entry.split_once('=').unwrap_or((entry.rsplit('/').next().unwrap_or(entry), entry));
        put(key, read(path)?);
    }
    let mut meta = json!({"name": name});
    if !text(wish, "namespace").is_empty() {
        meta["namespace"] = text(wish, "namespace").into();
    }
    let (common, own) = (&wishes["generatorOptions"], &wish["options"]);
    for field in ["labels", "annotations"] {
        let mut map = pairs(&common[field]);
        map.extend(pairs(&own[field]));
        if !map.is_empty() {
            meta[field] = map.into();
        }
    }
    let mut value = json!({"apiVersion": "v1", "kind": kind, "metadata": meta, "data": data});
    if kind == "Secret" {
        let of = text(wish, "type");
        value["type"] = if of.is_empty() { "Opaque" } else { of }.into();
    }
    let is_on = |options: &Value, field: &str| options[field].as_bool().unwrap_or(false);
    if is_on(common, "immutable") || is_on(own, "immutable") {
        value["immutable"] = true.into();
    }
    let hashed = !is_on(common, "disableNameSuffixHash") && !is_on(own, "disableNameSuffixHash");
    Ok(Res::new(value, hashed))
}

/// Adds what was made, or puts it into what is there already.
fn place(made: Res, behavior: &str, all: &mut Vec<Res>) -> Result<(), String> {
    let found = all.iter_mut().find(|res| res.kind() == made.kind() && res.is_called(made.name()));
    match (found, behavior) {
        (None, "merge" | "replace") => {
            Err(format!("id {}.{} does not exist; cannot merge or replace", made.kind(), made.name()))
        }
        (None, _) => {
            all.push(made);
            Ok(())
        }
        (Some(there), "merge" | "replace") => {
            let mut data = if behavior == "merge" { pairs(&there.value["data"]) } else { Map::new() };
            data.extend(pairs(&made.value["data"]));
            transform::set(&mut there.value, &["data"], data.into());
            Ok(())
        }
        (Some(there), _) => {
            Err(format!("may not add resource with an already registered id: {}.{}", there.kind(), there.name()))
        }
    }
}

/// Ten letters that stand for the name and the contents. Models: api/hasher.
pub(super) fn hash(value: &Value) -> String {
    let mut of = json!({"data": value["data"], "kind": value["kind"], "name": value["metadata"]["name"]});
    if value["kind"] == "Secret" {
        of["type"] = value["type"].clone();
    }
    if value["binaryData"].is_object() {
        of["binaryData"] = value["binaryData"].clone();
    }
    if of["data"].is_null() {
        of["data"] = "".into();
    }
    let digits = sha256::hex(&go_escape(&of.to_string()));
    let letter = |digit: char| match digit {
        '0' => 'g',
        '1' => 'h',
        '3' => 'k',
        'a' => 'm',
        'e' => 't',
        digit => digit,
    };
    digits.chars().take(10).map(letter).collect()
}
