//! Commands about the shell itself: variables, aliases, options; and `read`, which is refused.

use super::{Builtin, Context};
use crate::host::Outcome;

pub(super) const COMMANDS: &[Builtin] = &[
    Builtin { name: "alias", help: "[NAME=COMMAND]: a short name for the start of a command", run: alias },
    Builtin { name: "export", help: "NAME[=VALUE]…: set variables", run: export },
    Builtin { name: "read", help: "is refused: nobody is there to type", run: read },
    Builtin { name: "set", help: "[-e] [-u] [-o pipefail]: when a script stops by itself", run: set },
    Builtin { name: "unset", help: "NAME…: forget variables", run: unset },
];

fn export(context: &mut Context<'_>, args: &[String]) -> Outcome {
    for arg in args {
        let (name, value) = arg.split_once('=').map_or((arg.as_str(), None), |(name, value)| (name, Some(value)));
        if !is_name(name) {
            return Outcome::error(1, format!("export: `{name}` is no name of a variable"));
        }
        if let Some(value) = value {
            context.shell.vars.insert(name.to_owned(), value.to_owned());
        }
    }
    Outcome::default()
}

fn is_name(name: &str) -> bool {
    !name.is_empty()
        && !name.starts_with(|c: char| c.is_ascii_digit())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

fn unset(context: &mut Context<'_>, args: &[String]) -> Outcome {
    for name in args {
        context.shell.vars.remove(name);
    }
    Outcome::default()
}

fn alias(context: &mut Context<'_>, args: &[String]) -> Outcome {
    let mut text = String::new();
    if args.is_empty() {
        for (name, meaning) in &context.shell.aliases {
            text.push_str(&format!("alias {name}='{meaning}'\n"));
        }
    }
    for arg in args {
        match arg.split_once('=') {
            Some((name, meaning)) => _ = context.shell.aliases.insert(name.to_owned(), meaning.to_owned()),
            None => match context.shell.aliases.get(arg) {
                Some(meaning) => text.push_str(&format!("alias {arg}='{meaning}'\n")),
                None => return Outcome::error(1, format!("alias: {arg}: not found")),
            },
        }
    }
    Outcome::ok(text)
}

fn set(context: &mut Context<'_>, args: &[String]) -> Outcome {
    let mut args = args.iter();
    while let Some(arg) = args.next() {
        let on = arg.starts_with('-');
        if !on && !arg.starts_with('+') {
            return Outcome::error(2, "set: arguments of a script are not available here");
        }
        for letter in arg[1..].chars() {
            let options = &mut context.shell.options;
            let switch = match letter {
                'e' => &mut options.errexit,
                'u' => &mut options.nounset,
                'o' => match args.next().map(String::as_str) {
                    Some("pipefail") => &mut options.pipefail,
                    Some("errexit") => &mut options.errexit,
                    Some("nounset") => &mut options.nounset,
                    _ => return Outcome::error(2, "set: -o takes pipefail, errexit or nounset here"),
                },
                other => {
                    return Outcome::error(
                        2,
                        format!("set: -{other} is not available here (there are -e, -u, -o pipefail)"),
                    );
                }
            };
            *switch = on;
        }
    }
    Outcome::default()
}

fn read(_: &mut Context<'_>, _: &[String]) -> Outcome {
    Outcome::error(1, "read: not available here, as nobody is there to type: use `for NAME in $(…)`")
}
