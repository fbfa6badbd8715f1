//! KYAML: the dialect of YAML that `kubectl -o kyaml` prints. Braces and quotes everywhere, so indentation means nothing.
//!
//! Models: sigs.k8s.io/yaml/kyaml.

use crate::resolve::{Scalar, resolve};
use serde_json::Value;

/// One document with its `---`, as kubectl prints it.
pub fn to_kyaml(value: &Value) -> String {
    let mut out = String::from("---\n");
    node(&mut out, value, 0);
    out.push('\n');
    out
}

fn node(out: &mut String, value: &Value, level: usize) {
    match value {
        Value::String(text) => string(out, text, level + 1),
        Value::Array(items) => sequence(out, items, level),
        Value::Object(map) if map.is_empty() => out.push_str("{}"),
        Value::Object(map) => {
            out.push_str("{\n");
            for (key, value) in map {
                indent(out, level + 1);
                if is_plain(key) {
                    out.push_str(key)
                } else {
                    out.push_str(&quoted_on_a_line(key))
                }
                out.push_str(": ");
                node(out, value, level + 1);
                out.push_str(",\n");
            }
            indent(out, level);
            out.push('}');
        }
        scalar => out.push_str(&scalar.to_string()),
    }
}

/// Lists of maps or lists are cuddled: their brackets share lines.
fn sequence(out: &mut String, items: &[Value], level: usize) {
    let is_cuddled = items.iter().all(|item| item.is_object() || item.is_array());
    out.push('[');
    for (index, item) in items.iter().enumerate() {
        if is_cuddled {
            out.push_str(if index > 0 { ", " } else { "" });
            node(out, item, level);
        } else {
            out.push_str(if index > 0 { "" } else { "\n" });
            indent(out, level + 1);
            node(out, item, level + 1);
            out.push_str(",\n");
        }
    }
    if !is_cuddled {
        indent(out, level);
    }
    out.push(']');
}

fn indent(out: &mut String, level: usize) {
    out.extend(std::iter::repeat_n("  ", level));
}

/// Whether a key means itself without quotes.
fn is_plain(text: &str) -> bool {
    let last = text.chars().count().saturating_sub(1);
    let fits = text
        .chars()
        .enumerate()
        .all(|(at, c)| c.is_alphanumeric() || c == '_' || (at > 0 && at < last && matches!(c, '-' | '.' | '/')));
    !text.is_empty() && fits && !is_ambiguous(text)
}

/// Whether a parser might take the text for something else.
fn is_ambiguous(text: &str) -> bool {
    let is_word = matches!(text.to_lowercase().as_str(), "y" | "n" | "t" | "f" | "yes" | "no" | "on" | "off");
    is_word || !matches!(resolve(text), Scalar::Text) || text.replace('_', "").parse::<f64>().is_ok()
}

fn quoted_on_a_line(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            c => escaped(&mut out, c),
        }
    }
    out.push('"');
    out
}

/// A text in quotes; each of its lines stands on a line of its own.
fn string(out: &mut String, text: &str, level: usize) {
    if !text.contains('\n') {
        out.push('"');
        text.chars().for_each(|c| if c == '\t' { out.push(c) } else { escaped(out, c) });
        return out.push('"');
    }
    out.push_str("\"\\\n");
    let mut begins = true;
    for c in text.chars() {
        if begins {
            indent(out, level);
            // A parser drops the blanks that begin a line; what is meant is kept by a backslash.
            out.push(if c.is_whitespace() && c != '\n' { '\\' } else { ' ' });
        }
        begins = c == '\n';
        match c {
            '\n' => out.push_str("\\n\\\n"),
            '\t' => out.push(c),
            c => escaped(out, c),
        }
    }
    if !begins {
        out.push_str("\\\n");
    }
    indent(out, level);
    out.push('"');
}

fn escaped(out: &mut String, c: char) {
    let name = match c {
        '"' => "\\\"",
        '\\' => "\\\\",
        '\u{7}' => "\\a",
        '\u{8}' => "\\b",
        '\u{c}' => "\\f",
        '\r' => "\\r",
        '\u{b}' => "\\v",
        '\0' => "\\0",
        '\u{1b}' => "\\e",
        '\u{85}' => "\\N",
        '\u{a0}' => "\\_",
        '\u{2028}' => "\\L",
        '\u{2029}' => "\\P",
        c if c.is_control() => return out.push_str(&format!("\\x{:02x}", u32::from(c))),
        c => return out.push(c),
    };
    out.push_str(name);
}

#[cfg(test)]
mod tests {
    use super::to_kyaml;
    use expect_test::expect;
    use serde_json::json;

    #[test]
    fn braces_and_quotes() {
        let value = json!({
            "apiVersion": "v1", "data": {"on": "yes", "a.b/c": "two\n  lines\n", "0x1": "x\ty"}, "empty": [], "no": {},
            "list": [{"name": "a", "ports": [80, 81]}, {"name": "b", "on": true}],
        });
        expect![[r#"
            ---
            {
              apiVersion: "v1",
              data: {
                "0x1": "x	y",
                a.b/c: "\
                   two\n\
                  \  lines\n\
                  ",
                "on": "yes",
              },
              empty: [],
              list: [{
                name: "a",
                ports: [
                  80,
                  81,
                ],
              }, {
                name: "b",
                "on": true,
              }],
              "no": {},
            }
        "#]]
        .assert_eq(&to_kyaml(&value));
    }
}
