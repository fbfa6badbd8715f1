//! `podground exec`: a script of commands on a fresh cluster.

use crate::folder::DiskFolder;
use crate::options::Invocation;
use console::CommandResult;
use playback::{Scenario, Session};
use std::io::Read;
use std::path::Path;

/// Runs it; answers with the exit code, or with why it could not begin.
pub fn main(args: lexopt::Parser) -> Result<i32, String> {
    let invocation = Invocation::parse(args)?;
    let script = read(invocation.path.as_deref())?;
    let scenario = Scenario { options: invocation.cluster.clone(), ..Scenario::default() };
    let mut session = Session::over(scenario, DiskFolder::new(invocation.files)).forward_only();
    let show = if invocation.json { print_json } else { print_transcript };
    let code = play(&mut session, &script, invocation.fail_fast, show, |_| false);
    match session.syntax_error() {
        Some(error) => Err(error.to_owned()),
        None => {
            save(&session, invocation.save.as_deref())?;
            Ok(code)
        }
    }
}

/// Saves a session if a file is given for it.
fn save(session: &Session, path: Option<&Path>) -> Result<(), String> {
    let Some(path) = path else { return Ok(()) };
    std::fs::write(path, session.saved() + "\n").map_err(|error| format!("{}: {error}", path.display()))
}

/// The text of a file, or of standard input.
pub fn read(path: Option<&Path>) -> Result<String, String> {
    let bytes = match path {
        Some(path) => std::fs::read(path).map_err(|error| format!("{}: {error}", path.display()))?,
        None => {
            let mut bytes = Vec::new();
            std::io::stdin().read_to_end(&mut bytes).map_err(|error| format!("standard input: {error}"))?;
            bytes
        }
    };
    let name = path.map_or_else(|| "standard input".to_owned(), |path| path.display().to_string());
    String::from_utf8(bytes).map_err(|_| format!("{name}: this is no text (not UTF-8)"))
}

/// Runs a script to its end, showing each command as it finishes. With `fail_fast` the first failure ends it, and
/// its exit code is the answer; else 0. Between any two things that happen `interrupt` is asked whether to press
/// Ctrl-C.
pub fn play(
    session: &mut Session,
    script: &str,
    fail_fast: bool,
    mut show: impl FnMut(&CommandResult),
    mut interrupt: impl FnMut(&Session) -> bool,
) -> i32 {
    let mut shown = session.results(0).count();
    session.run(script);
    loop {
        let finished: Vec<CommandResult> = session.results(shown).cloned().collect();
        shown += finished.len();
        for result in &finished {
            show(result);
            if fail_fast && result.exit_code != 0 && !result.tested {
                return result.exit_code;
            }
        }
        if !session.is_busy() {
            return session.exit_by_command().unwrap_or(0);
        }
        if interrupt(session) {
            session.interrupt();
        } else {
            session.pump();
        }
    }
}

/// A command and what it printed.
pub fn print_transcript(result: &CommandResult) {
    put!("$ {}\n{}", result.command, result.stdout);
    eprint!("{}", result.stderr);
}

fn print_json(result: &CommandResult) {
    putln!("{}", result.to_json_line());
}
