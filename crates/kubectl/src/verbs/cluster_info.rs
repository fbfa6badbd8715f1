//! `kubectl cluster-info` and its dump. Models: kubectl/pkg/cmd/clusterinfo.

use super::Verb;
use crate::args::Args;
use crate::call::Call;
use crate::errors::CmdError;
use crate::flags::{self, Flag};
use crate::outcome::Outcome;
use crate::output::Format;
use crate::targets::with_type;
use api::{Kind, Pod};
use serde_json::{Value, json};

pub(super) const VERB: Verb = Verb {
    usage: "cluster-info",
    long: "Tells where the control plane is: here, in the simulation.",
    subs: &[DUMP],
    run: |call, args| {
        if !args.words.is_empty() {
            return Err(CmdError::new(format!("unknown command \"{}\" for \"kubectl cluster-info\"", args.words[0])));
        }
        call.say("Kubernetes control plane is running at https://podground.invalid\n");
        call.say("To further debug and diagnose cluster problems, use 'kubectl cluster-info dump'.");
        Ok(Outcome::Done)
    },
    ..Verb::named("cluster-info", "Display cluster information")
};

const DUMP: Verb = Verb {
    usage: "dump",
    long: "Prints the nodes, and of some namespaces their events, workloads, services, pods and logs.",
    flags: &[
        flags::ALL_NAMESPACES,
        flags::OUTPUT,
        &[
            Flag::texts("namespaces", "A comma separated list of namespaces to dump."),
            Flag::text("output-directory", "Where to output the files. If empty or '-' uses stdout."),
            Flag::duration("pod-running-timeout", "20s", "The length of time to wait until a pod is running"),
        ],
    ],
    run: dump,
    ..Verb::named("dump", "Dump relevant information for debugging and diagnosis")
};

/// What is told of a namespace, in this order.
const KINDS: [Kind; 7] = [
    Kind::Event,
    Kind::ReplicationController,
    Kind::Service,
    Kind::DaemonSet,
    Kind::Deployment,
    Kind::ReplicaSet,
    Kind::Pod,
];

fn dump(call: &mut Call<'_>, args: &Args) -> Result<Outcome, CmdError> {
    if !matches!(args.text("output-directory"), "" | "-") {
        return Err(CmdError::Refused(
            "podground: kubectl cluster-info dump: files are written by the shell here: leave --output-directory out and use > FILE".to_owned(),
        ));
    }
    let format = match Format::of_result(call, args)? {
        Format::Human { .. } => Format::Json,
        format => format,
    };
    print_list(call, &format, Kind::Node, None)?;
    let namespaces: Vec<String> = if args.is("all-namespaces") {
        call.lister().objects(Kind::Namespace, None).map(|object| object.meta().name.to_string()).collect()
    } else if args.given("namespaces") {
        args.texts("namespaces").to_vec()
    } else {
        vec!["kube-system".to_owned(), call.namespace(args).0]
    };
    for namespace in &namespaces {
        for kind in KINDS {
            print_list(call, &format, kind, Some(namespace))?;
        }
        logs(call, namespace);
    }
    Ok(Outcome::Done)
}

fn print_list(call: &mut Call<'_>, format: &Format, kind: Kind, namespace: Option<&str>) -> Result<(), CmdError> {
    let Some(info) = apiserver::resource(kind) else { return Ok(()) };
    let items: Vec<Value> = call.lister().objects(kind, namespace).map(|object| with_type(info, object)).collect();
    let version = call.lister().resource_version().to_string();
    let list = json!({"apiVersion": info.api_version(), "kind": format!("{}List", info.kind),
        "metadata": {"resourceVersion": version}, "items": items});
    let text = format.render(&list)?;
    call.print(&text);
    Ok(())
}

fn logs(call: &mut Call<'_>, namespace: &str) {
    let mut text = String::new();
    for pod in call.lister().list_in::<Pod>(namespace) {
        for container in pod.spec.init_containers.iter().chain(pod.spec.containers.iter()) {
            let of = format!("logs for container {} of pod {namespace}/{}", container.name, pod.metadata.name);
            text.push_str(&format!("==== START {of} ====\n"));
            for line in (call.env.logs)(pod, &container.name, false).unwrap_or_default() {
                text.push_str(&format!("{}\n", line.text));
            }
            text.push_str(&format!("==== END {of} ====\n"));
        }
    }
    call.print(&text);
}

#[cfg(test)]
mod tests {
    use crate::fixture::{World, pod};

    #[test]
    fn a_dump_has_objects_and_logs() {
        let mut world = World::new().with([pod("web-0", "node-1")]);
        let text = world.kubectl("cluster-info dump");
        assert!(text.starts_with("{\n    \"apiVersion\": \"v1\",\n    \"items\": ["), "{text}");
        assert!(text.ends_with("==== START logs for container nginx of pod default/web-0 ====\nstarting\nready\n==== END logs for container nginx of pod default/web-0 ====\n"), "{text}");
    }
}
