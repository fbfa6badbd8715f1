//! Node lifecycle controller: notices nodes whose kubelet has fallen silent, says so, and keeps pods away from them.
//!
//! Models: pkg/controller/nodelifecycle/node_lifecycle_controller.go. Three things happen, each with its own key: a
//! regular look finds silent nodes ([`health`]); a node whose conditions or cordon changed gets its NoSchedule taints
//! ([`taints`]); and nodes that are not Ready get NoExecute taints, one at a time in each zone ([`zones`]).

mod health;
mod taints;
mod zones;

use crate::{Controller, Ctx, Decision};
use api::{Kind, Node, Object, ObjectKey};
use apiserver::{Change, EventRecord, EventType, Lister, WatchEvent};
use sim::SimDuration;

/// The controller. Its keys are nodes, the regular look, and the round of NoExecute taints.
pub const CONTROLLER: Controller =
    Controller { name: "nodelifecycle", keys, reconcile, period: Some((PERIOD, look)), when: None };

/// How often it looks at the heartbeats.
const PERIOD: SimDuration = SimDuration::from_secs(5);
/// Who records its events.
const COMPONENT: &str = "node-controller";

fn look() -> ObjectKey {
    ObjectKey::cluster(Kind::Node, "")
}

fn eviction_round() -> ObjectKey {
    ObjectKey::cluster(Kind::Node, "*")
}

/// The key for a node that has come or gone. It carries the node's UID where other keys have their namespace, because
/// of a node that is gone nothing else is left to read.
fn birth_or_death(node: &Node) -> ObjectKey {
    ObjectKey::new(Kind::Node, node.metadata.uid.clone(), node.metadata.name.clone())
}

fn keys(event: &WatchEvent, _lister: Lister<'_>, keys: &mut Vec<ObjectKey>) {
    let Object::Node(node) = &event.object else { return };
    match (event.change, &event.old) {
        (Change::Modified, Some(Object::Node(old))) => {
            if old.spec != node.spec || old.metadata.labels != node.metadata.labels || !same_conditions(old, node) {
                keys.push(ObjectKey::cluster(Kind::Node, node.metadata.name.clone()));
                keys.push(eviction_round());
            }
        }
        _ => {
            keys.push(birth_or_death(node));
            keys.push(eviction_round());
        }
    }
}

