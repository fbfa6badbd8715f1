//! Pods and pod templates: defaults, checks, what may change.
//! Models: pkg/apis/core/v1/defaults.go, pkg/apis/core/validation, pkg/registry/core/pod/strategy.go.

use super::Part;
use api::{
    Cause, Container, ContainerPort, List, Pod, PodCondition, PodSpec, PodStatus, PodTemplateSpec, Probe, Str, Volume,
};
use serde_json::json;
use std::rc::Rc;

pub(super) fn default(pod: &mut Pod) {
    default_spec(&mut pod.spec);
    if pod.spec.rest.get("enableServiceLinks").is_none() {
        pod.spec.rest = pod.spec.rest.with("enableServiceLinks", json!(true));
    }
}

/// Fills in the defaults of a template, leaving a complete one shared.
pub(super) fn default_template(template: &mut Rc<PodTemplateSpec>) {
    let mut spec = template.spec.clone();
    default_spec(&mut spec);
    if spec != template.spec {
        Rc::make_mut(template).spec = spec;
    }
}

fn default_spec(spec: &mut PodSpec) {
    set(&mut spec.restart_policy, "Always");
    set(&mut spec.scheduler_name, "default-scheduler");
    spec.termination_grace_period_seconds.get_or_insert(30);
    for (field, value) in [("dnsPolicy", json!("ClusterFirst")), ("securityContext", json!({}))] {
        if spec.rest.get(field).is_none() {
            spec.rest = spec.rest.with(field, value);
        }
    }
    let host_network = spec.host_network;
    map_changed(&mut spec.containers, |c| default_container(c, host_network));
    map_changed(&mut spec.init_containers, |c| default_container(c, host_network));
    map_changed(&mut spec.volumes, default_volume);
}

fn default_container(container: &mut Container, host_network: bool) {
    if container.image_pull_policy.is_empty() {
        container.image_pull_policy = if is_latest(&container.image) { "Always" } else { "IfNotPresent" }.into();
    }
    for (field, value) in [("terminationMessagePath", "/dev/termination-log"), ("terminationMessagePolicy", "File")] {
        if container.rest.get(field).is_none() {
            container.rest = container.rest.with(field, json!(value));
        }
    }
    map_changed(&mut container.ports, |port: &mut ContainerPort| {
        set(&mut port.protocol, "TCP");
        if host_network && port.host_port == 0 {
            port.host_port = port.container_port;
        }
    });
    for (name, limit) in container.resources.limits.clone().iter() {
        if !container.resources.requests.has(name) {
            container.resources.requests = container.resources.requests.with(name, limit.clone());
        }
    }
    for probe in [&mut container.liveness_probe, &mut container.readiness_probe, &mut container.startup_probe] {
        if let Some(probe) = probe {
            default_probe(probe);
        }
    }
    for variable in &container.env {
        if let Some(field) = variable.value_from.as_ref().and_then(|from| from.field_ref.as_ref())
            && field.api_version.is_empty()
        {
            map_changed(&mut container.env, |v| {
                if let Some(field) = v.value_from.as_mut().and_then(|from| from.field_ref.as_mut()) {
                    set(&mut field.api_version, "v1");
                }
            });
            break;
        }
    }
}

fn default_probe(probe: &mut Probe) {
    let unset = |n: &mut i32, value| {
        if *n == 0 {
            *n = value;
        }
    };
    unset(&mut probe.timeout_seconds, 1);
    unset(&mut probe.period_seconds, 10);
    unset(&mut probe.success_threshold, 1);
    unset(&mut probe.failure_threshold, 3);
    if let Some(mut get) = probe.rest.get("httpGet").cloned()
        && get.get("scheme").is_none()
    {
        get["scheme"] = json!("HTTP");
        if get.get("path").is_none() {
            get["path"] = json!("/");
        }
        probe.rest = probe.rest.with("httpGet", get);
    }
}

fn default_volume(volume: &mut Volume) {
    if let Some(source) = &mut volume.config_map {
        source.default_mode.get_or_insert(420);
    }
    if let Some(source) = &mut volume.secret {
        source.default_mode.get_or_insert(420);
    }
    if let Some(path) = volume.rest.get("hostPath").filter(|p| p.get("type").is_none()).cloned() {
        let mut path = path;
        path["type"] = json!("");
        volume.rest = volume.rest.with("hostPath", path);
    }
    for field in ["projected", "downwardAPI"] {
        if let Some(source) = volume.rest.get(field).filter(|s| s.get("defaultMode").is_none()).cloned() {
            let mut source = source;
            source["defaultMode"] = json!(420);
            volume.rest = volume.rest.with(field, source);
        }
    }
    let has_source = volume.persistent_volume_claim.is_some() || volume.config_map.is_some() || volume.secret.is_some();
    if !has_source && volume.rest.is_empty() {
        volume.rest = volume.rest.with("emptyDir", json!({}));
    }
}

