//! `date`: the virtual wall clock, in UTC.

use super::{Builtin, Context};
use crate::host::Outcome;

pub(super) const COMMANDS: &[Builtin] =
    &[Builtin { name: "date", help: "[-u] [-Iseconds] [+FORMAT]: print the virtual date and time (UTC)", run: date }];

const DAYS: [&str; 7] = ["Thursday", "Friday", "Saturday", "Sunday", "Monday", "Tuesday", "Wednesday"];

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

fn date(context: &mut Context<'_>, args: &[String]) -> Outcome {
    let mut format = "%a %b %e %H:%M:%S UTC %Y";
    for arg in args {
        match arg.as_str() {
            "-u" | "--utc" | "--universal" => {}
            "-I" | "--iso-8601" | "-Idate" | "--iso-8601=date" => format = "%F",
            "-Iseconds" | "--iso-8601=seconds" => format = "%FT%T+00:00",
            "-R" | "--rfc-email" => format = "%a, %d %b %Y %T %z",
            other => match other.strip_prefix('+') {
                Some(own) => format = own,
                None => {
                    return Outcome::error(
                        1,
                        format!("date: `{other}` is not available here: only the present can be printed"),
                    );
                }
            },
        }
    }
    Outcome::ok(print(context.wall_clock_ms, format) + "\n")
}

/// A moment as `date +FORMAT` prints it.
pub(super) fn print(unix_ms: i64, format: &str) -> String {
    let (seconds, millis) = (unix_ms.div_euclid(1000), unix_ms.rem_euclid(1000));
    let (days, of_day) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let (year, month, day) = civil(days);
    let (hour, minute, second) = (of_day / 3600, of_day / 60 % 60, of_day % 60);
    let weekday = days.rem_euclid(7) as usize;
    let month_name = MONTHS[(month - 1) as usize];
    let mut out = String::new();
    let mut chars = format.chars();
    while let Some(c) = chars.next() {
        if c != '%' {
            out.push(c);
            continue;
        }
        let text = match chars.next() {
            Some('Y') => year.to_string(),
            Some('y') => format!("{:02}", year.rem_euclid(100)),
            Some('m') => format!("{month:02}"),
            Some('d') => format!("{day:02}"),
            Some('e') => format!("{day:2}"),
            Some('H') => format!("{hour:02}"),
            Some('I') => format!("{:02}", (hour + 11) % 12 + 1),
            Some('p') => (if hour < 12 { "AM" } else { "PM" }).to_owned(),
            Some('M') => format!("{minute:02}"),
            Some('S') => format!("{second:02}"),
            Some('N') => format!("{:09}", millis * 1_000_000),
            Some('s') => seconds.to_string(),
            Some('F') => format!("{year}-{month:02}-{day:02}"),
            Some('T') => format!("{hour:02}:{minute:02}:{second:02}"),
            Some('R') => format!("{hour:02}:{minute:02}"),
            Some('D') => format!("{month:02}/{day:02}/{:02}", year.rem_euclid(100)),
            Some('a') => DAYS[weekday][..3].to_owned(),
            Some('A') => DAYS[weekday].to_owned(),
            Some('b' | 'h') => month_name[..3].to_owned(),
            Some('B') => month_name.to_owned(),
            Some('u') => ((weekday + 3) % 7 + 1).to_string(),
            Some('j') => format!("{:03}", days - days_before(year) + 1),
            Some('Z') => "UTC".to_owned(),
            Some('z') => "+0000".to_owned(),
            Some('n') => "\n".to_owned(),
            Some('t') => "\t".to_owned(),
            Some('%') => "%".to_owned(),
            Some(other) => format!("%{other}"),
            None => "%".to_owned(),
        };
        out.push_str(&text);
    }
    out
}

/// Days from 1970 to the first day of a year.
fn days_before(year: i64) -> i64 {
    let years = year - 1;
    years * 365 + years.div_euclid(4) - years.div_euclid(100) + years.div_euclid(400) - 719_162
}

/// Year, month and day of a day counted from 1970.
fn civil(days: i64) -> (i64, i64, i64) {
    let mut year = 1970 + days.div_euclid(366);
    while days_before(year + 1) <= days {
        year += 1;
    }
    let leap = days_before(year + 1) - days_before(year) == 366;
    let lengths = [31, if leap { 29 } else { 28 }, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let mut day = days - days_before(year);
    for (month, length) in lengths.into_iter().enumerate() {
        if day < length {
            return (year, month as i64 + 1, day + 1);
        }
        day -= length;
    }
    (year, 12, 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments() {
        assert_eq!(print(0, "%a %b %e %H:%M:%S UTC %Y"), "Thu Jan  1 00:00:00 UTC 1970");
        assert_eq!(print(1_767_225_600_000, "%F %T %A %j %u"), "2026-01-01 00:00:00 Thursday 001 4");
        assert_eq!(print(1_709_210_096_789, "%FT%TZ %s %N"), "2024-02-29T12:34:56Z 1709210096 789000000");
        assert_eq!(print(1_735_689_599_000, "%D %I:%M %p %j"), "12/31/24 11:59 PM 366");
        assert_eq!(print(-1, "%F %q %"), "1969-12-31 %q %");
    }
}
