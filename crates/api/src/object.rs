//! Any object: one of the modelled kinds, or a generic one.

use crate::*;
use serde_json::{Map, Value};
use std::rc::Rc;

/// A kind that has a type of its own.
pub trait Resource: Wire + Clone {
    /// Its kind.
    const KIND: Kind;
    /// Its metadata.
    fn meta(&self) -> &ObjectMeta;
    /// Its metadata, to change.
    fn meta_mut(&mut self) -> &mut ObjectMeta;
    /// Wraps it.
    fn into_object(self) -> Object;
    /// Takes it out of an object of this kind.
    fn from_object(object: &Object) -> Option<&Rc<Self>>;
    /// Its key.
    fn key(&self) -> ObjectKey {
        ObjectKey { kind: Self::KIND, namespace: self.meta().namespace.clone(), name: self.meta().name.clone() }
    }
}

object! {
    /// An object of a kind without a type of its own: everything but metadata stays in `rest`.
    pub struct Generic {
        /// Name, labels, owners.
        metadata: ObjectMeta = "metadata" always,
    }
}

macro_rules! kinds {
    ($($kind:ident),* $(,)?) => {
        /// Any object, shared and immutable.
        #[derive(Clone, Debug, PartialEq, Eq)]
        #[expect(missing_docs, reason = "the variants are the kinds' own names")]
        pub enum Object {
            $($kind(Rc<$kind>),)*
            /// A kind without a type of its own.
            Other(Kind, Rc<Generic>),
        }

        $(impl Resource for $kind {
            const KIND: Kind = Kind::$kind;
            fn meta(&self) -> &ObjectMeta {
                &self.metadata
            }
            fn meta_mut(&mut self) -> &mut ObjectMeta {
                &mut self.metadata
            }
            fn into_object(self) -> Object {
                Object::$kind(Rc::new(self))
            }
            fn from_object(object: &Object) -> Option<&Rc<Self>> {
                match object {
                    Object::$kind(inner) => Some(inner),
                    _ => None,
                }
            }
        })*

        impl Object {
            /// Its kind.
            pub fn kind(&self) -> Kind {
                match self {
                    $(Object::$kind(_) => Kind::$kind,)*
                    Object::Other(kind, _) => *kind,
                }
            }

            /// Its metadata.
            pub fn meta(&self) -> &ObjectMeta {
                match self {
                    $(Object::$kind(inner) => &inner.metadata,)*
                    Object::Other(_, inner) => &inner.metadata,
                }
            }

            /// Its metadata, to change; copies the object if it is shared.
            pub fn meta_mut(&mut self) -> &mut ObjectMeta {
                match self {
                    $(Object::$kind(inner) => &mut Rc::make_mut(inner).metadata,)*
                    Object::Other(_, inner) => &mut Rc::make_mut(inner).metadata,
                }
            }

            /// Whether both are the very same object, not only equal.
            pub fn is_same(&self, other: &Object) -> bool {
                match (self, other) {
                    $((Object::$kind(a), Object::$kind(b)) => Rc::ptr_eq(a, b),)*
                    (Object::Other(_, a), Object::Other(_, b)) => Rc::ptr_eq(a, b),
                    _ => false,
                }
            }

            fn body(&self) -> Value {
                match self {
                    $(Object::$kind(inner) => inner.write(),)*
                    Object::Other(_, inner) => inner.write(),
                }
            }

            /// Reads an object of this kind; `apiVersion` and `kind` are not looked at.
            pub fn read(kind: Kind, mut value: Value) -> Object {
                if let Some(map) = value.as_object_mut() {
                    map.remove("kind");
                    map.remove("apiVersion");
                }
                match kind {
                    $(Kind::$kind => Object::$kind(Rc::read(value)),)*
                    other => Object::Other(other, Rc::read(value)),
                }
            }
        }
    };
}

kinds! {
    ConfigMap, ControllerRevision, CronJob, DaemonSet, Deployment, EndpointSlice, Endpoints, Event, HorizontalPodAutoscaler, Job, Lease, LimitRange,
    Namespace, Node, PersistentVolume, PersistentVolumeClaim, Pod, PodDisruptionBudget, ReplicaSet, ReplicationController,
    ResourceQuota, Secret, Service, ServiceAccount, StatefulSet, StorageClass,
}

impl Object {
    /// Its key.
    pub fn key(&self) -> ObjectKey {
        let meta = self.meta();
        ObjectKey { kind: self.kind(), namespace: meta.namespace.clone(), name: meta.name.clone() }
    }

    /// The wire form without `apiVersion` and `kind`, for kinds whose name only the API server's table knows.
    pub fn write_body(&self) -> Value {
        self.body()
    }

    /// The wire form with the given `apiVersion` and `kind`.
    pub fn write_as(&self, api_version: &str, kind: &str) -> Value {
        let mut map = match self.body() {
            Value::Object(map) => map,
            _ => Map::new(),
        };
        map.insert("apiVersion".to_owned(), api_version.into());
        map.insert("kind".to_owned(), kind.into());
        Value::Object(map)
    }

    /// Whether it is the same stored object, not only an equal one.
    pub fn same_version(&self, other: &Object) -> bool {
        self.meta().uid == other.meta().uid && self.meta().resource_version == other.meta().resource_version
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_fields_come_back_and_known_ones_are_typed() {
        let value: Value = serde_json::json!({
            "apiVersion": "v1", "kind": "Pod",
            "metadata": {"name": "a", "namespace": "default", "labels": {"app": "x"}, "selfLink": "/old"},
            "spec": {"containers": [{"name": "c", "image": "nginx", "stdin": true, "resources": {}}], "dnsPolicy": "None"},
            "status": {"phase": "Running", "containerStatuses": [{"name": "c", "image": "nginx", "imageID": "", "lastState": {}, "ready": true,
                "restartCount": 1, "state": {"running": {"startedAt": "2026-01-01T00:00:01Z"}}}]},
        });
        let object = Object::read(Kind::Pod, value.clone());
        let pod = Pod::from_object(&object).expect("a pod");
        assert_eq!(pod.spec.containers[0].image, "nginx");
        assert_eq!(object.write_as("v1", "Pod"), value);
    }
}
