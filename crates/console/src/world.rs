//! The simulated world behind the command language: `kubectl` and `sim` over a cluster.

use crate::files::Files;
use crate::host::{Host, Outcome, Polled, Started};
use crate::inside::{Begun, ContainerShell, Script, State};
use crate::sim_verbs;
use api::Pod;
use cluster::Cluster;
use kubectl::{Follow, LogLine};
use std::rc::Rc;

/// What a session can do that the cluster itself cannot: it is asked for by a command and done by whoever owns the
/// session, once the command has ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request {
    /// Go back (or on) to this moment, in virtual milliseconds.
    Goto(u64),
    /// Start again with the same options.
    Reset,
    /// Replace the session by this saved one.
    Open(String),
}

/// What makes a real cluster on one's own machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// kind: real nodes in containers.
    Kind,
    /// kwok: a real control plane, nodes and pods only as objects.
    Kwok,
}

impl Engine {
    /// The engine of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Engine::Kind, Engine::Kwok].into_iter().find(|engine| engine.name() == name)
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Engine::Kind => "kind",
            Engine::Kwok => "kwok",
        }
    }
}

/// The texts of a session that commands print or save.
pub trait SessionText {
    /// The session as a scenario file.
    fn saved(&self) -> String;
    /// Whether a text is a saved session; if not, why.
    fn check_saved(&self, text: &str) -> Result<(), String>;
    /// The URL fragment that reopens the session.
    fn fragment(&self) -> String;
    /// The session as a script for a real cluster on this engine.
    fn export(&self, engine: Engine) -> String;
}

/// Everything a command can see and change.
pub struct World<'a> {
    /// The cluster.
    pub cluster: &'a mut Cluster,
    /// The namespace of kubectl's context.
    pub namespace: &'a mut String,
    /// The session around it.
    pub session: &'a dyn SessionText,
    /// What the last command asks of the session.
    pub request: &'a mut Option<Request>,
}

/// A command that waits.
#[derive(Clone, Debug)]
pub enum Job {
    /// A verb of kubectl.
    Kubectl(Box<Verb>),
    /// A script within a shell of a container.
    Script(Box<Script>),
    /// What comes of something by itself, at this moment.
    Later {
        /// In virtual milliseconds.
        at_ms: u64,
        /// What comes.
        outcome: Outcome,
    },
    /// `sim advance`: until this moment, in virtual milliseconds.
    Advance(u64),
    /// `sim settle`: until nothing is left to happen, or this moment.
    Settle(u64),
}

/// A verb of kubectl that waits, perhaps for a command in a container.
#[derive(Clone, Debug)]
pub struct Verb {
    follow: Follow,
    stdin: Rc<str>,
    /// What is to be run in a container next.
    exec: Option<kubectl::Exec>,
    shell: Option<Box<ContainerShell>>,
}

/// The shell's files as kubectl sees them.
struct ShellFiles<'a>(&'a Files);

impl kubectl::Files for ShellFiles<'_> {
    fn read(&self, path: &str) -> Option<String> {
        self.0.read(path).ok().map(|text| text.to_string())
    }
    fn list(&self, dir: &str) -> Option<Vec<String>> {
        if self.0.is_folder(dir) { self.0.list(dir).ok() } else { None }
    }
}

