//! What must hold once nothing is left to happen: nothing is left over, and every status says what there is.

use super::daemon;
use api::{DaemonSet, Deployment, Job, Kind, Object, PersistentVolume, PersistentVolumeClaim, Pod, ReplicaSet};
use api::{Resource, StatefulSet, Str};
use apiserver::Lister;
use cluster::Cluster;
use std::rc::Rc;

/// Everything that is not as it must be.
pub fn settled(cluster: &Cluster) -> Vec<String> {
    let lister = cluster.lister();
    let mut broken = Vec::new();
    left_over(lister, &mut broken);
    for set in lister.list::<ReplicaSet>() {
        replica_set(lister, set, &mut broken);
    }
    for set in lister.list::<StatefulSet>() {
        stateful_set(lister, set, cluster.time(), &mut broken);
    }
    for set in lister.list::<DaemonSet>() {
        daemon::misplaced(lister, set, &mut broken);
        daemon_set(lister, set, &mut broken);
    }
    for deployment in lister.list::<Deployment>() {
        let sets = || lister.owned::<ReplicaSet>(&deployment.metadata.uid);
        let sum = |count: fn(&ReplicaSet) -> i32| sets().map(|set| count(set)).sum::<i32>();
        let status = &deployment.status;
        let has = [status.replicas, status.ready_replicas, status.available_replicas];
        let wants = [
            sum(|set| set.status.replicas),
            sum(|set| set.status.ready_replicas),
            sum(|set| set.status.available_replicas),
        ];
        counts(&**deployment, &["replicas", "ready", "available"], &has, &wants, &mut broken);
    }
    // A CronJob starts them whatever else is quiet.
    let at_rest = |job: &&Rc<Job>| job.finished().is_none() && job.metadata.owner_references.is_empty();
    for job in lister.list::<Job>().filter(at_rest).filter(|job| !job.metadata.is_terminating()) {
        let active = |pod: &&Rc<Pod>| !pod.is_finished() && !pod.is_terminating();
        let wants = of(lister, &job.metadata.uid, active);
        counts(&**job, &["active"], &[job.status.active], &[wants], &mut broken);
    }
    storage(lister, &mut broken);
    broken
}

/// Nothing lives on whose controller is gone, and no pod is kept for a Job that will not count it.
fn left_over(lister: Lister<'_>, broken: &mut Vec<String>) {
    // What is being deleted may be kept by a finalizer.
    for object in lister.everything().filter(|object| !object.meta().is_terminating()) {
        let meta = object.meta();
        let dangling = meta.controller().filter(|owner| lister.owner(owner, &meta.namespace).is_none());
        if let Some(owner) = dangling {
            broken.push(format!("{} is left without its owner {} {}", object.key(), owner.kind, owner.name));
        }
    }
    for pod in lister.list::<Pod>().filter(|pod| pod.metadata.has_finalizer("batch.kubernetes.io/job-tracking")) {
        let owner = pod.metadata.controller().and_then(|owner| lister.owner(owner, &pod.metadata.namespace));
        if !matches!(owner, Some(Object::Job(job)) if job.finished().is_none()) {
            broken.push(format!("pod {} is kept for a Job that will not count it", pod.metadata.name));
        }
    }
}

fn of<'a>(lister: Lister<'a>, uid: &Str, which: impl Fn(&&'a Rc<Pod>) -> bool) -> i32 {
    i32::try_from(lister.owned::<Pod>(uid).filter(which).count()).unwrap_or(i32::MAX)
}

fn counts(object: &impl Resource, names: &[&str], has: &[i32], wants: &[i32], broken: &mut Vec<String>) {
    for (name, (has, wants)) in names.iter().zip(has.iter().zip(wants)) {
        if has != wants {
            broken.push(format!("{}: {name} is {has}, there are {wants}", object.key()));
        }
    }
}

fn replica_set(lister: Lister<'_>, set: &ReplicaSet, broken: &mut Vec<String>) {
    let (uid, status) = (&set.metadata.uid, &set.status);
    let active = |pod: &&Rc<Pod>| !pod.is_finished() && !pod.is_terminating();
    let have = of(lister, uid, active);
    let wants = set.spec.replicas.unwrap_or(0);
    if set.metadata.is_terminating() {
        return;
    }
    if status.conditions.is_empty() && have != wants {
        broken.push(format!("ReplicaSet {} has {have} pods and wants {wants}", set.metadata.name));
    }
    let ready = of(lister, uid, |pod| active(pod) && pod.is_ready());
    counts(set, &["replicas", "ready"], &[status.replicas, status.ready_replicas], &[have, ready], broken);
}

