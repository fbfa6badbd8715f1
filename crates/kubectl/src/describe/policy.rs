//! Disruption budgets, quotas and limits; also those of a namespace.

use super::text::Text;
use api::{LimitRange, LimitRangeItem, PodDisruptionBudget, Quantity, ResourceList, ResourceQuota, Str};

pub(super) fn disruption_budget(text: &mut Text, budget: &PodDisruptionBudget) -> bool {
    let (spec, status) = (&budget.spec, &budget.status);
    text.field(0, "Name", &budget.metadata.name);
    text.field(0, "Namespace", &budget.metadata.namespace);
    match (&spec.min_available, &spec.max_unavailable) {
        (Some(least), _) => text.field(0, "Min available", least),
        (None, Some(most)) => text.field(0, "Max unavailable", most),
        (None, None) => {}
    }
    match &spec.selector {
        Some(selector) => text.field(0, "Selector", selector),
        None => text.field(0, "Selector", "<unset>"),
    }
    text.line(0, "Status:");
    text.field(2, "Allowed disruptions", status.disruptions_allowed);
    text.field(2, "Current", status.current_healthy);
    text.field(2, "Desired", status.desired_healthy);
    text.field(2, "Total", status.expected_pods);
    true
}

const RESOURCES: &str = "Type\tResource\tMin\tMax\tDefault Request\tDefault Limit\tMax Limit/Request Ratio";
const RULE: &str = "----\t--------\t---\t---\t---------------\t-------------\t-----------------------";

pub(super) fn limit_range(text: &mut Text, range: &LimitRange) -> bool {
    text.field(0, "Name", &range.metadata.name);
    text.field(0, "Namespace", &range.metadata.namespace);
    text.line(0, RESOURCES);
    text.line(0, RULE);
    range.spec.limits.iter().for_each(|limit| limit_lines(text, "", limit));
    false
}

/// The limits of a namespace. Models: DescribeLimitRanges.
pub(super) fn limits<'a>(text: &mut Text, ranges: impl Iterator<Item = &'a LimitRange>) {
    let mut ranges = ranges.peekable();
    if ranges.peek().is_none() {
        text.line(0, "No LimitRange resource.");
        return;
    }
    text.line(0, "Resource Limits");
    text.line(0, format_args!(" {RESOURCES}"));
    text.line(0, format_args!(" {RULE}"));
    ranges.flat_map(|range| range.spec.limits.iter()).for_each(|limit| limit_lines(text, " ", limit));
}

/// A line for each resource that is limited. Models: describeLimitRangeSpec.
fn limit_lines(text: &mut Text, indent: &str, limit: &LimitRangeItem) {
    let parts = [&limit.min, &limit.max, &limit.default_request, &limit.default, &limit.max_limit_request_ratio];
    let mut resources: Vec<&Str> = parts.iter().flat_map(|part| part.iter().map(|(name, _)| name)).collect();
    resources.sort();
    resources.dedup();
    for resource in resources {
        let cells = parts.map(|part| part.get(resource).map_or_else(|| "-".to_owned(), Quantity::to_string));
        text.line(0, format_args!("{indent}{}\t{resource}\t{}", limit.r#type, cells.join("\t")));
    }
}

pub(super) fn quota(text: &mut Text, quota: &ResourceQuota) -> bool {
    text.field(0, "Name", &quota.metadata.name);
    text.field(0, "Namespace", &quota.metadata.namespace);
    scopes(text, 0, " * ", quota);
    text.line(0, "Resource\tUsed\tHard");
    text.line(0, "--------\t----\t----");
    usage(text, 0, &quota.status.used, &quota.status.hard, true);
    false
}

/// The quotas of a namespace. Models: DescribeResourceQuotas.
pub(super) fn quotas<'a>(text: &mut Text, quotas: impl Iterator<Item = &'a ResourceQuota>) {
    let mut quotas = quotas.peekable();
    if quotas.peek().is_none() {
        text.line(0, "No resource quota.");
        return;
    }
    text.line(0, "Resource Quotas");
    for quota in quotas {
        text.field(1, "Name", &quota.metadata.name);
        scopes(text, 1, "* ", quota);
        text.line(1, "Resource\tUsed\tHard");
        text.line(1, "--------\t---\t---");
        usage(text, 1, &quota.status.used, &quota.status.hard, false);
    }
}

fn scopes(text: &mut Text, level: usize, mark: &str, quota: &ResourceQuota) {
    let mut scopes: Vec<&str> = quota.spec.scopes.iter().map(Str::as_str).collect();
    if scopes.is_empty() {
        return;
    }
    scopes.sort_unstable();
    text.field(level, "Scopes", scopes.join(", "));
    for scope in scopes {
        let meaning = match scope {
            "Terminating" => {
                "Matches all pods that have an active deadline. These pods have a limited lifespan on a node before being actively terminated by the system."
            }
            "NotTerminating" => {
                "Matches all pods that do not have an active deadline. These pods usually include long running pods whose container command is not expected to terminate."
            }
            "BestEffort" => {
                "Matches all pods that do not have resource requirements set. These pods have a best effort quality of service."
            }
            "NotBestEffort" => {
                "Matches all pods that have at least one resource requirement set. These pods have a burstable or guaranteed quality of service."
            }
            _ => continue,
        };
        text.line(level, format_args!("{mark}{meaning}"));
    }
}

/// What is used of each bound. Used amounts can be shown in the bound's own format.
fn usage(text: &mut Text, level: usize, used: &ResourceList, hard: &ResourceList, alike: bool) {
    for (resource, bound) in hard.iter() {
        let used = used.get(resource).cloned().unwrap_or_default();
        let used = if alike { used.formatted_like(bound) } else { used };
        text.line(level, format_args!("{resource}\t{used}\t{bound}"));
    }
}
