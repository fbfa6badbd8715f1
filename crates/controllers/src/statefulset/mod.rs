//! StatefulSet controller: pods with lasting names and claims, one per ordinal, made upwards and removed downwards.
//!
//! Models: pkg/controller/statefulset (Kubernetes 1.36). Upstream ends a pass early and waits for the watch to show
//! what it did; so does this one, as each pass reads the present.

mod control;
mod hands;
mod identity;
mod retention;
mod revision;
mod status;
mod waits;

use crate::pod_control::{Owner, claim, look_time, owner_keys};
use crate::{Controller, Ctx, Decision};
use api::{Kind, Object, ObjectKey, Pod, Resource, StatefulSet};
use apiserver::{Change, Lister, Plan, WatchEvent};

/// The row of this controller.
pub const CONTROLLER: Controller =
    Controller { name: "statefulset-controller", keys, reconcile, period: None, when: None };

fn keys(event: &WatchEvent, lister: Lister<'_>, keys: &mut Vec<ObjectKey>) {
    match &event.object {
        Object::StatefulSet(_) if event.change != Change::Deleted => keys.push(event.object.key()),
        Object::Pod(_) => owner_keys::<StatefulSet>(event, lister, |set| &set.spec.selector, keys),
        // A claim that is gone may be made anew. (Upstream only meets it at the next change of a pod.)
        Object::PersistentVolumeClaim(claim) if event.change == Change::Deleted => {
            let sets = lister.list_in::<StatefulSet>(&claim.metadata.namespace);
            let makers = sets.filter(|set| identity::is_claim_of(set, &claim.metadata.name));
            keys.extend(makers.map(|set| set.key()));
        }
        _ => {}
    }
}

fn reconcile(ctx: &Ctx<'_>, key: &ObjectKey) -> Decision {
    debug_assert_eq!(key.kind, Kind::StatefulSet);
    let Some(set) = ctx.lister.get::<StatefulSet>(&key.namespace, &key.name) else {
        return Decision::default();
    };
    let mut plan = Plan::default();
    let owner = Owner::new(&**set, &set.spec.selector);
    let pods = claim::<Pod>(&owner, ctx.lister, |pod| identity::is_member(set, pod), &mut plan);
    plan.took = look_time(pods.len());
    control::plan(set, ctx.lister, ctx.now, &pods, plan).into()
}

#[cfg(test)]
mod tests {
    use super::CONTROLLER;
    use crate::world::World;
    use api::{ControllerRevision, Kind, ObjectKey, StatefulSet};
    use expect_test::{Expect, expect};
    use serde_json::{Value, json};

