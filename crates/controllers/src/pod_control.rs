//! What controllers that keep pods share: whose an object is, which changes concern its owner, how a pod is made from
//! a template, when it counts.
//! Models: pkg/controller/controller_utils.go, pkg/controller/controller_ref_manager.go.
//!
//! Where upstream starts slowly (batches of 1, 2, 4, …) so as not to repeat a request that is refused, the plan of a
//! StatefulSet or DaemonSet ends at the first write that fails, which comes to the same.

use api::{
    LabelSelector, List, ObjectKey, ObjectMeta, OwnerReference, Pod, PodTemplateSpec, Resource, StrMap, Time, Version,
    available_at,
};
use apiserver::{Change, DeleteOptions, EventRecord, Lister, Plan, Step, WatchEvent, Write};
use sim::SimDuration;
use std::rc::Rc;

/// An object on whose behalf others are kept.
pub(crate) struct Owner<'a> {
    /// Its key.
    pub key: ObjectKey,
    /// Its metadata.
    pub meta: &'a ObjectMeta,
    /// Which objects are its own.
    pub selector: &'a LabelSelector,
}

impl<'a> Owner<'a> {
    pub(crate) fn new(object: &'a impl Resource, selector: &'a LabelSelector) -> Self {
        Owner { key: object.key(), meta: object.meta(), selector }
    }

    /// The reference that makes an object its own.
    pub(crate) fn reference(&self) -> OwnerReference {
        OwnerReference::controller_of(&self.key, &self.meta.uid)
    }
}

/// The objects that belong to `owner`: those it controls that still match, and orphans that match, which it adopts.
/// What it controls and no longer matches is released. Models: BaseControllerRefManager.ClaimObject.
pub(crate) fn claim<T: Resource>(
    owner: &Owner<'_>,
    lister: Lister<'_>,
    also: impl Fn(&T) -> bool,
    plan: &mut Plan,
) -> Vec<Rc<T>> {
    claim_among(owner, lister, lister.owned::<T>(&owner.meta.uid), |_| true, also, plan)
}

/// The same among the objects that `counts` admits; all others are left as they are. `owned` are all that name the
/// owner among theirs.
pub(crate) fn claim_among<'a, T: Resource + 'a>(
    owner: &Owner<'_>,
    lister: Lister<'_>,
    owned: impl Iterator<Item = &'a Rc<T>>,
    counts: impl Fn(&T) -> bool,
    also: impl Fn(&T) -> bool,
    plan: &mut Plan,
) -> Vec<Rc<T>> {
    let matches = |object: &T| owner.selector.matches(&object.meta().labels) && also(object);
    let mut claimed = Vec::new();
    for object in owned.filter(|object| object.meta().is_controlled_by(&owner.meta.uid) && counts(object)) {
        if matches(object) {
            claimed.push(Rc::clone(object));
        } else if !owner.meta.is_terminating() {
            let kept = object.meta().owner_references.iter().filter(|o| o.uid != owner.meta.uid).cloned().collect();
            plan.write(Write::Update(with_owners(&**object, kept).into_object()));
        }
    }
    if owner.meta.is_terminating() {
        return claimed;
    }
    for orphan in lister.orphans::<T>(&owner.meta.namespace) {
        if counts(orphan) && matches(orphan) && !orphan.meta().is_terminating() {
            let others = orphan.meta().owner_references.iter().filter(|o| o.uid != owner.meta.uid).cloned();
            let mut adopted = with_owners(&**orphan, others.chain([owner.reference()]).collect());
            plan.write(Write::Update(adopted.clone().into_object()));
            // The version it will have is not known yet; later writes of the same plan go unconditionally.
            adopted.meta_mut().resource_version = Version::default();
            claimed.push(Rc::new(adopted));
        }
    }
    claimed
}

fn with_owners<T: Resource>(object: &T, owners: List<OwnerReference>) -> T {
    let mut changed = object.clone();
    changed.meta_mut().owner_references = owners;
    changed
}

/// The owners of kind `T` that a change of something they keep concerns: the one that controls it, the one that did,
/// or, if nobody does, those that might adopt it. Models: addPod, updatePod and deletePod of the controllers.
pub(crate) fn owner_keys<T: Resource>(
    event: &WatchEvent,
    lister: Lister<'_>,
    selector: impl Fn(&T) -> &LabelSelector,
    keys: &mut Vec<ObjectKey>,
) {
    let selects = |owner: &T, labels: &StrMap| !selector(owner).is_empty() && selector(owner).matches(labels);
    owner_keys_by(event, lister, selects, keys);
}

