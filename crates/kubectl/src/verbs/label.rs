//! `kubectl label`. Models: kubectl/pkg/cmd/label.

use super::Verb;
use super::options::{DryRun, print_one, refreshed};
use super::pairs::{self, Changes};
use crate::args::Args;
use crate::call::Call;
use crate::errors::CmdError;
use crate::flags::{self, Flag};
use crate::outcome::Outcome;
use crate::output::Format;
use crate::targets::{self, Item, Rules};
use api::StrMap;
use apiserver::PatchType;
use serde_json::json;

pub(super) const FLAGS: &[Flag] = &[
    Flag::on("list", "If true, display the labels for a given resource."),
    Flag::on(
        "overwrite",
        "If true, allow what is there to be overwritten, otherwise reject updates that overwrite it.",
    ),
    Flag::text(
        "resource-version",
        "If non-empty, the update will only succeed if this is the current resource-version.",
    ),
];

pub(super) const VERB: Verb = Verb {
    usage: "label [--overwrite] (-f FILENAME | TYPE NAME) KEY_1=VAL_1 ... KEY_N=VAL_N [--resource-version=version]",
    long: "Sets labels (KEY=VALUE) or takes them away (KEY-).",
    examples: "  # Label a node\n  kubectl label node node-1 disk=ssd\n\n  # Change the label\n  kubectl label --overwrite node node-1 disk=hdd\n\n  # Take it away\n  kubectl label node node-1 disk-",
    flags: &[
        FLAGS,
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
    ..Verb::named("label", "Update the labels on a resource")
};

fn run(call: &mut Call<'_>, args: &Args) -> Result<Outcome, CmdError> {
    let (resources, changes) = pairs::split(&args.words, "label")?;
    let changes = parse(changes)?;
    let listing = args.is("list");
    if listing && args.given("output") {
        return Err(CmdError::new("--list and --output may not be specified together"));
    }
    if args.is("all") && args.given("selector") {
        return Err(CmdError::new("cannot set --all and --selector at the same time"));
    }
    if resources.is_empty() && !crate::load::names_files(args) {
        return Err(CmdError::new("one or more resources must be specified as <resource> <name> or <resource>/<name>"));
    }
    if changes.set.is_empty() && changes.remove.is_empty() && !listing {
        return Err(CmdError::new("at least one label update is required"));
    }
    let (dry, format) = (DryRun::of(args)?, Format::of_result(call, args)?);
    let rules = Rules { type_means_all: args.is("all"), latest: true, ..Rules::default() };
    let found = targets::find(call, args, resources, rules)?;
    let single = found.single;
    let mut errors = found.errors;
    if !args.text("resource-version").is_empty() && found.items.len() > 1 {
        return Err(CmdError::new("--resource-version may only be used with a single resource"));
    }
    for item in &found.items {
        let done = if listing { list(call, item, single) } else { label(call, args, item, &changes, dry, &format) };
        errors.extend(done.err());
    }
    CmdError::all(errors).map(|()| Outcome::Done)
}

fn parse(words: &[String]) -> Result<Changes, CmdError> {
    let mut changes = Changes::default();
    for word in words {
        if let Some((key, value)) = word.split_once('=') {
            if value.contains('=') {
                return Err(CmdError::new(format!("invalid label spec: {word}")));
            }
            if !is_label_value(value) {
                return Err(CmdError::new(format!(
                    "invalid label value: \"{word}\": a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"
                )));
            }
            changes.set.insert(key.to_owned(), value.to_owned());
        } else if let Some(key) = word.strip_suffix('-') {
            changes.remove.push(key.to_owned());
        }
    }
    if changes.remove.iter().any(|key| changes.set.contains_key(key)) {
        return Err(CmdError::new("can not both modify and remove a label in the same command"));
    }
    Ok(changes)
}

fn is_label_value(value: &str) -> bool {
    let ends = |c: Option<char>| c.is_none_or(|c| c.is_ascii_alphanumeric());
    value.len() <= 63
        && value.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))
        && ends(value.chars().next())
        && ends(value.chars().last())
}

