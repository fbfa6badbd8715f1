//! Time zones by their IANA names.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::{TimeZone, TimeZoneDatabase};

/// The rules of a time zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Zone(TimeZone);

impl Zone {
    /// Universal time.
    pub fn utc() -> Zone {
        Zone(TimeZone::UTC)
    }

    /// The zone of this name, spelled as IANA spells it: `Europe/Berlin`.
    pub fn find(name: &str) -> Option<Zone> {
        if name == "UTC" {
            return Some(Zone::utc());
        }
        let zone = TimeZoneDatabase::bundled().get(name).ok()?;
        // jiff does not care for capitals; the files that Go reads have names that do.
        (zone.iana_name() == Some(name)).then_some(Zone(zone))
    }

    /// What clocks of the zone show at a moment, in seconds since 1970.
    pub(crate) fn clock(&self, unix: i64) -> DateTime {
        let moment = Timestamp::from_second(unix).unwrap_or_default();
        self.0.to_offset(moment).to_datetime(moment)
    }

    /// When clocks of the zone show this; if they never do, as they are set forward then, what they show instead.
    /// `None` beyond the years that can be told.
    pub(crate) fn moment(&self, clock: DateTime) -> Option<i64> {
        self.0.to_timestamp(clock).ok().map(Timestamp::as_second)
    }

    /// A moment (in seconds since 1970) as RFC 3339 writes it, with the zone's offset.
    pub fn rfc3339(&self, unix: i64) -> String {
        let moment = Timestamp::from_second(unix).unwrap_or_default();
        let clock = self.clock(unix);
        let minutes = self.0.to_offset(moment).seconds() / 60;
        if minutes == 0 {
            return format!("{clock}Z");
        }
        let sign = if minutes < 0 { '-' } else { '+' };
        format!("{clock}{sign}{:02}:{:02}", minutes.abs() / 60, minutes.abs() % 60)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zones_are_found_by_their_exact_names() {
        let tokyo = Zone::find("Asia/Tokyo").expect("a zone");
        assert_eq!(tokyo.rfc3339(1_795_191_240), "2026-11-21T01:14:00+09:00");
        assert_eq!(Zone::utc().rfc3339(1_795_191_240), "2026-11-20T16:14:00Z");
        for unknown in ["", "asia/tokyo", "Mars/Base", "Local"] {
            assert_eq!(Zone::find(unknown), None, "{unknown}");
        }
        assert!(Zone::find("Etc/UTC").is_some() && Zone::find("America/Argentina/Buenos_Aires").is_some());
    }
}
