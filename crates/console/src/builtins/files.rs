//! Commands over the files of the session: `cat`, `ls`, `cd`, `mkdir`…

use super::{Builtin, Context};
use crate::flags::Flags;
use crate::host::Outcome;

pub(super) const COMMANDS: &[Builtin] = &[
    Builtin { name: "cat", help: "[FILE]…: print files, or the input", run: cat },
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
    let files = &context.shell.files;
    let mut outcome = Outcome::default();
    let here = [".".to_owned()];
    let paths = if flags.words.is_empty() { &here } else { &flags.words[..] };
    for path in paths {
        if !files.is_folder(path) {
            match files.read(path) {
                Ok(_) => outcome.stdout.push_str(&format!("{path}\n")),
                Err(error) => fail(&mut outcome, 2, format!("ls: cannot access '{path}': {error}")),
            }
            continue;
        }
        if paths.len() > 1 {
            outcome.stdout.push_str(&format!("{path}:\n"));
        }
        for name in files.list(path).unwrap_or_default() {
            if !name.starts_with('.') || flags.has('a') || flags.has('A') {
                outcome.stdout.push_str(name.trim_end_matches('/'));
                outcome.stdout.push('\n');
            }
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
