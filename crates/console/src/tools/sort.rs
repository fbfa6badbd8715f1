//! `sort` and `uniq`.

use std::cmp::Ordering;

use super::input;
use crate::builtins::{Builtin, Context};
use crate::flags::Flags;
use crate::host::Outcome;

pub(crate) const COMMANDS: &[Builtin] = &[
    Builtin {
        name: "sort",
        help: "[-r] [-n] [-u] [-f] [-V] [-t SIGN] [-k N] [FILE]…: sort lines",
        run: |context, args| sort(context, args).unwrap_or_else(|outcome| outcome),
    },
    Builtin {
        name: "uniq",
        help: "[-c] [-d] [-u] [-i]: one of each run of equal lines",
        run: |context, args| uniq(context, args).unwrap_or_else(|outcome| outcome),
    },
];

/// A key of `-k`: fields from 1, and letters of its own.
struct Key {
    first: usize,
    last: usize,
    letters: String,
}

fn sort(context: &mut Context<'_>, args: &[String]) -> Result<Outcome, Outcome> {
    let long = [
        ("reverse", 'r'),
        ("numeric-sort", 'n'),
        ("unique", 'u'),
        ("key", 'k'),
        ("field-separator", 't'),
        ("ignore-case", 'f'),
        ("version-sort", 'V'),
    ];
    let flags = Flags::parse("sort", args, "rnufVhbsk:t:", &long)?;
    let keys = flags
        .values('k')
        .map(|text| key(text).ok_or_else(|| Outcome::error(2, format!("sort: `{text}` is no key (2 or 2,3n)"))));
    let keys: Vec<Key> = keys.collect::<Result<_, _>>()?;
    let general: String = "rnfVh".chars().filter(|letter| flags.has(*letter)).collect();
    let separator = flags.value('t').and_then(|text| text.chars().next());
    let compare = |left: &&str, right: &&str| {
        for key in &keys {
            let letters = if key.letters.is_empty() { &general } else { &key.letters };
            let order = by(letters, field(left, key, separator), field(right, key, separator));
            if order != Ordering::Equal {
                return order;
            }
        }
        if keys.is_empty() { by(&general, left, right) } else { Ordering::Equal }
    };
    let text = input(context, "sort", &flags.words)?;
    let mut lines: Vec<&str> = text.lines().collect();
    // Lines that compare as equal are put in the order of their bytes, so that the result depends on nothing else.
    let last_resort = |left: &&str, right: &&str| if flags.has('r') { right.cmp(left) } else { left.cmp(right) };
    lines.sort_by(|left, right| {
        compare(left, right)
            .then_with(|| if flags.has('u') || flags.has('s') { Ordering::Equal } else { last_resort(left, right) })
    });
    if flags.has('u') {
        lines.dedup_by(|right, left| compare(left, right) == Ordering::Equal);
    }
    Ok(Outcome::ok(lines.into_iter().map(|line| format!("{line}\n")).collect::<String>()))
}

fn key(text: &str) -> Option<Key> {
    let (first, last) = text.split_once(',').map_or((text, None), |(first, last)| (first, Some(last)));
    let parse = |text: &str| {
        let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
        // `2.1` starts at a character of the field; whole fields are near enough.
        let field = digits.split('.').next()?.parse::<usize>().ok()?;
        Some((field, text[digits.len()..].to_owned()))
    };
    let (first, mut letters) = parse(first)?;
    let last = match last {
        None => usize::MAX,
        Some(last) => {
            let (last, more) = parse(last)?;
            letters.push_str(&more);
            last
        }
    };
    letters.retain(|letter| letter != 'b');
    (first > 0).then_some(Key { first, last, letters })
}

/// The part of a line that a key is about.
fn field<'a>(line: &'a str, key: &Key, separator: Option<char>) -> &'a str {
    let starts: Vec<(usize, usize)> = match separator {
        Some(separator) => {
            let mut start = 0;
            let parts = line.split(separator).map(|part| {
                let range = (start, start + part.len());
                start += part.len() + separator.len_utf8();
                range
            });
            parts.collect()
        }
        None => line
            .split_whitespace()
            .map(|part| {
                let start = part.as_ptr() as usize - line.as_ptr() as usize;
                (start, start + part.len())
            })
            .collect(),
    };
    let Some((start, _)) = starts.get(key.first - 1) else { return "" };
    let end = if key.last == usize::MAX {
        line.len()
    } else {
        starts.get(key.last.max(key.first) - 1).map_or(line.len(), |range| range.1)
    };
    &line[*start..end]
}

fn by(letters: &str, left: &str, right: &str) -> Ordering {
    let order = match () {
        () if letters.contains('n') || letters.contains('h') => number(left).cmp(&number(right)),
        () if letters.contains('V') => version(left).cmp(&version(right)),
        () if letters.contains('f') => left.to_uppercase().cmp(&right.to_uppercase()),
        () => left.cmp(right),
    };
    if letters.contains('r') { order.reverse() } else { order }
}

/// The number at the start of a text, in thousandths, with the units of `-h`.
fn number(text: &str) -> i128 {
    let text = text.trim_start();
    let (negative, text) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (whole, fraction) = text[..end].split_once('.').unwrap_or((&text[..end], ""));
    let whole: i128 = whole.chars().take(20).collect::<String>().parse().unwrap_or(0);
    let fraction: i128 = format!("{fraction:0<3.3}").parse().unwrap_or(0);
    let scale = match text[end..].chars().next() {
        Some('K' | 'k') => 1 << 10,
        Some('M') => 1 << 20,
        Some('G') => 1 << 30,
        Some('T') => 1i128 << 40,
        _ => 1,
    };
    let value = (whole * 1000 + fraction) * scale;
    if negative { -value } else { value }
}

/// Digits and the rest in turn, so that web-10 comes after web-9.
fn version(text: &str) -> Vec<(String, u64)> {
    let mut parts = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let letters = rest.find(|c: char| c.is_ascii_digit()).unwrap_or(rest.len());
        let (word, tail) = rest.split_at(letters);
        let digits = tail.find(|c: char| !c.is_ascii_digit()).unwrap_or(tail.len());
        parts.push((word.to_owned(), tail[..digits].parse().unwrap_or(u64::MAX)));
        rest = &tail[digits..];
    }
    parts
}

fn uniq(context: &mut Context<'_>, args: &[String]) -> Result<Outcome, Outcome> {
    let flags = Flags::parse(
        "uniq",
        args,
        "cdui",
        &[("count", 'c'), ("repeated", 'd'), ("unique", 'u'), ("ignore-case", 'i')],
    )?;
    let text = input(context, "uniq", &flags.words)?;
    let same =
        |left: &str, right: &str| left == right || (flags.has('i') && left.to_lowercase() == right.to_lowercase());
    let mut runs: Vec<(&str, usize)> = Vec::new();
    for line in text.lines() {
        match runs.last_mut() {
            Some((before, count)) if same(before, line) => *count += 1,
            _ => runs.push((line, 1)),
        }
    }
    let kept = runs.into_iter().filter(|(_, count)| !(flags.has('d') && *count < 2 || flags.has('u') && *count > 1));
    let print = |(line, count)| if flags.has('c') { format!("{count:7} {line}\n") } else { format!("{line}\n") };
    Ok(Outcome::ok(kept.map(print).collect::<String>()))
}
