//! Shells in containers: what `kubectl exec` runs.
//!
//! It is the machine of the session's own shell, over the files and the environment of a container, with the few
//! programs that tutorials call. Images are not run: every other program says that it is not modelled. What the commands
//! write is kept where the container's files are kept, after each step.

mod fetch;
mod host;
mod identity;
mod names;

use crate::files::{Files, Item, Mark};
use crate::machine::{Machine, Vars};
use crate::record::{Progress, Stream};
use crate::world::{Job, World};
use api::Time;
use cluster::{Entry, Found, Inside};
use host::Room;
pub use host::Script;
use std::rc::Rc;

/// The exit code of what a signal has ended.
const KILLED: i32 = 137;

/// A command that runs in a container.
#[derive(Clone, Debug)]
pub struct ContainerShell {
    machine: Machine<Job>,
    target: kubectl::Exec,
    run_id: api::Str,
    /// It sleeps until then.
    asleep_until_ms: Option<u64>,
    /// When it wants to go on.
    wakes_ms: Option<u64>,
}

/// How far a command in a container has come.
pub(crate) struct Step {
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    pub(crate) state: State,
}

/// Whether a command in a container is over.
pub(crate) enum State {
    /// It waits, until this moment at the latest.
    Waits(u64),
    /// It has ended, with this exit code.
    Ended(i32),
}

/// What beginning a command in a container came to.
pub(crate) enum Begun {
    /// It runs.
    Runs(Box<ContainerShell>),
    /// There is no such container that runs.
    NotRunning,
    /// The kubelet at this address does not answer.
    Unreachable(api::Str),
    /// The container's process does something of its own: there is nobody to attach to.
    NotDriven,
}

impl ContainerShell {
    /// Begins the command.
    pub(crate) fn begin(world: &World<'_>, target: kubectl::Exec, stdin: &str) -> Begun {
        let inside = match world.cluster.inside(&target.node, &target.uid, &target.container) {
            Found::Running(inside) => inside,
            Found::NotRunning => return Begun::NotRunning,
            Found::Unreachable(address) => return Begun::Unreachable(address),
        };
        if target.attach && !inside.is_driven {
            return Begun::NotDriven;
        }
        let files = files_of(&inside);
        let vars = variables(&inside, target.tty);
        let (name, script, arguments) = script_of(&target.command, stdin, &files);
        let input = if script_is_input(&target.command) { "" } else { stdin };
        let mut machine = Machine::in_container(&name, arguments, input, files, vars);
        // A folder that is not there leaves the shell at the root.
        drop(machine.files_mut().enter(&inside.folder));
        let script = script.unwrap_or_else(|error| format!("echo {} >&2; exit 2", quoted(&error)));
        if let Err(error) = machine.load(&script, 1) {
            let message = format!("{name}: {error}");
            drop(machine.load(&format!("echo {} >&2; exit 2", quoted(&message)), 1));
        }
        let run_id = inside.run_id.clone();
        Begun::Runs(Box::new(ContainerShell { machine, target, run_id, asleep_until_ms: None, wakes_ms: None }))
    }

    /// When it wants to go on, if it waits.
    pub(crate) fn wakes_ms(&self) -> Option<u64> {
        self.wakes_ms
    }

    /// What was to be run, and where.
    pub(crate) fn target(&self) -> &kubectl::Exec {
        &self.target
    }

    /// Goes on until the command waits or is over.
    pub(crate) fn step(&mut self, world: &mut World<'_>) -> Step {
        let mut step = Step { stdout: String::new(), stderr: String::new(), state: State::Ended(KILLED) };
        let target = &self.target;
        let present = world.cluster.kubelets().run_id(&target.uid, &target.container, world.cluster.time());
        if present.as_ref() != Some(&self.run_id) {
            return step;
        }
        let now_ms = world.cluster.now().as_millis();
        if let Some(until_ms) = self.asleep_until_ms.filter(|until_ms| now_ms < *until_ms) {
            step.state = State::Waits(until_ms);
            return step;
        }
        // A node that is cut off meanwhile takes the connection with it.
        let Found::Running(inside) = world.cluster.inside(&target.node, &target.uid, &target.container) else {
            return step;
        };
        let before = files_of(&inside).at(self.machine.files().current());
        *self.machine.files_mut() = before.clone();
        let mut room = Room::new(world, &inside, 0);
        (step.state, self.asleep_until_ms) = run(&mut self.machine, &mut room, &mut step.stdout, &mut step.stderr);
        self.wakes_ms = match step.state {
            State::Waits(until_ms) => Some(until_ms),
            State::Ended(_) => None,
        };
        let now = world.cluster.time();
        let changes = self.machine.files().changes(&before, now.unix_millis());
        if !changes.is_empty() {
            let written: Vec<_> = changes.into_iter().map(|(path, item)| (path, item.map(entry_of))).collect();
            world.cluster.write_files(&self.target.uid, &self.target.container, &written);
        }
        step
    }
}

