//! Namespace controller: empties a namespace that is being deleted, its pods first, then lets it go.
//!
//! Models: pkg/controller/namespace (namespace_controller.go, deletion/namespaced_resources_deleter.go and
//! status_condition_utils.go).

use crate::{Controller, Ctx, Decision, Look};
use api::{Namespace, NamespaceStatus, Object, ObjectKey, Pod, Resource, Time, Wire};
use apiserver::{Change, DeleteOptions, Lister, Plan, Step, Wait, WatchEvent, Write};
use serde_json::{Value, json};
use sim::SimDuration;
use std::collections::BTreeMap;

/// The controller that deletes namespaces.
pub const CONTROLLER: Controller =
    Controller { name: "namespace", keys, reconcile, period: None, when: Some(|_, _, _| Look::Gathered(GRACE)) };

/// How long a namespace is left alone after each change, so that all API servers know of it.
const GRACE: SimDuration = SimDuration::from_secs(5);
/// How long objects with finalizers are thought to take, in seconds.
const FINALIZER_ESTIMATE: i64 = 15;

fn keys(event: &WatchEvent, _: Lister<'_>, keys: &mut Vec<ObjectKey>) {
    if let Object::Namespace(namespace) = &event.object
        && namespace.metadata.is_terminating()
        && event.change != Change::Deleted
    {
        keys.push(namespace.key());
    }
}

/// What is left in a namespace after this look.
#[derive(Default)]
struct Left {
    /// How many of each resource.
    resources: BTreeMap<String, usize>,
    /// How many objects are held by each finalizer.
    finalizers: BTreeMap<String, usize>,
    /// How many seconds it may take, at most.
    estimate: i64,
    objects: Vec<ObjectKey>,
}

fn reconcile(ctx: &Ctx<'_>, key: &ObjectKey) -> Decision {
    let mut plan = Plan::default();
    let going = ctx.lister.get::<Namespace>("", &key.name).filter(|namespace| namespace.metadata.is_terminating());
    let Some(namespace) = going.filter(|namespace| !namespace.spec.finalizers.is_empty()) else { return plan.into() };
    let content: Vec<&Object> = ctx.lister.everything().filter(|object| object.meta().namespace == key.name).collect();
    let (pods, others): (Vec<&Object>, Vec<&Object>) = content.into_iter().partition(|o| matches!(o, Object::Pod(_)));
    let mut left = Left::default();
    let since = ctx.now.since(namespace.metadata.deletion_timestamp.unwrap_or(ctx.now));
    delete_all(ctx, &pods, since, &mut plan, &mut left);
    let pods_remain = !left.resources.is_empty();
    if !pods_remain {
        delete_all(ctx, &others, since, &mut plan, &mut left);
    }
    // While pods remain, upstream does not look at what else there is.
    let told = if pods_remain { Left::default() } else { Left { objects: Vec::new(), ..clone_counts(&left) } };
    let mut marked = Namespace::clone(namespace);
    marked.status = status(&namespace.status, &told, ctx.now);
    if marked.status != namespace.status {
        plan.write(Write::UpdateStatus(marked.into_object()));
    }
    if left.resources.is_empty() {
        let mut freed = Namespace::clone(namespace);
        freed.spec.finalizers = Default::default();
        // The status write above has already changed the stored version.
        freed.metadata.resource_version = Default::default();
        plan.write(Write::Update(freed.into_object()));
        return plan.into();
    }
    let seconds = u64::try_from(left.estimate / 2 + 1).unwrap_or(1);
    plan.requeue(SimDuration::from_secs(seconds));
    plan.waits.push(Wait {
        who: key.clone(),
        message: format!("{} is Terminating until the {} objects in it are gone", key.name, left.objects.len()),
        awaits: left.objects.into_iter().take(10).collect(),
        rule: "NamespaceContentRemaining".into(),
        doc: "concepts/overview/working-with-objects/namespaces/",
    });
    plan.into()
}

fn clone_counts(left: &Left) -> Left {
    Left { resources: left.resources.clone(), finalizers: left.finalizers.clone(), ..Left::default() }
}

