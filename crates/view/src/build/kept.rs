//! What the last picture was made of, so that the next one makes only what changed: a frame costs what happened in it.
//!
//! Nothing here can be seen in a picture. Every part is kept with what it was made from, and made anew if any of that is
//! another one now.

use super::Context;
use crate::{DaemonSetLane, NodeCard, ObjectRef, PodTile};
use api::{DaemonSet, Event, Node, Object, Pod, ReplicaSet, Str};
use apiserver::Change;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// The parts of the last picture, with what they were made of.
#[derive(Clone, Default)]
pub struct Kept {
    world: World,
    pub(super) tiles: Vec<KeptTile>,
    pub(super) pods: Rc<[Rc<PodTile>]>,
    pub(super) cards: Vec<(Rc<Node>, NodeCard)>,
    /// Whether the nodes are, but for their status, those of the last picture.
    pub(super) same_nodes: bool,
    pub(super) daemon_sets: Vec<KeptLane>,
    /// The UIDs of the owners of pods whose tiles are other ones though the pods are the same: they wait for something
    /// else.
    pub(super) retold: BTreeSet<Str>,
    pub(super) events: KeptEvents,
}

/// What every tile depends on beside its pod.
#[derive(Clone, Default, PartialEq, Eq)]
struct World {
    colours: BTreeMap<ObjectRef, u8>,
    /// Nodes, and whether they are Ready.
    nodes: Vec<(Str, bool)>,
    /// ReplicaSets, and who controls them.
    sets: Vec<(Str, Str)>,
}

/// A tile and the pod it shows.
#[derive(Clone)]
pub(super) struct KeptTile {
    pub(super) pod: Rc<Pod>,
    pub(super) tile: Rc<PodTile>,
}

/// A lane, the set it shows, and its pods.
#[derive(Clone)]
pub(super) struct KeptLane {
    pub(super) set: Rc<DaemonSet>,
    pub(super) pods: Vec<Rc<Pod>>,
    pub(super) lane: DaemonSetLane,
}

impl KeptEvents {
    /// Takes in what the watch log has since the last picture. False if the log does not tell: nothing has been read
    /// yet, too much has happened, or this is another history.
    fn catch_up(&mut self, ctx: &Context<'_>) -> bool {
        let server = ctx.cluster.server();
        let (Some(last), true) = (&self.last, self.cursor > 0) else { return false };
        let mut entries = server.watch_since(self.cursor - 1);
        if server.watch_cursor() < self.cursor || !entries.next().is_some_and(|entry| entry.object.is_same(last)) {
            return false;
        }
        for entry in entries {
            let Object::Event(event) = &entry.object else { continue };
            // What is gone makes room for what had been pushed out: look at everything.
            if entry.change == Change::Deleted {
                return false;
            }
            self.latest.retain(|known| known.metadata.uid != event.metadata.uid);
            self.latest.push(event.clone());
        }
        true
    }

    /// The latest events, oldest first.
    pub(super) fn latest(&mut self, ctx: &Context<'_>, most: usize) -> &[Rc<Event>] {
        if !self.catch_up(ctx) {
            self.latest = ctx.lister.list::<Event>().cloned().collect();
        }
        // Within one instant the store's order is the order in which they happened.
        self.latest.sort_by_cached_key(|event| (event.last_seen(), event.metadata.resource_version));
        let surplus = self.latest.len().saturating_sub(most);
        self.latest.drain(..surplus);
        self.cursor = ctx.cluster.server().watch_cursor();
        let newest = ctx.cluster.server().watch_since(self.cursor.saturating_sub(1)).next();
        self.last = newest.map(|entry| entry.object.clone());
        &self.latest
    }
}

/// The latest events, and how far the watch log has been read for them.
#[derive(Clone, Default)]
pub(super) struct KeptEvents {
    pub(super) latest: Vec<Rc<Event>>,
    pub(super) cursor: u64,
    /// The last entry that was read: in another history another one stands in its place.
    pub(super) last: Option<Object>,
}

impl Kept {
    /// Whether tiles and lanes of the last picture may be used again; else they are forgotten.
    pub(super) fn compare(&mut self, ctx: &Context<'_>) {
        let controller = |set: &ReplicaSet| set.metadata.controller().map(|owner| owner.name.clone());
        let world = World {
            colours: ctx.colours.clone(),
            nodes: ctx.lister.list::<Node>().map(|node| (node.metadata.name.clone(), node.is_ready())).collect(),
            sets: ctx
                .lister
                .list::<ReplicaSet>()
                .map(|set| (set.metadata.uid.clone(), controller(set).unwrap_or_default()))
                .collect(),
        };
        if world != self.world {
            self.world = world;
            self.tiles.clear();
            self.daemon_sets.clear();
        }
    }
}
