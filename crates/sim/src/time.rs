//! Virtual time: milliseconds since the start of the scenario, and its place on a virtual wall clock.

use std::fmt;
use std::ops::{Add, AddAssign, Sub};

/// A moment of virtual time, in milliseconds since the start of the scenario.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SimTime(u64);

/// A span of virtual time in milliseconds, never negative.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SimDuration(u64);

impl SimTime {
    /// The start of the scenario.
    pub const ZERO: SimTime = SimTime(0);

    /// The moment `ms` milliseconds after the start.
    pub const fn from_millis(ms: u64) -> Self {
        SimTime(ms)
    }

    /// Milliseconds since the start.
    pub const fn as_millis(self) -> u64 {
        self.0
    }

    /// How long ago `earlier` was; zero if it lies ahead.
    pub const fn since(self, earlier: SimTime) -> SimDuration {
        SimDuration(self.0.saturating_sub(earlier.0))
    }
}

impl SimDuration {
    /// No time at all.
    pub const ZERO: SimDuration = SimDuration(0);

    /// A span of `ms` milliseconds.
    pub const fn from_millis(ms: u64) -> Self {
        SimDuration(ms)
    }

    /// A span of `s` seconds.
    pub const fn from_secs(s: u64) -> Self {
        SimDuration(s.saturating_mul(1000))
    }

    /// The span in milliseconds.
    pub const fn as_millis(self) -> u64 {
        self.0
    }

    /// The span in whole seconds, rounded down.
    pub const fn as_secs(self) -> u64 {
        self.0 / 1000
    }
}

impl Add<SimDuration> for SimTime {
    type Output = SimTime;
    fn add(self, d: SimDuration) -> SimTime {
        SimTime(self.0.saturating_add(d.0))
    }
}

impl AddAssign<SimDuration> for SimTime {
    fn add_assign(&mut self, d: SimDuration) {
        *self = *self + d;
    }
}

impl Add for SimDuration {
    type Output = SimDuration;
    fn add(self, d: SimDuration) -> SimDuration {
        SimDuration(self.0.saturating_add(d.0))
    }
}

impl Sub for SimDuration {
    type Output = SimDuration;
    fn sub(self, d: SimDuration) -> SimDuration {
        SimDuration(self.0.saturating_sub(d.0))
    }
}

impl fmt::Display for SimDuration {
    /// As Go prints a duration: `1h30m0s`, `2.5s`, `250ms`, `0s`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ms = self.0;
        if ms == 0 {
            return f.write_str("0s");
        }
        if ms < 1000 {
            return write!(f, "{ms}ms");
        }
        let (h, m, s, frac) = (ms / 3_600_000, ms / 60_000 % 60, ms / 1000 % 60, ms % 1000);
        if h > 0 {
            write!(f, "{h}h")?;
        }
        if h > 0 || m > 0 {
            write!(f, "{m}m")?;
        }
        if frac == 0 {
            write!(f, "{s}s")
        } else {
            let digits = format!("{frac:03}");
            write!(f, "{s}.{}s", digits.trim_end_matches('0'))
        }
    }
}

/// Reads a Go duration such as `90s`, `1h30m`, `250ms` or `1.5h`; `None` if it is none or negative.
///
/// A bare number is refused, as Go refuses it (but `0` is allowed).
pub fn parse_go_duration(text: &str) -> Option<SimDuration> {
    let mut rest = text.strip_prefix('+').unwrap_or(text);
    if rest == "0" {
        return Some(SimDuration::ZERO);
    }
    if rest.is_empty() {
        return None;
    }
    let mut micros: u128 = 0;
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let (number, tail) = rest.split_at(end);
        let (unit, scale) =
            [("ns", 0), ("us", 1), ("µs", 1), ("ms", 1_000), ("s", 1_000_000), ("m", 60_000_000), ("h", 3_600_000_000)]
                .into_iter()
                .find(|(unit, _)| {
                    tail.strip_prefix(unit).is_some_and(|t| !t.starts_with(|c: char| c.is_alphabetic()))
                })?;
        micros = micros.checked_add(scaled(number, scale)?)?;
        rest = &tail[unit.len()..];
    }
    u64::try_from(micros / 1000).ok().map(SimDuration)
}

/// `number` (digits with at most one point) times `scale`, rounded down.
fn scaled(number: &str, scale: u128) -> Option<u128> {
    let (whole, frac) = number.split_once('.').unwrap_or((number, ""));
    if whole.is_empty() && frac.is_empty() || whole.len() > 15 {
        return None;
    }
    let frac = &frac[..frac.len().min(9)];
    let whole: u128 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
    let part: u128 = if frac.is_empty() { 0 } else { frac.parse().ok()? };
    Some(whole * scale + part * scale / 10u128.pow(u32::try_from(frac.len()).ok()?))
}

/// Where virtual time sits on a wall clock: the Unix time, in milliseconds, at the start of the scenario.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WallClock {
    start_unix_ms: i64,
}

impl WallClock {
    /// A clock that shows `start_unix_ms` (milliseconds since 1970, UTC) at [`SimTime::ZERO`].
    pub const fn starting_at(start_unix_ms: i64) -> Self {
        WallClock { start_unix_ms }
    }

    /// Unix time in milliseconds at `at`.
    pub fn unix_millis(self, at: SimTime) -> i64 {
        self.start_unix_ms.saturating_add_unsigned(at.as_millis())
    }

    /// The moment of virtual time that this Unix time is; the start if it lies before.
    pub fn sim_time(self, unix_ms: i64) -> SimTime {
        SimTime(u64::try_from(unix_ms.saturating_sub(self.start_unix_ms)).unwrap_or(0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn go_durations_are_read() {
        let ms = |t: &str| parse_go_duration(t).map(SimDuration::as_millis);
        assert_eq!(ms("90s"), Some(90_000));
        assert_eq!(ms("1h30m"), Some(5_400_000));
        assert_eq!(ms("250ms"), Some(250));
        assert_eq!(ms("1.5h"), Some(5_400_000));
        assert_eq!(ms("2m3.5s"), Some(123_500));
        assert_eq!(ms("0"), Some(0));
        for bad in ["", "30", "-1s", "1x", "s", "1s2", ".s", "99999999999999999h"] {
            assert_eq!(ms(bad), None, "{bad}");
        }
    }

    #[test]
    fn durations_print_as_go_prints_them() {
        let text = |ms| SimDuration::from_millis(ms).to_string();
        assert_eq!(text(0), "0s");
        assert_eq!(text(250), "250ms");
        assert_eq!(text(2_500), "2.5s");
        assert_eq!(text(60_000), "1m0s");
        assert_eq!(text(5_400_000), "1h30m0s");
    }
}
