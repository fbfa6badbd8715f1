//! VolumeRestrictions: a ReadWriteOncePod claim lets one pod in, and disks of some clouds can be mounted once only.
//! Models: pkg/scheduler/framework/plugins/volumerestrictions.

use super::{CycleState, Hint, Plugin, PreFilter, Verdict, World};
use crate::events::{Change, Events};
use crate::node_info::{NodeInfo, PodInfo};
use api::{PersistentVolumeClaim, Pod, Resource, Str, Volume};
use serde_json::Value;

pub(super) const PLUGIN: Plugin = Plugin {
    pre_filter: Some(pre_filter),
    filter: Some(filter),
    adjust: Some(adjust),
    hints: &[
        Hint::when(Events::POD_DELETE, frees_a_volume),
        Hint::always(Events::NODE_ADD),
        Hint::when(Events::CLAIM_ADD, |pod, change| {
            let of_pod = |claim: &PersistentVolumeClaim| {
                claim.metadata.namespace == pod.metadata.namespace
                    && mounted_claims(pod).any(|name| *name == claim.metadata.name)
            };
            change.claims().1.is_some_and(of_pod)
        }),
    ],
    ..Plugin::named("VolumeRestrictions")
};

/// The pod's exclusive claims, and how many uses by other pods stand against it.
#[derive(Clone, Default)]
pub(super) struct State {
    exclusive: Vec<Str>,
    conflicts: i64,
}

fn pre_filter(world: &World<'_>, pod: &Pod, state: &mut CycleState) -> PreFilter {
    let mut found = State::default();
    for name in mounted_claims(pod) {
        let Some(claim) = world.lister.get::<PersistentVolumeClaim>(&pod.metadata.namespace, name) else {
            return PreFilter::Reject(format!("persistentvolumeclaim \"{name}\" not found"));
        };
        if !claim.spec.access_modes.iter().any(|mode| mode == "ReadWriteOncePod") {
            continue;
        }
        let users = world.lister.pods_using_claim(&pod.metadata.namespace, name);
        let in_use = { users }.any(|user| {
            let on_a_node = !user.spec.node_name.is_empty() || world.assumed.contains_key(&user.key());
            on_a_node && !user.is_finished() && user.metadata.uid != pod.metadata.uid
        });
        found.conflicts += i64::from(in_use);
        found.exclusive.push(name.clone());
    }
    let skip = found.conflicts == 0 && !pod.spec.volumes.iter().any(|volume| disk(volume).is_some());
    state.volume_restrictions = found;
    if skip { PreFilter::Skip } else { PreFilter::Pass }
}

fn filter(state: &CycleState, pod: &Pod, node: &NodeInfo) -> Verdict {
    let taken = |volume: &Volume| node.pods.iter().any(|info| conflicts(volume, &info.pod));
    if pod.spec.volumes.iter().filter(|volume| disk(volume).is_some()).any(taken) {
        return Verdict::reject("node(s) had no available disk");
    }
    if state.volume_restrictions.conflicts > 0 {
        return Verdict::reject(
            "node(s) unavailable due to PersistentVolumeClaim with ReadWriteOncePod access mode already in-use by another pod",
        );
    }
    Verdict::Pass
}

fn adjust(state: &mut CycleState, _: &Pod, other: &PodInfo, _: &NodeInfo, sign: i64) {
    let exclusive = &state.volume_restrictions.exclusive;
    let uses = mounted_claims(&other.pod).filter(|name| exclusive.contains(name)).count();
    state.volume_restrictions.conflicts += sign * i64::try_from(uses).unwrap_or(i64::MAX);
}

fn mounted_claims(pod: &Pod) -> impl Iterator<Item = &Str> {
    pod.spec.volumes.iter().filter_map(|volume| Some(&volume.persistent_volume_claim.as_ref()?.claim_name))
}

/// The kinds of disk that only one node (or only readers) may mount.
const DISKS: [&str; 4] = ["gcePersistentDisk", "awsElasticBlockStore", "iscsi", "rbd"];

fn disk(volume: &Volume) -> Option<(&'static str, &Value)> {
    DISKS.iter().find_map(|kind| Some((*kind, volume.rest.get(kind)?)))
}

fn conflicts(volume: &Volume, other: &Pod) -> bool {
    let Some((kind, wanted)) = disk(volume) else { return false };
    other.spec.volumes.iter().filter_map(|v| v.rest.get(kind)).any(|have| same_disk(kind, wanted, have))
}

fn same_disk(kind: &str, a: &Value, b: &Value) -> bool {
    let same = |field: &str| a.get(field) == b.get(field);
    let reads = |disk: &Value| disk.get("readOnly").and_then(Value::as_bool) == Some(true);
    let readers = reads(a) && reads(b);
    match kind {
        "awsElasticBlockStore" => same("volumeID"),
        "gcePersistentDisk" => same("pdName") && !readers,
        "iscsi" => same("iqn") && !readers,
        _ => same("pool") && same("image") && share_monitor(a, b) && !readers,
    }
}

fn share_monitor(a: &Value, b: &Value) -> bool {
    let monitors = |disk: &Value| disk.get("monitors").and_then(Value::as_array).cloned().unwrap_or_default();
    let others = monitors(b);
    monitors(a).iter().any(|monitor| others.contains(monitor))
}

fn frees_a_volume(pod: &Pod, change: &Change<'_>) -> bool {
    let Some(gone) = change.pods().0.filter(|gone| gone.metadata.namespace == pod.metadata.namespace) else {
        return false;
    };
    pod.spec.volumes.iter().any(|volume| conflicts(volume, gone))
        || mounted_claims(pod).any(|name| mounted_claims(gone).any(|other| other == name))
}
