//! `sed`: `s`, `p`, `d`, `q`, `=`, `a`, `i`, `c` with addresses. No labels, no hold space.

use regex_lite::{Captures, Regex};

use super::{inputs, regex};
use crate::builtins::{Builtin, Context};
use crate::flags::Flags;
use crate::host::Outcome;

pub(crate) const COMMANDS: &[Builtin] = &[Builtin {
    name: "sed",
    help: "[-n] [-E] [-i] [-e] SCRIPT [FILE]…: edit lines (s/a/b/g, /re/p, 2,5d …)",
    run: |context, args| run(context, args).unwrap_or_else(|outcome| outcome),
}];

enum Address {
    Line(usize),
    Last,
    Match(Regex),
}

enum Action {
    Substitute { regex: Regex, replacement: Vec<Piece>, global: bool, nth: usize, print: bool },
    Print,
    Delete,
    Quit,
    Number,
    Append(String),
    Insert(String),
    Change(String),
}

/// A piece of a replacement.
enum Piece {
    Text(String),
    Group(usize),
}

struct Command {
    from: Option<Address>,
    to: Option<Address>,
    negated: bool,
    action: Action,
}

fn run(context: &mut Context<'_>, args: &[String]) -> Result<Outcome, Outcome> {
    let long = [("quiet", 'n'), ("silent", 'n'), ("expression", 'e'), ("regexp-extended", 'E'), ("in-place", 'i')];
    let flags = Flags::parse("sed", args, "nEriue:", &long)?;
    let mut words = flags.words.clone();
    let mut scripts: Vec<String> = flags.values('e').map(str::to_owned).collect();
    if scripts.is_empty() {
        if words.is_empty() {
            return Err(Outcome::error(1, "sed: a script is missing"));
        }
        scripts.push(words.remove(0));
    }
    let error = |message: String| Outcome::error(1, format!("sed: {message}"));
    let extended = flags.has('E') || flags.has('r');
    let commands = Reader { rest: &scripts.join("\n"), extended }.commands().map_err(error)?;
    let texts = inputs(context, "sed", &words)?;
    if !flags.has('i') {
        let text: String = texts.into_iter().map(|(_, text)| text).collect();
        return Ok(Outcome::ok(edit(&text, &commands, flags.has('n'))));
    }
    for (path, text) in texts {
        let edited = edit(&text, &commands, flags.has('n'));
        context.shell.files.write(&path, edited).map_err(|reason| error(format!("{path}: {reason}")))?;
    }
    Ok(Outcome::default())
}

fn edit(text: &str, commands: &[Command], quiet: bool) -> String {
    let lines: Vec<&str> = text.lines().collect();
    let mut open = vec![false; commands.len()];
    let mut out = String::new();
    for (at, line) in lines.iter().enumerate() {
        let last = at + 1 == lines.len();
        let mut line = Some((*line).to_owned());
        let mut after = String::new();
        let mut quit = false;
        for (command, open) in commands.iter().zip(&mut open) {
            let Some(current) = &mut line else { break };
            if applies(command, open, current, at + 1, last) == command.negated {
                continue;
            }
            match &command.action {
                Action::Substitute { regex, replacement, global, nth, print } => {
                    let (new, changed) = substitute(current, regex, replacement, *global, *nth);
                    *current = new;
                    if changed && *print {
                        out.extend([current, "\n"]);
                    }
                }
                Action::Print => out.extend([current, "\n"]),
                Action::Number => out.push_str(&format!("{}\n", at + 1)),
                Action::Append(text) => after.extend([text, "\n"]),
                Action::Insert(text) => out.extend([text.as_str(), "\n"]),
                Action::Delete => line = None,
                Action::Change(text) => {
                    out.extend([text.as_str(), "\n"]);
                    line = None;
                }
                Action::Quit => {
                    quit = true;
                    break;
                }
            }
        }
        if let (Some(line), false) = (line, quiet) {
            out.extend([&line, "\n"]);
        }
        out.push_str(&after);
        if quit {
            break;
        }
    }
    if !text.ends_with('\n') && out.ends_with('\n') {
        out.pop();
    }
    out
}

/// Whether a command is for this line; `open` remembers that its range has begun.
fn applies(command: &Command, open: &mut bool, line: &str, number: usize, last: bool) -> bool {
    let hits = |address: &Address| match address {
        Address::Line(wanted) => *wanted == number,
        Address::Last => last,
        Address::Match(regex) => regex.is_match(line),
    };
    let Some(from) = &command.from else { return true };
    let Some(to) = &command.to else { return hits(from) };
    if *open {
        *open = !hits(to);
        return true;
    }
    let begins = hits(from);
    *open = begins && !matches!(to, Address::Line(end) if *end <= number) && !(last && matches!(to, Address::Last));
    begins
}

fn substitute(line: &str, regex: &Regex, replacement: &[Piece], global: bool, nth: usize) -> (String, bool) {
    let mut out = String::new();
    let (mut at, mut changed) = (0, false);
    for (index, found) in regex.captures_iter(line).enumerate() {
        let Some(whole) = found.get(0) else { continue };
        if index + 1 < nth {
            continue;
        }
        out.push_str(&line[at..whole.start()]);
        replace(&mut out, &found, replacement);
        (at, changed) = (whole.end(), true);
        if !global {
            break;
        }
    }
    out.push_str(&line[at..]);
    (out, changed)
}

