//! What a container's command does: how long it runs, how it exits, what it prints. See console.md, "Containers".
//!
//! A command is worked out once, when its container is created; nothing runs. What it prints by a moment follows
//! from how long it has run by then, so logs cost nothing until somebody reads them.

use crate::env::{self, Variables};
use crate::script::{self, Node};
use api::{Str, Time};
use sim::{SimDuration, parse_go_duration};

/// A command that was understood.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Program {
    /// What it prints, and how long after its start.
    lines: Vec<(SimDuration, String)>,
    /// What it repeats for ever from then on.
    cycle: Option<Cycle>,
    /// When it ends by itself, and with which exit code.
    pub(crate) end: Option<(SimDuration, i32)>,
    /// The files that it removes, and how long after its start.
    removed: Vec<(SimDuration, String)>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Cycle {
    from: SimDuration,
    every: SimDuration,
    lines: Vec<(SimDuration, String)>,
}

/// A line that a container has printed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogLine {
    /// When.
    pub time: Time,
    /// The text, without the line break.
    pub text: String,
}

/// Stands for the moment in a line that prints the date.
pub(crate) const DATE: char = '\u{1}';
/// Lines of an endless loop that are kept, as a log file is rotated.
const KEPT: u64 = 10_000;
/// Turns of a loop over a list that are worked out.
const MOST_STEPS: u32 = 100_000;

impl Program {
    /// Reads command and arguments; `None` if they are not made of what is modelled.
    pub(crate) fn of(command: &[Str], args: &[Str], variables: &Variables, hostname: &str) -> Option<Program> {
        let argv: Vec<String> = command.iter().chain(args).map(|word| env::expand(word, variables)).collect();
        let name = argv.first()?.rsplit('/').next()?;
        let is_shell = matches!(name, "sh" | "bash" | "ash" | "dash");
        let script = if is_shell {
            let flag = argv.get(1)?;
            if !flag.starts_with('-') || !flag.ends_with('c') {
                return None;
            }
            script::parse(argv.get(2)?)?
        } else {
            vec![Node::Command(argv.iter().map(|word| script::literal(word)).collect())]
        };
        let mut run = Run { variables: variables.clone(), hostname, steps: 0, ..Run::default() };
        let flow = run.list(&script)?;
        let end = match flow {
            Flow::Next => Some((run.at, run.status)),
            Flow::Exit => Some((run.at, run.status)),
            Flow::Forever => None,
        };
        Some(Program { lines: run.lines, cycle: run.cycle, end, removed: run.removed })
    }

    /// How long after its start it has removed this file for good.
    pub(crate) fn removes(&self, file: &str) -> Option<SimDuration> {
        self.removed.iter().find(|(_, removed)| removed == file).map(|(at, _)| *at)
    }

    /// What it has printed if it was started at `started` and ran until `until`.
    pub(crate) fn log(&self, started: Time, until: Time) -> Vec<LogLine> {
        let line = |at: SimDuration, text: &String| {
            let time = started.plus(at);
            LogLine { time, text: text.replace(DATE, &unix_date(time)) }
        };
        let ran = until.since(started);
        let mut log: Vec<LogLine> =
            self.lines.iter().filter(|(at, _)| *at <= ran).map(|(at, text)| line(*at, text)).collect();
        let Some(cycle) = &self.cycle else { return log };
        if ran < cycle.from || cycle.lines.is_empty() {
            return log;
        }
        let every = cycle.every.as_millis().max(1);
        let last = (ran - cycle.from).as_millis() / every;
        let first = last.saturating_sub(KEPT / cycle.lines.len() as u64);
        for turn in first..=last {
            let from = cycle.from + SimDuration::from_millis(turn * every);
            log.extend(cycle.lines.iter().filter(|(at, _)| from + *at <= ran).map(|(at, text)| line(from + *at, text)));
        }
        log
    }
}

/// As `date` prints a time: `Thu Jan  1 00:00:00 UTC 2026`.
fn unix_date(time: Time) -> String {
    let text = time.rfc1123z();
    let (y, _, d, h, m, s) = time.civil();
    let weekday = text.get(..3).unwrap_or("");
    let month = text.split(' ').nth(2).unwrap_or("");
    format!("{weekday} {month} {d:2} {h:02}:{m:02}:{s:02} UTC {y}")
}

/// How a part of a script ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Flow {
    Next,
    Exit,
    Forever,
}

