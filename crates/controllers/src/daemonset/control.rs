//! One pass over a DaemonSet: where pods are missing and which ones are too many.
//! Models: manage, podsShouldBeOnNode and syncNodes in pkg/controller/daemon/daemon_controller.go.
//!
//! A pass goes once over the nodes and once over the set's pods, both sorted by node.

use super::fit::{Fit, Rule};
use super::template::{self, HASH_LABEL};
use crate::history::label;
use crate::pod_control::{self, create_pod};
use crate::{BackOff, BackOffKey, Ctx, Decision};
use api::{DaemonSet, Node, Pod, Resource, Str, Time};
use apiserver::{EventRecord, Plan, Step, Wait};
use sim::SimDuration;
use std::collections::BTreeSet;
use std::rc::Rc;

/// Who records the events.
pub(super) const COMPONENT: &str = "daemonset-controller";
/// The most pods that one pass creates, and the most that it deletes.
const BURST_REPLICAS: usize = 250;
const DOCS: &str = "concepts/workloads/controllers/daemonset/#how-daemon-pods-are-scheduled";

/// A pod of the set, and what every step asks about it.
pub(super) struct Daemon<'a> {
    /// The pod.
    pub pod: &'a Pod,
    /// The node it is bound or pinned to.
    pub node: &'a Str,
    /// Whether it was made from the present template.
    pub is_updated: bool,
    /// Whether it has been Ready for minReadySeconds.
    pub is_available: bool,
}

/// A node that the set has to do with, and the set's pods there.
pub(super) struct Place<'a> {
    /// Name of the node.
    pub name: &'a Str,
    /// Whether there is such a node.
    pub exists: bool,
    /// Whether a pod should be there.
    pub fit: Fit,
    /// The pods bound or pinned there.
    pub pods: &'a [Daemon<'a>],
}

/// One pass over one set.
pub(super) struct Pass<'a> {
    pub set: &'a DaemonSet,
    now: Time,
    back_off: &'a BackOff,
    /// The hash of the present revision.
    hash: Str,
    /// All nodes and all targets of pods, sorted by name.
    pub places: Vec<Place<'a>>,
    pub plan: Plan,
    /// The nodes that this pass makes a pod for.
    pub made: BTreeSet<&'a Str>,
    /// The pods that are gone as soon as this pass deletes them: nothing runs of them.
    pub gone: BTreeSet<&'a Str>,
    failed: Vec<BackOffKey>,
}

/// The pods sorted by the node they are for. Those that have ended and are being deleted do not count.
pub(super) fn daemons<'a>(set: &DaemonSet, pods: &'a [Rc<Pod>], hash: &str, now: Time) -> Vec<Daemon<'a>> {
    let generation = template::generation(set).map(|n| n.to_string());
    let daemon = |pod: &'a Rc<Pod>| {
        if pod.is_terminating() && pod.is_finished() {
            return None;
        }
        Some(Daemon {
            pod,
            node: template::target_node(pod)?,
            is_updated: template::is_updated(pod, hash, generation.as_deref()),
            is_available: pod.is_available(set.spec.min_ready_seconds, now),
        })
    };
    let mut daemons: Vec<Daemon<'a>> = pods.iter().filter_map(daemon).collect();
    daemons.sort_by(|a, b| a.node.cmp(b.node));
    daemons
}

/// All nodes, and all nodes that a pod is for, with the pods there; nodes and pods come sorted.
pub(super) fn places<'a>(
    nodes: impl Iterator<Item = &'a Rc<Node>>,
    mut daemons: &'a [Daemon<'a>],
    rule: &Rule,
) -> Vec<Place<'a>> {
    let mut places: Vec<Place<'a>> = Vec::new();
    for node in nodes {
        let name = &node.metadata.name;
        while let Some(gone) = daemons.first().filter(|daemon| daemon.node < name) {
            let pods = take(&mut daemons, gone.node);
            places.push(Place { name: gone.node, exists: false, fit: Fit::default(), pods });
        }
        let pods = take(&mut daemons, name);
        places.push(Place { name, exists: true, fit: rule.fit(node), pods });
    }
    while let Some(gone) = daemons.first() {
        let pods = take(&mut daemons, gone.node);
        places.push(Place { name: gone.node, exists: false, fit: Fit::default(), pods });
    }
    places
}

