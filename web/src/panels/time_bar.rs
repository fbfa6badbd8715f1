//! The time bar: play and pause, steps, undo, speed, the clock, and a track of what happened to go anywhere on.

use playback::{Stride, Tick};
use view::clock_text;
use yew::{Callback, Event, Html, InputEvent, Properties, classes, component, html};

use super::stage::view_add_node;
use super::{on, value_of};
use crate::icons::{Icon, icon};
use crate::intent::Intent;
use crate::session::Clock;
use crate::time::{TimeAction, TimeDeed, TimeDrawer, TimeState, window};

/// The speeds of the menu, in thousandths of real time.
const SPEEDS: [u32; 10] = [100, 250, 500, 1_000, 2_000, 4_000, 10_000, 50_000, 100_000, 1_000_000];

/// What the track can show around the present moment, in milliseconds.
const ZOOMS: [(u64, &str); 4] = [(3_600_000, "1 h"), (600_000, "10 min"), (60_000, "1 min"), (10_000, "10 s")];

/// How many Events the track shows one by one; more are shown as how many there are.
const MOST_TICKS: usize = 200;

/// How many columns that has.
const COLUMNS: usize = 100;

const UNDO: &str = "M6.5 3.5L3 7l3.5 3.5M3 7h6.2a3.3 3.3 0 0 1 0 6.6H7";
const REDO: &str = "M9.5 3.5L13 7l-3.5 3.5M13 7H6.8a3.3 3.3 0 0 0 0 6.6H9";
const FLAG: &str = "M4 14V2.5h8l-2 3 2 3H4";
const LOOP: &str = "M3 8a5 5 0 0 1 8.6-3.5L13 6M13 2.5V6H9.5M13 8a5 5 0 0 1-8.6 3.5L3 10M3 13.5V10h3.5";

/// A sign of this bar.
fn sign(path: &'static str) -> Html {
    html! { <svg class="icon" viewBox="0 0 16 16" aria-hidden="true"><path d={path} /></svg> }
}

/// What the bar shows.
#[derive(PartialEq, Properties)]
pub struct TimeBarProps {
    /// Where time is.
    pub clock: Clock,
    /// What the page knows of time.
    pub time: TimeState,
    /// Whether the page is a frame in another page: then the button that adds a node is here.
    pub embedded: bool,
    /// Told what is wanted.
    pub emit: Callback<Intent>,
}

/// The bar.
#[component]
pub fn TimeBar(props: &TimeBarProps) -> Html {
    let TimeBarProps { clock, emit, .. } = props;
    let told = note(clock, &props.time.timeline.ticks);
    html! {
        <footer class="time" data-pane="time" data-scope="timeline" tabindex="-1" aria-label="Time">
            { view_transport(props) }
            <span class="clock" data-clock={clock.now_ms.to_string()}>{ clock_text(clock.now_ms) }</span>
            { view_speed(clock, emit) }
            { view_track(props, &told) }
            if props.embedded {
                { view_add_node(emit) }
            } else {
                { view_more(props) }
            }
            <small class="time-note">{ told }</small>
        </footer>
    }
}

fn view_transport(props: &TimeBarProps) -> Html {
    let TimeBarProps { clock, time, emit, .. } = props;
    let (label, picture) = if clock.playing { ("Pause", Icon::Pause) } else { ("Play", Icon::Play) };
    let undo = |what: &Option<view::Text>, word: &str| match what {
        Some(what) => format!("{word}: {what}"),
        None => format!("Nothing to {}", word.to_lowercase()),
    };
    html! {
        <div class="transport">
            <button type="button" class="square" data-action="step-back" aria-label="Back to the event before"
                title="Back to the event before ( , )" onclick={on(emit, TimeDeed::Step(false))}>{ icon(Icon::StepBack) }</button>
            <button type="button" class="square primary" data-action="play" aria-label={label}
                title={format!("{label} (space)")} onclick={on(emit, Intent::Play(!clock.playing))}>{ icon(picture) }</button>
            <button type="button" class="square" data-action="step" aria-label="On to the next event"
                title="On to the next event ( . )" onclick={on(emit, TimeDeed::Step(true))}>{ icon(Icon::StepForward) }</button>
            if !props.embedded {
                <button type="button" class="square undo" data-action="undo" aria-label="Undo" disabled={time.timeline.undo.is_none()}
                    title={format!("{} (Ctrl+Z)", undo(&time.timeline.undo, "Undo"))} onclick={on(emit, TimeDeed::Undo)}>{ sign(UNDO) }</button>
                <button type="button" class="square undo" data-action="redo" aria-label="Redo" disabled={time.timeline.redo.is_none()}
                    title={format!("{} (Ctrl+Shift+Z)", undo(&time.timeline.redo, "Redo"))} onclick={on(emit, TimeDeed::Redo)}>{ sign(REDO) }</button>
            }
        </div>
    }
}

