//! The language's own commands: one function each, from arguments and input to what they print.

mod basics;
mod date;
mod files;
mod printf;
mod shell;
mod test;

use crate::host::Outcome;
use crate::machine::Shell;
use crate::tools;

pub use basics::CLEAR_SEQUENCE;
pub(crate) use test::double_bracket;

/// What a command may see and change.
pub(crate) struct Context<'a> {
    /// Files, variables, aliases, options.
    pub(crate) shell: &'a mut Shell,
    /// Its input.
    pub(crate) stdin: &'a str,
    /// The virtual wall clock, in Unix milliseconds.
    pub(crate) wall_clock_ms: i64,
    /// What the host knows, for `help`.
    pub(crate) host_commands: Vec<(&'static str, &'static str)>,
}

/// A command of the language.
pub(crate) struct Builtin {
    /// Its name.
    pub(crate) name: &'static str,
    /// How it is written, and what it does, for `help`.
    pub(crate) help: &'static str,
    /// Runs it.
    pub(crate) run: fn(&mut Context<'_>, &[String]) -> Outcome,
}

/// All of them, room by room.
const ALL: &[&[Builtin]] = &[
    basics::COMMANDS,
    date::COMMANDS,
    files::COMMANDS,
    printf::COMMANDS,
    shell::COMMANDS,
    test::COMMANDS,
    tools::awk::COMMANDS,
    tools::base64::COMMANDS,
    tools::grep::COMMANDS,
    tools::lines::COMMANDS,
    tools::sed::COMMANDS,
    tools::sort::COMMANDS,
    tools::tr::COMMANDS,
];

/// Those that the machine itself executes.
const MACHINE: &[(&str, &str)] = &[
    ("exit", "[N]: end the script"),
    ("sleep", "DURATION: let virtual time pass (30, 1.5m, 1h30m, 250ms)"),
    ("timeout", "DURATION COMMAND: cut a command that waits, with exit code 124"),
    ("xargs", "[-n N] [-I {}] COMMAND: run a command with its input as arguments"),
];

/// The command of this name.
pub(crate) fn find(name: &str) -> Option<&'static Builtin> {
    ALL.iter().copied().flatten().find(|builtin| builtin.name == name)
}

/// The names of all of them.
#[cfg(test)]
pub(crate) fn names() -> Vec<&'static str> {
    ALL.iter().copied().flatten().map(|builtin| builtin.name).collect()
}

/// Name and help of every command, sorted.
pub(crate) fn table(host: &[(&'static str, &'static str)]) -> Vec<(&'static str, &'static str)> {
    let own = ALL.iter().copied().flatten().map(|builtin| (builtin.name, builtin.help));
    let mut all: Vec<_> = own.chain(MACHINE.iter().copied()).chain(host.iter().copied()).collect();
    all.sort_unstable();
    all
}
