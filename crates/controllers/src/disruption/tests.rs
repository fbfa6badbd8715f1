//! Decisions of the disruption controller.

use super::CONTROLLER;
use crate::world::World;
use api::{Kind, Object, ObjectKey, Resource};
use apiserver::DeleteOptions;
use expect_test::expect;
use serde_json::{Value, json};

fn world(spec: Value) -> World {
    let mut world = World::new(&CONTROLLER, Kind::PodDisruptionBudget, "b");
    let selector = json!({"matchLabels": {"app": "web"}});
    let mut body =
        json!({"apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": {"name": "b"}, "spec": spec});
    body["spec"]["selector"] = selector;
    world.create(body);
    world
}

/// Ready pods of an owner.
fn pods(world: &mut World, owner: Option<&Object>, names: &[&str]) {
    for name in names {
        let mut body = json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "labels": {"app": "web"}},
            "spec": {"containers": [{"name": "c", "image": "i"}]}});
        if let Some(owner) = owner {
            let reference = api::OwnerReference::controller_of(&owner.key(), &owner.meta().uid);
            body["metadata"]["ownerReferences"] = json!([api::Wire::write(&reference)]);
        }
        world.create(body);
        world.ready(name);
    }
}

fn set(world: &mut World, replicas: i32) -> Object {
    world.create(json!({"apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": {"name": "web"},
        "spec": {"replicas": replicas, "selector": {"matchLabels": {"app": "web"}}, "template": {
            "metadata": {"labels": {"app": "web"}}, "spec": {"containers": [{"name": "c", "image": "i"}]}}}}))
}

