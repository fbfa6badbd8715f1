//! Time on the page: what the time bar and its drawer show, what one can ask of time, and how the session does it.
//! Intents and actions of this room go through `Intent::Time` and `Action::Time`.

use std::rc::Rc;

use playback::{Branch, Comparison, Mark, Phase, Stride, Tick};
use view::{ObjectRef, Text};

use crate::driver::Driver;
use crate::share::ShareTexts;

/// What the drawer above the time bar shows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TimeDrawer {
    /// A lane for each pod.
    Lanes,
    /// The lines of history.
    Branches,
    /// The record of the loop.
    Trace,
}

impl TimeDrawer {
    /// Every part with its name and title, in the order of the tabs.
    pub const ALL: [(Self, &'static str, &'static str); 3] =
        [(Self::Lanes, "lanes", "Lanes"), (Self::Branches, "branches", "What if"), (Self::Trace, "trace", "Loop")];
}

/// One phase of one pod.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Span {
    /// When it began, in virtual milliseconds.
    pub from_ms: u64,
    /// When it ended; the end of time while it goes on.
    pub to_ms: u64,
    /// The phase.
    pub phase: Phase,
}

/// The life of one pod.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Lane {
    /// Its UID.
    pub uid: Text,
    /// The pod.
    pub pod: ObjectRef,
    /// Its phases, one after the other.
    pub spans: Vec<Span>,
}

/// One look of the control loop.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Look {
    /// The step of the loop.
    pub step: u64,
    /// When, as the clock shows it.
    pub time: Text,
    /// Who looked.
    pub brain: Text,
    /// At what.
    pub key: Text,
    /// What woke it.
    pub why: Text,
    /// What it saw.
    pub saw: Text,
    /// What it decided, one line a write.
    pub decided: Text,
    /// The server's words, if that failed.
    pub failed: Option<Text>,
}

/// Everything that the timeline knows, what lies ahead included.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Timeline {
    /// The Events.
    pub ticks: Vec<Tick>,
    /// The marks.
    pub marks: Vec<Mark>,
    /// The pods.
    pub lanes: Vec<Lane>,
    /// The lines of history, the present one first.
    pub branches: Vec<Branch>,
    /// What undo would take back, and what redo would do again.
    pub undo: Option<Text>,
    /// See `undo`.
    pub redo: Option<Text>,
    /// The latest looks of the control loop up to now, newest first, while they are recorded.
    pub looks: Vec<Look>,
}

/// What the page remembers about time.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct TimeState {
    /// The timeline.
    pub timeline: Rc<Timeline>,
    /// The part of the drawer that is open.
    pub drawer: Option<TimeDrawer>,
    /// How far a step goes.
    pub stride: Stride,
    /// How much time the track shows around the present moment, in milliseconds; all of it if nothing is said.
    pub zoom_ms: Option<u64>,
    /// Where the range to be repeated begins, while its end is still to be chosen.
    pub range_from: Option<u64>,
    /// The comparison that is shown, and with which line.
    pub comparison: Option<(Rc<str>, Rc<Comparison>)>,
    /// The texts of the share dialog, while it is open.
    pub share: Option<Rc<ShareTexts>>,
}

/// A change of that.
#[derive(Clone, PartialEq, Debug)]
pub enum TimeAction {
    /// The timeline says something else.
    Taken(Rc<Timeline>),
    /// A part of the drawer was opened, or all closed.
    Drawer(Option<TimeDrawer>),
    /// Steps go that far from now on.
    Stride(Stride),
    /// The track shows that much.
    Zoom(Option<u64>),
    /// The begin of a range was set here, or forgotten.
    RangeFrom(Option<u64>),
    /// Two lines were compared, or the comparison was closed.
    Compared(Option<(Rc<str>, Rc<Comparison>)>),
    /// The share dialog was opened or closed.
    Shared(Option<Rc<ShareTexts>>),
}

