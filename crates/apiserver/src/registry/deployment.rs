//! Deployments: defaults, checks, what may change.
//! Models: pkg/apis/apps/v1/defaults.go, pkg/apis/apps/validation, pkg/registry/apps/deployment/strategy.go.

use super::check::{Causes, Path};
use super::workload::{self, SPEC};
use super::{Part, pod};
use api::{Deployment, DeploymentStatus, DeploymentStrategy, IntOrString, RollingUpdateDeployment, Wire};

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

pub(super) fn validate(deployment: &Deployment, causes: &mut Causes) {
    let spec = &deployment.spec;
    causes.non_negative(&SPEC.field("replicas"), spec.replicas.unwrap_or(0));
    workload::selector_and_template(&spec.selector, &spec.template, causes);
    validate_strategy(&spec.strategy, &SPEC.field("strategy"), causes);
    causes.non_negative(&SPEC.field("minReadySeconds"), spec.min_ready_seconds);
    causes.non_negative(&SPEC.field("revisionHistoryLimit"), spec.revision_history_limit.unwrap_or(0));
    if let Some(deadline) = spec.progress_deadline_seconds {
        let at = SPEC.field("progressDeadlineSeconds");
        causes.non_negative(&at, deadline);
        if deadline <= spec.min_ready_seconds {
            causes.invalid(&at, deadline, "must be greater than minReadySeconds");
        }
    }
}

pub(super) fn validate_update(new: &Deployment, old: &Deployment, causes: &mut Causes) {
    if new.spec == old.spec {
        return;
    }
    validate(new, causes);
    workload::same_selector(&new.spec.selector, &old.spec.selector, causes);
}

fn validate_strategy(strategy: &DeploymentStrategy, at: &Path<'_>, causes: &mut Causes) {
    let rolling_at = at.field("rollingUpdate");
    match (strategy.r#type.as_str(), &strategy.rolling_update) {
        ("Recreate", Some(_)) => {
            causes.forbidden(&rolling_at, "may not be specified when strategy `type` is 'Recreate'");
        }
        ("Recreate", None) => {}
        ("RollingUpdate", rolling) => {
            let rolling = rolling.clone().unwrap_or_default();
            let (unavailable, surge) =
                (rolling.max_unavailable.unwrap_or_default(), rolling.max_surge.unwrap_or_default());
            validate_rolling(&unavailable, &surge, &rolling_at, causes);
        }
        (kind, rolling) => {
            // The server shows the strategy as its own type has it.
            let count = |field: &Option<IntOrString>| field.clone().unwrap_or_default().write();
            let counts = rolling.as_ref().map_or_else(
                || "null".to_owned(),
                |r| {
                    format!("{{\"MaxUnavailable\":{},\"MaxSurge\":{}}}", count(&r.max_unavailable), count(&r.max_surge))
                },
            );
            let value = format!("{{\"Type\":{},\"RollingUpdate\":{counts}}}", schema::go_quote(kind));
            causes.told(at, "Unsupported value", &value, "supported values: \"Recreate\", \"RollingUpdate\"");
        }
    }
}

/// Models: ValidateRollingUpdateDeployment.
fn validate_rolling(unavailable: &IntOrString, surge: &IntOrString, at: &Path<'_>, causes: &mut Causes) {
    let unavailable_at = at.field("maxUnavailable");
    workload::count_or_percent(unavailable, &unavailable_at, causes);
    workload::count_or_percent(surge, &at.field("maxSurge"), causes);
    if workload::number(unavailable) == 0 && workload::number(surge) == 0 {
        causes.invalid(&unavailable_at, unavailable.write(), "may not be 0 when `maxSurge` is 0");
    }
    workload::at_most_all(unavailable, &unavailable_at, causes);
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};
    use serde_json::{Value, json};

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
        let mut causes = Causes::default();
        validate(&deployment(spec), &mut causes);
        let causes: Vec<String> = causes.into_list().iter().map(ToString::to_string).collect();
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
            json!({"selector": {}}),
            expect!["spec.selector: Invalid value: {}: empty selector is invalid for deployment"],
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
