//! `kubectl help`, `kubectl options` and `--help`. Models: kubectl/pkg/util/templates.

use super::{GROUPS, Verb, all};
use crate::args::Args;
use crate::call::Call;
use crate::errors::CmdError;
use crate::flags::{Flag, GLOBAL};
use crate::outcome::Outcome;

pub(super) const VERB: Verb = Verb {
    usage: "help [command] | STRING_TO_SEARCH",
    long: "Tells how a command is used.",
    run: help,
    ..Verb::named("help", "Help about any command")
};

pub(super) const OPTIONS: Verb = Verb {
    long: "Prints the flags that every command has.",
    run: |call, _| {
        call.say("The following options can be passed to any command:\n");
        let text = flags_text(GLOBAL.iter().filter(|flag| !flag.about.is_empty()));
        call.print(&text);
        Ok(Outcome::Done)
    },
    ..Verb::named("options", "Print the list of flags inherited by all commands")
};

fn help(call: &mut Call<'_>, args: &Args) -> Result<Outcome, CmdError> {
    let Some((first, rest)) = args.words.split_first() else { return overview(call, &[]) };
    let Some(mut verb) = all().find(|verb| verb.is_called(first)) else {
        return Err(CmdError::new(format!("unknown command [{first:?}]\n\nRun 'kubectl help' for usage.")));
    };
    let mut command = format!("kubectl {}", verb.name);
    for word in rest {
        let Some(sub) = verb.subs.iter().find(|sub| sub.is_called(word)) else { break };
        command = format!("{command} {}", sub.name);
        verb = sub;
    }
    print(call, &command, verb);
    Ok(Outcome::Done)
}

/// What `kubectl` alone says.
pub(super) fn overview(call: &mut Call<'_>, rest: &[String]) -> Result<Outcome, CmdError> {
    Args::parse("kubectl", &[], rest)?;
    call.say("kubectl controls the Kubernetes cluster manager.\n");
    call.say(" Here the cluster is simulated: its clock moves on only while a command waits or `sim` tells it to.\n");
    let width = padding(all().map(|verb| verb.name));
    for (title, verbs) in GROUPS {
        if verbs.is_empty() {
            continue;
        }
        call.say(format_args!("{title}:"));
        for verb in *verbs {
            call.say(format_args!("  {:<width$}{}", verb.name, verb.about));
        }
        call.say("");
    }
    call.say("Usage:\n  kubectl [flags] [options]\n");
    call.say("Use \"kubectl <command> --help\" for more information about a given command.");
    call.say("Use \"kubectl options\" for a list of global command-line options (applies to all commands).");
    Ok(Outcome::Done)
}

/// How one verb is used.
pub(super) fn print(call: &mut Call<'_>, command: &str, verb: &Verb) {
    call.print(&text(command, verb));
}

/// The help of one verb.
pub(super) fn text(command: &str, verb: &Verb) -> String {
    let mut text = format!("{}.\n\n", verb.about.trim_end_matches('.'));
    if !verb.long.is_empty() {
        for line in wrap(verb.long, 78) {
            text.push_str(&format!(" {line}\n"));
        }
        text.push('\n');
    }
    if !verb.examples.is_empty() {
        text.push_str(&format!("Examples:\n{}\n\n", verb.examples));
    }
    if !verb.subs.is_empty() {
        text.push_str("Available Commands:\n");
        let width = padding(verb.subs.iter().map(|sub| sub.name));
        for sub in verb.subs {
            text.push_str(&format!("  {:<width$}{}\n", sub.name, sub.about));
        }
        text.push('\n');
    }
    let mut flags: Vec<&Flag> = verb.flags.iter().flat_map(|group| group.iter()).collect();
    flags.sort_by_key(|flag| flag.long);
    if !flags.is_empty() {
        text.push_str("Options:\n");
        text.push_str(&flags_text(flags.into_iter()));
    }
    let parent = command.rsplit_once(' ').map_or("kubectl", |(parent, _)| parent);
    text.push_str(&format!("Usage:\n  {parent} {} [options]\n\n", verb.usage));
    if !verb.subs.is_empty() {
        text.push_str(&format!("Use \"{command} <command> --help\" for more information about a given command.\n"));
    }
    text.push_str("Use \"kubectl options\" for a list of global command-line options (applies to all commands).\n");
    text
}

/// How wide the column of commands is.
fn padding<'n>(names: impl Iterator<Item = &'n str>) -> usize {
    names.map(str::len).max().unwrap_or(0).max(11) + 3
}

fn flags_text<'f>(flags: impl Iterator<Item = &'f Flag>) -> String {
    let mut text = String::new();
    for flag in flags {
        let short = flag.short.map_or_else(|| "    ".to_owned(), |short| format!("-{short}, "));
        text.push_str(&format!("    {short}--{}={}:\n", flag.long, flag.default));
        for line in wrap(flag.about, 72) {
            text.push_str(&format!("\t{line}\n"));
        }
        text.push('\n');
    }
    text
}

fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let line = lines.last().map_or(0, String::len);
        if line > 0 && line + 1 + word.len() > width {
            lines.push(String::new());
        }
        if let Some(line) = lines.last_mut() {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
    }
    lines
}
