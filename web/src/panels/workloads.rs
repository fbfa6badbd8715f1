//! Every workload: as chips above the picture, and as lanes.

use std::rc::Rc;

use view::{ObjectRef, Snapshot, WorkloadChip};
use yew::{Callback, Html, MouseEvent, Properties, component, html};

use super::daemon_set::DaemonSet;
use super::deployment::Deployment;
use super::jobs::{CronJob, Job};
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
                data-of={chip.target.to_string()} title={chip.target.to_string()} onmouseenter={lit(&props.emit, Some(&chip.target))} onmouseleave={lit(&props.emit, None)}
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
    /// The cluster.
    pub snapshot: Rc<Snapshot>,
    /// Told what is wanted.
    pub emit: Callback<Intent>,
}

/// The lanes.
#[component]
pub fn Lanes(props: &LanesProps) -> Html {
    let LanesProps { snapshot, emit } = props;
    html! {
        <div class="lanes">
            { for snapshot.stateful_sets.iter().map(|lane| html! {
                <StatefulSet key={lane.target.to_string()} lane={lane.clone()} emit={emit.clone()} />
            }) }
            { for snapshot.daemon_sets.iter().map(|lane| html! {
                <DaemonSet key={lane.target.to_string()} lane={lane.clone()} emit={emit.clone()} />
            }) }
            { for snapshot.deployments.iter().map(|lane| html! {
                <Deployment key={lane.target.to_string()} lane={lane.clone()} emit={emit.clone()} />
            }) }
            { for snapshot.cron_jobs.iter().map(|lane| html! {
                <CronJob key={lane.target.to_string()} lane={lane.clone()} now_ms={snapshot.now_ms} emit={emit.clone()} />
            }) }
            { for snapshot.jobs.iter().map(|lane| html! {
                <Job key={lane.target.to_string()} lane={lane.clone()} emit={emit.clone()} />
            }) }
        </div>
    }
}

/// Lights the pods of an owner while the pointer is over it.
pub fn lit(emit: &Callback<Intent>, target: Option<&ObjectRef>) -> Callback<MouseEvent> {
    on(emit, Action::Lit(target.cloned()))
}

/// The coloured dot and the name of a lane, which opens the object.
pub fn view_title(target: &ObjectRef, emit: &Callback<Intent>) -> Html {
    html! {
        <>
            <span class="dot" />
            <h2>
                <button type="button" class="title" onclick={on(emit, Action::Selected(Some(target.clone())))}>
                    { format!("{} {}", target.kind, target.name) }
                </button>
            </h2>
        </>
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