/// Lets a machine go on until it waits or is over; the second part of the answer is until when only time matters.
fn run(
    machine: &mut Machine<Job>,
    room: &mut Room<'_, '_>,
    stdout: &mut String,
    stderr: &mut String,
) -> (State, Option<u64>) {
    loop {
        match machine.step(room) {
            Progress::Output { stream: Stream::Out, text } => stdout.push_str(&text),
            Progress::Output { stream: Stream::Err, text } => stderr.push_str(&text),
            Progress::Ran(_) => {}
            Progress::Waiting { until_ms, only_time } => {
                return (State::Waits(until_ms), only_time.then_some(until_ms));
            }
            Progress::Finished { exit_code, .. } => return (State::Ended(exit_code), None),
        }
    }
}

/// A container's files as the shell knows files.
fn files_of(inside: &Inside) -> Files {
    let item = |entry: &Entry| -> Item {
        let link = entry.link.as_ref().map(|link| Rc::from(link.as_str()));
        (entry.text.clone(), Mark { mode: entry.mode, modified_ms: entry.modified.unix_millis(), link })
    };
    let items = inside.files.iter().map(|(path, entry)| (path.clone(), item(entry)));
    let mounts = inside.mounts.iter().map(|mount| (mount.path.clone(), mount.read_only)).collect();
    Files::of_container(items, mounts)
}

fn entry_of((text, mark): Item) -> Entry {
    let modified = Time::from_unix_millis(mark.modified_ms);
    Entry { text, link: mark.link.as_deref().map(Into::into), mode: mark.mode, modified }
}

fn variables(inside: &Inside, tty: bool) -> Vars {
    let mut vars: Vars = inside.environment.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
    if tty {
        vars.insert("TERM".to_owned(), "xterm".to_owned());
    }
    vars
}

/// What a command line comes to: the name of the shell, its script, and `$0`, `$1`….
fn script_of(argv: &[String], stdin: &str, files: &Files) -> (String, Result<String, String>, Vec<String>) {
    let Some((program, rest)) = argv.split_first() else {
        return ("sh".to_owned(), Ok(String::new()), Vec::new());
    };
    let name = program.rsplit('/').next().unwrap_or(program);
    if !is_shell(name) {
        let words: Vec<String> = argv.iter().map(|word| quoted(word)).collect();
        let script = words.join(" ");
        return ("sh".to_owned(), Ok(script), vec![name.to_owned()]);
    }
    let options = rest.iter().take_while(|word| word.starts_with('-') && word.len() > 1).count();
    let (options, words) = rest.split_at(options);
    let given = |letter: char| options.iter().any(|word| !word.starts_with("--") && word.contains(letter));
    let set: String =
        ['e', 'u'].iter().filter(|letter| given(**letter)).map(|letter| format!("set -{letter}; ")).collect();
    if given('c') {
        let Some((script, words)) = words.split_first() else {
            return (name.to_owned(), Err(format!("{name}: -c requires an argument")), Vec::new());
        };
        let mut arguments = vec![name.to_owned()];
        if !words.is_empty() {
            arguments = words.to_vec();
        }
        return (name.to_owned(), Ok(format!("{set}{script}")), arguments);
    }
    match words.split_first() {
        Some((path, _)) => {
            let script = files.read(path).map(|text| format!("{set}{text}"));
            (name.to_owned(), script.map_err(|error| format!("{name}: can't open '{path}': {error}")), words.to_vec())
        }
        None => (name.to_owned(), Ok(stdin.to_owned()), vec![name.to_owned()]),
    }
}

/// Whether a command line is a shell that reads its script from its input.
pub(crate) fn script_is_input(argv: &[String]) -> bool {
    let Some((program, rest)) = argv.split_first() else { return false };
    is_shell(program.rsplit('/').next().unwrap_or(program))
        && rest.iter().all(|word| word.starts_with('-') && !word.contains('c'))
}

/// Whether this is a shell.
pub(crate) fn is_shell(name: &str) -> bool {
    matches!(name, "sh" | "bash" | "ash" | "dash")
}

/// A word that stands for itself.
fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', "'\\''"))
}