/// A script being worked out.
#[derive(Default)]
struct Run<'a> {
    variables: Variables,
    hostname: &'a str,
    at: SimDuration,
    status: i32,
    /// A line begun by `echo -n`.
    begun: String,
    lines: Vec<(SimDuration, String)>,
    cycle: Option<Cycle>,
    removed: Vec<(SimDuration, String)>,
    steps: u32,
}

impl Run<'_> {
    fn list(&mut self, nodes: &[Node]) -> Option<Flow> {
        for node in nodes {
            self.steps += 1;
            if self.steps > MOST_STEPS {
                return None;
            }
            let flow = match node {
                Node::Command(words) => self.command(words)?,
                Node::And(first, second) => match self.list(std::slice::from_ref(first))? {
                    Flow::Next if self.status == 0 => self.list(std::slice::from_ref(second))?,
                    flow => flow,
                },
                Node::Or(first, second) => match self.list(std::slice::from_ref(first))? {
                    Flow::Next if self.status != 0 => self.list(std::slice::from_ref(second))?,
                    flow => flow,
                },
                Node::Forever(body) => self.forever(body)?,
                Node::For(name, words, body) => self.each(name, words, body)?,
            };
            if flow != Flow::Next {
                return Some(flow);
            }
        }
        Some(Flow::Next)
    }

    /// An endless loop: worked out once, repeated when the log is read.
    fn forever(&mut self, body: &[Node]) -> Option<Flow> {
        let from = self.at;
        let before = self.lines.len();
        let removed = self.removed.clone();
        let flow = self.list(body)?;
        if flow != Flow::Next {
            return Some(flow);
        }
        // Files that come and go in turns are not modelled.
        if self.removed != removed {
            return None;
        }
        let every = self.at - from;
        if every == SimDuration::ZERO {
            return None;
        }
        let lines = self.lines.split_off(before).into_iter().map(|(at, text)| (at - from, text)).collect();
        self.cycle = Some(Cycle { from, every, lines });
        Some(Flow::Forever)
    }

    fn each(&mut self, name: &str, words: &[Vec<script::Piece>], body: &[Node]) -> Option<Flow> {
        let values: Vec<String> = words
            .iter()
            .flat_map(|word| self.word(word).split_whitespace().map(str::to_owned).collect::<Vec<_>>())
            .collect();
        for value in values {
            self.variables.push((name.into(), value.as_str().into()));
            let flow = self.list(body)?;
            if flow != Flow::Next {
                return Some(flow);
            }
        }
        Some(Flow::Next)
    }

    fn word(&self, pieces: &[script::Piece]) -> String {
        script::text(pieces, self.hostname, &|name| {
            let known = self.variables.iter().rev().find(|(known, _)| known == name);
            match (known, name) {
                (Some((_, value)), _) => value.to_string(),
                (None, "?") => self.status.to_string(),
                (None, "HOSTNAME") => self.hostname.to_owned(),
                (None, _) => String::new(),
            }
        })
    }

    fn command(&mut self, words: &[Vec<script::Piece>]) -> Option<Flow> {
        let words: Vec<String> = words.iter().map(|word| self.word(word)).collect();
        let mut words: Vec<&str> = words.iter().map(String::as_str).collect();
        if words.first() == Some(&"exec") {
            words.remove(0);
        }
        let Some((&name, rest)) = words.split_first() else {
            self.status = 0;
            return Some(Flow::Next);
        };
        match name.rsplit('/').next().unwrap_or(name) {
            "true" | ":" | "set" => self.status = 0,
            "false" => self.status = 1,
            "sleep" => {
                let mut total = SimDuration::ZERO;
                for word in rest {
                    match sleep_time(word)? {
                        Some(time) => total = total + time,
                        None => return Some(Flow::Forever),
                    }
                }
                self.at = self.at + total;
                self.status = 0;
            }
            "touch" => {
                self.removed.retain(|(_, file)| !rest.contains(&file.as_str()));
                self.status = 0;
            }
            "rm" => {
                let files = rest.iter().filter(|word| !word.starts_with('-'));
                self.removed.extend(files.map(|file| (self.at, (*file).to_owned())));
                self.status = 0;
            }
            "exit" => {
                if let Some(code) = rest.first() {
                    self.status = code.parse::<i32>().ok()? & 0xff;
                }
                return Some(Flow::Exit);
            }
            "echo" => self.echo(rest),
            "date" if rest.is_empty() => self.echo(&[&DATE.to_string()]),
            "hostname" if rest.is_empty() => self.echo(&[self.hostname]),
            "tail" if rest.first().is_some_and(|flag| flag.starts_with("-f") || flag.starts_with("-F")) => {
                return Some(Flow::Forever);
            }
            _ => return None,
        }
        Some(Flow::Next)
    }

    fn echo(&mut self, mut words: &[&str]) {
        let (mut line_break, mut escapes) = (true, false);
        while let Some((&flag, rest)) = words.split_first()
            && matches!(flag, "-n" | "-e" | "-ne" | "-en")
        {
            line_break &= !flag.contains('n');
            escapes |= flag.contains('e');
            words = rest;
        }
        let mut text = words.join(" ");
        if escapes {
            text = text.replace("\\n", "\n").replace("\\t", "\t");
        }
        self.begun.push_str(&text);
        self.status = 0;
        if line_break {
            let whole = std::mem::take(&mut self.begun);
            self.lines.extend(whole.split('\n').map(|line| (self.at, line.to_owned())));
        }
    }
}

