//! What a person has chosen about the page, kept in the browser.

use serde::{Deserialize, Serialize};

use crate::theme::Theme;

/// How long things take in a fresh cluster.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Pace {
    /// At once, but for what manifests ask for.
    Instant,
    /// Long enough to see each step.
    #[default]
    Classroom,
    /// About what a real cluster takes.
    Realistic,
}

impl Pace {
    /// Every pace with what a menu says.
    pub const ALL: [(Self, &'static str); 3] =
        [(Self::Instant, "At once"), (Self::Classroom, "To be watched"), (Self::Realistic, "As on a real cluster")];
}

/// The settings. What is not known to an earlier visit is as it was meant to be.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// Light, dark, with contrast, or as the system says.
    pub theme: Theme,
    /// Large, for a room.
    pub projector: bool,
    /// Whether single letters act in the cluster.
    pub letters: bool,
    /// Whether nothing is to move, whatever the system says.
    pub still: bool,
    /// Whether a screen reader is told of every Event.
    pub narration: bool,
    /// How long things take in a fresh cluster.
    pub pace: Pace,
    /// Nodes of a fresh cluster.
    pub nodes: u32,
    /// Whether the first steps have been shown.
    pub hint_done: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            theme: Theme::default(),
            projector: false,
            letters: true,
            still: false,
            narration: false,
            pace: Pace::default(),
            nodes: 3,
            hint_done: false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Settings;

    #[test]
    fn settings_of_another_version_keep_what_is_known() {
        let read: Settings =
            serde_json::from_str(r#"{"theme": "dark", "nodes": 5, "later": true}"#).expect("it is an object");
        assert_eq!(read, Settings { theme: crate::theme::Theme::Dark, nodes: 5, ..Settings::default() });
    }
}
