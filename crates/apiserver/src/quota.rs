//! Quotas: what objects count for, and whether one more is within bounds.
//!
//! Models: pkg/quota/v1/evaluator/core, staging/src/k8s.io/apiserver/pkg/quota/v1/generic and
//! pkg/admission/plugin/resourcequota/controller.go. The controller that counts anew uses the same measures.

use crate::lister::Lister;
use crate::resources::{kind_of, qualified_resource, resource, resources};
use crate::store::Store;
use api::{
    Affinity, Kind, Object, PersistentVolumeClaim, Pod, PodAffinityTerm, Quantity, Resource, ResourceList,
    ResourceQuota, ScopedResourceSelectorRequirement, Service, Status, Str, Time,
};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

const POD_RESOURCES: [&str; 11] = [
    "count/pods",
    "cpu",
    "memory",
    "ephemeral-storage",
    "requests.cpu",
    "requests.memory",
    "requests.ephemeral-storage",
    "limits.cpu",
    "limits.memory",
    "limits.ephemeral-storage",
    "pods",
];
/// If a quota bounds these, every container must name them.
const REQUIRED: [&str; 6] = ["cpu", "limits.cpu", "limits.memory", "memory", "requests.cpu", "requests.memory"];
const SERVICE_RESOURCES: [&str; 4] = ["count/services", "services", "services.loadbalancers", "services.nodeports"];
const CLAIM_RESOURCES: [&str; 2] = ["persistentvolumeclaims", "requests.storage"];
const CLASS_SUFFIX: &str = ".storageclass.storage.k8s.io/";
/// Kinds that quotas also know by their plain name.
const ALIASES: [&str; 4] = ["configmaps", "replicationcontrollers", "resourcequotas", "secrets"];

/// Whether objects of a kind count for a resource. Models: MatchingResources of the evaluators.
fn counts_for(kind: Kind, name: &str) -> bool {
    match kind {
        Kind::Pod => {
            let is_native = !name.contains('/') || name.contains("kubernetes.io/");
            POD_RESOURCES.contains(&name)
                || name.starts_with("hugepages-")
                || name.starts_with("requests.hugepages-")
                || !is_native && name.starts_with("requests.")
        }
        Kind::PersistentVolumeClaim => {
            let by_class = name.rsplit_once(CLASS_SUFFIX).map(|(_, resource)| resource);
            name == "count/persistentvolumeclaims" || CLAIM_RESOURCES.contains(&by_class.unwrap_or(name))
        }
        Kind::Service => SERVICE_RESOURCES.contains(&name),
        Kind::Event => false,
        kind => {
            let plural = qualified_resource(kind);
            name.strip_prefix("count/").map_or(ALIASES.contains(&name) && name == plural, |counted| counted == plural)
        }
    }
}

/// The kind that counts for a resource.
fn counted_kind(name: &str) -> Option<Kind> {
    let own = [Kind::Pod, Kind::PersistentVolumeClaim, Kind::Service];
    if let Some(kind) = own.into_iter().find(|kind| counts_for(*kind, name)) {
        return Some(kind);
    }
    let plural = name.strip_prefix("count/").or_else(|| ALIASES.contains(&name).then_some(name))?;
    let info = resources().iter().find(|info| info.namespaced && info.qualified_plural() == plural)?;
    kind_of(&info.api_version(), info.kind).filter(|kind| *kind != Kind::Event)
}

/// What an object counts for.
fn usage(object: &Object, now: Time) -> ResourceList {
    let one = || Quantity::decimal(1);
    match object {
        Object::Pod(pod) => pod_usage(pod, now),
        Object::PersistentVolumeClaim(claim) => claim_usage(claim),
        Object::Service(service) => service_usage(service),
        other => {
            let plural = qualified_resource(other.kind());
            let alias = ALIASES.iter().filter(|alias| **alias == plural).map(|alias| (Str::from(*alias), one()));
            alias.chain([(Str::from(format!("count/{plural}")), one())]).collect()
        }
    }
}

/// Models: PodUsageFunc. A pod that has ended, or should have, only counts as an object.
fn pod_usage(pod: &Pod, now: Time) -> ResourceList {
    let usage = ResourceList::default().with("count/pods", Quantity::decimal(1));
    if !holds_resources(pod, now) {
        return usage;
    }
    compute_usage(&pod.requests(), &pod.limits())
        .iter()
        .fold(usage, |all, (name, amount)| all.with(name, amount.clone()))
}

