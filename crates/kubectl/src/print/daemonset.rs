//! DaemonSets in a table.

use super::{Printer, col, containers_and_images, created, wide};
use api::{DaemonSet, Object, Resource, Time, labels_text};

pub(super) const PRINTER: Printer = Printer {
    columns: &[
        col("NAME"),
        col("DESIRED"),
        col("CURRENT"),
        col("READY"),
        col("UP-TO-DATE"),
        col("AVAILABLE"),
        col("NODE SELECTOR"),
        col("AGE"),
        wide("CONTAINERS"),
        wide("IMAGES"),
        wide("SELECTOR"),
    ],
    row,
};

fn row(object: &Object, now: Time) -> Vec<String> {
    let Some(set) = DaemonSet::from_object(object) else { return Vec::new() };
    let (status, pod) = (&set.status, &set.spec.template.spec);
    let [containers, images] = containers_and_images(&pod.containers);
    vec![
        set.metadata.name.to_string(),
        status.desired_number_scheduled.to_string(),
        status.current_number_scheduled.to_string(),
        status.number_ready.to_string(),
        status.updated_number_scheduled.to_string(),
        status.number_available.to_string(),
        labels_text(&pod.node_selector),
        created(object, now),
        containers,
        images,
        set.spec.selector.to_string(),
    ]
}
