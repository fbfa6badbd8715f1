//! `kubectl drain`. Models: kubectl/pkg/drain (drain.go, filters.go) and kubectl/pkg/cmd/drain.

use super::Verb;
use super::cordon::{nodes, set_unschedulable};
use super::options::DryRun;
use crate::args::Args;
use crate::call::Call;
use crate::errors::CmdError;
use crate::flags::{self, Flag};
use crate::follow::{Follow, Progress, State};
use crate::outcome::Outcome;
use api::{DaemonSet, ObjectKey, Pod, Resource, Selector, Str};
use apiserver::DeleteOptions;

const FLAGS: &[Flag] = &[
    Flag::on(
        "delete-emptydir-data",
        "Continue even if there are pods using emptyDir (local data that will be deleted).",
    ),
    Flag::on("disable-eviction", "Force drain to use delete, even if eviction is supported."),
    Flag::on("force", "Continue even if there are pods that do not declare a controller."),
    Flag::int("grace-period", "-1", "Period of time in seconds given to each pod to terminate gracefully."),
    Flag::on("ignore-daemonsets", "Ignore DaemonSet-managed pods."),
    Flag::text("pod-selector", "Label selector to filter pods on the node"),
    Flag::int(
        "skip-wait-for-delete-timeout",
        "0",
        "If pod DeletionTimestamp older than N seconds, skip waiting for the pod.",
    ),
    Flag::duration("timeout", "0s", "The length of time to wait before giving up, zero means infinite"),
];

pub(super) const VERB: Verb = Verb {
    usage: "drain NODE",
    long: "Cordons nodes and evicts their pods, but those of DaemonSets, which would come back at once. Waits until the pods are gone.",
    examples: "  # Drain node-1\n  kubectl drain node-1 --ignore-daemonsets",
    flags: &[FLAGS, flags::SELECTOR, flags::DRY_RUN, flags::CHUNK_SIZE],
    run,
    ..Verb::named("drain", "Drain node in preparation for maintenance")
};

/// Nodes that are being drained, one after the other.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Draining {
    nodes: Vec<Str>,
    how: How,
    /// The pods of the first node that are still to go; `None` before its eviction began.
    going: Option<Vec<(ObjectKey, Str)>>,
    failed: Vec<(Str, Vec<String>)>,
}

#[derive(Clone, Debug, PartialEq)]
struct How {
    force: bool,
    ignore_daemon_sets: bool,
    delete_local: bool,
    by_deletion: bool,
    grace: Option<i64>,
    selector: Selector,
    client_dry_run: bool,
    server_dry_run: bool,
    suffix: &'static str,
}

fn run(call: &mut Call<'_>, args: &Args) -> Result<Outcome, CmdError> {
    let items = nodes(call, args, VERB.usage)?;
    let dry = DryRun::of(args)?;
    let selector = Selector::parse(args.text("pod-selector"))
        .map_err(|_| CmdError::new("--pod-selector=<pod_selector> must be a valid label selector"))?;
    for item in &items {
        set_unschedulable(call, item, true, dry)?;
    }
    let how = How {
        force: args.is("force"),
        ignore_daemon_sets: args.is("ignore-daemonsets"),
        delete_local: args.is("delete-emptydir-data"),
        by_deletion: args.is("disable-eviction"),
        grace: args.int("grace-period").filter(|grace| *grace >= 0),
        selector,
        client_dry_run: dry == DryRun::Client,
        server_dry_run: dry == DryRun::Server,
        suffix: dry.suffix(),
    };
    let nodes = items.iter().map(|item| item.key.name.clone()).collect();
    let draining = Draining { nodes, how, going: None, failed: Vec::new() };
    Ok(Outcome::follow(Follow::within(State::Draining(draining), call.now(), args.duration("timeout"))))
}

/// What becomes of the pods of a node.
#[derive(Default)]
struct Sorted {
    to_go: Vec<(ObjectKey, Str)>,
    /// `ignoring DaemonSet-managed Pods` and the pods it is about.
    warnings: Vec<(String, Vec<String>)>,
    errors: Vec<(String, Vec<String>)>,
}

fn note(notes: &mut Vec<(String, Vec<String>)>, message: &str, pod: &Pod) {
    let name = format!("{}/{}", pod.metadata.namespace, pod.metadata.name);
    match notes.iter_mut().find(|(known, _)| known == message) {
        Some((_, pods)) => pods.push(name),
        None => notes.push((message.to_owned(), vec![name])),
    }
}

