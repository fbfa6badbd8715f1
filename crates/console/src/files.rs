//! The in-memory file system of a session, over a read-only folder that the host may give.
//!
//! Paths are resolved against a current folder, as in a shell. What a script writes hides the file of the same name in
//! the host's folder. Cloning is cheap: contents are shared.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::rc::Rc;

/// The folder in which a session starts; the host's folder appears in it.
pub const HOME: &str = "/home/podground";

/// The longest text that a file, a word or a captured output may have: a wide table of 150,000 pods fits.
pub const MAX_TEXT_BYTES: usize = 64 << 20;

/// A read-only folder of the host, such as the one of `--files DIR`.
pub trait Folder {
    /// The text of a file; `Ok(None)` if there is none. The path is relative to the folder, or absolute if it lies
    /// outside of the session's home.
    fn read(&self, path: &str) -> Result<Option<Rc<str>>, FileError>;

    /// The names in a folder (folders end in `/`); `None` if there is no such folder.
    fn list(&self, path: &str) -> Option<Vec<String>>;
}

/// Why a file could not be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileError {
    /// No such file or folder.
    NotFound,
    /// A folder where a file was expected.
    IsFolder,
    /// A file where a folder was expected.
    NotFolder,
    /// It lies in what cannot be written to.
    ReadOnly,
    /// Something is mounted there.
    Busy,
    /// The text would be longer than [`MAX_TEXT_BYTES`].
    TooLong,
    /// Any other reason, in the host's words.
    Other(String),
}

impl fmt::Display for FileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FileError::NotFound => f.write_str("No such file or directory"),
            FileError::IsFolder => f.write_str("Is a directory"),
            FileError::NotFolder => f.write_str("Not a directory"),
            FileError::ReadOnly => f.write_str("Read-only file system"),
            FileError::Busy => f.write_str("Device or resource busy"),
            FileError::TooLong => write!(f, "longer than {} MiB", MAX_TEXT_BYTES >> 20),
            FileError::Other(reason) => f.write_str(reason),
        }
    }
}

/// The files of a session.
#[derive(Clone)]
pub struct Files {
    texts: BTreeMap<String, Rc<str>>,
    folders: BTreeSet<String>,
    current: String,
    /// What `~` stands for.
    home: Rc<str>,
    host: Option<Rc<dyn Folder>>,
    /// Permissions, times and links of files that have them.
    marks: BTreeMap<String, Mark>,
    /// The file systems, the outermost first, and whether writing there is refused.
    mounts: Rc<[(String, bool)]>,
}

/// What a file has beside its text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mark {
    /// Its permission bits.
    pub mode: u32,
    /// When it was last written, in Unix milliseconds.
    pub modified_ms: i64,
    /// Where it points to, if it is a link.
    pub link: Option<Rc<str>>,
}

/// What lies at a path: a text, or nothing if it is a folder.
pub type Item = (Option<Rc<str>>, Mark);

impl Default for Files {
    fn default() -> Self {
        let folders = ["/", "/home", HOME, "/tmp"].map(str::to_owned).into();
        Self {
            texts: BTreeMap::new(),
            folders,
            current: HOME.to_owned(),
            home: HOME.into(),
            host: None,
            marks: BTreeMap::new(),
            mounts: Rc::new([]),
        }
    }
}

impl fmt::Debug for Files {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Files").field("texts", &self.texts).field("current", &self.current).finish_non_exhaustive()
    }
}

impl Files {
    /// An empty file system.
    pub fn new() -> Self {
        Self::default()
    }

    /// The files of a container: what lies at each path, and the file systems with whether they are read-only.
    pub fn of_container(items: impl IntoIterator<Item = (String, Item)>, mounts: Vec<(String, bool)>) -> Self {
        let mut files = Self {
            texts: BTreeMap::new(),
            folders: BTreeSet::from(["/".to_owned()]),
            current: "/".to_owned(),
            home: "/root".into(),
            host: None,
            marks: BTreeMap::new(),
            mounts: mounts.into(),
        };
        for (path, (text, mark)) in items {
            match text {
                Some(text) => _ = files.texts.insert(path.clone(), text),
                None => _ = files.folders.insert(path.clone()),
            }
            files.marks.insert(path, mark);
        }
        files
    }