/// Whether the conditions say the same; heartbeats change nothing.
fn same_conditions(old: &Node, new: &Node) -> bool {
    let said = |node: &Node| -> Vec<_> {
        node.status.conditions.iter().map(|c| (c.r#type.clone(), c.status.clone())).collect()
    };
    said(old) == said(new)
}

fn reconcile(ctx: &Ctx<'_>, key: &ObjectKey) -> Decision {
    if *key == look() {
        return health::look(ctx);
    }
    if *key == eviction_round() {
        return zones::taint_next(ctx);
    }
    let mut decision = Decision::default();
    let node = ctx.lister.get::<Node>("", &key.name);
    if !key.namespace.is_empty() {
        let here = node.is_some_and(|node| node.metadata.uid == key.namespace);
        let (reason, doing) = if here { ("RegisteredNode", "Registered") } else { ("RemovingNode", "Removing") };
        let place = if here { "in" } else { "from" };
        let message = format!("Node {0} event: {doing} Node {0} {place} Controller", key.name);
        decision.plan.record(EventRecord {
            regarding: ObjectKey::cluster(Kind::Node, key.name.clone()),
            uid: key.namespace.clone(),
            field_path: Default::default(),
            event_type: EventType::Normal,
            reason: reason.into(),
            message,
            component: COMPONENT.into(),
            host: Default::default(),
        });
    }
    if let Some(node) = node {
        taints::keep_current(ctx, node, &mut decision.plan);
    }
    decision
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::World;
    use api::{Pod, Resource};
    use expect_test::{Expect, expect};
    use serde_json::json;

    /// A world with these nodes, Ready and registered.
    fn cluster(names: &[&str]) -> World {
        let mut world = World::at(&CONTROLLER, look());
        world.create(json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "kube-node-lease"}}));
        for name in names {
            let node = json!({
                "apiVersion": "v1", "kind": "Node", "metadata": {"name": name},
                "status": {"conditions": [{"type": "Ready", "status": "True", "reason": "KubeletReady"}]},
            });
            world.create(node);
            renew(&mut world, name);
        }
        world
    }

    fn renew(world: &mut World, name: &str) {
        let now = api::MicroTime(world.server.now());
        let time = api::Wire::write(&now);
        let key = ObjectKey::new(Kind::Lease, "kube-node-lease", name);
        if world.lister().object(&key).is_some() {
            return world.patch_at(&key, json!({"spec": {"renewTime": time}}));
        }
        world.create(json!({
            "apiVersion": "coordination.k8s.io/v1", "kind": "Lease",
            "metadata": {"name": name, "namespace": "kube-node-lease"},
            "spec": {"holderIdentity": name, "renewTime": time},
        }));
    }

    fn pod_on(world: &mut World, name: &str, node: &str) {
        world.create(json!({
            "apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "namespace": "default"},
            "spec": {"nodeName": node, "containers": [{"name": "c", "image": "i"}]},
        }));
        world.set_status(name, "Running", true);
    }

    /// One turn of a key, then what is stored of the nodes.
    fn turn(world: &mut World, key: ObjectKey, expected: Expect) {
        let words = world.step_at(&key);
        expected.assert_eq(&words);
    }

    fn nodes(world: &World) -> String {
        let line = |node: &std::rc::Rc<Node>| {
            let taints: Vec<String> = node.spec.taints.iter().map(ToString::to_string).collect();
            let ready = node.condition("Ready").map_or("none", |c| c.status.as_str());
            format!("{} {ready} [{}]\n", node.metadata.name, taints.join(" "))
        };
        world.lister().list::<Node>().map(line).collect()
    }

    fn node_key(name: &str) -> ObjectKey {
        ObjectKey::cluster(Kind::Node, name)
    }

    #[test]
    fn a_silent_node_is_noticed_after_fifty_seconds_tainted_and_forgiven() {
        let mut world = cluster(&["a", "b"]);
        pod_on(&mut world, "web-0", "a");
        world.pass_time(45);
        renew(&mut world, "b");
        turn(
            &mut world,
            look(),
            expect![[r#"
                wait NodeHeartbeat: the kubelet of a was last heard of at 2026-11-20T15:07:00Z; after 50s of silence the node counts as lost
            "#]],
        );
        world.pass_time(6);
        turn(
            &mut world,
            look(),
            expect![[r#"
                status a Ready=Unknown MemoryPressure=Unknown DiskPressure=Unknown PIDPressure=Unknown
                  NodeNotReady Node a status is now: NodeNotReady
                status web-0 Running Ready=False
                  NodeNotReady Node is not ready
            "#]],
        );
        turn(
            &mut world,
            node_key("a"),
            expect![[r#"
            update Node a owners=[]
        "#]],
        );
        turn(
            &mut world,
            eviction_round(),
            expect![[r#"
            update Node a owners=[]
        "#]],
        );
        expect![[r#"
            a Unknown [node.kubernetes.io/unreachable:NoSchedule node.kubernetes.io/unreachable:NoExecute]
            b True []
        "#]]
        .assert_eq(&nodes(&world));

        renew(&mut world, "a");
        let status = json!({"status": {"conditions": [{"type": "Ready", "status": "True"}]}});
        world.server.patch(&node_key("a"), apiserver::PatchType::Merge, &status, true).expect("patched");
        world.step_at(&node_key("a"));
        world.step_at(&look());
        expect![[r#"
            a True []
            b True []
        "#]]
        .assert_eq(&nodes(&world));
        assert!(!world.server.pod("default", "web-0").is_some_and(|pod: &std::rc::Rc<Pod>| pod.is_ready()));
    }

    #[test]
    fn once_not_all_are_lost_any_more_silence_counts_anew() {
        let mut world = cluster(&["a", "b"]);
        let ready = |world: &mut World, name: &str, status: &str| {
            let status = json!({"status": {"conditions": [{"type": "Ready", "status": status}]}});
            world.server.patch(&node_key(name), apiserver::PatchType::Merge, &status, true).expect("patched");
        };
        // Both tell that they are not ready: nobody answers, and it is remembered.
        ready(&mut world, "a", "False");
        ready(&mut world, "b", "False");
        world.pass_time(5);
        turn(&mut world, look(), expect![""]);
        world.pass_time(35);
        renew(&mut world, "a");
        ready(&mut world, "a", "True");
        // b has been silent for 40 s, and gets as much time as any node from now on.
        turn(
            &mut world,
            look(),
            expect![[r#"
            wait NodeHeartbeat: the kubelet of b was last heard of at 2026-11-20T15:07:00Z; after 50s of silence the node counts as lost
        "#]],
        );
        world.pass_time(45);
        renew(&mut world, "a");
        turn(
            &mut world,
            look(),
            expect![[r#"
            wait NodeHeartbeat: the kubelet of b was last heard of at 2026-11-20T15:07:00Z; after 50s of silence from 2026-11-20T15:07:40Z, when no longer all nodes were lost, the node counts as lost
        "#]],
        );
        world.pass_time(6);
        turn(
            &mut world,
            look(),
            expect![[r#"
            status b Ready=Unknown MemoryPressure=Unknown DiskPressure=Unknown PIDPressure=Unknown
        "#]],
        );
    }

    #[test]
    fn nodes_come_and_go_with_an_event_and_a_cordon_is_a_taint() {
        let mut world = cluster(&["a"]);
        let node = Node::clone(world.lister().get::<Node>("", "a").expect("there"));
        let key = birth_or_death(&node);
        turn(
            &mut world,
            key.clone(),
            expect![[r#"
                RegisteredNode Node a event: Registered Node a in Controller
            "#]],
        );
        world.patch_at(&node_key("a"), json!({"spec": {"unschedulable": true}}));
        world.step_at(&node_key("a"));
        expect![[r#"
            a True [node.kubernetes.io/unschedulable:NoSchedule]
        "#]]
        .assert_eq(&nodes(&world));
        world.server.delete(&node.key(), &Default::default()).expect("deleted");
        turn(
            &mut world,
            key,
            expect![[r#"
            RemovingNode Node a event: Removing Node a from Controller
        "#]],
        );
    }

    #[test]
    fn pods_stay_when_all_nodes_are_lost_and_taints_come_one_in_ten_seconds_otherwise() {
        let mut world = cluster(&["a", "b", "c", "d", "e"]);
        world.pass_time(51);
        world.step_at(&look());
        turn(
            &mut world,
            eviction_round(),
            expect![[r#"
                wait EvictionPaused: no node answers: pods are not evicted until one does
                wait EvictionPaused: no node answers: pods are not evicted until one does
                wait EvictionPaused: no node answers: pods are not evicted until one does
                wait EvictionPaused: no node answers: pods are not evicted until one does
                wait EvictionPaused: no node answers: pods are not evicted until one does
            "#]],
        );
        let ready = json!({"status": {"conditions": [{"type": "Ready", "status": "True"}]}});
        let recover = |world: &mut World, name: &str| {
            world.server.patch(&node_key(name), apiserver::PatchType::Merge, &ready, true).expect("patched");
        };
        recover(&mut world, "a");
        recover(&mut world, "b");
        turn(
            &mut world,
            eviction_round(),
            expect![[r#"
                wait EvictionPaused: 3 of 5 nodes of the zone do not answer: pods are not evicted while 55 % or more are lost
                wait EvictionPaused: 3 of 5 nodes of the zone do not answer: pods are not evicted while 55 % or more are lost
                wait EvictionPaused: 3 of 5 nodes of the zone do not answer: pods are not evicted while 55 % or more are lost
            "#]],
        );
        recover(&mut world, "c");
        turn(
            &mut world,
            eviction_round(),
            expect![[r#"
                update Node d owners=[]
                requeue 10s
                wait EvictionRate: e gets its NoExecute taint at 2026-11-20T15:08:01Z: in each zone one node in 10s
            "#]],
        );
        world.pass_time(4);
        turn(
            &mut world,
            eviction_round(),
            expect![[r#"
                requeue 6s
                wait EvictionRate: e gets its NoExecute taint at 2026-11-20T15:08:01Z: in each zone one node in 10s
            "#]],
        );
    }
}
