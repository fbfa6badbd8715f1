//! Invariants over a run: each looks at what changed in a step, with the state before it in mind.
//!
//! The rules speak about what our brains plan. A user who force-deletes, or a machine that dies, may break the world;
//! a checker must not cry wolf then. Rules about a single state are in [`cluster::check`].

use api::{Deployment, Kind, Object, ObjectKey, Pod, ReplicaSet, StatefulSet, Str};
use apiserver::{Change, Lister, WatchEvent};
use cluster::{Cluster, Step};
use std::collections::{BTreeMap, BTreeSet};

/// Watches a run. Give it every step; it answers with what broke.
#[derive(Default)]
pub struct Checkers {
    cursor: u64,
    newest: u64,
    /// The store as the watch log alone would have it.
    mirror: BTreeMap<ObjectKey, u64>,
    /// The node each pod is bound to, by UID.
    nodes: BTreeMap<Str, Str>,
    /// The pods that were Ready before this step, by key.
    ready: BTreeMap<ObjectKey, bool>,
    /// What was counted of the pods of each Job, by the Job's UID.
    jobs: BTreeMap<Str, Tally>,
}

/// What was counted of the pods of a Job: noted as uncounted first, then counted, each once.
#[derive(Default)]
struct Tally {
    succeeded: i32,
    failed: i32,
    uncounted: BTreeSet<Str>,
    counted: BTreeSet<Str>,
}

