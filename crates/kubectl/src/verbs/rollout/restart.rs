//! `kubectl rollout restart`. Models: polymorphichelpers/objectrestarter.go.

use super::{Verb, objects, unsupported};
use crate::args::Args;
use crate::call::Call;
use crate::errors::CmdError;
use crate::fields;
use crate::flags;
use crate::outcome::Outcome;
use crate::output::Format;
use crate::targets::Item;
use crate::verbs::options::{DryRun, print_one, refreshed};
use apiserver::PatchType;
use serde_json::json;

const RESTARTED_AT: &str = "kubectl.kubernetes.io/restartedAt";

pub(super) const VERB: Verb = Verb {
    usage: "restart RESOURCE",
    long: "Replaces all pods of a workload, as a new template would.",
    examples: "  # Restart a StatefulSet\n  kubectl rollout restart statefulset/web",
    flags: &[flags::FILES, flags::SELECTOR, flags::OUTPUT, flags::FIELD_MANAGER],
    run,
    ..Verb::named("restart", "Restart a resource")
};

fn run(call: &mut Call<'_>, args: &Args) -> Result<Outcome, CmdError> {
    let format = Format::of_result(call, args)?;
    let (items, mut errors) = objects(call, args)?;
    for item in &items {
        errors.extend(restart(call, item, &format).err());
    }
    CmdError::all(errors).map(|()| Outcome::Done)
}

fn restart(call: &mut Call<'_>, item: &Item, format: &Format) -> Result<(), CmdError> {
    if !matches!(item.info.kind, "StatefulSet" | "DaemonSet" | "Deployment") {
        return Err(unsupported(item, "restarting"));
    }
    let live = item.value();
    if fields::at(&live, "spec.paused").as_bool() == Some(true) {
        let (resource, name) = (item.info.qualified_plural(), &item.key.name);
        return Err(CmdError::new(format!(
            "error: {resource} \"{name}\" can't restart paused deployment (run rollout resume first)"
        )));
    }
    let now = call.now().to_string();
    let before = live.pointer("/spec/template/metadata/annotations").and_then(|map| map.get(RESTARTED_AT));
    if before.and_then(|value| value.as_str()) == Some(now.as_str()) {
        return Err(CmdError::new(format!(
            "failed to create patch for {}: if restart has already been triggered within the past second, please wait before attempting to trigger another",
            item.key.name
        )));
    }
    let patch = json!({"spec": {"template": {"metadata": {"annotations": {RESTARTED_AT: now}}}}});
    let patched = call.server.patch(&item.key, PatchType::Merge, &patch, false);
    let object = patched.map_err(|status| CmdError::new(format!("failed to patch: {}", status.message)))?;
    let item = refreshed(item, object);
    print_one(call, format, &item, &item.value(), "restarted", DryRun::No)
}
