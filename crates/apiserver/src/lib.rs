//! The API server: the store of objects, what may enter it, and the vocabulary in which brains ask for change.
//!
//! Brains (controllers, scheduler, kubelets) read through a [`Lister`] and answer with a [`Plan`]; only the cluster's
//! loop applies plans. kubectl and other clients call the verbs of [`Server`] directly, as they would over HTTP.

mod admission;
mod custom;
mod events;
mod eviction;
mod fields;
mod indexes;
mod lister;
mod metrics;
mod patch;
mod plan;
mod quota;
mod registry;
mod resources;
pub mod scope;
mod server;
mod store;
mod tracking;

pub use custom::{CLEANUP, definition_kind, unknown_fields};
pub use indexes::Standing;
pub use lister::Lister;
pub use metrics::{METRIC_RESOLUTION, PodMetrics, Usage};
pub use patch::{PatchType, json_merge, json_patch, strategic_merge, three_way};
pub use plan::{DeleteOptions, EventRecord, EventType, Plan, Propagation, Step, Wait, Write};
pub use quota::{is_countable, measure as measure_quota, sets_free as sets_quota_free};
pub use resources::{ResourceInfo, find, kind_of, resource, resources};
pub use server::{Server, Validation};
pub use store::{Change, WatchEvent};
pub use tracking::Writer;