    /// The same files with this current folder, if there is one.
    pub fn at(mut self, folder: &str) -> Self {
        // Else the current folder stays as it is.
        drop(self.enter(folder));
        self
    }

    /// What lies at a path now and did not, or not so, `before`; `None` for what is gone. Folders come before what is
    /// in them.
    pub fn changes(&self, before: &Files, now_ms: i64) -> Vec<(String, Option<Item>)> {
        let mut changes = Vec::new();
        let gone = before.texts.keys().chain(&before.folders);
        changes.extend(
            gone.filter(|path| !self.texts.contains_key(*path) && !self.folders.contains(*path))
                .map(|path| (path.clone(), None)),
        );
        let mark = |path: &str, mode: u32| {
            let known = self.marks.get(path).cloned();
            Mark { modified_ms: now_ms, ..known.unwrap_or(Mark { mode, ..Mark::default() }) }
        };
        let same_mode =
            |path: &str| self.marks.get(path).map(|mark| mark.mode) == before.marks.get(path).map(|mark| mark.mode);
        for folder in self.folders.iter().filter(|path| !before.folders.contains(*path) || !same_mode(path)) {
            changes.push((folder.clone(), Some((None, mark(folder, 0o755)))));
        }
        for (path, text) in &self.texts {
            if !before.texts.get(path).is_some_and(|old| Rc::ptr_eq(old, text)) || !same_mode(path) {
                changes.push((path.clone(), Some((Some(Rc::clone(text)), mark(path, 0o644)))));
            }
        }
        changes
    }

    /// Permissions, time and link of a file or folder, if they are known.
    pub fn mark(&self, path: &str) -> Option<&Mark> {
        self.marks.get(&self.resolve(path))
    }

    /// Sets the permission bits of a file or folder.
    pub fn set_mode(&mut self, path: &str, mode: u32) -> Result<(), FileError> {
        let path = self.resolve(path);
        if !self.exists(&path) {
            return Err(FileError::NotFound);
        }
        self.check_writable(&path)?;
        self.marks.entry(path).or_default().mode = mode;
        Ok(())
    }

    /// Whether these are the files of a container.
    pub fn is_container(&self) -> bool {
        !self.mounts.is_empty()
    }

    fn check_writable(&self, path: &str) -> Result<(), FileError> {
        let around = |mount: &str| mount == "/" || path == mount || path.starts_with(&format!("{mount}/"));
        match self.mounts.iter().rev().find(|(mount, _)| around(mount)) {
            Some((_, true)) => Err(FileError::ReadOnly),
            _ => Ok(()),
        }
    }

    /// The same files over this read-only folder.
    pub fn over(mut self, folder: Rc<dyn Folder>) -> Self {
        self.host = Some(folder);
        self
    }

    /// The current folder.
    pub fn current(&self) -> &str {
        &self.current
    }

    /// Changes the current folder.
    pub fn enter(&mut self, path: &str) -> Result<(), FileError> {
        let path = self.resolve(path);
        if self.is_folder(&path) {
            self.current = path;
            Ok(())
        } else if self.exists(&path) {
            Err(FileError::NotFolder)
        } else {
            Err(FileError::NotFound)
        }
    }

    /// Every file of the session itself: its path, below the home folder if it is there, and its text.
    pub fn own(&self) -> impl Iterator<Item = (&str, &Rc<str>)> {
        let short = |path| str::strip_prefix(path, HOME).and_then(|rest| rest.strip_prefix('/')).unwrap_or(path);
        self.texts.iter().map(move |(path, text)| (short(path), text))
    }

    /// The text of a file.
    pub fn read(&self, path: &str) -> Result<Rc<str>, FileError> {
        if path == "/dev/null" {
            return Ok("".into());
        }
        let path = self.resolve(path);
        if let Some(text) = self.texts.get(&path) {
            return Ok(Rc::clone(text));
        }
        if let Some(text) = self.host.as_ref().map(|host| host.read(host_path(&path))).transpose()?.flatten() {
            return Ok(text);
        }
        Err(if self.is_folder(&path) { FileError::IsFolder } else { FileError::NotFound })
    }

