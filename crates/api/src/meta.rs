//! ObjectMeta: name, labels, owners, versions. Models: staging/src/k8s.io/apimachinery/pkg/apis/meta/v1/types.go.

use crate::{List, ManagedFields, ObjectKey, Str, StrMap, Time};

object! {
    /// What every object has.
    pub struct ObjectMeta {
        /// Unique within kind and namespace.
        name: Str = "name",
        /// Prefix for a name the server makes up.
        generate_name: Str = "generateName",
        /// Empty for cluster-wide kinds.
        namespace: Str = "namespace",
        /// Unique over all time.
        uid: Str = "uid",
        /// Changes with each write.
        resource_version: Version = "resourceVersion",
        /// Rises when the desired state changes.
        generation: i64 = "generation",
        /// Set by the server.
        creation_timestamp: Option<Time> = "creationTimestamp",
        /// Set when deletion was asked for and something still holds the object.
        deletion_timestamp: Option<Time> = "deletionTimestamp",
        /// Seconds of grace, beside the deletion timestamp.
        deletion_grace_period_seconds: Option<i64> = "deletionGracePeriodSeconds",
        /// Labels.
        labels: StrMap = "labels",
        /// Annotations.
        annotations: StrMap = "annotations",
        /// Who owns this object.
        owner_references: List<OwnerReference> = "ownerReferences",
        /// What must happen before the object goes.
        finalizers: List<Str> = "finalizers",
        /// Who manages which fields; kept for what users write, told of the rest on reading.
        managed_fields: ManagedFields = "managedFields",
    }
}

object! {
    /// A reference to an owner in the same namespace (or cluster-wide).
    pub struct OwnerReference {
        /// Group and version of the owner.
        api_version: Str = "apiVersion" always,
        /// Kind of the owner.
        kind: Str = "kind" always,
        /// Name of the owner.
        name: Str = "name" always,
        /// UID of the owner.
        uid: Str = "uid" always,
        /// Whether this owner is the managing controller.
        controller: Option<bool> = "controller",
        /// Whether foreground deletion of the owner waits for this object.
        block_owner_deletion: Option<bool> = "blockOwnerDeletion",
    }
}

object! {
    /// A condition in the form that newer kinds share.
    pub struct Condition {
        /// Its name.
        r#type: Str = "type" always,
        /// `True`, `False` or `Unknown`.
        status: Str = "status" always,
        /// Generation the condition speaks of.
        observed_generation: i64 = "observedGeneration",
        /// When the status last changed.
        last_transition_time: Option<Time> = "lastTransitionTime" always,
        /// Why, in a word.
        reason: Str = "reason" always,
        /// Why, in a sentence.
        message: Str = "message" always,
    }
}

impl Condition {
    /// The conditions with this one set; its time of transition stays if the status does. Models: SetStatusCondition.
    #[must_use]
    pub fn set_among(mut self, conditions: &List<Condition>, now: Time) -> List<Condition> {
        let mut list = conditions.to_vec();
        match list.iter_mut().find(|old| old.r#type == self.r#type) {
            Some(old) => {
                self.last_transition_time =
                    if old.status == self.status { old.last_transition_time } else { Some(now) };
                *old = self;
            }
            None => {
                self.last_transition_time = Some(now);
                list.push(self);
            }
        }
        list.into()
    }
}

/// A resource version: the store's write counter, printed as text. 0 means unset.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version(pub u64);

impl crate::Wire for Version {
    fn read(value: serde_json::Value) -> Self {
        Version(value.as_str().and_then(|text| text.parse().ok()).unwrap_or(0))
    }
    fn write(&self) -> serde_json::Value {
        serde_json::Value::String(self.0.to_string())
    }
    fn is_absent(&self) -> bool {
        self.0 == 0
    }
}

impl ObjectMeta {
    /// The owner that manages this object, if any.
    pub fn controller(&self) -> Option<&OwnerReference> {
        self.owner_references.iter().find(|owner| owner.controller == Some(true))
    }

    /// Whether the object with this UID is the managing controller.
    pub fn is_controlled_by(&self, uid: &str) -> bool {
        self.controller().is_some_and(|owner| owner.uid == *uid)
    }

    /// Whether deletion was asked for.
    pub fn is_terminating(&self) -> bool {
        self.deletion_timestamp.is_some()
    }

    /// Whether it has this finalizer.
    pub fn has_finalizer(&self, name: &str) -> bool {
        self.finalizers.iter().any(|f| f == name)
    }
}

impl OwnerReference {
    /// A controller reference to `owner`, as metav1.NewControllerRef makes it.
    pub fn controller_of(owner: &ObjectKey, uid: &Str) -> Self {
        let (api_version, kind) = owner.kind.type_meta();
        OwnerReference {
            api_version: api_version.into(),
            kind: kind.into(),
            name: owner.name.clone(),
            uid: uid.clone(),
            controller: Some(true),
            block_owner_deletion: Some(true),
            rest: Default::default(),
        }
    }
}
