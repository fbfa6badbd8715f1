//! Virtual time as people read it: the clock of the time bar, and ages as kubectl prints them.

const SECOND_MS: u64 = 1_000;
const MINUTE_S: u64 = 60;
const HOUR_S: u64 = 60 * MINUTE_S;
const DAY_S: u64 = 24 * HOUR_S;
const YEAR_S: u64 = 365 * DAY_S;

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

/// An age as kubectl's AGE column prints it: two units while the first is small, then one.
///
/// Models: staging/src/k8s.io/apimachinery/pkg/util/duration (`HumanDuration`).
pub fn age_text(ms: u64) -> String {
    let seconds = ms / SECOND_MS;
    match seconds {
        0..120 => format!("{seconds}s"),
        120..600 => two_units(seconds / MINUTE_S, "m", seconds % MINUTE_S, "s"),
        600..10_800 => format!("{}m", seconds / MINUTE_S),
        10_800..28_800 => two_units(seconds / HOUR_S, "h", seconds % HOUR_S / MINUTE_S, "m"),
        28_800..172_800 => format!("{}h", seconds / HOUR_S),
        172_800..691_200 => two_units(seconds / DAY_S, "d", seconds % DAY_S / HOUR_S, "h"),
        691_200..63_072_000 => format!("{}d", seconds / DAY_S),
        63_072_000..252_288_000 => two_units(seconds / YEAR_S, "y", seconds % YEAR_S / DAY_S, "d"),
        _ => format!("{}y", seconds / YEAR_S),
    }
}

fn two_units(large: u64, large_unit: &str, small: u64, small_unit: &str) -> String {
    if small == 0 { format!("{large}{large_unit}") } else { format!("{large}{large_unit}{small}{small_unit}") }
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
