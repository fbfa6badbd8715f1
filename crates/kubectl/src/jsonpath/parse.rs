//! From the text of a template to its nodes. Models: client-go/util/jsonpath/parser.go.

use super::Node;
use serde_json::Value;

/// How deep filters and unions may nest.
const MAX_DEPTH: usize = 32;

/// Text with `{…}` actions.
pub(super) fn template(text: &str) -> Result<Vec<Node>, String> {
    let mut nodes = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find('{') {
        if start > 0 {
            nodes.push(Node::Text(rest[..start].to_owned()));
        }
        let mut parser = Parser { rest: &rest[start + 1..], depth: 0 };
        nodes.push(Node::Action(parser.action(Some('}'))?));
        rest = parser.rest;
    }
    if !rest.is_empty() {
        nodes.push(Node::Text(rest.to_owned()));
    }
    Ok(nodes)
}

struct Parser<'t> {
    rest: &'t str,
    depth: usize,
}

impl<'t> Parser<'t> {
    /// The nodes up to the closing brace, or to the end of the text if there is none to come.
    fn action(&mut self, close: Option<char>) -> Result<Vec<Node>, String> {
        let mut nodes = Vec::new();
        loop {
            if let Some(rest) = self.rest.strip_prefix("[?(") {
                self.rest = rest;
                nodes.push(self.filter()?);
                continue;
            }
            if let Some(rest) = self.rest.strip_prefix("..") {
                if nodes.last() == Some(&Node::Recursive) {
                    return Err("invalid multiple recursive descent".to_owned());
                }
                self.rest = rest;
                nodes.push(Node::Recursive);
                if rest.starts_with(is_word) {
                    nodes.push(self.field());
                }
                continue;
            }
            let Some(c) = self.rest.chars().next() else {
                return if close.is_some() { Err("unclosed action".to_owned()) } else { Ok(nodes) };
            };
            match c {
                _ if Some(c) == close => {
                    self.rest = &self.rest[c.len_utf8()..];
                    return Ok(nodes);
                }
                '\r' | '\n' => return Err("unclosed action".to_owned()),
                ' ' | '@' | '$' => self.rest = &self.rest[1..],
                '[' => self.array(&mut nodes)?,
                '"' | '\'' => nodes.push(self.quoted(c)?),
                '.' => {
                    self.rest = &self.rest[1..];
                    nodes.push(self.field());
                }
                '+' | '-' | '0'..='9' => nodes.push(self.number()?),
                c if is_word(c) => nodes.push(self.identifier()?),
                c => return Err(format!("unrecognized character in action: U+{:04X} '{c}'", u32::from(c))),
            }
        }
    }

