//! Containers: names, images, ports, environment, probes and hooks.
//! Models: validateContainers, validateInitContainers, validateContainerCommon, ValidateEnv, validateProbe and
//! validateHandler of pkg/apis/core/validation/validation.go.

use super::validate::{Text, array};
use super::volumes::Known;
use super::{resources, security, volumes};
use crate::registry::check::{Causes, Path};
use crate::registry::{meta, names};
use api::{Container, EnvFromSource, EnvVar, EnvVarSource, FieldSelector, KeySelector, PodSpec, Probe};
use serde_json::Value;
use std::collections::BTreeSet;

/// What the pod says that its containers depend on.
pub(super) struct Setting<'a> {
    /// The volumes that may be mounted.
    pub volumes: &'a [Known<'a>],
    /// Seconds of grace.
    pub grace: Option<i64>,
    /// The restart policy.
    pub restart_policy: &'a str,
    /// Whether users are those of the host.
    pub host_users: bool,
    /// The operating system, if the pod names one.
    pub os: Option<&'a str>,
}

/// The fields of a pod that an environment variable may hold.
const ENV_FIELDS: [&str; 9] = [
    "metadata.name",
    "metadata.namespace",
    "metadata.uid",
    "spec.nodeName",
    "spec.serviceAccountName",
    "status.hostIP",
    "status.hostIPs",
    "status.podIP",
    "status.podIPs",
];
/// The fields of a pod that a file may hold.
const FILE_FIELDS: [&str; 5] =
    ["metadata.annotations", "metadata.labels", "metadata.name", "metadata.namespace", "metadata.uid"];
/// The fields that have such a path, but may be held by neither.
const OTHER_FIELDS: [&str; 3] = ["spec.restartPolicy", "spec.schedulerName", "status.phase"];

pub(super) fn validate(spec: &PodSpec, setting: &Setting<'_>, at: &Path<'_>, causes: &mut Causes) {
    let containers = at.field("containers");
    if spec.containers.is_empty() {
        causes.required(&containers, "");
    }
    let mut known: BTreeSet<&str> = BTreeSet::new();
    for (i, container) in spec.containers.iter().enumerate() {
        let at = containers.index(i);
        common(container, setting, &at, causes);
        if !known.insert(&container.name) {
            causes.duplicate(&at.field("name"), container.name.as_str());
        }
        lifecycle(container, setting, &at, causes);
        probes(container, &at, causes);
        restart_policy(container, &at, causes);
    }
    host_ports(&spec.containers, &containers, causes);
    let containers = at.field("initContainers");
    for (i, container) in spec.init_containers.iter().enumerate() {
        let at = containers.index(i);
        common(container, setting, &at, causes);
        restart_policy(container, &at, causes);
        if !container.name.is_empty() && !known.insert(&container.name) {
            causes.duplicate(&at.field("name"), container.name.as_str());
        }
        host_ports(std::slice::from_ref(container), &containers, causes);
        if container.restart_policy == "Always" {
            lifecycle(container, setting, &at, causes);
            probes(container, &at, causes);
        } else {
            only_for_sidecars(container, &at, causes);
        }
    }
}

/// Hooks and probes make no sense for what runs to its end.
fn only_for_sidecars(container: &Container, at: &Path<'_>, causes: &mut Causes) {
    let given = [
        ("lifecycle", container.rest.get("lifecycle").is_some()),
        ("livenessProbe", container.liveness_probe.is_some()),
        ("readinessProbe", container.readiness_probe.is_some()),
        ("startupProbe", container.startup_probe.is_some()),
    ];
    for (field, _) in given.iter().filter(|(_, given)| *given) {
        causes.forbidden(&at.field(field), "may not be set for init containers without restartPolicy=Always");
    }
}

