//! Deployments: what a pass plans stays within the surge and what may be missing.

use api::{Deployment, Object, ObjectKey, ReplicaSet};
use apiserver::{Change, Lister, WatchEvent};

/// A Deployment's pass makes no more pods than its surge allows, and lets no more available ones go than may be missing.
pub(super) fn rollout_bounds(lister: Lister<'_>, key: &ObjectKey, events: &[WatchEvent]) -> Option<String> {
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

#[cfg(test)]
mod tests {
    use super::*;
    use api::Resource;
    use cluster::{Cluster, Options};
    use serde_json::json;

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
