//! The registry: per kind, what is filled in, what is checked, what may change.
//!
//! One file per kind; this file only knows which is whose. Defaults exist here and nowhere else. What a refusal says
//! is what the server of Kubernetes v1.36 says, word by word; what a check is about is kept as a path.

/// Keeps the part that a write is not about, and counts a generation if the spec changes: what most kinds do.
macro_rules! keep_other_part {
    ($new:ident, $old:ident, $part:ident) => {
        match $part {
            Part::Spec => {
                $new.status = $old.status.clone();
                if $new.spec != $old.spec {
                    $new.metadata.generation += 1;
                }
            }
            Part::Status => {
                $new.spec = $old.spec.clone();
                $new.metadata = $old.metadata.clone();
            }
        }
    };
}

mod check;
mod configmap;
mod controllerrevision;
mod cronjob;
mod daemonset;
mod deployment;
mod endpoints;
mod event;
mod generic;
mod horizontalpodautoscaler;
mod internal;
mod job;
mod job_spec;
mod limitrange;
mod meta;
mod names;
mod namespace;
mod node;
mod persistentvolume;
mod persistentvolumeclaim;
mod pod;
mod poddisruptionbudget;
pub(crate) mod priorityclass;
mod replicaset;
mod replicationcontroller;
mod resourcequota;
mod reviews;
mod secret;
mod service;
mod statefulset;
mod storageclass;
#[cfg(test)]
pub(crate) mod tests;
mod workload;

use crate::custom;
use crate::store::Store;
use api::{Cause, Object};
use check::Causes;
use std::rc::Rc;

pub(crate) use reviews::answer;
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
        Object::Job(o) => job::default(Rc::make_mut(o)),
        Object::CronJob(o) => cronjob::default(Rc::make_mut(o)),
        Object::Service(o) => service::default(Rc::make_mut(o)),
        Object::PersistentVolumeClaim(o) => persistentvolumeclaim::default(Rc::make_mut(o)),
        Object::PersistentVolume(o) => persistentvolume::default(Rc::make_mut(o)),
        Object::StorageClass(o) => storageclass::default(Rc::make_mut(o)),
        Object::Secret(o) => secret::default(Rc::make_mut(o)),
        Object::Namespace(o) => namespace::default(Rc::make_mut(o)),
        Object::Node(o) => node::default(Rc::make_mut(o)),
        Object::HorizontalPodAutoscaler(o) => horizontalpodautoscaler::default(Rc::make_mut(o)),
        Object::Endpoints(o) => endpoints::default(Rc::make_mut(o)),
        Object::LimitRange(o) => limitrange::default(Rc::make_mut(o)),
        Object::Other(kind, o) if *kind == custom::definition_kind() => custom::default(Rc::make_mut(o)),
        Object::Other(kind, o) if priorityclass::is(*kind) => priorityclass::default(Rc::make_mut(o)),
        _ => {}
    }
}

/// Drops what a client may not set on creation.
pub(crate) fn prepare_for_create(object: &mut Object) {
    match object {
        Object::Pod(o) => pod::prepare_for_create(Rc::make_mut(o)),
        Object::StatefulSet(o) => statefulset::prepare_for_create(Rc::make_mut(o)),
        Object::DaemonSet(o) => daemonset::prepare_for_create(Rc::make_mut(o)),
        Object::Deployment(o) => deployment::prepare_for_create(Rc::make_mut(o)),
        Object::ReplicaSet(o) => replicaset::prepare_for_create(Rc::make_mut(o)),
        Object::ReplicationController(o) => replicationcontroller::prepare_for_create(Rc::make_mut(o)),
        Object::Job(o) => job::prepare_for_create(Rc::make_mut(o)),
        Object::CronJob(o) => cronjob::prepare_for_create(Rc::make_mut(o)),
        Object::Service(o) => service::prepare_for_create(Rc::make_mut(o)),
        Object::PersistentVolumeClaim(o) => persistentvolumeclaim::prepare_for_create(Rc::make_mut(o)),
        Object::PersistentVolume(o) => persistentvolume::prepare_for_create(Rc::make_mut(o)),
        Object::Namespace(o) => namespace::prepare_for_create(Rc::make_mut(o)),
        Object::PodDisruptionBudget(o) => poddisruptionbudget::prepare_for_create(Rc::make_mut(o)),
        Object::ResourceQuota(o) => resourcequota::prepare_for_create(Rc::make_mut(o)),
        Object::HorizontalPodAutoscaler(o) => horizontalpodautoscaler::prepare_for_create(Rc::make_mut(o)),
        Object::Other(kind, o) if *kind == custom::definition_kind() => custom::prepare_for_create(Rc::make_mut(o)),
        Object::Other(kind, o) => generic::prepare_for_create(*kind, Rc::make_mut(o)),
        _ => {}
    }
}