fn sort(call: &Call<'_>, node: &str, how: &How) -> Sorted {
    let mut sorted = Sorted::default();
    let mut pods: Vec<&Pod> = call.lister().pods_on_node(node).map(|pod| &**pod).collect();
    pods.sort_by(|a, b| (&a.metadata.namespace, &a.metadata.name).cmp(&(&b.metadata.namespace, &b.metadata.name)));
    for pod in pods.into_iter().filter(|pod| how.selector.matches(&pod.metadata.labels)) {
        if goes(call, pod, how, &mut sorted) {
            sorted.to_go.push((pod.key(), pod.metadata.uid.clone()));
        }
    }
    sorted
}

/// Whether a pod is to go; notes why not, and what to warn of. The last filter that has something to say is heard.
fn goes(call: &Call<'_>, pod: &Pod, how: &How, sorted: &mut Sorted) -> bool {
    let mut warning = None;
    let owner = pod.metadata.controller();
    if let Some(owner) = owner.filter(|owner| owner.kind == "DaemonSet" && !pod.is_finished()) {
        if call.lister().get::<DaemonSet>(&pod.metadata.namespace, &owner.name).is_none() {
            let missing = format!("daemonsets.apps \"{}\" not found", owner.name);
            if !how.force {
                note(&mut sorted.errors, &missing, pod);
                return false;
            }
            warning = Some(missing);
        } else if how.ignore_daemon_sets {
            note(&mut sorted.warnings, "ignoring DaemonSet-managed Pods", pod);
            return false;
        } else {
            note(&mut sorted.errors, "DaemonSet-managed Pods (use --ignore-daemonsets to ignore)", pod);
            return false;
        }
    }
    if pod.metadata.annotations.has("kubernetes.io/config.mirror") {
        return false;
    }
    let is_local = pod.spec.volumes.iter().any(|volume| volume.rest.get("emptyDir").is_some());
    if is_local && !pod.is_finished() {
        if !how.delete_local {
            note(&mut sorted.errors, "Pods with local storage (use --delete-emptydir-data to override)", pod);
            return false;
        }
        warning = Some("deleting Pods with local storage".to_owned());
    }
    if owner.is_none() && !pod.is_finished() {
        if !how.force {
            note(&mut sorted.errors, "Pods that declare no controller (use --force to override)", pod);
            return false;
        }
        warning = Some("deleting Pods that declare no controller".to_owned());
    }
    if let Some(warning) = warning {
        note(&mut sorted.warnings, &warning, pod);
    }
    true
}

fn lines(notes: &[(String, Vec<String>)], before: &str) -> Vec<String> {
    notes.iter().map(|(message, pods)| format!("{before}{message}: {}", pods.join(", "))).collect()
}

impl Draining {
    pub(crate) fn poll(&mut self, call: &mut Call<'_>) -> Result<Progress, CmdError> {
        while let Some(node) = self.nodes.first().cloned() {
            if self.going.is_none() {
                match self.begin(call, &node) {
                    Ok(going) => self.going = Some(going),
                    Err(errors) => {
                        self.fail(call, &node, errors);
                        continue;
                    }
                }
            }
            if !self.is_empty(call) {
                return Ok(Progress::Waiting);
            }
            call.say(format_args!("node/{node} drained{}", self.how.suffix));
            self.nodes.remove(0);
            self.going = None;
        }
        self.end(call)
    }

    /// Sends the pods of a node away.
    fn begin(&self, call: &mut Call<'_>, node: &Str) -> Result<Vec<(ObjectKey, Str)>, Vec<String>> {
        let sorted = sort(call, node, &self.how);
        if !sorted.errors.is_empty() {
            return Err(lines(&sorted.errors, "cannot delete "));
        }
        if !sorted.warnings.is_empty() {
            call.warn(lines(&sorted.warnings, "").join("; "));
        }
        let options = DeleteOptions { grace_period_seconds: self.how.grace, ..DeleteOptions::default() };
        for (key, _) in &sorted.to_go {
            if !self.how.by_deletion {
                call.say(format_args!("evicting pod {}/{}{}", key.namespace, key.name, self.how.suffix));
            }
            if self.how.client_dry_run || self.how.server_dry_run {
                continue;
            }
            if let Err(status) = call.server.delete(key, &options) {
                let (name, namespace) = (&key.name, &key.namespace);
                return Err(vec![format!(
                    "error when evicting pods/\"{name}\" -n \"{namespace}\": {}",
                    status.message
                )]);
            }
        }
        let dry = self.how.client_dry_run || self.how.server_dry_run;
        Ok(if dry { Vec::new() } else { sorted.to_go })
    }

