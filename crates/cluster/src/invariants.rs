//! What must hold after every applied plan. See ARCHITECTURE.md, "Invariants".
//!
//! The rules speak about what our brains plan, not about what users and faults do to the world.

use crate::Cluster;
use api::{
    DaemonSet, Deployment, Node, PersistentVolume, PersistentVolumeClaim, Pod, ReplicaSet, Resource, ResourceList,
    StatefulSet,
};
use std::collections::BTreeMap;
use std::fmt;

/// One broken rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Breach {
    /// The rule.
    pub rule: &'static str,
    /// What breaks it.
    pub detail: String,
}

impl fmt::Display for Breach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.rule, self.detail)
    }
}

/// Every rule that a state of the cluster breaks.
pub fn check(cluster: &Cluster) -> Vec<Breach> {
    let mut breaches = Vec::new();
    check_capacity(cluster, &mut breaches);
    check_binding(cluster, &mut breaches);
    check_status(cluster, &mut breaches);
    breaches
}

/// The requests of what runs on a node stay within what it can give.
fn check_capacity(cluster: &Cluster, breaches: &mut Vec<Breach>) {
    let lister = cluster.lister();
    for node in lister.list::<Node>() {
        let mut used: BTreeMap<&str, i64> = BTreeMap::new();
        let mut requests: Vec<ResourceList> = Vec::new();
        // The kubelet rejects what was pinned past its capacity, so only what it has admitted counts.
        let admitted = |pod: &&std::rc::Rc<Pod>| !pod.is_finished() && pod.status.start_time.is_some();
        for pod in lister.pods_on_node(&node.metadata.name).filter(admitted) {
            requests.push(pod.requests());
        }
        for list in &requests {
            for (name, amount) in list.iter() {
                *used.entry(name.as_str()).or_default() += amount.milli();
            }
        }
        for (name, amount) in used {
            let limit = node.status.allocatable.get(name).map_or(0, api::Quantity::milli);
            if amount > limit {
                let detail = format!("node {}: {name} {amount}m requested of {limit}m", node.metadata.name);
                breaches.push(Breach { rule: "requests stay within allocatable", detail });
            }
        }
    }
}

/// Claims and volumes name each other, or binding is under way.
fn check_binding(cluster: &Cluster, breaches: &mut Vec<Breach>) {
    let lister = cluster.lister();
    let mut taken: BTreeMap<String, String> = BTreeMap::new();
    for claim in lister.list::<PersistentVolumeClaim>().filter(|claim| claim.status.phase == "Bound") {
        let path = claim.metadata.name.to_string() + "/" + &claim.metadata.namespace;
        if let Some(other) = taken.insert(claim.spec.volume_name.to_string(), path.clone()) {
            let detail = format!("volume {} is bound to {other} and {path}", claim.spec.volume_name);
            breaches.push(Breach { rule: "one volume, one claim", detail });
        }
        let Some(volume) = lister.get::<PersistentVolume>("", &claim.spec.volume_name) else { continue };
        if volume.spec.claim_ref.as_ref().is_none_or(|claim_ref| claim_ref.uid != claim.metadata.uid) {
            let detail = format!("claim {path} is Bound to {}, which does not name it", claim.spec.volume_name);
            breaches.push(Breach { rule: "claims and volumes name each other", detail });
        }
    }
}

/// Status never speaks of a generation that is not there yet, and counts no pods that are not there.
fn check_status(cluster: &Cluster, breaches: &mut Vec<Breach>) {
    let lister = cluster.lister();
    for set in lister.list::<StatefulSet>() {
        let status = &set.status;
        let counts = [status.available_replicas, status.ready_replicas, status.replicas];
        check_counts(&**set, status.observed_generation, counts, breaches);
    }
    for set in lister.list::<ReplicaSet>() {
        let status = &set.status;
        let counts = [status.available_replicas, status.ready_replicas, status.replicas];
        check_counts(&**set, status.observed_generation, counts, breaches);
    }
    for set in lister.list::<DaemonSet>() {
        let status = &set.status;
        let counts = [status.number_available, status.number_ready, status.number_ready];
        check_counts(&**set, status.observed_generation, counts, breaches);
    }
    for deployment in lister.list::<Deployment>() {
        let status = &deployment.status;
        let counts = [status.available_replicas, status.ready_replicas, status.replicas];
        check_counts(&**deployment, status.observed_generation, counts, breaches);
    }
}

