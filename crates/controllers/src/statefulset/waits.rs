//! Why a StatefulSet does nothing (more) for now, in words.

use super::control::{Pass, Slot};
use crate::pod_control::names_text;
use api::{Kind, ObjectKey, Resource, Str};
use apiserver::Wait;

const GUARANTEES: &str = "concepts/workloads/controllers/statefulset/#deployment-and-scaling-guarantees";
const ROLLING_UPDATES: &str = "concepts/workloads/controllers/statefulset/#rolling-updates";
const PARTITIONS: &str = "concepts/workloads/controllers/statefulset/#partitions";
const FORCED_ROLLBACK: &str = "concepts/workloads/controllers/statefulset/#forced-rollback";
const MIN_READY: &str = "concepts/workloads/controllers/statefulset/#minimum-ready-seconds";
const STRATEGIES: &str = "concepts/workloads/controllers/statefulset/#update-strategies";
const CLAIMS: &str = "concepts/workloads/controllers/statefulset/#stable-storage";
const IDENTITY: &str = "concepts/workloads/controllers/statefulset/#pod-identity";

/// What must become of a pod before the pass goes on.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Need {
    /// Its object must be gone.
    Gone,
    /// It must be gone, made anew, and Ready.
    Replaced,
    /// It must run and be Ready.
    Ready,
    /// It must have been Ready for minReadySeconds.
    Available,
}

impl Pass<'_> {
    fn text(&self, name: &str, need: Need) -> String {
        match need {
            Need::Gone => format!("{name} to be gone"),
            Need::Replaced => format!("{name} to be replaced and Ready"),
            Need::Ready => format!("{name} to be Running and Ready"),
            Need::Available => {
                format!("{name} to be Ready for {} s (minReadySeconds)", self.set.spec.min_ready_seconds)
            }
        }
    }

    fn pod_key(&self, name: &str) -> ObjectKey {
        ObjectKey::new(Kind::Pod, self.set.metadata.namespace.clone(), name)
    }

    fn wait(&mut self, rule: &str, awaits: ObjectKey, message: String, doc: &'static str) {
        let who = self.set.key();
        self.plan.waits.push(Wait { who, awaits: vec![awaits], rule: rule.into(), message, doc });
    }

    /// OrderedReady stops at slot `i`, as its pod lacks something.
    pub(super) fn hold_after(&mut self, i: usize, name: &str, need: Need) {
        if !self.is_monotonic() {
            return;
        }
        let missing = (i + 1..self.replicas.len()).find(|j| matches!(self.replicas[*j], Slot::Missing { .. }));
        let held = missing.map(|j| format!("{} is not created yet", self.slot_name(j)));
        let held =
            held.or_else(|| self.condemned.first().map(|pod| format!("{} is not removed yet", pod.metadata.name)));
        let (rule, doc) = match need {
            Need::Available => ("MinReadySeconds", MIN_READY),
            _ => ("OrderedReady", GUARANTEES),
        };
        if let Some(held) = held {
            let message = format!("{held}: OrderedReady waits for {}", self.text(name, need));
            return self.wait(rule, self.pod_key(name), message, doc);
        }
        if self.set.spec.update_strategy.r#type == "OnDelete" {
            return;
        }
        let outdated = (self.partition()..self.replicas.len()).rev().find(|j| self.is_outdated(*j));
        match outdated {
            Some(j) if j == i && need == Need::Ready => {
                let message = format!(
                    "{name} has an older template and is not Ready: OrderedReady waits for it and does not replace it; the update goes on once {name} is Ready or is deleted by hand"
                );
                self.wait("StuckRollout", self.pod_key(name), message, FORCED_ROLLBACK);
            }
            Some(j) if j != i => self.hold_update(j + 1, name, need),
            _ => {}
        }
    }

    /// A scale-down waits for a pod.
    pub(super) fn hold_scale_down(&mut self, name: &str, need: Need) {
        let next = self.condemned.iter().find(|pod| !pod.is_terminating() && pod.metadata.name != *name);
        if let (true, Some(next)) = (self.is_monotonic(), next) {
            let message = format!(
                "{} is not removed yet: the scale-down waits for {}",
                next.metadata.name,
                self.text(name, need)
            );
            self.wait("OrderedReady", self.pod_key(name), message, GUARANTEES);
        }
    }

    /// A rolling update waits for the pod `name`; slots below `i` that are of an older revision are held back.
    pub(super) fn hold_update(&mut self, i: usize, name: &str, need: Need) {
        let next = (self.partition()..i).rev().find(|j| self.is_outdated(*j) && *self.slot_name(*j) != *name);
        if let Some(next) = next {
            let text = self.text(name, need);
            let message = format!("{} is not updated yet: the rolling update waits for {text}", self.slot_name(next));
            let (rule, doc) = if need == Need::Available {
                ("MinReadySeconds", MIN_READY)
            } else {
                ("RollingUpdate", ROLLING_UPDATES)
            };
            self.wait(rule, self.pod_key(name), message, doc);
        }
    }

    /// The partition keeps pods on their older revision.
    pub(super) fn hold_partition(&mut self) {
        let partition = self.partition();
        let held = self.outdated_below(partition);
        if !held.is_empty() {
            let names: Vec<&str> = held.iter().map(Str::as_str).collect();
            let message = format!(
                "{} not updated: partition {partition} holds back the ordinals below {}",
                are(&names_text(&names), names.len()),
                self.set.spec.start_ordinal().saturating_add(i32::try_from(partition).unwrap_or(i32::MAX)),
            );
            self.wait("Partition", self.set.key(), message, PARTITIONS);
        }
    }

    /// OnDelete leaves pods alone until somebody deletes them.
    pub(super) fn hold_on_delete(&mut self) {
        let held = self.outdated_below(self.replicas.len());
        if let Some(top) = held.last() {
            let names: Vec<&str> = held.iter().map(Str::as_str).collect();
            let message = format!(
                "{} not updated: with OnDelete a pod gets the new template only after somebody deletes it",
                are(&names_text(&names), names.len())
            );
            self.wait("OnDelete", self.pod_key(top), message, STRATEGIES);
        }
    }

    fn outdated_below(&self, end: usize) -> Vec<Str> {
        (0..end.min(self.replicas.len())).filter(|i| self.is_outdated(*i)).map(|i| self.slot_name(i)).collect()
    }

    /// A pod cannot be made, as one of its claims is on its way out.
    pub(super) fn wait_for_claim(&mut self, pod: &str, claim: ObjectKey, why: &str) {
        let message = format!("{pod} waits for its claim {}, which {why}", claim.name);
        self.wait("ClaimTerminating", claim, message, CLAIMS);
    }

    /// A pod cannot be made, as a stranger has its name.
    pub(super) fn wait_for_name(&mut self, pod: ObjectKey) {
        let message = format!("{} is not created: a pod of that name exists that is not the set's", pod.name);
        self.wait("NameTaken", pod, message, IDENTITY);
    }
}

fn are(names: &str, count: usize) -> String {
    format!("{names} {}", if count == 1 { "is" } else { "are" })
}
