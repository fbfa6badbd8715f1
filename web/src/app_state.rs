//! What the page remembers, what can happen to it, and how the one changes the other.
//!
//! The cluster is not part of it: the session owns that, and the state holds the latest picture of it. Nothing here has an
//! effect outside; see `app.rs` for those.

use std::rc::Rc;

use view::{NodeCard, ObjectRef, Snapshot, Text, Why};

use crate::diagnostic::Diagnostic;
use crate::did::Did;
use crate::drawer::{Drawer, DrawerTab, Form};
use crate::files::{Files, NamedText};
use crate::intent::Intent;
use crate::marks::Shown;
use crate::prompt::Prompt;
use crate::session::{Clock, Completion, ConsoleLine, LineKind};
use crate::settings::Settings;
use crate::tables::{Printed, Tables};
use crate::time::{TimeAction, TimeState};

/// Lines of console output that are kept.
const CONSOLE_LINES: usize = 2_000;

/// The views of the cluster.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum StageView {
    /// Node cards and lanes.
    Nodes,
    /// Lanes of every workload.
    Workloads,
    /// Claims, volumes, classes, Services and names.
    Storage,
    /// What `kubectl get` prints of any kind.
    Table,
    /// Who owns whom.
    Tree,
}

impl StageView {
    /// Every view with its title, in the order of the tabs.
    pub const ALL: [(Self, &'static str); 5] = [
        (Self::Nodes, "Nodes"),
        (Self::Workloads, "Workloads"),
        (Self::Storage, "Storage & DNS"),
        (Self::Table, "Table"),
        (Self::Tree, "Tree"),
    ];
}

/// The part of the page that a narrow screen shows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Sheet {
    /// The picture.
    Cluster,
    /// The editor.
    Yaml,
    /// Events and console.
    Events,
}

impl Sheet {
    /// Every sheet with its name and title, in the order of the tabs.
    pub const ALL: [(Self, &'static str, &'static str); 3] =
        [(Self::Cluster, "cluster", "Cluster"), (Self::Yaml, "yaml", "YAML"), (Self::Events, "events", "Events")];

    /// The name used in style and test attributes.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(sheet, ..)| *sheet == self).map_or("", |(_, name, _)| name)
    }
}

/// A place in the grid of nodes and Pods that the keyboard can be at.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Spot {
    /// A node's own cell.
    Node(Text),
    /// A Pod's cell in the row of its node.
    Pod(Text, Text),
}

impl Spot {
    /// The node whose row this is in.
    pub fn node(&self) -> &Text {
        match self {
            Self::Node(node) | Self::Pod(node, _) => node,
        }
    }
}

/// A step within the grid.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Step {
    /// To the cell before, in the row.
    Left,
    /// To the cell after.
    Right,
    /// To the row above.
    Up,
    /// To the row below.
    Down,
    /// To the first cell of the row.
    Home,
    /// To the last one.
    End,
}

/// A place in a file that the editor is to show.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Reveal {
    /// Tells one wish from the next, though the place be the same.
    pub serial: u32,
    /// The line, counting from one.
    pub line: u32,
    /// The column, counting from one.
    pub column: u32,
}

/// A message across the page.
#[derive(Clone, PartialEq, Debug)]
pub struct Notice {
    /// Whether something went wrong.
    pub is_bad: bool,
    /// The message.
    pub text: Text,
    /// A button: what it says and does.
    pub button: Option<(Text, Box<Intent>)>,
}

