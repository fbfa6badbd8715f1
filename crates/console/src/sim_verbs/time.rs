//! `sim advance`, `sim settle`, `sim clock`.

use super::{Failure, Run, Verb, done, one, split_flags};
use crate::files::Files;
use crate::host::{Host, Outcome, Started};
use crate::world::{Job, World};
use cluster::Cluster;
use sim::{SimDuration, parse_go_duration};

const ADVANCE_USAGE: &str = "sim advance 30s";
const SETTLE_USAGE: &str = "sim settle [--timeout 10m]";

/// Moves time on by so much.
pub(super) const ADVANCE: Verb =
    Verb { name: "advance", help: &[(ADVANCE_USAGE, "let that much time pass")], run: advance };

/// Moves time on until nothing is left to happen.
pub(super) const SETTLE: Verb = Verb {
    name: "settle",
    help: &[(SETTLE_USAGE, "let time pass until nothing is left to happen but periodic work")],
    run: settle,
};

/// Tells the time.
pub(super) const CLOCK: Verb = Verb { name: "clock", help: &[("sim clock", "the virtual time")], run: clock };

fn duration(text: &str, usage: &str) -> Result<SimDuration, Failure> {
    let wrong = || Failure::usage(format_args!("\"{text}\" is no duration (90s, 5m, 1h30m, 250ms)"), usage);
    parse_go_duration(text).ok_or_else(wrong)
}

fn advance(world: &mut World<'_>, args: &[String], _: &mut Files) -> Run {
    let span = duration(one(args, ADVANCE_USAGE)?, ADVANCE_USAGE)?;
    let until = world.now_ms() + span.as_millis();
    Ok(wait(Job::Advance(until), until))
}

fn settle(world: &mut World<'_>, args: &[String], _: &mut Files) -> Run {
    let (flags, rest) = split_flags(args, &["timeout"], SETTLE_USAGE)?;
    if let Some(word) = rest.first() {
        return Err(Failure::usage(format_args!("one word too many: {word}"), SETTLE_USAGE));
    }
    let timeout = flags.last().map_or("10m", |(_, value)| value);
    let until = world.now_ms() + duration(timeout, SETTLE_USAGE)?.as_millis();
    Ok(wait(Job::Settle(until), until))
}

fn wait(job: Job, until_ms: u64) -> Started<Job> {
    Started::Waiting { job, stdout: String::new(), stderr: String::new(), until_ms: Some(until_ms) }
}

/// Whether a `sim settle` is over.
pub(crate) fn poll_settle(cluster: &Cluster, until_ms: u64) -> Option<Outcome> {
    if cluster.next_progress_at().is_none() {
        return Some(Outcome::default());
    }
    let late = cluster.now().as_millis() >= until_ms;
    late.then(|| Outcome::error(1, "error: timed out waiting for the cluster to settle"))
}

fn clock(world: &mut World<'_>, _: &[String], _: &mut Files) -> Run {
    let now = world.cluster.now();
    let span = now.since(sim::SimTime::ZERO);
    Ok(done(format!("{} ({span} since the start)\n", world.cluster.time())))
}
