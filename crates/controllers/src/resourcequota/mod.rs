//! ResourceQuota controller: what is used of each quota, counted anew. The API server adds what is created; only here it
//! is seen that something is gone.
//!
//! Models: pkg/controller/resourcequota/resource_quota_controller.go (Kubernetes 1.36).

use crate::pod_control::look_time;
use crate::{Controller, Ctx, Decision};
use api::{Kind, Object, ObjectKey, Pod, Resource, ResourceList, ResourceQuota, ResourceQuotaStatus};
use apiserver::{Change, Lister, Plan, WatchEvent, Write, is_countable, measure_quota, sets_quota_free};
use sim::SimDuration;
use std::rc::Rc;

/// The row of this controller. Its keys are quotas, and in regular intervals all of them.
pub const CONTROLLER: Controller =
    Controller { name: "resourcequota", keys, reconcile, period: Some((PERIOD, everything)), when: None };

/// How often everything is counted anew, whatever was seen.
const PERIOD: SimDuration = SimDuration::from_secs(300);

fn everything() -> ObjectKey {
    ObjectKey::cluster(Kind::ResourceQuota, "")
}

fn keys(event: &WatchEvent, lister: Lister<'_>, keys: &mut Vec<ObjectKey>) {
    if let Object::ResourceQuota(quota) = &event.object {
        let old = event.old.as_ref().and_then(ResourceQuota::from_object);
        if event.change != Change::Deleted && old.is_none_or(|old| old.spec.hard != quota.spec.hard) {
            keys.push(quota.key());
        }
    }
    let frees = match &event.old {
        _ if event.change == Change::Deleted => is_countable(event.object.kind()),
        Some(old) => may_free(old, &event.object),
        None => false,
    };
    if frees {
        let quotas = lister.list_in::<ResourceQuota>(&event.object.meta().namespace);
        keys.extend(quotas.map(|quota| quota.key()).filter(|key| *key != event.object.key()));
    }
}

fn may_free(old: &Object, new: &Object) -> bool {
    // When a pod's grace is over is only seen by the regular look.
    let now = new.meta().creation_timestamp.unwrap_or_default();
    sets_quota_free(old, new, now)
}

fn reconcile(ctx: &Ctx<'_>, key: &ObjectKey) -> Decision {
    if *key == everything() {
        let wake = ctx.lister.list::<ResourceQuota>().map(|quota| quota.key()).collect();
        return Decision { wake, ..Default::default() };
    }
    let mut plan = Plan::default();
    if let Some(quota) = ctx.lister.get::<ResourceQuota>(&key.namespace, &key.name) {
        count(ctx, quota, &mut plan);
    }
    plan.into()
}

/// Models: syncResourceQuota.
fn count(ctx: &Ctx<'_>, quota: &Rc<ResourceQuota>, plan: &mut Plan) {
    plan.took = look_time(ctx.lister.list_in::<Pod>(&quota.metadata.namespace).count());
    let hard = quota.spec.hard.clone();
    // What nothing counts keeps the use that it had.
    let known = quota.status.used.iter().filter(|(name, _)| hard.has(name));
    let known: ResourceList = known.map(|(name, amount)| (name.clone(), amount.clone())).collect();
    let measured = measure_quota(ctx.lister, quota, ctx.now);
    let used = measured.iter().fold(known, |all, (name, amount)| all.with(name, amount.clone()));
    let amounts = |list: &ResourceList| list.iter().map(|(name, q)| (name.clone(), q.milli())).collect::<Vec<_>>();
    if quota.status.hard == hard && amounts(&quota.status.used) == amounts(&used) {
        return;
    }
    let status = ResourceQuotaStatus { hard, used, ..quota.status.clone() };
    plan.write(Write::UpdateStatus(ResourceQuota { status, ..ResourceQuota::clone(quota) }.into_object()));
}

#[cfg(test)]
mod tests {
    use super::CONTROLLER;
    use crate::world::World;
    use api::{Kind, ResourceQuota, Wire};
    use expect_test::expect;
    use serde_json::{Value, json};

