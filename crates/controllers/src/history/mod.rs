//! Stored templates: the ControllerRevisions of StatefulSets and DaemonSets.
//! Models: pkg/controller/history/controller_history.go, and getPatch of both controllers.
//!
//! A revision holds the patch that puts a template back. Its name carries a hash of that patch; if another template
//! already has the name, the owner's collision count is mixed in until the name is free.

use crate::pod_control::Owner;
use api::{ControllerRevision, ObjectMeta, PodTemplateSpec, Resource, Str, StrMap, Wire, fnv32, safe_encode};
use apiserver::{DeleteOptions, Lister, Plan, Write};
use serde_json::{Value, json};
use std::rc::Rc;

/// The patch that puts this template back.
pub(crate) fn patch_of(template: &PodTemplateSpec) -> Value {
    let mut template = template.write();
    if let Some(fields) = template.as_object_mut() {
        fields.insert("$patch".to_owned(), "replace".into());
    }
    json!({ "spec": { "template": template } })
}

/// The template that a revision puts back.
pub(crate) fn template_of(revision: &ControllerRevision) -> Option<Rc<PodTemplateSpec>> {
    let mut template = revision.data.as_deref()?.get("spec")?.get("template")?.clone();
    template.as_object_mut()?.remove("$patch");
    Some(Rc::read(template))
}

/// The hash in a revision's name. Models: HashControllerRevision.
pub(crate) fn hash_of(data: &Value, collision_count: Option<i32>) -> String {
    let mut text = go_json(data);
    if let Some(count) = collision_count {
        text.push_str(&count.to_string());
    }
    safe_encode(&fnv32(text.as_bytes()).to_string())
}

/// JSON as Go's encoder writes it: like ours, but for the letters that it keeps out of HTML.
fn go_json(value: &Value) -> String {
    let mut text = String::new();
    for c in value.to_string().chars() {
        match c {
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => text.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => text.push(c),
        }
    }
    text
}

/// A revision that does not exist yet.
pub(crate) struct NewRevision<'a> {
    /// Whose it is to be.
    pub owner: &'a Owner<'a>,
    /// Its labels beside the hash.
    pub labels: &'a StrMap,
    /// The label that holds the hash.
    pub hash_label: &'static str,
    /// Its patch.
    pub data: &'a Rc<Value>,
    /// Its number.
    pub number: i64,
}

impl NewRevision<'_> {
    /// The revision under the name that this collision count gives it.
    fn named(&self, collision_count: Option<i32>) -> ControllerRevision {
        let hash = hash_of(self.data, collision_count);
        let prefix: String = self.owner.meta.name.chars().take(223).collect();
        ControllerRevision {
            metadata: ObjectMeta {
                name: format!("{prefix}-{hash}").into(),
                namespace: self.owner.meta.namespace.clone(),
                labels: self.labels.with(self.hash_label, hash),
                annotations: self.owner.meta.annotations.clone(),
                owner_references: vec![self.owner.reference()].into(),
                ..Default::default()
            },
            data: Some(Rc::clone(self.data)),
            revision: self.number,
            ..Default::default()
        }
    }

    /// Plans its creation under the first free name, counting collisions on from `collision_count`; a revision of
    /// that name with the same patch is taken as it is.
    pub(crate) fn create(
        &self,
        lister: Lister<'_>,
        collision_count: &mut Option<i32>,
        plan: &mut Plan,
    ) -> Rc<ControllerRevision> {
        loop {
            let revision = self.named(*collision_count);
            match lister.get::<ControllerRevision>(&revision.metadata.namespace, &revision.metadata.name) {
                None => {
                    plan.write(Write::Create(revision.clone().into_object()));
                    return Rc::new(revision);
                }
                Some(stored) if stored.data == revision.data => return Rc::clone(stored),
                Some(_) => *collision_count = Some(collision_count.map_or(1, |count| count + 1)),
            }
        }
    }
}

/// Sorts revisions from the oldest to the newest. Models: byRevision.
pub(crate) fn sort(revisions: &mut [Rc<ControllerRevision>]) {
    revisions.sort_by(|a, b| {
        let place = |r: &ControllerRevision| (r.revision, r.metadata.creation_timestamp);
        place(a).cmp(&place(b)).then_with(|| a.metadata.name.cmp(&b.metadata.name))
    });
}

/// Plans to give a revision another number.
pub(crate) fn renumber(revision: &ControllerRevision, number: i64, plan: &mut Plan) -> Rc<ControllerRevision> {
    let mut renumbered = revision.clone();
    if renumbered.revision != number {
        renumbered.revision = number;
        plan.write(Write::Update(renumbered.clone().into_object()));
    }
    Rc::new(renumbered)
}

/// Plans to delete the oldest revisions that `is_live` does not keep, until `surplus` are gone.
pub(crate) fn truncate<'a>(
    sorted: impl IntoIterator<Item = &'a Rc<ControllerRevision>>,
    surplus: usize,
    is_live: impl Fn(&ControllerRevision) -> bool,
    plan: &mut Plan,
) {
    for revision in sorted.into_iter().filter(|revision| !is_live(revision)).take(surplus) {
        plan.write_finally(Write::Delete(revision.key(), DeleteOptions::default()));
    }
}

/// The label of this name, or nothing.
pub(crate) fn label<'a>(object: &'a impl Resource, name: &str) -> &'a str {
    object.meta().labels.get(name).map_or("", Str::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Recorded on a real control plane: this template became web-78d7d6ddc5.
    #[test]
    fn the_hash_is_upstreams() {
        let template = PodTemplateSpec::read(json!({
            "metadata": {"labels": {"app": "web"}},
            "spec": {
                "containers": [{
                    "image": "nginx:1.25", "imagePullPolicy": "IfNotPresent", "name": "nginx",
                    "ports": [{"containerPort": 80, "name": "web", "protocol": "TCP"}],
                    "resources": {}, "terminationMessagePath": "/dev/termination-log", "terminationMessagePolicy": "File",
                    "volumeMounts": [{"mountPath": "/usr/share/nginx/html", "name": "www"}],
                }],
                "dnsPolicy": "ClusterFirst", "restartPolicy": "Always", "schedulerName": "default-scheduler",
                "securityContext": {}, "terminationGracePeriodSeconds": 10,
            },
        }));
        assert_eq!(hash_of(&patch_of(&template), Some(0)), "78d7d6ddc5");
    }

    #[test]
    fn the_patch_gives_the_template_back_and_is_written_as_go_writes_it() {
        let template =
            PodTemplateSpec::read(json!({"metadata": {"annotations": {"a": "<&>"}}, "spec": {"containers": []}}));
        let data = patch_of(&template);
        assert_eq!(
            go_json(&data),
            r#"{"spec":{"template":{"$patch":"replace","metadata":{"annotations":{"a":"\u003c\u0026\u003e"}},"spec":{"containers":[]}}}}"#
        );
        let revision = ControllerRevision { data: Some(Rc::new(data)), ..Default::default() };
        assert_eq!(template_of(&revision), Some(Rc::new(template)));
    }
}
