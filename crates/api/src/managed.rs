//! Who manages which fields of an object. Models: ManagedFieldsEntry of
//! staging/src/k8s.io/apimachinery/pkg/apis/meta/v1/types.go.

use crate::{Str, Time, Wire};
use serde_json::{Map, Value, json};
use std::rc::Rc;

/// A set of fields as `fieldsV1` writes it: `f:name` for a field, `k:{…}` and `v:…` for items of lists. A node that has
/// nothing below it, or a `.`, is itself a member.
pub type FieldSet = Map<String, Value>;

/// The managers of an object; empty for objects that no user ever wrote.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct ManagedFields(Option<Rc<Vec<ManagedEntry>>>);

/// What one manager manages by one kind of operation.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct ManagedEntry {
    /// The manager's name: `kubectl-client-side-apply`.
    pub manager: Str,
    /// Whether it applies on the server (`Apply`) rather than writes (`Update`).
    pub applies: bool,
    /// The group and version it wrote in.
    pub api_version: Str,
    /// The subresource it wrote through, if any.
    pub subresource: Str,
    /// When it last changed anything.
    pub time: Option<Time>,
    /// The fields.
    pub fields: FieldSet,
}

impl ManagedFields {
    /// The entries, in the order in which they are shown.
    pub fn entries(&self) -> &[ManagedEntry] {
        self.0.as_ref().map_or(&[], |entries| entries.as_slice())
    }

    /// Whether nobody manages anything.
    pub fn is_empty(&self) -> bool {
        self.entries().is_empty()
    }
}

impl From<Vec<ManagedEntry>> for ManagedFields {
    /// Sorts the entries as the server shows them. Models: sortEncodedManagedFields.
    fn from(mut entries: Vec<ManagedEntry>) -> Self {
        entries.retain(|entry| !entry.fields.is_empty());
        let seconds = |entry: &ManagedEntry| entry.time.map_or(0, |time| time.unix_millis() / 1000);
        entries.sort_by(|a, b| {
            let key = |e: &ManagedEntry| {
                (!e.applies, seconds(e), e.manager.clone(), e.api_version.clone(), e.subresource.clone())
            };
            key(a).cmp(&key(b))
        });
        ManagedFields(if entries.is_empty() { None } else { Some(Rc::new(entries)) })
    }
}

impl ManagedEntry {
    /// Whether both are of the same manager, operation and subresource; appliers may change their version.
    pub fn is_same_manager(&self, other: &ManagedEntry) -> bool {
        self.manager == other.manager
            && self.applies == other.applies
            && self.subresource == other.subresource
            && (self.applies || self.api_version == other.api_version)
    }

    fn to_value(&self) -> Value {
        let mut entry = Map::new();
        entry.insert("apiVersion".into(), self.api_version.write());
        entry.insert("fieldsType".into(), "FieldsV1".into());
        entry.insert("fieldsV1".into(), Value::Object(self.fields.clone()));
        entry.insert("manager".into(), self.manager.write());
        entry.insert("operation".into(), json!(if self.applies { "Apply" } else { "Update" }));
        if !self.subresource.is_empty() {
            entry.insert("subresource".into(), self.subresource.write());
        }
        if let Some(time) = &self.time {
            entry.insert("time".into(), time.write());
        }
        Value::Object(entry)
    }

    fn of_value(mut value: Value) -> ManagedEntry {
        let mut take = |field: &str| value.get_mut(field).map(Value::take).unwrap_or_default();
        let fields = match take("fieldsV1") {
            Value::Object(fields) => fields,
            _ => Map::new(),
        };
        ManagedEntry {
            manager: Str::read(take("manager")),
            applies: take("operation") == "Apply",
            api_version: Str::read(take("apiVersion")),
            subresource: Str::read(take("subresource")),
            time: Wire::read(take("time")),
            fields,
        }
    }
}

impl Wire for ManagedFields {
    fn read(value: Value) -> Self {
        match value {
            Value::Array(items) => items.into_iter().map(ManagedEntry::of_value).collect::<Vec<_>>().into(),
            _ => ManagedFields::default(),
        }
    }
    fn write(&self) -> Value {
        self.entries().iter().map(ManagedEntry::to_value).collect()
    }
    fn is_absent(&self) -> bool {
        self.is_empty()
    }
}
