//! Virtual time as people read it: the clock of the time bar, and ages as kubectl prints them.

const SECOND_MS: u64 = 1_000;
const MINUTE_S: u64 = 60;
const HOUR_S: u64 = 60 * MINUTE_S;

/// The clock of the time bar: `00:01:14.2`, hours as many as there are.
pub fn clock_text(ms: u64) -> String {
    let seconds = ms / SECOND_MS;
    format!(
        "{:02}:{:02}:{:02}.{}",
        seconds / HOUR_S,
        seconds % HOUR_S / MINUTE_S,
        seconds % MINUTE_S,
        ms % SECOND_MS / 100
    )
}

/// An age, given in milliseconds, as kubectl's AGE column prints it.
pub fn age_text(ms: u64) -> String {
    api::human_duration(sim::SimDuration::from_millis(ms))
}

#[cfg(test)]
mod tests {
    use super::{age_text, clock_text};

    #[test]
    fn clock_counts_tenths_and_hours() {
        assert_eq!(clock_text(0), "00:00:00.0");
        assert_eq!(clock_text(74_299), "00:01:14.2");
        assert_eq!(clock_text(360_000_000), "100:00:00.0");
    }

    #[test]
    fn ages_are_those_of_kubectl() {
        let age = |seconds: u64| age_text(seconds * 1_000);
        assert_eq!(age(119), "119s");
        assert_eq!(age(120), "2m");
        assert_eq!(age(125), "2m5s");
        assert_eq!(age(600), "10m");
        assert_eq!(age(3 * 3_600 + 60), "3h1m");
        assert_eq!(age(9 * 3_600), "9h");
        assert_eq!(age(2 * 86_400), "2d");
        assert_eq!(age(8 * 86_400), "8d");
        assert_eq!(age(3 * 365 * 86_400), "3y");
    }
}
