//! ResourceQuotas. Models: ValidateResourceQuota of pkg/apis/core/validation, pkg/registry/core/resourcequota/strategy.go.

use super::check::{Causes, Path};
use super::workload::SPEC;
use super::{Part, pod};
use api::{ResourceQuota, ResourceQuotaStatus, ScopedResourceSelectorRequirement, Str, Wire};
use std::collections::BTreeSet;

const SCOPES: [&str; 7] = [
    "Terminating",
    "NotTerminating",
    "BestEffort",
    "NotBestEffort",
    "PriorityClass",
    "CrossNamespacePodAffinity",
    "VolumeAttributesClass",
];
const COMPUTE: [&str; 6] = ["cpu", "memory", "limits.cpu", "limits.memory", "requests.cpu", "requests.memory"];
const CONFLICTS: [[&str; 2]; 2] = [["BestEffort", "NotBestEffort"], ["Terminating", "NotTerminating"]];

pub(super) fn prepare_for_create(quota: &mut ResourceQuota) {
    quota.status = ResourceQuotaStatus::default();
}

pub(super) fn prepare_for_update(new: &mut ResourceQuota, old: &ResourceQuota, part: Part) {
    match part {
        Part::Spec => new.status = old.status.clone(),
        Part::Status => {
            new.spec = old.spec.clone();
            new.metadata = old.metadata.clone();
        }
    }
}

pub(super) fn validate(quota: &ResourceQuota, causes: &mut Causes) {
    let hard = SPEC.field("hard");
    for (name, amount) in quota.spec.hard.iter() {
        let at = hard.key(name);
        pod::resource_name(name, &at, causes);
        if !name.contains('/') && !pod::is_quota_resource(name) {
            causes.invalid(&at, name.as_str(), "must be a standard resource for quota");
        }
        pod::quantity(name, amount, &at, causes);
    }
    scopes(quota, causes);
    scope_selector(quota, causes);
}

pub(super) fn validate_update(new: &ResourceQuota, old: &ResourceQuota, causes: &mut Causes) {
    validate(new, causes);
    let set = |quota: &ResourceQuota| quota.spec.scopes.iter().cloned().collect::<BTreeSet<Str>>();
    if set(new) != set(old) {
        causes.invalid(&SPEC.field("scopes"), new.spec.scopes.write(), "field is immutable");
    }
}

/// Whether a scope can be about a resource. Models: IsResourceQuotaScopeValidForResource.
fn suits(scope: &str, resource: &str) -> bool {
    match scope {
        "BestEffort" => resource == "pods",
        "VolumeAttributesClass" => resource == "persistentvolumeclaims" || resource == "requests.storage",
        _ if SCOPES.contains(&scope) => resource == "pods" || COMPUTE.contains(&resource),
        _ => true,
    }
}

fn misfits(quota: &ResourceQuota, scope: &str) -> bool {
    quota.spec.hard.iter().any(|(name, _)| pod::is_quota_resource(name) && !suits(scope, name))
}

fn conflict<'a>(scopes: impl Iterator<Item = &'a Str> + Clone) -> bool {
    CONFLICTS.iter().any(|pair| pair.iter().all(|scope| scopes.clone().any(|have| have == scope)))
}

fn scopes(quota: &ResourceQuota, causes: &mut Causes) {
    let (at, scopes) = (SPEC.field("scopes"), &quota.spec.scopes);
    for scope in scopes {
        if !SCOPES.contains(&scope.as_str()) {
            causes.invalid(&at, scopes.write(), "unsupported scope");
        }
        if misfits(quota, scope) {
            causes.invalid(&at, scopes.write(), "unsupported scope applied to resource");
        }
    }
    if conflict(scopes.iter()) {
        causes.invalid(&at, scopes.write(), "conflicting scopes");
    }
}

fn scope_selector(quota: &ResourceQuota, causes: &mut Causes) {
    let Some(selector) = &quota.spec.scope_selector else { return };
    let at = SPEC.field("scopeSelector");
    let at = at.field("matchExpressions");
    for requirement in &selector.match_expressions {
        if !SCOPES.contains(&requirement.scope_name.as_str()) {
            causes.invalid(&at.field("scopeName"), requirement.scope_name.as_str(), "unsupported scope");
        }
        if misfits(quota, &requirement.scope_name) {
            causes.told(
                &at,
                "Invalid value",
                &shown(&selector.match_expressions),
                "unsupported scope applied to resource",
            );
        }
        self::requirement(requirement, &at, causes);
    }
    if conflict(selector.match_expressions.iter().map(|requirement| &requirement.scope_name)) {
        causes.invalid(&at, quota.spec.scopes.write(), "conflicting scopes");
    }
}