/// The same for owners whose selector is not of the usual form.
pub(crate) fn owner_keys_by<T: Resource>(
    event: &WatchEvent,
    lister: Lister<'_>,
    selects: impl Fn(&T, &StrMap) -> bool,
    keys: &mut Vec<ObjectKey>,
) {
    let meta = event.object.meta();
    let before = event.old.as_ref().map(api::Object::meta);
    let changed_owner = before.is_some_and(|before| before.controller() != meta.controller());
    if changed_owner {
        keys.extend(before.and_then(|before| controller_key::<T>(before, lister)));
    }
    if meta.controller().is_some() {
        keys.extend(controller_key::<T>(meta, lister));
        return;
    }
    let may_be_adopted = match event.change {
        Change::Added => true,
        Change::Modified => changed_owner || before.is_some_and(|before| before.labels != meta.labels),
        Change::Deleted => false,
    };
    if may_be_adopted && !meta.is_terminating() {
        let suitors = lister.list_in::<T>(&meta.namespace).filter(|owner| selects(owner, &meta.labels));
        keys.extend(suitors.map(|owner| owner.key()));
    }
}

/// The key of the controller of kind `T` that an object has, if that very object exists.
fn controller_key<T: Resource>(meta: &ObjectMeta, lister: Lister<'_>) -> Option<ObjectKey> {
    let reference = meta.controller()?;
    if reference.kind != T::KIND.type_meta().1 {
        return None;
    }
    let owner = lister.get::<T>(&meta.namespace, &reference.name)?;
    (owner.meta().uid == reference.uid).then(|| owner.key())
}

/// A pod as the template wants it, without a name. Models: GetPodFromTemplate.
pub(crate) fn pod_from_template(template: &PodTemplateSpec, owner: &Owner<'_>) -> Pod {
    Pod {
        metadata: ObjectMeta {
            generate_name: format!("{}-", owner.meta.name).into(),
            namespace: owner.meta.namespace.clone(),
            labels: template.metadata.labels.clone(),
            annotations: template.metadata.annotations.clone(),
            finalizers: template.metadata.finalizers.clone(),
            owner_references: vec![owner.reference()].into(),
            ..Default::default()
        },
        spec: template.spec.clone(),
        ..Default::default()
    }
}

/// Creates a pod with a generated name. Models: RealPodControl.CreatePods.
pub(crate) fn create_pod(owner: &impl Resource, component: &str, pod: Pod) -> Step {
    Step {
        write: Write::Create(pod.into_object()),
        on_success: Some(EventRecord::normal(owner, component, "SuccessfulCreate", "Created pod: {name}")),
        on_failure: Some(EventRecord::warning(owner, component, "FailedCreate", "Error creating: {error}")),
        keep_going: false,
    }
}

/// Deletes a pod. Models: RealPodControl.DeletePod.
pub(crate) fn delete_pod(owner: &impl Resource, component: &str, pod: &Pod) -> Step {
    let deleted = format!("Deleted pod: {}", pod.metadata.name);
    Step {
        write: Write::Delete(pod.key(), DeleteOptions::default()),
        on_success: Some(EventRecord::normal(owner, component, "SuccessfulDelete", deleted)),
        on_failure: Some(EventRecord::warning(owner, component, "FailedDelete", "Error deleting: {error}")),
        keep_going: false,
    }
}

/// How long until the next of these Ready pods counts as available. Models: FindMinNextPodAvailabilityCheck.
pub(crate) fn next_availability<'a>(
    pods: impl IntoIterator<Item = &'a Rc<Pod>>,
    min_ready_seconds: i32,
    now: Time,
) -> Option<SimDuration> {
    let due = |pod: &'a Rc<Pod>| {
        let ready = pod.status.condition("Ready").filter(|c| c.status == "True")?;
        let at = available_at(ready.last_transition_time?, min_ready_seconds);
        (at > now).then(|| at.since(now))
    };
    pods.into_iter().filter_map(due).min()
}

/// The first names of a list, as a sentence holds them: `a`, `a and b`, `a, b and 7 more`.
pub(crate) fn names_text(names: &[&str]) -> String {
    match names {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [one, two] => format!("{one} and {two}"),
        [one, two, three] => format!("{one}, {two} and {three}"),
        [one, two, rest @ ..] => format!("{one}, {two} and {} more", rest.len()),
    }
}
/// How long a look at so many objects takes on a real machine: some 10 µs each, so nothing below a hundred of them.
pub(crate) fn look_time(objects: usize) -> SimDuration {
    SimDuration::from_millis(objects as u64 / 100)
}
