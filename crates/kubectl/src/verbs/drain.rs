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
use api::{DaemonSet, ObjectKey, Pod, Resource, Selector, StatusReason, Str, Time};
use apiserver::DeleteOptions;
use sim::SimDuration;

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

/// How long a refused eviction rests.
const RETRY_DELAY: SimDuration = SimDuration::from_secs(5);

/// Nodes that are being drained, one after the other.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Draining {
    nodes: Vec<Str>,
    how: How,
    /// What becomes of the pods of the first node; `None` before it began.
    round: Option<Round>,
    failed: Vec<(Str, Failure)>,
}

#[derive(Clone, Debug, PartialEq)]
struct How {
    force: bool,
    ignore_daemon_sets: bool,
    delete_local: bool,
    by_deletion: bool,
    grace: Option<i64>,
    selector: Selector,
    dry: DryRun,
    timeout: Option<SimDuration>,
    /// Pods that should be gone for longer than so many seconds are not waited for.
    skip_after: Option<i64>,
}

/// The pods of a node that are to go.
#[derive(Clone, Debug, PartialEq)]
struct Round {
    going: Vec<Going>,
    deadline: Option<Time>,
    errors: Vec<String>,
}

/// A pod that is to go.
#[derive(Clone, Debug, PartialEq)]
struct Going {
    key: ObjectKey,
    uid: Str,
    /// When its eviction is asked for; `None` once that was granted.
    evict_at: Option<Time>,
}

/// Why a node could not be drained.
#[derive(Clone, Debug, PartialEq)]
enum Failure {
    /// One error.
    One(String),
    /// As many errors as there are, which print without a mark.
    Several(Vec<String>),
}

impl Failure {
    fn text(&self) -> String {
        match self {
            Failure::One(error) => error.clone(),
            Failure::Several(errors) if errors.len() == 1 => errors[0].clone(),
            Failure::Several(errors) => format!("[{}]", errors.join(", ")),
        }
    }
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
        dry,
        timeout: args.duration("timeout").filter(|timeout| *timeout > SimDuration::ZERO),
        skip_after: args.int("skip-wait-for-delete-timeout").filter(|seconds| *seconds > 0),
    };
    let nodes = items.iter().map(|item| item.key.name.clone()).collect();
    let draining = Draining { nodes, how, round: None, failed: Vec::new() };
    Ok(Outcome::follow(Follow::new(State::Draining(draining))))
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
    if how.is_overdue(pod, call.now()) {
        return false;
    }
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

impl How {
    /// Whether a pod should have been gone for so long that nobody waits for it.
    fn is_overdue(&self, pod: &Pod, now: Time) -> bool {
        let Some((seconds, due)) = self.skip_after.zip(pod.metadata.deletion_timestamp) else { return false };
        now.unix_millis() - due.unix_millis() > seconds * 1000
    }

    fn options(&self) -> DeleteOptions {
        DeleteOptions { grace_period_seconds: self.grace, ..DeleteOptions::default() }
    }
}

impl Draining {
    /// When it wants to look again, though nothing may have happened.
    pub(crate) fn wakes_at(&self) -> Option<Time> {
        let round = self.round.as_ref()?;
        round.going.iter().filter_map(|pod| pod.evict_at.or(round.deadline)).min()
    }

    /// When it gives up at the latest.
    pub(crate) fn deadline(&self) -> Option<Time> {
        let started = self.round.as_ref()?.deadline?;
        let timeout = self.how.timeout?;
        Some((1..self.nodes.len()).fold(started.plus(RETRY_DELAY), |at, _| at.plus(timeout).plus(RETRY_DELAY)))
    }

    pub(crate) fn poll(&mut self, call: &mut Call<'_>) -> Result<Progress, CmdError> {
        while let Some(node) = self.nodes.first().cloned() {
            let begun = match self.round.take() {
                Some(round) => Ok(round),
                None => self.begin(call, &node),
            };
            let ended = begun.and_then(|mut round| {
                self.evict_due(call, &mut round);
                self.look_who_left(call, &mut round);
                self.give_up_late(call.now(), &mut round);
                if !round.going.is_empty() {
                    self.round = Some(round);
                    return Ok(false);
                }
                self.end_round(call, &node, round).map(|()| true)
            });
            match ended {
                Ok(false) => return Ok(Progress::Waiting),
                Ok(true) => call.say(format_args!("node/{node} drained{}", self.how.dry.suffix())),
                Err(failure) => {
                    let why = failure.text();
                    call.complain(format_args!(
                        "error: unable to drain node \"{node}\" due to error: {why}, continuing command..."
                    ));
                    self.failed.push((node, failure));
                }
            }
            self.nodes.remove(0);
        }
        self.end(call)
    }

    /// Looks which pods of a node are to go; deletes them at once if they are not to be evicted.
    fn begin(&self, call: &mut Call<'_>, node: &Str) -> Result<Round, Failure> {
        let (sorted, now, how) = (sort(call, node, &self.how), call.now(), &self.how);
        if !sorted.errors.is_empty() {
            return Err(Failure::Several(lines(&sorted.errors, "cannot delete ")));
        }
        if !sorted.warnings.is_empty() {
            call.warn(lines(&sorted.warnings, "").join("; "));
        }
        let mut going = Vec::new();
        for (key, uid) in sorted.to_go {
            if how.dry == DryRun::Client {
                call.say(format_args!("evicting pod {}/{}{}", key.namespace, key.name, how.dry.suffix()));
            } else if !how.by_deletion {
                going.push(Going { key, uid, evict_at: Some(now) });
            } else if how.dry == DryRun::No {
                match call.server.delete(&key, &how.options()) {
                    Err(status) if status.reason != StatusReason::NotFound => return Err(Failure::One(status.message)),
                    _ => going.push(Going { key, uid, evict_at: None }),
                }
            }
        }
        Ok(Round { going, deadline: how.timeout.map(|timeout| now.plus(timeout)), errors: Vec::new() })
    }

