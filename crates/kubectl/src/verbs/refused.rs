//! Verbs that need a real machine, a network or an editor: what they would do, and why not here.

use super::Verb;
use crate::args::Args;
use crate::call::Call;
use crate::errors::CmdError;
use crate::flags::{self, Flag};
use crate::outcome::Outcome;
use crate::targets::{self, Item, Rules};

const CONTAINER: &[Flag] = &[
    Flag::text("container", "Container name.").short('c'),
    Flag::duration("pod-running-timeout", "1m0s", "The length of time to wait until at least one pod is running"),
    Flag::on("quiet", "Only print output from the remote session").short('q'),
    Flag::on("stdin", "Pass stdin to the container").short('i'),
    Flag::on("tty", "Stdin is a TTY").short('t'),
];

pub(super) const ATTACH: Verb = Verb {
    usage: "attach (POD | TYPE/NAME) -c CONTAINER",
    flags: &[CONTAINER],
    run: |call, args| {
        target(call, args)?;
        refuse(
            "kubectl attach: images are not run here, so there is no process to attach to; kubectl logs shows what it wrote, kubectl exec runs a command beside it",
        )
    },
    ..Verb::named("attach", "Attach to a running container")
};

pub(super) const COPY: Verb = Verb {
    usage: "cp <file-spec-src> <file-spec-dest>",
    flags: &[
        CONTAINER,
        &[
            Flag::on("no-preserve", "The copied file/directory's ownership and permissions will not be preserved"),
            Flag::int("retries", "0", "Set number of retries to complete a copy operation"),
        ],
    ],
    run: |_, _| {
        refuse(
            "kubectl cp: not available here; read a file with: kubectl exec POD -- cat PATH > FILE, write one with: cat FILE | kubectl exec -i POD -- sh -c 'cat > PATH'",
        )
    },
    ..Verb::named("cp", "Copy files and directories to and from containers")
};

pub(super) const DEBUG: Verb = Verb {
    usage: "debug (POD | TYPE[[.VERSION].GROUP]/NAME) [ -- COMMAND [args...] ]",
    flags: &[
        CONTAINER,
        &[
            Flag::on(
                "arguments-only",
                "Everything after -- is passed to the new container as args instead of command.",
            ),
            Flag::on("attach", "If true, wait for the container to start running, and then attach."),
            Flag::text("copy-to", "Create a copy of the target Pod with this name."),
            Flag::text("custom", "Path to a JSON or YAML file containing a partial container spec."),
            Flag::array("env", "Environment variables to set in the container."),
            Flag::text("image", "Container image to use for debug container."),
            Flag::text("image-pull-policy", "The image pull policy for the container."),
            Flag::on("keep-annotations", "If true, keep the original pod annotations."),
            Flag::on("keep-init-containers", "Run the init containers for the pod.").at("true"),
            Flag::on("keep-labels", "If true, keep the original pod labels."),
            Flag::on("keep-liveness", "If true, keep the original pod liveness probes."),
            Flag::on("keep-readiness", "If true, keep the original pod readiness probes."),
            Flag::on("keep-startup", "If true, keep the original startup probes."),
            Flag::text("profile", "Debugging profile."),
            Flag::on("replace", "When used with '--copy-to', delete the original Pod."),
            Flag::on("same-node", "When used with '--copy-to', schedule the copy of target Pod on the same node."),
            Flag::texts("set-image", "When used with '--copy-to', a list of name=image pairs for changing images."),
            Flag::on("share-processes", "When used with '--copy-to', enable process namespace sharing in the copy.")
                .at("true"),
            Flag::text("target", "Target processes in this container name."),
        ],
    ],
    run: |_, _| {
        refuse(
            "kubectl debug: ephemeral containers are not modelled; kubectl exec runs a command in any container, whatever its image has, and kubectl describe and kubectl events tell what happened",
        )
    },
    ..Verb::named("debug", "Create debugging sessions for troubleshooting workloads and nodes")
};

pub(super) const PROXY: Verb = Verb {
    usage: "proxy [--port=PORT] [--www=static-dir] [--www-prefix=prefix] [--api-prefix=prefix]",
    flags: &[&[
        Flag::int("port", "8001", "The port on which to run the proxy.").short('p'),
        Flag::text("address", "The IP address on which to serve on."),
    ]],
    run: |_, _| refuse("kubectl proxy: there is no HTTP server and no network here"),
    ..Verb::named("proxy", "Run a proxy to the Kubernetes API server")
};

pub(super) const PORT_FORWARD: Verb = Verb {
    usage: "port-forward TYPE/NAME [options] [LOCAL_PORT:]REMOTE_PORT [...[LOCAL_PORT_N:]REMOTE_PORT_N]",
    flags: &[&[
        Flag::texts("address", "Addresses to listen on (comma separated)."),
        Flag::duration("pod-running-timeout", "1m0s", "The length of time to wait until at least one pod is running"),
    ]],
    run: port_forward,
    ..Verb::named("port-forward", "Forward one or more local ports to a pod")
};

