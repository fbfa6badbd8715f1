//! DaemonSet controller: one pod on every node that fits.
//!
//! Models: pkg/controller/daemon (Kubernetes 1.36).

mod template;

#[cfg(test)]
pub(crate) use template::target_node;
