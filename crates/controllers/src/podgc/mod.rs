//! Pod garbage collector: takes away pods of nodes that no longer exist or are out of service.
//!
//! Models: pkg/controller/podgc/gc_controller.go (gcOrphaned, gcUnscheduledTerminating, gcTerminating).

use crate::{BackOffKey, Controller, Ctx, Decision};
use api::{Kind, Node, Object, ObjectKey, Pod, PodCondition, Resource, Str, Version};
use apiserver::{Change, DeleteOptions, Lister, Plan, Step, Wait, WatchEvent, Write};
use sim::SimDuration;

/// The collector. Its keys are nodes that are gone, and in regular intervals the world as a whole.
pub const CONTROLLER: Controller =
    Controller { name: "podgc", keys, reconcile, period: Some((PERIOD, everything)), when: None };

/// How often it looks.
const PERIOD: SimDuration = SimDuration::from_secs(20);
/// Says that a node will not come back: what ends there may be taken for ended.
const OUT_OF_SERVICE: &str = "node.kubernetes.io/out-of-service";
/// How long a node must be gone before its pods are.
const QUARANTINE: SimDuration = SimDuration::from_secs(40);

fn everything() -> ObjectKey {
    ObjectKey::cluster(Kind::Node, "")
}

/// A node that is gone is only swept up by the regular look; until then its pods say what they wait for.
fn keys(event: &WatchEvent, lister: Lister<'_>, keys: &mut Vec<ObjectKey>) {
    match &event.object {
        Object::Node(node) if event.change != Change::Modified => keys.push(node.key()),
        Object::Pod(pod)
            if event.change == Change::Deleted
                && !pod.spec.node_name.is_empty()
                && lister.get::<Node>("", &pod.spec.node_name).is_none() =>
        {
            keys.push(ObjectKey::cluster(Kind::Node, pod.spec.node_name.clone()));
        }
        _ => {}
    }
}

fn reconcile(ctx: &Ctx<'_>, key: &ObjectKey) -> Decision {
    if *key == everything() {
        return sweep(ctx);
    }
    // A node has gone: say what its pods wait for.
    let mut plan = Plan::default();
    if ctx.lister.get::<Node>("", &key.name).is_none() {
        plan.waits.extend(ctx.lister.pods_on_node(&key.name).map(|pod| wait(pod)));
        // The sweep is a regular look; that something is left for it is not: the cluster has not come to rest.
        if !plan.waits.is_empty() {
            plan.requeue(PERIOD);
        }
    }
    plan.into()
}

fn wait(pod: &Pod) -> Wait {
    Wait {
        who: pod.key(),
        awaits: Vec::new(),
        rule: "PodGC".into(),
        message: format!(
            "{} is left over from node {}, which is gone: the pod garbage collector takes it away after 40 to 80 s",
            pod.metadata.name, pod.spec.node_name
        ),
        doc: "concepts/workloads/pods/pod-lifecycle/#pod-garbage-collection",
    }
}

fn sweep(ctx: &Ctx<'_>) -> Decision {
    let mut decision = Decision::default();
    for node in ctx.lister.list::<Node>() {
        if !node.is_ready() && node.spec.taints.iter().any(|t| t.key == OUT_OF_SERVICE) {
            for pod in ctx.lister.pods_on_node(&node.metadata.name).filter(|pod| pod.is_terminating()) {
                fail_and_delete(ctx, pod, None, &mut decision.plan);
            }
        }
    }
    for name in ctx.lister.nodes_with_pods() {
        if name.is_empty() {
            for pod in ctx.lister.pods_on_node(name).filter(|pod| pod.is_terminating()) {
                fail_and_delete(ctx, pod, None, &mut decision.plan);
            }
        } else if ctx.lister.get::<Node>("", name).is_none() {
            sweep_missing(ctx, name, &mut decision);
        }
    }
    decision
}

/// Takes away the pods of a node that does not exist, once it has been missing long enough.
fn sweep_missing(ctx: &Ctx<'_>, node: &Str, decision: &mut Decision) {
    let name = format!("podgc/{node}");
    if !ctx.back_off.is_known(&name) {
        decision.failed.push(BackOffKey { name: name.into(), initial: QUARANTINE, max: QUARANTINE });
    } else if ctx.back_off.remaining(&name, ctx.now) == SimDuration::ZERO {
        // Should a node of this name come and go again, it is missing anew.
        decision.forgotten.push(name.into());
        for pod in ctx.lister.pods_on_node(node) {
            let condition = PodCondition {
                observed_generation: pod.metadata.generation,
                ..PodCondition::new("DisruptionTarget", true)
            }
            .because("DeletionByPodGC", "PodGC: node no longer exists");
            fail_and_delete(ctx, pod, Some(condition), &mut decision.plan);
        }
    }
}

/// Marks a pod as failed, as no kubelet will, then deletes it.
fn fail_and_delete(ctx: &Ctx<'_>, pod: &Pod, condition: Option<PodCondition>, plan: &mut Plan) {
    if !pod.is_finished() {
        let mut failed = pod.clone();
        failed.status.phase = "Failed".into();
        if let Some(condition) = condition {
            failed.status.set_condition(condition, ctx.now);
        }
        failed.metadata.resource_version = Version::default();
        plan.steps.push(Step { keep_going: true, ..step(Write::UpdateStatus(failed.into_object())) });
    }
    force_delete(plan, pod);
}

fn force_delete(plan: &mut Plan, pod: &Pod) {
    let options =
        DeleteOptions { grace_period_seconds: Some(0), uid: Some(pod.metadata.uid.clone()), ..Default::default() };
    plan.steps.push(Step { keep_going: true, ..step(Write::Delete(pod.key(), options)) });
}

fn step(write: Write) -> Step {
    Step { write, on_success: None, on_failure: None, keep_going: false }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::World;
    use expect_test::expect;
    use serde_json::json;

    fn pod_on(world: &mut World, name: &str, node: &str) {
        world.create(json!({
            "apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "namespace": "default"},
            "spec": {"nodeName": node, "containers": [{"name": "c", "image": "i"}]},
        }));
        world.set_status(name, "Running", true);
    }

    #[test]
    fn pods_of_a_missing_node_go_after_its_quarantine() {
        let mut world = World::at(&CONTROLLER, everything());
        pod_on(&mut world, "web-0", "gone");
        expect![""].assert_eq(&world.step());
        world.pass_time(20);
        expect![""].assert_eq(&world.step());
        world.pass_time(20);
        expect![[r#"
            status web-0 Failed Ready=True DisruptionTarget=True
            delete Pod default/web-0 grace=0
        "#]]
        .assert_eq(&world.step());
        assert!(world.lister().list::<Pod>().next().is_none());
    }

    #[test]
    fn what_ends_on_a_node_out_of_service_is_taken_for_ended() {
        let mut world = World::at(&CONTROLLER, everything());
        let taint = json!({"key": OUT_OF_SERVICE, "value": "nodeshutdown", "effect": "NoExecute"});
        world.create(json!({
            "apiVersion": "v1", "kind": "Node", "metadata": {"name": "node-1"}, "spec": {"taints": [taint]},
        }));
        pod_on(&mut world, "web-0", "node-1");
        expect![""].assert_eq(&world.step());
        world.delete(Kind::Pod, "web-0");
        expect![[r#"
            status web-0 Failed Ready=True
            delete Pod default/web-0 grace=0
        "#]]
        .assert_eq(&world.step());
    }
}
