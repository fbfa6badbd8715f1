//! What a Deployment decides, plan by plan. The ReplicaSets are played by the test.

use super::CONTROLLER;
use crate::world::World;
use api::{Deployment, Kind, ObjectKey, ReplicaSet, ReplicaSetStatus, Resource};
use expect_test::{Expect, expect};
use serde_json::{Value, json};

/// A world with a Deployment `web`; `spec` is merged into its spec.
fn web(spec: Value) -> World {
    let mut world = World::new(&CONTROLLER, Kind::Deployment, "web");
    let mut deployment = json!({
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"},
        "spec": {
            "replicas": 4, "selector": {"matchLabels": {"app": "web"}},
            "template": {
                "metadata": {"labels": {"app": "web"}},
                "spec": {"containers": [{"name": "nginx", "image": "nginx:1"}]},
            },
        },
    });
    for (field, value) in spec.as_object().into_iter().flatten() {
        deployment["spec"][field] = value.clone();
    }
    world.create(deployment);
    world
}

fn image(tag: &str) -> Value {
    json!({"spec": {"template": {"spec": {"containers": [{"name": "nginx", "image": format!("nginx:{tag}")}]}}}})
}

/// Gives every set the pods it wants; those of an image `bad` never get available.
fn obey(world: &mut World) {
    let sets: Vec<ReplicaSet> = world.lister().list::<ReplicaSet>().map(|set| ReplicaSet::clone(set)).collect();
    for set in sets {
        let size = set.spec.replicas.unwrap_or(0);
        let ready = if set.spec.template.spec.containers[0].image == "nginx:bad" { 0 } else { size };
        let status = ReplicaSetStatus {
            replicas: size,
            ready_replicas: ready,
            available_replicas: ready,
            terminating_replicas: Some(0),
            observed_generation: set.metadata.generation,
            ..Default::default()
        };
        world.server.update_status(ReplicaSet { status, ..set }.into_object()).expect("updated");
    }
}

/// Steps, with sets that do as they are told, until nothing changes any more.
fn run(world: &mut World) -> String {
    let mut text = String::new();
    for _ in 0..30 {
        obey(world);
        let plan = world.step();
        let events = plan.lines().filter_map(|line| line.trim().strip_prefix("ScalingReplicaSet "));
        let before = text.len();
        text.extend(events.map(|event| format!("{event}\n")));
        if text.len() == before && !plan.contains("status") {
            return text;
        }
    }
    panic!("never comes to rest: {}", world.step());
}

fn check(world: &mut World, expected: Expect) {
    expected.assert_eq(&world.step());
}

