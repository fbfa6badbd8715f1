//! The compiler, its Wasm target, rustfmt and clippy.

use super::{Part, State, debian};
use crate::Result;
use crate::process::{output, quiet};
use crate::project::Project;
use std::process::Command;
use std::time::Duration;

/// The target the page is built for.
pub const TARGET: &str = "wasm32-unknown-unknown";

/// A download that has not ended by then never will: behind a closed network rustup waits for minutes.
const DOWNLOAD_LIMIT: Duration = Duration::from_secs(120);

/// rustc, new enough.
pub const COMPILER: Part = Part {
    name: "Rust",
    look: |project| match (output(project.command("rustc").arg("--version")), wanted_version()) {
        (None, _) => State::Missing("rustc does not start".to_owned()),
        (Some(found), wanted) if minor(&found) >= minor(wanted) => State::Ready(found),
        (Some(found), wanted) => State::Missing(format!("{found} is older than {wanted}")),
    },
    remedy: "update it with `rustup update stable`",
    fix: |project| quiet(project.command("rustup").args(["update", "stable"]), "rustup", &log(project), None),
};

/// Code can be compiled and linked for the browser.
pub const WASM_TARGET: Part = Part {
    name: "Wasm target",
    look: |project| match links(project.command("rustc")) {
        Ok(()) => State::Ready(format!("{TARGET} links")),
        Err(why) => State::Missing(why),
    },
    remedy: "adding it with rustup, else from Debian's packages",
    fix: add_wasm_target,
};

/// The formatter.
pub const RUSTFMT: Part = Part {
    name: "rustfmt",
    look: |project| State::found(output(project.command("cargo").args(["fmt", "--version"])), "not installed"),
    remedy: "adding it with rustup",
    fix: |project| add_component(project, "rustfmt"),
};

/// The linter.
pub const CLIPPY: Part = Part {
    name: "clippy",
    look: |project| State::found(output(project.command("cargo").args(["clippy", "--version"])), "not installed"),
    remedy: "adding it with rustup",
    fix: |project| add_component(project, "clippy"),
};

fn add_wasm_target(project: &Project) -> Result<()> {
    let mut rustup = project.command("rustup");
    rustup.args(["target", "add", TARGET]);
    let added = quiet(&mut rustup, "rustup", &log(project), Some(DOWNLOAD_LIMIT));
    let Err(why) = added.and_then(|()| links(project.command("rustc"))) else { return Ok(()) };
    if !debian::usable() {
        return Err(format!(
            "{why}\n\nInstall a Rust toolchain that has the target {TARGET} (with rustup: `rustup target add {TARGET}`)."
        ));
    }
    println!("     rustup cannot provide it; taking Debian's Rust for this checkout");
    debian::install_wasm_toolchain(project)
}

fn add_component(project: &Project, component: &str) -> Result<()> {
    let mut rustup = project.command("rustup");
    quiet(rustup.args(["component", "add", component]), "rustup", &log(project), Some(DOWNLOAD_LIMIT))
}

/// Whether this compiler can make a program for the browser: std is there and a linker too.
pub fn links(mut rustc: Command) -> Result<()> {
    let scratch = Scratch::new("wasm-target")?;
    let source = scratch.file("probe.rs");
    let program = "#[unsafe(no_mangle)] pub extern \"C\" fn probe() -> usize { std::env::args().count() }\n";
    std::fs::write(&source, program).map_err(|error| format!("cannot write {}: {error}", source.display()))?;
    rustc.args(["--edition", "2024", "--crate-type", "cdylib", "--target", TARGET, "-o"]);
    rustc.arg(scratch.file("probe.wasm")).arg(&source);
    let output = rustc.output().map_err(|error| format!("rustc does not start: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    let errors = String::from_utf8_lossy(&output.stderr);
    let first = errors.lines().find(|line| line.contains("error")).unwrap_or("rustc fails").trim();
    Err(first.to_owned())
}

/// A folder for a moment.
pub struct Scratch(std::path::PathBuf);

impl Scratch {
    /// Makes it, below the system's temporary folder.
    pub fn new(name: &str) -> Result<Self> {
        let folder = std::env::temp_dir().join(format!("podground-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&folder).map_err(|error| format!("cannot make {}: {error}", folder.display()))?;
        Ok(Self(folder))
    }

    /// A path in it.
    pub fn file(&self, name: &str) -> std::path::PathBuf {
        self.0.join(name)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What stays behind in a temporary folder harms nobody.
        drop(std::fs::remove_dir_all(&self.0));
    }
}

fn wanted_version() -> &'static str {
    env!("CARGO_PKG_RUST_VERSION")
}

/// `95` of `1.95`, `rustc 1.95.0 (…)` and the like.
fn minor(version: &str) -> Option<u32> {
    let (_, rest) = version.split_once("1.")?;
    rest.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

fn log(project: &Project) -> std::path::PathBuf {
    project.tools().join("log/rustup.log")
}

#[cfg(test)]
mod tests {
    use super::minor;

    #[test]
    fn versions_compare_by_their_minor_number() {
        assert_eq!(minor("rustc 1.95.0 (59807616e 2026-04-14)"), Some(95));
        assert_eq!(minor("1.100"), Some(100));
        assert_eq!(minor("unknown"), None);
    }
}
