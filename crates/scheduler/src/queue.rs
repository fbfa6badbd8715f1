//! The scheduling queue: pods that are next, pods that back off, and pods that wait for something to change.
//!
//! A pod that found no node stays with the unschedulable ones until a change happens that may help: every plugin says
//! which changes can undo its rejection (its hints), and only those of the plugins that rejected the pod are asked.
//! Then it is tried again as soon as nothing else is active; its back-off only decides who goes before whom. After
//! five minutes it is tried again whatever happened.
//!
//! Upstream an attempt and its writes take some milliseconds, in which changes gather; here they take no time, so a
//! pod rests for that long before it is tried again.
//!
//! Models: pkg/scheduler/backend/queue (scheduling_queue.go, active_queue.go, backoff_queue.go), with the gate
//! SchedulerPopFromBackoffQ on, as v1.36 has it.

use crate::counts::Map;
use crate::events::Change;
use crate::plugins::{ALL, PluginSet, Rank};
use api::{ObjectKey, Pod, Time};
use sim::SimDuration;
use std::rc::Rc;

const INITIAL_BACK_OFF_MS: u64 = 1000;
const MAX_BACK_OFF_MS: u64 = 10_000;
/// How long an attempt and its writes take upstream, about.
const REST: SimDuration = SimDuration::from_millis(10);
const MAX_UNSCHEDULABLE: SimDuration = SimDuration::from_secs(300);
const FLUSH_PERIOD_MS: i64 = 30_000;

/// A pod that waits for a node.
#[derive(Clone, Debug)]
pub(crate) struct QueuedPod {
    /// The pod, as it was last seen.
    pub(crate) pod: Rc<Pod>,
    /// How often it was tried.
    pub(crate) attempts: u32,
    /// Since when it waits in its present pool's order.
    queued_at: Time,
    number: u64,
    rejections: u32,
    errors: u32,
    rejected_by: PluginSet,
    pool: Pool,
}

/// Where a pod waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Pool {
    /// Next.
    Active(Rank),
    /// Tried when nothing is active.
    BackOff(Time, Rank),
    /// Failed for no fault of its own; tried when its back-off is over.
    ErrorBackOff(Time),
    /// Waits for a change.
    Unschedulable,
    /// Held back by a gate.
    Gated,
}

/// All pods that wait for a node.
#[derive(Clone, Default)]
pub(crate) struct Queue {
    pods: Map<ObjectKey, QueuedPod>,
    active: Map<(Rank, ObjectKey), ()>,
    back_off: Map<(Time, Rank, ObjectKey), ()>,
    error_back_off: Map<(Time, ObjectKey), ()>,
    unschedulable: Map<(Time, ObjectKey), ()>,
    /// Unschedulable pods by each plugin that rejected them.
    rejected: Map<(usize, ObjectKey), ()>,
    /// Since when it works; leftovers are looked for in whole periods from then.
    started: Option<Time>,
    number: u64,
}

impl Queue {
    /// Notes when everything began.
    pub(crate) fn start(&mut self, now: Time) {
        self.started.get_or_insert(now);
    }

    /// A pod that waits.
    pub(crate) fn get(&self, key: &ObjectKey) -> Option<&QueuedPod> {
        self.pods.get(key)
    }

    /// Adds a pod that is new here. Answers why it is held back, if it is.
    pub(crate) fn add(&mut self, key: &ObjectKey, pod: &Rc<Pod>, now: Time) -> Option<String> {
        let queued = QueuedPod {
            pod: pod.clone(),
            attempts: 0,
            queued_at: now,
            number: self.next_number(),
            rejections: 0,
            errors: 0,
            rejected_by: PluginSet::default(),
            pool: Pool::Gated,
        };
        let held = gate(pod);
        if held.is_some() {
            self.place(key, queued, Pool::Gated);
        } else {
            self.activate(key, queued);
        }
        held
    }

