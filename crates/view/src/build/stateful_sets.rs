//! StatefulSet lanes.

use super::{Context, count, reference, text, tile};
use crate::{OrdinalSlot, PodTile, SlotClaim, SlotState, StatefulSetLane, Text};
use api::{ObjectKey, PersistentVolumeClaim, Resource, StatefulSet};
use std::collections::BTreeSet;
use std::rc::Rc;

/// The most ordinals a lane shows one by one.
const SLOTS: usize = 200;

pub(super) fn lanes(ctx: &Context<'_>, pods: &[Rc<PodTile>]) -> Rc<[StatefulSetLane]> {
    ctx.lister.list::<StatefulSet>().map(|set| lane(ctx, set, pods)).collect()
}

fn lane(ctx: &Context<'_>, set: &StatefulSet, pods: &[Rc<PodTile>]) -> StatefulSetLane {
    let target = reference(&set.key());
    let start = count(set.spec.start_ordinal());
    let desired = count(set.spec.replicas.unwrap_or(0));
    let wanted = start..start.saturating_add(desired);
    let living = ctx.lister.owned_by(&set.metadata.uid).filter_map(|object| match object {
        api::Object::Pod(pod) => ordinal(&pod.metadata.name, &set.metadata.name),
        _ => None,
    });
    let ordinals: BTreeSet<u32> = wanted.clone().take(SLOTS).chain(living).collect();
    let slots = ordinals.iter().map(|n| slot(ctx, set, *n, !wanted.contains(n), pods)).collect();
    StatefulSetLane {
        colour: ctx.colours.get(&target).copied().unwrap_or(0),
        target,
        policy: text(&set.spec.pod_management_policy),
        strategy: text(&set.spec.update_strategy.r#type),
        revision: text(&set.status.update_revision),
        current_revision: text(&set.status.current_revision),
        partition: partition(set),
        desired,
        ready: count(set.status.ready_replicas),
        slots,
    }
}

fn ordinal(pod: &str, set: &str) -> Option<u32> {
    pod.strip_prefix(set)?.strip_prefix('-')?.parse().ok()
}

fn slot(ctx: &Context<'_>, set: &StatefulSet, n: u32, is_surplus: bool, pods: &[Rc<PodTile>]) -> OrdinalSlot {
    let meta = &set.metadata;
    let pod_name = format!("{}-{n}", meta.name);
    let state = match tile(pods, &meta.namespace, &pod_name) {
        Some(tile) => SlotState::Pod(tile.clone()),
        None => SlotState::Missing(missing(ctx, set, n)),
    };
    let claims = set.spec.volume_claim_templates.iter().filter_map(|template| {
        let name = format!("{}-{pod_name}", template.metadata.name);
        ctx.lister.get::<PersistentVolumeClaim>(&meta.namespace, &name).map(|claim| slot_claim(claim))
    });
    let dns = if set.spec.service_name.is_empty() {
        pod_name.clone()
    } else {
        format!("{pod_name}.{}", set.spec.service_name)
    };
    OrdinalSlot { ordinal: n, dns: dns.into(), state, is_surplus, claims: claims.collect(), pod_name: pod_name.into() }
}

/// What the creation of an ordinal waits for.
fn missing(ctx: &Context<'_>, set: &StatefulSet, n: u32) -> Text {
    let key = ObjectKey::new(api::Kind::Pod, set.metadata.namespace.clone(), format!("{}-{n}", set.metadata.name));
    if let Some(record) = ctx.wait(&key)
        && let Some(awaited) = record.wait.awaits.first()
    {
        return format!("after {}", awaited.name).into();
    }
    let before = n.checked_sub(1).filter(|before| *before >= count(set.spec.start_ordinal()));
    match before {
        Some(before) if set.spec.pod_management_policy == "OrderedReady" => {
            format!("after {}-{before}", set.metadata.name).into()
        }
        _ => "about to be created".into(),
    }
}

fn slot_claim(claim: &PersistentVolumeClaim) -> SlotClaim {
    let is_bound = claim.status.phase == "Bound";
    let list = if is_bound { &claim.status.capacity } else { &claim.spec.resources.requests };
    SlotClaim {
        name: text(&claim.metadata.name),
        size: list.get("storage").map_or_else(|| "".into(), |size| size.to_string().into()),
        status: text(if claim.metadata.is_terminating() { "Terminating" } else { &claim.status.phase }),
        is_bound,
    }
}

fn partition(set: &StatefulSet) -> u32 {
    let rolling = set.spec.update_strategy.rolling_update.as_ref();
    rolling.and_then(|rolling| rolling.partition).map_or(0, count)
}
