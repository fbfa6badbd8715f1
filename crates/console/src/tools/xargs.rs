//! `xargs`: from its input to the commands it stands for. The machine runs them.

use crate::host::Outcome;

/// The most commands that one `xargs` may stand for.
const MAX_COMMANDS: usize = 10_000;

/// The commands to run, in order.
pub(crate) fn commands(args: &[String], stdin: &str) -> Result<Vec<Vec<String>>, Outcome> {
    let mut at = 0;
    let (mut each, mut replace, mut run_empty, mut delimiter) = (None, None, true, None);
    while let Some(option) = args.get(at).filter(|arg| arg.len() > 1 && arg.starts_with('-')) {
        at += 1;
        let letter = option.chars().nth(1).unwrap_or_default();
        let mut value = || match &option[1 + letter.len_utf8()..] {
            "" => {
                at += 1;
                args.get(at - 1)
                    .cloned()
                    .ok_or_else(|| Outcome::error(1, format!("xargs: option '-{letter}' needs a value")))
            }
            inside => Ok(inside.to_owned()),
        };
        match letter {
            'n' | 'L' => each = Some(value()?),
            'I' | 'i' => replace = Some(value()?),
            'd' => delimiter = Some(value()?),
            'r' | 't' => run_empty &= letter != 'r',
            '-' if option == "--no-run-if-empty" => run_empty = false,
            _ => return Err(Outcome::error(1, format!("xargs: option '{option}' is not available here"))),
        }
    }
    let echo = ["echo".to_owned()];
    let command = if at < args.len() { &args[at..] } else { &echo };
    if let Some(sign) = replace {
        let lines = stdin.lines().map(str::trim).filter(|line| !line.is_empty());
        let commands = lines.map(|line| command.iter().map(|word| word.replace(&sign, line)).collect());
        return limited(commands.collect());
    }
    let items = match delimiter.as_deref() {
        None => stdin.split_whitespace().map(|item| item.trim_matches(['"', '\'']).to_owned()).collect(),
        Some(sign) => {
            let sign = if sign == "\\n" { "\n" } else { sign };
            stdin.trim_end_matches('\n').split(sign).map(str::to_owned).collect::<Vec<_>>()
        }
    };
    if items.is_empty() {
        // As GNU has it: once without arguments, unless -r.
        return Ok(if run_empty { vec![command.to_vec()] } else { Vec::new() });
    }
    let each = match each {
        None => items.len(),
        Some(text) => match text.parse::<usize>() {
            Ok(number) if number > 0 => number,
            _ => return Err(Outcome::error(1, format!("xargs: -n needs a number, not `{text}`"))),
        },
    };
    limited(items.chunks(each).map(|chunk| [command, chunk].concat()).collect())
}

fn limited(commands: Vec<Vec<String>>) -> Result<Vec<Vec<String>>, Outcome> {
    if commands.len() > MAX_COMMANDS {
        return Err(Outcome::error(1, format!("xargs: more than {MAX_COMMANDS} commands")));
    }
    Ok(commands)
}
