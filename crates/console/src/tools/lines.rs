//! `head`, `tail`, `wc`, `cut`: some of the lines, how many there are, parts of each.

use super::{input, inputs};
use crate::builtins::{Builtin, Context};
use crate::flags::Flags;
use crate::host::Outcome;

pub(crate) const COMMANDS: &[Builtin] = &[
    Builtin {
        name: "cut",
        help: "-d SIGN -f LIST | -c LIST [FILE]…: print parts of lines",
        run: |context, args| cut(context, args).unwrap_or_else(|outcome| outcome),
    },
    Builtin {
        name: "head",
        help: "[-n N] [FILE]…: print the first lines",
        run: |context, args| ends(context, args, "head").unwrap_or_else(|outcome| outcome),
    },
    Builtin {
        name: "tail",
        help: "[-n N | -n +N] [FILE]…: print the last lines",
        run: |context, args| ends(context, args, "tail").unwrap_or_else(|outcome| outcome),
    },
    Builtin {
        name: "wc",
        help: "[-l] [-w] [-c] [FILE]…: count lines, words, bytes",
        run: |context, args| wc(context, args).unwrap_or_else(|outcome| outcome),
    },
];

fn ends(context: &mut Context<'_>, args: &[String], tool: &str) -> Result<Outcome, Outcome> {
    // `-5` is an old way to say `-n 5`.
    let number = |arg: &String| arg.len() > 1 && arg.starts_with('-') && arg[1..].bytes().all(|b| b.is_ascii_digit());
    let args: Vec<String> =
        args.iter().map(|arg| if number(arg) { format!("-n{}", &arg[1..]) } else { arg.clone() }).collect();
    let flags = Flags::parse(tool, &args, "n:c:fqv", &[("lines", 'n'), ("bytes", 'c'), ("follow", 'f')])?;
    let (unit, count) = match (flags.value('n'), flags.value('c')) {
        (_, Some(count)) => ('c', count),
        (count, None) => ('n', count.unwrap_or("10")),
    };
    let sign = count.chars().next().filter(|sign| matches!(sign, '+' | '-'));
    let digits = count.trim_start_matches(['+', '-']);
    let count: usize = digits.parse().map_err(|_| Outcome::error(1, format!("{tool}: `{count}` is no number")))?;
    let texts = inputs(context, tool, &flags.words)?;
    let many = texts.len() > 1;
    let mut out = String::new();
    for (at, (name, text)) in texts.iter().enumerate() {
        if many {
            out.push_str(&format!("{}==> {name} <==\n", if at > 0 { "\n" } else { "" }));
        }
        let pieces: Vec<&str> = if unit == 'n' {
            text.split_inclusive('\n').collect()
        } else {
            text.split("").filter(|c| !c.is_empty()).collect()
        };
        let total = pieces.len();
        let range = match (tool, sign) {
            ("head", Some('-')) => 0..total.saturating_sub(count),
            ("head", _) => 0..count.min(total),
            (_, Some('+')) => count.saturating_sub(1).min(total)..total,
            _ => total.saturating_sub(count)..total,
        };
        pieces[range].iter().for_each(|piece| out.push_str(piece));
    }
    Ok(Outcome::ok(out))
}

fn wc(context: &mut Context<'_>, args: &[String]) -> Result<Outcome, Outcome> {
    let flags = Flags::parse("wc", args, "lwcm", &[("lines", 'l'), ("words", 'w'), ("bytes", 'c'), ("chars", 'm')])?;
    let all = !['l', 'w', 'c', 'm'].into_iter().any(|letter| flags.has(letter));
    let texts = inputs(context, "wc", &flags.words)?;
    let mut totals = [0; 4];
    let mut rows = Vec::new();
    for (name, text) in &texts {
        let counts = [text.matches('\n').count(), text.split_whitespace().count(), text.chars().count(), text.len()];
        totals.iter_mut().zip(counts).for_each(|(total, count)| *total += count);
        rows.push((counts, name.as_str()));
    }
    if rows.len() > 1 {
        rows.push((totals, "total"));
    }
    let shown = [all || flags.has('l'), all || flags.has('w'), flags.has('m'), all || flags.has('c')];
    let single = rows.len() == 1 && shown.iter().filter(|shown| **shown).count() == 1;
    let width = if single {
        0
    } else {
        totals.iter().map(|total| total.to_string().len()).max().unwrap_or(0).max(if flags.words.is_empty() {
            7
        } else {
            0
        })
    };
    let mut out = String::new();
    for (counts, name) in rows {
        let columns: Vec<String> =
            counts.iter().zip(shown).filter(|(_, shown)| *shown).map(|(count, _)| format!("{count:width$}")).collect();
        out.push_str(&columns.join(" "));
        if !flags.words.is_empty() {
            out.push_str(&format!(" {name}"));
        }
        out.push('\n');
    }
    Ok(Outcome::ok(out))
}

fn cut(context: &mut Context<'_>, args: &[String]) -> Result<Outcome, Outcome> {
    let long = [("delimiter", 'd'), ("fields", 'f'), ("characters", 'c'), ("bytes", 'b'), ("only-delimited", 's')];
    let flags = Flags::parse("cut", args, "d:f:c:b:s", &long)?;
    let list = flags.value('f').or(flags.value('c')).or(flags.value('b'));
    let list = list.ok_or_else(|| Outcome::error(1, "cut: needs -f, -c or -b with a list"))?;
    let ranges =
        ranges(list).ok_or_else(|| Outcome::error(1, format!("cut: `{list}` is no list of positions (1,3-5)")))?;
    let delimiter = flags.value('d').unwrap_or("\t");
    if delimiter.chars().count() != 1 {
        return Err(Outcome::error(1, "cut: the delimiter must be one character"));
    }
    let wanted = |at: usize| ranges.iter().any(|(from, to)| (*from..=*to).contains(&(at + 1)));
    let mut out = String::new();
    for line in input(context, "cut", &flags.words)?.lines() {
        if !flags.has('f') {
            out.extend(line.chars().enumerate().filter(|(at, _)| wanted(*at)).map(|(_, c)| c));
        } else if line.contains(delimiter) {
            let fields = line.split(delimiter).enumerate().filter(|(at, _)| wanted(*at)).map(|(_, field)| field);
            out.push_str(&fields.collect::<Vec<_>>().join(delimiter));
        } else if flags.has('s') {
            continue;
        } else {
            out.push_str(line);
        }
        out.push('\n');
    }
    Ok(Outcome::ok(out))
}

/// `1,3-5,7-` as ranges from 1.
fn ranges(list: &str) -> Option<Vec<(usize, usize)>> {
    let range = |part: &str| {
        let (from, to) = part.split_once('-').unwrap_or((part, part));
        let from = if from.is_empty() { 1 } else { from.parse().ok()? };
        let to = if to.is_empty() { usize::MAX } else { to.parse().ok()? };
        (from > 0 && from <= to && part != "-").then_some((from, to))
    };
    list.split(',').map(range).collect()
}
