//! `kubectl apply`. Models: kubectl/pkg/cmd/apply (apply.go, patcher.go).

mod prune;
mod server_side;

use super::Verb;
use super::options::{self, DryRun, LAST_APPLIED, admit, admit_patched, tell};
use super::subresource::{self, Part};
use crate::args::Args;
use crate::call::Call;
use crate::errors::CmdError;
use crate::flags::{self, Flag};
use crate::load;
use crate::outcome::Outcome;
use crate::output::Format;
use crate::targets::{self, Item, Rules};
use api::Object;
use apiserver::{PatchType, Validation};
use serde_json::{Value, json};

const FLAGS: &[Flag] = &[
    Flag::texts("cascade", "Cascade of deletions made by --force."),
    Flag::on("force", "If true, immediately remove resources from API and bypass graceful deletion."),
    Flag::int("grace-period", "-1", "Period of time in seconds given to the resource to terminate gracefully."),
    Flag::on("openapi-patch", "If true, use openapi to calculate diff.").at("true"),
    Flag::on("overwrite", "Automatically resolve conflicts between the modified and live configuration.").at("true"),
    Flag::on("prune", "Automatically delete resource objects that do not appear in the configs."),
    Flag::array("prune-allowlist", "Overwrite the default allowlist with <group/version/kind> for --prune"),
    Flag::text("applyset", "The name of the ApplySet that tracks which resources are being managed."),
    Flag::text("subresource", "If specified, apply will operate on the subresource of the requested object."),
    Flag::duration("timeout", "0s", "The length of time to wait before giving up on a delete."),
    Flag::on("wait", "If true, wait for resources to be gone before returning."),
];

const VIEW: Verb = Verb {
    usage: "view-last-applied (TYPE [NAME | -l label] | TYPE/NAME | -f FILENAME)",
    flags: &[flags::FILES, flags::SELECTOR, flags::ALL, OUTPUT_YAML],
    run: view_last_applied,
    ..Verb::named("view-last-applied", "View the latest last-applied-configuration annotations of a resource/object")
};

const EDIT: Verb = Verb {
    usage: "edit-last-applied (RESOURCE/NAME | -f FILENAME)",
    long: "A real kubectl opens an editor with the last-applied-configuration of an object.",
    flags: &[flags::FILES, flags::OUTPUT, flags::FIELD_MANAGER],
    run: edit_last_applied,
    ..Verb::named("edit-last-applied", "Edit latest last-applied-configuration annotations of a resource/object")
};

const OUTPUT_YAML: &[Flag] =
    &[Flag::text("output", "Output format. Must be one of (yaml, json)").short('o').at("'yaml'")];

const SET: Verb = Verb {
    usage: "set-last-applied -f FILENAME",
    flags: &[
        flags::FILES,
        flags::DRY_RUN,
        flags::OUTPUT,
        &[Flag::on("create-annotation", "Will create 'last-applied-configuration' annotations if it does not exist")],
    ],
    run: set_last_applied,
    ..Verb::named("set-last-applied", "Set the last-applied-configuration annotation on a live object to match a file")
};

pub(super) const VERB: Verb = Verb {
    usage: "apply (-f FILENAME | -k DIRECTORY)",
    long: "Makes the cluster have the objects of a file, a folder or standard input: creates those that are missing and changes the others. What was applied is remembered in an annotation, so that what leaves the file leaves the object too, and what others have set stays.",
    examples: "  # Apply a file\n  kubectl apply -f web.yaml\n\n  # Apply what is typed\n  cat web.yaml | kubectl apply -f -",
    flags: &[
        FLAGS,
        flags::FILES,
        flags::SELECTOR,
        flags::ALL,
        flags::OUTPUT,
        flags::DRY_RUN,
        flags::VALIDATE,
        flags::SERVER_SIDE,
        flags::FIELD_MANAGER,
        flags::RECORD,
    ],
    subs: &[EDIT, SET, VIEW],
    run,
    ..Verb::named("apply", "Apply a configuration to a resource by file name or stdin")
};

/// How everything is to be applied.
struct How {
    dry: DryRun,
    validation: Validation,
    server_side: bool,
    force_conflicts: bool,
    part: Part,
    format: Format,
}

