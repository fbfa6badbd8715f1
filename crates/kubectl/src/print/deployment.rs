//! Deployments in a table.

use super::{Printer, col, containers_and_images, created, wide};
use api::{Deployment, Object, Resource, Time};

pub(super) const PRINTER: Printer = Printer {
    columns: &[
        col("NAME"),
        col("READY"),
        col("UP-TO-DATE"),
        col("AVAILABLE"),
        col("AGE"),
        wide("CONTAINERS"),
        wide("IMAGES"),
        wide("SELECTOR"),
    ],
    row,
};

fn row(object: &Object, now: Time) -> Vec<String> {
    let Some(deployment) = Deployment::from_object(object) else { return Vec::new() };
    let (spec, status) = (&deployment.spec, &deployment.status);
    let [containers, images] = containers_and_images(&spec.template.spec.containers);
    vec![
        deployment.metadata.name.to_string(),
        format!("{}/{}", status.ready_replicas, spec.replicas.unwrap_or(0)),
        status.updated_replicas.to_string(),
        status.available_replicas.to_string(),
        created(object, now),
        containers,
        images,
        spec.selector.to_string(),
    ]
}
