//! Kubernetes object types: what is stored, what brains read, what is printed.
//!
//! A type names the fields that something here acts on; every other field of the real API stays with the object
//! as an opaque value (`rest`) and is echoed back. Objects are immutable once stored and share their parts
//! (templates, label maps, names) by reference counting, so a copy is cheap.
//!
//! The wire form is [`serde_json::Value`], whose maps are sorted by key as kubectl prints them.

#[macro_use]
mod wire;
mod affinity;
mod age;
mod apps;
mod autoscaling;
mod batch;
mod container;
mod core;
mod endpoints;
mod error;
mod hash;
mod key;
mod labels;
mod managed;
mod meta;
mod node_affinity;
mod object;
mod pod;
mod pod_status;
mod policy;
mod quantity;
mod selector_text;
mod storage;
mod time;

pub use affinity::*;
pub use age::{age, human_duration};
pub use apps::*;
pub use autoscaling::*;
pub use batch::*;
pub use container::*;
pub use core::*;
pub use endpoints::*;
pub use error::{Cause, Status, StatusReason};
pub use hash::{fnv32, fnv32a, safe_encode};
pub use key::{Kind, ObjectKey};
pub use labels::{LabelSelector, LabelSelectorRequirement, RequiredSelector, Selector, labels_text};
pub use managed::{FieldSet, ManagedEntry, ManagedFields};
pub use meta::{Condition, ObjectMeta, OwnerReference, Version};
pub use object::{Generic, Object, Resource};
pub use pod::*;
pub use pod_status::{PodSummary, pod_status};
pub use policy::*;
pub use quantity::{IntOrString, Quantity, ResourceList};
pub use storage::*;
pub use time::Time;
pub use wire::{List, Rest, Str, StrMap, Wire};
