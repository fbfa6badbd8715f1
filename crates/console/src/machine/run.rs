//! Running one command: the language's own, or the host's, which may wait.

use std::collections::VecDeque;

use super::{MAX_WAIT_MS, Machine};
use crate::builtins::{self, Context};
use crate::duration::{parse_shell_duration, print_duration};
use crate::host::{Host, Outcome, Polled, Started};
use crate::record::{Progress, Stream};
use crate::tools;

/// The exit code of what `timeout` cuts.
const TIMED_OUT: i32 = 124;

/// What a command waits for.
#[derive(Clone, Debug)]
enum Wait<J> {
    /// `sleep`
    Clock { until_ms: u64 },
    /// Something of the host, which may know when it ends, and is cut when it goes on for too long.
    Job { job: J, ends_ms: Option<u64>, cut_ms: u64, name: String },
}

/// A command that waits.
#[derive(Clone, Debug)]
pub(super) struct Active<J> {
    wait: Wait<J>,
    batch: Batch,
}

/// Commands that run one after the other for one that was given: one, or many from `xargs`.
#[derive(Clone, Debug)]
struct Batch {
    queue: VecDeque<Vec<String>>,
    deadline_ms: Option<u64>,
    /// The exit code of `xargs` so far.
    xargs: Option<i32>,
}

/// How a command begins.
enum Begun<J> {
    Ended(i32),
    Waits(Wait<J>),
}

impl<J: Clone> Machine<J> {
    pub(super) fn run(&mut self, host: &mut dyn Host<Job = J>) {
        let mut argv = self.pop_words();
        let stdin = self.stdin();
        self.spend(stdin.len() / 256);
        self.expand_alias(&mut argv);
        let now_ms = host.now_ms();
        if argv.first().is_some_and(|name| name == "exit") {
            return self.exit(&argv[1..], now_ms);
        }
        let mut deadline_ms: Option<u64> = None;
        let mut xargs = None;
        let mut queue = VecDeque::from([argv]);
        loop {
            let rewritten = match queue.front().and_then(|argv| argv.first()).map(String::as_str) {
                None => {
                    self.status = self.captured.take().unwrap_or(0);
                    return;
                }
                Some("timeout") => timeout(&queue[0][1..]).map(|(limit_ms, argv)| {
                    let end_ms = limit_ms.map(|limit_ms| now_ms.saturating_add(limit_ms));
                    deadline_ms = deadline_ms.into_iter().chain(end_ms).min();
                    VecDeque::from([argv])
                }),
                Some("xargs") if xargs.is_none() => {
                    xargs = Some(0);
                    tools::xargs::commands(&queue[0][1..], &stdin).map(VecDeque::from)
                }
                Some(_) => break,
            };
            match rewritten {
                Ok(commands) if commands.is_empty() => {
                    self.status = 0;
                    return;
                }
                Ok(commands) => queue = commands,
                Err(outcome) => {
                    self.status = self.print(outcome);
                    return;
                }
            }
        }
        self.next_of(Batch { queue, deadline_ms, xargs }, host);
    }

    fn expand_alias(&self, argv: &mut Vec<String>) {
        let Some(name) = argv.first_mut() else { return };
        if let Some(meaning) = self.shell.aliases.get(name) {
            let words = meaning.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
            argv.splice(..1, words);
        }
    }

    fn exit(&mut self, args: &[String], now_ms: u64) {
        match args.first().map(|code| code.parse::<i64>()) {
            None => self.unwind(self.status, now_ms),
            Some(Ok(code)) => self.unwind(i32::try_from(code.rem_euclid(256)).unwrap_or(1), now_ms),
            Some(Err(_)) => self.fatal(&format!("exit: {}: a number is needed", args[0]), now_ms),
        }
    }

    /// Runs what is left of a batch, up to the first command that waits.
    fn next_of(&mut self, mut batch: Batch, host: &mut dyn Host<Job = J>) {
        while let Some(argv) = batch.queue.pop_front() {
            self.spend(1);
            match self.begin(argv, host) {
                Begun::Ended(code) => self.ended_one(&mut batch, code),
                Begun::Waits(wait) => {
                    self.active = Some(Active { wait, batch });
                    return;
                }
            }
        }
    }

    fn ended_one(&mut self, batch: &mut Batch, code: i32) {
        self.status = match &mut batch.xargs {
            None => code,
            Some(worst) => {
                match code {
                    0 => {}
                    127 => *worst = 127,
                    _ => *worst = (*worst).max(123),
                }
                if code == 127 {
                    batch.queue.clear();
                }
                *worst
            }
        };
    }

