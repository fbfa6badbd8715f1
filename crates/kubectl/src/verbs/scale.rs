//! `kubectl scale`. Models: kubectl/pkg/cmd/scale.

use super::Verb;
use super::options::{DryRun, print_one, refreshed};
use super::subresource::{replicas_patch, replicas_path};
use crate::args::Args;
use crate::call::Call;
use crate::errors::CmdError;
use crate::fields;
use crate::flags::{self, Flag};
use crate::outcome::Outcome;
use crate::output::Format;
use crate::targets::{self, Item, Rules};
use api::{Status, StatusReason};
use apiserver::{PatchType, Writer};
use serde_json::json;

const FLAGS: &[Flag] = &[
    Flag::int("current-replicas", "-1", "Precondition for current size."),
    Flag::int("replicas", "0", "The new desired number of replicas. Required."),
    Flag::text("resource-version", "Precondition for resource version."),
    Flag::duration("timeout", "0s", "The length of time to wait before giving up on a scale operation."),
];

pub(super) const VERB: Verb = Verb {
    usage: "scale [--resource-version=version] [--current-replicas=count] --replicas=COUNT (-f FILENAME | TYPE NAME)",
    long: "Sets how many replicas a StatefulSet, Deployment, ReplicaSet or ReplicationController is to have.",
    examples: "  # Scale a StatefulSet to 3\n  kubectl scale --replicas=3 statefulset/web\n\n  # Only if it has 2 now\n  kubectl scale --current-replicas=2 --replicas=3 sts/web",
    flags: &[FLAGS, flags::ALL, flags::FILES, flags::SELECTOR, flags::DRY_RUN, flags::OUTPUT, flags::RECORD],
    run,
    ..Verb::named("scale", "Set a new size for a deployment, replica set, or replication controller")
};

fn run(call: &mut Call<'_>, args: &Args) -> Result<Outcome, CmdError> {
    let Some(replicas) = args.int("replicas") else {
        return Err(CmdError::new("required flag(s) \"replicas\" not set"));
    };
    if replicas < 0 {
        return Err(CmdError::new(
            "The --replicas=COUNT flag is required, and COUNT must be greater than or equal to 0",
        ));
    }
    let (dry, format) = (DryRun::of(args)?, Format::of_result(call, args)?);
    let expected = args.int("current-replicas").filter(|count| *count >= 0);
    let rules = Rules { latest: true, ..Rules::default() };
    let found = targets::find(call, args, &args.words, rules)?;
    let mut errors = found.errors;
    if found.items.is_empty() && errors.is_empty() {
        return Err(CmdError::new("no objects passed to scale"));
    }
    for item in &found.items {
        if let Err(error) = scale(call, item, replicas, expected, dry, &format) {
            errors.push(error);
        }
    }
    CmdError::all(errors).map(|()| Outcome::Done)
}

fn scale(
    call: &mut Call<'_>,
    item: &Item,
    replicas: i64,
    expected: Option<i64>,
    dry: DryRun,
    format: &Format,
) -> Result<(), CmdError> {
    if !item.info.has_subresource("scale") {
        let missing = Status::new(StatusReason::NotFound, "the server could not find the requested resource");
        return Err(missing.into());
    }
    let path = replicas_path(item);
    let had = fields::int(&item.value(), path);
    if let Some(expected) = expected.filter(|expected| *expected != had) {
        return Err(CmdError::new(format!("Expected replicas to be {expected}, was {had}")));
    }
    if dry == DryRun::Client {
        return print_one(call, format, item, &item.value(), "scaled", dry);
    }
    let patch = replicas_patch(item, &json!(replicas));
    call.server.set_writer(Some(Writer { manager: "kubectl".into(), subresource: "scale" }));
    let object = dry.ask(call, |server| server.patch(&item.key, PatchType::Merge, &patch, false))?;
    let item = refreshed(item, object);
    print_one(call, format, &item, &item.value(), "scaled", dry)
}

#[cfg(test)]
mod tests {
    use crate::fixture::{WEB, World};
    use expect_test::expect;

    #[test]
    fn replicas_and_refusals() {
        let mut world = World::new().file("web.yaml", WEB);
        world.kubectl("apply -f web.yaml");
        expect![["statefulset.apps/web scaled\n"]].assert_eq(&world.kubectl("scale sts web --replicas=5"));
        expect![["5"]].assert_eq(&world.kubectl("get sts web -o jsonpath={.spec.replicas}"));
        expect![["! error: required flag(s) \"replicas\" not set\n[exit 1]\n"]]
            .assert_eq(&world.kubectl("scale sts web"));
        expect![[
            "! error: The --replicas=COUNT flag is required, and COUNT must be greater than or equal to 0\n[exit 1]\n"
        ]]
        .assert_eq(&world.kubectl("scale sts web --replicas=-1"));
        expect![["! error: Expected replicas to be 9, was 5\n[exit 1]\n"]]
            .assert_eq(&world.kubectl("scale sts web --replicas=2 --current-replicas=9"));
        expect![["! Error from server (NotFound): the server could not find the requested resource\n[exit 1]\n"]]
            .assert_eq(&world.kubectl("scale node node-1 --replicas=3"));
        expect![["! Error from server (NotFound): deployments.apps \"nope\" not found\n[exit 1]\n"]]
            .assert_eq(&world.kubectl("scale deploy nope --replicas=2"));
    }
}
