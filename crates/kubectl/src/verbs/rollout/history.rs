//! `kubectl rollout history`. Models: polymorphichelpers/historyviewer.go.

use super::{Verb, group_kind, objects, revisions};
use crate::args::Args;
use crate::call::Call;
use crate::describe;
use crate::errors::CmdError;
use crate::flags::{self, Flag};
use crate::outcome::Outcome;
use crate::print::tabs;
use api::Wire;

pub(super) const VERB: Verb = Verb {
    usage: "history (TYPE NAME | TYPE/NAME) [flags]",
    long: "Lists the stored templates of a workload, or shows one of them.",
    examples: "  # The revisions of a StatefulSet\n  kubectl rollout history statefulset/web\n\n  # What the first one was\n  kubectl rollout history statefulset/web --revision=1",
    flags: &[
        &[Flag::int("revision", "0", "See the details, including podTemplate of the revision specified")],
        flags::FILES,
        flags::SELECTOR,
        flags::OUTPUT,
    ],
    run,
    ..Verb::named("history", "View rollout history")
};

fn run(call: &mut Call<'_>, args: &Args) -> Result<Outcome, CmdError> {
    let wanted = args.int("revision").unwrap_or(0);
    if wanted < 0 {
        return Err(CmdError::new(format!("revision must be a positive integer: {wanted}")));
    }
    let (items, mut errors) = objects(call, args)?;
    for item in &items {
        let Some(revisions) = revisions::of(call, item) else {
            errors.push(CmdError::new(format!("no history viewer has been implemented for \"{}\"", group_kind(item))));
            continue;
        };
        if wanted > 0 {
            match revisions.iter().find(|revision| revision.number == wanted) {
                Some(revision) => {
                    let template = describe::template(&Wire::read(revision.template.clone()));
                    call.say(format_args!("{} with revision #{wanted}\n{template}", item.title()));
                }
                None => errors.push(CmdError::new("unable to find the specified revision")),
            }
            continue;
        }
        if revisions.is_empty() {
            call.say(format_args!("{} \nNo rollout history found.", item.title()));
            continue;
        }
        let mut table = "REVISION\tCHANGE-CAUSE\n".to_owned();
        for revision in &revisions {
            let cause = if revision.change_cause.is_empty() { "<none>" } else { &revision.change_cause };
            table.push_str(&format!("{}\t{cause}\n", revision.number));
        }
        call.say(format_args!("{} \n{}", item.title(), tabs::DESCRIBE.layout(&table)));
    }
    CmdError::all(errors).map(|()| Outcome::Done)
}