fn stateful_set(lister: Lister<'_>, set: &StatefulSet, now: api::Time, broken: &mut Vec<String>) {
    if set.metadata.is_terminating() {
        return;
    }
    let (uid, status) = (&set.metadata.uid, &set.status);
    let update = &status.update_revision;
    let revision = |pod: &Pod| pod.metadata.labels.get("controller-revision-hash").cloned();
    let wants = [
        of(lister, uid, |_| true),
        of(lister, uid, |pod| pod.is_running_and_ready()),
        of(lister, uid, |pod| pod.status.phase == "Running" && pod.is_available(set.spec.min_ready_seconds, now)),
        of(lister, uid, |pod| !pod.is_terminating() && revision(pod).as_ref() == Some(update)),
    ];
    let has = [status.replicas, status.ready_replicas, status.available_replicas, status.updated_replicas];
    counts(set, &["replicas", "ready", "available", "updated"], &has, &wants, broken);
    let start = set.spec.start_ordinal();
    let range = start..start + set.spec.replicas.unwrap_or(0);
    let ordinal = |pod: &Pod| pod.metadata.name.rsplit_once('-').and_then(|(_, ordinal)| ordinal.parse::<i32>().ok());
    let wanted = |pod: &&Rc<Pod>| ordinal(pod).is_some_and(|ordinal| range.contains(&ordinal));
    // Those that are too many go once all that are wanted are up.
    let complete = of(lister, uid, |pod| wanted(pod) && pod.is_running_and_ready()) == set.spec.replicas.unwrap_or(0);
    let surplus = of(lister, uid, |pod| !wanted(pod) && !pod.is_terminating() && pod.is_ready());
    if complete && surplus > 0 {
        broken.push(format!("{surplus} pods are more than StatefulSet {} wants", set.metadata.name));
    }
}

fn daemon_set(lister: Lister<'_>, set: &DaemonSet, broken: &mut Vec<String>) {
    if set.metadata.is_terminating() {
        return;
    }
    let status = &set.status;
    let nodes: Vec<&Rc<api::Node>> = lister.list::<api::Node>().collect();
    let runs_on = |node: &api::Node| {
        let on = |pod: &&Rc<Pod>| daemon::target_node(pod) == Some(&node.metadata.name);
        lister.owned::<Pod>(&set.metadata.uid).any(|pod| on(&pod))
    };
    let number = |count: usize| i32::try_from(count).unwrap_or(i32::MAX);
    let (wanted, other): (Vec<&Rc<api::Node>>, Vec<_>) =
        nodes.into_iter().partition(|node| daemon::is_eligible(set, node));
    let wants = [
        number(wanted.len()),
        number(wanted.iter().filter(|node| runs_on(node)).count()),
        number(other.iter().filter(|node| runs_on(node)).count()),
    ];
    // A taint that lets the pod stay does not make upstream count anew: only sets that count misplaced ones look.
    if wants[2] > 0 && status.number_misscheduled == 0 {
        return;
    }
    let has = [status.desired_number_scheduled, status.current_number_scheduled, status.number_misscheduled];
    counts(set, &["desired", "current", "misscheduled"], &has, &wants, broken);
}

