//! `kubectl create`. Models: kubectl/pkg/cmd/create.

mod config;
mod ingress;
mod plain;
mod rbac;
mod service;
mod token;
mod workload;

use super::Verb;
use super::options::{self, DryRun, admit, print_one, refreshed};
use crate::args::Args;
use crate::call::Call;
use crate::errors::CmdError;
use crate::flags::{self, Flag};
use crate::load;
use crate::outcome::Outcome;
use crate::output::Format;
use crate::targets::{self, Item, Rules};
use api::ObjectKey;
use serde_json::Value;

const FLAGS: &[Flag] = &[
    Flag::on("edit", "Edit the API resource before creating"),
    Flag::text("raw", "Raw URI to POST to the server."),
    Flag::on("windows-line-endings", "Only relevant if --edit=true."),
];

pub(super) const VERB: Verb = Verb {
    usage: "create -f FILENAME",
    long: "Creates the objects of a file, a folder or standard input, or one made from flags.",
    examples: "  # Create what a file describes\n  kubectl create -f web.yaml",
    flags: &[
        FLAGS,
        flags::FILES,
        flags::SELECTOR,
        flags::OUTPUT,
        flags::DRY_RUN,
        flags::VALIDATE,
        flags::SAVE_CONFIG,
        flags::FIELD_MANAGER,
        flags::RECORD,
    ],
    subs: &[
        rbac::CLUSTER_ROLE,
        rbac::CLUSTER_ROLE_BINDING,
        config::CONFIG_MAP,
        workload::CRON_JOB,
        workload::DEPLOYMENT,
        ingress::VERB,
        workload::JOB,
        plain::NAMESPACE,
        plain::DISRUPTION_BUDGET,
        plain::PRIORITY_CLASS,
        plain::QUOTA,
        rbac::ROLE,
        rbac::ROLE_BINDING,
        config::SECRET,
        service::VERB,
        plain::SERVICE_ACCOUNT,
        token::VERB,
    ],
    run,
    ..Verb::named("create", "Create a resource from a file or from stdin")
};

fn run(call: &mut Call<'_>, args: &Args) -> Result<Outcome, CmdError> {
    if let Some(word) = args.words.first() {
        return Err(CmdError::usage("kubectl create", &format!("Unexpected args: [{word}]")));
    }
    if args.is("edit") || args.given("raw") {
        return Err(CmdError::Refused("podground: kubectl create --edit and --raw are not available here".into()));
    }
    if !load::names_files(args) {
        call.complain("Error: must specify one of -f and -k\n");
        super::help::print(call, "kubectl create", &VERB);
        return Err(CmdError::Exit(1));
    }
    let (dry, format, how) = (DryRun::of(args)?, Format::of_result(call, args)?, options::validation(args)?);
    let found = targets::find(call, args, &[], Rules::default())?;
    let mut errors = found.errors;
    if found.items.is_empty() && errors.is_empty() {
        return Err(CmdError::new("no objects passed to create"));
    }
    for item in found.items {
        let Some(mut body) = item.body.clone() else { continue };
        if args.is("save-config") {
            options::set_last_applied(&mut body);
        }
        if dry == DryRun::Client {
            print_one(call, &format, &item, &body, "created", dry)?;
            continue;
        }
        let created = admit(call, &item, &mut body, how).and_then(|()| dry.create(call, body).map_err(CmdError::from));
        match created {
            Ok(object) => {
                let item = refreshed(&item, object);
                print_one(call, &format, &item, &item.value(), "created", dry)?;
            }
            Err(error) => errors.push(error.while_doing("creating", &item.source)),
        }
    }
    CmdError::all(errors).map(|()| Outcome::Done)
}

/// Flags of everything that is made from flags.
pub(super) const MADE: &[&[Flag]] =
    &[flags::OUTPUT, flags::DRY_RUN, flags::VALIDATE, flags::SAVE_CONFIG, flags::FIELD_MANAGER];

/// The one name that the command is to give.
pub(super) fn name(args: &Args) -> Result<String, CmdError> {
    match args.words_before_dash() {
        [name] => Ok(name.clone()),
        names => {
            let message = format!("exactly one NAME is required, got {}", names.len());
            Err(CmdError::usage(&args.command, &message))
        }
    }
}