fn common(container: &Container, setting: &Setting<'_>, at: &Path<'_>, causes: &mut Causes) {
    if container.name.is_empty() {
        causes.required(&at.field("name"), "");
    } else {
        meta::name(&container.name, &at.field("name"), names::dns_label, causes);
    }
    if container.image.is_empty() {
        causes.required(&at.field("image"), "");
    }
    let policy = Text(&container.rest).get("terminationMessagePolicy");
    causes.one_of(&at.field("terminationMessagePolicy"), policy, &["File", "FallbackToLogsOnError"]);
    ports(container, &at.field("ports"), causes);
    let env = at.field("env");
    for (i, variable) in container.env.iter().enumerate() {
        environment(variable, &env.index(i), causes);
    }
    env_from(&container.env_from, &at.field("envFrom"), causes);
    volumes::mounts(container, setting.volumes, &at.field("volumeMounts"), causes);
    volumes::devices(container, setting.volumes, &at.field("volumeDevices"), causes);
    let pull = at.field("imagePullPolicy");
    causes.one_of(&pull, &container.image_pull_policy, &["Always", "IfNotPresent", "Never"]);
    resources::requirements(&container.resources, &at.field("resources"), causes);
    let resize = at.field("resizePolicy");
    for policy in array(container.rest.get("resizePolicy")) {
        let text = |field: &str| policy.get(field).and_then(Value::as_str).unwrap_or("");
        causes.one_of(&resize, text("resourceName"), &["cpu", "memory"]);
        causes.one_of(&resize, text("restartPolicy"), &["NotRequired", "RestartContainer"]);
        if setting.restart_policy == "Never" && text("restartPolicy") != "NotRequired" {
            let detail = "must be 'NotRequired' when pod `restartPolicy` is 'Never'";
            causes.invalid(&resize, text("restartPolicy"), detail);
        }
    }
    if let Some(context) = container.rest.get("securityContext") {
        security::container(context, setting.host_users, &at.field("securityContext"), causes);
    }
}

fn ports(container: &Container, at: &Path<'_>, causes: &mut Causes) {
    let mut known: BTreeSet<&str> = BTreeSet::new();
    for (i, port) in container.ports.iter().enumerate() {
        let at = at.index(i);
        if !port.name.is_empty() {
            let wrong = names::port_name(&port.name);
            if wrong.is_empty() && !known.insert(&port.name) {
                causes.duplicate(&at.field("name"), port.name.as_str());
            }
            causes.each_invalid(&at.field("name"), &port.name, wrong);
        }
        if port.container_port == 0 {
            causes.required(&at.field("containerPort"), "");
        } else {
            port_number(port.container_port, &at.field("containerPort"), causes);
        }
        if port.host_port != 0 {
            port_number(port.host_port, &at.field("hostPort"), causes);
        }
        causes.one_of(&at.field("protocol"), &port.protocol, &["SCTP", "TCP", "UDP"]);
    }
}

fn port_number(port: i32, at: &Path<'_>, causes: &mut Causes) {
    causes.in_range(at, port, 1..=65535);
}

/// No two containers take the same port of the node.
fn host_ports(containers: &[Container], at: &Path<'_>, causes: &mut Causes) {
    let mut taken = BTreeSet::new();
    for (i, container) in containers.iter().enumerate() {
        for (j, port) in container.ports.iter().enumerate().filter(|(_, port)| port.host_port != 0) {
            let name = format!("{}/{}/{}", port.protocol, port.host_ip, port.host_port);
            if taken.contains(&name) {
                causes.duplicate(&at.index(i).field("ports").index(j).field("hostPort"), name);
            } else {
                taken.insert(name);
            }
        }
    }
}

fn environment(variable: &EnvVar, at: &Path<'_>, causes: &mut Causes) {
    if variable.name.is_empty() {
        causes.required(&at.field("name"), "");
    } else {
        meta::name(&variable.name, &at.field("name"), names::env_name, causes);
    }
    let Some(source) = &variable.value_from else { return };
    let at = at.field("valueFrom");
    let sources = env_source(source, &at, causes);
    if sources == 0 {
        let detail =
            "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`";
        causes.invalid(&at, "", detail);
    } else if !variable.value.is_empty() {
        causes.invalid(&at, "", "may not be specified when `value` is not empty");
    } else if sources > 1 {
        causes.invalid(&at, "", "may not have more than one field specified at a time");
    }
}

/// Checks the sources of a variable and counts them.
fn env_source(source: &EnvVarSource, at: &Path<'_>, causes: &mut Causes) -> usize {
    let mut sources = 0;
    if let Some(field) = &source.field_ref {
        sources += 1;
        field_selector(field, &ENV_FIELDS, &at.field("fieldRef"), causes);
    }
    if let Some(resource) = source.rest.get("resourceFieldRef") {
        sources += 1;
        resources::field_selector(resource, false, &at.field("resourceFieldRef"), causes);
    }
    for (name, key) in [("configMapKeyRef", &source.config_map_key_ref), ("secretKeyRef", &source.secret_key_ref)] {
        if let Some(key) = key {
            sources += 1;
            key_selector(key, &at.field(name), causes);
        }
    }
    sources + usize::from(source.rest.get("fileKeyRef").is_some())
}

