//! `kubectl set`: changes parts of a pod template. Models: kubectl/pkg/cmd/set.

mod env;
mod image;
mod resources;
mod selector;
mod serviceaccount;

use super::Verb;
use super::options::{DryRun, print_one, refreshed};
use crate::args::Args;
use crate::call::Call;
use crate::errors::CmdError;
use crate::flags::{self, Flag};
use crate::outcome::Outcome;
use crate::output::Format;
use crate::targets::{self, Item, Rules};
use apiserver::PatchType;
use serde_json::{Value, json};

pub(super) const VERB: Verb = Verb {
    usage: "set SUBCOMMAND",
    long: "Changes parts of existing objects, mostly of pod templates.",
    examples: "  # Give a StatefulSet's container a new image\n  kubectl set image statefulset/web nginx=nginx:1.26",
    subs: &[env::VERB, image::VERB, resources::VERB, selector::VERB, serviceaccount::VERB],
    run: |call, args| super::group(call, args, &VERB),
    ..Verb::named("set", "Set specific features on objects")
};

/// The flags of all of them.
const COMMON: &[&[Flag]] = &[
    flags::ALL,
    flags::FILES,
    flags::SELECTOR,
    flags::OUTPUT,
    flags::DRY_RUN,
    flags::LOCAL,
    flags::FIELD_MANAGER,
    flags::RECORD,
];

/// Where a kind keeps its pod spec, as a path of fields.
pub(crate) fn pod_spec_path(kind: &str) -> Option<&'static [&'static str]> {
    match kind {
        "Pod" => Some(&["spec"]),
        "CronJob" => Some(&["spec", "jobTemplate", "spec", "template", "spec"]),
        "PodTemplate" => Some(&["template", "spec"]),
        "DaemonSet" | "Deployment" | "Job" | "ReplicaSet" | "ReplicationController" | "StatefulSet" => {
            Some(&["spec", "template", "spec"])
        }
        _ => None,
    }
}

/// Changes the pod spec of each object by the patch that `change` makes of it; an empty one changes nothing and says
/// nothing.
fn each(
    call: &mut Call<'_>,
    args: &Args,
    words: &[String],
    operation: &str,
    failing: &str,
    mut change: impl FnMut(&mut Call<'_>, &Item, &Value) -> Result<Value, CmdError>,
) -> Result<Outcome, CmdError> {
    if words.is_empty() && !crate::load::names_files(args) {
        return Err(CmdError::new("one or more resources must be specified as <resource> <name> or <resource>/<name>"));
    }
    if args.is("all") && args.given("selector") {
        return Err(CmdError::new("cannot set --all and --selector at the same time"));
    }
    let (dry, format) = (DryRun::of(args)?, Format::of_result(call, args)?);
    let rules = Rules { type_means_all: args.is("all"), latest: true, ..Rules::default() };
    let found = targets::find(call, args, words, rules)?;
    let mut errors = found.errors;
    for item in &found.items {
        let done = one(call, item, &format, dry, operation, failing, &mut change);
        errors.extend(done.err());
    }
    CmdError::all(errors).map(|()| Outcome::Done)
}

fn one(
    call: &mut Call<'_>,
    item: &Item,
    format: &Format,
    dry: DryRun,
    operation: &str,
    failing: &str,
    change: &mut impl FnMut(&mut Call<'_>, &Item, &Value) -> Result<Value, CmdError>,
) -> Result<(), CmdError> {
    let Some(path) = pod_spec_path(item.info.kind) else {
        let (plural, name) = (item.info.plural, &item.key.name);
        return Err(CmdError::new(format!(
            "error: {plural}/{name} the object is not a pod or does not have a pod template: {}",
            item.info.kind
        )));
    };
    let live = item.value();
    let spec = path.iter().fold(&live, |value, field| &value[*field]);
    let patch = change(call, item, spec)?;
    if crate::fields::is_empty(&patch) {
        return Ok(());
    }
    let patch = path.iter().rev().fold(patch, |inner, field| json!({*field: inner}));
    let patched = apiserver::strategic_merge(item.info, &live, &patch);
    if patched == live {
        return Ok(());
    }
    if dry == DryRun::Client {
        return print_one(call, format, item, &patched, operation, dry);
    }
    let object = dry.ask(call, |server| server.patch(&item.key, PatchType::Strategic, &patch, false));
    let object = object.map_err(|status| CmdError::new(format!("{failing}{}", status.message)))?;
    let item = refreshed(item, object);
    print_one(call, format, &item, &item.value(), operation, dry)
}

/// The names of the containers whose name fits: exactly, or by a pattern with `*`.
fn container_names(spec: &Value, list: &str, pattern: &str) -> Vec<String> {
    let names = crate::fields::list(spec, list).iter().map(|container| crate::fields::text(container, "name"));
    names.filter(|name| fits(name, pattern)).map(str::to_owned).collect()
}

fn fits(name: &str, pattern: &str) -> bool {
    match pattern.split_once('*') {
        None => name == pattern,
        Some((before, after)) => {
            name.len() >= before.len() + after.len() && name.starts_with(before) && name.ends_with(after)
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::fixture::{WEB, World};
    use expect_test::expect;

    #[test]
    fn parts_of_a_template() {
        let mut world = World::new().file("web.yaml", WEB);
        world.kubectl("apply -f web.yaml");
        expect![["statefulset.apps/web image updated\n"]].assert_eq(&world.kubectl("set image sts/web nginx=nginx:2"));
        expect![[""]].assert_eq(&world.kubectl("set image sts/web *=nginx:2"));
        expect![["! error: unable to find container named \"nope\"\n[exit 1]\n"]]
            .assert_eq(&world.kubectl("set image sts/web nope=x"));
        expect![["statefulset.apps/web env updated\n"]].assert_eq(&world.kubectl("set env sts/web A=b C=d"));
        expect![["statefulset.apps/web env updated\n"]].assert_eq(&world.kubectl("set env sts/web C-"));
        expect![["# StatefulSet web, container nginx\nA=b\n"]].assert_eq(&world.kubectl("set env sts/web --list"));
        expect![["statefulset.apps/web resource requirements updated\n"]]
            .assert_eq(&world.kubectl("set resources sts web --limits=cpu=200m,memory=512Mi --requests=cpu=100m"));
        expect![[r#"{"limits":{"cpu":"200m","memory":"512Mi"},"requests":{"cpu":"100m"}}"#]]
            .assert_eq(&world.kubectl("get sts web -o jsonpath={.spec.template.spec.containers[0].resources}"));
        expect![["statefulset.apps/web serviceaccount updated\n"]].assert_eq(&world.kubectl("set sa sts web builder"));
    }
}
