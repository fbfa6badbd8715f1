//! Checks of what is wanted of a Job, its own or a CronJob's template. Models: validateJobSpec in
//! pkg/apis/batch/validation.

use super::check::{Causes, Path};
use super::{names, pod};
use api::{JobSpec, OnExitCodes, PodFailurePolicyRule, Str, SuccessPolicyRule, Wire};

const MAX_INDEXED: i32 = 100_000;
const MAX_WITH_MANY_COMPLETIONS: i32 = 10_000;
const MAX_RULES: usize = 20;
const ACTIONS: [&str; 4] = ["Count", "FailIndex", "FailJob", "Ignore"];
const OPERATORS: [&str; 2] = ["In", "NotIn"];
const STATUSES: [&str; 3] = ["False", "True", "Unknown"];

/// Everything that is wrong with a Job's spec, but for its selector.
pub(super) fn validate(spec: &JobSpec, at: &Path<'_>, causes: &mut Causes) {
    let numbers = [
        ("parallelism", spec.parallelism.map(i64::from)),
        ("completions", spec.completions.map(i64::from)),
        ("activeDeadlineSeconds", spec.active_deadline_seconds),
        ("backoffLimit", spec.backoff_limit.map(i64::from)),
        ("ttlSecondsAfterFinished", spec.ttl_seconds_after_finished.map(i64::from)),
        ("backoffLimitPerIndex", spec.backoff_limit_per_index.map(i64::from)),
        ("maxFailedIndexes", spec.max_failed_indexes.map(i64::from)),
    ];
    for (field, number) in numbers {
        causes.non_negative(&at.field(field), number.unwrap_or(0));
    }
    if spec.max_failed_indexes.is_some() && spec.backoff_limit_per_index.is_none() {
        causes.required(&at.field("backoffLimitPerIndex"), "when maxFailedIndexes is specified");
    }
    match spec.completion_mode.as_str() {
        "Indexed" => indexed(spec, at, causes),
        "" | "NonIndexed" => {
            let limits =
                [("backoffLimitPerIndex", spec.backoff_limit_per_index), ("maxFailedIndexes", spec.max_failed_indexes)];
            for (field, limit) in limits {
                if let Some(limit) = limit {
                    causes.invalid(&at.field(field), limit, "requires indexed completion mode");
                }
            }
        }
        other => causes.unsupported(&at.field("completionMode"), other, &["NonIndexed", "Indexed"]),
    }
    failure_policy(spec, &at.field("podFailurePolicy"), causes);
    success_policy(spec, &at.field("successPolicy"), causes);
    replacement_policy(spec, &at.field("podReplacementPolicy"), causes);
    let template = at.field("template");
    pod::validate_template(&spec.template, pod::Extra::default(), &template, causes);
    restart_policy(spec, &template.field("spec").field("restartPolicy"), causes);
}

fn indexed(spec: &JobSpec, at: &Path<'_>, causes: &mut Causes) {
    let at_most = |field: &str, number: Option<i32>, most: i32, when: &str, causes: &mut Causes| {
        if let Some(number) = number.filter(|number| *number > most) {
            causes.invalid(&at.field(field), number, format!("must be less than or equal to {most}{when}"));
        }
    };
    if spec.completions.is_none() {
        causes.required(&at.field("completions"), "when completion mode is Indexed");
    }
    at_most("parallelism", spec.parallelism, MAX_INDEXED, " when completion mode is Indexed", causes);
    if let (Some(completions), Some(most)) = (spec.completions, spec.max_failed_indexes)
        && most > completions
    {
        causes.invalid(&at.field("maxFailedIndexes"), most, "must be less than or equal to completions");
    }
    at_most("maxFailedIndexes", spec.max_failed_indexes, MAX_INDEXED, "", causes);
    if spec.completions.is_some_and(|n| n > MAX_INDEXED) && spec.backoff_limit_per_index.is_some() {
        if spec.max_failed_indexes.is_none() {
            let detail = format!("must be specified when completions is above {MAX_INDEXED}");
            causes.required(&at.field("maxFailedIndexes"), &detail);
        }
        let when = format!(" when completions are above {MAX_INDEXED} and used with backoff limit per index");
        at_most("parallelism", spec.parallelism, MAX_WITH_MANY_COMPLETIONS, &when, causes);
        at_most("maxFailedIndexes", spec.max_failed_indexes, MAX_WITH_MANY_COMPLETIONS, &when, causes);
    }
}

