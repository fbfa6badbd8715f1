//! Taint eviction controller: deletes the pods that do not tolerate a NoExecute taint of their node, or no longer.
//!
//! Models: pkg/controller/tainteviction/taint_eviction.go and timed_workers.go. Upstream keeps a timer for each pod;
//! here the back-off remembers since when a pod is on borrowed time, and a node is looked at again at the earliest
//! deadline of its pods.

use crate::{BackOffKey, Controller, Ctx, Decision};
use api::{Node, Object, ObjectKey, Pod, PodCondition, Resource, Str, Taint, Toleration, Version};
use apiserver::{Change, DeleteOptions, EventRecord, Lister, Plan, Step, Wait, WatchEvent, Write};
use sim::SimDuration;

/// The controller. Its keys are nodes that have or had NoExecute taints.
pub const CONTROLLER: Controller = Controller { name: "taint-eviction", keys, reconcile, period: None, when: None };

const COMPONENT: &str = "taint-eviction-controller";
const REASON: &str = "TaintManagerEviction";

fn keys(event: &WatchEvent, lister: Lister<'_>, keys: &mut Vec<ObjectKey>) {
    match (&event.object, &event.old) {
        (Object::Node(node), Some(Object::Node(old))) => {
            let same = no_execute(node).eq(no_execute(old)) && is_lost(node) == is_lost(old);
            if !same {
                keys.push(node.key());
            }
        }
        (Object::Node(node), _) => keys.push(node.key()),
        (Object::Pod(pod), old) if !pod.spec.node_name.is_empty() => {
            let same = matches!(old, Some(Object::Pod(old)) if event.change == Change::Modified
                && old.spec.node_name == pod.spec.node_name
                && old.spec.tolerations == pod.spec.tolerations
                && old.is_terminating() == pod.is_terminating());
            if same {
                return;
            }
            let tainted = |node: &std::rc::Rc<Node>| no_execute(node).next().is_some();
            keys.extend(
                lister.get::<Node>("", &pod.spec.node_name).filter(|node| tainted(node)).map(|node| node.key()),
            );
        }
        _ => {}
    }
}

fn no_execute(node: &Node) -> impl Iterator<Item = &Taint> {
    node.spec.taints.iter().filter(|t| t.effect == "NoExecute")
}

fn is_lost(node: &Node) -> bool {
    node.condition("Ready").is_some_and(|c| c.status == "Unknown")
}

/// What NoExecute taints mean for a pod.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stay {
    /// It has to go.
    No,
    /// It may stay for a while.
    For(SimDuration),
    /// It may stay.
    Forever,
}

/// Models: GetMatchingTolerations, getMinTolerationTime.
fn stay<'a>(tolerations: &[Toleration], taints: impl Iterator<Item = &'a Taint>) -> Stay {
    let mut shortest = Stay::Forever;
    for taint in taints {
        let Some(toleration) = tolerations.iter().find(|t| t.tolerates(taint)) else { return Stay::No };
        let Some(seconds) = toleration.toleration_seconds else { continue };
        let Some(seconds) = u64::try_from(seconds).ok().filter(|s| *s > 0) else { return Stay::No };
        let span = SimDuration::from_secs(seconds);
        shortest = match shortest {
            Stay::For(known) => Stay::For(known.min(span)),
            _ => Stay::For(span),
        };
    }
    shortest
}

fn reconcile(ctx: &Ctx<'_>, key: &ObjectKey) -> Decision {
    let mut decision = Decision::default();
    let Some(node) = ctx.lister.get::<Node>("", &key.name) else { return decision };
    for pod in ctx.lister.pods_on_node(&key.name) {
        let timer = timer(pod);
        if pod.is_terminating() {
            if is_lost(node) {
                decision.plan.waits.push(cannot_end(pod, node));
            }
            continue;
        }
        let stays = stay(&pod.spec.tolerations, no_execute(node));
        match stays {
            Stay::No => {
                cancel(ctx, pod, &timer, &mut decision);
                evict(ctx, pod, &mut decision.plan);
            }
            Stay::Forever => cancel(ctx, pod, &timer, &mut decision),
            // A timer that runs is not changed by another taint or toleration.
            Stay::For(_) if ctx.back_off.is_known(&timer) => match ctx.back_off.remaining(&timer, ctx.now) {
                SimDuration::ZERO => evict(ctx, pod, &mut decision.plan),
                left => tolerate(ctx, pod, node, left, &mut decision.plan),
            },
            Stay::For(span) => {
                decision.failed.push(BackOffKey { name: timer, initial: span, max: span });
                tolerate(ctx, pod, node, span, &mut decision.plan);
            }
        }
    }
    decision
}

/// Names what is remembered of a pod on borrowed time.
fn timer(pod: &Pod) -> Str {
    format!("taint-eviction/{}", pod.metadata.uid).into()
}

fn tolerate(ctx: &Ctx<'_>, pod: &Pod, node: &Node, left: SimDuration, plan: &mut Plan) {
    plan.requeue(left);
    let taints: Vec<String> = no_execute(node).map(ToString::to_string).collect();
    let (name, until) = (&pod.metadata.name, ctx.now.plus(left));
    plan.waits.push(Wait {
        who: pod.key(),
        awaits: vec![node.key()],
        rule: "TolerationSeconds".into(),
        message: format!(
            "{name} tolerates the taint {} of {} until {until}, then it is evicted",
            taints.join(", "),
            node.metadata.name
        ),
        doc: "concepts/scheduling-eviction/taint-and-toleration/#taint-based-evictions",
    });
}

