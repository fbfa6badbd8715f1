//! `echo`, `true`, `false`, `:`, `seq`, `clear`, `help`.

use super::{Builtin, Context, table};
use crate::host::Outcome;

/// The most numbers that `seq` prints.
const MAX_NUMBERS: u64 = 100_000;

pub(super) const COMMANDS: &[Builtin] = &[
    Builtin { name: ":", help: "do nothing, successfully", run: |_, _| Outcome::default() },
    Builtin { name: "clear", help: "clear the console", run: clear },
    Builtin { name: "echo", help: "[-n] [-e] TEXT…: print text", run: echo },
    Builtin { name: "false", help: "fail", run: |_, _| Outcome { exit_code: 1, ..Outcome::default() } },
    Builtin { name: "help", help: "list the commands", run: help },
    Builtin { name: "seq", help: "[-s SEPARATOR] [-w] [FIRST [STEP]] LAST: print numbers", run: seq },
    Builtin { name: "true", help: "succeed", run: |_, _| Outcome::default() },
];

/// What `clear` prints: home, and erase all, as a terminal understands it.
pub const CLEAR_SEQUENCE: &str = "\u{1b}[H\u{1b}[2J\u{1b}[3J";

fn clear(_: &mut Context<'_>, _: &[String]) -> Outcome {
    Outcome::ok(CLEAR_SEQUENCE)
}

fn echo(_: &mut Context<'_>, args: &[String]) -> Outcome {
    let is_option =
        |arg: &&String| arg.len() > 1 && arg.starts_with('-') && arg[1..].chars().all(|c| "neE".contains(c));
    let options: String = args.iter().take_while(is_option).map(|arg| &arg[1..]).collect();
    let words = &args[args.iter().take_while(is_option).count()..];
    let mut text = words.join(" ");
    if options.contains('e') {
        let (unescaped, stopped) = super::printf::unescape(&text);
        if stopped {
            return Outcome::ok(unescaped);
        }
        text = unescaped;
    }
    if !options.contains('n') {
        text.push('\n');
    }
    Outcome::ok(text)
}

fn seq(_: &mut Context<'_>, args: &[String]) -> Outcome {
    let mut separator = "\n".to_owned();
    let mut equal_width = false;
    let mut args = args;
    loop {
        args = match args {
            [option, value, rest @ ..] if option == "-s" => {
                separator.clone_from(value);
                rest
            }
            [option, rest @ ..] if option == "-w" => {
                equal_width = true;
                rest
            }
            _ => break,
        };
    }
    let mut numbers = Vec::new();
    for arg in args {
        match arg.parse::<i64>() {
            Ok(number) => numbers.push(number),
            Err(_) => return Outcome::error(1, format!("seq: `{arg}` is no whole number")),
        }
    }
    let (first, step, last) = match numbers[..] {
        [last] => (1, 1, last),
        [first, last] => (first, 1, last),
        [first, step, last] => (first, step, last),
        _ => return Outcome::error(1, "seq: needs LAST, FIRST LAST or FIRST STEP LAST"),
    };
    if step == 0 {
        return Outcome::error(1, "seq: the step cannot be 0");
    }
    if (step > 0) != (last >= first) && first != last {
        return Outcome::default();
    }
    let count = (first.abs_diff(last) / step.unsigned_abs()).saturating_add(1);
    if count > MAX_NUMBERS {
        return Outcome::error(1, format!("seq: more than {MAX_NUMBERS} numbers"));
    }
    let numbers: Vec<String> =
        (0..i128::from(count)).map(|i| (i128::from(first) + i * i128::from(step)).to_string()).collect();
    let width = if equal_width { numbers.iter().map(String::len).max().unwrap_or(0) } else { 0 };
    let numbers: Vec<String> = numbers.into_iter().map(|number| format!("{number:0>width$}")).collect();
    Outcome::ok(numbers.join(&separator) + "\n")
}

fn help(context: &mut Context<'_>, args: &[String]) -> Outcome {
    let all = table(&context.host_commands);
    if let Some(name) = args.first() {
        return match all.iter().find(|(known, _)| known == name) {
            Some((name, help)) => Outcome::ok(format!("{}\n", line(name, help, 0))),
            None => Outcome::error(1, format!("help: no command {name}")),
        };
    }
    let width = all.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    let lines: Vec<String> = all.iter().map(|(name, help)| line(name, help, width)).collect();
    Outcome::ok(lines.join("\n") + "\n")
}

fn line(name: &str, help: &str, width: usize) -> String {
    format!("{name:width$}  {help}")
}
