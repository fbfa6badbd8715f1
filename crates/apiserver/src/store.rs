//! The store: objects by key, the watch log, and the resource version that orders both.
//! Models: staging/src/k8s.io/apiserver/pkg/storage (etcd3), without a disk.

use crate::custom::Definition;
use crate::indexes::Indexes;
use crate::metrics::Loads;
use crate::plan::EventType;
use api::{Kind, Object, ObjectKey, Str, Time, Version};
use imbl::shared_ptr::RcK;
use imbl::{GenericOrdMap, GenericVector};
use std::ops::Bound;
use std::rc::Rc;

/// How an object changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// It is new.
    Added,
    /// It was written.
    Modified,
    /// It is gone; the event carries its last state.
    Deleted,
}

impl Change {
    /// As a watch spells it.
    pub fn as_str(self) -> &'static str {
        match self {
            Change::Added => "ADDED",
            Change::Modified => "MODIFIED",
            Change::Deleted => "DELETED",
        }
    }
}

/// One entry of the watch log.
#[derive(Clone, Debug)]
pub struct WatchEvent {
    /// How it changed.
    pub change: Change,
    /// The object after the change (or its last state).
    pub object: Object,
    /// The object before a modification.
    pub old: Option<Object>,
}

/// How many entries the watch log keeps for those who read behind. Each holds a version of an object that may be used
/// nowhere else any more; those who watch read on after each step, so they are never that far behind.
const WATCH_LOG_LENGTH: usize = 20_000;

#[derive(Clone, Default)]
pub(crate) struct Store {
    objects: GenericOrdMap<ObjectKey, Object, RcK>,
    pub(crate) indexes: Indexes,
    /// What the definitions of custom kinds say.
    definitions: Rc<Vec<Rc<Definition>>>,
    resource_version: u64,
    log: GenericVector<WatchEvent, RcK>,
    log_start: u64,
    /// How often, and when last, an event was seen whose count was not written.
    pub(crate) sightings: GenericOrdMap<ObjectKey, (i32, Time), RcK>,
    /// How many thousandths of an event each source may still tell of an object, and since when.
    pub(crate) talkers: GenericOrdMap<(Str, EventType, Str), (i64, Time), RcK>,
    /// How busy the pods of workloads are said to be.
    pub(crate) loads: Loads,
}

impl Store {
    pub(crate) fn get(&self, key: &ObjectKey) -> Option<&Object> {
        self.objects.get(key)
    }

    pub(crate) fn resource_version(&self) -> u64 {
        self.resource_version
    }

    /// All objects of a kind, or of a kind in one namespace, in order of their keys.
    pub(crate) fn list(&self, kind: Kind, namespace: Option<&str>) -> impl Iterator<Item = &Object> {
        let start = ObjectKey { kind, namespace: namespace.unwrap_or("").into(), name: Str::default() };
        let namespace: Option<Str> = namespace.map(Str::from);
        self.objects
            .range((Bound::Included(start), Bound::Unbounded))
            .take_while(move |(key, _)| key.kind == kind && namespace.as_ref().is_none_or(|ns| key.namespace == *ns))
            .map(|(_, object)| object)
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = &Object> {
        self.objects.values()
    }

    /// Writes an object, giving it the next resource version, and logs the change.
    pub(crate) fn put(&mut self, mut object: Object) -> Object {
        self.resource_version += 1;
        object.meta_mut().resource_version = Version(self.resource_version);
        let key = object.key();
        let old = self.objects.insert(key, object.clone());
        self.indexes.replace(old.as_ref(), Some(&object));
        self.define(&object, false);
        let change = if old.is_some() { Change::Modified } else { Change::Added };
        self.append(WatchEvent { change, object: object.clone(), old });
        object
    }

    /// Removes an object and logs its end.
    pub(crate) fn remove(&mut self, key: &ObjectKey) -> Option<Object> {
        let mut object = self.objects.remove(key)?;
        self.indexes.replace(Some(&object), None);
        self.define(&object, true);
        self.resource_version += 1;
        object.meta_mut().resource_version = Version(self.resource_version);
        self.append(WatchEvent { change: Change::Deleted, object: object.clone(), old: None });
        Some(object)
    }

    /// The definitions of custom kinds.
    pub(crate) fn definitions(&self) -> &[Rc<Definition>] {
        &self.definitions
    }

    /// Reads a definition that was written, or forgets one that is gone.
    fn define(&mut self, object: &Object, gone: bool) {
        let Some(definition) = Definition::read(object) else { return };
        let mut left: Vec<Rc<Definition>> =
            self.definitions.iter().filter(|have| have.name != definition.name).cloned().collect();
        if !gone {
            left.push(Rc::new(definition));
            left.sort_by(|a, b| a.name.cmp(&b.name));
        }
        self.definitions = Rc::new(left);
    }

    fn append(&mut self, event: WatchEvent) {
        self.log.push_back(event);
        if self.log.len() > WATCH_LOG_LENGTH {
            self.log.pop_front();
            self.log_start += 1;
        }
    }

    /// Where the log ends: the cursor of one who has seen everything.
    pub(crate) fn log_end(&self) -> u64 {
        self.log_start + self.log.len() as u64
    }

    /// The entries from `cursor` on. Entries that have left the log are lost, as on a real server.
    pub(crate) fn log_since(&self, cursor: u64) -> impl Iterator<Item = &WatchEvent> {
        let skip = usize::try_from(cursor.saturating_sub(self.log_start)).unwrap_or(usize::MAX).min(self.log.len());
        (skip..self.log.len()).filter_map(|i| self.log.get(i))
    }
}