/// Models: QuotaV1Pod.
fn holds_resources(pod: &Pod, now: Time) -> bool {
    let grace = pod.metadata.deletion_grace_period_seconds.unwrap_or(0) * 1000;
    let due = pod.metadata.deletion_timestamp.map(|at| at.unix_millis() + grace);
    !pod.is_finished() && due.is_none_or(|due| now.unix_millis() <= due)
}

/// Models: podComputeUsageHelper.
fn compute_usage(requests: &ResourceList, limits: &ResourceList) -> ResourceList {
    let mut usage: BTreeMap<Str, Quantity> = BTreeMap::from([(Str::from("pods"), Quantity::decimal(1))]);
    let is_plain = |name: &str| matches!(name, "cpu" | "memory" | "ephemeral-storage");
    for (name, amount) in requests.iter() {
        let is_extended = name.contains('/') && !name.contains("kubernetes.io/");
        if is_plain(name) || name.starts_with("hugepages-") {
            usage.insert(name.clone(), amount.clone());
        } else if !is_extended {
            continue;
        }
        usage.insert(format!("requests.{name}").into(), amount.clone());
    }
    for (name, amount) in limits.iter().filter(|(name, _)| is_plain(name)) {
        usage.insert(format!("limits.{name}").into(), amount.clone());
    }
    usage.into()
}

fn claim_usage(claim: &PersistentVolumeClaim) -> ResourceList {
    let class = claim.spec.storage_class_name.as_ref().filter(|class| !class.is_empty());
    let asked = claim.spec.resources.requests.get("storage");
    let allocated = claim.status.allocated_resources.get("storage");
    let storage = asked.into_iter().chain(allocated).max_by_key(|amount| amount.milli()).filter(|_| asked.is_some());
    let mut usage = ResourceList::default().with("count/persistentvolumeclaims", Quantity::decimal(1));
    let counted = [("persistentvolumeclaims", Some(Quantity::decimal(1))), ("requests.storage", storage.cloned())];
    for (name, amount) in counted {
        let Some(amount) = amount else { continue };
        if let Some(class) = class {
            usage = usage.with(&format!("{class}{CLASS_SUFFIX}{name}"), amount.clone());
        }
        usage = usage.with(name, amount);
    }
    usage
}

fn service_usage(service: &Service) -> ResourceList {
    let spec = &service.spec;
    let given = spec.ports.iter().filter(|port| port.node_port != 0).count();
    let allocates = spec.rest.get("allocateLoadBalancerNodePorts").and_then(serde_json::Value::as_bool) != Some(false);
    let (node_ports, balancers) = match spec.r#type.as_str() {
        "NodePort" => (spec.ports.len(), 0),
        "LoadBalancer" if allocates => (spec.ports.len(), 1),
        "LoadBalancer" => (given, 1),
        _ => (0, 0),
    };
    let amount = |count: usize| Quantity::decimal(i64::try_from(count).unwrap_or(i64::MAX));
    let counts = [
        ("count/services", 1),
        ("services", 1),
        ("services.loadbalancers", balancers),
        ("services.nodeports", node_ports),
    ];
    counts.into_iter().map(|(name, count)| (Str::from(name), amount(count))).collect()
}

/// Whether an object is in all scopes of a quota.
fn is_in_scope(quota: &ResourceQuota, object: &Object) -> bool {
    let plain = quota.spec.scopes.iter().map(|scope| ScopedResourceSelectorRequirement {
        scope_name: scope.clone(),
        operator: "Exists".into(),
        ..Default::default()
    });
    let selected = quota.spec.scope_selector.iter().flat_map(|selector| selector.match_expressions.iter().cloned());
    plain.chain(selected).all(|scope| match object {
        Object::Pod(pod) => pod_matches(pod, &scope),
        Object::PersistentVolumeClaim(claim) if scope.scope_name == "VolumeAttributesClass" => {
            let class = claim.spec.rest.get("volumeAttributesClassName").and_then(serde_json::Value::as_str);
            value_matches(&class.unwrap_or("").into(), &scope)
        }
        _ => false,
    })
}

