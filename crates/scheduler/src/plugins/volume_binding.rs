//! VolumeBinding: rejects nodes that cannot reach the pod's volumes, and finds or orders the volumes of claims that
//! wait for their first consumer.
//! Models: pkg/scheduler/framework/plugins/volumebinding (volume_binding.go, binder.go),
//! k8s.io/component-helpers/storage/volume. Storage capacity reports (CSIStorageCapacity) have no effect here.

use super::{CycleState, Hint, Plugin, PreFilter, Verdict, World};
use crate::events::{Change, Events};
use crate::node_info::NodeInfo;
use crate::selector::Selector;
use api::{ObjectReference, PersistentVolume, PersistentVolumeClaim, Pod, StorageClass, Str, StrMap};
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::rc::Rc;

pub(super) const PLUGIN: Plugin = Plugin {
    pre_filter: Some(pre_filter),
    filter: Some(filter),
    hints: &[
        Hint::when(Events::CLASS_ADD.or(Events::CLASS_UPDATE), |_, change| match change.classes() {
            (Some(old), Some(new)) => old.rest.get("allowedTopologies") != new.rest.get("allowedTopologies"),
            _ => true,
        }),
        Hint::when(Events::CLAIM_ADD.or(Events::CLAIM_UPDATE), is_claim_of_pod),
        Hint::always(Events::VOLUME_ADD.or(Events::VOLUME_UPDATE)),
        Hint::always(Events::NODE_ADD.or(Events::NODE_LABEL)),
    ],
    ..Plugin::named("VolumeBinding")
};

/// The claim is bound, both ways.
const BIND_COMPLETED: &str = "pv.kubernetes.io/bind-completed";
/// The node for which a volume is to be made.
const SELECTED_NODE: &str = "volume.kubernetes.io/selected-node";
/// The class of claims and volumes before it was a field.
const BETA_CLASS: &str = "volume.beta.kubernetes.io/storage-class";
/// The provisioner of classes whose volumes are made by hand.
const NO_PROVISIONER: &str = "kubernetes.io/no-provisioner";

/// The pod's volumes, as far as they matter for the choice of a node.
#[derive(Clone, Default)]
pub(super) struct State {
    bound: Vec<Rc<PersistentVolume>>,
    bound_to_nothing: bool,
    waiting: Vec<WaitingClaim>,
}

/// A claim whose binding waits for the pod, smallest first.
#[derive(Clone)]
struct WaitingClaim {
    claim: Rc<PersistentVolumeClaim>,
    class: Option<Rc<StorageClass>>,
    candidates: Vec<Rc<PersistentVolume>>,
}

/// What has to happen to volumes before the pod can be bound.
#[derive(Clone, Default)]
pub(crate) struct PodVolumes {
    /// Volumes to be bound to claims.
    pub(crate) to_bind: Vec<(Rc<PersistentVolume>, Rc<PersistentVolumeClaim>)>,
    /// Claims for which a volume is to be made.
    pub(crate) to_provision: Vec<Rc<PersistentVolumeClaim>>,
}

fn pre_filter(world: &World<'_>, pod: &Pod, state: &mut CycleState) -> PreFilter {
    let mut found = State::default();
    let mut unbound_immediate = false;
    let mut claims = Vec::new();
    for (name, ephemeral) in claim_names(pod) {
        match usable_claim(world, pod, &name, ephemeral) {
            Ok(claim) => claims.push(claim.clone()),
            Err(reason) => return PreFilter::Reject(reason),
        }
    }
    if claims.is_empty() {
        return PreFilter::Skip;
    }
    for claim in claims {
        if claim_is_bound(&claim) {
            match world.lister.get::<PersistentVolume>("", &claim.spec.volume_name) {
                Some(volume) => found.bound.push(volume.clone()),
                None => found.bound_to_nothing = true,
            }
            continue;
        }
        let class = world.lister.get::<StorageClass>("", &class_of(&claim)).cloned();
        let waits = class.as_ref().is_some_and(|class| class.waits_for_first_consumer());
        if waits && claim.spec.volume_name.is_empty() {
            let candidates = candidates(world, &claim);
            found.waiting.push(WaitingClaim { claim, class, candidates });
        } else {
            unbound_immediate = true;
        }
    }
    if unbound_immediate {
        return PreFilter::Reject("pod has unbound immediate PersistentVolumeClaims".to_owned());
    }
    found.waiting.sort_by_key(|waiting| requested_milli(&waiting.claim));
    state.volumes = found;
    PreFilter::Pass
}

