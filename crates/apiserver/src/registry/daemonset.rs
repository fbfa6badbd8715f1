//! DaemonSets: defaults, checks, what may change.
//! Models: pkg/apis/apps/v1/defaults.go, pkg/apis/apps/validation, pkg/registry/apps/daemonset/strategy.go.

use super::check::{Causes, Path};
use super::workload::{self, SPEC};
use super::{Part, meta, pod};
use api::{DaemonSet, DaemonSetUpdateStrategy, IntOrString, RollingUpdateDaemonSet, Wire};

/// Counts the templates a DaemonSet has had; pods carry the number as a label.
pub(crate) const TEMPLATE_GENERATION: &str = "deprecated.daemonset.template.generation";

pub(super) fn default(set: &mut DaemonSet) {
    let spec = &mut set.spec;
    spec.revision_history_limit.get_or_insert(10);
    let strategy = &mut spec.update_strategy;
    if strategy.r#type.is_empty() {
        strategy.r#type = "RollingUpdate".into();
    }
    if strategy.r#type == "RollingUpdate" {
        let rolling = strategy.rolling_update.get_or_insert_with(RollingUpdateDaemonSet::default);
        rolling.max_unavailable.get_or_insert(IntOrString::Int(1));
        rolling.max_surge.get_or_insert(IntOrString::Int(0));
    }
    pod::default_template(&mut spec.template);
}

pub(super) fn prepare_for_create(set: &mut DaemonSet) {
    set.metadata.generation = 1;
    set.metadata.annotations = set.metadata.annotations.with(TEMPLATE_GENERATION, "1");
    set.status = Default::default();
}

pub(super) fn prepare_for_update(new: &mut DaemonSet, old: &DaemonSet, part: Part) {
    match part {
        Part::Spec => {
            new.status = old.status.clone();
            let count =
                old.metadata.annotations.get(TEMPLATE_GENERATION).and_then(|n| n.parse::<i64>().ok()).unwrap_or(1);
            let count = if new.spec.template == old.spec.template { count } else { count + 1 };
            new.metadata.annotations = new.metadata.annotations.with(TEMPLATE_GENERATION, count.to_string());
            if new.spec != old.spec {
                new.metadata.generation += 1;
            }
        }
        Part::Status => {
            new.spec = old.spec.clone();
            new.metadata = old.metadata.clone();
        }
    }
}

pub(super) fn validate(set: &DaemonSet, causes: &mut Causes) {
    let spec = &set.spec;
    meta::selector(&spec.selector, &SPEC.field("selector"), causes);
    let template = SPEC.field("template");
    workload::template_matches(&spec.selector, &spec.template, &template, causes);
    workload::no_empty_selector(&spec.selector, "daemonset", causes);
    pod::validate_template(&spec.template, pod::Extra::default(), &template, causes);
    workload::restarts_always(&spec.template, "DaemonSet", &template, causes);
    causes.non_negative(&SPEC.field("minReadySeconds"), spec.min_ready_seconds);
    update_strategy(&spec.update_strategy, &SPEC.field("updateStrategy"), causes);
    if let Some(limit) = spec.revision_history_limit {
        causes.non_negative(&SPEC.field("revisionHistoryLimit"), limit);
    }
}

fn update_strategy(strategy: &DaemonSetUpdateStrategy, at: &Path<'_>, causes: &mut Causes) {
    match (strategy.r#type.as_str(), &strategy.rolling_update) {
        ("RollingUpdate", Some(rolling)) => rolling_update(rolling, &at.field("rollingUpdate"), causes),
        ("RollingUpdate", None) => causes.required(&at.field("rollingUpdate"), ""),
        ("OnDelete", _) => {}
        (kind, rolling) => {
            let count =
                |value: &Option<IntOrString>| value.as_ref().map_or_else(|| "0".to_owned(), |v| v.write().to_string());
            let rolling = rolling.as_ref().map_or_else(
                || "null".to_owned(),
                |r| {
                    format!("{{\"MaxUnavailable\":{},\"MaxSurge\":{}}}", count(&r.max_unavailable), count(&r.max_surge))
                },
            );
            let value = format!("{{\"Type\":{},\"RollingUpdate\":{rolling}}}", schema::go_quote(kind));
            let detail = "supported values: \"RollingUpdate\", \"OnDelete\"";
            causes.told(at, "Unsupported value", &value, detail);
        }
    }
}

