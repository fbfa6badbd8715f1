//! Pods that have a node but wait for their volumes: the part of binding that takes time.
//! Models: pkg/scheduler/framework/plugins/volumebinding/binder.go (BindPodVolumes, checkBindings).

use crate::counts::Map;
use crate::plugins::{PodVolumes, claim_is_bound, is_selected_for, volume_fits_node};
use crate::queue::QueuedPod;
use api::{Node, ObjectKey, PersistentVolume, PersistentVolumeClaim, Str, Time};
use apiserver::Lister;
use sim::SimDuration;

/// Upstream looks once a second whether the volumes are there.
const POLL_MS: i64 = 1000;
/// And gives up after ten minutes.
const TIMEOUT: SimDuration = SimDuration::from_secs(600);

/// A pod that waits for its volumes.
#[derive(Clone)]
pub(crate) struct Waiting {
    /// The pod, as it was in the queue.
    pub(crate) queued: QueuedPod,
    /// Its node.
    pub(crate) node: Str,
    /// Volumes promised to claims.
    to_bind: Vec<(Str, Str)>,
    /// Claims for which volumes are being made.
    to_provision: Vec<Str>,
    started: Time,
    poll_at: Option<Time>,
    cancelled: bool,
}

/// How far the volumes are.
pub(crate) enum Progress {
    /// All there.
    Done,
    /// Not yet.
    Waiting,
    /// They will not come, for this reason.
    Failed(String),
}

/// All pods that wait for their volumes.
#[derive(Clone, Default)]
pub(crate) struct Binding {
    waiting: Map<ObjectKey, Waiting>,
    polls: Map<(Time, ObjectKey), ()>,
    timeouts: Map<(Time, ObjectKey), ()>,
}

impl Binding {
    /// A pod starts to wait.
    pub(crate) fn start(&mut self, key: &ObjectKey, queued: QueuedPod, node: &Str, volumes: &PodVolumes, now: Time) {
        let name = |claim: &PersistentVolumeClaim| claim.metadata.name.clone();
        let to_bind = volumes.to_bind.iter().map(|(volume, claim)| (volume.metadata.name.clone(), name(claim)));
        let waiting = Waiting {
            queued,
            node: node.clone(),
            to_bind: to_bind.collect(),
            to_provision: volumes.to_provision.iter().map(|claim| name(claim)).collect(),
            started: now,
            poll_at: None,
            cancelled: false,
        };
        self.timeouts.insert((now.plus(TIMEOUT), key.clone()), ());
        self.waiting.insert(key.clone(), waiting);
        // The volumes may be bound before anything else happens.
        self.wake(key, now);
    }

    /// Something that the pod waits for has changed: have a look at the next full second of its wait.
    pub(crate) fn wake(&mut self, key: &ObjectKey, now: Time) {
        let Some(waiting) = self.waiting.get(key).filter(|waiting| waiting.poll_at.is_none()) else { return };
        let waited = now.unix_millis() - waiting.started.unix_millis();
        let polls = (waited.div_euclid(POLL_MS) + i64::from(waited.rem_euclid(POLL_MS) != 0)).max(1);
        let at = Time::from_unix_millis(waiting.started.unix_millis() + polls * POLL_MS);
        self.poll(key, at);
    }

    /// The same for every pod on a node.
    pub(crate) fn wake_all_on(&mut self, node: &str, now: Time) {
        let keys: Vec<ObjectKey> =
            self.waiting.iter().filter(|(_, waiting)| waiting.node == *node).map(|(key, _)| key.clone()).collect();
        for key in keys {
            self.wake(&key, now);
        }
    }

    /// A pod of higher priority takes the node: give up at once.
    pub(crate) fn cancel(&mut self, key: &ObjectKey, now: Time) {
        let Some(mut waiting) = self.waiting.get(key).cloned() else { return };
        if let Some(at) = waiting.poll_at.take() {
            self.polls.remove(&(at, key.clone()));
        }
        waiting.cancelled = true;
        self.waiting.insert(key.clone(), waiting);
        self.poll(key, now);
    }

    /// Whether the pod waits for its volumes.
    pub(crate) fn has(&self, key: &ObjectKey) -> bool {
        self.waiting.contains_key(key)
    }

    /// The pod no longer waits.
    pub(crate) fn remove(&mut self, key: &ObjectKey) -> Option<Waiting> {
        let waiting = self.waiting.remove(key)?;
        self.timeouts.remove(&(waiting.started.plus(TIMEOUT), key.clone()));
        if let Some(at) = waiting.poll_at {
            self.polls.remove(&(at, key.clone()));
        }
        Some(waiting)
    }

