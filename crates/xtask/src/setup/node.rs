//! Node.js and what comes from the npm registry: the editor, esbuild, wasm-opt, the test driver.

use super::{Part, State};
use crate::Result;
use crate::process::{output, quiet};
use crate::project::Project;
use std::path::PathBuf;

const OLDEST_NODE: u32 = 20;

/// Node.js with npm.
pub const NODE: Part = Part {
    name: "Node.js",
    look: |project| {
        let Some(node) = output(project.command("node").arg("--version")) else {
            return State::Missing("node does not start".to_owned());
        };
        let Some(npm) = output(project.command("npm").arg("--version")) else {
            return State::Missing("npm does not start".to_owned());
        };
        let major: u32 = node.trim_start_matches('v').split('.').next().and_then(|n| n.parse().ok()).unwrap_or(0);
        if major < OLDEST_NODE {
            return State::Missing(format!("{node} is older than {OLDEST_NODE}"));
        }
        State::Ready(format!("{node}, npm {npm}"))
    },
    remedy: "needs a hand",
    fix: |_| Err(format!("install Node.js {OLDEST_NODE} or newer with npm (nodejs.org, or your system's packages)")),
};

/// Exactly what `web/package-lock.json` says, wasm-opt among it.
pub const PACKAGES: Part = Part {
    name: "npm packages",
    look: |project| {
        let wanted = std::fs::read(project.path("web/package-lock.json")).unwrap_or_default();
        if std::fs::read(stamp(project)).is_ok_and(|installed| installed == wanted) {
            let version = output(project.command("wasm-opt").arg("--version")).unwrap_or_default();
            State::Ready(format!("as in web/package-lock.json ({version})"))
        } else {
            State::Missing("not installed as in web/package-lock.json".to_owned())
        }
    },
    remedy: "npm ci",
    fix: |project| {
        let mut npm = project.command("npm");
        // No package of ours needs a script of its own to install; none gets to run one.
        npm.args(["ci", "--prefix", "web", "--ignore-scripts", "--no-audit", "--no-fund"]);
        quiet(&mut npm, "npm", &project.tools().join("log/npm.log"), None)?;
        std::fs::copy(project.path("web/package-lock.json"), stamp(project))
            .map_err(|error| format!("cannot write {}: {error}", stamp(project).display()))?;
        Ok(())
    },
};

/// The editor as one script, which is loaded beside the page.
pub const EDITOR: Part = Part {
    name: "editor bundle",
    look: |project| match bundle(project, &["--check"]) {
        Ok(()) => State::Ready("web/js/gen/editor.js".to_owned()),
        Err(_) => State::Missing("web/js/gen/editor.js is missing or older than its sources".to_owned()),
    },
    remedy: "esbuild",
    fix: |project| bundle(project, &[]),
};

fn bundle(project: &Project, args: &[&str]) -> Result<()> {
    let log = project.tools().join("log/editor.log");
    quiet(project.command("node").arg("web/bundle.mjs").args(args), "esbuild", &log, None)
}

fn stamp(project: &Project) -> PathBuf {
    project.path("web/node_modules/.installed-lock.json")
}
