//! The answer to "Why?" about one object: follows the waits from it to the root.

use super::{Context, remedies};
use super::{event_row, reference, scheduling, text};
use crate::{Cause, ObjectRef, Text, Why, WhyStep};
use api::{Event, Kind, Object, ObjectKey, Pod, pod_status};
use cluster::{Cluster, WaitRecord};
use std::rc::Rc;

/// The longest chain that is followed.
const LONGEST: usize = 8;

/// Why an object waits, or why a pod is where it is.
pub fn why(cluster: &Cluster, target: &ObjectRef) -> Why {
    let ctx = Context::new(cluster);
    let Some(key) = key_of(target) else { return Why::default() };
    let keys = chain(&ctx, &key);
    let root = keys.last().unwrap_or(&key).clone();
    let record = keys.iter().rev().find_map(|key| ctx.wait(key));
    let steps: Vec<WhyStep> = keys.iter().map(|key| step(&ctx, key)).collect();
    let waits = record.is_some() || steps.iter().any(|step| !step.rule.is_empty());
    let pod = [&root, &key].into_iter().find(|key| key.kind == Kind::Pod);
    let trace = pod.and_then(|pod| cluster.scheduler().trace(pod));
    Why {
        event: latest_event(&ctx, &root).or_else(|| latest_event(&ctx, &key)),
        cause: record.and_then(|record| cause(&ctx, record)),
        scheduling: trace.map(|trace| scheduling::table(trace)),
        remedies: if waits { remedies::of(&ctx, &keys, trace.map(Rc::as_ref)) } else { Vec::new() },
        chain: if waits { steps } else { Vec::new() },
    }
}

/// The key of an object of a modelled kind.
fn key_of(target: &ObjectRef) -> Option<ObjectKey> {
    let info = apiserver::resources().iter().find(|info| info.kind == &*target.kind)?;
    let kind = Kind::modelled(&info.api_version(), info.kind)?;
    Some(ObjectKey::new(kind, &*target.namespace, &*target.name))
}

/// Who waits for whom, from this object on.
fn chain(ctx: &Context<'_>, key: &ObjectKey) -> Vec<ObjectKey> {
    let mut keys = vec![key.clone()];
    while let Some(next) = next(ctx, &keys[keys.len() - 1])
        && keys.len() < LONGEST
        && !keys.contains(&next)
    {
        keys.push(next);
    }
    keys
}

/// What an object waits for: what its wait names, else the first of its dependents that waits itself.
fn next(ctx: &Context<'_>, key: &ObjectKey) -> Option<ObjectKey> {
    if let Some(record) = ctx.wait(key) {
        // A pod and its claim may wait for each other: the claim for its first consumer. The node is then the root.
        return record.wait.awaits.first().cloned();
    }
    let object = ctx.lister.object(key)?;
    let dependents = ctx.lister.owned_by(&object.meta().uid).map(Object::key);
    let waiting = dependents.filter(|dependent| dependent.kind != Kind::ControllerRevision);
    waiting.into_iter().find(|dependent| ctx.wait(dependent).is_some() || has_waiting_dependent(ctx, dependent))
}

fn has_waiting_dependent(ctx: &Context<'_>, key: &ObjectKey) -> bool {
    key.kind == Kind::ReplicaSet
        && ctx
            .lister
            .object(key)
            .is_some_and(|set| ctx.lister.owned_by(&set.meta().uid).any(|pod| ctx.wait(&pod.key()).is_some()))
}

fn step(ctx: &Context<'_>, key: &ObjectKey) -> WhyStep {
    let target = reference(key);
    match ctx.wait(key) {
        Some(record) => WhyStep {
            target,
            rule: text(&record.wait.rule),
            sentence: sentence(&record.wait.message),
            keeper: text(record.reporter),
            doc: text(record.wait.doc),
        },
        None => WhyStep { sentence: state(ctx, key), target, rule: text(""), keeper: text(""), doc: text("") },
    }
}

/// A message as a sentence: a capital at its start, a full stop at its end.
fn sentence(message: &str) -> Text {
    let message = message.trim_end_matches('.');
    let starts_with_a_name = message.split(' ').next().is_some_and(|word| !word.chars().all(char::is_alphabetic));
    let mut letters = message.chars();
    let sentence = match letters.next() {
        Some(first) if !starts_with_a_name => first.to_uppercase().chain(letters).collect(),
        _ => message.to_owned(),
    };
    format!("{sentence}.").into()
}

