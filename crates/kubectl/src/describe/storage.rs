//! Claims, volumes, classes.

use super::text::Text;
use super::{capital, go_list, volumes};
use crate::call::Call;
use crate::fields;
use api::{
    ObjectMeta, PersistentVolume, PersistentVolumeClaim, PersistentVolumeClaimCondition, StorageClass, Str, Time, Wire,
    age, labels_text,
};
use serde_json::Value;

pub(super) fn claim(call: &Call<'_>, text: &mut Text, claim: &PersistentVolumeClaim) -> bool {
    let (meta, spec, status) = (&claim.metadata, &claim.spec, &claim.status);
    text.field(0, "Name", &meta.name);
    text.field(0, "Namespace", &meta.namespace);
    text.field(0, "StorageClass", spec.storage_class_name.clone().unwrap_or_default());
    phase(call, text, meta, &status.phase);
    text.field(0, "Volume", &spec.volume_name);
    text.labels("Labels", &meta.labels);
    text.annotations("Annotations", &meta.annotations);
    text.field(0, "Finalizers", go_list(&meta.finalizers));
    let bound = !spec.volume_name.is_empty();
    let capacity = status.capacity.get("storage").map_or_else(|| "0".to_owned(), ToString::to_string);
    text.field(0, "Capacity", if bound { capacity } else { String::new() });
    text.field(0, "Access Modes", if bound { api::access_modes_text(&status.access_modes) } else { String::new() });
    if !spec.volume_mode.is_empty() {
        text.field(0, "VolumeMode", &spec.volume_mode);
    }
    let users = call.lister().pods_using_claim(&meta.namespace, &meta.name);
    let mut users: Vec<String> = users.map(|pod| pod.metadata.name.to_string()).collect();
    users.sort();
    text.column("Used By", &users);
    if !status.conditions.is_empty() {
        conditions(text, &status.conditions);
    }
    true
}

fn conditions(text: &mut Text, conditions: &[PersistentVolumeClaimCondition]) {
    let date = |time: Option<Time>| time.map_or_else(|| "Mon, 01 Jan 0001 00:00:00 +0000".to_owned(), Time::rfc1123z);
    text.line(0, "Conditions:");
    text.line(1, "Type\tStatus\tLastProbeTime\tLastTransitionTime\tReason\tMessage");
    text.line(1, "----\t------\t-----------------\t------------------\t------\t-------");
    for condition in conditions {
        let (probed, changed) = (date(condition.last_probe_time), date(condition.last_transition_time));
        text.line(
            1,
            format!(
                "{} \t{} \t{probed} \t{changed} \t{} \t{}",
                condition.r#type, condition.status, condition.reason, condition.message
            ),
        );
    }
}

fn phase(call: &Call<'_>, text: &mut Text, meta: &ObjectMeta, phase: &Str) {
    if meta.is_terminating() {
        text.field(0, "Status", format_args!("Terminating (lasts {})", age(call.now(), meta.deletion_timestamp)));
    } else {
        text.field(0, "Status", phase);
    }
}

pub(super) fn volume(call: &Call<'_>, text: &mut Text, volume: &PersistentVolume) -> bool {
    let (meta, spec) = (&volume.metadata, &volume.spec);
    text.field(0, "Name", &meta.name);
    text.labels("Labels", &meta.labels);
    text.annotations("Annotations", &meta.annotations);
    text.field(0, "Finalizers", go_list(&meta.finalizers));
    text.field(0, "StorageClass", &spec.storage_class_name);
    phase(call, text, meta, &volume.status.phase);
    let claim = spec.claim_ref.as_ref().map(|claim| format!("{}/{}", claim.namespace, claim.name));
    text.field(0, "Claim", claim.unwrap_or_default());
    text.field(0, "Reclaim Policy", &spec.persistent_volume_reclaim_policy);
    text.field(0, "Access Modes", api::access_modes_text(&spec.access_modes));
    if !spec.volume_mode.is_empty() {
        text.field(0, "VolumeMode", &spec.volume_mode);
    }
    text.field(0, "Capacity", spec.capacity.get("storage").map_or_else(|| "0".to_owned(), ToString::to_string));
    node_affinity(text, volume);
    text.field(0, "Message", &volume.status.message);
    text.line(0, "Source:");
    volumes::source(text, &spec.write());
    true
}

fn node_affinity(text: &mut Text, volume: &PersistentVolume) {
    let required = volume.spec.node_affinity.as_ref().and_then(|affinity| affinity.required.as_ref());
    let Some(required) = required else { return text.field(0, "Node Affinity", "<none>") };
    text.field(0, "Node Affinity", "");
    if required.node_selector_terms.is_empty() {
        return text.field(1, "Required Terms", "<none>");
    }
    text.field(1, "Required Terms", "");
    for (number, term) in required.node_selector_terms.iter().enumerate() {
        if term.match_expressions.is_empty() {
            text.field(2, &format!("Term {number}"), "<none>");
        }
        for (index, condition) in term.match_expressions.iter().enumerate() {
            let title = if index == 0 { format!("Term {number}:") } else { String::new() };
            let values: Vec<&str> = condition.values.iter().map(|value| value.as_str()).collect();
            let values = if values.is_empty() { String::new() } else { format!(" [{}]", values.join(", ")) };
            let operator = condition.operator.to_lowercase();
            text.line(2, format_args!("{title}\t{} {operator}{values}", condition.key));
        }
    }
}

pub(super) fn class(text: &mut Text, class: &StorageClass) -> bool {
    text.field(0, "Name", &class.metadata.name);
    text.field(0, "IsDefaultClass", if class.is_default() { "Yes" } else { "No" });
    text.field(0, "Annotations", labels_text(&class.metadata.annotations));
    text.field(0, "Provisioner", &class.provisioner);
    text.field(0, "Parameters", labels_text(&class.parameters));
    text.field(0, "AllowVolumeExpansion", class.allow_volume_expansion.map_or("<unset>", capital));
    let options = class.rest.get("mountOptions").and_then(Value::as_array);
    match options.filter(|options| !options.is_empty()) {
        None => text.field(0, "MountOptions", "<none>"),
        Some(options) => {
            text.line(0, "MountOptions:");
            for option in options {
                text.line(1, fields::scalar(option));
            }
        }
    }
    if !class.reclaim_policy.is_empty() {
        text.field(0, "ReclaimPolicy", &class.reclaim_policy);
    }
    if !class.volume_binding_mode.is_empty() {
        text.field(0, "VolumeBindingMode", &class.volume_binding_mode);
    }
    true
}
