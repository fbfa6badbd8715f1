//! Commands over the files of the session: `cat`, `ls`, `cd`, `mkdir`…

use super::{Builtin, Context};
use crate::files::{Files, Mark};
use crate::flags::Flags;
use crate::host::Outcome;

pub(super) const COMMANDS: &[Builtin] = &[
    Builtin { name: "cat", help: "[FILE]…: print files, or the input", run: cat },
    Builtin { name: "chmod", help: "MODE FILE…: set permissions", run: chmod },
    Builtin { name: "cd", help: "[FOLDER]: change the current folder", run: cd },
    Builtin { name: "cp", help: "FILE… TARGET: copy files", run: |context, args| copy(context, args, "cp") },
    Builtin { name: "ls", help: "[-1] [FILE]…: list files", run: ls },
    Builtin { name: "mkdir", help: "[-p] FOLDER…: make folders", run: mkdir },
    Builtin {
        name: "mv", help: "FILE… TARGET: rename or move files", run: |context, args| copy(context, args, "mv")
    },
    Builtin { name: "pwd", help: "print the current folder", run: pwd },
    Builtin { name: "rm", help: "[-r] [-f] FILE…: remove files", run: rm },
    Builtin { name: "tee", help: "[-a] [FILE]…: print the input and keep it in files", run: tee },
    Builtin { name: "touch", help: "FILE…: make empty files", run: touch },
];

fn cat(context: &mut Context<'_>, args: &[String]) -> Outcome {
    let flags = match Flags::parse("cat", args, "nu", &[]) {
        Ok(flags) => flags,
        Err(outcome) => return outcome,
    };
    let mut outcome = Outcome::default();
    let input = ["-".to_owned()];
    for name in if flags.words.is_empty() { &input } else { &flags.words[..] } {
        match name.as_str() {
            "-" => outcome.stdout.push_str(context.stdin),
            path => match context.shell.files.read(path) {
                Ok(text) => outcome.stdout.push_str(&text),
                Err(error) => fail(&mut outcome, 1, format!("cat: {path}: {error}")),
            },
        }
    }
    if flags.has('n') {
        outcome.stdout =
            outcome.stdout.lines().zip(1..).map(|(line, number)| format!("{number:6}\t{line}\n")).collect();
    }
    outcome
}

fn fail(outcome: &mut Outcome, code: i32, message: String) {
    outcome.exit_code = code;
    outcome.stderr.push_str(&message);
    outcome.stderr.push('\n');
}

fn cd(context: &mut Context<'_>, args: &[String]) -> Outcome {
    let folder = args.first().map_or("~", String::as_str);
    match context.shell.files.enter(folder) {
        Ok(()) => Outcome::default(),
        Err(error) => Outcome::error(1, format!("cd: {folder}: {error}")),
    }
}

fn pwd(context: &mut Context<'_>, _: &[String]) -> Outcome {
    Outcome::ok(format!("{}\n", context.shell.files.current()))
}

fn ls(context: &mut Context<'_>, args: &[String]) -> Outcome {
    let flags = match Flags::parse("ls", args, "1alhrtARF", &[]) {
        Ok(flags) => flags,
        Err(outcome) => return outcome,
    };
    let year = super::date::print(context.wall_clock_ms, "%Y");
    let files = &context.shell.files;
    let mut outcome = Outcome::default();
    let here = [".".to_owned()];
    let paths = if flags.words.is_empty() { &here } else { &flags.words[..] };
    for path in paths {
        if !files.is_folder(path) {
            match files.read(path) {
                Ok(_) if flags.has('l') => outcome.stdout.push_str(&long(files, path, path, 1, &year)),
                Ok(_) => outcome.stdout.push_str(&format!("{path}\n")),
                Err(error) => fail(&mut outcome, 2, format!("ls: cannot access '{path}': {error}")),
            }
            continue;
        }
        if paths.len() > 1 {
            let gap = if outcome.stdout.is_empty() { "" } else { "\n" };
            outcome.stdout.push_str(&format!("{gap}{path}:\n"));
        }
        let shown = |name: &String| !name.starts_with('.') || flags.has('a') || flags.has('A');
        let mut names: Vec<String> = files.list(path).unwrap_or_default().into_iter().filter(shown).collect();
        names.iter_mut().for_each(|name| name.truncate(name.trim_end_matches('/').len()));
        if flags.has('a') {
            names.splice(..0, [".".to_owned(), "..".to_owned()]);
        }
        if flags.has('l') {
            outcome.stdout.push_str(&long_list(files, path, &names, &year));
            continue;
        }
        names.iter().for_each(|name| outcome.stdout.push_str(&format!("{name}\n")));
    }
    outcome
}

