//! The interesting states that seeded runs are to reach: over all of them, each at least once.

use api::{Kind, Object, ObjectKey, Pod, PodDisruptionBudget};
use apiserver::{Change, WatchEvent};
use cluster::Cluster;
use std::collections::BTreeSet;

/// Every state that is looked out for.
pub const STATES: &[&str] = &[
    // What brains wait for.
    "a pod waits for a lower ordinal",
    "a pod cannot be scheduled",
    "a container waits in crash loop back-off",
    "an image cannot be pulled",
    "a pod is left over from a node that is gone",
    "a claim waits for its pod",
    "a rollout waits for its new pods",
    "a rollout waits for its old pods to be gone",
    "a rollout is late",
    "a Job waits after failures",
    "a Job is suspended",
    "a pod is replaced only at its end",
    "a start waits for the Job before it",
    // What is told in events.
    "a pod was preempted",
    "a node was lost",
    "a pod was evicted because of a taint",
    "a volume was made",
    "a failed daemon pod was replaced",
    "a pod could not get its volume",
    // What happens to objects.
    "a pod was adopted",
    "a pod was released",
    "a pod has a node nominated",
    "a pod was deleted while its node did not answer",
    "a pod was deleted with its node out of service",
    "a DaemonSet surged",
    "a Deployment surged",
    "a revision was used again",
    "a claim is kept while it is used",
    "a claim is deleted with its set",
    "a volume was released",
    "a StatefulSet starts above 0",
    "a budget is used up by evictions",
    "a pod was evicted within its budget",
    "a quota refused a pod",
];

/// What was reached so far.
#[derive(Default)]
pub(super) struct Reached {
    pub(super) states: BTreeSet<&'static str>,
    cursor: u64,
}

impl Reached {
    /// Looks at what has changed.
    pub(super) fn look(&mut self, cluster: &Cluster) {
        for record in cluster.waits() {
            let state = wait(&record.wait.rule, record.wait.who.kind);
            self.states.extend(state);
        }
        let events: Vec<WatchEvent> = cluster.server().watch_since(self.cursor).cloned().collect();
        self.cursor = cluster.server().watch_cursor();
        for event in &events {
            self.states.extend(change(cluster, event));
        }
    }
}

fn wait(rule: &str, who: Kind) -> Option<&'static str> {
    Some(match rule {
        "RollingUpdate" if who == Kind::Deployment => "a rollout waits for its new pods",
        "ProgressDeadlineExceeded" => "a rollout is late",
        "Recreate" => "a rollout waits for its old pods to be gone",
        "BackOff" if who == Kind::Job => "a Job waits after failures",
        "Suspended" if who == Kind::Job => "a Job is suspended",
        "PodReplacementPolicy" => "a pod is replaced only at its end",
        "Forbid" => "a start waits for the Job before it",
        "OrderedReady" => "a pod waits for a lower ordinal",
        "FailedScheduling" => "a pod cannot be scheduled",
        "CrashLoopBackOff" => "a container waits in crash loop back-off",
        "ImagePullBackOff" | "ErrImagePull" => "an image cannot be pulled",
        "PodGC" => "a pod is left over from a node that is gone",
        "WaitForFirstConsumer" | "WaitForPodScheduled" => "a claim waits for its pod",
        _ => return None,
    })
}

fn change(cluster: &Cluster, event: &WatchEvent) -> Option<&'static str> {
    match &event.object {
        Object::Event(told) => Some(match told.reason.as_str() {
            "Preempted" => "a pod was preempted",
            "NodeNotReady" if told.involved_object.kind == "Node" => "a node was lost",
            "TaintManagerEviction" => "a pod was evicted because of a taint",
            "ProvisioningSucceeded" => "a volume was made",
            "FailedDaemonPod" => "a failed daemon pod was replaced",
            "FailedMount" => "a pod could not get its volume",
            "FailedCreate" if told.message.contains("exceeded quota") => "a quota refused a pod",
            _ => return None,
        }),
        Object::Pod(pod) => pod_change(cluster, event, pod),
        Object::ReplicaSet(set) => {
            let owner = set.metadata.controller()?;
            let key = ObjectKey::new(Kind::Deployment, set.metadata.namespace.clone(), owner.name.clone());
            let Some(Object::Deployment(deployment)) = cluster.lister().object(&key) else { return None };
            let wanted = deployment.spec.replicas.unwrap_or(0);
            (deployment.status.replicas > wanted && deployment.status.updated_replicas < wanted)
                .then_some("a Deployment surged")
        }
        Object::ControllerRevision(revision) => {
            let Some(Object::ControllerRevision(old)) = &event.old else { return None };
            (revision.revision > old.revision).then_some("a revision was used again")
        }
        Object::PersistentVolumeClaim(claim) => match event.change {
            Change::Deleted => claim
                .metadata
                .owner_references
                .iter()
                .any(|owner| owner.kind == "StatefulSet")
                .then_some("a claim is deleted with its set"),
            _ => claim.metadata.is_terminating().then_some("a claim is kept while it is used"),
        },
        Object::PodDisruptionBudget(budget) => {
            let (status, evicted) = (&budget.status, !budget.status.disrupted_pods.is_empty());
            (evicted && status.disruptions_allowed == 0).then_some("a budget is used up by evictions")
        }
        Object::PersistentVolume(volume) => (volume.status.phase == "Released").then_some("a volume was released"),
        Object::StatefulSet(set) => (set.spec.start_ordinal() > 0).then_some("a StatefulSet starts above 0"),
        _ => None,
    }
}

fn pod_change(cluster: &Cluster, event: &WatchEvent, pod: &Pod) -> Option<&'static str> {
    let lister = cluster.lister();
    if let (Change::Modified, Some(Object::Pod(old))) = (event.change, &event.old) {
        match (old.metadata.controller(), pod.metadata.controller()) {
            (None, Some(_)) => return Some("a pod was adopted"),
            (Some(_), None) => return Some("a pod was released"),
            _ => {}
        }
        let is_evicted = |pod: &Pod| {
            pod.status.condition("DisruptionTarget").is_some_and(|mark| mark.reason == "EvictionByEvictionAPI")
        };
        let mut budgets = lister.list_in::<PodDisruptionBudget>(&pod.metadata.namespace);
        if is_evicted(pod) && !is_evicted(old) && budgets.any(|budget| budget.selects(&pod.metadata.labels)) {
            return Some("a pod was evicted within its budget");
        }
        if !pod.status.nominated_node_name.is_empty() {
            return Some("a pod has a node nominated");
        }
    }
    let node = lister.get::<api::Node>("", &pod.spec.node_name);
    if event.change == Change::Deleted {
        let tainted = |key: &str| node.is_some_and(|node| node.spec.taints.iter().any(|taint| taint.key == *key));
        if tainted("node.kubernetes.io/out-of-service") {
            return Some("a pod was deleted with its node out of service");
        }
        return tainted("node.kubernetes.io/unreachable").then_some("a pod was deleted while its node did not answer");
    }
    let of_daemon_set = |owner: &&api::OwnerReference| event.change == Change::Added && owner.kind == "DaemonSet";
    let owner = pod.metadata.controller().filter(of_daemon_set)?;
    let node = crate::checkers::target_node(pod)?;
    let here = |other: &&std::rc::Rc<Pod>| {
        crate::checkers::target_node(other) == Some(node) && !other.is_terminating() && !other.is_finished()
    };
    (lister.owned::<Pod>(&owner.uid).filter(here).count() > 1).then_some("a DaemonSet surged")
}