    fn begin(&mut self, mut argv: Vec<String>, host: &mut dyn Host<Job = J>) -> Begun<J> {
        if let Some(name) = argv.first_mut().filter(|name| *name == "k") {
            "kubectl".clone_into(name);
        }
        if !self.shell.name.is_empty()
            && let Some(name) = argv.first_mut()
            && let Some((folder, program)) = name.rsplit_once('/')
            && matches!(folder, "/bin" | "/usr/bin" | "/sbin" | "/usr/sbin" | "/usr/local/bin")
        {
            *name = program.to_owned();
        }
        let Some((name, args)) = argv.split_first() else { return Begun::Ended(0) };
        let stdin = self.stdin();
        if name == "sleep" {
            return match sleep(args) {
                Ok(0) => Begun::Ended(0),
                Ok(ms) => Begun::Waits(Wait::Clock { until_ms: host.now_ms().saturating_add(ms) }),
                Err(outcome) => Begun::Ended(self.print(outcome)),
            };
        }
        if let Some(builtin) = builtins::find(name) {
            let host_commands = if name == "help" { host.commands() } else { Vec::new() };
            let wall_clock_ms = host.wall_clock_ms();
            let mut context = Context { shell: &mut self.shell, stdin: &stdin, wall_clock_ms, host_commands };
            let outcome = (builtin.run)(&mut context, args);
            return Begun::Ended(self.print(outcome));
        }
        match host.run(&argv, &stdin, &mut self.shell.files) {
            Started::Unknown => {
                let message = format!("podground: {name}: not available here (try: help)");
                Begun::Ended(self.print(Outcome::error(127, message)))
            }
            Started::Done(outcome) => Begun::Ended(self.print(outcome)),
            Started::Waiting { job, stdout, stderr, until_ms } => {
                self.write(Stream::Out, &stdout);
                self.write(Stream::Err, &stderr);
                let cut_ms = until_ms.unwrap_or_else(|| host.now_ms()).saturating_add(MAX_WAIT_MS);
                Begun::Waits(Wait::Job { job, ends_ms: until_ms, cut_ms, name: name.clone() })
            }
        }
    }

    /// Asks what waits whether it is over.
    pub(super) fn go_on(&mut self, active: Active<J>, host: &mut dyn Host<Job = J>) {
        let Active { wait, mut batch } = active;
        let now_ms = host.now_ms();
        let deadline_ms = batch.deadline_ms.unwrap_or(u64::MAX);
        let (wait, until_ms, only_time) = match wait {
            Wait::Clock { until_ms } if now_ms >= until_ms => {
                self.ended_one(&mut batch, 0);
                return self.next_of(batch, host);
            }
            Wait::Clock { until_ms } => (Wait::Clock { until_ms }, until_ms.min(deadline_ms), true),
            Wait::Job { mut job, ends_ms, cut_ms, name } => {
                match host.poll(&mut job, &mut self.shell.files) {
                    Polled::Done(outcome) => {
                        let code = self.print(outcome);
                        self.ended_one(&mut batch, code);
                        return self.next_of(batch, host);
                    }
                    Polled::Waiting { stdout, stderr } => {
                        self.write(Stream::Out, &stdout);
                        self.write(Stream::Err, &stderr);
                    }
                }
                // Who asks for a longer wait by `timeout` gets it.
                let cut_ms = batch.deadline_ms.unwrap_or(cut_ms);
                if batch.deadline_ms.is_none() && now_ms >= cut_ms {
                    let limit = print_duration(MAX_WAIT_MS);
                    let message = format!("podground: {name}: still waiting after {limit} of virtual time: stopped");
                    self.status = self.print(Outcome::error(1, message));
                    return;
                }
                let wakes_ms = host.wakes_ms(&job);
                let next = [ends_ms, wakes_ms].into_iter().flatten().filter(|at| *at > now_ms).min();
                let until_ms = next.unwrap_or(cut_ms).min(cut_ms);
                (Wait::Job { job, ends_ms, cut_ms, name }, until_ms, false)
            }
        };
        if now_ms >= deadline_ms {
            self.status = TIMED_OUT;
            return;
        }
        self.active = Some(Active { wait, batch });
        self.pending.push_back(Progress::Waiting { until_ms, only_time });
    }

    fn print(&mut self, outcome: Outcome) -> i32 {
        self.write(Stream::Out, &outcome.stdout);
        self.write(Stream::Err, &outcome.stderr);
        outcome.exit_code
    }
}

/// The milliseconds that `sleep` is given; without an end for `infinity`.
fn sleep(args: &[String]) -> Result<u64, Outcome> {
    if args.is_empty() {
        return Err(Outcome::error(1, "sleep: missing operand"));
    }
    args.iter().try_fold(0u64, |sum, text| {
        let error = || Outcome::error(1, format!("sleep: invalid time interval '{text}'"));
        Ok(sum.saturating_add(parse_shell_duration(text).ok_or_else(error)?))
    })
}

/// The limit of `timeout` (0 is none) and the command it is for.
fn timeout(args: &[String]) -> Result<(Option<u64>, Vec<String>), Outcome> {
    let mut args = args;
    while let Some((option, rest)) = args.split_first().filter(|(option, _)| option.starts_with('-')) {
        args = match option.as_str() {
            "-s" | "-k" | "--signal" | "--kill-after" => rest.get(1..).unwrap_or_default(),
            "-v" | "--verbose" | "--foreground" | "--preserve-status" => rest,
            option if ["--signal=", "--kill-after=", "-s", "-k"].iter().any(|known| option.starts_with(known)) => rest,
            option => return Err(Outcome::error(125, format!("timeout: unrecognized option '{option}'"))),
        };
    }
    let [limit, command @ ..] = args else { return Err(Outcome::error(125, "timeout: missing operand")) };
    if command.is_empty() {
        return Err(Outcome::error(125, format!("timeout: missing the command to run for {limit}")));
    }
    let limit_ms = parse_shell_duration(limit)
        .ok_or_else(|| Outcome::error(125, format!("timeout: invalid time interval '{limit}'")))?;
    Ok(((limit_ms > 0).then_some(limit_ms), command.to_vec()))
}
