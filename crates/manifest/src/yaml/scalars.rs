//! The scanner's longer tokens: plain, quoted and block scalars, tags and directives.

use std::borrow::Cow;

use super::scanner::{Kind, Scanner, is_word};
use super::{Error, Mark, Result};

impl<'a> Scanner<'a> {
    /// An unquoted scalar, which may go on over several lines; with the place where its text ends.
    pub(super) fn scan_plain_scalar(&mut self) -> Result<(Cow<'a, str>, Mark)> {
        let start = self.mark;
        let indent = self.indent + 1;
        let mut end = start;
        let mut folded = Folded::new(start.at);
        loop {
            if self.at_document_mark() || self.byte(0) == b'#' {
                break;
            }
            let word = self.mark.at;
            while !self.is_blankz(0) {
                let byte = self.byte(0);
                let stops = (byte == b':' && self.is_blankz(1)) || (self.flow_level > 0 && b",?[]{}".contains(&byte));
                if stops {
                    break;
                }
                self.skip_char();
            }
            if self.mark.at > word {
                folded.add(self.text, word, self.mark.at);
                end = self.mark;
            }
            if !self.is_blank(0) && self.break_width(0) == 0 {
                break;
            }
            while self.is_blank(0) || self.break_width(0) > 0 {
                if self.break_width(0) > 0 {
                    self.read_line(folded.line_break());
                    continue;
                }
                let indents = folded.in_breaks && self.mark.column.cast_signed() < indent;
                if indents && self.byte(0) == b'\t' {
                    let problem = "found a tab character that violates indentation";
                    return Err(Error::scanner(problem, self.mark, Some(start)));
                }
                self.skip_byte();
            }
            if self.flow_level == 0 && self.mark.column.cast_signed() < indent {
                break;
            }
        }
        if folded.in_breaks {
            self.simple_key_allowed = true;
        }
        Ok((folded.finish(self.text, end.at), end))
    }

