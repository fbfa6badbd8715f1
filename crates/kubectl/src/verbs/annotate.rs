//! `kubectl annotate`. Models: kubectl/pkg/cmd/annotate.

use super::Verb;
use super::options::{DryRun, print_one, refreshed};
use super::pairs::{self, Changes};
use crate::args::Args;
use crate::call::Call;
use crate::errors::CmdError;
use crate::flags;
use crate::outcome::Outcome;
use crate::output::Format;
use crate::targets::{self, Item, Rules};
use apiserver::PatchType;
use serde_json::json;

pub(super) const VERB: Verb = Verb {
    usage: "annotate [--overwrite] (-f FILENAME | TYPE NAME) KEY_1=VAL_1 ... KEY_N=VAL_N [--resource-version=version]",
    long: "Sets annotations (KEY=VALUE) or takes them away (KEY-).",
    examples: "  # Say why a StatefulSet was changed\n  kubectl annotate sts web kubernetes.io/change-cause='new image'",
    flags: &[
        super::label::FLAGS,
        flags::ALL,
        flags::ALL_NAMESPACES,
        flags::FILES,
        flags::SELECTOR,
        flags::FIELD_SELECTOR,
        flags::OUTPUT,
        flags::DRY_RUN,
        flags::LOCAL,
        flags::FIELD_MANAGER,
        flags::RECORD,
    ],
    run,
    ..Verb::named("annotate", "Update the annotations on a resource")
};

fn run(call: &mut Call<'_>, args: &Args) -> Result<Outcome, CmdError> {
    let (resources, changes) = pairs::split(&args.words, "annotation")?;
    let changes = parse(changes)?;
    if args.is("all") && args.given("selector") {
        return Err(CmdError::new("cannot set --all and --selector at the same time"));
    }
    if resources.is_empty() && !crate::load::names_files(args) {
        return Err(CmdError::new("one or more resources must be specified as <resource> <name> or <resource>/<name>"));
    }
    if changes.set.is_empty() && changes.remove.is_empty() && !args.is("list") {
        return Err(CmdError::new("at least one annotation update is required"));
    }
    let (dry, format) = (DryRun::of(args)?, Format::of_result(call, args)?);
    let rules = Rules { type_means_all: args.is("all"), latest: true, ..Rules::default() };
    let found = targets::find(call, args, resources, rules)?;
    let mut errors = found.errors;
    if !args.text("resource-version").is_empty() && found.items.len() > 1 {
        return Err(CmdError::new("--resource-version may only be used with a single resource"));
    }
    for item in &found.items {
        errors.extend(annotate(call, args, item, &changes, dry, &format).err());
    }
    CmdError::all(errors).map(|()| Outcome::Done)
}

fn parse(words: &[String]) -> Result<Changes, CmdError> {
    let mut changes = Changes::default();
    for word in words {
        match word.split_once('=') {
            Some((key, value)) => {
                changes.set.insert(key.to_owned(), value.to_owned());
            }
            None => changes.remove.push(word.trim_end_matches('-').to_owned()),
        }
    }
    let both: Vec<&str> =
        changes.remove.iter().filter(|key| changes.set.contains_key(*key)).map(String::as_str).collect();
    if !both.is_empty() {
        let keys = both.join(", ");
        return Err(CmdError::new(format!(
            "can not both modify and remove the following annotation(s) in the same command: {keys}"
        )));
    }
    Ok(changes)
}

fn annotate(
    call: &mut Call<'_>,
    args: &Args,
    item: &Item,
    changes: &Changes,
    dry: DryRun,
    format: &Format,
) -> Result<(), CmdError> {
    let Some(object) = &item.object else { return Ok(()) };
    let annotations = &object.meta().annotations;
    if args.is("list") {
        for (key, value) in annotations.iter() {
            call.say(format_args!("{key}={value}"));
        }
        return Ok(());
    }
    let taken: Vec<String> = changes
        .set
        .iter()
        .filter_map(|(key, value)| {
            let have = annotations.get(key).filter(|have| ***have != **value)?;
            Some(format!("'{key}' already has a value ({have})"))
        })
        .collect();
    if !args.is("overwrite") && !taken.is_empty() {
        let list = taken.join("; ");
        return Err(CmdError::new(format!(
            "--overwrite is false but found the following declared annotation(s): {list}"
        )));
    }
    if dry == DryRun::Client {
        return print_one(call, format, item, &item.value(), "annotated", dry);
    }
    let mut patch = json!({"metadata": {"annotations": changes.patch()}});
    if !args.text("resource-version").is_empty() {
        patch["metadata"]["resourceVersion"] = args.text("resource-version").into();
    }
    let object = dry.ask(call, |server| server.patch(&item.key, PatchType::Merge, &patch, false))?;
    let item = refreshed(item, object);
    print_one(call, format, &item, &item.value(), "annotated", dry)
}

#[cfg(test)]
mod tests {
    use crate::fixture::World;
    use expect_test::expect;

    #[test]
    fn annotations_come_and_are_kept() {
        let mut world = World::new();
        expect![["node/node-1 annotated\n"]].assert_eq(&world.kubectl("annotate node node-1 a=b"));
        expect![["! error: --overwrite is false but found the following declared annotation(s): 'a' already has a value (b)\n[exit 1]\n"]]
            .assert_eq(&world.kubectl("annotate node node-1 a=c"));
        expect![["node/node-1 annotated\n"]].assert_eq(&world.kubectl("annotate node node-1 a-"));
        expect![[""]].assert_eq(&world.kubectl("annotate node node-1 --list"));
    }
}
