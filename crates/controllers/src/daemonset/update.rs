//! How a new template reaches the pods: a few nodes at a time, with or without a second pod beside the old one.
//! Models: rollingUpdate in pkg/controller/daemon/update.go.

use super::control::{Daemon, Pass, Place};
use super::template;
use crate::pod_control::names_text;
use api::{Pod, Str};

/// The most pods that a wait names.
const NAMED: usize = 20;

/// The pods of one place that are not on their way out.
struct OnNode<'a> {
    new: Option<&'a Daemon<'a>>,
    old: Option<&'a Daemon<'a>>,
}

/// The new and the old pod of a place; nothing if there are several of one sort, which the next pass prunes.
/// Models: findUpdatedPodsOnNode.
fn on_node<'a>(place: &Place<'a>) -> Option<OnNode<'a>> {
    let mut found = OnNode { new: None, old: None };
    for daemon in place.pods.iter().filter(|daemon| !daemon.pod.is_terminating()) {
        let slot = if daemon.is_updated { &mut found.new } else { &mut found.old };
        if slot.replace(daemon).is_some() {
            return None;
        }
    }
    Some(found)
}

/// Plans the next steps of an update. To be called when all nodes have what they should have.
pub(super) fn roll(pass: &mut Pass<'_>) {
    if pass.set.spec.update_strategy.r#type != "RollingUpdate" {
        return wait_for_deletion(pass);
    }
    let desired = pass.places.iter().filter(|place| place.fit.should_run).count();
    let nodes = i32::try_from(desired).unwrap_or(i32::MAX);
    let surge = usize::try_from(template::max_surge(pass.set, nodes)).unwrap_or(0);
    let unavailable = usize::try_from(template::max_unavailable(pass.set, nodes)).unwrap_or(0);
    if surge == 0 {
        let at_least_one = usize::from(desired > 0);
        replace(pass, unavailable.max(at_least_one));
    } else {
        replace_with_surge(pass, surge, desired);
    }
}

/// Deletes old pods; the next passes make new ones. Those that are not available go at once, the others as long as
/// no more than `limit` nodes lack an available pod.
fn replace(pass: &mut Pass<'_>, limit: usize) {
    let mut unavailable = 0;
    let (mut broken, mut candidates, mut awaited) = (Vec::new(), Vec::new(), Vec::new());
    for place in pass.places.iter().filter(|place| place.fit.should_run || !place.pods.is_empty()) {
        match on_node(place) {
            Some(OnNode { new: Some(new), old: None }) => {
                if !new.is_available {
                    unavailable += 1;
                    awaited.push(new.pod);
                }
            }
            Some(OnNode { new: None, old: Some(old) }) if old.is_available => candidates.push(old.pod),
            Some(OnNode { new: None, old: Some(old) }) => {
                unavailable += 1;
                broken.push(old.pod);
            }
            // Nothing, a pair, or too many: the node is to be put right first.
            _ => {
                unavailable += 1;
                awaited.extend(place.pods.iter().map(|daemon| daemon.pod));
            }
        }
    }
    let allowed = limit.saturating_sub(unavailable).min(candidates.len());
    let mut doomed = broken;
    doomed.extend(&candidates[..allowed]);
    let held = &candidates[allowed..];
    pass.sync(&[], &doomed);
    awaited.extend(&doomed);
    hold(pass, held, awaited, &format!("with maxUnavailable {limit}"), "replaced and available");
}

/// Creates new pods beside old ones on up to `limit` nodes, and deletes the old ones whose successor is available.
fn replace_with_surge(pass: &mut Pass<'_>, limit: usize, desired: usize) {
    let (mut surging, mut available) = (0, 0);
    let (mut doomed, mut misplaced, mut awaited) = (Vec::new(), Vec::new(), Vec::new());
    let (mut allowed, mut candidates): (Vec<&Str>, Vec<(&Str, &Pod)>) = (Vec::new(), Vec::new());
    for place in pass.places.iter().filter(|place| place.fit.should_run || !place.pods.is_empty()) {
        let Some(OnNode { new, old }) = on_node(place) else {
            surging += 1;
            continue;
        };
        available += usize::from(old.or(new).is_some_and(|daemon| daemon.is_available));
        match (old, new) {
            (None, _) => {}
            (Some(old), None) if !place.fit.should_run => {
                let list = if old.is_available { &mut misplaced } else { &mut doomed };
                list.push(old.pod);
            }
            // It serves nobody, so its successor is no surge.
            (Some(old), None) if !old.is_available => allowed.push(place.name),
            (Some(old), None) => candidates.push((place.name, old.pod)),
            (Some(old), Some(new)) if new.is_available => doomed.push(old.pod),
            (Some(_), Some(new)) => {
                surging += 1;
                awaited.push(new.pod);
            }
        }
    }
    // Where no pod is wanted any more the old one stays until enough others are available.
    let spare = available.saturating_sub(desired).min(misplaced.len());
    doomed.extend(&misplaced[..spare]);
    let room = limit.saturating_sub(surging).min(candidates.len());
    allowed.extend(candidates[..room].iter().map(|(node, _)| node));
    let held: Vec<&Pod> = candidates[room..].iter().map(|(_, pod)| *pod).collect();
    pass.sync(&allowed, &doomed);
    hold(pass, &held, awaited, &format!("with maxSurge {limit}"), "available");
}

/// Old pods that have to wait for others.
fn hold(pass: &mut Pass<'_>, held: &[&Pod], mut awaited: Vec<&Pod>, rule: &str, what: &str) {
    if held.is_empty() {
        return;
    }
    awaited.truncate(NAMED);
    let names: Vec<&str> = awaited.iter().map(|pod| pod.metadata.name.as_str()).collect();
    let count = held.len();
    let pods = if count == 1 { "1 pod is".to_owned() } else { format!("{count} pods are") };
    let others = if names.is_empty() { "the new pods".to_owned() } else { names_text(&names) };
    let message = format!("{pods} not updated yet: {rule} the rolling update waits for {others} to be {what}");
    pass.wait("RollingUpdate", awaited, message);
}

/// OnDelete leaves pods alone until somebody deletes them.
fn wait_for_deletion(pass: &mut Pass<'_>) {
    let daemons = pass.places.iter().flat_map(|place| place.pods);
    let old: Vec<&Pod> = daemons.filter(|d| !d.is_updated && !d.pod.is_terminating()).map(|d| d.pod).collect();
    if !old.is_empty() {
        let names: Vec<&str> = old.iter().map(|pod| pod.metadata.name.as_str()).collect();
        let message = format!(
            "not updated: {}; with OnDelete a pod gets the new template only after somebody deletes it",
            names_text(&names)
        );
        pass.wait("OnDelete", old.into_iter().take(NAMED).collect(), message);
    }
}
