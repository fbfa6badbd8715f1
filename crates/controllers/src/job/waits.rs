//! Why a Job does nothing (more) for now, in words.

use super::control::Pass;
use super::failures;
use crate::pod_control::names_text;
use api::{Pod, Resource};
use apiserver::Wait;
use std::rc::Rc;

const SUSPENDING: &str = "concepts/workloads/controllers/job/#suspending-a-job";
const BACK_OFF: &str = "concepts/workloads/controllers/job/#pod-backoff-failure-policy";
const PER_INDEX: &str = "concepts/workloads/controllers/job/#backoff-limit-per-index";
const REPLACEMENT: &str = "concepts/workloads/controllers/job/#pod-replacement-policy";
const TERMINATION: &str = "concepts/workloads/controllers/job/#job-termination-and-cleanup";
/// The most pods that a wait names.
const NAMED: usize = 20;

pub(super) fn explain(pass: &mut Pass<'_>) {
    let going: Vec<Rc<Pod>> =
        pass.pods.iter().filter(|pod| pod.is_terminating() && !pod.is_finished()).take(NAMED).cloned().collect();
    let names: Vec<&str> = going.iter().map(|pod| pod.metadata.name.as_str()).collect();
    let job = pass.job;
    let (rule, awaited, message, doc) = if pass.end.is_some() {
        if going.is_empty() {
            return;
        }
        let message = format!("the end of the Job waits for {} to be gone", names_text(&names));
        ("TerminatingPods", &going[..], message, TERMINATION)
    } else if job.is_suspended() {
        ("Suspended", &[][..], "no pod runs as long as spec.suspend is true".to_owned(), SUSPENDING)
    } else if let Some(after) = pass.plan.recheck_after {
        let at = pass.ctx.now.plus(after);
        match job.spec.backoff_limit_per_index {
            Some(_) => {
                let message = format!("indexes whose pods failed get their next pods from {at} on (back-off)");
                ("BackOff", &[][..], message, PER_INDEX)
            }
            None => {
                let (count, wait) = (pass.run.failures, failures::wait(pass.run.failures));
                let in_a_row = if count == 1 { "a failure".to_owned() } else { format!("{count} failures in a row") };
                let message = format!("after {in_a_row} the next pod is made {wait} after the last one, at {at}");
                ("BackOff", &[][..], message, BACK_OFF)
            }
        }
    } else if pass.replaces_failed_only() && !going.is_empty() {
        let message = format!("{} replaced only after ending (podReplacementPolicy: Failed)", are(&names));
        ("PodReplacementPolicy", &going[..], message, REPLACEMENT)
    } else {
        return;
    };
    let awaits = awaited.iter().map(|pod| pod.key()).collect();
    pass.plan.waits.push(Wait { who: job.key(), awaits, rule: rule.into(), message, doc });
}

fn are(names: &[&str]) -> String {
    format!("{} {}", names_text(names), if names.len() == 1 { "is" } else { "are" })
}
