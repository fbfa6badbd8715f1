//! Pod tiles.

use super::kept::{Kept, KeptTile};
use super::{Context, owner_reference, text};
use crate::{ObjectRef, OwnerRef, PodTile, Text, TileState};
use api::{Node, Pod, PodSummary, Resource, pod_status};
use std::rc::Rc;

/// STATUS words that speak of a failure; others that end in `BackOff` or `Error` do too.
const FAILING: [&str; 6] = ["Failed", "OOMKilled", "DeadlineExceeded", "Evicted", "ErrImagePull", "InvalidImageName"];

/// Every tile; those of pods that are as they were in the last picture are the same ones.
pub(super) fn tiles(ctx: &Context<'_>, kept: &mut Kept) -> Rc<[Rc<PodTile>]> {
    let last = std::mem::take(&mut kept.tiles);
    kept.retold.clear();
    let (mut old, mut same) = (last.iter().peekable(), true);
    let mut waiting = ctx.waits.iter().filter(|(key, _)| key.kind == api::Kind::Pod).peekable();
    for pod in ctx.lister.list::<Pod>() {
        let place = (&pod.metadata.namespace, &pod.metadata.name);
        while waiting.next_if(|(key, _)| (&key.namespace, &key.name) < place).is_some() {}
        let reason = waiting.peek().filter(|(key, _)| (&key.namespace, &key.name) == place);
        let reason = reason.and_then(|(_, records)| records.first()).map(|record| record.wait.message.as_str());
        let earlier = |kept: &&KeptTile| (&kept.pod.metadata.namespace, &kept.pod.metadata.name) < place;
        while old.next_if(|kept| !Rc::ptr_eq(&kept.pod, pod) && earlier(kept)).is_some() {
            same = false;
        }
        let known = old.next_if(|kept| Rc::ptr_eq(&kept.pod, pod) || kept.pod.metadata.uid == pod.metadata.uid);
        let known = known.filter(|kept| Rc::ptr_eq(&kept.pod, pod));
        if let (Some(_), Some(owner)) =
            (known.filter(|kept| kept.tile.waiting.as_deref() != reason), pod.metadata.controller())
        {
            kept.retold.insert(owner.uid.clone());
        }
        let known = known.filter(|kept| kept.tile.waiting.as_deref() == reason);
        same &= known.is_some();
        let made = known.cloned().unwrap_or_else(|| KeptTile { pod: pod.clone(), tile: Rc::new(tile(ctx, pod)) });
        kept.tiles.push(made);
    }
    if !same || kept.pods.len() != kept.tiles.len() {
        kept.pods = kept.tiles.iter().map(|kept| kept.tile.clone()).collect();
    }
    kept.pods.clone()
}

fn tile(ctx: &Context<'_>, pod: &Pod) -> PodTile {
    let meta = &pod.metadata;
    let summary = pod_status(pod);
    let owner = meta.controller().map(|owner| owner_reference(owner, &meta.namespace));
    let ordinal = match &owner {
        Some(owner) if &*owner.kind == "StatefulSet" => meta.name.rsplit_once('-').and_then(|(_, n)| n.parse().ok()),
        _ => None,
    };
    PodTile {
        key: format!("{}/{}", meta.namespace, meta.name).into(),
        uid: text(&meta.uid),
        namespace: text(&meta.namespace),
        name: text(&meta.name),
        short: short_name(&meta.name, owner.as_ref()),
        status: text(&summary.status),
        ready: summary.ready_text().into(),
        is_ready: pod.is_ready(),
        restarts: u32::try_from(summary.restarts).unwrap_or(0),
        state: state(ctx, pod, &summary),
        ordinal,
        is_daemon: owner.as_ref().is_some_and(|owner| &*owner.kind == "DaemonSet"),
        owner: workload(ctx, pod)
            .map(|target| OwnerRef { colour: ctx.colours.get(&target).copied().unwrap_or(0), target }),
        waiting: ctx.wait(&pod.key()).map(|record| text(&record.wait.message)),
        revision: text(revision(pod)),
        image: text(pod.spec.containers.first().map_or("", |container| &container.image)),
        node: Some(&pod.spec.node_name).filter(|node| !node.is_empty()).map(|node| text(node)),
        ip: Some(&pod.status.pod_ip).filter(|ip| !ip.is_empty()).map(|ip| text(ip)),
        created_ms: ctx.sim_ms(meta.creation_timestamp),
    }
}

/// The label by which its owner tells its revisions apart.
fn revision(pod: &Pod) -> &str {
    let labels = &pod.metadata.labels;
    let hash = labels.get("controller-revision-hash").or_else(|| labels.get("pod-template-hash"));
    hash.map_or("", |hash| hash.as_str())
}

/// The workload of a pod: its owner, or the Deployment that its ReplicaSet belongs to.
pub(super) fn workload(ctx: &Context<'_>, pod: &Pod) -> Option<ObjectRef> {
    let namespace = &pod.metadata.namespace;
    let owner = pod.metadata.controller()?;
    let above = match ctx.lister.owner(owner, namespace) {
        Some(api::Object::ReplicaSet(set)) => set.metadata.controller(),
        _ => None,
    };
    Some(owner_reference(above.unwrap_or(owner), namespace))
}

/// What is left of a pod's name without its owner's, unless that is nothing.
fn short_name(name: &str, owner: Option<&ObjectRef>) -> Text {
    let rest = owner.and_then(|owner| name.strip_prefix(&*owner.name)).and_then(|rest| rest.strip_prefix('-'));
    text(rest.filter(|rest| !rest.is_empty()).unwrap_or(name))
}

fn state(ctx: &Context<'_>, pod: &Pod, summary: &PodSummary) -> TileState {
    let word = summary.status.as_str();
    if pod.status.phase == "Succeeded" || word == "Completed" && pod.spec.restart_policy != "Always" {
        return TileState::Completed;
    }
    if word == "Terminating" || pod.is_terminating() {
        return TileState::Terminating;
    }
    let node = ctx.lister.get::<Node>("", &pod.spec.node_name);
    if pod.spec.node_name.is_empty() {
        return TileState::Unscheduled;
    }
    let unheard = node.is_none_or(|node| !node.is_ready() && !pod.is_ready());
    if word == "Unknown" || pod.status.phase != "Failed" && unheard {
        return TileState::Unknown;
    }
    if FAILING.contains(&word) || word.ends_with("BackOff") || word.ends_with("Error") || pod.status.phase == "Failed" {
        return TileState::Failing;
    }
    match (pod.status.phase.as_str(), pod.is_ready()) {
        ("Running", true) => TileState::Ready,
        ("Running", false) => TileState::NotReady,
        _ => TileState::Starting,
    }
}
