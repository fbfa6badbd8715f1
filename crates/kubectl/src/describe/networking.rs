//! Ingresses, NetworkPolicies and what belongs to them.

use super::text::{Text, or_none};
use crate::call::Call;
use crate::fields::{at, list, scalar, text as field};
use api::{EndpointSlice, LabelSelector, Object, Service, Wire};
use serde_json::Value;

pub(super) fn ingress(call: &Call<'_>, text: &mut Text, object: &Object) -> bool {
    let (body, meta) = (object.write_body(), object.meta());
    text.field(0, "Name", &meta.name);
    text.labels("Labels", &meta.labels);
    text.field(0, "Namespace", &meta.namespace);
    let addresses = list(&body, "status.loadBalancer.ingress").iter();
    let addresses: Vec<&str> =
        addresses.map(|it| if field(it, "ip").is_empty() { field(it, "hostname") } else { field(it, "ip") }).collect();
    text.field(0, "Address", addresses.join(","));
    text.field(0, "Ingress Class", or_none(field(&body, "spec.ingressClassName")));
    let default = match at(&body, "spec.defaultBackend") {
        Value::Null => "<default>".to_owned(),
        it => backend(call, &meta.namespace, it),
    };
    text.field(0, "Default backend", &default);
    let tls = list(&body, "spec.tls");
    if !tls.is_empty() {
        text.line(0, "TLS:");
    }
    for entry in tls {
        let hosts: Vec<String> = list(entry, "hosts").iter().map(scalar).collect();
        match field(entry, "secretName") {
            "" => text.line(1, format_args!("SNI routes {}", hosts.join(","))),
            secret => text.line(1, format_args!("{secret} terminates {}", hosts.join(","))),
        }
    }
    text.line(0, "Rules:");
    text.line(1, "Host\tPath\tBackends");
    text.line(1, "----\t----\t--------");
    let with_paths = || list(&body, "spec.rules").iter().filter(|rule| rule["http"].is_object());
    for rule in with_paths() {
        let host = field(rule, "host");
        text.line(1, format_args!("{}\t", if host.is_empty() { "*" } else { host }));
        for path in list(rule, "http.paths") {
            let backend = backend(call, &meta.namespace, &path["backend"]);
            text.line(2, format_args!("\t{} \t{backend}", field(path, "path")));
        }
    }
    if with_paths().next().is_none() {
        text.line(1, format_args!("*\t*\t{default}"));
    }
    text.annotations("Annotations", &meta.annotations);
    true
}

/// `web:80 (10.244.1.2:80)`. Models: describeBackendV1.
fn backend(call: &Call<'_>, namespace: &str, backend: &Value) -> String {
    let service = &backend["service"];
    if service.is_object() {
        let name = field(service, "name");
        let port = [at(service, "port.number"), at(service, "port.name")].into_iter().find(|port| !port.is_null());
        let shown = format!("{name}:{}", port.map_or_else(|| "0".to_owned(), scalar));
        let Some(found) = call.lister().get::<Service>(namespace, name) else {
            return format!("{shown} (<error: services \"{name}\" not found>)");
        };
        let wanted = found.spec.ports.iter().rfind(|it| {
            at(service, "port.number").as_i64() == Some(i64::from(it.port))
                || !it.name.is_empty() && field(service, "port.name") == it.name.as_str()
        });
        let slices = call.lister().list_in::<EndpointSlice>(namespace);
        let belongs = |slice: &&std::rc::Rc<EndpointSlice>| {
            slice.metadata.labels.get("kubernetes.io/service-name").is_some_and(|it| **it == *name)
        };
        let slices: Vec<&EndpointSlice> = slices.filter(belongs).map(|slice| &**slice).collect();
        let port_name = wanted.map_or("", |port| port.name.as_str());
        return format!("{shown} ({})", super::service::endpoints(&slices, port_name));
    }
    let resource = &backend["resource"];
    if resource.is_object() {
        let group = or_none(field(resource, "apiGroup"));
        return format!("APIGroup: {group}, Kind: {}, Name: {}", field(resource, "kind"), field(resource, "name"));
    }
    String::new()
}

pub(super) fn ingress_class(text: &mut Text, object: &Object) -> bool {
    let body = object.write_body();
    cluster_wide(text, object);
    text.field(0, "Controller", field(&body, "spec.controller"));
    let parameters = at(&body, "spec.parameters");
    if parameters.is_object() {
        text.line(0, "Parameters:");
        if !parameters["apiGroup"].is_null() {
            text.field(1, "APIGroup", field(parameters, "apiGroup"));
        }
        text.field(1, "Kind", field(parameters, "kind"));
        text.field(1, "Name", field(parameters, "name"));
    }
    true
}