    /// Writes a file, in place of what it had.
    pub fn write(&mut self, path: &str, text: impl Into<Rc<str>>) -> Result<(), FileError> {
        let text = text.into();
        if path == "/dev/null" {
            return Ok(());
        }
        if text.len() > MAX_TEXT_BYTES {
            return Err(FileError::TooLong);
        }
        let path = self.resolve(path);
        if self.is_folder(&path) {
            return Err(FileError::IsFolder);
        }
        if !self.is_folder(parent(&path)) {
            return Err(if self.exists(parent(&path)) { FileError::NotFolder } else { FileError::NotFound });
        }
        self.check_writable(&path)?;
        self.texts.insert(path, text);
        Ok(())
    }

    /// Adds text to the end of a file, which is made if it does not exist.
    pub fn append(&mut self, path: &str, text: &str) -> Result<(), FileError> {
        let before = match self.read(path) {
            Ok(before) => before,
            Err(FileError::NotFound) => "".into(),
            Err(error) => return Err(error),
        };
        self.write(path, format!("{before}{text}"))
    }

    /// Writes a file together with the folders above it.
    pub fn put(&mut self, path: &str, text: impl Into<Rc<str>>) -> Result<(), FileError> {
        let folder = parent(&self.resolve(path)).to_owned();
        self.make_folder(&folder)?;
        self.write(path, text)
    }

    /// Makes a folder and those above it.
    pub fn make_folder(&mut self, path: &str) -> Result<(), FileError> {
        let path = self.resolve(path);
        let above = path.match_indices('/').skip(1).map(|(end, _)| &path[..end]);
        let all: Vec<String> = above.chain([path.as_str()]).map(str::to_owned).collect();
        if all.iter().any(|folder| self.texts.contains_key(folder)) {
            return Err(FileError::NotFolder);
        }
        if !self.folders.contains(&path) {
            self.check_writable(&path)?;
        }
        self.folders.extend(all);
        Ok(())
    }

    /// Removes a file, or a folder with all that is in it. The host's folder cannot be changed.
    pub fn remove(&mut self, path: &str) -> Result<(), FileError> {
        let path = self.resolve(path);
        let below = format!("{path}/");
        if self.exists(&path) {
            self.check_writable(&path)?;
            if self.mounts.iter().any(|(mount, _)| *mount == path || mount.starts_with(&below)) {
                return Err(FileError::Busy);
            }
        }
        if self.texts.remove(&path).is_some() {
            self.marks.remove(&path);
            return Ok(());
        }
        if !self.folders.contains(&path) || HOME.starts_with(&path) {
            return Err(if self.exists(&path) {
                FileError::Other("Read-only file system".into())
            } else {
                FileError::NotFound
            });
        }
        self.texts.retain(|name, _| !name.starts_with(&below));
        self.marks.retain(|name, _| *name != path && !name.starts_with(&below));
        self.folders.retain(|name| *name != path && !name.starts_with(&below));
        if !self.is_folder(&self.current) {
            self.current = if self.is_container() { "/".to_owned() } else { HOME.to_owned() };
        }
        Ok(())
    }

    /// The names in a folder, sorted; folders end in `/`.
    pub fn list(&self, path: &str) -> Result<Vec<String>, FileError> {
        let path = self.resolve(path);
        if !self.is_folder(&path) {
            return Err(if self.exists(&path) { FileError::NotFolder } else { FileError::NotFound });
        }
        let below = if path == "/" { path.clone() } else { format!("{path}/") };
        let inside = |name: &str| {
            name.strip_prefix(&below).filter(|rest| !rest.is_empty() && !rest.contains('/')).map(str::to_owned)
        };
        let mut names: BTreeSet<String> = self.texts.keys().filter_map(|name| inside(name)).collect();
        names.extend(self.folders.iter().filter_map(|name| Some(inside(name)? + "/")));
        names.extend(self.host.as_ref().and_then(|host| host.list(host_path(&path))).unwrap_or_default());
        Ok(names.into_iter().collect())
    }

