//! What an unquoted scalar means: the rules of YAML 1.1 as kubectl's reader has them.
//!
//! Models: go.yaml.in/yaml/v2 (resolve.go), and the conversion to JSON in sigs.k8s.io/yaml. The same rules tell the writer
//! which texts need quotes.

use serde_json::{Number, Value};

/// The meaning of a scalar.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Scalar {
    Null,
    Bool(bool),
    Int(i64),
    /// Too large for a signed integer.
    Unsigned(u64),
    Float(f64),
    /// Looks like a date or a time, and stays text.
    Timestamp,
    Text,
}

const PREFIX: &str = "tag:yaml.org,2002:";

/// The meaning of a scalar with a tag (in its long form; empty for none).
///
/// Errors with upstream's words when the tag does not fit the text.
pub(crate) fn resolve_tagged(tag: &str, text: &str) -> Result<Scalar, String> {
    let short = tag.strip_prefix(PREFIX);
    let wanted = match (tag, short) {
        ("", _) => return Ok(resolve(text)),
        (_, Some(name @ ("str" | "bool" | "int" | "float" | "null" | "timestamp"))) => name,
        // Tags nobody here knows leave the text as it is.
        _ => return Ok(Scalar::Text),
    };
    if wanted == "str" {
        return Ok(Scalar::Text);
    }
    let found = resolve(text);
    let name = match found {
        Scalar::Null => "null",
        Scalar::Bool(_) => "bool",
        Scalar::Int(_) | Scalar::Unsigned(_) => "int",
        Scalar::Float(_) => "float",
        Scalar::Timestamp if wanted == "timestamp" => "timestamp",
        Scalar::Timestamp | Scalar::Text => "str",
    };
    match found {
        #[expect(clippy::cast_precision_loss, reason = "what upstream does")]
        Scalar::Int(number) if wanted == "float" => Ok(Scalar::Float(number as f64)),
        found if name == wanted => Ok(found),
        _ => Err(format!("cannot decode !!{name} `{text}` as a !!{wanted}")),
    }
}

/// The meaning of an unquoted scalar.
pub(crate) fn resolve(text: &str) -> Scalar {
    let Some(&first) = text.as_bytes().first() else { return Scalar::Null };
    match first {
        b'y' | b'Y' | b'n' | b'N' | b't' | b'T' | b'f' | b'F' | b'o' | b'O' | b'~' => {
            named(text).unwrap_or(Scalar::Text)
        }
        b'.' => named(text).or_else(|| parse_float(text).map(Scalar::Float)).unwrap_or(Scalar::Text),
        b'+' | b'-' | b'0'..=b'9' => named(text).unwrap_or_else(|| number(text)),
        _ => Scalar::Text,
    }
}

fn named(text: &str) -> Option<Scalar> {
    Some(match text {
        "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => Scalar::Bool(true),
        "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => Scalar::Bool(false),
        "~" | "null" | "Null" | "NULL" => Scalar::Null,
        ".nan" | ".NaN" | ".NAN" => Scalar::Float(f64::NAN),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => Scalar::Float(f64::INFINITY),
        "-.inf" | "-.Inf" | "-.INF" => Scalar::Float(f64::NEG_INFINITY),
        _ => return None,
    })
}

fn number(text: &str) -> Scalar {
    if is_timestamp(text) {
        return Scalar::Timestamp;
    }
    let without;
    let plain = if text.contains('_') {
        without = text.replace('_', "");
        without.as_str()
    } else {
        text
    };
    if let Some(integer) = parse_integer(plain) {
        return i64::try_from(integer)
            .map_or_else(|_| u64::try_from(integer).map_or(Scalar::Text, Scalar::Unsigned), Scalar::Int);
    }
    if is_yaml_float(plain)
        && let Some(float) = parse_float(plain)
    {
        return Scalar::Float(float);
    }
    Scalar::Text
}

/// Go's strconv.ParseInt and ParseUint with base 0, for what fits either.
fn parse_integer(text: &str) -> Option<i128> {
    let signed = text.strip_prefix(['+', '-']);
    let digits = signed.unwrap_or(text);
    let lower = digits.get(..2).map(str::to_ascii_lowercase);
    let (radix, digits) = match lower.as_deref() {
        Some("0x") => (16, &digits[2..]),
        Some("0b") => (2, &digits[2..]),
        Some("0o") => (8, &digits[2..]),
        _ if digits.len() > 1 && digits.starts_with('0') => (8, &digits[1..]),
        _ => (10, digits),
    };
    if !digits.starts_with(|c: char| c.is_digit(radix)) {
        return None;
    }
    let size = i128::from_str_radix(digits, radix).ok()?;
    let value = if text.starts_with('-') { -size } else { size };
    let fits = i64::try_from(value).is_ok() || (signed.is_none() && u64::try_from(value).is_ok());
    fits.then_some(value)
}

