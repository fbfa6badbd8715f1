//! StatefulSets and DaemonSets.

use super::text::{Text, moment};
use super::{PodCounts, go_list, template};
use crate::call::Call;
use crate::fields;
use api::{DaemonSet, LabelSelector, PersistentVolumeClaim, StatefulSet, labels_text};

pub(super) fn stateful_set(call: &Call<'_>, text: &mut Text, set: &StatefulSet) -> bool {
    let (meta, spec) = (&set.metadata, &set.spec);
    text.field(0, "Name", &meta.name);
    text.field(0, "Namespace", &meta.namespace);
    text.field(0, "CreationTimestamp", moment(meta.creation_timestamp));
    text.field(0, "Selector", selector(&spec.selector));
    text.labels("Labels", &meta.labels);
    text.annotations("Annotations", &meta.annotations);
    let replicas = spec.replicas.unwrap_or(0);
    text.field(0, "Replicas", format_args!("{replicas} desired | {} total", set.status.replicas));
    text.field(0, "Update Strategy", &spec.update_strategy.r#type);
    if let Some(rolling) = &spec.update_strategy.rolling_update
        && let Some(partition) = rolling.partition
    {
        text.field(1, "Partition", partition);
        if let Some(most) = rolling.rest.get("maxUnavailable") {
            text.field(1, "MaxUnavailable", fields::scalar(most));
        }
    }
    text.field(0, "Pods Status", PodCounts::of(call, &meta.uid));
    template::describe(text, &spec.template);
    claim_templates(text, &spec.volume_claim_templates);
    true
}

fn claim_templates(text: &mut Text, templates: &[PersistentVolumeClaim]) {
    if templates.is_empty() {
        text.field(0, "Volume Claims", "<none>");
        return;
    }
    text.line(0, "Volume Claims:");
    for claim in templates {
        text.field(1, "Name", &claim.metadata.name);
        text.field(1, "StorageClass", claim.spec.storage_class_name.clone().unwrap_or_default());
        text.indented_labels("  ", "Labels", &claim.metadata.labels);
        text.indented_labels("  ", "Annotations", &claim.metadata.annotations);
        match claim.spec.resources.requests.get("storage") {
            Some(size) => text.field(1, "Capacity", size),
            None => text.field(1, "Capacity", "<default>"),
        }
        text.field(1, "Access Modes", go_list(&claim.spec.access_modes));
    }
}

pub(super) fn daemon_set(call: &Call<'_>, text: &mut Text, set: &DaemonSet) -> bool {
    let (meta, status) = (&set.metadata, &set.status);
    text.field(0, "Name", &meta.name);
    text.field(0, "Namespace", &meta.namespace);
    text.field(0, "Selector", selector(&set.spec.selector));
    text.field(0, "Node-Selector", labels_text(&set.spec.template.spec.node_selector));
    text.labels("Labels", &meta.labels);
    text.annotations("Annotations", &meta.annotations);
    let counts = [
        ("Desired Number of Nodes Scheduled", status.desired_number_scheduled),
        ("Current Number of Nodes Scheduled", status.current_number_scheduled),
        ("Number of Nodes Scheduled with Up-to-date Pods", status.updated_number_scheduled),
        ("Number of Nodes Scheduled with Available Pods", status.number_available),
        ("Number of Nodes Misscheduled", status.number_misscheduled),
    ];
    for (title, count) in counts {
        text.line(0, format_args!("{title}: {count}"));
    }
    text.field(0, "Pods Status", PodCounts::of(call, &meta.uid));
    template::describe(text, &set.spec.template);
    true
}

/// A selector as `labels.Selector` prints it: nothing when empty.
pub(super) fn selector(selector: &LabelSelector) -> String {
    if selector.is_empty() { String::new() } else { selector.to_string() }
}
