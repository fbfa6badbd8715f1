//! A pod's rules on other pods, ready to be compared.
//! Models: staging/src/k8s.io/kube-scheduler/framework (AffinityTerm), pkg/scheduler/framework/types.go (PodInfo.Update).

use crate::selector::{Requirement, Selector};
use api::{Pod, PodAffinity, PodAffinityTerm, Str, StrMap};
use std::collections::BTreeSet;

/// Which pods, in which namespaces, over which domain.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Term {
    /// The namespaces named.
    pub(crate) namespaces: BTreeSet<Str>,
    /// Further namespaces, by label.
    pub(crate) namespace_selector: Selector,
    /// The pods.
    pub(crate) selector: Selector,
    /// The node label that makes a domain.
    pub(crate) topology_key: Str,
}

/// All rules of one pod. Pods with equal rules share them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct PodTerms {
    /// Must be near.
    pub(crate) required_affinity: Vec<Term>,
    /// Must be away from.
    pub(crate) required_anti: Vec<Term>,
    /// Should be near, by weight.
    pub(crate) preferred_affinity: Vec<(i32, Term)>,
    /// Should be away from, by weight.
    pub(crate) preferred_anti: Vec<(i32, Term)>,
}

impl PodTerms {
    /// The rules of a pod, if it has any.
    pub(crate) fn of(pod: &Pod) -> Option<PodTerms> {
        let affinity = pod.spec.affinity.as_ref()?;
        let (near, away) = (affinity.pod_affinity.as_ref(), affinity.pod_anti_affinity.as_ref());
        let required = |rules: Option<&PodAffinity>| -> Vec<Term> {
            rules.map_or_else(Vec::new, |r| r.required.iter().map(|t| Term::of(t, pod)).collect())
        };
        let preferred = |rules: Option<&PodAffinity>| -> Vec<(i32, Term)> {
            rules.map_or_else(Vec::new, |r| {
                r.preferred.iter().map(|t| (t.weight, Term::of(&t.pod_affinity_term, pod))).collect()
            })
        };
        let terms = PodTerms {
            required_affinity: required(near),
            required_anti: required(away),
            preferred_affinity: preferred(near),
            preferred_anti: preferred(away),
        };
        let none = terms.required_affinity.is_empty()
            && terms.required_anti.is_empty()
            && terms.preferred_affinity.is_empty()
            && terms.preferred_anti.is_empty();
        (!none).then_some(terms)
    }
}

impl Term {
    fn of(term: &PodAffinityTerm, pod: &Pod) -> Term {
        let mut namespaces: BTreeSet<Str> = term.namespaces.iter().cloned().collect();
        if namespaces.is_empty() && term.namespace_selector.is_none() {
            namespaces.insert(pod.metadata.namespace.clone());
        }
        let keys = |field: &str| -> Vec<(Str, Str)> {
            let listed = term.rest.get(field).and_then(serde_json::Value::as_array);
            let names = listed.into_iter().flatten().filter_map(serde_json::Value::as_str);
            names.filter_map(|key| Some((key.into(), pod.metadata.labels.get(key)?.clone()))).collect()
        };
        let same = keys("matchLabelKeys").into_iter().map(|(key, value)| Requirement::is_in(&key, vec![value]));
        let other = keys("mismatchLabelKeys").into_iter().map(|(key, value)| Requirement::not_in(&key, vec![value]));
        Term {
            namespaces,
            namespace_selector: Selector::of(term.namespace_selector.as_ref()),
            selector: Selector::of(term.label_selector.as_ref()).and(same.chain(other)),
            topology_key: term.topology_key.clone(),
        }
    }

    /// Whether the pod is meant; `namespace_labels` are those of its namespace.
    pub(crate) fn matches(&self, pod: &Pod, namespace_labels: &StrMap) -> bool {
        (self.namespaces.contains(&pod.metadata.namespace) || self.namespace_selector.matches(namespace_labels))
            && self.selector.matches(&pod.metadata.labels)
    }
}

/// Whether the pod is meant by every one of the terms (and there is one).
pub(crate) fn matches_all(terms: &[Term], pod: &Pod, namespace_labels: &StrMap) -> bool {
    !terms.is_empty() && terms.iter().all(|term| term.matches(pod, namespace_labels))
}
