//! The keyboard map: one table that binds the keys and fills the help. A letter acts only where the focus is in the
//! cluster or the time bar, never while something is typed.

use crate::app_state::{StageView, Step};
use crate::intent::Intent;
use crate::time::TimeDeed;

/// Where the focus is. Elements say so with `data-scope`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Scope {
    /// Anywhere.
    Any,
    /// In the picture, or another view of the cluster.
    Cluster,
    /// In the time bar.
    Timeline,
}

impl Scope {
    /// The scope of that name.
    pub fn from_name(name: &str) -> Self {
        match name {
            "cluster" => Self::Cluster,
            "timeline" => Self::Timeline,
            _ => Self::Any,
        }
    }
}

/// What a key does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Deed {
    /// Apply the files.
    Apply,
    /// Let time run, or stop it.
    PlayPause,
    /// A fresh cluster.
    Reset,
    /// Focus the next part of the page.
    NextPane,
    /// Focus the one before.
    PreviousPane,
    /// Close what is open.
    Dismiss,
    /// Something with time.
    Time(TimeKey),
    /// For who presents: to the next mark or the one before, or a blank screen.
    Present(Option<bool>),
    /// That many seconds on, or back.
    Skip(i32),
    /// Walk in the grid.
    Move(Step),
    /// Open what the grid is at.
    Open,
    /// Delete what the grid is at, after asking.
    Delete,
    /// Cordon the node.
    Cordon,
    /// Uncordon the node.
    Uncordon,
    /// Crash the Pod's container.
    Crash,
    /// Add a node.
    AddNode,
    /// Show this view.
    View(StageView),
    /// Type a command.
    Console,
    /// Type a filter.
    Filter,
    /// Full screen and back.
    FullScreen,
    /// Open or close the help.
    Help,
}

/// What a key does with time.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TimeKey {
    /// A step on, or back.
    Step(bool),
    /// Take the last action back.
    Undo,
    /// Do it again.
    Redo,
    /// To the next mark, or the one before.
    Mark(bool),
    /// Set a mark.
    SetMark,
    /// So many per cent on, or back.
    Part(i64),
    /// To so many per cent.
    Percent(u64),
}

/// The intent that such a key stands for.
pub fn time_deed(key: TimeKey) -> Intent {
    let deed = match key {
        TimeKey::Step(on) => TimeDeed::Step(on),
        TimeKey::Undo => TimeDeed::Undo,
        TimeKey::Redo => TimeDeed::Redo,
        TimeKey::Mark(on) => TimeDeed::ToMark(on),
        TimeKey::SetMark => TimeDeed::Mark,
        TimeKey::Part(percent) => TimeDeed::SkipPercent(percent),
        TimeKey::Percent(percent) => TimeDeed::ToPercent(percent),
    };
    deed.into()
}

/// One row of the map.
pub struct Binding {
    /// The keys, any of which will do.
    pub keys: &'static [&'static str],
    /// Where they act.
    pub scopes: &'static [Scope],
    /// What they do.
    pub deed: Deed,
    /// What the help says; nothing for a row that another row explains.
    pub help: &'static str,
}

const ANY: &[Scope] = &[Scope::Any, Scope::Cluster, Scope::Timeline];
const CLUSTER: &[Scope] = &[Scope::Cluster];
const TIMELINE: &[Scope] = &[Scope::Timeline];
const BOTH: &[Scope] = &[Scope::Cluster, Scope::Timeline];

const fn row(keys: &'static [&'static str], scopes: &'static [Scope], deed: Deed, help: &'static str) -> Binding {
    Binding { keys, scopes, deed, help }
}

