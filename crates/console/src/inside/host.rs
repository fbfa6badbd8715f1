//! The programs that a shell in a container finds beside its own commands.

use super::{State, fetch, identity, is_shell, names, run, script_is_input, script_of};
use crate::files::Files;
use crate::host::{Host, Outcome, Polled, Started};
use crate::machine::{Machine, Vars};
use crate::world::{Job, World};
use cluster::Inside;

/// How deep scripts may call scripts.
const MOST_DEPTH: u32 = 8;

/// What programs in a container see: the container, and the world around it.
pub(super) struct Room<'r, 'w> {
    pub(super) world: &'r mut World<'w>,
    pub(super) inside: &'r Inside,
    depth: u32,
}

/// A script that waits in a shell of its own.
#[derive(Clone, Debug)]
pub struct Script {
    machine: Machine<Job>,
    /// When it wants to go on.
    pub(crate) wakes_ms: u64,
}

/// A program: its name and what it does.
type Program = (&'static str, fn(&mut Room<'_, '_>, &[String], &mut Files) -> Started<Job>);

const PROGRAMS: &[Program] = &[
    ("curl", fetch::curl),
    ("df", identity::df),
    ("dig", names::dig),
    ("env", identity::env),
    ("getent", names::getent),
    ("hostname", identity::hostname),
    ("id", identity::id),
    ("nslookup", names::nslookup),
    ("printenv", identity::env),
    ("uname", identity::uname),
    ("wget", fetch::wget),
    ("whoami", identity::whoami),
];

impl<'r, 'w> Room<'r, 'w> {
    pub(super) fn new(world: &'r mut World<'w>, inside: &'r Inside, depth: u32) -> Self {
        Room { world, inside, depth }
    }

    /// The text of a file, empty if there is none.
    pub(super) fn text(&self, path: &str, files: &Files) -> String {
        files.read(path).map(|text| text.to_string()).unwrap_or_default()
    }

    /// An outcome that comes after some seconds.
    pub(super) fn after(&self, millis: u64, outcome: Outcome) -> Started<Job> {
        let at_ms = self.world.now_ms() + millis;
        let job = Job::Later { at_ms, outcome };
        Started::Waiting { job, stdout: String::new(), stderr: String::new(), until_ms: Some(at_ms) }
    }

    /// Runs a script in a shell of its own.
    fn script(&mut self, argv: &[String], stdin: &str, files: &mut Files) -> Started<Job> {
        if self.depth >= MOST_DEPTH {
            return Started::Done(Outcome::error(2, "sh: podground: scripts call each other too deeply"));
        }
        let (name, script, arguments) = script_of(argv, stdin, files);
        let script = match script {
            Ok(script) => script,
            Err(error) => return Started::Done(Outcome::error(2, error)),
        };
        let input = if script_is_input(argv) { "" } else { stdin };
        let vars: Vars =
            self.inside.environment.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
        let mut machine = Machine::in_container(&name, arguments, input, files.clone(), vars);
        if let Err(error) = machine.load(&script, 1) {
            return Started::Done(Outcome::error(2, format!("{name}: {error}")));
        }
        let mut script = Script { machine, wakes_ms: 0 };
        match self.go_on(&mut script, files) {
            Polled::Done(outcome) => Started::Done(outcome),
            Polled::Waiting { stdout, stderr } => {
                let until_ms = Some(script.wakes_ms);
                Started::Waiting { job: Job::Script(Box::new(script)), stdout, stderr, until_ms }
            }
        }
    }

    fn go_on(&mut self, script: &mut Script, files: &mut Files) -> Polled {
        let machine = &mut script.machine;
        let folder = machine.files().current().to_owned();
        *machine.files_mut() = files.clone().at(&folder);
        let (mut stdout, mut stderr) = (String::new(), String::new());
        let mut room = Room::new(self.world, self.inside, self.depth + 1);
        let (state, _) = run(machine, &mut room, &mut stdout, &mut stderr);
        *files = machine.files().clone().at(files.current());
        match state {
            State::Ended(exit_code) => Polled::Done(Outcome { exit_code, stdout, stderr }),
            State::Waits(until_ms) => {
                script.wakes_ms = until_ms;
                Polled::Waiting { stdout, stderr }
            }
        }
    }

    fn unknown(&self, name: &str) -> Outcome {
        let message = format!(
            "podground: {name} is not modelled: images are not run here. A container has a small shell with cat, ls, echo, env, hostname, df, date, nslookup, wget, curl and the like"
        );
        Outcome::error(127, message)
    }
}

impl Host for Room<'_, '_> {
    type Job = Job;

    fn run(&mut self, argv: &[String], stdin: &str, files: &mut Files) -> Started<Job> {
        let name = argv[0].as_str();
        if is_shell(name.rsplit('/').next().unwrap_or(name)) {
            return self.script(argv, stdin, files);
        }
        if let Some((_, program)) = PROGRAMS.iter().find(|(known, _)| *known == name) {
            return program(self, argv, files);
        }
        if name.contains('/') {
            let executable = files.mark(name).is_some_and(|mark| mark.mode & 0o111 != 0);
            return match files.read(name) {
                Ok(_) if executable => {
                    let argv: Vec<String> = [&["sh".to_owned()], argv].concat();
                    self.script(&argv, stdin, files)
                }
                Ok(_) => Started::Done(Outcome::error(126, format!("sh: {name}: Permission denied"))),
                Err(_) => Started::Done(self.unknown(name)),
            };
        }
        Started::Done(self.unknown(name))
    }

    fn poll(&mut self, job: &mut Job, files: &mut Files) -> Polled {
        match job {
            Job::Script(script) => self.go_on(script, files),
            job => self.world.poll(job, files),
        }
    }

    fn wakes_ms(&self, job: &Job) -> Option<u64> {
        self.world.wakes_ms(job)
    }

    fn now_ms(&self) -> u64 {
        self.world.now_ms()
    }

    fn wall_clock_ms(&self) -> i64 {
        self.world.wall_clock_ms()
    }

    fn commands(&self) -> Vec<(&'static str, &'static str)> {
        PROGRAMS.iter().map(|(name, _)| (*name, "as in a container")).collect()
    }
}
