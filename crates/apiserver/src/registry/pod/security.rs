//! Security contexts. Models: ValidateSecurityContext, validatePodSpecSecurityContext and validateSeccompProfileField of
//! pkg/apis/core/validation/validation.go. Nothing here acts on them; they are checked so that a manifest that a
//! cluster would refuse is refused.

use super::validate::array;
use crate::registry::check::{Causes, Path};
use crate::registry::internal;
use api::PodSpec;
use serde_json::Value;

/// Users and groups are 31-bit numbers.
const MAX_ID: i64 = i32::MAX as i64;

pub(super) fn pod(context: &Value, spec: &PodSpec, at: &Path<'_>, causes: &mut Causes) {
    ids(context, &["fsGroup", "runAsUser", "runAsGroup"], at, causes);
    let groups = at.field("supplementalGroups");
    for (i, group) in array(context.get("supplementalGroups")).iter().enumerate() {
        causes.in_range(&groups.index(i), group.as_i64().unwrap_or(0), 0..=MAX_ID);
    }
    let is_set = |field: &str| spec.rest.get(field).and_then(Value::as_bool) == Some(true);
    if is_set("shareProcessNamespace") && is_set("hostPID") {
        let detail = "ShareProcessNamespace and HostPID cannot both be enabled";
        causes.invalid(&at.field("shareProcessNamespace"), true, detail);
    }
    if let Some(policy) = context.get("fsGroupChangePolicy").and_then(Value::as_str) {
        causes.one_of(&at.field("fsGroupChangePolicy"), policy, &["Always", "OnRootMismatch"]);
    }
    seccomp(context, at, causes);
    if let Some(policy) = context.get("supplementalGroupsPolicy").and_then(Value::as_str) {
        causes.one_of(&at.field("supplementalGroupsPolicy"), policy, &["Merge", "Strict"]);
    }
}

pub(super) fn container(context: &Value, host_users: bool, at: &Path<'_>, causes: &mut Causes) {
    ids(context, &["runAsUser", "runAsGroup"], at, causes);
    if let Some(mount) = context.get("procMount").and_then(Value::as_str) {
        causes.one_of(&at.field("procMount"), mount, &["Default", "Unmasked"]);
        if mount == "Unmasked" && host_users {
            causes.invalid(&at.field("procMount"), mount, "`hostUsers` must be false to use `Unmasked`");
        }
    }
    seccomp(context, at, causes);
    let flag = |field: &str| context.get(field).and_then(Value::as_bool);
    if flag("allowPrivilegeEscalation") == Some(false) {
        if flag("privileged") == Some(true) {
            let detail = "cannot set `allowPrivilegeEscalation` to false and `privileged` to true";
            causes.told(at, "Invalid value", &internal::security_context(context), detail);
        }
        let added = context.get("capabilities").and_then(|c| c.get("add"));
        if array(added).iter().any(|c| c == "CAP_SYS_ADMIN") {
            let detail = "cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN";
            causes.told(at, "Invalid value", &internal::security_context(context), detail);
        }
    }
}

fn ids(context: &Value, fields: &[&str], at: &Path<'_>, causes: &mut Causes) {
    for field in fields {
        if let Some(id) = context.get(field).and_then(Value::as_i64) {
            causes.in_range(&at.field(field), id, 0..=MAX_ID);
        }
    }
}

fn seccomp(context: &Value, at: &Path<'_>, causes: &mut Causes) {
    let Some(profile) = context.get("seccompProfile") else { return };
    let at = at.field("seccompProfile");
    let (kind, path) = (profile.get("type").and_then(Value::as_str).unwrap_or(""), at.field("localhostProfile"));
    if kind.is_empty() {
        causes.required(&at.field("type"), "type is required when seccompProfile is set");
    } else {
        causes.one_of(&at.field("type"), kind, &["Localhost", "RuntimeDefault", "Unconfined"]);
    }
    match (kind, profile.get("localhostProfile")) {
        ("Localhost", None) => causes.required(&path, "must be set when seccomp type is Localhost"),
        ("Localhost", Some(_)) | (_, None) => {}
        (_, Some(_)) => causes.invalid(&path, profile.clone(), "can only be set when seccomp type is Localhost"),
    }
}
