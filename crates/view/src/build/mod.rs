//! Makes the picture of a cluster at its present moment.

mod daemon_sets;
mod deployments;
mod jobs;
mod kept;
mod nodes;
mod pods;
mod remedies;
mod scheduling;
mod services;
mod stateful_sets;
mod status;
mod storage;
mod why;
mod workloads;

pub use kept::Kept;
pub use why::why;

use crate::{EventRow, ObjectRef, PodTile, Snapshot, Text, clock_text};
use api::{Event, Node, ObjectKey, OwnerReference, Time};
use apiserver::Lister;
use cluster::{Cluster, WaitRecord};
use std::collections::BTreeMap;
use std::rc::Rc;

/// How many of the latest events the picture has.
const EVENTS: usize = 500;

/// What the single builders need: the cluster, and what was made before them.
struct Context<'a> {
    cluster: &'a Cluster,
    lister: Lister<'a>,
    /// Why each object waits.
    waits: BTreeMap<ObjectKey, Vec<&'a WaitRecord>>,
    /// The colour of each workload.
    colours: BTreeMap<ObjectRef, u8>,
}

impl<'a> Context<'a> {
    fn new(cluster: &'a Cluster) -> Self {
        let lister = cluster.lister();
        let mut waits: BTreeMap<ObjectKey, Vec<&WaitRecord>> = BTreeMap::new();
        for record in cluster.waits() {
            waits.entry(record.wait.who.clone()).or_default().push(record);
        }
        Self { cluster, lister, waits, colours: workloads::colours(lister) }
    }

    /// A wall-clock time as milliseconds of virtual time.
    fn sim_ms(&self, time: Option<Time>) -> u64 {
        time.map_or(0, |time| self.cluster.clock().sim_time(time.unix_millis()).as_millis())
    }

    /// The first reason for which an object waits.
    fn wait(&self, key: &ObjectKey) -> Option<&WaitRecord> {
        self.waits.get(key)?.first().copied()
    }
}

/// Everything the page shows of a cluster at this moment.
pub fn snapshot(cluster: &Cluster) -> Snapshot {
    next_snapshot(cluster, &mut Kept::default())
}

/// The same for those who make one picture after the other: what did not change since the last one is taken from it.
pub fn next_snapshot(cluster: &Cluster, kept: &mut Kept) -> Snapshot {
    let lister = cluster.lister();
    let ctx = Context::new(cluster);
    kept.compare(&ctx);
    let pods = pods::tiles(&ctx, kept);
    let problems = status::problems(&ctx, &pods);
    Snapshot {
        now_ms: cluster.now().as_millis(),
        clock: clock_text(cluster.now().as_millis()).into(),
        version: "v1.36".into(),
        status: status::sentence(&ctx, &pods),
        nodes: nodes::cards(&ctx, &pods, kept),
        unscheduled: pods.iter().filter(|pod| !is_on_a_node(lister, pod)).cloned().collect(),
        workloads: workloads::chips(&ctx),
        stateful_sets: stateful_sets::lanes(&ctx, &pods),
        daemon_sets: daemon_sets::lanes(&ctx, &pods, kept),
        deployments: deployments::lanes(&ctx, &pods),
        jobs: jobs::lanes(&ctx, &pods),
        cron_jobs: jobs::cron_lanes(&ctx),
        claims: storage::claims(&ctx),
        volumes: storage::volumes(&ctx),
        classes: storage::classes(&ctx),
        services: services::rows(&ctx),
        events: kept.events.latest(&ctx, EVENTS).iter().map(|event| event_row(&ctx, event)).collect(),
        problems,
        pods,
    }
}

/// Whether the pod's node exists: one that was removed leaves its pods behind for a while.
fn is_on_a_node(lister: Lister<'_>, pod: &PodTile) -> bool {
    pod.node.as_ref().is_some_and(|node| lister.get::<Node>("", node).is_some())
}

fn event_row(ctx: &Context<'_>, event: &Event) -> EventRow {
    let at_ms = ctx.sim_ms(event.last_seen());
    let about = &event.involved_object;
    EventRow {
        uid: text(&event.metadata.uid),
        at_ms,
        time: clock_text(at_ms).into(),
        is_warning: event.r#type == "Warning",
        reason: text(&event.reason),
        object: ObjectRef::new(&about.kind, &about.namespace, &about.name),
        from: text(&event.reporting_component),
        message: text(&event.message),
        count: u32::try_from(event.times_seen()).unwrap_or(1),
    }
}

fn text(value: &str) -> Text {
    Text::from(value)
}

/// A reference to the object of a key.
fn reference(key: &ObjectKey) -> ObjectRef {
    let kind = apiserver::resource(key.kind).map_or("", |info| info.kind);
    ObjectRef::new(kind, &key.namespace, &key.name)
}

/// A reference to an owner in a namespace.
fn owner_reference(owner: &OwnerReference, namespace: &str) -> ObjectRef {
    ObjectRef::new(&owner.kind, namespace, &owner.name)
}

/// The tile of a pod.
fn tile<'t>(tiles: &'t [Rc<PodTile>], namespace: &str, name: &str) -> Option<&'t Rc<PodTile>> {
    tiles
        .binary_search_by(|tile| (&*tile.namespace, &*tile.name).cmp(&(namespace, name)))
        .ok()
        .and_then(|at| tiles.get(at))
}

fn count(n: i32) -> u32 {
    u32::try_from(n).unwrap_or(0)
}
