//! Descriptions: everything about one object, one file a kind.
//!
//! Models: staging/src/k8s.io/kubectl/pkg/describe/describe.go.

mod certificate;
mod config;
mod containers;
mod deployment;
mod endpointslice;
mod events;
mod generic;
mod horizontalpodautoscaler;
mod job;
mod namespace;
mod networking;
mod node;
mod pod;
mod policy;
mod rbac;
mod replicaset;
mod service;
mod storage;
mod template;
mod text;
mod volumes;
mod workloads;

use crate::call::Call;
use api::{Kind, Object, Pod, Str};
use apiserver::ResourceInfo;
use text::Text;

/// Describes an object.
pub(crate) fn describe(call: &Call<'_>, info: &ResourceInfo, object: &Object, show_events: bool) -> String {
    let mut text = Text::default();
    let with_events = match object {
        Object::ConfigMap(map) => config::config_map(&mut text, map),
        Object::CronJob(it) => job::cron_job(&mut text, it),
        Object::DaemonSet(set) => workloads::daemon_set(call, &mut text, set),
        Object::Deployment(it) => deployment::describe(call, &mut text, it),
        Object::EndpointSlice(slice) => endpointslice::describe(&mut text, slice),
        Object::Endpoints(endpoints) => endpointslice::endpoints(&mut text, endpoints),
        Object::HorizontalPodAutoscaler(it) => horizontalpodautoscaler::describe(&mut text, it),
        Object::Job(it) => job::job(&mut text, it),
        Object::LimitRange(range) => policy::limit_range(&mut text, range),
        Object::Namespace(namespace) => namespace::describe(call, &mut text, namespace),
        Object::Node(node) => node::describe(call, &mut text, node),
        Object::PersistentVolume(volume) => storage::volume(call, &mut text, volume),
        Object::PersistentVolumeClaim(claim) => storage::claim(call, &mut text, claim),
        Object::Pod(pod) => pod::describe(call, &mut text, pod),
        Object::PodDisruptionBudget(budget) => policy::disruption_budget(&mut text, budget),
        Object::ReplicaSet(set) => replicaset::replica_set(call, &mut text, set),
        Object::ReplicationController(it) => replicaset::replication_controller(call, &mut text, it),
        Object::ResourceQuota(quota) => policy::quota(&mut text, quota),
        Object::Secret(secret) => config::secret(&mut text, secret),
        Object::Service(service) => service::describe(call, &mut text, service),
        Object::ServiceAccount(account) => config::service_account(&mut text, account),
        Object::StatefulSet(set) => workloads::stateful_set(call, &mut text, set),
        Object::StorageClass(class) => storage::class(&mut text, class),
        other => match info.kind {
            "CSINode" => generic::csi_node(&mut text, other),
            "CertificateSigningRequest" => certificate::request(&mut text, other),
            "ClusterRole" | "Role" => rbac::role(&mut text, other),
            "ClusterRoleBinding" | "RoleBinding" => rbac::binding(&mut text, other),
            "IPAddress" => networking::ip_address(&mut text, other),
            "Ingress" => networking::ingress(call, &mut text, other),
            "IngressClass" => networking::ingress_class(&mut text, other),
            "NetworkPolicy" => networking::policy(&mut text, other),
            "ServiceCIDR" => networking::service_cidr(&mut text, other),
            "VolumeAttributesClass" => generic::attributes_class(&mut text, other),
            "PriorityClass" => generic::priority_class(&mut text, other),
            _ => generic::describe(&mut text, info, other),
        },
    };
    if show_events && with_events {
        events::describe(call, &mut text, object);
    }
    text.finish()
}

/// A pod template by itself, its tabs left as they are: `rollout history` prints it so.
pub(crate) fn template(template: &api::PodTemplateSpec) -> String {
    let mut text = Text::default();
    template::describe(&mut text, template);
    text.raw()
}

/// Pods of a controller by phase.
#[derive(Default)]
struct PodCounts {
    running: usize,
    waiting: usize,
    succeeded: usize,
    failed: usize,
}

impl PodCounts {
    /// Counts the pods that this controller owns. Models: getPodStatusForController.
    fn of(call: &Call<'_>, uid: &Str) -> Self {
        let mut counts = PodCounts::default();
        for object in call.lister().owned_by(uid).filter(|object| object.kind() == Kind::Pod) {
            let Object::Pod(pod) = object else { continue };
            if !pod.metadata.is_controlled_by(uid) {
                continue;
            }
            match pod.status.phase.as_str() {
                "Running" => counts.running += 1,
                "Pending" => counts.waiting += 1,
                "Succeeded" => counts.succeeded += 1,
                "Failed" => counts.failed += 1,
                _ => {}
            }
        }
        counts
    }
}

impl std::fmt::Display for PodCounts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let PodCounts { running, waiting, succeeded, failed } = self;
        write!(f, "{running} Running / {waiting} Waiting / {succeeded} Succeeded / {failed} Failed")
    }
}

/// `StatefulSet/web`, if something controls the object.
fn controlled_by(meta: &api::ObjectMeta) -> Option<String> {
    meta.controller().map(|owner| format!("{}/{}", owner.kind, owner.name))
}

/// `True`, `False`.
fn capital(on: bool) -> &'static str {
    if on { "True" } else { "False" }
}

/// A Go list: `[a b]`.
fn go_list<T: std::fmt::Display>(items: &[T]) -> String {
    format!("[{}]", items.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "))
}

/// The pods of a node that have not ended.
fn live_pods_on<'a>(call: &'a Call<'_>, node: &str) -> Vec<&'a Pod> {
    let mut pods: Vec<&Pod> =
        call.lister().pods_on_node(node).map(|pod| &**pod).filter(|pod| !pod.is_finished()).collect();
    pods.sort_by(|a, b| (&a.metadata.namespace, &a.metadata.name).cmp(&(&b.metadata.namespace, &b.metadata.name)));
    pods
}
