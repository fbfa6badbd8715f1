//! StatefulSets: at most one pod of an identity runs anywhere, also on machines that nobody reaches, unless somebody
//! has taken the pod out of the API while it may still have been running.

use api::{Kind, Object, ObjectKey, Pod, Str};
use apiserver::{Change, WatchEvent};
use std::collections::{BTreeMap, BTreeSet};

/// The pods that left the API otherwise than by their kubelet's last word, by UID: what becomes of them is on whoever
/// deleted them (a force delete, a Node that was deleted, the out-of-service taint).
#[derive(Default)]
pub(super) struct Identities {
    excused: BTreeSet<Str>,
}

impl Identities {
    pub(super) fn note(&mut self, event: &WatchEvent, brain: &str) {
        let Object::Pod(pod) = &event.object else { return };
        let by_hand = matches!(brain, "" | "podgc");
        if event.change == Change::Deleted && by_hand {
            self.excused.insert(pod.metadata.uid.clone());
        }
    }

    /// The first identity that two pods have which run somewhere.
    pub(super) fn doubled<'a>(&self, running: impl Iterator<Item = (&'a Str, &'a Pod)>) -> Option<String> {
        let mut places: BTreeMap<ObjectKey, (&Str, &Str)> = BTreeMap::new();
        for (machine, pod) in running {
            let meta = &pod.metadata;
            let of_set = meta.controller().is_some_and(|owner| owner.kind == "StatefulSet");
            if !of_set || self.excused.contains(&meta.uid) {
                continue;
            }
            let key = ObjectKey::new(Kind::Pod, meta.namespace.clone(), meta.name.clone());
            if let Some((other, uid)) = places.insert(key, (machine, &meta.uid))
                && *uid != meta.uid
            {
                return Some(format!("{} runs on {other} and on {machine}", meta.name));
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checkers::tests::event;
    use serde_json::json;

    fn pod(uid: &str) -> Object {
        let owner =
            json!({"apiVersion": "apps/v1", "kind": "StatefulSet", "name": "web", "uid": "s", "controller": true});
        let meta = json!({"name": "web-0", "namespace": "default", "uid": uid, "ownerReferences": [owner]});
        Object::read(Kind::Pod, json!({"metadata": meta, "spec": {"containers": []}}))
    }

    #[test]
    fn an_identity_that_runs_twice_is_seen() {
        let (old, new) = (pod("old"), pod("new"));
        let (Object::Pod(was), Object::Pod(is)) = (&old, &new) else { unreachable!("pods") };
        let (here, there) = (Str::from("node-1"), Str::from("node-2"));
        let both = || [(&here, &**was), (&there, &**is)].into_iter();
        let mut identities = Identities::default();
        assert_eq!(identities.doubled([(&here, &**was)].into_iter()), None);
        identities.note(&event(Change::Deleted, old.clone()), "kubelet");
        identities.note(&event(Change::Deleted, old.clone()), "statefulset-controller");
        assert!(identities.doubled(both()).is_some());
        identities.note(&event(Change::Deleted, old.clone()), "");
        assert_eq!(identities.doubled(both()), None, "a force delete is on the user");
    }
}
