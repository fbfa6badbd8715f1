//! `dist`: the folder to host. It works from any sub-path of a static host, because nothing in it has an absolute address.
//!
//! ```text
//! index.html, *.js, *.wasm, *.css   the page, as Trunk made it
//! embed/index.html                  the same page, marked as embedded, for a frame
//! examples/                         the examples menu as data
//! podground-offline.html            everything in one file, for a disk or a stick
//! ```

use crate::process::{output, run as run_loudly};
use crate::project::Project;
use crate::{Result, page, setup};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};

const DIST: &str = "target/dist";
const OFFLINE: &str = "podground-offline.html";

/// Sizes in bytes after brotli that a reader of a docs page is asked to load at most (ARCHITECTURE.md, "Budgets").
const FIRST_LOAD_BUDGET: u64 = 450_000;
const WASM_BUDGET: u64 = 320_000;

/// The command.
pub fn run(project: &Project) -> Result<()> {
    setup::ensure(project, setup::PAGE)?;
    let folder = fresh(project)?;
    report_sizes(project)?;
    println!("\nthe folder to host: {}", folder.display());
    Ok(())
}

/// The folder, built anew only if something changed.
pub fn fresh(project: &Project) -> Result<PathBuf> {
    let folder = project.path(DIST);
    let stamp = project.path("target/dist.stamp");
    let wanted = page::fingerprint(project)?;
    if folder.join(OFFLINE).exists() && fs::read_to_string(&stamp).is_ok_and(|built| built == wanted) {
        println!("  ok page: nothing changed since it was built");
        return Ok(folder);
    }
    page::build(project)?;
    assemble(project).map_err(|error| format!("cannot fill {}: {error}", folder.display()))?;
    offline(project)?;
    fs::write(&stamp, wanted).map_err(|error| format!("cannot write {}: {error}", stamp.display()))?;
    Ok(folder)
}

fn assemble(project: &Project) -> std::io::Result<()> {
    let folder = project.path(DIST);
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    copy_folder(&project.path(page::TRUNK_DIST), &folder)?;
    let index = fs::read_to_string(folder.join("index.html"))?;
    fs::create_dir_all(folder.join("embed"))?;
    fs::write(folder.join("embed/index.html"), embedded(&index))?;
    Ok(())
}

/// The page one folder down: every address goes up one, and the page can see that it is in a frame.
fn embedded(index: &str) -> String {
    index
        .replacen("<html", "<html data-embed=\"true\" data-root=\"../\"", 1)
        .replace("\"./", "\"../")
        .replace("'./", "'../")
}

fn copy_folder(from: &Path, to: &Path) -> std::io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy_folder(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}

fn offline(project: &Project) -> Result<()> {
    let mut node = project.command("node");
    run_loudly(node.arg("web/offline.mjs").arg(DIST).arg(Path::new(DIST).join(OFFLINE)))
}

/// Prints what is loaded, raw and compressed, against the budgets.
pub fn report_sizes(project: &Project) -> Result<()> {
    let text = output(project.command("node").arg("web/sizes.mjs").arg(DIST));
    let rows: Value = text.and_then(|text| serde_json::from_str(&text).ok()).ok_or("web/sizes.mjs failed")?;
    println!("\n{:44} {:>11} {:>11} {:>11}", "bytes", "raw", "gzip", "brotli");
    let mut total = [0; 3];
    let mut wasm = 0;
    for row in rows.as_array().into_iter().flatten() {
        let name = row["name"].as_str().unwrap_or_default();
        let sizes = ["raw", "gzip", "brotli"].map(|key| row[key].as_u64().unwrap_or(0));
        print_row(name, sizes);
        if row["first_load"] == true {
            total = [total[0] + sizes[0], total[1] + sizes[1], total[2] + sizes[2]];
            wasm += if name.ends_with(".wasm") { sizes[2] } else { 0 };
        }
    }
    print_row("first load, everything", total);
    verdict("first load, brotli", total[2], FIRST_LOAD_BUDGET);
    verdict("Wasm, brotli", wasm, WASM_BUDGET);
    Ok(())
}

fn print_row(name: &str, [raw, gzip, brotli]: [u64; 3]) {
    println!("{name:44} {raw:>11} {gzip:>11} {brotli:>11}");
}

fn verdict(what: &str, size: u64, budget: u64) {
    let word = if size <= budget { "within" } else { "OVER" };
    println!("{what}: {} kB, {word} the budget of {} kB", size / 1000, budget / 1000);
}

#[cfg(test)]
mod tests {
    use super::embedded;

    #[test]
    fn an_embedded_page_looks_one_folder_up() {
        let page = r#"<html lang="en"><link href="./a.css"><script>import init from './b.js';</script>"#;
        let expected = r#"<html data-embed="true" data-root="../" lang="en"><link href="../a.css"><script>import init from '../b.js';</script>"#;
        assert_eq!(embedded(page), expected);
    }
}
