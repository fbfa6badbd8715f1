//! Where a pod may run: affinity, tolerations, spreading, gates.
//! Models: validateAffinity, ValidateTolerations, validateTopologySpreadConstraints and validateSchedulingGates of
//! pkg/apis/core/validation/validation.go.

use super::validate::array;
use crate::registry::check::{Causes, Path};
use crate::registry::{meta, names};
use api::{
    LabelSelector, NodeAffinity, NodeSelector, NodeSelectorRequirement, NodeSelectorTerm, PodAffinity, PodAffinityTerm,
    PodSpec, Rest, Str, Toleration,
};
use serde_json::Value;
use std::collections::BTreeSet;

const REQUIRED: &str = "requiredDuringSchedulingIgnoredDuringExecution";
const PREFERRED: &str = "preferredDuringSchedulingIgnoredDuringExecution";

pub(super) fn affinity(spec: &PodSpec, at: &Path<'_>, causes: &mut Causes) {
    let Some(affinity) = &spec.affinity else { return };
    if let Some(nodes) = &affinity.node_affinity {
        node_affinity(nodes, &at.field("nodeAffinity"), causes);
    }
    if let Some(pods) = &affinity.pod_affinity {
        pod_affinity(pods, &at.field("podAffinity"), causes);
    }
    if let Some(pods) = &affinity.pod_anti_affinity {
        pod_affinity(pods, &at.field("podAntiAffinity"), causes);
    }
}

fn node_affinity(affinity: &NodeAffinity, at: &Path<'_>, causes: &mut Causes) {
    if let Some(required) = &affinity.required {
        node_selector(required, &at.field(REQUIRED), causes);
    }
    let preferred = at.field(PREFERRED);
    for (i, term) in affinity.preferred.iter().enumerate() {
        let at = preferred.index(i);
        weight(term.weight, &at, causes);
        node_term(&term.preference, false, &at.field("preference"), causes);
    }
}

fn weight(weight: i32, at: &Path<'_>, causes: &mut Causes) {
    if !(1..=100).contains(&weight) {
        causes.invalid(&at.field("weight"), weight, "must be in the range 1-100");
    }
}

/// Checks alternatives of conditions on nodes.
pub(in crate::registry) fn node_selector(selector: &NodeSelector, at: &Path<'_>, causes: &mut Causes) {
    let at = at.field("nodeSelectorTerms");
    if selector.node_selector_terms.is_empty() {
        return causes.required(&at, "must have at least one node selector term");
    }
    for (i, term) in selector.node_selector_terms.iter().enumerate() {
        node_term(term, true, &at.index(i), causes);
    }
}

fn node_term(term: &NodeSelectorTerm, check_values: bool, at: &Path<'_>, causes: &mut Causes) {
    let (labels, fields) = (at.field("matchExpressions"), at.field("matchFields"));
    for (i, requirement) in term.match_expressions.iter().enumerate() {
        node_labels(requirement, check_values, &labels.index(i), causes);
    }
    for (i, requirement) in term.match_fields.iter().enumerate() {
        node_fields(requirement, &fields.index(i), causes);
    }
}