    /// Asks for the evictions whose time has come. Models: evictPods.
    fn evict_due(&self, call: &mut Call<'_>, round: &mut Round) {
        let (now, how) = (call.now(), &self.how);
        let suffix = if how.dry == DryRun::Server { how.dry.suffix() } else { "" };
        let late = round.deadline.filter(|deadline| now >= *deadline).and(how.timeout);
        let errors = &mut round.errors;
        round.going.retain_mut(|pod| {
            if pod.evict_at.is_none_or(|at| at > now) {
                return true;
            }
            let (namespace, name) = (pod.key.namespace.clone(), pod.key.name.clone());
            call.say(format_args!("evicting pod {namespace}/{name}{suffix}"));
            let trouble = format!("error when evicting pods/\"{name}\" -n \"{namespace}\"");
            if let Some(timeout) = late {
                errors.push(format!("{trouble}: global timeout reached: {timeout}"));
                return false;
            }
            let fresh = call.lister().object(&pod.key).map(|object| (object.meta().uid.clone(), object.meta().is_terminating()));
            let is_terminating = fresh.as_ref().is_some_and(|(_, terminating)| *terminating);
            pod.uid = fresh.map_or_else(|| pod.uid.clone(), |(uid, _)| uid);
            let Err(status) = how.dry.ask(call, |server| server.evict(&pod.key, &how.options())) else {
                pod.evict_at = None;
                return how.dry == DryRun::No;
            };
            let namespace_ends = status.message.ends_with("because it is being terminated");
            match status.reason {
                StatusReason::NotFound => return false,
                StatusReason::TooManyRequests => {
                    call.complain(format_args!("{trouble} (will retry after {RETRY_DELAY}): {}", status.message));
                }
                StatusReason::Forbidden if namespace_ends && is_terminating => {
                    pod.evict_at = None;
                    return how.dry == DryRun::No;
                }
                StatusReason::Forbidden if namespace_ends => call.complain(format_args!(
                    "error when evicting pod \"{name}\" from terminating namespace \"{namespace}\" (will retry after {RETRY_DELAY}): {}",
                    status.message
                )),
                _ => {
                    errors.push(format!("{trouble}: {}", status.message));
                    return false;
                }
            }
            pod.evict_at = Some(now.plus(RETRY_DELAY));
            true
        });
    }

    /// Tells which pods have gone.
    fn look_who_left(&self, call: &mut Call<'_>, round: &mut Round) {
        let operation = if self.how.by_deletion { "deleted" } else { "evicted" };
        round.going.retain(|pod| {
            if pod.evict_at.is_some() {
                return true;
            }
            let stored = call.server.pod(&pod.key.namespace, &pod.key.name).filter(|p| p.metadata.uid == pod.uid);
            match stored.map(|stored| self.how.is_overdue(stored, call.server.now())) {
                Some(false) => return true,
                Some(true) => {
                    let seconds = self.how.skip_after.unwrap_or(0);
                    let name = &pod.key.name;
                    call.say(format_args!(
                        "pod \"{name}\" has DeletionTimestamp older than {seconds} seconds, skipping"
                    ));
                }
                None => call.say(format_args!("pod/{} {operation}", pod.key.name)),
            }
            false
        });
    }

    /// Stops waiting for pods to be gone once the time is over. Evictions that rest notice it when they are due.
    fn give_up_late(&self, now: Time, round: &mut Round) {
        if round.deadline.is_none_or(|deadline| now < deadline) {
            return;
        }
        let (late, resting): (Vec<Going>, Vec<Going>) =
            std::mem::take(&mut round.going).into_iter().partition(|pod| pod.evict_at.is_none());
        round.going = resting;
        let why = "context deadline exceeded";
        if self.how.by_deletion {
            round.errors.extend((!late.is_empty()).then(|| why.to_owned()));
            return;
        }
        round.errors.extend(late.iter().map(|pod| {
            let (name, namespace) = (&pod.key.name, &pod.key.namespace);
            format!("error when waiting for pod \"{name}\" in namespace \"{namespace}\" to terminate: {why}")
        }));
    }

    fn end_round(&self, call: &mut Call<'_>, node: &Str, round: Round) -> Result<(), Failure> {
        if round.errors.is_empty() {
            return Ok(());
        }
        let failure = match self.how.by_deletion {
            true => Failure::One(round.errors[0].clone()),
            false => Failure::Several(round.errors),
        };
        let left = sort(call, node, &self.how);
        if !left.to_go.is_empty() {
            let why = failure.text();
            call.complain(format_args!("There are pending pods in node \"{node}\" when an error occurred: {why}"));
            for (key, _) in &left.to_go {
                call.complain(format_args!("pod/{}", key.name));
            }
        }
        Err(failure)
    }

    fn end(&mut self, call: &mut Call<'_>) -> Result<Progress, CmdError> {
        if self.failed.is_empty() {
            return Ok(Progress::Done(0));
        }
        call.complain("There are pending nodes to be drained:");
        for (node, _) in &self.failed {
            call.complain(format_args!(" {node}"));
        }
        Err(match self.failed.as_slice() {
            [(_, Failure::One(error))] => CmdError::new(error.as_str()),
            [(_, Failure::Several(errors))] => CmdError::Verbatim(errors.join("\n")),
            several => {
                CmdError::Verbatim(several.iter().map(|(_, failure)| failure.text()).collect::<Vec<_>>().join("\n"))
            }
        })
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
