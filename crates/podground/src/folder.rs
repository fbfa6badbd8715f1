//! A folder of the machine, read-only, behind the shell's own files.

use console::{FileError, Folder};
use std::fs;
use std::io::ErrorKind;
use std::path::PathBuf;
use std::rc::Rc;

/// A folder on disk.
pub struct DiskFolder {
    root: PathBuf,
}

impl DiskFolder {
    /// The folder at this path.
    pub fn new(root: PathBuf) -> Rc<Self> {
        Rc::new(DiskFolder { root })
    }
}

impl Folder for DiskFolder {
    fn read(&self, path: &str) -> Result<Option<Rc<str>>, FileError> {
        match fs::read(self.root.join(path)) {
            // Text that is no UTF-8 is kept readable: what is wrong with it is said by whoever parses it.
            Ok(bytes) => Ok(Some(String::from_utf8_lossy(&bytes).into())),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(reason(&error)),
        }
    }

    fn list(&self, path: &str) -> Option<Vec<String>> {
        let name = |entry: fs::DirEntry| {
            let folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
            format!("{}{}", entry.file_name().to_string_lossy(), if folder { "/" } else { "" })
        };
        let mut names: Vec<String> = fs::read_dir(self.root.join(path)).ok()?.flatten().map(name).collect();
        names.sort();
        Some(names)
    }
}

fn reason(error: &std::io::Error) -> FileError {
    match error.kind() {
        ErrorKind::IsADirectory => FileError::IsFolder,
        ErrorKind::NotADirectory => FileError::NotFolder,
        _ => FileError::Other(error.to_string()),
    }
}
