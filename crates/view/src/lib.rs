//! View models: plain, sorted, ready-to-show data, one module for each panel of the page.
//!
//! A [`Snapshot`] is everything the page shows at one moment. It holds no markup, no floats and no clock; text is final,
//! lists are in the order in which they are shown, and parts are shared by reference counting, so that a panel whose part
//! did not change compares equal by pointer. The page formats nothing but Html.

mod build;
mod daemon_set;
mod deployment;
mod event;
mod job;
mod node;
mod object;
mod pod;
mod service;
mod snapshot;
mod stateful_set;
mod status;
mod storage;
mod time;
mod why;
mod workload;

pub use build::{Kept, next_snapshot, snapshot, why};
pub use daemon_set::{Coverage, CoverageState, DaemonSetLane};
pub use deployment::{DeploymentLane, ReplicaSetRow};
pub use event::EventRow;
pub use job::{CronJobLane, CronStart, JobLane};
pub use node::{Machine, Meter, NodeCard};
pub use object::{ObjectRef, Text};
pub use pod::{OwnerRef, PodTile, TileState};
pub use service::{DnsRow, ServiceRow};
pub use snapshot::Snapshot;
pub use stateful_set::{OrdinalSlot, SlotClaim, SlotState, StatefulSetLane};
pub use status::{Problem, Segment, Severity, StatusSentence};
pub use storage::{ClaimRow, ClassRow, VolumeRow};
pub use time::{age_text, clock_text};
pub use why::{Cause, Remedy, ScheduleRow, Scheduling, Verdict, Why, WhyStep};
pub use workload::WorkloadChip;