pub(super) fn service_cidr(text: &mut Text, object: &Object) -> bool {
    let body = object.write_body();
    cluster_wide(text, object);
    let ranges: Vec<String> = list(&body, "spec.cidrs").iter().map(scalar).collect();
    text.field(0, "CIDRs", ranges.join(", "));
    let conditions = list(&body, "status.conditions");
    if !conditions.is_empty() {
        text.line(0, "Status:");
        text.line(0, "Conditions:");
        text.line(1, "Type\tStatus\tLastTransitionTime\tReason\tMessage");
        text.line(1, "----\t------\t------------------\t------\t-------");
    }
    for condition in conditions {
        let cell = |name: &str| field(condition, name);
        let at = super::text::moment(api::Time::parse(cell("lastTransitionTime")));
        text.line(
            1,
            format_args!("{}\t{}\t{at}\t{}\t{}", cell("type"), cell("status"), cell("reason"), cell("message")),
        );
    }
    true
}

pub(super) fn ip_address(text: &mut Text, object: &Object) -> bool {
    let body = object.write_body();
    cluster_wide(text, object);
    let parent = at(&body, "spec.parentRef");
    if parent.is_object() {
        text.line(0, "Parent Reference:");
        for (label, name) in
            [("Group", "group"), ("Resource", "resource"), ("Namespace", "namespace"), ("Name", "name")]
        {
            text.field(1, label, field(parent, name));
        }
    }
    true
}

fn cluster_wide(text: &mut Text, object: &Object) {
    let meta = object.meta();
    text.field(0, "Name", &meta.name);
    text.labels("Labels", &meta.labels);
    text.annotations("Annotations", &meta.annotations);
}

pub(super) fn policy(text: &mut Text, object: &Object) -> bool {
    let (body, meta) = (object.write_body(), object.meta());
    text.field(0, "Name", &meta.name);
    text.field(0, "Namespace", &meta.namespace);
    let created = meta.creation_timestamp.map_or_else(|| "<nil>".to_owned(), go_time);
    text.field(0, "Created on", created);
    text.labels("Labels", &meta.labels);
    text.annotations("Annotations", &meta.annotations);
    text.line(0, "Spec:");
    let chosen = selector(at(&body, "spec.podSelector"));
    let chosen = if chosen == "<none>" {
        "<none> (Allowing the specific traffic to all pods in this namespace)"
    } else {
        &chosen
    };
    text.line(1, format_args!("PodSelector:     {chosen}"));
    let types: Vec<String> = list(&body, "spec.policyTypes").iter().map(scalar).collect();
    for (kind, word, peers, towards) in [("Ingress", "ingress", "from", "From"), ("Egress", "egress", "to", "To")] {
        if types.iter().any(|it| it == kind) {
            text.line(1, format_args!("Allowing {word} traffic:"));
            rules(text, list(&body, &format!("spec.{word}")), word, peers, towards);
        } else {
            text.line(1, format_args!("Not affecting {word} traffic"));
        }
    }
    text.line(1, format_args!("Policy Types: {}", types.join(", ")));
    false
}

/// `2026-01-01 00:00:00 +0000 UTC`: how Go prints a time.
fn go_time(at: api::Time) -> String {
    at.to_string().replace('T', " ").replace('Z', " +0000 UTC")
}

fn rules(text: &mut Text, rules: &[Value], word: &str, peers: &str, towards: &str) {
    if rules.is_empty() {
        text.line(2, format_args!("<none> (Selected pods are isolated for {word} connectivity)"));
    }
    for (index, rule) in rules.iter().enumerate() {
        ports(text, list(rule, "ports"));
        let all = list(rule, peers);
        if all.is_empty() {
            let by = if word == "ingress" { "source" } else { "destination" };
            text.line(2, format_args!("{towards}: <any> (traffic not restricted by {by})"));
        }
        for peer in all {
            text.line(2, format_args!("{towards}:"));
            for (label, name) in [("NamespaceSelector", "namespaceSelector"), ("PodSelector", "podSelector")] {
                if peer[name].is_object() {
                    text.line(3, format_args!("{label}: {}", selector(&peer[name])));
                }
            }
            let block = &peer["ipBlock"];
            if block.is_object() {
                let except: Vec<String> = list(block, "except").iter().map(scalar).collect();
                text.line(3, "IPBlock:");
                text.line(4, format_args!("CIDR: {}", field(block, "cidr")));
                text.line(4, format_args!("Except: {}", except.join(", ")));
            }
        }
        if index + 1 < rules.len() {
            text.line(2, "----------");
        }
    }
}

fn ports(text: &mut Text, ports: &[Value]) {
    if ports.is_empty() {
        text.line(2, "To Port: <any> (traffic allowed to all ports)");
    }
    for port in ports {
        let protocol = match field(port, "protocol") {
            "" => "TCP",
            protocol => protocol,
        };
        let number = if port["port"].is_null() { "<nil>".to_owned() } else { scalar(&port["port"]) };
        match port["endPort"].as_i64() {
            None => text.line(2, format_args!("To Port: {number}/{protocol}")),
            Some(end) => text.line(2, format_args!("To Port Range: {number}-{end}/{protocol}")),
        }
    }
}

fn selector(value: &Value) -> String {
    let selector = LabelSelector::read(value.clone()).to_string();
    if selector.is_empty() { "<none>".to_owned() } else { selector }
}
