//! Why a rollout does not go on (yet), in words.

use super::conditions::{PROGRESSING, TIMED_OUT};
use super::control::Pass;
use super::numbers::{self, size};
use super::{recreate, status};
use api::{Pod, Resource};
use apiserver::Wait;
use std::rc::Rc;

const DOCS: &str = "concepts/workloads/controllers/deployment/";
/// The most pods that a wait names: to find one that is not Ready among thousands takes time.
const NAMED: usize = 3;

pub(super) fn explain(pass: &mut Pass<'_>) {
    if pass.deployment.metadata.is_terminating() {
        return;
    }
    let wait = if pass.deployment.spec.paused {
        paused(pass)
    } else if pass.deployment.spec.strategy.r#type == "Recreate" {
        recreating(pass)
    } else {
        rolling(pass)
    };
    pass.plan.waits.extend(wait);
}

fn wait(pass: &Pass<'_>, rule: &str, awaits: &[&Rc<Pod>], message: String) -> Option<Wait> {
    let awaits = awaits.iter().map(|pod| pod.key()).collect();
    Some(Wait { who: pass.deployment.key(), awaits, rule: rule.into(), message, doc: DOCS })
}

/// The first of these pods, and their names in a sentence; nothing if there are none.
fn first<'p>(pods: impl Iterator<Item = &'p Rc<Pod>>) -> Option<(Vec<&'p Rc<Pod>>, String)> {
    let mut pods: Vec<&Rc<Pod>> = pods.take(NAMED + 1).collect();
    let mut names: Vec<&str> = pods.iter().map(|pod| pod.metadata.name.as_str()).collect();
    if names.len() > NAMED {
        names[NAMED] = "others";
        pods.truncate(NAMED);
    }
    let text = match names.split_last()? {
        (last, []) => (*last).to_owned(),
        (last, before) => format!("{} and {last}", before.join(", ")),
    };
    Some((pods, text))
}

fn paused(pass: &Pass<'_>) -> Option<Wait> {
    if pass.new.is_some() {
        return None;
    }
    let message = "the new template is not rolled out: the Deployment is paused until `kubectl rollout resume`";
    wait(pass, "Paused", &[], message.to_owned())
}

fn recreating(pass: &Pass<'_>) -> Option<Wait> {
    let (pods, names) = first(recreate::old_pods(pass))?;
    let message = format!("no new pod is created yet: Recreate waits for {names} to be gone");
    wait(pass, "Recreate", &pods, message)
}

fn rolling(pass: &Pass<'_>) -> Option<Wait> {
    let deployment = &pass.deployment;
    let new = pass.new_set()?;
    let old = numbers::total(pass.old().iter().map(|at| &pass.sets[*at]), size);
    let timed_out = deployment.status.condition(PROGRESSING).is_some_and(|c| c.reason == TIMED_OUT);
    // Without old pods there is nothing to hold back: the pods themselves tell what they wait for.
    if old == 0 && !timed_out || status::is_complete(deployment, &deployment.status) {
        return None;
    }
    let unready = |pod: &&Rc<Pod>| {
        !pod.is_terminating()
            && !pod.is_finished()
            && !pod.is_available(deployment.spec.min_ready_seconds, pass.ctx.now)
    };
    let uid = &new.metadata.uid;
    let unready = first(pass.ctx.lister.owned::<Pod>(uid).filter(unready));
    let (pods, awaited) = unready.unwrap_or_else(|| (Vec::new(), "the new pods".to_owned()));
    let mut message = match old {
        0 => format!("the rollout waits for {awaited} to be available"),
        1 => format!("1 old pod stays while the rollout waits for {awaited} to be available"),
        _ => format!("{old} old pods stay while the rollout waits for {awaited} to be available"),
    };
    if timed_out {
        let seconds = deployment.spec.progress_deadline_seconds.unwrap_or(0);
        message.push_str(&format!(", for more than {seconds} s now"));
    }
    if old > 0 {
        let (wanted, surge) = (numbers::replicas(deployment), numbers::max_surge(deployment));
        let unavailable = numbers::max_unavailable(deployment);
        message.push_str(&format!(
            ": at least {} must be available (maxUnavailable {unavailable}) and at most {} may exist (maxSurge {surge})",
            wanted - unavailable,
            wanted + surge
        ));
    }
    wait(pass, if timed_out { TIMED_OUT } else { "RollingUpdate" }, &pods, message)
}
