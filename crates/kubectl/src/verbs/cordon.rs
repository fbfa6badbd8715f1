//! `kubectl cordon` and `kubectl uncordon`. Models: kubectl/pkg/cmd/drain (RunCordonOrUncordon).

use super::Verb;
use super::options::DryRun;
use crate::args::Args;
use crate::call::Call;
use crate::errors::CmdError;
use crate::flags;
use crate::outcome::Outcome;
use crate::targets::{self, Item, Rules};
use api::{Node, Resource};
use apiserver::PatchType;
use serde_json::{Value, json};

pub(super) const CORDON: Verb = Verb {
    usage: "cordon NODE",
    long: "Marks nodes so that no new pod is scheduled on them; pods that are there stay.",
    examples: "  # Keep new pods away from node-1\n  kubectl cordon node-1",
    flags: &[flags::SELECTOR, flags::DRY_RUN],
    run: |call, args| each(call, args, true),
    ..Verb::named("cordon", "Mark node as unschedulable")
};

pub(super) const UNCORDON: Verb = Verb {
    usage: "uncordon NODE",
    long: "Lets pods be scheduled on nodes again.",
    examples: "  # Let pods come to node-1 again\n  kubectl uncordon node-1",
    flags: &[flags::SELECTOR, flags::DRY_RUN],
    run: |call, args| each(call, args, false),
    ..Verb::named("uncordon", "Mark node as schedulable")
};

fn each(call: &mut Call<'_>, args: &Args, cordon: bool) -> Result<Outcome, CmdError> {
    let usage = if cordon { CORDON.usage } else { UNCORDON.usage };
    let (nodes, dry) = (nodes(call, args, usage)?, DryRun::of(args)?);
    for node in &nodes {
        set_unschedulable(call, node, cordon, dry)?;
    }
    Ok(Outcome::Done)
}

/// The nodes that the words or the selector name.
pub(super) fn nodes(call: &mut Call<'_>, args: &Args, usage: &str) -> Result<Vec<Item>, CmdError> {
    let by_selector = args.given("selector");
    if args.words.is_empty() && !by_selector {
        return Err(CmdError::usage(&args.command, &format!("USAGE: {usage} [flags]")));
    }
    if !args.words.is_empty() && by_selector {
        return Err(CmdError::usage(&args.command, "error: cannot specify both a node name and a --selector option"));
    }
    let words: Vec<String> = if by_selector {
        vec!["nodes".to_owned()]
    } else {
        let named = |word: &String| if word.contains('/') { word.clone() } else { format!("nodes/{word}") };
        args.words.iter().map(named).collect()
    };
    let items = targets::find(call, args, &words, Rules::default())?.all_or_error()?;
    match items.iter().find(|item| item.info.kind != "Node") {
        Some(item) => {
            let (group, version, plural) = (item.info.group, item.info.version, item.info.plural);
            Err(CmdError::new(format!(
                "error: expected resource of type node, got \"{group}/{version}, Resource={plural}\""
            )))
        }
        None => Ok(items),
    }
}

/// Cordons or uncordons a node and tells so.
pub(super) fn set_unschedulable(call: &mut Call<'_>, item: &Item, cordon: bool, dry: DryRun) -> Result<(), CmdError> {
    let is = item.object.as_ref().and_then(Node::from_object).is_some_and(|node| node.spec.unschedulable);
    let (done, already) = if cordon { ("cordoned", "already cordoned") } else { ("uncordoned", "already uncordoned") };
    if is == cordon {
        call.say(format_args!("{} {already}{}", item.title(), dry.suffix()));
        return Ok(());
    }
    if dry != DryRun::Client {
        let unschedulable = if cordon { Value::Bool(true) } else { Value::Null };
        let patch = json!({"spec": {"unschedulable": unschedulable}});
        dry.ask(call, |server| server.patch(&item.key, PatchType::Merge, &patch, false))?;
    }
    call.say(format_args!("{} {done}{}", item.title(), dry.suffix()));
    Ok(())
}
