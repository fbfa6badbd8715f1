//! StatefulSets, OrderedReady: what a pass plans keeps the order of the ordinals.

use api::{Kind, Object, ObjectKey, Pod, StatefulSet};
use apiserver::{Change, Lister, WatchEvent};
use std::collections::BTreeMap;
use std::rc::Rc;

/// A pass of the controller creates no pod while a lower ordinal is not Running and Ready; scaling down, it deletes
/// none while a higher one is there; updating, none while a higher one is not updated and Ready.
pub(super) fn broken_order(
    lister: Lister<'_>,
    key: &ObjectKey,
    before: &BTreeMap<ObjectKey, Rc<Pod>>,
    events: &[WatchEvent],
) -> Option<String> {
    let set = lister.get::<StatefulSet>(&key.namespace, &key.name)?;
    if set.spec.pod_management_policy == "Parallel" {
        return None;
    }
    // Pods that the pass has released are none of its any more.
    let is_released = |pod: &Rc<Pod>| {
        let now = lister.get::<Pod>(&pod.metadata.namespace, &pod.metadata.name);
        now.is_some_and(|now| now.metadata.uid == pod.metadata.uid && !now.metadata.is_controlled_by(&set.metadata.uid))
    };
    let before = &before.iter().filter(|(_, pod)| !is_released(pod)).map(|(k, pod)| (k.clone(), pod.clone())).collect();
    let pass = Pass { set, before };
    events.iter().find_map(|event| pass.creates_too_early(event).or_else(|| pass.deletes_too_early(event)))
}

struct Pass<'a> {
    set: &'a StatefulSet,
    before: &'a BTreeMap<ObjectKey, Rc<Pod>>,
}

impl Pass<'_> {
    fn pod(&self, ordinal: i32) -> Option<&Rc<Pod>> {
        let meta = &self.set.metadata;
        self.before.get(&ObjectKey::new(Kind::Pod, meta.namespace.clone(), format!("{}-{ordinal}", meta.name)))
    }

    fn ordinal(&self, event: &WatchEvent) -> Option<i32> {
        let Object::Pod(pod) = &event.object else { return None };
        let ours = pod.metadata.is_controlled_by(&self.set.metadata.uid);
        pod.metadata.name.rsplit_once('-').filter(|_| ours)?.1.parse().ok()
    }

    fn creates_too_early(&self, event: &WatchEvent) -> Option<String> {
        let ordinal = self.ordinal(event).filter(|_| event.change == Change::Added)?;
        let ready = |lower: i32| self.pod(lower).is_some_and(|pod| pod.is_running_and_ready());
        let unready = (self.set.spec.start_ordinal()..ordinal).find(|lower| !ready(*lower))?;
        let name = &event.object.meta().name;
        Some(format!("{name} was created while ordinal {unready} was not Running and Ready"))
    }

    fn deletes_too_early(&self, event: &WatchEvent) -> Option<String> {
        let ordinal = self.ordinal(event)?;
        let old = self.pod(ordinal)?;
        let goes = event.change == Change::Deleted || event.object.meta().is_terminating();
        // A pod that has ended is replaced whatever the others do.
        if !goes || old.is_terminating() || old.is_finished() {
            return None;
        }
        let start = self.set.spec.start_ordinal();
        let wanted = start..start + self.set.spec.replicas.unwrap_or(0);
        let name = &event.object.meta().name;
        let mine = |pod: &&Rc<Pod>| pod.metadata.is_controlled_by(&self.set.metadata.uid);
        if !wanted.contains(&ordinal) {
            let ordinals = self.before.values().filter(mine).filter_map(|pod| pod.metadata.name.rsplit_once('-'));
            let higher = ordinals.filter_map(|(_, ordinal)| ordinal.parse::<i32>().ok());
            let higher = higher.filter(|other| *other > ordinal && !wanted.contains(other)).max()?;
            return Some(format!("{name} was deleted while {higher} was still there"));
        }
        let update = &self.set.status.update_revision;
        let settled = |pod: &Rc<Pod>| {
            pod.is_running_and_ready() && pod.metadata.labels.get("controller-revision-hash") == Some(update)
        };
        let higher = (ordinal + 1..wanted.end).find(|higher| !self.pod(*higher).is_some_and(settled))?;
        Some(format!("{name} was deleted for an update while ordinal {higher} was not updated and Ready"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checkers::tests::event;
    use cluster::{Cluster, Options};
    use serde_json::{Value, json};

    /// A set `web` of three, its pods as (ordinal, Ready, revision), and what a pass does to `web-ORDINAL`.
    fn pass(pods: &[(i32, bool, &str)], ordinal: i32, change: Change) -> Option<String> {
        let mut cluster = Cluster::new(&Options::default());
        let set = json!({
            "apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": {"name": "web", "namespace": "default"},
            "spec": {"replicas": 3, "selector": {"matchLabels": {"a": "b"}}, "template": {
                "metadata": {"labels": {"a": "b"}}, "spec": {"containers": [{"name": "c", "image": "nginx"}]}}},
        });
        let Ok(Object::StatefulSet(set)) = cluster.server_mut().create_from(set) else { unreachable!("a valid set") };
        let mut set = StatefulSet::clone(&set);
        set.status.update_revision = "new".into();
        let set = cluster.server_mut().update_status(api::Resource::into_object(set)).expect("updated");
        let uid = set.meta().uid.clone();
        let pod = |ordinal: i32, ready: bool, revision: &str, deleted: Value| {
            let status = json!({"phase": "Running", "conditions": [{"type": "Ready", "status": if ready { "True" } else { "False" }}]});
            let owner = api::OwnerReference::controller_of(&set.key(), &uid);
            let meta = json!({"name": format!("web-{ordinal}"), "namespace": "default", "deletionTimestamp": deleted,
                "labels": {"controller-revision-hash": revision}, "ownerReferences": [api::Wire::write(&owner)]});
            Object::read(Kind::Pod, json!({"metadata": meta, "spec": {"containers": []}, "status": status}))
        };
        let mut before = BTreeMap::new();
        for (ordinal, ready, revision) in pods {
            let object = pod(*ordinal, *ready, revision, Value::Null);
            let Object::Pod(inner) = &object else { unreachable!("a pod") };
            before.insert(object.key(), inner.clone());
        }
        let deleted = if change == Change::Added { Value::Null } else { json!("2026-01-01T00:00:00Z") };
        broken_order(cluster.lister(), &set.key(), &before, &[event(change, pod(ordinal, true, "old", deleted))])
    }

    #[test]
    fn a_pod_made_too_early_is_seen() {
        assert_eq!(pass(&[(0, true, "new")], 1, Change::Added), None);
        assert!(pass(&[(0, false, "new")], 1, Change::Added).is_some());
        assert!(pass(&[(1, true, "new")], 2, Change::Added).is_some());
    }

    #[test]
    fn a_pod_taken_too_early_is_seen() {
        let new = |ordinal| (ordinal, true, "new");
        let old = |ordinal| (ordinal, true, "old");
        assert_eq!(pass(&[old(1), new(2), new(3), new(4)], 4, Change::Modified), None);
        assert!(pass(&[old(1), new(2), new(3), new(4)], 3, Change::Modified).is_some(), "4 goes first");
        assert_eq!(pass(&[old(0), old(1), new(2)], 1, Change::Modified), None);
        assert!(pass(&[old(0), old(1), old(2)], 1, Change::Modified).is_some(), "2 is updated first");
        assert!(pass(&[old(0), old(1), (2, false, "new")], 1, Change::Modified).is_some(), "2 is to be Ready");
    }
}
