//! The grammar: lists, pipelines, compound and simple commands.

use super::SyntaxError;
use super::ast::*;
use super::braces;

/// How deep commands and expansions may nest: far more than anybody writes, far less than the stack holds.
const MAX_DEPTH: u32 = 60;

/// Words that end a list when they stand where a command could.
const CLOSING: &[&str] = &["then", "elif", "else", "fi", "do", "done", "esac", "}"];

/// Commands whose `NAME=value` arguments are not split, as bash has it.
const DECLARING: &[&str] = &["export", "readonly", "local", "declare", "alias"];

pub(super) type Parsed<T> = Result<T, SyntaxError>;

/// A here-document whose text follows after the end of the line.
pub(super) struct Pending {
    pub(super) index: usize,
    pub(super) delimiter: String,
    pub(super) quoted: bool,
    pub(super) strip_tabs: bool,
}

/// Reads from `text` at `pos`; the other files of this room add words and redirections.
pub(super) struct Parser<'a> {
    pub(super) text: &'a str,
    pub(super) pos: usize,
    pub(super) line: u32,
    pub(super) heredocs: Vec<Word>,
    pub(super) pending: Vec<Pending>,
    /// Ranges that do not belong to the text of a command: here-documents (`None`) and continued lines (a blank).
    pub(super) cuts: Vec<(usize, usize, &'static str)>,
    pub(super) depth: u32,
    /// Where each command of the outermost list starts.
    pub(super) places: Vec<Option<(usize, u32)>>,
    /// Where the last token ended: blanks and comments after it are no part of a command.
    pub(super) token_end: usize,
}

impl<'a> Parser<'a> {
    pub(super) fn new(text: &'a str, line: u32) -> Self {
        Self {
            text,
            pos: 0,
            line,
            heredocs: Vec::new(),
            pending: Vec::new(),
            cuts: Vec::new(),
            depth: 0,
            places: Vec::new(),
            token_end: 0,
        }
    }

    pub(super) fn script(&mut self) -> Parsed<List> {
        let list = self.list()?;
        self.skip_blanks();
        if let Some(found) = self.peek() {
            let found = match self.reserved() {
                Some(word) => word.to_owned(),
                None => found.to_string(),
            };
            return Err(self.error(format!("unexpected `{found}`")));
        }
        if let Some(pending) = self.pending.first() {
            return Err(self.incomplete(format!("the here-document lacks its last line `{}`", pending.delimiter)));
        }
        Ok(list)
    }

    /// Commands up to the end of the text, `)`, `;;` or a closing word, which is left to the caller.
    pub(super) fn list(&mut self) -> Parsed<List> {
        self.enter()?;
        let mut list = List::new();
        loop {
            self.skip_lines()?;
            if self.at_list_end() {
                break;
            }
            if self.depth == 1 {
                // Where a here-document is still to come the line cannot be cut.
                self.places.push(self.pending.is_empty().then_some((self.pos, self.line)));
            }
            list.push(self.and_or()?);
            self.skip_blanks();
            match self.peek() {
                Some(';') if !self.looking_at(";;") => self.bump(),
                Some('&') if !self.looking_at("&&") => {
                    return Err(self.error(
                        "`&` (running in the background) is not available here: commands run one after the other",
                    ));
                }
                Some('\n') | None => {}
                _ if self.at_list_end() => {}
                Some(other) => return Err(self.error(format!("unexpected `{other}`"))),
            }
        }
        self.depth -= 1;
        Ok(list)
    }

    fn at_list_end(&mut self) -> bool {
        match self.peek() {
            None | Some(')') => true,
            Some(';') => self.looking_at(";;"),
            _ => self.reserved().is_some_and(|word| CLOSING.contains(&word)),
        }
    }

    fn and_or(&mut self) -> Parsed<AndOr> {
        let first = self.pipeline()?;
        let mut rest = Vec::new();
        loop {
            self.skip_blanks();
            let joint = match () {
                () if self.looking_at("&&") => Joint::And,
                () if self.looking_at("||") => Joint::Or,
                () => return Ok(AndOr { first, rest }),
            };
            self.pos += 2;
            self.skip_lines()?;
            rest.push((joint, self.pipeline()?));
        }
    }

