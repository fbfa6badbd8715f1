//! The verbs of the API server: create, update, patch, delete, bind, and how plans are applied.
//! Models: staging/src/k8s.io/apiserver/pkg/registry/generic/registry/store.go.

use crate::Lister;
use crate::admission;
use crate::custom;
use crate::events;
use crate::patch::{self, PatchType};
use crate::plan::{DeleteOptions, EventRecord, Plan, Propagation, Step, Write};
use crate::quota;
use crate::registry;
use crate::resources::{qualified_kind, qualified_resource, resource};
use crate::store::{Store, WatchEvent};
use crate::tracking::{self, Writer};
use api::{Kind, ManagedFields, Object, ObjectKey, Pod, PodCondition, Resource, Status, StatusReason, Str, Time};
use serde_json::Value;
use sim::{Rng, SimDuration};
use std::rc::Rc;

/// What to do about fields that the schema does not know.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Validation {
    /// Refuse the request.
    #[default]
    Strict,
    /// Drop them and warn.
    Warn,
    /// Drop them.
    Ignore,
}

/// The API server. A clone shares everything stored and costs next to nothing.
#[derive(Clone)]
pub struct Server {
    pub(crate) store: Store,
    now: Time,
    rng: Rng,
    addresses: registry::Addresses,
    given: admission::Given,
    /// Who asks now, if it is a user: what users write is tracked in managed fields.
    pub(crate) writer: Option<Writer>,
    /// Kinds, and fields of kinds, without effect that the user was told about.
    pub(crate) told: std::collections::BTreeSet<(Kind, Option<crate::scope::FieldName>)>,
}

impl Server {
    /// An empty server; `rng` makes the UIDs and name suffixes.
    pub fn new(now: Time, rng: Rng) -> Self {
        Server {
            store: Store::default(),
            now,
            rng,
            addresses: registry::Addresses::default(),
            given: admission::Given::default(),
            writer: None,
            told: Default::default(),
        }
    }

