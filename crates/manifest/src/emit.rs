//! Writes YAML byte for byte as `kubectl -o yaml` does.
//!
//! Models: go.yaml.in/yaml/v2 (encode.go, emitterc.go, sorter.go) as sigs.k8s.io/yaml calls it: keys in natural order, lists not
//! indented below their key, lines folded behind column 80, quotes only where they are needed.

use std::cmp::Ordering;

use serde_json::{Number, Value};

use crate::quoting::{Analysis, Style, escape, is_break};
use crate::resolve::{Scalar, go_float_text, resolve};

/// Columns behind which a text is folded at its next blank.
const WIDTH: usize = 80;
/// Longer keys are written in the form `? key`.
const MAX_KEY: usize = 128;

/// The value as `kubectl -o yaml` prints it.
#[must_use]
pub fn to_yaml(value: &Value) -> String {
    let mut writer = Writer { out: String::new(), column: 0 };
    writer.node(value, Place::Root);
    writer.end_line();
    writer.out
}

/// Where a node stands, which decides what is written before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Root,
    /// After `key:`; with the key's column.
    Value(usize),
    /// After `- `; with the column of what follows it.
    Item(usize),
}

struct Writer {
    out: String,
    /// Characters in the current line.
    column: usize,
}

impl Writer {
    fn node(&mut self, value: &Value, place: Place) {
        let scalar = |place| match place {
            Place::Root => 2,
            Place::Value(indent) => indent + 2,
            Place::Item(indent) => indent,
        };
        match value {
            Value::Null => self.word("null"),
            Value::Bool(true) => self.word("true"),
            Value::Bool(false) => self.word("false"),
            Value::Number(number) => self.word(&number_text(number)),
            Value::String(text) => self.text(text, scalar(place), false),
            Value::Array(items) if items.is_empty() => self.word("[]"),
            Value::Object(map) if map.is_empty() => self.word("{}"),
            Value::Array(items) => {
                // A list stands below its key, in the same column.
                let indent = match place {
                    Place::Root => 0,
                    Place::Value(indent) | Place::Item(indent) => indent,
                };
                for (index, item) in items.iter().enumerate() {
                    if index > 0 || matches!(place, Place::Value(_)) {
                        self.line(indent);
                    }
                    self.separate();
                    self.put("-");
                    self.node(item, Place::Item(indent + 2));
                }
            }
            Value::Object(map) => {
                let indent = match place {
                    Place::Root => 0,
                    Place::Value(indent) => indent + 2,
                    Place::Item(indent) => indent,
                };
                let mut entries: Vec<(&String, &Value)> = map.iter().collect();
                entries.sort_by(|one, other| natural(one.0, other.0));
                for (index, (key, value)) in entries.into_iter().enumerate() {
                    if index > 0 || matches!(place, Place::Value(_)) {
                        self.line(indent);
                    }
                    let place = self.key(key, indent);
                    self.node(value, place);
                }
            }
        }
    }

    /// Writes a key with its colon; says where the value stands.
    fn key(&mut self, key: &str, indent: usize) -> Place {
        if key.len() > MAX_KEY || Analysis::of(key).multiline {
            self.separate();
            self.put("?");
            self.text(key, indent + 2, false);
            self.line(indent);
            self.put(":");
            return Place::Item(indent + 2);
        }
        self.text(key, indent + 2, true);
        self.put(":");
        Place::Value(indent)
    }

    /// A blank, unless the line begins here or is indented so far.
    fn separate(&mut self) {
        if !(self.out.is_empty() || self.out.ends_with([' ', '\n'])) {
            self.put(" ");
        }
    }

    fn word(&mut self, word: &str) {
        self.separate();
        self.put(word);
    }

    fn text(&mut self, text: &str, indent: usize, key: bool) {
        self.separate();
        let analysis = Analysis::of(text);
        let style = analysis.style(text, key);
        match style {
            Style::Plain => self.flow(text, indent, key, "", |writer, character| writer.push(character)),
            Style::Single => self.flow(text, indent, key, "'", |writer, character| {
                writer.push(character);
                if character == '\'' {
                    writer.push(character);
                }
            }),
            Style::Double => self.double(text, indent, key),
            Style::Literal => self.literal(text, indent),
        }
    }

