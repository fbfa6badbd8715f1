//! One pass over a StatefulSet: what to create, delete and update now, in upstream's order.
//! Models: updateStatefulSet in pkg/controller/statefulset/stateful_set_control.go.
//!
//! Live ordinals come first, upwards; then surplus pods, downwards; then, if nothing stood in the way, updates from
//! the top. `OrderedReady` ends the pass at the first pod that is not as it should be, `Parallel` does not.

use super::identity::{self, REVISION_LABEL};
use super::revision::Revisions;
use super::waits::Need;
use super::{hands, status};
use crate::history::label;
use crate::pod_control::next_availability;
use api::{Pod, Resource, StatefulSet, Str, Time};
use apiserver::{Lister, Plan, Write};
use sim::SimDuration;
use std::rc::Rc;

/// The most pods that Parallel touches in one batch.
const MAX_BATCH_SIZE: usize = 500;

/// One wanted ordinal.
pub(super) enum Slot {
    /// Its pod.
    Pod(Rc<Pod>),
    /// It has none yet; this is the one it is to get.
    Missing {
        /// Its ordinal.
        ordinal: i32,
        /// Name of the revision it is made from.
        revision: Str,
    },
}

/// How the pass goes on after one pod.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Flow {
    /// With the next pod.
    Go,
    /// OrderedReady ends the pass here.
    Stop,
    /// A write is bound to fail; the pass ends and is retried.
    Fail,
}

/// One pass over one set.
pub(super) struct Pass<'a> {
    pub set: &'a StatefulSet,
    pub lister: Lister<'a>,
    pub now: Time,
    pub revisions: Revisions,
    /// The wanted ordinals, upwards.
    pub replicas: Vec<Slot>,
    /// Pods outside the wanted range, from the highest ordinal down.
    pub condemned: Vec<Rc<Pod>>,
    pub plan: Plan,
    /// Name of the lowest pod that is missing, terminating or not available.
    first_unavailable: Option<Str>,
    /// Pods deleted for an update: they leave the count of current pods at once.
    deleted_for_update: i32,
}

/// The plan for a set and the pods that belong to it. `plan` holds what was decided before (adoptions).
pub(super) fn plan(set: &StatefulSet, lister: Lister<'_>, now: Time, pods: &[Rc<Pod>], mut plan: Plan) -> Plan {
    let revisions = Revisions::find(set, lister, &mut plan);
    let mut pass = Pass::new(set, lister, now, revisions, pods, plan);
    if !set.metadata.is_terminating() {
        pass.run();
    }
    pass.finish(pods)
}

impl<'a> Pass<'a> {
    fn new(
        set: &'a StatefulSet,
        lister: Lister<'a>,
        now: Time,
        revisions: Revisions,
        pods: &[Rc<Pod>],
        plan: Plan,
    ) -> Self {
        let start = set.spec.start_ordinal();
        let end = start.saturating_add(set.spec.replicas.unwrap_or(0));
        let missing = |ordinal| Slot::Missing { ordinal, revision: new_pod_revision(set, &revisions, ordinal).clone() };
        let mut replicas: Vec<Slot> = (start..end).map(missing).collect();
        let mut condemned = Vec::new();
        for pod in pods {
            let ordinal = identity::ordinal(pod);
            let slot = usize::try_from(ordinal - start).ok().and_then(|i| replicas.get_mut(i));
            match slot {
                Some(slot) => *slot = Slot::Pod(Rc::clone(pod)),
                None if ordinal >= 0 => condemned.push(Rc::clone(pod)),
                None => {}
            }
        }
        condemned.sort_by_key(|pod| std::cmp::Reverse(identity::ordinal(pod)));
        let mut pass = Pass {
            set,
            lister,
            now,
            revisions,
            replicas,
            condemned,
            plan,
            first_unavailable: None,
            deleted_for_update: 0,
        };
        pass.first_unavailable = pass.first_unavailable();
        pass
    }

    fn run(&mut self) {
        let _ = self.for_all(self.replicas.len(), Self::replica)
            && self.for_all(self.condemned.len(), Self::condemned_claims)
            && self.for_all(self.condemned.len(), Self::condemned)
            && self.update();
    }