    /// The read-only view.
    pub fn lister(&self) -> Lister<'_> {
        Lister::new(&self.store)
    }

    /// Draws UIDs and name suffixes from another stream from now on; answers with the one before.
    pub fn exchange_rng(&mut self, rng: Rng) -> Rng {
        std::mem::replace(&mut self.rng, rng)
    }

    /// Sets the clock; called by the loop before anything happens at that time.
    pub fn set_now(&mut self, now: Time) {
        self.now = now;
    }

    /// The time on the server's clock.
    pub fn now(&self) -> Time {
        self.now
    }

    /// Says how busy the pods of a workload (or one pod) are: CPU in per cent of what they request. It is what the
    /// metrics API answers from now on. An error if there is no such object, or if it has no pods.
    pub fn set_load(&mut self, key: &ObjectKey, percent: u32) -> Result<(), Status> {
        let object = self.get(key)?;
        if !crate::metrics::takes_load(object) {
            let message = format!("{} has no pods that could be busy", qualified_resource(key.kind));
            return Err(Status::new(StatusReason::BadRequest, message));
        }
        let loads = Rc::make_mut(&mut self.store.loads);
        match percent {
            0 => loads.remove(key),
            percent => loads.insert(key.clone(), percent),
        };
        Ok(())
    }

    /// The cursor of a watch that starts now.
    pub fn watch_cursor(&self) -> u64 {
        self.store.log_end()
    }

    /// What has changed since a cursor.
    pub fn watch_since(&self, cursor: u64) -> impl Iterator<Item = &WatchEvent> {
        self.store.log_since(cursor)
    }

    /// Creates an object from a request body. The body must have passed the schema (see [`crate::Validation`]).
    pub fn create_from(&mut self, body: Value) -> Result<Object, Status> {
        let text = |field: &str| body.get(field).and_then(Value::as_str).unwrap_or("").to_owned();
        let (api_version, name) = (text("apiVersion"), text("kind"));
        let served = self.lister().served(&api_version, &name);
        let (kind, info) = served.ok_or_else(|| no_such_kind(&api_version, &name))?;
        if !info.verbs.contains(&"create") {
            let why = "the server does not allow this method on the requested resource";
            return Err(Status::new(StatusReason::MethodNotAllowed, why));
        }
        if !info.verbs.contains(&"get") {
            return self.answer(kind, info.kind, body);
        }
        self.create(Object::read(kind, body))
    }

    /// What is asked for in the form of an object that is not stored: a review, or to bind a pod.
    fn answer(&mut self, kind: Kind, name: &str, body: Value) -> Result<Object, Status> {
        if name == "Binding" {
            let target = body.pointer("/target/name").and_then(Value::as_str).unwrap_or("").to_owned();
            let asked = Object::read(kind, body);
            let pod = ObjectKey::new(Kind::Pod, asked.meta().namespace.clone(), asked.meta().name.clone());
            return self.bind(&pod, &target.into()).map(|_| asked);
        }
        let mut answered = Object::read(kind, registry::answer(name, body));
        answered.meta_mut().creation_timestamp = Some(self.now);
        Ok(answered)
    }

    /// Creates an object.
    pub fn create(&mut self, object: Object) -> Result<Object, Status> {
        self.create_managed(object, None)
    }

    /// Creates an object whose managers are known, or follow from who writes.
    pub(crate) fn create_managed(
        &mut self,
        mut object: Object,
        managed: Option<ManagedFields>,
    ) -> Result<Object, Status> {
        let kind = object.kind();
        // Early refusals know an object whose name is yet to be made by the beginning of that.
        let meta = object.meta();
        let asked = if meta.name.is_empty() { meta.generate_name.clone() } else { meta.name.clone() };
        self.name_object(&mut object)?;
        let key = object.key();
        if let Some(namespace) = self.store.get(&ObjectKey::cluster(Kind::Namespace, key.namespace.clone())) {
            if namespace.meta().is_terminating() {
                let why = format!(
                    "unable to create new content in namespace {} because it is being terminated",
                    key.namespace
                );
                return Err(Status::forbidden(&qualified_resource(kind), &key.name, &why));
            }
        } else if !key.namespace.is_empty() {
            return Err(Status::not_found("namespaces", &key.namespace)
                .with_hint(format!("create it first: kubectl create namespace {}", key.namespace)));
        }
        // The labels of a Job's pods tell its UID; all others get theirs once they are accepted.
        let has_uid = kind == Kind::Job;
        if has_uid {
            object.meta_mut().uid = self.rng.uuid().into();
        }
        registry::default(&mut object);
        let definition = self.definition_for(kind)?;
        if let Some(definition) = &definition {
            if definition.terminating {
                let why = "create not allowed while custom resource definition is terminating";
                return Err(Status::new(StatusReason::MethodNotAllowed, why));
            }
            custom::shape(definition, &mut object);
        }
        self.track(&mut object, None, registry::Part::Spec, managed);
        admission::mutate(&mut object, &asked, &self.store, &mut self.rng, &mut self.given)?;
        match &definition {
            Some(definition) => custom::prepare_object_for_create(definition, &mut object),
            None => registry::prepare_for_create(&mut object),
        }
        let causes = registry::allocate(&mut object, None, &self.store, &mut self.addresses);
        if !causes.is_empty() {
            return Err(Status::invalid(&qualified_kind(kind), &key.name, causes));
        }
        if self.store.get(&key).is_some() {
            return Err(Status::already_exists(&qualified_resource(kind), &key.name));
        }
        let mut causes = registry::validate(&object);
        causes.extend(definition.iter().flat_map(|definition| custom::check(definition, &object)));
        if !causes.is_empty() {
            return Err(Status::invalid(&qualified_kind(kind), &key.name, causes));
        }
        admission::validate(&object, &self.store)?;
        self.charge(&object, None)?;
        let meta = object.meta_mut();
        if !has_uid {
            meta.uid = self.rng.uuid().into();
        }
        meta.creation_timestamp = Some(self.now);
        meta.deletion_timestamp = None;
        meta.deletion_grace_period_seconds = None;
        Ok(self.store.put(object))
    }

    /// Replaces metadata and spec. A resource version in the object must be the stored one.
    pub fn update(&mut self, object: Object) -> Result<Object, Status> {
        self.write_over(object, registry::Part::Spec, None)
    }

    /// Replaces the status. A resource version in the object must be the stored one.
    pub fn update_status(&mut self, object: Object) -> Result<Object, Status> {
        self.write_over(object, registry::Part::Status, None)
    }

    /// Changes a stored object by a patch; `status` patches the status instead.
    pub fn patch(
        &mut self,
        key: &ObjectKey,
        patch_type: PatchType,
        body: &Value,
        status: bool,
    ) -> Result<Object, Status> {
        let current = self.get(key)?.clone();
        let info = self.lister().resource(key.kind).ok_or_else(|| no_such_kind("", ""))?;
        if info.custom.is_some() && patch_type == PatchType::Strategic {
            let message = "the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml, application/apply-patch+cbor";
            return Err(Status::new(StatusReason::UnsupportedMediaType, message));
        }
        let before = current.write_as(&info.api_version(), info.kind);
        let after = patch::apply(patch_type, info, &before, body)?;
        let mut object = Object::read(key.kind, after);
        if object.key() != *key {
            let cause =
                api::Cause::invalid("metadata.name", format!("\"{}\"", object.meta().name), "field is immutable");
            return Err(Status::invalid(&qualified_kind(key.kind), &key.name, vec![cause]));
        }
        object.meta_mut().uid = current.meta().uid.clone();
        let cleared = tracking::is_cleared(body).then(ManagedFields::default);
        self.write_over(object, if status { registry::Part::Status } else { registry::Part::Spec }, cleared)
    }

    /// Deletes an object, or marks it for deletion if something still holds it. Answers with its last or present state.
    pub fn delete(&mut self, key: &ObjectKey, options: &DeleteOptions) -> Result<Object, Status> {
        let object = self.get(key)?.clone();
        if let Some(uid) = &options.uid
            && *uid != object.meta().uid
        {
            let message = format!(
                "Operation cannot be fulfilled on {} \"{}\": the UID in the precondition ({uid}) does not match the UID in record ({}). The object might have been deleted and then recreated",
                qualified_resource(key.kind),
                key.name,
                object.meta().uid
            );
            return Err(Status::new(StatusReason::Conflict, message));
        }
        admission::validate_delete(&object)?;
        let mut marked = object.clone();
        mark_for_deletion(&mut marked, options, self.now);
        match &mut marked {
            _ if object.meta().is_terminating() => {}
            Object::Namespace(namespace) => Rc::make_mut(namespace).status.phase = "Terminating".into(),
            Object::Other(kind, definition) if *kind == custom::definition_kind() => {
                custom::mark_for_deletion(Rc::make_mut(definition), self.now);
            }
            _ => {}
        }
        if may_go(&marked) {
            if matches!(marked, Object::Pod(_)) && marked != object {
                // Those who watch see a pod's grace end before they see it go.
                self.store.put(marked);
            }
            return self.store.remove(key).ok_or_else(|| Status::not_found(&qualified_resource(key.kind), &key.name));
        }
        if marked == object {
            return Ok(object);
        }
        Ok(self.store.put(marked))
    }

    /// Binds a pod to a node, as the scheduler asks. Models: pkg/registry/core/pod/storage BindingREST.
    pub fn bind(&mut self, key: &ObjectKey, node: &Str) -> Result<Object, Status> {
        let pod = Pod::from_object(self.get(key)?).cloned().ok_or_else(|| Status::not_found("pods", &key.name))?;
        let refuse = |why: String| {
            Err(Status::new(
                StatusReason::Conflict,
                format!("Operation cannot be fulfilled on pods/binding \"{}\": {why}", key.name),
            ))
        };
        if pod.is_terminating() {
            return refuse(format!("pod {} is being deleted, cannot be assigned to a host", key.name));
        }
        if !pod.spec.node_name.is_empty() {
            return refuse(format!("pod {} is already assigned to node \"{}\"", key.name, pod.spec.node_name));
        }
        let mut bound = Pod::clone(&pod);
        bound.spec.node_name = node.clone();
        // Gate ClearingNominatedNodeNameAfterBinding is on since v1.35.
        bound.status.nominated_node_name = Str::default();
        let observed = bound.metadata.generation;
        bound.status.set_condition(
            PodCondition { observed_generation: observed, ..PodCondition::new("PodScheduled", true) },
            self.now,
        );
        admission::copy_topology_labels(&mut bound, &self.store);
        Ok(self.store.put(bound.into_object()))
    }

    /// Records an event.
    pub fn record(&mut self, event: &EventRecord) {
        let uid = self.rng.uuid();
        events::record(&mut self.store, event, self.now, uid);
    }

    /// Applies a plan's writes in order; stops at the first that fails, makes the final ones all the same (or tells of
    /// the failure in their place), and answers with the first error.
    pub fn apply(&mut self, plan: &Plan) -> Result<(), Status> {
        let mut first = self.apply_steps(&plan.steps);
        if first.is_err() {
            first = first.and(self.apply_steps(&plan.if_failed));
        }
        if let (Err(error), Some(status)) = (&first, &plan.on_error) {
            // What led to the failure counts; a status that cannot be written comes with the next try.
            let _written = self.update_status(with_error(status, &error.message));
            return first;
        }
        let last = self.apply_steps(&plan.finally);
        first.and(last)
    }

    fn apply_steps(&mut self, steps: &[Step]) -> Result<(), Status> {
        let mut first_error = Ok(());
        for step in steps {
            if matches!(step.write, Write::StopIfFailed) && first_error.is_err() {
                break;
            }
            if let Err(error) = self.apply_step(step) {
                if first_error.is_ok() {
                    first_error = Err(error);
                }
                if !step.keep_going {
                    break;
                }
            }
        }
        first_error
    }

    fn apply_step(&mut self, step: &Step) -> Result<(), Status> {
        let outcome = match &step.write {
            Write::Create(object) => self.create(object.clone()).map(|o| o.meta().name.clone()),
            Write::Update(object) => self.update(object.clone()).map(|o| o.meta().name.clone()),
            Write::UpdateStatus(object) => self.update_status(object.clone()).map(|o| o.meta().name.clone()),
            Write::Delete(key, options) => self.delete(key, options).map(|o| o.meta().name.clone()),
            Write::Bind { pod, node } => self.bind(pod, node).map(|o| o.meta().name.clone()),
            Write::Record(event) => {
                self.record(event);
                Ok(Str::default())
            }
            Write::StopIfFailed => Ok(Str::default()),
        };
        match (&outcome, &step.on_success, &step.on_failure) {
            (Ok(name), Some(event), _) => {
                self.record(&EventRecord { message: event.message.replace("{name}", name), ..event.clone() });
            }
            (Err(error), _, Some(event)) => {
                self.record(&EventRecord {
                    message: event.message.replace("{error}", &error.message),
                    ..event.clone()
                });
            }
            _ => {}
        }
        outcome.map(|_| ())
    }

    /// The stored object, or the server's NotFound.
    pub fn get(&self, key: &ObjectKey) -> Result<&Object, Status> {
        self.store.get(key).ok_or_else(|| Status::not_found(&qualified_resource(key.kind), &key.name))
    }

    /// Charges an object to the quotas of its namespace, or refuses it.
    fn charge(&mut self, object: &Object, old: Option<&Object>) -> Result<(), Status> {
        for quota in quota::charge(&self.store, object, old, self.now)? {
            self.store.put(quota.into_object());
        }
        Ok(())
    }

    /// The definition of a custom kind, which must be served; nothing for built-in kinds.
    fn definition_for(&self, kind: Kind) -> Result<Option<Rc<custom::Definition>>, Status> {
        if !kind.is_custom() {
            return Ok(None);
        }
        let found = self.lister().definition(kind).filter(|definition| definition.established).cloned();
        found
            .map(Some)
            .ok_or_else(|| Status::new(StatusReason::NotFound, "the server could not find the requested resource"))
    }

    fn name_object(&mut self, object: &mut Object) -> Result<(), Status> {
        let kind = object.kind();
        let namespaced = resource(kind).is_none_or(|info| info.namespaced);
        let meta = object.meta_mut();
        if !namespaced {
            meta.namespace = Str::default();
        } else if meta.namespace.is_empty() {
            meta.namespace = "default".into();
        }
        if meta.name.is_empty() {
            if meta.generate_name.is_empty() {
                let cause = api::Cause::required("metadata.name", "name or generateName is required");
                return Err(Status::invalid(&qualified_kind(kind), "", vec![cause]));
            }
            // Upstream cuts the prefix so that the whole name stays within 63 letters, and draws up to eight times.
            let prefix: String = meta.generate_name.chars().take(58).collect();
            let mut key = ObjectKey::new(kind, meta.namespace.clone(), "");
            for _ in 0..8 {
                key.name = format!("{prefix}{}", self.rng.suffix(5)).into();
                if self.store.get(&key).is_none() {
                    break;
                }
            }
            object.meta_mut().name = key.name;
        }
        Ok(())
    }

    pub(crate) fn write_over(
        &mut self,
        mut object: Object,
        part: registry::Part,
        managed: Option<ManagedFields>,
    ) -> Result<Object, Status> {
        let key = object.key();
        let old = self.get(&key)?.clone();
        let (given, stored) = (object.meta(), old.meta());
        if !given.uid.is_empty() && given.uid != stored.uid
            || given.resource_version.0 != 0 && given.resource_version != stored.resource_version
        {
            return Err(Status::conflict(&qualified_resource(key.kind), &key.name));
        }
        keep_system_fields(&mut object, &old);
        if part == registry::Part::Spec {
            registry::default(&mut object);
        }
        let definition = self.definition_for(key.kind)?;
        if let Some(definition) = &definition {
            custom::shape(definition, &mut object);
        }
        self.track(&mut object, Some(&old), part, managed);
        match &definition {
            Some(definition) => {
                let to_status = part == registry::Part::Status;
                custom::prepare_object_for_update(definition, &mut object, &old, to_status);
            }
            None => registry::prepare_for_update(&mut object, &old, part),
        }
        let mut causes = Vec::new();
        if part == registry::Part::Spec {
            causes = registry::allocate(&mut object, Some(&old), &self.store, &mut self.addresses);
        }
        if causes.is_empty() {
            causes = registry::validate_update(&object, &old, part);
            causes.extend(definition.iter().flat_map(|definition| custom::check(definition, &object)));
        }
        if !causes.is_empty() {
            return Err(Status::invalid(&qualified_kind(key.kind), &key.name, causes));
        }
        admission::validate_update(&object, &old, &self.store)?;
        if part == registry::Part::Spec {
            self.charge(&object, Some(&old))?;
        }
        if object == old {
            return Ok(old);
        }
        if object.meta().is_terminating() && may_go(&object) {
            return self.store.remove(&key).ok_or_else(|| Status::not_found(&qualified_resource(key.kind), &key.name));
        }
        Ok(self.store.put(object))
    }
}

