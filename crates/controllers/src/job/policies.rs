//! What the author says of failures and successes. Models: pod_failure_policy.go, success_policy.go.

use super::intervals::Intervals;
use api::{ContainerState, ContainerStatus, Job, OnExitCodes, Pod};

/// What the failure of a pod means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It counts like any other.
    Count,
    /// It does not count.
    Ignore,
    /// No other pod is made for its index.
    FailIndex,
    /// The Job has failed, and why.
    FailJob(String),
}

/// What the Job's policy says of a failed pod: the first rule that matches counts. Models: matchPodFailurePolicy.
pub(super) fn judge(job: &Job, pod: &Pod) -> Verdict {
    let Some(policy) = &job.spec.pod_failure_policy else { return Verdict::Count };
    for (index, rule) in policy.rules.iter().enumerate() {
        let (namespace, name) = (&pod.metadata.namespace, &pod.metadata.name);
        let what = match &rule.on_exit_codes {
            Some(codes) => failed_container(pod, codes).map(|(container, code)| {
                format!("Container {container} for pod {namespace}/{name} failed with exit code {code}")
            }),
            None => {
                let matches = |c: &&api::PodCondition| {
                    rule.on_pod_conditions.iter().any(|p| p.r#type == c.r#type && p.status == c.status)
                };
                let condition = pod.status.conditions.iter().find(matches);
                condition.map(|c| format!("Pod {namespace}/{name} has condition {}", c.r#type))
            }
        };
        let Some(what) = what else { continue };
        match rule.action.as_str() {
            "Ignore" => return Verdict::Ignore,
            "FailIndex" => return Verdict::FailIndex,
            "Count" => return Verdict::Count,
            "FailJob" => return Verdict::FailJob(format!("{what} matching FailJob rule at index {index}")),
            _ => {}
        }
    }
    Verdict::Count
}

/// The first container that failed with one of these codes, and the code.
fn failed_container<'p>(pod: &'p Pod, codes: &OnExitCodes) -> Option<(&'p str, i32)> {
    let matches = |container: &'p ContainerStatus| {
        let ContainerState::Terminated(end) = &container.state else { return None };
        let concerned = codes.container_name.as_ref().is_none_or(|name| *name == container.name);
        let listed = codes.values.contains(&end.exit_code);
        let wanted = if codes.operator == "In" { listed } else { codes.operator == "NotIn" && !listed };
        (concerned && end.exit_code != 0 && wanted).then_some((container.name.as_str(), end.exit_code))
    };
    let status = &pod.status;
    status.container_statuses.iter().chain(&status.init_container_statuses).find_map(matches)
}

/// Which rule of the success policy these indexes meet, in upstream's words. Models: matchSuccessPolicy.
pub(super) fn success(job: &Job, succeeded: &Intervals) -> Option<String> {
    let policy = job.spec.success_policy.as_ref().filter(|_| !succeeded.is_empty())?;
    let is_met = |rule: &api::SuccessPolicyRule| match (&rule.succeeded_indexes, rule.succeeded_count) {
        (Some(indexes), count) => {
            let wanted = Intervals::parse(indexes, super::indexes::completions(job));
            let common = wanted.common(succeeded);
            !wanted.is_empty() && (common == wanted.total() || count.is_some_and(|count| common >= count))
        }
        (None, Some(count)) => succeeded.total() >= count,
        (None, None) => false,
    };
    let index = policy.rules.iter().position(is_met)?;
    Some(format!("Matched rules at index {index}"))
}
