//! The verbs, one file each, and how a command line finds its verb.
//!
//! Models: kubectl/pkg/cmd/cmd.go and github.com/spf13/cobra for finding commands.

mod annotate;
mod apply;
mod autoscale;
mod certificate;
mod cluster_info;
mod config;
mod cordon;
mod create;
mod delete;
mod describe;
mod diff;
mod drain;
mod events;
mod exec;
mod explain;
mod explain_custom;
mod expose;
mod get;
mod help;
mod info;
mod kustomize;
mod label;
mod logs;
mod managers;
mod options;
mod pairs;
mod patch;
mod raw;
mod refused;
mod replace;
mod rollout;
mod run;
mod scale;
mod set;
mod sorting;
mod subresource;
mod taint;
mod top;
mod wait;

pub(crate) use config::NAME as CONTEXT;
pub(crate) use delete::Deletion;
pub(crate) use drain::Draining;
pub(crate) use events::EventStream;
pub(crate) use exec::Executing;
pub(crate) use get::Watch;
pub(crate) use logs::LogStream;
pub(crate) use replace::Replacement;
pub(crate) use rollout::Rollout;
pub(crate) use run::Attached;
pub(crate) use set::pod_spec_path;
pub(crate) use wait::Waiting;

use crate::args::Args;
use crate::call::Call;
use crate::errors::CmdError;
use crate::flags::{Flag, GLOBAL, Takes};
use crate::outcome::Outcome;
use apiserver::Writer;

/// One verb, or a group of them.
pub(crate) struct Verb {
    /// What is typed.
    pub(crate) name: &'static str,
    /// Other names for it.
    pub(crate) aliases: &'static [&'static str],
    /// What it does, in a line.
    pub(crate) about: &'static str,
    /// How it is called, after `kubectl`.
    pub(crate) usage: &'static str,
    /// What it does, in sentences.
    pub(crate) long: &'static str,
    /// Examples, indented by two.
    pub(crate) examples: &'static str,
    /// Its flags.
    pub(crate) flags: &'static [&'static [Flag]],
    /// What follows it.
    pub(crate) subs: &'static [Verb],
    /// What it does.
    pub(crate) run: fn(&mut Call<'_>, &Args) -> Result<Outcome, CmdError>,
}

impl Verb {
    /// A verb that only knows its name and purpose.
    pub(crate) const fn named(name: &'static str, about: &'static str) -> Verb {
        Verb {
            name,
            aliases: &[],
            about,
            usage: name,
            long: "",
            examples: "",
            flags: &[],
            subs: &[],
            run: |_, _| Ok(Outcome::Done),
        }
    }

    /// Whether this is its name or another one for it.
    pub(crate) fn is_called(&self, word: &str) -> bool {
        self.name == word || self.aliases.contains(&word)
    }
}

/// Every verb, in groups as `kubectl help` lists them.
pub(crate) const GROUPS: &[(&str, &[&Verb])] = &[
    ("Basic Commands (Beginner)", &[&create::VERB, &expose::VERB, &run::VERB, &set::VERB]),
    ("Basic Commands (Intermediate)", &[&explain::VERB, &get::VERB, &refused::EDIT, &delete::VERB]),
    ("Deploy Commands", &[&rollout::VERB, &scale::VERB, &autoscale::VERB]),
    (
        "Cluster Management Commands",
        &[
            &certificate::VERB,
            &cluster_info::VERB,
            &top::VERB,
            &cordon::CORDON,
            &cordon::UNCORDON,
            &drain::VERB,
            &taint::VERB,
        ],
    ),
    (
        "Troubleshooting and Debugging Commands",
        &[
            &describe::VERB,
            &logs::VERB,
            &refused::ATTACH,
            &exec::VERB,
            &refused::PORT_FORWARD,
            &refused::PROXY,
            &refused::COPY,
            &info::AUTH,
            &refused::DEBUG,
            &events::VERB,
        ],
    ),
    ("Advanced Commands", &[&diff::VERB, &apply::VERB, &patch::VERB, &replace::VERB, &wait::VERB, &kustomize::VERB]),
    ("Settings Commands", &[&label::VERB, &annotate::VERB, &refused::COMPLETION]),
    (
        "Other Commands",
        &[
            &info::API_RESOURCES,
            &info::API_VERSIONS,
            &config::VERB,
            &help::VERB,
            &help::OPTIONS,
            &refused::PLUGIN,
            &info::VERSION_VERB,
        ],
    ),
];

/// Verbs of the real kubectl that are not here, and why.
const ELSEWHERE: &[(&str, &str)] = &[
    ("alpha", "what kubectl keeps there (kuberc) is about settings in a home folder, and there is none"),
    ("kuberc", "there is no home folder here that could keep settings"),
];

/// Every verb.
pub(crate) fn all() -> impl Iterator<Item = &'static Verb> {
    GROUPS.iter().flat_map(|(_, verbs)| verbs.iter().copied())
}

