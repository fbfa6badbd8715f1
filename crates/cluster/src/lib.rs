//! Composition: the API server, the controllers, the scheduler and the kubelets on one agenda.
//!
//! [`Cluster::step`] is the loop: take the earliest wakeup, ask one brain, apply its plan, hand the changes to
//! everybody. Nobody else writes the store but clients through [`Cluster::server_mut`], and nobody else moves time.
//! A clone of a cluster is a checkpoint: everything in it is shared.

mod cluster;
mod faults;
mod fresh;
mod inside;
mod invariants;
mod queue;
mod trace;
mod waits;

pub use cluster::{Cluster, Reach, Step};
pub use fresh::Options;
pub use inside::Connection;
pub use invariants::{Breach, check, digest};
pub use kubelet::{Entry, Found, ImageBehaviour, Inside, MachineSpec, MountPoint, Request, Response, Timing, Written};
pub use trace::LookRecord;
pub use waits::WaitRecord;
