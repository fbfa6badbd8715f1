//! The files of containers: what images bring along, what volumes hold, what was written.
//!
//! A [`Disk`] is data: cheap to clone, part of the cluster's state, so that rewinding and replaying a session find the
//! files as they were. Files of a claim live with its volume, those of an `emptyDir` with the pod, those of a
//! `hostPath` with the machine; everything else a container writes is gone with its run.

mod image;
mod mounts;
mod projected;

pub(crate) use image::{Family, base_name, family, files as of_image};
pub(crate) use mounts::{Mount, Place, disk_of_volume, mounts_of};
pub(crate) use projected::keys_of;

use api::{Str, Time};
use imbl::GenericOrdMap;
use imbl::shared_ptr::RcK;
use std::rc::Rc;

/// A file or folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The text of a file; `None` for a folder.
    pub text: Option<Rc<str>>,
    /// Where it points to if it is a symbolic link; its text is then that of what it points to.
    pub link: Option<Str>,
    /// Its permission bits.
    pub mode: u32,
    /// When it was last written.
    pub modified: Time,
}

impl Entry {
    /// A file that everybody may read.
    pub fn file(text: impl Into<Rc<str>>, modified: Time) -> Entry {
        Entry { text: Some(text.into()), link: None, mode: 0o644, modified }
    }

    /// A folder.
    pub fn folder(modified: Time) -> Entry {
        Entry { text: None, link: None, mode: 0o755, modified }
    }
}

/// A file system: what lies at which path, written without a slash in front (`logs/today.txt`).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Disk {
    entries: GenericOrdMap<Str, Entry, RcK>,
}

impl Disk {
    /// Writes a file or makes a folder, and the folders above it.
    pub(crate) fn put(&mut self, path: &str, entry: Entry) {
        for (end, _) in path.match_indices('/') {
            let folder = Str::from(&path[..end]);
            if !self.entries.contains_key(&folder) {
                self.entries.insert(folder, Entry::folder(entry.modified));
            }
        }
        self.entries.insert(path.into(), entry);
    }

    /// Removes a file, or a folder with all that is in it.
    pub(crate) fn remove(&mut self, path: &str) {
        let below = format!("{path}/");
        let gone: Vec<Str> = self
            .iter()
            .map(|(name, _)| name)
            .filter(|name| **name == *path || name.starts_with(&below))
            .cloned()
            .collect();
        for name in gone {
            self.entries.remove(&name);
        }
    }

    pub(crate) fn get(&self, path: &str) -> Option<&Entry> {
        self.entries.get(path)
    }

    /// Everything, sorted by path.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&Str, &Entry)> {
        self.entries.iter()
    }
}

/// `a/b` for the pieces of a path, without empty ones and `.`; `..` goes up, but never out.
pub(crate) fn normal(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => _ = parts.pop(),
            name => parts.push(name),
        }
    }
    parts.join("/")
}

/// Joins two paths without slashes at their ends, either of which may be empty.
pub(crate) fn join(folder: &str, path: &str) -> String {
    match (folder, path) {
        ("", path) => path.to_owned(),
        (folder, "") => folder.to_owned(),
        (folder, path) => format!("{folder}/{path}"),
    }
}

/// What is left of `path` below `folder`; empty if they are the same.
pub(crate) fn below<'a>(path: &'a str, folder: &str) -> Option<&'a str> {
    if folder.is_empty() {
        return Some(path);
    }
    match path.strip_prefix(folder)? {
        "" => Some(""),
        rest => rest.strip_prefix('/'),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_come_and_go_with_what_is_in_them() {
        let at = Time::from_unix_millis(0);
        let mut disk = Disk::default();
        disk.put("a/b/c", Entry::file("text", at));
        disk.put("a-b", Entry::file("other", at));
        let before = disk.clone();
        disk.remove("a");
        let names = |disk: &Disk| disk.iter().map(|(name, _)| name.to_string()).collect::<Vec<_>>().join(" ");
        assert_eq!(names(&disk), "a-b");
        assert_eq!(names(&before), "a a-b a/b a/b/c");
    }

    #[test]
    fn paths() {
        assert_eq!(normal("/a//b/../c/./"), "a/c");
        assert_eq!(normal("/../.."), "");
        assert_eq!((below("a/b", "a"), below("ab", "a"), below("a", "a")), (Some("b"), None, Some("")));
    }
}
