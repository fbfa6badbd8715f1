//! `kubectl set selector`, for Services. Models: kubectl/pkg/cmd/set/set_selector.go.

use super::Verb;
use crate::args::Args;
use crate::call::Call;
use crate::errors::CmdError;
use crate::flags::{self, Flag};
use crate::outcome::Outcome;
use crate::output::Format;
use crate::targets::{self, Rules};
use crate::verbs::options::{DryRun, print_one, refreshed};
use apiserver::PatchType;
use serde_json::{Map, json};

pub(super) const VERB: Verb = Verb {
    usage: "selector (-f FILENAME | TYPE NAME) EXPRESSIONS [--resource-version=version]",
    flags: &[
        flags::ALL,
        flags::FILES,
        flags::OUTPUT,
        flags::DRY_RUN,
        flags::LOCAL,
        flags::FIELD_MANAGER,
        &[Flag::text(
            "resource-version",
            "If non-empty, the selectors update will only succeed if this is the current resource-version.",
        )],
    ],
    run,
    ..Verb::named("selector", "Set the selector on a resource")
};

fn run(call: &mut Call<'_>, args: &Args) -> Result<Outcome, CmdError> {
    let (dry, format) = (DryRun::of(args)?, Format::of_result(call, args)?);
    let Some((expression, resources)) = args.words.split_last().filter(|(last, _)| last.contains('=')) else {
        return Err(CmdError::new("one selector is required"));
    };
    let mut selector = Map::new();
    for pair in expression.split(',') {
        let (key, value) =
            pair.split_once('=').ok_or_else(|| CmdError::new("setting a selector is only supported for Services"))?;
        selector.insert(key.to_owned(), value.into());
    }
    let rules = Rules { type_means_all: args.is("all"), latest: true, ..Rules::default() };
    let items = targets::find(call, args, resources, rules)?.all_or_error()?;
    for item in &items {
        if item.info.kind != "Service" {
            return Err(CmdError::new("setting a selector is only supported for Services"));
        }
        let mut value = item.value();
        value["spec"]["selector"] = selector.clone().into();
        let patch = json!([{"op": "add", "path": "/spec/selector", "value": selector}]);
        let item = if dry == DryRun::Client {
            item.clone()
        } else {
            let object = dry.ask(call, |server| server.patch(&item.key, PatchType::Json, &patch, false))?;
            refreshed(item, object)
        };
        print_one(call, &format, &item, &value, "selector updated", dry)?;
    }
    Ok(Outcome::Done)
}
