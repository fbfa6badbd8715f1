//! How long ago, in few letters. Models: staging/src/k8s.io/apimachinery/pkg/util/duration.

use crate::Time;
use sim::SimDuration;

/// A span with two or three significant figures: `119s`, `2m`, `9m59s`, `10m`, `3h5m`, `47h`, `2d`, `2y30d`.
pub fn human_duration(span: SimDuration) -> String {
    let seconds = span.as_secs();
    let (minutes, hours) = (seconds / 60, seconds / 3600);
    let with_rest = |whole: u64, unit: &str, rest: u64, rest_unit: &str| {
        if rest == 0 { format!("{whole}{unit}") } else { format!("{whole}{unit}{rest}{rest_unit}") }
    };
    if seconds < 120 {
        format!("{seconds}s")
    } else if minutes < 10 {
        with_rest(minutes, "m", seconds % 60, "s")
    } else if minutes < 180 {
        format!("{minutes}m")
    } else if hours < 8 {
        with_rest(hours, "h", minutes % 60, "m")
    } else if hours < 48 {
        format!("{hours}h")
    } else if hours < 24 * 8 {
        with_rest(hours / 24, "d", hours % 24, "h")
    } else if hours < 24 * 365 * 2 {
        format!("{}d", hours / 24)
    } else if hours < 24 * 365 * 8 {
        with_rest(hours / 24 / 365, "y", hours / 24 % 365, "d")
    } else {
        format!("{}y", hours / 24 / 365)
    }
}

/// The age of something that happened at `since`, or `<unknown>`. A moment that lies ahead reads `0s`.
pub fn age(now: Time, since: Option<Time>) -> String {
    since.map_or_else(|| "<unknown>".to_owned(), |then| human_duration(printed(now).since(printed(then))))
}

/// The moment as a client sees it: timestamps of the API have whole seconds.
fn printed(time: Time) -> Time {
    Time::from_unix_millis(time.unix_millis().div_euclid(1000) * 1000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_as_kubectl_prints_them() {
        let text = |s| human_duration(SimDuration::from_secs(s));
        let cases = [
            (0, "0s"),
            (119, "119s"),
            (120, "2m"),
            (125, "2m5s"),
            (600, "10m"),
            (10_799, "179m"),
            (10_800, "3h"),
            (11_100, "3h5m"),
            (8 * 3600, "8h"),
            (47 * 3600, "47h"),
            (48 * 3600, "2d"),
            (49 * 3600, "2d1h"),
            (9 * 86_400, "9d"),
            (800 * 86_400, "2y70d"),
            (9 * 365 * 86_400, "9y"),
        ];
        for (seconds, expected) in cases {
            assert_eq!(text(seconds), expected);
        }
    }
}
