//! The few shell forms in which manifests write a container's command: lists, `&&`, `||`, quotes, variables,
//! `while true`, `for`. Anything else is not read at all, so that nothing is half understood.

/// A part of a word: as written, or a variable to be filled in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Piece {
    Text(String),
    Variable(String),
}

/// A command or a compound of commands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Node {
    Command(Vec<Vec<Piece>>),
    And(Box<Node>, Box<Node>),
    Or(Box<Node>, Box<Node>),
    /// `while true; do …; done`
    Forever(Vec<Node>),
    /// `for NAME in WORDS; do …; done`
    For(String, Vec<Vec<Piece>>, Vec<Node>),
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    Word(Vec<Piece>),
    /// `;` or a line break.
    End,
    And,
    Or,
}

/// A word without anything to fill in.
pub(crate) fn literal(text: &str) -> Vec<Piece> {
    vec![Piece::Text(text.to_owned())]
}

/// A word's text.
pub(crate) fn text(pieces: &[Piece], hostname: &str, variable: &dyn Fn(&str) -> String) -> String {
    let piece = |piece: &Piece| match piece {
        Piece::Text(text) => text.clone(),
        Piece::Variable(name) if name == "(date)" => crate::program::DATE.to_string(),
        Piece::Variable(name) if name == "(hostname)" => hostname.to_owned(),
        Piece::Variable(name) => variable(name),
    };
    pieces.iter().map(piece).collect()
}

/// Words and signs of a script that is read; chains nest, so this also bounds how deep.
const LONGEST: usize = 1000;

/// Reads a script; `None` if it uses anything that is not modelled.
pub(crate) fn parse(script: &str) -> Option<Vec<Node>> {
    let tokens = tokens(script).filter(|tokens| tokens.len() <= LONGEST)?;
    let mut reader = Reader { tokens: &tokens, at: 0, depth: 0 };
    let list = reader.list(None)?;
    (reader.at == tokens.len()).then_some(list)
}

fn tokens(script: &str) -> Option<Vec<Token>> {
    let mut tokens = Vec::new();
    let mut word: Option<Vec<Piece>> = None;
    let mut chars = script.chars().peekable();
    let flush = |word: &mut Option<Vec<Piece>>, tokens: &mut Vec<Token>| tokens.extend(word.take().map(Token::Word));
    while let Some(c) = chars.next() {
        match c {
            ' ' | '\t' => flush(&mut word, &mut tokens),
            ';' | '\n' => {
                flush(&mut word, &mut tokens);
                tokens.push(Token::End);
            }
            '&' | '|' if chars.peek() == Some(&c) => {
                chars.next();
                flush(&mut word, &mut tokens);
                tokens.push(if c == '&' { Token::And } else { Token::Or });
            }
            '#' if word.is_none() => {
                while chars.peek().is_some_and(|c| *c != '\n') {
                    chars.next();
                }
            }
            '&' | '|' | '>' | '<' | '(' | ')' | '`' | '{' | '}' => return None,
            '\\' => match chars.next()? {
                '\n' => {}
                next => push(word.get_or_insert_default(), next),
            },
            '\'' => {
                let pieces = word.get_or_insert_default();
                loop {
                    match chars.next()? {
                        '\'' => break,
                        c => push(pieces, c),
                    }
                }
                pieces.push(Piece::Text(String::new()));
            }
            '"' => quoted(word.get_or_insert_default(), &mut chars)?,
            '$' => dollar(word.get_or_insert_default(), &mut chars)?,
            c => push(word.get_or_insert_default(), c),
        }
    }
    flush(&mut word, &mut tokens);
    Some(tokens)
}

type Chars<'a> = std::iter::Peekable<std::str::Chars<'a>>;

fn push(pieces: &mut Vec<Piece>, c: char) {
    match pieces.last_mut() {
        Some(Piece::Text(text)) => text.push(c),
        _ => pieces.push(Piece::Text(c.to_string())),
    }
}

fn quoted(pieces: &mut Vec<Piece>, chars: &mut Chars<'_>) -> Option<()> {
    pieces.push(Piece::Text(String::new()));
    loop {
        match chars.next()? {
            '"' => return Some(()),
            '$' => dollar(pieces, chars)?,
            '`' => return None,
            '\\' if chars.peek().is_some_and(|c| "\"\\$`".contains(*c)) => push(pieces, chars.next()?),
            c => push(pieces, c),
        }
    }
}