fn no_such_kind(api_version: &str, kind: &str) -> Status {
    Status::new(StatusReason::NotFound, format!("no matches for kind \"{kind}\" in version \"{api_version}\""))
}

/// A status with the server's words in its conditions' messages.
fn with_error(object: &Object, error: &str) -> Object {
    let told = |message: &Str| -> Str { message.replace("{error}", error).into() };
    match object {
        Object::Deployment(deployment) => {
            let mut deployment = api::Deployment::clone(deployment);
            let conditions = deployment.status.conditions.iter();
            deployment.status.conditions =
                conditions.map(|c| api::DeploymentCondition { message: told(&c.message), ..c.clone() }).collect();
            deployment.into_object()
        }
        Object::ReplicaSet(set) => {
            let mut set = api::ReplicaSet::clone(set);
            tell(&mut set.status, told);
            set.into_object()
        }
        Object::ReplicationController(controller) => {
            let mut controller = api::ReplicationController::clone(controller);
            tell(&mut controller.status, told);
            controller.into_object()
        }
        other => other.clone(),
    }
}

fn tell(status: &mut api::ReplicaSetStatus, told: impl Fn(&Str) -> Str) {
    let conditions = status.conditions.iter();
    status.conditions =
        conditions.map(|c| api::ReplicaSetCondition { message: told(&c.message), ..c.clone() }).collect();
}

