//! What may change in a pod. Models: ValidatePodUpdate of pkg/apis/core/validation/validation.go.

use super::validate;
use crate::registry::check::{Causes, Path};
use crate::registry::internal;
use api::{Affinity, Container, List, NodeAffinity, NodeSelectorTerm, Pod, PodSpec, Toleration, Wire};
use std::rc::Rc;

const MUTABLE: &str = "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)";
const SPEC: Path<'static> = Path::root("spec");

/// Everything that is wrong with a changed pod, its metadata aside.
pub(in crate::registry) fn validate_update(new: &Pod, old: &Pod, causes: &mut Causes) {
    if new.spec == old.spec && new.metadata.annotations == old.metadata.annotations {
        return;
    }
    validate::validate_pod(new, causes);
    let (spec, before) = (&new.spec, &old.spec);
    let lists = [
        ("containers", &spec.containers, &before.containers),
        ("initContainers", &spec.init_containers, &before.init_containers),
    ];
    for (field, list, before) in lists {
        if list.len() != before.len() {
            return causes.forbidden(&SPEC.field(field), "pod updates may not add or remove containers");
        }
    }
    if !deadline(spec, before, causes) {
        return;
    }
    only_added_tolerations(spec, before, causes);
    only_deleted_gates(spec, before, causes);
    let munged = munge(spec, before, causes);
    if munged != *before {
        let diff = internal::pod_spec_diff(before, &munged);
        causes.forbidden(&SPEC, &format!("{MUTABLE}\n{diff}"));
    }
}

/// A deadline may be set or shortened. Answers whether it is worth looking further.
fn deadline(spec: &PodSpec, before: &PodSpec, causes: &mut Causes) -> bool {
    let at = SPEC.field("activeDeadlineSeconds");
    match (spec.active_deadline_seconds, before.active_deadline_seconds) {
        (Some(new), Some(old)) if new > old => {
            causes.invalid(&at, new, "must be less than or equal to previous value");
            return false;
        }
        (None, Some(_)) => {
            causes.invalid(&at, serde_json::Value::Null, "must not update from a positive integer to nil value");
        }
        _ => {}
    }
    true
}

fn only_added_tolerations(spec: &PodSpec, before: &PodSpec, causes: &mut Causes) {
    let kept = |old: &Toleration| {
        spec.tolerations
            .iter()
            .any(|new| Toleration { toleration_seconds: new.toleration_seconds, ..old.clone() } == *new)
    };
    if !before.tolerations.iter().all(kept) {
        let detail = "existing toleration can not be modified except its tolerationSeconds";
        causes.forbidden(&SPEC.field("tolerations"), detail);
    }
}

fn only_deleted_gates(spec: &PodSpec, before: &PodSpec, causes: &mut Causes) {
    let at = SPEC.field("schedulingGates");
    for (i, gate) in spec.scheduling_gates.iter().enumerate() {
        if !before.scheduling_gates.iter().any(|old| old.name == gate.name) {
            let detail = format!("only deletion is allowed, but found new scheduling gate '{}'", gate.name);
            causes.forbidden(&at.index(i).field("name"), &detail);
        }
    }
}

/// The new spec with all that may change put back: what still differs may not.
fn munge(spec: &PodSpec, before: &PodSpec, causes: &mut Causes) -> PodSpec {
    let images = |new: &List<Container>, old: &List<Container>| -> List<Container> {
        new.iter().zip(old.iter()).map(|(n, o)| Container { image: o.image.clone(), ..n.clone() }).collect()
    };
    let mut munged = PodSpec {
        containers: images(&spec.containers, &before.containers),
        init_containers: images(&spec.init_containers, &before.init_containers),
        active_deadline_seconds: before.active_deadline_seconds,
        scheduling_gates: before.scheduling_gates.clone(),
        tolerations: before.tolerations.clone(),
        ..spec.clone()
    };
    if before.termination_grace_period_seconds.is_some_and(|s| s < 0)
        && spec.termination_grace_period_seconds == Some(1)
    {
        munged.termination_grace_period_seconds = before.termination_grace_period_seconds;
    }
    if !before.scheduling_gates.is_empty() {
        narrow_nodes(&mut munged, before, causes);
    }
    munged
}

/// The nodes of a gated pod may be narrowed.
fn narrow_nodes(munged: &mut PodSpec, before: &PodSpec, causes: &mut Causes) {
    if before.node_selector.iter().any(|(key, value)| munged.node_selector.get(key) != Some(value)) {
        let detail = "only additions to spec.nodeSelector are allowed (no mutations or deletions)";
        causes.invalid(&SPEC.field("nodeSelector"), munged.node_selector.write(), detail);
    }
    munged.node_selector = before.node_selector.clone();
    let nodes = |spec: &PodSpec| spec.affinity.as_ref().and_then(|a| a.node_affinity.clone());
    let (new, old) = (nodes(munged), nodes(before));
    if new == old {
        return;
    }
    only_added_node_terms(new.as_ref(), old.as_ref(), causes);
    let affinity = Affinity { node_affinity: old, ..munged.affinity.as_deref().cloned().unwrap_or_default() };
    munged.affinity = if before.affinity.is_none() && affinity.is_absent() { None } else { Some(Rc::new(affinity)) };
}

fn only_added_node_terms(new: Option<&NodeAffinity>, old: Option<&NodeAffinity>, causes: &mut Causes) {
    let terms = |affinity: Option<&NodeAffinity>| -> Vec<NodeSelectorTerm> {
        affinity.and_then(|a| a.required.as_ref()).map_or(Vec::new(), |r| r.node_selector_terms.to_vec())
    };
    let (new, old) = (terms(new), terms(old));
    let at = SPEC.field("affinity");
    let at = at.field("nodeAffinity");
    let at = at.field("requiredDuringSchedulingIgnoredDuringExecution");
    let at = at.field("nodeSelectorTerms");
    if !old.is_empty() && old.len() != new.len() {
        let list: Vec<serde_json::Value> = new.iter().map(Wire::write).collect();
        let detail = "no additions/deletions to non-empty NodeSelectorTerms list are allowed";
        return causes.invalid(&at, list, detail);
    }
    for (i, (new, old)) in new.iter().zip(&old).enumerate() {
        let was_empty = old.match_expressions.is_empty() && old.match_fields.is_empty();
        let is_empty = new.match_expressions.is_empty() && new.match_fields.is_empty();
        let only_added = new.match_expressions.starts_with(&old.match_expressions)
            && new.match_fields.starts_with(&old.match_fields)
            && (!was_empty || is_empty);
        if !only_added {
            causes.invalid(&at.index(i), new.write(), "only additions are allowed (no mutations or deletions)");
        }
    }
}