/// What follows a dollar sign: `$NAME`, `${NAME}`, `$?`, `$(date)`, `$(hostname)`.
fn dollar(pieces: &mut Vec<Piece>, chars: &mut Chars<'_>) -> Option<()> {
    let mut name = String::new();
    match chars.peek().copied() {
        Some('?') => name.extend(chars.next()),
        Some(open @ ('(' | '{')) => {
            chars.next();
            let close = if open == '(' { ')' } else { '}' };
            loop {
                match chars.next()? {
                    c if c == close => break,
                    c => name.push(c),
                }
            }
            let known = match open {
                '(' => matches!(name.as_str(), "date" | "hostname"),
                _ => !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_'),
            };
            if !known {
                return None;
            }
            if open == '(' {
                name = format!("({name})");
            }
        }
        _ => {
            while let Some(c) = chars.peek().copied().filter(|c| c.is_ascii_alphanumeric() || *c == '_') {
                name.push(c);
                chars.next();
            }
        }
    }
    if name.is_empty() {
        push(pieces, '$');
    } else {
        pieces.push(Piece::Variable(name));
    }
    Some(())
}

/// Loops within loops that are read.
const MOST_DEPTH: u32 = 20;

struct Reader<'a> {
    tokens: &'a [Token],
    at: usize,
    depth: u32,
}

impl Reader<'_> {
    /// The next word if it stands alone, unquoted.
    fn keyword(&self) -> Option<&str> {
        match self.tokens.get(self.at)? {
            Token::Word(pieces) => match pieces.as_slice() {
                [Piece::Text(text)] => Some(text),
                _ => None,
            },
            _ => None,
        }
    }

    fn skip_ends(&mut self) {
        while self.tokens.get(self.at) == Some(&Token::End) {
            self.at += 1;
        }
    }

    fn expect(&mut self, keyword: &str) -> Option<()> {
        self.skip_ends();
        (self.keyword() == Some(keyword)).then(|| self.at += 1)
    }

    /// Commands up to the end, or up to (and with) a keyword.
    fn list(&mut self, until: Option<&str>) -> Option<Vec<Node>> {
        let mut nodes = Vec::new();
        loop {
            self.skip_ends();
            if until.is_some() && self.keyword() == until {
                self.at += 1;
                return Some(nodes);
            }
            if self.at == self.tokens.len() {
                return if until.is_none() { Some(nodes) } else { None };
            }
            nodes.push(self.chain()?);
            if !matches!(self.tokens.get(self.at), None | Some(Token::End)) {
                return None;
            }
        }
    }

    /// Commands joined by `&&` and `||`, which bind alike, from the left.
    fn chain(&mut self) -> Option<Node> {
        let mut node = self.command()?;
        loop {
            let join: fn(Box<Node>, Box<Node>) -> Node = match self.tokens.get(self.at) {
                Some(Token::And) => Node::And,
                Some(Token::Or) => Node::Or,
                _ => return Some(node),
            };
            self.at += 1;
            self.skip_ends();
            node = join(Box::new(node), Box::new(self.command()?));
        }
    }

    fn command(&mut self) -> Option<Node> {
        match self.keyword() {
            Some("while") => return self.nested(Self::while_true),
            Some("for") => return self.nested(Self::for_each),
            Some("if" | "until" | "case" | "do" | "done" | "then" | "!") => return None,
            _ => {}
        }
        let mut words = Vec::new();
        while let Some(Token::Word(word)) = self.tokens.get(self.at) {
            words.push(word.clone());
            self.at += 1;
        }
        // `NAME=value` would have to be remembered.
        let assigns = |word: &[Piece]| matches!(word.first(), Some(Piece::Text(t)) if t.contains('='));
        if words.first().is_none_or(|word| assigns(word)) {
            return None;
        }
        Some(Node::Command(words))
    }

    fn nested(&mut self, read: fn(&mut Self) -> Option<Node>) -> Option<Node> {
        self.depth += 1;
        if self.depth > MOST_DEPTH {
            return None;
        }
        self.at += 1;
        let node = read(self);
        self.depth -= 1;
        node
    }

    fn while_true(&mut self) -> Option<Node> {
        if !matches!(self.keyword(), Some("true" | ":")) {
            return None;
        }
        self.at += 1;
        self.expect("do")?;
        self.list(Some("done")).map(Node::Forever)
    }

    fn for_each(&mut self) -> Option<Node> {
        let name = self.keyword()?.to_owned();
        self.at += 1;
        self.expect("in")?;
        let mut words = Vec::new();
        while let Some(Token::Word(word)) = self.tokens.get(self.at) {
            words.push(word.clone());
            self.at += 1;
        }
        self.expect("do")?;
        self.list(Some("done")).map(|body| Node::For(name, words, body))
    }
}
