//! Numbers and quoted texts as Go writes them, which is how they appear in messages and in JSON.

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

/// A text between double quotes as Go's `%q` writes it.
#[must_use]
pub fn go_quote(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for character in text.chars() {
        let code = u32::from(character);
        match character {
            '"' | '\\' => out.extend(['\\', character]),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            '\u{7}' => out.push_str("\\a"),
            '\u{8}' => out.push_str("\\b"),
            '\u{b}' => out.push_str("\\v"),
            '\u{c}' => out.push_str("\\f"),
            '\0'..' ' | '\u{7f}' => out.push_str(&format!("\\x{code:02x}")),
            // The standard library knows which characters can be seen.
            _ if character == '\'' || character.escape_debug().len() == 1 => out.push(character),
            _ if code < 0x10000 => out.push_str(&format!("\\u{code:04x}")),
            _ => out.push_str(&format!("\\U{code:08x}")),
        }
    }
    out.push('"');
    out
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

    #[test]
    fn quotes() {
        assert_eq!(go_quote("a\"b\\c'é"), "\"a\\\"b\\\\c'é\"");
        assert_eq!(go_quote("\u{a0}\n\u{1}\u{feff}"), "\"\\u00a0\\n\\x01\\ufeff\"");
    }
}
