//! `kubectl run`. Models: kubectl/pkg/cmd/run.

use super::Verb;
use super::create::make;
use super::delete::{self, Deletion};
use super::exec::{exec_in, nobody_types, not_reached, waits_for_a_person};
use crate::args::Args;
use crate::call::{Call, Exec, Ran};
use crate::errors::CmdError;
use crate::flags::{self, Flag};
use crate::follow::{Follow, Progress, State};
use crate::outcome::Outcome;
use crate::targets::Item;
use api::{ContainerState, Pod, Resource, Status, Time};
use serde_json::{Map, Value, json};
use sim::SimDuration;

const FLAGS: &[Flag] = &[
    Flag::array("annotations", "Annotations to apply to the pod."),
    Flag::on("attach", "If true, wait for the Pod to start running, and then attach to the Pod."),
    Flag::on("command", "If true and extra arguments are present, use them as the 'command' field in the container."),
    Flag::array("env", "Environment variables to set in the container."),
    Flag::on("expose", "If true, create a ClusterIP service associated with the pod. Requires `--port`."),
    Flag::text("image", "The image for the container to run."),
    Flag::text("image-pull-policy", "The image pull policy for the container."),
    Flag::on("leave-stdin-open", "If the pod is started in interactive mode or with stdin, leave stdin open."),
    Flag::duration("pod-running-timeout", "1m0s", "The length of time to wait until at least one pod is running"),
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
    let attaches = args.is_unless_off("attach", args.is("stdin"));
    check_attaching(call, args, name, arguments, attaches)?;
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
    let said = call.output.clone();
    make(call, args, body, "created", "")?;
    if attaches {
        // What runs is shown, not that it was made.
        call.output = said;
        return attach(call, args, name);
    }
    if args.is("expose") {
        let port = args.int("port").unwrap_or(0);
        let spec = json!({"ports": [{"port": port, "protocol": "TCP", "targetPort": port}], "selector": labels});
        let service = json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": name}, "spec": spec, "status": {"loadBalancer": {}}});
        make(call, args, service, "created", "")?;
    }
    Ok(Outcome::Done)
}

/// Whether somebody can be attached to what is to run.
fn check_attaching(
    call: &Call<'_>,
    args: &Args,
    name: &str,
    command: &[String],
    attaches: bool,
) -> Result<(), CmdError> {
    if args.is("tty") && !args.is("stdin") {
        return Err(CmdError::new("-i/--stdin is required for containers with -t/--tty=true"));
    }
    if args.is("rm") && !attaches {
        return Err(CmdError::new("--rm should only be used for attached containers"));
    }
    if attaches && !matches!(args.text("dry-run"), "" | "none") {
        return Err(CmdError::new(
            "--dry-run=[server|client] can't be used with attached containers options (--attach, --stdin, or --tty)",
        ));
    }
    if args.is("stdin") && call.stdin.is_empty() && waits_for_a_person(command) {
        let image = args.text("image");
        let instead = format!("kubectl run -it --rm --restart=Never --image={image} {name} -- nslookup kubernetes");
        return Err(nobody_types("run", &instead));
    }
    Ok(())
}

/// Attaches to the pod that was just made.
fn attach(call: &mut Call<'_>, args: &Args, name: &str) -> Result<Outcome, CmdError> {
    let (namespace, _) = call.namespace(args);
    let Some(pod) = call.server.pod(&namespace, name) else {
        return Err(Status::not_found("pods", name).into());
    };
    let Some(container) = pod.spec.containers.first() else { return Ok(Outcome::Done) };
    let words = container.command.iter().chain(&container.args).map(|word| word.to_string());
    let mut command: Vec<String> = words.collect();
    if command.is_empty() {
        command.push("sh".to_owned());
    }
    let (stdin, tty) = (args.is("stdin"), args.is("tty"));
    let exec = Exec { command, stdin, tty, attach: true, ..exec_in(pod, container.name.clone()) };
    let limit = args.duration("pod-running-timeout").unwrap_or(SimDuration::from_secs(60));
    let give_up_at = call.now().plus(limit);
    let attached = Attached { exec, remove: args.is("rm"), give_up_at, stage: Stage::Starting, read: 0, ran: None };
    Ok(Outcome::follow(Follow::new(State::Attached(attached))))
}

/// A pod that was made to be attached to.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Attached {
    exec: Exec,
    remove: bool,
    give_up_at: Time,
    stage: Stage,
    /// Lines of its log that were shown.
    read: usize,
    ran: Option<Ran>,
}

/// How far it has come.
#[derive(Clone, Debug, PartialEq)]
enum Stage {
    /// Its container does not run yet.
    Starting,
    /// Its process does what kubectl is told to.
    Running,
    /// Its process does something of its own, and what that writes is shown.
    Following,
    /// Its process has ended; the pod is about to.
    Ending,
    /// It is being deleted. The exit code, and what is said at the end.
    Removing(Deletion, i32, String),
}

