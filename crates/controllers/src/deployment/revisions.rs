//! Which ReplicaSet has the present template, the numbers of the revisions, and what sets carry of their Deployment.
//! Models: getNewReplicaSet in pkg/controller/deployment/sync.go, and the annotations of deployment_util.go.

use super::numbers;
use api::{
    Deployment, LabelSelector, ObjectMeta, OwnerReference, PodTemplateSpec, ReplicaSet, ReplicaSetSpec, Resource, Str,
    StrMap, Wire, fnv32a, safe_encode,
};
use std::rc::Rc;

/// The label that tells the sets of a Deployment apart.
pub(super) const HASH_LABEL: &str = "pod-template-hash";
pub(super) const REVISION: &str = "deployment.kubernetes.io/revision";
const REVISION_HISTORY: &str = "deployment.kubernetes.io/revision-history";
const DESIRED_REPLICAS: &str = "deployment.kubernetes.io/desired-replicas";
const MAX_REPLICAS: &str = "deployment.kubernetes.io/max-replicas";
/// Annotations that sets do not get from their Deployment.
const NOT_COPIED: [&str; 6] = [
    "kubectl.kubernetes.io/last-applied-configuration",
    REVISION,
    REVISION_HISTORY,
    DESIRED_REPLICAS,
    MAX_REPLICAS,
    "deprecated.deployment.rollback.to",
];
/// The longest list of revisions that a set has had.
const MAX_HISTORY: usize = 2000;

/// Whether two templates make the same pods, but for the label with the hash. Models: EqualIgnoreHash.
pub(super) fn same_template(a: &PodTemplateSpec, b: &PodTemplateSpec) -> bool {
    let plain = |meta: &ObjectMeta| ObjectMeta { labels: meta.labels.without(HASH_LABEL), ..meta.clone() };
    a.spec == b.spec && a.rest == b.rest && plain(&a.metadata) == plain(&b.metadata)
}

/// A short hash of a template. Models: ComputeHash, whose letters are other ones, as it hashes Go's print of the type.
fn hash(template: &PodTemplateSpec, collision_count: Option<i32>) -> String {
    let mut bytes = template.write().to_string().into_bytes();
    if let Some(count) = collision_count {
        bytes.extend(count.to_le_bytes());
        bytes.extend([0; 4]);
    }
    safe_encode(&fnv32a(&bytes).to_string())
}

/// The number of a revision; nothing if it cannot be read.
pub(super) fn number(set: &ReplicaSet) -> Option<i64> {
    set.metadata.annotations.get(REVISION).map_or(Some(0), |text| text.parse().ok())
}

/// The highest number of a revision.
pub(super) fn highest<'s>(sets: impl IntoIterator<Item = &'s Rc<ReplicaSet>>) -> i64 {
    sets.into_iter().filter_map(|set| number(set)).max().unwrap_or(0).max(0)
}

/// How many pods the Deployment wanted, and how many there could be at most, when the set was last scaled.
pub(super) fn desired_replicas(set: &ReplicaSet) -> Option<i32> {
    count(set, DESIRED_REPLICAS)
}

pub(super) fn max_replicas(set: &ReplicaSet) -> Option<i32> {
    count(set, MAX_REPLICAS)
}

fn count(set: &ReplicaSet, annotation: &str) -> Option<i32> {
    set.metadata.annotations.get(annotation)?.parse().ok().filter(|count| *count >= 0)
}

/// Writes down how many pods the Deployment wants. Models: SetReplicasAnnotations.
#[must_use]
pub(super) fn with_replicas(annotations: &StrMap, deployment: &Deployment) -> StrMap {
    let desired = numbers::replicas(deployment);
    let most = desired.saturating_add(numbers::max_surge(deployment));
    set(set(annotations.clone(), DESIRED_REPLICAS, desired.to_string()), MAX_REPLICAS, most.to_string())
}

fn set(annotations: StrMap, key: &str, value: String) -> StrMap {
    if annotations.get(key).is_some_and(|have| **have == *value) { annotations } else { annotations.with(key, value) }
}

/// The annotations of the newest set: those of its Deployment, its number (raised if need be) and the numbers it had.
/// Models: SetNewReplicaSetAnnotations.
#[must_use]
pub(super) fn annotations(set: &ReplicaSet, deployment: &Deployment, revision: i64) -> StrMap {
    let Some(old) = number(set) else { return set.metadata.annotations.clone() };
    let mut annotations = set.metadata.annotations.clone();
    for (key, value) in deployment.metadata.annotations.iter() {
        if !NOT_COPIED.contains(&key.as_str()) && annotations.get(key) != Some(value) {
            annotations = annotations.with(key, value.clone());
        }
    }
    if old < revision {
        if let Some(text) = annotations.get(REVISION).cloned() {
            let had = annotations.get(REVISION_HISTORY).cloned().unwrap_or_default();
            annotations = annotations.with(REVISION_HISTORY, appended(&had, &text));
        }
        annotations = annotations.with(REVISION, revision.to_string());
    }
    annotations
}

/// A list of numbers with one more, without the oldest ones if it gets too long.
fn appended(list: &str, number: &str) -> String {
    let mut numbers: Vec<&str> = list.split(',').filter(|n| !n.is_empty()).collect();
    let mut length = list.len() + number.len() + 1;
    while length > MAX_HISTORY && !numbers.is_empty() {
        length -= numbers.remove(0).len() + 1;
    }
    numbers.push(number);
    numbers.join(",")
}

/// The set of the present template, which does not exist yet and is still without pods.
pub(super) fn new_set(deployment: &Deployment) -> ReplicaSet {
    let spec = &deployment.spec;
    let hash: Str = hash(&spec.template, deployment.status.collision_count).into();
    let labels = spec.template.metadata.labels.with(HASH_LABEL, hash.clone());
    let mut template = PodTemplateSpec::clone(&spec.template);
    template.metadata.labels = labels.clone();
    let most = 253 - 1 - hash.len();
    let prefix: String = deployment.metadata.name.chars().take(most).collect();
    ReplicaSet {
        metadata: ObjectMeta {
            name: format!("{prefix}-{hash}").into(),
            namespace: deployment.metadata.namespace.clone(),
            labels,
            owner_references: vec![OwnerReference::controller_of(&deployment.key(), &deployment.metadata.uid)].into(),
            ..Default::default()
        },
        spec: ReplicaSetSpec {
            replicas: Some(0),
            min_ready_seconds: spec.min_ready_seconds,
            selector: LabelSelector {
                match_labels: spec.selector.match_labels.with(HASH_LABEL, hash),
                ..LabelSelector::clone(&spec.selector)
            }
            .into(),
            template: Rc::new(template),
            ..Default::default()
        },
        ..Default::default()
    }
}
