//! CronJobs: defaults, checks, what may change.
//! Models: pkg/apis/batch/v1/defaults.go, pkg/apis/batch/validation, pkg/registry/batch/cronjob/strategy.go.

use super::check::Causes;
use super::workload::SPEC;
use super::{Part, job, job_spec, meta};
use api::{CronJob, CronJobSpec, CronJobStatus};
use cron::{Schedule, Zone};

pub(super) fn default(cron_job: &mut CronJob) {
    let spec = &mut cron_job.spec;
    if spec.concurrency_policy.is_empty() {
        spec.concurrency_policy = "Allow".into();
    }
    spec.suspend.get_or_insert(false);
    spec.successful_jobs_history_limit.get_or_insert(3);
    spec.failed_jobs_history_limit.get_or_insert(1);
    job::default_spec(&mut spec.job_template.spec);
}

pub(super) fn prepare_for_create(cron_job: &mut CronJob) {
    cron_job.metadata.generation = 1;
    cron_job.status = CronJobStatus::default();
}

pub(super) fn prepare_for_update(new: &mut CronJob, old: &CronJob, part: Part) {
    keep_other_part!(new, old, part);
}

pub(super) fn validate(cron_job: &CronJob, causes: &mut Causes) {
    validate_spec(&cron_job.spec, None, causes);
}

pub(super) fn validate_update(new: &CronJob, old: &CronJob, causes: &mut Causes) {
    validate_spec(&new.spec, Some(&old.spec), causes);
}

fn validate_spec(spec: &CronJobSpec, old: Option<&CronJobSpec>, causes: &mut Causes) {
    schedule(&spec.schedule, causes);
    causes.non_negative(&SPEC.field("startingDeadlineSeconds"), spec.starting_deadline_seconds.unwrap_or(0));
    if old.is_none_or(|old| old.time_zone != spec.time_zone)
        && let Some(zone) = &spec.time_zone
    {
        time_zone(zone, causes);
    }
    let policies = ["Allow", "Forbid", "Replace"];
    causes.one_of(&SPEC.field("concurrencyPolicy"), &spec.concurrency_policy, &policies);
    let job = &spec.job_template.spec;
    let template = SPEC.field("jobTemplate");
    let at = template.field("spec");
    job_spec::validate(job, &at, causes);
    if let Some(selector) = &job.selector {
        let shown = meta::selector_text(selector);
        causes.told(&at.field("selector"), "Invalid value", &shown, "`selector` will be auto-generated");
    }
    if job.manual_selector == Some(true) {
        causes.unsupported(&at.field("manualSelector"), true, &["nil", "false"]);
    }
    let limits = [
        ("successfulJobsHistoryLimit", spec.successful_jobs_history_limit),
        ("failedJobsHistoryLimit", spec.failed_jobs_history_limit),
    ];
    for (field, limit) in limits {
        causes.non_negative(&SPEC.field(field), limit.unwrap_or(0));
    }
}

fn schedule(schedule: &str, causes: &mut Causes) {
    let at = SPEC.field("schedule");
    if schedule.is_empty() {
        return causes.required(&at, "");
    }
    if let Err(why) = Schedule::parse(schedule) {
        causes.invalid(&at, schedule, why);
    }
    if schedule.contains("TZ") {
        causes.invalid(&at, schedule, "cannot use TZ or CRON_TZ in schedule, use timeZone field instead");
    }
}

fn time_zone(zone: &str, causes: &mut Causes) {
    let at = SPEC.field("timeZone");
    if zone.is_empty() {
        causes.invalid(&at, zone, "timeZone must be nil or non-empty string");
    } else if zone.eq_ignore_ascii_case("Local") {
        let detail = "timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones";
        causes.invalid(&at, zone, detail);
    } else if Zone::find(zone).is_none() {
        causes.invalid(&at, zone, format!("unknown time zone {zone}"));
    }
}

#[cfg(test)]
mod tests {
    use crate::registry::tests::refused;
    use expect_test::{Expect, expect};
    use serde_json::json;

    #[test]
    fn schedules_zones_and_names() {
        let check = |name: &str, zone: &str, schedule: &str, expected: Expect| {
            let template = json!({"spec": {"template": {"spec": {
                "restartPolicy": "Never", "containers": [{"name": "c", "image": "busybox:1"}]}}}});
            let body = json!({"apiVersion": "batch/v1", "kind": "CronJob", "metadata": {"name": name},
                "spec": {"schedule": schedule, "timeZone": zone, "jobTemplate": template}});
            refused(body, expected);
        };
        check("tick", "Etc/UTC", "*/5 * * * *", expect!["accepted"]);
        check(
            "tick",
            "UTC",
            "* * * *",
            expect![[
                r#"CronJob.batch "tick" is invalid: spec.schedule: Invalid value: "* * * *": expected exactly 5 fields, found 4: [* * * *]"#
            ]],
        );
        check(
            "tick",
            "UTC",
            "TZ=Asia/Tokyo 0 9 * * *",
            expect![[
                r#"CronJob.batch "tick" is invalid: spec.schedule: Invalid value: "TZ=Asia/Tokyo 0 9 * * *": cannot use TZ or CRON_TZ in schedule, use timeZone field instead"#
            ]],
        );
        check(
            "tick",
            "Asia/Atlantis",
            "",
            expect![[r#"
            spec.schedule: Required value
            spec.timeZone: Invalid value: "Asia/Atlantis": unknown time zone Asia/Atlantis"#]],
        );
        check(
            "tick",
            "local",
            "@daily",
            expect![[
                r#"CronJob.batch "tick" is invalid: spec.timeZone: Invalid value: "local": timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones"#
            ]],
        );
        check(
            &"a".repeat(53),
            "UTC",
            "@daily",
            expect![[
                r#"CronJob.batch "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" is invalid: metadata.name: Invalid value: "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa": must be no more than 52 characters"#
            ]],
        );
    }
}