/// `[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`
fn is_yaml_float(text: &str) -> bool {
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let text = text.strip_prefix(['+', '-']).unwrap_or(text);
    let whole = digits(text);
    let mut rest = &text[whole..];
    if let Some(after) = rest.strip_prefix('.') {
        let fraction = digits(after);
        if whole == 0 && fraction == 0 {
            return false;
        }
        rest = &after[fraction..];
    } else if whole == 0 {
        return false;
    }
    match rest.strip_prefix(['e', 'E']) {
        None => rest.is_empty(),
        Some(exponent) => {
            let exponent = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
            !exponent.is_empty() && digits(exponent) == exponent.len()
        }
    }
}

/// Go's strconv.ParseFloat for decimal texts: a value out of range is an error.
fn parse_float(text: &str) -> Option<f64> {
    is_yaml_float(text).then(|| text.parse().ok()).flatten().filter(|value: &f64| value.is_finite())
}

/// One of the four forms of date and time that upstream recognises.
pub(crate) fn is_timestamp(text: &str) -> bool {
    let bytes = text.as_bytes();
    if bytes.len() < 8 || !bytes[..4].iter().all(u8::is_ascii_digit) || bytes[4] != b'-' {
        return false;
    }
    let mut rest = &text[5..];
    let mut number = |separator: &[char], range: std::ops::RangeInclusive<u32>| {
        let digits = rest.bytes().take(2).take_while(u8::is_ascii_digit).count();
        let value: u32 = rest[..digits].parse().ok()?;
        let after = &rest[digits..];
        let found =
            if separator.is_empty() { None } else { Some(after.chars().next().filter(|c| separator.contains(c))?) };
        rest = &after[found.map_or(0, char::len_utf8)..];
        range.contains(&value).then_some(value)
    };
    let year: u32 = text[..4].parse().unwrap_or(0);
    let Some(month) = number(&['-'], 1..=12) else { return false };
    let Some(day) = number(&[], 1..=31) else { return false };
    let last = match month {
        4 | 6 | 9 | 11 => 30,
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        _ => 31,
    };
    if day > last {
        return false;
    }
    is_time_of_day(rest)
}

/// The rest of a timestamp after its date: nothing, or a time, with a zone after `T` and without one after a blank.
fn is_time_of_day(text: &str) -> bool {
    let Some(separator) = text.chars().next() else { return true };
    if !matches!(separator, 'T' | 't' | ' ') {
        return false;
    }
    let mut rest = &text[1..];
    for (limit, separator) in [(23, ":"), (59, ":"), (59, "")] {
        let digits = rest.bytes().take(2).take_while(u8::is_ascii_digit).count();
        let Ok(value) = rest[..digits].parse::<u32>() else { return false };
        let Some(after) = rest[digits..].strip_prefix(separator) else { return false };
        if value > limit {
            return false;
        }
        rest = after;
    }
    if let Some(fraction) = rest.strip_prefix(['.', ',']) {
        let digits = fraction.bytes().take_while(u8::is_ascii_digit).count();
        if digits == 0 {
            return false;
        }
        rest = &fraction[digits..];
    }
    if separator == ' ' {
        return rest.is_empty();
    }
    let zone = rest.as_bytes();
    let numeric = zone.len() == 6
        && matches!(zone[0], b'+' | b'-')
        && zone[3] == b':'
        && [1, 2, 4, 5].iter().all(|&at| zone[at].is_ascii_digit());
    rest == "Z" || numeric
}

impl Scalar {
    /// The JSON value; an error for what JSON cannot hold.
    pub fn into_value(self, text: &str) -> Result<Value, String> {
        Ok(match self {
            Self::Null => Value::Null,
            Self::Bool(value) => Value::Bool(value),
            Self::Int(value) => Value::from(value),
            #[expect(
                clippy::cast_precision_loss,
                reason = "the API's integers are signed: upstream reads these as floats"
            )]
            Self::Unsigned(value) => Value::from(value as f64),
            Self::Float(value) => float_value(value)?,
            Self::Timestamp | Self::Text => Value::from(text),
        })
    }

    /// The text of a mapping's key; `None` for null and for integers that are too large, which upstream refuses.
    pub fn into_key(self, text: &str) -> Option<String> {
        match self {
            Self::Null | Self::Unsigned(_) => None,
            Self::Bool(value) => Some(value.to_string()),
            Self::Int(value) => Some(value.to_string()),
            #[expect(
                clippy::cast_possible_truncation,
                reason = "upstream writes keys with the digits of a short float"
            )]
            Self::Float(value) => {
                let short = value as f32;
                Some(if short.is_finite() {
                    short_float_text(&format!("{short:e}"))
                } else {
                    go_float_text(f64::from(short))
                })
            }
            Self::Timestamp | Self::Text => Some(text.to_owned()),
        }
    }
}

/// A float that is a whole number and small enough becomes an integer, as it does on its way through JSON text.
pub(crate) fn float_value(value: f64) -> Result<Value, String> {
    if value.is_nan() {
        return Err("json: unsupported value: NaN".to_owned());
    }
    if value.is_infinite() {
        return Err(format!("json: unsupported value: {}Inf", if value > 0.0 { '+' } else { '-' }));
    }
    let text = schema::float_text(value);
    if let Ok(integer) = text.parse::<i64>() {
        return Ok(Value::from(integer));
    }
    Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
}

