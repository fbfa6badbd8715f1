//! What a pod spec must look like. Models: ValidatePodSpec, validatePodMetadataAndSpec and ValidatePodTemplateSpec of
//! pkg/apis/core/validation/validation.go.

use super::containers::Setting;
use super::{containers, resources, scheduling, security, volumes};
use crate::registry::check::{Causes, Path};
use crate::registry::{meta, names};
use api::{PersistentVolumeClaim, Pod, PodSpec, PodTemplateSpec, Rest, StrMap};
use serde_json::Value;

/// Annotation with the price of deleting a pod.
const DELETION_COST: &str = "controller.kubernetes.io/pod-deletion-cost";
/// The largest 32-bit number, the most seconds of a deadline and the largest group or user.
const MAX: i64 = i32::MAX as i64;

/// What the owner of a template adds to its pods.
#[derive(Clone, Copy, Default)]
pub(in crate::registry) struct Extra<'a> {
    /// Claims of a StatefulSet, which are volumes of its pods.
    pub claims: &'a [PersistentVolumeClaim],
    /// Whether the owner names the hosts.
    pub names_hosts: bool,
}

/// Which object a spec stands in.
#[derive(Clone, Copy)]
pub(super) enum Place<'a> {
    /// A pod of this name.
    Pod(&'a str),
    /// A template.
    Template(Extra<'a>),
}

/// Everything that is wrong with a new pod, its metadata aside.
pub(in crate::registry) fn validate(pod: &Pod, causes: &mut Causes) {
    validate_pod(pod, causes);
    let spec = Path::root("spec");
    if pod.spec.rest.get("ephemeralContainers").and_then(Value::as_array).is_some_and(|list| !list.is_empty()) {
        causes.forbidden(&spec.field("ephemeralContainers"), "cannot be set on create");
    }
    if !pod.spec.node_name.is_empty() && !pod.spec.scheduling_gates.is_empty() {
        causes.forbidden(&spec.field("nodeName"), "cannot be set until all schedulingGates have been cleared");
    }
}

/// What new and changed pods have in common.
pub(super) fn validate_pod(pod: &Pod, causes: &mut Causes) {
    let spec = Path::root("spec");
    let at = meta::META.field("annotations");
    pod_annotations(&pod.metadata.annotations, &at, causes);
    validate_spec(&pod.spec, Place::Pod(&pod.metadata.name), &spec, causes);
    for (field, list) in [("containers", &pod.spec.containers), ("initContainers", &pod.spec.init_containers)] {
        for (i, container) in list.iter().enumerate() {
            if container.image.trim().len() != container.image.len() {
                let detail = "must not have leading or trailing whitespace";
                causes.invalid(&spec.field(field).index(i).field("image"), container.image.as_str(), detail);
            }
        }
    }
}

/// Everything that is wrong with the template of a workload.
pub(in crate::registry) fn validate_template(
    template: &PodTemplateSpec,
    extra: Extra<'_>,
    at: &Path<'_>,
    causes: &mut Causes,
) {
    meta::labels(&template.metadata.labels, &at.field("labels"), causes);
    let annotations = at.field("annotations");
    meta::annotations(&template.metadata.annotations, &annotations, causes);
    pod_annotations(&template.metadata.annotations, &annotations, causes);
    let spec = at.field("spec");
    validate_spec(&template.spec, Place::Template(extra), &spec, causes);
    if template.spec.rest.get("ephemeralContainers").and_then(Value::as_array).is_some_and(|list| !list.is_empty()) {
        let detail = "ephemeral containers not allowed in pod template";
        causes.forbidden(&spec.field("ephemeralContainers"), detail);
    }
}

fn pod_annotations(annotations: &StrMap, at: &Path<'_>, causes: &mut Causes) {
    if let Some(cost) = annotations.get(DELETION_COST).filter(|cost| !is_cost(cost)) {
        causes.invalid(&at.key(DELETION_COST), cost.as_str(), "must be a 32bit integer");
    }
}

/// A plain 32-bit number: no sign before it, no zero before its digits.
fn is_cost(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    !text.starts_with('+') && (digits == "0" || !digits.starts_with('0')) && text.parse::<i32>().is_ok()
}

fn validate_spec(spec: &PodSpec, place: Place<'_>, at: &Path<'_>, causes: &mut Causes) {
    let rest = Text(&spec.rest);
    let known = volumes::validate(spec, place, &at.field("volumes"), causes);
    let setting = Setting {
        volumes: &known,
        grace: spec.termination_grace_period_seconds,
        restart_policy: &spec.restart_policy,
        host_users: spec.rest.get("hostUsers").and_then(Value::as_bool) != Some(false),
        os: spec.rest.get("os").and_then(|os| os.get("name")?.as_str()),
    };
    containers::validate(spec, &setting, at, causes);
    host_network_ports(spec, place, at, causes);
    let policies = ["Always", "OnFailure", "Never"];
    causes.one_of(&at.field("restartPolicy"), &spec.restart_policy, &policies);
    let dns = rest.get("dnsPolicy");
    causes.one_of(&at.field("dnsPolicy"), dns, &["ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"]);
    meta::labels(&spec.node_selector, &at.field("nodeSelector"), causes);
    if let Some(context) = spec.rest.get("securityContext") {
        security::pod(context, spec, &at.field("securityContext"), causes);
    }
    scheduling::affinity(spec, &at.field("affinity"), causes);
    dns_config(spec.rest.get("dnsConfig"), dns, &at.field("dnsConfig"), causes);
    let gates = at.field("readinessGates");
    for (i, gate) in array(spec.rest.get("readinessGates")).iter().enumerate() {
        let condition = gate.get("conditionType").and_then(Value::as_str).unwrap_or("");
        meta::name(condition, &gates.index(i).field("conditionType"), names::qualified_name, causes);
    }
    scheduling::gates(spec, &at.field("schedulingGates"), causes);
    scheduling::spread(spec, &at.field("topologySpreadConstraints"), causes);
    names_of_spec(spec, place, at, causes);
    scheduling::tolerations(&spec.tolerations, &at.field("tolerations"), causes);
    host_aliases(spec.rest.get("hostAliases"), &at.field("hostAliases"), causes);
    optional_name(&spec.priority_class_name, &at.field("priorityClassName"), names::dns_subdomain, causes);
    if let Some(class) = spec.rest.get("runtimeClassName").and_then(Value::as_str) {
        meta::name(class, &at.field("runtimeClassName"), names::dns_subdomain, causes);
    }
    if !spec.preemption_policy.is_empty() {
        causes.one_of(&at.field("preemptionPolicy"), &spec.preemption_policy, &["PreemptLowerPriority", "Never"]);
    }
    resources::amounts(&spec.overhead, &at.field("overhead").field("limits"), causes);
    if let Some(os) = setting.os {
        causes.one_of(&at.field("os").field("name"), os, &["linux", "windows"]);
    }
}

/// The names in a spec: account, node, host.
fn names_of_spec(spec: &PodSpec, place: Place<'_>, at: &Path<'_>, causes: &mut Causes) {
    optional_name(&spec.service_account_name, &at.field("serviceAccountName"), names::dns_subdomain, causes);
    optional_name(&spec.node_name, &at.field("nodeName"), names::dns_subdomain, causes);
    if let Some(deadline) = spec.active_deadline_seconds {
        causes.in_range(&at.field("activeDeadlineSeconds"), deadline, 1..=MAX);
    }
    if !matches!(place, Place::Template(Extra { names_hosts: true, .. })) {
        optional_name(&spec.hostname, &at.field("hostname"), names::dns_label, causes);
        optional_name(&spec.subdomain, &at.field("subdomain"), names::dns_label, causes);
    }
}

fn optional_name(text: &str, at: &Path<'_>, check: names::NameCheck, causes: &mut Causes) {
    if !text.is_empty() {
        meta::name(text, at, check, causes);
    }
}

fn host_network_ports(spec: &PodSpec, place: Place<'_>, at: &Path<'_>, causes: &mut Causes) {
    if !spec.host_network {
        return;
    }
    let containers = at.field("containers");
    for (i, container) in spec.containers.iter().enumerate() {
        for (j, port) in container.ports.iter().enumerate() {
            let must_match = matches!(place, Place::Pod(_)) || port.host_port != 0;
            if must_match && port.host_port != port.container_port {
                let detail = "must match `containerPort` when `hostNetwork` is true";
                causes.invalid(&containers.index(i).field("ports").index(j).field("hostPort"), port.host_port, detail);
            }
        }
    }
}

fn dns_config(config: Option<&Value>, policy: &str, at: &Path<'_>, causes: &mut Causes) {
    let servers = array(config.and_then(|c| c.get("nameservers")));
    let searches = array(config.and_then(|c| c.get("searches")));
    if policy == "None" && config.is_none() {
        return causes.required(at, "must provide `dnsConfig` when `dnsPolicy` is None");
    }
    let at_servers = at.field("nameservers");
    if policy == "None" && servers.is_empty() {
        return causes.required(&at_servers, "must provide at least one DNS nameserver when `dnsPolicy` is None");
    }
    if servers.len() > 3 {
        causes.invalid(&at_servers, servers.to_vec(), "must not have more than 3 nameservers");
    }
    for (i, server) in servers.iter().enumerate() {
        meta::name(server.as_str().unwrap_or(""), &at_servers.index(i), names::ip_address, causes);
    }
    let at_searches = at.field("searches");
    if searches.len() > 32 {
        causes.invalid(&at_searches, searches.to_vec(), "must not have more than 32 search paths");
    }
    for (i, search) in searches.iter().enumerate() {
        let search = search.as_str().unwrap_or("");
        if search != "." {
            let search = search.strip_suffix('.').unwrap_or(search);
            meta::name(search, &at_searches.index(i), names::dns_subdomain_with_underscore, causes);
        }
    }
    for (i, option) in array(config.and_then(|c| c.get("options"))).iter().enumerate() {
        if option.get("name").and_then(Value::as_str).unwrap_or("").is_empty() {
            causes.required(&at.field("options").index(i), "must not be empty");
        }
    }
}

fn host_aliases(aliases: Option<&Value>, at: &Path<'_>, causes: &mut Causes) {
    for (i, alias) in array(aliases).iter().enumerate() {
        let at = at.index(i);
        let ip = alias.get("ip").and_then(Value::as_str).unwrap_or("");
        meta::name(ip, &at.field("ip"), names::ip_address, causes);
        for (j, host) in array(alias.get("hostnames")).iter().enumerate() {
            let host = host.as_str().unwrap_or("");
            meta::name(host, &at.field("hostnames").index(j), names::dns_subdomain, causes);
        }
    }
}

/// Fields without a type of their own, read as text.
pub(super) struct Text<'a>(pub &'a Rest);

impl<'a> Text<'a> {
    /// The text of a field; empty if it is absent.
    pub(super) fn get(&self, field: &str) -> &'a str {
        self.0.get(field).and_then(Value::as_str).unwrap_or("")
    }
}

/// The items of a list without a type of its own; none if it is absent.
pub(super) fn array(value: Option<&Value>) -> &[Value] {
    value.and_then(Value::as_array).map_or(&[], Vec::as_slice)
}
