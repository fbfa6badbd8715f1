//! The writes of a StatefulSet's pass, with the events that tell of them: pods and their claims.
//! Models: pkg/controller/statefulset/stateful_pod_control.go.

use super::control::{Flow, Pass};
use super::identity;
use super::retention::{self, Mount, Owners};
use api::{Kind, ObjectKey, PersistentVolumeClaim, Pod, Resource, Str};
use apiserver::{DeleteOptions, EventRecord, Step, Write};
use std::rc::Rc;

/// Who records the events.
pub(super) const COMPONENT: &str = "statefulset-controller";

/// Creates a missing pod after its claims. Models: CreateStatefulPod.
pub(super) fn create_pod(pass: &mut Pass<'_>, ordinal: i32, revision: &str) -> Flow {
    let name = identity::pod_name(pass.set, ordinal);
    let key = ObjectKey::new(Kind::Pod, pass.set.metadata.namespace.clone(), name.clone());
    let no_uid = Str::default();
    let mount = Mount { key: key.clone(), uid: &no_uid, scaled_down: false };
    if let Some(stale) = stored_claims(pass, ordinal).find(|claim| retention::is_stale(claim, pass.set, &mount)) {
        let key = stale.key();
        pass.wait_for_claim(&name, key, "goes with the pod that was scaled away");
        return Flow::Stop;
    }
    if !create_claims(pass, ordinal, &name, Some("Create")) {
        return Flow::Fail;
    }
    let template = pass.revisions.template(pass.set, revision);
    let pod = identity::new_pod(pass.set, &template, revision, ordinal);
    let taken = pass.lister.object(&key).is_some();
    let (on_success, on_failure) = if taken { (None, None) } else { pod_events(pass, "Create", &name) };
    pass.plan.steps.push(Step {
        write: Write::Create(pod.into_object()),
        on_success,
        on_failure,
        // A name that is taken is known to be refused; it is tried all the same, as only that brings the retry.
        keep_going: taken,
    });
    if taken {
        pass.wait_for_name(key);
        return Flow::Fail;
    }
    write_claim_owners(pass, ordinal, &mount);
    if pass.is_monotonic() { Flow::Stop } else { Flow::Go }
}

/// Deletes a pod.
pub(super) fn delete_pod(pass: &mut Pass<'_>, pod: &Pod) {
    delete(pass, &pod.metadata.name);
}

/// Deletes the pod of this name. Models: DeleteStatefulPod.
pub(super) fn delete(pass: &mut Pass<'_>, name: &Str) {
    let key = ObjectKey::new(Kind::Pod, pass.set.metadata.namespace.clone(), name.clone());
    let (on_success, on_failure) = pod_events(pass, "Delete", name);
    let write = Write::Delete(key, DeleteOptions::default());
    pass.plan.steps.push(Step { write, on_success, on_failure, keep_going: false });
}

/// Creates the claims that a pending pod lacks and sees to their owners. Answers whether an owner was written, or
/// nothing if a claim is on its way out. Models: createMissingPersistentVolumeClaims.
pub(super) fn complete_claims(pass: &mut Pass<'_>, pod: &Pod) -> Option<bool> {
    let ordinal = identity::ordinal(pod);
    create_claims(pass, ordinal, &pod.metadata.name, None).then(|| update_claim_owners(pass, pod))
}

/// Brings a pod's labels, volumes and claims back to what its ordinal asks for. Models: UpdateStatefulPod.
pub(super) fn keep_invariants(pass: &mut Pass<'_>, pod: &Pod, claims_written: bool) -> Flow {
    let identity_matches = identity::identity_matches(pass.set, pod);
    let storage_matches = identity::storage_matches(pass.set, pod);
    let owners_match = claims_written || claims_have_right_owners(pass, pod);
    if identity_matches && storage_matches && owners_match {
        return Flow::Go;
    }
    let ordinal = identity::ordinal(pod);
    let mut changed = pod.clone();
    if !identity_matches {
        identity::update_identity(pass.set, ordinal, &mut changed);
    }
    if !storage_matches {
        identity::update_storage(pass.set, ordinal, &mut changed);
        if !create_claims(pass, ordinal, &pod.metadata.name, Some("Update")) {
            return Flow::Fail;
        }
    }
    if !owners_match {
        update_claim_owners(pass, pod);
    }
    let (on_success, on_failure) = pod_events(pass, "Update", &changed.metadata.name);
    let write = Write::Update(changed.into_object());
    pass.plan.steps.push(Step { write, on_success, on_failure, keep_going: false });
    Flow::Go
}

/// Whether the claims of a pod are owned as the retention policy wants. Models: ClaimsMatchRetentionPolicy.
pub(super) fn claims_have_right_owners(pass: &Pass<'_>, pod: &Pod) -> bool {
    let mount = mount(pass, pod);
    let mut claims = stored_claims(pass, identity::ordinal(pod));
    claims.all(|claim| retention::owners(&claim, pass.set, &mount) == Owners::Fine)
}

