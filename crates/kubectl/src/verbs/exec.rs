//! `kubectl exec`. Models: kubectl/pkg/cmd/exec, pkg/cmd/util/podcmd, and what the API server and the kubelet answer
//! (pkg/registry/core/pod/strategy.go streamLocation).

use super::Verb;
use super::logs::pods_of_workload;
use crate::args::Args;
use crate::call::{Call, Exec, Ran};
use crate::errors::CmdError;
use crate::flags::{self, Flag};
use crate::follow::{Follow, Progress, State};
use crate::outcome::Outcome;
use crate::targets::{self, Rules};
use api::{Pod, Resource, Status, StatusReason, Str};
use std::rc::Rc;

const FLAGS: &[Flag] = &[
    Flag::text("container", "Container name.").short('c'),
    Flag::duration("pod-running-timeout", "1m0s", "The length of time to wait until at least one pod is running"),
    Flag::on("quiet", "Only print output from the remote session").short('q'),
    Flag::on("stdin", "Pass stdin to the container").short('i'),
    Flag::on("tty", "Stdin is a TTY").short('t'),
];

pub(super) const VERB: Verb = Verb {
    usage: "exec (POD | TYPE/NAME) [-c CONTAINER] [flags] -- COMMAND [args...]",
    long: "Runs a command in a container. Images are not run here: a container has a small shell with the programs that tutorials use (cat, ls, echo, env, hostname, df, date, touch, rm, mkdir, nslookup, wget, curl, sleep, …).",
    examples: "  # What a container is called\n  kubectl exec web-0 -- hostname\n\n  # Write a file into a volume\n  kubectl exec web-0 -- sh -c 'echo hello > /usr/share/nginx/html/index.html'",
    flags: &[FLAGS, flags::FILES],
    run,
    ..Verb::named("exec", "Execute a command in a container")
};

fn run(call: &mut Call<'_>, args: &Args) -> Result<Outcome, CmdError> {
    let before = args.words_before_dash();
    let dashed = before.len() < args.words.len();
    if !dashed && before.len() > 1 {
        let message = "exec [POD] [COMMAND] is not supported anymore. Use exec [POD] -- [COMMAND] instead";
        return Err(CmdError::usage("kubectl exec", message));
    }
    let Some(target) = before.first() else {
        return Err(CmdError::new("pod, type/name or --filename must be specified"));
    };
    let command = args.words_after_dash().to_vec();
    if command.is_empty() {
        return Err(CmdError::new("you must specify at least one command for the container"));
    }
    let word = if target.contains('/') { target.clone() } else { format!("pods/{target}") };
    let found = targets::find(call, args, &[word], Rules::default())?.all_or_error()?;
    let Some(item) = found.first() else { return Err(CmdError::new("expected a resource")) };
    let pod = match item.object.as_ref().and_then(Pod::from_object) {
        Some(pod) => Rc::clone(pod),
        None => {
            let pods = pods_of_workload(call, args, item, "attach to")?;
            pods.into_iter().next().ok_or_else(|| CmdError::new("timed out waiting for the condition"))?
        }
    };
    if pod.is_finished() {
        let phase = &pod.status.phase;
        return Err(CmdError::new(format!(
            "cannot exec into a container in a completed pod; current phase is {phase}"
        )));
    }
    let container = match args.maybe("container").filter(|name| !name.is_empty()) {
        Some(name) => Str::from(name),
        None => default_container(call, args, &pod),
    };
    check(&pod, &container)?;
    let (stdin, tty) = (args.is("stdin"), args.is("tty"));
    if stdin && call.stdin.is_empty() && waits_for_a_person(&command) {
        return Err(nobody_types("exec", &format!("kubectl exec {target} -- {} -c '…'", command[0])));
    }
    let exec = Exec { command, stdin, tty, ..exec_in(&pod, container) };
    Ok(Outcome::follow(Follow::new(State::Executing(Executing { exec, asked: false, ran: None }))))
}

/// What the API server refuses at once.
fn check(pod: &Pod, container: &str) -> Result<(), CmdError> {
    let name = &pod.metadata.name;
    let refuse = |message: String| Err(Status::new(StatusReason::BadRequest, message).into());
    let mut all = pod.spec.containers.iter().chain(&pod.spec.init_containers);
    if !all.any(|known| known.name == *container) {
        return refuse(format!("container {container} is not valid for pod {name}"));
    }
    if pod.spec.node_name.is_empty() {
        return refuse(format!("pod {name} does not have a host assigned"));
    }
    Ok(())
}

/// A container of a pod, with nothing to run in it yet.
pub(super) fn exec_in(pod: &Pod, container: Str) -> Exec {
    Exec {
        node: pod.spec.node_name.clone(),
        namespace: pod.metadata.namespace.clone(),
        pod: pod.metadata.name.clone(),
        uid: pod.metadata.uid.clone(),
        container,
        ..Exec::default()
    }
}

/// A shell, or another program that would only wait for somebody to type.
pub(super) fn waits_for_a_person(command: &[String]) -> bool {
    let name = |word: &String| word.rsplit('/').next().unwrap_or(word).to_owned();
    match command {
        [program, rest @ ..] => {
            matches!(name(program).as_str(), "sh" | "bash" | "ash" | "dash" | "zsh")
                && rest.iter().all(|word| word.starts_with('-') && !word.ends_with('c'))
        }
        [] => true,
    }
}

