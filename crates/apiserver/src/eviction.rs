//! Evictions: deletions of pods that ask the pod's disruption budget first.
//! Models: pkg/registry/core/pod/storage/eviction.go. Requests do not overlap here, so nothing is tried again because of
//! a conflict.

use crate::plan::DeleteOptions;
use crate::server::Server;
use api::{
    Cause, Kind, Object, ObjectKey, Pod, PodCondition, PodDisruptionBudget, Resource, Status, StatusReason, Str,
};
use std::rc::Rc;

/// So many evictions may be granted that the controller has not seen yet.
const MAX_DISRUPTED_PODS: usize = 2000;
const VIOLATION: &str = "Cannot evict pod as it would violate the pod's disruption budget.";

impl Server {
    /// Evicts a pod: deletes it unless its disruption budget forbids that.
    pub fn evict(&mut self, key: &ObjectKey, options: &DeleteOptions) -> Result<(), Status> {
        let pod = Pod::from_object(self.get(key)?).cloned().ok_or_else(|| Status::not_found("pods", &key.name))?;
        if let Some(Object::Namespace(namespace)) =
            self.lister().object(&ObjectKey::cluster(Kind::Namespace, key.namespace.clone()))
            && namespace.metadata.is_terminating()
        {
            let why =
                format!("unable to create new content in namespace {} because it is being terminated", key.namespace);
            return Err(Status::forbidden("pods", &key.name, &why));
        }
        if !can_ignore_budgets(&pod) {
            self.ask_budget(&pod)?;
        }
        self.mark_and_delete(&pod, options)
    }

    /// Takes the eviction off the pod's budget, if it has one that the eviction is charged to.
    fn ask_budget(&mut self, pod: &Pod) -> Result<(), Status> {
        let budgets: Vec<Rc<PodDisruptionBudget>> = self
            .lister()
            .list_in::<PodDisruptionBudget>(&pod.metadata.namespace)
            .filter(|budget| budget.selects(&pod.metadata.labels))
            .cloned()
            .collect();
        let [budget] = budgets.as_slice() else {
            if budgets.is_empty() {
                return Ok(());
            }
            let message =
                "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.";
            return Err(Status::new(StatusReason::InternalError, message));
        };
        if !pod.is_ready() && lets_unhealthy_go(budget) {
            return Ok(());
        }
        may_disrupt(budget)?;
        let mut charged = PodDisruptionBudget::clone(budget);
        charged.status.disruptions_allowed -= 1;
        if charged.status.disruptions_allowed == 0 {
            charged.status.update_condition(self.now());
        }
        charged.status.disrupted_pods = charged.status.disrupted_pods.with(&pod.metadata.name, self.now());
        self.update_status(charged.into_object()).map(|_| ())
    }

    fn mark_and_delete(&mut self, pod: &Pod, options: &DeleteOptions) -> Result<(), Status> {
        if let Some(uid) = options.uid.as_ref().filter(|uid| **uid != pod.metadata.uid) {
            let message = format!(
                "Operation cannot be fulfilled on Pod \"{}\": the UID in the precondition ({uid}) does not match the UID in record ({}). The object might have been deleted and then recreated",
                pod.metadata.name, pod.metadata.uid
            );
            return Err(Status::new(StatusReason::Conflict, message));
        }
        let mut marked = pod.clone();
        let condition = PodCondition::new("DisruptionTarget", true)
            .because("EvictionByEvictionAPI", Str::from("Eviction API: evicting"));
        marked.status.set_condition(condition, self.now());
        self.update_status(marked.into_object())?;
        self.delete(&pod.key(), options).map(|_| ())
    }
}

/// Pods that serve nobody (any more), or not yet. Models: canIgnorePDB.
fn can_ignore_budgets(pod: &Pod) -> bool {
    pod.is_finished() || pod.status.phase == "Pending" || pod.is_terminating()
}

/// Whether a pod that is not Ready may go without being charged to its budget.
fn lets_unhealthy_go(budget: &PodDisruptionBudget) -> bool {
    let status = &budget.status;
    budget.spec.unhealthy_pod_eviction_policy == "AlwaysAllow"
        || status.current_healthy >= status.desired_healthy && status.desired_healthy > 0
}

