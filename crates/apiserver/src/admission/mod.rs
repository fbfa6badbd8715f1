//! Admission: what the built-in plugins add to objects and refuse.
//! Models: plugin/pkg/admission (limitranger, serviceaccount, defaulttolerationseconds, priority, storage/storageclass, podtopologylabels).

mod limits;

pub(crate) use limits::quotient;

use crate::resources::qualified_resource;
use crate::store::Store;
use api::{
    Container, Kind, List, Object, ObjectKey, PersistentVolumeClaim, Pod, Rest, Status, StorageClass, Str, Toleration,
    Volume, VolumeMount,
};
use serde_json::json;
use sim::Rng;
use std::rc::Rc;

const TOKEN_MOUNT_PATH: &str = "/var/run/secrets/kubernetes.io/serviceaccount";
const TOPOLOGY_LABELS: [&str; 2] = ["topology.kubernetes.io/zone", "topology.kubernetes.io/region"];

/// What pods were given lately. Pods of one template come with the same parts and share what is made of them.
#[derive(Clone, Default)]
pub(crate) struct Given {
    /// The volume with the token.
    token: Rest,
    /// Fields of a spec, the account, and the fields with it.
    fields: Recent<(Rest, Str, Rest)>,
    /// Tolerations of a spec, and those with the usual ones.
    tolerations: Recent<(List<Toleration>, List<Toleration>)>,
}

/// How many templates are kept in mind: controllers make pods of many sets by turns.
const RECENT_TEMPLATES: usize = 64;

/// The last few of something; the oldest makes room.
#[derive(Clone)]
struct Recent<T> {
    entries: Rc<Vec<T>>,
    oldest: usize,
}

impl<T> Default for Recent<T> {
    fn default() -> Self {
        Recent { entries: Rc::default(), oldest: 0 }
    }
}

impl<T: Clone> Recent<T> {
    fn find(&self, is_it: impl FnMut(&&T) -> bool) -> Option<&T> {
        self.entries.iter().find(is_it)
    }

    fn keep(&mut self, entry: T) {
        let entries = Rc::make_mut(&mut self.entries);
        if entries.len() < RECENT_TEMPLATES {
            entries.push(entry);
        } else {
            entries[self.oldest] = entry;
            self.oldest = (self.oldest + 1) % RECENT_TEMPLATES;
        }
    }
}

/// Adds what admission adds on creation; refusals call the object as it was `asked` for.
pub(crate) fn mutate(
    object: &mut Object,
    asked: &Str,
    store: &Store,
    rng: &mut Rng,
    given: &mut Given,
) -> Result<(), Status> {
    match object {
        Object::Pod(pod) => {
            let pod = Rc::make_mut(pod);
            limits::mutate(pod, store);
            mount_service_account(pod, asked, store, rng, given)?;
            set_priority(pod, asked, store)?;
            if let Some((_, after)) = given.tolerations.find(|(before, _)| before.is_same(&pod.spec.tolerations)) {
                pod.spec.tolerations = after.clone();
            } else {
                let before = pod.spec.tolerations.clone();
                set_default_tolerations(pod);
                given.tolerations.keep((before, pod.spec.tolerations.clone()));
            }
            Ok(())
        }
        Object::PersistentVolumeClaim(claim) => {
            set_default_class(Rc::make_mut(claim), store);
            protect(object, "kubernetes.io/pvc-protection");
            Ok(())
        }
        Object::PersistentVolume(_) => {
            protect(object, "kubernetes.io/pv-protection");
            Ok(())
        }
        _ => Ok(()),
    }
}

/// Refuses what admission refuses on creation.
pub(crate) fn validate(object: &Object, store: &Store) -> Result<(), Status> {
    crate::registry::priorityclass::admit(object, store)?;
    within_limits(object, store)
}

fn within_limits(object: &Object, store: &Store) -> Result<(), Status> {
    let Some(complaint) = limits::complaint(object, store) else { return Ok(()) };
    Err(Status::forbidden(&qualified_resource(object.kind()), &object.meta().name, &complaint))
}