impl TimeState {
    /// Changes the state as the action says.
    pub fn reduce(&mut self, action: TimeAction) {
        match action {
            TimeAction::Taken(timeline) => self.timeline = timeline,
            TimeAction::Drawer(drawer) => {
                self.drawer = drawer;
                self.comparison = None;
            }
            TimeAction::Stride(stride) => self.stride = stride,
            TimeAction::Zoom(zoom_ms) => self.zoom_ms = zoom_ms,
            TimeAction::RangeFrom(from) => self.range_from = from,
            TimeAction::Compared(found) => self.comparison = found,
            TimeAction::Shared(texts) => self.share = texts,
        }
    }

    /// Closes what is open; answers whether anything was.
    pub fn dismiss(&mut self) -> bool {
        let closed = self.share.is_some() || self.comparison.is_some() || self.drawer.is_some();
        if self.share.take().is_none() && self.comparison.take().is_none() {
            self.drawer = None;
        }
        closed
    }
}

/// Something asked of time.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum TimeDeed {
    /// Step on, or back.
    Step(bool),
    /// Take the last action back.
    Undo,
    /// Do it again.
    Redo,
    /// Run until something happens.
    UntilEvent,
    /// Set a mark here.
    Mark,
    /// Take the marks of this moment away.
    Unmark(u64),
    /// To the next mark, or the one before.
    ToMark(bool),
    /// To so many per cent of what was played.
    ToPercent(u64),
    /// That many per cent on, or back.
    SkipPercent(i64),
    /// Repeat this range, or stop that.
    Range(Option<(u64, u64)>),
    /// Make this line of history the present one.
    Switch(Rc<str>),
    /// Forget it.
    Drop(Rc<str>),
    /// Compare it with the present one.
    Compare(Rc<str>),
    /// Show that part of the drawer, or close it.
    Drawer(Option<TimeDrawer>),
    /// A file was chosen, dropped or fetched: its name and text.
    Opened(Text, Text),
    /// Ask for what is at this address: the person agreed.
    Fetch(Text),
}

/// Does what was asked. Opening files is for the application.
pub fn carry_out(state: &mut TimeState, driver: &Driver, deed: &TimeDeed) {
    match deed {
        TimeDeed::Step(on) => driver.with(|session| session.step_by(state.stride, *on)),
        TimeDeed::Undo => driver.with(|session| session.undo()),
        TimeDeed::Redo => driver.with(|session| session.redo()),
        TimeDeed::UntilEvent => driver.with(|session| session.play_until_event()),
        TimeDeed::Mark => driver.with(|session| session.mark()),
        TimeDeed::Unmark(at_ms) => driver.with(|session| session.unmark(*at_ms)),
        TimeDeed::ToMark(on) => driver.with(|session| session.to_mark(*on)),
        TimeDeed::ToPercent(percent) => driver.with(|session| session.seek(session.clock().end_ms * percent / 100)),
        TimeDeed::SkipPercent(percent) => driver.with(|session| {
            let (clock, part) = (session.clock(), percent.unsigned_abs().saturating_mul(session.clock().end_ms) / 100);
            let to = if *percent < 0 { clock.now_ms.saturating_sub(part) } else { clock.now_ms + part };
            session.seek(to.min(clock.end_ms));
        }),
        TimeDeed::Range(range) => {
            state.range_from = None;
            driver.with(|session| session.play_range(*range));
        }
        TimeDeed::Switch(name) => {
            state.comparison = None;
            driver.with(|session| session.switch(name));
        }
        TimeDeed::Drop(name) => driver.with(|session| session.drop_branch(name)),
        TimeDeed::Compare(name) => {
            let found = driver.with(|session| session.compare(name));
            state.comparison = found.map(|found| (name.clone(), Rc::new(found)));
        }
        TimeDeed::Drawer(drawer) => {
            state.reduce(TimeAction::Drawer(*drawer));
            driver.with(|session| session.set_tracing(*drawer == Some(TimeDrawer::Trace)));
        }
        TimeDeed::Opened(..) | TimeDeed::Fetch(_) => {}
    }
}

