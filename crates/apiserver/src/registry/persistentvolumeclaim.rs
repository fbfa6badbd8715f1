//! PersistentVolumeClaims. Models: pkg/apis/core/v1/defaults.go, pkg/apis/core/validation ValidatePersistentVolumeClaim.

use super::check::{Causes, Path};
use super::workload::SPEC;
use super::{Part, internal, meta, names};
use api::{PersistentVolumeClaim, PersistentVolumeClaimSpec, PersistentVolumeClaimStatus, Str, Wire};
use serde_json::Value;

pub(super) const ACCESS_MODES: [&str; 4] = ["ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"];
pub(super) const VOLUME_MODES: [&str; 2] = ["Block", "Filesystem"];

pub(super) fn default(claim: &mut PersistentVolumeClaim) {
    if claim.spec.volume_mode.is_empty() {
        claim.spec.volume_mode = "Filesystem".into();
    }
}

pub(super) fn prepare_for_create(claim: &mut PersistentVolumeClaim) {
    claim.status = PersistentVolumeClaimStatus { phase: "Pending".into(), ..Default::default() };
}

pub(super) fn prepare_for_update(new: &mut PersistentVolumeClaim, old: &PersistentVolumeClaim, part: Part) {
    match part {
        Part::Spec => new.status = old.status.clone(),
        Part::Status => {
            new.spec = old.spec.clone();
            new.metadata = old.metadata.clone();
        }
    }
}

pub(super) fn validate(claim: &PersistentVolumeClaim, causes: &mut Causes) {
    validate_spec(&claim.spec, &SPEC, causes);
}

/// Everything that is wrong with the spec of a claim (or claim template) found here.
pub(super) fn validate_spec(spec: &PersistentVolumeClaimSpec, at: &Path<'_>, causes: &mut Causes) {
    if spec.access_modes.is_empty() {
        causes.required(&at.field("accessModes"), "at least 1 access mode is required");
    }
    if let Some(selector) = &spec.selector {
        meta::selector(selector, &at.field("selector"), causes);
    }
    access_modes(&spec.access_modes, &at.field("accessModes"), causes);
    let resources = at.field("resources");
    let storage = resources.key("storage");
    match spec.resources.requests.get("storage") {
        None => causes.required(&storage, ""),
        Some(size) if size.milli() <= 0 => causes.invalid(&storage, size.to_string(), "must be greater than zero"),
        Some(_) => {}
    }
    if let Some(class) = spec.storage_class_name.as_ref().filter(|class| !class.is_empty()) {
        meta::name(class, &at.field("storageClassName"), names::dns_subdomain, causes);
    }
    if !spec.volume_mode.is_empty() {
        causes.one_of(&at.field("volumeMode"), &spec.volume_mode, &VOLUME_MODES);
    }
    for field in ["dataSource", "dataSourceRef"] {
        if let Some(source) = spec.rest.get(field) {
            data_source(source, &at.field(field), causes);
        }
    }
}

/// Checks the ways in which a volume may be mounted.
pub(super) fn access_modes(modes: &[Str], at: &Path<'_>, causes: &mut Causes) {
    for mode in modes {
        causes.one_of(at, mode, &ACCESS_MODES);
    }
    let other = |mode: &Str| *mode != "ReadWriteOncePod" && ACCESS_MODES.contains(&mode.as_str());
    if modes.iter().any(|mode| *mode == "ReadWriteOncePod") && modes.iter().any(other) {
        causes.forbidden(at, "may not use ReadWriteOncePod with other access modes");
    }
}

fn data_source(source: &Value, at: &Path<'_>, causes: &mut Causes) {
    let text = |field: &str| source.get(field).and_then(Value::as_str).unwrap_or("");
    for field in ["name", "kind"] {
        if text(field).is_empty() {
            causes.required(&at.field(field), "");
        }
    }
    if text("apiGroup").is_empty() {
        if text("kind") != "PersistentVolumeClaim" {
            causes.invalid(at, text("kind"), "must be 'PersistentVolumeClaim' when referencing the default apiGroup");
        }
    } else {
        meta::name(text("apiGroup"), &at.field("apiGroup"), names::dns_subdomain, causes);
    }
}

