//! Redirections and the openings of here-documents.

use super::ast::*;
use super::parser::{Parsed, Parser, Pending};

impl Parser<'_> {
    /// The redirection that starts here, if one does.
    pub(super) fn redirect(&mut self) -> Parsed<Option<Redirect>> {
        self.skip_blanks();
        let rest = self.rest();
        let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let (number, sign) = rest.split_at(digits);
        if sign.starts_with("&>") && digits == 0 {
            let append = sign.starts_with("&>>");
            self.pos += if append { 3 } else { 2 };
            let file = self.target("&>")?;
            return Ok(Some(Redirect::To { from: Output::Both, append, file }));
        }
        if !sign.starts_with(['<', '>']) {
            return Ok(None);
        }
        if digits == 0 {
            self.refuse_placeholder()?;
        }
        let number = match number {
            "" => None,
            "0" | "1" | "2" => number.parse::<u8>().ok(),
            _ => return Err(self.error(format!("only the outputs 1 and 2 can be redirected, not {number}"))),
        };
        self.pos += digits;
        if self.peek() == Some('<') { self.input().map(Some) } else { self.output(number).map(Some) }
    }

    fn input(&mut self) -> Parsed<Redirect> {
        if self.looking_at("<<<") {
            self.pos += 3;
            return self.target("<<<").map(Redirect::HereString);
        }
        if self.looking_at("<<") {
            self.pos += 2;
            return self.heredoc_opening();
        }
        if self.looking_at("<(") {
            return Err(self.error("`<(…)` is not available here: use a pipe"));
        }
        if self.looking_at("<&") || self.looking_at("<>") {
            return Err(self.error("only `<`, `<<` and `<<<` give a command its input here"));
        }
        self.pos += 1;
        self.target("<").map(Redirect::From)
    }

    fn output(&mut self, number: Option<u8>) -> Parsed<Redirect> {
        let append = self.looking_at(">>");
        self.pos += if append || self.looking_at(">|") { 2 } else { 1 };
        let from = number.unwrap_or(1);
        if !append && self.peek() == Some('&') {
            self.bump();
            return match self.peek() {
                Some(to @ ('1' | '2')) => {
                    self.bump();
                    self.token_end = self.pos;
                    Ok(Redirect::Join { from, to: if to == '1' { 1 } else { 2 } })
                }
                _ if number.is_none() => Ok(Redirect::To { from: Output::Both, append, file: self.target(">&")? }),
                _ => Err(self.error("`>&` needs 1 or 2 after it")),
            };
        }
        let from = match from {
            0 => return Err(self.error("the input 0 cannot be written to")),
            2 => Output::Err,
            _ => Output::Out,
        };
        Ok(Redirect::To { from, append, file: self.target(if append { ">>" } else { ">" })? })
    }

    fn target(&mut self, sign: &str) -> Parsed<Word> {
        self.skip_blanks();
        self.word()?.ok_or_else(|| self.error(format!("a file is missing after `{sign}`")))
    }

    fn heredoc_opening(&mut self) -> Parsed<Redirect> {
        let strip_tabs = self.looking_at("-");
        if strip_tabs {
            self.bump();
        }
        let word = self.target("<<")?;
        let mut delimiter = String::new();
        let mut any_quoted = false;
        for part in &word {
            match part {
                Part::Text { text, quoted } => {
                    delimiter.push_str(text);
                    any_quoted |= quoted;
                }
                _ => return Err(self.error("the delimiter of a here-document is a plain word such as EOF")),
            }
        }
        let index = self.heredocs.len();
        self.heredocs.push(Word::new());
        self.pending.push(Pending { index, delimiter, quoted: any_quoted, strip_tabs });
        Ok(Redirect::Here(index))
    }

    /// `<pod-name>` is a redirection to a shell and a placeholder to everybody else.
    fn refuse_placeholder(&self) -> Parsed<()> {
        let Some(inside) = self.rest().strip_prefix('<') else { return Ok(()) };
        let end = inside.find(|c: char| !c.is_ascii_alphanumeric() && !"_-.".contains(c)).unwrap_or(inside.len());
        let (name, after) = inside.split_at(end);
        let closed = after
            .strip_prefix('>')
            .is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t', '\n', ';', '|', ':', ',']));
        if closed && name.starts_with(|c: char| c.is_ascii_alphabetic()) {
            return Err(self.error(format!("<{name}> is a placeholder: put a value in its place")));
        }
        Ok(())
    }
}
