//! DaemonSet controller: one pod on every node that fits.
//!
//! Models: pkg/controller/daemon (Kubernetes 1.36). Upstream holds back between what it asked for and the watch
//! showing it (expectations); here each pass reads the present. Like upstream a pass that had to create or delete
//! pods to give each node what it should have leaves the update of templates to the next one.

mod control;
mod fit;
mod revision;
mod status;
mod template;
mod update;

#[cfg(test)]
pub(crate) use template::target_node;

pub use fit::daemon_refusal;
pub use template::target_node as daemon_pod_node;

use crate::pod_control::{Owner, claim, look_time, next_availability, owner_keys};
use crate::{Controller, Ctx, Decision};
use api::{DaemonSet, Kind, Node, Object, ObjectKey, Pod, Resource};
use apiserver::{Change, Lister, Plan, WatchEvent};
use control::Pass;
use fit::Rule;
use revision::Revisions;
use sim::SimDuration;

/// The row of this controller.
pub const CONTROLLER: Controller =
    Controller { name: "daemonset-controller", keys, reconcile, period: None, when: None };

fn keys(event: &WatchEvent, lister: Lister<'_>, keys: &mut Vec<ObjectKey>) {
    match (&event.object, event.change) {
        (Object::DaemonSet(_), Change::Added | Change::Modified) => keys.push(event.object.key()),
        (Object::Pod(_), _) => owner_keys::<DaemonSet>(event, lister, |set| &set.spec.selector, keys),
        // A revision that is born with an owner was made by it.
        (Object::ControllerRevision(revision), Change::Added) if revision.metadata.controller().is_some() => {}
        (Object::ControllerRevision(_), _) => {
            owner_keys::<DaemonSet>(event, lister, |set| &set.spec.selector, keys);
        }
        (Object::Node(node), Change::Added) => node_keys(node, lister, keys),
        (Object::Node(node), Change::Modified) => {
            let old = event.old.as_ref().and_then(Node::from_object);
            let alike = |old: &Node| old.metadata.labels == node.metadata.labels && old.spec.taints == node.spec.taints;
            if !old.is_some_and(|old| alike(old)) {
                node_keys(node, lister, keys);
            }
        }
        _ => {}
    }
}

/// The sets that a new or changed node concerns: those that have to make or delete a pod there, and those that count
/// misplaced pods already. All others are not even counted anew. Models: syncNodeUpdate.
fn node_keys(node: &Node, lister: Lister<'_>, keys: &mut Vec<ObjectKey>) {
    for set in lister.list::<DaemonSet>() {
        let fit = Rule::new(set).fit(node);
        let is_mine = |pod: &Pod| {
            let owner = pod.metadata.controller();
            pod.metadata.namespace == set.metadata.namespace
                && owner.is_some_and(|owner| owner.kind == "DaemonSet" && owner.name == set.metadata.name)
        };
        let has_pod = lister.pods_on_node(&node.metadata.name).any(|pod| is_mine(pod));
        let misplaced = set.status.number_misscheduled > 0;
        if fit.should_run && !has_pod || has_pod && (!fit.may_stay || misplaced) {
            keys.push(set.key());
        }
    }
}

