//! `printf`, and the backslash escapes that `echo -e` shares with it.

use super::{Builtin, Context};
use crate::host::Outcome;

pub(super) const COMMANDS: &[Builtin] =
    &[Builtin { name: "printf", help: "FORMAT [ARGUMENT]…: print formatted text", run: printf }];

/// The widest field: more is a mistake.
const MAX_WIDTH: usize = 1000;

/// The most times that a format is used over, for many arguments.
const MAX_TURNS: usize = 100_000;

fn printf(_: &mut Context<'_>, args: &[String]) -> Outcome {
    let args = if args.first().is_some_and(|arg| arg == "--") { &args[1..] } else { args };
    let Some((format, arguments)) = args.split_first() else {
        return Outcome::error(2, "printf: a format is missing");
    };
    let mut printer = Printer { out: String::new(), rest: arguments, errors: String::new(), stopped: false };
    for _ in 0..MAX_TURNS {
        let before = printer.rest.len();
        printer.once(format);
        if printer.stopped || printer.rest.is_empty() || printer.rest.len() == before {
            break;
        }
    }
    Outcome { exit_code: i32::from(!printer.errors.is_empty()), stdout: printer.out, stderr: printer.errors }
}

struct Printer<'a> {
    out: String,
    rest: &'a [String],
    errors: String,
    stopped: bool,
}

impl Printer<'_> {
    fn once(&mut self, format: &str) {
        let mut rest = format;
        while let Some(at) = rest.find('%') {
            self.escaped(&rest[..at]);
            rest = &rest[at + 1..];
            if self.stopped {
                return;
            }
            let flags_end = rest.find(|c| !"-+ 0#".contains(c)).unwrap_or(rest.len());
            let (flags, tail) = rest.split_at(flags_end);
            let width_end = tail.find(|c: char| !c.is_ascii_digit()).unwrap_or(tail.len());
            let (width, mut tail) = tail.split_at(width_end);
            let mut precision = None;
            if let Some(after) = tail.strip_prefix('.') {
                let end = after.find(|c: char| !c.is_ascii_digit()).unwrap_or(after.len());
                precision = Some(after[..end].parse().unwrap_or(0));
                tail = &after[end..];
            }
            let Some(kind) = tail.chars().next() else {
                self.errors.push_str("printf: a `%` lacks its letter\n");
                return;
            };
            rest = &tail[kind.len_utf8()..];
            self.field(kind, flags, width.parse().unwrap_or(0).min(MAX_WIDTH), precision);
        }
        self.escaped(rest);
    }

    fn escaped(&mut self, text: &str) {
        let (text, stopped) = unescape(text);
        self.out.push_str(&text);
        self.stopped |= stopped;
    }

    fn field(&mut self, kind: char, flags: &str, width: usize, precision: Option<usize>) {
        if kind == '%' {
            self.out.push('%');
            return;
        }
        let argument = match self.rest.split_first() {
            Some((argument, rest)) => {
                self.rest = rest;
                argument.as_str()
            }
            None => "",
        };
        let text = match kind {
            's' => argument.chars().take(precision.unwrap_or(usize::MAX)).collect(),
            'b' => unescape(argument).0,
            'q' => argument.escape_default().to_string(),
            'c' => argument.chars().take(1).collect(),
            'd' | 'i' | 'u' | 'x' | 'X' | 'o' => self.number(kind, argument, flags.contains('+')),
            'f' => self.decimal(argument, precision.unwrap_or(6)),
            other => {
                self.errors.push_str(&format!("printf: `%{other}` is not available here\n"));
                return;
            }
        };
        let missing = " ".repeat(width.saturating_sub(text.chars().count()));
        match () {
            () if flags.contains('-') => self.out.extend([text, missing]),
            () if flags.contains('0') && kind != 's' => {
                let (sign, digits) = text.split_at(usize::from(text.starts_with(['-', '+'])));
                self.out.extend([sign, &missing.replace(' ', "0"), digits]);
            }
            () => self.out.extend([missing, text]),
        }
    }

    fn number(&mut self, kind: char, argument: &str, plus: bool) -> String {
        let value = match argument.trim().parse::<i64>() {
            Ok(value) => value,
            Err(_) if argument.is_empty() => 0,
            Err(_) => {
                self.errors.push_str(&format!("printf: `{argument}` is no whole number\n"));
                0
            }
        };
        match kind {
            'x' => format!("{value:x}"),
            'X' => format!("{value:X}"),
            'o' => format!("{value:o}"),
            _ if plus => format!("{value:+}"),
            _ => value.to_string(),
        }
    }

    fn decimal(&mut self, argument: &str, precision: usize) -> String {
        let value = argument.trim().parse::<f64>().unwrap_or_else(|_| {
            if !argument.is_empty() {
                self.errors.push_str(&format!("printf: `{argument}` is no number\n"));
            }
            0.0
        });
        format!("{value:.0$}", precision.min(30))
    }
}

/// The text without backslash escapes; `true` if a `\c` ended it.
pub(super) fn unescape(text: &str) -> (String, bool) {
    let mut out = String::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        match chars.next() {
            Some('n') => out.push('\n'),
            Some('t') => out.push('\t'),
            Some('r') => out.push('\r'),
            Some('a') => out.push('\u{7}'),
            Some('e') => out.push('\u{1b}'),
            Some('0') => {
                let digits: String = chars.clone().take(3).take_while(|c| ('0'..='7').contains(c)).collect();
                chars = chars.as_str()[digits.len()..].chars();
                out.extend(u32::from_str_radix(&digits, 8).ok().and_then(char::from_u32));
            }
            Some('c') => return (out, true),
            Some('\\') => out.push('\\'),
            Some(other) => out.extend(['\\', other]),
            None => out.push('\\'),
        }
    }
    (out, false)
}
