//! Regular expressions as `grep` and `sed` write them, in the words of the engine.

use regex_lite::{Regex, RegexBuilder};

/// The largest compiled expression.
const MAX_SIZE: usize = 1 << 20;

/// An extended expression (`grep -E`).
pub(crate) fn extended(pattern: &str, ignore_case: bool) -> Result<Regex, String> {
    build(&translate(pattern, true), pattern, ignore_case)
}

/// A basic expression (`grep`, `sed`): `+ ? | ( ) { }` are signs only after a backslash.
pub(crate) fn basic(pattern: &str, ignore_case: bool) -> Result<Regex, String> {
    build(&translate(pattern, false), pattern, ignore_case)
}

/// A fixed text (`grep -F`).
pub(crate) fn fixed(pattern: &str, ignore_case: bool) -> Result<Regex, String> {
    build(&regex_lite::escape(pattern), pattern, ignore_case)
}

fn build(translated: &str, pattern: &str, ignore_case: bool) -> Result<Regex, String> {
    let built = RegexBuilder::new(translated).case_insensitive(ignore_case).size_limit(MAX_SIZE).build();
    built.map_err(|error| format!("`{pattern}` is no regular expression: {error}"))
}

fn translate(pattern: &str, extended: bool) -> String {
    let mut out = String::new();
    let mut chars = pattern.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next() {
                // In a basic expression a backslash gives these signs their meaning; in an extended one it takes it.
                Some(sign @ ('+' | '?' | '|' | '(' | ')' | '{' | '}')) if !extended => out.push(sign),
                Some('<' | '>') => out.push_str("\\b"),
                Some(class @ ('w' | 'W' | 's' | 'S' | 'b' | 'B' | 'd' | 'D' | 'n' | 't')) => out.extend(['\\', class]),
                Some(other) => push_literal(&mut out, other),
                None => out.push_str("\\\\"),
            },
            '[' => bracket(&mut out, &mut chars),
            '*' if !extended && (out.is_empty() || out.ends_with(['(', '|', '^'])) => out.push_str("\\*"),
            '+' | '?' | '|' | '(' | ')' | '{' | '}' if !extended => out.extend(['\\', c]),
            '{' if extended && !chars.peek().is_some_and(char::is_ascii_digit) => out.push_str("\\{"),
            '^' if !(extended || out.is_empty() || out.ends_with(['(', '|'])) => out.push_str("\\^"),
            '$' if !extended && chars.peek().is_some_and(|next| *next != '\\') => out.push_str("\\$"),
            c => out.push(c),
        }
    }
    out
}

fn push_literal(out: &mut String, c: char) {
    out.push_str(&regex_lite::escape(c.encode_utf8(&mut [0; 4])));
}

/// A bracket expression: a backslash in it is a character; `]` stands first if it is meant.
fn bracket(out: &mut String, chars: &mut std::iter::Peekable<std::str::Chars<'_>>) {
    out.push('[');
    if chars.next_if_eq(&'^').is_some() {
        out.push('^');
    }
    if chars.next_if_eq(&']').is_some() {
        out.push_str("\\]");
    }
    while let Some(c) = chars.next() {
        match c {
            ']' => break,
            '[' if chars.peek() == Some(&':') => {
                out.push('[');
                for inside in chars.by_ref() {
                    out.push(inside);
                    if inside == ']' {
                        break;
                    }
                }
            }
            '\\' if chars.peek().is_some_and(|next| "wsdnt".contains(*next)) => out.push('\\'),
            '[' | '\\' | '&' | '~' => out.extend(['\\', c]),
            c => out.push(c),
        }
    }
    out.push(']');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_as_grep_reads_them() {
        let check = |pattern: &str, text: &str| basic(pattern, false).unwrap().is_match(text);
        assert!(check("web-[0-9]\\+$", "web-10"));
        assert!(check("a+b", "a+b") && !check("a+b", "aab"));
        assert!(check("Running\\|Pending", "Pending"));
        assert!(check("[[:space:]]1/1", "web 1/1"));
        assert!(check("*x", "*x"));
        assert!(check("a.b$", "a.b") && check("cost$5", "cost$5"));
        assert!(extended("^(web|db)-[0-9]{1,2}$", false).unwrap().is_match("db-12"));
        assert!(extended("{name}", false).unwrap().is_match("{name}"));
        assert!(extended("[]a\\]+", false).unwrap().is_match("\\"));
        assert!(fixed("a.b", true).unwrap().is_match("xA.Bx"));
        assert!(extended("(", false).is_err());
    }
}
