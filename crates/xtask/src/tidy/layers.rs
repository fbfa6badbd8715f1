//! Which crate may know which: the table of ARCHITECTURE.md, "Rooms", compared with what cargo sees.

use super::Finding;
use serde_json::Value;

/// One crate of ours and where it stands.
struct Room {
    name: &'static str,
    /// It may use rooms of lower layers only.
    layer: u8,
    /// Rooms of its own layer that it may use all the same.
    beside: &'static [&'static str],
    /// Rooms below it that it must not use.
    never: &'static [&'static str],
}

const fn room(name: &'static str, layer: u8) -> Room {
    Room { name, layer, beside: &[], never: &[] }
}

/// Programs and helpers of the developers: outside of the layers, and no shipped crate may need them.
const WORKSHOP: &[&str] = &["xtask", "schemagen", "testkit", "tests"];

const ROOMS: &[Room] = &[
    room("sim", 0),
    Room { beside: &["sim"], ..room("api", 0) },
    room("schema", 0),
    Room { beside: &["sim"], ..room("cron", 0) },
    room("manifest", 1),
    room("apiserver", 1),
    room("controllers", 2),
    room("scheduler", 2),
    room("kubelet", 2),
    room("network", 2),
    room("cluster", 3),
    // kubectl sees the API and nothing behind it.
    Room { never: &["controllers", "scheduler", "kubelet"], ..room("kubectl", 4) },
    room("view", 4),
    room("console", 5),
    Room { beside: &["console"], ..room("playback", 5) },
    room("lessons", 5),
    room("podground", 6),
    Room { never: &["controllers", "scheduler", "kubelet", "network", "apiserver", "cluster"], ..room("web", 6) },
];

/// Only the page knows a browser; nothing has a clock or chance of its own.
const FOREIGN: &[&str] = &[
    "chrono",
    "fastrand",
    "getrandom",
    "gloo",
    "instant",
    "js-sys",
    "rand",
    "time",
    "tokio",
    "wasm-bindgen",
    "web-sys",
    "yew",
];

/// Compares `cargo metadata` with the table.
pub fn check(metadata: &Value) -> Vec<Finding> {
    let packages = metadata["packages"].as_array().map(Vec::as_slice).unwrap_or_default();
    let names: Vec<&str> = packages.iter().filter_map(|package| package["name"].as_str()).collect();
    let mut findings = Vec::new();
    for package in packages {
        let name = package["name"].as_str().unwrap_or_default();
        if WORKSHOP.contains(&name) {
            continue;
        }
        let file = manifest_of(package, metadata);
        let Some(room) = ROOMS.iter().find(|room| room.name == name) else {
            findings.push(Finding::new(
                &file,
                0,
                format!("{name} has no layer: add it to the table in xtask's tidy/layers.rs"),
            ));
            continue;
        };
        let dependencies = package["dependencies"].as_array().into_iter().flatten();
        for dependency in dependencies.filter(|dependency| dependency["kind"] != "dev") {
            let used = dependency["name"].as_str().unwrap_or_default();
            if let Some(why) = objection(room, used, &names) {
                findings.push(Finding::new(&file, 0, format!("{name} must not use {used}: {why}")));
            }
        }
    }
    findings
}

fn objection(room: &Room, used: &str, ours: &[&str]) -> Option<String> {
    if FOREIGN.contains(&used) && room.name != "web" {
        return Some("only the page knows a browser, a clock or chance".to_owned());
    }
    if !ours.contains(&used) {
        return None;
    }
    if WORKSHOP.contains(&used) {
        return Some("it is for developers, not shipped".to_owned());
    }
    if room.never.contains(&used) {
        return Some("the table of rooms forbids it".to_owned());
    }
    let below = ROOMS.iter().find(|other| other.name == used)?;
    let allowed = below.layer < room.layer || room.beside.contains(&used);
    (!allowed).then(|| format!("layer {} is not below layer {}", below.layer, room.layer))
}

fn manifest_of(package: &Value, metadata: &Value) -> String {
    let path = package["manifest_path"].as_str().unwrap_or_default();
    let root = metadata["workspace_root"].as_str().unwrap_or_default();
    path.strip_prefix(root).unwrap_or(path).trim_start_matches('/').to_owned()
}

#[cfg(test)]
mod tests {
    use super::check;
    use serde_json::json;

    fn findings(package: &str, used: &str, kind: Option<&str>) -> usize {
        let packages = json!([
            { "name": package, "dependencies": [{ "name": used, "kind": kind }] },
            { "name": used, "dependencies": [] },
        ]);
        check(&json!({ "packages": packages })).len()
    }

    #[test]
    fn layers_point_down() {
        assert_eq!(findings("kubelet", "apiserver", None), 0);
        assert_eq!(findings("playback", "console", None), 0);
        assert_eq!(findings("apiserver", "kubelet", None), 1);
        assert_eq!(findings("controllers", "scheduler", None), 1);
        assert_eq!(findings("kubectl", "controllers", None), 1);
        assert_eq!(findings("view", "testkit", None), 1);
        assert_eq!(findings("view", "testkit", Some("dev")), 0);
    }

    #[test]
    fn a_crate_without_a_layer_is_found() {
        assert_eq!(findings("pantry", "sim", None), 1);
    }
}