/// Everything the page remembers.
#[derive(Clone, PartialEq, Debug)]
pub struct AppState {
    /// The latest picture of the cluster.
    pub snapshot: Rc<Snapshot>,
    /// Where virtual time is, and how it moves.
    pub clock: Clock,
    /// The files of the editor.
    pub files: Files,
    /// The files before something else replaced them.
    pub replaced_files: Option<Files>,
    /// The file whose name is being changed.
    pub renaming: Option<u32>,
    /// What is wrong with the files.
    pub diagnostics: Rc<[Diagnostic]>,
    /// The place that the editor is to show.
    pub reveal: Option<Reveal>,
    /// The console's lines.
    pub console: Rc<[Shown]>,
    /// The console's input.
    pub prompt: Prompt,
    /// The view of the cluster.
    pub view: StageView,
    /// The part shown on a narrow screen.
    pub sheet: Sheet,
    /// The object whose details are open.
    pub selected: Option<ObjectRef>,
    /// What the drawer shows of it.
    pub drawer: Drawer,
    /// What the last button did.
    pub did: Option<Did>,
    /// The owner under the pointer: its pods are lit.
    pub lit: Option<ObjectRef>,
    /// What the views are filtered by.
    pub filter: Text,
    /// The table view.
    pub tables: Tables,
    /// The cell of the grid that the keyboard is at.
    pub spot: Option<Spot>,
    /// The node whose menu is open.
    pub node_menu: Option<Text>,
    /// What was chosen about the page.
    pub settings: Settings,
    /// Whether the settings are open.
    pub settings_open: bool,
    /// Whether the menu of examples is open.
    pub examples: bool,
    /// The first step that is shown, counting from 0.
    pub hint: Option<usize>,
    /// The message across the page.
    pub notice: Option<Notice>,
    /// Whether the help is open.
    pub help: bool,
    /// What the page knows of time.
    pub time: TimeState,
    /// Whether the page is a frame in another page.
    pub embedded: bool,
}

/// Something that happens to the page.
#[derive(Clone, PartialEq, Debug)]
pub enum Action {
    /// The cluster looks different.
    SnapshotTaken(Rc<Snapshot>),
    /// Time moved, or moves otherwise.
    ClockMoved(Clock),
    /// The console printed.
    ConsolePrinted(Rc<[ConsoleLine]>),
    /// The console was emptied.
    ConsoleCleared,
    /// A file was typed in.
    FileEdited(u32, Text),
    /// A file was brought to the front.
    FileOpened(u32),
    /// A new file was asked for.
    FileAdded,
    /// A file's name is about to be changed; `None` leaves it as it is.
    RenameStarted(Option<u32>),
    /// A file got another name.
    FileRenamed(u32, Text),
    /// A file was closed.
    FileClosed(u32),
    /// All files were replaced by others.
    FilesReplaced(Rc<[NamedText]>),
    /// The replaced files are wanted back.
    FilesRestored,
    /// The files were checked.
    Diagnosed(Rc<[Diagnostic]>),
    /// The place of a diagnostic is wanted.
    Revealed(Diagnostic),
    /// A place is wanted: a file, its line and column.
    PlaceRevealed(u32, u32, u32),
    /// The change that a diagnostic offers is wanted.
    Repaired(Diagnostic),
    /// Another view was chosen.
    ViewChosen(StageView),
    /// Another sheet was chosen.
    SheetChosen(Sheet),
    /// An object was chosen, or none.
    Selected(Option<ObjectRef>),
    /// The chosen object was described.
    Described(Text),
    /// Why the chosen object waits.
    WhyTold(Rc<Why>),
    /// Another part of the drawer was chosen.
    DrawerTabChosen(DrawerTab),
    /// The field of a deed was opened, or closed.
    FormOpened(Option<Form>),
    /// The field of a deed was typed in.
    FormTyped(Text),
    /// A deed of this object asks for a value.
    DeedChosen(ObjectRef, Form),
    /// A button or key gave these commands.
    DidThis(Rc<[Text]>),
    /// What the last button did is not to be shown any more.
    DidClosed,
    /// A file with this name and content was added.
    FileBrought(NamedText),
    /// The pointer came over an owner, or left it.
    Lit(Option<ObjectRef>),
    /// The filter was typed in.
    Filtered(Text),
    /// Another kind is to be shown as a table.
    TableChosen(Text),
    /// The table was printed.
    TablePrinted(Rc<Printed>),
    /// The table is to be sorted by this column.
    TableSorted(usize),
    /// The keyboard moved in the grid.
    SpotMoved(Step),
    /// A cell of the grid was focused.
    SpotTaken(Spot),
    /// A node's menu was opened, or closed.
    NodeMenu(Option<Text>),
    /// The console's input was typed in.
    PromptTyped(Text),
    /// An older line is wanted.
    PromptOlder,
    /// A newer line is wanted.
    PromptNewer,
    /// The history is searched, or an older match is wanted.
    PromptSearched,
    /// The search, or the menu of candidates, was left.
    PromptLeft,
    /// This could complete the line.
    PromptCompleted(Completion),
    /// The next candidate is wanted.
    CandidateNext,
    /// This candidate is wanted.
    CandidateTaken(usize),
    /// The settings are others.
    SettingsChanged(Settings),
    /// The settings were opened or closed.
    SettingsToggled,
    /// The menu of examples was opened or closed.
    ExamplesToggled,
    /// The next of the first steps is wanted.
    HintNext,
    /// The first steps are not to be shown again.
    HintClosed,
    /// Something is to be said, or the message was closed.
    Notified(Option<Notice>),
    /// The help was opened or closed.
    HelpToggled,
    /// Esc: the topmost thing that is open closes.
    Dismissed,
    /// Something about time; see `time.rs`.
    Time(TimeAction),
}