/// Models: checkAndDecrement.
fn may_disrupt(budget: &PodDisruptionBudget) -> Result<(), Status> {
    let (name, status) = (&budget.metadata.name, &budget.status);
    if status.observed_generation < budget.metadata.generation {
        return Err(too_many(format!("The disruption budget {name} is still being processed by the server.")));
    }
    let forbidden = |why: &str| Err(Status::forbidden("poddisruptionbudget.policy", name, why));
    if status.disruptions_allowed < 0 {
        return forbidden("pdb disruptions allowed is negative");
    }
    if status.disrupted_pods.len() > MAX_DISRUPTED_PODS {
        return forbidden("DisruptedPods map too big - too many evictions not confirmed by PDB controller");
    }
    if status.disruptions_allowed > 0 {
        return Ok(());
    }
    let condition = status.conditions.iter().find(|c| c.r#type == api::DISRUPTION_ALLOWED);
    let told = condition.filter(|c| c.status == "False" && !c.message.is_empty());
    let does_not = format!("The disruption budget {name} does not allow evicting pods currently");
    Err(too_many(match told {
        Some(c) if c.reason == "SyncFailed" => format!("{does_not} because it failed sync: {}", c.message),
        _ if status.current_healthy <= status.desired_healthy => format!(
            "The disruption budget {name} needs {} healthy pods and has {} currently",
            status.desired_healthy, status.current_healthy
        ),
        Some(c) => format!("{does_not} ({}): {}", c.reason, c.message),
        None => does_not,
    }))
}

fn too_many(cause: String) -> Status {
    Status { causes: vec![Cause::new("", cause)], ..Status::new(StatusReason::TooManyRequests, VIOLATION) }
}

#[cfg(test)]
mod tests {
    use crate::registry::tests::server;
    use crate::{DeleteOptions, PatchType, Server};
    use api::{Kind, Object, ObjectKey, PodDisruptionBudget, Resource, Status};
    use expect_test::expect;
    use serde_json::{Value, json};

    fn pod(server: &mut Server, name: &str, phase: &str, ready: bool) -> ObjectKey {
        let created = server.create_from(json!({"apiVersion": "v1", "kind": "Pod",
            "metadata": {"name": name, "labels": {"app": "web"}},
            "spec": {"nodeName": "node-1", "containers": [{"name": "c", "image": "i"}]}}));
        let Ok(Object::Pod(created)) = created else { unreachable!("a sound pod") };
        let mut pod = api::Pod::clone(&created);
        pod.status.phase = phase.into();
        pod.status.set_condition(api::PodCondition::new("Ready", ready), server.now());
        server.update_status(pod.into_object()).expect("updated").key()
    }

    fn budget(server: &mut Server, name: &str, spec: Value, status: Value) {
        let created = server.create_from(json!({"apiVersion": "policy/v1", "kind": "PodDisruptionBudget",
            "metadata": {"name": name}, "spec": spec}));
        let key = created.expect("sound").key();
        server.patch(&key, PatchType::Merge, &json!({ "status": status }), true).expect("patched");
    }

    fn words(result: Result<(), Status>) -> String {
        match result {
            Ok(()) => "evicted".to_owned(),
            Err(status) => {
                let causes: Vec<&str> = status.causes.iter().map(|c| c.message.as_str()).collect();
                format!("{} {} {}", status.reason.code(), status.message, causes.join(", "))
            }
        }
    }

    #[test]
    fn a_budget_grants_what_it_has_and_counts_it() {
        let mut server = server();
        let web = json!({"minAvailable": 1, "selector": {"matchLabels": {"app": "web"}}});
        let healthy = json!({"observedGeneration": 1, "disruptionsAllowed": 1, "currentHealthy": 2, "desiredHealthy": 1,
            "expectedPods": 2});
        budget(&mut server, "b", web, healthy);
        let (first, second) = (pod(&mut server, "a", "Running", true), pod(&mut server, "b", "Running", true));
        let options = DeleteOptions::default();
        expect!["evicted"].assert_eq(&words(server.evict(&first, &options)));
        let state = server.pod("default", "a").map(|pod| {
            let condition = pod.status.condition("DisruptionTarget").expect("a condition");
            format!("{} {}: {}", pod.is_terminating(), condition.reason, condition.message)
        });
        assert_eq!(state.as_deref(), Some("true EvictionByEvictionAPI: Eviction API: evicting"));
        let stored = server.lister().get::<PodDisruptionBudget>("default", "b").expect("a budget").status.clone();
        expect![[r#"{"conditions":[{"lastTransitionTime":"1970-01-01T00:00:00Z","message":"","observedGeneration":1,"reason":"InsufficientPods","status":"False","type":"DisruptionAllowed"}],"currentHealthy":2,"desiredHealthy":1,"disruptedPods":{"a":"1970-01-01T00:00:00Z"},"disruptionsAllowed":0,"expectedPods":2,"observedGeneration":1}"#]]
            .assert_eq(&api::Wire::write(&stored).to_string());
        expect![[r"429 Cannot evict pod as it would violate the pod's disruption budget. The disruption budget b does not allow evicting pods currently"]]
            .assert_eq(&words(server.evict(&second, &options)));
        let key = ObjectKey::new(Kind::PodDisruptionBudget, "default", "b");
        let fewer = json!({"status": {"currentHealthy": 1}});
        server.patch(&key, PatchType::Merge, &fewer, true).expect("patched");
        expect![[r"429 Cannot evict pod as it would violate the pod's disruption budget. The disruption budget b needs 1 healthy pods and has 1 currently"]]
            .assert_eq(&words(server.evict(&second, &options)));
        server.patch(&key, PatchType::Merge, &json!({"spec": {"minAvailable": 2}}), false).expect("patched");
        expect![[r"429 Cannot evict pod as it would violate the pod's disruption budget. The disruption budget b is still being processed by the server."]]
            .assert_eq(&words(server.evict(&second, &options)));
        expect!["evicted"].assert_eq(&words(server.evict(&first, &options)));
    }

    #[test]
    fn what_is_not_healthy_goes_if_the_budget_can_bear_it() {
        let mut server = server();
        let options = DeleteOptions::default();
        let all = json!({"maxUnavailable": 0, "selector": {}});
        let short = json!({"observedGeneration": 1, "currentHealthy": 0, "desiredHealthy": 1, "expectedPods": 1});
        budget(&mut server, "b", all, short);
        let pending = pod(&mut server, "pending", "Pending", false);
        expect!["evicted"].assert_eq(&words(server.evict(&pending, &options)));
        let failing = pod(&mut server, "failing", "Running", false);
        expect![[r"429 Cannot evict pod as it would violate the pod's disruption budget. The disruption budget b needs 1 healthy pods and has 0 currently"]]
            .assert_eq(&words(server.evict(&failing, &options)));
        let key = ObjectKey::new(Kind::PodDisruptionBudget, "default", "b");
        let always = json!({"spec": {"unhealthyPodEvictionPolicy": "AlwaysAllow"}});
        server.patch(&key, PatchType::Merge, &always, false).expect("patched");
        expect!["evicted"].assert_eq(&words(server.evict(&failing, &options)));
        let failed = json!({"observedGeneration": 2, "conditions": [{"type": "DisruptionAllowed", "status": "False",
            "reason": "SyncFailed", "message": "found no controllers for pod \"x\"", "lastTransitionTime": null}]});
        server.patch(&key, PatchType::Merge, &json!({ "status": failed }), true).expect("patched");
        let ready = pod(&mut server, "ready", "Running", true);
        expect![[r#"429 Cannot evict pod as it would violate the pod's disruption budget. The disruption budget b does not allow evicting pods currently because it failed sync: found no controllers for pod "x""#]]
            .assert_eq(&words(server.evict(&ready, &options)));
        budget(&mut server, "c", json!({"minAvailable": 0, "selector": {"matchLabels": {"app": "web"}}}), json!({}));
        expect![[
            r"500 This pod has more than one PodDisruptionBudget, which the eviction subresource does not support. "
        ]]
        .assert_eq(&words(server.evict(&ready, &options)));
    }
}
