use api::JobStatus;

/// A status as tests show it.
pub(crate) fn status_words(status: &JobStatus) -> String {
    let uncounted = status.uncounted_terminated_pods.as_ref().map_or(0, |u| u.succeeded.len() + u.failed.len());
    let conditions: Vec<String> =
        status.conditions.iter().map(|c| format!("{}={}({})", c.r#type, c.status, c.reason)).collect();
    let optional = |what: &str, value: &str| if value.is_empty() { String::new() } else { format!(" {what}={value}") };
    format!(
        "status active={} ready={} terminating={} succeeded={} failed={} uncounted={uncounted}{}{} [{}]",
        status.active,
        status.ready.unwrap_or(0),
        status.terminating.unwrap_or(0),
        status.succeeded,
        status.failed,
        optional("completed", &status.completed_indexes),
        optional("failedIndexes", status.failed_indexes.as_deref().unwrap_or("")),
        conditions.join(" ")
    )
}