impl AppState {
    /// A page with these files over a cluster of which nothing is known yet.
    pub fn new(files: Files, settings: Settings, embedded: bool) -> Self {
        Self {
            snapshot: Rc::default(),
            time: TimeState::default(),
            clock: Clock::default(),
            files,
            replaced_files: None,
            renaming: None,
            diagnostics: Rc::default(),
            reveal: None,
            console: Rc::default(),
            prompt: Prompt::default(),
            view: StageView::Nodes,
            sheet: Sheet::Cluster,
            selected: None,
            drawer: Drawer::default(),
            did: None,
            lit: None,
            filter: "".into(),
            tables: Tables::default(),
            spot: None,
            node_menu: None,
            settings,
            settings_open: false,
            examples: false,
            hint: None,
            notice: None,
            help: false,
            embedded,
        }
    }

    /// Changes the state as the action says.
    pub fn reduce(&mut self, action: Action) {
        match action {
            Action::SnapshotTaken(snapshot) => self.snapshot = snapshot,
            Action::ClockMoved(clock) => self.clock = clock,
            Action::ConsolePrinted(lines) => self.print(&lines),
            Action::ConsoleCleared => self.console = Rc::default(),
            Action::Diagnosed(diagnostics) => self.diagnostics = diagnostics,
            Action::Revealed(found) => self.reveal(found.file, found.line, found.column),
            Action::PlaceRevealed(file, line, column) => self.reveal(file, line, column),
            Action::Repaired(diagnostic) => self.repair(&diagnostic),
            Action::ViewChosen(view) => self.view = view,
            Action::SheetChosen(sheet) => self.sheet = sheet,
            Action::Selected(target) => {
                self.drawer = self.drawer.of_another(target.as_ref());
                self.selected = target;
                self.node_menu = None;
            }
            Action::Described(text) => self.drawer.show(text),
            Action::WhyTold(why) => self.drawer.why = why,
            Action::DrawerTabChosen(tab) => self.drawer.open(tab),
            Action::FormOpened(form) => self.drawer.form = form,
            Action::FormTyped(value) => {
                if let Some(form) = &mut self.drawer.form {
                    form.value = value;
                }
            }
            Action::DeedChosen(target, form) => {
                self.drawer = Drawer { form: Some(form), ..Drawer::default() };
                self.selected = Some(target);
                self.node_menu = None;
            }
            Action::DidThis(commands) => {
                self.did = Some(Did::new(self.did.as_ref(), commands.to_vec()));
                self.drawer.form = None;
            }
            Action::DidClosed => self.did = None,
            Action::Lit(target) => self.lit = target,
            Action::Filtered(filter) => self.filter = filter,
            Action::TableChosen(plural) => self.tables = Tables { plural, ..Tables::default() },
            Action::TablePrinted(printed) => self.tables.printed = printed,
            Action::TableSorted(column) => self.tables.sort_by(column),
            Action::SpotMoved(step) => self.spot = step_from(&self.snapshot.nodes, self.spot.as_ref(), step),
            Action::SpotTaken(spot) => self.spot = Some(spot),
            Action::NodeMenu(node) => self.node_menu = node,
            Action::PromptTyped(text) => self.prompt.type_in(text),
            Action::PromptOlder => self.prompt.older(),
            Action::PromptNewer => self.prompt.newer(),
            Action::PromptSearched => self.prompt.look_back(),
            Action::PromptLeft => self.prompt.leave(),
            Action::PromptCompleted(found) => self.prompt.complete(found),
            Action::CandidateNext => self.prompt.next_candidate(),
            Action::CandidateTaken(at) => self.prompt.take(at),
            Action::Notified(notice) => self.notice = notice,
            Action::Dismissed => self.dismiss(),
            Action::Time(action) => self.time.reduce(action),
            other => self.reduce_files(other),
        }
    }

