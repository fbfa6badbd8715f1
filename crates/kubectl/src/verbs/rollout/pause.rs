//! `kubectl rollout pause` and `resume`. Models: polymorphichelpers/objectpauser.go and objectresumer.go.

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
use serde_json::{Value, json};

pub(super) const PAUSE: Verb = Verb {
    usage: "pause RESOURCE",
    long: "Holds back changes of a Deployment's template until it is resumed.",
    flags: &[flags::FILES, flags::SELECTOR, flags::OUTPUT, flags::FIELD_MANAGER],
    run: |call, args| each(call, args, true),
    ..Verb::named("pause", "Mark the provided resource as paused")
};

pub(super) const RESUME: Verb = Verb {
    usage: "resume RESOURCE",
    long: "Lets a paused Deployment go on.",
    flags: &[flags::FILES, flags::SELECTOR, flags::OUTPUT, flags::FIELD_MANAGER],
    run: |call, args| each(call, args, false),
    ..Verb::named("resume", "Resume a paused resource")
};

fn each(call: &mut Call<'_>, args: &Args, pause: bool) -> Result<Outcome, CmdError> {
    let format = Format::of_result(call, args)?;
    let (items, mut errors) = objects(call, args)?;
    for item in &items {
        errors.extend(set_paused(call, item, pause, &format).err());
    }
    CmdError::all(errors).map(|()| Outcome::Done)
}

fn set_paused(call: &mut Call<'_>, item: &Item, pause: bool, format: &Format) -> Result<(), CmdError> {
    if item.info.kind != "Deployment" {
        return Err(unsupported(item, if pause { "pausing" } else { "resuming" }));
    }
    let is_paused = fields::at(&item.value(), "spec.paused").as_bool() == Some(true);
    if is_paused == pause {
        let why = if pause { "is already paused" } else { "is not paused" };
        let (resource, name) = (item.info.qualified_plural(), &item.key.name);
        return Err(CmdError::new(format!("error: {resource} \"{name}\" {why}")));
    }
    let paused = if pause { Value::Bool(true) } else { Value::Null };
    let object = call.server.patch(&item.key, PatchType::Merge, &json!({"spec": {"paused": paused}}), false)?;
    let item = refreshed(item, object);
    print_one(call, format, &item, &item.value(), if pause { "paused" } else { "resumed" }, DryRun::No)
}
