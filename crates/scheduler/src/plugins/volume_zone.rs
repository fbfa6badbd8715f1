//! VolumeZone: rejects nodes outside the zones and regions that a bound volume's labels name.
//! Models: pkg/scheduler/framework/plugins/volumezone.

use super::{CycleState, Hint, Plugin, PreFilter, Verdict, World};
use crate::events::{Change, Events};
use crate::node_info::NodeInfo;
use api::{PersistentVolume, PersistentVolumeClaim, Pod, StorageClass, Str};
use std::collections::BTreeSet;

pub(super) const PLUGIN: Plugin = Plugin {
    pre_filter: Some(pre_filter),
    filter: Some(filter),
    hints: &[
        Hint::when(Events::CLASS_ADD, |_, change| {
            change.classes().1.is_some_and(StorageClass::waits_for_first_consumer)
        }),
        Hint::always(Events::NODE_ADD.or(Events::NODE_LABEL)),
        Hint::when(Events::CLAIM_ADD.or(Events::CLAIM_UPDATE), is_claim_of_pod),
        Hint::when(Events::VOLUME_ADD.or(Events::VOLUME_UPDATE), |_, change| match change.volumes() {
            (old, Some(new)) => old.is_none_or(|old| topologies(old) != topologies(new)),
            _ => false,
        }),
    ],
    ..Plugin::named("VolumeZone")
};

const ZONE: &str = "topology.kubernetes.io/zone";
const REGION: &str = "topology.kubernetes.io/region";
const LABELS: [(&str, &str); 4] = [
    ("failure-domain.beta.kubernetes.io/zone", ZONE),
    ("failure-domain.beta.kubernetes.io/region", REGION),
    (ZONE, ZONE),
    (REGION, REGION),
];

/// What the pod's bound volumes ask of a node: a label, the name it has today, and the values allowed.
#[derive(Clone, Default)]
pub(super) struct State(Vec<Topology>);

type Topology = (&'static str, &'static str, BTreeSet<Str>);

fn pre_filter(world: &World<'_>, pod: &Pod, state: &mut CycleState) -> PreFilter {
    let mut found = Vec::new();
    for name in claims(pod) {
        match volume_of(world, pod, name) {
            Ok(Some(volume)) => found.extend(topologies(volume)),
            Ok(None) => {}
            Err(reason) => return PreFilter::Reject(reason),
        }
    }
    let skip = found.is_empty();
    state.volume_zone = State(found);
    if skip { PreFilter::Skip } else { PreFilter::Pass }
}

/// The volume a claim is bound to; none yet if binding waits for the pod.
fn volume_of<'a>(world: &World<'a>, pod: &Pod, name: &Str) -> Result<Option<&'a PersistentVolume>, String> {
    let Some(claim) = world.lister.get::<PersistentVolumeClaim>(&pod.metadata.namespace, name) else {
        return Err(format!("persistentvolumeclaim \"{name}\" not found"));
    };
    let volume = &claim.spec.volume_name;
    if !volume.is_empty() {
        let found = world.lister.get::<PersistentVolume>("", volume);
        return found.map(|v| Some(&**v)).ok_or_else(|| format!("persistentvolume \"{volume}\" not found"));
    }
    let class = super::volume_binding::class_of(claim);
    if class.is_empty() {
        return Err("PersistentVolumeClaim had no pv name and storageClass name".to_owned());
    }
    match world.lister.get::<StorageClass>("", &class) {
        None => Err(format!("storageclass.storage.k8s.io \"{class}\" not found")),
        Some(class) if class.waits_for_first_consumer() => Ok(None),
        Some(_) => Err("PersistentVolume had no name".to_owned()),
    }
}

fn topologies(volume: &PersistentVolume) -> Vec<Topology> {
    let of_label = |(label, today): &(&'static str, &'static str)| {
        let values = volume.metadata.labels.get(label)?;
        // A volume that spans zones lists them with a double underscore between.
        Some((*label, *today, values.split("__").map(|zone| Str::from(zone.trim())).collect()))
    };
    LABELS.iter().filter_map(of_label).collect()
}

fn filter(state: &CycleState, _: &Pod, node: &NodeInfo) -> Verdict {
    if LABELS.iter().all(|(label, _)| node.label(label).is_none()) {
        return Verdict::Pass;
    }
    let fits = |(label, today, values): &Topology| {
        node.label(label).or_else(|| node.label(today)).is_some_and(|value| values.contains(value))
    };
    if state.volume_zone.0.iter().all(fits) {
        return Verdict::Pass;
    }
    Verdict::reject_for_good("node(s) had no available volume zone")
}

fn claims(pod: &Pod) -> impl Iterator<Item = &Str> {
    pod.spec.volumes.iter().filter_map(|volume| Some(&volume.persistent_volume_claim.as_ref()?.claim_name))
}

fn is_claim_of_pod(pod: &Pod, change: &Change<'_>) -> bool {
    change.claims().1.is_some_and(|claim| {
        claim.metadata.namespace == pod.metadata.namespace && claims(pod).any(|name| *name == claim.metadata.name)
    })
}