fn run(call: &mut Call<'_>, args: &Args) -> Result<Outcome, CmdError> {
    if !args.words.is_empty() {
        let words = args.words.join(" ");
        return Err(CmdError::usage("kubectl apply", &format!("Unexpected args: [{words}]")));
    }
    let how = How {
        dry: DryRun::of(args)?,
        validation: options::validation(args)?,
        server_side: args.is("server-side"),
        force_conflicts: args.is("force-conflicts"),
        part: subresource::part(args)?,
        format: Format::of_result(call, args)?,
    };
    if !load::names_files(args) {
        return Err(CmdError::new("must specify one of -f and -k"));
    }
    check_flags(args, &how)?;
    let mut pruning = prune::Pruning::of(call, args)?;
    let found = targets::find(call, args, &[], Rules::default())?;
    if found.items.is_empty() && found.errors.is_empty() {
        return Err(CmdError::new("no objects passed to apply"));
    }
    let mut errors = Vec::new();
    if let Err(error) = CmdError::all(found.errors) {
        errors.push(error);
    }
    let mut values = Vec::new();
    for item in found.items {
        match apply_one(call, &item, &how) {
            Ok(value) => {
                if let Some(pruning) = &mut pruning {
                    pruning.visit(call, &item);
                }
                values.push(value);
            }
            Err(error) => errors.push(error),
        }
    }
    CmdError::all(errors)?;
    options::print_all(call, &how.format, values)?;
    if let Some(pruning) = pruning {
        pruning.prune(call, &how.format, how.dry)?;
    }
    Ok(Outcome::Done)
}

fn check_flags(args: &Args, how: &How) -> Result<(), CmdError> {
    let refuse = |message: &str| Err(CmdError::new(message));
    if args.is("force-conflicts") && !how.server_side {
        return refuse("--force-conflicts only works with --server-side");
    }
    if how.dry == DryRun::Client && how.server_side {
        return refuse("--dry-run=client doesn't work with --server-side (did you mean --dry-run=server instead?)");
    }
    if how.server_side && args.is("force") {
        return refuse("--force cannot be used with --server-side");
    }
    if how.dry == DryRun::Server && args.is("force") {
        return refuse("--dry-run=server cannot be used with --force");
    }
    if args.is("all") && args.given("selector") {
        return refuse("cannot set --all and --selector at the same time");
    }
    if args.given("applyset") && !args.is("prune") {
        return refuse("--applyset requires --prune");
    }
    if args.given("subresource") && !how.server_side {
        return refuse("--subresource can only be specified for --server-side");
    }
    Ok(())
}

/// Applies one object and answers with what it is then.
fn apply_one(call: &mut Call<'_>, item: &Item, how: &How) -> Result<Value, CmdError> {
    let Some(body) = &item.body else { return Ok(Value::Null) };
    if item.key.name.is_empty() {
        return Err(nameless(item, body));
    }
    let current = call.lister().object(&item.key).cloned();
    if how.server_side {
        let object = server_side::apply(call, item, body, how)?;
        if object.meta().is_terminating() {
            warn_if_deleting(call, item);
        }
        tell(call, &how.format, item, "serverside-applied", how.dry);
        return Ok(targets::with_type(item.info, &object));
    }
    match current {
        None => create(call, item, body.clone(), how),
        Some(current) => change(call, item, body, &current, how),
    }
}

fn nameless(item: &Item, body: &Value) -> CmdError {
    let generate_name = crate::fields::text(body, "metadata.generateName");
    if !generate_name.is_empty() {
        return CmdError::new(format!("from {generate_name}: cannot use generate name with apply"));
    }
    CmdError::new(format!(
        "error when retrieving current configuration of:\n{}\nfrom server for: \"{}\": resource name may not be empty",
        request_text(item),
        item.source
    ))
}

/// How an error names a request: resource, kind, name, namespace.
fn request_text(item: &Item) -> String {
    let group_version = format!("{}/{}", item.info.group, item.info.version);
    format!(
        "Resource: \"{group_version}, Resource={}\", GroupVersionKind: \"{group_version}, Kind={}\"\nName: \"{}\", Namespace: \"{}\"",
        item.info.plural, item.info.kind, item.key.name, item.key.namespace
    )
}

