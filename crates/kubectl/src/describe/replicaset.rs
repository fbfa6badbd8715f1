//! ReplicaSets and ReplicationControllers.

use super::text::Text;
use super::{PodCounts, controlled_by, template};
use crate::call::Call;
use api::{ObjectMeta, PodTemplateSpec, ReplicaSet, ReplicaSetStatus, ReplicationController, Str, labels_text};

pub(super) fn replica_set(call: &Call<'_>, text: &mut Text, set: &ReplicaSet) -> bool {
    let spec = &set.spec;
    head(text, &set.metadata, &spec.selector.to_string());
    if let Some(owner) = controlled_by(&set.metadata) {
        text.field(0, "Controlled By", owner);
    }
    rest(call, text, &set.metadata, spec.replicas, &set.status, Some(&spec.template));
    true
}

pub(super) fn replication_controller(call: &Call<'_>, text: &mut Text, controller: &ReplicationController) -> bool {
    let spec = &controller.spec;
    head(text, &controller.metadata, &labels_text(&spec.selector));
    rest(call, text, &controller.metadata, spec.replicas, &controller.status, spec.template.as_deref());
    true
}

fn head(text: &mut Text, meta: &ObjectMeta, selector: &str) {
    text.field(0, "Name", &meta.name);
    text.field(0, "Namespace", &meta.namespace);
    text.field(0, "Selector", selector);
    text.labels("Labels", &meta.labels);
    text.annotations("Annotations", &meta.annotations);
}

fn rest(
    call: &Call<'_>,
    text: &mut Text,
    meta: &ObjectMeta,
    replicas: Option<i32>,
    status: &ReplicaSetStatus,
    template: Option<&PodTemplateSpec>,
) {
    text.field(0, "Replicas", format_args!("{} current / {} desired", status.replicas, replicas.unwrap_or(0)));
    text.field(0, "Pods Status", PodCounts::of(call, &meta.uid));
    match template {
        Some(template) => template::describe(text, template),
        None => text.line(0, "Pod Template:\n  <unset>"),
    }
    conditions(text, status.conditions.iter().map(|c| [&c.r#type, &c.status, &c.reason]));
}

/// Type, status and reason of each condition, if there are any.
pub(super) fn conditions<'c>(text: &mut Text, conditions: impl Iterator<Item = [&'c Str; 3]>) {
    for (at, [kind, status, reason]) in conditions.enumerate() {
        if at == 0 {
            text.line(0, "Conditions:");
            text.line(1, "Type\tStatus\tReason");
            text.line(1, "----\t------\t------");
        }
        text.line(1, format_args!("{kind} \t{status}\t{reason}"));
    }
}
