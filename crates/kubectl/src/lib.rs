//! kubectl: its verbs, tables, descriptions and errors, over the API server of the simulation.
//!
//! [`run`] takes the words of a command line and answers with what kubectl would print. It only talks to the API: no
//! verb sets a status or makes up a result. Time never passes inside: a verb that waits answers with a [`Follow`],
//! which whoever owns the clock polls as time moves on.
//!
//! Models: staging/src/k8s.io/kubectl and cli-runtime of Kubernetes 1.36, and for tables pkg/printers.

mod args;
mod base64;
mod call;
mod complete;
mod describe;
mod errors;
mod fields;
#[cfg(test)]
mod fixture;
mod flags;
mod follow;
mod jsonpath;
mod kustomize;
mod load;
mod outcome;
mod output;
pub mod print;
mod select;
mod targets;
mod template;
mod unified;
mod verbs;

pub use call::{Env, Exec, Files, LogLine, Output, Ran, ReadLog};
pub use complete::{Candidate, CandidateKind, Completions, Sight, complete, files as complete_files};
pub use follow::Follow;
pub use verbs::commands;

use apiserver::Server;

/// What running a command line came to.
#[derive(Clone, Debug)]
pub enum Started {
    /// It is over.
    Done(Output),
    /// It has printed this much and waits for something: poll it after time has moved on.
    Follow(Output, Follow),
}

/// Runs a command line; `args` are its words without `kubectl` itself. While the server is about to serve a kind that
/// was just defined, the command waits for that.
pub fn run(server: &mut Server, env: &Env<'_>, args: &[String], stdin: &str) -> Started {
    const DISCOVERY: sim::SimDuration = sim::SimDuration::from_secs(1);
    if server.lister().is_installing() {
        let start = follow::Start { args: args.to_vec(), stdin: stdin.to_owned() };
        let follow = Follow::within(follow::State::Start(start), server.now(), Some(DISCOVERY));
        return Started::Follow(Output::default(), follow);
    }
    begin(server, env, args, stdin)
}

fn begin(server: &mut Server, env: &Env<'_>, args: &[String], stdin: &str) -> Started {
    let mut call = call::Call::new(server, env, stdin);
    let result = verbs::run(&mut call, args);
    call.server.set_writer(None);
    call.finish(result)
}
