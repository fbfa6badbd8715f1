//! Where the server's writes meet the managed fields: who writes, what is tracked, and server-side apply.
//! Models: staging/src/k8s.io/apiserver/pkg/endpoints/handlers (create.go, update.go, patch.go), as far as they call the
//! field manager.

use crate::fields::{self, Operation, Typed};
use crate::registry::Part;
use crate::{ResourceInfo, Server};
use api::{Kind, ManagedFields, Object, ObjectKey, Status, StatusReason, Str, Wire};
use serde_json::Value;

/// A user's client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Writer {
    /// The name under which it manages fields: `kubectl-client-side-apply`.
    pub manager: Str,
    /// The subresource it writes through; empty for the object itself.
    pub subresource: &'static str,
}

/// What brains write under.
const BRAIN: &str = "kube-controller-manager";

/// Whether a patch says that nobody is to manage anything: `managedFields: []` or `[{}]`.
pub(crate) fn is_cleared(patch: &Value) -> bool {
    let given = patch.pointer("/metadata/managedFields").and_then(Value::as_array);
    given.is_some_and(|entries| entries.iter().all(|entry| entry.as_object().is_some_and(|fields| fields.is_empty())))
}

/// The object as those see it who manage fields.
fn bare(object: &Object) -> Value {
    let mut value = object.write_body();
    if let Some(meta) = value.get_mut("metadata").and_then(Value::as_object_mut) {
        meta.remove("managedFields");
    }
    value
}

impl Server {
    /// Says who asks from now on: a user's client, or (`None`) nobody but brains.
    pub fn set_writer(&mut self, writer: Option<Writer>) {
        self.writer = writer;
    }

    /// Who asks now.
    pub fn writer(&self) -> Option<&Writer> {
        self.writer.as_ref()
    }

    fn schema_of(&self, kind: Kind) -> (String, bool, Typed<'static>) {
        let info = self.lister().resource(kind);
        let typed = match info.and_then(|info| info.custom) {
            Some(custom) => Typed::custom(&custom.schema),
            None => Typed::builtin(info.and_then(ResourceInfo::definition)),
        };
        (
            info.map_or_else(String::new, ResourceInfo::api_version),
            info.is_some_and(|info| info.has_subresource("status")),
            typed,
        )
    }

    /// Writes into an object who manages its fields after this write. What only brains write is not tracked.
    pub(crate) fn track(&self, object: &mut Object, old: Option<&Object>, part: Part, given: Option<ManagedFields>) {
        let managed = given.unwrap_or_else(|| self.managers_after(object, old, part));
        if object.meta().managed_fields != managed {
            object.meta_mut().managed_fields = managed;
        }
    }

    fn managers_after(&self, object: &Object, old: Option<&Object>, part: Part) -> ManagedFields {
        let managed = old.map(|old| old.meta().managed_fields.clone()).unwrap_or_default();
        let brain = self.writer.is_none();
        if brain && (part == Part::Status || managed.is_empty()) {
            return managed;
        }
        let before = old.map_or_else(|| Value::Object(Default::default()), bare);
        let after = bare(object);
        let subresource = match (&self.writer, part) {
            (_, Part::Status) => "status",
            (Some(writer), Part::Spec) => writer.subresource,
            (None, Part::Spec) => brains_subresource(object, &before, &after),
        };
        let (api_version, has_status, typed) = self.schema_of(object.kind());
        let op = Operation {
            manager: self.writer.as_ref().map_or(BRAIN, |writer| writer.manager.as_str()),
            api_version: &api_version,
            subresource,
            now: self.now(),
            has_status,
            typed,
        };
        fields::update(&op, &managed, &before, &after)
    }

    /// Server-side apply: lays a configuration over what is there, or creates it. Conflicts with other managers are
    /// refused unless `force`.
    pub fn apply_config(&mut self, kind: Kind, config: Value, force: bool, status: bool) -> Result<Object, Status> {
        let (info_version, has_status, typed) = self.schema_of(kind);
        if config.pointer("/metadata/managedFields").is_some_and(|given| !given.is_null()) {
            return Err(Status::new(StatusReason::BadRequest, "metadata.managedFields must be nil"));
        }
        let api_version = config.get("apiVersion").and_then(Value::as_str).unwrap_or(&info_version).to_owned();
        let key = Object::read(kind, config.clone()).key();
        let writer = self.writer.clone();
        let op = Operation {
            manager: writer.as_ref().map_or("kubectl", |writer| writer.manager.as_str()),
            api_version: &api_version,
            subresource: if status { "status" } else { "" },
            now: self.now(),
            has_status,
            typed,
        };
        let Some(old) = self.store.get(&key).cloned() else {
            if status {
                return self.get(&key).cloned();
            }
            let empty = Value::Object(Default::default());
            let (body, managed) = fields::apply(&op, &ManagedFields::default(), &empty, &config, force)?;
            return self.create_managed(Object::read(kind, body), Some(managed));
        };
        let live = bare(&old);
        let (body, managed) = fields::apply(&op, &old.meta().managed_fields, &live, &config, force)?;
        if body == live && managed == old.meta().managed_fields {
            return Ok(old);
        }
        let object = Object::read(kind, body);
        self.write_over(object, if status { Part::Status } else { Part::Spec }, Some(managed))
    }

    /// Hands what `kubectl apply` managed on the client over to `manager`, which applies on the server; whether there
    /// was anything to hand over.
    pub fn upgrade_managers(&mut self, key: &ObjectKey, manager: &Str) -> Result<bool, Status> {
        let object = self.get(key)?.clone();
        let Some(managed) = fields::upgrade(&object.meta().managed_fields, manager) else { return Ok(false) };
        self.write_over(object, Part::Spec, Some(managed)).map(|_| true)
    }

    /// Whether somebody who applies on the server manages the annotation of `kubectl apply`.
    pub fn annotation_is_applied(&self, key: &ObjectKey) -> bool {
        self.store.get(key).is_some_and(|object| fields::annotation_is_applied(&object.meta().managed_fields))
    }

    /// Who manages which fields of an object, as `metadata.managedFields` tells it.
    pub fn managed_fields(&self, object: &Object) -> Value {
        let (api_version, _, typed) = self.schema_of(object.kind());
        fields::shown(object, &bare(object), &api_version, typed).write()
    }
}

/// Through what a brain changes an object that users manage: the autoscaler through its scale, the Deployment
/// controller notes its revision beside the status.
fn brains_subresource(object: &Object, before: &Value, after: &Value) -> &'static str {
    let at = |value: &Value, path: &str| value.pointer(path).cloned();
    if at(before, "/spec/replicas") != at(after, "/spec/replicas") {
        return "scale";
    }
    let only_annotations = at(before, "/spec") == at(after, "/spec");
    if only_annotations && matches!(object, Object::Deployment(_)) { "status" } else { "" }
}