#[test]
fn a_new_deployment_makes_its_set() {
    let mut world = web(json!({}));
    check(
        &mut world,
        expect![[r#"
        create ReplicaSet web-66b686d94f replicas=4 revision=1 desired-replicas=4 max-replicas=5
          ScalingReplicaSet Scaled up replica set web-66b686d94f from 0 to 4
        status rev=1 0 of 4 updated=0 ready=0 available=0 unavailable=0 terminating=- [Progressing=True(NewReplicaSetCreated)]
        status rev=1 0 of 4 updated=0 ready=0 available=0 unavailable=4 terminating=0 [Progressing=True(NewReplicaSetCreated) Available=False(MinimumReplicasUnavailable)]
    "#]],
    );
    obey(&mut world);
    check(
        &mut world,
        expect![[r#"
        status rev=1 4 of 4 updated=4 ready=4 available=4 unavailable=0 terminating=0 [Available=True(MinimumReplicasAvailable) Progressing=True(NewReplicaSetAvailable)]
    "#]],
    );
    check(&mut world, expect![[r#""#]]);
}

#[test]
fn a_rolling_update_keeps_to_its_bounds() {
    let mut world = web(json!({}));
    run(&mut world);
    world.patch(image("2"));
    check(
        &mut world,
        expect![[r#"
        create ReplicaSet web-bf58758bd replicas=1 revision=2 desired-replicas=4 max-replicas=5
          ScalingReplicaSet Scaled up replica set web-bf58758bd from 0 to 1
        status rev=2 4 of 4 updated=4 ready=4 available=4 unavailable=0 terminating=0 [Available=True(MinimumReplicasAvailable) Progressing=True(NewReplicaSetCreated)]
        update ReplicaSet web-66b686d94f replicas=3 revision=1 desired-replicas=4 max-replicas=5
          ScalingReplicaSet Scaled down replica set web-66b686d94f from 4 to 3
        status rev=2 4 of 4 updated=0 ready=4 available=4 unavailable=0 terminating=0 [Available=True(MinimumReplicasAvailable) Progressing=True(NewReplicaSetCreated)]
        wait RollingUpdate: 3 old pods stay while the rollout waits for the new pods to be available: at least 3 must be available (maxUnavailable 1) and at most 5 may exist (maxSurge 1)
    "#]],
    );
    expect![[r#"
        Scaled up replica set web-bf58758bd from 1 to 2
        Scaled down replica set web-66b686d94f from 3 to 1
        Scaled up replica set web-bf58758bd from 2 to 4
        Scaled down replica set web-66b686d94f from 1 to 0
    "#]]
    .assert_eq(&run(&mut world));
}

#[test]
fn surge_alone_and_unavailable_alone() {
    let mut world = web(json!({"strategy": {"rollingUpdate": {"maxSurge": 2, "maxUnavailable": 0}}}));
    run(&mut world);
    world.patch(image("2"));
    expect![[r#"
        Scaled up replica set web-bf58758bd from 0 to 2
        Scaled down replica set web-66b686d94f from 4 to 2
        Scaled up replica set web-bf58758bd from 2 to 4
        Scaled down replica set web-66b686d94f from 2 to 0
    "#]]
    .assert_eq(&run(&mut world));
    let mut world = web(json!({"strategy": {"rollingUpdate": {"maxSurge": 0, "maxUnavailable": "1%"}}}));
    run(&mut world);
    world.patch(image("2"));
    expect![[r#"
        Scaled down replica set web-66b686d94f from 4 to 3
        Scaled up replica set web-bf58758bd from 0 to 1
        Scaled down replica set web-66b686d94f from 3 to 2
        Scaled up replica set web-bf58758bd from 1 to 2
        Scaled down replica set web-66b686d94f from 2 to 1
        Scaled up replica set web-bf58758bd from 2 to 3
        Scaled down replica set web-66b686d94f from 1 to 0
        Scaled up replica set web-bf58758bd from 3 to 4
    "#]]
    .assert_eq(&run(&mut world));
}

#[test]
fn a_broken_rollout_is_stuck_scales_in_proportion_and_can_be_undone() {
    let mut world = web(json!({"replicas": 10, "strategy": {"rollingUpdate": {"maxSurge": 3, "maxUnavailable": 2}}}));
    run(&mut world);
    world.patch(image("bad"));
    expect![[r#"
        Scaled up replica set web-77cf66b7bf from 0 to 3
        Scaled down replica set web-66b686d94f from 10 to 8
        Scaled up replica set web-77cf66b7bf from 3 to 5
    "#]]
    .assert_eq(&run(&mut world));
    check(
        &mut world,
        expect![[r#"
            recheck 10m1s
            wait RollingUpdate: 8 old pods stay while the rollout waits for the new pods to be available: at least 8 must be available (maxUnavailable 2) and at most 13 may exist (maxSurge 3)
        "#]],
    );
    world.pass_time(601);
    check(
        &mut world,
        expect![[r#"
        status rev=2 13 of 10 updated=5 ready=8 available=8 unavailable=5 terminating=0 [Available=True(MinimumReplicasAvailable) Progressing=False(ProgressDeadlineExceeded)]
        wait ProgressDeadlineExceeded: 8 old pods stay while the rollout waits for the new pods to be available, for more than 600 s now: at least 8 must be available (maxUnavailable 2) and at most 13 may exist (maxSurge 3)
    "#]],
    );
    world.patch(json!({"spec": {"replicas": 15}}));
    expect![[r#"
        Scaled up replica set web-66b686d94f from 8 to 11
        Scaled up replica set web-77cf66b7bf from 5 to 7
    "#]]
    .assert_eq(&run(&mut world));
    world.patch(image("1"));
    check(
        &mut world,
        expect![[r#"
        update ReplicaSet web-66b686d94f replicas=11 revision=3 revision-history=1 desired-replicas=15 max-replicas=18
        update ReplicaSet web-77cf66b7bf replicas=2 revision=2 desired-replicas=15 max-replicas=18
          ScalingReplicaSet Scaled down replica set web-77cf66b7bf from 7 to 2
        status rev=2 18 of 15 updated=11 ready=11 available=11 unavailable=2 terminating=0 [Available=False(MinimumReplicasUnavailable) Progressing=True(ReplicaSetUpdated)]
        wait RollingUpdate: 2 old pods stay while the rollout waits for the new pods to be available: at least 13 must be available (maxUnavailable 2) and at most 18 may exist (maxSurge 3)
    "#]],
    );
    expect![[r#"
        Scaled up replica set web-66b686d94f from 11 to 15
        Scaled down replica set web-77cf66b7bf from 2 to 0
    "#]]
    .assert_eq(&run(&mut world));
}

#[test]
fn recreate_waits_for_the_last_old_pod() {
    let mut world = web(json!({"replicas": 1, "strategy": {"type": "Recreate"}}));
    run(&mut world);
    let set = world.lister().list::<ReplicaSet>().next().expect("a set").clone();
    let owner = api::OwnerReference::controller_of(&set.key(), &set.metadata.uid);
    let owners = json!([api::Wire::write(&owner)]);
    let labels = api::Wire::write(&set.spec.template.metadata.labels);
    world.create(json!({
        "apiVersion": "v1", "kind": "Pod", "metadata": {"name": "old", "ownerReferences": owners, "labels": labels},
        "spec": {"containers": [{"name": "nginx", "image": "nginx:1"}], "nodeName": "node-1"},
    }));
    world.patch(image("2"));
    check(
        &mut world,
        expect![[r#"
        update ReplicaSet web-66b686d94f replicas=0 revision=1 desired-replicas=1 max-replicas=1
          ScalingReplicaSet Scaled down replica set web-66b686d94f from 1 to 0
        status rev=1 1 of 1 updated=0 ready=1 available=1 unavailable=0 terminating=0 [Available=True(MinimumReplicasAvailable) Progressing=True(NewReplicaSetAvailable)]
        wait Recreate: no new pod is created yet: Recreate waits for old to be gone
    "#]],
    );
    world.delete(Kind::Pod, "old");
    obey(&mut world);
    check(
        &mut world,
        expect![[r#"
        status rev=1 0 of 1 updated=0 ready=0 available=0 unavailable=0 terminating=0 [Progressing=True(NewReplicaSetAvailable) Available=False(MinimumReplicasUnavailable)]
        wait Recreate: no new pod is created yet: Recreate waits for old to be gone
    "#]],
    );
    world.gone("old");
    check(
        &mut world,
        expect![[r#"
        create ReplicaSet web-bf58758bd replicas=1 revision=2 desired-replicas=1 max-replicas=1
          ScalingReplicaSet Scaled up replica set web-bf58758bd from 0 to 1
        status rev=2 0 of 1 updated=0 ready=0 available=0 unavailable=0 terminating=0 [Available=False(MinimumReplicasUnavailable) Progressing=True(NewReplicaSetCreated)]
        status rev=2 0 of 1 updated=0 ready=0 available=0 unavailable=1 terminating=0 [Available=False(MinimumReplicasUnavailable) Progressing=True(NewReplicaSetCreated)]
    "#]],
    );
}

#[test]
fn a_pause_holds_templates_back_but_not_scaling() {
    let mut world = web(json!({}));
    run(&mut world);
    world.patch(json!({"spec": {"paused": true}}));
    world.patch(image("2"));
    check(
        &mut world,
        expect![[r#"
        status rev=1 4 of 4 updated=4 ready=4 available=4 unavailable=0 terminating=0 [Available=True(MinimumReplicasAvailable) Progressing=Unknown(DeploymentPaused)]
        status rev=1 4 of 4 updated=0 ready=4 available=4 unavailable=0 terminating=0 [Available=True(MinimumReplicasAvailable) Progressing=Unknown(DeploymentPaused)]
        wait Paused: the new template is not rolled out: the Deployment is paused until `kubectl rollout resume`
    "#]],
    );
    world.patch(json!({"spec": {"replicas": 6}}));
    expect![[r#"
        Scaled up replica set web-66b686d94f from 4 to 6
    "#]]
    .assert_eq(&run(&mut world));
    world.patch(json!({"spec": {"paused": false}}));
    check(
        &mut world,
        expect![[r#"
        status rev=1 6 of 6 updated=0 ready=6 available=6 unavailable=0 terminating=0 [Available=True(MinimumReplicasAvailable) Progressing=Unknown(DeploymentResumed)]
        create ReplicaSet web-bf58758bd replicas=2 revision=2 desired-replicas=6 max-replicas=8
          ScalingReplicaSet Scaled up replica set web-bf58758bd from 0 to 2
        status rev=2 6 of 6 updated=0 ready=6 available=6 unavailable=0 terminating=0 [Available=True(MinimumReplicasAvailable) Progressing=True(NewReplicaSetCreated)]
        update ReplicaSet web-66b686d94f replicas=5 revision=1 desired-replicas=6 max-replicas=8
          ScalingReplicaSet Scaled down replica set web-66b686d94f from 6 to 5
        status rev=2 6 of 6 updated=0 ready=6 available=6 unavailable=1 terminating=0 [Available=True(MinimumReplicasAvailable) Progressing=True(NewReplicaSetCreated)]
        wait RollingUpdate: 5 old pods stay while the rollout waits for the new pods to be available: at least 5 must be available (maxUnavailable 1) and at most 8 may exist (maxSurge 2)
    "#]],
    );
}

#[test]
fn going_back_raises_the_number_of_the_old_set_and_the_limit_drops_the_oldest() {
    let mut world = web(json!({"revisionHistoryLimit": 1}));
    run(&mut world);
    for tag in ["2", "1", "3"] {
        world.patch(image(tag));
        run(&mut world);
    }
    let sets = world.lister().list::<ReplicaSet>().map(|set| {
        let note = |name: &str| set.metadata.annotations.get(name).map_or(String::new(), ToString::to_string);
        let (number, had) = (note(super::revisions::REVISION), note("deployment.kubernetes.io/revision-history"));
        format!("{} {number} had {had:?}\n", set.spec.template.spec.containers[0].image)
    });
    let mut sets: Vec<String> = sets.collect();
    sets.sort();
    expect![[r#"
        nginx:1 3 had "1"
        nginx:3 4 had ""
    "#]]
    .assert_eq(&sets.concat());
}

#[test]
fn a_name_that_is_taken_counts_as_a_collision() {
    let mut world = web(json!({}));
    let stored = world.lister().get::<Deployment>("default", "web").expect("stored").clone();
    let mut set = super::revisions::new_set(&stored);
    set.metadata.owner_references = Default::default();
    set.metadata.labels = [("app".into(), "other".into())].into_iter().collect();
    set.spec.selector.match_labels = set.metadata.labels.clone();
    std::rc::Rc::make_mut(&mut set.spec.template).metadata.labels = set.metadata.labels.clone();
    world.server.create(set.into_object()).expect("created");
    check(
        &mut world,
        expect![[r#"
        status rev= 0 of 4 updated=0 ready=0 available=0 unavailable=0 terminating=- []
    "#]],
    );
    check(
        &mut world,
        expect![[r#"
        create ReplicaSet web-7bb6758648 replicas=4 revision=1 desired-replicas=4 max-replicas=5
          ScalingReplicaSet Scaled up replica set web-7bb6758648 from 0 to 4
        status rev=1 0 of 4 updated=0 ready=0 available=0 unavailable=0 terminating=- [Progressing=True(NewReplicaSetCreated)]
        status rev=1 0 of 4 updated=0 ready=0 available=0 unavailable=4 terminating=0 [Progressing=True(NewReplicaSetCreated) Available=False(MinimumReplicasUnavailable)]
    "#]],
    );
}

#[test]
fn a_set_without_owner_is_adopted() {
    let mut world = web(json!({}));
    run(&mut world);
    let set = world.lister().list::<ReplicaSet>().next().expect("a set").clone();
    let key = ObjectKey::new(Kind::ReplicaSet, "default", set.metadata.name.clone());
    world.patch_at(&key, json!({"metadata": {"ownerReferences": []}}));
    world.settle();
    let set = world.lister().list::<ReplicaSet>().next().expect("a set");
    assert_eq!(set.metadata.controller().map(|owner| owner.name.as_str()), Some("web"));
}
