//! Every workload: as chips above the picture, and as lanes.

use std::rc::Rc;

use view::{DaemonSetLane, ObjectRef, StatefulSetLane, WorkloadChip};
use yew::{Callback, Html, Properties, component, html};

use super::daemon_set::DaemonSet;
use super::on;
use super::stateful_set::StatefulSet;
use crate::app_state::Action;
use crate::icons::{Icon, icon, severity_class};
use crate::intent::Intent;

/// What the chips show.
#[derive(PartialEq, Properties)]
pub struct ChipsProps {
    /// The workloads.
    pub workloads: Rc<[WorkloadChip]>,
    /// Told what is wanted.
    pub emit: Callback<Intent>,
}

/// The chips.
#[component]
pub fn Chips(props: &ChipsProps) -> Html {
    let chip = |chip: &WorkloadChip| {
        html! {
            <button type="button" key={chip.target.to_string()} class={yew::classes!("chip", severity_class(chip.severity))}
                style={format!("--owner:var(--work-{})", chip.colour)} data-workload={chip.target.to_string()}
                onclick={on(&props.emit, Action::Selected(Some(chip.target.clone())))}>
                <span class="dot" />
                <span class="kind">{ &*chip.target.kind }</span>
                <span>{ &*chip.target.name }</span>
                <span>{ format!("{}/{}", chip.ready, chip.desired) }</span>
            </button>
        }
    };
    html! { <div class="chips">{ for props.workloads.iter().map(chip) }</div> }
}

/// What the lanes show.
#[derive(PartialEq, Properties)]
pub struct LanesProps {
    /// The StatefulSets.
    pub stateful_sets: Rc<[StatefulSetLane]>,
    /// The DaemonSets.
    pub daemon_sets: Rc<[DaemonSetLane]>,
    /// Told what is wanted.
    pub emit: Callback<Intent>,
}

/// The lanes.
#[component]
pub fn Lanes(props: &LanesProps) -> Html {
    html! {
        <div class="lanes">
            { for props.stateful_sets.iter().map(|lane| html! {
                <StatefulSet key={lane.target.to_string()} lane={lane.clone()} emit={props.emit.clone()} />
            }) }
            { for props.daemon_sets.iter().map(|lane| html! {
                <DaemonSet key={lane.target.to_string()} lane={lane.clone()} emit={props.emit.clone()} />
            }) }
        </div>
    }
}

/// The buttons that scale a workload by one.
pub fn view_scale(target: &ObjectRef, replicas: u32, emit: &Callback<Intent>) -> Html {
    let scale = |replicas: u32| Intent::Run(format!("kubectl scale {} --replicas={replicas}", target.kubectl_words()));
    html! {
        <span class="scale" role="group" aria-label={format!("Scale {}", target.name)}>
            <small>{ "scale" }</small>
            <button type="button" data-action="scale-down" aria-label="One replica less" disabled={replicas == 0}
                onclick={on(emit, scale(replicas.saturating_sub(1)))}>{ icon(Icon::Minus) }</button>
            <b data-replicas="">{ replicas }</b>
            <button type="button" data-action="scale-up" aria-label="One replica more"
                onclick={on(emit, scale(replicas + 1))}>{ icon(Icon::Plus) }</button>
        </span>
    }
}
