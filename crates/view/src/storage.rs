//! Claims, volumes and classes as table rows, in kubectl's words.

use crate::{Severity, Text, age_text};

/// One PersistentVolumeClaim.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ClaimRow {
    /// Its namespace.
    pub namespace: Text,
    /// Its name.
    pub name: Text,
    /// Its phase.
    pub status: Text,
    /// How good or bad that is.
    pub severity: Severity,
    /// The volume it is bound to, else empty.
    pub volume: Text,
    /// Its capacity once bound, else empty.
    pub capacity: Text,
    /// Its access modes, short: `RWO`.
    pub access_modes: Text,
    /// Its class.
    pub class: Text,
    /// The Pods that use it, comma-separated.
    pub used_by: Text,
    /// Why it waits, while it waits.
    pub waiting: Option<Text>,
    /// When it was created, in milliseconds of virtual time.
    pub created_ms: u64,
}

impl ClaimRow {
    /// kubectl's AGE column at the moment `now_ms`.
    pub fn age(&self, now_ms: u64) -> String {
        age_text(now_ms.saturating_sub(self.created_ms))
    }
}

/// One PersistentVolume.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct VolumeRow {
    /// Its name.
    pub name: Text,
    /// Its capacity.
    pub capacity: Text,
    /// Its access modes, short.
    pub access_modes: Text,
    /// What happens to it when its claim goes: `Delete`, `Retain`.
    pub reclaim_policy: Text,
    /// Its phase.
    pub status: Text,
    /// How good or bad that is.
    pub severity: Severity,
    /// The claim it is bound to as `namespace/name`, else empty.
    pub claim: Text,
    /// Its class.
    pub class: Text,
}

/// One StorageClass.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ClassRow {
    /// Its name.
    pub name: Text,
    /// Whether claims that name no class get it.
    pub is_default: bool,
    /// Who makes its volumes.
    pub provisioner: Text,
    /// What happens to its volumes when their claims go.
    pub reclaim_policy: Text,
    /// When its volumes are bound: `Immediate`, `WaitForFirstConsumer`.
    pub binding_mode: Text,
    /// Whether its volumes may grow.
    pub allows_expansion: bool,
}