/// Whether an image is pulled every time by default: its tag is `latest` or absent, and it has no digest.
fn is_latest(image: &str) -> bool {
    let name = image.rsplit('/').next().unwrap_or(image);
    !name.contains('@') && name.split_once(':').is_none_or(|(_, tag)| tag == "latest")
}

fn set(field: &mut Str, value: &str) {
    if field.is_empty() {
        *field = value.into();
    }
}

/// Changes the items of a shared list, copying it only if one of them really changes.
fn map_changed<T: Clone + PartialEq>(list: &mut List<T>, change: impl Fn(&mut T)) {
    let changed: Vec<T> = list
        .iter()
        .map(|item| {
            let mut item = item.clone();
            change(&mut item);
            item
        })
        .collect();
    if changed[..] != list[..] {
        *list = changed.into();
    }
}

pub(super) fn prepare_for_create(pod: &mut Pod) {
    pod.metadata.generation = 1;
    pod.status = PodStatus { phase: "Pending".into(), qos_class: qos_class(&pod.spec).into(), ..Default::default() };
    if !pod.spec.scheduling_gates.is_empty() {
        let gated = PodCondition::new("PodScheduled", false)
            .because("SchedulingGated", "Scheduling is blocked due to non-empty scheduling gates");
        pod.status.conditions = vec![gated].into();
    }
}

/// Guaranteed, Burstable or BestEffort. Models: pkg/apis/core/helper/qos.
fn qos_class(spec: &PodSpec) -> &'static str {
    let containers = || spec.containers.iter().chain(&spec.init_containers);
    let counts = |name: &str| name == "cpu" || name == "memory";
    let any = containers().any(|c| {
        c.resources.requests.iter().chain(c.resources.limits.iter()).any(|(name, q)| counts(name) && !q.is_zero())
    });
    if !any {
        return "BestEffort";
    }
    let full = containers().all(|c| {
        ["cpu", "memory"].iter().all(|name| {
            let limit = c.resources.limits.get(name).filter(|q| !q.is_zero());
            limit.is_some() && limit.map(|q| q.milli()) == c.resources.requests.get(name).map(|q| q.milli())
        })
    });
    if full { "Guaranteed" } else { "Burstable" }
}

pub(super) fn prepare_for_update(new: &mut Pod, old: &Pod, part: Part) {
    match part {
        Part::Spec => {
            new.status = old.status.clone();
            if new.spec != old.spec {
                new.metadata.generation += 1;
            }
        }
        Part::Status => {
            let status = std::mem::take(&mut new.status);
            new.spec = old.spec.clone();
            new.metadata = old.metadata.clone();
            new.status = PodStatus { qos_class: old.status.qos_class.clone(), ..status };
        }
    }
}

pub(super) fn validate(pod: &Pod) -> Vec<Cause> {
    validate_spec(&pod.spec, "spec")
}

/// Everything that is wrong with a pod spec found at `path`.
pub(super) fn validate_spec(spec: &PodSpec, path: &str) -> Vec<Cause> {
    let mut causes = Vec::new();
    if spec.containers.is_empty() {
        causes.push(Cause::required(format!("{path}.containers"), ""));
    }
    for (i, container) in spec.containers.iter().enumerate() {
        if container.image.is_empty() {
            causes.push(Cause::required(format!("{path}.containers[{i}].image"), ""));
        }
    }
    causes
}

pub(super) fn validate_update(new: &Pod, old: &Pod) -> Vec<Cause> {
    let mut causes = validate(new);
    let same = {
        // Images, the deadline and more tolerations may change, gates may go; nothing else.
        let mut comparable = new.spec.clone();
        comparable.active_deadline_seconds = old.spec.active_deadline_seconds;
        comparable.tolerations = old.spec.tolerations.clone();
        comparable.scheduling_gates = old.spec.scheduling_gates.clone();
        comparable.termination_grace_period_seconds = old.spec.termination_grace_period_seconds;
        let images = |new: &List<Container>, old: &List<Container>| -> List<Container> {
            new.iter().zip(old.iter()).map(|(n, o)| Container { image: o.image.clone(), ..n.clone() }).collect()
        };
        if comparable.containers.len() == old.spec.containers.len() {
            comparable.containers = images(&comparable.containers, &old.spec.containers);
        }
        if comparable.init_containers.len() == old.spec.init_containers.len() {
            comparable.init_containers = images(&comparable.init_containers, &old.spec.init_containers);
        }
        comparable == old.spec
    };
    if !same {
        causes.push(Cause::forbidden(
            "spec",
            "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)",
        ));
    }
    causes
}
