//! Whether a pod's volumes can be mounted, and file systems that grow with them.
//! Models: pkg/kubelet/volumemanager, pkg/volume/configmap, pkg/volume/secret,
//! pkg/volume/util/operationexecutor/node_expander.go.

use crate::timing::Stage;
use crate::turn::Turn;
use crate::worker::{Life, Worker};
use api::{ConfigMap, NODE_RESIZE_PENDING, PersistentVolumeClaim, Pod, Resource, Secret, Str, Volume};
use apiserver::{EventRecord, Lister, Write};
use serde_json::Value;
use sim::SimDuration;
use std::rc::Rc;

/// Why a volume cannot be mounted yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Problem {
    /// What the event says.
    pub(crate) message: String,
    /// What is missing or not ready, so that its arrival ends the wait.
    pub(crate) awaits: api::ObjectKey,
    /// Upstream says nothing about claims until it has waited this long.
    pub(crate) silent_for: SimDuration,
}

/// How long a kubelet waits for all volumes of a pod before it says so.
const MOUNT_TIMEOUT: SimDuration = SimDuration::from_secs(123);

/// The first volume that cannot be mounted.
pub(crate) fn problem(pod: &Pod, lister: Lister<'_>) -> Option<Problem> {
    pod.spec.volumes.iter().find_map(|volume| problem_of(pod, volume, lister))
}

fn problem_of(pod: &Pod, volume: &Volume, lister: Lister<'_>) -> Option<Problem> {
    if let Some(source) = &volume.config_map {
        return missing_map(pod, volume, &source.name, source.optional == Some(true), lister);
    }
    if let Some(source) = &volume.secret {
        return missing_secret(pod, volume, &source.secret_name, source.optional == Some(true), lister);
    }
    if let Some(source) = &volume.persistent_volume_claim {
        return unbound_claim(pod, volume, source.claim_name.clone(), lister);
    }
    if volume.rest.get("ephemeral").is_some() {
        return unbound_claim(pod, volume, format!("{}-{}", pod.metadata.name, volume.name).into(), lister);
    }
    let sources = volume.rest.get("projected").and_then(|p| p.get("sources")).and_then(Value::as_array)?;
    sources.iter().find_map(|source| projected(pod, volume, source, lister))
}

fn projected(pod: &Pod, volume: &Volume, source: &Value, lister: Lister<'_>) -> Option<Problem> {
    let name = |part: &Value| Str::from(part.get("name").and_then(Value::as_str).unwrap_or(""));
    let optional = |part: &Value| part.get("optional").and_then(Value::as_bool).unwrap_or(false);
    if let Some(part) = source.get("configMap") {
        // The cluster's own certificate, which every namespace has; a manifest never names it.
        let published = name(part) == "kube-root-ca.crt";
        return missing_map(pod, volume, &name(part), published || optional(part), lister);
    }
    let part = source.get("secret")?;
    missing_secret(pod, volume, &name(part), optional(part), lister)
}

fn missing_map(pod: &Pod, volume: &Volume, name: &Str, optional: bool, lister: Lister<'_>) -> Option<Problem> {
    let there = optional || lister.get::<ConfigMap>(&pod.metadata.namespace, name).is_some();
    (!there).then(|| set_up_failed::<ConfigMap>(pod, volume, "configmap", name))
}

fn missing_secret(pod: &Pod, volume: &Volume, name: &Str, optional: bool, lister: Lister<'_>) -> Option<Problem> {
    let there = optional || lister.get::<Secret>(&pod.metadata.namespace, name).is_some();
    (!there).then(|| set_up_failed::<Secret>(pod, volume, "secret", name))
}

fn set_up_failed<T: Resource>(pod: &Pod, volume: &Volume, kind: &str, name: &Str) -> Problem {
    Problem {
        message: format!("MountVolume.SetUp failed for volume \"{}\" : {kind} \"{name}\" not found", volume.name),
        awaits: api::ObjectKey::new(T::KIND, pod.metadata.namespace.clone(), name.clone()),
        silent_for: SimDuration::ZERO,
    }
}

