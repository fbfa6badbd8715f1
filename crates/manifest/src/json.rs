//! Reads JSON as Go's decoder does: one object after another, with Go's words for what is wrong, and positions.
//!
//! Models: encoding/json (scanner.go, decode.go). A stream whose first character is `{` is tried as JSON before YAML.

use serde_json::Value;

use crate::compose::Composed;
use crate::positions::{Arena, Duplicate, Entry, Located, Names, Range};
use crate::resolve::float_value;
use crate::yaml::MAX_DEPTH;

/// Why a text is not JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct JsonError {
    /// Go's words.
    pub message: String,
    /// Offset of the character that is wrong, in the file.
    pub at: usize,
    /// Whether Go calls it a syntax error and adds the offset to the message.
    pub syntax: bool,
}

/// Reads the value that begins at or after `start`; with the offset behind it.
///
/// `None` when only white space is left.
pub(crate) fn read(text: &str, start: usize, base: usize) -> Option<Result<(Composed, usize), JsonError>> {
    let mut reader =
        Reader { text, at: start, base, arena: Arena::default(), names: Names::default(), duplicates: Vec::new() };
    reader.skip_space();
    if reader.at >= text.len() {
        return None;
    }
    let result = reader.value(0);
    Some(result.map(|(value, root)| {
        let end = reader.at;
        (Composed { value, arena: reader.arena, root, duplicates: reader.duplicates }, end)
    }))
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    base: usize,
    arena: Arena,
    names: Names,
    duplicates: Vec<Duplicate>,
}

type Read<T> = Result<T, JsonError>;

