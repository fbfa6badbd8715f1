//! kube-scheduler: finds a node for every pod that has none.
//!
//! [`Scheduler`] is a brain with a state: it is shown every change ([`Scheduler::observe`]) and asked for one decision
//! at a time ([`Scheduler::step`]), which is a plan and a [`SchedulingTrace`] for people. One decision is upstream's
//! scheduling cycle: take the first pod of the queue, ask the plugins which nodes fit (filters) and which of them is
//! best (scores), then bind it, order its volumes, make room for it, or put it back and say why.
//!
//! The rooms: `queue` (who is next), `cache` and `node_info` (what is where), `counts` (numbers of matching pods that
//! are kept instead of counted), `cycle` (filters and scores), `plugins` (one file each), `attempt` (from outcome to
//! plan), `binding` (waiting for volumes), `diagnosis` (the message), `waits` (the sentence for people).
//!
//! Models: pkg/scheduler of Kubernetes v1.36 with its default configuration. Not modelled: see SCOPE.md, "Scheduler".

mod attempt;
mod binding;
mod cache;
mod counts;
mod cycle;
mod diagnosis;
mod events;
#[cfg(test)]
mod harness;
mod matching;
mod node_info;
mod plugins;
mod queue;
mod scheduler;
mod selector;
mod terms;
#[cfg(test)]
mod tests;
mod trace;
mod waits;

pub use scheduler::{Attempt, Scheduler};
pub use trace::{Examination, NodeRow, NodeVerdict, Outcome, PluginVerdict, SchedulingTrace};
