//! When a CronJob was to start and is to start. Models: pkg/controller/cronjob/utils.go.

use api::{CronJob, Time};
use cron::{Schedule, Zone};
use sim::SimDuration;

/// A start is looked for this long after its time, so that clocks that differ a little do not miss it.
const PADDING: SimDuration = SimDuration::from_millis(100);
/// So many missed starts are told of.
const MANY: i64 = 100;

/// The schedule of a CronJob, and what of it counts.
pub(super) struct Starts {
    schedule: Schedule,
    pub(super) zone: Zone,
    /// The last start there was, or the creation; in seconds since 1970.
    last: i64,
    deadline: Option<i64>,
}

/// A start that is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Due {
    /// When it was to be, in seconds since 1970.
    pub(super) at: i64,
    /// Whether many before it were missed.
    pub(super) many_missed: bool,
}

/// What was missed since a moment. Models: mostRecentScheduleTime.
enum Missed {
    /// Nothing.
    None,
    /// Something, this one last.
    Last(Due),
    /// The schedule makes no sense: its starts do not move on.
    Senseless,
}

/// Why nothing can be started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Flaw {
    /// The zone is unknown.
    Zone(String),
    /// The schedule cannot be read.
    Unreadable(String),
}

fn seconds(time: Time) -> i64 {
    time.unix_millis().div_euclid(1000)
}

impl Starts {
    pub(super) fn of(cron_job: &CronJob) -> Result<Starts, Flaw> {
        let zone = match cron_job.spec.time_zone.as_deref() {
            None => Zone::utc(),
            Some(name) => Zone::find(name).ok_or_else(|| Flaw::Zone(name.to_owned()))?,
        };
        let schedule = Schedule::parse(&cron_job.spec.schedule).map_err(Flaw::Unreadable)?;
        let last = cron_job.status.last_schedule_time.or(cron_job.metadata.creation_timestamp);
        let deadline = cron_job.spec.starting_deadline_seconds;
        Ok(Starts { schedule, zone, last: seconds(last.unwrap_or_default()), deadline })
    }

    /// The same once there has been a start at `last`.
    pub(super) fn after(mut self, last: Option<Time>) -> Starts {
        self.last = last.map_or(self.last, seconds);
        self
    }

    fn next(&self, after: i64) -> Option<i64> {
        self.schedule.next(after, &self.zone)
    }

    fn missed(&self, since: i64, now: i64) -> Missed {
        let Some(first) = self.next(since) else { return Missed::Senseless };
        if now < first {
            return Missed::None;
        }
        let Some(second) = self.next(first) else { return Missed::Senseless };
        if now < second {
            return Missed::Last(Due { at: first, many_missed: false });
        }
        // A rough count: as if the starts were as far apart as the first two.
        let apart = second - first;
        let count = (now - first) / apart + 1;
        let mut last = None;
        let mut at = self.next(first + (count - 2) * apart);
        while let Some(start) = at.filter(|start| *start <= now) {
            last = Some(start);
            at = self.next(start);
        }
        last.map_or(Missed::None, |at| Missed::Last(Due { at, many_missed: count > MANY }))
    }

    /// The last start that is due and has not been, within the deadline. The error says what is wrong with the
    /// schedule. Models: nextScheduleTime.
    pub(super) fn due(&self, now: Time) -> Result<Option<Due>, &'static str> {
        let now = seconds(now);
        let earliest = self.deadline.map_or(self.last, |deadline| self.last.max(now - deadline));
        match self.missed(earliest, now) {
            Missed::None => Ok(None),
            Missed::Last(due) => Ok(Some(due)),
            Missed::Senseless => Err("time difference between two schedules is less than 1 second"),
        }
    }

    /// How long until the schedule is to be looked at again. Models: nextScheduleTimeDuration.
    pub(super) fn until_next(&self, now: Time) -> SimDuration {
        let from = match self.missed(self.last, seconds(now)) {
            Missed::None => self.last,
            Missed::Last(due) => due.at,
            Missed::Senseless => seconds(now),
        };
        // A schedule without a start is looked at once a year.
        let next = self.next(from).unwrap_or(from.saturating_add(365 * 86_400));
        Time::from_unix_millis(next.saturating_mul(1000)).plus(PADDING).since(now)
    }

    /// Whether a start was missed for good.
    pub(super) fn is_too_late(&self, due: Due, now: Time) -> bool {
        self.deadline.is_some_and(|deadline| due.at.saturating_add(deadline).saturating_mul(1000) < now.unix_millis())
    }
}