#[test]
fn nothing_may_go_where_there_is_nothing() {
    let mut world = world(json!({"minAvailable": 0}));
    expect![[r#"
        NoPods No matching pods found
        status conditions=[{lastTransitionTime:2026-11-20T15:07:00Z,message:,observedGeneration:1,reason:InsufficientPods,status:False,type:DisruptionAllowed}] currentHealthy=0 desiredHealthy=0 disruptionsAllowed=0 expectedPods=0 observedGeneration=1
    "#]].assert_eq(&world.step());
    expect![[r#"
        NoPods No matching pods found
    "#]]
    .assert_eq(&world.step());
}

#[test]
fn percentages_are_of_what_the_controllers_want() {
    let mut world = world(json!({"maxUnavailable": "30%"}));
    let owner = set(&mut world, 5);
    pods(&mut world, Some(&owner), &["web-0", "web-1", "web-2", "web-3"]);
    expect![[r#"
        status conditions=[{lastTransitionTime:2026-11-20T15:07:00Z,message:,observedGeneration:1,reason:SufficientPods,status:True,type:DisruptionAllowed}] currentHealthy=4 desiredHealthy=3 disruptionsAllowed=1 expectedPods=5 observedGeneration=1
    "#]].assert_eq(&world.step());
    pods(&mut world, Some(&owner), &["web-4"]);
    expect![[r#"
        status conditions=[{lastTransitionTime:2026-11-20T15:07:00Z,message:,observedGeneration:1,reason:SufficientPods,status:True,type:DisruptionAllowed}] currentHealthy=5 desiredHealthy=3 disruptionsAllowed=2 expectedPods=5 observedGeneration=1
    "#]].assert_eq(&world.step());
    world.patch(json!({"spec": {"maxUnavailable": null, "minAvailable": "50%"}}));
    expect![[r#"
        status conditions=[{lastTransitionTime:2026-11-20T15:07:00Z,message:,observedGeneration:2,reason:SufficientPods,status:True,type:DisruptionAllowed}] currentHealthy=5 desiredHealthy=3 disruptionsAllowed=2 expectedPods=5 observedGeneration=2
    "#]].assert_eq(&world.step());
    pods(&mut world, None, &["bare"]);
    expect![[r#"
        UnmanagedPods Pods selected by this PodDisruptionBudget (selector: &LabelSelector{MatchLabels:map[string]string{app: web,},MatchExpressions:[]LabelSelectorRequirement{},}) were found to be unmanaged. As a result, the status of the PDB cannot be calculated correctly, which may result in undefined behavior. To account for these pods please set ".spec.minAvailable" field of the PDB to an integer value.
        status conditions=[{lastTransitionTime:2026-11-20T15:07:00Z,message:,observedGeneration:2,reason:SufficientPods,status:True,type:DisruptionAllowed}] currentHealthy=6 desiredHealthy=3 disruptionsAllowed=3 expectedPods=5 observedGeneration=2
    "#]].assert_eq(&world.step());
    world.delete(Kind::StatefulSet, "web");
    expect![[r#"
        CalculateExpectedPodCountFailed Failed to calculate the number of expected pods: found no controllers for pod "web-0"
        status conditions=[{lastTransitionTime:2026-11-20T15:07:00Z,message:found no controllers for pod \web-0\,observedGeneration:2,reason:SyncFailed,status:False,type:DisruptionAllowed}] currentHealthy=6 desiredHealthy=3 disruptionsAllowed=0 expectedPods=5 observedGeneration=2
    "#]].assert_eq(&world.step());
}

#[test]
fn a_granted_eviction_counts_until_its_pod_is_seen_to_go() {
    let mut world = world(json!({"minAvailable": 1}));
    pods(&mut world, None, &["a", "b"]);
    world.step();
    let key = ObjectKey::new(Kind::Pod, "default", "a");
    world.server.evict(&key, &DeleteOptions::default()).expect("evicted");
    expect![[r#"
        status conditions=[{lastTransitionTime:2026-11-20T15:07:00Z,message:,observedGeneration:1,reason:InsufficientPods,status:False,type:DisruptionAllowed}] currentHealthy=1 desiredHealthy=1 disruptionsAllowed=0 expectedPods=2 observedGeneration=1
    "#]].assert_eq(&world.step());
    // A pod that stays although its eviction was granted.
    world.gone("a");
    pods(&mut world, None, &["c"]);
    world.step();
    let budget = ObjectKey::new(Kind::PodDisruptionBudget, "default", "b");
    let since = world.server.now().to_string();
    let stuck = json!({"status": {"disruptedPods": {"c": since}}});
    world.server.patch(&budget, apiserver::PatchType::Merge, &stuck, true).expect("patched");
    expect![[r#"
        status conditions=[{lastTransitionTime:2026-11-20T15:07:00Z,message:,observedGeneration:1,reason:InsufficientPods,status:False,type:DisruptionAllowed}] currentHealthy=1 desiredHealthy=1 disruptedPods={c:2026-11-20T15:07:00Z} disruptionsAllowed=0 expectedPods=2 observedGeneration=1
        recheck 2m0s
    "#]].assert_eq(&world.step());
    world.pass_time(121);
    expect![[r#"
        NotDeleted Pod was expected by PDB default/default to be deleted but it wasn't
        status conditions=[{lastTransitionTime:2026-11-20T15:09:01Z,message:,observedGeneration:1,reason:SufficientPods,status:True,type:DisruptionAllowed}] currentHealthy=2 desiredHealthy=1 disruptionsAllowed=1 expectedPods=2 observedGeneration=1
    "#]].assert_eq(&world.step());
}

#[test]
fn a_mark_that_nothing_came_of_is_taken_back() {
    let mut world = world(json!({"minAvailable": 1}));
    pods(&mut world, None, &["a"]);
    let mut pod = world.pod("a");
    let mark = api::PodCondition::new("DisruptionTarget", true).because("PreemptionByScheduler", "");
    pod.status.set_condition(mark, world.server.now());
    world.server.update_status(pod.into_object()).expect("updated");
    let key = ObjectKey::new(Kind::Pod, "default", "a");
    expect![[r#"
        recheck 2m0s
    "#]]
    .assert_eq(&world.step_at(&key));
    world.pass_time(120);
    expect![[r#"
        status a Running PodScheduled=True Ready=True DisruptionTarget=False
    "#]]
    .assert_eq(&world.step_at(&key));
    world.create(json!({"apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": {"name": "other"},
        "spec": {"selector": {}, "maxUnavailable": 1}}));
    expect![[r#"
        MultiplePodDisruptionBudgets Pod "default"/"a" matches multiple PodDisruptionBudgets.  Chose "b" arbitrarily.
    "#]]
    .assert_eq(&world.step_at(&key));
}
