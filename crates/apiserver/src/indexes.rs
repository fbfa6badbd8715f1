//! Indexes over the store: what brains ask for often, kept as objects change. They hold the objects themselves: who goes
//! through the thousand pods of a set looks none of them up.

use api::{Kind, Object, ObjectKey, Pod, Resource, Str, StrMap};
use imbl::GenericOrdMap;
use imbl::shared_ptr::RcK;
use std::ops::Bound;

/// Objects by (text, key): everything filed under a text.
type Index = GenericOrdMap<(Str, ObjectKey), Filed, RcK>;

#[derive(Clone)]
struct Filed {
    object: Object,
    standing: Standing,
}

/// What controllers ask about each of their pods each time they look, answered once when the pod is written. Whoever
/// counts a thousand pods touches none of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// Its labels.
    pub labels: StrMap,
    /// Whether the owner that was asked for is its controller.
    pub is_controlled: bool,
    /// Whether it has neither ended nor is on its way out.
    pub is_active: bool,
    /// Whether it is on its way out and has not ended.
    pub is_leaving: bool,
    /// Whether its Ready condition is True.
    pub is_ready: bool,
}

impl Standing {
    fn of(object: &Object, under: &Str) -> Self {
        let Object::Pod(pod) = object else { return Standing::default() };
        let (leaving, ended) = (pod.is_terminating(), pod.is_finished());
        Standing {
            labels: pod.metadata.labels.clone(),
            is_controlled: pod.metadata.is_controlled_by(under),
            is_active: !leaving && !ended,
            is_leaving: leaving && !ended,
            is_ready: pod.is_ready(),
        }
    }
}

#[derive(Clone, Default)]
pub(crate) struct Indexes {
    /// Dependents by the UID of each owner.
    by_owner: Index,
    /// Pods by the node they are bound to; those that are not bound stand under the empty name.
    by_node: Index,
    /// Pods by `namespace/claim` they use.
    by_claim: Index,
    /// Events by the UID of the object they are about.
    by_regarding: Index,
    /// Objects that a controller could adopt, by their namespace.
    by_orphan: Index,
}

impl Indexes {
    /// Files what is new under its texts and takes what is old away.
    pub(crate) fn replace(&mut self, old: Option<&Object>, new: Option<&Object>) {
        if let Some(old) = old
            && !new.is_some_and(|new| filed_alike(old, new))
        {
            self.each(old, |index, entry| {
                index.remove(&entry);
            });
        }
        if let Some(new) = new {
            self.each(new, |index, entry| {
                let standing = Standing::of(new, &entry.0);
                index.insert(entry, Filed { object: new.clone(), standing });
            });
        }
    }

    fn each(&mut self, object: &Object, mut file: impl FnMut(&mut Index, (Str, ObjectKey))) {
        let key = object.key();
        if is_orphan(object) {
            file(&mut self.by_orphan, (key.namespace.clone(), key.clone()));
        }
        for owner in &object.meta().owner_references {
            file(&mut self.by_owner, (owner.uid.clone(), key.clone()));
        }
        match object {
            Object::Pod(pod) => {
                file(&mut self.by_node, (pod.spec.node_name.clone(), key.clone()));
                for claim in claims_of(pod) {
                    file(&mut self.by_claim, (claim_path(&pod.metadata.namespace, &claim), key.clone()));
                }
            }
            Object::Event(event) => file(&mut self.by_regarding, (event.involved_object.uid.clone(), key)),
            _ => {}
        }
    }

    pub(crate) fn owned_by(&self, uid: &Str) -> impl Iterator<Item = &Object> {
        filed_under(&self.by_owner, uid.clone())
    }

    pub(crate) fn owned(&self, uid: &Str, kind: Kind) -> impl Iterator<Item = &Object> {
        filed_from(&self.by_owner, uid.clone(), kind).take_while(move |object| object.kind() == kind)
    }

    pub(crate) fn standings(&self, uid: &Str) -> impl Iterator<Item = (&Object, &Standing)> {
        entries_from(&self.by_owner, uid.clone(), Kind::Pod)
            .take_while(|filed| filed.object.kind() == Kind::Pod)
            .map(|filed| (&filed.object, &filed.standing))
    }

    pub(crate) fn orphans(&self, namespace: &Str, kind: Kind) -> impl Iterator<Item = &Object> {
        filed_from(&self.by_orphan, namespace.clone(), kind).take_while(move |object| object.kind() == kind)
    }

    pub(crate) fn on_node(&self, node: &str) -> impl Iterator<Item = &Object> {
        filed_under(&self.by_node, node.into())
    }

    /// Every name that pods stand under, sorted; costs what there are names, not pods.
    pub(crate) fn node_names(&self) -> impl Iterator<Item = &Str> {
        let first = self.by_node.get_min().map(|((name, _), _)| name);
        std::iter::successors(first, |name| {
            let end = ((*name).clone(), ObjectKey::new(Kind::Other(u32::MAX), "", ""));
            self.by_node.range((Bound::Excluded(end), Bound::Unbounded)).next().map(|((name, _), _)| name)
        })
    }

    pub(crate) fn using_claim(&self, namespace: &str, claim: &str) -> impl Iterator<Item = &Object> {
        filed_under(&self.by_claim, claim_path(namespace, claim))
    }

    pub(crate) fn events_about(&self, uid: &Str) -> impl Iterator<Item = &Object> {
        filed_under(&self.by_regarding, uid.clone())
    }
}

/// Whether a new version of an object stands under the same texts as the old one (the common case: a status write).
fn filed_alike(old: &Object, new: &Object) -> bool {
    if old.meta().owner_references != new.meta().owner_references {
        return false;
    }
    match (old, new) {
        (Object::Pod(a), Object::Pod(b)) => a.spec.node_name == b.spec.node_name && a.spec.volumes == b.spec.volumes,
        _ => true,
    }
}

/// Whether a controller could adopt it: it is of a kind that controllers keep, and has none.
fn is_orphan(object: &Object) -> bool {
    matches!(object, Object::Pod(_) | Object::ControllerRevision(_) | Object::ReplicaSet(_))
        && object.meta().controller().is_none()
}

fn filed_under(index: &Index, text: Str) -> impl Iterator<Item = &Object> {
    filed_from(index, text, Kind::ConfigMap)
}

/// What is filed under a text, from a kind on (keys are sorted by kind first).
fn filed_from(index: &Index, text: Str, kind: Kind) -> impl Iterator<Item = &Object> {
    entries_from(index, text, kind).map(|filed| &filed.object)
}

fn entries_from(index: &Index, text: Str, kind: Kind) -> impl Iterator<Item = &Filed> {
    let start = (text.clone(), ObjectKey::new(kind, "", ""));
    index
        .range((Bound::Included(start), Bound::Unbounded))
        .take_while(move |((under, _), _)| *under == text)
        .map(|(_, filed)| filed)
}

fn claim_path(namespace: &str, claim: &str) -> Str {
    format!("{namespace}/{claim}").into()
}

/// The names of the claims a pod mounts, those of its ephemeral volumes included.
fn claims_of(pod: &Pod) -> Vec<Str> {
    let name = |volume: &api::Volume| match &volume.persistent_volume_claim {
        Some(source) => Some(source.claim_name.clone()),
        None => volume.rest.get("ephemeral").map(|_| format!("{}-{}", pod.meta().name, volume.name).into()),
    };
    pod.spec.volumes.iter().filter_map(name).collect()
}