    /// Whether pods are made and removed one at a time.
    pub(super) fn is_monotonic(&self) -> bool {
        self.set.spec.pod_management_policy != "Parallel"
    }

    /// Takes one step for each pod; answers whether the pass may go on. Parallel works in batches that grow, so
    /// that a failure ends the pass before all pods have met it. Models: runForAll, slowStartBatch.
    fn for_all(&mut self, count: usize, step: fn(&mut Self, usize) -> Flow) -> bool {
        if self.is_monotonic() {
            return (0..count).all(|i| step(self, i) == Flow::Go);
        }
        let (mut done, mut size) = (0, 1);
        while done < count {
            let end = count.min(done + size);
            let mut failed = false;
            for i in done..end {
                failed |= step(self, i) == Flow::Fail;
            }
            if failed {
                return false;
            }
            (done, size) = (end, MAX_BATCH_SIZE.min(2 * size));
        }
        true
    }

    /// One wanted ordinal. Models: processReplica.
    fn replica(&mut self, i: usize) -> Flow {
        let pod = match &self.replicas[i] {
            Slot::Missing { ordinal, revision } => {
                let (ordinal, revision) = (*ordinal, revision.clone());
                let flow = hands::create_pod(self, ordinal, &revision);
                if flow == Flow::Stop {
                    self.hold_after(i, &identity::pod_name(self.set, ordinal), Need::Ready);
                }
                return flow;
            }
            Slot::Pod(pod) => Rc::clone(pod),
        };
        if pod.is_finished() {
            // Whatever its exit code was, its place is needed: it is made anew once its object is gone.
            if !pod.is_terminating() {
                hands::delete_pod(self, &pod);
            }
            self.hold_after(i, &pod.metadata.name, Need::Replaced);
            return Flow::Stop;
        }
        let mut claims_written = false;
        if pod.status.phase == "Pending" {
            match hands::complete_claims(self, &pod) {
                Some(written) => claims_written = written,
                None => return Flow::Fail,
            }
        }
        if self.is_monotonic()
            && let Some(need) = self.need(&pod)
        {
            self.hold_after(i, &pod.metadata.name, need);
            return Flow::Stop;
        }
        hands::keep_invariants(self, &pod, claims_written)
    }

    /// The claims of one surplus pod, which is to own them if they are to go with it.
    fn condemned_claims(&mut self, i: usize) -> Flow {
        let pod = Rc::clone(&self.condemned[i]);
        if !hands::claims_have_right_owners(self, &pod) {
            hands::update_claim_owners(self, &pod);
        }
        Flow::Go
    }

    /// One surplus pod. Models: processCondemned.
    fn condemned(&mut self, i: usize) -> Flow {
        let pod = Rc::clone(&self.condemned[i]);
        let name = &pod.metadata.name;
        if pod.is_terminating() {
            self.hold_scale_down(name, Need::Gone);
            return Flow::Stop;
        }
        if self.is_monotonic()
            && let Some(first) = self.first_unavailable.clone()
            && first != *name
            && let Some(need) = self.need(&pod)
        {
            // An unready surplus pod may go only if nothing below it is broken too.
            self.hold_scale_down(&first, need);
            return Flow::Stop;
        }
        hands::delete_pod(self, &pod);
        self.hold_scale_down(name, Need::Gone);
        Flow::Stop
    }

