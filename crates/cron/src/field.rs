//! One field of a cron expression: a list of ranges. Models: getField in parser.go of robfig/cron/v3.

/// The values a field may have, and the names some of them have.
pub(crate) struct Bounds {
    min: u32,
    max: u32,
    names: &'static [&'static str],
}

pub(crate) const MINUTES: Bounds = Bounds { min: 0, max: 59, names: &[] };
pub(crate) const HOURS: Bounds = Bounds { min: 0, max: 23, names: &[] };
pub(crate) const DAYS: Bounds = Bounds { min: 1, max: 31, names: &[] };
/// The first name is of the first value.
pub(crate) const MONTHS: Bounds = Bounds {
    min: 1,
    max: 12,
    names: &["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"],
};
pub(crate) const WEEKDAYS: Bounds =
    Bounds { min: 0, max: 6, names: &["sun", "mon", "tue", "wed", "thu", "fri", "sat"] };

/// The values that a field admits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Field {
    bits: u64,
    /// Whether it was left open (`*` or `?`).
    pub(crate) is_open: bool,
}

impl Field {
    /// A field that admits every value.
    pub(crate) fn open(bounds: &Bounds) -> Field {
        Field { bits: bits(bounds.min, bounds.max, 1), is_open: true }
    }

    /// A field that admits the smallest value.
    pub(crate) fn first(bounds: &Bounds) -> Field {
        Field { bits: 1 << bounds.min, is_open: false }
    }

    pub(crate) fn has(self, value: i8) -> bool {
        u32::try_from(value).is_ok_and(|value| self.bits >> value & 1 == 1)
    }

    /// Whether it admits nothing at all.
    pub(crate) fn is_empty(self) -> bool {
        self.bits == 0
    }

    pub(crate) fn parse(text: &str, bounds: &Bounds) -> Result<Field, String> {
        let mut field = Field { bits: 0, is_open: false };
        for part in text.split(',').filter(|part| !part.is_empty()) {
            let range = range(part, bounds)?;
            field.bits |= range.bits;
            field.is_open |= range.is_open;
        }
        Ok(field)
    }
}

/// Reads `*`, `5`, `1-5`, `mon-fri`, each perhaps with a step (`*/15`; `5/15` goes to the end).
fn range(text: &str, bounds: &Bounds) -> Result<Field, String> {
    let mut parts = text.split('/');
    let (values, step, more) = (parts.next().unwrap_or(""), parts.next(), parts.next());
    let ends: Vec<&str> = values.split('-').collect();
    let mut is_open = matches!(ends[0], "*" | "?");
    let (start, mut end) = match ends[..] {
        _ if is_open => (bounds.min, bounds.max),
        [only] => (value(only, bounds)?, value(only, bounds)?),
        [first, last] => (value(first, bounds)?, value(last, bounds)?),
        _ => return Err(format!("too many hyphens: {text}")),
    };
    let step = match (step, more) {
        (_, Some(_)) => return Err(format!("too many slashes: {text}")),
        (None, None) => 1,
        (Some(step), None) => {
            if ends.len() == 1 {
                end = bounds.max;
            }
            number(step)?
        }
    };
    is_open &= step <= 1;
    if start < bounds.min {
        return Err(format!("beginning of range ({start}) below minimum ({}): {text}", bounds.min));
    }
    if end > bounds.max {
        return Err(format!("end of range ({end}) above maximum ({}): {text}", bounds.max));
    }
    if start > end {
        return Err(format!("beginning of range ({start}) beyond end of range ({end}): {text}"));
    }
    if step == 0 {
        return Err(format!("step of range should be a positive number: {text}"));
    }
    Ok(Field { bits: bits(start, end, step), is_open })
}

fn bits(start: u32, end: u32, step: u32) -> u64 {
    let step = usize::try_from(step).unwrap_or(usize::MAX);
    (start..=end).step_by(step).fold(0, |bits, value| bits | 1 << value)
}

fn value(text: &str, bounds: &Bounds) -> Result<u32, String> {
    let name = text.to_lowercase();
    match (bounds.min..).zip(bounds.names).find(|(_, known)| **known == name) {
        Some((value, _)) => Ok(value),
        None => number(text),
    }
}

/// Reads a number as Go does, and complains in Go's words.
fn number(text: &str) -> Result<u32, String> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let why = if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        "invalid syntax"
    } else {
        match text.parse::<i64>() {
            Ok(number) if number < 0 => return Err(format!("negative number ({number}) not allowed: {text}")),
            Ok(number) => return Ok(u32::try_from(number).unwrap_or(u32::MAX)),
            Err(_) => "value out of range",
        }
    };
    Err(format!("failed to parse int from {text}: strconv.Atoi: parsing \"{text}\": {why}"))
}