    /// The part of [`Self::reduce`] that concerns files.
    fn reduce_files(&mut self, action: Action) {
        match action {
            Action::FileEdited(id, text) => self.files.edit(id, text),
            Action::FileOpened(id) => self.files.open(id),
            Action::FileAdded => self.files.add(),
            Action::RenameStarted(id) => self.renaming = id,
            Action::FileRenamed(id, name) => {
                self.files.rename(id, &name);
                self.renaming = None;
            }
            Action::FileClosed(id) => self.files.close(id),
            Action::FilesReplaced(files) => {
                let new = self.files.replaced(files.iter().cloned());
                self.replaced_files = Some(std::mem::replace(&mut self.files, new));
                self.renaming = None;
            }
            Action::FilesRestored => {
                if let Some(files) = self.replaced_files.take() {
                    self.files = self.files.replaced(files.to_texts());
                }
                self.notice = None;
            }
            Action::FileBrought(file) => {
                self.files.bring(file);
                self.sheet = Sheet::Yaml;
            }
            other => self.reduce_open(other),
        }
    }

    /// The part of [`Self::reduce`] that concerns settings and what lies over the page.
    fn reduce_open(&mut self, action: Action) {
        match action {
            Action::SettingsChanged(settings) => self.settings = settings,
            Action::SettingsToggled => {
                self.settings_open = !self.settings_open;
                (self.help, self.examples) = (false, false);
            }
            Action::ExamplesToggled => {
                self.examples = !self.examples;
                (self.help, self.settings_open) = (false, false);
            }
            Action::HintNext => self.hint = self.hint.map(|step| step + 1),
            Action::HintClosed => {
                self.hint = None;
                self.settings.hint_done = true;
            }
            Action::HelpToggled => {
                self.help = !self.help;
                (self.settings_open, self.examples) = (false, false);
            }
            // Every other action is dealt with above.
            _ => {}
        }
    }

    fn print(&mut self, lines: &[ConsoleLine]) {
        if let Some(did) = &mut self.did {
            did.hear(lines);
        }
        let cleared = lines.iter().rposition(|line| line.kind == LineKind::Clear);
        let (old, new) = match cleared {
            Some(at) => (&[][..], &lines[at + 1..]),
            None => (&*self.console, lines),
        };
        let surplus = (old.len() + new.len()).saturating_sub(CONSOLE_LINES);
        let new = new.iter().map(|line| Shown::new(line.clone(), &self.snapshot));
        self.console = old.iter().cloned().chain(new).skip(surplus).collect();
    }

    fn reveal(&mut self, file: u32, line: u32, column: u32) {
        self.files.open(file);
        self.sheet = Sheet::Yaml;
        let serial = self.reveal.map_or(0, |last| last.serial.wrapping_add(1));
        self.reveal = Some(Reveal { serial, line, column });
    }

    fn repair(&mut self, diagnostic: &Diagnostic) {
        if let (Some(file), Some(fix)) = (self.files.get(diagnostic.file), &diagnostic.fix) {
            let text = fix.applied_to(&file.content).into();
            self.files.edit(diagnostic.file, text);
            // Until the next check the place would be a wrong one.
            self.diagnostics = self.diagnostics.iter().filter(|each| *each != diagnostic).cloned().collect();
        }
    }

    fn dismiss(&mut self) {
        if self.help || self.settings_open || self.examples {
            (self.help, self.settings_open, self.examples) = (false, false, false);
        } else if self.time.share.is_some() {
            self.time.share = None;
        } else if self.node_menu.is_some() {
            self.node_menu = None;
        } else if self.notice.is_some() {
            self.notice = None;
        } else if !self.filter.is_empty() && self.selected.is_none() {
            self.filter = "".into();
        } else if self.drawer.form.is_some() {
            self.drawer.form = None;
        } else if self.selected.is_some() {
            self.selected = None;
        } else {
            self.time.dismiss();
        }
    }
}

