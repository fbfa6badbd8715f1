//! Running other programs: loudly, quietly with a progress line, or only to read what they print.

use crate::Result;
use std::fs::File;
use std::io::{BufRead, BufReader, IsTerminal, Write};
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// Runs a program whose output the person should see.
pub fn run(command: &mut Command) -> Result<()> {
    let status = command.status().map_err(|error| cannot_start(command, &error))?;
    if status.success() { Ok(()) } else { Err(format!("`{}` failed ({status})", shown(command))) }
}

/// What a program prints, trimmed; `None` if it is not there or fails.
pub fn output(command: &mut Command) -> Option<String> {
    let output = command.stdin(Stdio::null()).output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    output.status.success().then_some(text)
}

/// Runs a program, shows its standard output line by line and hands every line to `each`.
pub fn tee(command: &mut Command, mut each: impl FnMut(&str)) -> Result<ExitStatus> {
    let mut child = command.stdout(Stdio::piped()).spawn().map_err(|error| cannot_start(command, &error))?;
    if let Some(stdout) = child.stdout.take() {
        let mut lines = BufReader::new(stdout);
        let mut line = Vec::new();
        while lines.read_until(b'\n', &mut line).is_ok_and(|read| read > 0) {
            let text = String::from_utf8_lossy(&line);
            print!("{text}");
            each(text.trim_end());
            line.clear();
        }
    }
    child.wait().map_err(|error| cannot_start(command, &error))
}

/// Runs a long program in silence: one line on the terminal tells how it goes, everything it prints is in `log`.
/// On failure the end of the log is part of the error.
pub fn quiet(command: &mut Command, label: &str, log: &Path, limit: Option<Duration>) -> Result<()> {
    if let Some(folder) = log.parent() {
        std::fs::create_dir_all(folder).map_err(|error| format!("cannot make {}: {error}", folder.display()))?;
    }
    let open = || File::create(log).map_err(|error| format!("cannot write {}: {error}", log.display()));
    let file = open()?;
    let twin = file.try_clone().map_err(|error| format!("cannot write {}: {error}", log.display()))?;
    command.stdin(Stdio::null()).stdout(file).stderr(twin);
    let mut child = command.spawn().map_err(|error| cannot_start(command, &error))?;
    let start = Instant::now();
    let terminal = std::io::stdout().is_terminal();
    let status = loop {
        match child.try_wait() {
            Ok(Some(status)) => break Some(status),
            Ok(None) => {}
            Err(error) => return Err(cannot_start(command, &error)),
        }
        if limit.is_some_and(|limit| start.elapsed() > limit) {
            // The child may have ended in this very moment; either way it is over.
            drop(child.kill());
            drop(child.wait());
            break None;
        }
        if terminal {
            progress(label, start.elapsed(), &last_lines(log, 1));
        }
        std::thread::sleep(Duration::from_millis(200));
    };
    if terminal {
        print!("\r\x1b[K");
    }
    match status {
        Some(status) if status.success() => Ok(()),
        Some(status) => {
            Err(format!("`{}` failed ({status}); its last words:\n{}", shown(command), last_lines(log, 25)))
        }
        None => Err(format!("`{}` took longer than {} s", shown(command), limit.unwrap_or_default().as_secs())),
    }
}

/// The command as a person would type it.
pub fn shown(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_name().unwrap_or(command.get_program());
    let words = std::iter::once(program).chain(command.get_args());
    words.map(|word| word.to_string_lossy().into_owned()).collect::<Vec<_>>().join(" ")
}

/// `75 s` as people say it: `1 min 15 s`.
pub fn duration(elapsed: Duration) -> String {
    match elapsed.as_secs() {
        0 => format!("{} ms", elapsed.as_millis()),
        seconds @ 1..60 => format!("{seconds} s"),
        seconds => format!("{} min {:02} s", seconds / 60, seconds % 60),
    }
}

fn cannot_start(command: &Command, error: &std::io::Error) -> String {
    format!("cannot run `{}`: {error}", shown(command))
}

fn progress(label: &str, elapsed: Duration, last: &str) {
    let last: String = last.trim().chars().take(50).collect();
    print!("\r\x1b[K     {label}: {} … {last}", duration(elapsed));
    // A progress line that cannot be shown is no reason to stop.
    drop(std::io::stdout().flush());
}

fn last_lines(log: &Path, count: usize) -> String {
    let text = std::fs::read(log).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(count)..].join("\n")
}
