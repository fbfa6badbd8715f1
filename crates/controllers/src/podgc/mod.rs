//! Pod garbage collector: takes away pods of nodes that no longer exist.
//!
//! Models: pkg/controller/podgc/gc_controller.go (gcOrphaned, gcUnscheduledTerminating, gcTerminating).

use crate::{BackOffKey, Controller, Ctx, Decision};
use api::{Kind, Node, Object, ObjectKey, Pod, PodCondition, Resource, Version};
use apiserver::{Change, DeleteOptions, Lister, Plan, Step, Wait, WatchEvent, Write};
use sim::SimDuration;

/// The collector. Its keys are nodes that are gone, and in regular intervals the world as a whole.
pub const CONTROLLER: Controller = Controller { name: "podgc", keys, reconcile, period: Some((PERIOD, everything)) };

/// How often it looks.
const PERIOD: SimDuration = SimDuration::from_secs(20);
/// How long a node must be gone before its pods are.
const QUARANTINE: SimDuration = SimDuration::from_secs(40);

fn everything() -> ObjectKey {
    ObjectKey::cluster(Kind::Node, "")
}

/// A node that is gone is only swept up by the regular look; until then its pods say what they wait for.
fn keys(event: &WatchEvent, lister: Lister<'_>, keys: &mut Vec<ObjectKey>) {
    match &event.object {
        Object::Node(node) if event.change != Change::Modified => keys.push(node.key()),
        Object::Pod(pod) if event.change == Change::Deleted && !pod.spec.node_name.is_empty() => {
            if lister.get::<Node>("", &pod.spec.node_name).is_none() {
                keys.push(ObjectKey::cluster(Kind::Node, pod.spec.node_name.clone()));
            }
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
    for pod in ctx.lister.list::<Pod>() {
        if pod.spec.node_name.is_empty() {
            if pod.is_terminating() {
                force_delete(&mut decision.plan, pod);
            }
            continue;
        }
        if ctx.lister.get::<Node>("", &pod.spec.node_name).is_some() {
            continue;
        }
        let name = format!("podgc/{}", pod.spec.node_name);
        if !ctx.back_off.is_known(&name) {
            let noted = BackOffKey { name: name.into(), initial: QUARANTINE, max: QUARANTINE };
            if !decision.failed.contains(&noted) {
                decision.failed.push(noted);
            }
        } else if ctx.back_off.remaining(&name, ctx.now) == SimDuration::ZERO {
            fail_and_delete(&mut decision.plan, pod);
        }
    }
    decision
}

/// Marks a pod as failed because its node is gone, then deletes it.
fn fail_and_delete(plan: &mut Plan, pod: &Pod) {
    if !pod.is_finished() {
        let mut failed = pod.clone();
        failed.status.phase = "Failed".into();
        let condition =
            PodCondition::new("DisruptionTarget", true).because("DeletionByPodGC", "PodGC: node no longer exists");
        let mut conditions = failed.status.conditions.to_vec();
        conditions.push(condition);
        failed.status.conditions = conditions.into();
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
