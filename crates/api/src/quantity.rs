//! Quantities and int-or-percent values.
//! Models: staging/src/k8s.io/apimachinery/pkg/api/resource/quantity.go and pkg/util/intstr.

use crate::{Str, StrMap, Wire};
use serde_json::Value;
use std::cmp::Ordering;
use std::fmt;

/// An amount of a resource: an exact number of thousandths and the canonical text it prints as.
///
/// Amounts below a thousandth are rounded up, as the API server rounds them; amounts above 9.2e15 saturate.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Quantity {
    milli: i64,
    text: Str,
}

/// Amounts by resource name: `cpu`, `memory`, `pods`, extended resources.
pub type ResourceList = StrMap<Quantity>;

/// The suffixes of quantities: text, base, exponent.
const SUFFIXES: &[(&str, i128, u32)] = &[
    ("Ki", 1024, 1),
    ("Mi", 1024, 2),
    ("Gi", 1024, 3),
    ("Ti", 1024, 4),
    ("Pi", 1024, 5),
    ("Ei", 1024, 6),
    ("k", 1000, 1),
    ("M", 1000, 2),
    ("G", 1000, 3),
    ("T", 1000, 4),
    ("P", 1000, 5),
    ("E", 1000, 6),
];

impl Quantity {
    /// Reads `100m`, `1.5Gi`, `2e3`…; `None` if it is no quantity.
    pub fn parse(text: &str) -> Option<Quantity> {
        let end = text.find(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | '+' | '-'))).unwrap_or(text.len());
        let (number, suffix) = text.split_at(end);
        let nano = nano_of(number)?;
        let (nano, format) = match suffix {
            "" => (nano, Format::Decimal),
            "n" => (nano / 1_000_000_000, Format::Decimal),
            "u" => (nano / 1_000_000, Format::Decimal),
            "m" => (nano / 1000, Format::Decimal),
            _ => match SUFFIXES.iter().find(|(name, ..)| *name == suffix) {
                Some((_, base, power)) => {
                    (nano.checked_mul(base.pow(*power))?, if *base == 1024 { Format::Binary } else { Format::Decimal })
                }
                None => (exponent(nano, suffix)?, Format::Exponent),
            },
        };
        let milli = nano.div_euclid(1_000_000) + i128::from(nano.rem_euclid(1_000_000) != 0);
        Some(Self::canonical(milli, format))
    }

    /// A whole number of units, printed with decimal suffixes (cpu, pods).
    pub fn decimal(units: i64) -> Quantity {
        Self::canonical(i128::from(units) * 1000, Format::Decimal)
    }

    /// A number of thousandths (`milli_cpu`).
    pub fn from_milli(milli: i64) -> Quantity {
        Self::canonical(i128::from(milli), Format::Decimal)
    }

    /// A number of bytes, printed with binary suffixes.
    pub fn bytes(bytes: i64) -> Quantity {
        Self::canonical(i128::from(bytes) * 1000, Format::Binary)
    }

    /// The amount in thousandths.
    pub fn milli(&self) -> i64 {
        self.milli
    }

    /// The amount in whole units, rounded up.
    pub fn value(&self) -> i64 {
        self.milli.div_euclid(1000) + i64::from(self.milli.rem_euclid(1000) != 0)
    }

    /// Whether it is nothing.
    pub fn is_zero(&self) -> bool {
        self.milli == 0
    }

    /// The sum, printed in this quantity's format.
    #[must_use]
    pub fn plus(&self, other: &Quantity) -> Quantity {
        let binary = if self.is_zero() { other.is_binary() } else { self.is_binary() };
        let format = if binary { Format::Binary } else { Format::Decimal };
        Self::canonical(i128::from(self.milli) + i128::from(other.milli), format)
    }

    /// The same amount in the format of another one.
    #[must_use]
    pub fn formatted_like(&self, other: &Quantity) -> Quantity {
        let format = if other.is_binary() { Format::Binary } else { Format::Decimal };
        Self::canonical(i128::from(self.milli), format)
    }

    /// Whether it prints with binary suffixes.
    pub fn is_binary(&self) -> bool {
        self.text.ends_with('i')
    }

    fn canonical(milli: i128, format: Format) -> Quantity {
        let whole = i64::try_from(milli).unwrap_or(if milli < 0 { i64::MIN } else { i64::MAX });
        Quantity { milli: whole, text: canonical_text(milli, format).into() }
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Format {
    Decimal,
    Binary,
    Exponent,
}

/// The number in thousand-millionths; `None` if it is no plain decimal.
fn nano_of(number: &str) -> Option<i128> {
    let (sign, digits) = match number.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, number.strip_prefix('+').unwrap_or(number)),
    };
    let (whole, frac) = digits.split_once('.').unwrap_or((digits, ""));
    let all_digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() && frac.is_empty() || !all_digits(whole) || !all_digits(frac) || whole.len() > 20 {
        return None;
    }
    let whole: i128 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
    let padded = format!("{:0<9}", &frac[..frac.len().min(9)]);
    let more = i128::from(frac.len() > 9 && frac[9..].bytes().any(|b| b != b'0'));
    Some(sign * (whole * 1_000_000_000 + padded.parse::<i128>().ok()? + more))
}