/// Deletes objects and notes those that will not be gone at once.
fn delete_all(ctx: &Ctx<'_>, objects: &[&Object], since: SimDuration, plan: &mut Plan, left: &mut Left) {
    for object in objects {
        let meta = object.meta();
        if !meta.is_terminating() {
            let options = DeleteOptions { uid: Some(meta.uid.clone()), ..Default::default() };
            let write = Write::Delete(object.key(), options);
            plan.steps.push(Step { write, on_success: None, on_failure: None, keep_going: true });
        }
        let grace = grace_seconds(object);
        if meta.finalizers.is_empty() && grace == 0 {
            continue;
        }
        let name = ctx.lister.resource(object.kind()).map_or_else(String::new, |info| {
            // Upstream writes the dot also where there is no group.
            format!("{}.{}", info.plural, info.group)
        });
        *left.resources.entry(name).or_default() += 1;
        for finalizer in &meta.finalizers {
            *left.finalizers.entry(finalizer.to_string()).or_default() += 1;
        }
        let grace_left = if since >= SimDuration::from_secs(u64::try_from(grace).unwrap_or(0)) { 0 } else { grace };
        let held = if meta.finalizers.is_empty() { 0 } else { FINALIZER_ESTIMATE };
        left.estimate = left.estimate.max(grace_left).max(held);
        left.objects.push(object.key());
    }
}

/// Seconds that a pod's containers get to stop; none if nothing runs.
fn grace_seconds(object: &Object) -> i64 {
    let Some(pod) = Pod::from_object(object) else { return 0 };
    if pod.spec.node_name.is_empty() || pod.is_finished() {
        return 0;
    }
    pod.spec.termination_grace_period_seconds.unwrap_or(30).max(0)
}

fn list(counts: &BTreeMap<String, usize>, between: &str) -> String {
    let texts: Vec<String> =
        counts.iter().map(|(name, count)| format!("{name} {between} {count} resource instances")).collect();
    texts.join(", ")
}

/// The status with every condition, those that hold and those that do not.
fn status(old: &NamespaceStatus, left: &Left, now: Time) -> NamespaceStatus {
    let ok = |ty: &str, reason: &str, message: &str| (ty.to_owned(), "False", reason.to_owned(), message.to_owned());
    let mut wanted = vec![
        ok("NamespaceDeletionDiscoveryFailure", "ResourcesDiscovered", "All resources successfully discovered"),
        ok(
            "NamespaceDeletionGroupVersionParsingFailure",
            "ParsedGroupVersions",
            "All legacy kube types successfully parsed",
        ),
        ok(
            "NamespaceDeletionContentFailure",
            "ContentDeleted",
            "All content successfully deleted, may be waiting on finalization",
        ),
        ok("NamespaceContentRemaining", "ContentRemoved", "All content successfully removed"),
        ok("NamespaceFinalizersRemaining", "ContentHasNoFinalizers", "All content-preserving finalizers finished"),
    ];
    if !left.resources.is_empty() {
        let message = format!("Some resources are remaining: {}", list(&left.resources, "has"));
        wanted[3] = (wanted[3].0.clone(), "True", "SomeResourcesRemain".to_owned(), message);
    }
    if !left.finalizers.is_empty() {
        let message =
            format!("Some content in the namespace has finalizers remaining: {}", list(&left.finalizers, "in"));
        wanted[4] = (wanted[4].0.clone(), "True", "SomeFinalizersRemain".to_owned(), message);
    }
    let before = old.rest.get("conditions").and_then(Value::as_array).cloned().unwrap_or_default();
    let conditions: Vec<Value> = wanted
        .into_iter()
        .map(|(ty, status, reason, message)| {
            let had = before.iter().find(|c| c["type"] == ty.as_str() && c["status"] == status);
            let time = had.map_or_else(|| now.write(), |condition| condition["lastTransitionTime"].clone());
            json!({"type": ty, "status": status, "reason": reason, "message": message, "lastTransitionTime": time})
        })
        .collect();
    let rest = old.rest.with("conditions", Value::Array(conditions));
    NamespaceStatus { phase: "Terminating".into(), rest }
}
