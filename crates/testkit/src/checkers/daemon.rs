//! DaemonSets: one pod a node, two only while a surge replaces the first.

use api::{DaemonSet, Node, Object, ObjectKey, Pod, Str, Toleration};
use apiserver::{Change, Lister, WatchEvent};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// A pass of the controller makes no pod for a node that has one that is there to stay, unless it surges: then the
/// other one is of an older revision.
pub(super) fn crowded(
    lister: Lister<'_>,
    key: &ObjectKey,
    before: &BTreeMap<ObjectKey, Rc<Pod>>,
    events: &[WatchEvent],
) -> Option<String> {
    let set = lister.get::<DaemonSet>(&key.namespace, &key.name)?;
    let surges = set.spec.update_strategy.rolling_update.as_ref().is_some_and(|rolling| {
        rolling.max_surge.as_ref().and_then(|surge| surge.scaled(100, true)).is_some_and(|surge| surge > 0)
    });
    let hash = |pod: &Pod| pod.metadata.labels.get("controller-revision-hash").cloned();
    let mut made: BTreeSet<&Str> = BTreeSet::new();
    for event in events {
        let Object::Pod(pod) = &event.object else { continue };
        if event.change != Change::Added || !pod.metadata.is_controlled_by(&set.metadata.uid) {
            continue;
        }
        let Some(node) = target_node(pod) else {
            return Some(format!("pod {} is for no node", pod.metadata.name));
        };
        let stays = |other: &&Rc<Pod>| {
            other.metadata.is_controlled_by(&set.metadata.uid)
                && target_node(other) == Some(node)
                && !other.is_terminating()
                && !other.is_finished()
        };
        // The pass may have released it.
        let still = |other: &&Rc<Pod>| {
            let now = lister.get::<Pod>(&other.metadata.namespace, &other.metadata.name);
            now.is_none_or(|now| now.metadata.is_controlled_by(&set.metadata.uid))
        };
        let crowd = before.values().filter(stays).filter(still).find(|other| !surges || hash(other) == hash(pod));
        if let Some(other) = crowd {
            let (name, other) = (&pod.metadata.name, &other.metadata.name);
            return Some(format!("pod {name} was made for {node}, where {other} is"));
        }
        if !made.insert(node) {
            return Some(format!("two pods of {} were made for {node} at once", key.name));
        }
    }
    None
}

/// The node a daemon pod is bound to or made for.
pub(crate) fn target_node(pod: &Pod) -> Option<&Str> {
    if !pod.spec.node_name.is_empty() {
        return Some(&pod.spec.node_name);
    }
    let required = pod.spec.affinity.as_ref()?.node_affinity.as_ref()?.required.as_ref()?;
    let mut fields = required.node_selector_terms.iter().flat_map(|term| &term.match_fields);
    fields.find(|field| field.key == "metadata.name")?.values.first()
}

/// The taints that every daemon pod tolerates.
const ALWAYS: &[(&str, &str)] = &[
    ("node.kubernetes.io/not-ready", "NoExecute"),
    ("node.kubernetes.io/unreachable", "NoExecute"),
    ("node.kubernetes.io/disk-pressure", "NoSchedule"),
    ("node.kubernetes.io/memory-pressure", "NoSchedule"),
    ("node.kubernetes.io/pid-pressure", "NoSchedule"),
    ("node.kubernetes.io/unschedulable", "NoSchedule"),
];

/// Whether the set wants a pod on a node, worked out anew from the documentation.
pub(super) fn is_eligible(set: &DaemonSet, node: &Node) -> bool {
    let spec = &set.spec.template.spec;
    let named = spec.node_name.is_empty() || spec.node_name == node.metadata.name;
    let tolerated = |taint: &&api::Taint| {
        taint.effect == "PreferNoSchedule"
            || ALWAYS.iter().any(|(key, effect)| taint.key == **key && taint.effect == **effect)
            || spec.tolerations.iter().any(|toleration| Toleration::tolerates(toleration, taint))
    };
    named && spec.matches_node(node) && node.spec.taints.iter().all(|taint| tolerated(&taint))
}

