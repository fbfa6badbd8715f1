//! Invariants over a run: each looks at what changed in a step, with the state before it in mind.
//!
//! The rules speak about what our brains plan. A user who force-deletes, or a machine that dies, may break the world;
//! a checker must not cry wolf then. Rules about a single state are in [`cluster::check`], those about a state in
//! which nothing is left to happen in [`settled`].

mod budgets;
mod daemon;
mod identity;
mod jobs;
mod ordered;
mod quotas;
mod rollout;
mod settled;

pub(crate) use daemon::target_node;
pub use settled::settled;

use api::{Object, ObjectKey, Pod, Str};
use apiserver::{Change, Lister, WatchEvent};
use cluster::{Cluster, Step};
use std::collections::BTreeMap;

/// Watches a run. Give it every step; it answers with what broke.
#[derive(Default)]
pub struct Checkers {
    cursor: u64,
    newest: u64,
    /// The store as the watch log alone would have it.
    mirror: BTreeMap<ObjectKey, u64>,
    /// The node each pod is bound to, by UID.
    nodes: BTreeMap<Str, Str>,
    /// The pods as they were before this step, by key.
    before: BTreeMap<ObjectKey, std::rc::Rc<Pod>>,
    ends: jobs::Ends,
    budgets: budgets::Budgets,
    quotas: quotas::Quotas,
    identities: identity::Identities,
}

impl Checkers {
    /// Everything that the last step broke.
    pub fn look(&mut self, cluster: &Cluster, step: Option<&Step>) -> Vec<String> {
        let events: Vec<WatchEvent> = cluster.server().watch_since(self.cursor).cloned().collect();
        self.cursor = cluster.server().watch_cursor();
        let brain = step.map_or("", |step| step.brain);
        let lister = cluster.lister();
        let mut broken: Vec<String> = Vec::new();
        for event in &events {
            broken.extend(self.versions_grow(event));
            broken.extend(self.nodes_stay(event, brain));
            broken.extend(self.ends.ends_count_once(event));
            broken.extend(self.budgets.evictions_leave_enough(lister, event));
            self.identities.note(event, brain);
        }
        broken.extend(self.quotas.stand(lister, &events, cluster.time()));
        match step {
            Some(Step { brain: "statefulset-controller", key: Some(key), .. }) => {
                broken.extend(ordered::broken_order(lister, key, &self.before, &events));
            }
            Some(Step { brain: "daemonset-controller", key: Some(key), .. }) => {
                broken.extend(daemon::crowded(lister, key, &self.before, &events));
            }
            Some(Step { brain: "deployment-controller", key: Some(key), .. }) => {
                broken.extend(rollout::rollout_bounds(lister, key, &events));
            }
            Some(Step { brain: "disruption", key: Some(key), .. }) if budgets::is_budget(key) => {
                self.budgets.counted(lister, key);
            }
            Some(Step { brain: "kubelet", .. }) => {
                broken.extend(self.identities.doubled(cluster.kubelets().running()));
            }
            _ => {}
        }
        broken.extend(two_wakeups(cluster.wakeups()));
        for event in &events {
            self.remember(event);
        }
        broken.extend(cluster::check(cluster).iter().map(ToString::to_string));
        broken
    }

    /// Whether the watch log, replayed from empty, gives the store. Costs as much as there is; call it now and then.
    pub fn mirror_equals_store(&self, lister: Lister<'_>) -> Result<(), String> {
        let store: BTreeMap<ObjectKey, u64> =
            lister.everything().map(|object| (object.key(), object.meta().resource_version.0)).collect();
        if store == self.mirror { Ok(()) } else { Err("the watch log replayed from empty is not the store".to_owned()) }
    }

    fn versions_grow(&mut self, event: &WatchEvent) -> Option<String> {
        let version = event.object.meta().resource_version.0;
        let grew = version > self.newest;
        self.newest = self.newest.max(version);
        (!grew).then(|| format!("resourceVersion {version} of {} does not grow", event.object.key()))
    }

