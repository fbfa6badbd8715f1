//! What is kept in the browser between visits: the files, the session and the settings. A browser that keeps nothing is no
//! reason to stop; the caller is told once.

use gloo::storage::{LocalStorage, Storage, errors::StorageError};
use serde::{Deserialize, Serialize};

use crate::files::NamedText;
use crate::settings::Settings;

const DRAFT: &str = "podground.draft.v1";
const SETTINGS: &str = "podground.settings.v1";

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

/// The settings of an earlier visit.
pub fn load_settings() -> Settings {
    found(LocalStorage::get(SETTINGS)).unwrap_or_default().unwrap_or_default()
}

/// Keeps the settings. That they cannot be kept shows on the next visit; it is not worth a message.
pub fn save_settings(settings: &Settings) {
    LocalStorage::set(SETTINGS, settings).unwrap_or_default();
}

fn found<T>(got: Result<T, StorageError>) -> Result<Option<T>, String> {
    match got {
        Ok(value) => Ok(Some(value)),
        Err(StorageError::KeyNotFound(_)) => Ok(None),
        Err(error) => Err(error.to_string()),
    }
}
