//! Ingresses. Models: kubectl/pkg/cmd/create/create_ingress.go.

use super::{MADE, make, name};
use crate::args::Args;
use crate::call::Call;
use crate::errors::CmdError;
use crate::flags::Flag;
use crate::outcome::Outcome;
use crate::verbs::Verb;
use serde_json::{Map, Value, json};

pub(super) const VERB: Verb = Verb {
    aliases: &["ing"],
    usage: "ingress NAME --rule=host/path=service:port[,tls[=secret]]",
    examples: "  # One rule for a host, with TLS\n  kubectl create ingress simple --rule=\"foo.com/bar=svc1:8080,tls=my-cert\"\n\n  # Everything to one service\n  kubectl create ingress catch-all --class=otheringress --rule=\"/path=svc:port\"",
    flags: &[
        MADE[0],
        MADE[1],
        MADE[2],
        MADE[3],
        MADE[4],
        &[
            Flag::array("annotation", "Annotation to insert in the ingress object, in the format annotation=value"),
            Flag::text("class", "Ingress Class to be used"),
            Flag::text("default-backend", "Default service for backend, in format of svcname:port"),
            Flag::array(
                "rule",
                "Rule in format host/path=service:port[,tls=secretname]. Paths containing the leading character '*' are considered pathType=Prefix. tls argument is optional.",
            ),
        ],
    ],
    run,
    ..Verb::named("ingress", "Create an ingress with the specified name")
};

/// One `--rule`.
struct Rule<'a> {
    host: &'a str,
    path: &'a str,
    backend: Value,
    /// The secret; empty for one without a name.
    tls: Option<&'a str>,
}

fn run(call: &mut Call<'_>, args: &Args) -> Result<Outcome, CmdError> {
    let name = name(args)?;
    let (default, rules) = (args.text("default-backend"), args.texts("rule"));
    if default.is_empty() && rules.is_empty() {
        return Err(CmdError::new(
            "not enough information provided: every ingress has to either specify a default-backend (which catches all traffic) or a list of rules (which catch specific paths)",
        ));
    }
    let mut parsed = Vec::new();
    for text in rules {
        parsed.push(rule(text).ok_or_else(|| {
            let form = "host/path=svcname:svcport[,tls[=secret]]";
            CmdError::new(format!("rule {text} is invalid and should be in format {form}"))
        })?);
    }
    let mut meta = json!({"name": name});
    let mut annotations = Map::new();
    for text in args.texts("annotation") {
        let (key, value) = text.split_once('=').ok_or_else(|| {
            CmdError::new(format!("annotation {text} is invalid and should be in format key=[value]"))
        })?;
        annotations.insert(key.to_owned(), value.into());
    }
    if !annotations.is_empty() {
        meta["annotations"] = annotations.into();
    }
    let mut spec = Map::new();
    if !args.text("class").is_empty() {
        spec.insert("ingressClassName".to_owned(), args.text("class").into());
    }
    if !default.is_empty() {
        let backend = backend(default)
            .ok_or_else(|| CmdError::new("default-backend should be in format servicename:serviceport"))?;
        spec.insert("defaultBackend".to_owned(), backend);
    }
    let tls = tls(&parsed);
    if !tls.is_empty() {
        spec.insert("tls".to_owned(), tls.into());
    }
    if !parsed.is_empty() {
        spec.insert("rules".to_owned(), hosts(parsed).into());
    }
    let body = json!({"apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "metadata": meta, "spec": spec,
        "status": {"loadBalancer": {}}});
    make(call, args, body, "created", "failed to create ingress: ")
}

fn rule(text: &str) -> Option<Rule<'_>> {
    let word = |text: &str, more: &str| {
        text.chars().all(|c| c.is_ascii_alphanumeric() || "_-".contains(c) || more.contains(c))
    };
    let (route, tls) = text.split_once(',').map_or((text, None), |(route, tls)| (route, Some(tls)));
    let tls = match tls {
        None => None,
        Some(tls) => Some(tls.strip_prefix("tls")?.trim_start_matches('=')),
    };
    let (host, rest) = route.split_once('/')?;
    let (path, service) = rest.split_once('=')?;
    if !word(host, "*.") || tls.is_some_and(|secret| !word(secret, "")) {
        return None;
    }
    Some(Rule { host, path, backend: backend(service)?, tls })
}

fn backend(text: &str) -> Option<Value> {
    let (service, port) = text.split_once(':')?;
    let fits = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || "_-".contains(c));
    if !fits(service) || !fits(port) {
        return None;
    }
    let port = port.parse::<i32>().map_or_else(|_| json!({"name": port}), |number| json!({"number": number}));
    Some(json!({"service": {"name": service, "port": port}}))
}

/// Hosts by their secret, each host once.
fn tls(rules: &[Rule<'_>]) -> Vec<Value> {
    let mut entries: Vec<(Vec<&str>, &str)> = Vec::new();
    let mut seen: Vec<&str> = Vec::new();
    for rule in rules {
        let Some(secret) = rule.tls.filter(|_| !seen.contains(&rule.host)) else { continue };
        seen.push(rule.host);
        if let Some((hosts, _)) = entries.iter_mut().find(|(_, of)| *of == secret) {
            hosts.push(rule.host);
        } else if !rule.host.is_empty() || !secret.is_empty() {
            entries.push((Vec::from_iter((!rule.host.is_empty()).then_some(rule.host)), secret));
        }
    }
    let entry = |(hosts, secret): (Vec<&str>, &str)| {
        let mut entry = Map::new();
        if !hosts.is_empty() {
            entry.insert("hosts".to_owned(), json!(hosts));
        }
        if !secret.is_empty() {
            entry.insert("secretName".to_owned(), secret.into());
        }
        Value::Object(entry)
    };
    entries.into_iter().map(entry).collect()
}

/// The paths of each host, in the order in which the hosts were first named.
fn hosts(rules: Vec<Rule<'_>>) -> Vec<Value> {
    let mut hosts: Vec<(String, Vec<Value>)> = Vec::new();
    for rule in rules {
        let (path, kind) = match rule.path.strip_suffix('*') {
            Some(path) => (path, "Prefix"),
            None => (rule.path, "Exact"),
        };
        let path = json!({"path": format!("/{path}"), "pathType": kind, "backend": rule.backend});
        match hosts.iter_mut().find(|(host, _)| host == rule.host) {
            Some((_, paths)) => paths.push(path),
            None => hosts.push((rule.host.to_owned(), vec![path])),
        }
    }
    let one = |(host, paths): (String, Vec<Value>)| {
        let mut rule = json!({"http": {"paths": paths}});
        if !host.is_empty() {
            rule["host"] = host.into();
        }
        rule
    };
    hosts.into_iter().map(one).collect()
}