fn create(call: &mut Call<'_>, item: &Item, mut body: Value, how: &How) -> Result<Value, CmdError> {
    options::set_last_applied(&mut body);
    drop_nulls(&mut body);
    if how.dry == DryRun::Client {
        tell(call, &how.format, item, "created", how.dry);
        return Ok(body);
    }
    admit(call, item, &mut body, how.validation).map_err(|error| error.while_doing("creating", &item.source))?;
    let object = how.dry.create(call, body);
    let object = object.map_err(|status| CmdError::from(status).while_doing("creating", &item.source))?;
    tell(call, &how.format, item, "created", how.dry);
    Ok(targets::with_type(item.info, &object))
}

/// The three-way merge of what was applied last, what is to be applied, and what there is.
fn change(call: &mut Call<'_>, item: &Item, body: &Value, current: &Object, how: &How) -> Result<Value, CmdError> {
    let original = current.meta().annotations.get(LAST_APPLIED).map(ToString::to_string);
    if original.is_none() {
        let name = format!("{}/{}", item.info.plural, item.key.name);
        call.warn(format_args!(
            "resource {name} is missing the {LAST_APPLIED} annotation which is required by kubectl apply. kubectl apply should only be used on resources created declaratively by either kubectl create --save-config or kubectl apply. The missing annotation will be patched automatically."
        ));
    }
    let original = original.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_else(|| json!({}));
    let mut modified = body.clone();
    options::set_last_applied(&mut modified);
    let live = targets::with_type(item.info, current);
    let patch = apiserver::three_way(item.info, &original, &modified, &live);
    if crate::fields::is_empty(&patch) {
        tell(call, &how.format, item, "unchanged", how.dry);
        return Ok(live);
    }
    patch_with(call, item, &live, patch, how)
}

fn patch_with(call: &mut Call<'_>, item: &Item, live: &Value, mut patch: Value, how: &How) -> Result<Value, CmdError> {
    let doing = format!("applying patch:\n{patch}\nto:\n{}\nfor:", request_text(item));
    let source = |error: CmdError| error.while_doing(&doing, &item.source);
    let mut patched = apiserver::strategic_merge(item.info, live, &patch);
    let before = patched.clone();
    admit_patched(call, item, &patch, &mut patched, how.validation).map_err(source)?;
    if patched != before {
        // Unknown fields were dropped: what is left of the patch must not bring them back.
        schema::strip_unknown(item.info, &mut patch);
    }
    if call.lister().object(&item.key).is_some_and(|object| object.meta().is_terminating()) {
        warn_if_deleting(call, item);
    }
    if how.dry == DryRun::Client {
        tell(call, &how.format, item, "configured", how.dry);
        return Ok(patched);
    }
    let key = item.key.clone();
    // Lists of custom resources are replaced, so that both kinds of patch say the same.
    let patch_type = if item.info.custom.is_some() { PatchType::Merge } else { PatchType::Strategic };
    let object = how.dry.ask(call, |server| server.patch(&key, patch_type, &patch, false));
    let object = object.map_err(|status| source(status.into()))?;
    tell(call, &how.format, item, "configured", how.dry);
    Ok(targets::with_type(item.info, &object))
}

fn warn_if_deleting(call: &mut Call<'_>, item: &Item) {
    call.warn(format_args!("Detected changes to resource {} which is currently being deleted.", item.key.name));
}

fn drop_nulls(value: &mut Value) {
    match value {
        Value::Object(map) => {
            map.retain(|_, value| !value.is_null());
            map.values_mut().for_each(drop_nulls);
        }
        Value::Array(items) => items.iter_mut().for_each(drop_nulls),
        _ => {}
    }
}

fn view_last_applied(call: &mut Call<'_>, args: &Args) -> Result<Outcome, CmdError> {
    let as_json = match args.maybe("output") {
        None | Some("yaml" | "") => false,
        Some("json") => true,
        Some(other) => {
            return Err(CmdError::usage(
                &args.command,
                &format!("Unexpected -o output mode: {other}, the flag 'output' must be one of yaml|json"),
            ));
        }
    };
    let items = targets::find(call, args, &args.words, Rules { latest: true, ..Rules::default() })?.all_or_error()?;
    for item in items {
        let Some(object) = &item.object else { continue };
        let Some(text) = object.meta().annotations.get(LAST_APPLIED) else {
            let message = format!("no last-applied-configuration annotation found on resource: {}", item.key.name);
            return Err(CmdError::new(message));
        };
        let value: Value = serde_json::from_str(text).unwrap_or(Value::Null);
        let text = if as_json { crate::output::to_json(&value) } else { manifest::to_yaml(&value) };
        call.print(&text);
    }
    Ok(Outcome::Done)
}