/// Models: podHasPVCs.
fn usable_claim<'a>(
    world: &World<'a>,
    pod: &Pod,
    name: &Str,
    ephemeral: bool,
) -> Result<&'a Rc<PersistentVolumeClaim>, String> {
    let Some(claim) = world.lister.get::<PersistentVolumeClaim>(&pod.metadata.namespace, name) else {
        return Err(if ephemeral {
            format!("waiting for ephemeral volume controller to create the persistentvolumeclaim \"{name}\"")
        } else {
            format!("persistentvolumeclaim \"{name}\" not found")
        });
    };
    if claim.status.phase == "Lost" {
        let volume = &claim.spec.volume_name;
        return Err(format!("persistentvolumeclaim \"{name}\" bound to non-existent persistentvolume \"{volume}\""));
    }
    if claim.metadata.is_terminating() {
        return Err(format!("persistentvolumeclaim \"{name}\" is being deleted"));
    }
    if ephemeral && !claim.metadata.is_controlled_by(&pod.metadata.uid) {
        let (namespace, pod) = (&pod.metadata.namespace, &pod.metadata.name);
        return Err(format!("PVC {namespace}/{name} was not created for pod {namespace}/{pod} (pod is not owner)"));
    }
    Ok(claim)
}

/// Volumes of the claim's class that are not bound yet. Models: pvCache.ListPVs, narrowed to those FindMatchingVolume
/// can take.
fn candidates(world: &World<'_>, claim: &PersistentVolumeClaim) -> Vec<Rc<PersistentVolume>> {
    let class = class_of(claim);
    let from = (class.clone(), Str::default());
    let names = world.free_volumes.range(from..).take_while(|((c, _), ())| *c == class);
    names.filter_map(|((_, name), ())| world.lister.get::<PersistentVolume>("", name).cloned()).collect()
}

fn filter(state: &CycleState, _: &Pod, node: &NodeInfo) -> Verdict {
    let volumes = &state.volumes;
    let mut reasons: Vec<Cow<'static, str>> = Vec::new();
    // Upstream stops at the first bound claim that is in the way, so it gives one of these two reasons only.
    if let Some(reason) = bound_conflict(volumes, node) {
        reasons.push(reason.into());
    }
    if plan(volumes, node).is_none() {
        reasons.push("node(s) didn't find available persistent volumes to bind".into());
    }
    if reasons.is_empty() { Verdict::Pass } else { Verdict::Reject { reasons, resolvable: false } }
}

fn bound_conflict(state: &State, node: &NodeInfo) -> Option<&'static str> {
    let reachable = |volume: &Rc<PersistentVolume>| volume_fits_node(volume, &node.node.metadata.labels);
    if !state.bound.iter().all(reachable) {
        return Some("node(s) didn't match PersistentVolume's node affinity");
    }
    state.bound_to_nothing.then_some("node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)")
}

/// What has to happen to volumes if the pod goes to this node.
pub(super) fn volumes_on(state: &State, node: &NodeInfo) -> PodVolumes {
    plan(state, node).unwrap_or_default()
}

