//! Texts with a grammar of their own: quantities, times, base64. Each check returns the server's message.

use crate::number::go_quote;

/// Models: staging/src/k8s.io/apimachinery/pkg/api/resource/quantity.go (parseQuantityString).
pub(crate) fn quantity_mistake(text: &str) -> Option<&'static str> {
    const FORMAT: &str = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
    const NUMERIC: &str = "unable to parse numeric part of quantity";
    const SUFFIX: &str = "unable to parse quantity's suffix";
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let number_end = unsigned.find(|c: char| !c.is_ascii_digit()).unwrap_or(unsigned.len());
    let (whole, rest) = unsigned.split_at(number_end);
    let (fraction, suffix) = match rest.strip_prefix('.') {
        Some(rest) => rest.split_at(rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len())),
        None => ("", rest),
    };
    if text.is_empty() {
        return Some(FORMAT);
    }
    let letters = suffix.trim_start_matches(|c: char| "eEinumkKMGTP".contains(c));
    let exponent = letters.strip_prefix(['+', '-']).unwrap_or(letters);
    if !exponent.chars().all(|c| c.is_ascii_digit()) {
        return Some(FORMAT);
    }
    if whole.is_empty() && fraction.is_empty() {
        return Some(NUMERIC);
    }
    let known = matches!(
        suffix,
        "" | "n" | "u" | "m" | "k" | "M" | "G" | "T" | "P" | "E" | "Ki" | "Mi" | "Gi" | "Ti" | "Pi" | "Ei"
    );
    let decimal_exponent = suffix.strip_prefix(['e', 'E']).is_some_and(|digits| digits.parse::<i32>().is_ok());
    (!known && !decimal_exponent).then_some(SUFFIX)
}

/// Models: Go's base64.StdEncoding, which ignores line breaks and names the byte it stumbled over.
pub(crate) fn base64_mistake(text: &str) -> Option<String> {
    let corrupt = |at: usize| Some(format!("illegal base64 data at input byte {at}"));
    let bytes = text.as_bytes();
    let mut at = 0;
    loop {
        let start = at;
        let mut count = 0;
        while count < 4 {
            let Some(&byte) = bytes.get(at) else {
                return if count == 0 { None } else { corrupt(at - count) };
            };
            at += 1;
            match byte {
                b'\n' | b'\r' => {}
                b'=' => return padding_mistake(bytes, at, count).and_then(corrupt),
                b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'+' | b'/' => count += 1,
                _ => return corrupt(at - 1),
            }
        }
        debug_assert!(at > start, "a quantum consumes bytes");
    }
}

/// What is wrong after the first `=`, which came as byte `at - 1` after `count` digits of its group.
fn padding_mistake(bytes: &[u8], mut at: usize, count: usize) -> Option<usize> {
    let skip_breaks = |mut at: usize| {
        while matches!(bytes.get(at), Some(b'\n' | b'\r')) {
            at += 1;
        }
        at
    };
    if count < 2 {
        return Some(at - 1);
    }
    if count == 2 {
        at = skip_breaks(at);
        match bytes.get(at) {
            None => return Some(bytes.len()),
            Some(b'=') => at += 1,
            Some(_) => return Some(at - 1),
        }
    }
    at = skip_breaks(at);
    (at < bytes.len()).then_some(at)
}

/// Each piece of the layout, as Go's error names it, with its number of digits (0 for a literal).
const RFC3339: [(&str, usize); 11] = [
    ("2006", 4),
    ("-", 0),
    ("01", 2),
    ("-", 0),
    ("02", 2),
    ("T", 0),
    ("15", 2),
    (":", 0),
    ("04", 2),
    (":", 0),
    ("05", 2),
];

