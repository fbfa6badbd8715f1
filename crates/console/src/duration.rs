//! Durations as a shell and as Go write them.

use sim::{SimDuration, parse_go_duration};

/// The longest that `sleep` sleeps: a hundred years. `infinity` means it.
const FOREVER_MS: u64 = 100 * 365 * 86_400_000;

/// Milliseconds of a duration as `sleep` and `timeout` take it: `90`, `0.5`, `1.5m`, `2d`, `infinity`, or as Go writes
/// it: `90s`, `5m`, `1h30m`, `250ms`. `None` if it is none.
pub fn parse_shell_duration(text: &str) -> Option<u64> {
    if matches!(text, "infinity" | "inf") {
        return Some(FOREVER_MS);
    }
    let with_unit = match text.strip_suffix('d') {
        Some(days) => {
            return parse_go_duration(&format!("{days}h"))?.as_millis().checked_mul(24).map(|ms| ms.min(FOREVER_MS));
        }
        None if text.ends_with(|c: char| c.is_ascii_digit() || c == '.') => format!("{text}s"),
        None => text.to_owned(),
    };
    Some(parse_go_duration(&with_unit)?.as_millis().min(FOREVER_MS))
}

/// A duration in milliseconds as Go prints it.
pub fn print_duration(ms: u64) -> String {
    SimDuration::from_millis(ms).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations() {
        let check = |text: &str| parse_shell_duration(text);
        assert_eq!(check("30"), Some(30_000));
        assert_eq!(check("0.5"), Some(500));
        assert_eq!(check("1.5m"), Some(90_000));
        assert_eq!(check("1h30m"), Some(5_400_000));
        assert_eq!(check("250ms"), Some(250));
        assert_eq!(check("2d"), Some(172_800_000));
        assert_eq!(check("infinity"), Some(FOREVER_MS));
        assert_eq!([check(""), check("s"), check("-1"), check("5x"), check("1 m")], [None; 5]);
    }
}
