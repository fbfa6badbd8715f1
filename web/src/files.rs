//! The files of the editor: an ordered list with one of them in front.

use std::rc::Rc;

use serde::{Deserialize, Serialize};
use view::Text;

/// One file of the editor.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct EditorFile {
    /// Its identity while the page lives; a renamed file keeps it.
    pub id: u32,
    /// Its name, unique among the files.
    pub name: Text,
    /// Its content.
    pub content: Text,
}

/// All files, and which one is in front. Never empty.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Files {
    list: Rc<[EditorFile]>,
    active: u32,
    next_id: u32,
}

/// A file as it is stored and shared.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct NamedText {
    /// The file's name.
    pub name: String,
    /// The file's content.
    pub content: String,
}

impl Files {
    /// These files, the first in front. Without any, one empty file.
    pub fn new(files: impl IntoIterator<Item = NamedText>) -> Self {
        Self::numbered_from(0, files)
    }

    /// Other files in place of these. Their ids are new, so no editor takes one for the other.
    pub fn replaced(&self, files: impl IntoIterator<Item = NamedText>) -> Self {
        Self::numbered_from(self.next_id, files)
    }

    fn numbered_from(first: u32, files: impl IntoIterator<Item = NamedText>) -> Self {
        let mut list: Vec<EditorFile> = Vec::new();
        for (id, file) in (first..).zip(files) {
            let name = unused_name(&list, &file.name);
            list.push(EditorFile { id, name, content: file.content.into() });
        }
        if list.is_empty() {
            list.push(EditorFile { id: first, name: "manifest.yaml".into(), content: "".into() });
        }
        let next_id = first + list.len() as u32;
        Self { active: first, list: list.into(), next_id }
    }

    /// The files in their order.
    pub fn list(&self) -> &Rc<[EditorFile]> {
        &self.list
    }

    /// The file in front.
    pub fn active(&self) -> &EditorFile {
        self.list.iter().find(|file| file.id == self.active).unwrap_or(&self.list[0])
    }

    /// The file of this id.
    pub fn get(&self, id: u32) -> Option<&EditorFile> {
        self.list.iter().find(|file| file.id == id)
    }

    /// The files as they are stored and shared.
    pub fn to_texts(&self) -> Vec<NamedText> {
        let text = |file: &EditorFile| NamedText { name: file.name.to_string(), content: file.content.to_string() };
        self.list.iter().map(text).collect()
    }

    /// Brings a file to the front.
    pub fn open(&mut self, id: u32) {
        if self.get(id).is_some() {
            self.active = id;
        }
    }

    /// Sets a file's content.
    pub fn edit(&mut self, id: u32, content: Text) {
        self.change(id, |file| file.content = content);
    }

    /// Adds an empty file and brings it to the front.
    pub fn add(&mut self) {
        let name = unused_name(&self.list, "manifest.yaml");
        let file = EditorFile { id: self.next_id, name, content: "".into() };
        self.active = file.id;
        self.next_id += 1;
        self.list = self.list.iter().cloned().chain([file]).collect();
    }

    /// Adds a file with this content and brings it to the front; one of that name gets the content instead.
    pub fn bring(&mut self, file: NamedText) {
        match self.list.iter().find(|known| *known.name == *file.name).map(|known| known.id) {
            Some(id) => {
                self.edit(id, file.content.into());
                self.active = id;
            }
            None => {
                self.add();
                self.rename(self.active, &file.name);
                self.edit(self.active, file.content.into());
            }
        }
    }

    /// Gives a file another name: one that a path can have, and that no other file has.
    pub fn rename(&mut self, id: u32, name: &str) {
        let name = name.trim().trim_matches('/').replace(char::is_whitespace, "-");
        if name.is_empty() {
            return;
        }
        let others: Vec<EditorFile> = self.list.iter().filter(|file| file.id != id).cloned().collect();
        let name = unused_name(&others, &name);
        self.change(id, |file| file.name = name);
    }

    /// Closes a file. The last one is not closed but emptied.
    pub fn close(&mut self, id: u32) {
        if self.list.len() == 1 {
            return self.edit(id, "".into());
        }
        let at = self.list.iter().position(|file| file.id == id).unwrap_or(0);
        self.list = self.list.iter().filter(|file| file.id != id).cloned().collect();
        if self.active == id {
            self.active = self.list[at.min(self.list.len() - 1)].id;
        }
    }

    fn change(&mut self, id: u32, change: impl FnOnce(&mut EditorFile)) {
        let mut list = self.list.to_vec();
        if let Some(file) = list.iter_mut().find(|file| file.id == id) {
            change(file);
        }
        self.list = list.into();
    }
}

/// `name`, or `name-2`, `name-3`… before its extension where that name is taken.
fn unused_name(taken: &[EditorFile], name: &str) -> Text {
    let is_taken = |candidate: &str| taken.iter().any(|file| &*file.name == candidate);
    if !is_taken(name) {
        return name.into();
    }
    let (stem, extension) =
        name.rsplit_once('.').map_or((name, String::new()), |(stem, ext)| (stem, format!(".{ext}")));
    let numbered = (2..).map(|number: u32| format!("{stem}-{number}{extension}"));
    numbered.into_iter().find(|candidate| !is_taken(candidate)).unwrap_or_default().into()
}

#[cfg(test)]
mod tests {
    use super::{Files, NamedText};

    fn files(names: &[&str]) -> Files {
        Files::new(names.iter().map(|name| NamedText { name: (*name).into(), content: String::new() }))
    }

    fn names(files: &Files) -> Vec<&str> {
        files.list().iter().map(|file| &*file.name).collect()
    }

    #[test]
    fn names_stay_unique() {
        let mut files = files(&["a.yaml", "a.yaml"]);
        files.add();
        files.rename(2, " a.yaml ");
        assert_eq!(names(&files), ["a.yaml", "a-2.yaml", "a-3.yaml"]);
        files.rename(0, "a.yaml");
        assert_eq!(names(&files)[0], "a.yaml");
    }

    #[test]
    fn closing_the_front_file_shows_its_neighbour_and_never_none() {
        let mut files = files(&["a", "b", "c"]);
        files.open(1);
        files.close(1);
        assert_eq!(&*files.active().name, "c");
        files.close(2);
        files.close(0);
        assert_eq!(names(&files), ["a"]);
    }
}
