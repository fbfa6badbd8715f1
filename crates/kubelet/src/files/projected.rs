//! Volumes that show objects as files: ConfigMaps, Secrets, the pod itself, and several of them in one.
//! Models: pkg/volume/configmap, secret, downwardapi, projected, and pkg/volume/util/atomic_writer.go, which puts the
//! files into a folder named after the time and links to them.

use super::{Disk, Entry};
use crate::env::{Facts, decoded, field_value, resource_value};
use crate::hash::hash64;
use api::{ConfigMap, Kind, Object, Pod, Resource, Secret, Str, StrMap, Time, Volume};
use apiserver::Lister;
use serde_json::Value;

/// Finds an object as this pod sees it: a kubelet learns of changes late.
pub(crate) type Find<'a> = dyn Fn(Kind, &str) -> Option<Object> + 'a;

/// One file: its path, its text, its permission bits.
type Key = (String, Str, u32);

/// The files that a volume shows; `None` if it is no volume of this kind.
pub(crate) fn keys_of(
    pod: &Pod,
    volume: &Volume,
    facts: &Facts,
    lister: Lister<'_>,
    find: &Find<'_>,
    since: Time,
) -> Option<Disk> {
    let from = From { pod, facts, lister, find };
    let mode = |value: Option<&Value>| value.and_then(Value::as_u64).and_then(|mode| u32::try_from(mode).ok());
    let given = |mode: Option<i32>| mode.and_then(|mode| u32::try_from(mode).ok()).unwrap_or(0o644);
    let keys = if let Some(source) = &volume.config_map {
        from.map(&source.name, source.rest.get("items"), given(source.default_mode))
    } else if let Some(source) = &volume.secret {
        from.secret(&source.secret_name, source.rest.get("items"), given(source.default_mode))
    } else if let Some(source) = volume.rest.get("downwardAPI") {
        from.fields(source.get("items"), mode(source.get("defaultMode")).unwrap_or(0o644))
    } else {
        let source = volume.rest.get("projected")?;
        let default = mode(source.get("defaultMode")).unwrap_or(0o644);
        let parts = source.get("sources").and_then(Value::as_array).into_iter().flatten();
        parts.flat_map(|part| from.part(part, default)).collect()
    };
    Some(written(&keys, &pod.metadata.uid, since))
}

struct From<'a> {
    pod: &'a Pod,
    facts: &'a Facts,
    lister: Lister<'a>,
    find: &'a Find<'a>,
}

impl From<'_> {
    fn part(&self, part: &Value, mode: u32) -> Vec<Key> {
        let name = |source: &Value| source.get("name").and_then(Value::as_str).unwrap_or("").to_owned();
        if let Some(source) = part.get("configMap") {
            return self.map(&name(source), source.get("items"), mode);
        }
        if let Some(source) = part.get("secret") {
            return self.secret(&name(source), source.get("items"), mode);
        }
        if let Some(source) = part.get("downwardAPI") {
            return self.fields(source.get("items"), mode);
        }
        let Some(source) = part.get("serviceAccountToken") else { return Vec::new() };
        let path = source.get("path").and_then(Value::as_str).unwrap_or("token");
        vec![(path.to_owned(), "podground issues no tokens\n".into(), mode)]
    }

    fn map(&self, name: &str, items: Option<&Value>, mode: u32) -> Vec<Key> {
        let Some(object) = (self.find)(Kind::ConfigMap, name) else { return Vec::new() };
        let Some(map) = ConfigMap::from_object(&object) else { return Vec::new() };
        let texts = map.data.iter().map(|(key, text)| (key.clone(), text.clone()));
        let binary = map.binary_data.iter().map(|(key, text)| (key.clone(), decoded(text)));
        picked(texts.chain(binary).collect(), items, mode)
    }

    fn secret(&self, name: &str, items: Option<&Value>, mode: u32) -> Vec<Key> {
        let Some(object) = (self.find)(Kind::Secret, name) else { return Vec::new() };
        let Some(secret) = Secret::from_object(&object) else { return Vec::new() };
        picked(secret.data.iter().map(|(key, text)| (key.clone(), decoded(text))).collect(), items, mode)
    }

    /// Fields of the pod. Labels and annotations come as a list.
    fn fields(&self, items: Option<&Value>, mode: u32) -> Vec<Key> {
        let mut keys = Vec::new();
        for item in items.and_then(Value::as_array).into_iter().flatten() {
            let Some(path) = item.get("path").and_then(Value::as_str) else { continue };
            let field = item.pointer("/fieldRef/fieldPath").and_then(Value::as_str);
            let text = match (field, item.get("resourceFieldRef")) {
                (Some("metadata.labels"), _) => listed(&self.pod.metadata.labels),
                (Some("metadata.annotations"), _) => listed(&self.pod.metadata.annotations),
                (Some(field), _) => field_value(self.pod, field, self.facts),
                (None, Some(reference)) => match self.pod.spec.containers.first() {
                    Some(container) => resource_value(self.pod, container, reference, self.lister),
                    None => Str::default(),
                },
                (None, None) => continue,
            };
            keys.push((path.to_owned(), text, own_mode(item, mode)));
        }
        keys
    }
}

