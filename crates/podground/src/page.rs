//! `podground run PAGE.md`: the commands of a Markdown page, in order, with time moving on between them.

use crate::exec;
use crate::folder::DiskFolder;
use crate::options::Invocation;
use console::page::{self, Page};
use playback::{Input, Scenario, Session};
use sim::SimDuration;
use std::collections::BTreeSet;

/// A reader looks at the result of a command before typing the next one: time moves on until the cluster has come to
/// rest, but no longer than this.
const PATIENCE: SimDuration = SimDuration::from_secs(120);

/// What a command exits with that is not available here.
const NOT_AVAILABLE: i32 = 127;

/// Runs it; answers with the exit code, or with why it could not begin.
pub fn main(args: lexopt::Parser) -> Result<i32, String> {
    let invocation = Invocation::parse(args)?;
    if invocation.json {
        return Err("--json is an option of exec".to_owned());
    }
    let path = invocation.path.as_deref().ok_or("which page? podground run PAGE.md")?;
    let markdown =
        String::from_utf8_lossy(&std::fs::read(path).map_err(|error| format!("{}: {error}", path.display()))?)
            .into_owned();
    let mut page = page::read(&markdown);
    page.imply_applies();
    let scenario = Scenario { options: invocation.cluster.clone(), ..Scenario::default() };
    let mut session = Session::over(scenario, DiskFolder::new(invocation.files)).forward_only();
    for file in &page.files {
        putln!("# {} (line {}): {}", file.name, file.line, file.why_name);
    }
    let mut missing = BTreeSet::new();
    for at in 0..page.steps.len() {
        let code = step(&mut session, &page, at, invocation.fail_fast, &mut missing);
        if code != 0 {
            return Ok(code);
        }
    }
    check(&page);
    close(&page, &missing);
    Ok(0)
}

/// Runs one command of the page. The answer is not 0 only if the page is to stop there.
fn step(session: &mut Session, page: &Page, at: usize, fail_fast: bool, missing: &mut BTreeSet<String>) -> i32 {
    let step = &page.steps[at];
    putln!("\n# line {}", step.line);
    if let Some(note) = &step.note {
        putln!("# {note}");
    }
    for file in page.files_before(at) {
        session.input(Input::WriteFile { path: file.name.as_str().into(), content: file.text.as_str().into() });
    }
    if let Some(why) = &step.not_run {
        putln!("$ {}\n# {why}", step.command);
        missing.insert(format!("line {}: {} ({why})", step.line, first_line(&step.command)));
        return 0;
    }
    let show = |result: &console::CommandResult| {
        if result.exit_code == NOT_AVAILABLE {
            let why = result.stderr.lines().next().unwrap_or("not available here");
            missing.insert(format!("line {}: {} ({why})", step.line, first_line(&result.command)));
        }
        // Both streams, as a terminal shows them: the page's reader sees one transcript.
        put!("$ {}\n{}{}", result.command, result.stdout, result.stderr);
    };
    let begun = session.cluster().now();
    // A watch has no end of its own: a reader stops it once nothing moves any more.
    let bored = |session: &Session| {
        let rest = session.cluster().next_progress_at().is_none();
        session.waits_without_end() && (rest || session.cluster().now().since(begun) >= PATIENCE)
    };
    let code = exec::play(session, &step.command, fail_fast, show, bored);
    if let Some(error) = session.syntax_error() {
        putln!("$ {}\n{error}", step.command);
    }
    session.settle(PATIENCE);
    code
}

fn first_line(command: &str) -> &str {
    command.lines().next().unwrap_or("")
}

/// What is wrong with the page's manifests, with the line of the page.
fn check(page: &Page) {
    for file in &page.files {
        for finding in manifest::check(&file.name, &file.text) {
            let line = file.line as usize + finding.span.start.line - 1;
            putln!("\n# line {line} ({}): {}", file.name, finding.message);
            if let Some(hint) = &finding.hint {
                putln!("#   {hint}");
            }
        }
    }
}

/// What the reader should know of the page as a whole.
fn close(page: &Page, missing: &BTreeSet<String>) {
    if !page.notes.is_empty() {
        putln!("\n# notes");
        for note in &page.notes {
            putln!("# line {}: {}", note.line, note.text);
        }
    }
    if page.steps.is_empty() {
        putln!("\n# this page has neither commands nor manifests");
    } else if missing.is_empty() {
        putln!("\n# every command of this page was run");
    } else {
        putln!("\n# not available here yet:");
        for command in missing {
            putln!("# {command}");
        }
    }
}
