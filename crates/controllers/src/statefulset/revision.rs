//! Which revisions a StatefulSet has, which one its pods had and which one they are to get.
//! Models: getStatefulSetRevisions and truncateHistory in pkg/controller/statefulset/stateful_set_control.go.

use super::identity::REVISION_LABEL;
use crate::history::{self, NewRevision, label};
use crate::pod_control::{Owner, claim};
use api::{ControllerRevision, Pod, PodTemplateSpec, Resource, StatefulSet, Str};
use apiserver::{Lister, Plan};
use std::collections::BTreeSet;
use std::rc::Rc;

const HASH_LABEL: &str = "controller.kubernetes.io/hash";

/// The revisions of a set.
pub(super) struct Revisions {
    /// All that were stored, from the oldest to the newest.
    pub stored: Vec<Rc<ControllerRevision>>,
    /// Name of the one that pods had before the update.
    pub current: Str,
    /// Name of the one with the set's template.
    pub update: Str,
    /// Hash collisions met.
    pub collision_count: i32,
}

impl Revisions {
    /// Adopts orphaned revisions, finds the one with the set's template, renumbers or creates it.
    pub(super) fn find(set: &StatefulSet, lister: Lister<'_>, plan: &mut Plan) -> Revisions {
        let owner = Owner::new(set, &set.spec.selector);
        let mut stored = claim::<ControllerRevision>(&owner, lister, |_| true, plan);
        history::sort(&mut stored);
        let mut collision_count = Some(set.status.collision_count.unwrap_or(0));
        let update = if set.metadata.is_terminating() {
            // Revisions may be gone before the set is; nothing needs a new one.
            set.status.update_revision.clone()
        } else {
            update_revision(&owner, set, &stored, lister, &mut collision_count, plan).metadata.name.clone()
        };
        let known = stored.iter().any(|revision| revision.metadata.name == set.status.current_revision);
        let current = if known { set.status.current_revision.clone() } else { update.clone() };
        Revisions { stored, current, update, collision_count: collision_count.unwrap_or(0) }
    }

    /// The template that a revision stands for.
    pub(super) fn template(&self, set: &StatefulSet, name: &str) -> Rc<PodTemplateSpec> {
        let stored = self.stored.iter().find(|revision| revision.metadata.name == *name && self.update != *name);
        stored.and_then(|revision| history::template_of(revision)).unwrap_or_else(|| Rc::clone(&set.spec.template))
    }

    /// Plans to delete the oldest revisions that neither the set nor a pod uses, beyond the limit.
    pub(super) fn truncate<'a>(&self, set: &StatefulSet, pods: impl Iterator<Item = &'a Rc<Pod>>, plan: &mut Plan) {
        let live: BTreeSet<&str> = pods
            .map(|pod| label(&**pod, REVISION_LABEL))
            .chain([self.current.as_str(), self.update.as_str()])
            .collect();
        let is_live = |revision: &ControllerRevision| live.contains(revision.meta().name.as_str());
        let old = self.stored.iter().filter(|revision| !is_live(revision)).count();
        if let Ok(limit) = usize::try_from(set.spec.revision_history_limit.unwrap_or(-1)) {
            history::truncate(&self.stored, old.saturating_sub(limit), is_live, plan);
        }
    }
}

fn update_revision(
    owner: &Owner<'_>,
    set: &StatefulSet,
    sorted: &[Rc<ControllerRevision>],
    lister: Lister<'_>,
    collision_count: &mut Option<i32>,
    plan: &mut Plan,
) -> Rc<ControllerRevision> {
    let data = Rc::new(history::patch_of(&set.spec.template));
    let is_equal = |revision: &&Rc<ControllerRevision>| revision.data.as_ref() == Some(&data);
    let number = sorted.last().map_or(1, |newest| newest.revision + 1);
    match (sorted.iter().rfind(is_equal), sorted.last()) {
        (Some(_), Some(newest)) if is_equal(&newest) => Rc::clone(newest),
        // The set goes back to an earlier template: its revision becomes the newest.
        (Some(equal), _) => history::renumber(equal, number, plan),
        (None, _) => {
            let labels = &set.spec.template.metadata.labels;
            let new = NewRevision { owner, labels, hash_label: HASH_LABEL, data: &data, number };
            new.create(lister, collision_count, plan)
        }
    }
}