    pub(super) fn scan_quoted_scalar(&mut self, single: bool) -> Result<Cow<'a, str>> {
        let start = self.mark;
        let quote = if single { b'\'' } else { b'"' };
        self.skip_byte();
        let begin = self.mark.at;
        // Most quoted scalars are one line without escapes: a piece of the text.
        let plain = |byte: &u8| *byte == quote || (*byte == b'\\' && !single) || *byte < b' ' || *byte >= 0x7f;
        let length = self.rest().bytes().position(|byte| plain(&byte)).unwrap_or(0);
        if self.byte(length) == quote && !(single && self.byte(length + 1) == quote) {
            self.skip_bytes(length + 1);
            return Ok(Cow::Borrowed(&self.text[begin..begin + length]));
        }
        let mut value = String::new();
        loop {
            if self.at_document_mark() {
                return Err(Error::scanner("found unexpected document indicator", self.mark, Some(start)));
            }
            if self.at_end() {
                return Err(Error::scanner("found unexpected end of stream", self.mark, Some(start)));
            }
            let escaped_break = self.scan_quoted_words(single, quote, start, &mut value)?;
            if self.byte(0) == quote {
                break;
            }
            self.fold_quoted_space(escaped_break, &mut value);
        }
        self.skip_byte();
        Ok(Cow::Owned(value))
    }

    /// Reads up to a blank, a break or the closing quote; says whether it ended in an escaped line break.
    fn scan_quoted_words(&mut self, single: bool, quote: u8, start: Mark, value: &mut String) -> Result<bool> {
        while !self.is_blankz(0) {
            let byte = self.byte(0);
            if byte == quote {
                if !(single && self.byte(1) == quote) {
                    return Ok(false);
                }
                value.push('\'');
                self.skip_bytes(2);
            } else if byte == b'\\' && !single {
                if self.break_width(1) > 0 {
                    self.skip_byte();
                    self.skip_line();
                    return Ok(true);
                }
                value.push(self.scan_escape(start)?);
            } else {
                let from = self.mark.at;
                self.skip_char();
                value.push_str(&self.text[from..self.mark.at]);
            }
        }
        Ok(false)
    }

    fn scan_escape(&mut self, start: Mark) -> Result<char> {
        let digits = match self.byte(1) {
            b'x' => 2,
            b'u' => 4,
            b'U' => 8,
            letter => {
                let character = match letter {
                    b'0' => '\0',
                    b'a' => '\u{7}',
                    b'b' => '\u{8}',
                    b't' | b'\t' => '\t',
                    b'n' => '\n',
                    b'v' => '\u{b}',
                    b'f' => '\u{c}',
                    b'r' => '\r',
                    b'e' => '\u{1b}',
                    b' ' | b'"' | b'\'' | b'\\' => char::from(letter),
                    b'N' => '\u{85}',
                    b'_' => '\u{a0}',
                    b'L' => '\u{2028}',
                    b'P' => '\u{2029}',
                    _ => return Err(Error::scanner("found unknown escape character", self.mark, Some(start))),
                };
                self.skip_bytes(2);
                return Ok(character);
            }
        };
        self.skip_bytes(2);
        let mut value = 0_u32;
        for ahead in 0..digits {
            let Some(digit) = char::from(self.byte(ahead)).to_digit(16) else {
                return Err(Error::scanner("did not find expected hexdecimal number", self.mark, Some(start)));
            };
            value = (value << 4) | digit;
        }
        let Some(character) = char::from_u32(value) else {
            return Err(Error::scanner("found invalid Unicode character escape code", self.mark, Some(start)));
        };
        self.skip_bytes(digits);
        Ok(character)
    }

    /// The blanks between two words stay; a line break between them becomes a blank, further ones stay.
    fn fold_quoted_space(&mut self, escaped_break: bool, value: &mut String) {
        let (mut blanks, mut first, mut more) = (String::new(), String::new(), String::new());
        let mut breaks = escaped_break;
        while self.is_blank(0) || self.break_width(0) > 0 {
            if self.is_blank(0) {
                if !breaks {
                    blanks.push(char::from(self.byte(0)));
                }
                self.skip_byte();
            } else if breaks {
                self.read_line(&mut more);
            } else {
                blanks.clear();
                self.read_line(&mut first);
                breaks = true;
            }
        }
        if !breaks {
            value.push_str(&blanks);
        } else if first == "\n" && more.is_empty() {
            value.push(' ');
        } else {
            value.push_str(if first == "\n" { "" } else { &first });
            value.push_str(&more);
        }
    }

    /// A `|` or `>` scalar, with the place where its text ends.
    pub(super) fn scan_block_scalar(&mut self, literal: bool) -> Result<(Cow<'a, str>, Mark)> {
        let start = self.mark;
        self.skip_byte();
        let (chomping, increment) = self.scan_block_header(start)?;
        let mut end = self.mark;
        let mut indent = match (increment, usize::try_from(self.indent)) {
            (0, _) => 0,
            (increment, Ok(parent)) => parent + increment,
            (increment, Err(_)) => increment,
        };
        let (mut value, mut first, mut more) = (String::new(), String::new(), String::new());
        self.scan_block_breaks(&mut indent, &mut more, start, &mut end)?;
        let mut leading_blank = false;
        while self.mark.column == indent && !self.at_end() {
            let trailing_blank = self.is_blank(0);
            if !literal && !leading_blank && !trailing_blank && first == "\n" {
                if more.is_empty() {
                    value.push(' ');
                }
            } else {
                value.push_str(&first);
            }
            first.clear();
            value.push_str(&more);
            more.clear();
            leading_blank = trailing_blank;
            let from = self.mark.at;
            self.skip_to_break();
            value.push_str(&self.text[from..self.mark.at]);
            self.read_line(&mut first);
            self.scan_block_breaks(&mut indent, &mut more, start, &mut end)?;
        }
        if chomping != Chomping::Strip {
            value.push_str(&first);
        }
        if chomping == Chomping::Keep {
            value.push_str(&more);
        }
        Ok((Cow::Owned(value), end))
    }

    /// What may follow `|` on its line: how to end, how far to indent, a comment.
    fn scan_block_header(&mut self, start: Mark) -> Result<(Chomping, usize)> {
        let mut chomping = self.scan_chomping();
        let mut increment = 0;
        if self.byte(0).is_ascii_digit() {
            if self.byte(0) == b'0' {
                return Err(Error::scanner("found an indentation indicator equal to 0", self.mark, Some(start)));
            }
            increment = usize::from(self.byte(0) - b'0');
            self.skip_byte();
            if chomping.is_none() {
                chomping = self.scan_chomping();
            }
        }
        while self.is_blank(0) {
            self.skip_byte();
        }
        self.skip_comment();
        if !self.is_breakz(0) {
            return Err(Error::scanner("did not find expected comment or line break", self.mark, Some(start)));
        }
        self.skip_line();
        Ok((chomping.unwrap_or(Chomping::Clip), increment))
    }

    fn scan_chomping(&mut self) -> Option<Chomping> {
        let chomping = match self.byte(0) {
            b'+' => Chomping::Keep,
            b'-' => Chomping::Strip,
            _ => return None,
        };
        self.skip_byte();
        Some(chomping)
    }

    /// Skips indentation and empty lines; finds out the indentation while it is not known (0).
    fn scan_block_breaks(
        &mut self,
        indent: &mut usize,
        breaks: &mut String,
        start: Mark,
        end: &mut Mark,
    ) -> Result<()> {
        *end = self.mark;
        let mut deepest = 0;
        loop {
            while (*indent == 0 || self.mark.column < *indent) && self.byte(0) == b' ' {
                self.skip_byte();
            }
            deepest = deepest.max(self.mark.column);
            if (*indent == 0 || self.mark.column < *indent) && self.byte(0) == b'\t' {
                let problem = "found a tab character where an indentation space is expected";
                return Err(Error::scanner(problem, self.mark, Some(start)));
            }
            if self.break_width(0) == 0 {
                break;
            }
            self.read_line(breaks);
            *end = self.mark;
        }
        if *indent == 0 {
            let parent = usize::try_from(self.indent + 1).unwrap_or(0);
            *indent = deepest.max(parent).max(1);
        }
        Ok(())
    }

    pub(super) fn scan_tag(&mut self) -> Result<()> {
        let start = self.mark;
        let (handle, suffix);
        if self.byte(1) == b'<' {
            self.skip_bytes(2);
            handle = String::new();
            suffix = self.scan_tag_uri("", start)?;
            if self.byte(0) != b'>' {
                return Err(Error::scanner("did not find the expected '>'", self.mark, Some(start)));
            }
            self.skip_byte();
        } else {
            let head = self.scan_tag_handle(false, start)?;
            if head.len() > 1 && head.ends_with('!') {
                handle = head.to_owned();
                suffix = self.scan_tag_uri("", start)?;
            } else {
                let uri = self.scan_tag_uri(head, start)?;
                // A lone `!` is a tag of its own and not the beginning of one.
                (handle, suffix) = if uri.is_empty() { (uri, "!".to_owned()) } else { ("!".to_owned(), uri) };
            }
        }
        if !self.is_blankz(0) {
            return Err(Error::scanner("did not find expected whitespace or line break", self.mark, Some(start)));
        }
        self.push_token(Kind::Tag { handle, suffix }, start);
        Ok(())
    }

    fn scan_tag_handle(&mut self, directive: bool, start: Mark) -> Result<&'a str> {
        let from = self.mark.at;
        let missing = |mark| Err(Error::scanner("did not find expected '!'", mark, Some(start)));
        if self.byte(0) != b'!' {
            return missing(self.mark);
        }
        self.skip_byte();
        self.take_while(is_word);
        if self.byte(0) == b'!' {
            self.skip_byte();
        } else if directive && self.mark.at - from > 1 {
            return missing(self.mark);
        }
        Ok(&self.text[from..self.mark.at])
    }

    /// A tag's name after `head`, the `!` of which is left out.
    fn scan_tag_uri(&mut self, head: &str, start: Mark) -> Result<String> {
        let mut bytes = head.as_bytes().get(1..).unwrap_or_default().to_vec();
        let mut found = !head.is_empty();
        while is_word(self.byte(0)) || b";/?:@&=+$,.!~*'()[]%".contains(&self.byte(0)) {
            found = true;
            if self.byte(0) != b'%' {
                bytes.push(self.byte(0));
                self.skip_byte();
                continue;
            }
            let digit = |ahead| char::from(self.byte(ahead)).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
            let (Some(high), Some(low)) = (digit(1), digit(2)) else {
                return Err(Error::scanner("did not find URI escaped octet", self.mark, Some(start)));
            };
            bytes.push((high << 4) | low);
            self.skip_bytes(3);
        }
        if !found {
            return Err(Error::scanner("did not find expected tag URI", self.mark, Some(start)));
        }
        String::from_utf8(bytes)
            .map_err(|_| Error::scanner("found an incorrect leading UTF-8 octet", self.mark, Some(start)))
    }

    pub(super) fn scan_directive(&mut self) -> Result<()> {
        let start = self.mark;
        self.skip_byte();
        let name = self.take_while(is_word);
        if name.is_empty() {
            return Err(Error::scanner("could not find expected directive name", self.mark, Some(start)));
        }
        if !self.is_blankz(0) {
            return Err(Error::scanner("found unexpected non-alphabetical character", self.mark, Some(start)));
        }
        let kind = match name {
            "YAML" => self.scan_version(start)?,
            "TAG" => self.scan_tag_directive(start)?,
            _ => return Err(Error::scanner("found unknown directive name", self.mark, Some(start))),
        };
        self.push_token(kind, start);
        while self.is_blank(0) {
            self.skip_byte();
        }
        self.skip_comment();
        if !self.is_breakz(0) {
            return Err(Error::scanner("did not find expected comment or line break", self.mark, Some(start)));
        }
        self.skip_line();
        Ok(())
    }

    fn scan_version(&mut self, start: Mark) -> Result<Kind<'a>> {
        self.take_while(is_blank);
        let major = self.scan_version_number(start)?;
        if self.byte(0) != b'.' {
            return Err(Error::scanner("did not find expected digit or '.' character", self.mark, Some(start)));
        }
        self.skip_byte();
        let minor = self.scan_version_number(start)?;
        Ok(Kind::Version(major, minor))
    }

    fn scan_version_number(&mut self, start: Mark) -> Result<u8> {
        let digits = self.take_while(|byte| byte.is_ascii_digit());
        match digits.len() {
            0 => Err(Error::scanner("did not find expected version number", self.mark, Some(start))),
            1 | 2 => Ok(digits.parse().unwrap_or(0)),
            _ => Err(Error::scanner("found extremely long version number", self.mark, Some(start))),
        }
    }

    fn scan_tag_directive(&mut self, start: Mark) -> Result<Kind<'a>> {
        self.take_while(is_blank);
        let handle = self.scan_tag_handle(true, start)?;
        if !self.is_blank(0) {
            return Err(Error::scanner("did not find expected whitespace", self.mark, Some(start)));
        }
        self.take_while(is_blank);
        let prefix = self.scan_tag_uri("", start)?;
        if !self.is_blankz(0) {
            return Err(Error::scanner("did not find expected whitespace or line break", self.mark, Some(start)));
        }
        Ok(Kind::TagDirective { handle, prefix })
    }
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Chomping {
    Strip,
    Clip,
    Keep,
}

