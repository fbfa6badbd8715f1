//! What comes in from outside: the only way to change a session.

use sim::SimTime;
use std::rc::Rc;

/// Something a user did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// A line (or several) of the command language. Buttons issue commands too. A command that still waits is ended
    /// by the next one, as Ctrl-C would end it; an empty one does only that.
    Command(Rc<str>),
    /// A file of the editor was written.
    WriteFile {
        /// Where.
        path: Rc<str>,
        /// What it says now.
        content: Rc<str>,
    },
    /// A file of the editor was removed.
    DeleteFile {
        /// Where.
        path: Rc<str>,
    },
}

/// An input and when it was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// When: after everything that happens at this moment by itself.
    pub at: SimTime,
    /// What.
    pub input: Input,
    /// Fields of a newer version, kept as they were.
    pub other: serde_json::Map<String, serde_json::Value>,
}
