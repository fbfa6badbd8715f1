//! Trunk and wasm-bindgen: programs that cargo compiles for us, once.
//!
//! A tool of the right version on the PATH is used as it is. Otherwise it is compiled into `target/tools` with a profile
//! made for a short wait, not for a fast tool. An interrupted build goes on where it stopped.

use super::{Part, State};
use crate::Result;
use crate::process::{output, quiet};
use crate::project::Project;

/// The newest Trunk that the Rust we ask for can compile.
const TRUNK_VERSION: &str = "0.21.14";

/// Makes the JavaScript side of the page's Wasm; must be of exactly the version the page is compiled with.
pub const BINDGEN: Part = Part {
    name: "wasm-bindgen",
    look: |project| match bindgen_version(project) {
        Ok(wanted) => {
            let runner = look(project, "wasm-bindgen-test-runner", &wanted);
            if matches!(runner, State::Ready(_)) { look(project, "wasm-bindgen", &wanted) } else { runner }
        }
        Err(why) => State::Missing(why),
    },
    remedy: "compiling it, once (about 2 minutes on 2 cores)",
    fix: |project| {
        install(
            project,
            "wasm-bindgen-cli",
            &bindgen_version(project)?,
            "1",
            &["wasm-bindgen", "wasm-bindgen-test-runner"],
        )
    },
};

/// Builds the page from `Trunk.toml` and `web/index.html`.
pub const TRUNK: Part = Part {
    name: "Trunk",
    look: |project| look(project, "trunk", TRUNK_VERSION),
    remedy: "compiling it, once (about 3 minutes on 2 cores)",
    // Unlike wasm-bindgen, Trunk itself has little to compute: no optimisation is the shortest wait.
    fix: |project| install(project, "trunk", TRUNK_VERSION, "0", &["trunk"]),
};

fn bindgen_version(project: &Project) -> Result<String> {
    let found = project.locked_version("wasm-bindgen");
    found.ok_or_else(|| "Cargo.lock names no wasm-bindgen: nothing in the workspace uses it".to_owned())
}

fn look(project: &Project, program: &str, wanted: &str) -> State {
    let Some(text) = output(project.command(program).arg("--version")) else {
        return State::Missing(format!("{program} is not installed"));
    };
    let version = text.split_whitespace().nth(1).unwrap_or_default();
    if version == wanted {
        State::Ready(wanted.to_owned())
    } else {
        State::Missing(format!("{program} {version} is there, {wanted} is needed"))
    }
}

fn install(project: &Project, package: &str, version: &str, opt_level: &str, programs: &[&str]) -> Result<()> {
    // An older one of ours would hide a right one that comes later on the PATH.
    for program in programs {
        let old = project.tools().join("bin").join(program);
        if old.exists() {
            std::fs::remove_file(&old).map_err(|error| format!("cannot remove {}: {error}", old.display()))?;
        }
    }
    if programs.iter().all(|program| matches!(look(project, program, version), State::Ready(_))) {
        return Ok(());
    }
    let log = project.tools().join(format!("log/{package}.log"));
    let attempt = |locked: &[&str]| {
        let mut cargo = project.command("cargo");
        cargo.args(["install", package, "--version", version, "--no-default-features", "--force"]).args(locked);
        cargo.arg("--root").arg(project.tools()).arg("--target-dir").arg(project.tools().join("build"));
        for (key, value) in [("LTO", "off"), ("CODEGEN_UNITS", "16"), ("DEBUG", "0"), ("STRIP", "true")] {
            cargo.env(format!("CARGO_PROFILE_RELEASE_{key}"), value);
        }
        cargo.env("CARGO_PROFILE_RELEASE_OPT_LEVEL", opt_level);
        quiet(&mut cargo, package, &log, None)
    };
    // The tool's own lock file is the safest choice, but may name a version the registry has withdrawn.
    let done = match attempt(&["--locked"]) {
        Err(why) if why.contains("failed to select a version") || why.contains("is yanked") => attempt(&[]),
        done => done,
    };
    done.map_err(|why| {
        let log = log.display();
        format!("{why}\n\nThe whole log is {log}. A {package} {version} on the PATH would be used as it is.")
    })?;
    // What a build leaves behind is a gigabyte that nobody needs again; if it cannot be removed, it is only in the way.
    drop(std::fs::remove_dir_all(project.tools().join("build")));
    Ok(())
}