fn reconcile(ctx: &Ctx<'_>, key: &ObjectKey) -> Decision {
    debug_assert_eq!(key.kind, Kind::DaemonSet);
    let set = ctx.lister.get::<DaemonSet>(&key.namespace, &key.name);
    // Nothing about a set that is being deleted can be told for sure: its pods and revisions may be gone already.
    let Some(set) = set.filter(|set| !set.metadata.is_terminating()) else {
        return Decision::default();
    };
    let mut plan = Plan::default();
    let pods = claim::<Pod>(&Owner::new(&**set, &set.spec.selector), ctx.lister, |_| true, &mut plan);
    let revisions = Revisions::find(set, &pods, ctx.lister, &mut plan);
    let daemons = control::daemons(set, &pods, &revisions.hash, ctx.now);
    let places = control::places(ctx.lister.list(), &daemons, &Rule::new(set));
    plan.took = look_time(places.len());
    let mut pass = Pass::new(ctx, set, revisions.hash.clone(), places, plan);
    if pass.manage() {
        update::roll(&mut pass);
    }
    revisions.truncate(set, &pods, &mut pass.plan);
    status::update(&mut pass, revisions.collision_count);
    let min_ready = set.spec.min_ready_seconds;
    if min_ready > 0
        && let Some(next) = next_availability(&pods, min_ready, ctx.now)
    {
        pass.plan.requeue(next.max(SimDuration::from_millis(1)));
    }
    pass.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::World;
    use api::Wire;
    use expect_test::{Expect, expect};
    use serde_json::{Value, json};

    /// A world with three nodes, the first of them tainted, and a set `agent`; `spec` is merged into its spec.
    fn agent(spec: Value) -> World {
        let mut world = World::new(&CONTROLLER, Kind::DaemonSet, "agent");
        for name in ["node-0", "node-1", "node-2"] {
            node(&mut world, name);
        }
        world.patch_at(&ObjectKey::cluster(Kind::Node, "node-0"), taint("NoSchedule"));
        let mut set = json!({
            "apiVersion": "apps/v1", "kind": "DaemonSet", "metadata": {"name": "agent"},
            "spec": {
                "selector": {"matchLabels": {"app": "agent"}},
                "template": {
                    "metadata": {"labels": {"app": "agent"}},
                    "spec": {"containers": [{"name": "agent", "image": "agent:1"}]},
                },
            },
        });
        for (field, value) in spec.as_object().into_iter().flatten() {
            set["spec"][field] = value.clone();
        }
        world.create(set);
        world
    }

    /// Such a world once all pods are Ready.
    fn running(spec: Value) -> World {
        let mut world = agent(spec);
        world.run();
        world
    }

    fn node(world: &mut World, name: &str) {
        world
            .create(json!({"apiVersion": "v1", "kind": "Node", "metadata": {"name": name, "labels": {"disk": "ssd"}}}));
    }

    fn taint(effect: &str) -> Value {
        json!({"spec": {"taints": [{"key": "dedicated", "effect": effect}]}})
    }

    fn image(tag: &str) -> Value {
        json!({"spec": {"template": {"spec": {"containers": [{"name": "agent", "image": format!("agent:{tag}")}]}}}})
    }

    /// The pod on a node that is not on its way out (the newest, if there are two).
    fn pod_on(world: &World, node: &str) -> String {
        let pods = world.lister().list::<Pod>().filter(|pod| !pod.is_terminating());
        let mut here: Vec<_> = pods.filter(|pod| target_node(pod).is_some_and(|target| *target == *node)).collect();
        here.sort_by_key(|pod| pod.metadata.resource_version);
        here.last().expect("a pod on the node").metadata.name.to_string()
    }

    /// Pod names end in chance; tests show the node instead.
    fn check(world: &mut World, expected: Expect) {
        let names: Vec<(String, String)> = world
            .lister()
            .list::<Pod>()
            .map(|pod| (pod.metadata.name.to_string(), target_node(pod).map_or_else(String::new, ToString::to_string)))
            .collect();
        let mut text = world.step();
        for (name, node) in names {
            text = text.replace(&name, &format!("agent@{node}"));
        }
        expected.assert_eq(&text);
    }

    #[test]
    fn every_node_that_fits_gets_a_pod() {
        let mut world = agent(json!({}));
        check(
            &mut world,
            expect![[r#"
                create ControllerRevision default/agent-569db79c7
                create pod agent-* 569db79c7 for node-1
                  SuccessfulCreate Created pod: {name}
                create pod agent-* 569db79c7 for node-2
                  SuccessfulCreate Created pod: {name}
                status currentNumberScheduled=2 desiredNumberScheduled=2 numberMisscheduled=0 numberReady=0 numberUnavailable=2 observedGeneration=1 updatedNumberScheduled=2
            "#]],
        );
        check(&mut world, expect![""]);
        world.run();
        check(&mut world, expect![[""]]);
        let pod = world.pod(&pod_on(&world, "node-1"));
        expect![[r#"
            {"app":"agent","controller-revision-hash":"569db79c7","pod-template-generation":"1"}
            [{"effect":"NoExecute","key":"node.kubernetes.io/not-ready","operator":"Exists"},{"effect":"NoExecute","key":"node.kubernetes.io/unreachable","operator":"Exists"},{"effect":"NoSchedule","key":"node.kubernetes.io/disk-pressure","operator":"Exists"},{"effect":"NoSchedule","key":"node.kubernetes.io/memory-pressure","operator":"Exists"},{"effect":"NoSchedule","key":"node.kubernetes.io/pid-pressure","operator":"Exists"},{"effect":"NoSchedule","key":"node.kubernetes.io/unschedulable","operator":"Exists"}]
        "#]].assert_eq(&format!("{}\n{}\n", pod.metadata.labels.write(), pod.spec.tolerations.write()));
    }

    #[test]
    fn required_affinity_is_replaced_and_the_rest_stays() {
        let affinity = json!({"nodeAffinity": {
            "requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [
                {"matchExpressions": [{"key": "disk", "operator": "Exists"}]}]},
            "preferredDuringSchedulingIgnoredDuringExecution": [{"weight": 1, "preference": {"matchExpressions": []}}],
        }});
        let mut world = agent(json!({}));
        world.patch(json!({"spec": {"template": {"spec": {"affinity": affinity}}}}));
        world.step();
        let pod = world.pod(&pod_on(&world, "node-1"));
        expect![[r#"{"nodeAffinity":{"preferredDuringSchedulingIgnoredDuringExecution":[{"preference":{},"weight":1}],"requiredDuringSchedulingIgnoredDuringExecution":{"nodeSelectorTerms":[{"matchFields":[{"key":"metadata.name","operator":"In","values":["node-1"]}]}]}}}"#]].assert_eq(&pod.spec.affinity.write().to_string());
    }

    #[test]
    fn a_taint_or_a_label_decides_whether_a_pod_may_come_or_stay() {
        let mut world = running(json!({}));
        world.patch_at(&ObjectKey::cluster(Kind::Node, "node-1"), taint("NoSchedule"));
        check(
            &mut world,
            expect![[r#"
            status currentNumberScheduled=1 desiredNumberScheduled=1 numberAvailable=1 numberMisscheduled=1 numberReady=1 observedGeneration=1 updatedNumberScheduled=1
        "#]],
        );
        world.patch_at(&ObjectKey::cluster(Kind::Node, "node-1"), taint("NoExecute"));
        check(
            &mut world,
            expect![[r#"
            delete Pod default/agent@node-1
              SuccessfulDelete Deleted pod: agent@node-1
        "#]],
        );
        world.patch(json!({"spec": {"template": {"spec": {"nodeSelector": {"disk": "hdd"}}}}}));
        check(
            &mut world,
            expect![[r#"
            create ControllerRevision default/agent-898d87645
            delete Pod default/agent@node-2
              SuccessfulDelete Deleted pod: agent@node-2
            status currentNumberScheduled=0 desiredNumberScheduled=0 numberMisscheduled=2 numberReady=0 observedGeneration=2
        "#]],
        );
    }

    #[test]
    fn failed_pods_are_replaced_later_each_time() {
        let mut world = running(json!({}));
        for expected in [
            expect![[r#"
                FailedDaemonPod Found failed daemon pod default/agent@node-1 on node node-1, will try to kill it
                delete Pod default/agent@node-1
                  SuccessfulDelete Deleted pod: agent@node-1
                status currentNumberScheduled=1 desiredNumberScheduled=2 numberAvailable=1 numberMisscheduled=0 numberReady=1 numberUnavailable=1 observedGeneration=1 updatedNumberScheduled=1
            "#]],
            expect![[r#"
            requeue 1s
            wait BackOff: agent@node-1 on node-1 has failed: it is replaced after a back-off that grows with each failure
        "#]],
        ] {
            let pod = pod_on(&world, "node-1");
            world.set_status(&pod, "Failed", false);
            check(&mut world, expected);
            world.settle();
        }
        let pod = pod_on(&world, "node-2");
        world.set_status(&pod, "Succeeded", false);
        check(
            &mut world,
            expect![[r#"
                SucceededDaemonPod Found succeeded daemon pod default/agent@node-2 on node node-2, will try to delete it
                delete Pod default/agent@node-2
                  SuccessfulDelete Deleted pod: agent@node-2
                status currentNumberScheduled=1 desiredNumberScheduled=2 numberMisscheduled=0 numberReady=0 numberUnavailable=2 observedGeneration=1 updatedNumberScheduled=1
                requeue 1s
                wait BackOff: agent@node-1 on node-1 has failed: it is replaced after a back-off that grows with each failure
            "#]],
        );
    }

    #[test]
    fn an_update_replaces_pods_within_max_unavailable() {
        let mut world = running(json!({}));
        world.patch(image("2"));
        check(
            &mut world,
            expect![[r#"
            create ControllerRevision default/agent-7fb5496746
            delete Pod default/agent@node-1
              SuccessfulDelete Deleted pod: agent@node-1
            status currentNumberScheduled=2 desiredNumberScheduled=2 numberAvailable=2 numberMisscheduled=0 numberReady=2 observedGeneration=2
            wait RollingUpdate: 1 pod is not updated yet: with maxUnavailable 1 the rolling update waits for agent@node-1 to be replaced and available
        "#]],
        );
        check(
            &mut world,
            expect![[r#"
            wait RollingUpdate: 1 pod is not updated yet: with maxUnavailable 1 the rolling update waits for agent@node-1 to be replaced and available
        "#]],
        );
        let doomed =
            world.lister().list::<Pod>().find(|pod| pod.is_terminating()).expect("a pod").metadata.name.clone();
        world.gone(&doomed);
        world.step();
        check(
            &mut world,
            expect![[r#"
                wait RollingUpdate: 1 pod is not updated yet: with maxUnavailable 1 the rolling update waits for agent@node-1 to be replaced and available
            "#]],
        );
        let new = pod_on(&world, "node-1");
        world.ready(&new);
        check(
            &mut world,
            expect![[r#"
            delete Pod default/agent@node-2
              SuccessfulDelete Deleted pod: agent@node-2
            status currentNumberScheduled=2 desiredNumberScheduled=2 numberAvailable=2 numberMisscheduled=0 numberReady=2 observedGeneration=2 updatedNumberScheduled=1
        "#]],
        );
    }

    #[test]
    fn an_update_with_surge_makes_the_new_pod_first() {
        let mut world = running(json!({
            "minReadySeconds": 5,
            "updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}},
        }));
        world.pass_time(5);
        world.settle();
        world.patch(image("2"));
        check(
            &mut world,
            expect![[r#"
                create ControllerRevision default/agent-7fb5496746
                create pod agent-* 7fb5496746 for node-1
                  SuccessfulCreate Created pod: {name}
                status currentNumberScheduled=2 desiredNumberScheduled=2 numberAvailable=2 numberMisscheduled=0 numberReady=2 observedGeneration=2
                wait RollingUpdate: 1 pod is not updated yet: with maxSurge 1 the rolling update waits for the new pods to be available
            "#]],
        );
        let pod = pod_on(&world, "node-1");
        world.ready(&pod);
        check(
            &mut world,
            expect![[r#"
                requeue 5s
                wait RollingUpdate: 1 pod is not updated yet: with maxSurge 1 the rolling update waits for agent@node-1 to be available
            "#]],
        );
        world.pass_time(5);
        check(
            &mut world,
            expect![[r#"
            delete Pod default/agent@node-1
              SuccessfulDelete Deleted pod: agent@node-1
        "#]],
        );
    }

    #[test]
    fn on_delete_leaves_pods_alone_and_history_is_limited() {
        let mut world = running(json!({"updateStrategy": {"type": "OnDelete"}, "revisionHistoryLimit": 0}));
        world.patch(image("2"));
        check(
            &mut world,
            expect![[r#"
            create ControllerRevision default/agent-7fb5496746
            status currentNumberScheduled=2 desiredNumberScheduled=2 numberAvailable=2 numberMisscheduled=0 numberReady=2 observedGeneration=2
            wait OnDelete: not updated: agent@node-1 and agent@node-2; with OnDelete a pod gets the new template only after somebody deletes it
        "#]],
        );
        world.patch(image("1"));
        check(
            &mut world,
            expect![[r#"
            update ControllerRevision default/agent-569db79c7 owners=[agent] revision=3
            delete ControllerRevision default/agent-7fb5496746
            status currentNumberScheduled=2 desiredNumberScheduled=2 numberAvailable=2 numberMisscheduled=0 numberReady=2 observedGeneration=3 updatedNumberScheduled=2
        "#]],
        );
    }

    #[test]
    fn pods_of_gone_nodes_are_left_to_others_unless_nobody_bound_them() {
        let mut world = agent(json!({}));
        world.step();
        let bound = pod_on(&world, "node-1");
        world.ready(&bound);
        for name in ["node-1", "node-2"] {
            world.server.delete(&ObjectKey::cluster(Kind::Node, name), &Default::default()).expect("deleted");
        }
        check(
            &mut world,
            expect![[r#"
            delete Pod default/agent@node-2
              SuccessfulDelete Deleted pod: agent@node-2
            status currentNumberScheduled=0 desiredNumberScheduled=0 numberMisscheduled=0 numberReady=0 observedGeneration=1
        "#]],
        );
    }

    #[test]
    fn a_node_change_wakes_only_sets_that_have_to_act_there() {
        let mut world = running(json!({}));
        let woken = |world: &mut World, patch: Value| {
            let cursor = world.server.watch_cursor();
            world.patch_at(&ObjectKey::cluster(Kind::Node, "node-1"), patch);
            let mut found = Vec::new();
            for event in world.server.watch_since(cursor) {
                keys(event, world.lister(), &mut found);
            }
            let woken = !found.is_empty();
            world.settle();
            woken
        };
        assert!(!woken(&mut world, json!({"metadata": {"labels": {"zone": "a"}}})));
        assert!(!woken(&mut world, taint("NoSchedule")), "the pod may stay, and the counters stay as they are");
        assert!(woken(&mut world, taint("NoExecute")));
    }

    #[test]
    fn no_more_than_250_pods_at_once() {
        let mut world = agent(json!({}));
        for n in 100..400 {
            node(&mut world, &format!("node-{n}"));
        }
        let creates = |world: &World| world.decide().steps.len();
        world.step();
        assert_eq!(world.lister().list::<Pod>().count(), 250);
        assert_eq!(creates(&world), 53, "52 pods and the status");
    }
}
