//! The stored templates of a workload: ControllerRevisions, or the ReplicaSets of a Deployment.

use crate::call::Call;
use crate::fields;
use crate::targets::{Item, with_type};
use crate::verbs::options::LAST_APPLIED;
use api::{ControllerRevision, Object, PodTemplateSpec, ReplicaSet, Str, Wire};
use serde_json::{Value, json};

/// One stored template.
pub(super) struct Revision {
    pub(super) number: i64,
    /// The workload as it was with this template.
    pub(super) template: Value,
    /// The patch that restores it.
    pub(super) patch: Value,
    pub(super) change_cause: String,
}

const CHANGE_CAUSE: &str = "kubernetes.io/change-cause";
const REVISION: &str = "deployment.kubernetes.io/revision";
/// Annotations that belong to a Deployment or to a ReplicaSet alone.
const NOT_COPIED: [&str; 6] = [
    LAST_APPLIED,
    REVISION,
    "deployment.kubernetes.io/revision-history",
    "deployment.kubernetes.io/desired-replicas",
    "deployment.kubernetes.io/max-replicas",
    "deprecated.deployment.rollback.to",
];

/// The stored templates, oldest first; `None` if the kind has no history.
pub(super) fn of(call: &Call<'_>, item: &Item) -> Option<Vec<Revision>> {
    let object = item.object.as_ref()?;
    let uid = &object.meta().uid;
    let mut revisions = match item.info.kind {
        "StatefulSet" | "DaemonSet" => controller_revisions(call, item, object, uid),
        "Deployment" => replica_sets(call, object),
        _ => return None,
    };
    revisions.sort_by_key(|revision| revision.number);
    Some(revisions)
}

fn controller_revisions(call: &Call<'_>, item: &Item, object: &Object, uid: &Str) -> Vec<Revision> {
    let live = with_type(item.info, object);
    let owned = call.lister().list_in::<ControllerRevision>(&item.key.namespace);
    owned
        .filter(|revision| revision.metadata.is_controlled_by(uid))
        .map(|revision| {
            let patch = revision.data.as_deref().cloned().unwrap_or(Value::Null);
            let was = apiserver::strategic_merge(item.info, &live, &patch);
            Revision {
                number: revision.revision,
                template: fields::at(&was, "spec.template").clone(),
                patch,
                change_cause: annotation(&revision.metadata.annotations, CHANGE_CAUSE),
            }
        })
        .collect()
}

/// The templates of a Deployment's ReplicaSets. Going back also brings back the annotations of that time.
fn replica_sets(call: &Call<'_>, deployment: &Object) -> Vec<Revision> {
    let (uid, annotations) = (&deployment.meta().uid, &deployment.meta().annotations);
    let owned = call.lister().owned::<ReplicaSet>(uid).filter(|set| set.metadata.is_controlled_by(uid));
    owned
        .filter_map(|set| {
            let number = set.metadata.annotations.get(REVISION)?.parse().ok()?;
            let mut template = PodTemplateSpec::clone(&set.spec.template);
            template.metadata.labels = template.metadata.labels.without("pod-template-hash");
            let template = template.write();
            let mut replacing = template.clone();
            if let Some(map) = replacing.as_object_mut() {
                map.insert("$patch".to_owned(), "replace".into());
            }
            let is_kept = |key: &Str| NOT_COPIED.contains(&key.as_str());
            let kept = annotations.iter().filter(|(key, _)| is_kept(key));
            let restored = set.metadata.annotations.iter().filter(|(key, _)| !is_kept(key));
            let mut annotations: serde_json::Map<String, Value> =
                kept.chain(restored).map(|(key, value)| (key.to_string(), value.write())).collect();
            annotations.insert("$patch".to_owned(), "replace".into());
            let patch = json!({"metadata": {"annotations": annotations}, "spec": {"template": replacing}});
            let change_cause = annotation(&set.metadata.annotations, CHANGE_CAUSE);
            Some(Revision { number, template, patch, change_cause })
        })
        .collect()
}

fn annotation(annotations: &api::StrMap, key: &str) -> String {
    annotations.get(key).map(ToString::to_string).unwrap_or_default()
}
