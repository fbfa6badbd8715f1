//! `kubectl delete`. Models: kubectl/pkg/cmd/delete, and wait.IsDeleted for the waiting.

use super::Verb;
use super::options::{self, DryRun};
use crate::args::Args;
use crate::call::Call;
use crate::errors::CmdError;
use crate::flags::{self, Flag, Takes};
use crate::follow::{Follow, Progress, State};
use crate::outcome::Outcome;
use crate::targets::{self, Item, Rules};
use api::{ObjectKey, Str, Time};
use apiserver::{DeleteOptions, Propagation, ResourceInfo};
use sim::SimDuration;

pub(super) const FLAGS: &[Flag] = &[
    Flag {
        long: "cascade",
        short: None,
        takes: Takes::Optional("background"),
        default: "'background'",
        about: "Must be \"background\", \"orphan\", or \"foreground\". Selects the deletion cascading strategy for the dependents.",
    },
    Flag::on("force", "If true, immediately remove resources from API and bypass graceful deletion."),
    Flag::int(
        "grace-period",
        "-1",
        "Period of time in seconds given to the resource to terminate gracefully. Ignored if negative.",
    ),
    Flag::on("ignore-not-found", "Treat \"resource not found\" as a successful delete."),
    Flag::on("interactive", "If true, delete resource only when user confirms.").short('i'),
    Flag::on("now", "If true, resources are signaled for immediate shutdown (same as --grace-period=1)."),
    Flag::text("output", "Output mode. Use \"-o name\" for shorter output (resource/name).").short('o'),
    Flag::text("raw", "Raw URI to DELETE to the server."),
    Flag::duration(
        "timeout",
        "0s",
        "The length of time to wait before giving up on a delete, zero means wait as long as it takes.",
    ),
    Flag::off("wait", "If true, wait for resources to be gone before returning. This waits for finalizers."),
];

pub(super) const VERB: Verb = Verb {
    usage: "delete ([-f FILENAME] | [-k DIRECTORY] | TYPE [(NAME | -l label | --all)])",
    long: "Deletes objects by file, by type and name, or by type and label selector, and waits until they are gone. Pods get the time of their grace period to stop.",
    examples: "  # Delete a pod\n  kubectl delete pod web-0\n\n  # Delete all pods with a label, without waiting\n  kubectl delete pods -l app=web --wait=false\n\n  # Delete what a file describes\n  kubectl delete -f web.yaml",
    flags: &[
        FLAGS,
        flags::ALL,
        flags::ALL_NAMESPACES,
        flags::FILES,
        flags::SELECTOR,
        flags::FIELD_SELECTOR,
        flags::DRY_RUN,
    ],
    run,
    ..Verb::named(
        "delete",
        "Delete resources by file names, stdin, resources and names, or by resources and label selector",
    )
};

fn run(call: &mut Call<'_>, args: &Args) -> Result<Outcome, CmdError> {
    if args.given("raw") || args.is("interactive") {
        return Err(CmdError::Refused(
            "podground: kubectl delete --raw and --interactive are not available here".into(),
        ));
    }
    let how = How::of(args)?;
    if !matches!(args.text("output"), "" | "name") {
        let output = args.text("output");
        return Err(CmdError::new(format!("unexpected -o output mode: {output}. We only support '-o name'")));
    }
    if args.is("all") && args.given("selector") {
        return Err(CmdError::new("cannot set --all and --selector at the same time"));
    }
    let found = targets::find(call, args, &args.words, Rules::default())?;
    if how.forced && how.grace == Some(0) {
        call.warn("Immediate deletion does not wait for confirmation that the running resource has been terminated. The resource may continue to run on the cluster indefinitely.");
    }
    let by_list = !found.lists.is_empty();
    let ignore_missing = if args.given("ignore-not-found") { args.is("ignore-not-found") } else { by_list };
    let mut errors = found.errors;
    let mut deletion = Deletion::default();
    let mut warn_cluster_wide = call.namespace(args).1 && !args.is("all-namespaces");
    let nothing = found.items.is_empty();
    for item in &found.items {
        if warn_cluster_wide && !item.info.namespaced {
            call.warn("deleting cluster-scoped resources, not scoped to the provided namespace");
            warn_cluster_wide = false;
        }
        match delete_one(call, item, &how) {
            Ok(uid) => deletion.and(item, uid),
            Err(error) => errors.push(error),
        }
    }
    if ignore_missing {
        errors.retain(|error| !error.is_not_found());
    }
    CmdError::all(errors)?;
    if nothing {
        call.say("No resources found");
        return Ok(Outcome::Done);
    }
    if !args.is_unless_off("wait", true) || how.dry != DryRun::No {
        return Ok(Outcome::Done);
    }
    Ok(Outcome::follow(Follow::within(State::Deletion(deletion), call.now(), args.duration("timeout"))))
}

