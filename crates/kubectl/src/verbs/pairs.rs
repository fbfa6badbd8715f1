//! `KEY=VALUE` and `KEY-` arguments, as label, annotate, taint and set env take them.
//!
//! Models: GetResourcesAndPairs in kubectl/pkg/cmd/util/helpers.go.

use crate::errors::CmdError;
use std::collections::BTreeMap;

/// Resource words first, then changes; `what` names the changes in the error.
pub(super) fn split<'w>(words: &'w [String], what: &str) -> Result<(&'w [String], &'w [String]), CmdError> {
    let is_change = |word: &String| word.contains('=') && !word.starts_with('=') || word.ends_with('-') && word != "-";
    let first = words.iter().position(is_change).unwrap_or(words.len());
    let (resources, changes) = words.split_at(first);
    match changes.iter().find(|word| !is_change(word)) {
        Some(word) => Err(CmdError::new(format!("all resources must be specified before {what} changes: {word}"))),
        None => Ok((resources, changes)),
    }
}

/// What is to be set, and what is to be taken away.
#[derive(Debug, Default)]
pub(super) struct Changes {
    pub(super) set: BTreeMap<String, String>,
    pub(super) remove: Vec<String>,
}

impl Changes {
    /// As a merge patch of a map.
    pub(super) fn patch(&self) -> serde_json::Value {
        let set = self.set.iter().map(|(key, value)| (key.clone(), serde_json::Value::from(value.as_str())));
        let removed = self.remove.iter().map(|key| (key.clone(), serde_json::Value::Null));
        serde_json::Value::Object(set.chain(removed).collect())
    }
}