/// The lives of all pods, from the changes of their phases.
pub fn lanes<'a>(changes: impl Iterator<Item = &'a playback::PhaseChange>) -> Vec<Lane> {
    let mut lanes: Vec<Lane> = Vec::new();
    let mut places: std::collections::BTreeMap<Text, usize> = std::collections::BTreeMap::new();
    for change in changes {
        let place = *places.entry(change.uid.clone()).or_insert_with(|| {
            lanes.push(Lane { uid: change.uid.clone(), pod: change.pod.clone(), spans: Vec::new() });
            lanes.len() - 1
        });
        let spans = &mut lanes[place].spans;
        if let Some(last) = spans.last_mut() {
            last.to_ms = change.at_ms;
        }
        if change.phase != Phase::Gone {
            spans.push(Span { from_ms: change.at_ms, to_ms: u64::MAX, phase: change.phase });
        }
    }
    lanes.retain(|lane| !lane.spans.is_empty());
    lanes.sort_by(|a, b| (&a.pod, a.spans[0].from_ms).cmp(&(&b.pod, b.spans[0].from_ms)));
    lanes
}

/// The part of time that a track of this zoom shows: from when, and how long.
pub fn window(zoom_ms: Option<u64>, now_ms: u64, end_ms: u64) -> (u64, u64) {
    let whole = span_ms(end_ms);
    match zoom_ms.filter(|zoom| *zoom < whole) {
        Some(zoom) => (now_ms.saturating_sub(zoom / 2).min(whole - zoom), zoom),
        None => (0, whole),
    }
}

/// What the whole track may span, in milliseconds. The smallest that leaves room after the latest moment is used.
const SPANS_MS: [u64; 12] = [
    60_000,
    120_000,
    300_000,
    600_000,
    1_200_000,
    1_800_000,
    3_600_000,
    7_200_000,
    21_600_000,
    86_400_000,
    604_800_000,
    2_592_000_000,
];

fn span_ms(end_ms: u64) -> u64 {
    let wanted = end_ms + end_ms / 8;
    SPANS_MS.into_iter().find(|span| *span >= wanted).unwrap_or(wanted)
}

#[cfg(test)]
mod tests {
    use super::{TimeAction, TimeDrawer, TimeState, lanes, window};
    use playback::{Phase, PhaseChange};
    use view::ObjectRef;

    #[test]
    fn lanes_are_lives_of_pods() {
        let change = |at_ms, uid: &str, name: &str, phase| PhaseChange {
            at_ms,
            uid: uid.into(),
            pod: ObjectRef::new("Pod", "default", name),
            phase,
        };
        let changes = [
            change(0, "b", "web-1", Phase::Pending),
            change(5, "a", "web-0", Phase::Pending),
            change(9, "a", "web-0", Phase::Ready),
            change(20, "b", "web-1", Phase::Gone),
        ];
        let shown: Vec<String> = lanes(changes.iter())
            .iter()
            .map(|lane| {
                let span =
                    |span: &super::Span| format!("{} {}-{}", span.phase.word(), span.from_ms, span.to_ms.min(99));
                format!("{}: {}", lane.pod.name, lane.spans.iter().map(span).collect::<Vec<_>>().join(", "))
            })
            .collect();
        assert_eq!(shown, ["web-0: Pending 5-9, Ready 9-99", "web-1: Pending 0-20"]);
    }

    #[test]
    fn the_track_leaves_room_after_the_latest_moment_and_can_be_looked_at_closely() {
        assert_eq!(window(None, 0, 0), (0, 60_000));
        assert_eq!(window(None, 0, 59_000), (0, 120_000));
        assert_eq!(window(Some(10_000), 30_000, 3_600_000), (25_000, 10_000));
        assert_eq!(window(Some(10_000), 2_000, 3_600_000), (0, 10_000));
        assert!(window(None, 0, u64::from(u32::MAX)).1 > u64::from(u32::MAX));
    }

    #[test]
    fn what_is_open_closes_one_after_the_other() {
        let mut state = TimeState::default();
        state.reduce(TimeAction::Drawer(Some(TimeDrawer::Lanes)));
        state.reduce(TimeAction::Shared(Some(std::rc::Rc::default())));
        assert!(state.dismiss() && state.drawer.is_some());
        assert!(state.dismiss() && state.drawer.is_none() && !state.dismiss());
    }
}