/// Gives an object what only the server can give it: addresses and ports.
pub(crate) fn allocate(
    object: &mut Object,
    old: Option<&Object>,
    store: &Store,
    addresses: &mut Addresses,
) -> Vec<Cause> {
    let Object::Service(o) = object else { return Vec::new() };
    let old = match old {
        Some(Object::Service(old)) => Some(&**old),
        _ => None,
    };
    let mut causes = Causes::default();
    service::allocate(Rc::make_mut(o), old, store, addresses, &mut causes);
    causes.into_list()
}

/// Everything that is wrong with a new object.
pub(crate) fn validate(object: &Object) -> Vec<Cause> {
    let mut causes = Causes::default();
    meta::validate(object, &mut causes);
    match object {
        Object::Pod(o) => pod::validate(o, &mut causes),
        Object::StatefulSet(o) => statefulset::validate(o, &mut causes),
        Object::DaemonSet(o) => daemonset::validate(o, &mut causes),
        Object::Deployment(o) => deployment::validate(o, &mut causes),
        Object::ReplicaSet(o) => replicaset::validate(o, &mut causes),
        Object::ReplicationController(o) => replicationcontroller::validate(o, &mut causes),
        Object::Job(o) => job::validate(o, &mut causes),
        Object::CronJob(o) => cronjob::validate(o, &mut causes),
        Object::Service(o) => service::validate(o, &mut causes),
        Object::PersistentVolumeClaim(o) => persistentvolumeclaim::validate(o, &mut causes),
        Object::PersistentVolume(o) => persistentvolume::validate(o, &mut causes),
        Object::StorageClass(o) => storageclass::validate(o, &mut causes),
        Object::ConfigMap(o) => configmap::validate(o, &mut causes),
        Object::Secret(o) => secret::validate(o, &mut causes),
        Object::Node(o) => node::validate(o, &mut causes),
        Object::Namespace(o) => namespace::validate(o, &mut causes),
        Object::HorizontalPodAutoscaler(o) => horizontalpodautoscaler::validate(o, &mut causes),
        Object::Event(o) => event::validate(o, &mut causes),
        Object::Endpoints(o) => endpoints::validate(o, &mut causes),
        Object::ControllerRevision(o) => controllerrevision::validate(o, &mut causes),
        Object::PodDisruptionBudget(o) => poddisruptionbudget::validate(o, &mut causes),
        Object::LimitRange(o) => limitrange::validate(o, &mut causes),
        Object::ResourceQuota(o) => resourcequota::validate(o, &mut causes),
        Object::Other(kind, o) if *kind == custom::definition_kind() => causes.extend(custom::validate(o, None)),
        Object::Other(kind, o) if priorityclass::is(*kind) => priorityclass::validate(o, &mut causes),
        _ => {}
    }
    causes.into_list()
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
        (Object::Job(new), Object::Job(old)) => job::prepare_for_update(Rc::make_mut(new), old, part),
        (Object::CronJob(new), Object::CronJob(old)) => cronjob::prepare_for_update(Rc::make_mut(new), old, part),
        (Object::Service(new), Object::Service(old)) => service::prepare_for_update(Rc::make_mut(new), old, part),
        (Object::PersistentVolumeClaim(new), Object::PersistentVolumeClaim(old)) => {
            persistentvolumeclaim::prepare_for_update(Rc::make_mut(new), old, part);
        }
        (Object::PersistentVolume(new), Object::PersistentVolume(old)) => {
            persistentvolume::prepare_for_update(Rc::make_mut(new), old, part);
        }
        (Object::Node(new), Object::Node(old)) => node::prepare_for_update(Rc::make_mut(new), old, part),
        (Object::Namespace(new), Object::Namespace(old)) => namespace::prepare_for_update(Rc::make_mut(new), old, part),
        (Object::PodDisruptionBudget(new), Object::PodDisruptionBudget(old)) => {
            poddisruptionbudget::prepare_for_update(Rc::make_mut(new), old, part);
        }
        (Object::ResourceQuota(new), Object::ResourceQuota(old)) => {
            resourcequota::prepare_for_update(Rc::make_mut(new), old, part);
        }
        (Object::HorizontalPodAutoscaler(new), Object::HorizontalPodAutoscaler(old)) => {
            horizontalpodautoscaler::prepare_for_update(Rc::make_mut(new), old, part);
        }
        (Object::Other(kind, new), Object::Other(_, old))
            if *kind == custom::definition_kind() && part == Part::Spec =>
        {
            custom::prepare_for_update(Rc::make_mut(new), old);
        }
        (Object::Other(kind, new), Object::Other(_, old)) => {
            generic::prepare_for_update(*kind, Rc::make_mut(new), old, part);
        }
        _ => {}
    }
}