fn edit_last_applied(call: &mut Call<'_>, args: &Args) -> Result<Outcome, CmdError> {
    let items = targets::find(call, args, &args.words, Rules { latest: true, ..Rules::default() })?.all_or_error()?;
    let title = items.first().map_or_else(String::new, Item::title);
    Err(CmdError::Refused(format!(
        "podground: kubectl apply edit-last-applied: there is no editor behind this command; use: kubectl apply view-last-applied {title} > last.yaml, change the file, then kubectl apply set-last-applied -f last.yaml"
    )))
}

fn set_last_applied(call: &mut Call<'_>, args: &Args) -> Result<Outcome, CmdError> {
    let (dry, format) = (DryRun::of(args)?, Format::of_result(call, args)?);
    let items = targets::find(call, args, &args.words, Rules { latest: true, ..Rules::default() })?.all_or_error()?;
    for item in items {
        let (Some(object), Some(body)) = (&item.object, &item.body) else { continue };
        if !object.meta().annotations.has(LAST_APPLIED) && !args.is("create-annotation") {
            return Err(CmdError::new(format!(
                "no last-applied-configuration annotation found on resource: {}, to create the annotation, run the command with --create-annotation",
                item.key.name
            )));
        }
        let patch = json!({"metadata": {"annotations": {LAST_APPLIED: options::last_applied(body)}}});
        let key = item.key.clone();
        dry.ask(call, |server| server.patch(&key, PatchType::Merge, &patch, false))?;
        tell(call, &format, &item, "configured", dry);
    }
    Ok(Outcome::Done)
}

#[cfg(test)]
mod tests {
    use crate::fixture::{WEB, World};
    use expect_test::expect;

    #[test]
    fn created_unchanged_configured() {
        let mut world = World::new().file("web.yaml", WEB);
        expect![["statefulset.apps/web created (dry run)\n"]]
            .assert_eq(&world.kubectl("apply -f web.yaml --dry-run=client"));
        expect![["statefulset.apps/web created (server dry run)\n"]]
            .assert_eq(&world.kubectl("apply -f web.yaml --dry-run=server"));
        expect![["statefulset.apps/web created\n"]].assert_eq(&world.kubectl("apply -f web.yaml"));
        expect![["statefulset.apps/web unchanged\n"]].assert_eq(&world.kubectl("apply -f web.yaml"));
        let mut world = world.file("web.yaml", &WEB.replace("replicas: 2", "replicas: 3"));
        expect![["statefulset.apps/web configured\n"]].assert_eq(&world.kubectl("apply -f web.yaml"));
        expect![["3"]].assert_eq(&world.kubectl("get sts web -o jsonpath={.spec.replicas}"));
        expect![["{\"apiVersion\":\"apps/v1\",\"kind\":\"StatefulSet\",\"metadata\":{\"annotations\":{},\"name\":\"web\",\"namespace\":\"default\"},\"spec\":{\"replicas\":3,\"selector\":{\"matchLabels\":{\"app\":\"web\"}},\"serviceName\":\"web\",\"template\":{\"metadata\":{\"labels\":{\"app\":\"web\"}},\"spec\":{\"containers\":[{\"image\":\"nginx:1.25\",\"name\":\"nginx\"}]}}}}\n"]]
            .assert_eq(&world.kubectl(r"get sts web -o jsonpath={.metadata.annotations.kubectl\.kubernetes\.io/last-applied-configuration}"));
    }