/// Models: podMatchesScopeFunc.
fn pod_matches(pod: &Pod, scope: &ScopedResourceSelectorRequirement) -> bool {
    let has_deadline = pod.spec.active_deadline_seconds.is_some_and(|seconds| seconds >= 0);
    let is_best_effort = pod.status.qos_class == "BestEffort";
    match scope.scope_name.as_str() {
        "Terminating" => has_deadline,
        "NotTerminating" => !has_deadline,
        "BestEffort" => is_best_effort,
        "NotBestEffort" => !is_best_effort,
        "PriorityClass" => value_matches(&pod.spec.priority_class_name, scope),
        "CrossNamespacePodAffinity" => pod.spec.affinity.as_ref().is_some_and(|affinity| looks_elsewhere(affinity)),
        _ => false,
    }
}

fn value_matches(value: &Str, scope: &ScopedResourceSelectorRequirement) -> bool {
    match scope.operator.as_str() {
        "Exists" => !value.is_empty(),
        "DoesNotExist" => value.is_empty(),
        "In" => !value.is_empty() && scope.values.contains(value),
        _ => value.is_empty() || !scope.values.contains(value),
    }
}

/// Whether a term is about pods of other namespaces.
fn looks_elsewhere(affinity: &Affinity) -> bool {
    let elsewhere = |term: &PodAffinityTerm| !term.namespaces.is_empty() || term.namespace_selector.is_some();
    [&affinity.pod_affinity, &affinity.pod_anti_affinity].into_iter().flatten().any(|rules| {
        rules.required.iter().any(elsewhere) || rules.preferred.iter().any(|t| elsewhere(&t.pod_affinity_term))
    })
}

/// What is used of everything a quota bounds, counted anew. Models: CalculateUsage.
pub fn measure(lister: Lister<'_>, quota: &ResourceQuota, now: Time) -> ResourceList {
    let hard = &quota.spec.hard;
    let kinds: BTreeSet<Kind> = hard.iter().filter_map(|(name, _)| counted_kind(name)).collect();
    let bounded = hard.iter().filter(|(name, _)| counted_kind(name).is_some());
    let mut used: BTreeMap<Str, Quantity> = bounded.map(|(name, _)| (name.clone(), Quantity::decimal(0))).collect();
    for kind in kinds {
        for object in lister.objects(kind, Some(&quota.metadata.namespace)).filter(|object| is_in_scope(quota, object))
        {
            for (name, amount) in usage(object, now).iter().filter(|(name, _)| counts_for(kind, name)) {
                if let Some(sum) = used.get_mut(name) {
                    *sum = sum.plus(amount);
                }
            }
        }
    }
    used.into()
}

/// Whether a change of an object can set something free that quotas count. Models: the replenishment handlers of
/// pkg/controller/resourcequota.
pub fn sets_free(old: &Object, new: &Object, now: Time) -> bool {
    match (old, new) {
        (Object::Pod(old), Object::Pod(new)) => holds_resources(old, now) && !holds_resources(new, now),
        (Object::Service(old), Object::Service(new)) => service_usage(old) != service_usage(new),
        (Object::PersistentVolumeClaim(old), Object::PersistentVolumeClaim(new)) => {
            claim_usage(old) != claim_usage(new)
        }
        _ => false,
    }
}

