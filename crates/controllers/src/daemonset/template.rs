//! What a DaemonSet adds to its pods: the node they are for, tolerations, labels.
//! Models: pkg/controller/daemon/util/daemonset_util.go.

use crate::history::label;
use crate::pod_control::{Owner, pod_from_template};
use api::{
    Affinity, DaemonSet, IntOrString, List, NodeAffinity, NodeSelector, NodeSelectorRequirement, NodeSelectorTerm, Pod,
    PodSpec, Str, Toleration,
};
use std::rc::Rc;

/// Label with the hash of the pod's revision.
pub(super) const HASH_LABEL: &str = "controller-revision-hash";
const GENERATION_LABEL: &str = "pod-template-generation";
const GENERATION_ANNOTATION: &str = "deprecated.daemonset.template.generation";
const NAME_FIELD: &str = "metadata.name";

/// How many templates the set has had, if its annotation says so.
pub(super) fn generation(set: &DaemonSet) -> Option<i64> {
    set.metadata.annotations.get(GENERATION_ANNOTATION)?.parse().ok()
}

/// Whether a pod was made from the present template.
pub(super) fn is_updated(pod: &Pod, hash: &str, generation: Option<&str>) -> bool {
    !hash.is_empty() && label(pod, HASH_LABEL) == hash
        || generation.is_some_and(|generation| label(pod, GENERATION_LABEL) == generation)
}

/// The taints that every daemon pod tolerates.
fn daemon_tolerations(host_network: bool) -> impl Iterator<Item = Toleration> {
    let always = [
        ("not-ready", "NoExecute"),
        ("unreachable", "NoExecute"),
        ("disk-pressure", "NoSchedule"),
        ("memory-pressure", "NoSchedule"),
        ("pid-pressure", "NoSchedule"),
        ("unschedulable", "NoSchedule"),
    ];
    let network = host_network.then_some(("network-unavailable", "NoSchedule"));
    always.into_iter().chain(network).map(|(key, effect)| Toleration {
        key: format!("node.kubernetes.io/{key}").into(),
        operator: "Exists".into(),
        effect: effect.into(),
        ..Default::default()
    })
}

/// The template's tolerations with those of every daemon pod: one for the same taint is replaced.
/// Models: AddOrUpdateDaemonPodTolerations.
pub(super) fn tolerations(spec: &PodSpec) -> List<Toleration> {
    let mut all: Vec<Toleration> = spec.tolerations.to_vec();
    for added in daemon_tolerations(spec.host_network) {
        let same = |t: &&mut Toleration| {
            (&t.key, &t.operator, &t.value, &t.effect) == (&added.key, &added.operator, &added.value, &added.effect)
        };
        match all.iter_mut().find(same) {
            Some(known) => *known = added,
            None => all.push(added),
        }
    }
    all.into()
}

/// A daemon pod without its node. Models: CreatePodTemplate.
pub(super) fn new_pod(set: &DaemonSet, hash: &str) -> Pod {
    let mut pod = pod_from_template(&set.spec.template, &Owner::new(set, &set.spec.selector));
    pod.spec.tolerations = tolerations(&set.spec.template.spec);
    if let Some(generation) = generation(set) {
        pod.metadata.labels = pod.metadata.labels.with(GENERATION_LABEL, generation.to_string());
    }
    pod.metadata.labels = pod.metadata.labels.with(HASH_LABEL, hash);
    pod
}

/// The pod pinned to a node: its required node affinity is replaced by the node's name, the rest stays.
/// Models: ReplaceDaemonSetPodNodeNameNodeAffinity.
pub(super) fn for_node(pod: &Pod, node: &Str) -> Pod {
    let requirement = NodeSelectorRequirement {
        key: NAME_FIELD.into(),
        operator: "In".into(),
        values: vec![node.clone()].into(),
        ..Default::default()
    };
    let term = NodeSelectorTerm { match_fields: vec![requirement].into(), ..Default::default() };
    let mut affinity = pod.spec.affinity.as_deref().cloned().unwrap_or_else(Affinity::default);
    let on_nodes = affinity.node_affinity.get_or_insert_with(NodeAffinity::default);
    on_nodes.required = Some(NodeSelector { node_selector_terms: vec![term].into(), ..Default::default() });
    let mut pinned = pod.clone();
    pinned.spec.affinity = Some(Rc::new(affinity));
    pinned
}

/// The node a daemon pod is bound or pinned to. Models: GetTargetNodeName.
pub fn target_node(pod: &Pod) -> Option<&Str> {
    if !pod.spec.node_name.is_empty() {
        return Some(&pod.spec.node_name);
    }
    let required = pod.spec.affinity.as_ref()?.node_affinity.as_ref()?.required.as_ref()?;
    let fields = required.node_selector_terms.iter().flat_map(|term| &term.match_fields);
    let mut names = fields.filter(|r| r.key == NAME_FIELD && r.operator == "In");
    match &names.next()?.values[..] {
        [name] => Some(name),
        _ => None,
    }
}

/// How many nodes may have two pods. Models: SurgeCount.
pub(super) fn max_surge(set: &DaemonSet, nodes: i32) -> i32 {
    count(set, nodes, |rolling| rolling.max_surge.as_ref())
}

/// How many nodes may lack an available pod. Models: UnavailableCount.
pub(super) fn max_unavailable(set: &DaemonSet, nodes: i32) -> i32 {
    count(set, nodes, |rolling| rolling.max_unavailable.as_ref())
}

fn count(set: &DaemonSet, nodes: i32, field: impl Fn(&api::RollingUpdateDaemonSet) -> Option<&IntOrString>) -> i32 {
    let strategy = &set.spec.update_strategy;
    let rolling = strategy.rolling_update.as_ref().filter(|_| strategy.r#type == "RollingUpdate");
    rolling.and_then(field).and_then(|value| value.scaled(nodes, true)).unwrap_or(0)
}