/// Where a step leads. Rows are nodes; the first cell of a row is the node itself, the others are its Pods.
fn step_from(nodes: &[NodeCard], spot: Option<&Spot>, step: Step) -> Option<Spot> {
    let first = Spot::Node(nodes.first()?.name.clone());
    let Some(spot) = spot else { return Some(first) };
    let Some(row) = nodes.iter().position(|node| node.name == *spot.node()) else { return Some(first) };
    let pods = &nodes[row].pods;
    let column = match spot {
        Spot::Node(_) => 0,
        Spot::Pod(_, key) => pods.iter().position(|pod| pod.key == *key).map_or(0, |at| at + 1),
    };
    let (row, column) = match step {
        Step::Left => (row, column.saturating_sub(1)),
        Step::Right => (row, column + 1),
        Step::Up => (row.saturating_sub(1), column),
        Step::Down => ((row + 1).min(nodes.len() - 1), column),
        Step::Home => (row, 0),
        Step::End => (row, usize::MAX),
    };
    let node = &nodes[row];
    Some(match column.min(node.pods.len()) {
        0 => Spot::Node(node.name.clone()),
        at => Spot::Pod(node.name.clone(), node.pods[at - 1].key.clone()),
    })
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use super::{Action, AppState, CONSOLE_LINES, Spot, Step};
    use crate::files::{Files, NamedText};
    use crate::fixture;
    use crate::session::{ConsoleLine, LineKind};
    use crate::settings::Settings;

    fn state() -> AppState {
        let files = [NamedText { name: "a.yaml".into(), content: "kind: Pod".into() }];
        AppState::new(Files::new(files), Settings::default(), false)
    }

    fn after(actions: impl IntoIterator<Item = Action>) -> AppState {
        let mut state = state();
        for action in actions {
            state.reduce(action);
        }
        state
    }

    #[test]
    fn replaced_files_come_back() {
        let example = Action::FilesReplaced(Rc::from([NamedText { name: "b.yaml".into(), content: String::new() }]));
        let mut state = after([Action::FileEdited(0, "mine".into()), example]);
        assert_eq!(&*state.files.active().name, "b.yaml");
        state.reduce(Action::FilesRestored);
        assert_eq!((&*state.files.active().name, &*state.files.active().content), ("a.yaml", "mine"));
        assert!(state.files.active().id > 1, "an editor must not take it for the file it showed before");
    }

    #[test]
    fn console_keeps_its_last_lines_and_clears() {
        let line = |kind, text: String| ConsoleLine { kind, text: text.into() };
        let many: Rc<[_]> = (0..CONSOLE_LINES + 5).map(|n| line(LineKind::Stdout, n.to_string())).collect();
        let mut state = after([Action::ConsolePrinted(many)]);
        assert_eq!((state.console.len(), &*state.console[0].line.text), (CONSOLE_LINES, "5"));
        let cleared = [line(LineKind::Clear, String::new()), line(LineKind::Command, "date".into())];
        state.reduce(Action::ConsolePrinted(Rc::from(cleared)));
        assert_eq!(state.console.len(), 1);
    }

    #[test]
    fn arrows_walk_rows_of_nodes_and_cells_of_pods() {
        let mut state = after([Action::SnapshotTaken(fixture::snapshot())]);
        let mut walk = |step| {
            state.reduce(Action::SpotMoved(step));
            match state.spot.clone() {
                Some(Spot::Node(node)) => node.to_string(),
                Some(Spot::Pod(node, pod)) => format!("{node} {pod}"),
                None => "nowhere".to_owned(),
            }
        };
        assert_eq!(walk(Step::Right), "node-1");
        assert_eq!(walk(Step::Right), "node-1 default/mysql-0");
        assert_eq!(walk(Step::Down), "node-2 default/web-6f9-9qv7d");
        assert_eq!(walk(Step::End), "node-2 default/fluentd-m2c8w");
        assert_eq!(walk(Step::Down), "node-3 default/web-6f9-d3f6g");
        assert_eq!(walk(Step::Home), "node-3");
        assert_eq!(walk(Step::Down), "node-3");
    }

    #[test]
    fn escape_closes_the_topmost_thing_first() {
        let pod = fixture::snapshot().pods[0].target();
        let mut state = after([Action::Selected(Some(pod)), Action::HelpToggled, Action::Dismissed]);
        assert!(!state.help && state.selected.is_some());
        state.reduce(Action::Dismissed);
        assert!(state.selected.is_none());
    }
}
