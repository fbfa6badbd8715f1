//! Words: quotes, expansions, and the texts of here-documents.

use super::ast::*;
use super::parser::{Parsed, Parser, Pending};

/// What ends a stretch of text.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Until {
    /// A blank or an operator: an ordinary word.
    Blank,
    /// `}`: the word in `${NAME:-word}`.
    Brace,
}

impl Part {
    /// The same part, protected from splitting.
    pub(super) fn into_quoted(self) -> Part {
        match self {
            Part::Text { text, .. } => Part::Text { text, quoted: true },
            Part::Param { name, wish, .. } => Part::Param { name, wish, quoted: true },
            Part::Command { list, .. } => Part::Command { list, quoted: true },
            Part::Arithmetic { expression, .. } => Part::Arithmetic { expression, quoted: true },
        }
    }
}

/// Adds a character to the text at the end of a word.
fn push(word: &mut Word, c: char, quoted: bool) {
    match word.last_mut() {
        Some(Part::Text { text, quoted: same }) if *same == quoted => text.push(c),
        _ => word.push(Part::Text { text: c.to_string(), quoted }),
    }
}

impl Parser<'_> {
    /// The word that starts here, or none at a blank, an operator or the end.
    pub(super) fn word(&mut self) -> Parsed<Option<Word>> {
        let start = self.pos;
        let word = self.word_until(Until::Blank)?;
        if self.pos == start || word.is_empty() {
            return Ok(None);
        }
        self.token_end = self.pos;
        Ok(Some(word))
    }

    fn word_until(&mut self, until: Until) -> Parsed<Word> {
        let mut word = Word::new();
        while let Some(c) = self.peek() {
            match (until, c) {
                (Until::Blank, ' ' | '\t' | '\r' | '\n' | ';' | '&' | '|' | '<' | '>' | '(' | ')') => break,
                (Until::Brace, '}') => break,
                (_, '\\') if self.looking_at("\\\n") => self.continue_line(),
                (_, '\\') => {
                    self.bump();
                    push(&mut word, self.peek().unwrap_or('\\'), true);
                    self.bump();
                }
                (_, '\'') => self.single_quoted(&mut word)?,
                (_, '"') => self.double_quoted(&mut word)?,
                (_, '`') => self.backticks(&mut word, false)?,
                (_, '$') => self.dollar(&mut word, false)?,
                (_, c) => {
                    push(&mut word, c, false);
                    self.bump();
                }
            }
        }
        Ok(word)
    }

    fn single_quoted(&mut self, word: &mut Word) -> Parsed<()> {
        let (line, rest) = (self.line, &self.text[self.pos + 1..]);
        let end =
            rest.find('\'').ok_or_else(|| super::SyntaxError { line, ..self.incomplete("a `'` is never closed") })?;
        let text = rest[..end].to_owned();
        self.pos += end + 2;
        self.line += newlines(&text);
        word.push(Part::Text { text, quoted: true });
        Ok(())
    }

    fn double_quoted(&mut self, word: &mut Word) -> Parsed<()> {
        let line = self.line;
        self.bump();
        // Even "" is a word.
        word.push(Part::Text { text: String::new(), quoted: true });
        loop {
            match self.peek() {
                None => return Err(super::SyntaxError { line, ..self.incomplete("a `\"` is never closed") }),
                Some('"') => {
                    self.bump();
                    return Ok(());
                }
                Some(c) => self.expandable(word, c, "$`\"\\")?,
            }
        }
    }

    /// One character, or one expansion, of a text in double quotes or of a here-document.
    fn expandable(&mut self, word: &mut Word, c: char, escapable: &str) -> Parsed<()> {
        match c {
            '\\' if self.looking_at("\\\n") => {
                self.pos += 2;
                self.line += 1;
            }
            '\\' => {
                self.bump();
                match self.peek() {
                    Some(next) if escapable.contains(next) => {
                        push(word, next, true);
                        self.bump();
                    }
                    _ => push(word, '\\', true),
                }
            }
            '$' => self.dollar(word, true)?,
            '`' => self.backticks(word, true)?,
            c => {
                push(word, c, true);
                self.bump();
            }
        }
        Ok(())
    }

    fn dollar(&mut self, word: &mut Word, quoted: bool) -> Parsed<()> {
        self.enter()?;
        self.bump();
        match self.peek() {
            Some('(') if self.looking_at("((") => {
                self.pos += 2;
                let expression = self.arithmetic()?;
                word.push(Part::Arithmetic { expression, quoted });
            }
            Some('(') => {
                self.bump();
                let list = self.list()?;
                self.expect_char(')')?;
                word.push(Part::Command { list, quoted });
            }
            Some('{') => {
                self.bump();
                let part = self.braced(quoted)?;
                word.push(part);
            }
            Some('\'') if !quoted => {
                self.bump();
                self.ansi_quoted(word)?;
            }
            Some('"') if !quoted => self.double_quoted(word)?,
            Some(c) if c.is_ascii_digit() || "?#@*$!-".contains(c) => {
                self.bump();
                word.push(Part::Param { name: c.to_string(), wish: ParamWish::Value, quoted });
            }
            _ => match self.name() {
                Some(name) => word.push(Part::Param { name, wish: ParamWish::Value, quoted }),
                None => push(word, '$', true),
            },
        }
        self.depth -= 1;
        Ok(())
    }

    /// The rest of `${…}`.
    fn braced(&mut self, quoted: bool) -> Parsed<Part> {
        let length = self.looking_at("#") && !self.looking_at("#}");
        if length {
            self.bump();
        }
        let name = match self.name() {
            Some(name) => name,
            None => match self.peek() {
                Some(c) if c.is_ascii_digit() || "?#@*".contains(c) => {
                    self.bump();
                    c.to_string()
                }
                Some(_) => return Err(self.error("`${…}` needs the name of a variable")),
                None => return Err(self.incomplete("a `${` is never closed")),
            },
        };
        let colon = self.looking_at(":");
        let sign = self.rest().chars().nth(usize::from(colon));
        let wish = match sign {
            Some('}') if !colon && length => ParamWish::Length,
            Some('}') if !colon => ParamWish::Value,
            Some(sign @ ('-' | '=' | '+' | '?')) if !length => {
                self.pos += 1 + usize::from(colon);
                let word = self.word_until(Until::Brace)?;
                let word = if quoted { word.into_iter().map(Part::into_quoted).collect() } else { word };
                ParamWish::Default { sign, colon, word }
            }
            None => return Err(self.incomplete("a `${` is never closed")),
            _ => {
                return Err(self.error(format!(
                    "this form of `${{{name}…}}` is not available here: there are ${{{name}}}, ${{{name}:-x}}, ${{{name}:=x}}, ${{{name}:+x}}, ${{{name}:?x}} and ${{#{name}}}"
                )));
            }
        };
        if self.peek() != Some('}') {
            return Err(self.incomplete("a `${` is never closed"));
        }
        self.bump();
        Ok(Part::Param { name, wish, quoted })
    }

    /// The rest of `$((…))`.
    fn arithmetic(&mut self) -> Parsed<Word> {
        let mut word = Word::new();
        let mut open = 0u32;
        loop {
            match self.peek() {
                None => return Err(self.incomplete("a `$((` is never closed")),
                Some(')') if open == 0 => {
                    if !self.looking_at("))") {
                        return Err(self.error("a `$((` is closed by `))`"));
                    }
                    self.pos += 2;
                    return Ok(word);
                }
                Some('"') => self.bump(),
                Some(c) => {
                    match c {
                        '(' => open += 1,
                        ')' => open -= 1,
                        _ => {}
                    }
                    self.expandable(&mut word, c, "$`\"\\")?;
                }
            }
        }
    }

    /// The rest of `$'…'`.
    fn ansi_quoted(&mut self, word: &mut Word) -> Parsed<()> {
        word.push(Part::Text { text: String::new(), quoted: true });
        loop {
            let Some(c) = self.peek() else { return Err(self.incomplete("a `$'` is never closed")) };
            self.bump();
            match c {
                '\'' => return Ok(()),
                '\\' => {
                    let escaped = self.peek();
                    self.bump();
                    match escaped {
                        Some('n') => push(word, '\n', true),
                        Some('t') => push(word, '\t', true),
                        Some(other @ ('\\' | '\'' | '"')) => push(word, other, true),
                        other => {
                            push(word, '\\', true);
                            other.into_iter().for_each(|c| push(word, c, true));
                        }
                    }
                }
                c => push(word, c, true),
            }
        }
    }

    fn backticks(&mut self, word: &mut Word, quoted: bool) -> Parsed<()> {
        let line = self.line;
        self.bump();
        let mut inner = String::new();
        loop {
            let Some(c) = self.peek() else {
                return Err(super::SyntaxError { line, ..self.incomplete("a backtick is never closed") });
            };
            self.bump();
            match c {
                '`' => break,
                '\\' if self.peek().is_some_and(|next| "`\\$".contains(next)) => {
                    inner.extend(self.peek());
                    self.bump();
                }
                c => inner.push(c),
            }
        }
        let mut parser = Parser::new(&inner, line);
        parser.depth = self.depth + 1;
        std::mem::swap(&mut parser.heredocs, &mut self.heredocs);
        let list = parser.script();
        std::mem::swap(&mut parser.heredocs, &mut self.heredocs);
        word.push(Part::Command { list: list?, quoted });
        Ok(())
    }

    /// The text of a here-document; the parser stands at the start of its first line.
    pub(super) fn heredoc(&mut self, pending: &Pending) -> Parsed<Word> {
        let mut body = String::new();
        let first_line = self.line;
        loop {
            if self.pos >= self.text.len() {
                let message = format!("the here-document lacks its last line `{}`", pending.delimiter);
                return Err(super::SyntaxError {
                    line: first_line.saturating_sub(1).max(1),
                    ..self.incomplete(message)
                });
            }
            let rest = self.rest();
            let (line, next) = rest.split_once('\n').map_or((rest, ""), |(line, next)| (line, next));
            let line = if pending.strip_tabs { line.trim_start_matches('\t') } else { line };
            // A blank after the delimiter cannot be seen on a page, so it is forgiven.
            let last = line.trim_end_matches([' ', '\t', '\r']) == pending.delimiter;
            let line = (!last).then(|| format!("{line}\n"));
            self.pos = self.text.len() - next.len();
            self.line += 1;
            match line {
                Some(line) => body.push_str(&line),
                None => break,
            }
        }
        if pending.quoted {
            return Ok(vec![Part::Text { text: body, quoted: true }]);
        }
        let mut parser = Parser::new(&body, first_line);
        parser.depth = self.depth + 1;
        std::mem::swap(&mut parser.heredocs, &mut self.heredocs);
        let mut word = Word::new();
        let mut done = Ok(());
        while let (Ok(()), Some(c)) = (&done, parser.peek()) {
            done = parser.expandable(&mut word, c, "$`\\");
        }
        std::mem::swap(&mut parser.heredocs, &mut self.heredocs);
        done.map(|()| word)
    }
}

fn newlines(text: &str) -> u32 {
    u32::try_from(text.matches('\n').count()).unwrap_or(u32::MAX)
}