impl Checkers {
    /// Everything that the last step broke.
    pub fn look(&mut self, cluster: &Cluster, step: Option<&Step>) -> Vec<String> {
        let events: Vec<WatchEvent> = cluster.server().watch_since(self.cursor).cloned().collect();
        self.cursor = cluster.server().watch_cursor();
        let mut broken: Vec<String> = Vec::new();
        for event in &events {
            broken.extend(self.versions_grow(event));
            broken.extend(self.nodes_stay(event));
            broken.extend(self.ends_count_once(event));
            if step.is_some_and(|step| step.brain == "statefulset-controller") {
                broken.extend(self.ordered_creation(cluster.lister(), event));
            }
            self.remember(event);
        }
        if let Some(Step { brain: "deployment-controller", key: Some(key), .. }) = step {
            broken.extend(rollout_bounds(cluster.lister(), key, &events));
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

    fn nodes_stay(&mut self, event: &WatchEvent) -> Option<String> {
        let Object::Pod(pod) = &event.object else { return None };
        let (uid, node) = (&pod.metadata.uid, &pod.spec.node_name);
        let before = self.nodes.get(uid).filter(|before| !before.is_empty() && *before != node);
        before.map(|before| format!("pod {} moved from {before} to {node}", pod.metadata.name))
    }

    /// The end of a pod enters the counts of its Job once: its UID is noted as uncounted, and when the note goes, one
    /// of the counts has grown by one. Indexes are counted by their text, which can hold each only once.
    fn ends_count_once(&mut self, event: &WatchEvent) -> Option<String> {
        let Object::Job(job) = &event.object else { return None };
        let (uid, name, status) = (&job.metadata.uid, &job.metadata.name, &job.status);
        if event.change == Change::Deleted {
            self.jobs.remove(uid);
            return None;
        }
        let tally = self.jobs.entry(uid.clone()).or_default();
        let lists = status.uncounted_terminated_pods.clone().unwrap_or_default();
        let noted: Vec<&Str> = lists.succeeded.iter().chain(&lists.failed).collect();
        let uncounted: BTreeSet<Str> = noted.iter().map(|uid| (*uid).clone()).collect();
        if uncounted.len() < noted.len() {
            return Some(format!("Job {name} notes a pod twice"));
        }
        if let Some(again) = uncounted.intersection(&tally.counted).next() {
            return Some(format!("Job {name} notes pod {again}, which it has counted"));
        }
        let counted: Vec<Str> = tally.uncounted.difference(&uncounted).cloned().collect();
        let grown = |now: i32, before: i32| usize::try_from(now - before).unwrap_or(usize::MAX);
        let succeeded = if job.is_indexed() { 0 } else { grown(status.succeeded, tally.succeeded) };
        let grown = succeeded.saturating_add(grown(status.failed, tally.failed));
        if grown != counted.len() {
            return Some(format!("the counts of Job {name} grow by {grown} as {} pods are counted", counted.len()));
        }
        if job.is_indexed() && status.succeeded != indexes(&status.completed_indexes) {
            return Some(format!("Job {name} counts {} successes of {}", status.succeeded, status.completed_indexes));
        }
        tally.counted.extend(counted);
        (tally.succeeded, tally.failed, tally.uncounted) = (status.succeeded, status.failed, uncounted);
        None
    }

    /// OrderedReady: the controller creates no pod while a lower ordinal is not Running and Ready.
    fn ordered_creation(&self, lister: Lister<'_>, event: &WatchEvent) -> Option<String> {
        let Object::Pod(pod) = &event.object else { return None };
        let owner = pod.metadata.controller().filter(|owner| owner.kind == "StatefulSet")?;
        let set = lister.get::<StatefulSet>(&pod.metadata.namespace, &owner.name)?;
        let ordinal: i32 = pod.metadata.name.rsplit_once('-')?.1.parse().ok()?;
        if event.change != Change::Added || set.spec.pod_management_policy == "Parallel" {
            return None;
        }
        let unready = (set.spec.start_ordinal()..ordinal).find(|lower| {
            let key =
                ObjectKey::new(Kind::Pod, pod.metadata.namespace.clone(), format!("{}-{lower}", set.metadata.name));
            self.ready.get(&key) != Some(&true)
        });
        unready
            .map(|lower| format!("{} was created while ordinal {lower} was not Running and Ready", pod.metadata.name))
    }

    fn remember(&mut self, event: &WatchEvent) {
        let key = event.object.key();
        if let Object::Pod(pod) = &event.object {
            self.nodes.insert(pod.metadata.uid.clone(), pod.spec.node_name.clone());
            self.ready.insert(key.clone(), event.change != Change::Deleted && pod.is_running_and_ready());
        }
        if event.change == Change::Deleted {
            self.mirror.remove(&key);
        } else {
            self.mirror.insert(key, event.object.meta().resource_version.0);
        }
    }
}

/// A Deployment's pass makes no more pods than its surge allows, and lets no more available ones go than may be missing.
fn rollout_bounds(lister: Lister<'_>, key: &ObjectKey, events: &[WatchEvent]) -> Option<String> {
    let deployment = lister.get::<Deployment>(&key.namespace, &key.name)?;
    let wanted = deployment.spec.replicas?;
    let rolling = deployment.spec.strategy.rolling_update.as_ref()?;
    let count = |field: &Option<api::IntOrString>, up| field.as_ref().and_then(|f| f.scaled(wanted, up)).unwrap_or(0);
    let (surge, unavailable) = (count(&rolling.max_surge, true), count(&rolling.max_unavailable, false));
    let unavailable = if surge == 0 { unavailable.max(1) } else { unavailable };
    let before = |set: &ReplicaSet| -> Option<&ReplicaSet> {
        let event = events.iter().find(|event| event.object.key() == api::Resource::key(set))?;
        match &event.old {
            Some(Object::ReplicaSet(old)) => Some(old),
            _ => None,
        }
    };
    let (mut now, mut kept, mut had) = ([0; 2], 0, 0);
    let (mut grew, mut shrank) = (false, false);
    for set in lister.owned::<ReplicaSet>(&deployment.metadata.uid) {
        let size = set.spec.replicas.unwrap_or(0);
        let is_new = events.iter().any(|e| e.change == Change::Added && e.object.meta().uid == set.metadata.uid);
        let old = before(set);
        let old_size = if is_new { 0 } else { old.map_or(size, |old| old.spec.replicas.unwrap_or(0)) };
        // The user scaled it, or what it has is not known yet: its share is another rule's matter.
        let desired = old.unwrap_or(set).metadata.annotations.get("deployment.kubernetes.io/desired-replicas");
        let is_scaled = old_size > 0 && desired.is_some_and(|desired| **desired != *wanted.to_string());
        if is_scaled || !is_new && set.status.replicas != old_size {
            return None;
        }
        grew |= size > old_size;
        shrank |= size < old_size;
        now = [now[0] + size, now[1] + old_size];
        kept += size.min(set.status.available_replicas);
        had += old_size.min(set.status.available_replicas);
    }
    if grew && now[0] > wanted + surge {
        return Some(format!(
            "{key} was given {} pods, {} more than {wanted} and the surge of {surge}",
            now[0],
            now[0] - wanted - surge
        ));
    }
    let least = (wanted - unavailable).min(had);
    (shrank && kept < least).then(|| format!("{key} keeps {kept} available pods where it must keep {least}"))
}

/// How many indexes a text such as `0-3,5` names.
fn indexes(text: &str) -> i32 {
    let parts = text.split(',').filter(|part| !part.is_empty());
    let size = |part: &str| {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        Some(last.parse::<i32>().ok()? - first.parse::<i32>().ok()? + 1)
    };
    parts.map(|part| size(part).unwrap_or(0)).sum()
}

/// What must hold once nothing is left to happen.
pub fn settled(cluster: &Cluster) -> Vec<String> {
    let lister = cluster.lister();
    let mut broken = Vec::new();
    for object in lister.everything() {
        let meta = object.meta();
        let dangling = meta.controller().filter(|owner| lister.owner(owner, &meta.namespace).is_none());
        if let Some(owner) = dangling {
            broken.push(format!("{} is left without its owner {} {}", object.key(), owner.kind, owner.name));
        }
    }
    for set in lister.list::<ReplicaSet>().filter(|set| set.status.conditions.is_empty()) {
        let active = |pod: &&std::rc::Rc<Pod>| {
            pod.metadata.is_controlled_by(&set.metadata.uid) && !pod.is_finished() && !pod.is_terminating()
        };
        let (have, wanted) =
            (lister.owned::<Pod>(&set.metadata.uid).filter(active).count(), set.spec.replicas.unwrap_or(0));
        if i32::try_from(have) != Ok(wanted) {
            broken.push(format!("ReplicaSet {} has {have} pods and wants {wanted}", set.metadata.name));
        }
    }
    for pod in lister.list::<Pod>().filter(|pod| pod.metadata.has_finalizer("batch.kubernetes.io/job-tracking")) {
        let owner = pod.metadata.controller().and_then(|owner| lister.owner(owner, &pod.metadata.namespace));
        if !matches!(owner, Some(Object::Job(job)) if job.finished().is_none()) {
            broken.push(format!("pod {} is kept for a Job that will not count it", pod.metadata.name));
        }
    }
    for set in lister.list::<api::DaemonSet>() {
        let mut per_node: BTreeMap<&str, u32> = BTreeMap::new();
        let of_set = |pod: &&std::rc::Rc<Pod>| {
            pod.metadata.is_controlled_by(&set.metadata.uid) && !pod.spec.node_name.is_empty()
        };
        for pod in lister.list_in::<Pod>(&set.metadata.namespace).filter(of_set) {
            *per_node.entry(pod.spec.node_name.as_str()).or_default() += 1;
        }
        if let Some((node, count)) = per_node.iter().find(|(_, count)| **count > 1) {
            broken.push(format!("DaemonSet {} has {count} pods on {node}", set.metadata.name));
        }
    }
    broken
}

#[cfg(test)]
mod tests {
    use super::*;
    use api::Resource;
    use cluster::Options;
    use serde_json::json;

    fn event(change: Change, object: Object) -> WatchEvent {
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
    fn an_end_that_is_counted_twice_is_seen() {
        let job = |status: serde_json::Value| {
            let body =
                json!({"metadata": {"name": "pi", "namespace": "default", "uid": "j"}, "spec": {}, "status": status});
            event(Change::Modified, Object::read(Kind::Job, body))
        };
        let noted = || job(json!({"uncountedTerminatedPods": {"succeeded": ["a"]}}));
        let look = |events: &[WatchEvent]| {
            let mut checkers = Checkers::default();
            events.iter().find_map(|event| checkers.ends_count_once(event))
        };
        let counted = || job(json!({"succeeded": 1}));
        assert_eq!(look(&[noted(), counted()]), None);
        for wrong in [
            vec![counted()],
            vec![noted(), job(json!({"succeeded": 2}))],
            vec![noted(), job(json!({}))],
            vec![noted(), counted(), job(json!({"succeeded": 1, "uncountedTerminatedPods": {"succeeded": ["a"]}}))],
            vec![job(json!({"uncountedTerminatedPods": {"succeeded": ["a"], "failed": ["a"]}}))],
        ] {
            assert!(look(&wrong).is_some());
        }
    }

    #[test]
    fn a_pod_that_moves_is_seen() {
        let mut checkers = Checkers::default();
        checkers.remember(&event(Change::Added, pod("a", 1, "node-1")));
        assert_eq!(checkers.nodes_stay(&event(Change::Modified, pod("a", 2, "node-1"))), None);
        assert!(checkers.nodes_stay(&event(Change::Modified, pod("a", 3, "node-2"))).is_some());
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
    fn a_pod_made_too_early_is_seen() {
        let mut cluster = Cluster::new(&Options::default());
        let set = json!({
            "apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": {"name": "web", "namespace": "default"},
            "spec": {"replicas": 2, "selector": {"matchLabels": {"a": "b"}}, "template": {
                "metadata": {"labels": {"a": "b"}}, "spec": {"containers": [{"name": "c", "image": "nginx"}]}}},
        });
        let set = cluster.server_mut().create_from(set).expect("a valid set");
        let Object::StatefulSet(set) = set else { unreachable!("a StatefulSet was created") };
        let mut early = pod("web-1", 99, "");
        let owner = api::OwnerReference::controller_of(&set.key(), &set.metadata.uid);
        early.meta_mut().owner_references = vec![owner].into();
        let checkers = Checkers::default();
        assert!(checkers.ordered_creation(cluster.lister(), &event(Change::Added, early)).is_some());
    }

    /// A Deployment of ten with a surge of 3 and 2 that may be missing, and two sets that the test gives sizes to.
    fn rollout(old: (i32, i32), new: (i32, i32), available: [i32; 2]) -> Option<String> {
        let mut cluster = Cluster::new(&Options::default());
        let template = |tag: &str| json!({"metadata": {"labels": {"a": "b"}}, "spec": {"containers": [{"name": "c", "image": tag}]}});
        let deployment = json!({
            "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web", "namespace": "default"},
            "spec": {"replicas": 10, "selector": {"matchLabels": {"a": "b"}}, "template": template("new"),
                "strategy": {"rollingUpdate": {"maxSurge": 3, "maxUnavailable": 2}}},
        });
        let deployment = cluster.server_mut().create_from(deployment).expect("a valid deployment");
        let owner = api::OwnerReference::controller_of(&deployment.key(), &deployment.meta().uid);
        let mut events = Vec::new();
        for (name, (before, after), available) in [("old", old, available[0]), ("new", new, available[1])] {
            let set = json!({
                "apiVersion": "apps/v1", "kind": "ReplicaSet",
                "metadata": {"name": name, "namespace": "default", "ownerReferences": [api::Wire::write(&owner)]},
                "spec": {"replicas": before, "selector": {"matchLabels": {"a": "b"}}, "template": template(name)},
            });
            let Ok(Object::ReplicaSet(set)) = cluster.server_mut().create_from(set) else {
                unreachable!("a valid set")
            };
            let mut was = ReplicaSet::clone(&set);
            was.status =
                api::ReplicaSetStatus { replicas: before, available_replicas: available, ..Default::default() };
            let was = cluster.server_mut().update_status(was.into_object()).expect("updated");
            let Object::ReplicaSet(mut is) = was.clone() else { unreachable!("a set stays one") };
            std::rc::Rc::make_mut(&mut is).spec.replicas = Some(after);
            let is = cluster.server_mut().update(Object::ReplicaSet(is)).expect("updated");
            events.push(WatchEvent { change: Change::Modified, object: is, old: Some(was) });
        }
        rollout_bounds(cluster.lister(), &deployment.key(), &events)
    }

    #[test]
    fn a_rollout_that_leaves_its_bounds_is_seen() {
        assert_eq!(rollout((10, 8), (0, 3), [10, 0]), None);
        assert_eq!(rollout((8, 7), (5, 5), [8, 1]), None);
        assert!(rollout((10, 10), (0, 4), [10, 0]).is_some(), "too many");
        assert!(rollout((10, 7), (0, 3), [10, 0]).is_some(), "too few");
        assert_eq!(rollout((8, 5), (5, 5), [5, 0]), None, "those that go serve nobody");
    }
}
