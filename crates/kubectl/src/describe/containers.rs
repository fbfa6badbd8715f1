//! Containers of a pod or of a template.

use super::capital;
use super::text::{Text, moment, or_none};
use crate::fields;
use api::{
    Container, ContainerPort, ContainerState, ContainerStatus, EnvVar, Pod, Probe, ResourceList, ResourceRequirements,
};
use serde_json::Value;

/// Describes a list of containers; `indent` is not empty inside a template.
pub(super) fn describe(
    text: &mut Text,
    label: &str,
    containers: &[Container],
    statuses: &[ContainerStatus],
    pod: Option<&Pod>,
    indent: &str,
) {
    let none = if containers.is_empty() { " <none>" } else { "" };
    text.line(0, format_args!("{indent}{label}:{none}"));
    for container in containers {
        let status = statuses.iter().find(|status| status.name == container.name);
        basics(text, container, status, indent);
        command(text, container);
        if let Some(status) = status {
            state(text, "State", &status.state);
            if matches!(status.last_state, ContainerState::Terminated(_)) {
                state(text, "Last State", &status.last_state);
            }
            text.field(2, "Ready", capital(status.ready));
            text.field(2, "Restart Count", status.restart_count);
        }
        resources(text, &container.resources, 2);
        let probes = [
            ("Liveness", &container.liveness_probe),
            ("Readiness", &container.readiness_probe),
            ("Startup", &container.startup_probe),
        ];
        for (name, probe) in probes {
            if let Some(probe) = probe {
                text.field(2, name, probe_text(probe));
            }
        }
        environment_sources(text, container);
        environment(text, container, pod);
        mounts(text, container);
    }
}

fn basics(text: &mut Text, container: &Container, status: Option<&ContainerStatus>, indent: &str) {
    let blank = if indent.is_empty() { "" } else { " " };
    text.line(1, format_args!("{blank}{}:", container.name));
    if let Some(status) = status {
        text.field(2, "Container ID", &status.container_id);
    }
    text.field(2, "Image", &container.image);
    if let Some(status) = status {
        text.field(2, "Image ID", &status.image_id);
    }
    let ports = |number: fn(&ContainerPort) -> i32| {
        let each = container.ports.iter().map(|port| {
            let name = if port.name.is_empty() { String::new() } else { format!(" ({})", port.name) };
            format!("{}/{}{name}", number(port), port.protocol)
        });
        each.collect::<Vec<_>>().join(", ")
    };
    let s = if container.ports.len() > 1 { "s" } else { "" };
    text.field(2, &format!("Port{s}"), or_none(&ports(|port| port.container_port)));
    text.field(2, &format!("Host Port{s}"), or_none(&ports(|port| port.host_port)));
}

fn command(text: &mut Text, container: &Container) {
    for (title, words) in [("Command:", &container.command), ("Args:", &container.args)] {
        if !words.is_empty() {
            text.line(2, title);
        }
        for line in words.iter().flat_map(|word| word.split('\n')) {
            text.line(3, line);
        }
    }
}

fn state(text: &mut Text, title: &str, state: &ContainerState) {
    match state {
        ContainerState::None => text.field(2, title, "Waiting"),
        ContainerState::Waiting { reason, .. } => {
            text.field(2, title, "Waiting");
            if !reason.is_empty() {
                text.field(3, "Reason", reason);
            }
        }
        ContainerState::Running { started_at } => {
            text.field(2, title, "Running");
            text.field(3, "Started", moment(Some(*started_at)));
        }
        ContainerState::Terminated(end) => {
            text.field(2, title, "Terminated");
            if !end.reason.is_empty() {
                text.field(3, "Reason", &end.reason);
            }
            if !end.message.is_empty() {
                text.field(3, "Message", &end.message);
            }
            text.field(3, "Exit Code", end.exit_code);
            if end.signal > 0 {
                text.field(3, "Signal", end.signal);
            }
            text.field(3, "Started", moment(end.started_at));
            text.field(3, "Finished", moment(end.finished_at));
        }
    }
}

fn resources(text: &mut Text, resources: &ResourceRequirements, level: usize) {
    let mut list = |title: &str, amounts: &ResourceList| {
        if !amounts.is_empty() {
            text.line(level, title);
        }
        for (name, amount) in amounts.iter() {
            text.field(level + 1, name, amount);
        }
    };
    list("Limits:", &resources.limits);
    list("Requests:", &resources.requests);
}

/// `http-get http://:8080/healthz delay=5s timeout=1s period=10s #success=1 #failure=3`.
fn probe_text(probe: &Probe) -> String {
    let attributes = format!(
        "delay={}s timeout={}s period={}s #success={} #failure={}",
        probe.initial_delay_seconds,
        probe.timeout_seconds,
        probe.period_seconds,
        probe.success_threshold,
        probe.failure_threshold
    );
    let action = |name: &str| probe.rest.get(name).filter(|value| value.is_object());
    if let Some(exec) = action("exec") {
        return format!("exec {} {attributes}", fields::go_text(&exec["command"]));
    }
    if let Some(http) = action("httpGet") {
        let path = fields::text(http, "path");
        let slash = if path.is_empty() || path.starts_with('/') { "" } else { "/" };
        let scheme = match fields::text(http, "scheme") {
            "" => "http".to_owned(),
            scheme => scheme.to_lowercase(),
        };
        let (host, port) = (fields::text(http, "host"), fields::scalar(&http["port"]));
        return format!("http-get {scheme}://{host}:{port}{slash}{path} {attributes}");
    }
    if let Some(tcp) = action("tcpSocket") {
        return format!("tcp-socket {}:{} {attributes}", fields::text(tcp, "host"), fields::scalar(&tcp["port"]));
    }
    if let Some(grpc) = action("grpc") {
        return format!("grpc <pod>:{} {} {attributes}", fields::scalar(&grpc["port"]), fields::text(grpc, "service"));
    }
    format!("unknown {attributes}")
}

