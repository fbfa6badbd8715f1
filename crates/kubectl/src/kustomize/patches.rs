//! `patches`, `patchesStrategicMerge`, `patchesJson6902`. Models: PatchTransformer.

use super::{Res, documents, join, transform};
use crate::call::Files;
use crate::fields::{list, text};
use api::{Selector, StrMap, Wire};
use serde_json::Value;

pub(super) fn apply(files: &dyn Files, folder: &str, wishes: &Value, all: &mut Vec<Res>) -> Result<(), String> {
    for entry in list(wishes, "patchesStrategicMerge").iter().filter_map(Value::as_str) {
        let inline = entry.contains('\n');
        let content = if inline { entry.to_owned() } else { read(files, folder, entry)? };
        patch(entry, &content, &Value::Null, all)?;
    }
    for entry in list(wishes, "patches").iter().chain(list(wishes, "patchesJson6902")) {
        let (inline, path) = (text(entry, "patch"), text(entry, "path"));
        let content = match (inline, path) {
            ("", "") => return Err("must specify one of patch and path in a patch".to_owned()),
            ("", path) => read(files, folder, path)?,
            (inline, _) => inline.to_owned(),
        };
        patch(path, &content, &entry["target"], all)?;
    }
    Ok(())
}

fn read(files: &dyn Files, folder: &str, path: &str) -> Result<String, String> {
    let path = join(folder, path);
    files
        .read(&path)
        .ok_or_else(|| format!("failed to get the patch file from path({path}): no such file or directory"))
}

/// One patch: a list is JSON operations, maps are merged.
fn patch(source: &str, content: &str, target: &Value, all: &mut Vec<Res>) -> Result<(), String> {
    for body in documents(source, content)? {
        let chosen: Vec<usize> = match target {
            Value::Null => {
                let (kind, name) = (text(&body, "kind"), text(&body, "metadata.name"));
                if kind.is_empty() || name.is_empty() {
                    return Err(format!("unable to parse patch: it needs a target, or kind and name: {source}"));
                }
                let found: Vec<usize> =
                    (0..all.len()).filter(|at| all[*at].kind() == kind && all[*at].is_called(name)).collect();
                if found.is_empty() {
                    return Err(format!(
                        "no resource matches strategic merge patch \"{kind}.{name}\": no matches for Id"
                    ));
                }
                found
            }
            target => {
                let selector = Selector::parse(text(target, "labelSelector"))?;
                (0..all.len()).filter(|at| is_target(&all[*at], target, &selector)).collect()
            }
        };
        for at in chosen.into_iter().rev() {
            change(&mut all[at], &body)?;
            if all[at].value.is_null() {
                all.remove(at);
            }
        }
    }
    Ok(())
}

/// Names and kinds of targets are regular expressions upstream; here they are whole words, `.*` stands for anything.
fn is_target(res: &Res, target: &Value, selector: &Selector) -> bool {
    let fits = |pattern: &str, value: &str| pattern.is_empty() || pattern == ".*" || pattern == value;
    let (group, version) =
        text(&res.value, "apiVersion").split_once('/').unwrap_or(("", text(&res.value, "apiVersion")));
    let name = text(target, "name");
    let labels = StrMap::read(res.value["metadata"]["labels"].clone());
    fits(text(target, "kind"), res.kind())
        && fits(text(target, "group"), group)
        && fits(text(target, "version"), version)
        && fits(text(target, "namespace"), text(&res.value, "metadata.namespace"))
        && (fits(name, res.name()) || res.is_called(name))
        && selector.matches(&labels)
}

fn change(res: &mut Res, body: &Value) -> Result<(), String> {
    if body.is_array() {
        res.value = apiserver::json_patch(&res.value, body)?;
        return Ok(());
    }
    if body["$patch"] == "delete" {
        res.value = Value::Null;
        return Ok(());
    }
    let info = schema::lookup(text(&res.value, "apiVersion"), res.kind());
    let merged = match info {
        Some(info) => apiserver::strategic_merge(info, &res.value, body),
        None => apiserver::json_merge(&res.value, body),
    };
    // A patch that is aimed by a target may carry another name: it changes nothing of who the object is.
    let (kind, name) = (res.value["kind"].clone(), res.value["metadata"]["name"].clone());
    res.value = merged;
    transform::set(&mut res.value, &["kind"], kind);
    transform::set(&mut res.value, &["metadata", "name"], name);
    Ok(())
}