/// A float as Go writes it with the verb `g`: an exponent of at least two digits from 1e+06 on and below 1e-04.
pub(crate) fn go_float_text(value: f64) -> String {
    match value {
        _ if value.is_nan() => ".nan".to_owned(),
        _ if value.is_infinite() => if value > 0.0 { ".inf" } else { "-.inf" }.to_owned(),
        _ => short_float_text(&format!("{value:e}")),
    }
}

/// `scientific` is the shortest form with an exponent: `1.5e7`.
fn short_float_text(scientific: &str) -> String {
    let Some((digits, exponent)) = scientific.split_once('e') else { return scientific.to_owned() };
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if !(-4..6).contains(&exponent) {
        let sign = if exponent < 0 { '-' } else { '+' };
        return format!("{digits}e{sign}{:02}", exponent.abs());
    }
    let (sign, digits) = digits.strip_prefix('-').map_or(("", digits), |digits| ("-", digits));
    let plain: String = digits.chars().filter(|c| *c != '.').collect();
    let point = usize::try_from(exponent + 1).unwrap_or(0);
    if exponent < 0 {
        let zeros = "0".repeat(usize::try_from(-exponent - 1).unwrap_or(0));
        format!("{sign}0.{zeros}{plain}")
    } else if plain.len() <= point {
        format!("{sign}{plain}{}", "0".repeat(point - plain.len()))
    } else {
        format!("{sign}{}.{}", &plain[..point], &plain[point..])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect;

    #[test]
    fn unquoted_scalars() {
        let texts = "on yes y Off n ~ null NULL nUll tRue 0777 0o777 0b101 0x1F 0b12 08 1e3 1_000 _1 1:30 1. .5 +.5 . - \
                     9223372036854775807 9223372036854775808 123456789012345678901 1e400 .inf -.Inf .nan -0 <none> 10Gi \
                     2024-01-02 2024-1-2T3:4:5Z 2024-02-30 2001-12-14t21:59:43.10-05:00";
        let line = |text: &str| {
            let value = resolve(text).into_value(text).map_or_else(|error| error, |value| value.to_string());
            format!("{text} = {value}\n")
        };
        let shown: String = texts.split_whitespace().map(line).collect();
        expect![[r#"
            on = true
            yes = true
            y = true
            Off = false
            n = false
            ~ = null
            null = null
            NULL = null
            nUll = "nUll"
            tRue = "tRue"
            0777 = 511
            0o777 = 511
            0b101 = 5
            0x1F = 31
            0b12 = "0b12"
            08 = 8
            1e3 = 1000
            1_000 = 1000
            _1 = "_1"
            1:30 = "1:30"
            1. = 1
            .5 = 0.5
            +.5 = 0.5
            . = "."
            - = "-"
            9223372036854775807 = 9223372036854775807
            9223372036854775808 = 9.223372036854776e+18
            123456789012345678901 = 1.2345678901234568e+20
            1e400 = "1e400"
            .inf = json: unsupported value: +Inf
            -.Inf = json: unsupported value: -Inf
            .nan = json: unsupported value: NaN
            -0 = 0
            <none> = "<none>"
            10Gi = "10Gi"
            2024-01-02 = "2024-01-02"
            2024-1-2T3:4:5Z = "2024-1-2T3:4:5Z"
            2024-02-30 = "2024-02-30"
            2001-12-14t21:59:43.10-05:00 = "2001-12-14t21:59:43.10-05:00"
        "#]]
        .assert_eq(&shown);
    }

    #[test]
    fn tags() {
        let cases = [
            ("str", "1"),
            ("int", "x"),
            ("float", "1"),
            ("float", "x"),
            ("bool", "1"),
            ("null", ""),
            ("timestamp", "x"),
        ];
        let shown: String = cases
            .iter()
            .map(|(tag, text)| format!("!!{tag} {text}: {:?}\n", resolve_tagged(&format!("{PREFIX}{tag}"), text)))
            .collect();
        expect![[r#"
            !!str 1: Ok(Text)
            !!int x: Err("cannot decode !!str `x` as a !!int")
            !!float 1: Ok(Float(1.0))
            !!float x: Err("cannot decode !!str `x` as a !!float")
            !!bool 1: Err("cannot decode !!int `1` as a !!bool")
            !!null : Ok(Null)
            !!timestamp x: Err("cannot decode !!str `x` as a !!timestamp")
        "#]]
        .assert_eq(&shown);
    }

    #[test]
    fn floats_as_go_writes_them() {
        let cases = [1_234_567.5, 123_456.5, 0.00001, 0.0001, 1e21, -1.5e-7, 0.5, -2.0];
        let shown: Vec<String> = cases.iter().map(|value| go_float_text(*value)).collect();
        expect!["1.2345675e+06 123456.5 1e-05 0.0001 1e+21 -1.5e-07 0.5 -2"].assert_eq(&shown.join(" "));
    }
}