fn list(call: &mut Call<'_>, item: &Item, single: bool) -> Result<(), CmdError> {
    let Some(object) = &item.object else { return Ok(()) };
    let indent = if single { "" } else { " " };
    if !single {
        call.say(format_args!("Listing labels for {}.{}/{}:", item.info.kind, item.info.group, item.key.name));
    }
    for (key, value) in object.meta().labels.iter() {
        call.say(format_args!("{indent}{key}={value}"));
    }
    Ok(())
}

fn label(
    call: &mut Call<'_>,
    args: &Args,
    item: &Item,
    changes: &Changes,
    dry: DryRun,
    format: &Format,
) -> Result<(), CmdError> {
    let Some(object) = &item.object else { return Ok(()) };
    let labels = &object.meta().labels;
    for key in changes.remove.iter().filter(|key| !labels.has(key)) {
        call.say(format_args!("label \"{key}\" not found."));
    }
    if !args.is("overwrite") {
        CmdError::all(conflicts(labels, changes))?;
    }
    let adds = changes.set.iter().any(|(key, value)| labels.get(key).is_none_or(|have| **have != **value));
    let removes = changes.remove.iter().any(|key| labels.has(key));
    let operation = match (adds, removes) {
        (true, true) => "modified",
        (true, false) => "labeled",
        (false, true) => "unlabeled",
        (false, false) => "not labeled",
    };
    if dry == DryRun::Client || !adds && !removes {
        return print_one(call, format, item, &item.value(), operation, dry);
    }
    let mut patch = json!({"metadata": {"labels": changes.patch()}});
    if !args.text("resource-version").is_empty() {
        patch["metadata"]["resourceVersion"] = args.text("resource-version").into();
    }
    let object = dry.ask(call, |server| server.patch(&item.key, PatchType::Merge, &patch, false))?;
    if dry == DryRun::No && object.kind() == api::Kind::Namespace {
        super::options::tell_scope(call, &object, &patch);
    }
    let item = refreshed(item, object);
    print_one(call, format, &item, &item.value(), operation, dry)
}

fn conflicts(labels: &StrMap, changes: &Changes) -> Vec<CmdError> {
    let conflict = |(key, value): (&String, &String)| {
        let have = labels.get(key).filter(|have| ***have != **value)?;
        Some(CmdError::new(format!("'{key}' already has a value ({have}), and --overwrite is false")))
    };
    changes.set.iter().filter_map(conflict).collect()
}

#[cfg(test)]
mod tests {
    use crate::fixture::World;
    use expect_test::expect;

    #[test]
    fn labels_come_change_and_go() {
        let mut world = World::new();
        expect![["node/node-1 labeled\nnode/node-2 labeled\n"]]
            .assert_eq(&world.kubectl("label node node-1 node-2 disk=ssd"));
        expect![["node/node-1 not labeled\n"]].assert_eq(&world.kubectl("label node node-1 disk=ssd"));
        expect![["! error: 'disk' already has a value (ssd), and --overwrite is false\n[exit 1]\n"]]
            .assert_eq(&world.kubectl("label node node-1 disk=hdd"));
        expect![["node/node-1 labeled\n"]].assert_eq(&world.kubectl("label node/node-1 disk=hdd --overwrite"));
        expect![["node/node-1 unlabeled\n"]].assert_eq(&world.kubectl("label node node-1 disk-"));
        expect![["label \"disk\" not found.\nnode/node-1 not labeled\n"]]
            .assert_eq(&world.kubectl("label node node-1 disk-"));
        expect![["! error: at least one label update is required\n[exit 1]\n"]]
            .assert_eq(&world.kubectl("label node node-1"));
        expect![["kubernetes.io/hostname=node-1\n"]].assert_eq(&world.kubectl("label node node-1 --list"));
        expect![["! error: all resources must be specified before label changes: pod\n[exit 1]\n"]]
            .assert_eq(&world.kubectl("label a=b pod"));
    }

    #[test]
    fn labels_about_pod_security_are_kept_and_said_to_have_no_effect() {
        let mut world = World::new();
        let label = "label ns default pod-security.kubernetes.io/";
        expect![[r#"
            namespace/default labeled
            ! podground: labels pod-security.kubernetes.io/… have no effect here: pods are admitted whatever they ask for (see SCOPE.md)
        "#]].assert_eq(&world.kubectl(&format!("{label}enforce=restricted")));
        expect![["namespace/default labeled\n"]].assert_eq(&world.kubectl(&format!("{label}warn=baseline")));
    }
}