    /// A plain or single-quoted text, folded at single blanks.
    fn flow(&mut self, text: &str, indent: usize, key: bool, quote: &str, put: fn(&mut Self, char)) {
        self.put(quote);
        let characters: Vec<char> = text.chars().collect();
        let (mut after_blank, mut in_breaks) = (false, false);
        for (at, &character) in characters.iter().enumerate() {
            let next_is_blank = characters.get(at + 1) == Some(&' ');
            if character == ' ' {
                let inside = quote.is_empty() || (at > 0 && at + 1 < characters.len());
                if !key && !after_blank && self.column > WIDTH && inside && !next_is_blank {
                    self.line(indent);
                } else {
                    put(self, character);
                }
                after_blank = true;
            } else if is_break(character) {
                // The first line feed of several would be folded away.
                if !in_breaks && character == '\n' {
                    self.end_line();
                }
                self.push(character);
                in_breaks = true;
            } else {
                if in_breaks {
                    self.indent(indent);
                }
                put(self, character);
                (after_blank, in_breaks) = (false, false);
            }
        }
        self.put(quote);
    }

    fn double(&mut self, text: &str, indent: usize, key: bool) {
        self.put("\"");
        let characters: Vec<char> = text.chars().collect();
        let mut after_blank = false;
        for (at, &character) in characters.iter().enumerate() {
            if let Some(escape) = escape(character) {
                self.put(&escape);
                after_blank = false;
            } else if character == ' ' {
                let inside = at > 0 && at + 1 < characters.len();
                if !key && !after_blank && self.column > WIDTH && inside {
                    self.line(indent);
                    if characters.get(at + 1) == Some(&' ') {
                        self.put("\\");
                    }
                } else {
                    self.push(' ');
                }
                after_blank = true;
            } else {
                self.push(character);
                after_blank = false;
            }
        }
        self.put("\"");
    }

    fn literal(&mut self, text: &str, indent: usize) {
        self.put("|");
        if text.starts_with(' ') || text.starts_with(is_break) {
            self.put("2");
        }
        let mut from_end = text.chars().rev();
        match (from_end.next().is_some_and(is_break), from_end.next().is_none_or(is_break)) {
            (false, _) => self.put("-"),
            (true, true) => self.put("+"),
            (true, false) => {}
        }
        self.end_line();
        let mut begins = true;
        for character in text.chars() {
            if is_break(character) {
                self.push(character);
                begins = true;
            } else {
                if begins {
                    self.indent(indent);
                }
                self.push(character);
                begins = false;
            }
        }
    }

    fn put(&mut self, text: &str) {
        self.out.push_str(text);
        self.column += text.chars().count();
    }

    fn push(&mut self, character: char) {
        self.out.push(character);
        if is_break(character) {
            self.column = 0;
        } else {
            self.column += 1;
        }
    }

    fn end_line(&mut self) {
        self.out.push('\n');
        self.column = 0;
    }

    fn indent(&mut self, indent: usize) {
        while self.column < indent {
            self.push(' ');
        }
    }

    /// A new line, unless one has just begun.
    fn line(&mut self, indent: usize) {
        if self.column > 0 {
            self.end_line();
        }
        self.indent(indent);
    }
}

fn number_text(number: &Number) -> String {
    let Some(float) = number.as_f64().filter(|_| number.is_f64()) else { return number.to_string() };
    // Upstream writes JSON first and reads that as YAML again, so that a large whole float becomes an integer.
    let text = schema::float_text(float);
    match resolve(&text) {
        Scalar::Int(_) | Scalar::Unsigned(_) => text,
        _ => go_float_text(float),
    }
}

