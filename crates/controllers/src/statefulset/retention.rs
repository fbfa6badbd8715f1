//! Who owns a claim: the owner references that the retention policy asks for, so that garbage collection deletes a
//! claim with its set or with a pod that was scaled away.
//! Models: isClaimOwnerUpToDate and updateClaimOwnerRefForSetAndPod in pkg/controller/statefulset/stateful_set_utils.go.

use api::{List, ObjectKey, OwnerReference, PersistentVolumeClaim, Resource, StatefulSet, Str};

/// The pod on whose behalf a claim is looked at. It has no UID before it is created.
pub(super) struct Mount<'a> {
    pub key: ObjectKey,
    pub uid: &'a Str,
    /// Whether its ordinal is outside the range that the set wants.
    pub scaled_down: bool,
}

/// What is to become of a claim's owner references.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Owners {
    /// They are as they should be, or nobody may touch them.
    Fine,
    /// They are to be these.
    Set(List<OwnerReference>),
}

/// Compares a claim's owners with what the policy asks for.
pub(super) fn owners(claim: &PersistentVolumeClaim, set: &StatefulSet, pod: &Mount<'_>) -> Owners {
    let refs = &claim.metadata.owner_references;
    let stale = |key: &ObjectKey, uid: &Str| refs.iter().find(|r| names(r, key)).is_some_and(|r| r.uid != *uid);
    let (set_key, set_uid) = (set.key(), &set.metadata.uid);
    if stale(&set_key, set_uid) || stale(&pod.key, pod.uid) {
        // A set or pod of this name that is gone still owns the claim: garbage collection decides.
        return Owners::Fine;
    }
    let ours = |r: &&OwnerReference| r.uid == *set_uid || !pod.uid.is_empty() && r.uid == *pod.uid;
    let strangers = || refs.iter().filter(|r| !names(r, &set_key) && !names(r, &pod.key)).cloned();
    if has_unexpected_controller(claim, set, pod) {
        return if refs.iter().any(|r| ours(&r)) { Owners::Set(strangers().collect()) } else { Owners::Fine };
    }
    let wanted = match (deletes_when_scaled(set) && pod.scaled_down, deletes_with_set(set)) {
        (true, _) => Some(OwnerReference::controller_of(&pod.key, pod.uid)),
        (false, true) => Some(OwnerReference::controller_of(&set_key, set_uid)),
        (false, false) => None,
    };
    let have: Vec<&OwnerReference> = refs.iter().filter(ours).collect();
    let uid = wanted.as_ref().map(|r| &r.uid);
    let fits =
        have.iter().all(|r| r.controller == Some(true) && Some(&r.uid) == uid) && have.is_empty() == uid.is_none();
    if fits { Owners::Fine } else { Owners::Set(strangers().chain(wanted).collect()) }
}

/// Whether somebody else is the managing controller of a claim that a policy wants to own.
pub(super) fn has_unexpected_controller(claim: &PersistentVolumeClaim, set: &StatefulSet, pod: &Mount<'_>) -> bool {
    if !deletes_when_scaled(set) && !deletes_with_set(set) {
        return false;
    }
    let set_key = set.key();
    claim.metadata.owner_references.iter().any(|r| {
        if names(r, &set_key) {
            r.uid != set.metadata.uid
        } else if names(r, &pod.key) {
            r.uid != *pod.uid
        } else {
            r.controller == Some(true)
        }
    })
}

/// Whether a claim still belongs to an earlier pod of this name and will go with it.
pub(super) fn is_stale(claim: &PersistentVolumeClaim, set: &StatefulSet, pod: &Mount<'_>) -> bool {
    let owner = claim.metadata.owner_references.iter().find(|r| names(r, &pod.key));
    deletes_when_scaled(set) && owner.is_some_and(|r| r.uid != *pod.uid)
}

fn deletes_when_scaled(set: &StatefulSet) -> bool {
    set.spec.persistent_volume_claim_retention_policy.as_ref().is_some_and(|policy| policy.when_scaled == "Delete")
}

fn deletes_with_set(set: &StatefulSet) -> bool {
    set.spec.persistent_volume_claim_retention_policy.as_ref().is_some_and(|policy| policy.when_deleted == "Delete")
}

/// Whether a reference names an object of this kind and name, whatever its UID.
fn names(reference: &OwnerReference, key: &ObjectKey) -> bool {
    (reference.api_version.as_str(), reference.kind.as_str()) == key.kind.type_meta() && reference.name == key.name
}

#[cfg(test)]
mod tests {
    use super::*;
    use api::{ClaimRetentionPolicy, Kind};

    fn check(deleted: &str, scaled: &str, scaled_down: bool, owners_now: &[&str]) -> String {
        let mut set = StatefulSet::default();
        set.metadata.name = "web".into();
        set.metadata.uid = "set".into();
        set.spec.persistent_volume_claim_retention_policy = Some(ClaimRetentionPolicy {
            when_deleted: deleted.into(),
            when_scaled: scaled.into(),
            ..Default::default()
        });
        let key = ObjectKey::new(Kind::Pod, "", "web-0");
        let make = |uid: &&str| match *uid {
            "set" => OwnerReference::controller_of(&set.key(), &"set".into()),
            "pod" | "old-pod" => OwnerReference::controller_of(&key, &(*uid).into()),
            other => OwnerReference::controller_of(&ObjectKey::new(Kind::Pod, "", other), &other.into()),
        };
        let mut claim = PersistentVolumeClaim::default();
        claim.metadata.owner_references = owners_now.iter().map(make).collect();
        match owners(&claim, &set, &Mount { key, uid: &"pod".into(), scaled_down }) {
            Owners::Fine => "fine".to_owned(),
            Owners::Set(refs) => format!("{:?}", refs.iter().map(|r| r.uid.as_str()).collect::<Vec<_>>()),
        }
    }

    #[test]
    fn the_policy_decides_who_owns_a_claim() {
        let cases = [
            // policy when deleted, when scaled; scaled down; owners now; what is to be done
            ("Retain", "Retain", false, &[][..], "fine"),
            ("Retain", "Retain", true, &["set"][..], "[]"),
            ("Delete", "Retain", false, &[][..], "[\"set\"]"),
            ("Delete", "Retain", true, &["set"][..], "fine"),
            ("Retain", "Delete", false, &[][..], "fine"),
            ("Retain", "Delete", true, &[][..], "[\"pod\"]"),
            ("Delete", "Delete", true, &["set"][..], "[\"pod\"]"),
            ("Delete", "Delete", false, &["pod"][..], "[\"set\"]"),
            ("Delete", "Delete", false, &["old-pod"][..], "fine"),
            ("Delete", "Delete", false, &["stranger"][..], "fine"),
            ("Delete", "Delete", false, &["stranger", "set"][..], "[\"stranger\"]"),
        ];
        for (deleted, scaled, scaled_down, now, expected) in cases {
            assert_eq!(check(deleted, scaled, scaled_down, now), expected, "{deleted} {scaled} {scaled_down} {now:?}");
        }
    }
}
