//! Jobs and CronJobs.

use super::text::{Text, moment, or_none};
use super::{capital, template};
use api::{CronJob, Job, JobStatus, LabelSelector, age};
use std::fmt::Display;

pub(super) fn job(text: &mut Text, job: &Job) -> bool {
    let (meta, spec, status) = (&job.metadata, &job.spec, &job.status);
    text.field(0, "Name", &meta.name);
    text.field(0, "Namespace", &meta.namespace);
    if let Some(selector) = &spec.selector {
        text.field(0, "Selector", selector);
    }
    text.labels("Labels", &meta.labels);
    text.annotations("Annotations", &meta.annotations);
    if let Some(owner) = super::controlled_by(meta) {
        text.field(0, "Controlled By", owner);
    }
    given(text, "Parallelism", spec.parallelism, "");
    or_unset(text, "Completions", spec.completions, "");
    if !spec.completion_mode.is_empty() {
        text.field(0, "Completion Mode", &spec.completion_mode);
    }
    given(text, "Suspend", spec.suspend, "");
    given(text, "Backoff Limit", spec.backoff_limit, "");
    given(text, "TTL Seconds After Finished", spec.ttl_seconds_after_finished, "");
    times(text, status);
    given(text, "Active Deadline Seconds", spec.active_deadline_seconds, "s");
    let ready = status.ready.map_or_else(String::new, |ready| format!(" ({ready} Ready)"));
    let JobStatus { active, succeeded, failed, .. } = status;
    text.field(0, "Pods Statuses", format_args!("{active} Active{ready} / {succeeded} Succeeded / {failed} Failed"));
    if job.is_indexed() {
        text.field(0, "Completed Indexes", or_none(&status.completed_indexes));
    }
    template::describe(text, &spec.template);
    true
}

fn times(text: &mut Text, status: &JobStatus) {
    let (start, end) = (status.start_time, status.completion_time);
    if start.is_some() {
        text.field(0, "Start Time", moment(start));
    }
    if let Some(end) = end {
        text.field(0, "Completed At", moment(Some(end)));
        text.field(0, "Duration", age(end, start));
    }
}

fn given(text: &mut Text, label: &str, value: Option<impl Display>, unit: &str) {
    if let Some(value) = value {
        text.field(0, label, format_args!("{value}{unit}"));
    }
}

fn or_unset(text: &mut Text, label: &str, value: Option<impl Display>, unit: &str) {
    match value {
        Some(value) => text.field(0, label, format_args!("{value}{unit}")),
        None => text.field(0, label, "<unset>"),
    }
}

pub(super) fn cron_job(text: &mut Text, cron_job: &CronJob) -> bool {
    let (spec, status) = (&cron_job.spec, &cron_job.status);
    text.head(&cron_job.metadata);
    text.field(0, "Schedule", &spec.schedule);
    text.field(0, "Concurrency Policy", &spec.concurrency_policy);
    text.field(0, "Suspend", spec.suspend.map_or("<unset>", capital));
    or_unset(text, "Time Zone", spec.time_zone.as_ref(), "");
    or_unset(text, "Successful Job History Limit", spec.successful_jobs_history_limit, "");
    or_unset(text, "Failed Job History Limit", spec.failed_jobs_history_limit, "");
    or_unset(text, "Starting Deadline Seconds", spec.starting_deadline_seconds, "s");
    let job = &spec.job_template.spec;
    text.field(0, "Selector", job.selector.as_ref().map_or_else(|| "<unset>".to_owned(), LabelSelector::to_string));
    or_unset(text, "Parallelism", job.parallelism, "");
    or_unset(text, "Completions", job.completions, "");
    given(text, "Active Deadline Seconds", job.active_deadline_seconds, "s");
    template::describe(text, &job.template);
    let last = status.last_schedule_time;
    text.field(0, "Last Schedule Time", last.map_or_else(|| "<unset>".to_owned(), |_| moment(last)));
    let active: Vec<&str> = status.active.iter().map(|job| job.name.as_str()).collect();
    text.field(0, "Active Jobs", or_none(&active.join(", ")));
    true
}
