//! `kubectl logs`. Models: kubectl/pkg/cmd/logs and polymorphichelpers/logsforobject.go.

use super::Verb;
use crate::args::Args;
use crate::call::{Call, LogLine};
use crate::errors::CmdError;
use crate::flags::{self, Flag};
use crate::follow::{Follow, Progress, State};
use crate::outcome::Outcome;
use crate::targets::{self, Item, Rules};
use api::{ContainerState, ContainerStatus, LabelSelector, Pod, Resource, Status, StatusReason, Str, Time, Wire};
use std::rc::Rc;

const FLAGS: &[Flag] = &[
    Flag::on("all-containers", "Get all containers' logs in the pod(s)."),
    Flag::on("all-pods", "Get logs from all pod(s). Sets prefix to true."),
    Flag::text("container", "Print the logs of this container").short('c'),
    Flag::on("follow", "Specify if the logs should be streamed.").short('f'),
    Flag::on("ignore-errors", "If watching / following pod logs, allow for any errors that occur to be non-fatal"),
    Flag::on("insecure-skip-tls-verify-backend", "Skip verifying the identity of the kubelet."),
    Flag::int("limit-bytes", "0", "Maximum bytes of logs to return. Defaults to no limit."),
    Flag::int("max-log-requests", "5", "Specify maximum number of concurrent logs to follow when using by a selector."),
    Flag::duration("pod-running-timeout", "20s", "The length of time to wait until at least one pod is running"),
    Flag::on("prefix", "Prefix each log line with the log source (pod name and container name)"),
    Flag::on("previous", "If true, print the logs for the previous instance of the container in a pod if it exists.")
        .short('p'),
    Flag::duration("since", "0s", "Only return logs newer than a relative duration like 5s, 2m, or 3h."),
    Flag::text("since-time", "Only return logs after a specific date (RFC3339)."),
    Flag::int("tail", "-1", "Lines of recent log file to display."),
    Flag::on("timestamps", "Include timestamps on each line in the log output"),
];

pub(super) const VERB: Verb = Verb {
    usage: "logs [-f] [-p] (POD | TYPE/NAME) [-c CONTAINER]",
    long: "Prints what a container wrote. Images are not run here: a log tells what the model did in the container.",
    examples: "  # The log of a pod\n  kubectl logs web-0\n\n  # What the run before the last restart wrote\n  kubectl logs web-0 -p\n\n  # All pods with a label\n  kubectl logs -l app=web --all-containers --prefix",
    flags: &[FLAGS, flags::SELECTOR],
    run,
    ..Verb::named("logs", "Print the logs for a container in a pod")
};

const USAGE: &str = "expected 'logs [-f] [-p] (POD | TYPE/NAME) [-c CONTAINER]'.\nPOD or TYPE/NAME is a required argument for the logs command";

/// Which lines are wanted, and how they are printed.
#[derive(Clone, Debug, PartialEq)]
struct How {
    since: Option<Time>,
    tail: Option<usize>,
    limit: Option<usize>,
    timestamps: bool,
    prefix: bool,
    previous: bool,
}

/// Logs that are being followed.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct LogStream {
    sources: Vec<Source>,
    how: How,
}

/// One container whose log is followed.
#[derive(Clone, Debug, PartialEq)]
struct Source {
    namespace: Str,
    pod: Str,
    uid: Str,
    container: Str,
    /// Lines read so far, printed or not.
    read: usize,
    restarts: i32,
    is_over: bool,
}

fn run(call: &mut Call<'_>, args: &Args) -> Result<Outcome, CmdError> {
    let (pods, container) = pods(call, args)?;
    let how = how(call, args)?;
    let mut sources = Vec::new();
    for pod in &pods {
        for name in containers(call, args, pod, container.as_deref())? {
            sources.push(source(pod, name));
        }
    }
    let most = args.int("max-log-requests").unwrap_or(5);
    if args.is("follow") && sources.len() > 1 && i64::try_from(sources.len()).is_ok_and(|count| count > most) {
        return Err(CmdError::new(format!(
            "you are attempting to follow {} log streams, but maximum allowed concurrency is {most}, use --max-log-requests to increase the limit",
            sources.len()
        )));
    }
    let mut stream = LogStream { sources, how };
    stream.first(call, args)?;
    if args.is("follow") {
        return Ok(Outcome::follow(Follow::new(State::Logs(stream))));
    }
    Ok(Outcome::Done)
}