/// What is to be said of an object that waits for nothing itself.
fn state(ctx: &Context<'_>, key: &ObjectKey) -> Text {
    match ctx.lister.object(key) {
        None => "It does not exist (yet).".into(),
        Some(Object::Pod(pod)) => {
            format!("It is {} ({} ready).", pod_status(pod).status, pod_status(pod).ready_text()).into()
        }
        Some(Object::Node(node)) if node.is_ready() => "It is Ready.".into(),
        Some(Object::Node(_)) => "It is not Ready.".into(),
        Some(Object::PersistentVolumeClaim(claim)) => format!("It is {}.", claim.status.phase).into(),
        Some(_) => "Some of what it made waits.".into(),
    }
}

fn latest_event(ctx: &Context<'_>, key: &ObjectKey) -> Option<crate::EventRow> {
    let uid = &ctx.lister.object(key)?.meta().uid;
    let about = ctx.lister.events_about(uid);
    let latest = about.max_by_key(|event: &&Rc<Event>| (event.last_seen(), event.metadata.resource_version))?;
    Some(event_row(ctx, latest))
}

/// The field that a rule comes from, in the manifest of the object that people wrote.
fn cause(ctx: &Context<'_>, record: &WaitRecord) -> Option<Cause> {
    let who = &record.wait.who;
    let pod = match ctx.lister.object(who) {
        Some(Object::Pod(pod)) => Some(pod),
        _ => None,
    };
    let field: &str = match record.wait.rule.as_str() {
        "OrderedReady" => "podManagementPolicy",
        "OnDelete" | "Partition" | "RollingUpdate" if who.kind != Kind::Deployment => "updateStrategy",
        "RollingUpdate" | "Recreate" => "strategy",
        "Paused" => "paused",
        "Suspended" => "suspend",
        "StuckRollout" => "template/spec/containers/0/image",
        "ErrImagePull" | "ImagePullBackOff" | "InvalidImageName" | "ErrImageNeverPull" => "containers/0/image",
        "CrashLoopBackOff" | "BackOff" => "containers/0",
        "ReadinessProbe" => "containers/0/readinessProbe",
        "StartupProbe" => "containers/0/startupProbe",
        "FailedMount" => "volumes",
        "CreateContainerConfigError" => "containers/0/env",
        "ProvisioningFailed" | "FailedBinding" | "WaitForFirstConsumer" if pod.is_none() => "storageClassName",
        "FailedScheduling" => scheduling_field(&record.wait.message),
        "TolerationSeconds" | "NodeUnreachable" => "tolerations",
        _ => "",
    };
    let path = |prefix: &[&str]| {
        let names = prefix.iter().copied().chain(field.split('/').filter(|name| !name.is_empty()));
        names.map(text).collect()
    };
    match pod.map(|pod| (pod, super::pods::workload(ctx, pod))) {
        None => claim_cause(ctx, who, field).or_else(|| Some(Cause { object: reference(who), path: path(&["spec"]) })),
        Some((_, Some(owner))) => Some(Cause { path: path(template_of(&owner.kind)), object: owner }),
        Some((pod, None)) => Some(Cause { path: path(&["spec"]), object: reference(&key_of_pod(pod)) }),
    }
}

/// Where a workload of this kind has the spec of its pods.
fn template_of(kind: &str) -> &'static [&'static str] {
    match kind {
        "CronJob" => &["spec", "jobTemplate", "spec", "template", "spec"],
        _ => &["spec", "template", "spec"],
    }
}

fn key_of_pod(pod: &Pod) -> ObjectKey {
    ObjectKey::new(Kind::Pod, pod.metadata.namespace.clone(), pod.metadata.name.clone())
}

/// A claim that a StatefulSet made is written in its templates.
fn claim_cause(ctx: &Context<'_>, who: &ObjectKey, field: &str) -> Option<Cause> {
    if who.kind != Kind::PersistentVolumeClaim {
        return None;
    }
    let pod = ctx.lister.pods_using_claim(&who.namespace, &who.name).next()?;
    let owner = super::pods::workload(ctx, pod).filter(|owner| &*owner.kind == "StatefulSet")?;
    let path = ["spec", "volumeClaimTemplates", "0", "spec", field];
    Some(Cause { object: owner, path: path.into_iter().filter(|name| !name.is_empty()).map(text).collect() })
}

fn scheduling_field(message: &str) -> &'static str {
    let fields = [
        ("free ", "containers/0/resources"),
        ("taint", "tolerations"),
        ("node selector", "nodeSelector"),
        ("affinity", "affinity"),
        ("spread", "topologySpreadConstraints"),
        ("host port", "containers/0/ports"),
        ("claim", "volumes"),
        ("volume", "volumes"),
    ];
    fields.into_iter().find(|(word, _)| message.contains(word)).map_or("", |(_, field)| field)
}