    /// When the next look is due.
    pub(crate) fn next_poll(&self) -> Option<Time> {
        self.polls.get_min().map(|((at, _), ())| *at)
    }

    /// When the next pod is given up.
    pub(crate) fn next_timeout(&self) -> Option<Time> {
        self.timeouts.get_min().map(|((at, _), ())| *at)
    }

    /// The next pod whose wait has ended, one way or the other. Looks that find nothing new are done with.
    pub(crate) fn next_ended(&mut self, lister: Lister<'_>, now: Time) -> Option<(ObjectKey, Progress)> {
        while let Some(((_, key), ())) = self.polls.get_min().filter(|((at, _), ())| *at <= now) {
            let key = key.clone();
            let Some(mut waiting) = self.waiting.get(&key).cloned() else { break };
            if let Some(at) = waiting.poll_at.take() {
                self.polls.remove(&(at, key.clone()));
            }
            let progress = waiting.progress(&key, lister);
            self.waiting.insert(key.clone(), waiting);
            if !matches!(progress, Progress::Waiting) {
                return Some((key, progress));
            }
        }
        let late = self.timeouts.get_min().filter(|((at, _), ())| *at <= now);
        late.map(|((_, key), ())| (key.clone(), Progress::Failed("context deadline exceeded".to_owned())))
    }

    fn poll(&mut self, key: &ObjectKey, at: Time) {
        if let Some(mut waiting) = self.waiting.get(key).cloned() {
            waiting.poll_at = Some(at);
            self.polls.insert((at, key.clone()), ());
            self.waiting.insert(key.clone(), waiting);
        }
    }
}

impl Waiting {
    /// Models: checkBindings.
    fn progress(&self, key: &ObjectKey, lister: Lister<'_>) -> Progress {
        if self.cancelled {
            return Progress::Failed("context canceled".to_owned());
        }
        match self.look(key, lister) {
            Ok(true) => Progress::Done,
            Ok(false) => Progress::Waiting,
            Err(reason) => Progress::Failed(reason),
        }
    }

    fn look(&self, key: &ObjectKey, lister: Lister<'_>) -> Result<bool, String> {
        let name = &self.node;
        let missing_node = || format!("failed to get node \"{name}\": node \"{name}\" not found");
        let node = lister.get::<Node>("", name).ok_or_else(missing_node)?;
        let in_reach = |volume: &PersistentVolume| {
            if volume_fits_node(volume, &node.metadata.labels) {
                return Ok(());
            }
            let volume = &volume.metadata.name;
            Err(format!("pv \"{volume}\" node affinity doesn't match node \"{name}\": no matching NodeSelectorTerms"))
        };
        for (volume, claim) in &self.to_bind {
            let missing = |what: String| format!("failed to check binding: could not find {what}");
            let volume = lister
                .get::<PersistentVolume>("", volume)
                .ok_or_else(|| missing(format!("v1.PersistentVolume \"{volume}\"")))?;
            let claim = lister
                .get::<PersistentVolumeClaim>(&key.namespace, claim)
                .ok_or_else(|| missing(format!("v1.PersistentVolumeClaim \"{}/{claim}\"", key.namespace)))?;
            in_reach(volume)?;
            if volume.spec.claim_ref.as_ref().is_none_or(|reference| reference.uid.is_empty()) {
                return Err(format!("ClaimRef got reset for pv \"{}\"", volume.metadata.name));
            }
            if !claim_is_bound(claim) {
                return Ok(false);
            }
        }
        for claim in &self.to_provision {
            let missing = || {
                format!(
                    "failed to check provisioning pvc: could not find v1.PersistentVolumeClaim \"{}/{claim}\"",
                    key.namespace
                )
            };
            let claim = lister.get::<PersistentVolumeClaim>(&key.namespace, claim).ok_or_else(missing)?;
            if !is_selected_for(claim, name) {
                return Err(format!("provisioning failed for PVC \"{}\"", claim.metadata.name));
            }
            let volume = &claim.spec.volume_name;
            if !volume.is_empty() {
                let Some(volume) = lister.get::<PersistentVolume>("", volume) else { return Ok(false) };
                in_reach(volume)?;
            }
            if !claim_is_bound(claim) {
                return Ok(false);
            }
        }
        Ok(true)
    }
}
