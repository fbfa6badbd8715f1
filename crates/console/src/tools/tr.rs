//! `tr`: changes or drops characters.

use crate::builtins::{Builtin, Context};
use crate::flags::Flags;
use crate::host::Outcome;

pub(crate) const COMMANDS: &[Builtin] = &[Builtin {
    name: "tr",
    help: "[-d] [-s] [-c] SET [SET]: change, drop or squeeze characters",
    run: |context, args| tr(context, args).unwrap_or_else(|outcome| outcome),
}];

fn tr(context: &mut Context<'_>, args: &[String]) -> Result<Outcome, Outcome> {
    let flags = Flags::parse("tr", args, "dscC", &[("delete", 'd'), ("squeeze-repeats", 's'), ("complement", 'c')])?;
    let sets: Vec<Vec<char>> = flags.words.iter().map(|word| set(word)).collect();
    let complement = flags.has('c') || flags.has('C');
    let inside = |set: &[char], c: char| set.contains(&c) != complement;
    let (from, to) = match (&sets[..], flags.has('d')) {
        ([from], true) => (from, None),
        ([from], false) if flags.has('s') => (from, None),
        ([from, to], _) if !to.is_empty() => (from, Some(to)),
        _ => return Err(Outcome::error(1, "tr: needs two sets, or one with -d or -s")),
    };
    let mut out = String::new();
    for c in context.stdin.chars() {
        if flags.has('d') && inside(from, c) {
            continue;
        }
        let new = match to {
            Some(to) if !flags.has('d') && inside(from, c) => {
                let at = if complement { to.len() } else { from.iter().rposition(|known| *known == c).unwrap_or(0) };
                to.get(at).or(to.last()).copied().unwrap_or(c)
            }
            _ => c,
        };
        let squeezed = match to {
            Some(to) => to.contains(&new),
            None => inside(from, new),
        };
        if !(flags.has('s') && squeezed && out.ends_with(new)) {
            out.push(new);
        }
    }
    Ok(Outcome::ok(out))
}

/// The characters of a set: ranges, classes and escapes.
fn set(text: &str) -> Vec<char> {
    let classes = [("[:upper:]", 'A'..='Z'), ("[:lower:]", 'a'..='z'), ("[:digit:]", '0'..='9')];
    let mut out = Vec::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        if let Some((name, range)) = classes.iter().find(|(name, _)| rest.starts_with(name)) {
            out.extend(range.clone());
            rest = &rest[name.len()..];
        } else if let Some(after) = rest.strip_prefix("[:space:]") {
            out.extend([' ', '\t', '\n', '\r', '\u{b}', '\u{c}']);
            rest = after;
        } else if let Some(after) = rest.strip_prefix("[:alnum:]") {
            out.extend(('0'..='9').chain('A'..='Z').chain('a'..='z'));
            rest = after;
        } else if let Some(after) = rest.strip_prefix("[:alpha:]") {
            out.extend(('A'..='Z').chain('a'..='z'));
            rest = after;
        } else if let Some(after) = rest.strip_prefix("[:punct:]") {
            out.extend((0u8..128).map(char::from).filter(char::is_ascii_punctuation));
            rest = after;
        } else {
            rest = &rest[c.len_utf8()..];
            let start = if c == '\\' { escaped(&mut rest) } else { c };
            let range = rest.strip_prefix('-').and_then(|after| Some((after.chars().next()?, after)));
            match range {
                Some((end, after)) if start <= end && end.is_ascii() => {
                    out.extend(start..=end);
                    rest = &after[end.len_utf8()..];
                }
                _ => out.push(start),
            }
        }
    }
    out
}

fn escaped(rest: &mut &str) -> char {
    let Some(c) = rest.chars().next() else { return '\\' };
    *rest = &rest[c.len_utf8()..];
    match c {
        'n' => '\n',
        't' => '\t',
        'r' => '\r',
        '0' => '\0',
        other => other,
    }
}