/// A plain scalar in the making: a piece of the text until a line break forces a copy.
struct Folded {
    from: usize,
    /// End of the last word.
    to: usize,
    owned: Option<String>,
    first: String,
    more: String,
    in_breaks: bool,
}

impl Folded {
    fn new(from: usize) -> Self {
        Self { from, to: from, owned: None, first: String::new(), more: String::new(), in_breaks: false }
    }

    /// Where the next line break goes: the first one folds, those after it stay.
    fn line_break(&mut self) -> &mut String {
        if self.in_breaks {
            &mut self.more
        } else {
            self.in_breaks = true;
            &mut self.first
        }
    }

    fn add(&mut self, text: &str, from: usize, to: usize) {
        if self.in_breaks {
            let value = self.owned.get_or_insert_with(|| text[self.from..self.to].to_owned());
            if self.first != "\n" {
                value.push_str(&self.first);
            } else if self.more.is_empty() {
                value.push(' ');
            }
            value.push_str(&self.more);
            value.push_str(&text[from..to]);
            self.first.clear();
            self.more.clear();
            self.in_breaks = false;
        } else if let Some(value) = &mut self.owned {
            // Blanks between words of one line stay.
            value.push_str(&text[self.to..to]);
        }
        self.to = to;
    }

    fn finish(self, text: &str, end: usize) -> Cow<'_, str> {
        self.owned.map_or_else(|| Cow::Borrowed(&text[self.from..end]), Cow::Owned)
    }
}
