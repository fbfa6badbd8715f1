//! StatefulSets, DaemonSets, Deployments, ReplicaSets.

use super::text::{Text, moment};
use super::{PodCounts, go_list, template};
use crate::call::Call;
use crate::fields::{self, at, int, list};
use api::{DaemonSet, Kind, LabelSelector, Object, PersistentVolumeClaim, StatefulSet, Wire, labels_text};
use serde_json::Value;

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
fn selector(selector: &LabelSelector) -> String {
    if selector.is_empty() { String::new() } else { selector.to_string() }
}

pub(super) fn deployment(call: &Call<'_>, text: &mut Text, object: &Object) -> bool {
    let (meta, body) = (object.meta(), object.write_body());
    text.field(0, "Name", &meta.name);
    text.field(0, "Namespace", &meta.namespace);
    text.field(0, "CreationTimestamp", moment(meta.creation_timestamp));
    text.labels("Labels", &meta.labels);
    text.annotations("Annotations", &meta.annotations);
    text.field(0, "Selector", selector(&LabelSelector::read(at(&body, "spec.selector").clone())));
    let status = |field: &str| int(&body["status"], field);
    text.field(
        0,
        "Replicas",
        format_args!(
            "{} desired | {} updated | {} total | {} available | {} unavailable",
            int(&body, "spec.replicas"),
            status("updatedReplicas"),
            status("replicas"),
            status("availableReplicas"),
            status("unavailableReplicas")
        ),
    );
    text.field(0, "StrategyType", fields::text(&body, "spec.strategy.type"));
    text.field(0, "MinReadySeconds", int(&body, "spec.minReadySeconds"));
    let rolling = at(&body, "spec.strategy.rollingUpdate");
    if rolling.is_object() {
        let part = |field: &str| fields::scalar(&rolling[field]);
        let strategy = format!("{} max unavailable, {} max surge", part("maxUnavailable"), part("maxSurge"));
        text.field(0, "RollingUpdateStrategy", strategy);
    }
    template::describe(text, &Wire::read(at(&body, "spec.template").clone()));
    conditions(text, &body);
    replica_sets(call, text, object, &body);
    true
}

fn conditions(text: &mut Text, body: &Value) {
    let conditions = list(body, "status.conditions");
    if conditions.is_empty() {
        return;
    }
    text.line(0, "Conditions:");
    text.line(1, "Type\tStatus\tReason");
    text.line(1, "----\t------\t------");
    for condition in conditions {
        let part = |field: &str| fields::text(condition, field).to_owned();
        text.line(1, format_args!("{} \t{}\t{}", part("type"), part("status"), part("reason")));
    }
}

/// The old and the new ReplicaSets of a Deployment, told apart by their templates.
fn replica_sets(call: &Call<'_>, text: &mut Text, deployment: &Object, body: &Value) {
    let wanted = at(body, "spec.template.spec");
    let (mut old, mut new) = (Vec::new(), Vec::new());
    let mut any = false;
    for object in call.lister().owned_by(&deployment.meta().uid).filter(|o| o.kind() == Kind::ReplicaSet) {
        let set = object.write_body();
        let (have, desired) = (int(&set, "status.replicas"), int(&set, "spec.replicas"));
        let line = format!("{} ({have}/{desired} replicas created)", object.meta().name);
        any = true;
        if at(&set, "spec.template.spec") == wanted {
            new.push(line);
        } else {
            old.push(line);
        }
    }
    if any {
        let joined = |lines: Vec<String>| if lines.is_empty() { "<none>".to_owned() } else { lines.join(", ") };
        text.field(0, "OldReplicaSets", joined(old));
        text.field(0, "NewReplicaSet", joined(new));
    }
}

pub(super) fn replica_set(call: &Call<'_>, text: &mut Text, object: &Object) -> bool {
    let (meta, body) = (object.meta(), object.write_body());
    text.field(0, "Name", &meta.name);
    text.field(0, "Namespace", &meta.namespace);
    text.field(0, "Selector", LabelSelector::read(at(&body, "spec.selector").clone()));
    text.labels("Labels", &meta.labels);
    text.annotations("Annotations", &meta.annotations);
    if let Some(owner) = super::controlled_by(meta) {
        text.field(0, "Controlled By", owner);
    }
    let (current, desired) = (int(&body, "status.replicas"), int(&body, "spec.replicas"));
    text.field(0, "Replicas", format_args!("{current} current / {desired} desired"));
    text.field(0, "Pods Status", PodCounts::of(call, &meta.uid));
    template::describe(text, &Wire::read(at(&body, "spec.template").clone()));
    conditions(text, &body);
    true
}