    /// Replaces the highest pod of an older revision, if all above it are up. Always answers that the pass is over.
    fn update(&mut self) -> bool {
        if self.set.spec.update_strategy.r#type == "OnDelete" {
            self.hold_on_delete();
            return false;
        }
        for i in (self.partition().min(self.replicas.len())..self.replicas.len()).rev() {
            let name = self.slot_name(i);
            if self.is_outdated(i) {
                hands::delete(self, &name);
                self.deleted_for_update += 1;
                self.hold_update(i, &name, Need::Replaced);
                return false;
            }
            if self.is_unavailable(i) {
                let need = match &self.replicas[i] {
                    Slot::Pod(pod) => self.need(pod).unwrap_or(Need::Ready),
                    Slot::Missing { .. } => Need::Ready,
                };
                self.hold_update(i, &name, need);
                return false;
            }
        }
        self.hold_partition();
        false
    }

    /// The first slot that an update may touch.
    pub(super) fn partition(&self) -> usize {
        let rolling = self.set.spec.update_strategy.rolling_update.as_ref();
        rolling.and_then(|rolling| rolling.partition).map_or(0, |partition| usize::try_from(partition).unwrap_or(0))
    }

    /// Whether a slot's pod is of an older revision and not on its way out.
    pub(super) fn is_outdated(&self, i: usize) -> bool {
        match &self.replicas[i] {
            Slot::Pod(pod) => self.revisions.update != *label(&**pod, REVISION_LABEL) && !pod.is_terminating(),
            Slot::Missing { revision, .. } => *revision != self.revisions.update,
        }
    }

    /// The name of a slot's pod.
    pub(super) fn slot_name(&self, i: usize) -> Str {
        match &self.replicas[i] {
            Slot::Pod(pod) => pod.metadata.name.clone(),
            Slot::Missing { ordinal, .. } => identity::pod_name(self.set, *ordinal),
        }
    }

    fn is_unavailable(&self, i: usize) -> bool {
        match &self.replicas[i] {
            Slot::Pod(pod) => self.is_pod_unavailable(pod),
            Slot::Missing { .. } => true,
        }
    }

    fn is_pod_unavailable(&self, pod: &Pod) -> bool {
        pod.is_terminating() || !pod.is_available(self.set.spec.min_ready_seconds, self.now)
    }

    fn first_unavailable(&self) -> Option<Str> {
        let replica = (0..self.replicas.len()).find(|i| self.is_unavailable(*i)).map(|i| self.slot_name(i));
        replica.or_else(|| {
            let lowest = self.condemned.iter().rev().find(|pod| self.is_pod_unavailable(pod));
            lowest.map(|pod| pod.metadata.name.clone())
        })
    }

    /// What a pod lacks to let the pass go on.
    fn need(&self, pod: &Pod) -> Option<Need> {
        if pod.is_terminating() {
            Some(Need::Gone)
        } else if !pod.is_running_and_ready() {
            Some(Need::Ready)
        } else if !pod.is_available(self.set.spec.min_ready_seconds, self.now) {
            Some(Need::Available)
        } else {
            None
        }
    }

    /// Adds what every pass ends with: the status, the next look, the history.
    fn finish(mut self, pods: &[Rc<Pod>]) -> Plan {
        let names = (&self.revisions.current, &self.revisions.update);
        let counted = status::existing(&self.replicas).chain(&self.condemned);
        let mut new = status::compute(self.set, names, self.revisions.collision_count, counted, self.now);
        new.current_replicas -= self.deleted_for_update;
        let waits_for_availability = new.ready_replicas != new.available_replicas;
        status::complete_rolling_update(self.set, self.set.spec.replicas.unwrap_or(0), &mut new);
        if status::differs(self.set, &new) {
            let mut set = self.set.clone();
            set.status = new;
            self.plan.write_finally(Write::UpdateStatus(set.into_object()));
        }
        let min_ready = self.set.spec.min_ready_seconds;
        if min_ready > 0 && waits_for_availability {
            let at_latest = SimDuration::from_secs(u64::try_from(min_ready).unwrap_or(0));
            self.plan.requeue(next_availability(pods, min_ready, self.now).unwrap_or(at_latest));
        }
        self.revisions.truncate(self.set, pods.iter(), &mut self.plan);
        self.plan
    }
}

/// Which revision a pod that is made now gets: the current one below the partition, else the update revision.
/// Models: newVersionedStatefulSetPod.
fn new_pod_revision<'r>(set: &StatefulSet, revisions: &'r Revisions, ordinal: i32) -> &'r Str {
    let strategy = &set.spec.update_strategy;
    let from_start = ordinal - set.spec.start_ordinal();
    let is_held_back = match &strategy.rolling_update {
        Some(rolling) => from_start < rolling.partition.unwrap_or(0),
        None => strategy.r#type == "RollingUpdate" && from_start < set.status.current_replicas,
    };
    if is_held_back { &revisions.current } else { &revisions.update }
}
