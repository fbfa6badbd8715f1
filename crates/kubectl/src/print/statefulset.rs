//! StatefulSets in a table.

use super::{Printer, col, containers_and_images, created, wide};
use api::{Object, Resource, StatefulSet, Time};

pub(super) const PRINTER: Printer =
    Printer { columns: &[col("NAME"), col("READY"), col("AGE"), wide("CONTAINERS"), wide("IMAGES")], row };

fn row(object: &Object, now: Time) -> Vec<String> {
    let Some(set) = StatefulSet::from_object(object) else { return Vec::new() };
    let [containers, images] = containers_and_images(&set.spec.template.spec.containers);
    let ready = format!("{}/{}", set.status.ready_replicas, set.spec.replicas.unwrap_or(0));
    vec![set.metadata.name.to_string(), ready, created(object, now), containers, images]
}
