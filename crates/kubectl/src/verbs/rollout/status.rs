//! `kubectl rollout status`. Models: polymorphichelpers/rollout_status.go.

use super::Verb;
use super::{group_kind, objects};
use crate::args::Args;
use crate::call::Call;
use crate::errors::CmdError;
use crate::fields::{int, text};
use crate::flags::{self, Flag};
use crate::follow::{Follow, Progress, State};
use crate::outcome::Outcome;
use crate::targets::{Item, with_type};
use api::{DaemonSet, Object, ObjectKey, Resource, StatefulSet};
use apiserver::{Change, ResourceInfo, WatchEvent};

const FLAGS: &[Flag] = &[
    Flag::int("revision", "0", "Pin to a specific revision for showing its status. Defaults to 0 (last revision)."),
    Flag::duration("timeout", "0s", "The length of time to wait before ending watch, zero means never."),
    Flag::off("watch", "Watch the status of the rollout until it's done.").short('w'),
];

pub(super) const VERB: Verb = Verb {
    usage: "status (TYPE NAME | TYPE/NAME) [flags]",
    long: "Waits until a rollout is over, and tells how far it is at every change.",
    examples: "  # Watch the rollout of a StatefulSet\n  kubectl rollout status statefulset/web",
    flags: &[FLAGS, flags::FILES, flags::SELECTOR],
    run,
    ..Verb::named("status", "Show the status of the rollout")
};

/// Rollouts that are being watched, one after the other.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Rollout {
    waiting: Vec<Watched>,
    revision: i64,
    once: bool,
    /// Where the watch of the first one stands; none before its first look.
    cursor: Option<u64>,
}

#[derive(Clone, Debug, PartialEq)]
struct Watched {
    info: &'static ResourceInfo,
    key: ObjectKey,
}

fn run(call: &mut Call<'_>, args: &Args) -> Result<Outcome, CmdError> {
    let revision = args.int("revision").unwrap_or(0);
    if revision < 0 {
        return Err(CmdError::new(format!("revision must be a positive integer: {revision}")));
    }
    let (items, errors) = objects(call, args)?;
    CmdError::all(errors)?;
    if items.is_empty() {
        return Ok(Outcome::Done);
    }
    if let Some(item) = items.iter().find(|item| !is_watchable(item)) {
        return Err(CmdError::new(format!("no status viewer has been implemented for {}", group_kind(item))));
    }
    let waiting = items.into_iter().map(|item| Watched { info: item.info, key: item.key }).collect();
    let once = !args.is_unless_off("watch", true);
    let rollout = Rollout { waiting, revision, once, cursor: None };
    Ok(Outcome::follow(Follow::within(State::Rollout(rollout), call.now(), args.duration("timeout"))))
}

fn is_watchable(item: &Item) -> bool {
    matches!(item.info.kind, "StatefulSet" | "DaemonSet" | "Deployment")
}

impl Rollout {
    pub(crate) fn poll(&mut self, call: &mut Call<'_>) -> Result<Progress, CmdError> {
        while let Some(watched) = self.waiting.first().cloned() {
            let seen = match self.cursor {
                None => call
                    .lister()
                    .object(&watched.key)
                    .cloned()
                    .map(|object| (Change::Added, object))
                    .into_iter()
                    .collect(),
                Some(cursor) => changes(call, &watched.key, cursor),
            };
            self.cursor = Some(call.server.watch_cursor());
            let mut done = false;
            for (change, object) in seen {
                if change == Change::Deleted {
                    return Err(CmdError::new("object has been deleted"));
                }
                let (message, finished) = status(watched.info, &object, self.revision)?;
                call.say(message);
                if finished || self.once {
                    done = true;
                    break;
                }
            }
            if !done {
                return Ok(Progress::Waiting);
            }
            self.waiting.remove(0);
            self.cursor = None;
        }
        Ok(Progress::Done(0))
    }
}

fn changes(call: &Call<'_>, key: &ObjectKey, cursor: u64) -> Vec<(Change, Object)> {
    let ours = |event: &&WatchEvent| event.object.key() == *key;
    call.server.watch_since(cursor).filter(ours).map(|event| (event.change, event.object.clone())).collect()
}

/// How far a rollout is, and whether it is over.
fn status(info: &ResourceInfo, object: &Object, revision: i64) -> Result<(String, bool), CmdError> {
    if let Some(set) = StatefulSet::from_object(object) {
        return stateful_set(set);
    }
    if let Some(set) = DaemonSet::from_object(object) {
        return daemon_set(set);
    }
    deployment(info, object, revision)
}

fn only_rolling() -> CmdError {
    CmdError::new("rollout status is only available for RollingUpdate strategy type")
}

fn stateful_set(set: &StatefulSet) -> Result<(String, bool), CmdError> {
    let (spec, status) = (&set.spec, &set.status);
    if spec.update_strategy.r#type != "RollingUpdate" {
        return Err(only_rolling());
    }
    if status.observed_generation == 0 || set.metadata.generation > status.observed_generation {
        return Ok(("Waiting for statefulset spec update to be observed...".to_owned(), false));
    }
    let replicas = spec.replicas.unwrap_or(0);
    if status.ready_replicas < replicas {
        return Ok((format!("Waiting for {} pods to be ready...", replicas - status.ready_replicas), false));
    }
    let updated = status.updated_replicas;
    if let Some(rolling) = &spec.update_strategy.rolling_update {
        let wanted = replicas - rolling.partition.unwrap_or(0);
        if rolling.partition.is_some() && updated < wanted {
            let message = format!(
                "Waiting for partitioned roll out to finish: {updated} out of {wanted} new pods have been updated..."
            );
            return Ok((message, false));
        }
        return Ok((format!("partitioned roll out complete: {updated} new pods have been updated..."), true));
    }
    if status.update_revision != status.current_revision {
        let message = format!(
            "waiting for statefulset rolling update to complete {updated} pods at revision {}...",
            status.update_revision
        );
        return Ok((message, false));
    }
    let (current, revision) = (status.current_replicas, &status.current_revision);
    Ok((format!("statefulset rolling update complete {current} pods at revision {revision}..."), true))
}