/// The verb of this name.
pub(crate) fn find(word: &str) -> Option<&'static Verb> {
    all().find(|verb| verb.is_called(word))
}

/// Every command that does something, with the words before it: `rollout status`.
#[cfg(test)]
pub(crate) fn every_command() -> Vec<(String, &'static Verb)> {
    let subs = all().flat_map(|verb| verb.subs.iter().map(move |sub| (format!("{} {}", verb.name, sub.name), sub)));
    all().map(|verb| (verb.name.to_owned(), verb)).chain(subs).collect()
}

/// Finds the verb of a command line and runs it.
pub(crate) fn run(call: &mut Call<'_>, args: &[String]) -> Result<Outcome, CmdError> {
    let mut rest = args.to_vec();
    let Some(word) = take_word(&mut rest) else {
        return help::overview(call, &rest);
    };
    let Some(mut verb) = all().find(|verb| verb.is_called(&word)) else {
        return Err(unknown(&word));
    };
    let mut command = format!("kubectl {}", verb.name);
    while !verb.subs.is_empty() {
        let mut after = rest.clone();
        let Some(sub) = take_word(&mut after).and_then(|word| verb.subs.iter().find(|sub| sub.is_called(&word))) else {
            break;
        };
        rest = after;
        command = format!("{command} {}", sub.name);
        verb = sub;
    }
    let args = Args::parse(&command, verb.flags, &rest)?;
    if args.is("help") {
        help::print(call, &command, verb);
        return Ok(Outcome::Done);
    }
    call.server.set_writer(Some(Writer { manager: managers::of(&command, &args).into(), subresource: "" }));
    call.reveal_managed = args.is("show-managed-fields");
    (verb.run)(call, &args)
}

/// Takes out the first word that is neither a flag nor a flag's value.
fn take_word(tokens: &mut Vec<String>) -> Option<String> {
    let mut index = 0;
    while index < tokens.len() {
        let token = tokens[index].as_str();
        if token == "--" {
            return None;
        }
        if !token.starts_with('-') || token == "-" {
            return Some(tokens.remove(index));
        }
        let takes_value = |flag: &&Flag| {
            !matches!(flag.takes, Takes::Bool | Takes::Optional(_))
                && (token.strip_prefix("--") == Some(flag.long)
                    || flag.short.is_some_and(|short| token.strip_prefix('-') == Some(short.to_string().as_str())))
        };
        index += 1 + usize::from(GLOBAL.iter().any(|flag| takes_value(&flag)));
    }
    None
}

fn unknown(word: &str) -> CmdError {
    if let Some((_, why)) = ELSEWHERE.iter().find(|(name, _)| *name == word) {
        return CmdError::Refused(format!("podground: kubectl {word} is not available here: {why}"));
    }
    let error = CmdError::new(format!("unknown command \"{word}\" for \"kubectl\""));
    let close = all().map(|verb| verb.name).filter(|name| crate::fields::distance(name, word) <= 2);
    let mut close: Vec<&str> = close.collect();
    close.sort_unstable();
    if close.is_empty() {
        return error;
    }
    CmdError::Verbatim(format!(
        "error: unknown command \"{word}\" for \"kubectl\"\n\nDid you mean this?\n\t{}\n",
        close.join("\n\t")
    ))
}

/// What a verb group says when it is called without one of its verbs: its help, to standard error, as an error.
pub(crate) fn group(call: &mut Call<'_>, args: &Args, verb: &Verb) -> Result<Outcome, CmdError> {
    if !args.words.is_empty() {
        let message = format!("unknown command \"{}\"", args.words.join(" "));
        return Err(CmdError::usage(&args.command, &message));
    }
    let text = help::text(&args.command, verb);
    if verb.name == "rollout" {
        call.print(&text)
    } else {
        call.output.stderr.push_str(&text)
    }
    Err(CmdError::Exit(1))
}

/// Every verb with what it does, for completion and help outside.
pub fn commands() -> Vec<(&'static str, &'static str)> {
    let mut commands: Vec<_> = all().map(|verb| (verb.name, verb.about)).collect();
    commands.sort_unstable();
    commands
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_verb_is_found_behind_flags() {
        let take = |line: &str| {
            let mut tokens: Vec<String> = line.split(' ').map(str::to_owned).collect();
            (take_word(&mut tokens), tokens.join(" "))
        };
        assert_eq!(take("-n f get pods"), (Some("get".to_owned()), "-n f pods".to_owned()));
        assert_eq!(take("--namespace=f -v 6 get"), (Some("get".to_owned()), "--namespace=f -v 6".to_owned()));
        assert_eq!(take("--help"), (None, "--help".to_owned()));
    }

    #[test]
    fn no_verb_is_listed_twice() {
        let mut names: Vec<&str> = all().map(|verb| verb.name).collect();
        names.sort_unstable();
        let count = names.len();
        names.dedup();
        assert_eq!(names.len(), count);
    }
}
