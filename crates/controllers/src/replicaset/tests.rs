//! What a ReplicaSet decides, plan by plan.

use super::CONTROLLER;
use crate::world::World;
use api::{Kind, ObjectKey, Pod, ReplicaSet};
use expect_test::{Expect, expect};
use serde_json::{Value, json};

/// A world with a set `web`; `spec` is merged into its spec.
fn web(spec: Value) -> World {
    let mut world = World::new(&CONTROLLER, Kind::ReplicaSet, "web");
    let mut set = json!({
        "apiVersion": "apps/v1", "kind": "ReplicaSet", "metadata": {"name": "web"},
        "spec": {
            "replicas": 3, "selector": {"matchLabels": {"app": "web"}},
            "template": {
                "metadata": {"labels": {"app": "web"}},
                "spec": {"containers": [{"name": "nginx", "image": "nginx:1"}]},
            },
        },
    });
    for (field, value) in spec.as_object().into_iter().flatten() {
        set["spec"][field] = value.clone();
    }
    world.create(set);
    world
}

fn names(world: &World) -> Vec<String> {
    world.lister().list::<Pod>().map(|pod| pod.metadata.name.to_string()).collect()
}

fn check(world: &mut World, expected: Expect) {
    expected.assert_eq(&world.step());
}

#[test]
fn pods_are_made_counted_and_replaced() {
    let mut world = web(json!({}));
    check(
        &mut world,
        expect![[r#"
        create pod web-* 
          SuccessfulCreate Created pod: {name}
        stop if that failed
        create pod web-* 
          SuccessfulCreate Created pod: {name}
        create pod web-* 
          SuccessfulCreate Created pod: {name}
        status observedGeneration=1 replicas=0 terminatingReplicas=0
    "#]],
    );
    check(
        &mut world,
        expect![[r#"
        status fullyLabeledReplicas=3 observedGeneration=1 replicas=3 terminatingReplicas=0
    "#]],
    );
    world.run();
    check(&mut world, expect![[r#""#]]);
    let first = names(&world)[0].clone();
    world.delete(Kind::Pod, &first);
    assert!(world.step().contains("create pod web-*"), "a pod on its way out is replaced at once");
    world.settle();
    let status = &world.lister().get::<ReplicaSet>("default", "web").expect("the set").status;
    assert_eq!((status.replicas, status.ready_replicas, status.terminating_replicas), (3, 2, Some(1)));
}

#[test]
fn a_failed_pod_is_replaced_and_stays() {
    let mut world = web(json!({"replicas": 1}));
    world.run();
    let first = names(&world)[0].clone();
    world.set_status(&first, "Failed", false);
    world.settle();
    assert_eq!(names(&world).len(), 2);
}

#[test]
fn labels_decide_whose_a_pod_is() {
    let mut world = web(json!({"replicas": 1}));
    world.run();
    let first = names(&world)[0].clone();
    let key = ObjectKey::new(Kind::Pod, "default", first.clone());
    world.patch_at(&key, json!({"metadata": {"labels": {"app": "other"}}}));
    check(
        &mut world,
        expect![[r#"
        update Pod default/web-6sk4n owners=[]
        create pod web-* 
          SuccessfulCreate Created pod: {name}
        status observedGeneration=1 replicas=0 terminatingReplicas=0
    "#]],
    );
    world.run();
    world.pass_time(60);
    world.patch_at(&key, json!({"metadata": {"labels": {"app": "web"}}}));
    let plan = world.step();
    assert!(plan.contains("owners=[web]") && plan.contains("SuccessfulDelete"), "{plan}");
    let living = world.lister().list::<Pod>().filter(|pod| !pod.is_terminating());
    assert_eq!(living.map(|pod| pod.metadata.name.to_string()).collect::<Vec<_>>(), [first], "the newer one goes");
}

#[test]
fn a_scale_down_takes_those_that_serve_least() {
    let mut world = web(json!({"replicas": 5}));
    world.settle();
    let pods = names(&world);
    for name in &pods[1..] {
        world.ready(name);
    }
    world.set_status(&pods[2], "Running", false);
    let costly = ObjectKey::new(Kind::Pod, "default", pods[3].clone());
    let cost = json!({"metadata": {"annotations": {"controller.kubernetes.io/pod-deletion-cost": "-5"}}});
    world.patch_at(&costly, cost);
    world.patch(json!({"spec": {"replicas": 2}}));
    world.step();
    let doomed: Vec<usize> =
        (0..5).filter(|at| world.server.pod("default", &pods[*at]).is_none_or(|pod| pod.is_terminating())).collect();
    assert_eq!(doomed, [0, 2, 3], "unbound, not ready, cheap");
}

#[test]
fn what_is_refused_is_told_and_tried_again() {
    let mut world = web(json!({"replicas": 4}));
    world.patch_at(
        &ObjectKey::new(Kind::ReplicaSet, "default", "web"),
        json!({"spec": {"template": {"spec": {"priorityClassName": "none"}}}}),
    );
    check(
        &mut world,
        expect![[r#"
            create pod web-* 
              SuccessfulCreate Created pod: {name}
            stop if that failed
            create pod web-* 
              SuccessfulCreate Created pod: {name}
            create pod web-* 
              SuccessfulCreate Created pod: {name}
            stop if that failed
            create pod web-* 
              SuccessfulCreate Created pod: {name}
            status observedGeneration=2 replicas=0 terminatingReplicas=0
            error: pods "web-" is forbidden: no PriorityClass with name none was found
        "#]],
    );
    check(
        &mut world,
        expect![[r#"
            create pod web-* 
              SuccessfulCreate Created pod: {name}
            stop if that failed
            create pod web-* 
              SuccessfulCreate Created pod: {name}
            create pod web-* 
              SuccessfulCreate Created pod: {name}
            stop if that failed
            create pod web-* 
              SuccessfulCreate Created pod: {name}
            status observedGeneration=2 replicas=0 terminatingReplicas=0
            wait FailedCreate: 4 pods are missing: pods "web-" is forbidden: no PriorityClass with name none was found; it is tried again later each time
            error: pods "web-" is forbidden: no PriorityClass with name none was found
        "#]],
    );
    let failure =
        world.lister().get::<ReplicaSet>("default", "web").expect("the set").status.condition("ReplicaFailure");
    let failure = failure.map(|c| format!("{} {} {}", c.status, c.reason, c.message)).unwrap_or_default();
    expect![[r#"True FailedCreate pods "web-" is forbidden: no PriorityClass with name none was found"#]]
        .assert_eq(&failure);
}

#[test]
fn pods_count_as_available_after_a_while() {
    let mut world = web(json!({"replicas": 1, "minReadySeconds": 10}));
    world.settle();
    let first = names(&world)[0].clone();
    world.ready(&first);
    world.pass_time(4);
    check(
        &mut world,
        expect![[r#"
        status fullyLabeledReplicas=1 observedGeneration=1 readyReplicas=1 replicas=1 terminatingReplicas=0
        requeue 6s
    "#]],
    );
    world.pass_time(6);
    check(
        &mut world,
        expect![[r#"
        status availableReplicas=1 fullyLabeledReplicas=1 observedGeneration=1 readyReplicas=1 replicas=1 terminatingReplicas=0
    "#]],
    );
}