    /// A pod's node is given by who writes the pod or by the scheduler's binding, and never changes.
    fn nodes_stay(&mut self, event: &WatchEvent, brain: &str) -> Option<String> {
        let Object::Pod(pod) = &event.object else { return None };
        let (uid, node) = (&pod.metadata.uid, &pod.spec.node_name);
        let before = self.nodes.get(uid);
        let name = &pod.metadata.name;
        let broken = match before {
            Some(before) if before == node => None,
            Some(before) if !before.is_empty() => Some(format!("pod {name} moved from {before} to {node}")),
            Some(_) => (brain != "scheduler").then(|| format!("pod {name} was bound by {brain:?}")),
            None => None,
        };
        if event.change == Change::Deleted {
            self.nodes.remove(uid);
        } else {
            self.nodes.insert(uid.clone(), node.clone());
        }
        broken
    }

    fn remember(&mut self, event: &WatchEvent) {
        let key = event.object.key();
        if event.change == Change::Deleted {
            self.before.remove(&key);
            self.mirror.remove(&key);
            return;
        }
        if let Object::Pod(pod) = &event.object {
            self.before.insert(key.clone(), pod.clone());
        }
        self.mirror.insert(key, event.object.meta().resource_version.0);
    }
}

/// No controller is to look at one key twice: a change that comes while a look is planned joins it.
fn two_wakeups<'a>(wakeups: impl Iterator<Item = (&'static str, &'a ObjectKey)>) -> Option<String> {
    let mut seen = std::collections::BTreeSet::new();
    for wakeup in wakeups {
        if !seen.insert(wakeup) {
            return Some(format!("two wakeups of {} for {}", wakeup.0, wakeup.1));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use api::Kind;
    use cluster::Options;
    use serde_json::json;

    pub(super) fn event(change: Change, object: Object) -> WatchEvent {
        WatchEvent { change, object, old: None }
    }

    fn pod(name: &str, version: u64, node: &str) -> Object {
        let body = json!({
            "metadata": {"name": name, "namespace": "default", "uid": name, "resourceVersion": version.to_string()},
            "spec": {"containers": [], "nodeName": node},
        });
        Object::read(Kind::Pod, body)
    }

    #[test]
    fn a_version_that_does_not_grow_is_seen() {
        let mut checkers = Checkers::default();
        assert_eq!(checkers.versions_grow(&event(Change::Added, pod("a", 2, ""))), None);
        assert!(checkers.versions_grow(&event(Change::Modified, pod("a", 2, ""))).is_some());
    }

    #[test]
    fn a_pod_that_moves_or_is_bound_by_the_wrong_hand_is_seen() {
        let mut checkers = Checkers::default();
        assert_eq!(checkers.nodes_stay(&event(Change::Added, pod("a", 1, "")), "job-controller"), None);
        assert!(checkers.nodes_stay(&event(Change::Modified, pod("a", 2, "node-1")), "kubelet").is_some());
        assert_eq!(checkers.nodes_stay(&event(Change::Modified, pod("a", 3, "node-1")), "kubelet"), None);
        assert!(checkers.nodes_stay(&event(Change::Modified, pod("a", 4, "node-2")), "scheduler").is_some());
        assert_eq!(checkers.nodes_stay(&event(Change::Added, pod("b", 5, "node-1")), ""), None);
        checkers.nodes_stay(&event(Change::Added, pod("c", 6, "")), "");
        assert_eq!(checkers.nodes_stay(&event(Change::Modified, pod("c", 7, "node-1")), "scheduler"), None);
    }

    #[test]
    fn a_store_that_the_log_does_not_explain_is_seen() {
        let cluster = Cluster::new(&Options::default());
        let mut checkers = Checkers::default();
        checkers.look(&cluster, None);
        assert_eq!(checkers.mirror_equals_store(cluster.lister()), Ok(()));
        checkers.mirror.pop_first();
        assert!(checkers.mirror_equals_store(cluster.lister()).is_err());
    }

    #[test]
    fn a_second_wakeup_for_a_key_is_seen() {
        let (a, b) = (ObjectKey::new(Kind::Job, "default", "a"), ObjectKey::new(Kind::Job, "default", "b"));
        assert_eq!(two_wakeups([("job-controller", &a), ("job-controller", &b), ("other", &a)].into_iter()), None);
        assert!(two_wakeups([("job-controller", &a), ("job-controller", &a)].into_iter()).is_some());
    }
}
