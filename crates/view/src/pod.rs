//! One Pod as a tile: what `kubectl get pods -o wide` knows of it, and the state its colour, glyph and edge stand for.

use crate::{ObjectRef, Text, age_text};

/// The state a tile shows. Each has its own colour, glyph and edge on the page.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum TileState {
    /// Running, all containers ready.
    Ready,
    /// Running, but not ready.
    NotReady,
    /// Bound to a node, its containers being made.
    Starting,
    /// Pending without a node.
    Unscheduled,
    /// `CrashLoopBackOff`, `Error`, `ImagePullBackOff`, Failed and the like.
    Failing,
    /// Succeeded.
    Completed,
    /// Being deleted.
    Terminating,
    /// Nobody hears of it any more: phase Unknown, or its node is not ready.
    Unknown,
}

impl TileState {
    /// Every state, in the order of a legend.
    pub const ALL: [Self; 8] = [
        Self::Ready,
        Self::NotReady,
        Self::Starting,
        Self::Unscheduled,
        Self::Failing,
        Self::Completed,
        Self::Terminating,
        Self::Unknown,
    ];

    /// The word a screen reader says.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::NotReady => "running, not ready",
            Self::Starting => "starting",
            Self::Unscheduled => "waiting for a node",
            Self::Failing => "failing",
            Self::Completed => "completed",
            Self::Terminating => "stopping",
            Self::Unknown => "unknown",
        }
    }
}

/// The workload that owns a Pod.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OwnerRef {
    /// The workload as people name it: a Deployment rather than its ReplicaSet.
    pub target: ObjectRef,
    /// Which of the page's workload colours it has; the same in its chip and its lane.
    pub colour: u8,
}

/// One Pod.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PodTile {
    /// `namespace/name`.
    pub key: Text,
    /// The Pod's uid: a Pod recreated under the same name is another tile.
    pub uid: Text,
    /// The Pod's namespace.
    pub namespace: Text,
    /// The Pod's name.
    pub name: Text,
    /// A short name for a narrow tile: the name without what its owner's name already says.
    pub short: Text,
    /// kubectl's STATUS column, exactly.
    pub status: Text,
    /// kubectl's READY column, such as `1/1`.
    pub ready: Text,
    /// Whether the Pod's Ready condition is true.
    pub is_ready: bool,
    /// How often its containers were restarted.
    pub restarts: u32,
    /// What the tile's colour, glyph and edge say.
    pub state: TileState,
    /// The ordinal of a StatefulSet's Pod.
    pub ordinal: Option<u32>,
    /// The workload that owns it.
    pub owner: Option<OwnerRef>,
    /// Whether a DaemonSet owns it.
    pub is_daemon: bool,
    /// Why it waits, as a sentence, while it waits.
    pub waiting: Option<Text>,
    /// The name of its template: the hash that its owner labels its pods with, empty without one. Pods of two revisions differ.
    pub revision: Text,
    /// The image of its first container.
    pub image: Text,
    /// The node it is bound to.
    pub node: Option<Text>,
    /// Its address.
    pub ip: Option<Text>,
    /// When it was created, in milliseconds of virtual time.
    pub created_ms: u64,
}

impl PodTile {
    /// The second line of the tile: STATUS, and what the READY column adds to it.
    pub fn line(&self) -> String {
        let mut line = self.status.to_string();
        if matches!(self.state, TileState::Ready | TileState::NotReady) {
            line.push(' ');
            line.push_str(&self.ready);
        }
        line
    }

    /// kubectl's AGE column at the moment `now_ms`.
    pub fn age(&self, now_ms: u64) -> String {
        age_text(now_ms.saturating_sub(self.created_ms))
    }

    /// The Pod as the target of a link.
    pub fn target(&self) -> ObjectRef {
        ObjectRef { kind: "Pod".into(), namespace: self.namespace.clone(), name: self.name.clone() }
    }
}