/// A volume for every waiting claim: one that exists, or one to be made. Models: FindPodVolumes.
fn plan(state: &State, node: &NodeInfo) -> Option<PodVolumes> {
    let mut volumes = PodVolumes::default();
    let mut taken = BTreeSet::new();
    for waiting in &state.waiting {
        let selected = waiting.claim.metadata.annotations.get(SELECTED_NODE);
        if let Some(selected) = selected {
            // A volume is being made for another node.
            if selected != node.name() {
                return None;
            }
        } else if let Some(volume) = smallest_match(waiting, node, &taken) {
            taken.insert(volume.metadata.name.clone());
            volumes.to_bind.push((volume.clone(), waiting.claim.clone()));
            continue;
        }
        if !can_provision(waiting.class.as_deref()?, &node.node.metadata.labels) {
            return None;
        }
        volumes.to_provision.push(waiting.claim.clone());
    }
    Some(volumes)
}

/// Models: volume.FindMatchingVolume with delayed binding.
fn smallest_match<'a>(
    waiting: &'a WaitingClaim,
    node: &NodeInfo,
    taken: &BTreeSet<Str>,
) -> Option<&'a Rc<PersistentVolume>> {
    let claim = &waiting.claim;
    let asked = requested_milli(claim);
    let selector = claim.spec.selector.as_ref().map(|selector| Selector::of(Some(selector)));
    let large_enough = |volume: &&Rc<PersistentVolume>| {
        !taken.contains(&volume.metadata.name)
            && capacity_milli(volume) >= asked
            && mode(&volume.spec.volume_mode) == mode(&claim.spec.volume_mode)
            && !volume.metadata.is_terminating()
    };
    let reserved = |volume: &&&Rc<PersistentVolume>| is_reserved_for(volume, claim);
    let fits = |volume: &Rc<PersistentVolume>| volume_fits_node(volume, &node.node.metadata.labels);
    if let Some(volume) = waiting.candidates.iter().filter(large_enough).find(|v| reserved(&v)) {
        return fits(volume).then_some(volume);
    }
    let free = |volume: &&Rc<PersistentVolume>| {
        volume.spec.claim_ref.is_none()
            && volume.status.phase == "Available"
            && selector.as_ref().is_none_or(|selector| selector.matches(&volume.metadata.labels))
            && claim.spec.access_modes.iter().all(|mode| volume.spec.access_modes.contains(mode))
            && fits(volume)
    };
    waiting.candidates.iter().filter(large_enough).filter(free).min_by_key(|volume| capacity_milli(volume))
}

fn is_reserved_for(volume: &PersistentVolume, claim: &PersistentVolumeClaim) -> bool {
    volume.spec.claim_ref.as_ref().is_some_and(|reference| {
        reference.name == claim.metadata.name
            && reference.namespace == claim.metadata.namespace
            && (reference.uid.is_empty() || reference.uid == claim.metadata.uid)
    })
}

/// Whether the class makes volumes for a node with these labels. Models: checkVolumeProvisions.
fn can_provision(class: &StorageClass, labels: &StrMap) -> bool {
    if class.provisioner.is_empty() || class.provisioner == NO_PROVISIONER {
        return false;
    }
    let Some(terms) = class.rest.get("allowedTopologies").and_then(serde_json::Value::as_array) else { return true };
    let holds = |expression: &serde_json::Value| {
        let value = expression.get("key").and_then(|key| labels.get(key.as_str()?));
        let allowed = expression.get("values").and_then(serde_json::Value::as_array);
        value.is_some_and(|value| allowed.into_iter().flatten().any(|v| v.as_str() == Some(value.as_str())))
    };
    terms.is_empty()
        || terms.iter().any(|term| {
            let expressions = term.get("matchLabelExpressions").and_then(serde_json::Value::as_array);
            expressions.is_some_and(|all| all.iter().all(holds))
        })
}

/// Whether a volume can be used on a node with these labels. Models: volume.CheckNodeAffinity.
pub(crate) fn volume_fits_node(volume: &PersistentVolume, labels: &StrMap) -> bool {
    let required = volume.spec.node_affinity.as_ref().and_then(|affinity| affinity.required.as_ref());
    required.is_none_or(|selector| selector.matches(labels, ""))
}

