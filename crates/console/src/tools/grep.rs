//! `grep`: the lines that match.

use regex_lite::Regex;

use super::{inputs, regex};
use crate::builtins::{Builtin, Context};
use crate::flags::Flags;
use crate::host::Outcome;

pub(crate) const COMMANDS: &[Builtin] = &[
    Builtin { name: "egrep", help: "PATTERN [FILE]…: grep -E", run: |context, args| grep(context, args, true) },
    Builtin {
        name: "grep",
        help: "[-ivEFocqnwxhH] [-A N] [-B N] [-C N] [-m N] PATTERN [FILE]…: print the lines that match",
        run: |context, args| grep(context, args, false),
    },
];

const LONG: &[(&str, char)] = &[
    ("ignore-case", 'i'),
    ("invert-match", 'v'),
    ("extended-regexp", 'E'),
    ("fixed-strings", 'F'),
    ("only-matching", 'o'),
    ("count", 'c'),
    ("quiet", 'q'),
    ("silent", 'q'),
    ("line-number", 'n'),
    ("word-regexp", 'w'),
    ("line-regexp", 'x'),
    ("regexp", 'e'),
    ("after-context", 'A'),
    ("before-context", 'B'),
    ("context", 'C'),
    ("max-count", 'm'),
    ("color", 'k'),
    ("no-filename", 'h'),
    ("with-filename", 'H'),
];

fn grep(context: &mut Context<'_>, args: &[String], extended: bool) -> Outcome {
    run(context, args, extended).unwrap_or_else(|outcome| outcome)
}

fn run(context: &mut Context<'_>, args: &[String], extended: bool) -> Result<Outcome, Outcome> {
    let flags = Flags::parse("grep", args, "ivEFPGocqnwxhHske:A:B:C:m:", LONG)?;
    let mut words = flags.words.clone();
    let mut patterns: Vec<String> = flags.values('e').map(str::to_owned).collect();
    if patterns.is_empty() {
        if words.is_empty() {
            return Err(Outcome::error(2, "grep: a pattern is missing"));
        }
        patterns.push(words.remove(0));
    }
    let extended = extended || flags.has('E') || flags.has('P');
    let compile = |pattern: &str| match () {
        () if flags.has('F') => regex::fixed(pattern, flags.has('i')),
        () if extended => regex::extended(pattern, flags.has('i')),
        () => regex::basic(pattern, flags.has('i')),
    };
    let regexes = patterns.iter().flat_map(|pattern| pattern.split('\n')).map(compile);
    let regexes: Vec<Regex> =
        regexes.collect::<Result<_, _>>().map_err(|error| Outcome::error(2, format!("grep: {error}")))?;
    let texts = inputs(context, "grep", &words)?;
    let with_name = flags.has('H') || (texts.len() > 1 && !flags.has('h'));
    let search = Search { flags: &flags, regexes: &regexes };
    let (mut out, mut found) = (String::new(), false);
    for (name, text) in &texts {
        let prefix = if with_name { format!("{name}:") } else { String::new() };
        found |= search.text(text, &prefix, &mut out)?;
    }
    if flags.has('q') {
        out.clear();
    }
    Ok(Outcome { exit_code: i32::from(!found), stdout: out, stderr: String::new() })
}

struct Search<'a> {
    flags: &'a Flags,
    regexes: &'a [Regex],
}

impl Search<'_> {
    fn number(&self, letter: char) -> Result<Option<usize>, Outcome> {
        let parse = |text: &str| {
            text.parse().map_err(|_| Outcome::error(2, format!("grep: -{letter} needs a number, not `{text}`")))
        };
        self.flags.value(letter).map(parse).transpose()
    }

    /// Searches one text; `true` if a line was found.
    fn text(&self, text: &str, prefix: &str, out: &mut String) -> Result<bool, Outcome> {
        let around = self.number('C')?.unwrap_or(0);
        let (before, after) = (self.number('B')?.unwrap_or(around), self.number('A')?.unwrap_or(around));
        let most = self.number('m')?.unwrap_or(usize::MAX);
        let lines: Vec<&str> = text.lines().collect();
        let hits = lines.iter().enumerate().filter(|(_, line)| self.spans(line).is_empty() == self.flags.has('v'));
        let hits: Vec<usize> = hits.map(|(at, _)| at).take(most).collect();
        if self.flags.has('c') {
            out.push_str(&format!("{prefix}{}\n", hits.len()));
            return Ok(!hits.is_empty());
        }
        let label = |at: usize, sign: char| match self.flags.has('n') {
            true => format!("{prefix}{}{sign}", at + 1),
            false => prefix.to_owned(),
        };
        let mut next = 0;
        for hit in &hits {
            if self.flags.has('o') {
                for (start, end) in self.spans(lines[*hit]) {
                    out.push_str(&format!("{}{}\n", label(*hit, ':'), &lines[*hit][start..end]));
                }
                continue;
            }
            let first = hit.saturating_sub(before).max(next);
            if next > 0 && first > next && before + after > 0 {
                out.push_str("--\n");
            }
            let last = hit.saturating_add(after).min(lines.len() - 1);
            for (at, line) in lines.iter().enumerate().take(last + 1).skip(first) {
                // A line of context that is a hit itself is printed as one, in its own turn.
                if at > *hit && hits.binary_search(&at).is_ok() {
                    break;
                }
                let sign = if at == *hit { ':' } else { '-' };
                out.push_str(&format!("{}{}\n", label(at, sign), line));
                next = at + 1;
            }
        }
        Ok(!hits.is_empty())
    }

    /// Where a line matches: not empty, and apart from each other.
    fn spans(&self, line: &str) -> Vec<(usize, usize)> {
        let mut spans = Vec::new();
        for regex in self.regexes {
            let found = regex.find_iter(line).map(|found| (found.start(), found.end()));
            spans.extend(found.filter(|(start, end)| match () {
                () if self.flags.has('x') => (*start, *end) == (0, line.len()),
                () if self.flags.has('w') => is_word(line, *start, *end),
                () => true,
            }));
        }
        spans.sort_unstable();
        if self.flags.has('o') {
            spans.retain(|(start, end)| start < end);
        }
        spans
    }
}

fn is_word(line: &str, start: usize, end: usize) -> bool {
    let word = |c: char| c.is_alphanumeric() || c == '_';
    !line[..start].ends_with(word) && !line[end..].starts_with(word)
}