    /// Whether a file or folder of this name exists.
    pub fn exists(&self, path: &str) -> bool {
        self.is_folder(path) || self.read(path).is_ok()
    }

    /// Whether this is a folder.
    pub fn is_folder(&self, path: &str) -> bool {
        let path = self.resolve(path);
        self.folders.contains(&path) || self.host.as_ref().is_some_and(|host| host.list(host_path(&path)).is_some())
    }

    /// The absolute path, without `.` and `..`.
    fn resolve(&self, path: &str) -> String {
        let whole = match path.strip_prefix('~') {
            Some(rest) if rest.is_empty() || rest.starts_with('/') => format!("{}{rest}", self.home),
            _ if path.starts_with('/') => path.to_owned(),
            _ => format!("{}/{path}", self.current),
        };
        let mut parts: Vec<&str> = Vec::new();
        for part in whole.split('/') {
            match part {
                "" | "." => {}
                ".." => _ = parts.pop(),
                name => parts.push(name),
            }
        }
        format!("/{}", parts.join("/"))
    }
}

/// The path by which the host's folder knows a file: relative inside of the session's home, absolute elsewhere.
fn host_path(path: &str) -> &str {
    match path.strip_prefix(HOME) {
        Some("") => ".",
        Some(rest) if rest.starts_with('/') => &rest[1..],
        _ => path,
    }
}

fn parent(path: &str) -> &str {
    match path.rfind('/') {
        Some(0) | None => "/",
        Some(end) => &path[..end],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct OneFile;

    impl Folder for OneFile {
        fn read(&self, path: &str) -> Result<Option<Rc<str>>, FileError> {
            Ok((path == "app/web.yaml").then(|| "from disk".into()))
        }

        fn list(&self, path: &str) -> Option<Vec<String>> {
            match path {
                "." => Some(vec!["app/".into()]),
                "app" => Some(vec!["web.yaml".into()]),
                _ => None,
            }
        }
    }

    #[test]
    fn paths_are_resolved_against_the_current_folder() {
        let mut files = Files::new();
        files.make_folder("demo/sub").unwrap();
        files.enter("demo").unwrap();
        files.write("./sub/../a.yaml", "a").unwrap();
        assert_eq!(&*files.read("/home/podground/demo/a.yaml").unwrap(), "a");
        assert_eq!(&*files.read("~/demo/a.yaml").unwrap(), "a");
        assert_eq!(files.list(".").unwrap(), ["a.yaml", "sub/"]);
        assert_eq!(files.read("sub"), Err(FileError::IsFolder));
        assert_eq!(files.write("none/b", "b"), Err(FileError::NotFound));
        assert_eq!(files.write("a.yaml/b", "b"), Err(FileError::NotFolder));
    }

    #[test]
    fn appending_makes_and_grows() {
        let mut files = Files::new();
        files.append("log", "one\n").unwrap();
        files.append("log", "two\n").unwrap();
        assert_eq!(&*files.read("log").unwrap(), "one\ntwo\n");
        files.write("/dev/null", "gone").unwrap();
        assert_eq!(&*files.read("/dev/null").unwrap(), "");
    }

    #[test]
    fn the_hosts_folder_lies_below_what_was_written() {
        let mut files = Files::new().over(Rc::new(OneFile));
        assert_eq!(&*files.read("app/web.yaml").unwrap(), "from disk");
        files.write("app/web.yaml", "mine").unwrap();
        assert_eq!(&*files.read("app/web.yaml").unwrap(), "mine");
        assert_eq!(files.list(".").unwrap(), ["app/"]);
        files.remove("app/web.yaml").unwrap();
        assert_eq!(&*files.read("app/web.yaml").unwrap(), "from disk");
        assert_eq!(files.remove("app/web.yaml"), Err(FileError::Other("Read-only file system".into())));
    }

    #[test]
    fn removing_a_folder_takes_what_is_in_it() {
        let mut files = Files::new();
        files.put("a/b/c", "text").unwrap();
        files.enter("a/b").unwrap();
        files.remove("~/a").unwrap();
        assert!(!files.exists("~/a/b/c"));
        assert_eq!(files.current(), HOME);
        assert!(files.remove("/").is_err());
    }
}
