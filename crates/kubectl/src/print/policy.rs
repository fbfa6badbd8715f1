//! Disruption budgets and quotas in a table.

use super::{Printer, col, created};
use api::{IntOrString, Object, PodDisruptionBudget, Resource, ResourceQuota, Time};

pub(super) const DISRUPTION_BUDGET: Printer = Printer {
    columns: &[col("NAME"), col("MIN AVAILABLE"), col("MAX UNAVAILABLE"), col("ALLOWED DISRUPTIONS"), col("AGE")],
    row: disruption_budget,
};

fn disruption_budget(object: &Object, now: Time) -> Vec<String> {
    let Some(budget) = PodDisruptionBudget::from_object(object) else { return Vec::new() };
    let amount = |amount: &Option<IntOrString>| amount.as_ref().map_or_else(|| "N/A".to_owned(), ToString::to_string);
    vec![
        budget.metadata.name.to_string(),
        amount(&budget.spec.min_available),
        amount(&budget.spec.max_unavailable),
        budget.status.disruptions_allowed.to_string(),
        created(object, now),
    ]
}

pub(super) const QUOTA: Printer =
    Printer { columns: &[col("NAME"), col("REQUEST"), col("LIMIT"), col("AGE")], row: quota };

fn quota(object: &Object, now: Time) -> Vec<String> {
    let Some(quota) = ResourceQuota::from_object(object) else { return Vec::new() };
    let (mut requests, mut limits) = (Vec::new(), Vec::new());
    for (resource, hard) in quota.status.hard.iter() {
        let used = quota.status.used.get(resource).map_or_else(|| "0".to_owned(), ToString::to_string);
        let cell = format!("{resource}: {used}/{hard}");
        if resource.starts_with("limits.") { limits.push(cell) } else { requests.push(cell) }
    }
    vec![quota.metadata.name.to_string(), requests.join(", "), limits.join(", "), created(object, now)]
}