/// `ls -l` of a folder.
fn long_list(files: &Files, folder: &str, names: &[String], year: &str) -> String {
    let path = |name: &str| format!("{}/{name}", folder.trim_end_matches('/'));
    let width = names.iter().map(|name| size(files, &path(name)).to_string().len()).max().unwrap_or(1);
    let kilobytes: usize = names.iter().map(|name| size(files, &path(name)).div_ceil(4096) * 4).sum();
    let lines: String = names.iter().map(|name| long(files, &path(name), name, width, year)).collect();
    format!("total {kilobytes}\n{lines}")
}

fn size(files: &Files, path: &str) -> usize {
    match files.mark(path).and_then(|mark| mark.link.as_ref()) {
        Some(link) => link.len(),
        None if files.is_folder(path) => 4096,
        None => files.read(path).map_or(0, |text| text.len()),
    }
}

/// One line of `ls -l`.
fn long(files: &Files, path: &str, name: &str, width: usize, year: &str) -> String {
    let is_folder = files.is_folder(path);
    let mark =
        files.mark(path).cloned().unwrap_or(Mark { mode: if is_folder { 0o755 } else { 0o644 }, ..Mark::default() });
    let kind = match (&mark.link, is_folder) {
        (Some(_), _) => 'l',
        (None, true) => 'd',
        (None, false) => '-',
    };
    let letters: String =
        (0..9).map(|bit| if mark.mode & (0o400 >> bit) == 0 { '-' } else { ['r', 'w', 'x'][bit % 3] }).collect();
    let letters = if mark.mode & 0o1000 == 0 { letters } else { format!("{}t", &letters[..8]) };
    let format = if super::date::print(mark.modified_ms, "%Y") == year { "%b %e %H:%M" } else { "%b %e  %Y" };
    let date = super::date::print(mark.modified_ms, format);
    let links = if kind == 'd' { 2 } else { 1 };
    let target = mark.link.map(|link| format!(" -> {link}")).unwrap_or_default();
    let size = size(files, path);
    format!("{kind}{letters} {links} root root {size:>width$} {date} {name}{target}\n")
}

fn chmod(context: &mut Context<'_>, args: &[String]) -> Outcome {
    let flags = match Flags::parse("chmod", args, "Rvf", &[("recursive", 'R')]) {
        Ok(flags) => flags,
        Err(outcome) => return outcome,
    };
    let Some((mode, paths)) = flags.words.split_first() else {
        return Outcome::error(1, "chmod: missing operand");
    };
    let mut outcome = Outcome::default();
    for path in paths {
        let known = context.shell.files.mark(path).map_or(0o644, |mark| mark.mode);
        let Some(mode) = changed_mode(mode, known) else {
            return Outcome::error(1, format!("chmod: invalid mode: '{mode}'"));
        };
        if let Err(error) = context.shell.files.set_mode(path, mode) {
            fail(&mut outcome, 1, format!("chmod: {path}: {error}"));
        }
    }
    outcome
}

fn mkdir(context: &mut Context<'_>, args: &[String]) -> Outcome {
    let flags = match Flags::parse("mkdir", args, "pv", &[("parents", 'p')]) {
        Ok(flags) => flags,
        Err(outcome) => return outcome,
    };
    let mut outcome = Outcome::default();
    for folder in &flags.words {
        if context.shell.files.exists(folder) && !flags.has('p') {
            fail(&mut outcome, 1, format!("mkdir: cannot create directory '{folder}': File exists"));
        } else if let Err(error) = context.shell.files.make_folder(folder) {
            fail(&mut outcome, 1, format!("mkdir: cannot create directory '{folder}': {error}"));
        }
    }
    outcome
}

