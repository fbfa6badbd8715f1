//! `kubectl patch`. Models: kubectl/pkg/cmd/patch.

use super::Verb;
use super::options::{DryRun, admit_patched, print_one, refreshed};
use super::subresource::{self, Part};
use crate::args::Args;
use crate::call::Call;
use crate::errors::CmdError;
use crate::flags::{self, Flag};
use crate::outcome::Outcome;
use crate::output::Format;
use crate::targets::{self, Item, Rules};
use apiserver::{PatchType, Validation, Writer};
use serde_json::Value;

const FLAGS: &[Flag] = &[
    Flag::text("patch", "The patch to be applied to the resource JSON file.").short('p'),
    Flag::text("patch-file", "A file containing a patch to be applied to the resource."),
    Flag::text("subresource", "If specified, patch will operate on the subresource of the requested object."),
    Flag::text("type", "The type of patch being provided; one of [json merge strategic]").at("'strategic'"),
];

pub(super) const VERB: Verb = Verb {
    usage: "patch (-f FILENAME | TYPE NAME) [-p PATCH|--patch-file FILE]",
    long: "Changes fields of an object by a strategic merge patch, a JSON merge patch, or a JSON patch; each may be JSON or YAML.",
    examples: "  # Let the rolling update stop at ordinal 2\n  kubectl patch sts web -p '{\"spec\":{\"updateStrategy\":{\"rollingUpdate\":{\"partition\":2}}}}'\n\n  # The same field by its path\n  kubectl patch sts web --type=json -p '[{\"op\":\"replace\",\"path\":\"/spec/replicas\",\"value\":3}]'",
    flags: &[FLAGS, flags::FILES, flags::OUTPUT, flags::DRY_RUN, flags::LOCAL, flags::FIELD_MANAGER, flags::RECORD],
    run,
    ..Verb::named("patch", "Update fields of a resource")
};

fn run(call: &mut Call<'_>, args: &Args) -> Result<Outcome, CmdError> {
    let patch_type = match args.text("type").to_lowercase().as_str() {
        "" | "strategic" => PatchType::Strategic,
        "merge" => PatchType::Merge,
        "json" => PatchType::Json,
        _ => {
            let given = args.text("type");
            return Err(CmdError::new(format!("--type must be one of [json merge strategic], not \"{given}\"")));
        }
    };
    let text = match (args.text("patch"), args.text("patch-file")) {
        ("", "") => {
            return Err(CmdError::new("must specify --patch or --patch-file containing the contents of the patch"));
        }
        (text, "") => text.to_owned(),
        ("", file) => call
            .read_file(file)
            .map_err(|_| CmdError::new(format!("unable to read patch file: open {file}: no such file or directory")))?,
        _ => return Err(CmdError::new("cannot specify --patch and --patch-file together")),
    };
    let patch = parse(&text)?;
    let (dry, format) = (DryRun::of(args)?, Format::of_result(call, args)?);
    let found = targets::find(call, args, &args.words, Rules { latest: true, ..Rules::default() })?;
    let mut errors = found.errors;
    if found.items.is_empty() && errors.is_empty() {
        return Err(CmdError::new("no objects passed to patch"));
    }
    let part = subresource::part(args)?;
    for item in &found.items {
        let patched = match subresource::check(item, part) {
            Err(error) => Err(error),
            Ok(()) if part == Part::Scale => patch_scale(call, item, patch_type, &patch, dry, &format),
            Ok(()) => apply(call, item, patch_type, &patch, part == Part::Status, dry, &format),
        };
        errors.extend(patched.err());
    }
    CmdError::all(errors).map(|()| Outcome::Done)
}

fn parse(text: &str) -> Result<Value, CmdError> {
    let refuse = |why: String| CmdError::new(format!("unable to parse {}: {why}", crate::fields::quote(text)));
    if let Ok(value) = serde_json::from_str(text) {
        return Ok(value);
    }
    match manifest::parse("patch", text).documents.into_iter().next() {
        Some(document) => match document.body {
            Ok(body) if body.value.is_object() || body.value.is_array() => Ok(body.value),
            Ok(_) => Err(refuse("json: cannot unmarshal string into Go value of type map[string]interface {}".into())),
            Err(failure) => {
                let message = failure.message.replace("error converting YAML to JSON: ", "");
                Err(refuse(message))
            }
        },
        None => Ok(Value::Object(serde_json::Map::new())),
    }
}