fn unbound_claim(pod: &Pod, volume: &Volume, name: Str, lister: Lister<'_>) -> Option<Problem> {
    let namespace = &pod.metadata.namespace;
    let why = match lister.get::<PersistentVolumeClaim>(namespace, &name) {
        None => format!("failed to fetch PVC from API server: persistentvolumeclaims \"{name}\" not found"),
        // A claim that is being deleted stays usable for pods that were there before.
        Some(claim) if claim.status.phase != "Bound" => "PVC is not bound".to_owned(),
        Some(claim) if claim.spec.volume_name.is_empty() => "PVC has empty pvc.Spec.VolumeName".to_owned(),
        Some(_) => return None,
    };
    let v = &volume.name;
    Some(Problem {
        message: format!(
            "Unable to attach or mount volumes: unmounted volumes=[{v}], unattached volumes=[], failed to process volumes=[{v}]: error processing PVC {namespace}/{name}: {why}"
        ),
        awaits: api::ObjectKey::new(PersistentVolumeClaim::KIND, namespace.clone(), name),
        silent_for: MOUNT_TIMEOUT,
    })
}

/// How long to wait after the n-th failed try (from 0): half a second, doubling to two minutes.
/// Models: pkg/util/goroutinemap/exponentialbackoff.
pub(crate) fn retry_after(tries: u32) -> SimDuration {
    SimDuration::from_millis((500u64 << tries.min(8)).min(122_000))
}

impl Worker {
    /// Whether a file system that the pod has mounted is smaller than its volume.
    pub(crate) fn has_to_grow(&self, lister: Lister<'_>) -> bool {
        self.life == Life::Active && self.sandbox.up && self.claims_to_grow(lister).next().is_some()
    }

    fn claims_to_grow<'a>(&'a self, lister: Lister<'a>) -> impl Iterator<Item = &'a Rc<PersistentVolumeClaim>> {
        let claims = self.pod.spec.volumes.iter().filter_map(|volume| volume.persistent_volume_claim.as_ref());
        claims
            .filter_map(move |source| {
                lister.get::<PersistentVolumeClaim>(&self.pod.metadata.namespace, &source.claim_name)
            })
            .filter(|claim| claim.resize_status() == Some(NODE_RESIZE_PENDING))
    }

    /// Enlarges the file systems whose volumes have grown, once the kubelet comes round to it.
    pub(crate) fn grow_volumes(&mut self, turn: &mut Turn<'_>) {
        if !turn.machine.is_connected() || !self.has_to_grow(turn.lister) {
            self.volumes.grow_at = None;
            return;
        }
        let at = match self.volumes.grow_at {
            Some(at) => at,
            None => turn.now.plus(turn.delay(Stage::Grow)),
        };
        if at > turn.now {
            self.volumes.grow_at = Some(at);
            return;
        }
        self.volumes.grow_at = None;
        let claims: Vec<Rc<PersistentVolumeClaim>> = self.claims_to_grow(turn.lister).cloned().collect();
        for claim in claims {
            let message = format!(
                "MountVolume.NodeExpandVolume succeeded for volume \"{}\" {}",
                claim.spec.volume_name, self.machine
            );
            turn.normal(self, "FileSystemResizeSuccessful", message.clone());
            let event = EventRecord::normal(&*claim, "kubelet", "FileSystemResizeSuccessful", message);
            turn.events.push(event.on_host(&self.machine));
            let mut grown = PersistentVolumeClaim::clone(&claim);
            let status = &mut grown.status;
            let size = status.allocated_resources.get("storage").cloned().unwrap_or_default();
            status.capacity = status.capacity.with("storage", size);
            status.conditions = Default::default();
            status.allocated_resource_statuses = Default::default();
            turn.writes.push(Write::UpdateStatus(grown.into_object()));
        }
    }
}