fn node_labels(requirement: &NodeSelectorRequirement, check_values: bool, at: &Path<'_>, causes: &mut Causes) {
    let values = at.field("values");
    let given = requirement.values.len();
    match requirement.operator.as_str() {
        "In" | "NotIn" if given == 0 => {
            causes.required(&values, "must be specified when `operator` is 'In' or 'NotIn'");
        }
        "Exists" | "DoesNotExist" if given > 0 => {
            causes.forbidden(&values, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'");
        }
        "Gt" | "Lt" if given != 1 => {
            causes.required(&values, "must be specified single value when `operator` is 'Lt' or 'Gt'");
        }
        "In" | "NotIn" | "Exists" | "DoesNotExist" | "Gt" | "Lt" => {}
        other => causes.invalid(&at.field("operator"), other, "not a valid selector operator"),
    }
    meta::label_key(&requirement.key, &at.field("key"), causes);
    if check_values {
        for (i, value) in requirement.values.iter().enumerate() {
            causes.each_invalid(&values.index(i), value, names::label_value(value));
        }
    }
}

fn node_fields(requirement: &NodeSelectorRequirement, at: &Path<'_>, causes: &mut Causes) {
    let values = at.field("values");
    match requirement.operator.as_str() {
        "In" | "NotIn" if requirement.values.len() != 1 => {
            let detail = "must be only one value when `operator` is 'In' or 'NotIn' for node field selector";
            causes.required(&values, detail);
        }
        "In" | "NotIn" => {}
        other => causes.invalid(&at.field("operator"), other, "not a valid selector operator"),
    }
    if requirement.key != "metadata.name" {
        causes.invalid(&at.field("key"), requirement.key.as_str(), "not a valid field selector key");
        return;
    }
    for (i, value) in requirement.values.iter().enumerate() {
        meta::name(value, &values.index(i), names::dns_subdomain, causes);
    }
}

fn pod_affinity(affinity: &PodAffinity, at: &Path<'_>, causes: &mut Causes) {
    let required = at.field(REQUIRED);
    for (i, term) in affinity.required.iter().enumerate() {
        pod_term(term, &required.index(i), causes);
    }
    let preferred = at.field(PREFERRED);
    for (i, weighted) in affinity.preferred.iter().enumerate() {
        let at = preferred.index(i);
        weight(weighted.weight, &at, causes);
        pod_term(&weighted.pod_affinity_term, &at.field("podAffinityTerm"), causes);
    }
}

fn pod_term(term: &PodAffinityTerm, at: &Path<'_>, causes: &mut Causes) {
    for (field, selector) in [("labelSelector", &term.label_selector), ("namespaceSelector", &term.namespace_selector)]
    {
        if let Some(selector) = selector {
            meta::selector(selector, &at.field(field), causes);
        }
    }
    for namespace in &term.namespaces {
        meta::name(namespace, &at.field("namespace"), names::dns_label, causes);
    }
    let keys = strings(&term.rest, "matchLabelKeys");
    let other = strings(&term.rest, "mismatchLabelKeys");
    label_keys(&keys, &other, term.label_selector.as_ref(), at, causes);
    if term.topology_key.is_empty() {
        causes.required(&at.field("topologyKey"), "can not be empty");
    }
    meta::label_key(&term.topology_key, &at.field("topologyKey"), causes);
}

fn strings(rest: &Rest, field: &str) -> Vec<Str> {
    array(rest.get(field)).iter().filter_map(Value::as_str).map(Str::from).collect()
}

/// Checks the labels of the incoming pod that refine a selector.
fn label_keys(keys: &[Str], other: &[Str], selector: Option<&LabelSelector>, at: &Path<'_>, causes: &mut Causes) {
    for (field, keys) in [("matchLabelKeys", keys), ("mismatchLabelKeys", other)] {
        let at = at.field(field);
        if !keys.is_empty() && selector.is_none() {
            causes.forbidden(&at, "must not be specified when labelSelector is not set");
            continue;
        }
        for (i, key) in keys.iter().enumerate() {
            meta::label_key(key, &at.index(i), causes);
        }
    }
    if let Some(selector) = selector {
        let mut seen: BTreeSet<&str> = selector.match_labels.iter().map(|(key, _)| key.as_str()).collect();
        for expression in &selector.match_expressions {
            if let Some(i) = keys.iter().position(|key| *key == expression.key)
                && seen.contains(expression.key.as_str())
            {
                let detail = "exists in both matchLabelKeys and labelSelector";
                causes.invalid(&at.index(i), expression.key.as_str(), detail);
            }
            seen.insert(&expression.key);
        }
    }
    for (i, key) in keys.iter().enumerate().filter(|(_, key)| other.contains(key)) {
        let detail = "exists in both matchLabelKeys and mismatchLabelKeys";
        causes.invalid(&at.field("matchLabelKeys").index(i), key.as_str(), detail);
    }
}

pub(super) fn tolerations(tolerations: &[Toleration], at: &Path<'_>, causes: &mut Causes) {
    for (i, toleration) in tolerations.iter().enumerate() {
        validate_toleration(toleration, &at.index(i), causes);
    }
}

fn validate_toleration(toleration: &Toleration, at: &Path<'_>, causes: &mut Causes) {
    let (operator, effect, value) = (toleration.operator.as_str(), toleration.effect.as_str(), &toleration.value);
    let at_operator = at.field("operator");
    if !toleration.key.is_empty() {
        meta::label_key(&toleration.key, &at.field("key"), causes);
    } else if operator != "Exists" {
        let detail = "operator must be Exists when `key` is empty, which means \"match all values and all keys\"";
        causes.invalid(&at_operator, operator, detail);
    }
    if toleration.toleration_seconds.is_some() && effect != "NoExecute" {
        causes.invalid(&at.field("effect"), effect, "effect must be 'NoExecute' when `tolerationSeconds` is set");
    }
    match operator {
        "" | "Equal" => {
            let wrong = names::label_value(value);
            if !wrong.is_empty() {
                causes.invalid(&at_operator, value.as_str(), wrong.join(";"));
            }
        }
        "Exists" if !value.is_empty() => {
            causes.invalid(&at_operator, value.as_str(), "value must be empty when `operator` is 'Exists'");
        }
        "Exists" => {}
        // The numeric operators exist, but their gate is off in v1.36.
        "Lt" | "Gt" => causes.unsupported(&at_operator, operator, &["Equal", "Exists", "Lt", "Gt"]),
        other => causes.unsupported(&at_operator, other, &["Equal", "Exists"]),
    }
    if !effect.is_empty() {
        taint_effect(effect, &at.field("effect"), causes);
    }
}

/// Checks the effect of a taint or toleration.
pub(in crate::registry) fn taint_effect(effect: &str, at: &Path<'_>, causes: &mut Causes) {
    causes.one_of(at, effect, &["NoSchedule", "PreferNoSchedule", "NoExecute"]);
}

pub(super) fn gates(spec: &PodSpec, at: &Path<'_>, causes: &mut Causes) {
    for (i, gate) in spec.scheduling_gates.iter().enumerate() {
        meta::label_key(&gate.name, &at.index(i), causes);
        if spec.scheduling_gates[..i].iter().any(|earlier| earlier.name == gate.name) {
            causes.duplicate(&at.index(i), gate.name.as_str());
        }
    }
}

pub(super) fn spread(spec: &PodSpec, at: &Path<'_>, causes: &mut Causes) {
    let constraints = &spec.topology_spread_constraints;
    for (i, constraint) in constraints.iter().enumerate() {
        let at = at.index(i);
        let action = constraint.when_unsatisfiable.as_str();
        causes.positive(&at.field("maxSkew"), constraint.max_skew);
        if constraint.topology_key.is_empty() {
            causes.required(&at.field("topologyKey"), "can not be empty");
        }
        causes.one_of(&at.field("whenUnsatisfiable"), action, &["DoNotSchedule", "ScheduleAnyway"]);
        let same = |other: &api::TopologySpreadConstraint| {
            other.topology_key == constraint.topology_key && other.when_unsatisfiable == action
        };
        if constraints[i + 1..].iter().any(same) {
            let pair = format!("{{{}, {action}}}", constraint.topology_key);
            causes.duplicate(&at.field("{topologyKey, whenUnsatisfiable}"), pair);
        }
        if let Some(domains) = constraint.min_domains {
            causes.positive(&at.field("minDomains"), domains);
            if action != "DoNotSchedule" {
                let detail = format!("can only use minDomains if whenUnsatisfiable=DoNotSchedule, not {action}");
                causes.invalid(&at.field("minDomains"), domains, detail);
            }
        }
        for (field, policy) in [
            ("nodeAffinityPolicy", &constraint.node_affinity_policy),
            ("nodeTaintsPolicy", &constraint.node_taints_policy),
        ] {
            if !policy.is_empty() {
                causes.one_of(&at.field(field), policy, &["Honor", "Ignore"]);
            }
        }
        label_keys(&constraint.match_label_keys, &[], constraint.label_selector.as_ref(), &at, causes);
        if let Some(selector) = &constraint.label_selector {
            meta::selector(selector, &at.field("labelSelector"), causes);
        }
    }
}