/// Every key of the page. The editor has its own beside these.
pub const BINDINGS: &[Binding] = &[
    row(&["Ctrl+Enter", "Ctrl+s"], ANY, Deed::Apply, "Apply the files"),
    row(&["Alt+k"], ANY, Deed::PlayPause, "Play or pause, from anywhere"),
    row(&["Alt+r"], ANY, Deed::Reset, "Reset: a fresh cluster"),
    row(&["F6"], ANY, Deed::NextPane, "Next part of the page"),
    row(&["Shift+F6"], ANY, Deed::PreviousPane, "Part of the page before"),
    row(&["Escape"], ANY, Deed::Dismiss, "Close what is open"),
    row(&["Space"], BOTH, Deed::PlayPause, "Play or pause"),
    row(&["."], BOTH, Deed::Time(TimeKey::Step(true)), "On to the next event"),
    row(&[","], BOTH, Deed::Time(TimeKey::Step(false)), "Back to the event before"),
    row(&["Ctrl+z"], BOTH, Deed::Time(TimeKey::Undo), "Undo the last action"),
    row(&["Ctrl+Shift+z", "Ctrl+y"], BOTH, Deed::Time(TimeKey::Redo), "Redo it"),
    row(&["]"], TIMELINE, Deed::Time(TimeKey::Mark(true)), "To the next mark"),
    row(&["["], TIMELINE, Deed::Time(TimeKey::Mark(false)), "To the mark before"),
    row(&["m"], TIMELINE, Deed::Time(TimeKey::SetMark), "Set a mark"),
    row(&["Shift+ArrowRight"], TIMELINE, Deed::Time(TimeKey::Part(10)), "10 % on"),
    row(&["Shift+ArrowLeft"], TIMELINE, Deed::Time(TimeKey::Part(-10)), "10 % back"),
    row(&["0"], TIMELINE, Deed::Time(TimeKey::Percent(0)), "To so many tenths of what was played: 0 to 9"),
    row(&["1"], TIMELINE, Deed::Time(TimeKey::Percent(10)), ""),
    row(&["2"], TIMELINE, Deed::Time(TimeKey::Percent(20)), ""),
    row(&["3"], TIMELINE, Deed::Time(TimeKey::Percent(30)), ""),
    row(&["4"], TIMELINE, Deed::Time(TimeKey::Percent(40)), ""),
    row(&["5"], TIMELINE, Deed::Time(TimeKey::Percent(50)), ""),
    row(&["6"], TIMELINE, Deed::Time(TimeKey::Percent(60)), ""),
    row(&["7"], TIMELINE, Deed::Time(TimeKey::Percent(70)), ""),
    row(&["8"], TIMELINE, Deed::Time(TimeKey::Percent(80)), ""),
    row(&["9"], TIMELINE, Deed::Time(TimeKey::Percent(90)), ""),
    row(&["PageDown"], ANY, Deed::Present(Some(true)), "Projector: to the next mark"),
    row(&["PageUp"], ANY, Deed::Present(Some(false)), "Projector: to the mark before"),
    row(&["b"], ANY, Deed::Present(None), "Projector: blank screen"),
    row(&["ArrowRight"], TIMELINE, Deed::Skip(5), "5 seconds on"),
    row(&["ArrowLeft"], TIMELINE, Deed::Skip(-5), "5 seconds back"),
    row(&["ArrowLeft"], CLUSTER, Deed::Move(Step::Left), "Move between pods (arrows, Home, End)"),
    row(&["ArrowRight"], CLUSTER, Deed::Move(Step::Right), ""),
    row(&["ArrowUp"], CLUSTER, Deed::Move(Step::Up), "Move between nodes"),
    row(&["ArrowDown"], CLUSTER, Deed::Move(Step::Down), ""),
    row(&["Home"], CLUSTER, Deed::Move(Step::Home), ""),
    row(&["End"], CLUSTER, Deed::Move(Step::End), ""),
    row(&["Enter", "d"], CLUSTER, Deed::Open, "Describe the pod or node"),
    row(&["Delete"], CLUSTER, Deed::Delete, "Delete the pod, remove the node (asks first)"),
    row(&["x"], CLUSTER, Deed::Crash, "Crash the pod's container"),
    row(&["c"], CLUSTER, Deed::Cordon, "Cordon the node"),
    row(&["u"], CLUSTER, Deed::Uncordon, "Uncordon the node"),
    row(&["+", "n"], CLUSTER, Deed::AddNode, "Add a node"),
    row(&["1"], CLUSTER, Deed::View(StageView::Nodes), "Nodes, Workloads, Storage & DNS, Table, Tree: 1 to 5"),
    row(&["2"], CLUSTER, Deed::View(StageView::Workloads), ""),
    row(&["3"], CLUSTER, Deed::View(StageView::Storage), ""),
    row(&["4"], CLUSTER, Deed::View(StageView::Table), ""),
    row(&["5"], CLUSTER, Deed::View(StageView::Tree), ""),
    row(&["/"], CLUSTER, Deed::Filter, "Filter the views; a leading ! turns it around"),
    row(&[":"], CLUSTER, Deed::Console, "Type a command"),
    row(&["f"], BOTH, Deed::FullScreen, "Full screen"),
    row(&["?"], BOTH, Deed::Help, "This help"),
];

/// A key as the table names it: modifiers in the order Ctrl, Alt, Shift. Shift is left out where it only makes the character,
/// and Cmd is Ctrl.
pub fn name(key: &str, control: bool, alt: bool, shift: bool) -> String {
    let is_character = key.chars().count() == 1;
    let key = match key {
        " " => "Space".to_owned(),
        _ if control || alt => key.to_lowercase().replace("enter", "Enter"),
        _ => key.to_owned(),
    };
    let part = |on: bool, text: &'static str| if on { text } else { "" };
    [part(control, "Ctrl+"), part(alt, "Alt+"), part(shift && (control || !is_character), "Shift+"), &key].concat()
}

/// What a key does in a scope.
pub fn find(name: &str, scope: Scope) -> Option<Deed> {
    BINDINGS.iter().find(|row| row.scopes.contains(&scope) && row.keys.contains(&name)).map(|row| row.deed)
}

#[cfg(test)]
mod tests {
    use super::{BINDINGS, Deed, Scope, find, name};
    use crate::app_state::Step;

    #[test]
    fn keys_are_named_as_in_the_table() {
        assert_eq!(name("Enter", true, false, false), "Ctrl+Enter");
        assert_eq!(name("S", true, false, false), "Ctrl+s");
        assert_eq!(name("?", false, false, true), "?");
        assert_eq!(name("F6", false, false, true), "Shift+F6");
        assert_eq!(name(" ", false, false, false), "Space");
    }

    #[test]
    fn letters_act_only_in_their_scope() {
        assert_eq!(find("d", Scope::Any), None);
        assert_eq!(find("d", Scope::Cluster), Some(Deed::Open));
        assert_eq!(find("ArrowLeft", Scope::Timeline), Some(Deed::Skip(-5)));
        assert_eq!(find("ArrowLeft", Scope::Cluster), Some(Deed::Move(Step::Left)));
    }

    #[test]
    fn no_key_does_two_things_in_one_scope() {
        for scope in [Scope::Any, Scope::Cluster, Scope::Timeline] {
            let here = BINDINGS.iter().filter(|row| row.scopes.contains(&scope));
            let mut keys: Vec<&str> = here.flat_map(|row| row.keys).copied().collect();
            keys.sort_unstable();
            let count = keys.len();
            keys.dedup();
            assert_eq!(keys.len(), count, "{scope:?}");
        }
    }
}