impl World<'_> {
    /// Calls kubectl with what surrounds it.
    fn with_env<T>(&mut self, files: &Files, call: impl FnOnce(&mut apiserver::Server, &kubectl::Env<'_>) -> T) -> T {
        let kubelets = self.cluster.kubelets().clone();
        let now = self.cluster.time();
        let logs = |pod: &Pod, container: &str, previous: bool| -> Option<Vec<LogLine>> {
            let lines = kubelets.log(&pod.metadata.uid, container, previous, now)?;
            Some(lines.iter().map(|line| LogLine { time: line.time, text: line.text.to_string() }).collect())
        };
        let files = ShellFiles(files);
        let env = kubectl::Env { files: &files, namespace: self.namespace.clone(), logs: &logs };
        let server = self.cluster.server_mut();
        server.set_now(now);
        let result = call(server, &env);
        self.cluster.deliver();
        result
    }

    fn kubectl(&mut self, args: &[String], stdin: &str, files: &Files) -> Started<Job> {
        match self.with_env(files, |server, env| kubectl::run(server, env, args, stdin)) {
            kubectl::Started::Done(output) => Started::Done(self.take(output)),
            kubectl::Started::Follow(mut output, follow) => {
                let exec = output.exec.take();
                let until_ms = follow.deadline().map(|time| self.sim_ms(time));
                let Outcome { stdout, stderr, .. } = self.take(output);
                let verb = Verb { follow, stdin: stdin.into(), exec, shell: None };
                Started::Waiting { job: Job::Kubectl(Box::new(verb)), stdout, stderr, until_ms }
            }
        }
    }

    fn sim_ms(&self, time: api::Time) -> u64 {
        self.cluster.clock().sim_time(time.unix_millis()).as_millis()
    }

    /// Lets a verb go on, and what it runs in a container.
    fn go_on(&mut self, verb: &mut Verb, files: &Files) -> Polled {
        let (mut stdout, mut stderr) = (String::new(), String::new());
        loop {
            if let Some(exec) = verb.exec.take() {
                let stdin = if exec.stdin { Rc::clone(&verb.stdin) } else { "".into() };
                match ContainerShell::begin(self, exec, &stdin) {
                    Begun::Runs(shell) => verb.shell = Some(shell),
                    Begun::NotRunning => verb.follow.ran(kubectl::Ran::NotRunning),
                    Begun::Unreachable(address) => verb.follow.ran(kubectl::Ran::Unreachable(address.to_string())),
                    Begun::NotDriven => verb.follow.ran(kubectl::Ran::NotDriven),
                }
            }
            if let Some(mut shell) = verb.shell.take() {
                let step = shell.step(self);
                stdout.push_str(&step.stdout);
                stderr.push_str(&step.stderr);
                match step.state {
                    State::Waits(_) => {
                        verb.shell = Some(shell);
                        return Polled::Waiting { stdout, stderr };
                    }
                    State::Ended(code) => {
                        self.end_attached(shell.target(), code);
                        verb.follow.ran(kubectl::Ran::Ended(code));
                    }
                }
            }
            let (mut output, code) = self.with_env(files, |server, env| verb.follow.poll(server, env));
            verb.exec = output.exec.take();
            let outcome = self.take(output);
            stdout.push_str(&outcome.stdout);
            stderr.push_str(&outcome.stderr);
            match code {
                Some(exit_code) => return Polled::Done(Outcome { exit_code, stdout, stderr }),
                None if verb.exec.is_none() => return Polled::Waiting { stdout, stderr },
                None => {}
            }
        }
    }

    /// What was typed at a container's own process has ended it.
    fn end_attached(&mut self, target: &kubectl::Exec, code: i32) {
        let pod = self.cluster.lister().get::<Pod>(&target.namespace, &target.pod).cloned();
        if let Some(pod) = pod.filter(|pod| target.attach && pod.metadata.uid == target.uid) {
            self.cluster.end_process(&pod, &target.container, code);
        }
    }

    /// Takes over what a command changed about the context.
    fn take(&mut self, output: kubectl::Output) -> Outcome {
        if let Some(namespace) = output.namespace {
            *self.namespace = namespace;
        }
        Outcome { exit_code: output.exit_code, stdout: output.stdout, stderr: output.stderr }
    }
}

impl Host for World<'_> {
    type Job = Job;

    fn run(&mut self, argv: &[String], stdin: &str, files: &mut Files) -> Started<Job> {
        match argv[0].as_str() {
            "kubectl" => self.kubectl(&argv[1..], stdin, files),
            "sim" => sim_verbs::run(self, &argv[1..], files),
            _ => Started::Unknown,
        }
    }

    fn poll(&mut self, job: &mut Job, files: &mut Files) -> Polled {
        let idle = || Polled::Waiting { stdout: String::new(), stderr: String::new() };
        match job {
            Job::Advance(until) if self.now_ms() >= *until => Polled::Done(Outcome::default()),
            Job::Advance(_) => idle(),
            Job::Settle(until) => sim_verbs::poll_settle(self.cluster, *until).map_or_else(idle, Polled::Done),
            Job::Kubectl(verb) => self.go_on(verb, files),
            Job::Later { at_ms, outcome } if self.now_ms() >= *at_ms => Polled::Done(outcome.clone()),
            Job::Later { .. } => idle(),
            // Scripts run in containers only, which poll them.
            Job::Script(_) => Polled::Done(Outcome::default()),
        }
    }

    fn wakes_ms(&self, job: &Job) -> Option<u64> {
        match job {
            Job::Kubectl(verb) => match &verb.shell {
                Some(shell) => shell.wakes_ms(),
                None => verb.follow.wakes_at().map(|time| self.sim_ms(time)),
            },
            Job::Later { at_ms, .. } => Some(*at_ms),
            Job::Script(script) => Some(script.wakes_ms),
            Job::Advance(_) | Job::Settle(_) => None,
        }
    }

    fn now_ms(&self) -> u64 {
        self.cluster.now().as_millis()
    }

    fn wall_clock_ms(&self) -> i64 {
        self.cluster.time().unix_millis()
    }

    fn commands(&self) -> Vec<(&'static str, &'static str)> {
        vec![
            ("kubectl", "talk to the cluster (alias k): kubectl help"),
            ("sim", "what no kubectl verb can do: sim help"),
        ]
    }
}
