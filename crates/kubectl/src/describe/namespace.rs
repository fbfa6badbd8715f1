//! Namespaces.

use super::text::{Text, moment};
use crate::call::Call;
use crate::fields::{self, list};
use api::{Namespace, Object, Quantity, Time};
use apiserver::kind_of;
use serde_json::Value;

pub(super) fn describe(call: &Call<'_>, text: &mut Text, namespace: &Namespace) -> bool {
    text.head(&namespace.metadata);
    text.field(0, "Status", &namespace.status.phase);
    let conditions = namespace.status.rest.get("conditions").and_then(Value::as_array);
    if let Some(conditions) = conditions.filter(|conditions| !conditions.is_empty()) {
        text.line(0, "Conditions:");
        text.line(1, "Type\tStatus\tLastTransitionTime\tReason\tMessage");
        text.line(1, "----\t------\t------------------\t------\t-------");
        for condition in conditions {
            let part = |field: &str| fields::text(condition, field).to_owned();
            let at = moment(Time::parse(&part("lastTransitionTime")));
            text.line(
                1,
                format_args!("{}\t{}\t{at}\t{}\t{}", part("type"), part("status"), part("reason"), part("message")),
            );
        }
    }
    text.line(0, "");
    quotas(text, &objects(call, "ResourceQuota", &namespace.metadata.name));
    text.line(0, "");
    limits(text, &objects(call, "LimitRange", &namespace.metadata.name));
    false
}

fn objects(call: &Call<'_>, kind: &str, namespace: &str) -> Vec<Object> {
    kind_of("v1", kind).map_or_else(Vec::new, |kind| call.lister().objects(kind, Some(namespace)).cloned().collect())
}

/// Models: DescribeResourceQuotas.
fn quotas(text: &mut Text, quotas: &[Object]) {
    if quotas.is_empty() {
        text.line(0, "No resource quota.");
        return;
    }
    text.line(0, "Resource Quotas");
    for quota in quotas {
        let body = quota.write_body();
        text.field(1, "Name", &quota.meta().name);
        text.line(1, "Resource\tUsed\tHard");
        text.line(1, "--------\t---\t---");
        for (resource, hard) in fields::map(&body, "status.hard") {
            let used = body["status"]["used"].get(resource).map_or_else(|| "0".to_owned(), fields::scalar);
            text.line(1, format_args!("{resource}\t{used}\t{}", fields::scalar(hard)));
        }
    }
}

/// Models: DescribeLimitRanges.
fn limits(text: &mut Text, ranges: &[Object]) {
    if ranges.is_empty() {
        text.line(0, "No LimitRange resource.");
        return;
    }
    text.line(0, "Resource Limits");
    text.line(1, "Type\tResource\tMin\tMax\tDefault Request\tDefault Limit\tMax Limit/Request Ratio");
    text.line(1, "----\t--------\t---\t---\t---------------\t-------------\t-----------------------");
    for range in ranges {
        let body = range.write_body();
        for limit in list(&body, "spec.limits") {
            limit_lines(text, limit);
        }
    }
}

fn limit_lines(text: &mut Text, limit: &Value) {
    const PARTS: [&str; 5] = ["min", "max", "defaultRequest", "default", "maxLimitRequestRatio"];
    let mut resources: Vec<&String> =
        PARTS.iter().flat_map(|part| fields::map(limit, part).map(|(name, _)| name)).collect();
    resources.sort();
    resources.dedup();
    for resource in resources {
        let cell = |part: &&str| {
            let amount = limit[*part].get(resource).map(fields::scalar);
            amount
                .map_or_else(|| "-".to_owned(), |text| Quantity::parse(&text).map_or(text, |amount| amount.to_string()))
        };
        let cells: Vec<String> = PARTS.iter().map(cell).collect();
        text.line(1, format_args!("{}\t{resource}\t{}", fields::text(limit, "type"), cells.join("\t")));
    }
}
