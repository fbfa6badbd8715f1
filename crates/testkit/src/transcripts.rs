//! Runs transcripts: Markdown whose `console` blocks are scripts with the output they must have.

use console::transcript::{self, Entry, Played};
use playback::{Input, LineKind, Scenario, Session};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// Every transcript below a folder, sorted.
pub fn find(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "md") {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// What a transcript reads when it is run now. `<!-- nodes: 4 -->` in it sets the number of nodes.
pub fn play(markdown: &str) -> String {
    let mut session = session(markdown);
    transcript::play(markdown, |entry| run(&mut session, entry))
}

fn session(markdown: &str) -> Session {
    let option = |name: &str| -> Option<u64> {
        let (_, rest) = markdown.split_once(&format!("<!-- {name}: "))?;
        rest.split_once(" -->")?.0.parse().ok()
    };
    let mut scenario = Scenario::default();
    if let Some(nodes) = option("nodes").and_then(|n| u32::try_from(n).ok()) {
        scenario.options.nodes = nodes;
    }
    if let Some(seed) = option("seed") {
        scenario.options.seed = seed;
    }
    scenario.options.control_plane = markdown.contains("<!-- control-plane -->");
    let mut session = Session::new(scenario);
    for (path, content) in transcript::files(markdown) {
        session.input(Input::WriteFile { path: path.into(), content: content.into() });
    }
    session
}

fn run(session: &mut Session, entry: &Entry) -> Played {
    drop(session.take_console());
    let before = session.results(0).count();
    session.run(&entry.action.script());
    while session.is_busy() {
        session.pump();
    }
    let mut output = String::new();
    for line in session.take_console() {
        if matches!(line.kind, LineKind::Stdout | LineKind::Stderr) {
            output.push_str(&line.text);
        }
    }
    let failed = i32::from(session.syntax_error().is_some()) * 2;
    let exit_code = session.results(before).last().map_or(failed, |result| result.exit_code);
    Played { output, exit_code }
}

/// Compares every transcript below a folder with what it reads when it is run; with `bless` rewrites it instead.
/// The answer is the differences, ready to be shown; empty if there are none.
pub fn check_all(folder: &Path, bless: bool) -> String {
    let mut report = String::new();
    for path in find(folder) {
        let Ok(wanted) = std::fs::read_to_string(&path) else {
            let _ok = writeln!(report, "{}: cannot be read", path.display());
            continue;
        };
        let got = play(&wanted);
        if got == wanted {
            continue;
        }
        if bless {
            if let Err(error) = std::fs::write(&path, got) {
                let _ok = writeln!(report, "{}: {error}", path.display());
            }
            continue;
        }
        let _ok = writeln!(report, "{} is not what happens (cargo xtask bless):", path.display());
        report.push_str(&difference(&wanted, &got));
    }
    report
}

/// The first lines in which two texts differ.
fn difference(wanted: &str, got: &str) -> String {
    let (wanted, got): (Vec<&str>, Vec<&str>) = (wanted.lines().collect(), got.lines().collect());
    let at = (0..wanted.len().max(got.len())).find(|i| wanted.get(*i) != got.get(*i)).unwrap_or(0);
    let mut text = format!("  from line {}:\n", at + 1);
    for (sign, lines) in [("-", &wanted), ("+", &got)] {
        for line in lines.iter().skip(at).take(12) {
            let _ok = writeln!(text, "  {sign} {line}");
        }
    }
    text
}
