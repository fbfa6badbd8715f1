//! From the text of a template to its nodes. Models: Go's text/template/parse.

use super::functions;
use super::{Node, Pipeline, Term};
use serde_json::Value;

/// How deep blocks and parentheses may nest.
const MAX_DEPTH: usize = 64;

/// A piece of the text: plain, or the inside of `{{…}}`.
enum Piece {
    Text(String),
    Action(String),
}

/// How a block ended.
enum Stop {
    /// The text is over.
    Eof,
    /// `{{end}}`.
    End,
    /// `{{else}}`, with what follows the word.
    Else(String),
}

pub(super) fn template(text: &str) -> Result<Vec<Node>, String> {
    let pieces = pieces(text)?;
    let mut parser = Blocks { pieces: pieces.into_iter(), depth: 0 };
    match parser.block()? {
        (nodes, Stop::Eof) => Ok(nodes),
        (_, Stop::End) => Err("unexpected {{end}}".to_owned()),
        (_, Stop::Else(_)) => Err("unexpected {{else}}".to_owned()),
    }
}

fn pieces(text: &str) -> Result<Vec<Piece>, String> {
    let mut pieces = Vec::new();
    let mut rest = text;
    let mut trim_next = false;
    loop {
        let (plain, after) = match rest.find("{{") {
            Some(at) => (&rest[..at], Some(&rest[at + 2..])),
            None => (rest, None),
        };
        let plain = if trim_next { plain.trim_start() } else { plain };
        let Some(after) = after else {
            pieces.push(Piece::Text(plain.to_owned()));
            return Ok(pieces);
        };
        let trims_before = after.starts_with("- ") || after.starts_with("-\n") || after.starts_with("-\t");
        pieces.push(Piece::Text(if trims_before { plain.trim_end() } else { plain }.to_owned()));
        let inside = if trims_before { &after[1..] } else { after };
        let end = action_end(inside).ok_or_else(|| "unclosed action".to_owned())?;
        let action = &inside[..end];
        rest = &inside[end + 2..];
        trim_next = action.ends_with(" -") || action.ends_with("\n-");
        let action = if trim_next { &action[..action.len() - 1] } else { action }.trim();
        if !action.starts_with("/*") {
            pieces.push(Piece::Action(action.to_owned()));
        }
    }
}

/// Where the action's closing braces stand, outside quotes.
fn action_end(text: &str) -> Option<usize> {
    let mut quote = None;
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match (quote, c) {
            (None, '}') if text[at..].starts_with("}}") => return Some(at),
            (None, '"' | '`' | '\'') => quote = Some(c),
            (Some('"' | '\''), '\\') => {
                chars.next();
            }
            (Some(open), c) if c == open => quote = None,
            _ => {}
        }
    }
    None
}

struct Blocks {
    pieces: std::vec::IntoIter<Piece>,
    depth: usize,
}

impl Blocks {
    fn block(&mut self) -> Result<(Vec<Node>, Stop), String> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err("blocks are nested too deeply".to_owned());
        }
        let mut nodes = Vec::new();
        let end = loop {
            match self.pieces.next() {
                None => break Stop::Eof,
                Some(Piece::Text(text)) if text.is_empty() => {}
                Some(Piece::Text(text)) => nodes.push(Node::Text(text)),
                Some(Piece::Action(action)) => {
                    let (word, rest) = action.split_once(char::is_whitespace).unwrap_or((&action, ""));
                    match word {
                        "end" => break Stop::End,
                        "else" => break Stop::Else(rest.trim().to_owned()),
                        "if" | "with" | "range" => nodes.push(self.control(word, rest)?),
                        _ => nodes.push(Node::Action(pipeline(&action)?)),
                    }
                }
            }
        };
        self.depth -= 1;
        Ok((nodes, end))
    }

    fn control(&mut self, word: &str, rest: &str) -> Result<Node, String> {
        let head = pipeline(rest)?;
        if head.commands.is_empty() {
            return Err(format!("missing value for {word}"));
        }
        let (then, end) = self.block()?;
        let otherwise = match end {
            Stop::Eof => return Err("unexpected EOF".to_owned()),
            Stop::End => Vec::new(),
            Stop::Else(condition) if condition.is_empty() => match self.block()? {
                (nodes, Stop::End) => nodes,
                (_, Stop::Eof) => return Err("unexpected EOF".to_owned()),
                (_, Stop::Else(_)) => return Err("expected end; found {{else}}".to_owned()),
            },
            // `else if` is an `if` of its own, closed by the same `end`.
            Stop::Else(condition) => {
                let (inner, rest) = condition.split_once(char::is_whitespace).unwrap_or((&condition, ""));
                if !matches!(inner, "if" | "with") {
                    return Err(format!("unexpected <{inner}> in else"));
                }
                vec![self.control(inner, rest)?]
            }
        };
        Ok(match word {
            "if" => Node::If { condition: head, then, otherwise },
            "with" => Node::With { value: head, then, otherwise },
            _ => Node::Range { over: head, body: then, otherwise },
        })
    }
}

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Term(Term),
    Pipe,
    Open,
    /// `)` with the fields that follow it.
    Close(Vec<String>),
    Comma,
    Declare,
    Assign,
}

fn pipeline(text: &str) -> Result<Pipeline, String> {
    let tokens = tokens(text)?;
    let mut parser = Terms { tokens: &tokens, depth: 0 };
    let mut pipeline = parser.pipeline()?;
    if !parser.tokens.is_empty() {
        return Err("unexpected right paren".to_owned());
    }
    text.clone_into(&mut pipeline.text);
    Ok(pipeline)
}

struct Terms<'t> {
    tokens: &'t [Token],
    depth: usize,
}