/// Models: Go's time.Parse with the layout RFC 3339, as metav1.Time decodes.
pub(crate) fn time_mistake(text: &str, layout: &str) -> Option<String> {
    let mut rest = text;
    let mut pieces: Vec<u32> = Vec::new();
    let quoted = go_quote(text);
    let cannot = |rest: &str, element: &str| {
        let rest = go_quote(rest);
        Some(format!("parsing time {quoted} as {layout:?}: cannot parse {rest} as {element:?}"))
    };
    let range = |what: &str| Some(format!("parsing time {quoted}: {what} out of range"));
    for (element, digits) in RFC3339 {
        if digits == 0 {
            let Some(after) = rest.strip_prefix(element) else { return cannot(rest, element) };
            rest = after;
            continue;
        }
        // Go accepts one digit for the hour only.
        let length = rest.bytes().take(digits).take_while(u8::is_ascii_digit).count();
        let enough = length == digits || (element == "15" && length == 1);
        if !enough {
            return cannot(rest, element);
        }
        let (number, after) = rest.split_at(length);
        pieces.push(number.parse().unwrap_or(0));
        rest = after;
        let value = pieces.last().copied().unwrap_or(0);
        match element {
            "01" if !(1..=12).contains(&value) => return range("month"),
            "15" if value > 23 => return range("hour"),
            "04" if value > 59 => return range("minute"),
            "05" if value > 59 => return range("second"),
            _ => {}
        }
    }
    if let Some(fraction) = rest.strip_prefix('.') {
        let digits = fraction.bytes().take_while(u8::is_ascii_digit).count();
        if digits > 0 {
            rest = &fraction[digits..];
        }
    }
    let zone = rest;
    if let Some(after) = rest.strip_prefix('Z') {
        rest = after;
    } else {
        let bytes = zone.as_bytes();
        let shaped = bytes.len() >= 6
            && matches!(bytes[0], b'+' | b'-')
            && bytes[3] == b':'
            && [1, 2, 4, 5].iter().all(|&at| bytes[at].is_ascii_digit());
        if !shaped {
            return cannot(zone, "Z07:00");
        }
        rest = &zone[6..];
    }
    if !rest.is_empty() {
        return Some(format!("parsing time {quoted}: extra text: {}", go_quote(rest)));
    }
    let [year, month, day, ..] = pieces[..] else { return None };
    if day == 0 || day > days_in(year, month) { range("day") } else { None }
}

fn days_in(year: u32, month: u32) -> u32 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect;

    #[test]
    fn quantities() {
        for good in ["1", "1.5Gi", "100m", "-1", ".5", "1e3", "1E", "2Ki", "1E-2"] {
            assert_eq!(quantity_mistake(good), None, "{good}");
        }
        for bad in ["", "abc", "1x", "1.2.3", "true", "1 Gi", "[1]"] {
            assert!(quantity_mistake(bad).is_some_and(|m| m.starts_with("quantities must match")), "{bad}");
        }
        assert_eq!(quantity_mistake("100mi"), Some("unable to parse quantity's suffix"));
    }

    #[test]
    fn base64() {
        let cases = ["", "YQ==", "YWI=", "YWJj", "YQ==\n", "%%%", "abc", "YWJjZ", "YQ=a", "YQ", "=", "YQ==x"];
        let text: String = cases.iter().map(|case| format!("{case:?} {:?}\n", base64_mistake(case))).collect();
        expect![[r#"
            "" None
            "YQ==" None
            "YWI=" None
            "YWJj" None
            "YQ==\n" None
            "%%%" Some("illegal base64 data at input byte 0")
            "abc" Some("illegal base64 data at input byte 0")
            "YWJjZ" Some("illegal base64 data at input byte 4")
            "YQ=a" Some("illegal base64 data at input byte 2")
            "YQ" Some("illegal base64 data at input byte 0")
            "=" Some("illegal base64 data at input byte 0")
            "YQ==x" Some("illegal base64 data at input byte 4")
        "#]]
        .assert_eq(&text);
    }

    #[test]
    fn times() {
        let cases = [
            "2024-01-02T03:04:05Z",
            "2024-01-02T03:04:05.5+02:00",
            "foo",
            "2024-01-02",
            "2024-13-02T00:00:00Z",
            "2023-02-29T00:00:00Z",
            "2024-01-02T03:04:05",
            "2024-01-02T03:04:05Zx",
        ];
        let layout = "2006-01-02T15:04:05Z07:00";
        let text: String =
            cases.iter().map(|case| format!("{}\n", time_mistake(case, layout).unwrap_or_default())).collect();
        expect![[r#"


            parsing time "foo" as "2006-01-02T15:04:05Z07:00": cannot parse "foo" as "2006"
            parsing time "2024-01-02" as "2006-01-02T15:04:05Z07:00": cannot parse "" as "T"
            parsing time "2024-13-02T00:00:00Z": month out of range
            parsing time "2023-02-29T00:00:00Z": day out of range
            parsing time "2024-01-02T03:04:05" as "2006-01-02T15:04:05Z07:00": cannot parse "" as "Z07:00"
            parsing time "2024-01-02T03:04:05Zx": extra text: "x"
        "#]]
        .assert_eq(&text);
    }
}
