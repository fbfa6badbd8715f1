//! Jobs as progress, CronJobs on the time axis.

use view::{CronJobLane, CronStart, JobLane};
use yew::{Callback, Html, Properties, classes, component, html};

use super::deployment::view_pod;
use super::on;
use super::workloads::{lit, view_title};
use crate::app_state::Action;
use crate::icons::{severity_class, severity_icon};
use crate::intent::Intent;

/// What a Job's lane shows.
#[derive(PartialEq, Properties)]
pub struct JobProps {
    /// The Job.
    pub lane: JobLane,
    /// Told what is wanted.
    pub emit: Callback<Intent>,
}

/// A Job.
#[component]
pub fn Job(props: &JobProps) -> Html {
    let JobProps { lane, emit } = props;
    let target = &lane.target;
    let goal = lane.completions.unwrap_or(1).max(1);
    let share = |part: u32| part.min(goal) * 100 / goal;
    let goal_text =
        lane.completions.map_or_else(|| "one must end well".to_owned(), |all| format!("of {all} completions"));
    let words = format!("{} {goal_text}, {} running, {} failed", lane.succeeded, lane.active, lane.failed);
    html! {
        <section class="lane" aria-label={format!("Job {}", target.name)} data-lane={target.key()} data-lane-of={target.to_string()}
            style={format!("--owner:var(--work-{})", lane.colour)} onmouseenter={lit(emit, Some(target))} onmouseleave={lit(emit, None)}>
            <header>
                { view_title(target, emit) }
                <small>
                    { format!("{} at a time · up to {} failures", lane.parallelism, lane.backoff_limit) }
                    if let Some(cron) = &lane.made_by {
                        { " · made by " }<button type="button" class="link" onclick={on(emit, Action::Selected(Some(cron.clone())))}>{ &*cron.name }</button>
                    }
                </small>
                <small class={classes!("share", "phase", severity_class(lane.severity))}>{ severity_icon(lane.severity) }{ &*lane.status }</small>
            </header>
            <div class="progress" role="progressbar" aria-label={format!("Progress of {}", target.name)} aria-valuemin="0"
                aria-valuemax={goal.to_string()} aria-valuenow={lane.succeeded.min(goal).to_string()}
                style={format!("--done:{}%;--active:{}%", share(lane.succeeded), share(lane.active))}><i /><i /></div>
            <p class="progress-words">{ words }</p>
            <div class="set-pods">{ for lane.pods.iter().take(60).map(|pod| view_pod(pod, emit)) }</div>
        </section>
    }
}

/// What a CronJob's lane shows.
#[derive(PartialEq, Properties)]
pub struct CronJobProps {
    /// The CronJob.
    pub lane: CronJobLane,
    /// The present moment, in milliseconds of virtual time.
    pub now_ms: u64,
    /// Told what is wanted.
    pub emit: Callback<Intent>,
}

/// A CronJob: its last Jobs and the next starts on a line of time.
#[component]
pub fn CronJob(props: &CronJobProps) -> Html {
    let CronJobProps { lane, now_ms, emit } = props;
    let target = &lane.target;
    let zone = if lane.zone.is_empty() { String::new() } else { format!(" ({})", lane.zone) };
    let first = lane.starts.first().map_or(*now_ms, |start| start.at_ms.min(*now_ms));
    let last = lane.starts.last().map_or(*now_ms, |start| start.at_ms.max(*now_ms));
    let span = (last - first).max(1);
    let place = |at_ms: u64| format!("left:{}.{}%", 4 + (at_ms - first) * 92 / span, (at_ms - first) * 920 / span % 10);
    html! {
        <section class="lane" aria-label={format!("CronJob {}", target.name)} data-lane={target.key()} data-lane-of={target.to_string()}
            style={format!("--owner:var(--work-{})", lane.colour)}>
            <header>
                { view_title(target, emit) }
                <small><code>{ &*lane.schedule }</code>{ format!("{zone} · concurrency {}", lane.concurrency) }</small>
                <small class="share">{ if lane.is_suspended { "suspended".to_owned() } else { format!("{} active", lane.active) } }</small>
            </header>
            <ol class="cron-axis">
                <li class="cron-now" style={place(*now_ms)}><span>{ "now" }</span></li>
                { for lane.starts.iter().map(|start| view_start(start, place(start.at_ms), emit)) }
            </ol>
        </section>
    }
}

fn view_start(start: &CronStart, style: String, emit: &Callback<Intent>) -> Html {
    match &start.job {
        Some((job, severity, status)) => html! {
            <li key={&*job.name} class="cron-start" {style}>
                <button type="button" class={classes!("cron-mark", severity_class(*severity))} title={format!("{}: {status}", job.name)}
                    aria-label={format!("Job {}, {status}, started at {}", job.name, start.time)}
                    onclick={on(emit, Action::Selected(Some(job.clone())))}>{ severity_icon(*severity) }</button>
                <small>{ &*start.time }</small>
            </li>
        },
        None => html! {
            <li key={start.at_ms.to_string()} class="cron-start coming" {style}>
                <span class="cron-mark" title={format!("starts at {}", start.time)} /><small>{ &*start.time }</small>
            </li>
        },
    }
}
