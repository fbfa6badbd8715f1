//! The time bar: play and pause, steps, speed, the clock, and a track of Events to go back on.

use std::rc::Rc;

use view::{EventRow, clock_text};
use yew::{Callback, Event, Html, InputEvent, Properties, component, html};

use super::stage::view_add_node;
use super::{on, value_of};
use crate::icons::{Icon, icon};
use crate::intent::Intent;
use crate::session::Clock;

/// The speeds of the menu, in thousandths of real time.
const SPEEDS: [u32; 10] = [100, 250, 500, 1_000, 2_000, 4_000, 10_000, 50_000, 100_000, 1_000_000];

/// What the track may span, in milliseconds. The smallest that leaves room after the latest moment is used.
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

/// What the bar shows.
#[derive(PartialEq, Properties)]
pub struct TimeBarProps {
    /// Where time is.
    pub clock: Clock,
    /// The Events, for the track.
    pub events: Rc<[EventRow]>,
    /// Whether the page is a frame in another page: then the button that adds a node is here.
    pub embedded: bool,
    /// Told what is wanted.
    pub emit: Callback<Intent>,
}

/// The bar.
#[component]
pub fn TimeBar(props: &TimeBarProps) -> Html {
    let TimeBarProps { clock, emit, .. } = props;
    let (label, picture) = if clock.playing { ("Pause", Icon::Pause) } else { ("Play", Icon::Play) };
    let span = span_ms(clock.end_ms);
    let end_ms = clock.end_ms;
    let seek = emit
        .reform(move |event: InputEvent| Intent::Seek(value_of(&event).parse::<u64>().unwrap_or(end_ms).min(end_ms)));
    html! {
        <footer class="time" data-pane="time" data-scope="timeline" tabindex="-1" aria-label="Time">
            <div class="transport">
                <button type="button" class="square" data-action="step-back" aria-label="Back to the event before"
                    title="Back to the event before ( , )" onclick={on(emit, Intent::StepBack)}>{ icon(Icon::StepBack) }</button>
                <button type="button" class="square primary" data-action="play" aria-label={label}
                    title={format!("{label} (space)")} onclick={on(emit, Intent::Play(!clock.playing))}>{ icon(picture) }</button>
                <button type="button" class="square" data-action="step" aria-label="On to the next event"
                    title="On to the next event ( . )" onclick={on(emit, Intent::StepForward)}>{ icon(Icon::StepForward) }</button>
            </div>
            <span class="clock" data-clock={clock.now_ms.to_string()}>{ clock_text(clock.now_ms) }</span>
            { view_speed(clock, emit) }
            <div class="track-wrap">
                { view_ticks(&props.events, span) }
                <input type="range" class="seek" aria-label="Moment" min="0" max={span.to_string()} step="100"
                    value={clock.now_ms.to_string()} aria-valuetext={clock_text(clock.now_ms)}
                    style={format!("--done:{}%", clock.end_ms.min(span) * 100 / span)} oninput={seek} />
            </div>
            if props.embedded {
                { view_add_node(emit) }
            }
            <small class="time-note">{ note(clock, props.events.len()) }</small>
        </footer>
    }
}

fn note(clock: &Clock, events: usize) -> String {
    match (clock.lagging, clock.now_ms < clock.end_ms, events) {
        (true, ..) => "slower than asked: much is happening".to_owned(),
        (_, true, _) => format!("rewound from {}", clock_text(clock.end_ms)),
        (_, _, 1) => "1 event · drag to rewind".to_owned(),
        (_, _, events) => format!("{events} events · drag to rewind"),
    }
}

fn span_ms(end_ms: u64) -> u64 {
    let wanted = end_ms + end_ms / 8;
    SPANS_MS.into_iter().find(|span| *span >= wanted).unwrap_or(wanted)
}

fn view_speed(clock: &Clock, emit: &Callback<Intent>) -> Html {
    let onchange = emit.reform(|event: Event| Intent::SetSpeed(value_of(&event).parse().unwrap_or(1_000)));
    let is_other = !SPEEDS.contains(&clock.speed_milli);
    html! {
        <select class="speed" aria-label="Speed" data-action="speed" {onchange}>
            { for SPEEDS.iter().copied().chain(is_other.then_some(clock.speed_milli)).map(|speed| html! {
                <option value={speed.to_string()} selected={speed == clock.speed_milli}>{ speed_text(speed) }</option>
            }) }
        </select>
    }
}

/// `0.25×`, `4×`.
fn speed_text(speed_milli: u32) -> String {
    let (whole, part) = (speed_milli / 1_000, speed_milli % 1_000);
    let part = format!(".{part:03}");
    format!("{whole}{}×", part.trim_end_matches('0').trim_end_matches('.'))
}

fn view_ticks(events: &[EventRow], span: u64) -> Html {
    let tick = |row: &EventRow| {
        let x = (row.at_ms.min(span) * 1_000 / span).to_string();
        let class = match (&*row.object.kind, row.is_warning) {
            (_, true) => "warning",
            ("Pod", _) => "pod-tick",
            ("Node", _) => "node-tick",
            _ => "work-tick",
        };
        let (y, height) = if row.is_warning { ("9", "18") } else { ("14", "12") };
        html! { <rect key={&*row.uid} {class} {x} {y} width="2" {height} rx="1" /> }
    };
    html! {
        <svg class="ticks" viewBox="0 0 1000 34" preserveAspectRatio="none" aria-hidden="true">
            { for events.iter().map(tick) }
        </svg>
    }
}

#[cfg(test)]
mod tests {
    use super::{span_ms, speed_text};

    #[test]
    fn speeds_read_as_factors() {
        assert_eq!([100, 250, 1_000, 4_000, 1_500].map(speed_text), ["0.1×", "0.25×", "1×", "4×", "1.5×"]);
    }

    #[test]
    fn the_track_leaves_room_after_the_latest_moment() {
        assert_eq!(span_ms(0), 60_000);
        assert_eq!(span_ms(59_000), 120_000);
        assert!(span_ms(u64::from(u32::MAX)) > u64::from(u32::MAX));
    }
}