impl Attached {
    /// When it gives up waiting for the pod to run.
    pub(crate) fn wakes_at(&self) -> Option<Time> {
        (self.stage == Stage::Starting).then_some(self.give_up_at)
    }

    pub(crate) fn ran(&mut self, how: Ran) {
        self.ran = Some(how);
    }

    pub(crate) fn poll(&mut self, call: &mut Call<'_>) -> Result<Progress, CmdError> {
        if let Stage::Removing(deletion, code, text) = &mut self.stage {
            if !deletion.is_over(call) {
                return Ok(Progress::Waiting);
            }
            call.output.stderr.push_str(text);
            return Ok(Progress::Done(*code));
        }
        let pod = call.server.pod(&self.exec.namespace, &self.exec.pod).cloned();
        let Some(pod) = pod.filter(|pod| pod.metadata.uid == self.exec.uid) else {
            return Err(Status::not_found("pods", &self.exec.pod).into());
        };
        match (&self.stage, self.ran.take()) {
            (Stage::Starting, _) => {
                let status = pod.status.container_statuses.first();
                if pod.is_finished() {
                    self.stage = Stage::Following;
                } else if status.is_some_and(|status| matches!(status.state, ContainerState::Running { .. })) {
                    self.exec.node = pod.spec.node_name.clone();
                    call.output.exec = Some(self.exec.clone());
                    self.stage = Stage::Running;
                    return Ok(Progress::Waiting);
                } else if call.now() >= self.give_up_at {
                    return Err(CmdError::new("timed out waiting for the condition"));
                } else {
                    return Ok(Progress::Waiting);
                }
            }
            (Stage::Running, Some(Ran::Ended(_))) => self.stage = Stage::Ending,
            (Stage::Running, Some(Ran::NotDriven | Ran::NotRunning)) => self.stage = Stage::Following,
            (Stage::Running, Some(other)) => return Err(not_reached(&self.exec, &other)),
            _ => {}
        }
        if self.stage == Stage::Following {
            let lines = (call.env.logs)(&pod, &self.exec.container, false).unwrap_or_default();
            for line in lines.iter().skip(self.read) {
                call.say(&line.text);
            }
            self.read = self.read.max(lines.len());
        }
        let ended = pod.is_finished() || self.stage == Stage::Ending && pod.spec.restart_policy == "Always";
        if ended { self.end(call, &pod) } else { Ok(Progress::Waiting) }
    }

    fn end(&mut self, call: &mut Call<'_>, pod: &Pod) -> Result<Progress, CmdError> {
        let status = pod.status.container_statuses.first();
        let (code, reason) = match status.map(|status| &status.state) {
            Some(ContainerState::Terminated(end)) => (end.exit_code, end.reason.as_str()),
            _ => (0, ""),
        };
        let text = match code {
            0 => String::new(),
            _ => format!("pod {}/{} terminated ({reason})\n", pod.metadata.namespace, pod.metadata.name),
        };
        if !self.remove {
            call.output.stderr.push_str(&text);
            return Ok(Progress::Done(code));
        }
        let info = apiserver::resource(Pod::KIND).ok_or_else(|| CmdError::new("expected a resource"))?;
        let item = Item { info, key: pod.key(), object: None, body: None, source: String::new(), origin: None };
        let how = delete::How::of(&Args::default())?;
        let uid = delete::delete_one(call, &item, &how)?;
        let mut deletion = Deletion::default();
        deletion.and(&item, uid);
        self.stage = Stage::Removing(deletion, code, text);
        Ok(Progress::Waiting)
    }
}

fn pod(args: &Args, name: &str, arguments: &[String], labels: &Value) -> Result<Value, CmdError> {
    let mut container = json!({"name": name, "image": args.text("image"), "resources": {}});
    if !arguments.is_empty() {
        container[if args.is("command") { "command" } else { "args" }] = json!(arguments);
    }
    if let Some(port) = args.int("port").filter(|port| *port > 0) {
        container["ports"] = json!([{"containerPort": port}]);
    }
    if args.is("stdin") {
        container["stdin"] = true.into();
        container["stdinOnce"] = (!args.is("leave-stdin-open")).into();
    }
    if args.is("tty") {
        container["tty"] = true.into();
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
        expect![["! podground: kubectl run: nobody is there to type at its prompt: put the commands into the command line (kubectl run -it --rm --restart=Never --image=busybox p2 -- nslookup kubernetes), or give them as input\n[exit 127]\n"]]
            .assert_eq(&world.kubectl("run -it p2 --image=busybox"));
        expect![["! error: --rm should only be used for attached containers\n[exit 1]\n"]]
            .assert_eq(&world.kubectl("run p2 --rm --image=busybox"));
    }
}
