//! The drawer above the time bar: the lives of pods as lanes, other lines of history, the record of the control loop.

use playback::Phase;
use view::clock_text;
use yew::{Callback, Html, Properties, classes, component, html};

use super::branches::Branches;
use super::on;
use super::trace::Trace;
use crate::app_state::Action;
use crate::intent::Intent;
use crate::session::Clock;
use crate::time::{Lane, Span, TimeDeed, TimeDrawer, TimeState, window};

/// The most lanes that are drawn.
const MOST_LANES: usize = 200;

/// What the drawer shows.
#[derive(PartialEq, Properties)]
pub struct TimelineProps {
    /// Where time is.
    pub clock: Clock,
    /// What the page knows of time.
    pub time: TimeState,
    /// Told what is wanted.
    pub emit: Callback<Intent>,
}

/// The drawer, while a part of it is open.
#[component]
pub fn Timeline(props: &TimelineProps) -> Html {
    let TimelineProps { time, emit, .. } = props;
    let Some(open) = time.drawer else { return Html::default() };
    html! {
        <section class="time-drawer" data-pane="timeline" data-scope="timeline" data-time-drawer="" aria-label="Timeline">
            <div class="time-drawer-head" role="group" aria-label="Parts of the timeline">
                { for TimeDrawer::ALL.iter().map(|(each, _, title)| html! {
                    <button type="button" aria-pressed={(*each == open).to_string()} onclick={on(emit, TimeDeed::Drawer(Some(*each)))}>{ *title }</button>
                }) }
                <button type="button" class="bare" aria-label="Close the timeline" onclick={on(emit, TimeDeed::Drawer(None))}>{ "×" }</button>
            </div>
            {
                match open {
                    TimeDrawer::Lanes => view_lanes(props),
                    TimeDrawer::Branches => html! {
                        <Branches timeline={time.timeline.clone()} comparison={time.comparison.clone()} emit={emit.clone()} />
                    },
                    TimeDrawer::Trace => html! { <Trace timeline={time.timeline.clone()} emit={emit.clone()} /> },
                }
            }
        </section>
    }
}

fn view_lanes(props: &TimelineProps) -> Html {
    let TimelineProps { clock, time, emit } = props;
    let (from, length) = window(time.zoom_ms, clock.now_ms, clock.end_ms);
    let is_seen = |lane: &&Lane| lane.spans.iter().any(|span| span.to_ms >= from && span.from_ms <= from + length);
    let lanes: Vec<&Lane> = time.timeline.lanes.iter().filter(is_seen).collect();
    if lanes.is_empty() {
        return html! { <p class="empty">{ "No pod has lived in this part of time." }</p> };
    }
    let place = |ms: u64| ms.clamp(from, from + length).saturating_sub(from) * 1_000 / length;
    let more = lanes.len().saturating_sub(MOST_LANES);
    html! {
        <div class="pod-lanes" style={format!("--now:{}", place(clock.now_ms))}>
            { for lanes.iter().take(MOST_LANES).map(|lane| html! {
                <div class="pod-lane" key={&*lane.uid} data-lane={lane.pod.key()}>
                    <button type="button" class="link" onclick={on(emit, Action::Selected(Some(lane.pod.clone())))}>{ &*lane.pod.name }</button>
                    <svg viewBox="0 0 1000 16" preserveAspectRatio="none" role="img" aria-label={sentence(lane)}>
                        { for lane.spans.iter().filter(|span| span.to_ms >= from && span.from_ms <= from + length).map(|span| {
                            let (x, end) = (place(span.from_ms), place(span.to_ms.min(clock.end_ms.max(clock.now_ms))));
                            html! {
                                <rect class={phase_class(span.phase)} x={x.to_string()} y="2" height="12" width={end.saturating_sub(x).max(2).to_string()}>
                                    <title>{ span_text(span) }</title>
                                </rect>
                            }
                        }) }
                    </svg>
                </div>
            }) }
            if more > 0 {
                <p class="empty">{ format!("{more} more pods are not drawn.") }</p>
            }
            <ul class="lane-legend" aria-label="Legend">
                { for PHASES.iter().map(|phase| html! { <li class={classes!("box-legend", phase_class(*phase))}>{ phase.word() }</li> }) }
            </ul>
        </div>
    }
}

const PHASES: [Phase; 7] = [
    Phase::Pending,
    Phase::Creating,
    Phase::NotReady,
    Phase::Ready,
    Phase::Failing,
    Phase::Completed,
    Phase::Terminating,
];

/// The style class of a phase.
fn phase_class(phase: Phase) -> &'static str {
    match phase {
        Phase::Pending => "ph-pending",
        Phase::Creating => "ph-creating",
        Phase::NotReady => "ph-not-ready",
        Phase::Ready => "ph-ready",
        Phase::Failing => "ph-failing",
        Phase::Completed => "ph-completed",
        Phase::Terminating | Phase::Gone => "ph-terminating",
    }
}

fn span_text(span: &Span) -> String {
    match span.to_ms {
        u64::MAX => format!("{} since {}", span.phase.word(), clock_text(span.from_ms)),
        to_ms => format!("{} {} to {}", span.phase.word(), clock_text(span.from_ms), clock_text(to_ms)),
    }
}

/// A lane in words, for those who do not see it.
fn sentence(lane: &Lane) -> String {
    let spans: Vec<String> = lane.spans.iter().map(span_text).collect();
    format!("{}: {}", lane.pod.name, spans.join(", "))
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use playback::Phase;
    use view::ObjectRef;
    use yew::Callback;

    use super::{Timeline, TimelineProps};
    use crate::session::Clock;
    use crate::testing::render;
    use crate::time::{Lane, Span, TimeDrawer, TimeState};

    #[test]
    fn a_lane_is_the_life_of_a_pod_in_colours_and_words() {
        let span = |from_ms, to_ms, phase| Span { from_ms, to_ms, phase };
        let lane = Lane {
            uid: "u".into(),
            pod: ObjectRef::new("Pod", "default", "web-0"),
            spans: vec![span(0, 3_000, Phase::Creating), span(3_000, u64::MAX, Phase::Ready)],
        };
        let timeline = Rc::new(crate::time::Timeline { lanes: vec![lane], ..Default::default() });
        let time = TimeState { timeline, drawer: Some(TimeDrawer::Lanes), ..TimeState::default() };
        let clock = Clock { now_ms: 30_000, end_ms: 30_000, ..Clock::default() };
        let html = render::<Timeline>(TimelineProps { clock, time, emit: Callback::noop() });
        assert!(
            html.contains("aria-label=\"web-0: Creating 00:00:00.0 to 00:00:03.0, Ready since 00:00:03.0\""),
            "{html}"
        );
        assert!(html.contains("class=\"ph-creating\"") && html.contains("width=\"450\""), "{html}");
    }
}