    /// Tells which pods have gone; whether none is left.
    fn is_empty(&mut self, call: &mut Call<'_>) -> bool {
        let operation = if self.how.by_deletion { "deleted" } else { "evicted" };
        let Some(going) = &mut self.going else { return true };
        let (mut left, mut gone) = (Vec::new(), Vec::new());
        for (key, uid) in going.drain(..) {
            let is_there = call.lister().object(&key).is_some_and(|object| object.meta().uid == uid);
            if is_there { left.push((key, uid)) } else { gone.push(key.name) }
        }
        *going = left;
        let empty = going.is_empty();
        for name in gone {
            call.say(format_args!("pod/{name} {operation}"));
        }
        empty
    }

    fn fail(&mut self, call: &mut Call<'_>, node: &Str, errors: Vec<String>) {
        let why = if errors.len() == 1 { errors[0].clone() } else { format!("[{}]", errors.join(", ")) };
        call.complain(format_args!(
            "error: unable to drain node \"{node}\" due to error: {why}, continuing command..."
        ));
        self.failed.push((node.clone(), errors));
        self.nodes.remove(0);
    }

    fn end(&self, call: &mut Call<'_>) -> Result<Progress, CmdError> {
        if self.failed.is_empty() {
            return Ok(Progress::Done(0));
        }
        call.complain("There are pending nodes to be drained:");
        for (node, _) in &self.failed {
            call.complain(format_args!(" {node}"));
        }
        // Errors of this kind are not the server's, and they are printed without a mark.
        let errors: Vec<String> = self.failed.iter().flat_map(|(_, errors)| errors.clone()).collect();
        Err(CmdError::Verbatim(errors.join("\n")))
    }

    pub(crate) fn timed_out(&self) -> CmdError {
        let node = self.nodes.first().cloned().unwrap_or_default();
        let pods: Vec<String> = self.going.iter().flatten().map(|(key, _)| format!("pod/{}\n", key.name)).collect();
        let why = "error when waiting for pods to terminate: global timeout reached";
        CmdError::Verbatim(format!(
            "There are pending pods in node \"{node}\" when an error occurred: {why}\n{}error: unable to drain node \"{node}\" due to error: {why}, continuing command...\nThere are pending nodes to be drained:\n {node}\nerror: {why}",
            pods.concat()
        ))
    }
}

#[cfg(test)]
mod tests {
    use crate::fixture::{World, pod};
    use expect_test::expect;

    #[test]
    fn pods_without_a_controller_stop_a_drain_unless_forced() {
        let mut world = World::new().with([pod("web-0", "node-1")]);
        expect![[r#"
            node/node-1 cordoned
            ! error: unable to drain node "node-1" due to error: cannot delete Pods that declare no controller (use --force to override): default/web-0, continuing command...
            ! There are pending nodes to be drained:
            !  node-1
            ! cannot delete Pods that declare no controller (use --force to override): default/web-0
            [exit 1]
        "#]]
        .assert_eq(&world.kubectl("drain node-1"));
        let (text, mut follow) = world.follow("drain node-1 --force");
        expect![[r"
            node/node-1 already cordoned
            evicting pod default/web-0
            ! Warning: deleting Pods that declare no controller: default/web-0
        "]]
        .assert_eq(&text);
        world.kubectl("delete pod web-0 --force");
        expect![["pod/web-0 evicted\nnode/node-1 drained\n"]].assert_eq(&world.poll(&mut follow).0);
        expect![["node/node-1 uncordoned\n"]].assert_eq(&world.kubectl("uncordon node-1"));
        expect![["node/node-2 cordoned\nnode/node-2 drained\n"]].assert_eq(&world.kubectl("drain node-2"));
        expect![["! Error from server (NotFound): nodes \"x\" not found\n[exit 1]\n"]]
            .assert_eq(&world.kubectl("cordon x"));
    }
}
