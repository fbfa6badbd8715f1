//! One room, one list: what defines a member (a controller, a plugin, a verb, a panel) is named in the list of its kind.

use super::Finding;
use super::code::blanked;
use crate::Result;
use crate::project::Project;
use std::path::{Path, PathBuf};

/// A list of members.
pub struct List {
    /// The folder.
    pub folder: &'static str,
    /// The file with the list.
    pub file: &'static str,
    /// The constant that every member defines and by which the list names it, and the text before the list's bracket;
    /// none where the `mod`s are the list.
    pub entries: Option<(&'static str, &'static str)>,
}

/// The lists of the project.
pub const LISTS: &[List] = &[
    List {
        folder: "crates/controllers/src",
        file: "crates/controllers/src/lib.rs",
        entries: Some(("CONTROLLER", "pub fn all() -> &'static [Controller] {")),
    },
    List {
        folder: "crates/scheduler/src/plugins",
        file: "crates/scheduler/src/plugins/mod.rs",
        entries: Some(("PLUGIN", "const ALL: &[Plugin] =")),
    },
    List {
        folder: "crates/kubectl/src/verbs",
        file: "crates/kubectl/src/verbs/mod.rs",
        entries: Some(("VERB", "\"Other Commands\",")),
    },
    List { folder: "web/src/panels", file: "web/src/panels/mod.rs", entries: None },
];

/// Members that no list names, and those that do not say what they model.
pub fn check(project: &Project) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    for list in LISTS {
        let file = project.path(list.file);
        let (Some((marker, _)), Ok(text)) = (list.entries, std::fs::read_to_string(&file)) else { continue };
        let listed = blanked(&text);
        for (module, member) in members(&project.path(list.folder)) {
            let source = std::fs::read_to_string(&member)
                .map_err(|error| format!("cannot read {}: {error}", member.display()))?;
            if !blanked(&source).contains(&format!("const {marker}:")) {
                continue;
            }
            let name = member.strip_prefix(&project.root).unwrap_or(&member).to_string_lossy().into_owned();
            if !listed.contains(&format!("{module}::{marker}")) {
                findings.push(Finding::new(&name, 0, format!("{} does not list {module}::{marker}", list.file)));
            }
            if !source.lines().any(|line| line.starts_with("//!") && line.contains("Models:")) {
                findings.push(Finding::new(&name, 1, "the docs do not say `Models:` and the upstream file"));
            }
        }
    }
    Ok(findings)
}

/// Modules of a folder and their files: `name.rs`, or `name/mod.rs`.
fn members(folder: &Path) -> Vec<(String, PathBuf)> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut found: Vec<(String, PathBuf)> = entries
        .filter_map(|entry| {
            let path = entry.path();
            let file = if path.is_dir() { path.join("mod.rs") } else { path.clone() };
            let module = path.file_stem()?.to_str()?.to_owned();
            let rust = file.extension().is_some_and(|extension| extension == "rs") && file.is_file();
            (rust && !["mod", "lib"].contains(&module.as_str())).then_some((module, file))
        })
        .collect();
    found.sort();
    found
}
