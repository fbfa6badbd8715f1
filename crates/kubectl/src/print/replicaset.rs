//! ReplicaSets and ReplicationControllers in a table.

use super::{Column, Printer, col, containers_and_images, created, wide};
use api::{Object, PodTemplateSpec, ReplicaSetStatus, Time, labels_text};

const COLUMNS: &[Column] = &[
    col("NAME"),
    col("DESIRED"),
    col("CURRENT"),
    col("READY"),
    col("AGE"),
    wide("CONTAINERS"),
    wide("IMAGES"),
    wide("SELECTOR"),
];

pub(super) const REPLICA_SET: Printer = Printer {
    columns: COLUMNS,
    row: |object, now| {
        let Object::ReplicaSet(set) = object else { return Vec::new() };
        let spec = &set.spec;
        row(object, now, spec.replicas, &set.status, Some(&spec.template), spec.selector.to_string())
    },
};

pub(super) const REPLICATION_CONTROLLER: Printer = Printer {
    columns: COLUMNS,
    row: |object, now| {
        let Object::ReplicationController(controller) = object else { return Vec::new() };
        let (spec, status) = (&controller.spec, &controller.status);
        row(object, now, spec.replicas, status, spec.template.as_deref(), labels_text(&spec.selector))
    },
};

fn row(
    object: &Object,
    now: Time,
    replicas: Option<i32>,
    status: &ReplicaSetStatus,
    template: Option<&PodTemplateSpec>,
    selector: String,
) -> Vec<String> {
    let [containers, images] =
        template.map_or_else(Default::default, |template| containers_and_images(&template.spec.containers));
    vec![
        object.meta().name.to_string(),
        replicas.unwrap_or(0).to_string(),
        status.replicas.to_string(),
        status.ready_replicas.to_string(),
        created(object, now),
        containers,
        images,
        selector,
    ]
}
