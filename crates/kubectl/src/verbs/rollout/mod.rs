//! `kubectl rollout`: how a new template reaches the pods. Models: kubectl/pkg/cmd/rollout and polymorphichelpers.

mod history;
mod pause;
mod restart;
mod revisions;
mod status;
mod undo;

pub(crate) use status::Rollout;

use super::Verb;
use crate::args::Args;
use crate::call::Call;
use crate::errors::CmdError;
use crate::targets::{self, Item, Rules};

pub(super) const VERB: Verb = Verb {
    usage: "rollout SUBCOMMAND",
    long: "Shows and steers how a new template of a StatefulSet, DaemonSet or Deployment reaches its pods.",
    examples: "  # Watch a rollout\n  kubectl rollout status statefulset/web\n\n  # Go back to the template before\n  kubectl rollout undo statefulset/web",
    subs: &[history::VERB, pause::PAUSE, restart::VERB, pause::RESUME, status::VERB, undo::VERB],
    run: |call, args| super::group(call, args, &VERB),
    ..Verb::named("rollout", "Manage the rollout of a resource")
};

/// The objects that a verb of rollout is about.
fn objects(call: &mut Call<'_>, args: &Args) -> Result<(Vec<Item>, Vec<CmdError>), CmdError> {
    if args.words.is_empty() && !crate::load::names_files(args) {
        return Err(CmdError::new("required resource not specified"));
    }
    let rules = Rules { type_means_all: true, latest: true, ..Rules::default() };
    let found = targets::find(call, args, &args.words, rules)?;
    if found.items.is_empty() && found.errors.is_empty() {
        let (namespace, _) = call.namespace(args);
        call.complain(format_args!("No resources found in {namespace} namespace."));
    }
    Ok((found.items, found.errors))
}

/// `error: statefulsets.apps "web" pausing is not supported`.
fn unsupported(item: &Item, what: &str) -> CmdError {
    CmdError::new(format!("error: {} \"{}\" {what} is not supported", item.info.qualified_plural(), item.key.name))
}

/// `StatefulSet.apps`.
fn group_kind(item: &Item) -> String {
    let dot = if item.info.group.is_empty() { "" } else { "." };
    format!("{}{dot}{}", item.info.kind, item.info.group)
}