fn replace(out: &mut String, found: &Captures<'_>, replacement: &[Piece]) {
    for piece in replacement {
        match piece {
            Piece::Text(text) => out.push_str(text),
            Piece::Group(number) => out.push_str(found.get(*number).map_or("", |group| group.as_str())),
        }
    }
}

struct Reader<'a> {
    rest: &'a str,
    extended: bool,
}

impl Reader<'_> {
    fn commands(&mut self) -> Result<Vec<Command>, String> {
        let mut commands = Vec::new();
        loop {
            self.rest = self.rest.trim_start_matches([' ', '\t', '\n', ';']);
            if self.rest.is_empty() {
                return Ok(commands);
            }
            let from = self.address()?;
            let mut to = None;
            if from.is_some() && self.take(',') {
                to = Some(self.address()?.ok_or("an address is missing after `,`")?);
            }
            self.rest = self.rest.trim_start();
            let negated = self.take('!');
            let action = self.action()?;
            self.rest = self.rest.trim_start_matches([' ', '\t']);
            if !self.rest.is_empty() && !self.rest.starts_with([';', '\n']) {
                return Err(format!("unexpected `{}` after a command", self.rest));
            }
            commands.push(Command { from, to, negated, action });
        }
    }

    fn take(&mut self, sign: char) -> bool {
        let rest = self.rest.strip_prefix(sign);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn next(&mut self) -> Option<char> {
        let c = self.rest.chars().next()?;
        self.rest = &self.rest[c.len_utf8()..];
        Some(c)
    }

    fn address(&mut self) -> Result<Option<Address>, String> {
        self.rest = self.rest.trim_start_matches(' ');
        let digits = self.rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(self.rest.len());
        if digits > 0 {
            let number = self.rest[..digits].parse().map_err(|_| "a line number is too big")?;
            self.rest = &self.rest[digits..];
            return Ok(Some(Address::Line(number)));
        }
        if self.take('$') {
            return Ok(Some(Address::Last));
        }
        let delimiter = match self.rest.chars().next() {
            Some('/') => '/',
            Some('\\') => {
                self.next();
                self.rest.chars().next().unwrap_or('/')
            }
            _ => return Ok(None),
        };
        self.next();
        let pattern = self.until(delimiter)?;
        Ok(Some(Address::Match(self.regex(&pattern, self.rest.starts_with('I'))?)))
    }

    fn regex(&self, pattern: &str, ignore_case: bool) -> Result<Regex, String> {
        if self.extended { regex::extended(pattern, ignore_case) } else { regex::basic(pattern, ignore_case) }
    }

    /// The text up to the next delimiter; one after a backslash is part of it.
    fn until(&mut self, delimiter: char) -> Result<String, String> {
        let mut out = String::new();
        while let Some(c) = self.next() {
            match c {
                c if c == delimiter => return Ok(out),
                '\\' => match self.next() {
                    Some(next) if next == delimiter => out.push(next),
                    next => {
                        out.push('\\');
                        out.extend(next);
                    }
                },
                c => out.push(c),
            }
        }
        Err(format!("a `{delimiter}` is missing"))
    }

    fn action(&mut self) -> Result<Action, String> {
        match self.next() {
            Some('s') => self.substitution(),
            Some('p') => Ok(Action::Print),
            Some('d') => Ok(Action::Delete),
            Some('q') => Ok(Action::Quit),
            Some('=') => Ok(Action::Number),
            Some(kind @ ('a' | 'i' | 'c')) => {
                let text = self.rest.trim_start_matches([' ', '\t']);
                let text = text.strip_prefix('\\').unwrap_or(text);
                let text = text.strip_prefix('\n').unwrap_or(text);
                let end = text.find('\n').unwrap_or(text.len());
                let line = text[..end].to_owned();
                self.rest = &self.rest[self.rest.len() - (text.len() - end)..];
                Ok(match kind {
                    'a' => Action::Append(line),
                    'i' => Action::Insert(line),
                    _ => Action::Change(line),
                })
            }
            Some(other) => Err(format!("the command `{other}` is not available here (there are s p d q = a i c)")),
            None => Err("a command is missing".to_owned()),
        }
    }

    fn substitution(&mut self) -> Result<Action, String> {
        let delimiter = self.next().filter(|c| *c != '\n' && *c != '\\').ok_or("`s` needs a delimiter")?;
        let pattern = self.until(delimiter)?;
        let replacement = pieces(&self.until(delimiter)?);
        let (mut global, mut print, mut ignore_case, mut nth) = (false, false, false, 1);
        while let Some(flag) = self.rest.chars().next() {
            match flag {
                'g' => global = true,
                'p' => print = true,
                'i' | 'I' => ignore_case = true,
                '1'..='9' => nth = flag as usize - '0' as usize,
                _ => break,
            }
            self.next();
        }
        Ok(Action::Substitute { regex: self.regex(&pattern, ignore_case)?, replacement, global, nth, print })
    }
}

fn pieces(text: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut literal = String::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        let group = match c {
            '&' => Some(0),
            '\\' => match chars.next() {
                Some(digit @ '0'..='9') => Some(digit as usize - '0' as usize),
                Some('n') => {
                    literal.push('\n');
                    None
                }
                Some('t') => {
                    literal.push('\t');
                    None
                }
                other => {
                    literal.extend(other);
                    None
                }
            },
            c => {
                literal.push(c);
                None
            }
        };
        if let Some(group) = group {
            pieces.push(Piece::Text(std::mem::take(&mut literal)));
            pieces.push(Piece::Group(group));
        }
    }
    pieces.push(Piece::Text(literal));
    pieces
}