/// How everything is to be deleted.
pub(super) struct How {
    grace: Option<i64>,
    forced: bool,
    propagation: Propagation,
    dry: DryRun,
    by_name: bool,
}

impl How {
    pub(super) fn of(args: &Args) -> Result<How, CmdError> {
        let forced = args.is("force");
        let mut grace = args.int("grace-period").unwrap_or(-1);
        if args.is("now") {
            if grace != -1 {
                return Err(CmdError::new("--now and --grace-period cannot be specified together"));
            }
            grace = 1;
        }
        // Without --force, no grace at all would lose data too easily: upstream makes it one second.
        if grace == 0 && !forced {
            grace = 1;
        }
        if forced && grace < 0 {
            grace = 0;
        }
        if forced && grace > 0 {
            return Err(CmdError::new("--force and --grace-period greater than 0 cannot be specified together"));
        }
        let propagation = match args.maybe("cascade") {
            None | Some("background" | "true") => Propagation::Background,
            Some("foreground") => Propagation::Foreground,
            Some("orphan" | "false") => Propagation::Orphan,
            Some(other) => {
                return Err(CmdError::new(format!(
                    "invalid cascade value ({other}). Must be \"background\", \"foreground\", or \"orphan\"."
                )));
            }
        };
        let grace = (grace >= 0).then_some(grace);
        Ok(How { grace, forced, propagation, dry: DryRun::of(args)?, by_name: args.text("output") == "name" })
    }
}

/// Deletes one object, tells it, and answers with the UID of what is to be gone.
pub(super) fn delete_one(call: &mut Call<'_>, item: &Item, how: &How) -> Result<Str, CmdError> {
    let doing = |error: CmdError| error.while_doing("deleting", &item.source);
    let current = targets::stored(call, item.info, &item.key).map_err(doing)?;
    options::warn_of_deprecation(call, item.info.kind);
    let options = DeleteOptions { grace_period_seconds: how.grace, uid: None, propagation: how.propagation };
    if how.dry != DryRun::Client {
        how.dry.ask(call, |server| server.delete(&item.key, &options)).map_err(|status| doing(status.into()))?;
    }
    if how.by_name {
        call.say(item.title());
        return Ok(current.meta().uid.clone());
    }
    let kind = crate::print::table::kind_prefix(item.info);
    let operation = if how.grace == Some(0) { "force deleted" } else { "deleted" };
    let place = if item.info.namespaced { format!(" from {} namespace", item.key.namespace) } else { String::new() };
    call.say(format_args!("{kind} \"{}\" {operation}{place}{}", item.key.name, how.dry.suffix()));
    Ok(current.meta().uid.clone())
}

/// How long a real kubectl needs to see that everything is gone, to end, and for the next one to ask: controllers have
/// seen it before, and have made their next pod.
const LEAVING: SimDuration = SimDuration::from_millis(50);

/// Objects that are to be gone.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Deletion {
    gone: Vec<Gone>,
    /// Whether something was still there at a look.
    waited: bool,
    leaves_at: Option<Time>,
}

#[derive(Clone, Debug, PartialEq)]
struct Gone {
    info: &'static ResourceInfo,
    key: ObjectKey,
    uid: Str,
}

