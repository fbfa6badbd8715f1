//! PodDisruptionBudgets: an eviction never leaves fewer healthy pods than its budget asks for.
//!
//! What is healthy is counted here anew each time the budget's controller looks: neither the number of healthy pods nor
//! that of allowed disruptions in the budget's status is believed. Pods that fail between two looks are nobody's fault.

use api::{Kind, Object, ObjectKey, Pod, PodDisruptionBudget, Resource, Str};
use apiserver::{Lister, WatchEvent};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// The healthy pods of each budget, by UID: those that its controller has last seen, less those evicted since.
#[derive(Default)]
pub(super) struct Budgets {
    healthy: BTreeMap<ObjectKey, BTreeSet<Str>>,
}

impl Budgets {
    /// The controller has looked at a budget.
    pub(super) fn counted(&mut self, lister: Lister<'_>, key: &ObjectKey) {
        let Some(budget) = lister.get::<PodDisruptionBudget>(&key.namespace, &key.name) else {
            self.healthy.remove(key);
            return;
        };
        let is_healthy =
            |pod: &&Rc<Pod>| budget.selects(&pod.metadata.labels) && pod.is_ready() && !pod.is_terminating();
        let pods = lister.list_in::<Pod>(&key.namespace).filter(is_healthy);
        self.healthy.insert(key.clone(), pods.map(|pod| pod.metadata.uid.clone()).collect());
    }

    /// A ready pod that is evicted leaves as many healthy ones behind as its budget asks for.
    pub(super) fn evictions_leave_enough(&mut self, lister: Lister<'_>, event: &WatchEvent) -> Option<String> {
        let (pod, before) = evicted(event)?;
        if !before.is_ready() || before.is_terminating() || before.is_finished() {
            return None;
        }
        let mut broken = None;
        for budget in lister.list_in::<PodDisruptionBudget>(&pod.metadata.namespace) {
            if !budget.selects(&before.metadata.labels) {
                continue;
            }
            let (name, evicted) = (&budget.metadata.name, &pod.metadata.name);
            let Some(healthy) = self.healthy.get_mut(&budget.key()) else {
                broken = Some(format!("{evicted} was evicted before anybody had counted the pods of budget {name}"));
                continue;
            };
            // One that has become ready since was not counted on.
            let was_counted = healthy.remove(&pod.metadata.uid);
            let desired = usize::try_from(budget.status.desired_healthy).unwrap_or(0);
            if was_counted && healthy.len() < desired {
                let left = healthy.len();
                broken = Some(format!("the eviction of {evicted} leaves budget {name} {left} of {desired} pods"));
            }
        }
        broken
    }
}

/// The pod that an eviction has just marked, and as it was before.
fn evicted(event: &WatchEvent) -> Option<(&Pod, &Pod)> {
    let (Object::Pod(pod), Some(Object::Pod(before))) = (&event.object, &event.old) else { return None };
    let is_marked = |pod: &Pod| {
        let mark = pod.status.condition("DisruptionTarget");
        mark.is_some_and(|mark| mark.status == "True" && mark.reason == "EvictionByEvictionAPI")
    };
    (is_marked(pod) && !is_marked(before)).then_some((&**pod, &**before))
}

/// The key of a budget that a step of its controller was about.
pub(super) fn is_budget(key: &ObjectKey) -> bool {
    key.kind == Kind::PodDisruptionBudget
}

#[cfg(test)]
mod tests {
    use super::*;
    use apiserver::DeleteOptions;
    use cluster::{Cluster, Options};
    use serde_json::json;

    /// Three ready pods and a budget that asks for `desired` of them but allows two evictions, as a wrong controller
    /// would; what the evictions of the first two break.
    fn evict_two(desired: i32, is_counted: bool) -> Vec<String> {
        let mut cluster = Cluster::new(&Options::default());
        let budget = cluster.server_mut().create_from(json!({
            "apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": {"name": "b", "namespace": "default"},
            "spec": {"minAvailable": desired, "selector": {"matchLabels": {"app": "web"}}},
        }));
        let Ok(Object::PodDisruptionBudget(budget)) = budget else { unreachable!("a sound budget") };
        let mut status = PodDisruptionBudget::clone(&budget);
        status.status.observed_generation = 1;
        status.status.desired_healthy = desired;
        status.status.current_healthy = 3;
        status.status.disruptions_allowed = 2;
        cluster.server_mut().update_status(status.into_object()).expect("updated");
        for name in ["a", "b", "c"] {
            let pod = cluster.server_mut().create_from(json!({
                "apiVersion": "v1", "kind": "Pod",
                "metadata": {"name": name, "namespace": "default", "labels": {"app": "web"}},
                "spec": {"nodeName": "node-1", "containers": [{"name": "c", "image": "nginx"}]},
            }));
            let Ok(Object::Pod(pod)) = pod else { unreachable!("a sound pod") };
            let mut ready = Pod::clone(&pod);
            ready.status.phase = "Running".into();
            let now = cluster.time();
            ready.status.set_condition(api::PodCondition::new("Ready", true), now);
            cluster.server_mut().update_status(ready.into_object()).expect("updated");
        }
        let mut budgets = Budgets::default();
        if is_counted {
            budgets.counted(cluster.lister(), &budget.key());
        }
        let cursor = cluster.server().watch_cursor();
        for name in ["a", "b"] {
            let key = ObjectKey::new(Kind::Pod, "default", name);
            cluster.server_mut().evict(&key, &DeleteOptions::default()).expect("granted");
        }
        let events: Vec<WatchEvent> = cluster.server().watch_since(cursor).cloned().collect();
        events.iter().filter_map(|event| budgets.evictions_leave_enough(cluster.lister(), event)).collect()
    }

    #[test]
    fn an_eviction_that_breaks_its_budget_is_seen() {
        assert_eq!(evict_two(1, true), [""; 0]);
        assert_eq!(evict_two(2, true), ["the eviction of b leaves budget b 1 of 2 pods"]);
        assert_eq!(evict_two(1, false).len(), 2, "nobody had counted");
    }
}
