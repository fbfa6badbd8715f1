//! The cluster's Events as rows of a log.

use crate::{ObjectRef, Text};

/// One Event.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct EventRow {
    /// The Event's uid: its identity while its count grows.
    pub uid: Text,
    /// When it last happened, in milliseconds of virtual time.
    pub at_ms: u64,
    /// That moment as the clock shows it.
    pub time: Text,
    /// Whether its type is `Warning` rather than `Normal`.
    pub is_warning: bool,
    /// Its reason, such as `SuccessfulCreate`.
    pub reason: Text,
    /// What it is about.
    pub object: ObjectRef,
    /// Which component told it.
    pub from: Text,
    /// Its message.
    pub message: Text,
    /// How often it happened.
    pub count: u32,
}