/// Everything that is wrong with a change. A status is written by brains, which are trusted.
pub(crate) fn validate_update(object: &Object, old: &Object, part: Part) -> Vec<Cause> {
    if part == Part::Status {
        return Vec::new();
    }
    let mut causes = Causes::default();
    meta::validate_update(object, old, &mut causes);
    match (object, old) {
        (Object::Pod(new), Object::Pod(old)) => pod::validate_update(new, old, &mut causes),
        (Object::StatefulSet(new), Object::StatefulSet(old)) => statefulset::validate_update(new, old, &mut causes),
        (Object::DaemonSet(new), Object::DaemonSet(old)) => daemonset::validate_update(new, old, &mut causes),
        (Object::Deployment(new), Object::Deployment(old)) => deployment::validate_update(new, old, &mut causes),
        (Object::ReplicaSet(new), Object::ReplicaSet(old)) => replicaset::validate_update(new, old, &mut causes),
        (Object::ReplicationController(new), Object::ReplicationController(old)) => {
            replicationcontroller::validate_update(new, old, &mut causes);
        }
        (Object::Job(new), Object::Job(old)) => job::validate_update(new, old, &mut causes),
        (Object::CronJob(new), Object::CronJob(old)) => cronjob::validate_update(new, old, &mut causes),
        (Object::Service(new), Object::Service(old)) => service::validate_update(new, old, &mut causes),
        (Object::PersistentVolumeClaim(new), Object::PersistentVolumeClaim(old)) => {
            persistentvolumeclaim::validate_update(new, old, &mut causes);
        }
        (Object::PersistentVolume(new), Object::PersistentVolume(old)) => {
            persistentvolume::validate_update(new, old, &mut causes);
        }
        (Object::StorageClass(new), Object::StorageClass(old)) => storageclass::validate_update(new, old, &mut causes),
        (Object::ConfigMap(new), Object::ConfigMap(old)) => configmap::validate_update(new, old, &mut causes),
        (Object::Secret(new), Object::Secret(old)) => secret::validate_update(new, old, &mut causes),
        (Object::Node(new), Object::Node(old)) => node::validate_update(new, old, &mut causes),
        (Object::HorizontalPodAutoscaler(new), _) => horizontalpodautoscaler::validate(new, &mut causes),
        (Object::ControllerRevision(new), Object::ControllerRevision(old)) => {
            controllerrevision::validate_update(new, old, &mut causes);
        }
        (Object::Endpoints(new), Object::Endpoints(old)) => endpoints::validate_update(new, old, &mut causes),
        (Object::LimitRange(new), _) => limitrange::validate(new, &mut causes),
        (Object::ResourceQuota(new), Object::ResourceQuota(old)) => {
            resourcequota::validate_update(new, old, &mut causes);
        }
        (Object::PodDisruptionBudget(new), _) => poddisruptionbudget::validate(new, &mut causes),
        (Object::Other(kind, new), Object::Other(_, old)) if *kind == custom::definition_kind() => {
            causes.extend(custom::validate(new, Some(old)));
        }
        (Object::Other(kind, new), Object::Other(_, old)) if priorityclass::is(*kind) => {
            priorityclass::validate_update(new, old, &mut causes);
        }
        _ => {}
    }
    causes.into_list()
}