/// Refuses what admission refuses on update: growing a claim whose class does not allow it.
pub(crate) fn validate_update(object: &Object, old: &Object, store: &Store) -> Result<(), Status> {
    crate::registry::priorityclass::admit(object, store)?;
    let (Object::PersistentVolumeClaim(claim), Object::PersistentVolumeClaim(before)) = (object, old) else {
        return Ok(());
    };
    if !claim.metadata.is_terminating() {
        within_limits(object, store)?;
    }
    let size =
        |claim: &PersistentVolumeClaim| claim.spec.resources.requests.get("storage").map_or(0, api::Quantity::milli);
    let class = claim.spec.storage_class_name.clone().unwrap_or_default();
    let may_grow = matches!(
        store.get(&ObjectKey::cluster(Kind::StorageClass, class)),
        Some(Object::StorageClass(class)) if class.allow_volume_expansion == Some(true)
    );
    if size(claim) <= size(before) || may_grow {
        return Ok(());
    }
    let why = "only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize";
    Err(Status::forbidden("persistentvolumeclaims", &claim.metadata.name, why))
}

/// Refuses the deletion of namespaces the system stands on. Models: plugin/pkg/admission/namespace/lifecycle.
pub(crate) fn validate_delete(object: &Object) -> Result<(), Status> {
    let name = &object.meta().name;
    if object.kind() == Kind::Namespace && matches!(name.as_str(), "default" | "kube-system" | "kube-public") {
        return Err(Status::forbidden("namespaces", name, "this namespace may not be deleted"));
    }
    crate::registry::priorityclass::admit_deletion(object)
}

/// Copies the node's topology labels to a pod that is being bound. Models: plugin/pkg/admission/podtopologylabels.
pub(crate) fn copy_topology_labels(pod: &mut Pod, store: &Store) {
    let Some(Object::Node(node)) = store.get(&ObjectKey::cluster(Kind::Node, pod.spec.node_name.clone())) else {
        return;
    };
    for label in TOPOLOGY_LABELS {
        if let Some(value) = node.metadata.labels.get(label) {
            pod.metadata.labels = pod.metadata.labels.with(label, value.clone());
        }
    }
}

fn protect(object: &mut Object, finalizer: &str) {
    let meta = object.meta_mut();
    if !meta.has_finalizer(finalizer) {
        meta.finalizers = meta.finalizers.iter().cloned().chain([Str::from(finalizer)]).collect();
    }
}

/// Fills in priority and preemption policy from the class. Models: plugin/pkg/admission/priority.
fn set_priority(pod: &mut Pod, asked: &Str, store: &Store) -> Result<(), Status> {
    let class = pod.spec.priority_class_name.clone();
    let found = store.list_priority_classes().find(|(name, ..)| if class.is_empty() { false } else { *name == class });
    let fallback = || store.list_priority_classes().find(|(_, _, global_default, _)| *global_default);
    let (value, policy) = match (found, class.is_empty()) {
        (Some((_, value, _, policy)), _) => (value, policy),
        (None, false) => {
            return Err(Status::forbidden("pods", asked, &format!("no PriorityClass with name {class} was found")));
        }
        (None, true) => match fallback() {
            Some((name, value, _, policy)) => {
                pod.spec.priority_class_name = name;
                (value, policy)
            }
            None => (0, Str::default()),
        },
    };
    let policy = if policy.is_empty() { Str::from("PreemptLowerPriority") } else { policy };
    let refuse = |what: &str, given: &str, computed: &str| {
        let why = format!(
            "the {what} ({given}) must not be provided in pod spec; priority admission controller computed {computed} from the given PriorityClass name"
        );
        Err(Status::forbidden("pods", asked, &why))
    };
    if let Some(given) = pod.spec.priority.filter(|given| *given != value) {
        return refuse("integer value of priority", &given.to_string(), &value.to_string());
    }
    let given = &pod.spec.preemption_policy;
    if !given.is_empty() && *given != policy {
        return refuse("string value of PreemptionPolicy", given, &policy);
    }
    pod.spec.priority = Some(value);
    pod.spec.preemption_policy = policy;
    Ok(())
}

