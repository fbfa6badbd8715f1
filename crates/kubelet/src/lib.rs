//! The node model: machines, their kubelets, and the pods that really run on them.
//!
//! Images are not run; their life is modelled. [`Kubelets`] holds all machines: it is told of every change, says when
//! something is due, and answers a step with a plan of writes, as every brain does. What runs on a machine that is
//! cut off or without power may differ from what the API says until it reports again.
//!
//! Per pod, one look ([`turn`]) takes in what has come due, decides what is next ([`actions`], a pure function over
//! the worker), begins it and says when to look again ([`times`]); the report ([`status`]) is computed from the real
//! state. How long each stage takes is a table ([`timing`]).
//!
//! Models: pkg/kubelet.

mod actions;
mod admission;
mod ailments;
mod back_off;
mod env;
mod faults;
mod files;
mod hash;
mod hooks;
mod images;
mod inside;
mod journal;
mod kubelets;
#[cfg(test)]
mod life;
mod machine;
mod node;
mod phase;
mod probes;
mod program;
mod script;
mod servers;
mod start;
mod status;
mod stop;
mod times;
mod timing;
mod turn;
mod volumes;
mod waits;
mod worker;

pub use files::Entry;
pub use images::ImageBehaviour;
pub use inside::{Found, Inside, MountPoint, Written};
pub use kubelets::{Kubelets, Outcome};
pub use machine::MachineSpec;
pub use program::LogLine;
pub use servers::{Request, Response};
pub use timing::Timing;
