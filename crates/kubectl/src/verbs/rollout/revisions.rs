//! The stored templates of a workload: ControllerRevisions, or the ReplicaSets of a Deployment.

use crate::call::Call;
use crate::fields;
use crate::targets::{Item, with_type};
use api::{ControllerRevision, Object, Str};
use serde_json::Value;

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

/// The stored templates, oldest first; `None` if the kind has no history.
pub(super) fn of(call: &Call<'_>, item: &Item) -> Option<Vec<Revision>> {
    let object = item.object.as_ref()?;
    let uid = &object.meta().uid;
    let mut revisions = match item.info.kind {
        "StatefulSet" | "DaemonSet" => controller_revisions(call, item, object, uid),
        "Deployment" => replica_sets(call, uid),
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

fn replica_sets(call: &Call<'_>, uid: &Str) -> Vec<Revision> {
    let owned = call.lister().owned_by(uid);
    owned
        .filter_map(|set| {
            let number = set.meta().annotations.get(REVISION)?.parse().ok()?;
            let mut template = fields::at(&set.write_body(), "spec.template").clone();
            if let Some(labels) = template.pointer_mut("/metadata/labels").and_then(Value::as_object_mut) {
                labels.remove("pod-template-hash");
            }
            let mut replacing = template.clone();
            if let Some(map) = replacing.as_object_mut() {
                map.insert("$patch".to_owned(), "replace".into());
            }
            let patch = serde_json::json!({"spec": {"template": replacing}});
            let change_cause = annotation(&set.meta().annotations, CHANGE_CAUSE);
            Some(Revision { number, template, patch, change_cause })
        })
        .collect()
}

fn annotation(annotations: &api::StrMap, key: &str) -> String {
    annotations.get(key).map(ToString::to_string).unwrap_or_default()
}