/// The order of keys: digits by their number, other characters before letters.
fn natural(one: &str, other: &str) -> Ordering {
    let (a, b): (Vec<char>, Vec<char>) = (one.chars().collect(), other.chars().collect());
    let Some(at) = (0..a.len().min(b.len())).find(|&at| a[at] != b[at]) else { return a.len().cmp(&b.len()) };
    match (a[at].is_alphabetic(), b[at].is_alphabetic()) {
        (true, true) => return a[at].cmp(&b[at]),
        (true, false) => return Ordering::Greater,
        (false, true) => return Ordering::Less,
        (false, false) => {}
    }
    // Zeros in the middle of a number are not leading ones.
    let before = a[..at].iter().rev().take_while(|c| c.is_ascii_digit());
    let inside = (a[at] == '0' || b[at] == '0') && before.clone().any(|c| *c != '0');
    let number = |text: &[char]| {
        let digits = text[at..].iter().take_while(|c| c.is_ascii_digit());
        let start = i64::from(inside);
        digits.fold((start, 0_usize), |(value, length), digit| {
            let digit = i64::from(digit.to_digit(10).unwrap_or(0));
            (value.wrapping_mul(10).wrapping_add(digit), length + 1)
        })
    };
    let ((a_value, a_length), (b_value, b_length)) = (number(&a), number(&b));
    a_value.cmp(&b_value).then(a_length.cmp(&b_length)).then(a[at].cmp(&b[at]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};
    use serde_json::json;

    fn check(value: Value, expected: Expect) {
        expected.assert_eq(&to_yaml(&value));
    }

    #[test]
    fn a_pod() {
        let pod = json!({
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": "web-0", "creationTimestamp": "2026-11-20T15:07:00Z", "labels": {"on": "true", "index": "0"}},
            "spec": {
                "containers": [{"name": "c", "image": "nginx:1", "args": ["-c", "while true; do date; done"], "resources": {}}],
                "tolerations": [],
            },
            "status": {"phase": "Running", "startTime": null, "containerStatuses": [{"ready": true, "restartCount": 0}]},
        });
        check(
            pod,
            expect![[r#"
            apiVersion: v1
            kind: Pod
            metadata:
              creationTimestamp: "2026-11-20T15:07:00Z"
              labels:
                index: "0"
                "on": "true"
              name: web-0
            spec:
              containers:
              - args:
                - -c
                - while true; do date; done
                image: nginx:1
                name: c
                resources: {}
              tolerations: []
            status:
              containerStatuses:
              - ready: true
                restartCount: 0
              phase: Running
              startTime: null
        "#]],
        );
    }

    #[test]
    fn texts_that_need_quotes() {
        let texts = [
            "",
            "a b",
            "yes",
            "0777",
            "1e3",
            "1:30",
            "12:99",
            "2024-01-02",
            "~",
            "- x",
            "-x",
            "#x",
            "a #b",
            "a: b",
            "a:b",
            "a:",
            "[a",
            "{a",
            "*a",
            "%a",
            "@a",
            "'a'",
            "it's",
            "a\tb",
            " a",
            "a ",
            "é",
            "\u{1F600}",
            "--- a",
            "x\u{1b}",
        ];
        check(
            json!(texts),
            expect![[r#"
            - ""
            - a b
            - "yes"
            - "0777"
            - "1e3"
            - "1:30"
            - 12:99
            - "2024-01-02"
            - "~"
            - '- x'
            - -x
            - '#x'
            - 'a #b'
            - 'a: b'
            - a:b
            - 'a:'
            - '[a'
            - '{a'
            - '*a'
            - '%a'
            - '@a'
            - '''a'''
            - it's
            - "a\tb"
            - ' a'
            - 'a '
            - é
            - "\U0001F600"
            - '--- a'
            - "x\e"
        "#]],
        );
    }

    #[test]
    fn several_lines() {
        let value = json!({
            "clip": "a\nb\n",
            "strip": "a\nb",
            "keep": "a\n\n",
            "indented": "  a\nb\n",
            "blank at an end": "a \nb\n",
            "list": ["x\ny\n", ["nested", {"a": [1]}]],
            "long": "word ".repeat(24),
            "single": "'q' ".repeat(30),
            "double": "a\tb ".repeat(20),
        });
        check(
            value,
            expect![[r#"
            blank at an end: "a \nb\n"
            clip: |
              a
              b
            double: "a\tb a\tb a\tb a\tb a\tb a\tb a\tb a\tb a\tb a\tb a\tb a\tb a\tb a\tb a\tb
              a\tb a\tb a\tb a\tb a\tb "
            indented: |2
                a
              b
            keep: |+
              a

            list:
            - |
              x
              y
            - - nested
              - a:
                - 1
            long: 'word word word word word word word word word word word word word word word
              word word word word word word word word word '
            single: '''q'' ''q'' ''q'' ''q'' ''q'' ''q'' ''q'' ''q'' ''q'' ''q'' ''q'' ''q'' ''q''
              ''q'' ''q'' ''q'' ''q'' ''q'' ''q'' ''q'' ''q'' ''q'' ''q'' ''q'' ''q'' ''q'' ''q''
              ''q'' ''q'' ''q'' '
            strip: |-
              a
              b
        "#]],
        );
    }

    #[test]
    fn keys_in_natural_order() {
        check(
            json!({"a10": 1, "a9": 2, "A": 3, "a02": 4, "b-1": 5, "_": 6, "10": 7, "on": 8, "x".repeat(129): [1]}),
            expect![[r#"
                _: 6
                "10": 7
                A: 3
                a02: 4
                a9: 2
                a10: 1
                b-1: 5
                "on": 8
                ? xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx
                : - 1
            "#]],
        );
    }

    #[test]
    fn numbers() {
        check(
            json!([1, -5, 1.5, 1e-7, 12_345_678.5, 1e20, 1.2e19, 10_000_000_000_000_000_000_u64]),
            expect![[r#"
            - 1
            - -5
            - 1.5
            - 1e-07
            - 1.23456785e+07
            - 1e+20
            - 12000000000000000000
            - 10000000000000000000
        "#]],
        );
    }
}