/// Gives the claims of a pod the owners that the retention policy wants; answers whether one was written.
pub(super) fn update_claim_owners(pass: &mut Pass<'_>, pod: &Pod) -> bool {
    let mount = mount(pass, pod);
    write_claim_owners(pass, identity::ordinal(pod), &mount)
}

/// Models: UpdatePodClaimForRetentionPolicy.
fn write_claim_owners(pass: &mut Pass<'_>, ordinal: i32, mount: &Mount<'_>) -> bool {
    let mut written = false;
    let claims: Vec<Rc<PersistentVolumeClaim>> = stored_claims(pass, ordinal).collect();
    for claim in claims {
        if retention::has_unexpected_controller(&claim, pass.set, mount) {
            let message = format!(
                "PersistentVolumeClaim {} has a conflicting OwnerReference that acts as a manging controller, the retention policy is ignored for this claim",
                claim.metadata.name
            );
            pass.plan.record(EventRecord::warning(pass.set, COMPONENT, "ConflictingController", message));
        }
        if let Owners::Set(owners) = retention::owners(&claim, pass.set, mount) {
            let mut owned = PersistentVolumeClaim::clone(&claim);
            owned.metadata.owner_references = owners;
            pass.plan.write(Write::Update(owned.into_object()));
            written = true;
        }
    }
    written
}

/// Creates the claims of an ordinal that do not exist. Answers false if one of them is still being deleted: then a
/// write is planned that is bound to fail, so that the set is looked at again, and `verb` names the event that tells
/// of it. Models: createPersistentVolumeClaims.
fn create_claims(pass: &mut Pass<'_>, ordinal: i32, pod: &Str, verb: Option<&str>) -> bool {
    let mut leaving = Vec::new();
    for claim in identity::claims(pass.set, ordinal) {
        let stored = pass.lister.get::<PersistentVolumeClaim>(&claim.metadata.namespace, &claim.metadata.name);
        match stored {
            None => {
                let step = create_claim(pass, pod, claim);
                pass.plan.steps.push(step);
            }
            Some(stored) if stored.metadata.is_terminating() => leaving.push(claim),
            Some(_) => {}
        }
    }
    let texts: Vec<String> = leaving.iter().map(|c| format!("pvc {} is being deleted", c.metadata.name)).collect();
    let text = if texts.len() == 1 { texts.concat() } else { format!("[{}]", texts.join(", ")) };
    let Some(first) = leaving.into_iter().next() else { return true };
    pass.wait_for_claim(pod, first.key(), "is being deleted");
    let on_failure = verb.map(|verb| failed_pod_event(pass, verb, pod, &text));
    let write = Write::Create(first.into_object());
    pass.plan.steps.push(Step { write, on_success: None, on_failure, keep_going: true });
    false
}

fn create_claim(pass: &Pass<'_>, pod: &Str, claim: PersistentVolumeClaim) -> Step {
    let (set, name) = (&pass.set.metadata.name, &claim.metadata.name);
    let success = format!("Create Claim {name} Pod {pod} in StatefulSet {set} success");
    let failure = format!("Create Claim {name} for Pod {pod} in StatefulSet {set} failed error: {{error}}");
    Step {
        on_success: Some(EventRecord::normal(pass.set, COMPONENT, "SuccessfulCreate", success)),
        on_failure: Some(EventRecord::warning(pass.set, COMPONENT, "FailedCreate", failure)),
        write: Write::Create(claim.into_object()),
        keep_going: false,
    }
}

/// The claims of an ordinal that exist.
fn stored_claims<'a>(pass: &Pass<'a>, ordinal: i32) -> impl Iterator<Item = Rc<PersistentVolumeClaim>> + use<'a> {
    let (set, lister) = (pass.set, pass.lister);
    set.spec.volume_claim_templates.iter().filter_map(move |template| {
        lister.get(&set.metadata.namespace, &identity::claim_name(set, template, ordinal)).cloned()
    })
}

fn mount<'p>(pass: &Pass<'_>, pod: &'p Pod) -> Mount<'p> {
    let from_start = identity::ordinal(pod) - pass.set.spec.start_ordinal();
    let scaled_down = from_start < 0 || from_start >= pass.set.spec.replicas.unwrap_or(0);
    Mount { key: pod.key(), uid: &pod.metadata.uid, scaled_down }
}

/// The events about a write to a pod. Models: recordPodEvent.
fn pod_events(pass: &Pass<'_>, verb: &str, pod: &str) -> (Option<EventRecord>, Option<EventRecord>) {
    let message = format!("{verb} Pod {pod} in StatefulSet {} successful", pass.set.metadata.name);
    let success = EventRecord::normal(pass.set, COMPONENT, &format!("Successful{verb}"), message);
    (Some(success), Some(failed_pod_event(pass, verb, pod, "{error}")))
}

fn failed_pod_event(pass: &Pass<'_>, verb: &str, pod: &str, error: &str) -> EventRecord {
    let message = format!("{verb} Pod {pod} in StatefulSet {} failed error: {error}", pass.set.metadata.name);
    EventRecord::warning(pass.set, COMPONENT, &format!("Failed{verb}"), message)
}