    fn world(spec: Value) -> World {
        let mut world = World::new(&CONTROLLER, Kind::ResourceQuota, "q");
        world.create(json!({"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": "q"}, "spec": spec}));
        world.step();
        world
    }

    fn used(world: &World) -> String {
        world.lister().get::<ResourceQuota>("default", "q").expect("a quota").status.used.write().to_string()
    }

    fn pod(name: &str, resources: Value) -> Value {
        json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name}, "spec": {"nodeName": "node-1",
            "containers": [{"name": "c", "image": "i", "resources": resources}]}})
    }

    fn refused(world: &mut World, body: Value) -> String {
        world.server.create_from(body).err().map_or_else(|| "created".to_owned(), |status| status.message)
    }

    #[test]
    fn pods_are_charged_when_they_come_and_freed_when_they_end() {
        let mut world =
            world(json!({"hard": {"pods": "2", "requests.cpu": "1", "limits.memory": "1Gi", "count/pods": 3}}));
        expect![[r#"{"count/pods":"0","limits.memory":"0","pods":"0","requests.cpu":"0"}"#]].assert_eq(&used(&world));
        let fits = json!({"requests": {"cpu": "600m"}, "limits": {"memory": "512Mi"}});
        expect![[
            r#"pods "bare" is forbidden: failed quota: q: must specify limits.memory for: c; requests.cpu for: c"#
        ]]
        .assert_eq(&refused(&mut world, pod("bare", json!({}))));
        expect!["created"].assert_eq(&refused(&mut world, pod("a", fits.clone())));
        expect![[r#"{"count/pods":"1","limits.memory":"512Mi","pods":"1","requests.cpu":"600m"}"#]]
            .assert_eq(&used(&world));
        expect![[r#"pods "b" is forbidden: exceeded quota: q, requested: requests.cpu=600m, used: requests.cpu=600m, limited: requests.cpu=1"#]].assert_eq(&refused(&mut world, pod("b", fits.clone())));
        world.set_status("a", "Succeeded", false);
        expect![[r#"
            status hard={count/pods:3,limits.memory:1Gi,pods:2,requests.cpu:1} used={count/pods:1,limits.memory:0,pods:0,requests.cpu:0}
        "#]].assert_eq(&world.step());
        expect![[r#"{"count/pods":"1","limits.memory":"0","pods":"0","requests.cpu":"0"}"#]].assert_eq(&used(&world));
        expect!["created"].assert_eq(&refused(&mut world, pod("b", fits)));
        expect![""].assert_eq(&world.step());
    }

    #[test]
    fn objects_are_counted() {
        let hard = json!({"services": "2", "services.nodeports": "1", "services.loadbalancers": 0, "configmaps": 2,
            "count/deployments.apps": 0, "persistentvolumeclaims": 1, "fast.storageclass.storage.k8s.io/requests.storage": "1Gi"});
        let mut world = world(json!({ "hard": hard }));
        let service = |name: &str, kind: &str| {
            json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": name},
            "spec": {"type": kind, "ports": [{"port": 80}]}})
        };
        expect!["created"].assert_eq(&refused(&mut world, service("a", "NodePort")));
        expect![[r#"services "b" is forbidden: exceeded quota: q, requested: services.nodeports=1, used: services.nodeports=1, limited: services.nodeports=1"#]].assert_eq(&refused(&mut world, service("b", "NodePort")));
        expect![[r#"services "b" is forbidden: exceeded quota: q, requested: services.loadbalancers=1,services.nodeports=1, used: services.loadbalancers=0,services.nodeports=1, limited: services.loadbalancers=0,services.nodeports=1"#]].assert_eq(&refused(&mut world, service("b", "LoadBalancer")));
        let claim = |name: &str, size: &str| {
            json!({"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": name},
            "spec": {"storageClassName": "fast", "accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": size}}}})
        };
        expect![[r#"persistentvolumeclaims "x" is forbidden: exceeded quota: q, requested: fast.storageclass.storage.k8s.io/requests.storage=2Gi, used: fast.storageclass.storage.k8s.io/requests.storage=0, limited: fast.storageclass.storage.k8s.io/requests.storage=1Gi"#]].assert_eq(&refused(&mut world, claim("x", "2Gi")));
        expect!["created"].assert_eq(&refused(&mut world, claim("x", "1Gi")));
        let map = |name: &str| json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}});
        expect!["created"].assert_eq(&refused(&mut world, map("1")));
        expect!["created"].assert_eq(&refused(&mut world, map("2")));
        expect![[r#"configmaps "3" is forbidden: exceeded quota: q, requested: configmaps=1, used: configmaps=2, limited: configmaps=2"#]].assert_eq(&refused(&mut world, map("3")));
        let deployment = json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "d"}, "spec": {
            "selector": {"matchLabels": {"a": "b"}}, "template": {"metadata": {"labels": {"a": "b"}}, "spec": {"containers": [{"name": "c", "image": "i"}]}}}});
        expect![[r#"deployments.apps "d" is forbidden: exceeded quota: q, requested: count/deployments.apps=1, used: count/deployments.apps=0, limited: count/deployments.apps=0"#]].assert_eq(&refused(&mut world, deployment));
        expect![[r#"{"configmaps":"2","count/deployments.apps":"0","fast.storageclass.storage.k8s.io/requests.storage":"1Gi","persistentvolumeclaims":"1","services":"1","services.loadbalancers":"0","services.nodeports":"1"}"#]].assert_eq(&used(&world));
        world.delete(Kind::ConfigMap, "1");
        expect![[r#"
            status hard={configmaps:2,count/deployments.apps:0,fast.storageclass.storage.k8s.io/requests.storage:1Gi,persistentvolumeclaims:1,services:2,services.loadbalancers:0,services.nodeports:1} used={configmaps:1,count/deployments.apps:0,fast.storageclass.storage.k8s.io/requests.storage:1Gi,persistentvolumeclaims:1,services:1,services.loadbalancers:0,services.nodeports:1}
        "#]].assert_eq(&world.step());
    }

    #[test]
    fn scopes_choose_the_pods() {
        let mut world = world(json!({"hard": {"pods": "0"}, "scopes": ["BestEffort"]}));
        expect![[r#"pods "poor" is forbidden: exceeded quota: q, requested: pods=1, used: pods=0, limited: pods=0"#]]
            .assert_eq(&refused(&mut world, pod("poor", json!({}))));
        expect!["created"].assert_eq(&refused(&mut world, pod("rich", json!({"requests": {"cpu": "1"}}))));
    }
}