pub(super) fn validate_update(new: &PersistentVolumeClaim, old: &PersistentVolumeClaim, causes: &mut Causes) {
    if new.spec == old.spec {
        return;
    }
    validate(new, causes);
    let (mut comparable, mut before) = (new.spec.clone(), old.spec.clone());
    if before.volume_name.is_empty() {
        before.volume_name = comparable.volume_name.clone();
    }
    if before.storage_class_name.is_none() {
        // A class may be given later to a claim that has none yet.
        comparable.storage_class_name = None;
    }
    if new.status.phase == "Bound" {
        if let Some(size) = before.resources.requests.get("storage") {
            comparable.resources.requests = comparable.resources.requests.with("storage", size.clone());
        }
        comparable.rest = comparable.rest.with("volumeAttributesClassName", Value::Null);
        before.rest = before.rest.with("volumeAttributesClassName", Value::Null);
    }
    if comparable != before {
        let diff = internal::claim_spec_diff(&before, &comparable);
        let detail =
            "spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims";
        causes.forbidden(&SPEC, &format!("{detail}\n{diff}"));
    }
    let size = |claim: &PersistentVolumeClaim| claim.spec.resources.requests.get("storage").map_or(0, |q| q.milli());
    let has = old.status.capacity.get("storage").map_or(0, |q| q.milli());
    if size(new) < size(old) && size(new) <= has {
        let at = SPEC.field("resources");
        let at = at.field("requests");
        causes.forbidden(&at.field("storage"), "field can not be less than status.capacity");
    }
    if new.spec.volume_mode != old.spec.volume_mode {
        causes.invalid(&Path::root("volumeMode"), new.spec.volume_mode.write(), "field is immutable");
    }
}

#[cfg(test)]
mod tests {
    use crate::registry::tests::{merged, refused, refused_update, refused_update_of};
    use api::{Kind, ObjectKey, PersistentVolumeClaim, Resource};
    use expect_test::expect;
    use serde_json::{Value, json};

    fn claim(spec: Value) -> Value {
        let sound = json!({"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "p"}, "spec": {
            "accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "2Gi"}}, "storageClassName": "",
        }});
        merged(sound, json!({ "spec": spec }))
    }

    #[test]
    fn modes_and_sizes() {
        refused(
            claim(json!({"accessModes": null})),
            expect![[
                r#"PersistentVolumeClaim "p" is invalid: spec.accessModes: Required value: at least 1 access mode is required"#
            ]],
        );
        refused(
            claim(json!({"accessModes": ["RWO"], "resources": null})),
            expect![[r#"
            spec.accessModes: Unsupported value: "RWO": supported values: "ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"
            spec.resources[storage]: Required value"#]],
        );
        refused(
            claim(json!({"accessModes": ["ReadWriteOncePod", "ReadWriteOnce"]})),
            expect![[
                r#"PersistentVolumeClaim "p" is invalid: spec.accessModes: Forbidden: may not use ReadWriteOncePod with other access modes"#
            ]],
        );
        refused(
            claim(json!({"resources": {"requests": {"storage": "-1Gi"}}})),
            expect![[
                r#"PersistentVolumeClaim "p" is invalid: spec.resources[storage]: Invalid value: "-1Gi": must be greater than zero"#
            ]],
        );
        refused(
            claim(json!({"storageClassName": "Fast SSD", "volumeMode": "Raw"})),
            expect![[r#"
            spec.storageClassName: Invalid value: "Fast SSD": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')
            spec.volumeMode: Unsupported value: "Raw": supported values: "Block", "Filesystem""#]],
        );
    }

    #[test]
    fn claims_do_not_change() {
        refused_update(
            claim(json!({})),
            json!({"spec": {"accessModes": ["ReadWriteMany"]}}),
            expect![[r#"
            PersistentVolumeClaim "p" is invalid: spec: Forbidden: spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims
            @@ -1,6 +1,6 @@
             {
              "AccessModes": [
            -  "ReadWriteOnce"
            +  "ReadWriteMany"
              ],
              "Selector": null,
              "Resources": {
        "#]],
        );
        refused_update(
            claim(json!({})),
            json!({"spec": {"resources": {"requests": {"storage": "3Gi"}}}}),
            expect![[r#"
            PersistentVolumeClaim "p" is invalid: spec: Forbidden: spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims
            @@ -6,7 +6,7 @@
              "Resources": {
               "Limits": null,
               "Requests": {
            -   "storage": "2Gi"
            +   "storage": "3Gi"
               }
              },
              "VolumeName": "",
        "#]],
        );
    }

    #[test]
    fn bound_claims_do_not_shrink() {
        let bind = |server: &mut crate::Server| {
            let key = ObjectKey::new(Kind::PersistentVolumeClaim, "default", "p");
            let mut claim = PersistentVolumeClaim::clone(
                PersistentVolumeClaim::from_object(server.get(&key).expect("there")).expect("a claim"),
            );
            claim.status.phase = "Bound".into();
            claim.status.capacity = claim.spec.resources.requests.clone();
            server.update_status(claim.into_object()).expect("updated");
        };
        let size = |size: &str| json!({"spec": {"resources": {"requests": {"storage": size}}}});
        refused_update_of(
            claim(json!({})),
            bind,
            size("1Gi"),
            expect![[
                r#"PersistentVolumeClaim "p" is invalid: spec.resources.requests.storage: Forbidden: field can not be less than status.capacity"#
            ]],
        );
        refused_update_of(
            claim(json!({})),
            bind,
            size("3Gi"),
            expect![[
                r#"persistentvolumeclaims "p" is forbidden: only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize"#
            ]],
        );
    }
}
