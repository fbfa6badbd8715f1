//! Jobs and CronJobs.

use super::{Printer, col, containers_and_images, created, wide};
use api::{CronJob, Job, LabelSelector, Object, Resource, Time};

pub(super) const JOB: Printer = Printer {
    columns: &[
        col("NAME"),
        col("STATUS"),
        col("COMPLETIONS"),
        col("DURATION"),
        col("AGE"),
        wide("CONTAINERS"),
        wide("IMAGES"),
        wide("SELECTOR"),
    ],
    row: |object, now| Job::from_object(object).map_or_else(Vec::new, |job| job_row(object, job, now)),
};

pub(super) const CRON_JOB: Printer = Printer {
    columns: &[
        col("NAME"),
        col("SCHEDULE"),
        col("TIMEZONE"),
        col("SUSPEND"),
        col("ACTIVE"),
        col("LAST SCHEDULE"),
        col("AGE"),
        wide("CONTAINERS"),
        wide("IMAGES"),
        wide("SELECTOR"),
    ],
    row: |object, now| {
        CronJob::from_object(object).map_or_else(Vec::new, |cron_job| cron_job_row(object, cron_job, now))
    },
};

fn job_row(object: &Object, job: &Job, now: Time) -> Vec<String> {
    let succeeded = job.status.succeeded;
    let completions = match (job.spec.completions, job.spec.parallelism.unwrap_or(0)) {
        (Some(wanted), _) => format!("{succeeded}/{wanted}"),
        (None, parallelism) if parallelism > 1 => format!("{succeeded}/1 of {parallelism}"),
        (None, _) => format!("{succeeded}/1"),
    };
    let start = job.status.start_time;
    let duration = start.map_or_else(String::new, |_| api::age(job.status.completion_time.unwrap_or(now), start));
    let [containers, images] = containers_and_images(&job.spec.template.spec.containers);
    vec![
        job.metadata.name.to_string(),
        status(job).to_owned(),
        completions,
        duration,
        created(object, now),
        containers,
        images,
        selector(job.spec.selector.as_ref()),
    ]
}

fn status(job: &Job) -> &'static str {
    let holds = |wanted: &str| job.status.holds(wanted).is_some();
    match () {
        () if holds("Complete") => "Complete",
        () if holds("Failed") => "Failed",
        () if job.metadata.is_terminating() => "Terminating",
        () if holds("Suspended") => "Suspended",
        () if holds("FailureTarget") => "FailureTarget",
        () if holds("SuccessCriteriaMet") => "SuccessCriteriaMet",
        () => "Running",
    }
}

fn cron_job_row(object: &Object, cron_job: &CronJob, now: Time) -> Vec<String> {
    let (spec, status) = (&cron_job.spec, &cron_job.status);
    let [containers, images] = containers_and_images(&spec.job_template.spec.template.spec.containers);
    let suspend = match spec.suspend {
        None => "<unset>",
        Some(true) => "True",
        Some(false) => "False",
    };
    let last = status.last_schedule_time;
    vec![
        cron_job.metadata.name.to_string(),
        spec.schedule.to_string(),
        spec.time_zone.as_ref().map_or_else(|| "<none>".to_owned(), ToString::to_string),
        suspend.to_owned(),
        status.active.len().to_string(),
        last.map_or_else(|| "<none>".to_owned(), |_| api::age(now, last)),
        created(object, now),
        containers,
        images,
        selector(spec.job_template.spec.selector.as_ref()),
    ]
}

fn selector(selector: Option<&LabelSelector>) -> String {
    selector.map_or_else(|| "<none>".to_owned(), ToString::to_string)
}

#[cfg(test)]
mod tests {
    use super::*;
    use api::Kind;
    use serde_json::json;

    #[test]
    fn a_work_queue() {
        let now = Time::parse("2026-01-01T00:00:18Z").expect("a time");
        let object = Object::read(
            Kind::Job,
            json!({
                "metadata": {"name": "queue", "creationTimestamp": "2026-01-01T00:00:00Z"},
                "spec": {"parallelism": 3, "template": {"spec": {"containers": [{"name": "c", "image": "busybox:1"}]}}},
                "status": {"startTime": "2026-01-01T00:00:07Z"},
            }),
        );
        assert_eq!((JOB.row)(&object, now).join("|"), "queue|Running|0/1 of 3|11s|18s|c|busybox:1|<none>");
    }
}
