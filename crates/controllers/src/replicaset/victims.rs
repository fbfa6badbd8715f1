//! Which pods a scale-down takes.
//! Models: ActivePodsWithRanks and getPodsToDelete in pkg/controller.

use super::control::is_active;
use api::{Pod, Str, Time};
use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::rc::Rc;

const DELETION_COST: &str = "controller.kubernetes.io/pod-deletion-cost";

/// The pods to delete. `siblings` are the pods among which the nodes are evened out.
pub(super) fn choose<'a>(
    pods: &[Rc<Pod>],
    siblings: impl FnOnce() -> Vec<&'a Rc<Pod>>,
    count: usize,
    now: Time,
) -> Vec<Rc<Pod>> {
    if count >= pods.len() {
        return pods.to_vec();
    }
    let mut on_node: BTreeMap<&Str, usize> = BTreeMap::new();
    for pod in siblings().into_iter().filter(|pod| is_active(pod)) {
        *on_node.entry(&pod.spec.node_name).or_default() += 1;
    }
    let mut sorted: Vec<Rank<'_>> = Vec::with_capacity(pods.len());
    for pod in pods {
        let rank = Rank::of(pod, on_node.get(&pod.spec.node_name).copied().unwrap_or(0), now);
        // Upstream's order is not transitive in every case, so a sort that relies on that will not do.
        let at = sorted.partition_point(|other| rank.compare(other) != Ordering::Less);
        sorted.insert(at, rank);
    }
    sorted[..count].iter().map(|rank| Rc::clone(rank.pod)).collect()
}

/// What of a pod counts in the choice.
struct Rank<'p> {
    pod: &'p Rc<Pod>,
    is_assigned: bool,
    phase: u8,
    is_ready: bool,
    cost: i32,
    doubled: usize,
    ready: Since,
    restarts: (i32, i32),
    created: Since,
}

/// A moment in whole seconds, as the API has it, and the power of two (in nanoseconds) of its distance from now.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Since {
    second: Option<i64>,
    power: i64,
}

impl Since {
    fn new(time: Option<Time>, now: Time) -> Since {
        let second = time.map(|time| time.unix_millis().div_euclid(1000));
        let millis = second.map_or(0, |second| now.unix_millis() - second * 1000);
        let power = u64::try_from(millis).ok().and_then(|ms| (ms * 1_000_000).checked_ilog2());
        Since { second, power: power.map_or(-1, i64::from) }
    }

    /// Nothing before later before earlier, but only by powers of two; within one, the UIDs decide.
    fn compare(self, other: Since, uids: (&Str, &Str)) -> Option<Ordering> {
        match (self.second, other.second) {
            (a, b) if a == b => None,
            (None, _) => Some(Ordering::Less),
            (_, None) => Some(Ordering::Greater),
            _ => Some(self.power.cmp(&other.power).then_with(|| uids.0.cmp(uids.1))),
        }
    }
}

impl<'p> Rank<'p> {
    fn of(pod: &'p Rc<Pod>, doubled: usize, now: Time) -> Self {
        let ready = pod.status.condition("Ready").filter(|c| c.status == "True");
        Rank {
            pod,
            is_assigned: !pod.spec.node_name.is_empty(),
            phase: match pod.status.phase.as_str() {
                "Unknown" => 1,
                "Running" => 2,
                _ => 0,
            },
            is_ready: ready.is_some(),
            cost: pod.metadata.annotations.get(DELETION_COST).and_then(|text| cost(text)).unwrap_or(0),
            doubled,
            ready: Since::new(ready.and_then(|c| c.last_transition_time), now),
            restarts: restarts(pod),
            created: Since::new(pod.metadata.creation_timestamp, now),
        }
    }

    /// Less is what goes first.
    fn compare(&self, other: &Rank<'_>) -> Ordering {
        let uids = (&self.pod.metadata.uid, &other.pod.metadata.uid);
        (self.is_assigned.cmp(&other.is_assigned))
            .then(self.phase.cmp(&other.phase))
            .then(self.is_ready.cmp(&other.is_ready))
            .then(self.cost.cmp(&other.cost))
            .then(other.doubled.cmp(&self.doubled))
            .then_with(|| self.ready.compare(other.ready, uids).unwrap_or(Ordering::Equal))
            .then(other.restarts.cmp(&self.restarts))
            .then_with(|| self.created.compare(other.created, uids).unwrap_or(Ordering::Equal))
    }
}

/// The most restarts of one of the containers, and of one of the sidecars. Models: maxContainerRestarts.
fn restarts(pod: &Pod) -> (i32, i32) {
    let containers = pod.status.container_statuses.iter().map(|status| status.restart_count).max();
    let is_sidecar =
        |name: &Str| pod.spec.init_containers.iter().any(|c| c.name == *name && c.restart_policy == "Always");
    let sidecars = pod.status.init_container_statuses.iter().filter(|status| is_sidecar(&status.name));
    (containers.unwrap_or(0), sidecars.map(|status| status.restart_count).max().unwrap_or(0))
}

/// A deletion cost; signs and zeros in front are not taken. Models: GetDeletionCostFromPodAnnotations.
fn cost(text: &str) -> Option<i32> {
    let is_plain = text == "0" || text.starts_with(['-', '1', '2', '3', '4', '5', '6', '7', '8', '9']);
    if is_plain { text.parse().ok() } else { None }
}
