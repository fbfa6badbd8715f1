//! Jobs and CronJobs.

use super::capital;
use super::template;
use super::text::{Text, moment};
use crate::fields::{self, at, int, list};
use api::{LabelSelector, Object, Time, Wire, age};
use serde_json::Value;

pub(super) fn job(text: &mut Text, object: &Object) -> bool {
    let (meta, body) = (object.meta(), object.write_body());
    let spec = &body["spec"];
    text.field(0, "Name", &meta.name);
    text.field(0, "Namespace", &meta.namespace);
    text.field(0, "Selector", LabelSelector::read(spec["selector"].clone()));
    text.labels("Labels", &meta.labels);
    text.annotations("Annotations", &meta.annotations);
    if let Some(owner) = super::controlled_by(meta) {
        text.field(0, "Controlled By", owner);
    }
    given(text, "Parallelism", &spec["parallelism"], "");
    or_unset(text, "Completions", &spec["completions"], "");
    given(text, "Completion Mode", &spec["completionMode"], "");
    given(text, "Suspend", &spec["suspend"], "");
    given(text, "Backoff Limit", &spec["backoffLimit"], "");
    given(text, "TTL Seconds After Finished", &spec["ttlSecondsAfterFinished"], "");
    times(text, &body);
    given(text, "Active Deadline Seconds", &spec["activeDeadlineSeconds"], "s");
    let count = |field: &str| int(&body["status"], field);
    let ready = match body["status"].get("ready") {
        Some(ready) => format!(" ({} Ready)", fields::scalar(ready)),
        None => String::new(),
    };
    let (active, succeeded, failed) = (count("active"), count("succeeded"), count("failed"));
    text.field(0, "Pods Statuses", format_args!("{active} Active{ready} / {succeeded} Succeeded / {failed} Failed"));
    if spec["completionMode"] == "Indexed" {
        text.field(0, "Completed Indexes", super::text::or_none(fields::text(&body, "status.completedIndexes")));
    }
    template::describe(text, &Wire::read(spec["template"].clone()));
    true
}

fn times(text: &mut Text, body: &Value) {
    let time = |path| Time::parse(fields::text(body, path));
    let (start, end) = (time("status.startTime"), time("status.completionTime"));
    if start.is_some() {
        text.field(0, "Start Time", moment(start));
    }
    if let Some(end) = end {
        text.field(0, "Completed At", moment(Some(end)));
        text.field(0, "Duration", age(end, start));
    }
}

fn given(text: &mut Text, label: &str, value: &Value, unit: &str) {
    if !value.is_null() {
        text.field(0, label, format_args!("{}{unit}", fields::scalar(value)));
    }
}

fn or_unset(text: &mut Text, label: &str, value: &Value, unit: &str) {
    if value.is_null() { text.field(0, label, "<unset>") } else { given(text, label, value, unit) }
}

pub(super) fn cron_job(text: &mut Text, object: &Object) -> bool {
    let body = object.write_body();
    let spec = &body["spec"];
    text.head(object.meta());
    text.field(0, "Schedule", fields::text(spec, "schedule"));
    text.field(0, "Concurrency Policy", fields::text(spec, "concurrencyPolicy"));
    text.field(0, "Suspend", spec["suspend"].as_bool().map_or("<unset>", capital));
    or_unset(text, "Time Zone", &spec["timeZone"], "");
    or_unset(text, "Successful Job History Limit", &spec["successfulJobsHistoryLimit"], "");
    or_unset(text, "Failed Job History Limit", &spec["failedJobsHistoryLimit"], "");
    or_unset(text, "Starting Deadline Seconds", &spec["startingDeadlineSeconds"], "s");
    let job = at(spec, "jobTemplate.spec");
    match job.get("selector") {
        Some(selector) => text.field(0, "Selector", LabelSelector::read(selector.clone())),
        None => text.field(0, "Selector", "<unset>"),
    }
    or_unset(text, "Parallelism", &job["parallelism"], "");
    or_unset(text, "Completions", &job["completions"], "");
    given(text, "Active Deadline Seconds", &job["activeDeadlineSeconds"], "s");
    template::describe(text, &Wire::read(job["template"].clone()));
    let last = Time::parse(fields::text(&body, "status.lastScheduleTime"));
    text.field(0, "Last Schedule Time", last.map_or_else(|| "<unset>".to_owned(), |at| moment(Some(at))));
    let active: Vec<&str> = list(&body, "status.active").iter().map(|job| fields::text(job, "name")).collect();
    text.field(0, "Active Jobs", super::text::or_none(&active.join(", ")));
    true
}