/// Claims and volumes name each other, or nobody.
fn storage(lister: Lister<'_>, broken: &mut Vec<String>) {
    for volume in lister.list::<PersistentVolume>().filter(|volume| volume.status.phase == "Bound") {
        let Some(reference) = &volume.spec.claim_ref else {
            broken.push(format!("volume {} is Bound to nobody", volume.metadata.name));
            continue;
        };
        let claim = lister.get::<PersistentVolumeClaim>(&reference.namespace, &reference.name);
        if claim.is_none_or(|claim| claim.spec.volume_name != volume.metadata.name) {
            broken.push(format!("volume {} is Bound to a claim that does not name it", volume.metadata.name));
        }
    }
    for claim in lister.list::<PersistentVolumeClaim>() {
        let users = || lister.pods_using_claim(&claim.metadata.namespace, &claim.metadata.name);
        if claim.metadata.is_terminating() && users().all(|pod| pod.is_finished()) {
            let meta = &claim.metadata;
            broken.push(format!(
                "{} {} is kept though nobody uses it",
                Kind::PersistentVolumeClaim.type_meta().1,
                meta.name
            ));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cluster::Options;
    use serde_json::{Value, json};

    const TEMPLATE: &str =
        r#"{"metadata": {"labels": {"a": "b"}}, "spec": {"containers": [{"name": "c", "image": "nginx"}]}}"#;

    /// What is broken in a cluster with these objects, of which some get a status.
    fn broken(objects: Vec<Value>) -> Vec<String> {
        let mut cluster = Cluster::new(&Options { nodes: 0, ..Options::default() });
        for mut object in objects {
            let status = object.as_object_mut().and_then(|map| map.remove("status"));
            let created = cluster.server_mut().create_from(object).expect("a valid object");
            if let Some(status) = status {
                let mut body = created.write_body();
                body["status"] = status;
                let changed = Object::read(created.kind(), body);
                cluster.server_mut().update_status(changed).expect("updated");
            }
        }
        settled(&cluster)
    }

    fn workload(kind: &str, spec: Value, status: Value) -> Value {
        let mut object = json!({"apiVersion": "apps/v1", "kind": kind, "metadata": {"name": "web", "namespace": "default"},
            "spec": {"selector": {"matchLabels": {"a": "b"}}}, "status": status});
        object["spec"]["template"] = serde_json::from_str(TEMPLATE).expect("JSON");
        for (key, value) in spec.as_object().expect("a map") {
            object["spec"][key] = value.clone();
        }
        object
    }

    #[test]
    fn what_is_left_over_is_seen() {
        let owner =
            json!({"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "gone", "uid": "g", "controller": true});
        let pod = |meta: Value| {
            json!({"apiVersion": "v1", "kind": "Pod", "metadata": meta,
            "spec": {"containers": [{"name": "c", "image": "nginx"}]}})
        };
        assert_eq!(broken(vec![pod(json!({"name": "a", "namespace": "default"}))]), [""; 0]);
        assert_eq!(
            broken(vec![pod(json!({"name": "a", "namespace": "default", "ownerReferences": [owner]}))]).len(),
            1
        );
        let kept = json!({"name": "a", "namespace": "default", "finalizers": ["batch.kubernetes.io/job-tracking"]});
        assert_eq!(broken(vec![pod(kept)]).len(), 1);
    }

    #[test]
    fn a_status_that_counts_wrong_is_seen() {
        let zero = json!({"replicas": 0});
        assert_eq!(broken(vec![workload("ReplicaSet", zero.clone(), json!({}))]), [""; 0]);
        assert_eq!(broken(vec![workload("ReplicaSet", json!({"replicas": 1}), json!({}))]).len(), 1);
        for kind in ["ReplicaSet", "StatefulSet", "Deployment"] {
            let status = json!({"replicas": 2, "readyReplicas": 1});
            assert_eq!(broken(vec![workload(kind, zero.clone(), status)]).len(), 2, "{kind}");
        }
        let status = json!({"desiredNumberScheduled": 1, "numberMisscheduled": 1});
        assert_eq!(broken(vec![workload("DaemonSet", json!({}), status)]).len(), 2);
        let mut job = json!({"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "pi", "namespace": "default"},
            "spec": {}, "status": {"active": 1}});
        job["spec"]["template"] = serde_json::from_str(TEMPLATE).expect("JSON");
        job["spec"]["template"]["spec"]["restartPolicy"] = "Never".into();
        assert_eq!(broken(vec![job]).len(), 1);
    }

    #[test]
    fn a_volume_without_its_claim_is_seen() {
        let volume = |reference: Value| {
            json!({"apiVersion": "v1", "kind": "PersistentVolume", "metadata": {"name": "pv"},
            "spec": {"capacity": {"storage": "1Gi"}, "accessModes": ["ReadWriteOnce"], "hostPath": {"path": "/x"},
                "claimRef": reference}, "status": {"phase": "Bound"}})
        };
        assert_eq!(broken(vec![volume(Value::Null)]).len(), 1);
        let reference = json!({"namespace": "default", "name": "data", "uid": "u"});
        assert_eq!(broken(vec![volume(reference)]).len(), 1);
    }

    #[test]
    fn a_claim_that_is_kept_for_nobody_is_seen() {
        let claim = json!({"apiVersion": "v1", "kind": "PersistentVolumeClaim",
            "metadata": {"name": "data", "namespace": "default", "finalizers": ["example.com/kept"]},
            "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}});
        let mut cluster = Cluster::new(&Options::default());
        let created = cluster.server_mut().create_from(claim).expect("a valid claim");
        assert_eq!(settled(&cluster), [""; 0]);
        cluster.server_mut().delete(&created.key(), &apiserver::DeleteOptions::default()).expect("deleted");
        assert_eq!(settled(&cluster).len(), 1);
    }
}
