//! `matchLabelKeys` and `mismatchLabelKeys`: a new pod's own labels of these keys become part of its selectors.
//! Models: mutatePodAffinity and mutateTopologySpreadConstraints in pkg/registry/core/pod/strategy.go.

use api::{Affinity, LabelSelector, LabelSelectorRequirement, List, Pod, PodAffinityTerm, Str, StrMap};
use serde_json::Value;
use std::rc::Rc;

pub(super) fn merge(pod: &mut Pod) {
    let labels = pod.metadata.labels.clone();
    let constraints = &pod.spec.topology_spread_constraints;
    if constraints.iter().any(|constraint| !constraint.match_label_keys.is_empty()) {
        let merged = constraints.iter().cloned().map(|mut constraint| {
            if let Some(selector) = &mut constraint.label_selector {
                refine(selector, &constraint.match_label_keys, "In", &labels);
            }
            constraint
        });
        pod.spec.topology_spread_constraints = merged.collect();
    }
    if let Some(affinity) = pod.spec.affinity.as_mut().filter(|affinity| terms(affinity).any(has_keys)) {
        merge_affinity(Rc::make_mut(affinity), &labels);
    }
}

fn terms(affinity: &Affinity) -> impl Iterator<Item = &PodAffinityTerm> {
    [&affinity.pod_affinity, &affinity.pod_anti_affinity]
        .into_iter()
        .flatten()
        .flat_map(|side| side.required.iter().chain(side.preferred.iter().map(|weighted| &weighted.pod_affinity_term)))
}

fn has_keys(term: &PodAffinityTerm) -> bool {
    ["matchLabelKeys", "mismatchLabelKeys"].iter().any(|field| term.rest.get(field).is_some())
}

fn merge_affinity(affinity: &mut Affinity, labels: &StrMap) {
    for side in [&mut affinity.pod_affinity, &mut affinity.pod_anti_affinity].into_iter().flatten() {
        side.required = side.required.iter().map(|term| merged(term, labels)).collect();
        let weighted = side.preferred.iter().cloned().map(|mut weighted| {
            weighted.pod_affinity_term = merged(&weighted.pod_affinity_term, labels);
            weighted
        });
        side.preferred = weighted.collect();
    }
}

fn merged(term: &PodAffinityTerm, labels: &StrMap) -> PodAffinityTerm {
    let mut term = term.clone();
    // Without a selector nothing is meant, whatever the keys.
    if let Some(selector) = &mut term.label_selector {
        for (field, operator) in [("matchLabelKeys", "In"), ("mismatchLabelKeys", "NotIn")] {
            let keys = term.rest.get(field).and_then(Value::as_array);
            let keys: List<Str> = keys.into_iter().flatten().filter_map(Value::as_str).map(Str::from).collect();
            refine(selector, &keys, operator, labels);
        }
    }
    term
}

fn refine(selector: &mut LabelSelector, keys: &List<Str>, operator: &str, labels: &StrMap) {
    let added = keys.iter().filter_map(|key| {
        Some(LabelSelectorRequirement {
            key: key.clone(),
            operator: operator.into(),
            values: vec![labels.get(key)?.clone()].into(),
            ..Default::default()
        })
    });
    selector.match_expressions = selector.match_expressions.iter().cloned().chain(added).collect();
}

#[cfg(test)]
mod tests {
    use crate::registry::tests::server;
    use api::{Object, Wire};
    use expect_test::expect;
    use serde_json::json;

    #[test]
    fn labels_of_a_new_pod_become_part_of_its_selectors() {
        let term = json!({"labelSelector": {"matchLabels": {"app": "a"}}, "topologyKey": "zone",
            "matchLabelKeys": ["hash", "missing"], "mismatchLabelKeys": ["tenant"]});
        let constraint = json!({"maxSkew": 1, "topologyKey": "zone", "whenUnsatisfiable": "DoNotSchedule",
            "labelSelector": {"matchLabels": {"app": "a"}}, "matchLabelKeys": ["hash"]});
        let created = server().create_from(json!({
            "apiVersion": "v1", "kind": "Pod",
            "metadata": {"name": "a", "labels": {"app": "a", "hash": "1", "tenant": "x"}},
            "spec": {"containers": [{"name": "c", "image": "nginx"}], "topologySpreadConstraints": [constraint], "affinity": {
                "podAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [term]},
                "podAntiAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": [{"weight": 1, "podAffinityTerm": term}]}}},
        }));
        let Ok(Object::Pod(pod)) = created else { unreachable!("a valid pod") };
        let selector = |selector: &Option<api::LabelSelector>| selector.as_ref().map(Wire::write).unwrap_or_default();
        let affinity = pod.spec.affinity.as_deref().expect("kept");
        let near = affinity.pod_affinity.as_ref().map(|side| selector(&side.required[0].label_selector));
        let far = affinity.pod_anti_affinity.as_ref();
        let far = far.map(|side| selector(&side.preferred[0].pod_affinity_term.label_selector));
        assert_eq!(near, far);
        expect![[r#"
            {"matchExpressions":[{"key":"hash","operator":"In","values":["1"]},{"key":"tenant","operator":"NotIn","values":["x"]}],"matchLabels":{"app":"a"}}
            {"matchExpressions":[{"key":"hash","operator":"In","values":["1"]}],"matchLabels":{"app":"a"}}
        "#]]
        .assert_eq(&format!(
            "{}\n{}\n",
            near.unwrap_or_default(),
            selector(&pod.spec.topology_spread_constraints[0].label_selector)
        ));
    }
}
