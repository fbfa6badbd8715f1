//! Which revisions a DaemonSet has and which one stands for its template.
//! Models: constructHistory and cleanupHistory in pkg/controller/daemon/update.go.
//!
//! Upstream hashes the template's Go value; here the hash is that of the revision's patch, as a StatefulSet's is. The
//! name has the same form but not the same letters.

use super::template::HASH_LABEL;
use crate::history::{self, NewRevision, label};
use crate::pod_control::{Owner, claim};
use api::{ControllerRevision, DaemonSet, Pod, Resource, Str};
use apiserver::{DeleteOptions, Lister, Plan, Write};
use std::collections::BTreeSet;
use std::rc::Rc;

/// The revisions of a set.
pub(super) struct Revisions {
    /// Hash of the one with the set's template.
    pub hash: Str,
    /// All others, from the oldest to the newest.
    old: Vec<Rc<ControllerRevision>>,
    /// Hash collisions met.
    pub collision_count: Option<i32>,
}

impl Revisions {
    /// Adopts orphaned revisions, finds the one with the set's template, renumbers or creates it.
    pub(super) fn find(set: &DaemonSet, pods: &[Rc<Pod>], lister: Lister<'_>, plan: &mut Plan) -> Revisions {
        let owner = Owner::new(set, &set.spec.selector);
        let mut all = claim::<ControllerRevision>(&owner, lister, |_| true, plan);
        history::sort(&mut all);
        let data = Rc::new(history::patch_of(&set.spec.template));
        let (mut current, old): (Vec<_>, Vec<_>) = all.into_iter().partition(|r| r.data.as_ref() == Some(&data));
        let number = old.last().map_or(0, |newest| newest.revision) + 1;
        let mut collision_count = set.status.collision_count;
        let revision = match current.pop() {
            Some(newest) => {
                drop_duplicates(&newest, &current, pods, plan);
                if newest.revision < number { history::renumber(&newest, number, plan) } else { newest }
            }
            None => {
                let labels = &set.spec.template.metadata.labels;
                let new = NewRevision { owner: &owner, labels, hash_label: HASH_LABEL, data: &data, number };
                new.create(lister, &mut collision_count, plan)
            }
        };
        Revisions { hash: label(&*revision, HASH_LABEL).into(), old, collision_count }
    }

    /// Plans to delete the oldest revisions beyond the limit that no pod wears.
    pub(super) fn truncate(&self, set: &DaemonSet, pods: &[Rc<Pod>], plan: &mut Plan) {
        let limit = usize::try_from(set.spec.revision_history_limit.unwrap_or(0)).unwrap_or(0);
        let surplus = self.old.len().saturating_sub(limit);
        if surplus > 0 {
            let live: BTreeSet<&str> = pods.iter().map(|pod| label(&**pod, HASH_LABEL)).collect();
            let is_live = |revision: &ControllerRevision| live.contains(label(revision, HASH_LABEL));
            history::truncate(&self.old, surplus, is_live, plan);
        }
    }
}

/// Several revisions with the same template (adopted ones, mostly) become one. Models: dedupCurHistories.
fn drop_duplicates(kept: &ControllerRevision, others: &[Rc<ControllerRevision>], pods: &[Rc<Pod>], plan: &mut Plan) {
    if others.is_empty() {
        return;
    }
    let hash = label(kept, HASH_LABEL);
    for pod in pods.iter().filter(|pod| label(&***pod, HASH_LABEL) != hash) {
        let mut relabelled = Pod::clone(pod);
        relabelled.metadata.labels = relabelled.metadata.labels.with(HASH_LABEL, hash);
        plan.write(Write::Update(relabelled.into_object()));
    }
    for other in others {
        plan.write(Write::Delete(other.key(), DeleteOptions::default()));
    }
}