/// `app="web"`, a line for each. Models: pkg/fieldpath FormatMap.
fn listed(map: &StrMap) -> Str {
    let lines: Vec<String> = map.iter().map(|(key, value)| format!("{key}={:?}", value.as_str())).collect();
    lines.join("\n").into()
}

fn own_mode(item: &Value, mode: u32) -> u32 {
    item.get("mode").and_then(Value::as_u64).and_then(|mode| u32::try_from(mode).ok()).unwrap_or(mode)
}

/// The keys that `items` names, under the paths it gives; all of them if there is none.
fn picked(texts: Vec<(Str, Str)>, items: Option<&Value>, mode: u32) -> Vec<Key> {
    let Some(items) = items.and_then(Value::as_array).filter(|items| !items.is_empty()) else {
        return texts.into_iter().map(|(key, text)| (key.to_string(), text, mode)).collect();
    };
    let word = |item: &Value, field: &str| item.get(field).and_then(Value::as_str).unwrap_or("").to_owned();
    let one = |item: &Value| {
        let text = texts.iter().find(|(key, _)| **key == *word(item, "key"))?.1.clone();
        Some((word(item, "path"), text, own_mode(item, mode)))
    };
    items.iter().filter_map(one).collect()
}

/// The files with their links, as the atomic writer lays them out.
fn written(keys: &[Key], uid: &str, since: Time) -> Disk {
    let (y, month, d, h, m, s) = since.civil();
    let unique = hash64(uid) % 10_000_000_000;
    let stamp = format!("..{y}_{month:02}_{d:02}_{h:02}_{m:02}_{s:02}.{unique}");
    let mut disk = Disk::default();
    disk.put(&stamp, Entry::folder(since));
    disk.put("..data", Entry { link: Some(stamp.as_str().into()), mode: 0o777, ..Entry::folder(since) });
    for (path, text, mode) in keys {
        let file = Entry { mode: *mode, ..Entry::file(text.as_str(), since) };
        disk.put(&format!("{stamp}/{path}"), file.clone());
        disk.put(&format!("..data/{path}"), file.clone());
        // What lies in a folder is reached through a link to the folder.
        let link = match path.split_once('/') {
            None => Some(format!("..data/{path}").as_str().into()),
            Some((folder, _)) => {
                disk.put(
                    folder,
                    Entry {
                        link: Some(format!("..data/{folder}").as_str().into()),
                        mode: 0o777,
                        ..Entry::folder(since)
                    },
                );
                None
            }
        };
        let mode = if link.is_some() { 0o777 } else { *mode };
        disk.put(path, Entry { link, mode, ..file });
    }
    disk
}
