//! Chores of the project: `cargo xtask help` lists them.
//!
//! Every chore is a plain function over [`project::Project`]. Nothing here is shipped, so this crate may use files,
//! processes, threads and the clock; its own `clippy.toml` says so.

mod bench;
mod bless;
mod dist;
mod doctor;
mod fuzz;
mod page;
mod process;
mod project;
mod scaffold;
mod serve;
mod setup;
mod test;
mod tidy;

use project::Project;
use std::process::ExitCode;

/// What a chore returns: an error is a sentence (or a few) for the person who typed the command.
pub type Result<T> = std::result::Result<T, String>;

const HELP: &str = "\
cargo xtask COMMAND

  serve [--port N] [--watch]   set up what is missing, build the page, serve it (--watch: rebuild on every change)
  test [STEP…]                 everything CI runs; with names, only these steps (see `cargo xtask test --list`)
  bless [FILTER]               rewrite the expectations of tests, then show what changed
  tidy                         layers, bans, docs, lengths, lists, links
  dist                         the folder to host, the offline file; prints sizes against their budgets
  bench                        all benchmarks of the native build; writes their figures into BENCHMARKS.md
  new KIND NAME                start a controller, plugin, verb or panel from its template
  fuzz [--seeds N|--seed N]    seeded runs with faults, every rule looked at after every step
  doctor                       what is there, what is missing, what would be done about it
  setup [--test]               only set up what is missing (--test: the browser for tests too)
  screenshot                   make the picture of the page in README.md anew
";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match dispatch(&args) {
        Ok(code) => code,
        Err(message) => {
            eprintln!("\nerror: {message}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch(args: &[String]) -> Result<ExitCode> {
    let project = Project::find()?;
    let (command, rest) = match args.split_first() {
        Some((command, rest)) => (command.as_str(), rest),
        None => ("help", args),
    };
    match command {
        "serve" => serve::run(&project, rest)?,
        "test" => return test::run(&project, rest),
        "bless" => bless::run(&project, rest)?,
        "tidy" => tidy::run(&project)?,
        "dist" => dist::run(&project)?,
        "bench" => bench::run(&project, rest)?,
        "new" => scaffold::run(&project, rest)?,
        "doctor" => doctor::run(&project),
        "fuzz" => fuzz::run(&project, rest)?,
        "setup" => setup::run(&project, rest)?,
        "screenshot" => page::screenshot(&project)?,
        "help" | "--help" | "-h" => print!("{HELP}"),
        other => return Err(format!("there is no command {other:?}\n\n{HELP}")),
    }
    Ok(ExitCode::SUCCESS)
}
