//! Defaults of pods and pod templates. Models: pkg/apis/core/v1/defaults.go.

use api::{
    Container, ContainerPort, EnvVar, List, PersistentVolumeClaim, Pod, PodSpec, PodTemplateSpec, Probe, Rest, Str,
    Volume, Wire,
};
use serde_json::{Value, json};
use std::rc::Rc;

/// Fills in what the author of a pod left out.
pub(in crate::registry) fn default(pod: &mut Pod) {
    let spec = &mut pod.spec;
    default_spec(spec);
    fill(&mut spec.rest, "enableServiceLinks", json!(true));
    let host_network = spec.host_network;
    for containers in [&mut spec.containers, &mut spec.init_containers] {
        map_changed(containers, |c| default_of_pods_only(c, host_network));
    }
}

/// What is filled in for pods, but not yet for the templates they are made from. Models: SetDefaults_Pod.
fn default_of_pods_only(container: &mut Container, host_network: bool) {
    for (name, limit) in container.resources.limits.clone().iter() {
        if !container.resources.requests.has(name) {
            container.resources.requests = container.resources.requests.with(name, limit.clone());
        }
    }
    if host_network {
        map_changed(&mut container.ports, |port: &mut ContainerPort| {
            if port.host_port == 0 {
                port.host_port = port.container_port;
            }
        });
    }
}

/// Fills in the defaults of a template, leaving a complete one shared.
pub(in crate::registry) fn default_template(template: &mut Rc<PodTemplateSpec>) {
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
    fill(&mut spec.rest, "dnsPolicy", json!("ClusterFirst"));
    fill(&mut spec.rest, "securityContext", json!({}));
    // The account has an old name beside its new one.
    if let Some(account) = spec.rest.get("serviceAccount").and_then(Value::as_str) {
        let account = Str::from(account);
        set(&mut spec.service_account_name, &account);
    }
    if !spec.service_account_name.is_empty() {
        spec.rest = spec.rest.with("serviceAccount", spec.service_account_name.as_str().into());
    }
    map_changed(&mut spec.containers, default_container);
    map_changed(&mut spec.init_containers, default_container);
    map_changed(&mut spec.volumes, default_volume);
}

fn default_container(container: &mut Container) {
    if container.image_pull_policy.is_empty() {
        container.image_pull_policy = if is_latest(&container.image) { "Always" } else { "IfNotPresent" }.into();
    }
    fill(&mut container.rest, "terminationMessagePath", json!("/dev/termination-log"));
    fill(&mut container.rest, "terminationMessagePolicy", json!("File"));
    map_changed(&mut container.ports, |port: &mut ContainerPort| set(&mut port.protocol, "TCP"));
    let probes = [&mut container.liveness_probe, &mut container.readiness_probe, &mut container.startup_probe];
    for probe in probes.into_iter().flatten() {
        let mut filled = Probe::clone(probe);
        default_probe(&mut filled);
        // Pods share what their template has in full.
        if filled != **probe {
            *probe = Rc::new(filled);
        }
    }
    if let Some(mut lifecycle) = container.rest.get("lifecycle").cloned() {
        for hook in ["postStart", "preStop"] {
            if let Some(hook) = lifecycle.get_mut(hook) {
                default_http_get(hook);
            }
        }
        container.rest = container.rest.with("lifecycle", lifecycle);
    }
    map_changed(&mut container.env, default_variable);
}