fn how(call: &Call<'_>, args: &Args) -> Result<How, CmdError> {
    if args.given("since") && args.given("since-time") {
        return Err(CmdError::new("at most one of `sinceTime` or `sinceSeconds` may be specified"));
    }
    let since = match (args.duration("since"), args.maybe("since-time")) {
        (Some(span), _) => Some(Time::from_unix_millis(
            call.now().unix_millis().saturating_sub(i64::try_from(span.as_millis()).unwrap_or(i64::MAX)),
        )),
        (None, Some(text)) => Some(Time::parse(text).ok_or_else(|| {
            CmdError::new(format!(
                "parsing time \"{text}\" as \"2006-01-02T15:04:05Z07:00\": cannot parse \"{text}\" as \"2006\""
            ))
        })?),
        (None, None) => None,
    };
    let tail = match args.int("tail") {
        Some(count) if count < -1 => {
            return Err(CmdError::new("--tail must be greater than or equal to -1"));
        }
        Some(count) => usize::try_from(count).ok(),
        None if args.given("selector") => Some(10),
        None => None,
    };
    Ok(How {
        since,
        tail,
        limit: args.int("limit-bytes").and_then(|bytes| usize::try_from(bytes).ok()).filter(|bytes| *bytes > 0),
        timestamps: args.is("timestamps"),
        prefix: args.is("prefix") || args.is("all-pods"),
        previous: args.is("previous"),
    })
}

/// The pods that the command names, and the container if it names one.
fn pods(call: &mut Call<'_>, args: &Args) -> Result<(Vec<Rc<Pod>>, Option<String>), CmdError> {
    let selector = args.given("selector");
    let (resource, inline) = match args.words.as_slice() {
        [] if !selector => return Err(CmdError::usage("kubectl logs", USAGE)),
        [] => ("", None),
        [_] if selector => {
            return Err(CmdError::usage("kubectl logs", "only a selector (-l) or a POD name is allowed"));
        }
        [resource] => (resource.as_str(), None),
        [resource, container] => (resource.as_str(), Some(container.clone())),
        _ => return Err(CmdError::usage("kubectl logs", USAGE)),
    };
    if inline.is_some() && args.given("container") {
        return Err(CmdError::new("only one of -c or an inline [CONTAINER] arg is allowed"));
    }
    let container = inline.or_else(|| args.maybe("container").map(str::to_owned)).filter(|name| !name.is_empty());
    if let Some(name) = container.as_ref().filter(|_| args.is("all-containers")) {
        return Err(CmdError::new(format!("--all-containers=true should not be specified with container name {name}")));
    }
    let (namespace, _) = call.namespace(args);
    if selector {
        let found = targets::find(call, args, &["pods".to_owned()], Rules::default())?.all_or_error()?;
        if found.is_empty() {
            call.complain(format_args!("No resources found in {namespace} namespace."));
        }
        return Ok((found.iter().filter_map(pod_of).collect(), container));
    }
    let word = if resource.contains('/') { resource.to_owned() } else { format!("pods/{resource}") };
    let found = targets::find(call, args, &[word], Rules::default())?.all_or_error();
    let items = found.map_err(|error| match error {
        error if error.is_not_found() => {
            let text = error.plain(&mut Vec::new());
            CmdError::new(format!("error from server (NotFound): {text} in namespace \"{namespace}\""))
        }
        error => error,
    })?;
    let Some(item) = items.first() else { return Err(CmdError::new("expected a resource")) };
    match pod_of(item) {
        Some(pod) => Ok((vec![pod], container)),
        None => Ok((pods_of_workload(call, args, item, "get the logs from")?, container)),
    }
}

fn pod_of(item: &Item) -> Option<Rc<Pod>> {
    item.object.as_ref().and_then(Pod::from_object).cloned()
}

