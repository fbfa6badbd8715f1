//! ReplicationController controller: what ReplicaSets do, for the kind that was before them.
//! Models: pkg/controller/replication (Kubernetes 1.36), which runs the ReplicaSet controller on it.

use crate::pod_control::owner_keys_by;
use crate::replicaset::{Replicated, concerns_count, reconcile_replicas};
use crate::{Controller, Ctx, Decision};
use api::{Kind, LabelSelector, Object, ObjectKey, PodTemplateSpec, ReplicaSetStatus, ReplicationController, StrMap};
use apiserver::{Change, Lister, WatchEvent};
use std::rc::Rc;

/// The row of this controller.
pub const CONTROLLER: Controller =
    Controller { name: "replicationcontroller-controller", keys, reconcile, period: None, when: None };

impl Replicated for ReplicationController {
    const COMPONENT: &'static str = "replication-controller";
    const DOCS: &'static str = "concepts/workloads/controllers/replicationcontroller/";
    const COUNTS_TERMINATING: bool = false;

    fn replicas(&self) -> i32 {
        self.spec.replicas.unwrap_or(0)
    }
    fn selector(&self) -> LabelSelector {
        LabelSelector { match_labels: self.spec.selector.clone(), ..Default::default() }
    }
    fn template(&self) -> Option<&Rc<PodTemplateSpec>> {
        self.spec.template.as_ref()
    }
    fn min_ready_seconds(&self) -> i32 {
        self.spec.min_ready_seconds
    }
    fn status(&self) -> &ReplicaSetStatus {
        &self.status
    }
    fn with_status(&self, status: ReplicaSetStatus) -> Self {
        ReplicationController { status, ..self.clone() }
    }
}

fn keys(event: &WatchEvent, lister: Lister<'_>, keys: &mut Vec<ObjectKey>) {
    match &event.object {
        Object::ReplicationController(_) if event.change != Change::Deleted => keys.push(event.object.key()),
        Object::Pod(pod) if concerns_count(event, pod) => {
            let selects = |controller: &ReplicationController, labels: &StrMap| {
                let selector = &controller.spec.selector;
                !selector.is_empty() && selector.iter().all(|(key, value)| labels.get(key) == Some(value))
            };
            owner_keys_by(event, lister, selects, keys);
        }
        _ => {}
    }
}

fn reconcile(ctx: &Ctx<'_>, key: &ObjectKey) -> Decision {
    debug_assert_eq!(key.kind, Kind::ReplicationController);
    match ctx.lister.get::<ReplicationController>(&key.namespace, &key.name) {
        // Nothing owns a ReplicationController, so there are no others to even out nodes with.
        Some(controller) => reconcile_replicas(ctx, &**controller, Vec::new).into(),
        None => Decision::default(),
    }
}