fn key_selector(selector: &KeySelector, at: &Path<'_>, causes: &mut Causes) {
    meta::name(&selector.name, &at.field("name"), names::dns_subdomain, causes);
    if selector.key.is_empty() {
        causes.required(&at.field("key"), "");
    } else {
        meta::name(&selector.key, &at.field("key"), names::config_key, causes);
    }
}

/// Checks a field of a pod that a file holds.
pub(super) fn file_field(selector: &FieldSelector, at: &Path<'_>, causes: &mut Causes) {
    field_selector(selector, &FILE_FIELDS, at, causes);
}

fn field_selector(selector: &FieldSelector, fields: &[&str], at: &Path<'_>, causes: &mut Causes) {
    let path = at.field("fieldPath");
    if selector.api_version.is_empty() {
        return causes.required(&at.field("apiVersion"), "");
    }
    if selector.field_path.is_empty() {
        return causes.required(&path, "");
    }
    let text = selector.field_path.as_str();
    if let Some((map, key)) = text.strip_suffix("']").and_then(|text| text.split_once("['")) {
        return match map {
            "metadata.annotations" => meta::name(&key.to_lowercase(), at, names::qualified_name, causes),
            "metadata.labels" => meta::name(key, at, names::qualified_name, causes),
            _ => {
                let why = format!("error converting fieldPath: field label does not support subscript: {text}");
                causes.invalid(&path, text, why);
            }
        };
    }
    let known = fields.contains(&text) || ENV_FIELDS.contains(&text) || FILE_FIELDS.contains(&text);
    if !known && !OTHER_FIELDS.contains(&text) {
        causes.invalid(&path, text, format!("error converting fieldPath: field label not supported: {text}"));
    } else if !fields.contains(&text) {
        causes.unsupported(&path, text, fields);
    }
}

fn env_from(sources: &[EnvFromSource], at: &Path<'_>, causes: &mut Causes) {
    for (i, source) in sources.iter().enumerate() {
        let item = at.index(i);
        if !source.prefix.is_empty() {
            meta::name(&source.prefix, &item.field("prefix"), names::env_name, causes);
        }
        for (name, reference) in [("configMapRef", &source.config_map_ref), ("secretRef", &source.secret_ref)] {
            let Some(reference) = reference else { continue };
            let name_at = item.field(name);
            let name_at = name_at.field("name");
            if reference.name.is_empty() {
                causes.required(&name_at, "");
            } else {
                let wrong = names::check_name(&reference.name, names::Form::Prefix, names::dns_subdomain);
                causes.each_invalid(&name_at, &reference.name, wrong);
            }
        }
        match (&source.config_map_ref, &source.secret_ref) {
            (None, None) => causes.invalid(at, "", "must specify one of: `configMapRef` or `secretRef`"),
            (Some(_), Some(_)) => causes.invalid(at, "", "may not have more than one field specified at a time"),
            _ => {}
        }
    }
}

fn restart_policy(container: &Container, at: &Path<'_>, causes: &mut Causes) {
    let rules = array(container.rest.get("restartPolicyRules"));
    let policy = at.field("restartPolicy");
    if !container.restart_policy.is_empty() {
        causes.one_of(&policy, &container.restart_policy, &["Always", "Never", "OnFailure"]);
    } else if !rules.is_empty() {
        causes.required(&policy, "must specify restartPolicy when restart rules are used");
    }
    let at = at.field("restartPolicyRules");
    if rules.len() > 20 {
        causes.too_many(&at, rules.len(), 20);
    }
    for (i, rule) in rules.iter().enumerate() {
        let at = at.index(i);
        let action = rule.get("action").and_then(Value::as_str).unwrap_or("");
        causes.one_of(&at.field("action"), action, &["Restart", "RestartAllContainers"]);
        let codes = at.field("exitCodes");
        match rule.get("exitCodes") {
            None => causes.required(&codes, "must be specified"),
            Some(given) => {
                let operator = given.get("operator").and_then(Value::as_str).unwrap_or("");
                causes.one_of(&codes.field("operator"), operator, &["In", "NotIn"]);
            }
        }
    }
}