fn exponent(nano: i128, suffix: &str) -> Option<i128> {
    let power: i32 = suffix.strip_prefix(['e', 'E'])?.parse().ok()?;
    let scale = 10i128.checked_pow(power.unsigned_abs())?;
    if power < 0 { Some(nano / scale) } else { nano.checked_mul(scale) }
}

/// The shortest exact spelling. Models: Quantity.CanonicalizeBytes.
fn canonical_text(milli: i128, format: Format) -> String {
    if milli == 0 {
        return "0".to_owned();
    }
    if milli % 1000 != 0 {
        // A binary quantity below 1024 or with a fraction falls back to decimal spelling.
        return format!("{milli}m");
    }
    let mut value = milli / 1000;
    let (base, names): (i128, [&str; 7]) = match format {
        Format::Binary if value.abs() >= 1024 => (1024, ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"]),
        Format::Exponent => (1000, ["", "e3", "e6", "e9", "e12", "e15", "e18"]),
        _ => (1000, ["", "k", "M", "G", "T", "P", "E"]),
    };
    let mut step = 0;
    while step + 1 < names.len() && value % base == 0 {
        value /= base;
        step += 1;
    }
    format!("{value}{}", names[step])
}

impl PartialOrd for Quantity {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Quantity {
    fn cmp(&self, other: &Self) -> Ordering {
        self.milli.cmp(&other.milli).then_with(|| self.text.cmp(&other.text))
    }
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(if self.text.is_empty() { "0" } else { self.text.as_str() })
    }
}

impl fmt::Debug for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Wire for Quantity {
    fn read(value: Value) -> Self {
        match value {
            Value::String(text) => Quantity::parse(&text).unwrap_or_default(),
            Value::Number(n) => Quantity::parse(&n.to_string()).unwrap_or_default(),
            _ => Quantity::default(),
        }
    }
    fn write(&self) -> Value {
        Value::String(self.to_string())
    }
    fn is_absent(&self) -> bool {
        false
    }
}

/// A count or a percentage of one: `2` or `"25%"`, a port number or name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IntOrString {
    /// A number.
    Int(i32),
    /// A text: a percentage or a name.
    Text(Str),
}

impl Default for IntOrString {
    fn default() -> Self {
        IntOrString::Int(0)
    }
}

impl IntOrString {
    /// The count that this is of `total`; percentages are rounded as asked. `None` if the text is no percentage.
    pub fn scaled(&self, total: i32, round_up: bool) -> Option<i32> {
        match self {
            IntOrString::Int(n) => Some(*n),
            IntOrString::Text(text) => {
                let percent: i64 = text.strip_suffix('%')?.parse().ok()?;
                let hundredths = percent * i64::from(total);
                let count = if round_up {
                    hundredths.div_euclid(100) + i64::from(hundredths.rem_euclid(100) != 0)
                } else {
                    hundredths.div_euclid(100)
                };
                i32::try_from(count).ok()
            }
        }
    }
}

impl fmt::Display for IntOrString {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            IntOrString::Int(n) => write!(f, "{n}"),
            IntOrString::Text(text) => write!(f, "{text}"),
        }
    }
}

impl Wire for IntOrString {
    fn read(value: Value) -> Self {
        match value {
            Value::String(text) => IntOrString::Text(text.into()),
            other => IntOrString::Int(i32::read(other)),
        }
    }
    fn write(&self) -> Value {
        match self {
            IntOrString::Int(n) => Value::from(*n),
            IntOrString::Text(text) => text.write(),
        }
    }
    fn is_absent(&self) -> bool {
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_print_canonically() {
        let text = |t: &str| Quantity::parse(t).map(|q| q.to_string());
        for (given, canonical) in [
            ("0.1", "100m"),
            ("1024Mi", "1Gi"),
            ("0.5Gi", "512Mi"),
            ("1000m", "1"),
            ("1G", "1G"),
            ("1500m", "1500m"),
            ("2", "2"),
            ("1000", "1k"),
            ("5Gi", "5Gi"),
            ("0", "0"),
            ("1e3", "1e3"),
            ("0.0001", "1m"),
            ("100Ki", "100Ki"),
            ("1.5Gi", "1536Mi"),
        ] {
            assert_eq!(text(given).as_deref(), Some(canonical), "{given}");
        }
        for bad in ["", "abc", "1.2.3", "1Gx", "--1", "1 Gi"] {
            assert_eq!(text(bad), None, "{bad}");
        }
        assert_eq!(Quantity::parse("1.5Gi").map(|q| q.value()), Some(1_610_612_736));
    }

    #[test]
    fn percentages_scale() {
        let q = IntOrString::Text("25%".into());
        assert_eq!((q.scaled(10, true), q.scaled(10, false)), (Some(3), Some(2)));
        assert_eq!(IntOrString::Text("abc".into()).scaled(10, true), None);
    }
}
