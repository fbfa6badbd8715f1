//! LimitRanges. Models: pkg/apis/core/v1/defaults.go, ValidateLimitRange of pkg/apis/core/validation.

use super::check::{Causes, Path};
use super::{names, pod};
use api::{LimitRange, LimitRangeItem, Quantity, ResourceList, Str};

pub(super) fn default(range: &mut LimitRange) {
    range.spec.limits = range.spec.limits.iter().map(defaulted).collect();
}

/// Limits of containers default to the most, requests to the limit, or to the least.
fn defaulted(limit: &LimitRangeItem) -> LimitRangeItem {
    let mut limit = limit.clone();
    if limit.r#type == "Container" {
        limit.default = filled(&limit.default, &limit.max);
        limit.default_request = filled(&filled(&limit.default_request, &limit.default), &limit.min);
    }
    limit
}

fn filled(have: &ResourceList, from: &ResourceList) -> ResourceList {
    from.iter()
        .filter(|(name, _)| !have.has(name))
        .fold(have.clone(), |all, (name, amount)| all.with(name, amount.clone()))
}

pub(super) fn validate(range: &LimitRange, causes: &mut Causes) {
    let spec = Path::root("spec");
    let limits = spec.field("limits");
    let mut types: Vec<&str> = Vec::new();
    for (i, limit) in range.spec.limits.iter().enumerate() {
        let at = limits.index(i);
        type_name(&limit.r#type, &at.field("type"), causes);
        if types.contains(&&*limit.r#type) {
            causes.duplicate(&at.field("type"), limit.r#type.as_str());
        }
        types.push(&limit.r#type);
        resource_names(limit, &at, causes);
        if limit.r#type == "PersistentVolumeClaim" && !limit.min.has("storage") && !limit.max.has("storage") {
            let detail = "either minimum or maximum storage value is required, but neither was provided";
            causes.required(&at.field("limits"), detail);
        }
        bounds(limit, &at, causes);
    }
}

fn type_name(name: &str, at: &Path<'_>, causes: &mut Causes) {
    let wrong = names::qualified_name(name);
    if wrong.is_empty() && !name.contains('/') && !["Container", "PersistentVolumeClaim", "Pod"].contains(&name) {
        causes.invalid(at, name, "must be a standard limit type or fully qualified");
    }
    causes.each_invalid(at, name, wrong);
}

fn resource_names(limit: &LimitRangeItem, at: &Path<'_>, causes: &mut Causes) {
    let is_pod = limit.r#type == "Pod";
    let check = if is_pod || limit.r#type == "Container" { pod::container_resource } else { pod::resource_name };
    let parts = [
        ("max", &limit.max, false),
        ("min", &limit.min, false),
        ("default", &limit.default, is_pod),
        ("defaultRequest", &limit.default_request, is_pod),
        ("maxLimitRequestRatio", &limit.max_limit_request_ratio, false),
    ];
    for (field, amounts, is_forbidden) in parts {
        let at = at.field(field);
        if is_forbidden && !amounts.is_empty() {
            causes.forbidden(&at, "may not be specified when `type` is 'Pod'");
        } else {
            amounts.iter().for_each(|(name, _)| check(name, &at.key(name), causes));
        }
    }
}

/// The bounds of each resource must agree with each other.
fn bounds(limit: &LimitRangeItem, at: &Path<'_>, causes: &mut Causes) {
    let parts = [&limit.max, &limit.min, &limit.default, &limit.default_request, &limit.max_limit_request_ratio];
    let mut resources: Vec<&Str> = parts.iter().flat_map(|part| part.iter().map(|(name, _)| name)).collect();
    resources.sort();
    resources.dedup();
    for name in resources {
        let [max, min, default, request, ratio] = parts.map(|part| part.get(name));
        let mut compare = |low: (Option<&Quantity>, &str), high: (Option<&Quantity>, &str), told: (&str, bool)| {
            let ((Some(a), what_a), (Some(b), what_b)) = (low, high) else { return };
            if a.milli() > b.milli() {
                let shown = if told.1 { a } else { b };
                let detail = format!("{what_a} value {a} is greater than {what_b} value {b}");
                causes.invalid(&at.field(told.0).key(name), shown.to_string(), detail);
            }
        };
        compare((min, "min"), (max, "max"), ("min", true));
        compare((min, "min"), (request, "default request"), ("defaultRequest", false));
        compare((request, "default request"), (max, "max"), ("defaultRequest", true));
        compare((request, "default request"), (default, "default limit"), ("defaultRequest", true));
        compare((min, "min"), (default, "default"), ("default", true));
        compare((default, "default"), (max, "max"), ("default", false));
        if let Some(ratio) = ratio {
            self::ratio(ratio, min.zip(max), &at.field("maxLimitRequestRatio").key(name), causes);
        }
        if let (Some(default), Some(request)) = (default, request)
            && !pod::is_overcommitted(name)
            && default.milli() != request.milli()
        {
            let detail = format!("default value {default} must equal to defaultRequest value {request} in {name}");
            causes.invalid(&at.field("defaultRequest").key(name), request.to_string(), detail);
        }
    }
}

fn ratio(ratio: &Quantity, bounds: Option<(&Quantity, &Quantity)>, at: &Path<'_>, causes: &mut Causes) {
    if ratio.milli() < 1000 {
        causes.invalid(at, ratio.to_string(), format!("ratio {ratio} is less than 1"));
    }
    if let Some((min, max)) = bounds.filter(|(min, _)| !min.is_zero())
        && i128::from(ratio.milli()) * i128::from(min.milli()) > i128::from(max.milli()) * 1000
    {
        let most = crate::admission::quotient(max.milli(), min.milli());
        causes.invalid(at, ratio.to_string(), format!("ratio {ratio} is greater than max/min = {most}"));
    }
}

#[cfg(test)]
mod tests {
    use crate::registry::tests::{refused, server};
    use expect_test::expect;
    use serde_json::{Value, json};

    fn range(limit: Value) -> Value {
        json!({"apiVersion": "v1", "kind": "LimitRange", "metadata": {"name": "l"}, "spec": {"limits": [limit]}})
    }

    #[test]
    fn defaults_come_from_the_bounds() {
        let limit =
            json!({"type": "Container", "max": {"cpu": "1"}, "min": {"memory": "64Mi"}, "default": {"memory": "1Gi"}});
        let created = server().create_from(range(limit)).expect("sound");
        expect![[r#"{"default":{"cpu":"1","memory":"1Gi"},"defaultRequest":{"cpu":"1","memory":"1Gi"},"max":{"cpu":"1"},"min":{"memory":"64Mi"},"type":"Container"}"#]]
            .assert_eq(&created.write_body()["spec"]["limits"][0].to_string());
    }

    #[test]
    fn bounds_must_agree() {
        refused(
            range(json!({"type": "Container", "min": {"cpu": "2"}, "max": {"cpu": "1"}})),
            expect![[r#"
            spec.limits[0].min[cpu]: Invalid value: "2": min value 2 is greater than max value 1
            spec.limits[0].defaultRequest[cpu]: Invalid value: "1": min value 2 is greater than default request value 1
            spec.limits[0].default[cpu]: Invalid value: "2": min value 2 is greater than default value 1"#]],
        );
        refused(
            range(json!({"type": "Container", "max": {"cpu": "1"}, "min": {"cpu": "100m"}, "default": {"cpu": "2"},
                "defaultRequest": {"cpu": "50m"}, "maxLimitRequestRatio": {"cpu": "20"}})),
            expect![[r#"
                spec.limits[0].defaultRequest[cpu]: Invalid value: "50m": min value 100m is greater than default request value 50m
                spec.limits[0].default[cpu]: Invalid value: "1": default value 2 is greater than max value 1
                spec.limits[0].maxLimitRequestRatio[cpu]: Invalid value: "20": ratio 20 is greater than max/min = 10.000000"#]],
        );
        refused(
            range(json!({"type": "Pod", "default": {"cpu": "1"}, "max": {"gpu": 1}})),
            expect![[r#"
            spec.limits[0].max[gpu]: Invalid value: "gpu": must be a standard resource type or fully qualified
            spec.limits[0].max[gpu]: Invalid value: "gpu": must be a standard resource for containers
            spec.limits[0].default: Forbidden: may not be specified when `type` is 'Pod'"#]],
        );
        refused(
            range(json!({"type": "PersistentVolumeClaim"})),
            expect![[
                r#"LimitRange "l" is invalid: spec.limits[0].limits: Required value: either minimum or maximum storage value is required, but neither was provided"#
            ]],
        );
        refused(
            range(json!({"type": "Node", "max": {"storage": "1Gi"}, "maxLimitRequestRatio": {"cpu": "500m"}})),
            expect![[r#"
                spec.limits[0].type: Invalid value: "Node": must be a standard limit type or fully qualified
                spec.limits[0].maxLimitRequestRatio[cpu]: Invalid value: "500m": ratio 500m is less than 1"#]],
        );
    }
}