/// What happened last at the moment shown, and what is to be known about time besides.
fn note(clock: &Clock, ticks: &[Tick]) -> String {
    let last = ticks.iter().rev().find(|tick| tick.at_ms <= clock.now_ms);
    let told = last.map(|tick| format!("{} {} {}", clock_text(tick.at_ms), tick.reason, tick.about));
    let state = match clock {
        Clock { until_event: true, .. } => Some("on to whatever happens next".to_owned()),
        Clock { lagging: true, actual_milli: 0, .. } => Some("slower than asked: much is happening".to_owned()),
        Clock { lagging: true, actual_milli, speed_milli, .. } if actual_milli < speed_milli => Some(format!(
            "asked for {}, going at {}: much is happening",
            speed_text(*speed_milli),
            speed_text(*actual_milli)
        )),
        Clock { range: Some((from, to)), .. } => Some(format!("repeats {} to {}", clock_text(*from), clock_text(*to))),
        _ if clock.now_ms < clock.end_ms => Some(format!("rewound from {}", clock_text(clock.end_ms))),
        _ => None,
    };
    match (state, told) {
        (Some(state), Some(told)) => format!("{state} · {told}"),
        (state, told) => state.or(told).unwrap_or_else(|| "nothing has happened yet".to_owned()),
    }
}

fn view_speed(clock: &Clock, emit: &Callback<Intent>) -> Html {
    let onchange = emit.reform(|event: Event| match value_of(&event).as_str() {
        "until" => TimeDeed::UntilEvent.into(),
        speed => Intent::SetSpeed(speed.parse().unwrap_or(1_000)),
    });
    let is_other = !SPEEDS.contains(&clock.speed_milli);
    html! {
        <select class="speed" aria-label="Speed" data-action="speed" {onchange}>
            { for SPEEDS.iter().copied().chain(is_other.then_some(clock.speed_milli)).map(|speed| html! {
                <option value={speed.to_string()} selected={speed == clock.speed_milli && !clock.until_event}>{ speed_text(speed) }</option>
            }) }
            <option value="until" selected={clock.until_event}>{ "until something happens" }</option>
        </select>
    }
}

/// `0.25×`, `4×`.
fn speed_text(speed_milli: u32) -> String {
    let (whole, part) = (speed_milli / 1_000, speed_milli % 1_000);
    let part = format!(".{part:03}");
    format!("{whole}{}×", part.trim_end_matches('0').trim_end_matches('.'))
}

