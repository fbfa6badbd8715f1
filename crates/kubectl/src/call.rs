//! One command being run: the server, what surrounds it, and what it has printed.

use crate::Started;
use crate::args::Args;
use crate::errors::CmdError;
use crate::follow::Follow;
use crate::outcome::Outcome;
use api::{Pod, Str, Time};
use apiserver::{Lister, Server};
use std::fmt::Display;

/// The files that `-f` and `--from-file` read.
pub trait Files {
    /// The text of a file.
    fn read(&self, path: &str) -> Option<String>;
    /// The names in a folder, sorted; `None` if it is no folder.
    fn list(&self, dir: &str) -> Option<Vec<String>>;
}

/// One line that a container wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogLine {
    /// When.
    pub time: Time,
    /// What, without a newline.
    pub text: String,
}

/// Finds the log of a container: of its run before if the last argument says so.
pub type ReadLog<'a> = dyn Fn(&Pod, &str, bool) -> Option<Vec<LogLine>> + 'a;

/// What surrounds a command.
pub struct Env<'a> {
    /// The files.
    pub files: &'a dyn Files,
    /// The namespace of the current context.
    pub namespace: String,
    /// The log of a container, of its run before if the last argument says so; `None` if there was no such run.
    pub logs: &'a ReadLog<'a>,
}

/// What a command printed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Output {
    /// To standard output.
    pub stdout: String,
    /// To standard error.
    pub stderr: String,
    /// The exit code; 0 while the command still waits.
    pub exit_code: i32,
    /// The namespace that the current context is to have from now on, if the command changed it.
    pub namespace: Option<String>,
    /// What is to be run in a container before the command goes on: tell how it ended by `Follow::ran`.
    pub exec: Option<Exec>,
}

/// A command to be run in a container, as the API server hands it to a kubelet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Exec {
    /// The machine.
    pub node: Str,
    /// Namespace of the pod.
    pub namespace: Str,
    /// Name of the pod.
    pub pod: Str,
    /// UID of the pod.
    pub uid: Str,
    /// Name of the container.
    pub container: Str,
    /// The command and its arguments.
    pub command: Vec<String>,
    /// Whether it gets the input of kubectl.
    pub stdin: bool,
    /// Whether it has a terminal.
    pub tty: bool,
    /// It is the container's own process, not another one beside it.
    pub attach: bool,
}

/// How a command in a container ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ran {
    /// With this exit code.
    Ended(i32),
    /// There is no such container that runs.
    NotRunning,
    /// The kubelet at this address does not answer.
    Unreachable(String),
    /// The container's process does not read what is typed.
    NotDriven,
}

/// One command being run.
pub(crate) struct Call<'a> {
    pub(crate) server: &'a mut Server,
    pub(crate) env: &'a Env<'a>,
    pub(crate) stdin: &'a str,
    pub(crate) output: Output,
    /// Whether `metadata.managedFields` is printed.
    pub(crate) reveal_managed: bool,
}

impl<'a> Call<'a> {
    pub(crate) fn new(server: &'a mut Server, env: &'a Env<'a>, stdin: &'a str) -> Self {
        Call { server, env, stdin, output: Output::default(), reveal_managed: false }
    }

    /// The present state.
    pub(crate) fn lister(&self) -> Lister<'_> {
        self.server.lister()
    }

    /// The virtual wall clock.
    pub(crate) fn now(&self) -> Time {
        self.server.now()
    }

    /// A line to standard output.
    pub(crate) fn say(&mut self, line: impl Display) {
        self.output.stdout.push_str(&format!("{line}\n"));
    }

    /// Text to standard output as it is.
    pub(crate) fn print(&mut self, text: &str) {
        self.output.stdout.push_str(text);
    }

    /// A line to standard error.
    pub(crate) fn complain(&mut self, line: impl Display) {
        self.output.stderr.push_str(&format!("{line}\n"));
    }

    /// A warning to standard error.
    pub(crate) fn warn(&mut self, line: impl Display) {
        self.complain(format_args!("Warning: {line}"));
    }

    /// The namespace that the command is about, and whether it was named in the command.
    pub(crate) fn namespace(&self, args: &Args) -> (String, bool) {
        match args.maybe("namespace") {
            Some(given) if !given.is_empty() => (given.to_owned(), true),
            _ => (self.env.namespace.clone(), false),
        }
    }

    /// The text of a file, or of standard input for `-`.
    pub(crate) fn read_file(&self, path: &str) -> Result<String, CmdError> {
        if path == "-" {
            return Ok(self.stdin.to_owned());
        }
        let missing = || CmdError::new(format!("open {path}: no such file or directory"));
        self.env.files.read(path).ok_or_else(missing)
    }

    pub(crate) fn finish(mut self, result: Result<Outcome, CmdError>) -> Started {
        match result {
            Ok(Outcome::Done) => Started::Done(self.output),
            Ok(Outcome::Exit(code)) => {
                self.output.exit_code = code;
                Started::Done(self.output)
            }
            Ok(Outcome::Follow(follow)) => self.begin(*follow),
            Err(error) => {
                let (code, text) = error.render();
                self.output.stderr.push_str(&text);
                self.output.exit_code = code;
                Started::Done(self.output)
            }
        }
    }

    /// Looks at once, as what is waited for may already be there.
    fn begin(self, mut follow: Follow) -> Started {
        let mut output = self.output;
        let (now, code) = follow.poll(self.server, self.env);
        output.stdout.push_str(&now.stdout);
        output.stderr.push_str(&now.stderr);
        output.exec = now.exec;
        match code {
            Some(code) => Started::Done(Output { exit_code: code, ..output }),
            None => Started::Follow(output, follow),
        }
    }
}
