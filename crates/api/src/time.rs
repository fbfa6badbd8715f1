//! API timestamps: points of the virtual wall clock.

use crate::Wire;
use serde_json::Value;
use sim::SimDuration;
use std::fmt;
use std::num::NonZeroU64;

/// A point in time as the API writes it, in milliseconds since 1970 (UTC). It prints in whole seconds, as
/// metav1.Time does; the milliseconds are kept so that short waits are exact.
///
/// It holds them with their sign bit turned over, which keeps their order and makes 0 the earliest of all. That one is
/// left out, so that a time that is not set takes no more room than one that is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Time(NonZeroU64);

const SIGN: u64 = 1 << 63;

impl Default for Time {
    fn default() -> Self {
        Time::from_unix_millis(0)
    }
}

impl fmt::Debug for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Time").field(&self.unix_millis()).finish()
    }
}

impl Time {
    /// The point `ms` milliseconds after 1970.
    pub const fn from_unix_millis(ms: i64) -> Self {
        match NonZeroU64::new(ms.cast_unsigned() ^ SIGN) {
            Some(held) => Time(held),
            None => Time(NonZeroU64::MIN),
        }
    }

    /// Milliseconds since 1970.
    pub const fn unix_millis(self) -> i64 {
        (self.0.get() ^ SIGN).cast_signed()
    }

    /// How long ago `earlier` was; zero if it lies ahead.
    pub fn since(self, earlier: Time) -> SimDuration {
        SimDuration::from_millis(u64::try_from(self.unix_millis().saturating_sub(earlier.unix_millis())).unwrap_or(0))
    }

    /// This point plus a span.
    #[must_use]
    pub fn plus(self, d: SimDuration) -> Time {
        Time::from_unix_millis(self.unix_millis().saturating_add_unsigned(d.as_millis()))
    }

    /// Reads RFC 3339 (`2026-01-01T00:00:00Z`, offsets and fractions allowed).
    pub fn parse(text: &str) -> Option<Time> {
        let (date, clock) = text.split_once(['T', 't', ' '])?;
        let mut ymd = date.splitn(3, '-').map(|part| part.parse::<i64>().ok());
        let (y, m, d) = (ymd.next()??, ymd.next()??, ymd.next()??);
        let zone_at = clock.find(['Z', 'z', '+', '-'])?;
        let (clock, zone) = clock.split_at(zone_at);
        let (hms, frac) = clock.split_once('.').unwrap_or((clock, ""));
        let mut parts = hms.splitn(3, ':').map(|part| part.parse::<i64>().ok());
        let (h, min, s) = (parts.next()??, parts.next()??, parts.next()??);
        if !(1..=12).contains(&m) || !(1..=31).contains(&d) || h > 23 || min > 59 || s > 60 {
            return None;
        }
        let millis: i64 = format!("{frac:0<3}").get(..3)?.parse().ok()?;
        let seconds = days_from_civil(y, m, d) * 86_400 + h * 3600 + min * 60 + s - offset_seconds(zone)?;
        Some(Time::from_unix_millis(seconds * 1000 + millis))
    }

    /// Year, month, day, hour, minute, second in UTC.
    pub fn civil(self) -> (i64, u32, u32, u32, u32, u32) {
        let seconds = self.unix_millis().div_euclid(1000);
        let (days, rest) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
        let (y, m, d) = civil_from_days(days);
        let small = |n: i64| u32::try_from(n).unwrap_or(0);
        (y, small(m), small(d), small(rest / 3600), small(rest / 60 % 60), small(rest % 60))
    }

    /// As kubectl describe prints a time: `Fri, 20 Nov 2026 15:07:00 +0000` (RFC 1123 with a numeric zone).
    pub fn rfc1123z(self) -> String {
        const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
        const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
        let (y, m, d, h, min, s) = self.civil();
        let weekday = usize::try_from(self.unix_millis().div_euclid(86_400_000).rem_euclid(7)).unwrap_or(0);
        let month = MONTHS[(m.max(1) as usize - 1).min(11)];
        format!("{}, {d:02} {month} {y} {h:02}:{min:02}:{s:02} +0000", DAYS[weekday])
    }

    /// With microseconds, as metav1.MicroTime prints.
    pub fn micro(self) -> String {
        let (y, m, d, h, min, s) = self.civil();
        format!("{y:04}-{m:02}-{d:02}T{h:02}:{min:02}:{s:02}.{:03}000Z", self.unix_millis().rem_euclid(1000))
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (y, m, d, h, min, s) = self.civil();
        write!(f, "{y:04}-{m:02}-{d:02}T{h:02}:{min:02}:{s:02}Z")
    }
}

impl Wire for Time {
    fn read(value: Value) -> Self {
        value.as_str().and_then(Time::parse).unwrap_or_default()
    }
    fn write(&self) -> Value {
        Value::String(self.to_string())
    }
    fn is_absent(&self) -> bool {
        false
    }
}

fn offset_seconds(zone: &str) -> Option<i64> {
    if zone.eq_ignore_ascii_case("z") {
        return Some(0);
    }
    let sign = if zone.starts_with('-') { -1 } else { 1 };
    let (h, m) = zone.get(1..)?.split_once(':')?;
    Some(sign * (h.parse::<i64>().ok()? * 3600 + m.parse::<i64>().ok()? * 60))
}

/// Days since 1970 of a date of the proleptic Gregorian calendar.
fn days_from_civil(y: i64, m: i64, d: i64) -> i64 {
    let y = if m <= 2 { y - 1 } else { y };
    let era = y.div_euclid(400);
    let yoe = y.rem_euclid(400);
    let doy = (153 * (if m > 2 { m - 3 } else { m + 9 }) + 2) / 5 + d - 1;
    era * 146_097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719_468
}

/// The date that is `days` after 1970-01-01.
fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let z = days + 719_468;
    let era = z.div_euclid(146_097);
    let doe = z.rem_euclid(146_097);
    let yoe = (doe - doe / 1460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let m = if mp < 10 { mp + 3 } else { mp - 9 };
    (yoe + era * 400 + i64::from(m <= 2), m, doy - (153 * mp + 2) / 5 + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_and_printed() {
        let t = Time::parse("2026-11-20T15:07:00Z").expect("a time");
        assert_eq!(t.to_string(), "2026-11-20T15:07:00Z");
        assert_eq!(t.rfc1123z(), "Fri, 20 Nov 2026 15:07:00 +0000");
        assert_eq!(Time::parse("2026-11-20T16:07:00.250+01:00"), Some(t.plus(SimDuration::from_millis(250))));
        assert_eq!(Time::from_unix_millis(0).to_string(), "1970-01-01T00:00:00Z");
        assert_eq!(Time::parse("2024-02-29T00:00:00Z").map(|t| t.to_string()).as_deref(), Some("2024-02-29T00:00:00Z"));
        for bad in ["", "yesterday", "2026-13-01T00:00:00Z", "2026-01-01", "2026-01-01T00:00:00"] {
            assert_eq!(Time::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn times_take_eight_bytes_set_or_not_and_keep_their_order() {
        assert_eq!(size_of::<Option<Time>>(), 8);
        let times = [i64::MIN + 1, -1, 0, 1, i64::MAX].map(Time::from_unix_millis);
        assert!(times.is_sorted());
        assert_eq!(times.map(Time::unix_millis), [i64::MIN + 1, -1, 0, 1, i64::MAX]);
        assert_eq!(format!("{:?}", Time::from_unix_millis(-5)), "Time(-5)");
    }
}
