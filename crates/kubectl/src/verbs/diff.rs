//! `kubectl diff`: what apply would change, as a unified diff. Models: kubectl/pkg/cmd/diff.

use super::Verb;
use super::options::{self, LAST_APPLIED};
use crate::args::Args;
use crate::call::Call;
use crate::errors::CmdError;
use crate::flags::{self, Flag};
use crate::load;
use crate::outcome::Outcome;
use crate::targets::{self, Item, Rules};
use crate::unified;
use apiserver::PatchType;
use serde_json::{Value, json};

pub(super) const VERB: Verb = Verb {
    usage: "diff -f FILENAME",
    long: "Shows what kubectl apply would change. The exit code is 1 if anything would.",
    examples: "  kubectl diff -f web.yaml",
    flags: &[
        flags::FILES,
        flags::SELECTOR,
        flags::FIELD_MANAGER,
        flags::SERVER_SIDE,
        &[
            Flag::int(
                "concurrency",
                "1",
                "Number of objects to process in parallel when diffing against the live version.",
            ),
            Flag::on("prune", "Include resources that would be deleted by pruning."),
            Flag::on("show-managed-fields", "If true, include managed fields in the diff."),
        ],
    ],
    run,
    ..Verb::named("diff", "Diff the live version against a would-be applied version")
};

fn run(call: &mut Call<'_>, args: &Args) -> Result<Outcome, CmdError> {
    if !load::names_files(args) {
        return Err(CmdError::new("must specify one of -f and -k"));
    }
    let items = targets::find(call, args, &[], Rules::default())?.all_or_error()?;
    let mut differs = false;
    for item in &items {
        let (live, merged) = both(call, item)?;
        let name = file_name(item);
        let text = |value: &Option<Value>| {
            value.as_ref().map_or_else(String::new, |value| manifest::to_yaml(&comparable(value)))
        };
        let (from, to) = (format!("/tmp/LIVE/{name}"), format!("/tmp/MERGED/{name}"));
        // Both files are written when the command runs.
        let written = call.now().to_string().replace('T', " ").replace('Z', ".000000000 +0000");
        let head = |path: &str| format!("{path}\t{written}");
        let diff = unified::diff(&head(&from), &head(&to), &text(&live), &text(&Some(merged)));
        if !diff.is_empty() {
            differs = true;
            call.say(format_args!("diff -u -N {from} {to}"));
            call.print(&diff);
        }
    }
    Ok(if differs { Outcome::Exit(1) } else { Outcome::Done })
}

/// The object as it is, and as it would be.
fn both(call: &mut Call<'_>, item: &Item) -> Result<(Option<Value>, Value), CmdError> {
    let Some(mut body) = item.body.clone() else { return Ok((None, Value::Null)) };
    let current = call.lister().object(&item.key).cloned();
    options::set_last_applied(&mut body);
    let mut trial = call.server.clone();
    let Some(current) = current else {
        let object = trial.create_from(body)?;
        return Ok((None, targets::with_type(item.info, &object)));
    };
    let live = targets::with_type(item.info, &current);
    let original = current.meta().annotations.get(LAST_APPLIED).and_then(|text| serde_json::from_str(text).ok());
    let patch = apiserver::three_way(item.info, &original.unwrap_or_else(|| json!({})), &body, &live);
    let patch_type = if item.info.custom.is_some() { PatchType::Merge } else { PatchType::Strategic };
    let object = trial.patch(&item.key, patch_type, &patch, false)?;
    Ok((Some(live), targets::with_type(item.info, &object)))
}

/// Without what changes by itself, and with a Secret's values masked.
fn comparable(value: &Value) -> Value {
    let mut value = value.clone();
    if let Some(meta) = value.get_mut("metadata").and_then(Value::as_object_mut) {
        meta.remove("resourceVersion");
        if let Some(annotations) = meta.get_mut("annotations").and_then(Value::as_object_mut) {
            annotations.remove(LAST_APPLIED);
            if annotations.is_empty() {
                meta.remove("annotations");
            }
        }
    }
    if value["kind"] == "Secret"
        && let Some(data) = value.get_mut("data").and_then(Value::as_object_mut)
    {
        data.values_mut().for_each(|value| *value = "***".into());
    }
    value
}

/// `apps.v1.StatefulSet.default.web`.
fn file_name(item: &Item) -> String {
    let parts = [item.info.group, item.info.version, item.info.kind, &item.key.namespace, &item.key.name];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(".")
}

#[cfg(test)]
mod tests {
    use crate::fixture::{WEB, World};
    use expect_test::expect;

    #[test]
    fn what_apply_would_change() {
        let mut world = World::new().file("web.yaml", WEB);
        world.kubectl("apply -f web.yaml");
        expect![[""]].assert_eq(&world.kubectl("diff -f web.yaml"));
        let mut world = world.file("web.yaml", &WEB.replace("replicas: 2", "replicas: 3"));
        expect![[r#"
            diff -u -N /tmp/LIVE/apps.v1.StatefulSet.default.web /tmp/MERGED/apps.v1.StatefulSet.default.web
            --- /tmp/LIVE/apps.v1.StatefulSet.default.web	2026-01-01 00:00:00.000000000 +0000
            +++ /tmp/MERGED/apps.v1.StatefulSet.default.web	2026-01-01 00:00:00.000000000 +0000
            @@ -2,7 +2,7 @@
             kind: StatefulSet
             metadata:
               creationTimestamp: "2026-01-01T00:00:00Z"
            -  generation: 1
            +  generation: 2
               name: web
               namespace: default
               uid: 491718de-357e-4da8-8b43-5c8e74616796
            @@ -11,7 +11,7 @@
                 whenDeleted: Retain
                 whenScaled: Retain
               podManagementPolicy: OrderedReady
            -  replicas: 2
            +  replicas: 3
               revisionHistoryLimit: 10
               selector:
                 matchLabels:
            [exit 1]
        "#]]
        .assert_eq(&world.kubectl("diff -f web.yaml"));
        expect![["2"]].assert_eq(&world.kubectl("get sts web -o jsonpath={.spec.replicas}"));
    }
}
