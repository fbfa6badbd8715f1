//! Reads the words of a command line into flags and arguments, and says what is wrong with them as kubectl does.
//!
//! Models: github.com/spf13/pflag (long and short forms, `--`), and the usage errors of kubectl/pkg/cmd/util.

use crate::errors::CmdError;
use crate::flags::{Flag, GLOBAL, Takes};
use sim::{SimDuration, parse_go_duration};
use std::collections::BTreeMap;

/// The flags and arguments of one command.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Args {
    /// `kubectl rollout status`: what the command is called in messages.
    pub(crate) command: String,
    /// The arguments that are no flags.
    pub(crate) words: Vec<String>,
    /// How many of the words stand before `--`; all if there is none.
    pub(crate) before_dash: usize,
    values: BTreeMap<&'static str, Vec<String>>,
}

impl Args {
    /// Reads `tokens` by the flags in `groups` and the global ones.
    pub(crate) fn parse(command: &str, groups: &[&[Flag]], tokens: &[String]) -> Result<Args, CmdError> {
        let mut args = Args { command: command.to_owned(), ..Args::default() };
        let known: Vec<&Flag> = groups.iter().flat_map(|group| group.iter()).chain(GLOBAL).collect();
        let mut rest = tokens.iter();
        let mut dash = None;
        while let Some(token) = rest.next() {
            if token == "--" {
                dash = Some(args.words.len());
                args.words.extend(rest.by_ref().cloned());
            } else if let Some(long) = token.strip_prefix("--") {
                args.long(&known, token, long, &mut rest).map_err(|error| see_help(command, &error))?;
            } else if token.len() > 1 && token.starts_with('-') {
                args.letters(&known, token, &mut rest).map_err(|error| see_help(command, &error))?;
            } else {
                args.words.push(token.clone());
            }
        }
        args.before_dash = dash.unwrap_or(args.words.len());
        Ok(args)
    }

    fn long<'a>(
        &mut self,
        known: &[&Flag],
        token: &str,
        long: &str,
        rest: &mut impl Iterator<Item = &'a String>,
    ) -> Result<(), String> {
        if long.starts_with(['-', '=']) {
            return Err(format!("bad flag syntax: {token}"));
        }
        let (name, value) = match long.split_once('=') {
            Some((name, value)) => (name, Some(value.to_owned())),
            None => (long, None),
        };
        let flag = known.iter().find(|flag| flag.long == name).ok_or_else(|| format!("unknown flag: --{name}"))?;
        let value = match (value, flag.takes) {
            (Some(value), _) => value,
            (None, Takes::Bool) => "true".to_owned(),
            (None, Takes::Optional(stands_for)) => stands_for.to_owned(),
            (None, _) => rest.next().cloned().ok_or_else(|| format!("flag needs an argument: --{name}"))?,
        };
        self.set(flag, value)
    }

    fn letters<'a>(
        &mut self,
        known: &[&Flag],
        token: &str,
        rest: &mut impl Iterator<Item = &'a String>,
    ) -> Result<(), String> {
        let mut letters = token[1..].chars();
        while let Some(letter) = letters.next() {
            let flag = known
                .iter()
                .find(|flag| flag.short == Some(letter))
                .ok_or_else(|| format!("unknown shorthand flag: '{letter}' in {token}"))?;
            let after = letters.as_str();
            if let Some(value) = after.strip_prefix('=') {
                return self.set(flag, value.to_owned());
            }
            match flag.takes {
                Takes::Bool => self.set(flag, "true".to_owned())?,
                Takes::Optional(stands_for) => self.set(flag, stands_for.to_owned())?,
                _ if !after.is_empty() => return self.set(flag, after.to_owned()),
                _ => {
                    let value = rest.next().cloned();
                    let value = value.ok_or_else(|| format!("flag needs an argument: '{letter}' in {token}"))?;
                    return self.set(flag, value);
                }
            }
        }
        Ok(())
    }

    fn set(&mut self, flag: &Flag, value: String) -> Result<(), String> {
        if let Some(why) = misfit(flag, &value) {
            let name = match flag.short {
                Some(short) => format!("-{short}, --{}", flag.long),
                None => format!("--{}", flag.long),
            };
            return Err(format!("invalid argument \"{value}\" for \"{name}\" flag: {why}"));
        }
        let values = self.values.entry(flag.long).or_default();
        match flag.takes {
            Takes::Texts => values.extend(value.split(',').map(str::to_owned)),
            Takes::Array => values.push(value),
            _ => *values = vec![value],
        }
        Ok(())
    }

    /// Whether the flag was written.
    pub(crate) fn given(&self, flag: &str) -> bool {
        self.values.contains_key(flag)
    }

    /// As if the flag had not been written.
    pub(crate) fn forget(&mut self, flag: &str) {
        self.values.remove(flag);
    }

    /// The flag's text, empty if it was not written.
    pub(crate) fn text(&self, flag: &str) -> &str {
        self.values.get(flag).and_then(|values| values.last()).map_or("", String::as_str)
    }

    /// The flag's text, if it was written.
    pub(crate) fn maybe(&self, flag: &str) -> Option<&str> {
        self.values.get(flag).and_then(|values| values.last()).map(String::as_str)
    }

    /// The flag's texts.
    pub(crate) fn texts(&self, flag: &str) -> &[String] {
        self.values.get(flag).map_or(&[], Vec::as_slice)
    }

    /// Whether a switch is on; off if it was not written.
    pub(crate) fn is(&self, flag: &str) -> bool {
        self.is_unless_off(flag, false)
    }

    /// Whether a switch is on; `default` if it was not written.
    pub(crate) fn is_unless_off(&self, flag: &str, default: bool) -> bool {
        self.maybe(flag).map_or(default, |value| bool_of(value) == Some(true))
    }

    /// The flag's number, if it was written.
    pub(crate) fn int(&self, flag: &str) -> Option<i64> {
        self.maybe(flag)?.parse().ok()
    }

    /// The flag's duration, if it was written; negative ones count as none.
    pub(crate) fn duration(&self, flag: &str) -> Option<SimDuration> {
        parse_go_duration(self.maybe(flag)?)
    }

    /// The words before `--`.
    pub(crate) fn words_before_dash(&self) -> &[String] {
        &self.words[..self.before_dash.min(self.words.len())]
    }

    /// The words after `--`.
    pub(crate) fn words_after_dash(&self) -> &[String] {
        &self.words[self.before_dash.min(self.words.len())..]
    }
}

