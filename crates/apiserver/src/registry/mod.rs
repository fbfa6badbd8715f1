//! The registry: per kind, what is filled in, what is checked, what may change.
//!
//! One file per kind; this file only knows which is whose. Defaults exist here and nowhere else.

mod daemonset;
mod deployment;
mod namespace;
mod node;
mod persistentvolume;
mod persistentvolumeclaim;
mod pod;
mod replicaset;
mod replicationcontroller;
mod secret;
mod service;
mod statefulset;
mod storageclass;

use api::{Cause, Object};
use std::rc::Rc;

pub(crate) use service::Addresses;

/// Which part of an object a write is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// Metadata and spec.
    Spec,
    /// The status subresource.
    Status,
}

/// Fills in what the author left out.
pub(crate) fn default(object: &mut Object) {
    match object {
        Object::Pod(o) => pod::default(Rc::make_mut(o)),
        Object::StatefulSet(o) => statefulset::default(Rc::make_mut(o)),
        Object::DaemonSet(o) => daemonset::default(Rc::make_mut(o)),
        Object::Deployment(o) => deployment::default(Rc::make_mut(o)),
        Object::ReplicaSet(o) => replicaset::default(Rc::make_mut(o)),
        Object::ReplicationController(o) => replicationcontroller::default(Rc::make_mut(o)),
        Object::Service(o) => service::default(Rc::make_mut(o)),
        Object::PersistentVolumeClaim(o) => persistentvolumeclaim::default(Rc::make_mut(o)),
        Object::PersistentVolume(o) => persistentvolume::default(Rc::make_mut(o)),
        Object::StorageClass(o) => storageclass::default(Rc::make_mut(o)),
        Object::Secret(o) => secret::default(Rc::make_mut(o)),
        Object::Namespace(o) => namespace::default(Rc::make_mut(o)),
        _ => {}
    }
}

/// Drops what a client may not set on creation, and allocates addresses.
pub(crate) fn prepare_for_create(object: &mut Object, addresses: &mut Addresses) {
    match object {
        Object::Pod(o) => pod::prepare_for_create(Rc::make_mut(o)),
        Object::StatefulSet(o) => statefulset::prepare_for_create(Rc::make_mut(o)),
        Object::DaemonSet(o) => daemonset::prepare_for_create(Rc::make_mut(o)),
        Object::Deployment(o) => deployment::prepare_for_create(Rc::make_mut(o)),
        Object::ReplicaSet(o) => replicaset::prepare_for_create(Rc::make_mut(o)),
        Object::ReplicationController(o) => replicationcontroller::prepare_for_create(Rc::make_mut(o)),
        Object::Service(o) => service::prepare_for_create(Rc::make_mut(o), addresses),
        Object::PersistentVolumeClaim(o) => persistentvolumeclaim::prepare_for_create(Rc::make_mut(o)),
        Object::PersistentVolume(o) => persistentvolume::prepare_for_create(Rc::make_mut(o)),
        Object::Namespace(o) => namespace::prepare_for_create(Rc::make_mut(o)),
        _ => {}
    }
}

/// Everything that is wrong with a new object.
pub(crate) fn validate(object: &Object) -> Vec<Cause> {
    match object {
        Object::Pod(o) => pod::validate(o),
        Object::StatefulSet(o) => statefulset::validate(o),
        Object::DaemonSet(o) => daemonset::validate(o),
        Object::Deployment(o) => deployment::validate(o),
        Object::ReplicaSet(o) => replicaset::validate(o),
        Object::ReplicationController(o) => replicationcontroller::validate(o),
        Object::Service(o) => service::validate(o),
        Object::PersistentVolumeClaim(o) => persistentvolumeclaim::validate(o),
        Object::PersistentVolume(o) => persistentvolume::validate(o),
        Object::StorageClass(o) => storageclass::validate(o),
        _ => Vec::new(),
    }
}

/// Keeps the part that this write is not about, and counts generations.
pub(crate) fn prepare_for_update(object: &mut Object, old: &Object, part: Part) {
    match (object, old) {
        (Object::Pod(new), Object::Pod(old)) => pod::prepare_for_update(Rc::make_mut(new), old, part),
        (Object::StatefulSet(new), Object::StatefulSet(old)) => {
            statefulset::prepare_for_update(Rc::make_mut(new), old, part)
        }
        (Object::DaemonSet(new), Object::DaemonSet(old)) => daemonset::prepare_for_update(Rc::make_mut(new), old, part),
        (Object::Deployment(new), Object::Deployment(old)) => {
            deployment::prepare_for_update(Rc::make_mut(new), old, part);
        }
        (Object::ReplicaSet(new), Object::ReplicaSet(old)) => {
            replicaset::prepare_for_update(Rc::make_mut(new), old, part);
        }
        (Object::ReplicationController(new), Object::ReplicationController(old)) => {
            replicationcontroller::prepare_for_update(Rc::make_mut(new), old, part);
        }
        (Object::Service(new), Object::Service(old)) => service::prepare_for_update(Rc::make_mut(new), old, part),
        (Object::PersistentVolumeClaim(new), Object::PersistentVolumeClaim(old)) => {
            persistentvolumeclaim::prepare_for_update(Rc::make_mut(new), old, part);
        }
        (Object::PersistentVolume(new), Object::PersistentVolume(old)) => {
            persistentvolume::prepare_for_update(Rc::make_mut(new), old, part);
        }
        (Object::Node(new), Object::Node(old)) => node::prepare_for_update(Rc::make_mut(new), old, part),
        (Object::Namespace(new), Object::Namespace(old)) => namespace::prepare_for_update(Rc::make_mut(new), old, part),
        _ => {}
    }
}

/// Everything that is wrong with a change.
pub(crate) fn validate_update(object: &Object, old: &Object, part: Part) -> Vec<Cause> {
    if part == Part::Status {
        return Vec::new();
    }
    match (object, old) {
        (Object::Pod(new), Object::Pod(old)) => pod::validate_update(new, old),
        (Object::StatefulSet(new), Object::StatefulSet(old)) => statefulset::validate_update(new, old),
        (Object::DaemonSet(new), Object::DaemonSet(old)) => daemonset::validate_update(new, old),
        (Object::Deployment(new), Object::Deployment(old)) => deployment::validate_update(new, old),
        (Object::ReplicaSet(new), Object::ReplicaSet(old)) => replicaset::validate_update(new, old),
        (Object::Service(new), Object::Service(old)) => service::validate_update(new, old),
        (Object::PersistentVolumeClaim(new), Object::PersistentVolumeClaim(old)) => {
            persistentvolumeclaim::validate_update(new, old)
        }
        (Object::PersistentVolume(new), Object::PersistentVolume(old)) => persistentvolume::validate_update(new, old),
        _ => validate(object),
    }
}