/// A scope selector in the server's internal form.
fn shown(requirements: &[ScopedResourceSelectorRequirement]) -> String {
    let one = |r: &ScopedResourceSelectorRequirement| {
        let values = if r.values.is_empty() { "null".to_owned() } else { r.values.write().to_string() };
        format!("{{\"ScopeName\":\"{}\",\"Operator\":\"{}\",\"Values\":{values}}}", r.scope_name, r.operator)
    };
    format!("{{\"MatchExpressions\":[{}]}}", requirements.iter().map(one).collect::<Vec<_>>().join(","))
}

fn requirement(requirement: &ScopedResourceSelectorRequirement, at: &Path<'_>, causes: &mut Causes) {
    let (operator, values) = (requirement.operator.as_str(), &requirement.values);
    let takes_values = ["PriorityClass", "VolumeAttributesClass"].contains(&requirement.scope_name.as_str());
    if !takes_values && SCOPES.contains(&requirement.scope_name.as_str()) && operator != "Exists" {
        let detail = "must be 'Exists' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity";
        causes.invalid(&at.field("operator"), operator, detail);
    }
    match operator {
        "In" | "NotIn" if values.is_empty() => {
            let detail = "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector";
            causes.required(&at.field("values"), detail);
        }
        "Exists" | "DoesNotExist" if !values.is_empty() => {
            let detail = "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector";
            causes.invalid(&at.field("values"), values.write(), detail);
        }
        "In" | "NotIn" | "Exists" | "DoesNotExist" => {}
        other => causes.invalid(&at.field("operator"), other, "not a valid selector operator"),
    }
}

#[cfg(test)]
mod tests {
    use crate::registry::tests::{refused, refused_update};
    use expect_test::expect;
    use serde_json::{Value, json};

    fn quota(spec: Value) -> Value {
        json!({"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": "q"}, "spec": spec})
    }

    #[test]
    fn resources() {
        let hard = json!({"pods": "4", "requests.cpu": "1", "count/deployments.apps": 2, "requests.nvidia.com/gpu": 4,
            "gold.storageclass.storage.k8s.io/requests.storage": "500Gi"});
        refused(quota(json!({ "hard": hard })), expect!["accepted"]);
        refused(
            quota(json!({"hard": {"pods": "1500m", "storage": "1Gi", "gpus": 1, "cpu": "-1"}})),
            expect![[r#"
            spec.hard[cpu]: Invalid value: "-1": must be greater than or equal to 0
            spec.hard[gpus]: Invalid value: "gpus": must be a standard resource type or fully qualified
            spec.hard[gpus]: Invalid value: "gpus": must be a standard resource for quota
            spec.hard[pods]: Invalid value: "1500m": must be an integer
            spec.hard[storage]: Invalid value: "storage": must be a standard resource for quota"#]],
        );
    }

    #[test]
    fn scopes() {
        refused(
            quota(json!({"hard": {"pods": 1}, "scopes": ["BestEffort", "NotBestEffort"]})),
            expect![[
                r#"ResourceQuota "q" is invalid: spec.scopes: Invalid value: ["BestEffort","NotBestEffort"]: conflicting scopes"#
            ]],
        );
        refused(
            quota(json!({"hard": {"services": 1}, "scopes": ["Terminating", "Odd"]})),
            expect![[r#"
            spec.scopes: Invalid value: ["Terminating","Odd"]: unsupported scope applied to resource
            spec.scopes: Invalid value: ["Terminating","Odd"]: unsupported scope"#]],
        );
        let selector =
            |requirement: Value| json!({"hard": {"pods": 1}, "scopeSelector": {"matchExpressions": [requirement]}});
        refused(
            quota(selector(json!({"scopeName": "PriorityClass", "operator": "In", "values": ["high"]}))),
            expect!["accepted"],
        );
        refused(
            quota(selector(json!({"scopeName": "PriorityClass", "operator": "In"}))),
            expect![[
                r#"ResourceQuota "q" is invalid: spec.scopeSelector.matchExpressions.values: Required value: must be at least one value when `operator` is 'In' or 'NotIn' for scope selector"#
            ]],
        );
        refused(
            quota(selector(json!({"scopeName": "Terminating", "operator": "DoesNotExist", "values": ["x"]}))),
            expect![[r#"
                spec.scopeSelector.matchExpressions.operator: Invalid value: "DoesNotExist": must be 'Exists' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity
                spec.scopeSelector.matchExpressions.values: Invalid value: ["x"]: must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector"#]],
        );
        refused_update(
            quota(json!({"hard": {"pods": 1}, "scopes": ["BestEffort"]})),
            json!({"spec": {"scopes": ["NotBestEffort"]}}),
            expect![[
                r#"ResourceQuota "q" is invalid: spec.scopes: Invalid value: ["NotBestEffort"]: field is immutable"#
            ]],
        );
    }
}
