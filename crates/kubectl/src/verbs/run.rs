//! `kubectl run`. Models: kubectl/pkg/cmd/run.

use super::Verb;
use super::create::make;
use crate::args::Args;
use crate::call::Call;
use crate::errors::CmdError;
use crate::flags::{self, Flag};
use crate::outcome::Outcome;
use serde_json::{Map, Value, json};

const FLAGS: &[Flag] = &[
    Flag::array("annotations", "Annotations to apply to the pod."),
    Flag::on("attach", "If true, wait for the Pod to start running, and then attach to the Pod."),
    Flag::on("command", "If true and extra arguments are present, use them as the 'command' field in the container."),
    Flag::array("env", "Environment variables to set in the container."),
    Flag::on("expose", "If true, create a ClusterIP service associated with the pod. Requires `--port`."),
    Flag::text("image", "The image for the container to run."),
    Flag::text("image-pull-policy", "The image pull policy for the container."),
    Flag::text("labels", "Comma separated labels to apply to the pod.").short('l'),
    Flag::text("overrides", "An inline JSON override for the generated object."),
    Flag::int("port", "0", "The port that this container exposes."),
    Flag::on("quiet", "If true, suppress prompt messages.").short('q'),
    Flag::text("restart", "The restart policy for this Pod. Legal values [Always, OnFailure, Never].").at("'Always'"),
    Flag::on("rm", "If true, delete the pod after it exits."),
    Flag::on("stdin", "Keep stdin open on the container in the pod, even if nothing is attached.").short('i'),
    Flag::on("tty", "Allocate a TTY for the container in the pod.").short('t'),
];

pub(super) const VERB: Verb = Verb {
    usage: "run NAME --image=image [--env=\"key=value\"] [--port=port] [--dry-run=server|client] [--overrides=inline-json] [--command] -- [COMMAND] [args...]",
    long: "Makes a pod that runs an image.",
    examples: "  # Start a pod\n  kubectl run web --image=nginx\n\n  # Start one that runs a command once\n  kubectl run once --image=busybox --restart=Never -- sleep 5",
    flags: &[
        FLAGS,
        flags::OUTPUT,
        flags::DRY_RUN,
        flags::VALIDATE,
        flags::SAVE_CONFIG,
        flags::FIELD_MANAGER,
        flags::RECORD,
    ],
    run,
    ..Verb::named("run", "Run a particular image on the cluster")
};

fn run(call: &mut Call<'_>, args: &Args) -> Result<Outcome, CmdError> {
    let Some((name, arguments)) = args.words.split_first() else {
        return Err(CmdError::usage("kubectl run", "NAME is required for run"));
    };
    if args.text("image").is_empty() {
        return Err(CmdError::new("required flag(s) \"image\" not set"));
    }
    if ["attach", "stdin", "tty", "rm"].iter().any(|flag| args.is(flag)) {
        return Err(CmdError::Refused(
            "podground: kubectl run: images are not run here, so there is nothing to attach to: leave out -i, -t, --attach and --rm".into(),
        ));
    }
    if args.is("expose") && args.int("port").unwrap_or(0) == 0 {
        return Err(CmdError::usage("kubectl run", "--port must be set when exposing a service"));
    }
    let labels = match args.maybe("labels") {
        Some(text) => pairs(text.split(','))?,
        None => json!({"run": name}),
    };
    let mut body = pod(args, name, arguments, &labels)?;
    if let Some(text) = args.maybe("overrides") {
        let overrides: Value = serde_json::from_str(text).map_err(|error| CmdError::new(error.to_string()))?;
        body = apiserver::json_merge(&body, &overrides);
    }
    make(call, args, body, "created", "")?;
    if args.is("expose") {
        let port = args.int("port").unwrap_or(0);
        let spec = json!({"ports": [{"port": port, "protocol": "TCP", "targetPort": port}], "selector": labels});
        let service = json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": name}, "spec": spec, "status": {"loadBalancer": {}}});
        make(call, args, service, "created", "")?;
    }
    Ok(Outcome::Done)
}

fn pod(args: &Args, name: &str, arguments: &[String], labels: &Value) -> Result<Value, CmdError> {
    let mut container = json!({"name": name, "image": args.text("image"), "resources": {}});
    if !arguments.is_empty() {
        container[if args.is("command") { "command" } else { "args" }] = json!(arguments);
    }
    if let Some(port) = args.int("port").filter(|port| *port > 0) {
        container["ports"] = json!([{"containerPort": port}]);
    }
    if args.given("image-pull-policy") {
        container["imagePullPolicy"] = args.text("image-pull-policy").into();
    }
    let mut environment = Vec::new();
    for variable in args.texts("env") {
        let (key, value) = variable.split_once('=').ok_or_else(|| CmdError::new(format!("invalid env: {variable}")))?;
        environment.push(json!({"name": key, "value": value}));
    }
    if !environment.is_empty() {
        container["env"] = environment.into();
    }
    let restart = args.maybe("restart").unwrap_or("Always");
    if !matches!(restart, "Always" | "OnFailure" | "Never") {
        return Err(CmdError::usage("kubectl run", &format!("invalid restart policy: {restart}")));
    }
    let mut meta = json!({"name": name, "labels": labels});
    if args.given("annotations") {
        meta["annotations"] = pairs(args.texts("annotations").iter().map(String::as_str))?;
    }
    let spec = json!({"containers": [container], "dnsPolicy": "ClusterFirst", "restartPolicy": restart});
    Ok(json!({"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": spec, "status": {}}))
}

fn pairs<'t>(texts: impl Iterator<Item = &'t str>) -> Result<Value, CmdError> {
    let mut map = Map::new();
    for text in texts.filter(|text| !text.is_empty()) {
        let (key, value) =
            text.split_once('=').ok_or_else(|| CmdError::new(format!("unexpected label spec: {text}")))?;
        map.insert(key.to_owned(), value.into());
    }
    Ok(Value::Object(map))
}

#[cfg(test)]
mod tests {
    use crate::fixture::World;
    use expect_test::expect;

    #[test]
    fn a_pod_from_flags() {
        let mut world = World::new();
        expect![["pod/p1 created\n"]].assert_eq(&world.kubectl("run p1 --image=nginx --env=A=b --port=80 -- sleep 5"));
        expect![[r#"["sleep","5"] {"run":"p1"} [{"name":"A","value":"b"}]"#]].assert_eq(&world.kubectl(
            "get pod p1 -o 'jsonpath={.spec.containers[0].args} {.metadata.labels} {.spec.containers[0].env}'",
        ));
        expect![["! error: required flag(s) \"image\" not set\n[exit 1]\n"]].assert_eq(&world.kubectl("run p2"));
        expect![["! podground: kubectl run: images are not run here, so there is nothing to attach to: leave out -i, -t, --attach and --rm\n[exit 127]\n"]]
            .assert_eq(&world.kubectl("run -it p2 --image=busybox"));
    }
}
