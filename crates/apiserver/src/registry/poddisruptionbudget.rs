//! PodDisruptionBudgets: checks, what may change.
//! Models: pkg/apis/policy/validation, pkg/registry/policy/poddisruptionbudget/strategy.go.

use super::check::Causes;
use super::workload::{self, SPEC};
use super::{Part, meta};
use api::{IntOrString, PodDisruptionBudget, PodDisruptionBudgetSpec, PodDisruptionBudgetStatus, Wire};

pub(super) fn prepare_for_create(budget: &mut PodDisruptionBudget) {
    budget.metadata.generation = 1;
    budget.status = PodDisruptionBudgetStatus::default();
}

pub(super) fn prepare_for_update(new: &mut PodDisruptionBudget, old: &PodDisruptionBudget, part: Part) {
    keep_other_part!(new, old, part);
}

/// A changed budget is checked like a new one: all of it may change.
pub(super) fn validate(budget: &PodDisruptionBudget, causes: &mut Causes) {
    let spec = &budget.spec;
    if spec.min_available.is_some() && spec.max_unavailable.is_some() {
        causes.told(&SPEC, "Invalid value", &shown(spec), "minAvailable and maxUnavailable cannot be both set");
    }
    for (field, amount) in [("minAvailable", &spec.min_available), ("maxUnavailable", &spec.max_unavailable)] {
        let at = SPEC.field(field);
        if let Some(amount) = amount {
            workload::count_or_percent(amount, &at, causes);
            workload::at_most_all(amount, &at, causes);
        }
    }
    if let Some(selector) = &spec.selector {
        meta::selector(selector, &SPEC.field("selector"), causes);
    }
    let policy = &spec.unhealthy_pod_eviction_policy;
    if !policy.is_empty() {
        causes.one_of(&SPEC.field("unhealthyPodEvictionPolicy"), policy, &["AlwaysAllow", "IfHealthyBudget"]);
    }
}

/// The spec in the server's internal form.
fn shown(spec: &PodDisruptionBudgetSpec) -> String {
    let amount =
        |amount: &Option<IntOrString>| amount.as_ref().map_or_else(|| "null".to_owned(), |a| a.write().to_string());
    let policy = &spec.unhealthy_pod_eviction_policy;
    format!(
        "{{\"MinAvailable\":{},\"Selector\":{},\"MaxUnavailable\":{},\"UnhealthyPodEvictionPolicy\":{}}}",
        amount(&spec.min_available),
        spec.selector.as_ref().map_or_else(|| "null".to_owned(), meta::selector_text),
        amount(&spec.max_unavailable),
        if policy.is_empty() { "null".to_owned() } else { schema::go_quote(policy) }
    )
}

#[cfg(test)]
mod tests {
    use crate::registry::tests::{merged, refused, refused_update};
    use expect_test::expect;
    use serde_json::{Value, json};

    fn budget(spec: Value) -> Value {
        let sound = json!({"apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": {"name": "b"},
            "spec": {"selector": {"matchLabels": {"app": "web"}}}});
        merged(sound, json!({ "spec": spec }))
    }

    #[test]
    fn budgets() {
        refused(budget(json!({"minAvailable": "50%"})), expect!["accepted"]);
        refused(
            budget(json!({"minAvailable": 1, "maxUnavailable": "50%"})),
            expect![[
                r#"PodDisruptionBudget.policy "b" is invalid: spec: Invalid value: {"MinAvailable":1,"Selector":{"matchLabels":{"app":"web"}},"MaxUnavailable":"50%","UnhealthyPodEvictionPolicy":null}: minAvailable and maxUnavailable cannot be both set"#
            ]],
        );
        refused(
            budget(
                json!({"minAvailable": -1, "selector": {"matchLabels": {"a b": "c"}}, "unhealthyPodEvictionPolicy": "Never"}),
            ),
            expect![[r#"
                spec.minAvailable: Invalid value: -1: must be greater than or equal to 0
                spec.selector.matchLabels: Invalid value: "a b": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')
                spec.unhealthyPodEvictionPolicy: Unsupported value: "Never": supported values: "AlwaysAllow", "IfHealthyBudget""#]],
        );
        refused(
            budget(json!({"maxUnavailable": "150%"})),
            expect![[
                r#"PodDisruptionBudget.policy "b" is invalid: spec.maxUnavailable: Invalid value: "150%": must not be greater than 100%"#
            ]],
        );
        refused(
            budget(json!({"maxUnavailable": "some"})),
            expect![[
                r#"PodDisruptionBudget.policy "b" is invalid: spec.maxUnavailable: Invalid value: "some": a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')"#
            ]],
        );
        refused_update(
            budget(json!({"minAvailable": 1})),
            json!({"spec": {"minAvailable": 2, "selector": {"matchLabels": {"app": "other"}}}}),
            expect!["accepted"],
        );
    }
}