/// The pod of a workload that logs are best read from, or all of them. Models: ByLogging, GetFirstPod.
pub(super) fn pods_of_workload(
    call: &mut Call<'_>,
    args: &Args,
    item: &Item,
    what_for: &str,
) -> Result<Vec<Rc<Pod>>, CmdError> {
    let value = item.value();
    let selector = value
        .pointer("/spec/selector")
        .filter(|_| value.pointer("/spec/template").is_some() || item.info.kind == "Service");
    let Some(selector) = selector else {
        let kind = item.info.kind;
        return Err(CmdError::new(format!("cannot {what_for} *v1.{kind}: selector for *v1.{kind} not implemented")));
    };
    let selector: LabelSelector = if item.info.kind == "Service" || item.info.kind == "ReplicationController" {
        LabelSelector { match_labels: Wire::read(selector.clone()), ..LabelSelector::default() }
    } else {
        Wire::read(selector.clone())
    };
    let mut pods: Vec<Rc<Pod>> = call
        .lister()
        .list_in::<Pod>(&item.key.namespace)
        .filter(|pod| selector.matches(&pod.metadata.labels))
        .cloned()
        .collect();
    if pods.is_empty() {
        return Err(CmdError::new("timed out waiting for the condition"));
    }
    pods.sort_by_key(|pod| {
        (pod.spec.node_name.is_empty(), pod.status.phase != "Running", !pod.is_ready(), pod.metadata.creation_timestamp)
    });
    if !args.is("all-pods") {
        if pods.len() > 1 && args.command == "kubectl logs" {
            call.complain(format_args!("Found {} pods, using pod/{}", pods.len(), pods[0].metadata.name));
        }
        pods.truncate(1);
    }
    Ok(pods)
}

/// The containers of a pod that are meant.
fn containers(call: &mut Call<'_>, args: &Args, pod: &Pod, named: Option<&str>) -> Result<Vec<Str>, CmdError> {
    let (init, main) = (&pod.spec.init_containers, &pod.spec.containers);
    let all = || init.iter().chain(main.iter()).map(|container| container.name.clone());
    if args.is("all-containers") {
        return Ok(all().collect());
    }
    let listed = || {
        let mains = main.iter().map(|container| container.name.to_string());
        let inits = init.iter().map(|container| format!("{} (init)", container.name));
        mains.chain(inits).collect::<Vec<_>>().join(", ")
    };
    let default = pod.metadata.annotations.get("kubectl.kubernetes.io/default-container");
    let name: Str = match (named, default) {
        (Some(name), _) => name.into(),
        (None, Some(name)) if all().any(|known| known == *name) => name.clone(),
        _ => {
            let Some(first) = main.first() else { return Ok(Vec::new()) };
            if main.len() > 1 || !init.is_empty() {
                let (first, listed) = (&first.name, listed());
                call.complain(format_args!("Defaulted container \"{first}\" out of: {listed}"));
            }
            first.name.clone()
        }
    };
    if !all().any(|known| known == name) {
        let (pod, listed) = (&pod.metadata.name, listed());
        return Err(CmdError::new(format!("container {name} is not valid for pod {pod} out of: {listed}")));
    }
    Ok(vec![name])
}

fn status_of<'p>(pod: &'p Pod, container: &str) -> Option<&'p ContainerStatus> {
    let (init, main) = (&pod.status.init_container_statuses, &pod.status.container_statuses);
    init.iter().chain(main.iter()).find(|status| status.name == *container)
}

fn source(pod: &Pod, container: Str) -> Source {
    Source {
        namespace: pod.metadata.namespace.clone(),
        pod: pod.metadata.name.clone(),
        uid: pod.metadata.uid.clone(),
        restarts: status_of(pod, &container).map_or(0, |status| status.restart_count),
        container,
        read: 0,
        is_over: false,
    }
}

impl LogStream {
    /// What was logged until now.
    fn first(&mut self, call: &mut Call<'_>, args: &Args) -> Result<(), CmdError> {
        let how = self.how.clone();
        for source in &mut self.sources {
            let Some(pod) = call.server.pod(&source.namespace, &source.pod).cloned() else { continue };
            let lines = match read(call, &pod, &source.container, how.previous) {
                Ok(lines) => lines,
                Err(error) if args.is("ignore-errors") => {
                    let text = error.plain(&mut Vec::new());
                    call.say(format_args!("error: {text}"));
                    continue;
                }
                Err(error) => return Err(error),
            };
            source.read = lines.len();
            let wanted: Vec<&LogLine> =
                lines.iter().filter(|line| how.since.is_none_or(|since| line.time >= since)).collect();
            let skip = how.tail.map_or(0, |tail| wanted.len().saturating_sub(tail));
            let mut text: String = wanted[skip..].iter().map(|line| source.text(line, &how)).collect();
            if let Some(limit) = how.limit.filter(|limit| *limit < text.len()) {
                let end = (0..=limit).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
                text.truncate(end);
            }
            call.print(&text);
        }
        Ok(())
    }

