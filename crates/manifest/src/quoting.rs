//! Which quotes a text needs so that it is read as the same text again.
//!
//! Models: go.yaml.in/yaml/v2 (stringv in encode.go; analyze_scalar and select_scalar_style in emitterc.go).

use crate::resolve::{Scalar, resolve};

/// How a text is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Style {
    Plain,
    Single,
    Double,
    Literal,
}

/// Which styles a text allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Analysis {
    pub multiline: bool,
    plain: bool,
    single: bool,
    block: bool,
}

impl Analysis {
    pub fn of(text: &str) -> Self {
        if text.is_empty() {
            return Self { multiline: false, plain: true, single: true, block: false };
        }
        let mut indicators = text.starts_with("---") || text.starts_with("...");
        let (mut multiline, mut special, mut break_blank, mut blank_break) = (false, false, false, false);
        let (mut after_blank, mut after_break, mut after_space) = (false, false, true);
        let characters: Vec<char> = text.chars().collect();
        for (at, &character) in characters.iter().enumerate() {
            let followed = characters.get(at + 1).is_none_or(|next| matches!(next, ' ' | '\t'));
            indicators |= match character {
                '#' if after_space => true,
                ',' | '[' | ']' | '{' | '}' | '&' | '*' | '!' | '|' | '>' | '\'' | '"' | '%' | '@' | '`' => at == 0,
                '?' | '-' => at == 0 && followed,
                ':' => followed,
                _ => false,
            };
            special |= !is_printable(character);
            if character == ' ' {
                break_blank |= after_break;
                (after_blank, after_break) = (true, false);
            } else if is_break(character) {
                multiline = true;
                blank_break |= after_blank;
                (after_blank, after_break) = (false, true);
            } else {
                (after_blank, after_break) = (false, false);
            }
            after_space = matches!(character, ' ' | '\t') || is_break(character);
        }
        let (first, last) = (characters[0], characters[characters.len() - 1]);
        let edge = [first, last].iter().any(|character| *character == ' ' || is_break(*character));
        let broken = blank_break || special;
        Self {
            multiline,
            plain: !(indicators || edge || break_blank || broken || multiline),
            single: !(break_blank || broken),
            block: last != ' ' && !broken,
        }
    }

    /// The style upstream chooses; a key stays on one line.
    pub fn style(self, text: &str, key: bool) -> Style {
        let mut style = if text.contains('\n') {
            Style::Literal
        } else if reads_as_text(text) {
            Style::Plain
        } else {
            Style::Double
        };
        if key && self.multiline {
            style = Style::Double;
        }
        if style == Style::Plain && (!self.plain || (text.is_empty() && key)) {
            style = Style::Single;
        }
        if style == Style::Single && !self.single {
            style = Style::Double;
        }
        if style == Style::Literal && (!self.block || key) {
            style = Style::Double;
        }
        style
    }
}

/// Whether the text, unquoted, would be read as text again.
fn reads_as_text(text: &str) -> bool {
    resolve(text) == Scalar::Text && !is_base_60(text)
}

/// Numbers such as `1:30`, which other readers take for seconds: `[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?`
fn is_base_60(text: &str) -> bool {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (number, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    let mut parts = number.split(':');
    let whole = parts.next().unwrap_or_default();
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'_');
    let rest: Vec<&str> = parts.collect();
    let sixties = |part: &&str| match part.as_bytes() {
        [digit] => digit.is_ascii_digit(),
        [tens, digit] => (b'0'..=b'5').contains(tens) && digit.is_ascii_digit(),
        _ => false,
    };
    whole.starts_with(|c: char| c.is_ascii_digit())
        && digits(whole)
        && digits(fraction)
        && !rest.is_empty()
        && rest.iter().all(sixties)
}

/// Whether a character ends a line.
pub(crate) fn is_break(character: char) -> bool {
    matches!(character, '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

fn is_printable(character: char) -> bool {
    matches!(character, '\n' | ' '..='~' | '\u{a0}'..='\u{feff}' | '\u{ff00}'..='\u{fffd}') && character != '\u{feff}'
}

/// How a character is written between double quotes, if not as itself.
pub(crate) fn escape(character: char) -> Option<String> {
    let letter = match character {
        '\0' => '0',
        '\u{7}' => 'a',
        '\u{8}' => 'b',
        '\t' => 't',
        '\n' => 'n',
        '\u{b}' => 'v',
        '\u{c}' => 'f',
        '\r' => 'r',
        '\u{1b}' => 'e',
        '"' | '\\' => character,
        '\u{85}' => 'N',
        '\u{2028}' => 'L',
        '\u{2029}' => 'P',
        _ if is_printable(character) => return None,
        _ => {
            let code = u32::from(character);
            return Some(match code {
                0..=0xff => format!("\\x{code:02X}"),
                0x100..=0xffff => format!("\\u{code:04X}"),
                _ => format!("\\U{code:08X}"),
            });
        }
    };
    Some(format!("\\{letter}"))
}
