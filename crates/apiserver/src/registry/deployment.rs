//! Deployments: defaults, checks, what may change.
//! Models: pkg/apis/apps/v1/defaults.go, pkg/apis/apps/validation, pkg/registry/apps/deployment/strategy.go.

use super::replicaset::{not_negative, same_selector, selector_and_template};
use super::{Part, pod};
use api::{Cause, Deployment, DeploymentStatus, DeploymentStrategy, IntOrString, RollingUpdateDeployment, Wire};
use serde_json::json;

const PERCENT: &str = "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')";

pub(super) fn default(deployment: &mut Deployment) {
    let spec = &mut deployment.spec;
    spec.replicas.get_or_insert(1);
    spec.revision_history_limit.get_or_insert(10);
    spec.progress_deadline_seconds.get_or_insert(600);
    let strategy = &mut spec.strategy;
    if strategy.r#type.is_empty() {
        strategy.r#type = "RollingUpdate".into();
    }
    if strategy.r#type == "RollingUpdate" {
        let rolling = strategy.rolling_update.get_or_insert_with(RollingUpdateDeployment::default);
        rolling.max_unavailable.get_or_insert(IntOrString::Text("25%".into()));
        rolling.max_surge.get_or_insert(IntOrString::Text("25%".into()));
    }
    pod::default_template(&mut spec.template);
}

pub(super) fn prepare_for_create(deployment: &mut Deployment) {
    deployment.metadata.generation = 1;
    deployment.status = DeploymentStatus::default();
}

pub(super) fn prepare_for_update(new: &mut Deployment, old: &Deployment, part: Part) {
    match part {
        Part::Spec => {
            new.status = old.status.clone();
            // Annotations count, as ReplicaSets get copies of them.
            if new.spec != old.spec || new.metadata.annotations != old.metadata.annotations {
                new.metadata.generation += 1;
            }
        }
        Part::Status => {
            new.spec = old.spec.clone();
            // The revision is an annotation that is written along with the status.
            let annotations = std::mem::take(&mut new.metadata.annotations);
            new.metadata = api::ObjectMeta { annotations, ..old.metadata.clone() };
        }
    }
}

pub(super) fn validate(deployment: &Deployment) -> Vec<Cause> {
    let spec = &deployment.spec;
    let mut causes = Vec::new();
    not_negative("spec.replicas", spec.replicas, &mut causes);
    selector_and_template(&spec.selector, &spec.template, &mut causes);
    validate_strategy(&spec.strategy, &mut causes);
    not_negative("spec.minReadySeconds", Some(spec.min_ready_seconds), &mut causes);
    not_negative("spec.revisionHistoryLimit", spec.revision_history_limit, &mut causes);
    if let Some(deadline) = spec.progress_deadline_seconds {
        not_negative("spec.progressDeadlineSeconds", Some(deadline), &mut causes);
        if deadline <= spec.min_ready_seconds {
            let detail = "must be greater than minReadySeconds";
            causes.push(Cause::invalid("spec.progressDeadlineSeconds", deadline, detail));
        }
    }
    causes
}

pub(super) fn validate_update(new: &Deployment, old: &Deployment) -> Vec<Cause> {
    let mut causes = validate(new);
    same_selector(&new.spec.selector, &old.spec.selector, &mut causes);
    causes
}

fn validate_strategy(strategy: &DeploymentStrategy, causes: &mut Vec<Cause>) {
    match (strategy.r#type.as_str(), &strategy.rolling_update) {
        ("Recreate", Some(_)) => {
            let detail = "may not be specified when strategy `type` is 'Recreate'";
            causes.push(Cause::forbidden("spec.strategy.rollingUpdate", detail));
        }
        ("Recreate", None) => {}
        ("RollingUpdate", rolling) => {
            let rolling = rolling.clone().unwrap_or_default();
            validate_rolling(
                &rolling.max_unavailable.unwrap_or_default(),
                &rolling.max_surge.unwrap_or_default(),
                causes,
            );
        }
        (kind, rolling) => {
            // The server shows the strategy as its own type has it.
            let counts = rolling.as_ref().map(|rolling| {
                let count = |field: &Option<IntOrString>| field.clone().unwrap_or_default().write();
                format!(
                    "{{\"MaxUnavailable\":{},\"MaxSurge\":{}}}",
                    count(&rolling.max_unavailable),
                    count(&rolling.max_surge)
                )
            });
            let counts = counts.unwrap_or_else(|| "null".to_owned());
            let message = format!(
                "Unsupported value: {{\"Type\":{},\"RollingUpdate\":{counts}}}: supported values: \"Recreate\", \"RollingUpdate\"",
                json!(kind)
            );
            causes.push(Cause::new("spec.strategy", message));
        }
    }
}

/// Models: ValidateRollingUpdateDeployment.
fn validate_rolling(unavailable: &IntOrString, surge: &IntOrString, causes: &mut Vec<Cause>) {
    const UNAVAILABLE: &str = "spec.strategy.rollingUpdate.maxUnavailable";
    count_or_percent(UNAVAILABLE, unavailable, causes);
    count_or_percent("spec.strategy.rollingUpdate.maxSurge", surge, causes);
    if number(unavailable) == 0 && number(surge) == 0 {
        causes.push(Cause::invalid(UNAVAILABLE, unavailable.write(), "may not be 0 when `maxSurge` is 0"));
    }
    if percent(unavailable).is_some_and(|percent| percent > 100) {
        causes.push(Cause::invalid(UNAVAILABLE, unavailable.write(), "must not be greater than 100%"));
    }
}