fn default_variable(variable: &mut EnvVar) {
    let Some(source) = &mut variable.value_from else { return };
    if let Some(field) = &mut source.field_ref {
        set(&mut field.api_version, "v1");
    }
    if let Some(mut resource) = source.rest.get("resourceFieldRef").filter(|r| r.get("divisor").is_none()).cloned() {
        resource["divisor"] = json!("0");
        source.rest = source.rest.with("resourceFieldRef", resource);
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
    if let Some(get) = probe.rest.get("httpGet") {
        let mut handler = json!({ "httpGet": get });
        default_http_get(&mut handler);
        probe.rest = probe.rest.with("httpGet", handler["httpGet"].take());
    }
    if let Some(mut grpc) = probe.rest.get("grpc").filter(|g| g.get("service").is_none()).cloned() {
        grpc["service"] = json!("");
        probe.rest = probe.rest.with("grpc", grpc);
    }
}

/// Fills in path and scheme of the HTTP request of a handler, if it makes one.
fn default_http_get(handler: &mut Value) {
    if let Some(get) = handler.get_mut("httpGet").and_then(Value::as_object_mut) {
        for (field, value) in [("path", "/"), ("scheme", "HTTP")] {
            get.entry(field).or_insert_with(|| value.into());
        }
    }
}

fn default_volume(volume: &mut Volume) {
    if let Some(source) = &mut volume.config_map
        && source.default_mode.is_none()
    {
        Rc::make_mut(source).default_mode = Some(420);
    }
    if let Some(source) = &mut volume.secret
        && source.default_mode.is_none()
    {
        Rc::make_mut(source).default_mode = Some(420);
    }
    change(&mut volume.rest, "hostPath", |path| insert(path, "type", json!("")));
    for field in ["projected", "downwardAPI"] {
        change(&mut volume.rest, field, |source| insert(source, "defaultMode", json!(420)));
    }
    change(&mut volume.rest, "downwardAPI", default_downward_api);
    change(&mut volume.rest, "projected", |source| {
        for source in source.get_mut("sources").and_then(Value::as_array_mut).into_iter().flatten() {
            if let Some(token) = source.get_mut("serviceAccountToken") {
                insert(token, "expirationSeconds", json!(3600));
            }
            if let Some(files) = source.get_mut("downwardAPI") {
                default_downward_api(files);
            }
        }
    });
    change(&mut volume.rest, "ephemeral", |source| {
        if let Some(template) = source.get_mut("volumeClaimTemplate") {
            let mut claim = PersistentVolumeClaim::read(json!({"spec": template["spec"]}));
            super::super::persistentvolumeclaim::default(&mut claim);
            template["spec"] = claim.spec.write();
        }
    });
    let has_source = volume.persistent_volume_claim.is_some() || volume.config_map.is_some() || volume.secret.is_some();
    if !has_source && volume.rest.is_empty() {
        volume.rest = volume.rest.with("emptyDir", json!({}));
    }
}

fn default_downward_api(source: &mut Value) {
    for item in source.get_mut("items").and_then(Value::as_array_mut).into_iter().flatten() {
        if let Some(field) = item.get_mut("fieldRef") {
            insert(field, "apiVersion", json!("v1"));
        }
        if let Some(resource) = item.get_mut("resourceFieldRef") {
            insert(resource, "divisor", json!("0"));
        }
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

/// Sets a field that has no type of its own if it is absent.
pub(in crate::registry) fn fill(rest: &mut Rest, field: &str, value: Value) {
    if rest.get(field).is_none() {
        *rest = rest.with(field, value);
    }
}

/// Changes a field that has no type of its own if it is there, copying it only if it really changes.
fn change(rest: &mut Rest, field: &str, change: impl FnOnce(&mut Value)) {
    let Some(before) = rest.get(field) else { return };
    let mut after = before.clone();
    change(&mut after);
    if after != *before {
        *rest = rest.with(field, after);
    }
}

fn insert(value: &mut Value, field: &str, default: Value) {
    if let Some(map) = value.as_object_mut() {
        map.entry(field).or_insert(default);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_become_requests_in_pods_and_not_yet_in_templates() {
        let body = json!({"containers": [{"name": "c", "image": "nginx", "resources": {"limits": {"cpu": "1"}}}]});
        let mut pod = Pod::read(json!({"spec": body}));
        default(&mut pod);
        assert_eq!(pod.spec.containers[0].resources.requests.get("cpu").map(ToString::to_string).as_deref(), Some("1"));
        let mut template = Rc::new(PodTemplateSpec::read(json!({"spec": body})));
        default_template(&mut template);
        assert!(template.spec.containers[0].resources.requests.is_empty());
        assert_eq!(template.spec.containers[0].image_pull_policy, "Always");
    }

    #[test]
    fn a_complete_template_stays_shared() {
        let mut template = Rc::new(PodTemplateSpec::read(json!({"spec": {"containers": [{"name": "c", "image": "a:1",
            "livenessProbe": {"httpGet": {"port": 80}}, "lifecycle": {"preStop": {"httpGet": {"port": 1}}}}],
            "volumes": [{"name": "v"}, {"name": "p", "projected": {"sources": [{"serviceAccountToken": {"path": "t"}}]}}]}})));
        default_template(&mut template);
        let before = Rc::clone(&template);
        default_template(&mut template);
        assert!(Rc::ptr_eq(&before, &template));
        let container = &template.spec.containers[0];
        assert_eq!(
            container.rest.get("lifecycle"),
            Some(&json!({"preStop": {"httpGet": {"path": "/", "port": 1, "scheme": "HTTP"}}}))
        );
        assert_eq!(template.spec.volumes[0].rest.get("emptyDir"), Some(&json!({})));
    }
}
