//! What a panel asks for. Panels emit intents; `app.rs` is the only place that carries them out.

use std::rc::Rc;

use view::{Cause, ObjectRef, Text};

use crate::app_state::Action;
use crate::files::NamedText;
use crate::time::{TimeAction, TimeDeed};

/// What can be done with the file in front.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FileDeed {
    /// Apply it alone.
    Apply,
    /// Apply the document that the cursor is in.
    ApplyDocument,
    /// Say what applying would do.
    DryRun,
    /// Compare it with the cluster.
    Diff,
    /// Delete what it describes.
    Delete,
    /// Take out what nobody sees: blanks at the ends of lines, tabs, empty lines.
    Tidy,
    /// Offer all files as one archive.
    Download,
}

/// Something a person asked for.
#[derive(Clone, PartialEq, Debug)]
pub enum Intent {
    /// Change what the page remembers.
    Do(Action),
    /// Run a console command, as if it had been typed.
    Run(String),
    /// Run what was typed into the console.
    SendPrompt,
    /// End the command that still waits.
    Interrupt,
    /// Write every file into the session and apply it.
    Apply,
    /// Open the example of this name.
    OpenExample(Text),
    /// Let time run, or stop it.
    Play(bool),
    /// Do something with time; see `time.rs`.
    Time(TimeDeed),
    /// Let time run at this many thousandths of real time.
    SetSpeed(u32),
    /// Go to this moment, in milliseconds of virtual time.
    Seek(u64),
    /// Make a link to this session.
    Share,
    /// Put this text on the clipboard.
    Copy(Text),
    /// Leave the link that was opened, for the work of the last visit.
    BackToDraft,
    /// Run the command that was asked about.
    Confirmed(String),
    /// Open this session in the whole page.
    OpenFull,
    /// Add a node under the next free name.
    AddNode,
    /// These files were dropped onto the editor.
    FilesDropped(Rc<[NamedText]>),
    /// A page of Markdown with manifests in it was pasted.
    PagePasted(Text),
    /// Split the page: its manifests become files.
    PageSplit(Text),
    /// Do this with the file in front.
    File(FileDeed),
    /// Add an example of this kind to the file in front.
    Insert(&'static str),
    /// Run these commands, one after the other.
    RunAll(Rc<[Text]>),
    /// Complete what was typed into the console, with the cursor here.
    Complete(usize),
    /// A fresh cluster as the settings have it.
    NewCluster,
    /// Tell why this object waits.
    AskWhy(ObjectRef),
    /// Show the line of the manifest that this comes from.
    ShowCause(Cause),
    /// Put the YAML of this object into the editor.
    Edit(ObjectRef),
}

impl From<TimeDeed> for Intent {
    fn from(deed: TimeDeed) -> Self {
        Self::Time(deed)
    }
}

impl From<TimeAction> for Intent {
    fn from(action: TimeAction) -> Self {
        Self::Do(Action::Time(action))
    }
}

impl From<Action> for Intent {
    fn from(action: Action) -> Self {
        Self::Do(action)
    }
}
