//! A fresh cluster: what is there before anybody has typed anything. See console.md, "A fresh cluster".

use crate::{Cluster, MachineSpec, Timing};
use api::Time;
use serde_json::{Value, json};

/// How a cluster starts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// Worker nodes, named `node-1` … `node-N`.
    pub nodes: u32,
    /// More worker nodes, each with what it is made of.
    pub machines: Vec<MachineSpec>,
    /// Whether there is also a node `control-plane` with its taint.
    pub control_plane: bool,
    /// Seed of every random choice.
    pub seed: u64,
    /// The wall clock at the start.
    pub start: Time,
    /// How fast things happen.
    pub timing: Timing,
}

impl Default for Options {
    /// Three nodes, seed 1, 2026-01-01T00:00:00Z, realistic timing.
    fn default() -> Self {
        Options {
            nodes: 3,
            machines: Vec::new(),
            control_plane: false,
            seed: 1,
            start: Time::from_unix_millis(1_767_225_600_000),
            timing: Timing::Realistic,
        }
    }
}

/// Creates what is there from the start.
pub(crate) fn fill(cluster: &mut Cluster, options: &Options) {
    for object in objects() {
        let created = cluster.server.create_from(object);
        sim_never(created.is_err(), "the objects of a fresh cluster are valid");
    }
    let mut machines = Vec::new();
    if options.control_plane {
        machines.push(MachineSpec::control_plane("control-plane"));
    }
    machines.extend((1..=options.nodes).map(|n| MachineSpec::worker(&format!("node-{n}"))));
    machines.extend(options.machines.iter().cloned());
    for machine in machines {
        let now = cluster.time();
        let plan = cluster.kubelets.add_ready_machine(&machine, now);
        let registered = cluster.server.apply(&plan);
        sim_never(registered.is_err(), "the nodes of a fresh cluster are valid");
    }
}

fn sim_never(broken: bool, rule: &str) {
    debug_assert!(!broken, "{rule}");
}

fn objects() -> Vec<Value> {
    let mut objects: Vec<Value> = ["default", "kube-system", "kube-public", "kube-node-lease"]
        .iter()
        .map(|name| json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}))
        .collect();
    for (name, value, description) in [
        (
            "system-cluster-critical",
            2_000_000_000,
            "Used for system critical pods that must run in the cluster, but can be moved to another node if necessary.",
        ),
        (
            "system-node-critical",
            2_000_001_000,
            "Used for system critical pods that must not be moved from their current node.",
        ),
    ] {
        objects.push(json!({
            "apiVersion": "scheduling.k8s.io/v1", "kind": "PriorityClass", "metadata": {"name": name, "generation": 1},
            "value": value, "description": description, "preemptionPolicy": "PreemptLowerPriority",
        }));
    }
    objects.push(json!({
        "apiVersion": "storage.k8s.io/v1", "kind": "StorageClass",
        "metadata": {"name": "standard", "annotations": {(api::DEFAULT_CLASS_ANNOTATION): "true"}},
        "provisioner": "podground.dev/disk", "reclaimPolicy": "Delete",
        "volumeBindingMode": "WaitForFirstConsumer", "allowVolumeExpansion": true,
    }));
    objects.push(json!({
        "apiVersion": "v1", "kind": "Service",
        "metadata": {"name": "kubernetes", "namespace": "default", "labels": {"component": "apiserver", "provider": "kubernetes"}},
        "spec": {"clusterIP": "10.96.0.1", "ports": [{"name": "https", "port": 443, "protocol": "TCP", "targetPort": 6443}]},
    }));
    objects
}
