//! What is kept in the browser between visits: the files, the session and the theme. A browser that keeps nothing is no
//! reason to stop; the caller is told once.

use gloo::storage::{LocalStorage, Storage, errors::StorageError};
use serde::{Deserialize, Serialize};

use crate::files::NamedText;
use crate::theme::Theme;

const DRAFT: &str = "podground.draft.v1";
const THEME: &str = "podground.theme.v1";

/// Work in progress.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Draft {
    /// The files of the editor.
    pub files: Vec<NamedText>,
    /// The session as a link's fragment, if anything happened in it.
    pub session: Option<String>,
}

/// The draft of the last visit, if there is one. An error says why it cannot be read.
pub fn load_draft() -> Result<Option<Draft>, String> {
    found(LocalStorage::get(DRAFT))
}

/// Keeps a draft for the next visit.
pub fn save_draft(draft: &Draft) -> Result<(), String> {
    LocalStorage::set(DRAFT, draft).map_err(|error| error.to_string())
}

/// The theme that was chosen on an earlier visit.
pub fn load_theme() -> Theme {
    let word: Option<String> = found(LocalStorage::get(THEME)).unwrap_or_default();
    word.and_then(|word| Theme::from_word(&word)).unwrap_or_default()
}

/// Keeps the theme. That it cannot be kept shows on the next visit; it is not worth a message.
pub fn save_theme(theme: Theme) {
    LocalStorage::set(THEME, theme.word()).unwrap_or_default();
}

fn found<T>(got: Result<T, StorageError>) -> Result<Option<T>, String> {
    match got {
        Ok(value) => Ok(Some(value)),
        Err(StorageError::KeyNotFound(_)) => Ok(None),
        Err(error) => Err(error.to_string()),
    }
}
