//! The unfinished line up to the cursor: which command the cursor is in, its words so far, and the word being typed.

use crate::machine::Vars;

/// Where the cursor stands.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Typed {
    /// The words of the command before the one being typed.
    pub(super) before: Vec<String>,
    /// The word being typed, without its quotes.
    pub(super) word: String,
    /// For each byte of the word, where on the line it stands; one more for the end.
    places: Vec<usize>,
    /// The quote that is still open.
    quote: Option<char>,
    /// Where a `$` began that is still a name.
    dollar: Option<usize>,
    /// The word is the file of a redirection.
    pub(super) redirects: bool,
}

impl Typed {
    /// Where on the line the byte of the word stands.
    pub(super) fn place_of(&self, byte: usize) -> usize {
        self.places.get(byte).or(self.places.last()).copied().unwrap_or(0)
    }

    /// The beginning of a variable's name, if one is being typed.
    pub(super) fn variable(&self) -> Option<&str> {
        self.dollar.map(|at| &self.word[at..])
    }

    /// A candidate as it must be written here to mean itself.
    pub(super) fn quoted(&self, text: &str, goes_on: bool) -> String {
        match self.quote {
            Some(_) if goes_on => text.to_owned(),
            Some(quote) => format!("{text}{quote}"),
            None => {
                let mut out = String::with_capacity(text.len());
                for c in text.chars() {
                    if c.is_whitespace() || "\"'\\$`;&|<>()*?[]#~!".contains(c) {
                        out.push('\\');
                    }
                    out.push(c);
                }
                out
            }
        }
    }
}

/// Reads the line up to the cursor; `None` where nothing can be completed, as in a comment.
pub(super) fn typed(line: &str, vars: &Vars) -> Option<Typed> {
    let mut stack: Vec<Typed> = Vec::new();
    let mut now = Typed::default();
    let mut in_word = false;
    let mut chars = line.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        match (now.quote, c) {
            (Some('\''), '\'') | (Some('"'), '"') => now.quote = None,
            (Some('\''), c) => push(&mut now, at, c),
            (_, '$') => match chars.peek() {
                Some((_, '(')) => {
                    chars.next();
                    in_word = false;
                    stack.push(std::mem::take(&mut now));
                }
                Some((start, '{')) => {
                    let start = *start;
                    chars.next();
                    begin(&mut now, at, &mut in_word);
                    variable(&mut now, &mut chars, start + 1, true, vars)?;
                }
                next => {
                    let start = next.map_or(line.len(), |(at, _)| *at);
                    begin(&mut now, at, &mut in_word);
                    variable(&mut now, &mut chars, start, false, vars)?;
                }
            },
            (quote, '\\') => {
                if let Some((at, c)) = chars.next() {
                    begin(&mut now, at, &mut in_word);
                    if quote.is_some() && !"\"\\$`".contains(c) {
                        push(&mut now, at, '\\');
                    }
                    push(&mut now, at, c);
                }
            }
            (Some(_), c) => push(&mut now, at, c),
            (None, '\'' | '"') => {
                begin(&mut now, at + 1, &mut in_word);
                now.quote = Some(c);
            }
            (None, ')') => {
                now = stack.pop()?;
                in_word = true;
                // What the command prints is not known.
                push(&mut now, at, '\u{fffd}');
            }
            (None, '#') if !in_word => return None,
            (None, ';' | '|' | '&' | '(' | '\n') => {
                now = Typed::default();
                in_word = false;
            }
            (None, '<' | '>') => redirect(&mut now, &mut in_word),
            (None, c) if c.is_whitespace() => end(&mut now, &mut in_word),
            (None, c) => {
                begin(&mut now, at, &mut in_word);
                push(&mut now, at, c);
            }
        }
    }
    let missing = (now.word.len() + 1).saturating_sub(now.places.len());
    now.places.extend(std::iter::repeat_n(line.len(), missing));
    Some(now)
}

fn begin(now: &mut Typed, at: usize, in_word: &mut bool) {
    if !*in_word {
        *in_word = true;
        now.places.clear();
        now.places.push(at);
    }
}

fn push(now: &mut Typed, at: usize, c: char) {
    if now.places.len() == now.word.len() + 1 {
        now.places.pop();
    }
    now.dollar = None;
    now.word.push(c);
    now.places.extend(std::iter::repeat_n(at, c.len_utf8()));
}

/// The word is over: a redirection's file is no word of the command.
fn end(now: &mut Typed, in_word: &mut bool) {
    if *in_word {
        let word = std::mem::take(&mut now.word);
        if !now.redirects {
            now.before.push(word);
        }
        now.redirects = false;
        now.dollar = None;
        now.places.clear();
    }
    *in_word = false;
}

/// A redirection begins; a number right before it belongs to it.
fn redirect(now: &mut Typed, in_word: &mut bool) {
    if now.word.bytes().all(|byte| byte.is_ascii_digit()) {
        now.word.clear();
        now.places.clear();
        *in_word = false;
    }
    end(now, in_word);
    now.redirects = true;
}

/// A variable: its value if its name is over, else the name as it is typed.
fn variable(
    now: &mut Typed,
    chars: &mut std::iter::Peekable<std::str::CharIndices<'_>>,
    start: usize,
    braces: bool,
    vars: &Vars,
) -> Option<()> {
    let mut name = String::new();
    while let Some((_, c)) = chars.peek().filter(|(_, c)| c.is_ascii_alphanumeric() || *c == '_') {
        name.push(*c);
        chars.next();
    }
    let ended = chars.peek().is_some();
    if ended {
        if braces && chars.next().is_some_and(|(_, c)| c != '}') {
            return None;
        }
        for c in vars.get(&name).map_or("", String::as_str).chars() {
            push(now, start, c);
        }
    } else {
        let dollar = now.word.len();
        for (index, c) in name.chars().enumerate() {
            push(now, start + index, c);
        }
        now.dollar = Some(dollar);
    }
    Some(())
}