pub(super) const EDIT: Verb = Verb {
    usage: "edit (RESOURCE/NAME | -f FILENAME)",
    long: "A real kubectl opens an editor. Here, print the object to a file, change it, and replace it.",
    flags: &[flags::FILES, flags::OUTPUT, flags::SAVE_CONFIG, flags::VALIDATE, flags::FIELD_MANAGER],
    run: |call, args| {
        let rules = Rules { type_means_all: true, latest: true, ..Rules::default() };
        let items = targets::find(call, args, &args.words, rules)?.all_or_error()?;
        let Some(item) = items.first() else {
            return Err(CmdError::new("edit cancelled, no objects found"));
        };
        let title = item.title();
        refuse(&format!(
            "kubectl edit: there is no editor behind this command; use: kubectl get {title} -o yaml > edit.yaml, change the file, then kubectl replace -f edit.yaml (or kubectl patch)"
        ))
    },
    ..Verb::named("edit", "Edit a resource on the server")
};

/// The object that the first word names; errors as the real verb would have them.
fn target(call: &mut Call<'_>, args: &Args) -> Result<Item, CmdError> {
    let Some(word) = args.words.first() else {
        let message = "at least 1 argument is required for attach";
        return Err(CmdError::usage(&args.command, message));
    };
    let word = if word.contains('/') { word.clone() } else { format!("pods/{word}") };
    let items = targets::find(call, args, &[word], Rules::default())?.all_or_error()?;
    items.into_iter().next().ok_or_else(|| CmdError::new("expected a resource"))
}

pub(super) const COMPLETION: Verb = Verb {
    usage: "completion SHELL",
    long: "A real kubectl prints a script for a shell. The console here completes by itself when Tab is pressed.",
    run: |call, args| match args.words.as_slice() {
        [] => Err(CmdError::usage("kubectl completion", "Shell not specified.")),
        [shell] if matches!(shell.as_str(), "bash" | "zsh" | "fish" | "powershell") => {
            call.say(format_args!(
                "# There is nothing to load for {shell}: the console here completes by itself (Tab)."
            ));
            Ok(Outcome::Done)
        }
        [shell] => Err(CmdError::usage("kubectl completion", &format!("Unsupported shell type \"{shell}\"."))),
        _ => Err(CmdError::usage("kubectl completion", "Too many arguments. Expected only the shell type.")),
    },
    ..Verb::named("completion", "Output shell completion code for the specified shell (bash, zsh, fish, or powershell)")
};

pub(super) const PLUGIN: Verb = Verb {
    usage: "plugin [flags]",
    long: "Plugins are programs on a machine's PATH. There is none here.",
    subs: &[PLUGIN_LIST],
    run: |call, args| super::group(call, args, &PLUGIN),
    ..Verb::named("plugin", "Provides utilities for interacting with plugins")
};

const PLUGIN_LIST: Verb = Verb {
    flags: &[&[Flag::on(
        "name-only",
        "If true, display only the binary name of each plugin, rather than its full path",
    )]],
    run: |_, _| Err(CmdError::new("unable to find any kubectl plugins in your PATH")),
    ..Verb::named("list", "List all visible plugin executables on a user's PATH")
};

fn refuse(why: &str) -> Result<Outcome, CmdError> {
    Err(CmdError::Refused(format!("podground: {why}")))
}

fn port_forward(call: &mut Call<'_>, args: &Args) -> Result<Outcome, CmdError> {
    let [_, ports @ ..] = args.words.as_slice() else {
        let message = "TYPE/NAME and list of ports are required for port-forward";
        return Err(CmdError::usage("kubectl port-forward", message));
    };
    if ports.is_empty() {
        let message = "TYPE/NAME and list of ports are required for port-forward";
        return Err(CmdError::usage("kubectl port-forward", message));
    }
    let item = target(call, args)?;
    let pairs = ports.iter().map(|pair| {
        let (local, remote) = pair.split_once(':').unwrap_or((pair, pair));
        format!("127.0.0.1:{local} to port {remote} of {}", item.title())
    });
    let pairs: Vec<String> = pairs.collect();
    refuse(&format!("kubectl port-forward would forward {}, but there is no network here", pairs.join(" and ")))
}

#[cfg(test)]
mod tests {
    use crate::fixture::{World, pod};
    use expect_test::expect;

    #[test]
    fn refusals_say_why() {
        let mut world = World::new().with([pod("web-0", "node-1")]);
        expect![["! podground: kubectl port-forward would forward 127.0.0.1:8080 to port 80 of pod/web-0, but there is no network here\n[exit 127]\n"]]
            .assert_eq(&world.kubectl("port-forward web-0 8080:80"));
        expect![["! Error from server (NotFound): pods \"nope\" not found\n[exit 1]\n"]]
            .assert_eq(&world.kubectl("port-forward nope 80"));
        expect![[r#"
            ! error: metrics not available yet
            [exit 1]
        "#]]
        .assert_eq(&world.kubectl("top pods"));
        assert!(world.kubectl("edit pod web-0").starts_with("! podground: kubectl edit: there is no editor"));
    }
}