/// Charges a new object, or what a changed one uses more, to the quotas of its namespace. Answers with the quotas as
/// they are to be stored, or refuses. Models: CheckRequest.
pub(crate) fn charge(
    store: &Store,
    object: &Object,
    old: Option<&Object>,
    now: Time,
) -> Result<Vec<ResourceQuota>, Status> {
    let (kind, meta) = (object.kind(), object.meta());
    if meta.namespace.is_empty() || kind == Kind::Event || old.is_some_and(|old| !handles_update(object, old)) {
        return Ok(Vec::new());
    }
    let quotas: Vec<&Rc<ResourceQuota>> =
        store.list(Kind::ResourceQuota, Some(&meta.namespace)).filter_map(ResourceQuota::from_object).collect();
    if quotas.is_empty() {
        return Ok(Vec::new());
    }
    let refuse = |why: String| Err(Status::forbidden(&qualified_resource(kind), &meta.name, &why));
    let mut changed = Vec::new();
    let asked = usage(object, now);
    for quota in quotas {
        let (name, status) = (&quota.metadata.name, &quota.status);
        let restricted: Vec<&Str> =
            status.hard.iter().map(|(name, _)| name).filter(|name| counts_for(kind, name)).collect();
        if restricted.is_empty() || !is_in_scope(quota, object) {
            continue;
        }
        if let Object::Pod(pod) = object
            && let Some(missing) = missing(pod, &restricted)
        {
            return refuse(format!("failed quota: {name}: must specify {missing}"));
        }
        if restricted.iter().any(|resource| !status.used.has(resource)) {
            let names: Vec<&str> = restricted.iter().map(|name| name.as_str()).collect();
            return refuse(format!("status unknown for quota: {name}, resources: {}", names.join(",")));
        }
        let before = old.filter(|old| is_in_scope(quota, old)).map(|old| usage(old, now)).unwrap_or_default();
        let delta = more(&asked, &before, &status.hard);
        if delta.is_empty() {
            continue;
        }
        let mut used = status.used.clone();
        let mut exceeded: Vec<&Str> = Vec::new();
        for (resource, amount) in delta.iter() {
            let total = used.get(resource).map_or_else(|| amount.clone(), |have| have.plus(amount));
            if status.hard.get(resource).is_some_and(|hard| total.milli() > hard.milli()) {
                exceeded.push(resource);
            }
            used = used.with(resource, total);
        }
        if !exceeded.is_empty() {
            let (requested, used) = (listed(&delta, &exceeded), listed(&status.used, &exceeded));
            let limited = listed(&status.hard, &exceeded);
            return refuse(format!("exceeded quota: {name}, requested: {requested}, used: {used}, limited: {limited}"));
        }
        let mut quota = ResourceQuota::clone(quota);
        quota.status.used = used;
        changed.push(quota);
    }
    Ok(changed)
}

/// Models: Handles of the evaluators.
fn handles_update(new: &Object, old: &Object) -> bool {
    match (new, old) {
        (Object::Pod(new), Object::Pod(old)) => {
            new.spec.active_deadline_seconds.is_some() != old.spec.active_deadline_seconds.is_some()
        }
        (Object::PersistentVolumeClaim(_), _) | (Object::Service(_), _) => true,
        _ => false,
    }
}

/// What containers must name and do not: `limits.cpu for: a,b; requests.cpu for: a`.
fn missing(pod: &Pod, restricted: &[&Str]) -> Option<String> {
    if pod.spec.resources.as_ref().is_some_and(|whole| !whole.requests.is_empty() || !whole.limits.is_empty()) {
        return None;
    }
    let mut lacking: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for container in pod.spec.containers.iter().chain(&pod.spec.init_containers) {
        let named = compute_usage(&container.resources.requests, &container.resources.limits);
        for resource in restricted.iter().filter(|name| REQUIRED.contains(&name.as_str()) && !named.has(name)) {
            lacking.entry(resource).or_default().insert(&container.name);
        }
    }
    let line = |(resource, containers): (&&str, &BTreeSet<&str>)| {
        format!("{resource} for: {}", containers.iter().copied().collect::<Vec<_>>().join(","))
    };
    (!lacking.is_empty()).then(|| lacking.iter().map(line).collect::<Vec<_>>().join("; "))
}

/// What is used more than before, of what is bounded.
fn more(asked: &ResourceList, before: &ResourceList, hard: &ResourceList) -> ResourceList {
    let grown = |(name, amount): (&Str, &Quantity)| {
        let had = before.get(name).map_or(0, Quantity::milli);
        let delta =
            if had == 0 { amount.clone() } else { Quantity::from_milli(amount.milli() - had).formatted_like(amount) };
        (hard.has(name) && delta.milli() > 0).then(|| (name.clone(), delta))
    };
    asked.iter().filter_map(grown).collect()
}

/// `cpu=1,memory=2Gi`, of these resources only.
fn listed(list: &ResourceList, only: &[&Str]) -> String {
    let parts = list.iter().filter(|(name, _)| only.contains(name)).map(|(name, amount)| format!("{name}={amount}"));
    parts.collect::<Vec<_>>().join(",")
}

/// Whether quotas can count objects of a kind.
pub fn is_countable(kind: Kind) -> bool {
    kind != Kind::Event && resource(kind).is_some_and(|info| info.namespaced)
}