fn see_help(command: &str, error: &str) -> CmdError {
    CmdError::new(format!("{error}\nSee '{command} --help' for usage."))
}

/// Why the value is none of the flag's type.
fn misfit(flag: &Flag, value: &str) -> Option<String> {
    match flag.takes {
        Takes::Bool if bool_of(value).is_none() => {
            Some(format!("strconv.ParseBool: parsing \"{value}\": invalid syntax"))
        }
        Takes::Int if value.parse::<i64>().is_err() => {
            Some(format!("strconv.ParseInt: parsing \"{value}\": invalid syntax"))
        }
        Takes::Duration if parse_go_duration(value.strip_prefix('-').unwrap_or(value)).is_none() => {
            Some(duration_misfit(value))
        }
        _ => None,
    }
}

fn duration_misfit(value: &str) -> String {
    if !value.is_empty() && value.bytes().all(|b| b.is_ascii_digit() || b == b'.') {
        format!("time: missing unit in duration \"{value}\"")
    } else {
        format!("time: invalid duration \"{value}\"")
    }
}

fn bool_of(value: &str) -> Option<bool> {
    match value {
        "1" | "t" | "T" | "true" | "TRUE" | "True" => Some(true),
        "0" | "f" | "F" | "false" | "FALSE" | "False" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flags;
    use expect_test::{Expect, expect};

    const FLAGS: &[&[Flag]] =
        &[flags::OUTPUT, flags::SELECTOR, flags::FILES, flags::ALL_NAMESPACES, flags::DRY_RUN, COUNT];
    const COUNT: &[Flag] = &[Flag::int("replicas", "0", "How many."), Flag::duration("timeout", "0s", "How long.")];

    fn parse(line: &str) -> Result<Args, CmdError> {
        let tokens: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        Args::parse("kubectl get", FLAGS, &tokens)
    }

    #[test]
    fn every_way_to_write_a_flag() {
        let args = parse("pods -lapp=x -oyaml -An kube --dry-run a -f=a.yaml,b.yaml -f c.yaml --replicas=-1 -- -x --y")
            .expect("valid");
        assert_eq!(args.words, ["pods", "a", "-x", "--y"]);
        assert_eq!(args.words_after_dash(), ["-x", "--y"]);
        assert_eq!((args.text("selector"), args.text("output"), args.text("namespace")), ("app=x", "yaml", "kube"));
        assert!(args.is("all-namespaces") && !args.is("recursive"));
        assert_eq!(args.text("dry-run"), "unchanged");
        assert_eq!(args.texts("filename"), ["a.yaml", "b.yaml", "c.yaml"]);
        assert_eq!(args.int("replicas"), Some(-1));
    }

    #[test]
    fn usage_errors() {
        let check = |line: &str, expected: Expect| expected.assert_eq(&parse(line).expect_err(line).render().1);
        check("pods --frob", expect![["error: unknown flag: --frob\nSee 'kubectl get --help' for usage.\n"]]);
        check(
            "pods -lx -x",
            expect![["error: unknown shorthand flag: 'x' in -x\nSee 'kubectl get --help' for usage.\n"]],
        );
        check("pods -o", expect![["error: flag needs an argument: 'o' in -o\nSee 'kubectl get --help' for usage.\n"]]);
        check(
            "--selector",
            expect![["error: flag needs an argument: --selector\nSee 'kubectl get --help' for usage.\n"]],
        );
        check(
            "--replicas=x",
            expect![[
                "error: invalid argument \"x\" for \"--replicas\" flag: strconv.ParseInt: parsing \"x\": invalid syntax\nSee 'kubectl get --help' for usage.\n"
            ]],
        );
        check(
            "--timeout 30",
            expect![[
                "error: invalid argument \"30\" for \"--timeout\" flag: time: missing unit in duration \"30\"\nSee 'kubectl get --help' for usage.\n"
            ]],
        );
    }
}