/// Models: ValidatePositiveIntOrPercent.
fn count_or_percent(field: &str, value: &IntOrString, causes: &mut Vec<Cause>) {
    match value {
        IntOrString::Int(count) => not_negative(field, Some(*count), causes),
        IntOrString::Text(_) if percent(value).is_some() => {}
        IntOrString::Text(_) => causes.push(Cause::invalid(field, value.write(), PERCENT)),
    }
}

fn percent(value: &IntOrString) -> Option<u64> {
    let IntOrString::Text(text) = value else { return None };
    let digits = text.strip_suffix('%')?;
    let all_digits = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    all_digits.then(|| digits.parse().unwrap_or(u64::MAX))
}

/// The number of a count or of a percentage.
fn number(value: &IntOrString) -> u64 {
    match value {
        IntOrString::Int(count) => u64::from(count.unsigned_abs()),
        text => percent(text).unwrap_or(0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};
    use serde_json::Value;

    fn deployment(spec: Value) -> Deployment {
        let mut body = json!({
            "metadata": {"name": "web", "namespace": "default"},
            "spec": {
                "selector": {"matchLabels": {"app": "web"}},
                "template": {
                    "metadata": {"labels": {"app": "web"}},
                    "spec": {"containers": [{"name": "c", "image": "nginx"}]},
                },
            },
        });
        for (field, value) in spec.as_object().into_iter().flatten() {
            body["spec"][field] = value.clone();
        }
        let mut deployment = Deployment::read(body);
        default(&mut deployment);
        deployment
    }

    fn check(spec: Value, expected: Expect) {
        let causes: Vec<String> = validate(&deployment(spec)).iter().map(ToString::to_string).collect();
        expected.assert_eq(&causes.join("\n"));
    }

    #[test]
    fn defaults() {
        let spec = deployment(json!({})).spec;
        assert_eq!(
            spec.strategy.write(),
            json!({"rollingUpdate": {"maxSurge": "25%", "maxUnavailable": "25%"}, "type": "RollingUpdate"})
        );
        assert_eq!(
            (spec.replicas, spec.revision_history_limit, spec.progress_deadline_seconds),
            (Some(1), Some(10), Some(600))
        );
        assert!(deployment(json!({"strategy": {"type": "Recreate"}})).spec.strategy.rolling_update.is_none());
    }

    #[test]
    fn mistakes_read_as_the_server_puts_them() {
        check(json!({}), expect![""]);
        check(
            json!({"replicas": -1, "selector": null, "progressDeadlineSeconds": 5, "minReadySeconds": 5}),
            expect![[r#"
                spec.replicas: Invalid value: -1: must be greater than or equal to 0
                spec.selector: Required value
                spec.template.metadata.labels: Invalid value: {"app":"web"}: `selector` does not match template `labels`
                spec.progressDeadlineSeconds: Invalid value: 5: must be greater than minReadySeconds"#]],
        );
        check(
            json!({"strategy": {"rollingUpdate": {"maxSurge": 0, "maxUnavailable": "0%"}}}),
            expect![[
                r#"spec.strategy.rollingUpdate.maxUnavailable: Invalid value: "0%": may not be 0 when `maxSurge` is 0"#
            ]],
        );
        check(
            json!({"strategy": {"rollingUpdate": {"maxSurge": "many", "maxUnavailable": "101%"}}}),
            expect![[r#"
                spec.strategy.rollingUpdate.maxSurge: Invalid value: "many": a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')
                spec.strategy.rollingUpdate.maxUnavailable: Invalid value: "101%": must not be greater than 100%"#]],
        );
        check(
            json!({"strategy": {"type": "Recreate", "rollingUpdate": {"maxSurge": 1}}}),
            expect!["spec.strategy.rollingUpdate: Forbidden: may not be specified when strategy `type` is 'Recreate'"],
        );
        check(
            json!({"strategy": {"type": "OnDelete"}}),
            expect![[
                r#"spec.strategy: Unsupported value: {"Type":"OnDelete","RollingUpdate":null}: supported values: "Recreate", "RollingUpdate""#
            ]],
        );
    }

    #[test]
    fn annotations_and_spec_raise_the_generation_and_status_writes_keep_the_revision() {
        let mut old = deployment(json!({}));
        prepare_for_create(&mut old);
        let mut new = old.clone();
        new.metadata.annotations = new.metadata.annotations.with("a", "b");
        prepare_for_update(&mut new, &old, Part::Spec);
        assert_eq!(new.metadata.generation, 2);
        let mut status = old.clone();
        status.metadata.annotations = status.metadata.annotations.with("deployment.kubernetes.io/revision", "1");
        status.metadata.labels = status.metadata.labels.with("x", "y");
        prepare_for_update(&mut status, &old, Part::Status);
        assert_eq!(
            (status.metadata.generation, status.metadata.labels.len(), status.metadata.annotations.len()),
            (1, 0, 1)
        );
    }
}
