//! Text to tokens: indentation, simple keys, indicators.

use std::borrow::Cow;
use std::collections::VecDeque;

use super::{Error, MAX_DEPTH, Mark, Result};

/// A key that is followed by its `:` on the same line must fit in this many characters.
const MAX_SIMPLE_KEY: usize = 1024;

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Kind<'a> {
    StreamEnd,
    Version(u8, u8),
    TagDirective { handle: &'a str, prefix: String },
    DocumentStart,
    DocumentEnd,
    BlockSequenceStart,
    BlockMappingStart,
    BlockEnd,
    FlowSequenceStart,
    FlowSequenceEnd,
    FlowMappingStart,
    FlowMappingEnd,
    BlockEntry,
    FlowEntry,
    Key,
    Value,
    Alias(&'a str),
    Anchor(&'a str),
    Tag { handle: String, suffix: String },
    Scalar { value: Cow<'a, str>, plain: bool },
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Token<'a> {
    pub kind: Kind<'a>,
    pub start: Mark,
    pub end: Mark,
}

/// Something that turns out to be a key if a `:` follows it in time.
#[derive(Debug, Clone, Copy)]
struct SimpleKey {
    possible: bool,
    required: bool,
    token: usize,
    mark: Mark,
}

pub(super) struct Scanner<'a> {
    pub(super) text: &'a str,
    pub(super) mark: Mark,
    tokens: VecDeque<Token<'a>>,
    /// Number of tokens handed out.
    parsed: usize,
    ended: bool,
    pub(super) flow_level: usize,
    /// Column of the current block collection; -1 outside of all.
    pub(super) indent: isize,
    indents: Vec<isize>,
    pub(super) simple_key_allowed: bool,
    /// One for the block context and one for each flow level.
    simple_keys: Vec<SimpleKey>,
}

impl<'a> Scanner<'a> {
    pub fn new(text: &'a str) -> Self {
        let none = SimpleKey { possible: false, required: false, token: 0, mark: Mark::default() };
        Self {
            text,
            mark: Mark::default(),
            tokens: VecDeque::new(),
            parsed: 0,
            ended: false,
            flow_level: 0,
            indent: -1,
            indents: Vec::new(),
            simple_key_allowed: true,
            simple_keys: vec![none],
        }
    }

    /// The next token, without taking it.
    pub fn peek(&mut self) -> Result<&Token<'a>> {
        self.fetch_more()?;
        // After the end of the stream the last token is repeated.
        if self.tokens.is_empty() {
            self.push(Kind::StreamEnd, self.mark);
        }
        Ok(&self.tokens[0])
    }

    /// Takes the next token.
    pub fn next(&mut self) -> Result<Token<'a>> {
        self.peek()?;
        self.parsed += 1;
        match self.tokens.pop_front() {
            Some(token) => Ok(token),
            None => Ok(Token { kind: Kind::StreamEnd, start: self.mark, end: self.mark }),
        }
    }

    /// Reads on until the first waiting token cannot become a key any more.
    fn fetch_more(&mut self) -> Result<()> {
        loop {
            if !self.tokens.is_empty() {
                let parsed = self.parsed;
                let head = self.simple_keys.iter().position(|key| key.possible && key.token == parsed);
                match head {
                    Some(at) if self.is_valid_key(at)? => {}
                    _ => return Ok(()),
                }
            }
            if self.ended {
                return Ok(());
            }
            self.fetch_next()?;
        }
    }

    fn is_valid_key(&mut self, at: usize) -> Result<bool> {
        let key = self.simple_keys[at];
        if !key.possible {
            return Ok(false);
        }
        if key.mark.line < self.mark.line || key.mark.index + MAX_SIMPLE_KEY < self.mark.index {
            self.drop_key(at)?;
            return Ok(false);
        }
        Ok(true)
    }

    fn drop_key(&mut self, at: usize) -> Result<()> {
        let key = &mut self.simple_keys[at];
        if key.possible && key.required {
            let context = key.mark;
            return Err(Error::scanner("could not find expected ':'", self.mark, Some(context)));
        }
        key.possible = false;
        Ok(())
    }

    fn remove_simple_key(&mut self) -> Result<()> {
        self.drop_key(self.simple_keys.len() - 1)
    }

    fn save_simple_key(&mut self) -> Result<()> {
        if !self.simple_key_allowed {
            return Ok(());
        }
        let required = self.flow_level == 0 && self.indent == self.column();
        let token = self.parsed + self.tokens.len();
        self.remove_simple_key()?;
        if let Some(last) = self.simple_keys.last_mut() {
            *last = SimpleKey { possible: true, required, token, mark: self.mark };
        }
        Ok(())
    }

    fn column(&self) -> isize {
        self.mark.column.cast_signed()
    }

    fn push(&mut self, kind: Kind<'a>, start: Mark) {
        self.tokens.push_back(Token { kind, start, end: self.mark });
    }

    fn fetch_next(&mut self) -> Result<()> {
        self.skip_to_next_token();
        self.unroll_indent(self.column());
        let byte = self.byte(0);
        if self.at_end() {
            return self.fetch_stream_end();
        }
        if self.mark.column == 0 {
            match byte {
                b'%' => return self.fetch_directive(),
                b'-' if self.at_document_mark() => return self.fetch_document_mark(Kind::DocumentStart),
                b'.' if self.at_document_mark() => return self.fetch_document_mark(Kind::DocumentEnd),
                _ => {}
            }
        }
        let in_flow = self.flow_level > 0;
        match byte {
            b'[' => self.fetch_flow_start(Kind::FlowSequenceStart),
            b'{' => self.fetch_flow_start(Kind::FlowMappingStart),
            b']' => self.fetch_flow_end(Kind::FlowSequenceEnd),
            b'}' => self.fetch_flow_end(Kind::FlowMappingEnd),
            b',' => self.fetch_flow_entry(),
            b'-' if self.is_blankz(1) => self.fetch_block_entry(),
            b'?' if in_flow || self.is_blankz(1) => self.fetch_key(),
            b':' if in_flow || self.is_blankz(1) => self.fetch_value(),
            b'*' | b'&' => {
                self.save_simple_key()?;
                self.simple_key_allowed = false;
                self.scan_anchor(byte == b'*')
            }
            b'!' => {
                self.save_simple_key()?;
                self.simple_key_allowed = false;
                self.scan_tag()
            }
            b'|' | b'>' if !in_flow => {
                self.remove_simple_key()?;
                self.simple_key_allowed = true;
                let start = self.mark;
                let (value, end) = self.scan_block_scalar(byte == b'|')?;
                self.tokens.push_back(Token { kind: Kind::Scalar { value, plain: false }, start, end });
                Ok(())
            }
            b'\'' | b'"' => {
                self.save_simple_key()?;
                self.simple_key_allowed = false;
                let start = self.mark;
                let value = self.scan_quoted_scalar(byte == b'\'')?;
                self.push(Kind::Scalar { value, plain: false }, start);
                Ok(())
            }
            _ if self.can_start_plain(byte) => {
                self.save_simple_key()?;
                self.simple_key_allowed = false;
                let start = self.mark;
                let (value, end) = self.scan_plain_scalar()?;
                self.tokens.push_back(Token { kind: Kind::Scalar { value, plain: true }, start, end });
                Ok(())
            }
            _ => {
                let context = Some(self.mark);
                Err(Error::scanner("found character that cannot start any token", self.mark, context))
            }
        }
    }

    fn can_start_plain(&self, byte: u8) -> bool {
        match byte {
            b'-' => !matches!(self.byte(1), b' ' | b'\t'),
            b'?' | b':' => self.flow_level == 0 && !self.is_blankz(1),
            _ => !self.is_blankz(0) && !b",[]{}#&*!|>'\"%@`".contains(&byte),
        }
    }

    fn skip_to_next_token(&mut self) {
        loop {
            if self.mark.column == 0 && self.rest().starts_with('\u{feff}') {
                self.skip_char();
            }
            // A tab may separate tokens, but it may not indent a block.
            while self.byte(0) == b' ' || (self.byte(0) == b'\t' && (self.flow_level > 0 || !self.simple_key_allowed)) {
                self.skip_byte();
            }
            self.skip_comment();
            if self.break_width(0) == 0 {
                return;
            }
            self.skip_line();
            if self.flow_level == 0 {
                self.simple_key_allowed = true;
            }
        }
    }

    pub(super) fn skip_comment(&mut self) {
        if self.byte(0) == b'#' {
            self.skip_to_break();
        }
    }

    /// Skips the rest of the line.
    pub(super) fn skip_to_break(&mut self) {
        while !self.is_breakz(0) {
            self.skip_char();
        }
    }

    fn fetch_stream_end(&mut self) -> Result<()> {
        if self.mark.column != 0 {
            self.mark.column = 0;
            self.mark.line += 1;
        }
        self.unroll_indent(-1);
        self.remove_simple_key()?;
        self.simple_key_allowed = false;
        self.push(Kind::StreamEnd, self.mark);
        self.ended = true;
        Ok(())
    }

    fn fetch_directive(&mut self) -> Result<()> {
        self.unroll_indent(-1);
        self.remove_simple_key()?;
        self.simple_key_allowed = false;
        self.scan_directive()
    }

    fn fetch_document_mark(&mut self, kind: Kind<'a>) -> Result<()> {
        self.unroll_indent(-1);
        self.remove_simple_key()?;
        self.simple_key_allowed = false;
        let start = self.mark;
        self.skip_bytes(3);
        self.push(kind, start);
        Ok(())
    }

    fn fetch_flow_start(&mut self, kind: Kind<'a>) -> Result<()> {
        self.save_simple_key()?;
        self.simple_keys.push(SimpleKey { possible: false, required: false, token: 0, mark: self.mark });
        self.flow_level += 1;
        if self.flow_level > MAX_DEPTH {
            return Err(too_deep(self.mark));
        }
        self.simple_key_allowed = true;
        self.indicator(kind);
        Ok(())
    }

    fn fetch_flow_end(&mut self, kind: Kind<'a>) -> Result<()> {
        self.remove_simple_key()?;
        if self.flow_level > 0 {
            self.flow_level -= 1;
            self.simple_keys.pop();
        }
        self.simple_key_allowed = false;
        self.indicator(kind);
        Ok(())
    }

    fn fetch_flow_entry(&mut self) -> Result<()> {
        self.remove_simple_key()?;
        self.simple_key_allowed = true;
        self.indicator(Kind::FlowEntry);
        Ok(())
    }

    fn fetch_block_entry(&mut self) -> Result<()> {
        if self.flow_level == 0 {
            if !self.simple_key_allowed {
                let problem = "block sequence entries are not allowed in this context";
                return Err(Error::scanner(problem, self.mark, Some(self.mark)));
            }
            self.roll_indent(self.mark, None, Kind::BlockSequenceStart)?;
        }
        self.remove_simple_key()?;
        self.simple_key_allowed = true;
        self.indicator(Kind::BlockEntry);
        Ok(())
    }

    fn fetch_key(&mut self) -> Result<()> {
        if self.flow_level == 0 {
            if !self.simple_key_allowed {
                let problem = "mapping keys are not allowed in this context";
                return Err(Error::scanner(problem, self.mark, Some(self.mark)));
            }
            self.roll_indent(self.mark, None, Kind::BlockMappingStart)?;
        }
        self.remove_simple_key()?;
        self.simple_key_allowed = self.flow_level == 0;
        self.indicator(Kind::Key);
        Ok(())
    }

    fn fetch_value(&mut self) -> Result<()> {
        let last = self.simple_keys.len() - 1;
        if self.is_valid_key(last)? {
            let key = self.simple_keys[last];
            let position = key.token - self.parsed;
            self.tokens.insert(position, Token { kind: Kind::Key, start: key.mark, end: key.mark });
            self.roll_indent(key.mark, Some(position), Kind::BlockMappingStart)?;
            self.simple_keys[last].possible = false;
            self.simple_key_allowed = false;
        } else {
            if self.flow_level == 0 {
                if !self.simple_key_allowed {
                    let problem = "mapping values are not allowed in this context";
                    return Err(Error::scanner(problem, self.mark, Some(self.mark)));
                }
                self.roll_indent(self.mark, None, Kind::BlockMappingStart)?;
            }
            self.simple_key_allowed = self.flow_level == 0;
        }
        self.indicator(Kind::Value);
        Ok(())
    }

    fn indicator(&mut self, kind: Kind<'a>) {
        let start = self.mark;
        self.skip_byte();
        self.push(kind, start);
    }

    /// Opens a block collection at the column of `mark`, unless one is open there; at `position` among the waiting tokens.
    fn roll_indent(&mut self, mark: Mark, position: Option<usize>, kind: Kind<'a>) -> Result<()> {
        let column = mark.column.cast_signed();
        if self.flow_level > 0 || self.indent >= column {
            return Ok(());
        }
        self.indents.push(self.indent);
        self.indent = column;
        if self.indents.len() > MAX_DEPTH {
            return Err(too_deep(self.mark));
        }
        let position = position.unwrap_or(self.tokens.len());
        self.tokens.insert(position, Token { kind, start: mark, end: mark });
        Ok(())
    }

    fn unroll_indent(&mut self, column: isize) {
        while self.flow_level == 0 && self.indent > column {
            self.push(Kind::BlockEnd, self.mark);
            self.indent = self.indents.pop().unwrap_or(-1);
        }
    }

    fn scan_anchor(&mut self, alias: bool) -> Result<()> {
        let start = self.mark;
        self.skip_byte();
        let name = self.take_while(is_word);
        let ends = self.is_blankz(0) || b"?:,]}%@`".contains(&self.byte(0));
        if name.is_empty() || !ends {
            let problem = "did not find expected alphabetic or numeric character";
            return Err(Error::scanner(problem, self.mark, Some(start)));
        }
        self.push(if alias { Kind::Alias(name) } else { Kind::Anchor(name) }, start);
        Ok(())
    }

    /// The longest run of ASCII characters that `wanted` accepts.
    pub(super) fn take_while(&mut self, wanted: fn(u8) -> bool) -> &'a str {
        let start = self.mark.at;
        while wanted(self.byte(0)) {
            self.skip_byte();
        }
        &self.text[start..self.mark.at]
    }

    pub(super) fn push_token(&mut self, kind: Kind<'a>, start: Mark) {
        self.push(kind, start);
    }

    pub(super) fn rest(&self) -> &'a str {
        &self.text[self.mark.at..]
    }

    /// The byte `ahead` bytes further on; 0 behind the end. (Control characters are refused before scanning.)
    pub(super) fn byte(&self, ahead: usize) -> u8 {
        self.text.as_bytes().get(self.mark.at + ahead).copied().unwrap_or(0)
    }

    pub(super) fn at_end(&self) -> bool {
        self.mark.at >= self.text.len()
    }

    /// Length of the line break there, 0 if there is none.
    pub(super) fn break_width(&self, ahead: usize) -> usize {
        match self.byte(ahead) {
            b'\r' if self.byte(ahead + 1) == b'\n' => 2,
            b'\r' | b'\n' => 1,
            0xC2 if self.byte(ahead + 1) == 0x85 => 2,
            0xE2 if self.byte(ahead + 1) == 0x80 && matches!(self.byte(ahead + 2), 0xA8 | 0xA9) => 3,
            _ => 0,
        }
    }

    pub(super) fn is_breakz(&self, ahead: usize) -> bool {
        self.byte(ahead) == 0 || self.break_width(ahead) > 0
    }

    pub(super) fn is_blank(&self, ahead: usize) -> bool {
        matches!(self.byte(ahead), b' ' | b'\t')
    }

    pub(super) fn is_blankz(&self, ahead: usize) -> bool {
        match self.byte(ahead) {
            b' ' | b'\t' | b'\n' | b'\r' | 0 => true,
            0x01..=0xC1 => false,
            _ => self.break_width(ahead) > 0,
        }
    }

    /// At `---` or `...`, which only count at the beginning of a line.
    pub(super) fn at_document_mark(&self) -> bool {
        let rest = self.rest();
        self.mark.column == 0 && (rest.starts_with("---") || rest.starts_with("...")) && self.is_blankz(3)
    }

    pub(super) fn skip_byte(&mut self) {
        self.skip_bytes(1);
    }

    /// Skips ASCII characters of one line.
    pub(super) fn skip_bytes(&mut self, count: usize) {
        self.mark.at += count;
        self.mark.index += count;
        self.mark.column += count;
    }

    /// Skips one character of any length.
    pub(super) fn skip_char(&mut self) {
        let width = match self.byte(0) {
            0..0x80 => 1,
            0x80..0xE0 => 2,
            0xE0..0xF0 => 3,
            _ => 4,
        };
        self.mark.at += width;
        self.mark.index += 1;
        self.mark.column += 1;
    }

    pub(super) fn skip_line(&mut self) {
        let width = self.break_width(0);
        if width == 0 {
            return;
        }
        self.mark.at += width;
        self.mark.index += if self.text[..self.mark.at].ends_with("\r\n") { 2 } else { 1 };
        self.mark.column = 0;
        self.mark.line += 1;
    }

    /// Skips a line break and appends what it means: a line feed, or one of Unicode's own separators as it is.
    pub(super) fn read_line(&mut self, into: &mut String) {
        let width = self.break_width(0);
        if width == 3 {
            into.push_str(&self.rest()[..width]);
        } else if width > 0 {
            into.push('\n');
        }
        self.skip_line();
    }
}

pub(super) fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')
}

fn too_deep(mark: Mark) -> Error {
    Error::scanner(format!("exceeded max depth of {MAX_DEPTH}"), mark, None)
}
