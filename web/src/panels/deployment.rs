//! One Deployment as a lane: its ReplicaSets trading replicas, between the least and the most pods that a rollout allows.

use std::rc::Rc;

use view::{DeploymentLane, PodTile, ReplicaSetRow};
use yew::{Callback, Html, Properties, classes, component, html};

use super::on;
use super::workloads::{lit, view_scale, view_title};
use crate::app_state::Action;
use crate::icons::{Icon, glyph, icon, state_class};
use crate::intent::Intent;

/// Pods of one set that are drawn one by one.
const SHOWN: usize = 60;

/// What a lane shows.
#[derive(PartialEq, Properties)]
pub struct DeploymentProps {
    /// The Deployment, or a set that belongs to none.
    pub lane: DeploymentLane,
    /// Told what is wanted.
    pub emit: Callback<Intent>,
}

/// A lane.
#[component]
pub fn Deployment(props: &DeploymentProps) -> Html {
    let DeploymentProps { lane, emit } = props;
    let target = &lane.target;
    html! {
        <section class="lane" aria-label={format!("{} {}", target.kind, target.name)} data-lane={target.key()}
            data-lane-of={target.to_string()} style={format!("--owner:var(--work-{})", lane.colour)}
            onmouseenter={lit(emit, Some(target))} onmouseleave={lit(emit, None)}>
            <header>
                { view_title(target, emit) }
                <small>{ about(lane) }</small>
                <small class="share">{ format!("{}/{} ready · {} up to date · {} available", lane.ready, lane.desired, lane.up_to_date, lane.available) }</small>
                { view_scale(target, lane.desired, emit) }
            </header>
            if let Some(waiting) = &lane.waiting {
                <p class="lane-wait">{ icon(Icon::Clock) }{ &**waiting }</p>
            }
            if lane.sets.len() > 1 {
                { view_bounds(lane) }
            }
            <ul class="sets">{ for lane.sets.iter().map(|set| view_set(set, lane, emit)) }</ul>
        </section>
    }
}

fn about(lane: &DeploymentLane) -> String {
    let mut parts = Vec::new();
    if !lane.strategy.is_empty() {
        parts.push(lane.strategy.to_string());
    }
    if lane.is_paused {
        parts.push("paused".to_owned());
    }
    if &*lane.strategy == "RollingUpdate" {
        parts.push(format!("at least {} available, at most {} pods", lane.least, lane.most));
    }
    parts.join(" · ")
}

/// How many pods the old and the new sets have, on a scale up to the most that there may be.
fn view_bounds(lane: &DeploymentLane) -> Html {
    let count = |is_new: bool| -> usize {
        lane.sets.iter().filter(|set| set.is_new == is_new).map(|set| living(&set.pods)).sum()
    };
    let (old, new) = (count(false), count(true));
    let scale = lane.most.max(u32::try_from(old + new).unwrap_or(u32::MAX)).max(1) as usize;
    let share = |pods: usize| pods * 100 / scale;
    let words = format!("{old} old and {new} new pods; at least {} available, at most {}", lane.least, lane.most);
    html! {
        <div class="bounds" role="img" aria-label={words.clone()} title={words}
            style={format!("--old:{}%;--new:{}%;--least:{}%;--most:{}%", share(old), share(new), share(lane.least as usize), share(lane.most as usize))}>
            <i class="old-part" /><i class="new-part" /><b class="least">{ format!("least {}", lane.least) }</b><b class="most">{ format!("most {}", lane.most) }</b>
        </div>
    }
}

fn living(pods: &[Rc<PodTile>]) -> usize {
    pods.iter().filter(|pod| pod.state != view::TileState::Terminating).count()
}

fn view_set(set: &ReplicaSetRow, lane: &DeploymentLane, emit: &Callback<Intent>) -> Html {
    let is_alone = set.target == lane.target;
    let select = on(emit, Action::Selected(Some(set.target.clone())));
    let is_old = !set.is_new;
    html! {
        <li key={&*set.target.name} class={classes!("set", is_old.then_some("old"))}>
            if !is_alone {
                <div class="set-head">
                    <button type="button" class="link" title={set.target.to_string()} onclick={select}>
                        { if set.revision.is_empty() { set.target.name.to_string() } else { format!("revision {}", set.revision) } }
                    </button>
                    <small>{ &*set.image }</small>
                    <small>{ format!("{} of {} ready", set.ready, set.desired) }</small>
                    if is_old {
                        <span class="old-word">{ "old" }</span>
                    }
                </div>
            }
            <div class="set-pods">
                { for set.pods.iter().take(SHOWN).map(|pod| view_pod(pod, emit)) }
                { for (set.pods.len()..set.desired.min(SHOWN as u32) as usize).map(|at| html! { <span key={at} class="box ghost" title="not created yet" /> }) }
                if set.pods.len() > SHOWN {
                    <small>{ format!("+{}", set.pods.len() - SHOWN) }</small>
                }
                if set.pods.is_empty() && set.desired == 0 {
                    <small>{ "no pods" }</small>
                }
            </div>
        </li>
    }
}

/// A pod as a small box with its state.
pub fn view_pod(pod: &PodTile, emit: &Callback<Intent>) -> Html {
    let owner = pod.owner.as_ref().map(|owner| owner.target.to_string());
    html! {
        <button type="button" key={&*pod.uid} class={classes!("box", state_class(pod.state))} data-of={pod.target().to_string()}
            data-owner={owner} data-revision={pod.revision.to_string()} title={format!("{} · {}", pod.name, pod.line())}
            aria-label={format!("{}: {}, {}", pod.name, pod.line(), pod.state.word())}
            onclick={on(emit, Action::Selected(Some(pod.target())))}>{ glyph(pod.state) }</button>
    }
}
