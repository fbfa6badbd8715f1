//! A Chromium and its driver, for the tests. `CHROMIUM` and `CHROMEDRIVER` in the environment name others.

use super::{Part, State, debian};
use crate::Result;
use crate::process::output;
use crate::project::Project;
use std::path::PathBuf;

/// The browser.
pub const CHROMIUM: Part = Part {
    name: "Chromium",
    look: |project| look(project, chromium(project)),
    remedy: "installing the packages chromium and chromium-driver",
    fix,
};

/// What wasm-bindgen's test runner steers the browser with.
pub const CHROMEDRIVER: Part = Part {
    name: "ChromeDriver",
    look: |project| look(project, chromedriver(project)),
    remedy: "installing the packages chromium and chromium-driver",
    fix,
};

/// Where the browser is.
pub fn chromium(project: &Project) -> Option<PathBuf> {
    let named = std::env::var_os("CHROMIUM").map(PathBuf::from);
    let names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
    named.or_else(|| names.iter().find_map(|name| project.find_tool(name)))
}

/// Where its driver is.
pub fn chromedriver(project: &Project) -> Option<PathBuf> {
    std::env::var_os("CHROMEDRIVER").map(PathBuf::from).or_else(|| project.find_tool("chromedriver"))
}

fn look(project: &Project, program: Option<PathBuf>) -> State {
    let version = program.and_then(|program| output(project.command(&program.to_string_lossy()).arg("--version")));
    State::found(version, "not installed")
}

fn fix(project: &Project) -> Result<()> {
    if !debian::usable() {
        return Err(
            "install Chromium (or Chrome) and the ChromeDriver of the same version, or name them in CHROMIUM and \
                    CHROMEDRIVER; on Debian as root this is done for you"
                .to_owned(),
        );
    }
    debian::install(project, &["chromium", "chromium-driver"])
}