    pub(crate) fn poll(&mut self, call: &mut Call<'_>) -> Result<Progress, CmdError> {
        let how = self.how.clone();
        for source in self.sources.iter_mut().filter(|source| !source.is_over) {
            let pod =
                call.server.pod(&source.namespace, &source.pod).filter(|pod| pod.metadata.uid == source.uid).cloned();
            let Some(pod) = pod else {
                source.is_over = true;
                continue;
            };
            let status = status_of(&pod, &source.container);
            // A restart ends the stream: the new run has a log of its own.
            let restarted = status.is_some_and(|status| status.restart_count != source.restarts);
            let lines = (call.env.logs)(&pod, &source.container, restarted).unwrap_or_default();
            for line in lines.iter().skip(source.read) {
                let text = source.text(line, &how);
                call.print(&text);
            }
            source.read = source.read.max(lines.len());
            let is_end = |state: &ContainerState| matches!(state, ContainerState::Terminated(_));
            // One that waits for its restart has ended, too.
            let waits = |state: &ContainerState| matches!(state, ContainerState::Waiting { .. });
            let ended = status
                .is_some_and(|status| is_end(&status.state) || waits(&status.state) && is_end(&status.last_state));
            source.is_over = restarted || ended || pod.is_finished();
        }
        let over = self.sources.iter().all(|source| source.is_over);
        Ok(if over { Progress::Done(0) } else { Progress::Waiting })
    }
}

impl Source {
    fn text(&self, line: &LogLine, how: &How) -> String {
        let prefix = if how.prefix { format!("[pod/{}/{}] ", self.pod, self.container) } else { String::new() };
        let time = if how.timestamps { format!("{} ", line.time.micro()) } else { String::new() };
        format!("{prefix}{time}{}\n", line.text)
    }
}

/// The lines of a container's log, or why there are none.
fn read(call: &Call<'_>, pod: &Pod, container: &str, previous: bool) -> Result<Vec<LogLine>, CmdError> {
    if let Some(lines) = (call.env.logs)(pod, container, previous) {
        return Ok(lines);
    }
    let name = &pod.metadata.name;
    let refuse = |message: String| Err(Status::new(StatusReason::BadRequest, message).into());
    if previous {
        return refuse(format!("previous terminated container \"{container}\" in pod \"{name}\" not found"));
    }
    if pod.spec.node_name.is_empty() {
        // A pod that is not scheduled has no log, and that is no error.
        return Ok(Vec::new());
    }
    match status_of(pod, container).map(|status| &status.state) {
        Some(ContainerState::Waiting { reason, message })
            if matches!(reason.as_str(), "ErrImagePull" | "ImagePullBackOff") =>
        {
            let why = if message.is_empty() { "image can't be pulled" } else { "trying and failing to pull image" };
            refuse(format!("container \"{container}\" in pod \"{name}\" is waiting to start: {why}"))
        }
        Some(ContainerState::Waiting { reason, .. }) => {
            refuse(format!("container \"{container}\" in pod \"{name}\" is waiting to start: {reason}"))
        }
        _ => refuse(format!("container \"{container}\" in pod \"{name}\" is waiting to start: ContainerCreating")),
    }
}

#[cfg(test)]
mod tests {
    use crate::fixture::{World, pod};
    use expect_test::expect;

    #[test]
    fn logs_and_refusals() {
        let mut world = World::new().with([pod("web-0", "node-1"), pod("web-1", "node-1")]);
        expect![["starting\nready\n"]].assert_eq(&world.kubectl("logs web-0"));
        expect![[
            "[pod/web-0/nginx] 2026-01-01T00:00:02.000000Z ready\n[pod/web-1/nginx] 2026-01-01T00:00:02.000000Z ready\n"
        ]]
        .assert_eq(&world.kubectl("logs -l app=web --tail=1 --prefix --timestamps"));
        expect![[
            "! error: error from server (NotFound): pods \"nope\" not found in namespace \"default\"\n[exit 1]\n"
        ]]
        .assert_eq(&world.kubectl("logs nope"));
        expect![["! error: container x is not valid for pod web-0 out of: nginx\n[exit 1]\n"]]
            .assert_eq(&world.kubectl("logs web-0 -c x"));
        expect![["! Error from server (BadRequest): previous terminated container \"nginx\" in pod \"web-0\" not found\n[exit 1]\n"]]
            .assert_eq(&world.kubectl("logs web-0 -p"));
        let (text, mut follow) = world.follow("logs -f web-0");
        assert_eq!(text, "starting\nready\n");
        world.kubectl("delete pod web-0 --force");
        assert_eq!(world.poll(&mut follow), (String::new(), Some(0)));
    }
}
