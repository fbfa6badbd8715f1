//! One DaemonSet as a lane: every node, with its Pod or the reason why it has none.

use view::{Coverage, CoverageState, DaemonSetLane};
use yew::{AttrValue, Callback, Html, Properties, classes, component, html};

use super::on;
use super::workloads::{lit, view_title};
use crate::app_state::Action;
use crate::icons::{glyph, state_class};
use crate::intent::Intent;

/// What a lane shows.
#[derive(PartialEq, Properties)]
pub struct DaemonSetProps {
    /// The DaemonSet.
    pub lane: DaemonSetLane,
    /// Told what is wanted.
    pub emit: Callback<Intent>,
}

/// A lane.
#[component]
pub fn DaemonSet(props: &DaemonSetProps) -> Html {
    let DaemonSetProps { lane, emit } = props;
    let name = &lane.target.name;
    let counts = format!(
        "{}/{} ready · {} up to date · {} available",
        lane.ready, lane.desired, lane.up_to_date, lane.available
    );
    html! {
        <section class="lane" aria-label={format!("DaemonSet {name}")} data-lane={lane.target.key()} data-lane-of={lane.target.to_string()}
            style={format!("--owner:var(--work-{})", lane.colour)} onmouseenter={lit(emit, Some(&lane.target))} onmouseleave={lit(emit, None)}>
            <header>
                { view_title(&lane.target, emit) }
                <small>{ format!("one pod a node · {}", lane.strategy) }</small>
                <small class="share">{ counts }</small>
            </header>
            <ul class="coverage">
                { for lane.coverage.iter().map(|each| view_node(each, emit)) }
            </ul>
        </section>
    }
}

fn view_node(coverage: &Coverage, emit: &Callback<Intent>) -> Html {
    let node = &*coverage.node;
    match &coverage.state {
        CoverageState::Pod(pod) => html! {
            <li key={node} class="covered">
                <button type="button" class={classes!("box", state_class(pod.state))} data-of={pod.target().to_string()}
                    data-owner={pod.owner.as_ref().map(|owner| owner.target.to_string())} data-revision={pod.revision.to_string()} title={format!("{} · {}", pod.name, pod.line())}
                    aria-label={format!("{}: {}, {}, on {node}", pod.name, pod.line(), pod.state.word())}
                    onclick={on(emit, Action::Selected(Some(pod.target())))}>
                    { glyph(pod.state) }
                </button>
                <span><b>{ node }</b><small>{ pod.line() }</small></span>
            </li>
        },
        CoverageState::Missing => view_uncovered(node, "no pod yet"),
        CoverageState::NotEligible(reason) => view_uncovered(node, reason),
    }
}

fn view_uncovered(node: &str, reason: &str) -> Html {
    html! {
        <li key={node} class="covered none">
            <span class="box ghost" />
            <span><b>{ node }</b><small title={AttrValue::from(reason.to_owned())}>{ reason }</small></span>
        </li>
    }
}
