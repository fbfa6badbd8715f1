//! A whole schedule: five fields, a name such as `@daily`, or `@every 1h`.
//! Models: ParseStandard and parseDescriptor in parser.go of robfig/cron/v3.

use crate::Zone;
use crate::field::{DAYS, Field, HOURS, MINUTES, MONTHS, WEEKDAYS};
use sim::parse_go_duration;

/// When something starts over and over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schedule(pub(crate) Rule);

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Rule {
    /// At these times of the clock.
    Clock(Clock),
    /// So many seconds after the last start.
    Every(i64),
}

/// Times of the clock, to the minute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Clock {
    pub(crate) minute: Field,
    pub(crate) hour: Field,
    pub(crate) day: Field,
    pub(crate) month: Field,
    pub(crate) weekday: Field,
}

impl Schedule {
    /// Reads a schedule; the error is in upstream's words. A zone in front of it (`TZ=Asia/Tokyo`) is checked and left
    /// aside: no new CronJob may have one.
    pub fn parse(text: &str) -> Result<Schedule, String> {
        if text.is_empty() {
            return Err("empty spec string".to_owned());
        }
        let text = match text.strip_prefix("CRON_TZ=").or_else(|| text.strip_prefix("TZ=")) {
            Some(rest) => {
                let (name, rest) = rest.split_once(' ').unwrap_or((rest, ""));
                Zone::find(name).ok_or_else(|| format!("provided bad location {name}: unknown time zone {name}"))?;
                rest.trim()
            }
            None => text,
        };
        if text.starts_with('@') {
            return descriptor(text);
        }
        let fields: Vec<&str> = text.split_whitespace().collect();
        let [minute, hour, day, month, weekday] = fields[..] else {
            return Err(format!("expected exactly 5 fields, found {}: [{}]", fields.len(), fields.join(" ")));
        };
        Ok(Schedule(Rule::Clock(Clock {
            minute: Field::parse(minute, &MINUTES)?,
            hour: Field::parse(hour, &HOURS)?,
            day: Field::parse(day, &DAYS)?,
            month: Field::parse(month, &MONTHS)?,
            weekday: Field::parse(weekday, &WEEKDAYS)?,
        })))
    }
}

fn descriptor(text: &str) -> Result<Schedule, String> {
    let hourly = Clock {
        minute: Field::first(&MINUTES),
        hour: Field::open(&HOURS),
        day: Field::open(&DAYS),
        month: Field::open(&MONTHS),
        weekday: Field::open(&WEEKDAYS),
    };
    let daily = Clock { hour: Field::first(&HOURS), ..hourly.clone() };
    let monthly = Clock { day: Field::first(&DAYS), ..daily.clone() };
    let clock = match text {
        "@yearly" | "@annually" => Clock { month: Field::first(&MONTHS), ..monthly },
        "@monthly" => monthly,
        "@weekly" => Clock { weekday: Field::first(&WEEKDAYS), ..daily },
        "@daily" | "@midnight" => daily,
        "@hourly" => hourly,
        _ => {
            let Some(span) = text.strip_prefix("@every ") else {
                return Err(format!("unrecognized descriptor: {text}"));
            };
            let span = parse_go_duration(span)
                .ok_or_else(|| format!("failed to parse duration {text}: time: invalid duration \"{span}\""))?;
            return Ok(Schedule(Rule::Every(i64::try_from(span.as_secs()).unwrap_or(i64::MAX).max(1))));
        }
    };
    Ok(Schedule(Rule::Clock(clock)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect;

    #[test]
    fn mistakes_are_told_in_upstreams_words() {
        let texts = [
            "",
            "* * * *",
            "60 * * * *",
            "0 0 0 * *",
            "0 0 * * 7",
            "5-1 * * * *",
            "a * * * *",
            "-1 * * * *",
            "1-2-3 * * * *",
            "*/0 * * * *",
            "1/2/3 * * * *",
            "@often",
            "@every day",
            "TZ=Mars/Base 0 0 * * *",
        ];
        let said = texts.map(|text| Schedule::parse(text).expect_err(text) + "\n").concat();
        expect![[r#"
            empty spec string
            expected exactly 5 fields, found 4: [* * * *]
            end of range (60) above maximum (59): 60
            beginning of range (0) below minimum (1): 0
            end of range (7) above maximum (6): 7
            beginning of range (5) beyond end of range (1): 5-1
            failed to parse int from a: strconv.Atoi: parsing "a": invalid syntax
            failed to parse int from : strconv.Atoi: parsing "": invalid syntax
            too many hyphens: 1-2-3
            step of range should be a positive number: */0
            too many slashes: 1/2/3
            unrecognized descriptor: @often
            failed to parse duration @every day: time: invalid duration "day"
            provided bad location Mars/Base: unknown time zone Mars/Base
        "#]]
        .assert_eq(&said);
    }

    #[test]
    fn names_stand_for_fields() {
        let parse = |text| Schedule::parse(text).expect("a schedule");
        assert_eq!(parse("0 0 * JAN-MAR MON,fri"), parse("0 0 * 1-3 1,5"));
        assert_eq!(parse("@weekly"), parse("0 0 * * 0"));
        assert_eq!(parse("@annually"), parse("0 0 1 1 *"));
        assert_eq!(parse("5/15 * * * *"), parse("5,20,35,50 * * * *"));
        assert_eq!(parse("TZ=Asia/Tokyo 0 0 ? * *"), parse("@daily"));
    }
}
