//! Namespaces.

use super::policy;
use super::text::{Text, moment};
use crate::call::Call;
use crate::fields;
use api::{LimitRange, Namespace, ResourceQuota, Time};
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
    policy::quotas(text, call.lister().list_in::<ResourceQuota>(&namespace.metadata.name).map(|quota| &**quota));
    text.line(0, "");
    policy::limits(text, call.lister().list_in::<LimitRange>(&namespace.metadata.name).map(|range| &**range));
    false
}
