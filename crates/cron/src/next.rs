//! The next start of a schedule. Models: spec.go and constantdelay.go of robfig/cron/v3.

use crate::schedule::{Clock, Rule};
use crate::{Schedule, Zone};
use jiff::civil::{DateTime, Time};
use jiff::{Span, ToSpan};

/// A schedule that has no start within so many years has none.
const YEARS: i16 = 5;

impl Schedule {
    /// The first start after a moment; both in seconds since 1970. `None` if there is none within five years.
    pub fn next(&self, after: i64, zone: &Zone) -> Option<i64> {
        match &self.0 {
            Rule::Every(seconds) => after.checked_add(*seconds),
            Rule::Clock(clock) => clock.next(after, zone),
        }
    }
}

impl Clock {
    /// Goes on month by month, day by day, hour by hour, minute by minute to what the fields admit, and starts over
    /// when the larger unit turns. Hours and minutes are those that pass, not those the clock shows, so an hour that
    /// is skipped has no start and one that comes twice has two.
    fn next(&self, after: i64, zone: &Zone) -> Option<i64> {
        if [self.minute, self.hour, self.day, self.month, self.weekday].iter().any(|field| field.is_empty()) {
            return None;
        }
        let mut at = after.checked_add(1)?;
        let last_year = zone.clock(at).year() + YEARS;
        loop {
            let clock = zone.clock(at);
            if clock.year() > last_year {
                return None;
            }
            at = if !self.month.has(clock.month()) {
                zone.moment(later(clock.date().first_of_month().into(), 1.month())?)?
            } else if !self.admits_day(clock) {
                zone.moment(later(clock.date().into(), 1.day())?)?
            } else if !self.hour.has(clock.hour()) {
                at - i64::from(clock.minute()) * 60 - i64::from(clock.second()) + 3600
            } else if !self.minute.has(clock.minute()) {
                at - i64::from(clock.second()) + 60
            } else if clock.second() != 0 {
                at + 60 - i64::from(clock.second())
            } else {
                return Some(at);
            };
        }
    }

    /// If both the day of the month and the weekday are given, either will do.
    fn admits_day(&self, clock: DateTime) -> bool {
        let weekday = self.weekday.has(clock.weekday().to_sunday_zero_offset());
        let day = self.day.has(clock.day());
        if self.day.is_open || self.weekday.is_open { day && weekday } else { day || weekday }
    }
}

/// Midnight so much later.
fn later(clock: DateTime, span: Span) -> Option<DateTime> {
    Some(clock.checked_add(span).ok()?.date().to_datetime(Time::midnight()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};

    /// The next three starts after a moment of a zone.
    fn check(schedule: &str, zone: &str, after: &str, expected: Expect) {
        let (schedule, zone) = (Schedule::parse(schedule).expect("a schedule"), Zone::find(zone).expect("a zone"));
        let mut at = zone.moment(after.parse().expect("a time")).expect("a moment");
        let mut text = String::new();
        for _ in 0..3 {
            let Some(next) = schedule.next(at, &zone) else {
                text.push_str("never\n");
                break;
            };
            at = next;
            text.push_str(&format!("{}\n", zone.rfc3339(at)));
        }
        expected.assert_eq(&text);
    }

    #[test]
    fn starts_follow_the_fields() {
        check(
            "*/20 * * * *",
            "UTC",
            "2026-11-20T15:07:31",
            expect![[r#"
            2026-11-20T15:20:00Z
            2026-11-20T15:40:00Z
            2026-11-20T16:00:00Z
        "#]],
        );
        check(
            "0 9 13 * fri",
            "UTC",
            "2026-11-01T00:00:00",
            expect![[r#"
            2026-11-06T09:00:00Z
            2026-11-13T09:00:00Z
            2026-11-20T09:00:00Z
        "#]],
        );
        check(
            "0 0 29 2 *",
            "UTC",
            "2026-11-20T00:00:00",
            expect![[r#"
            2028-02-29T00:00:00Z
            2032-02-29T00:00:00Z
            2036-02-29T00:00:00Z
        "#]],
        );
        check(
            "@every 90s",
            "UTC",
            "2026-11-20T15:07:31",
            expect![[r#"
            2026-11-20T15:09:01Z
            2026-11-20T15:10:31Z
            2026-11-20T15:12:01Z
        "#]],
        );
        check(
            "59 23 31 2 *",
            "UTC",
            "2026-11-20T00:00:00",
            expect![[r#"
            never
        "#]],
        );
    }

    #[test]
    fn an_hour_that_is_skipped_has_no_start_and_one_that_comes_twice_has_two() {
        check(
            "30 2 * * *",
            "America/New_York",
            "2026-03-07T12:00:00",
            expect![[r#"
            2026-03-09T02:30:00-04:00
            2026-03-10T02:30:00-04:00
            2026-03-11T02:30:00-04:00
        "#]],
        );
        check(
            "30 1 * * *",
            "America/New_York",
            "2026-10-31T12:00:00",
            expect![[r#"
            2026-11-01T01:30:00-04:00
            2026-11-01T01:30:00-05:00
            2026-11-02T01:30:00-05:00
        "#]],
        );
        check(
            "0 0 * * *",
            "Asia/Kolkata",
            "2026-11-20T00:00:00",
            expect![[r#"
            2026-11-21T00:00:00+05:30
            2026-11-22T00:00:00+05:30
            2026-11-23T00:00:00+05:30
        "#]],
        );
    }

    #[test]
    fn the_end_of_all_years_is_no_start() {
        let last = Zone::utc().moment("9999-12-30T21:00:00".parse().expect("a time")).expect("a moment");
        assert_eq!(Schedule::parse("0 0 1 * *").expect("a schedule").next(last, &Zone::utc()), None);
    }
}
