//! What makes a pod a member of a StatefulSet: its name, labels, host name and claims.
//! Models: pkg/controller/statefulset/stateful_set_utils.go.

use crate::pod_control::{Owner, pod_from_template};
use api::{ClaimSource, List, PersistentVolumeClaim, Pod, PodTemplateSpec, Rest, StatefulSet, Str, StrMap, Volume};
use std::rc::Rc;

/// Label with the pod's own name.
pub(super) const POD_NAME_LABEL: &str = "statefulset.kubernetes.io/pod-name";
/// Label with the ordinal.
pub(super) const POD_INDEX_LABEL: &str = "apps.kubernetes.io/pod-index";
/// Label with the name of the pod's revision.
pub(super) const REVISION_LABEL: &str = "controller-revision-hash";

/// The name before the last dash and the ordinal behind it; -1 if that number is too large for one.
fn parent_and_ordinal(name: &str) -> Option<(&str, i32)> {
    let (parent, digits) = name.rsplit_once('-')?;
    let is_number = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    is_number.then(|| (parent, digits.parse().unwrap_or(-1)))
}

/// Whether a pod bears the name of a member.
pub(super) fn is_member(set: &StatefulSet, pod: &Pod) -> bool {
    parent_and_ordinal(&pod.metadata.name).is_some_and(|(parent, _)| set.metadata.name == *parent)
}

/// The ordinal in a pod's name, -1 if there is none.
pub(super) fn ordinal(pod: &Pod) -> i32 {
    parent_and_ordinal(&pod.metadata.name).map_or(-1, |(_, ordinal)| ordinal)
}

/// The name of the member with this ordinal.
pub(super) fn pod_name(set: &StatefulSet, ordinal: i32) -> Str {
    format!("{}-{ordinal}", set.metadata.name).into()
}

/// The name of a member's claim.
pub(super) fn claim_name(set: &StatefulSet, template: &PersistentVolumeClaim, ordinal: i32) -> Str {
    format!("{}-{}-{ordinal}", template.metadata.name, set.metadata.name).into()
}

/// Whether a claim has the name of one that the set made.
pub(super) fn is_claim_of(set: &StatefulSet, claim: &str) -> bool {
    set.spec.volume_claim_templates.iter().any(|template| {
        parent_and_ordinal(claim).is_some_and(|(parent, _)| {
            let rest = parent.strip_prefix(template.metadata.name.as_str()).and_then(|rest| rest.strip_prefix('-'));
            rest.is_some_and(|name| set.metadata.name == *name)
        })
    })
}

/// The claims of the member with this ordinal, as they are to be made.
pub(super) fn claims(set: &StatefulSet, ordinal: i32) -> impl Iterator<Item = PersistentVolumeClaim> {
    set.spec.volume_claim_templates.iter().map(move |template| {
        let mut claim = template.clone();
        claim.metadata.name = claim_name(set, template, ordinal);
        claim.metadata.namespace = set.metadata.namespace.clone();
        claim.metadata.labels = merged(&template.metadata.labels, &set.spec.selector.match_labels);
        claim.rest = Rest::default();
        claim
    })
}

fn merged(labels: &StrMap, over: &StrMap) -> StrMap {
    labels.iter().chain(over.iter()).map(|(k, v)| (k.clone(), v.clone())).collect()
}

/// Whether a pod has the name and labels of a member.
pub(super) fn identity_matches(set: &StatefulSet, pod: &Pod) -> bool {
    let ordinal = ordinal(pod);
    ordinal >= 0
        && pod.metadata.name == pod_name(set, ordinal)
        && pod.metadata.labels.get(POD_NAME_LABEL) == Some(&pod.metadata.name)
}

/// Whether a pod mounts the claims of its ordinal.
pub(super) fn storage_matches(set: &StatefulSet, pod: &Pod) -> bool {
    let ordinal = ordinal(pod);
    set.spec.volume_claim_templates.iter().all(|template| {
        let volume = pod.spec.volumes.iter().find(|volume| volume.name == template.metadata.name);
        let source = volume.and_then(|volume| volume.persistent_volume_claim.as_ref());
        source.is_some_and(|source| source.claim_name == claim_name(set, template, ordinal))
    })
}

/// Gives a pod the name and labels of a member.
pub(super) fn update_identity(set: &StatefulSet, ordinal: i32, pod: &mut Pod) {
    let name = pod_name(set, ordinal);
    let labels = pod.metadata.labels.with(POD_NAME_LABEL, name.clone());
    pod.metadata.labels = labels.with(POD_INDEX_LABEL, ordinal.to_string());
    pod.metadata.name = name;
}

/// Lets a pod mount the claims of its ordinal in place of volumes of the same names.
pub(super) fn update_storage(set: &StatefulSet, ordinal: i32, pod: &mut Pod) {
    let templates = &set.spec.volume_claim_templates;
    let claims = templates.iter().map(|template| Volume {
        name: template.metadata.name.clone(),
        persistent_volume_claim: Some(Rc::new(ClaimSource {
            claim_name: claim_name(set, template, ordinal),
            ..Default::default()
        })),
        ..Default::default()
    });
    let is_claimed = |volume: &&Volume| templates.iter().any(|template| template.metadata.name == volume.name);
    let others = pod.spec.volumes.iter().filter(|volume| !is_claimed(volume)).cloned();
    let volumes: List<Volume> = claims.chain(others).collect();
    pod.spec.volumes = volumes;
}

/// The member with this ordinal, made from the template of the named revision.
pub(super) fn new_pod(set: &StatefulSet, template: &PodTemplateSpec, revision: &str, ordinal: i32) -> Pod {
    let mut pod = pod_from_template(template, &Owner::new(set, &set.spec.selector));
    update_identity(set, ordinal, &mut pod);
    pod.spec.hostname = pod.metadata.name.clone();
    pod.spec.subdomain = set.spec.service_name.clone();
    update_storage(set, ordinal, &mut pod);
    pod.metadata.labels = pod.metadata.labels.with(REVISION_LABEL, revision);
    pod
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_parent_and_ordinal() {
        for (name, expected) in [
            ("web-0", Some(("web", 0))),
            ("my-web-12", Some(("my-web", 12))),
            ("web-007", Some(("web", 7))),
            ("web-99999999999", Some(("web", -1))),
            ("web", None),
            ("web-", None),
            ("web-x", None),
            ("web--1", Some(("web-", 1))),
        ] {
            assert_eq!(parent_and_ordinal(name), expected, "{name}");
        }
    }
}
