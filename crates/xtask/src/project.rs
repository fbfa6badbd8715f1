//! Where things are, and how a child process of a chore is started.

use crate::Result;
use std::cell::Cell;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The checkout the chores work on.
#[derive(Debug)]
pub struct Project {
    /// The folder of the workspace's `Cargo.toml`.
    pub root: PathBuf,
    /// Set when the set-up changed which toolchain the checkout uses: children must not inherit the old choice.
    forget_toolchain: Cell<bool>,
}

impl Project {
    /// Finds the checkout from where this crate was compiled.
    pub fn find() -> Result<Self> {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let root = here.ancestors().nth(2).filter(|root| root.join("Cargo.lock").exists());
        let root = root.ok_or_else(|| {
            format!("the checkout moved since xtask was built ({} is gone): run `cargo clean -p xtask`", here.display())
        })?;
        Ok(Self { root: root.to_path_buf(), forget_toolchain: Cell::new(false) })
    }

    /// A path below the root.
    pub fn path(&self, below: &str) -> PathBuf {
        self.root.join(below)
    }

    /// Where tools are installed that this machine does not have: below `target`, never in the user's own folders.
    pub fn tools(&self) -> PathBuf {
        self.path("target/tools")
    }

    /// From now on children choose their toolchain anew, as a new shell in this folder would.
    pub fn toolchain_changed(&self) {
        self.forget_toolchain.set(true);
    }

    /// A command that runs in the root and finds the project's own tools first.
    pub fn command(&self, program: &str) -> Command {
        let program = self.find_tool(program).map_or_else(|| OsString::from(program), OsString::from);
        let mut command = Command::new(program);
        command.current_dir(&self.root).env("PATH", self.search_path());
        if self.forget_toolchain.get() {
            command.env_remove("RUSTUP_TOOLCHAIN").env_remove("CARGO").env_remove("RUSTC");
        }
        command
    }

    /// Where `program` would be found, if anywhere.
    pub fn find_tool(&self, program: &str) -> Option<PathBuf> {
        std::env::split_paths(&self.search_path()).map(|dir| dir.join(program)).find(|file| file.is_file())
    }

    /// The version of a package in `Cargo.lock`, if it is there.
    pub fn locked_version(&self, package: &str) -> Option<String> {
        let lock = std::fs::read_to_string(self.path("Cargo.lock")).ok()?;
        locked_version(&lock, package)
    }

    fn search_path(&self) -> OsString {
        let own = [self.tools().join("bin"), self.path("web/node_modules/.bin")];
        let inherited = std::env::var_os("PATH").unwrap_or_default();
        std::env::join_paths(own.into_iter().chain(std::env::split_paths(&inherited))).unwrap_or(inherited)
    }
}

fn locked_version(lock: &str, package: &str) -> Option<String> {
    let (_, rest) = lock.split_once(&format!("name = \"{package}\"\nversion = \""))?;
    rest.split('"').next().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::locked_version;

    #[test]
    fn version_of_exactly_this_package() {
        let lock = "[[package]]\nname = \"wasm-bindgen-macro\"\nversion = \"9\"\n\n\
                    [[package]]\nname = \"wasm-bindgen\"\nversion = \"0.2.1\"\n";
        assert_eq!(locked_version(lock, "wasm-bindgen").as_deref(), Some("0.2.1"));
        assert_eq!(locked_version(lock, "bindgen"), None);
    }
}