/// Creates an object that was made from flags; `failing` stands before the server's words if it refuses.
pub(in crate::verbs) fn make(
    call: &mut Call<'_>,
    args: &Args,
    mut body: Value,
    operation: &str,
    failing: &str,
) -> Result<Outcome, CmdError> {
    let (dry, format, how) = (DryRun::of(args)?, Format::of_result(call, args)?, options::validation(args)?);
    let (api_version, kind) =
        (crate::fields::text(&body, "apiVersion").to_owned(), crate::fields::text(&body, "kind").to_owned());
    let (kind, info) = call.lister().served(&api_version, &kind).ok_or_else(|| CmdError::new("unknown kind"))?;
    let (namespace, explicit) = call.namespace(args);
    let name = crate::fields::text(&body, "metadata.name").to_owned();
    if info.namespaced && explicit {
        set_namespace(&mut body, &namespace);
    }
    if args.is("save-config") {
        options::set_last_applied(&mut body);
    }
    let within = if info.namespaced { namespace.as_str() } else { "" };
    let key = ObjectKey::new(kind, within, name);
    let item = Item { info, key, object: None, body: Some(body.clone()), source: String::new(), origin: None };
    if dry == DryRun::Client {
        return print_one(call, &format, &item, &body, operation, dry).map(|()| Outcome::Done);
    }
    if info.namespaced {
        set_namespace(&mut body, &namespace);
    }
    let created = admit(call, &item, &mut body, how).and_then(|()| dry.create(call, body).map_err(CmdError::from));
    let object = created.map_err(|error| match failing {
        "" => error,
        failing => CmdError::new(format!("{failing}{}", error.plain(&mut Vec::new()))),
    })?;
    let item = refreshed(&item, object);
    print_one(call, &format, &item, &item.value(), operation, dry).map(|()| Outcome::Done)
}

fn set_namespace(body: &mut Value, namespace: &str) {
    if let Some(meta) = body.get_mut("metadata").and_then(Value::as_object_mut) {
        meta.insert("namespace".to_owned(), namespace.into());
    }
}

#[cfg(test)]
mod tests {
    use crate::fixture::World;
    use expect_test::expect;

    #[test]
    fn made_from_flags() {
        let mut world = World::new().file("app.properties", "a=1\n");
        expect![["namespace/shop created\n"]].assert_eq(&world.kubectl("create ns shop"));
        expect![["! Error from server (AlreadyExists): namespaces \"shop\" already exists\n[exit 1]\n"]]
            .assert_eq(&world.kubectl("create namespace shop"));
        expect![["configmap/c created\n"]].assert_eq(
            &world.kubectl(
                "create configmap c --from-literal=x=1 --from-file=app.properties --from-file=k=app.properties",
            ),
        );
        expect![[r#"{"app.properties":"a=1\n","k":"a=1\n","x":"1"}"#]]
            .assert_eq(&world.kubectl("get cm c -o jsonpath={.data}"));
        expect![["secret/s created\n"]]
            .assert_eq(&world.kubectl("create secret generic s --from-literal=password=hello"));
        expect![["aGVsbG8="]].assert_eq(&world.kubectl("get secret s -o jsonpath={.data.password}"));
        expect![["service/web created\n"]].assert_eq(&world.kubectl("create svc clusterip web --tcp=80:8080"));
        expect![[r#"{"name":"80-8080","port":80,"protocol":"TCP","targetPort":8080}"#]]
            .assert_eq(&world.kubectl("get svc web -o jsonpath={.spec.ports[0]}"));
        expect![["deployment.apps/d2 created\n"]]
            .assert_eq(&world.kubectl("create deploy d2 --image=nginx --replicas=2"));
        expect![["! error: failed to create deployment: deployments.apps \"d2\" already exists\n[exit 1]\n"]]
            .assert_eq(&world.kubectl("create deploy d2 --image=nginx"));
        expect![["! error: exactly one NAME is required, got 0\n! See 'kubectl create namespace -h' for help and examples\n[exit 1]\n"]]
            .assert_eq(&world.kubectl("create ns"));
        expect![[r"
            apiVersion: apps/v1
            kind: Deployment
            metadata:
              labels:
                app: web
              name: web
            spec:
              replicas: 1
              selector:
                matchLabels:
                  app: web
              strategy: {}
              template:
                metadata:
                  labels:
                    app: web
                spec:
                  containers:
                  - image: nginx:1.25
                    name: nginx
                    resources: {}
            status: {}
        "]]
        .assert_eq(&world.kubectl("create deployment web --image=nginx:1.25 --dry-run=client -o yaml"));
    }
}