    /// Takes a pod's new version. `changes` says what in it could help, in the words of the cluster events.
    pub(crate) fn update(&mut self, key: &ObjectKey, pod: &Rc<Pod>, changes: &[Change<'_>], now: Time) {
        let Some(mut queued) = self.take(key) else {
            self.add(key, pod, now);
            return;
        };
        queued.pod = pod.clone();
        match queued.pool {
            Pool::Gated if gate(pod).is_none() => self.activate(key, queued),
            Pool::Unschedulable if changes.iter().any(|change| is_worth_it(&queued, change)) => {
                self.requeue(key, queued, now);
            }
            pool => self.place(key, queued, pool),
        }
    }

    /// Forgets a pod.
    pub(crate) fn remove(&mut self, key: &ObjectKey) {
        self.take(key);
    }

    /// Puts a pod back that was just tried and rejected by these plugins; by none if something went wrong.
    pub(crate) fn put_back(&mut self, key: &ObjectKey, mut queued: QueuedPod, rejected_by: PluginSet, now: Time) {
        queued.rejected_by = rejected_by;
        queued.queued_at = now;
        queued.number = self.next_number();
        if rejected_by.is_empty() {
            queued.errors += 1;
            let until = queued.backs_off_until();
            self.place(key, queued, Pool::ErrorBackOff(until));
        } else {
            queued.rejections += 1;
            queued.errors = 0;
            self.place(key, queued, Pool::Unschedulable);
        }
    }

    /// Moves the pods on that this change may help.
    pub(crate) fn react(&mut self, change: &Change<'_>, now: Time) {
        self.react_where(change, now, |_| true);
    }

    /// The same for some pods only.
    pub(crate) fn react_where(&mut self, change: &Change<'_>, now: Time, concerns: impl Fn(&Pod) -> bool) {
        if self.unschedulable.is_empty() {
            return;
        }
        let mut helped: Map<ObjectKey, ()> = Map::new();
        for (index, plugin) in ALL.iter().enumerate() {
            if !plugin.listens_to(change.event) {
                continue;
            }
            let from = (index, ObjectKey::new(api::Kind::ConfigMap, "", ""));
            for ((_, key), ()) in self.rejected.range(from..).take_while(|((plugin, _), ())| *plugin == index) {
                let Some(queued) = self.pods.get(key).filter(|_| !helped.contains_key(key)) else { continue };
                if concerns(&queued.pod) && plugin.may_be_helped(&queued.pod, change) {
                    helped.insert(key.clone(), ());
                }
            }
        }
        for (key, ()) in &helped {
            if let Some(queued) = self.take(key) {
                self.requeue(key, queued, now);
            }
        }
    }

    /// Moves on what has waited long enough.
    pub(crate) fn flush(&mut self, now: Time) {
        while let Some(((at, key), ())) = self.error_back_off.get_min().filter(|((at, _), ())| flush_at(*at) <= now) {
            let (_, key) = (*at, key.clone());
            if let Some(queued) = self.take(&key) {
                self.activate(&key, queued);
            }
        }
        let done = |((at, ..), ()): &&((Time, Rank, ObjectKey), ())| flush_at(*at) <= now;
        while let Some(((_, _, key), ())) = self.back_off.get_min().filter(done) {
            let key = key.clone();
            if let Some(queued) = self.take(&key) {
                self.activate(&key, queued);
            }
        }
        while let Some(((since, key), ())) = self.unschedulable.get_min() {
            if self.leftover_at(*since) > now {
                break;
            }
            let key = key.clone();
            if let Some(queued) = self.take(&key) {
                self.requeue(&key, queued, now);
            }
        }
    }

    /// Takes the next pod to be tried: the first active one, else the first that backs off, if it has rested.
    pub(crate) fn pop(&mut self, now: Time) -> Option<(ObjectKey, QueuedPod)> {
        let active = self.active.get_min().map(|((_, key), ())| key.clone());
        let rested = || self.first_backing_off().filter(|(_, at)| *at <= now).map(|(key, _)| key.clone());
        let key = active.or_else(rested)?;
        let mut queued = self.take(&key)?;
        queued.attempts += 1;
        Some((key, queued))
    }

    /// When the next pod can be tried.
    pub(crate) fn next_try(&self) -> Option<Time> {
        let active = self.active.get_min().and_then(|((_, key), ())| self.pods.get(key)).map(|queued| queued.queued_at);
        active.or_else(|| self.first_backing_off().map(|(_, at)| at))
    }

    /// The pod that goes first among those that back off, and when it has rested.
    fn first_backing_off(&self) -> Option<(&ObjectKey, Time)> {
        let ((.., key), ()) = self.back_off.get_min()?;
        Some((key, self.pods.get(key)?.queued_at.plus(REST)))
    }

    /// When a pod moves on by itself.
    pub(crate) fn next_flush(&self) -> Option<Time> {
        let errors = self.error_back_off.get_min().map(|((at, _), ())| flush_at(*at));
        let leftovers = self.unschedulable.get_min().map(|((since, _), ())| self.leftover_at(*since));
        errors.into_iter().chain(leftovers).min()
    }

    /// The first look for leftovers at which a pod has waited too long.
    fn leftover_at(&self, since: Time) -> Time {
        let start = self.started.unwrap_or(since).unix_millis();
        let after = since.plus(MAX_UNSCHEDULABLE).unix_millis() - start;
        Time::from_unix_millis(start + (after.div_euclid(FLUSH_PERIOD_MS) + 1) * FLUSH_PERIOD_MS)
    }

    fn next_number(&mut self) -> u64 {
        self.number += 1;
        self.number
    }

    /// To be tried again; at once if its back-off is over.
    fn requeue(&mut self, key: &ObjectKey, queued: QueuedPod, now: Time) {
        let until = queued.backs_off_until();
        if queued.rejections + queued.errors > 0 && until >= to_second(now) {
            let rank = queued.rank();
            self.place(key, queued, Pool::BackOff(until, rank));
        } else {
            self.activate(key, queued);
        }
    }

    fn activate(&mut self, key: &ObjectKey, queued: QueuedPod) {
        let rank = queued.rank();
        self.place(key, queued, Pool::Active(rank));
    }

    fn place(&mut self, key: &ObjectKey, mut queued: QueuedPod, pool: Pool) {
        match pool {
            Pool::Active(rank) => {
                self.active.insert((rank, key.clone()), ());
            }
            Pool::BackOff(until, rank) => {
                self.back_off.insert((until, rank, key.clone()), ());
            }
            Pool::ErrorBackOff(until) => {
                self.error_back_off.insert((until, key.clone()), ());
            }
            Pool::Unschedulable => {
                self.unschedulable.insert((queued.queued_at, key.clone()), ());
                for index in queued.rejected_by.iter() {
                    self.rejected.insert((index, key.clone()), ());
                }
            }
            Pool::Gated => {}
        }
        queued.pool = pool;
        self.pods.insert(key.clone(), queued);
    }

    fn take(&mut self, key: &ObjectKey) -> Option<QueuedPod> {
        let queued = self.pods.remove(key)?;
        match queued.pool {
            Pool::Active(rank) => {
                self.active.remove(&(rank, key.clone()));
            }
            Pool::BackOff(until, rank) => {
                self.back_off.remove(&(until, rank, key.clone()));
            }
            Pool::ErrorBackOff(until) => {
                self.error_back_off.remove(&(until, key.clone()));
            }
            Pool::Unschedulable => {
                self.unschedulable.remove(&(queued.queued_at, key.clone()));
                for index in queued.rejected_by.iter() {
                    self.rejected.remove(&(index, key.clone()));
                }
            }
            Pool::Gated => {}
        }
        Some(queued)
    }
}

impl QueuedPod {
    /// A pod that was taken out before, to be put back with `put_back`.
    pub(crate) fn again(pod: &Rc<Pod>, attempts: u32, now: Time) -> Self {
        QueuedPod {
            pod: pod.clone(),
            attempts,
            queued_at: now,
            number: 0,
            rejections: 0,
            errors: 0,
            rejected_by: PluginSet::default(),
            pool: Pool::Gated,
        }
    }