/// Splits off the pods for one node, which come first.
fn take<'a>(daemons: &mut &'a [Daemon<'a>], node: &Str) -> &'a [Daemon<'a>] {
    let count = daemons.iter().take_while(|daemon| daemon.node == node).count();
    let (taken, rest) = daemons.split_at(count);
    *daemons = rest;
    taken
}

impl<'a> Pass<'a> {
    pub(super) fn new(ctx: &Ctx<'a>, set: &'a DaemonSet, hash: Str, places: Vec<Place<'a>>, plan: Plan) -> Self {
        Pass {
            set,
            now: ctx.now,
            back_off: ctx.back_off,
            hash,
            places,
            plan,
            made: BTreeSet::new(),
            gone: BTreeSet::new(),
            failed: Vec::new(),
        }
    }

    /// The decision, once everything is planned.
    pub(super) fn finish(self) -> Decision {
        Decision { plan: self.plan, failed: self.failed, ..Default::default() }
    }

    /// Creates what is missing and deletes what is too much; answers whether there was nothing to do.
    pub(super) fn manage(&mut self) -> bool {
        let (mut missing, mut surplus) = (Vec::new(), Vec::new());
        let places = std::mem::take(&mut self.places);
        let surges = template::max_surge(self.set, 1) > 0;
        for place in places.iter().filter(|place| place.exists) {
            match place.pods {
                [] if !place.fit.should_run => {}
                // What most nodes are like most of the time.
                [only] if place.fit.may_stay && !only.pod.is_terminating() && !only.pod.is_finished() => {}
                _ => self.manage_place(place, surges, &mut missing, &mut surplus),
            }
        }
        // Nobody else removes pods that wait for a node that is gone.
        let lost = places.iter().filter(|place| !place.exists).flat_map(|place| place.pods);
        surplus.extend(lost.map(|daemon| daemon.pod).filter(|pod| pod.spec.node_name.is_empty()));
        self.places = places;
        self.sync(&missing, &surplus);
        missing.is_empty() && surplus.is_empty()
    }

    /// Models: podsShouldBeOnNode.
    fn manage_place(
        &mut self,
        place: &Place<'a>,
        surges: bool,
        missing: &mut Vec<&'a Str>,
        surplus: &mut Vec<&'a Pod>,
    ) {
        if place.fit.should_run && place.pods.is_empty() {
            missing.push(place.name);
            return;
        }
        let standing = place.pods.iter().filter(|daemon| !daemon.pod.is_terminating());
        if !place.fit.may_stay {
            surplus.extend(standing.map(|daemon| daemon.pod));
            return;
        }
        let mut running = Vec::new();
        for daemon in standing {
            let pod = daemon.pod;
            match pod.status.phase.as_str() {
                "Failed" => surplus.extend(self.may_replace_failed(place.name, pod).then_some(pod)),
                "Succeeded" => {
                    let message = found("succeeded", place.name, pod, "delete");
                    self.plan.record(EventRecord::normal(self.set, COMPONENT, "SucceededDaemonPod", message));
                    surplus.push(pod);
                }
                _ => running.push(daemon),
            }
        }
        if running.is_empty() && surges && place.fit.should_run {
            missing.push(place.name);
        }
        if running.len() > 1 {
            running.sort_by_key(|daemon| age(daemon.pod));
            if surges {
                self.keep_one_of_each(&running, surplus);
            } else {
                surplus.extend(running[1..].iter().map(|daemon| daemon.pod));
            }
        }
    }

    /// While surging a node may have two pods: the oldest old one, as long as it is Ready, and the oldest new one,
    /// which takes over once it is available.
    fn keep_one_of_each(&self, running: &[&'a Daemon<'a>], surplus: &mut Vec<&'a Pod>) {
        let (mut new, mut old) = (None, None);
        for daemon in running.iter().copied() {
            let is_new = self.hash == *label(daemon.pod, HASH_LABEL);
            let kept = if is_new { &mut new } else { &mut old };
            match kept {
                None => *kept = Some(daemon),
                Some(_) => surplus.push(daemon.pod),
            }
        }
        if let (Some(new), Some(old)) = (new, old)
            && (!old.pod.is_ready() || new.is_available)
        {
            surplus.push(old.pod);
        }
    }

    /// Whether a failed pod may be deleted now; counts the failure if so.
    fn may_replace_failed(&mut self, node: &Str, pod: &Pod) -> bool {
        let name = format!("{}/{}/{node}", self.set.metadata.uid, self.set.status.observed_generation);
        let remaining = self.back_off.remaining(&name, self.now);
        if remaining > SimDuration::ZERO {
            self.plan.requeue(remaining);
            let message = format!(
                "{} on {node} has failed: it is replaced after a back-off that grows with each failure",
                pod.metadata.name
            );
            self.wait("BackOff", vec![pod], message);
            return false;
        }
        let (initial, max) = (SimDuration::from_secs(1), SimDuration::from_secs(15 * 60));
        self.failed.push(BackOffKey { name: name.into(), initial, max });
        let message = found("failed", node, pod, "kill");
        self.plan.record(EventRecord::warning(self.set, COMPONENT, "FailedDaemonPod", message));
        true
    }

    /// Plans creations and deletions. The deletions are made even if a creation is refused. Models: syncNodes.
    pub(super) fn sync(&mut self, missing: &[&'a Str], surplus: &[&'a Pod]) {
        self.made.extend(missing.iter().take(BURST_REPLICAS));
        let dead = surplus.iter().take(BURST_REPLICAS).filter(|pod| pod.is_finished() || pod.spec.node_name.is_empty());
        self.gone.extend(dead.map(|pod| &pod.metadata.name));
        if !missing.is_empty() {
            let pod = template::new_pod(self.set, &self.hash);
            let pods = missing.iter().take(BURST_REPLICAS).map(|node| template::for_node(&pod, node));
            self.plan.steps.extend(pods.map(|pod| create_pod(self.set, COMPONENT, pod)));
        }
        let surplus = surplus.iter().take(BURST_REPLICAS);
        let delete = |pod: &&Pod| Step { keep_going: true, ..pod_control::delete_pod(self.set, COMPONENT, pod) };
        self.plan.finally.extend(surplus.map(delete));
    }

    /// Records why nothing (more) happens.
    pub(super) fn wait(&mut self, rule: &str, awaits: Vec<&Pod>, message: String) {
        let awaits = awaits.into_iter().map(Resource::key).collect();
        self.plan.waits.push(Wait { who: self.set.key(), awaits, rule: rule.into(), message, doc: DOCS });
    }
}

fn found(how: &str, node: &str, pod: &Pod, verb: &str) -> String {
    let (namespace, name) = (&pod.metadata.namespace, &pod.metadata.name);
    format!("Found {how} daemon pod {namespace}/{name} on node {node}, will try to {verb} it")
}

/// What sorts the pods of a node from the one to keep to the ones to lose: bound ones first, then by age.
/// Models: podByCreationTimestampAndPhase.
pub(super) fn age(pod: &Pod) -> (bool, Option<Time>, Str) {
    (pod.spec.node_name.is_empty(), pod.metadata.creation_timestamp, pod.metadata.name.clone())
}
