//! Building the page with Trunk, and not building it when nothing changed.

use crate::process::{duration, run};
use crate::project::Project;
use crate::{Result, dist, setup};
use std::hash::Hasher;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// What Trunk makes; `dist` makes the folder to host out of it.
pub const TRUNK_DIST: &str = "target/page";

/// What the page is made of.
const SOURCES: &[&str] = &["Cargo.lock", "Cargo.toml", "Trunk.toml", "crates", "web", "static"];

/// Runs the release build.
pub fn build(project: &Project) -> Result<()> {
    println!("building the page (release)");
    let start = Instant::now();
    let mut trunk = project.command("trunk");
    trunk.args(["build", "--release", "--dist", TRUNK_DIST, "--skip-version-check", "--color", "never"]);
    // Some shells set NO_COLOR to a number, which Trunk takes for a mistake.
    trunk.env_remove("NO_COLOR");
    run(&mut trunk)?;
    println!("     page: built in {}", duration(start.elapsed()));
    Ok(())
}

/// A number that changes when anything changes that the page is made of.
pub fn fingerprint(project: &Project) -> Result<String> {
    let mut hasher = Fnv(0xcbf2_9ce4_8422_2325);
    for source in SOURCES {
        for file in files(&project.path(source))? {
            let bytes = std::fs::read(&file).map_err(|error| format!("cannot read {}: {error}", file.display()))?;
            hasher.write(file.to_string_lossy().as_bytes());
            hasher.write(&bytes);
        }
    }
    Ok(format!("{:016x}", hasher.finish()))
}

/// The picture in the README: a session of the real page.
pub fn screenshot(project: &Project) -> Result<()> {
    setup::ensure(project, setup::PAGE)?;
    setup::ensure(project, setup::TEST)?;
    let folder = dist::fresh(project)?;
    let mut node = browser_script(project, "tests/browser/screenshot.mjs")?;
    run(node.arg(folder).arg(project.path("static/screenshot.png")))
}

/// A script that drives the browser.
pub fn browser_script(project: &Project, script: &str) -> Result<std::process::Command> {
    let browser = setup::chromium(project).ok_or("there is no Chromium: see `cargo xtask doctor`")?;
    let mut node = project.command("node");
    node.arg(script).env("CHROMIUM", browser);
    Ok(node)
}

/// All files below a path, sorted, without what is generated or installed.
pub fn files(path: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    collect(path, &mut found).map_err(|error| format!("cannot read {}: {error}", path.display()))?;
    found.sort();
    Ok(found)
}

fn collect(path: &Path, found: &mut Vec<PathBuf>) -> std::io::Result<()> {
    if path.is_dir() {
        for entry in std::fs::read_dir(path)? {
            let entry = entry?;
            let name = entry.file_name();
            if name == "node_modules" || name == "gen" || name == "target" || name.to_string_lossy().starts_with('.') {
                continue;
            }
            collect(&entry.path(), found)?;
        }
    } else if path.is_file() {
        found.push(path.to_path_buf());
    }
    Ok(())
}

/// FNV-1a: the same on every machine and in every version of Rust, unlike the standard hasher.
struct Fnv(u64);

impl Hasher for Fnv {
    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }

    fn finish(&self) -> u64 {
        self.0
    }
}