impl Reader<'_> {
    fn byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn skip_space(&mut self) {
        while matches!(self.byte(), Some(b' ' | b'\t' | b'\r' | b'\n')) {
            self.at += 1;
        }
    }

    /// The character here does not belong here.
    fn wrong<T>(&self, context: &str) -> Read<T> {
        let Some(character) = self.text.get(self.at..).and_then(|rest| rest.chars().next()) else {
            return Err(JsonError { message: "unexpected EOF".to_owned(), at: self.base + self.at, syntax: false });
        };
        // Go looks at bytes and shows one as the character of that number.
        let byte = self.byte().unwrap_or(0);
        let shown = match byte {
            b'\'' => "'\\''".to_owned(),
            b'"' => "'\"'".to_owned(),
            b'\n' => "'\\n'".to_owned(),
            b'\t' => "'\\t'".to_owned(),
            b'\r' => "'\\r'".to_owned(),
            0..=0x1f | 0x7f => format!("'\\x{byte:02x}'"),
            _ if character.is_ascii() => format!("'{character}'"),
            _ => format!("'{}'", char::from(byte)),
        };
        let message = format!("invalid character {shown} {context}");
        Err(JsonError { message, at: self.base + self.at, syntax: true })
    }

    fn value(&mut self, depth: usize) -> Read<(Value, Located)> {
        if depth > MAX_DEPTH {
            return Err(JsonError { message: "exceeded max depth".to_owned(), at: self.base + self.at, syntax: true });
        }
        self.skip_space();
        let start = self.at;
        let mut located = Located::default();
        let value = match self.byte() {
            Some(b'{') => self.object(depth, &mut located)?,
            Some(b'[') => self.array(depth, &mut located)?,
            Some(b'"') => Value::String(self.string()?),
            Some(b't') => self.literal("true", Value::Bool(true))?,
            Some(b'f') => self.literal("false", Value::Bool(false))?,
            Some(b'n') => self.literal("null", Value::Null)?,
            Some(b'-' | b'0'..=b'9') => self.number()?,
            _ => return self.wrong("looking for beginning of value"),
        };
        located.value = Range::new(self.base + start, self.base + self.at);
        Ok((value, located))
    }

    fn object(&mut self, depth: usize, located: &mut Located) -> Read<Value> {
        self.at += 1;
        let mut entries = Vec::new();
        self.skip_space();
        if self.byte() != Some(b'}') {
            loop {
                self.skip_space();
                if self.byte() != Some(b'"') {
                    return self.wrong("looking for beginning of object key string");
                }
                let start = self.at;
                let key = self.string()?;
                let range = Range::new(self.base + start, self.base + self.at);
                self.skip_space();
                if self.byte() != Some(b':') {
                    return self.wrong("after object key");
                }
                self.at += 1;
                let (value, mut place) = self.value(depth + 1)?;
                place.key = Some(range);
                entries.push(Entry { key, value, place, merged: false });
                self.skip_space();
                match self.byte() {
                    Some(b',') => self.at += 1,
                    Some(b'}') => break,
                    _ => return self.wrong("after object key:value pair"),
                }
            }
        }
        self.at += 1;
        Ok(self.names.object(&mut self.arena, located, entries, &mut self.duplicates))
    }

    fn array(&mut self, depth: usize, located: &mut Located) -> Read<Value> {
        self.at += 1;
        let (mut values, mut children) = (Vec::new(), Vec::new());
        self.skip_space();
        if self.byte() != Some(b']') {
            loop {
                let (value, child) = self.value(depth + 1)?;
                values.push(value);
                children.push(child);
                self.skip_space();
                match self.byte() {
                    Some(b',') => self.at += 1,
                    Some(b']') => break,
                    _ => return self.wrong("after array element"),
                }
            }
        }
        self.at += 1;
        self.arena.adopt(located, children);
        Ok(Value::Array(values))
    }

    fn literal(&mut self, word: &'static str, value: Value) -> Read<Value> {
        for expected in word.chars() {
            if self.byte().map(char::from) != Some(expected) {
                return self.wrong(&format!("in literal {word} (expecting '{expected}')"));
            }
            self.at += 1;
        }
        Ok(value)
    }

    fn digits(&mut self, context: &str) -> Read<()> {
        if !self.byte().is_some_and(|byte| byte.is_ascii_digit()) {
            return self.wrong(context);
        }
        while self.byte().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        Ok(())
    }

    fn number(&mut self) -> Read<Value> {
        let start = self.at;
        if self.byte() == Some(b'-') {
            self.at += 1;
        }
        if self.byte() == Some(b'0') {
            self.at += 1;
        } else {
            self.digits("in numeric literal")?;
        }
        if self.byte() == Some(b'.') {
            self.at += 1;
            self.digits("after decimal point in numeric literal")?;
        }
        if matches!(self.byte(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.byte(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.digits("in exponent of numeric literal")?;
        }
        let text = &self.text[start..self.at];
        if let Ok(integer) = text.parse::<i64>() {
            return Ok(Value::from(integer));
        }
        // Go prints a whole float without a point, so `1.0` arrives as the integer 1.
        float_value(text.parse().unwrap_or(f64::INFINITY)).map_err(|_| JsonError {
            message: format!("json: cannot unmarshal number {text} into Go value of type float64"),
            at: self.base + start,
            syntax: false,
        })
    }

    fn string(&mut self) -> Read<String> {
        self.at += 1;
        let mut out = String::new();
        loop {
            let start = self.at;
            while self.byte().is_some_and(|byte| byte >= b' ' && byte != b'"' && byte != b'\\') {
                self.at += 1;
            }
            out.push_str(&self.text[start..self.at]);
            match self.byte() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(out);
                }
                Some(b'\\') => self.escape(&mut out)?,
                _ => return self.wrong("in string literal"),
            }
        }
    }

    fn escape(&mut self, out: &mut String) -> Read<()> {
        self.at += 1;
        let character = match self.byte() {
            Some(letter @ (b'"' | b'\\' | b'/')) => char::from(letter),
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => {
                self.at += 1;
                let first = self.hex()?;
                let second = if (0xD800..0xDC00).contains(&first) && self.text[self.at..].starts_with("\\u") {
                    let back = self.at;
                    self.at += 2;
                    let second = self.hex()?;
                    if !(0xDC00..0xE000).contains(&second) {
                        self.at = back;
                    }
                    second
                } else {
                    0
                };
                let pair = || 0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00);
                let code = if (0xDC00..0xE000).contains(&second) { pair() } else { first };
                // Half a pair is no character.
                out.push(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
                return Ok(());
            }
            _ => return self.wrong("in string escape code"),
        };
        self.at += 1;
        out.push(character);
        Ok(())
    }

    fn hex(&mut self) -> Read<u32> {
        let mut value = 0;
        for _ in 0..4 {
            let Some(digit) = self.byte().and_then(|byte| char::from(byte).to_digit(16)) else {
                return self.wrong("in \\u hexadecimal character escape");
            };
            value = (value << 4) | digit;
            self.at += 1;
        }
        Ok(value)
    }
}