/// What no client may change on update. Models: rest.BeforeUpdate.
fn keep_system_fields(object: &mut Object, old: &Object) {
    let stored = old.meta();
    let meta = object.meta_mut();
    meta.uid = stored.uid.clone();
    meta.creation_timestamp = stored.creation_timestamp;
    meta.deletion_timestamp = stored.deletion_timestamp;
    meta.deletion_grace_period_seconds = stored.deletion_grace_period_seconds;
    meta.generation = stored.generation;
    meta.resource_version = stored.resource_version;
    meta.generate_name = stored.generate_name.clone();
    if meta.is_terminating() {
        // While an object is going, finalizers may only be taken away.
        let kept: Vec<Str> = meta.finalizers.iter().filter(|f| stored.has_finalizer(f)).cloned().collect();
        meta.finalizers = kept.into();
    }
}

/// Sets the deletion timestamp, grace and propagation finalizers. Models: rest.BeforeDelete, pod strategy CheckGracefulDelete.
fn mark_for_deletion(object: &mut Object, options: &DeleteOptions, now: Time) {
    let grace = pod_grace(object, options);
    let meta = object.meta_mut();
    match (meta.deletion_timestamp, meta.deletion_grace_period_seconds) {
        // A second deletion may only shorten the grace.
        (Some(_), Some(had)) if grace >= had => {}
        (Some(due), Some(had)) => {
            meta.deletion_timestamp = Some(Time::from_unix_millis(due.unix_millis() - (had - grace) * 1000));
            meta.deletion_grace_period_seconds = Some(grace);
        }
        (None, _) => {
            let span = SimDuration::from_secs(u64::try_from(grace).unwrap_or(0));
            meta.deletion_timestamp = Some(now.plus(span));
            meta.deletion_grace_period_seconds = Some(grace);
            if meta.generation > 0 {
                meta.generation += 1;
            }
        }
        (Some(_), None) => {}
    }
    let finalizer = match options.propagation {
        Propagation::Background => return,
        Propagation::Foreground => "foregroundDeletion",
        Propagation::Orphan => "orphan",
    };
    if !meta.has_finalizer(finalizer) {
        meta.finalizers = meta.finalizers.iter().cloned().chain([Str::from(finalizer)]).collect();
    }
}

/// Seconds that a pod's containers get to stop: none if none was ever started.
fn pod_grace(object: &Object, options: &DeleteOptions) -> i64 {
    let Object::Pod(pod) = object else { return 0 };
    if pod.spec.node_name.is_empty() || pod.is_finished() {
        return 0;
    }
    let wanted = options.grace_period_seconds.or(pod.spec.termination_grace_period_seconds).unwrap_or(30);
    wanted.max(0)
}

/// Whether nothing holds an object that is marked for deletion.
fn may_go(object: &Object) -> bool {
    let meta = object.meta();
    let held = match object {
        Object::Namespace(namespace) => !namespace.spec.finalizers.is_empty(),
        _ => false,
    };
    meta.finalizers.is_empty() && meta.deletion_grace_period_seconds.unwrap_or(0) == 0 && !held
}

/// Shared handle to a pod, for those who only know its key.
impl Server {
    /// The pod of this namespace and name.
    pub fn pod(&self, namespace: &str, name: &str) -> Option<&Rc<Pod>> {
        Pod::from_object(self.store.get(&ObjectKey::new(Kind::Pod, namespace, name))?)
    }
}