fn probes(container: &Container, at: &Path<'_>, causes: &mut Causes) {
    let must_be_one = |probe: &Probe, at: &Path<'_>, causes: &mut Causes| {
        if probe.success_threshold != 1 {
            causes.invalid(&at.field("successThreshold"), probe.success_threshold, "must be 1");
        }
    };
    if let Some(probe) = &container.liveness_probe {
        let at = at.field("livenessProbe");
        validate_probe(probe, &at, causes);
        must_be_one(probe, &at, causes);
    }
    if let Some(probe) = &container.readiness_probe {
        let at = at.field("readinessProbe");
        validate_probe(probe, &at, causes);
        if let Some(grace) = probe.rest.get("terminationGracePeriodSeconds") {
            let detail = "must not be set for readinessProbes";
            causes.invalid(&at.field("terminationGracePeriodSeconds"), grace.clone(), detail);
        }
    }
    if let Some(probe) = &container.startup_probe {
        let at = at.field("startupProbe");
        validate_probe(probe, &at, causes);
        must_be_one(probe, &at, causes);
    }
}

fn validate_probe(probe: &Probe, at: &Path<'_>, causes: &mut Causes) {
    let handlers = ["exec", "httpGet", "tcpSocket", "grpc"].map(|name| (name, probe.rest.get(name)));
    handler(&handlers, None, at, causes);
    for (field, value) in [
        ("initialDelaySeconds", probe.initial_delay_seconds),
        ("timeoutSeconds", probe.timeout_seconds),
        ("periodSeconds", probe.period_seconds),
        ("successThreshold", probe.success_threshold),
        ("failureThreshold", probe.failure_threshold),
    ] {
        causes.non_negative(&at.field(field), value);
    }
    let grace = probe.rest.get("terminationGracePeriodSeconds").and_then(Value::as_i64);
    if let Some(grace) = grace.filter(|grace| *grace <= 0) {
        causes.invalid(&at.field("terminationGracePeriodSeconds"), grace, "must be greater than 0");
    }
}

fn lifecycle(container: &Container, setting: &Setting<'_>, at: &Path<'_>, causes: &mut Causes) {
    let Some(hooks) = container.rest.get("lifecycle") else { return };
    let at = at.field("lifecycle");
    for name in ["postStart", "preStop"] {
        if let Some(hook) = hooks.get(name) {
            let handlers = ["exec", "httpGet", "tcpSocket", "sleep"].map(|name| (name, hook.get(name)));
            handler(&handlers, setting.grace, &at.field(name), causes);
        }
    }
    if hooks.get("stopSignal").is_some() && setting.os.is_none() {
        causes.forbidden(&at.field("stopSignal"), "may not be set for containers with empty `spec.os.name`");
    }
}

/// A probe or hook does exactly one thing.
fn handler(handlers: &[(&str, Option<&Value>)], grace: Option<i64>, at: &Path<'_>, causes: &mut Causes) {
    let mut given = handlers.iter().filter_map(|(name, value)| Some((*name, (*value)?)));
    let Some((name, value)) = given.next() else { return causes.required(at, "must specify a handler type") };
    action(name, value, grace, &at.field(name), causes);
    for (name, _) in given {
        causes.forbidden(&at.field(name), "may not specify more than 1 handler type");
    }
}

fn action(name: &str, value: &Value, grace: Option<i64>, at: &Path<'_>, causes: &mut Causes) {
    let text = |field: &str| value.get(field).and_then(Value::as_str).unwrap_or("");
    match name {
        "exec" if array(value.get("command")).is_empty() => causes.required(&at.field("command"), ""),
        "httpGet" => {
            if text("path").is_empty() {
                causes.required(&at.field("path"), "");
            }
            port(value.get("port"), &at.field("port"), causes);
            causes.one_of(&at.field("scheme"), text("scheme"), &["HTTP", "HTTPS"]);
            for header in array(value.get("httpHeaders")) {
                let name = header.get("name").and_then(Value::as_str).unwrap_or("");
                meta::name(name, &at.field("httpHeaders"), names::http_header, causes);
            }
        }
        "tcpSocket" | "grpc" => port(value.get("port"), &at.field("port"), causes),
        "sleep" => {
            let seconds = value.get("seconds").and_then(Value::as_i64).unwrap_or(0);
            if let Some(grace) = grace.filter(|grace| seconds < 0 || seconds > *grace) {
                let detail = format!("must be non-negative and less than terminationGracePeriodSeconds ({grace})");
                causes.invalid(at, seconds, detail);
            }
        }
        _ => {}
    }
}

/// A port by number or name.
fn port(port: Option<&Value>, at: &Path<'_>, causes: &mut Causes) {
    match port {
        Some(Value::String(name)) => meta::name(name, at, names::port_name, causes),
        number => {
            let number = number.and_then(Value::as_i64).unwrap_or(0);
            causes.in_range(at, number, 1..=65535);
        }
    }
}