fn environment_sources(text: &mut Text, container: &Container) {
    if container.env_from.is_empty() {
        return;
    }
    text.line(2, "Environment Variables from:");
    for source in &container.env_from {
        let (from, reference) = match (&source.config_map_ref, &source.secret_ref) {
            (Some(map), _) => ("ConfigMap", map),
            (None, Some(secret)) => ("Secret", secret),
            (None, None) => continue,
        };
        let prefix = if source.prefix.is_empty() { String::new() } else { format!(" with prefix '{}'", source.prefix) };
        text.line(3, format_args!("{}\t{from}{prefix}\tOptional: {}", reference.name, reference.optional));
    }
}

fn environment(text: &mut Text, container: &Container, pod: Option<&Pod>) {
    text.line(2, if container.env.is_empty() { "Environment:\t<none>" } else { "Environment:" });
    for variable in &container.env {
        match &variable.value_from {
            None => {
                for (index, line) in variable.value.split('\n').enumerate() {
                    let name = if index == 0 { format!("{}:", variable.name) } else { String::new() };
                    text.line(3, format_args!("{name}\t{line}"));
                }
            }
            Some(_) => {
                if let Some(value) = reference_text(variable, container, pod) {
                    text.field(3, &variable.name, value);
                }
            }
        }
    }
}

fn reference_text(variable: &EnvVar, container: &Container, pod: Option<&Pod>) -> Option<String> {
    let source = variable.value_from.as_ref()?;
    if let Some(field) = &source.field_ref {
        let version = or_v1(&field.api_version);
        let value = pod.map(|pod| pod_field(pod, &field.field_path)).unwrap_or_default();
        return Some(format!("{value} ({version}:{})", field.field_path));
    }
    if let Some(resource) = source.rest.get("resourceFieldRef") {
        let name = fields::text(resource, "resource");
        return Some(format!("{} ({name})", resource_field(container, name)));
    }
    if let Some(key) = &source.secret_key_ref {
        return Some(format!("<set to the key '{}' in secret '{}'>\tOptional: {}", key.key, key.name, key.optional));
    }
    let key = source.config_map_key_ref.as_ref()?;
    Some(format!("<set to the key '{}' of config map '{}'>\tOptional: {}", key.key, key.name, key.optional))
}

fn or_v1(version: &str) -> &str {
    if version.is_empty() { "v1" } else { version }
}

/// What the downward API gives for a path. Models: fieldpath.ExtractFieldPathAsString.
fn pod_field(pod: &Pod, path: &str) -> String {
    if let Some((map, key)) = path.strip_suffix("']").and_then(|path| path.split_once("['")) {
        let map = if map == "metadata.annotations" { &pod.metadata.annotations } else { &pod.metadata.labels };
        return map.get(key).map(ToString::to_string).unwrap_or_default();
    }
    match path {
        "metadata.name" => pod.metadata.name.to_string(),
        "metadata.namespace" => pod.metadata.namespace.to_string(),
        "metadata.uid" => pod.metadata.uid.to_string(),
        "spec.nodeName" => String::new(),
        "spec.serviceAccountName" => pod.spec.service_account_name.to_string(),
        _ => String::new(),
    }
}

fn resource_field(container: &Container, name: &str) -> String {
    let (list, resource) = match name.split_once('.') {
        Some(("limits", resource)) => (&container.resources.limits, resource),
        Some((_, resource)) => (&container.resources.requests, resource),
        None => return String::new(),
    };
    match list.get(resource) {
        Some(amount) => amount.value().to_string(),
        None if name.starts_with("limits.") => "node allocatable".to_owned(),
        None => "0".to_owned(),
    }
}

fn mounts(text: &mut Text, container: &Container) {
    text.line(2, if container.volume_mounts.is_empty() { "Mounts:\t<none>" } else { "Mounts:" });
    let mut mounts: Vec<_> = container.volume_mounts.iter().collect();
    mounts.sort_by(|a, b| a.mount_path.cmp(&b.mount_path));
    for mount in mounts {
        let mut flags = if mount.read_only { "ro".to_owned() } else { "rw".to_owned() };
        if !mount.sub_path.is_empty() {
            flags.push_str(&format!(",path={}", fields::quote(&mount.sub_path)));
        }
        text.line(3, format_args!("{} from {} ({flags})", mount.mount_path, mount.name));
    }
    let devices = container.rest.get("volumeDevices").and_then(Value::as_array);
    if let Some(devices) = devices.filter(|devices| !devices.is_empty()) {
        text.line(2, "Devices:");
        for device in devices {
            let (path, name) = (fields::text(device, "devicePath"), fields::text(device, "name"));
            text.line(3, format_args!("{path} from {name}"));
        }
    }
}