/// Settled: one pod on each node that is eligible, and none elsewhere.
pub(super) fn misplaced(lister: Lister<'_>, set: &DaemonSet, broken: &mut Vec<String>) {
    let mut per_node: BTreeMap<&str, u32> = BTreeMap::new();
    for pod in lister.owned::<Pod>(&set.metadata.uid).filter(|pod| !pod.is_terminating()) {
        *per_node.entry(target_node(pod).map_or("", |node| node.as_str())).or_default() += 1;
    }
    let name = &set.metadata.name;
    for node in lister.list::<Node>() {
        let count = per_node.remove(node.metadata.name.as_str()).unwrap_or(0);
        let wanted = u32::from(is_eligible(set, node));
        // A pod that was there before a NoSchedule taint stays. One that waits for a node which is no longer meant for it
        // does, too: upstream looks only at the pods that are bound to a node when its labels change.
        let waits = lister.owned::<Pod>(&set.metadata.uid).any(|pod| {
            !pod.is_terminating() && pod.spec.node_name.is_empty() && target_node(pod) == Some(&node.metadata.name)
        });
        let is_tainted = node.spec.taints.iter().any(|taint| taint.effect == "NoSchedule");
        let may_stay = count == 1 && (is_tainted || wanted == 0 && waits);
        if count != wanted && !may_stay {
            broken.push(format!("DaemonSet {name} has {count} pods on {}, not {wanted}", node.metadata.name));
        }
    }
    // Those of nodes that are gone are the garbage collector's.
    if let Some(count) = per_node.get("") {
        broken.push(format!("DaemonSet {name} has {count} pods for no node"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checkers::tests::event;
    use api::Kind;
    use cluster::{Cluster, Options};
    use serde_json::json;

    fn cluster(surge: i32) -> (Cluster, Object) {
        let mut cluster = Cluster::new(&Options::default());
        let set = json!({
            "apiVersion": "apps/v1", "kind": "DaemonSet", "metadata": {"name": "log", "namespace": "default"},
            "spec": {"selector": {"matchLabels": {"a": "b"}},
                "updateStrategy": {"rollingUpdate": {"maxSurge": surge, "maxUnavailable": 1 - surge}},
                "template": {"metadata": {"labels": {"a": "b"}}, "spec": {"containers": [{"name": "c", "image": "nginx"}]}}},
        });
        let set = cluster.server_mut().create_from(set).expect("a valid set");
        (cluster, set)
    }

    fn pod(set: &Object, name: &str, node: &str, hash: &str) -> Object {
        let owner = api::OwnerReference::controller_of(&set.key(), &set.meta().uid);
        let meta = json!({"name": name, "namespace": "default", "labels": {"controller-revision-hash": hash, "a": "b"},
            "ownerReferences": [api::Wire::write(&owner)]});
        let spec = json!({"containers": [{"name": "c", "image": "nginx"}], "nodeName": node});
        Object::read(Kind::Pod, json!({"metadata": meta, "spec": spec}))
    }

    #[test]
    fn a_second_pod_on_a_node_is_seen() {
        let look = |surge: i32, old_hash: &str| {
            let (cluster, set) = cluster(surge);
            let old = pod(&set, "old", "node-1", old_hash);
            let Object::Pod(was) = &old else { unreachable!("a pod") };
            let before = BTreeMap::from([(old.key(), was.clone())]);
            let new = event(Change::Added, pod(&set, "new", "node-1", "2"));
            crowded(cluster.lister(), &set.key(), &before, &[new])
        };
        assert!(look(0, "1").is_some() && look(1, "2").is_some());
        assert_eq!(look(1, "1"), None, "a surge");
    }

    #[test]
    fn two_at_once_and_one_for_no_node_are_seen() {
        let (cluster, set) = cluster(0);
        let look = |pods: &[(&str, &str)]| {
            let events: Vec<_> = pods.iter().map(|(n, node)| event(Change::Added, pod(&set, n, node, "1"))).collect();
            crowded(cluster.lister(), &set.key(), &BTreeMap::new(), &events)
        };
        assert_eq!(look(&[("a", "node-1"), ("b", "node-2")]), None);
        assert!(look(&[("a", "node-1"), ("b", "node-1")]).is_some() && look(&[("a", "")]).is_some());
    }

    #[test]
    fn a_node_without_its_pod_is_seen() {
        let (mut cluster, set) = cluster(0);
        let Object::DaemonSet(daemons) = &set else { unreachable!("a set") };
        let look = |cluster: &Cluster| {
            let mut broken = Vec::new();
            misplaced(cluster.lister(), daemons, &mut broken);
            broken.len()
        };
        assert_eq!(look(&cluster), 3);
        for node in ["node-1", "node-2", "node-3", "node-3"] {
            let name = format!("{node}-{}", cluster.lister().resource_version());
            let mut object = pod(&set, &name, node, "1").write_as("v1", "Pod");
            object["metadata"]["namespace"] = "default".into();
            cluster.server_mut().create_from(object).expect("a valid pod");
        }
        assert_eq!(look(&cluster), 1, "node-3 has two");
    }
}