impl Terms<'_> {
    fn pipeline(&mut self) -> Result<Pipeline, String> {
        let (variables, declares) = self.variables();
        let mut commands = vec![Vec::new()];
        while let Some((token, rest)) = self.tokens.split_first() {
            let term = match token {
                Token::Close(_) => break,
                Token::Pipe => {
                    self.tokens = rest;
                    commands.push(Vec::new());
                    continue;
                }
                Token::Term(term) => {
                    self.tokens = rest;
                    term.clone()
                }
                Token::Open => {
                    self.tokens = rest;
                    self.nested()?
                }
                Token::Comma | Token::Declare | Token::Assign => {
                    return Err("unexpected operator in operand".to_owned());
                }
            };
            if let Some(command) = commands.last_mut() {
                command.push(term);
            }
        }
        if commands.len() > 1 && commands.iter().any(Vec::is_empty) {
            return Err("missing value for command".to_owned());
        }
        commands.retain(|command| !command.is_empty());
        Ok(Pipeline { variables, declares, commands, text: String::new() })
    }

    fn nested(&mut self) -> Result<Term, String> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err("parentheses are nested too deeply".to_owned());
        }
        let inner = self.pipeline()?;
        self.depth -= 1;
        match self.tokens.split_first() {
            Some((Token::Close(fields), rest)) => {
                self.tokens = rest;
                Ok(Term::Nested(inner, fields.clone()))
            }
            _ => Err("unclosed left paren".to_owned()),
        }
    }

    /// `$x :=`, `$x =`, `$i, $x :=` at the beginning.
    fn variables(&mut self) -> (Vec<String>, bool) {
        let name = |token: &Token| match token {
            Token::Term(Term::Variable(name, fields)) if fields.is_empty() => Some(name.clone()),
            _ => None,
        };
        let (names, used, sign) = match self.tokens {
            [first, sign @ (Token::Declare | Token::Assign), ..] => (vec![name(first)], 2, sign),
            [first, Token::Comma, second, sign @ (Token::Declare | Token::Assign), ..] => {
                (vec![name(first), name(second)], 4, sign)
            }
            _ => return (Vec::new(), false),
        };
        let declares = *sign == Token::Declare;
        self.tokens = &self.tokens[used..];
        (names.into_iter().flatten().collect(), declares)
    }
}

fn tokens(text: &str) -> Result<Vec<Token>, String> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(c) = rest.chars().next() {
        let (token, after) = match c {
            '|' => (Token::Pipe, &rest[1..]),
            '(' => (Token::Open, &rest[1..]),
            ',' => (Token::Comma, &rest[1..]),
            ':' if rest.starts_with(":=") => (Token::Declare, &rest[2..]),
            '=' => (Token::Assign, &rest[1..]),
            ')' => {
                let (fields, after) = fields(&rest[1..]);
                (Token::Close(fields), after)
            }
            '.' => {
                let (fields, after) = fields(rest);
                let after = if fields.is_empty() { &rest[1..] } else { after };
                (Token::Term(Term::Dot(fields)), after)
            }
            '$' => {
                let end = word_end(&rest[1..]) + 1;
                let (fields, after) = fields(&rest[end..]);
                (Token::Term(Term::Variable(rest[1..end].to_owned(), fields)), after)
            }
            '"' | '`' => {
                let (value, after) = quoted(rest, c)?;
                (Token::Term(Term::Literal(Value::from(value))), after)
            }
            '0'..='9' | '-' | '+' => {
                let end =
                    rest[1..].find(|c: char| !c.is_ascii_alphanumeric() && c != '.').map_or(rest.len(), |at| at + 1);
                (Token::Term(Term::Literal(number(&rest[..end])?)), &rest[end..])
            }
            c if c.is_alphabetic() || c == '_' => {
                let end = word_end(rest);
                (Token::Term(word(&rest[..end])?), &rest[end..])
            }
            c => return Err(format!("unexpected {c:?} in command")),
        };
        tokens.push(token);
        rest = after.trim_start();
    }
    Ok(tokens)
}

fn word(text: &str) -> Result<Term, String> {
    match text {
        "true" => Ok(Term::Literal(Value::Bool(true))),
        "false" => Ok(Term::Literal(Value::Bool(false))),
        "nil" => Ok(Term::Literal(Value::Null)),
        name if functions::exists(name) => Ok(Term::Function(name.to_owned())),
        name => Err(format!("function \"{name}\" not defined")),
    }
}

fn number(text: &str) -> Result<Value, String> {
    let parsed = text.parse::<i64>().map(Value::from).or_else(|_| text.parse::<f64>().map(Value::from));
    parsed.map_err(|_| format!("bad number syntax: {text:?}"))
}

fn word_end(text: &str) -> usize {
    text.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(text.len())
}

/// `.a.b` at the beginning of a text.
fn fields(text: &str) -> (Vec<String>, &str) {
    let (mut names, mut rest) = (Vec::new(), text);
    while let Some(after) = rest.strip_prefix('.') {
        let end = word_end(after);
        if end == 0 {
            break;
        }
        names.push(after[..end].to_owned());
        rest = &after[end..];
    }
    (names, rest)
}

fn quoted(text: &str, quote: char) -> Result<(String, &str), String> {
    let mut value = String::new();
    let mut chars = text[1..].char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            c if c == quote => return Ok((value, &text[at + 2..])),
            '\\' if quote == '"' => match chars.next().map(|(_, escaped)| escaped) {
                Some('n') => value.push('\n'),
                Some('t') => value.push('\t'),
                Some('r') => value.push('\r'),
                Some(other) => value.push(other),
                None => break,
            },
            c => value.push(c),
        }
    }
    Err("unterminated quoted string".to_owned())
}
