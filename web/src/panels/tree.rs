//! The tree view: who owns whom.

use std::rc::Rc;

use view::{ObjectRef, PodTile, Snapshot, Text};
use yew::{Callback, Html, Properties, classes, component, html};

use super::on;
use crate::app_state::Action;
use crate::icons::{glyph, state_class};
use crate::intent::Intent;
use crate::light::plain_filter;

/// What the tree shows.
#[derive(PartialEq, Properties)]
pub struct TreeProps {
    /// The cluster.
    pub snapshot: Rc<Snapshot>,
    /// What is looked for.
    pub filter: Text,
    /// Told what is wanted.
    pub emit: Callback<Intent>,
}

/// One object of the tree and what it owns.
struct Branch {
    target: ObjectRef,
    note: String,
    pod: Option<Rc<PodTile>>,
    below: Vec<Branch>,
}

/// The tree.
#[component]
pub fn Tree(props: &TreeProps) -> Html {
    let (word, is_inverse) = plain_filter(&props.filter);
    let fits = |branch: &Branch| word.is_empty() || holds(branch, &word) != is_inverse;
    let roots: Vec<Branch> = roots(&props.snapshot).into_iter().filter(fits).collect();
    html! {
        <section class="table-card tree" aria-label="Ownership">
            if roots.is_empty() {
                <p class="empty">{ "Nothing owns anything yet." }</p>
            }
            <ul>{ for roots.iter().map(|branch| view_branch(branch, &props.emit)) }</ul>
        </section>
    }
}

fn holds(branch: &Branch, word: &str) -> bool {
    branch.target.to_string().to_lowercase().contains(word) || branch.below.iter().any(|below| holds(below, word))
}

fn leaf(pod: &Rc<PodTile>, snapshot: &Snapshot) -> Branch {
    let claims = snapshot
        .claims
        .iter()
        .filter(|claim| claim.namespace == pod.namespace && claim.used_by.split(", ").any(|user| user == &*pod.name));
    let claims = claims.map(|claim| Branch {
        target: ObjectRef::new("PersistentVolumeClaim", &claim.namespace, &claim.name),
        note: format!("used by it · {} {}", claim.status, claim.capacity),
        pod: None,
        below: Vec::new(),
    });
    let place = pod.node.as_ref().map_or(String::new(), |node| format!(" · {node}"));
    Branch {
        target: pod.target(),
        note: format!("{}{place}", pod.line()),
        pod: Some(pod.clone()),
        below: claims.collect(),
    }
}

fn roots(snapshot: &Snapshot) -> Vec<Branch> {
    let owned = |target: &ObjectRef| -> Vec<Branch> {
        let is_its = |pod: &&Rc<PodTile>| pod.owner.as_ref().is_some_and(|owner| owner.target == *target);
        snapshot.pods.iter().filter(is_its).map(|pod| leaf(pod, snapshot)).collect()
    };
    let branch = |target: &ObjectRef, note: String, below: Vec<Branch>| Branch {
        target: target.clone(),
        note,
        pod: None,
        below,
    };
    let mut roots = Vec::new();
    for lane in snapshot.stateful_sets.iter() {
        roots.push(branch(&lane.target, format!("{}/{} ready", lane.ready, lane.desired), owned(&lane.target)));
    }
    for lane in snapshot.daemon_sets.iter() {
        roots.push(branch(&lane.target, format!("{}/{} ready", lane.ready, lane.desired), owned(&lane.target)));
    }
    for lane in snapshot.deployments.iter() {
        let note = format!("{}/{} ready", lane.ready, lane.desired);
        let sets = lane.sets.iter().filter(|set| set.target != lane.target).map(|set| {
            let pods = set.pods.iter().map(|pod| leaf(pod, snapshot)).collect();
            branch(&set.target, format!("revision {} · {}/{} ready", set.revision, set.ready, set.desired), pods)
        });
        let mut below: Vec<Branch> = sets.collect();
        if below.is_empty() {
            below = owned(&lane.target);
        }
        roots.push(branch(&lane.target, note, below));
    }
    let job = |lane: &view::JobLane| branch(&lane.target, lane.status.to_string(), owned(&lane.target));
    for lane in snapshot.cron_jobs.iter() {
        let jobs = snapshot.jobs.iter().filter(|each| each.made_by.as_ref() == Some(&lane.target)).map(job);
        roots.push(branch(&lane.target, lane.schedule.to_string(), jobs.collect()));
    }
    roots.extend(snapshot.jobs.iter().filter(|lane| lane.made_by.is_none()).map(job));
    roots.extend(snapshot.pods.iter().filter(|pod| pod.owner.is_none()).map(|pod| leaf(pod, snapshot)));
    for service in snapshot.services.iter() {
        let target = ObjectRef::new("Service", &service.namespace, &service.name);
        roots.push(branch(&target, format!("{} endpoints", service.endpoints.len()), Vec::new()));
    }
    roots
}

fn view_branch(branch: &Branch, emit: &Callback<Intent>) -> Html {
    html! {
        <li key={branch.target.to_string()}>
            <div class="leaf" data-of={branch.target.to_string()}>
                if let Some(pod) = &branch.pod {
                    <span class={classes!("state", state_class(pod.state))}><i>{ glyph(pod.state) }</i></span>
                }
                <small>{ &*branch.target.kind }</small>
                <button type="button" class="link" onclick={on(emit, Action::Selected(Some(branch.target.clone())))}>{ &*branch.target.name }</button>
                <small>{ &branch.note }</small>
            </div>
            if !branch.below.is_empty() {
                <ul>{ for branch.below.iter().map(|below| view_branch(below, emit)) }</ul>
            }
        </li>
    }
}