fn rm(context: &mut Context<'_>, args: &[String]) -> Outcome {
    let flags = match Flags::parse("rm", args, "rRfv", &[("recursive", 'r'), ("force", 'f')]) {
        Ok(flags) => flags,
        Err(outcome) => return outcome,
    };
    let mut outcome = Outcome::default();
    for path in &flags.words {
        if context.shell.files.is_folder(path) && !flags.has('r') && !flags.has('R') {
            fail(&mut outcome, 1, format!("rm: cannot remove '{path}': Is a directory"));
            continue;
        }
        match context.shell.files.remove(path) {
            Err(error) if !flags.has('f') => fail(&mut outcome, 1, format!("rm: cannot remove '{path}': {error}")),
            _ => {}
        }
    }
    outcome
}

fn touch(context: &mut Context<'_>, args: &[String]) -> Outcome {
    let mut outcome = Outcome::default();
    for path in args {
        if let Err(error) = context.shell.files.append(path, "") {
            fail(&mut outcome, 1, format!("touch: cannot touch '{path}': {error}"));
        }
    }
    outcome
}

/// A mode as `chmod` reads it: `755`, `+x`, `go-w`.
fn changed_mode(text: &str, known: u32) -> Option<u32> {
    if let Ok(mode) = u32::from_str_radix(text, 8) {
        return Some(mode & 0o7777);
    }
    let at = text.find(['+', '-'])?;
    let who = text[..at].chars().try_fold(0, |mask, letter| match letter {
        'u' => Some(mask | 0o700),
        'g' => Some(mask | 0o070),
        'o' => Some(mask | 0o007),
        'a' => Some(0o777),
        _ => None,
    })?;
    let what = text[at + 1..].chars().try_fold(0, |mask, letter| match letter {
        'r' => Some(mask | 0o444),
        'w' => Some(mask | 0o222),
        'x' => Some(mask | 0o111),
        _ => None,
    })?;
    let bits = what & if who == 0 { 0o777 } else { who };
    Some(if text[at..].starts_with('+') { known | bits } else { known & !bits })
}

/// `cp` and `mv`, of files.
fn copy(context: &mut Context<'_>, args: &[String], name: &str) -> Outcome {
    let flags = match Flags::parse(name, args, "fv", &[("force", 'f')]) {
        Ok(flags) => flags,
        Err(outcome) => return outcome,
    };
    let [sources @ .., target] = &flags.words[..] else {
        return Outcome::error(1, format!("{name}: missing file operand"));
    };
    if sources.is_empty() {
        return Outcome::error(1, format!("{name}: missing destination file operand after '{target}'"));
    }
    let files = &mut context.shell.files;
    let into_folder = files.is_folder(target);
    if sources.len() > 1 && !into_folder {
        return Outcome::error(1, format!("{name}: target '{target}': Not a directory"));
    }
    let mut outcome = Outcome::default();
    for source in sources {
        let last = source.rsplit('/').next().unwrap_or(source);
        let path = if into_folder { format!("{target}/{last}") } else { target.clone() };
        let done = files.read(source).and_then(|text| files.write(&path, text));
        let done = done.and_then(|()| if name == "mv" { files.remove(source) } else { Ok(()) });
        if let Err(error) = done {
            fail(&mut outcome, 1, format!("{name}: '{source}': {error}"));
        }
    }
    outcome
}

fn tee(context: &mut Context<'_>, args: &[String]) -> Outcome {
    let flags = match Flags::parse("tee", args, "a", &[("append", 'a')]) {
        Ok(flags) => flags,
        Err(outcome) => return outcome,
    };
    let mut outcome = Outcome::ok(context.stdin);
    for path in &flags.words {
        let files = &mut context.shell.files;
        let done = if flags.has('a') { files.append(path, context.stdin) } else { files.write(path, context.stdin) };
        if let Err(error) = done {
            fail(&mut outcome, 1, format!("tee: {path}: {error}"));
        }
    }
    outcome
}
