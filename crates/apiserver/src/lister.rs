//! The read-only view that brains get.

use crate::indexes::Standing;
use crate::metrics::Loads;
use crate::store::Store;
use api::{Event, Kind, Object, ObjectKey, Pod, Resource, Str};
use std::rc::Rc;

/// A read-only view of everything stored, as of now.
#[derive(Clone, Copy)]
pub struct Lister<'a> {
    store: &'a Store,
}

impl<'a> Lister<'a> {
    pub(crate) fn new(store: &'a Store) -> Self {
        Lister { store }
    }

    /// How busy the pods of workloads are said to be.
    pub(crate) fn loads(self) -> &'a Loads {
        &self.store.loads
    }

    /// The object of this key.
    pub fn object(self, key: &ObjectKey) -> Option<&'a Object> {
        self.store.get(key)
    }

    /// The object of a modelled kind by namespace (empty for cluster-wide kinds) and name.
    pub fn get<T: Resource + 'a>(self, namespace: &str, name: &str) -> Option<&'a Rc<T>> {
        T::from_object(self.store.get(&ObjectKey::new(T::KIND, namespace, name))?)
    }

    /// All objects of a modelled kind, sorted by namespace and name.
    pub fn list<T: Resource + 'a>(self) -> impl Iterator<Item = &'a Rc<T>> {
        self.store.list(T::KIND, None).filter_map(T::from_object)
    }

    /// All objects of a modelled kind in a namespace, sorted by name.
    pub fn list_in<T: Resource + 'a>(self, namespace: &str) -> impl Iterator<Item = &'a Rc<T>> {
        self.store.list(T::KIND, Some(namespace)).filter_map(T::from_object)
    }

    /// All objects of any kind, in a namespace if one is given.
    pub fn objects(self, kind: Kind, namespace: Option<&str>) -> impl Iterator<Item = &'a Object> {
        self.store.list(kind, namespace)
    }

    /// Everything stored.
    pub fn everything(self) -> impl Iterator<Item = &'a Object> {
        self.store.all()
    }

    /// The objects that name the object with this UID among their owners.
    pub fn owned_by(self, uid: &Str) -> impl Iterator<Item = &'a Object> {
        self.store.indexes.owned_by(uid)
    }

    /// The objects of a modelled kind that name the object with this UID among their owners, sorted by name.
    pub fn owned<T: Resource + 'a>(self, uid: &Str) -> impl Iterator<Item = &'a Rc<T>> {
        self.store.indexes.owned(uid, T::KIND).filter_map(T::from_object)
    }

    /// The pods that name the object with this UID among their owners, and how they stand, sorted by name.
    pub fn standings(self, uid: &Str) -> impl Iterator<Item = (&'a Rc<Pod>, &'a Standing)> {
        self.store.indexes.standings(uid).filter_map(|(object, standing)| Some((Pod::from_object(object)?, standing)))
    }

    /// The pods, revisions or ReplicaSets of a namespace that no controller manages, sorted by name.
    pub fn orphans<T: Resource + 'a>(self, namespace: &Str) -> impl Iterator<Item = &'a Rc<T>> {
        self.store.indexes.orphans(namespace, T::KIND).filter_map(T::from_object)
    }

    /// The names of all nodes that pods are bound to, whether or not the nodes exist; the first may be empty, for pods
    /// that are not bound.
    pub fn nodes_with_pods(self) -> impl Iterator<Item = &'a Str> {
        self.store.indexes.node_names()
    }

    /// The pods bound to a node, finished ones included; under the empty name, those that are not bound.
    pub fn pods_on_node(self, node: &str) -> impl Iterator<Item = &'a Rc<Pod>> {
        self.store.indexes.on_node(node).filter_map(Pod::from_object)
    }

    /// The pods that mount a claim.
    pub fn pods_using_claim(self, namespace: &str, claim: &str) -> impl Iterator<Item = &'a Rc<Pod>> {
        self.store.indexes.using_claim(namespace, claim).filter_map(Pod::from_object)
    }

    /// The events about the object with this UID.
    pub fn events_about(self, uid: &Str) -> impl Iterator<Item = &'a Rc<Event>> {
        self.store.indexes.events_about(uid).filter_map(Event::from_object)
    }

    /// The object an owner reference in `namespace` names, if it is that very object.
    pub fn owner(self, reference: &api::OwnerReference, namespace: &str) -> Option<&'a Object> {
        let (kind, info) = self.served(&reference.api_version, &reference.kind)?;
        let namespace = if info.namespaced { namespace } else { "" };
        self.store
            .get(&ObjectKey::new(kind, namespace, reference.name.clone()))
            .filter(|object| object.meta().uid == reference.uid)
    }

    /// The definitions of custom kinds.
    pub(crate) fn definitions(self) -> &'a [Rc<crate::custom::Definition>] {
        self.store.definitions()
    }

    /// The number of the newest write.
    pub fn resource_version(self) -> u64 {
        self.store.resource_version()
    }
}