    fn pipeline(&mut self) -> Parsed<Pipeline> {
        self.skip_blanks();
        let (start, line) = (self.pos, self.line);
        let mut negated = false;
        while self.take_word("!") {
            negated = !negated;
        }
        let mut commands = vec![self.command()?];
        loop {
            self.skip_blanks();
            if self.peek() != Some('|') || self.looking_at("||") {
                break;
            }
            self.bump();
            if self.peek() == Some('&') {
                self.bump();
                if let Some(before) = commands.last_mut() {
                    before.redirects.push(Redirect::Join { from: 2, to: 1 });
                }
            }
            self.skip_lines()?;
            commands.push(self.command()?);
        }
        Ok(Pipeline { line, text: self.written(start, self.token_end), negated, commands })
    }

    fn command(&mut self) -> Parsed<Command> {
        self.enter()?;
        self.skip_blanks();
        let kind = match self.peek() {
            Some('(') if self.looking_at("((") => {
                return Err(self.error("`((…))` as a command is not available here: write `NAME=$((…))` or `test`"));
            }
            Some('(') => {
                self.bump();
                let list = self.list()?;
                self.expect_char(')')?;
                Some(CommandKind::Subshell(list))
            }
            _ => match self.reserved() {
                Some(word) if CLOSING.contains(&word) => return Err(self.error(format!("unexpected `{word}`"))),
                Some(word) => Some(self.compound(word)?),
                None => None,
            },
        };
        let command = match kind {
            Some(kind) => {
                let mut redirects = Vec::new();
                while let Some(redirect) = self.redirect()? {
                    redirects.push(redirect);
                }
                Command { kind, redirects }
            }
            None => self.simple()?,
        };
        self.depth -= 1;
        Ok(command)
    }

    fn compound(&mut self, word: &str) -> Parsed<CommandKind> {
        let line = self.line;
        self.pos += word.len();
        match word {
            "{" => {
                let list = self.list()?;
                self.expect_word("}", "{", line)?;
                Ok(CommandKind::Group(list))
            }
            "if" => self.conditional(line),
            "while" | "until" => {
                let condition = self.list()?;
                let body = self.body(word, line)?;
                Ok(CommandKind::Loop { until: word == "until", condition, body })
            }
            "for" => self.for_loop(line),
            "case" => self.case(line),
            "[[" => self.double_bracket(line),
            "function" => Err(self.error(NO_FUNCTIONS)),
            _ => Err(self.error(format!("`{word}` is not available here"))),
        }
    }

    fn conditional(&mut self, line: u32) -> Parsed<CommandKind> {
        let mut branches = Vec::new();
        let mut otherwise = List::new();
        loop {
            let condition = self.list()?;
            self.expect_word("then", "if", line)?;
            branches.push((condition, self.list()?));
            if self.take_word("elif") {
                continue;
            }
            if self.take_word("else") {
                otherwise = self.list()?;
            }
            self.expect_word("fi", "if", line)?;
            return Ok(CommandKind::If { branches, otherwise });
        }
    }

    fn for_loop(&mut self, line: u32) -> Parsed<CommandKind> {
        self.skip_blanks();
        if self.looking_at("((") {
            return Err(self.error("`for ((…))` is not available here: write `for i in $(seq 1 5)`"));
        }
        let name = self.name().ok_or_else(|| self.error("`for` needs the name of a variable"))?;
        self.skip_lines()?;
        let mut words = Vec::new();
        if self.take_word("in") {
            loop {
                self.skip_blanks();
                match self.word()? {
                    Some(word) => words.extend(braces::expand(word)),
                    None => break,
                }
            }
        }
        self.skip_blanks();
        if self.peek() == Some(';') {
            self.bump();
        }
        let body = self.body("for", line)?;
        Ok(CommandKind::For { name, words, body })
    }

    fn body(&mut self, opening: &str, line: u32) -> Parsed<List> {
        self.skip_lines()?;
        self.expect_word("do", opening, line)?;
        let body = self.list()?;
        self.expect_word("done", opening, line)?;
        Ok(body)
    }

    fn case(&mut self, line: u32) -> Parsed<CommandKind> {
        self.skip_blanks();
        let subject = self.word()?.ok_or_else(|| self.error("`case` needs a word"))?;
        self.skip_lines()?;
        self.expect_word("in", "case", line)?;
        let mut arms = Vec::new();
        loop {
            self.skip_lines()?;
            if self.take_word("esac") {
                return Ok(CommandKind::Case { subject, arms });
            }
            if self.peek() == Some('(') {
                self.bump();
            }
            let mut patterns = Vec::new();
            loop {
                self.skip_blanks();
                patterns.push(self.word()?.ok_or_else(|| self.unfinished("case", "esac", line))?);
                self.skip_blanks();
                if self.peek() != Some('|') {
                    break;
                }
                self.bump();
            }
            self.expect_char(')')?;
            arms.push((patterns, self.list()?));
            if self.looking_at(";;") {
                self.pos += 2;
            }
        }
    }