fn cannot_end(pod: &Pod, node: &Node) -> Wait {
    Wait {
        who: pod.key(),
        awaits: vec![node.key()],
        rule: "NodeUnreachable".into(),
        message: format!(
            "{} is being deleted, but the kubelet of {} does not answer: the pod stays until the node is back, is deleted, or the pod is force-deleted",
            pod.metadata.name, node.metadata.name
        ),
        doc: "tasks/run-application/force-delete-stateful-set-pod/",
    }
}

/// Stops the timer of a pod, if one runs.
fn cancel(ctx: &Ctx<'_>, pod: &Pod, timer: &Str, decision: &mut Decision) {
    if ctx.back_off.is_known(timer) {
        decision.forgotten.push(timer.clone());
        decision.plan.record(event(pod, format!("Cancelling deletion of Pod {}", pod.key().path())));
    }
}

/// Marks a pod as disrupted and deletes it. Models: addConditionAndDeletePod.
fn evict(ctx: &Ctx<'_>, pod: &Pod, plan: &mut Plan) {
    plan.record(event(pod, format!("Marking for deletion Pod {}", pod.key().path())));
    let mut marked = pod.clone();
    let condition =
        PodCondition { observed_generation: pod.metadata.generation, ..PodCondition::new("DisruptionTarget", true) }
            .because("DeletionByTaintManager", "Taint manager: deleting due to NoExecute taint");
    marked.status.set_condition(condition, ctx.now);
    marked.metadata.resource_version = Version::default();
    for write in [Write::UpdateStatus(marked.into_object()), Write::Delete(pod.key(), DeleteOptions::default())] {
        plan.steps.push(Step { write, on_success: None, on_failure: None, keep_going: true });
    }
}

/// An event of this controller names the pod without its UID, so `kubectl describe` does not show it.
fn event(pod: &Pod, message: String) -> EventRecord {
    EventRecord { uid: Str::default(), ..EventRecord::normal(pod, COMPONENT, REASON, message) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::World;
    use api::Kind;
    use expect_test::{Expect, expect};
    use serde_json::{Value, json};

    fn node_key() -> ObjectKey {
        ObjectKey::cluster(Kind::Node, "node-1")
    }

    /// A world with one node and one pod on it that has these tolerations.
    fn world(tolerations: Value) -> World {
        let mut world = World::at(&CONTROLLER, node_key());
        world.create(json!({"apiVersion": "v1", "kind": "Node", "metadata": {"name": "node-1"}}));
        world.create(json!({
            "apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web-0", "namespace": "default"},
            "spec": {"nodeName": "node-1", "tolerations": tolerations, "containers": [{"name": "c", "image": "i"}]},
        }));
        world.set_status("web-0", "Running", true);
        world
    }

    fn taint(world: &mut World, keys: &[&str]) {
        let taint = |key: &&str| json!({"key": key, "effect": "NoExecute"});
        let taints: Vec<Value> = keys.iter().map(taint).collect();
        world.patch_at(&node_key(), json!({"spec": {"taints": taints}}));
    }

    fn turn(world: &mut World, expected: Expect) {
        expected.assert_eq(&world.step());
    }

    #[test]
    fn a_pod_that_does_not_tolerate_a_taint_goes_at_once() {
        let mut world = world(json!([]));
        taint(&mut world, &["example.com/maintenance"]);
        turn(
            &mut world,
            expect![[r#"
                TaintManagerEviction Marking for deletion Pod default/web-0
                status web-0 Running Ready=True DisruptionTarget=True
                delete Pod default/web-0
            "#]],
        );
        turn(&mut world, expect![""]);
    }

    #[test]
    fn an_unreachable_node_keeps_its_pods_for_five_minutes() {
        let mut world = world(json!([]));
        taint(&mut world, &["node.kubernetes.io/unreachable"]);
        let waits = expect![[r#"
            requeue 5m0s
            wait TolerationSeconds: web-0 tolerates the taint node.kubernetes.io/unreachable:NoExecute of node-1 until 2026-11-20T15:12:00Z, then it is evicted
        "#]];
        turn(&mut world, waits);
        world.pass_time(100);
        taint(&mut world, &[]);
        turn(
            &mut world,
            expect![[r#"
            TaintManagerEviction Cancelling deletion of Pod default/web-0
        "#]],
        );
        taint(&mut world, &["node.kubernetes.io/unreachable"]);
        world.pass_time(20);
        turn(
            &mut world,
            expect![[r#"
                requeue 5m0s
                wait TolerationSeconds: web-0 tolerates the taint node.kubernetes.io/unreachable:NoExecute of node-1 until 2026-11-20T15:14:00Z, then it is evicted
            "#]],
        );
        world.pass_time(300);
        world.step();
        assert!(world.pod("web-0").is_terminating());
    }

    #[test]
    fn the_shortest_toleration_counts_and_one_without_seconds_is_for_ever() {
        let toleration = |key: &str, seconds: Option<i64>| Toleration {
            key: key.into(),
            operator: "Exists".into(),
            toleration_seconds: seconds,
            ..Default::default()
        };
        let taint = |key: &str| Taint { key: key.into(), effect: "NoExecute".into(), ..Default::default() };
        let (a, b) = (taint("a"), taint("b"));
        let both = || [&a, &b].into_iter();
        let secs = |s| Stay::For(SimDuration::from_secs(s));
        assert_eq!(stay(&[toleration("a", Some(60)), toleration("b", Some(20))], both()), secs(20));
        assert_eq!(stay(&[toleration("a", Some(60)), toleration("b", None)], both()), secs(60));
        assert_eq!(stay(&[toleration("", None)], both()), Stay::Forever);
        assert_eq!(stay(&[toleration("a", None)], both()), Stay::No);
        assert_eq!(stay(&[toleration("", Some(0))], both()), Stay::No);
    }
}