fn failure_policy(spec: &JobSpec, at: &Path<'_>, causes: &mut Causes) {
    let Some(policy) = &spec.pod_failure_policy else { return };
    let rules = at.field("rules");
    if policy.rules.len() > MAX_RULES {
        causes.too_many(&rules, policy.rules.len(), MAX_RULES);
    }
    for (index, rule) in policy.rules.iter().enumerate() {
        failure_rule(spec, rule, &rules.index(index), causes);
    }
}

fn failure_rule(spec: &JobSpec, rule: &PodFailurePolicyRule, at: &Path<'_>, causes: &mut Causes) {
    let action = at.field("action");
    match rule.action.as_str() {
        "" => causes.required(&action, &valid_values(&ACTIONS)),
        "FailIndex" if spec.backoff_limit_per_index.is_none() => {
            causes.invalid(&action, "FailIndex", "requires the backoffLimitPerIndex to be set");
        }
        other => causes.one_of(&action, other, &ACTIONS),
    }
    if let Some(codes) = &rule.on_exit_codes {
        exit_codes(spec, codes, &at.field("onExitCodes"), causes);
    }
    let patterns = at.field("onPodConditions");
    if rule.on_pod_conditions.len() > MAX_RULES {
        causes.too_many(&patterns, rule.on_pod_conditions.len(), MAX_RULES);
    }
    for (index, pattern) in rule.on_pod_conditions.iter().enumerate() {
        let at = patterns.index(index);
        causes.each_invalid(&at.field("type"), &pattern.r#type, names::qualified_name(&pattern.r#type));
        causes.one_of(&at.field("status"), &pattern.status, &STATUSES);
    }
    match (&rule.on_exit_codes, rule.on_pod_conditions.is_empty()) {
        (Some(_), false) => {
            let message = "specifying both OnExitCodes and OnPodConditions is not supported";
            causes.told(at, "Invalid value", message, "");
        }
        (None, true) => {
            let message = "specifying one of OnExitCodes and OnPodConditions is required";
            causes.told(at, "Invalid value", message, "");
        }
        _ => {}
    }
}

fn exit_codes(spec: &JobSpec, codes: &OnExitCodes, at: &Path<'_>, causes: &mut Causes) {
    let operator = codes.operator.as_str();
    if operator.is_empty() {
        causes.required(&at.field("operator"), &valid_values(&OPERATORS));
    } else {
        causes.one_of(&at.field("operator"), operator, &OPERATORS);
    }
    let pod = &spec.template.spec;
    let is_container = |name: &Str| pod.containers.iter().chain(&pod.init_containers).any(|c| c.name == *name);
    if let Some(name) = codes.container_name.as_ref().filter(|name| !is_container(name)) {
        let detail = "must be one of the container or initContainer names in the pod template";
        causes.invalid(&at.field("containerName"), name.as_str(), detail);
    }
    let values = at.field("values");
    if codes.values.is_empty() {
        causes.invalid(&values, codes.values.write(), "at least one value is required");
    } else if codes.values.len() > 255 {
        causes.too_many(&values, codes.values.len(), 255);
    }
    for (index, code) in codes.values.iter().enumerate() {
        if operator == "In" && *code == 0 {
            causes.invalid(&values.index(index), *code, "must not be 0 for the In operator");
        }
        if codes.values[..index].contains(code) {
            causes.duplicate(&values.index(index), *code);
        }
    }
    if !codes.values.is_sorted() {
        causes.invalid(&values, codes.values.write(), "must be ordered");
    }
}

fn success_policy(spec: &JobSpec, at: &Path<'_>, causes: &mut Causes) {
    let Some(policy) = &spec.success_policy else { return };
    if spec.completion_mode != "Indexed" {
        return causes.invalid(at, policy.write(), "requires indexed completion mode");
    }
    let rules = at.field("rules");
    if policy.rules.is_empty() {
        let detail = "at least one rules must be specified when the successPolicy is specified";
        causes.required(&rules, detail);
    } else if policy.rules.len() > MAX_RULES {
        causes.too_many(&rules, policy.rules.len(), MAX_RULES);
    }
    for (index, rule) in policy.rules.iter().enumerate() {
        success_rule(rule, spec.completions.unwrap_or(0), &rules.index(index), causes);
    }
}

fn success_rule(rule: &SuccessPolicyRule, completions: i32, at: &Path<'_>, causes: &mut Causes) {
    if rule.succeeded_count.is_none() && rule.succeeded_indexes.is_none() {
        causes.required(at, "at least one of succeededCount or succeededIndexes must be specified");
    }
    let mut total = 0;
    if let Some(indexes) = &rule.succeeded_indexes {
        match count_indexes(indexes, completions) {
            Ok(count) => total = count,
            Err(why) => {
                let detail = format!("error parsing succeededIndexes: {why}");
                causes.invalid(&at.field("succeededIndexes"), indexes.as_str(), detail);
            }
        }
    }
    let Some(count) = rule.succeeded_count else { return };
    let at = at.field("succeededCount");
    causes.non_negative(&at, count);
    let mut at_most = |most: i32, what: &str| {
        if count > most {
            causes.invalid(&at, count, format!("must be less than or equal to {most} (the number of {what})"));
        }
    };
    at_most(completions, "specified completions");
    if rule.succeeded_indexes.is_some() {
        at_most(total, "indexes in the specified succeededIndexes field");
    }
}

/// How many indexes a text such as `0,2-4` names. Models: validateIndexesFormat.
fn count_indexes(text: &str, completions: i32) -> Result<i32, String> {
    let (mut last, mut total) = (None, 0);
    for part in text.split(',').filter(|_| !text.is_empty()) {
        let ends: Vec<&str> = part.split('-').collect();
        let index = |end: &str| {
            let index: i32 =
                end.parse().map_err(|_| format!("cannot convert string to integer for index: \"{end}\""))?;
            if index >= completions { Err(format!("too large index: \"{end}\"")) } else { Ok(index) }
        };
        let (first, end) = match ends[..] {
            [only] => (index(only)?, index(only)?),
            [first, end] => (index(first)?, index(end)?),
            _ => {
                return Err(format!(
                    "the fragment \"{part}\" violates the requirement that an index interval can have at most two parts separated by '-'"
                ));
            }
        };
        let grows = |previous: i32, current: i32| match previous < current {
            true => Ok(()),
            false => Err(format!("non-increasing order, previous: {previous}, current: {current}")),
        };
        if ends.len() == 2 {
            grows(first, end)?;
        }
        last.map_or(Ok(()), |last| grows(last, first))?;
        total += end - first + 1;
        last = Some(end);
    }
    Ok(total)
}

fn replacement_policy(spec: &JobSpec, at: &Path<'_>, causes: &mut Causes) {
    let supported: &[&str] =
        if spec.pod_failure_policy.is_some() { &["Failed"] } else { &["Failed", "TerminatingOrFailed"] };
    if !spec.pod_replacement_policy.is_empty() {
        causes.one_of(at, &spec.pod_replacement_policy, supported);
    }
}

fn restart_policy(spec: &JobSpec, at: &Path<'_>, causes: &mut Causes) {
    match spec.template.spec.restart_policy.as_str() {
        "" | "Always" => causes.required(at, "valid values: \"OnFailure\", \"Never\""),
        "OnFailure" if spec.pod_failure_policy.is_some() => {
            causes.invalid(at, "OnFailure", "only \"Never\" is supported when podFailurePolicy is specified");
        }
        other => causes.one_of(at, other, &["OnFailure", "Never"]),
    }
}

/// A list as Go prints it.
fn valid_values(values: &[&str]) -> String {
    let list: Vec<String> = values.iter().map(|value| schema::go_quote(value)).collect();
    format!("valid values: [{}]", list.join(" "))
}

#[cfg(test)]
mod tests {
    use crate::registry::tests::{merged, refused};
    use expect_test::{Expect, expect};
    use serde_json::{Value, json};

    /// What the server says to a Job with this merged into its spec.
    fn check(spec: Value, expected: Expect) {
        let sound = json!({"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "pi"}, "spec": {
            "template": {"spec": {"restartPolicy": "Never", "containers": [{"name": "c", "image": "busybox:1"}]}}}});
        refused(merged(sound, json!({ "spec": spec })), expected);
    }

    #[test]
    fn mistakes_in_a_job() {
        check(
            json!({"template": {"spec": {"restartPolicy": null}}}),
            expect![[
                r#"Job.batch "pi" is invalid: spec.template.spec.restartPolicy: Required value: valid values: "OnFailure", "Never""#
            ]],
        );
        check(
            json!({"completions": -1, "backoffLimitPerIndex": 1, "completionMode": "NonIndexed"}),
            expect![[r#"
                spec.completions: Invalid value: -1: must be greater than or equal to 0
                spec.backoffLimitPerIndex: Invalid value: 1: requires indexed completion mode"#]],
        );
        check(
            json!({"parallelism": 3, "completionMode": "Indexed", "maxFailedIndexes": 1}),
            expect![[r#"
            spec.backoffLimitPerIndex: Required value: when maxFailedIndexes is specified
            spec.completions: Required value: when completion mode is Indexed"#]],
        );
        check(
            json!({"podReplacementPolicy": "TerminatingOrFailed", "podFailurePolicy": {"rules": [
                {"action": "FailIndex", "onExitCodes": {"operator": "In", "values": [3, 0, 3], "containerName": "d"}},
                {"action": "Ignore", "onPodConditions": [{"type": "DisruptionTarget"}]},
                {"action": "", "onPodConditions": []},
            ]}}),
            expect![[r#"
                spec.podFailurePolicy.rules[0].action: Invalid value: "FailIndex": requires the backoffLimitPerIndex to be set
                spec.podFailurePolicy.rules[0].onExitCodes.containerName: Invalid value: "d": must be one of the container or initContainer names in the pod template
                spec.podFailurePolicy.rules[0].onExitCodes.values[1]: Invalid value: 0: must not be 0 for the In operator
                spec.podFailurePolicy.rules[0].onExitCodes.values[2]: Duplicate value: 3
                spec.podFailurePolicy.rules[0].onExitCodes.values: Invalid value: [3,0,3]: must be ordered
                spec.podFailurePolicy.rules[2].action: Required value: valid values: ["Count" "FailIndex" "FailJob" "Ignore"]
                spec.podFailurePolicy.rules[2]: Invalid value: specifying one of OnExitCodes and OnPodConditions is required
                spec.podReplacementPolicy: Unsupported value: "TerminatingOrFailed": supported values: "Failed""#]],
        );
        check(
            json!({"completions": 5, "completionMode": "Indexed", "successPolicy": {"rules": [
                {"succeededIndexes": "0,2-4", "succeededCount": 5}, {"succeededIndexes": "4-2"}, {}]}}),
            expect![[r#"
                spec.successPolicy.rules[0].succeededCount: Invalid value: 5: must be less than or equal to 4 (the number of indexes in the specified succeededIndexes field)
                spec.successPolicy.rules[1].succeededIndexes: Invalid value: "4-2": error parsing succeededIndexes: non-increasing order, previous: 4, current: 2
                spec.successPolicy.rules[2]: Required value: at least one of succeededCount or succeededIndexes must be specified"#]],
        );
    }
}
