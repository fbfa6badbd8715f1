//! Why a rollout does not go on (yet), in words.

use super::conditions::{PROGRESSING, TIMED_OUT};
use super::control::Pass;
use super::numbers::{self, size};
use super::{recreate, status};
use crate::pod_control::names_text;
use api::{Pod, Resource};
use apiserver::Wait;
use std::rc::Rc;

const DOCS: &str = "concepts/workloads/controllers/deployment/";
/// The most pods that a wait names.
const NAMED: usize = 20;

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

fn paused(pass: &Pass<'_>) -> Option<Wait> {
    if pass.new.is_some() {
        return None;
    }
    let message = "the new template is not rolled out: the Deployment is paused until `kubectl rollout resume`";
    wait(pass, "Paused", &[], message.to_owned())
}

fn recreating(pass: &Pass<'_>) -> Option<Wait> {
    let pods: Vec<&Rc<Pod>> = recreate::old_pods(pass).take(NAMED).collect();
    if pods.is_empty() {
        return None;
    }
    let names: Vec<&str> = pods.iter().map(|pod| pod.metadata.name.as_str()).collect();
    let message = format!("no new pod is created yet: Recreate waits for {} to be gone", names_text(&names));
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
    let pods: Vec<&Rc<Pod>> = pass.ctx.lister.owned::<Pod>(uid).filter(unready).take(NAMED).collect();
    let names: Vec<&str> = pods.iter().map(|pod| pod.metadata.name.as_str()).collect();
    let awaited = if names.is_empty() { "the new pods".to_owned() } else { names_text(&names) };
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