fn view_track(props: &TimeBarProps, told: &str) -> Html {
    let TimeBarProps { clock, time, emit, .. } = props;
    let (from, length) = window(time.zoom_ms, clock.now_ms, clock.end_ms);
    let end_ms = clock.end_ms;
    let seek = emit
        .reform(move |event: InputEvent| Intent::Seek(value_of(&event).parse::<u64>().unwrap_or(end_ms).min(end_ms)));
    let place = |ms: u64| ms.clamp(from, from + length).saturating_sub(from) * 1_000 / length;
    let marks = time.timeline.marks.iter().filter(|mark| (from..=from + length).contains(&mark.at_ms)).take(80);
    html! {
        <div class="track-wrap">
            <svg class="ticks" viewBox="0 0 1000 34" preserveAspectRatio="none" aria-hidden="true">
                if let Some((start, end)) = clock.range {
                    <rect class="range" x={place(start).to_string()} y="0" height="34" width={(place(end) - place(start)).to_string()} />
                }
                { view_ticks(&time.timeline.ticks, from, length) }
            </svg>
            <input type="range" class="seek" aria-label="Moment" min={from.to_string()} max={(from + length).to_string()}
                step={(length / 1_000).clamp(1, 100).to_string()} value={clock.now_ms.to_string()}
                aria-valuetext={format!("{}: {told}", clock_text(clock.now_ms))} oninput={seek} />
            { for marks.map(|mark| html! {
                <button type="button" class={classes!("mark-flag", mark.kind.is_bad().then_some("bad"))} data-mark={mark.kind.word()}
                    tabindex="-1" style={format!("--at:{}", place(mark.at_ms))} title={format!("{} {}", clock_text(mark.at_ms), mark.text)}
                    aria-label={format!("{} {}", clock_text(mark.at_ms), mark.text)} onclick={on(emit, Intent::Seek(mark.at_ms))} />
            }) }
        </div>
    }
}

/// The Events that the track shows: one by one, or how many there are where they would cover each other.
fn view_ticks(ticks: &[Tick], from: u64, length: u64) -> Html {
    let shown: Vec<&Tick> = ticks.iter().filter(|tick| (from..=from + length).contains(&tick.at_ms)).collect();
    if shown.len() > MOST_TICKS {
        return view_density(&shown, from, length);
    }
    let tick = |tick: &&Tick| {
        let x = ((tick.at_ms - from) * 1_000 / length).to_string();
        let class = match (&*tick.about.kind, tick.is_warning) {
            (_, true) => "warning",
            ("Pod", _) => "pod-tick",
            ("Node", _) => "node-tick",
            _ => "work-tick",
        };
        let (y, height) = if tick.is_warning { ("9", "18") } else { ("14", "12") };
        html! { <rect {class} {x} {y} width="2" {height} rx="1" /> }
    };
    shown.iter().map(tick).collect()
}

fn view_density(shown: &[&Tick], from: u64, length: u64) -> Html {
    let mut columns = [(0u32, 0u32); COLUMNS];
    for tick in shown {
        let column = (((tick.at_ms - from) * COLUMNS as u64 / length) as usize).min(COLUMNS - 1);
        columns[column].0 += 1;
        columns[column].1 += u32::from(tick.is_warning);
    }
    // Twice as many are one step higher: few stay in sight beside many.
    let height = |count: u32| (u32::BITS - count.leading_zeros()) * 3;
    let bar = |(index, (all, bad)): (usize, &(u32, u32))| {
        let rect = |class: &'static str, count: u32| {
            let high = height(count).min(32);
            html! { <rect {class} x={(index * 10).to_string()} y={(33 - high).to_string()} width="9" height={high.to_string()} /> }
        };
        html! { <>{ rect("pod-tick", *all) }{ rect("warning", *bad) }</> }
    };
    columns.iter().enumerate().filter(|(_, (all, _))| *all > 0).map(bar).collect()
}