/// The refusal of a session in which somebody would have to type.
pub(super) fn nobody_types(verb: &str, instead: &str) -> CmdError {
    CmdError::Refused(format!(
        "podground: kubectl {verb}: nobody is there to type at its prompt: put the commands into the command line ({instead}), or give them as input"
    ))
}

/// Models: FindOrDefaultContainerByName.
fn default_container(call: &mut Call<'_>, args: &Args, pod: &Pod) -> Str {
    let (init, main) = (&pod.spec.init_containers, &pod.spec.containers);
    let named = pod.metadata.annotations.get("kubectl.kubernetes.io/default-container");
    if let Some(name) = named.filter(|name| main.iter().chain(init).any(|known| known.name == **name)) {
        return name.clone();
    }
    let Some(first) = main.first() else { return Str::default() };
    if (main.len() > 1 || !init.is_empty()) && !args.is("quiet") {
        let mains = main.iter().map(|container| container.name.to_string());
        let names: Vec<String> =
            mains.chain(init.iter().map(|container| format!("{} (init)", container.name))).collect();
        call.complain(format_args!("Defaulted container \"{}\" out of: {}", first.name, names.join(", ")));
    }
    first.name.clone()
}

/// A command that runs in a container.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Executing {
    exec: Exec,
    asked: bool,
    ran: Option<Ran>,
}

impl Executing {
    pub(crate) fn ran(&mut self, how: Ran) {
        self.ran = Some(how);
    }

    pub(crate) fn poll(&mut self, call: &mut Call<'_>) -> Result<Progress, CmdError> {
        if !self.asked {
            self.asked = true;
            call.output.exec = Some(self.exec.clone());
            return Ok(Progress::Waiting);
        }
        match &self.ran {
            None => Ok(Progress::Waiting),
            Some(Ran::Ended(0)) => Ok(Progress::Done(0)),
            Some(Ran::Ended(code)) => {
                call.complain(format_args!("command terminated with exit code {code}"));
                Ok(Progress::Done(*code))
            }
            Some(other) => Err(not_reached(&self.exec, other)),
        }
    }
}

/// Why a container could not be entered.
pub(super) fn not_reached(exec: &Exec, how: &Ran) -> CmdError {
    let why = match how {
        Ran::Unreachable(address) => {
            let Exec { namespace, pod, container, command, .. } = exec;
            let words: String = command.iter().map(|word| format!("command={word}&")).collect();
            format!(
                "error sending request: Post \"https://{address}:10250/exec/{namespace}/{pod}/{container}?{words}error=1&output=1\": dial tcp {address}:10250: i/o timeout"
            )
        }
        _ => format!("unable to upgrade connection: container not found (\"{}\")", exec.container),
    };
    CmdError::new(format!("Internal error occurred: {why}"))
}

#[cfg(test)]
mod tests {
    use crate::Ran;
    use crate::fixture::{World, pod};
    use expect_test::expect;

    #[test]
    fn what_is_run_and_how_it_ends() {
        let mut world = World::new().with([pod("web-0", "node-1")]);
        let (text, mut follow) = world.follow("exec web-0 -it -- cat /etc/hostname");
        assert_eq!(text, "");
        follow.ran(Ran::Ended(1));
        assert_eq!(world.poll(&mut follow), ("! command terminated with exit code 1\n[exit 1]\n".to_owned(), Some(1)));
        let (_, mut follow) = world.follow("exec pod/web-0 -- true");
        follow.ran(Ran::NotRunning);
        expect![[r#"
            ! error: Internal error occurred: unable to upgrade connection: container not found ("nginx")
            [exit 1]
        "#]]
        .assert_eq(&world.poll(&mut follow).0);
    }

    #[test]
    fn refusals() {
        let mut done = pod("done", "node-1");
        done["status"]["phase"] = "Succeeded".into();
        let mut waiting = pod("waiting", "");
        waiting["status"] = serde_json::json!({"phase": "Pending"});
        waiting["spec"]["nodeName"].take();
        let mut world = World::new().with([pod("web-0", "node-1"), done, waiting]);
        expect![["! error: you must specify at least one command for the container\n[exit 1]\n"]]
            .assert_eq(&world.kubectl("exec web-0"));
        expect![["! error: exec [POD] [COMMAND] is not supported anymore. Use exec [POD] -- [COMMAND] instead\n! See 'kubectl exec -h' for help and examples\n[exit 1]\n"]]
            .assert_eq(&world.kubectl("exec web-0 ls"));
        expect![["! Error from server (NotFound): pods \"nope\" not found\n[exit 1]\n"]]
            .assert_eq(&world.kubectl("exec nope -- ls"));
        expect![["! Error from server (BadRequest): container x is not valid for pod web-0\n[exit 1]\n"]]
            .assert_eq(&world.kubectl("exec web-0 -c x -- ls"));
        expect![["! error: cannot exec into a container in a completed pod; current phase is Succeeded\n[exit 1]\n"]]
            .assert_eq(&world.kubectl("exec done -- ls"));
        expect![["! Error from server (BadRequest): pod waiting does not have a host assigned\n[exit 1]\n"]]
            .assert_eq(&world.kubectl("exec waiting -- ls"));
        expect![["! podground: kubectl exec: nobody is there to type at its prompt: put the commands into the command line (kubectl exec web-0 -- sh -c '…'), or give them as input\n[exit 127]\n"]]
            .assert_eq(&world.kubectl("exec -it web-0 -- sh"));
    }
}
