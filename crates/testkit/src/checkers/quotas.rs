//! ResourceQuotas: what is admitted once a quota stands never exceeds it.
//!
//! Objects are counted here one by one: the use that the quota's status tells of is not believed. A quota that is set
//! below what there is breaks nothing; that something is added to it then does.

use api::{Kind, Object, ObjectKey, Quantity, Resource, ResourceList, ResourceQuota};
use apiserver::{Change, Lister, WatchEvent};
use std::collections::BTreeMap;

/// The counted resources, and of which kind they are.
const COUNTED: [(&str, Kind); 4] = [
    ("pods", Kind::Pod),
    ("persistentvolumeclaims", Kind::PersistentVolumeClaim),
    ("services", Kind::Service),
    ("count/jobs.batch", Kind::Job),
];

/// The bounds that stand for each quota, and what came in before anybody had counted.
#[derive(Default)]
pub(super) struct Quotas {
    standing: BTreeMap<ObjectKey, Standing>,
}

#[derive(Default)]
struct Standing {
    hard: ResourceList,
    /// What had been admitted, by resource, when the bounds came to stand, but is not in the use that was written with
    /// them: the count and the write are two moments.
    unseen: BTreeMap<&'static str, i64>,
}

impl Quotas {
    /// Every quota that the step's additions exceed.
    pub(super) fn stand(&mut self, lister: Lister<'_>, events: &[WatchEvent], now: api::Time) -> Vec<String> {
        let mut broken = Vec::new();
        for event in events.iter().filter(|event| event.change == Change::Added) {
            let (kind, namespace) = (event.object.kind(), &event.object.meta().namespace);
            let Some((resource, _)) = COUNTED.iter().find(|(_, counted)| *counted == kind) else { continue };
            for quota in lister.list_in::<ResourceQuota>(namespace) {
                let Some(standing) = self.standing.get(&quota.key()) else { continue };
                let Some(hard) = standing.hard.get(resource).map(whole) else { continue };
                let used = count(lister, kind, namespace, now) - standing.unseen.get(resource).copied().unwrap_or(0);
                if used > hard {
                    let (name, added) = (&quota.metadata.name, event.object.key());
                    broken.push(format!("{added} makes {used} {resource} where quota {name} allows {hard}"));
                }
            }
        }
        for event in events {
            self.remember(lister, event, now);
        }
        broken
    }

    fn remember(&mut self, lister: Lister<'_>, event: &WatchEvent, now: api::Time) {
        let Object::ResourceQuota(quota) = &event.object else { return };
        let key = quota.key();
        let is_scoped = !quota.spec.scopes.is_empty() || quota.spec.scope_selector.is_some();
        if event.change == Change::Deleted || is_scoped {
            self.standing.remove(&key);
            return;
        }
        let hard = &quota.status.hard;
        if hard.is_empty() || self.standing.get(&key).is_some_and(|standing| standing.hard == *hard) {
            return;
        }
        let unseen = COUNTED.iter().map(|(resource, kind)| {
            let told = quota.status.used.get(resource).map_or(0, whole);
            (*resource, (count(lister, *kind, &key.namespace, now) - told).max(0))
        });
        let standing = Standing { hard: hard.clone(), unseen: unseen.collect() };
        self.standing.insert(key, standing);
    }
}

fn whole(amount: &Quantity) -> i64 {
    amount.milli() / 1000
}

/// How many objects of a kind hold something: a pod does not once it has ended, or should have.
fn count(lister: Lister<'_>, kind: Kind, namespace: &api::Str, now: api::Time) -> i64 {
    let holds = |object: &&Object| match object {
        Object::Pod(pod) => {
            let grace = pod.metadata.deletion_grace_period_seconds.unwrap_or(0) * 1000;
            let due = pod.metadata.deletion_timestamp.map(|at| at.unix_millis() + grace);
            !pod.is_finished() && due.is_none_or(|due| now.unix_millis() <= due)
        }
        _ => true,
    };
    i64::try_from(lister.objects(kind, Some(namespace)).filter(holds).count()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use cluster::{Cluster, Options};
    use serde_json::{Value, json};

    /// A world of two pods, a quota that then comes to stand with `told` pods in use, and one more pod.
    fn one_more(hard: i64, told: i64) -> Vec<String> {
        let mut cluster = Cluster::new(&Options::default());
        let create = |cluster: &mut Cluster, body: Value| cluster.server_mut().create_from(body).expect("sound");
        let pod = |name: &str| {
            json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "namespace": "default"},
                "spec": {"containers": [{"name": "c", "image": "nginx"}]}})
        };
        create(&mut cluster, pod("a"));
        create(&mut cluster, pod("b"));
        let quota = create(
            &mut cluster,
            json!({"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": "q", "namespace": "default"},
                "spec": {"hard": {"pods": hard}}}),
        );
        let amount = |count| ResourceList::default().with("pods", Quantity::decimal(count));
        let Object::ResourceQuota(mut stands) = quota else { unreachable!("a quota") };
        std::rc::Rc::make_mut(&mut stands).status.hard = amount(hard);
        std::rc::Rc::make_mut(&mut stands).status.used = amount(told);
        let stands = Object::ResourceQuota(stands);
        let mut quotas = Quotas::default();
        let (lister, now) = (cluster.lister(), cluster.time());
        let set = WatchEvent { change: Change::Modified, object: stands, old: None };
        assert_eq!(quotas.stand(lister, &[set], now), [""; 0], "a quota alone breaks nothing");
        // The server knows of no use of this quota, so it lets the pod in, as a wrong one would.
        let added = create(&mut cluster, pod("c"));
        let added = WatchEvent { change: Change::Added, object: added, old: None };
        quotas.stand(cluster.lister(), &[added], cluster.time())
    }

    #[test]
    fn what_exceeds_a_quota_is_seen() {
        assert_eq!(one_more(3, 2), [""; 0]);
        assert_eq!(one_more(2, 2), ["Pod default/c makes 3 pods where quota q allows 2"]);
        assert_eq!(one_more(1, 2).len(), 1, "below what there is, nothing is added");
        assert_eq!(one_more(2, 1), [""; 0], "what came in between the count and its write is excused");
    }
}