    /// A world with a set `web` of three pods; `spec` is merged into its spec.
    fn web(spec: Value) -> World {
        let mut world = World::new(&CONTROLLER, Kind::StatefulSet, "web");
        let mut set = json!({
            "apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": {"name": "web"},
            "spec": {
                "serviceName": "web", "replicas": 3, "selector": {"matchLabels": {"app": "web"}},
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

    /// The claim templates of a set whose pods have a claim each.
    fn claims() -> Value {
        json!([{
            "metadata": {"name": "www"},
            "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}},
        }])
    }

    /// Such a world once all pods are Ready.
    fn running(spec: Value) -> World {
        let mut world = web(spec);
        world.run();
        world
    }

    fn image(tag: &str) -> Value {
        json!({"spec": {"template": {"spec": {"containers": [{"name": "nginx", "image": format!("nginx:{tag}")}]}}}})
    }

    fn check(world: &mut World, expected: Expect) {
        expected.assert_eq(&world.step());
    }

    #[test]
    fn pods_are_created_one_by_one_once_the_one_before_is_ready() {
        let mut world = web(json!({}));
        check(
            &mut world,
            expect![[r#"
            create ControllerRevision default/web-84df6466
            create pod web-0 web-84df6466
              SuccessfulCreate Create Pod web-0 in StatefulSet web successful
            status availableReplicas=0 currentRevision=web-84df6466 observedGeneration=1 replicas=0 updateRevision=web-84df6466
            wait OrderedReady: web-1 is not created yet: OrderedReady waits for web-0 to be Running and Ready
        "#]],
        );
        check(
            &mut world,
            expect![[r#"
            status availableReplicas=0 currentReplicas=1 currentRevision=web-84df6466 observedGeneration=1 replicas=1 updateRevision=web-84df6466 updatedReplicas=1
            wait OrderedReady: web-1 is not created yet: OrderedReady waits for web-0 to be Running and Ready
        "#]],
        );
        world.ready("web-0");
        check(
            &mut world,
            expect![[r#"
            create pod web-1 web-84df6466
              SuccessfulCreate Create Pod web-1 in StatefulSet web successful
            status availableReplicas=1 currentReplicas=1 currentRevision=web-84df6466 observedGeneration=1 readyReplicas=1 replicas=1 updateRevision=web-84df6466 updatedReplicas=1
            wait OrderedReady: web-2 is not created yet: OrderedReady waits for web-1 to be Running and Ready
        "#]],
        );
        check(
            &mut world,
            expect![[r#"
            status availableReplicas=1 currentReplicas=2 currentRevision=web-84df6466 observedGeneration=1 readyReplicas=1 replicas=2 updateRevision=web-84df6466 updatedReplicas=2
            wait OrderedReady: web-2 is not created yet: OrderedReady waits for web-1 to be Running and Ready
        "#]],
        );
        world.run();
        check(&mut world, expect![[""]]);
    }

    #[test]
    fn parallel_creates_and_removes_all_at_once() {
        let mut world = web(json!({"podManagementPolicy": "Parallel"}));
        check(
            &mut world,
            expect![[r#"
            create ControllerRevision default/web-84df6466
            create pod web-0 web-84df6466
              SuccessfulCreate Create Pod web-0 in StatefulSet web successful
            create pod web-1 web-84df6466
              SuccessfulCreate Create Pod web-1 in StatefulSet web successful
            create pod web-2 web-84df6466
              SuccessfulCreate Create Pod web-2 in StatefulSet web successful
            status availableReplicas=0 currentRevision=web-84df6466 observedGeneration=1 replicas=0 updateRevision=web-84df6466
        "#]],
        );
        world.run();
        world.patch(json!({"spec": {"replicas": 1}}));
        check(
            &mut world,
            expect![[r#"
            delete Pod default/web-2
              SuccessfulDelete Delete Pod web-2 in StatefulSet web successful
            delete Pod default/web-1
              SuccessfulDelete Delete Pod web-1 in StatefulSet web successful
            status availableReplicas=3 currentReplicas=3 currentRevision=web-84df6466 observedGeneration=2 readyReplicas=3 replicas=3 updateRevision=web-84df6466 updatedReplicas=3
        "#]],
        );
    }

    #[test]
    fn surplus_pods_go_from_the_top_each_after_the_other() {
        let mut world = running(json!({}));
        world.patch(json!({"spec": {"replicas": 0}}));
        check(
            &mut world,
            expect![[r#"
                delete Pod default/web-2
                  SuccessfulDelete Delete Pod web-2 in StatefulSet web successful
                status availableReplicas=3 currentReplicas=3 currentRevision=web-84df6466 observedGeneration=2 readyReplicas=3 replicas=3 updateRevision=web-84df6466 updatedReplicas=3
                wait OrderedReady: web-1 is not removed yet: the scale-down waits for web-2 to be gone
            "#]],
        );
        check(
            &mut world,
            expect![[r#"
                status availableReplicas=3 currentReplicas=2 currentRevision=web-84df6466 observedGeneration=2 readyReplicas=3 replicas=3 updateRevision=web-84df6466 updatedReplicas=2
                wait OrderedReady: web-1 is not removed yet: the scale-down waits for web-2 to be gone
            "#]],
        );
        world.gone("web-2");
        world.set_status("web-0", "Running", false);
        world.set_status("web-1", "Running", false);
        check(
            &mut world,
            expect![[r#"
            status availableReplicas=0 currentReplicas=2 currentRevision=web-84df6466 observedGeneration=2 replicas=2 updateRevision=web-84df6466 updatedReplicas=2
            wait OrderedReady: web-1 is not removed yet: the scale-down waits for web-0 to be Running and Ready
        "#]],
        );
    }

    #[test]
    fn an_update_goes_from_the_top_one_pod_at_a_time() {
        let mut world = running(json!({}));
        world.patch(image("2"));
        check(
            &mut world,
            expect![[r#"
            create ControllerRevision default/web-5b689bfc8c
            delete Pod default/web-2
              SuccessfulDelete Delete Pod web-2 in StatefulSet web successful
            status availableReplicas=3 currentReplicas=2 currentRevision=web-84df6466 observedGeneration=2 readyReplicas=3 replicas=3 updateRevision=web-5b689bfc8c
            wait RollingUpdate: web-1 is not updated yet: the rolling update waits for web-2 to be replaced and Ready
        "#]],
        );
        check(
            &mut world,
            expect![[r#"
            wait RollingUpdate: web-1 is not updated yet: the rolling update waits for web-2 to be gone
        "#]],
        );
        world.gone("web-2");
        check(
            &mut world,
            expect![[r#"
            create pod web-2 web-5b689bfc8c
              SuccessfulCreate Create Pod web-2 in StatefulSet web successful
            status availableReplicas=2 currentReplicas=2 currentRevision=web-84df6466 observedGeneration=2 readyReplicas=2 replicas=2 updateRevision=web-5b689bfc8c
            wait RollingUpdate: web-1 is not updated yet: the rolling update waits for web-2 to be Running and Ready
        "#]],
        );
        world.ready("web-2");
        check(
            &mut world,
            expect![[r#"
            delete Pod default/web-1
              SuccessfulDelete Delete Pod web-1 in StatefulSet web successful
            status availableReplicas=3 currentReplicas=1 currentRevision=web-84df6466 observedGeneration=2 readyReplicas=3 replicas=3 updateRevision=web-5b689bfc8c updatedReplicas=1
            wait RollingUpdate: web-0 is not updated yet: the rolling update waits for web-1 to be replaced and Ready
        "#]],
        );
        world.gone("web-1");
        world.run();
        world.gone("web-0");
        world.run();
        check(&mut world, expect![[""]]);
        let status = &world.lister().get::<StatefulSet>("default", "web").expect("the set").status;
        assert_eq!((status.current_replicas, &status.current_revision), (3, &status.update_revision));
    }

    #[test]
    fn going_back_reuses_the_old_revision_and_the_limit_drops_the_rest() {
        let mut world = running(json!({"revisionHistoryLimit": 0, "updateStrategy": {"type": "OnDelete"}}));
        world.patch(image("2"));
        check(
            &mut world,
            expect![[r#"
                create ControllerRevision default/web-5b689bfc8c
                status availableReplicas=3 currentReplicas=3 currentRevision=web-84df6466 observedGeneration=2 readyReplicas=3 replicas=3 updateRevision=web-5b689bfc8c
                wait OnDelete: web-0, web-1 and web-2 are not updated: with OnDelete a pod gets the new template only after somebody deletes it
            "#]],
        );
        world.patch(image("1"));
        check(
            &mut world,
            expect![[r#"
                update ControllerRevision default/web-84df6466 owners=[web] revision=3
                status availableReplicas=3 currentReplicas=3 currentRevision=web-84df6466 observedGeneration=3 readyReplicas=3 replicas=3 updateRevision=web-84df6466 updatedReplicas=3
                delete ControllerRevision default/web-5b689bfc8c
            "#]],
        );
        let revisions =
            world.lister().list::<ControllerRevision>().map(|r| format!("{} {}\n", r.metadata.name, r.revision));
        expect![[r#"
            web-84df6466 3
        "#]]
        .assert_eq(&revisions.collect::<String>());
    }

    #[test]
    fn a_partition_holds_back_the_lower_ordinals() {
        let mut world = running(json!({}));
        world.patch(json!({"spec": {"updateStrategy": {"rollingUpdate": {"partition": 3}}}}));
        world.patch(image("2"));
        check(
            &mut world,
            expect![[r#"
            create ControllerRevision default/web-5b689bfc8c
            status availableReplicas=3 currentReplicas=3 currentRevision=web-84df6466 observedGeneration=3 readyReplicas=3 replicas=3 updateRevision=web-5b689bfc8c
            wait Partition: web-0, web-1 and web-2 are not updated: partition 3 holds back the ordinals below 3
        "#]],
        );
        world.delete(Kind::Pod, "web-1");
        world.gone("web-1");
        check(
            &mut world,
            expect![[r#"
            create pod web-1 web-84df6466
              SuccessfulCreate Create Pod web-1 in StatefulSet web successful
            status availableReplicas=2 currentReplicas=2 currentRevision=web-84df6466 observedGeneration=3 readyReplicas=2 replicas=2 updateRevision=web-5b689bfc8c
        "#]],
        );
        world.ready("web-1");
        world.settle();
        world.patch(json!({"spec": {"updateStrategy": {"rollingUpdate": {"partition": 2}}}}));
        check(
            &mut world,
            expect![[r#"
            delete Pod default/web-2
              SuccessfulDelete Delete Pod web-2 in StatefulSet web successful
            status availableReplicas=3 currentReplicas=2 currentRevision=web-84df6466 observedGeneration=4 readyReplicas=3 replicas=3 updateRevision=web-5b689bfc8c
        "#]],
        );
    }

    #[test]
    fn a_broken_update_sticks_under_ordered_ready() {
        let mut world = running(json!({}));
        world.patch(image("broken"));
        world.settle();
        world.gone("web-2");
        world.settle();
        world.patch(image("1"));
        world.settle();
        check(
            &mut world,
            expect![[r#"
            wait StuckRollout: web-2 has an older template and is not Ready: OrderedReady waits for it and does not replace it; the update goes on once web-2 is Ready or is deleted by hand
        "#]],
        );
        world.delete(Kind::Pod, "web-2");
        check(
            &mut world,
            expect![[r#"
            create pod web-2 web-84df6466
              SuccessfulCreate Create Pod web-2 in StatefulSet web successful
            status availableReplicas=2 currentReplicas=2 currentRevision=web-84df6466 observedGeneration=3 readyReplicas=2 replicas=2 updateRevision=web-84df6466 updatedReplicas=2
        "#]],
        );
    }

    #[test]
    fn failed_and_succeeded_pods_are_replaced() {
        let mut world = running(json!({}));
        world.set_status("web-1", "Failed", false);
        check(
            &mut world,
            expect![[r#"
            delete Pod default/web-1
              SuccessfulDelete Delete Pod web-1 in StatefulSet web successful
            status availableReplicas=2 currentReplicas=3 currentRevision=web-84df6466 observedGeneration=1 readyReplicas=2 replicas=3 updateRevision=web-84df6466 updatedReplicas=3
        "#]],
        );
        check(
            &mut world,
            expect![[r#"
            create pod web-1 web-84df6466
              SuccessfulCreate Create Pod web-1 in StatefulSet web successful
            status availableReplicas=2 currentReplicas=2 currentRevision=web-84df6466 observedGeneration=1 readyReplicas=2 replicas=2 updateRevision=web-84df6466 updatedReplicas=2
        "#]],
        );
    }

    #[test]
    fn min_ready_seconds_slow_each_step() {
        let mut world = web(json!({"minReadySeconds": 10}));
        world.step();
        world.ready("web-0");
        world.pass_time(4);
        check(
            &mut world,
            expect![[r#"
                status availableReplicas=0 currentReplicas=1 currentRevision=web-84df6466 observedGeneration=1 readyReplicas=1 replicas=1 updateRevision=web-84df6466 updatedReplicas=1
                requeue 6s
                wait MinReadySeconds: web-1 is not created yet: OrderedReady waits for web-0 to be Ready for 10 s (minReadySeconds)
            "#]],
        );
        world.pass_time(6);
        check(
            &mut world,
            expect![[r#"
                create pod web-1 web-84df6466
                  SuccessfulCreate Create Pod web-1 in StatefulSet web successful
                status availableReplicas=1 currentReplicas=1 currentRevision=web-84df6466 observedGeneration=1 readyReplicas=1 replicas=1 updateRevision=web-84df6466 updatedReplicas=1
                wait OrderedReady: web-2 is not created yet: OrderedReady waits for web-1 to be Running and Ready
            "#]],
        );
    }

    #[test]
    fn ordinals_may_start_higher() {
        let mut world = running(json!({"replicas": 1}));
        world.patch(json!({"spec": {"ordinals": {"start": 5}}}));
        check(
            &mut world,
            expect![[r#"
                create pod web-5 web-84df6466
                  SuccessfulCreate Create Pod web-5 in StatefulSet web successful
                status availableReplicas=1 currentReplicas=1 currentRevision=web-84df6466 observedGeneration=2 readyReplicas=1 replicas=1 updateRevision=web-84df6466 updatedReplicas=1
                wait OrderedReady: web-0 is not removed yet: OrderedReady waits for web-5 to be Running and Ready
            "#]],
        );
    }

    #[test]
    fn claims_come_before_their_pod_and_a_leaving_one_holds_it_back() {
        let mut world = web(json!({"replicas": 1, "volumeClaimTemplates": claims()}));
        check(
            &mut world,
            expect![[r#"
                create ControllerRevision default/web-84df6466
                create PersistentVolumeClaim default/www-web-0
                  SuccessfulCreate Create Claim www-web-0 Pod web-0 in StatefulSet web success
                create pod web-0 web-84df6466
                  SuccessfulCreate Create Pod web-0 in StatefulSet web successful
                status availableReplicas=0 currentRevision=web-84df6466 observedGeneration=1 replicas=0 updateRevision=web-84df6466
            "#]],
        );
        world.ready("web-0");
        world.settle();
        let claim = ObjectKey::new(Kind::PersistentVolumeClaim, "default", "www-web-0");
        world.patch_at(&claim, json!({"metadata": {"finalizers": ["kubernetes.io/pvc-protection"]}}));
        world.delete(Kind::PersistentVolumeClaim, "www-web-0");
        world.delete(Kind::Pod, "web-0");
        world.gone("web-0");
        check(
            &mut world,
            expect![[r#"
                create PersistentVolumeClaim default/www-web-0
                  else FailedCreate Create Pod web-0 in StatefulSet web failed error: pvc www-web-0 is being deleted
                status availableReplicas=0 currentRevision=web-84df6466 observedGeneration=1 replicas=0 updateRevision=web-84df6466
                wait ClaimTerminating: web-0 waits for its claim www-web-0, which is being deleted
                error: persistentvolumeclaims "www-web-0" already exists
            "#]],
        );
    }

    #[test]
    fn the_retention_policy_gives_claims_to_the_set_or_to_pods_scaled_away() {
        let policy = json!({"whenDeleted": "Delete", "whenScaled": "Delete"});
        let claims = claims();
        let mut world = web(json!({
            "replicas": 2, "volumeClaimTemplates": claims, "persistentVolumeClaimRetentionPolicy": policy,
        }));
        world.step();
        check(
            &mut world,
            expect![[r#"
                update PersistentVolumeClaim default/www-web-0 owners=[web]
                status availableReplicas=0 currentReplicas=1 currentRevision=web-84df6466 observedGeneration=1 replicas=1 updateRevision=web-84df6466 updatedReplicas=1
                wait OrderedReady: web-1 is not created yet: OrderedReady waits for web-0 to be Running and Ready
            "#]],
        );
        world.run();
        world.patch(json!({"spec": {"replicas": 1}}));
        check(
            &mut world,
            expect![[r#"
                update PersistentVolumeClaim default/www-web-1 owners=[web-1]
                delete Pod default/web-1
                  SuccessfulDelete Delete Pod web-1 in StatefulSet web successful
                status availableReplicas=2 currentReplicas=2 currentRevision=web-84df6466 observedGeneration=2 readyReplicas=2 replicas=2 updateRevision=web-84df6466 updatedReplicas=2
            "#]],
        );
    }

    #[test]
    fn pods_are_adopted_and_released_by_their_labels() {
        let mut world = web(json!({"replicas": 2}));
        for (name, labels) in
            [("web-0", json!({"app": "web"})), ("other-0", json!({"app": "web"})), ("web-1", json!({}))]
        {
            world.create(json!({
                "apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "labels": labels},
                "spec": {"containers": [{"name": "nginx", "image": "nginx:1"}]},
            }));
        }
        world.ready("web-0");
        check(
            &mut world,
            expect![[r#"
                update Pod default/web-0 owners=[web]
                create ControllerRevision default/web-84df6466
                update Pod default/web-0 owners=[web]
                  SuccessfulUpdate Update Pod web-0 in StatefulSet web successful
                create pod web-1 web-84df6466
                status availableReplicas=1 currentRevision=web-84df6466 observedGeneration=1 readyReplicas=1 replicas=1 updateRevision=web-84df6466
                wait NameTaken: web-1 is not created: a pod of that name exists that is not the set's
                error: pods "web-1" already exists
            "#]],
        );
        check(
            &mut world,
            expect![[r#"
            create pod web-1 web-84df6466
            wait NameTaken: web-1 is not created: a pod of that name exists that is not the set's
            error: pods "web-1" already exists
        "#]],
        );
        world.patch_at(&ObjectKey::new(Kind::Pod, "default", "web-0"), json!({"metadata": {"labels": {"app": "x"}}}));
        check(
            &mut world,
            expect![[r#"
                update Pod default/web-0 owners=[]
                create pod web-0 web-84df6466
                status availableReplicas=0 currentRevision=web-84df6466 observedGeneration=1 replicas=0 updateRevision=web-84df6466
                wait NameTaken: web-0 is not created: a pod of that name exists that is not the set's
                error: pods "web-0" already exists
            "#]],
        );
    }

    #[test]
    fn a_set_that_is_being_deleted_only_counts() {
        let mut world = running(json!({}));
        let options =
            apiserver::DeleteOptions { propagation: apiserver::Propagation::Foreground, ..Default::default() };
        world.server.delete(&ObjectKey::new(Kind::StatefulSet, "default", "web"), &options).expect("deleted");
        world.delete(Kind::Pod, "web-1");
        check(
            &mut world,
            expect![[r#"
            status availableReplicas=3 currentReplicas=2 currentRevision=web-84df6466 observedGeneration=2 readyReplicas=3 replicas=3 updateRevision=web-84df6466 updatedReplicas=2
        "#]],
        );
    }
}
