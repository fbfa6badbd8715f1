//! A fresh cluster: what is there before anybody has typed anything. See console.md, "A fresh cluster".

use crate::{Cluster, MachineSpec, Timing};
use api::Time;
use serde_json::{Value, json};
use sim::Rng;

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

/// Makes the seed of the control plane's own objects another one.
const OWN_STREAM: u64 = 0x6b75_6265;

/// Creates what is there from the start.
pub(crate) fn fill(cluster: &mut Cluster, options: &Options) {
    for object in objects() {
        let created = cluster.server.create_from(object);
        sim_never(created.is_err(), "the objects of a fresh cluster are valid");
    }
    // The API server writes its own addresses. They have a stream of their own, so that what users make has the same
    // names as ever.
    let usual = cluster.server.exchange_rng(Rng::new(options.seed ^ OWN_STREAM));
    for object in own_addresses(options.control_plane) {
        let created = cluster.server.create_from(object);
        sim_never(created.is_err(), "the addresses of the API server are valid");
    }
    cluster.server.exchange_rng(usual);
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

/// Where the Service `kubernetes` leads. Models: pkg/controlplane/reconcilers/endpointsadapter.go.
fn own_addresses(control_plane: bool) -> [Value; 2] {
    // The control plane's node is the first machine; without it the API server runs outside the cluster.
    let ip = if control_plane { "10.0.0.1" } else { "10.0.255.254" };
    let ports = json!([{"name": "https", "port": 6443, "protocol": "TCP"}]);
    [
        json!({
            "apiVersion": "v1", "kind": "Endpoints",
            "metadata": {"name": "kubernetes", "labels": {"endpointslice.kubernetes.io/skip-mirror": "true"}},
            "subsets": [{"addresses": [{"ip": ip}], "ports": ports}],
        }),
        json!({
            "apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice",
            "metadata": {"name": "kubernetes", "generation": 1, "labels": {"kubernetes.io/service-name": "kubernetes"}},
            "addressType": "IPv4", "endpoints": [{"addresses": [ip], "conditions": {"ready": true}}], "ports": ports,
        }),
    ]
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