fn apply(
    call: &mut Call<'_>,
    item: &Item,
    patch_type: PatchType,
    patch: &Value,
    status: bool,
    dry: DryRun,
    format: &Format,
) -> Result<(), CmdError> {
    let live = item.value();
    let patched = match patch_type {
        PatchType::Strategic => Some(apiserver::strategic_merge(item.info, &live, patch)),
        PatchType::Merge => Some(apiserver::json_merge(&live, patch)),
        // What is wrong with a JSON patch, the server says.
        PatchType::Json => apiserver::json_patch(&live, patch).ok(),
    };
    if let Some(mut patched) = patched {
        admit_patched(call, item, patch, &mut patched, Validation::Warn)?;
        if dry == DryRun::Client {
            let operation = operation(patched != live);
            return print_one(call, format, item, &patched, operation, dry);
        }
    }
    let object = dry.ask(call, |server| server.patch(&item.key, patch_type, patch, status))?;
    let changed = item.object.as_ref() != Some(&object);
    let item = refreshed(item, object);
    print_one(call, format, &item, &item.value(), operation(changed), dry)
}

/// Patches the scale and sets the replicas of the object by what comes out.
fn patch_scale(
    call: &mut Call<'_>,
    item: &Item,
    patch_type: PatchType,
    patch: &Value,
    dry: DryRun,
    format: &Format,
) -> Result<(), CmdError> {
    let live = subresource::scale(item);
    let patched = match patch_type {
        PatchType::Json => apiserver::json_patch(&live, patch).map_err(CmdError::new)?,
        PatchType::Strategic | PatchType::Merge => apiserver::json_merge(&live, patch),
    };
    let replicas = crate::fields::at(&patched, "spec.replicas").clone();
    let object = if dry == DryRun::Client {
        item.object.clone()
    } else {
        if let Some(writer) = call.server.writer().cloned() {
            call.server.set_writer(Some(Writer { subresource: "scale", ..writer }));
        }
        let patch = subresource::replicas_patch(item, &replicas);
        Some(dry.ask(call, |server| server.patch(&item.key, PatchType::Merge, &patch, false))?)
    };
    let after = Item { object, ..item.clone() };
    if format.is_human() || *format == Format::Name {
        let title = format!("scale.autoscaling/{}", item.key.name);
        match format {
            Format::Name => call.say(title),
            _ => call.say(format_args!("{title} {}{}", operation(patched != live), dry.suffix())),
        }
        return Ok(());
    }
    let text = format.render(&subresource::scale(&after))?;
    call.print(&text);
    Ok(())
}

fn operation(changed: bool) -> &'static str {
    if changed { "patched" } else { "patched (no change)" }
}

#[cfg(test)]
mod tests {
    use crate::fixture::{WEB, World};
    use expect_test::expect;

    #[test]
    fn patches_of_all_kinds() {
        let mut world = World::new().file("web.yaml", WEB);
        world.kubectl("apply -f web.yaml");
        expect![["statefulset.apps/web patched\n"]]
            .assert_eq(&world.kubectl("patch sts web -p '{\"spec\":{\"replicas\":5}}'"));
        expect![["statefulset.apps/web patched (no change)\n"]]
            .assert_eq(&world.kubectl("patch sts web -p 'spec: {replicas: 5}'"));
        let json = r#"patch sts/web --type=json -p '[{"op":"replace","path":"/spec/template/spec/containers/0/image","value":"nginx:2"}]'"#;
        expect![["statefulset.apps/web patched\n"]].assert_eq(&world.kubectl(json));
        expect![["nginx:2"]]
            .assert_eq(&world.kubectl("get sts web -o jsonpath={.spec.template.spec.containers[0].image}"));
        expect![[r#"
            ! The StatefulSet "web" is invalid: spec: Forbidden: updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden
            [exit 1]
        "#]]
        .assert_eq(&world.kubectl("patch sts web --type merge -p '{\"spec\":{\"serviceName\":\"x\"}}'"));
        expect![["! error: --type must be one of [json merge strategic], not \"x\"\n[exit 1]\n"]]
            .assert_eq(&world.kubectl("patch sts web --type x -p {}"));
        expect![["! error: must specify --patch or --patch-file containing the contents of the patch\n[exit 1]\n"]]
            .assert_eq(&world.kubectl("patch sts web"));
    }
}
