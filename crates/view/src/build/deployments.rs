//! Lanes of Deployments, and of ReplicaSets and ReplicationControllers that belong to none.

use super::{Context, count, reference, text, tile};
use crate::{DeploymentLane, ObjectRef, PodTile, ReplicaSetRow, Text};
use api::{Deployment, Pod, PodTemplateSpec, ReplicaSet, ReplicaSetStatus, ReplicationController, Resource};
use std::rc::Rc;

const REVISION: &str = "deployment.kubernetes.io/revision";

pub(super) fn lanes(ctx: &Context<'_>, pods: &[Rc<PodTile>]) -> Rc<[DeploymentLane]> {
    let deployments = ctx.lister.list::<Deployment>().map(|deployment| lane(ctx, deployment, pods));
    let sets = ctx.lister.list::<ReplicaSet>().filter(|set| set.metadata.controller().is_none());
    let sets =
        sets.map(|set| alone(ctx, row(ctx, &**set, set.spec.replicas, &set.status, Some(&set.spec.template), pods)));
    let controllers = ctx.lister.list::<ReplicationController>().map(|controller| {
        let (spec, status) = (&controller.spec, &controller.status);
        alone(ctx, row(ctx, &**controller, spec.replicas, status, spec.template.as_deref(), pods))
    });
    let mut lanes: Vec<DeploymentLane> = deployments.chain(sets).chain(controllers).collect();
    lanes.sort_by(|a, b| place(&a.target).cmp(&place(&b.target)));
    lanes.into()
}

fn place(target: &ObjectRef) -> (&Text, &Text, &Text) {
    (&target.namespace, &target.name, &target.kind)
}

fn lane(ctx: &Context<'_>, deployment: &Deployment, pods: &[Rc<PodTile>]) -> DeploymentLane {
    let target = reference(&deployment.key());
    let (uid, status) = (&deployment.metadata.uid, &deployment.status);
    let newest = deployment.metadata.annotations.get(REVISION);
    let owned = ctx.lister.owned::<ReplicaSet>(uid).filter(|set| set.metadata.is_controlled_by(uid));
    let rows = owned.map(|set| ReplicaSetRow {
        is_new: newest.is_some() && set.metadata.annotations.get(REVISION) == newest,
        ..row(ctx, &**set, set.spec.replicas, &set.status, Some(&set.spec.template), pods)
    });
    let mut rows: Vec<ReplicaSetRow> =
        rows.filter(|row| row.is_new || row.desired > 0 || !row.pods.is_empty()).collect();
    rows.sort_by_key(|row| row.revision.parse::<i64>().unwrap_or(0));
    let (least, most) = controllers::rollout_bounds(deployment);
    DeploymentLane {
        colour: ctx.colours.get(&target).copied().unwrap_or(0),
        strategy: text(&deployment.spec.strategy.r#type),
        is_paused: deployment.spec.paused,
        desired: count(deployment.spec.replicas.unwrap_or(0)),
        ready: count(status.ready_replicas),
        up_to_date: count(status.updated_replicas),
        available: count(status.available_replicas),
        least: count(least),
        most: count(most),
        waiting: ctx.wait(&deployment.key()).map(|record| text(&record.wait.message)),
        sets: rows.into(),
        target,
    }
}

/// The lane of a set that no Deployment rolls out.
fn alone(ctx: &Context<'_>, row: ReplicaSetRow) -> DeploymentLane {
    DeploymentLane {
        target: row.target.clone(),
        colour: ctx.colours.get(&row.target).copied().unwrap_or(0),
        strategy: text(""),
        is_paused: false,
        desired: row.desired,
        ready: row.ready,
        up_to_date: row.desired.min(count(i32::try_from(row.pods.len()).unwrap_or(i32::MAX))),
        available: row.available,
        least: row.desired,
        most: row.desired,
        waiting: None,
        sets: [row].into(),
    }
}

fn row(
    ctx: &Context<'_>,
    set: &impl Resource,
    replicas: Option<i32>,
    status: &ReplicaSetStatus,
    template: Option<&PodTemplateSpec>,
    pods: &[Rc<PodTile>],
) -> ReplicaSetRow {
    let meta = set.meta();
    let tiles =
        ctx.lister.owned::<Pod>(&meta.uid).filter_map(|pod| tile(pods, &pod.metadata.namespace, &pod.metadata.name));
    let container = template.and_then(|template| template.spec.containers.first());
    ReplicaSetRow {
        target: reference(&set.key()),
        revision: meta.annotations.get(REVISION).map_or_else(|| text(""), |revision| text(revision)),
        is_new: true,
        image: text(container.map_or("", |container| &container.image)),
        desired: count(replicas.unwrap_or(0)),
        ready: count(status.ready_replicas),
        available: count(status.available_replicas),
        pods: tiles.cloned().collect(),
    }
}
