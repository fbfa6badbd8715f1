//! What Debian's packages can provide where rustup or a download cannot: root and apt are needed.
//!
//! Debian packages a compiler with its source (`rustc-web`, `rust-web-src`) but no std for the browser and no
//! `rust-lld`. Both are made once: std is compiled from that source with the stable compiler told to accept `-Z build-std`
//! for this one build, and Debian's lld gets the name that rustc looks for. After that the compiler needs no flag and no
//! setting. rustup, where it is present, learns of it as the toolchain `debian` and uses it for this checkout only.

use super::rust::{Scratch, TARGET, links};
use crate::Result;
use crate::process::{output, quiet};
use crate::project::Project;
use std::path::{Path, PathBuf};
use std::process::Command;

const LLD: &str = "lld-22";
const TOOLCHAIN: &[&str] = &["rustc-web", "cargo-web", "rust-web-src", "rust-web-clippy", "rustfmt-web", LLD];
const RUSTLIB: &str = "/usr/lib/rustlib";
const VENDORED: &str = "/usr/lib/rustlib/src/rust/library/vendor";
const RUSTC: &str = "/usr/bin/rustc";

/// Whether packages can be installed: Debian or a child of it, and we are root.
pub fn usable() -> bool {
    Path::new("/etc/debian_version").exists()
        && Path::new("/usr/bin/apt-get").exists()
        && output(Command::new("id").arg("-u")).as_deref() == Some("0")
}

/// Installs the packages that are missing.
pub fn install(project: &Project, packages: &[&str]) -> Result<()> {
    let missing: Vec<&str> = packages.iter().copied().filter(|package| !installed(package)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let log = project.tools().join("log/apt.log");
    let apt = || {
        let mut apt = project.command("apt-get");
        apt.env("DEBIAN_FRONTEND", "noninteractive");
        apt
    };
    quiet(apt().args(["update", "-q"]), "apt-get update", &log, None)?;
    quiet(apt().args(["install", "-y", "-q", "--no-install-recommends"]).args(&missing), "apt-get install", &log, None)
}

/// Makes Debian's Rust able to compile for the browser and selects it for this checkout.
pub fn install_wasm_toolchain(project: &Project) -> Result<()> {
    install(project, TOOLCHAIN)?;
    name_the_linker()?;
    if links(Command::new(RUSTC)).is_err() {
        build_std(project)?;
        links(Command::new(RUSTC)).map_err(|why| format!("std was built for {TARGET} and does not work: {why}"))?;
    }
    select(project)
}

fn installed(package: &str) -> bool {
    let status = output(Command::new("dpkg-query").args(["-W", "-f", "${db:Status-Status}", package]));
    status.as_deref() == Some("installed")
}

/// rustc's linker for this target is `rust-lld`, looked up in its own folder.
fn name_the_linker() -> Result<()> {
    let version = output(Command::new(RUSTC).arg("-vV")).unwrap_or_default();
    let host = version.lines().find_map(|line| line.strip_prefix("host: "));
    let host = host.ok_or_else(|| format!("{RUSTC} does not say for which machine it is"))?;
    let folder = Path::new(RUSTLIB).join(host).join("bin");
    let link = folder.join("rust-lld");
    if link.exists() {
        return Ok(());
    }
    let target = PathBuf::from("/usr/bin").join(LLD);
    std::fs::create_dir_all(&folder).map_err(|error| format!("cannot make {}: {error}", folder.display()))?;
    #[cfg(unix)]
    std::os::unix::fs::symlink(&target, &link)
        .map_err(|error| format!("cannot link {} to {}: {error}", link.display(), target.display()))?;
    Ok(())
}

fn build_std(project: &Project) -> Result<()> {
    let scratch = Scratch::new("std")?;
    let manifest = "[package]\nname = \"std-seed\"\nversion = \"0.0.0\"\nedition = \"2021\"\n\n[lib]\npath = \"lib.rs\"\n\n\
                    [profile.release]\ncodegen-units = 1\n";
    let write = |name: &str, text: &str| {
        let file = scratch.file(name);
        std::fs::write(&file, text).map_err(|error| format!("cannot write {}: {error}", file.display()))
    };
    write("Cargo.toml", manifest)?;
    write("lib.rs", "#![no_std]\n")?;
    // std's own dependencies come with its source: nothing is downloaded.
    let vendored =
        format!("[source.crates-io]\nreplace-with = \"vendored\"\n\n[source.vendored]\ndirectory = \"{VENDORED}\"\n");
    write("config.toml", &vendored)?;
    let mut cargo = Command::new("/usr/bin/cargo");
    cargo.args(["build", "--config", "config.toml", "--offline", "--release", "--target", TARGET]);
    cargo.args(["-Z", "build-std=core,alloc,std,panic_abort,panic_unwind,proc_macro,test"]);
    cargo.current_dir(scratch.file("")).env_remove("RUSTUP_TOOLCHAIN").env("PATH", "/usr/bin:/bin").env("RUSTC", RUSTC);
    cargo.env("CARGO_TARGET_DIR", scratch.file("target"));
    // The compiler is a stable one; std is part of it, so building std with its unstable parts is no promise broken.
    cargo.env("RUSTC_BOOTSTRAP", "1");
    // Bitcode inside, as in the official std: programs may use link-time optimisation.
    cargo.env("RUSTFLAGS", "-Cembed-bitcode=yes --remap-path-prefix=/usr/src/=/rustc/");
    quiet(&mut cargo, "building std", &project.tools().join("log/std.log"), None)?;
    copy_std(&scratch.file("target").join(TARGET).join("release/deps"))
}

/// Moves a complete folder into place at the end, so that an interrupted copy leaves nothing half done.
fn copy_std(built: &Path) -> Result<()> {
    let fresh = Path::new(RUSTLIB).join(format!("{TARGET}.new"));
    let place = Path::new(RUSTLIB).join(TARGET);
    let attempt = || -> std::io::Result<()> {
        if fresh.exists() {
            std::fs::remove_dir_all(&fresh)?;
        }
        std::fs::create_dir_all(fresh.join("lib"))?;
        for entry in std::fs::read_dir(built)? {
            let file = entry?.path();
            let name = file.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            if name.ends_with(".rlib") && !name.starts_with("libstd_seed-") {
                std::fs::copy(&file, fresh.join("lib").join(name))?;
            }
        }
        if place.exists() {
            std::fs::remove_dir_all(&place)?;
        }
        std::fs::rename(&fresh, &place)
    };
    attempt().map_err(|error| format!("cannot put std into {}: {error}", place.display()))
}

/// `cargo` and `rustc` may be rustup's: point them at Debian's for this folder only.
fn select(project: &Project) -> Result<()> {
    if output(project.command("rustup").arg("--version")).is_none() {
        return Ok(());
    }
    let log = project.tools().join("log/rustup.log");
    quiet(project.command("rustup").args(["toolchain", "link", "debian", "/usr"]), "rustup", &log, None)?;
    quiet(project.command("rustup").args(["override", "set", "debian"]), "rustup", &log, None)?;
    project.toolchain_changed();
    Ok(())
}