    /// `[[ … ]]`: operators between the brackets are words.
    fn double_bracket(&mut self, line: u32) -> Parsed<CommandKind> {
        let mut words = Vec::new();
        loop {
            self.skip_blanks();
            if self.take_word("]]") {
                return Ok(CommandKind::Test(words));
            }
            let operator = ["&&", "||", "(", ")", "<", ">"].into_iter().find(|sign| self.looking_at(sign));
            if let Some(sign) = operator {
                self.pos += sign.len();
                words.push(vec![Part::Text { text: sign.to_owned(), quoted: false }]);
            } else {
                words.push(self.word()?.ok_or_else(|| self.unfinished("[[", "]]", line))?);
            }
        }
    }

    fn simple(&mut self) -> Parsed<Command> {
        let mut assignments = Vec::new();
        let mut words: Vec<Word> = Vec::new();
        let mut redirects = Vec::new();
        let mut declaring = false;
        loop {
            self.skip_blanks();
            if let Some(redirect) = self.redirect()? {
                redirects.push(redirect);
                continue;
            }
            if words.is_empty() || declaring {
                let start = self.pos;
                if let Some(assignment) = self.assignment()? {
                    if words.is_empty() {
                        assignments.push(assignment);
                        continue;
                    }
                    // An argument like NAME=$(…) of `export` stays one word: quote all of it.
                    let prefix = self.text[start..].split('=').next().unwrap_or_default();
                    let mut word = vec![Part::Text { text: format!("{prefix}="), quoted: true }];
                    word.extend(assignment.value.into_iter().map(Part::into_quoted));
                    words.push(word);
                    continue;
                }
            }
            let Some(word) = self.word()? else { break };
            if self.peek() == Some('(') {
                return Err(self.error(NO_FUNCTIONS));
            }
            declaring |=
                words.is_empty() && matches!(&word[..], [Part::Text { text, .. }] if DECLARING.contains(&&**text));
            words.extend(braces::expand(word));
        }
        if words.is_empty() && assignments.is_empty() && redirects.is_empty() {
            let message = match self.peek() {
                None | Some('\n') => "a command is missing here".to_owned(),
                Some(found) => format!("a command is missing before `{found}`"),
            };
            return Err(SyntaxError { incomplete: self.peek().is_none(), ..self.error(message) });
        }
        Ok(Command { kind: CommandKind::Simple { assignments, words }, redirects })
    }

    fn assignment(&mut self) -> Parsed<Option<Assignment>> {
        let start = self.pos;
        let Some(name) = self.name() else { return Ok(None) };
        let append = self.looking_at("+=");
        if !append && self.peek() != Some('=') {
            self.pos = start;
            return Ok(None);
        }
        self.pos += if append { 2 } else { 1 };
        if self.peek() == Some('(') {
            return Err(self.error("arrays are not available here: write the words after `for NAME in`"));
        }
        self.token_end = self.pos;
        let value = self.word()?.unwrap_or_default();
        Ok(Some(Assignment { name, append, value }))
    }
}

const NO_FUNCTIONS: &str = "functions are not available here: write the commands out, or a `for` loop";