    fn take(&mut self, end: usize) -> &'t str {
        let (taken, rest) = self.rest.split_at(end);
        self.rest = rest;
        taken
    }

    /// A field's name up to the next terminator; a backslash keeps a terminator in it.
    fn field(&mut self) -> Node {
        let mut name = String::new();
        let mut chars = self.rest.char_indices();
        let mut end = self.rest.len();
        while let Some((at, c)) = chars.next() {
            if c == '\\' {
                name.extend(chars.next().map(|(_, kept)| kept));
            } else if is_terminator(c) {
                end = at;
                break;
            } else {
                name.push(c);
            }
        }
        self.take(end);
        if name == "*" { Node::Wildcard } else { Node::Field(name) }
    }

    fn identifier(&mut self) -> Result<Node, String> {
        let end = self.rest.find(is_terminator).unwrap_or(self.rest.len());
        match self.take(end) {
            "true" => Ok(Node::Literal(Value::Bool(true))),
            "false" => Ok(Node::Literal(Value::Bool(false))),
            "range" => Ok(Node::Range),
            "end" => Ok(Node::End),
            word => Err(format!("unrecognized identifier {word}")),
        }
    }

    fn number(&mut self) -> Result<Node, String> {
        let digits = self.rest.trim_start_matches(['+', '-']);
        let sign = self.rest.len() - digits.len();
        let length = digits.find(|c: char| c != '.' && !c.is_ascii_digit()).unwrap_or(digits.len());
        let text = self.take(sign.min(1) + length);
        let number = text.parse::<i64>().map(Value::from).or_else(|_| text.parse::<f64>().map(Value::from));
        number.map(Node::Literal).map_err(|_| format!("cannot parse number {text}"))
    }

    fn quoted(&mut self, quote: char) -> Result<Node, String> {
        let mut text = String::new();
        let mut chars = self.rest[1..].char_indices();
        while let Some((at, c)) = chars.next() {
            match c {
                '\n' => break,
                '\\' => match chars.next().map(|(_, escaped)| escaped) {
                    Some('n') => text.push('\n'),
                    Some('t') => text.push('\t'),
                    Some('r') => text.push('\r'),
                    Some(other) => text.push(other),
                    None => break,
                },
                c if c == quote => {
                    self.take(at + 2);
                    return Ok(Node::Text(text));
                }
                c => text.push(c),
            }
        }
        Err("unterminated quoted string".to_owned())
    }

    fn array(&mut self, nodes: &mut Vec<Node>) -> Result<(), String> {
        let end = self.rest.find([']', '\n']).filter(|end| self.rest[*end..].starts_with(']'));
        let end = end.ok_or_else(|| "unterminated array".to_owned())?;
        let text = &self.take(end + 1)[1..end];
        if text.contains(',') {
            let parts = text.split(',').map(|part| {
                let mut alternative = Vec::new();
                self.index(part.trim(), &mut alternative).map(|()| alternative)
            });
            nodes.push(Node::Union(parts.collect::<Result<_, _>>()?));
            return Ok(());
        }
        self.index(text, nodes)
    }

    /// What stands between brackets: a quoted field, an index, a slice.
    fn index(&self, text: &str, nodes: &mut Vec<Node>) -> Result<(), String> {
        if let Some(name) = text.strip_prefix('\'').and_then(|t| t.strip_suffix('\'')) {
            let mut parser = Parser { rest: name, depth: self.depth };
            nodes.push(parser.field());
            nodes.extend(parser.action(None)?);
            return Ok(());
        }
        let text = if text == "*" { ":" } else { text };
        let number = |part: &str| match part {
            "" => Ok(None),
            part => part.parse::<i64>().map(Some).map_err(|_| format!("invalid array index {text}")),
        };
        let parts: Vec<&str> = text.split(':').collect();
        nodes.push(match parts.as_slice() {
            [""] => return Err(format!("invalid array index {text}")),
            [index] => Node::Slice { from: number(index)?, to: None, step: None, single: true },
            [from, to] => Node::Slice { from: number(from)?, to: number(to)?, step: None, single: false },
            [from, to, step] => {
                Node::Slice { from: number(from)?, to: number(to)?, step: number(step)?, single: false }
            }
            _ => return Err(format!("invalid array index {text}")),
        });
        Ok(())
    }

    fn filter(&mut self) -> Result<Node, String> {
        if self.depth >= MAX_DEPTH {
            return Err("filters are nested too deeply".to_owned());
        }
        let end = filter_end(self.rest).ok_or_else(|| "unterminated filter".to_owned())?;
        let text = self.take(end);
        self.rest = self.rest[1..].strip_prefix(']').ok_or_else(|| "unclosed array expect ]".to_owned())?;
        let inner = |text: &str| Parser { rest: text, depth: self.depth + 1 }.action(None);
        let is_sign = |c: char| matches!(c, '!' | '<' | '>' | '=');
        match text.find(is_sign).filter(|at| *at > 0) {
            Some(at) => {
                let sign = text[at..].len() - text[at..].trim_start_matches(is_sign).len();
                let (operator, right) = (&text[at..at + sign], &text[at + sign..]);
                Ok(Node::Filter { left: inner(&text[..at])?, operator: operator.to_owned(), right: inner(right)? })
            }
            None => Ok(Node::Filter { left: inner(text)?, operator: "exists".to_owned(), right: Vec::new() }),
        }
    }
}

/// Where the filter's closing parenthesis stands, outside quotes.
fn filter_end(text: &str) -> Option<usize> {
    let (mut quote, mut escaped) = (None, false);
    for (at, c) in text.char_indices() {
        match (quote, c) {
            (_, '\n') => return None,
            (None, ')') => return Some(at),
            (None, '"' | '\'') => quote = Some(c),
            (Some(open), c) if c == open && !escaped => quote = None,
            _ => {}
        }
        escaped = c == '\\' && !escaped;
    }
    None
}

fn is_word(c: char) -> bool {
    c == '_' || c.is_alphanumeric()
}

fn is_terminator(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\r' | '\n' | '.' | ',' | '[' | ']' | '$' | '@' | '{' | '}')
}