/// Gives the pod an account and mounts its token into every container. Models: plugin/pkg/admission/serviceaccount.
fn mount_service_account(
    pod: &mut Pod,
    asked: &Str,
    store: &Store,
    rng: &mut Rng,
    given: &mut Given,
) -> Result<(), Status> {
    if pod.spec.service_account_name.is_empty() {
        pod.spec.service_account_name = "default".into();
    }
    let (namespace, account) = (&pod.metadata.namespace, &pod.spec.service_account_name);
    let key = ObjectKey::new(Kind::ServiceAccount, namespace.clone(), account.clone());
    // The controller that makes `default` acts a moment after the namespace is there; no time passes inside one
    // request here, as it does between two requests of a real client.
    if account != "default" && store.get(&key).is_none() {
        let why =
            format!("error looking up service account {namespace}/{account}: serviceaccount \"{account}\" not found");
        return Err(Status::forbidden("pods", asked, &why));
    }
    let account = pod.spec.service_account_name.clone();
    let known = given.fields.find(|(before, of, _)| before.is_same(&pod.spec.rest) && *of == account);
    if let Some((.., after)) = known {
        pod.spec.rest = after.clone();
    } else {
        let before = std::mem::take(&mut pod.spec.rest);
        pod.spec.rest = before.with("serviceAccount", account.as_str().into());
        given.fields.keep((before, account, pod.spec.rest.clone()));
    }
    let refuses = pod.spec.rest.get("automountServiceAccountToken").and_then(serde_json::Value::as_bool) == Some(false);
    let lacks = |c: &Container| c.volume_mounts.iter().all(|m| m.mount_path != TOKEN_MOUNT_PATH);
    if refuses || !pod.spec.containers.iter().chain(&pod.spec.init_containers).any(lacks) {
        return Ok(());
    }
    let name: Str = format!("kube-api-access-{}", rng.suffix(5)).into();
    let mount = |containers: &List<Container>| -> List<Container> {
        let with_mount = |c: &Container| {
            let mut c = c.clone();
            if lacks(&c) {
                let token = VolumeMount {
                    name: name.clone(),
                    mount_path: TOKEN_MOUNT_PATH.into(),
                    read_only: true,
                    ..Default::default()
                };
                c.volume_mounts = c.volume_mounts.iter().cloned().chain([token]).collect();
            }
            c
        };
        containers.iter().map(with_mount).collect()
    };
    pod.spec.containers = mount(&pod.spec.containers);
    pod.spec.init_containers = mount(&pod.spec.init_containers);
    if given.token.is_empty() {
        given.token = token_volume();
    }
    let volume = Volume { name: name.clone(), rest: given.token.clone(), ..Default::default() };
    pod.spec.volumes = pod.spec.volumes.iter().cloned().chain([volume]).collect();
    Ok(())
}

fn token_volume() -> Rest {
    let sources = json!([
        {"serviceAccountToken": {"expirationSeconds": 3607, "path": "token"}},
        {"configMap": {"items": [{"key": "ca.crt", "path": "ca.crt"}], "name": "kube-root-ca.crt"}},
        {"downwardAPI": {"items": [{"fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.namespace"}, "path": "namespace"}]}},
    ]);
    Rest::default().with("projected", json!({"defaultMode": 420, "sources": sources}))
}

/// Lets pods stay five minutes on a node that is lost. Models: plugin/pkg/admission/defaulttolerationseconds.
fn set_default_tolerations(pod: &mut Pod) {
    for key in ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"] {
        let covered = pod
            .spec
            .tolerations
            .iter()
            .any(|t| (t.key == key || t.key.is_empty()) && (t.effect == "NoExecute" || t.effect.is_empty()));
        if !covered {
            let toleration = Toleration {
                key: key.into(),
                operator: "Exists".into(),
                effect: "NoExecute".into(),
                toleration_seconds: Some(300),
                ..Default::default()
            };
            pod.spec.tolerations = pod.spec.tolerations.iter().cloned().chain([toleration]).collect();
        }
    }
}

/// Gives a claim without a class the newest default one. Models: plugin/pkg/admission/storage/storageclass/setdefault.
fn set_default_class(claim: &mut PersistentVolumeClaim, store: &Store) {
    let annotated = claim.metadata.annotations.has("volume.beta.kubernetes.io/storage-class");
    if claim.spec.storage_class_name.is_some() || annotated {
        return;
    }
    let classes =
        store.list(Kind::StorageClass, None).filter_map(|object| <StorageClass as api::Resource>::from_object(object));
    let newest = StorageClass::newest_default(classes);
    claim.spec.storage_class_name = newest.map(|class| class.metadata.name.clone());
}

impl Store {
    /// Every PriorityClass: name, value, whether it is the default, preemption policy.
    fn list_priority_classes(&self) -> impl Iterator<Item = (Str, i32, bool, Str)> {
        let kind = crate::kind_of("scheduling.k8s.io/v1", "PriorityClass").unwrap_or(Kind::Other(u32::MAX));
        self.list(kind, None).filter_map(|object| match object {
            Object::Other(_, class) => Some((
                class.metadata.name.clone(),
                class
                    .rest
                    .get("value")
                    .and_then(serde_json::Value::as_i64)
                    .and_then(|v| i32::try_from(v).ok())
                    .unwrap_or(0),
                class.rest.get("globalDefault").and_then(serde_json::Value::as_bool).unwrap_or(false),
                class.rest.get("preemptionPolicy").and_then(serde_json::Value::as_str).unwrap_or("").into(),
            )),
            _ => None,
        })
    }
}