    #[test]
    fn what_left_the_file_leaves_the_object_and_what_others_set_stays() {
        let map = |data: &str| format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: c}}\ndata: {data}\n");
        let mut world = World::new().file("c.yaml", &map("{a: '1', b: '2'}"));
        world.kubectl("apply -f c.yaml");
        let key = api::ObjectKey::new(api::Kind::ConfigMap, "default", "c");
        let patch = serde_json::json!({"data": {"other": "3"}});
        world.server.patch(&key, apiserver::PatchType::Merge, &patch, false).expect("patched");
        let mut world = world.file("c.yaml", &map("{a: '9'}"));
        world.kubectl("apply -f c.yaml");
        expect![[r#"{"a":"9","other":"3"}"#]].assert_eq(&world.kubectl("get cm c -o jsonpath={.data}"));
    }

    #[test]
    fn refusals_in_the_real_words() {
        let mut world = World::new().file("u.yaml", &WEB.replace("replicas", "replicsa"));
        expect![[r#"
            ! Error from server (BadRequest): error when creating "u.yaml": StatefulSet in version "v1" cannot be handled as a StatefulSet: strict decoding error: unknown field "spec.replicsa"
            ! hint: u.yaml:6:3: did you mean "replicas"?
            [exit 1]
        "#]]
        .assert_eq(&world.kubectl("apply -f u.yaml"));
        expect![[r#"
            statefulset.apps/web created
            ! Warning: unknown field "spec.replicsa"
        "#]]
        .assert_eq(&world.kubectl("apply -f u.yaml --validate=warn"));
        let secret = "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\ndata: {password: 'abcd!'}\n";
        let mut world = world.file("s.yaml", secret);
        expect![[r#"
            ! Error from server (BadRequest): error when creating "s.yaml": Secret in version "v1" cannot be handled as a Secret: illegal base64 data at input byte 4
            ! hint: s.yaml:4:8: illegal base64 data at input byte 4
            [exit 1]
        "#]].assert_eq(&world.kubectl("apply -f s.yaml"));
        let check = |world: &mut World, stdin: &str, expected: expect_test::Expect| {
            expected.assert_eq(&world.kubectl_with("apply -f -", stdin));
        };
        check(
            &mut world,
            "apiVersion: apps/v1\nkind: Deploymnt\nmetadata: {name: x}\n",
            expect![[r#"
            ! error: resource mapping not found for name: "x" namespace: "" from "STDIN": no matches for kind "Deploymnt" in version "apps/v1"
            ! ensure CRDs are installed first
            ! hint: STDIN:2:1: did you mean kind: Deployment (apiVersion: apps/v1)?
            [exit 1]
        "#]],
        );
        check(
            &mut world,
            "kind: Pod\nmetadata: {name: x}\n",
            expect![[r#"
            ! error: error validating "STDIN": error validating data: apiVersion not set; if you choose to ignore these errors, turn validation off with --validate=false
            ! hint: the object at STDIN:1:1
            [exit 1]
        "#]],
        );
        check(&mut world, "", expect![["! error: no objects passed to apply\n[exit 1]\n"]]);
        check(
            &mut world,
            "apiVersion: v1\nkind: Pod\nmetadata: {}\nspec: {containers: [{name: c, image: a}]}\n",
            expect![[r#"
            ! error: error when retrieving current configuration of:
            ! Resource: "/v1, Resource=pods", GroupVersionKind: "/v1, Kind=Pod"
            ! Name: "", Namespace: "default"
            ! from server for: "STDIN": resource name may not be empty
            [exit 1]
        "#]],
        );
        expect![["! error: the path \"nofile.yaml\" does not exist\n[exit 1]\n"]]
            .assert_eq(&world.kubectl("apply -f nofile.yaml"));
        expect![[r#"
            ! Error from server (NotFound): error when creating "web.yaml": namespaces "nope" not found
            ! hint: create it first: kubectl create namespace nope
            [exit 1]
        "#]]
        .assert_eq(&World::new().file("web.yaml", WEB).kubectl("-n nope apply -f web.yaml"));
        let other = WEB.replace("{name: web}\n", "{name: web, namespace: other}\n");
        expect![[r#"
            ! error: the namespace from the provided object "other" does not match the namespace "f". You must pass '--namespace=other' to perform this operation.
            [exit 1]
        "#]]
        .assert_eq(&World::new().file("web.yaml", &other).kubectl("-n f apply -f web.yaml"));
    }

    #[test]
    fn good_documents_are_applied_though_others_are_bad() {
        let text =
            format!("{WEB}---\nkind: Pod\n---\na: [\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {{name: c}}\n");
        let mut world = World::new().file("all.yaml", &text);
        expect![[r#"
            statefulset.apps/web created
            configmap/c created
            ! error validating "all.yaml": error validating data: apiVersion not set; if you choose to ignore these errors, turn validation off with --validate=false
            ! error parsing all.yaml: error converting YAML to JSON: yaml: line 1: did not find expected node content
            ! hint: the object at all.yaml:12:1
            ! hint: all.yaml:15:1
            [exit 1]
        "#]]
        .assert_eq(&world.kubectl("apply -f all.yaml"));
    }
}