    fn rank(&self) -> Rank {
        let rank = ALL.iter().find_map(|plugin| plugin.rank);
        // PrioritySort is always in the list; without a rank, order of arrival would decide.
        rank.map_or_else(
            || Rank::of_arrival(self.queued_at, self.number),
            |rank| rank(&self.pod, self.queued_at, self.number),
        )
    }

    /// The whole second in which its back-off ends.
    fn backs_off_until(&self) -> Time {
        let count = if self.errors > 0 { self.errors } else { self.rejections };
        let doublings = count.saturating_sub(1).min(10);
        let wait = if count == 0 { 0 } else { (INITIAL_BACK_OFF_MS << doublings).min(MAX_BACK_OFF_MS) };
        to_second(self.queued_at.plus(SimDuration::from_millis(wait)))
    }
}

/// Whether some plugin that rejected the pod says that this change may help.
fn is_worth_it(queued: &QueuedPod, change: &Change<'_>) -> bool {
    queued.rejected_by.iter().any(|index| ALL[index].may_be_helped(&queued.pod, change))
}

fn gate(pod: &Pod) -> Option<String> {
    ALL.iter().filter_map(|plugin| plugin.pre_enqueue).find_map(|look| look(pod))
}

/// Back-offs end in whole seconds, so that pods of one second go in order of priority.
fn to_second(time: Time) -> Time {
    Time::from_unix_millis(time.unix_millis().div_euclid(1000) * 1000)
}

/// The tick after the second in which a back-off ends.
fn flush_at(until: Time) -> Time {
    until.plus(SimDuration::from_secs(1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::events::Events;
    use api::{Object, Resource, Wire};
    use expect_test::expect;
    use serde_json::json;

    const START: i64 = 1_000_000_000_000;

    fn at(ms: i64) -> Time {
        Time::from_unix_millis(START + ms)
    }

    fn pod(name: &str, priority: i32) -> Rc<Pod> {
        let meta = json!({"name": name, "namespace": "ns", "uid": name});
        Rc::new(Pod::read(json!({"metadata": meta, "spec": {"priority": priority}})))
    }

    fn queue(pods: &[(&str, i32, i64)]) -> Queue {
        let mut queue = Queue::default();
        queue.start(at(0));
        for (name, priority, ms) in pods {
            let pod = pod(name, *priority);
            queue.add(&pod.key(), &pod, at(*ms));
        }
        queue
    }

    fn plugin(name: &str) -> PluginSet {
        let mut set = PluginSet::default();
        set.insert(ALL.iter().position(|plugin| plugin.name == name).expect("a plugin"));
        set
    }

    /// Pops the next pod and puts it back as rejected.
    fn reject_next(queue: &mut Queue, by: &str, now: Time) -> String {
        let Some((key, queued)) = queue.pop(now) else { return "nobody".to_owned() };
        queue.put_back(&key, queued, if by.is_empty() { PluginSet::default() } else { plugin(by) }, now);
        key.name.to_string()
    }

    fn node_event(queue: &mut Queue, now: Time) {
        let node = Object::read(
            api::Kind::Node,
            json!({"metadata": {"name": "new"}, "status": {"allocatable": {"cpu": "9", "pods": "9"}}}),
        );
        queue.react(&Change { event: Events::NODE_ADD, old: None, new: Some(&node) }, now);
    }

    #[test]
    fn priority_goes_first_then_age() {
        let mut queue = queue(&[("a", 0, 0), ("b", 10, 5), ("c", 0, 5), ("d", 0, 5)]);
        let order: Vec<String> =
            std::iter::from_fn(|| queue.pop(at(300)).map(|(key, _)| key.name.to_string())).collect();
        expect!["b a c d"].assert_eq(&order.join(" "));
    }

    #[test]
    fn only_a_change_that_may_help_brings_a_pod_back() {
        let mut queue = queue(&[("a", 0, 0), ("b", 0, 0)]);
        assert_eq!(reject_next(&mut queue, "NodeResourcesFit", at(0)), "a");
        assert_eq!(reject_next(&mut queue, "VolumeRestrictions", at(0)), "b");
        assert!(queue.next_try().is_none());
        let volume = Object::read(api::Kind::PersistentVolume, json!({"metadata": {"name": "pv"}}));
        queue.react(&Change { event: Events::VOLUME_ADD, old: None, new: Some(&volume) }, at(100));
        assert!(queue.next_try().is_none(), "volumes help neither");
        let claim = json!({"metadata": {"name": "other", "namespace": "ns"}});
        let claim = Object::read(api::Kind::PersistentVolumeClaim, claim);
        queue.react(&Change { event: Events::CLAIM_ADD, old: None, new: Some(&claim) }, at(100));
        assert!(queue.next_try().is_none(), "it is not b's claim");
        node_event(&mut queue, at(200));
        let next: Vec<String> =
            std::iter::from_fn(|| queue.pop(at(300)).map(|(key, _)| key.name.to_string())).collect();
        assert_eq!(next, ["a", "b"]);
    }

    #[test]
    fn changed_taints_bring_back_whom_plugins_rejected_that_say_nothing_of_taints() {
        let mut queue = queue(&[("room", 0, 0), ("taints", 0, 0), ("claim", 0, 0)]);
        for by in ["NodeResourcesFit", "TaintToleration", "VolumeBinding"] {
            reject_next(&mut queue, by, at(0));
        }
        let node =
            |taints| Object::read(api::Kind::Node, json!({"metadata": {"name": "n"}, "spec": {"taints": taints}}));
        let (old, new) = (node(json!([])), node(json!([{"key": "a", "effect": "NoSchedule"}])));
        queue.react(&Change { event: Events::NODE_TAINT, old: Some(&old), new: Some(&new) }, at(1500));
        let next: Vec<String> =
            std::iter::from_fn(|| queue.pop(at(1500)).map(|(key, _)| key.name.to_string())).collect();
        assert_eq!(next, ["room", "claim"]);
    }

    #[test]
    fn who_backs_off_goes_behind_the_active() {
        let mut queue = queue(&[("old", 0, 0)]);
        reject_next(&mut queue, "NodeResourcesFit", at(0));
        node_event(&mut queue, at(10));
        let fresh = pod("fresh", 0);
        queue.add(&fresh.key(), &fresh, at(20));
        assert_eq!(reject_next(&mut queue, "NodeResourcesFit", at(20)), "fresh");
        assert_eq!(reject_next(&mut queue, "NodeResourcesFit", at(20)), "old");
        node_event(&mut queue, at(25));
        assert_eq!((reject_next(&mut queue, "", at(25)), queue.next_try()), ("nobody".to_owned(), Some(at(30))));
    }

    #[test]
    fn errors_wait_for_their_back_off_which_doubles_up_to_ten_seconds() {
        let mut queue = queue(&[("a", 0, 0)]);
        let mut now = at(0);
        let mut waits = Vec::new();
        for _ in 0..6 {
            assert_eq!(reject_next(&mut queue, "", now), "a");
            let next = queue.next_flush().expect("a back-off");
            waits.push(next.since(now).as_secs());
            queue.flush(Time::from_unix_millis(next.unix_millis() - 1));
            assert!(queue.next_try().is_none());
            queue.flush(next);
            now = next;
        }
        assert_eq!(waits, [2, 3, 5, 9, 11, 11], "the back-off and the rest of the second in which it ends");
    }

    #[test]
    fn after_five_minutes_a_pod_is_tried_whatever_happened() {
        let mut queue = queue(&[("a", 0, 0)]);
        reject_next(&mut queue, "NodeAffinity", at(1_000));
        assert_eq!(queue.next_flush(), Some(at(330_000)));
        queue.flush(at(329_999));
        assert!(queue.next_try().is_none());
        queue.flush(at(330_000));
        assert_eq!(reject_next(&mut queue, "NodeAffinity", at(330_000)), "a");
    }

    #[test]
    fn gates_hold_a_pod_back_until_they_are_gone() {
        let mut queue = Queue::default();
        let gated =
            json!({"metadata": {"name": "g", "namespace": "ns"}, "spec": {"schedulingGates": [{"name": "x/y"}]}});
        let gated = Rc::new(Pod::read(gated));
        assert_eq!(queue.add(&gated.key(), &gated, at(0)).as_deref(), Some("waiting for scheduling gates: [x/y]"));
        assert!(queue.next_try().is_none() && queue.next_flush().is_none());
        let mut open = Pod::clone(&gated);
        open.spec.scheduling_gates = Default::default();
        queue.update(&gated.key(), &Rc::new(open), &[], at(5));
        assert!(queue.next_try().is_some());
    }
}
