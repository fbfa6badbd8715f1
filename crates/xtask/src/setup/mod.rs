//! Setting up what is missing: a list of parts, each of which can say whether it is there and can put itself there.
//!
//! Everything is idempotent; a second run only looks. `doctor` prints the same list without touching anything.

mod browser;
mod cargo_tools;
mod debian;
mod node;
mod rust;

use crate::Result;
use crate::process::duration;
use crate::project::Project;
use std::time::Instant;

pub use browser::{chromedriver, chromium};

/// One thing the chores need.
pub struct Part {
    /// What people call it.
    pub name: &'static str,
    /// Looks whether it is there, in the right version.
    pub look: fn(&Project) -> State,
    /// What `fix` does, as a person would say it.
    pub remedy: &'static str,
    /// Puts it there.
    pub fix: fn(&Project) -> Result<()>,
}

/// What a look finds.
#[derive(Debug)]
pub enum State {
    /// There; which version, or where.
    Ready(String),
    /// Not there, or not usable; why.
    Missing(String),
}

impl State {
    /// `Ready` with what was found, else `Missing` with the reason.
    pub fn found(found: Option<String>, otherwise: &str) -> Self {
        found.map_or_else(|| Self::Missing(otherwise.to_owned()), Self::Ready)
    }
}

/// What building the page needs, in the order in which it is set up.
pub const PAGE: &[Part] = &[
    rust::COMPILER,
    rust::WASM_TARGET,
    node::NODE,
    node::PACKAGES,
    node::EDITOR,
    cargo_tools::BINDGEN,
    cargo_tools::TRUNK,
];

/// What the tests need besides.
pub const TEST: &[Part] = &[rust::RUSTFMT, rust::CLIPPY, browser::CHROMIUM, browser::CHROMEDRIVER];

/// The command `cargo xtask setup`.
pub fn run(project: &Project, args: &[String]) -> Result<()> {
    match args {
        [] => ensure(project, PAGE),
        [flag] if flag == "--test" => ensure(project, PAGE).and_then(|()| ensure(project, TEST)),
        _ => Err("usage: cargo xtask setup [--test]".to_owned()),
    }
}

/// Makes sure that every part is there; one line of progress each.
pub fn ensure(project: &Project, parts: &[Part]) -> Result<()> {
    for part in parts {
        if let State::Missing(why) = (part.look)(project) {
            println!("  .. {}: {why}; {}", part.name, part.remedy);
            let start = Instant::now();
            (part.fix)(project).map_err(|error| format!("cannot set up {}: {error}", part.name))?;
            println!("     {}: done in {}", part.name, duration(start.elapsed()));
        }
        match (part.look)(project) {
            State::Ready(found) => println!("  ok {}: {found}", part.name),
            State::Missing(why) => {
                return Err(format!("{} was set up and still does not work: {why}", part.name));
            }
        }
    }
    Ok(())
}
