//! Numbers as Go writes them, which is how they appear in messages and in JSON.

use serde_json::Number;

/// A float as Go's JSON encoder writes it: plain digits, or an exponent when it is below 1e-6 or from 1e21 on.
#[must_use]
pub fn float_text(value: f64) -> String {
    let size = value.abs();
    if size == 0.0 || (1e-6..1e21).contains(&size) {
        // An integral float has no point in JSON: 1000, not 1000.0.
        return format!("{value}");
    }
    let text = format!("{value:e}");
    match text.split_once('e') {
        Some((digits, exponent)) if !exponent.starts_with('-') => format!("{digits}e+{exponent}"),
        _ => text,
    }
}

/// A JSON number as Go's JSON encoder writes it.
pub(crate) fn number_text(number: &Number) -> String {
    if number.is_f64() { number.as_f64().map_or_else(String::new, float_text) } else { number.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats() {
        let cases =
            [(1.5, "1.5"), (1e21, "1e+21"), (1e20, "100000000000000000000"), (1e-7, "1e-7"), (0.00001, "0.00001")];
        for (value, text) in cases {
            assert_eq!(float_text(value), text);
        }
    }
}