/// What opens the drawer, and what is rarely wanted.
fn view_more(props: &TimeBarProps) -> Html {
    let TimeBarProps { clock, time, emit, .. } = props;
    let zoom = emit.reform(|event: Event| TimeAction::Zoom(value_of(&event).parse().ok()).into());
    let stride = emit.reform(|event: Event| {
        let stride = match value_of(&event).as_str() {
            "second" => Stride::Second,
            "reconcile" => Stride::Reconcile,
            _ => Stride::Event,
        };
        TimeAction::Stride(stride).into()
    });
    let strides = [
        (Stride::Event, "event", "by event"),
        (Stride::Second, "second", "by second"),
        (Stride::Reconcile, "reconcile", "by reconcile"),
    ];
    let (range, range_title): (Intent, _) = match (clock.range, time.range_from) {
        (Some(_), _) => (TimeDeed::Range(None).into(), "Stop repeating"),
        (None, Some(from)) => {
            (TimeDeed::Range(Some((from.min(clock.now_ms), from.max(clock.now_ms)))).into(), "Repeat up to here")
        }
        (None, None) => {
            (TimeAction::RangeFrom(Some(clock.now_ms)).into(), "Repeat from here: choose the end after this")
        }
    };
    html! {
        <div class="time-more">
            <select aria-label="Steps" data-action="stride" title="How far a step goes" onchange={stride}>
                { for strides.iter().map(|(each, value, title)| html! {
                    <option value={*value} selected={*each == time.stride}>{ *title }</option>
                }) }
            </select>
            <select aria-label="Zoom" data-action="zoom" title="How much time the track shows" onchange={zoom}>
                <option value="all" selected={time.zoom_ms.is_none()}>{ "all" }</option>
                { for ZOOMS.iter().map(|(ms, title)| html! {
                    <option value={ms.to_string()} selected={time.zoom_ms == Some(*ms)}>{ *title }</option>
                }) }
            </select>
            <button type="button" class="square" data-action="mark" aria-label="Set a mark here" title="Set a mark here (m)"
                onclick={on(emit, TimeDeed::Mark)}>{ sign(FLAG) }</button>
            <button type="button" class={classes!("square", time.range_from.map(|_| "armed"))} data-action="range" aria-label={range_title}
                title={range_title} aria-pressed={clock.range.is_some().to_string()} onclick={on(emit, range)}>{ sign(LOOP) }</button>
            { for TimeDrawer::ALL.iter().map(|(each, name, title)| {
                let open = time.drawer == Some(*each);
                let count = if *each == TimeDrawer::Branches { time.timeline.branches.len().saturating_sub(1) } else { 0 };
                html! {
                    <button type="button" data-action={*name} aria-expanded={open.to_string()}
                        onclick={on(emit, TimeDeed::Drawer((!open).then_some(*each)))}>
                        { *title } if count > 0 { <span class="count">{ count }</span> }
                    </button>
                }
            }) }
        </div>
    }
}

/// The properties of a bar over this timeline, for tests.
#[cfg(test)]
pub fn props(clock: Clock, timeline: crate::time::Timeline) -> TimeBarProps {
    let time = TimeState { timeline: std::rc::Rc::new(timeline), ..TimeState::default() };
    TimeBarProps { clock, time, embedded: false, emit: Callback::noop() }
}

#[cfg(test)]
mod tests {
    use super::{TimeBar, note, props, speed_text};
    use crate::session::Clock;
    use crate::testing::render;
    use crate::time::Timeline;
    use playback::Tick;
    use view::ObjectRef;

    fn ticks(count: u64) -> Vec<Tick> {
        let tick = |n: u64| Tick {
            at_ms: n * 100,
            is_warning: n.is_multiple_of(7),
            reason: "Created".into(),
            about: ObjectRef::new("Pod", "default", "web-0"),
            message: "".into(),
        };
        (0..count).map(tick).collect()
    }

    #[test]
    fn speeds_read_as_factors() {
        assert_eq!([100, 250, 1_000, 4_000, 1_500].map(speed_text), ["0.1×", "0.25×", "1×", "4×", "1.5×"]);
    }

    #[test]
    fn events_become_density_when_they_crowd() {
        let marks = |count| {
            let timeline = Timeline { ticks: ticks(count), ..Timeline::default() };
            let clock = Clock { end_ms: 40_000, ..Clock::default() };
            render::<TimeBar>(props(clock, timeline)).matches("<rect").count()
        };
        assert_eq!(marks(200), 200);
        assert!((60..=200).contains(&marks(400)));
    }

    #[test]
    fn the_note_says_what_happened_and_how_time_goes() {
        let clock = Clock { now_ms: 1_000, end_ms: 1_000, speed_milli: 1_000_000, ..Clock::default() };
        assert_eq!(note(&clock, &ticks(5)), "00:00:00.4 Created Pod default/web-0");
        let late = Clock { lagging: true, actual_milli: 312_000, ..clock };
        assert_eq!(note(&late, &[]), "asked for 1000×, going at 312×: much is happening");
        assert_eq!(note(&Clock { now_ms: 0, ..clock }, &[]), "rewound from 00:00:01.0");
    }
}