fn rolling_update(rolling: &RollingUpdateDaemonSet, at: &Path<'_>, causes: &mut Causes) {
    let zero = IntOrString::default();
    let unavailable = rolling.max_unavailable.as_ref().unwrap_or(&zero);
    let surge = rolling.max_surge.as_ref().unwrap_or(&zero);
    let both = [(unavailable, at.field("maxUnavailable")), (surge, at.field("maxSurge"))];
    for (value, at) in &both {
        workload::count_or_percent(value, at, causes);
    }
    for (value, at) in &both {
        workload::at_most_all(value, at, causes);
    }
    match (workload::number(unavailable) != 0, workload::number(surge) != 0) {
        (true, true) => {
            causes.invalid(&at.field("maxSurge"), surge.write(), "may not be set when maxUnavailable is non-zero");
        }
        (false, false) => causes.required(&at.field("maxUnavailable"), "cannot be 0 when maxSurge is 0"),
        _ => {}
    }
}

pub(super) fn validate_update(new: &DaemonSet, old: &DaemonSet, causes: &mut Causes) {
    if new.spec == old.spec {
        return;
    }
    workload::same_selector(&new.spec.selector, &old.spec.selector, causes);
    validate(new, causes);
}

#[cfg(test)]
mod tests {
    use crate::registry::tests::{merged, refused, refused_update};
    use expect_test::expect;
    use serde_json::{Value, json};

    fn set(spec: Value) -> Value {
        let sound = json!({"apiVersion": "apps/v1", "kind": "DaemonSet", "metadata": {"name": "d"}, "spec": {
            "selector": {"matchLabels": {"app": "d"}},
            "template": {"metadata": {"labels": {"app": "d"}}, "spec": {"containers": [{"name": "c", "image": "d:1"}]}},
        }});
        merged(sound, json!({ "spec": spec }))
    }

    #[test]
    fn a_selector_is_not_empty() {
        refused(
            set(json!({"selector": {"matchLabels": null}})),
            expect![[
                r#"DaemonSet.apps "d" is invalid: spec.selector: Invalid value: {}: empty selector is invalid for daemonset"#
            ]],
        );
    }

    #[test]
    fn sound_and_unsound_sets() {
        refused(set(json!({})), expect!["accepted"]);
        refused(
            set(json!({"selector": null})),
            expect![[
                r#"DaemonSet.apps "d" is invalid: spec.template.metadata.labels: Invalid value: {"app":"d"}: `selector` does not match template `labels`"#
            ]],
        );
        refused(
            set(json!({"template": {"spec": {"restartPolicy": "Never", "activeDeadlineSeconds": 1}}})),
            expect![[r#"
                spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"
                spec.template.spec.activeDeadlineSeconds: Forbidden: activeDeadlineSeconds in DaemonSet is not Supported"#]],
        );
    }

    #[test]
    fn surge_or_unavailable() {
        let rolling = |rolling: Value| set(json!({"updateStrategy": {"rollingUpdate": rolling}}));
        refused(
            rolling(json!({"maxSurge": 1})),
            expect![[
                r#"DaemonSet.apps "d" is invalid: spec.updateStrategy.rollingUpdate.maxSurge: Invalid value: 1: may not be set when maxUnavailable is non-zero"#
            ]],
        );
        refused(rolling(json!({"maxSurge": 1, "maxUnavailable": 0})), expect!["accepted"]);
        refused(
            rolling(json!({"maxUnavailable": 0})),
            expect![[
                r#"DaemonSet.apps "d" is invalid: spec.updateStrategy.rollingUpdate.maxUnavailable: Required value: cannot be 0 when maxSurge is 0"#
            ]],
        );
        refused(
            rolling(json!({"maxUnavailable": "120%"})),
            expect![[
                r#"DaemonSet.apps "d" is invalid: spec.updateStrategy.rollingUpdate.maxUnavailable: Invalid value: "120%": must not be greater than 100%"#
            ]],
        );
        refused(
            rolling(json!({"maxUnavailable": "many"})),
            expect![[r#"
            spec.updateStrategy.rollingUpdate.maxUnavailable: Invalid value: "many": a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')
            spec.updateStrategy.rollingUpdate.maxUnavailable: Required value: cannot be 0 when maxSurge is 0"#]],
        );
        refused(
            set(json!({"updateStrategy": {"type": "Recreate"}})),
            expect![[
                r#"DaemonSet.apps "d" is invalid: spec.updateStrategy: Unsupported value: {"Type":"Recreate","RollingUpdate":null}: supported values: "RollingUpdate", "OnDelete""#
            ]],
        );
    }

    #[test]
    fn the_selector_is_for_ever() {
        let other = json!({"app": "d2"});
        refused_update(
            set(json!({})),
            json!({"spec": {"selector": {"matchLabels": other}, "template": {"metadata": {"labels": other}}}}),
            expect![[
                r#"DaemonSet.apps "d" is invalid: spec.selector: Invalid value: {"matchLabels":{"app":"d2"}}: field is immutable"#
            ]],
        );
    }
}