/// Whether a claim has its volume and the volume knows. Models: isPVCFullyBound.
pub(crate) fn claim_is_bound(claim: &PersistentVolumeClaim) -> bool {
    !claim.spec.volume_name.is_empty() && claim.metadata.annotations.has(BIND_COMPLETED)
}

/// The claims that the pod's volumes need, and whether they are made for the pod itself.
pub(crate) fn claim_names(pod: &Pod) -> impl Iterator<Item = (Str, bool)> {
    pod.spec.volumes.iter().filter_map(|volume| match &volume.persistent_volume_claim {
        Some(source) => Some((source.claim_name.clone(), false)),
        None => {
            volume.rest.get("ephemeral")?;
            Some((format!("{}-{}", pod.metadata.name, volume.name).into(), true))
        }
    })
}

/// The class of a claim; empty if it has none.
pub(super) fn class_of(claim: &PersistentVolumeClaim) -> Str {
    match claim.metadata.annotations.get(BETA_CLASS) {
        Some(class) => class.clone(),
        None => claim.spec.storage_class_name.clone().unwrap_or_default(),
    }
}

fn mode(given: &str) -> &str {
    if given.is_empty() { "Filesystem" } else { given }
}

fn requested_milli(claim: &PersistentVolumeClaim) -> i64 {
    claim.spec.resources.requests.get("storage").map_or(0, api::Quantity::milli)
}

fn capacity_milli(volume: &PersistentVolume) -> i64 {
    volume.spec.capacity.get("storage").map_or(0, api::Quantity::milli)
}

fn is_claim_of_pod(pod: &Pod, change: &Change<'_>) -> bool {
    change.claims().1.is_some_and(|claim| {
        claim.metadata.namespace == pod.metadata.namespace
            && claim_names(pod).any(|(name, _)| name == claim.metadata.name)
    })
}

impl PodVolumes {
    /// Whether nothing has to happen.
    pub(crate) fn is_empty(&self) -> bool {
        self.to_bind.is_empty() && self.to_provision.is_empty()
    }

    /// The volumes as they are to be written: each promised to its claim. Models: volume.GetBindVolumeToClaim.
    pub(crate) fn promised_volumes(&self) -> impl Iterator<Item = PersistentVolume> {
        self.to_bind.iter().map(|(volume, claim)| {
            let mut promised = PersistentVolume::clone(volume);
            if !is_reserved_for(volume, claim) {
                let annotations = promised.metadata.annotations.with("pv.kubernetes.io/bound-by-controller", "yes");
                promised.metadata.annotations = annotations;
            }
            promised.spec.claim_ref = Some(ObjectReference {
                kind: "PersistentVolumeClaim".into(),
                api_version: "v1".into(),
                namespace: claim.metadata.namespace.clone(),
                name: claim.metadata.name.clone(),
                uid: claim.metadata.uid.clone(),
                resource_version: claim.metadata.resource_version.0.to_string().into(),
                ..ObjectReference::default()
            });
            promised
        })
    }

    /// The claims as they are to be written: each with the node for which its volume is to be made.
    pub(crate) fn claims_for(&self, node: &Str) -> impl Iterator<Item = PersistentVolumeClaim> {
        self.to_provision.iter().map(move |claim| {
            let mut selected = PersistentVolumeClaim::clone(claim);
            selected.metadata.annotations = selected.metadata.annotations.with(SELECTED_NODE, node.clone());
            selected
        })
    }

    /// The names of all claims concerned.
    pub(crate) fn claims(&self) -> impl Iterator<Item = &Rc<PersistentVolumeClaim>> {
        self.to_bind.iter().map(|(_, claim)| claim).chain(&self.to_provision)
    }
}

/// Whether the claim still waits for a volume on this node; upstream takes the annotation away if none can be made.
pub(crate) fn is_selected_for(claim: &PersistentVolumeClaim, node: &str) -> bool {
    claim.metadata.annotations.get(SELECTED_NODE).is_some_and(|selected| *selected == *node)
}