fn check_counts(object: &impl Resource, observed: i64, counts: [i32; 3], breaches: &mut Vec<Breach>) {
    let (key, generation) = (object.key(), object.meta().generation);
    if observed > generation {
        let detail = format!("{key}: {observed} > {generation}");
        breaches.push(Breach { rule: "observedGeneration ≤ generation", detail });
    }
    if !counts.is_sorted() {
        let [available, ready, all] = counts;
        let detail = format!("{key}: {available} available, {ready} ready of {all}");
        breaches.push(Breach { rule: "available ≤ ready ≤ replicas", detail });
    }
}

/// A digest of everything stored: two runs with the same digest have come to the same state, to the byte.
pub fn digest(cluster: &Cluster) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for object in cluster.lister().everything() {
        for byte in object.write_body().to_string().bytes() {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
    hash
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Options;
    use api::Object;
    use serde_json::{Value, json};

    /// The rules that a cluster of one node breaks with these objects, whose status is taken as it is.
    fn broken(objects: Vec<Value>) -> Vec<&'static str> {
        let mut cluster = Cluster::new(&Options { nodes: 1, ..Options::default() });
        for mut object in objects {
            let status = object.as_object_mut().and_then(|map| map.remove("status")).unwrap_or_default();
            let created = cluster.server_mut().create_from(object).expect("a valid object");
            let mut body = created.write_body();
            body["status"] = status;
            let changed = Object::read(created.kind(), body);
            cluster.server_mut().update_status(changed).expect("updated");
        }
        check(&cluster).iter().map(|breach| breach.rule).collect()
    }

    #[test]
    fn a_node_that_is_too_full_is_seen() {
        let pod = |name: &str, started: Value| {
            let container = json!({"name": "c", "image": "nginx", "resources": {"requests": {"cpu": "3"}}});
            json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "namespace": "default"},
                "spec": {"nodeName": "node-1", "containers": [container]},
                "status": {"phase": "Running", "startTime": started}})
        };
        let started = || json!("2026-01-01T00:00:00Z");
        assert_eq!(broken(vec![pod("a", started()), pod("b", Value::Null)]), [""; 0]);
        assert_eq!(broken(vec![pod("a", started()), pod("b", started())]), ["requests stay within allocatable"]);
    }

    #[test]
    fn claims_and_volumes_that_disagree_are_seen() {
        let claim = |name: &str| {
            json!({"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": name, "namespace": "default"},
                "spec": {"volumeName": "pv", "accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}},
                "status": {"phase": "Bound"}})
        };
        let volume = json!({"apiVersion": "v1", "kind": "PersistentVolume", "metadata": {"name": "pv"},
            "spec": {"capacity": {"storage": "1Gi"}, "accessModes": ["ReadWriteOnce"], "hostPath": {"path": "/x"}}});
        assert_eq!(broken(vec![claim("a"), claim("b")]), ["one volume, one claim"]);
        assert_eq!(broken(vec![volume, claim("a")]), ["claims and volumes name each other"]);
    }

    #[test]
    fn a_status_ahead_of_its_time_is_seen() {
        let set = |kind: &str, status: Value| {
            json!({"apiVersion": "apps/v1", "kind": kind, "metadata": {"name": "web", "namespace": "default"},
                "spec": {"selector": {"matchLabels": {"a": "b"}}, "template": {"metadata": {"labels": {"a": "b"}},
                    "spec": {"containers": [{"name": "c", "image": "nginx"}]}}}, "status": status})
        };
        let early = set("DaemonSet", json!({"observedGeneration": 2, "numberAvailable": 1}));
        assert_eq!(broken(vec![early]), ["observedGeneration ≤ generation", "available ≤ ready ≤ replicas"]);
        for kind in ["StatefulSet", "ReplicaSet", "Deployment"] {
            let early = set(kind, json!({"observedGeneration": 2}));
            assert_eq!(broken(vec![early]), ["observedGeneration ≤ generation"], "{kind}");
            let counts = set(kind, json!({"replicas": 1, "readyReplicas": 2, "availableReplicas": 2}));
            assert_eq!(broken(vec![counts]), ["available ≤ ready ≤ replicas"], "{kind}");
        }
    }
}