/// Looking ahead, skipping and failing.
impl Parser<'_> {
    pub(super) fn rest(&self) -> &str {
        &self.text[self.pos..]
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    pub(super) fn looking_at(&self, sign: &str) -> bool {
        self.rest().starts_with(sign)
    }

    /// Moves over one character.
    pub(super) fn bump(&mut self) {
        if let Some(c) = self.peek() {
            self.line += u32::from(c == '\n');
            self.pos += c.len_utf8();
        }
    }

    pub(super) fn enter(&mut self) -> Parsed<()> {
        self.depth += 1;
        if self.depth > MAX_DEPTH { Err(self.error("commands are nested too deeply")) } else { Ok(()) }
    }

    /// Over blanks, continued lines and a comment, but not over the end of a line.
    pub(super) fn skip_blanks(&mut self) {
        loop {
            match self.peek() {
                Some(' ' | '\t' | '\r') => self.bump(),
                Some('\\') if self.looking_at("\\\n") => self.continue_line(),
                Some('#') => {
                    let end = self.rest().find('\n').unwrap_or(self.rest().len());
                    self.pos += end;
                }
                _ => return,
            }
        }
    }

    /// Over a backslash at the end of a line, and the blanks on both sides of it.
    pub(super) fn continue_line(&mut self) {
        let before = self.text[..self.pos].trim_end_matches([' ', '\t']).len();
        self.pos += 2;
        self.line += 1;
        let blanks = self.rest().len() - self.rest().trim_start_matches([' ', '\t']).len();
        self.cuts.push((before, self.pos + blanks, if before < self.pos - 2 || blanks > 0 { " " } else { "" }));
    }

    /// Over ends of lines too, and with them over the here-documents that start there.
    pub(super) fn skip_lines(&mut self) -> Parsed<()> {
        loop {
            self.skip_blanks();
            if self.peek() != Some('\n') {
                return Ok(());
            }
            self.end_line()?;
        }
    }

    fn end_line(&mut self) -> Parsed<()> {
        self.bump();
        let start = self.pos;
        for pending in std::mem::take(&mut self.pending) {
            let index = pending.index;
            self.heredocs[index] = self.heredoc(&pending)?;
        }
        if self.pos > start {
            self.cuts.push((start, self.pos, ""));
        }
        Ok(())
    }

    /// The reserved word that stands here, if one does.
    fn reserved(&self) -> Option<&'static str> {
        const RESERVED: &[&str] = &[
            "if", "while", "until", "for", "case", "{", "[[", "function", "select", "then", "elif", "else", "fi", "do",
            "done", "esac", "}",
        ];
        RESERVED.iter().copied().find(|word| self.at_word(word))
    }

    fn at_word(&self, word: &str) -> bool {
        self.rest().strip_prefix(word).is_some_and(|rest| {
            rest.chars()
                .next()
                .is_none_or(|c| c.is_ascii_whitespace() || matches!(c, ';' | '&' | '|' | '<' | '>' | '(' | ')'))
        })
    }

    pub(super) fn take_word(&mut self, word: &str) -> bool {
        self.skip_blanks();
        let found = self.at_word(word);
        if found {
            self.pos += word.len();
            self.token_end = self.pos;
        }
        found
    }

    fn expect_word(&mut self, word: &str, opening: &str, line: u32) -> Parsed<()> {
        if self.take_word(word) { Ok(()) } else { Err(self.unfinished(opening, word, line)) }
    }

    pub(super) fn expect_char(&mut self, wanted: char) -> Parsed<()> {
        self.skip_blanks();
        match self.peek() {
            Some(found) if found == wanted => {
                self.bump();
                self.token_end = self.pos;
                Ok(())
            }
            Some(found) => Err(self.error(format!("expected `{wanted}`, found `{}`", found.escape_default()))),
            None => Err(self.incomplete(format!("expected `{wanted}` before the end"))),
        }
    }

    /// A name of a variable.
    pub(super) fn name(&mut self) -> Option<String> {
        let rest = self.rest();
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
        let name = &rest[..end];
        if name.is_empty() || name.starts_with(|c: char| c.is_ascii_digit()) {
            return None;
        }
        let name = name.to_owned();
        self.pos += name.len();
        Some(name)
    }

    pub(super) fn error(&self, message: impl Into<String>) -> SyntaxError {
        SyntaxError { line: self.line, message: message.into(), incomplete: false }
    }

    pub(super) fn incomplete(&self, message: impl Into<String>) -> SyntaxError {
        SyntaxError { incomplete: true, ..self.error(message) }
    }

    fn unfinished(&self, opening: &str, wanted: &str, line: u32) -> SyntaxError {
        let message = format!("`{opening}` lacks its `{wanted}`");
        SyntaxError { line, message, incomplete: self.rest().trim().is_empty() }
    }

    /// The text between two places as a record shows it.
    fn written(&self, start: usize, end: usize) -> String {
        let mut text = String::new();
        let mut at = start;
        for (from, to, instead) in self.cuts.iter().filter(|cut| cut.0 >= start && cut.1 <= end) {
            text.push_str(self.text.get(at..*from).unwrap_or_default());
            text.push_str(instead);
            at = at.max(*to);
        }
        text.push_str(self.text.get(at..end).unwrap_or_default());
        text.trim().to_owned()
    }
}