/// `5`, `0.5`, `2m`, `1d`, `infinity`: `Some(None)` for ever, `None` if it is no time.
fn sleep_time(word: &str) -> Option<Option<SimDuration>> {
    if matches!(word, "infinity" | "inf") {
        return Some(None);
    }
    if let Some(days) = word.strip_suffix('d') {
        let hours = parse_go_duration(&format!("{days}h"))?;
        return Some(Some(SimDuration::from_millis(hours.as_millis().saturating_mul(24))));
    }
    let text =
        if word.ends_with(|c: char| c.is_ascii_digit() || c == '.') { format!("{word}s") } else { word.to_owned() };
    parse_go_duration(&text).map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};

    fn check(argv: &[&str], expect: Expect) {
        let argv: Vec<Str> = argv.iter().map(|word| Str::from(*word)).collect();
        let variables = vec![("GREETING".into(), "hello".into())];
        let text = match Program::of(&argv, &[], &variables, "web-0") {
            None => "not understood".to_owned(),
            Some(program) => {
                let start = Time::from_unix_millis(0);
                let log = program.log(start, start.plus(SimDuration::from_secs(7)));
                let lines: Vec<String> =
                    log.iter().map(|l| format!("{}s {}", l.time.since(start).as_secs(), l.text)).collect();
                let end = program.end.map_or("runs for ever".into(), |(at, code)| format!("exit {code} after {at}"));
                format!("{}; {end}", lines.join(", "))
            }
        };
        expect.assert_eq(&text);
    }

    #[test]
    fn commands_that_are_modelled() {
        check(&["sleep", "3600"], expect!["; exit 0 after 1h0m0s"]);
        check(&["/bin/sh", "-c", "echo start; sleep 2 && exit 3"], expect!["0s start; exit 3 after 2s"]);
        check(
            &["sh", "-c", "false && echo no || echo \"$GREETING $HOSTNAME\""],
            expect!["0s hello web-0; exit 0 after 0s"],
        );
        check(&["false"], expect!["; exit 1 after 0s"]);
        check(&["echo", "$(GREETING)", "$X"], expect!["0s hello $X; exit 0 after 0s"]);
        check(&["sleep", "infinity"], expect!["; runs for ever"]);
    }

    #[test]
    fn loops() {
        check(
            &["sh", "-c", "echo go\nwhile true; do echo tick; sleep 3; done"],
            expect!["0s go, 0s tick, 3s tick, 6s tick; runs for ever"],
        );
        check(&["sh", "-c", "for i in 1 2; do echo $i; sleep 1; done"], expect!["0s 1, 1s 2; exit 0 after 2s"]);
        check(
            &["sh", "-c", "while :; do date; sleep 5; done"],
            expect!["0s Thu Jan  1 00:00:00 UTC 1970, 5s Thu Jan  1 00:00:05 UTC 1970; runs for ever"],
        );
        check(&["sh", "-c", "while true; do echo busy; done"], expect!["not understood"]);
    }

    #[test]
    fn everything_else_is_left_to_the_image() {
        check(&["nginx", "-g", "daemon off;"], expect!["not understood"]);
        check(&["sh", "-c", "until nslookup db; do sleep 2; done"], expect!["not understood"]);
        check(&["sh"], expect!["not understood"]);
    }
}