fn daemon_set(set: &DaemonSet) -> Result<(String, bool), CmdError> {
    let (name, status) = (&set.metadata.name, &set.status);
    if set.spec.update_strategy.r#type != "RollingUpdate" {
        return Err(only_rolling());
    }
    if set.metadata.generation > status.observed_generation {
        return Ok(("Waiting for daemon set spec update to be observed...".to_owned(), false));
    }
    let desired = status.desired_number_scheduled;
    let waiting = format!("Waiting for daemon set \"{name}\" rollout to finish:");
    if status.updated_number_scheduled < desired {
        let updated = status.updated_number_scheduled;
        return Ok((format!("{waiting} {updated} out of {desired} new pods have been updated..."), false));
    }
    if status.number_available < desired {
        return Ok((
            format!("{waiting} {} of {desired} updated pods are available...", status.number_available),
            false,
        ));
    }
    Ok((format!("daemon set \"{name}\" successfully rolled out"), true))
}

fn deployment(info: &ResourceInfo, object: &Object, revision: i64) -> Result<(String, bool), CmdError> {
    let (meta, body) = (object.meta(), with_type(info, object));
    let name = &meta.name;
    let running =
        meta.annotations.get("deployment.kubernetes.io/revision").and_then(|text| text.parse().ok()).unwrap_or(0);
    if revision > 0 && revision != running {
        return Err(CmdError::new(format!(
            "desired revision ({revision}) is different from the running revision ({running})"
        )));
    }
    if meta.generation > int(&body, "status.observedGeneration") {
        return Ok(("Waiting for deployment spec update to be observed...".to_owned(), false));
    }
    let conditions = crate::fields::list(&body, "status.conditions");
    let progressing = conditions.iter().find(|condition| text(condition, "type") == "Progressing");
    if progressing.is_some_and(|condition| text(condition, "reason") == "ProgressDeadlineExceeded") {
        return Err(CmdError::new(format!("deployment \"{name}\" exceeded its progress deadline")));
    }
    let status = |field: &str| int(&body["status"], field);
    let (wanted, updated, available) =
        (int(&body, "spec.replicas"), status("updatedReplicas"), status("availableReplicas"));
    let waiting = format!("Waiting for deployment \"{name}\" rollout to finish:");
    if updated < wanted {
        return Ok((format!("{waiting} {updated} out of {wanted} new replicas have been updated..."), false));
    }
    if status("replicas") > updated {
        let old = status("replicas") - updated;
        return Ok((format!("{waiting} {old} old replicas are pending termination..."), false));
    }
    if available < updated {
        return Ok((format!("{waiting} {available} of {updated} updated replicas are available..."), false));
    }
    Ok((format!("deployment \"{name}\" successfully rolled out"), true))
}

#[cfg(test)]
mod tests {
    use crate::fixture::{WEB, World};
    use expect_test::expect;
    use serde_json::{Value, json};

    fn set_status(world: &mut World, status: Value) {
        let key = api::ObjectKey::new(api::Kind::StatefulSet, "default", "web");
        world.server.patch(&key, apiserver::PatchType::Merge, &json!({"status": status}), true).expect("a status");
    }

    #[test]
    fn a_rollout_is_told_at_every_change() {
        let mut world = World::new().file("web.yaml", WEB);
        world.kubectl("apply -f web.yaml");
        let (text, mut follow) = world.follow("rollout status sts/web --timeout=10s");
        expect![["Waiting for statefulset spec update to be observed...\n"]].assert_eq(&text);
        set_status(&mut world, json!({"observedGeneration": 1, "readyReplicas": 0}));
        set_status(&mut world, json!({"observedGeneration": 1, "readyReplicas": 1}));
        let (text, code) = world.poll(&mut follow);
        expect![["Waiting for 2 pods to be ready...\nWaiting for 1 pods to be ready...\n"]].assert_eq(&text);
        assert_eq!(code, None);
        let mut waiting = follow.clone();
        world.later(10);
        let (text, code) = world.poll(&mut waiting);
        expect![["! error: timed out waiting for the condition\n[exit 1]\n"]].assert_eq(&text);
        assert_eq!(code, Some(1));
        set_status(&mut world, json!({"observedGeneration": 1, "readyReplicas": 2, "updatedReplicas": 2}));
        let (text, code) = world.poll(&mut follow);
        expect![["partitioned roll out complete: 2 new pods have been updated...\n"]].assert_eq(&text);
        assert_eq!(code, Some(0));
        expect![["! error: no status viewer has been implemented for Node\n[exit 1]\n"]]
            .assert_eq(&world.kubectl("rollout status node/node-1"));
        expect![["! error: required resource not specified\n[exit 1]\n"]].assert_eq(&world.kubectl("rollout status"));
    }
}
