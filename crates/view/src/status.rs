//! The status sentence above the picture, and what is wrong at the moment.

use std::rc::Rc;

use crate::{ObjectRef, Text};

/// How good or bad something is. Ordered from harmless to bad.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub enum Severity {
    /// As it should be.
    #[default]
    Good,
    /// On its way.
    Busy,
    /// It waits for something.
    Waiting,
    /// Something is wrong.
    Bad,
}

/// A piece of the status sentence.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Segment {
    /// Plain text.
    Plain(Text),
    /// Emphasised text.
    Strong(Text),
    /// The name of an object, which opens it.
    Link {
        /// What is shown.
        text: Text,
        /// What it opens.
        target: ObjectRef,
    },
}

impl Segment {
    /// The words of this piece.
    pub fn text(&self) -> &str {
        match self {
            Self::Plain(text) | Self::Strong(text) | Self::Link { text, .. } => text,
        }
    }
}

/// What the cluster is about, in one sentence.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct StatusSentence {
    /// How good or bad it is.
    pub severity: Severity,
    /// The sentence, piece by piece; spaces are part of the pieces.
    pub segments: Rc<[Segment]>,
    /// The longer answer to "Why?", if there is one.
    pub why: Option<Text>,
}

impl StatusSentence {
    /// The sentence as plain text.
    pub fn plain_text(&self) -> String {
        self.segments.iter().map(Segment::text).collect()
    }
}

/// Something that is wrong, or that waits.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Problem {
    /// How bad it is.
    pub severity: Severity,
    /// What it concerns.
    pub target: ObjectRef,
    /// What is wrong, as a sentence.
    pub text: Text,
}