impl Deletion {
    /// Waits for this object, too.
    pub(crate) fn and(&mut self, item: &Item, uid: Str) {
        self.gone.push(Gone { info: item.info, key: item.key.clone(), uid });
    }

    /// Whether all are gone, or replaced by others of the same name.
    pub(crate) fn is_over(&mut self, call: &Call<'_>) -> bool {
        let lister = call.lister();
        self.gone.retain(|gone| lister.object(&gone.key).is_some_and(|object| object.meta().uid == gone.uid));
        self.gone.is_empty()
    }

    /// Looks whether it is over. Where nothing had to be waited for it ends at once, and so it does at the deadline.
    pub(crate) fn poll(&mut self, call: &mut Call<'_>, deadline: Option<Time>) -> Result<Progress, CmdError> {
        if !self.is_over(call) {
            self.waited = true;
            return Ok(Progress::Waiting);
        }
        if !self.waited {
            return Ok(Progress::Done(0));
        }
        let later = call.now().plus(LEAVING);
        let leaves_at = *self.leaves_at.get_or_insert(deadline.map_or(later, |deadline| deadline.min(later)));
        Ok(if call.now() >= leaves_at { Progress::Done(0) } else { Progress::Waiting })
    }

    /// When it ends, once everything is gone.
    pub(crate) fn wakes_at(&self) -> Option<Time> {
        self.leaves_at
    }

    pub(crate) fn timed_out(&self) -> CmdError {
        let name = self.gone.first().map(|gone| format!("{}/{}", gone.info.plural, gone.key.name));
        CmdError::new(format!("timed out waiting for the condition on {}", name.unwrap_or_default()))
    }
}

#[cfg(test)]
mod tests {
    use crate::fixture::{WEB, World, pod};
    use expect_test::expect;

    #[test]
    fn it_waits_until_the_pods_are_gone() {
        let mut world = World::new().with([pod("web-0", "node-1"), pod("web-1", "node-1")]);
        let (text, mut follow) = world.follow("delete pod web-0 web-1 --timeout=60s");
        expect![["pod \"web-0\" deleted from default namespace\npod \"web-1\" deleted from default namespace\n"]]
            .assert_eq(&text);
        assert_eq!(world.poll(&mut follow), (String::new(), None));
        expect![[r"
            NAME    READY   STATUS        RESTARTS   AGE
            web-0   1/1     Terminating   0          0s
            web-1   1/1     Terminating   0          0s
        "]]
        .assert_eq(&world.kubectl("get pods"));
        expect![[r#"
            pod "web-0" force deleted from default namespace
            ! Warning: Immediate deletion does not wait for confirmation that the running resource has been terminated. The resource may continue to run on the cluster indefinitely.
        "#]]
        .assert_eq(&world.kubectl("delete pod web-0 --force --grace-period=0"));
        world.later(60);
        let (text, code) = world.poll(&mut follow);
        expect![["! error: timed out waiting for the condition on pods/web-1\n[exit 1]\n"]].assert_eq(&text);
        assert_eq!(code, Some(1));
    }

    #[test]
    fn what_is_not_there() {
        let mut world = World::new().file("web.yaml", WEB);
        expect![["! Error from server (NotFound): pods \"nope\" not found\n[exit 1]\n"]]
            .assert_eq(&world.kubectl("delete pod nope"));
        expect![["! Error from server (NotFound): error when deleting \"web.yaml\": statefulsets.apps \"web\" not found\n[exit 1]\n"]]
            .assert_eq(&world.kubectl("delete -f web.yaml"));
        expect![["No resources found\n"]].assert_eq(&world.kubectl("delete pods -l a=b"));
        expect![["! error: resource(s) were provided, but no name was specified\n[exit 1]\n"]]
            .assert_eq(&world.kubectl("delete deploy"));
        expect![["node \"node-2\" deleted\n"]].assert_eq(&world.kubectl("delete node node-2"));
        expect![[r#"
            ! Error from server (Forbidden): namespaces "default" is forbidden: this namespace may not be deleted
            [exit 1]
        "#]]
        .assert_eq(&world.kubectl("delete ns default"));
    }
}
