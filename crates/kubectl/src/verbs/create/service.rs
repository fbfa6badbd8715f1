//! Services from flags. Models: kubectl/pkg/cmd/create/create_service.go.

use super::{MADE, make, name};
use crate::args::Args;
use crate::call::Call;
use crate::errors::CmdError;
use crate::flags::Flag;
use crate::outcome::Outcome;
use crate::verbs::Verb;
use serde_json::{Value, json};

const TCP: &[Flag] = &[Flag::texts("tcp", "Port pairs can be specified as '<port>:<targetPort>'.")];

pub(super) const VERB: Verb = Verb {
    aliases: &["svc"],
    usage: "service",
    long: "Makes a Service.",
    subs: &[CLUSTER_IP, EXTERNAL_NAME, LOAD_BALANCER, NODE_PORT],
    run: |call, args| crate::verbs::group(call, args, &VERB),
    ..Verb::named("service", "Create a service using a specified subcommand")
};

const CLUSTER_IP: Verb = Verb {
    usage: "clusterip NAME [--tcp=<port>:<targetPort>] [--dry-run=server|client|none]",
    flags: &[
        MADE[0],
        MADE[1],
        MADE[2],
        MADE[3],
        MADE[4],
        TCP,
        &[Flag::text("clusterip", "Assign your own ClusterIP or set to 'None' for a 'headless' service.")],
    ],
    run: |call, args| service(call, args, "ClusterIP"),
    ..Verb::named("clusterip", "Create a ClusterIP service")
};

const NODE_PORT: Verb = Verb {
    usage: "nodeport NAME [--tcp=port:targetPort] [--dry-run=server|client|none]",
    flags: &[
        MADE[0],
        MADE[1],
        MADE[2],
        MADE[3],
        MADE[4],
        TCP,
        &[Flag::int("node-port", "0", "Port used to expose the service on each node in a cluster.")],
    ],
    run: |call, args| service(call, args, "NodePort"),
    ..Verb::named("nodeport", "Create a NodePort service")
};

const LOAD_BALANCER: Verb = Verb {
    usage: "loadbalancer NAME [--tcp=port:targetPort] [--dry-run=server|client|none]",
    flags: &[MADE[0], MADE[1], MADE[2], MADE[3], MADE[4], TCP],
    run: |call, args| service(call, args, "LoadBalancer"),
    ..Verb::named("loadbalancer", "Create a LoadBalancer service")
};

const EXTERNAL_NAME: Verb = Verb {
    usage: "externalname NAME --external-name external.name [--dry-run=server|client|none]",
    flags: &[
        MADE[0],
        MADE[1],
        MADE[2],
        MADE[3],
        MADE[4],
        TCP,
        &[Flag::text("external-name", "External name of service")],
    ],
    run: |call, args| service(call, args, "ExternalName"),
    ..Verb::named("externalname", "Create an ExternalName service")
};

fn service(call: &mut Call<'_>, args: &Args, r#type: &str) -> Result<Outcome, CmdError> {
    let name = name(args)?;
    let mut spec = json!({"type": r#type, "selector": {"app": name}});
    let headless = args.text("clusterip") == "None";
    if args.given("clusterip") {
        spec["clusterIP"] = args.text("clusterip").into();
    }
    if r#type == "ExternalName" {
        match args.text("external-name") {
            "" => return Err(CmdError::new("required flag(s) \"external-name\" not set")),
            target => spec["externalName"] = target.into(),
        }
    }
    if args.texts("tcp").is_empty() && !headless && r#type != "ExternalName" {
        return Err(CmdError::new("at least one tcp port specifier must be provided"));
    }
    let mut ports = Vec::new();
    for pair in args.texts("tcp") {
        let mut port = port(pair)?;
        if let Some(node_port) = args.int("node-port").filter(|port| *port > 0) {
            port["nodePort"] = node_port.into();
        }
        ports.push(port);
    }
    if !ports.is_empty() {
        spec["ports"] = ports.into();
    }
    let body = json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": name, "labels": {"app": name}}, "spec": spec,
        "status": {"loadBalancer": {}}});
    make(call, args, body, "created", &format!("failed to create {type} service: "))
}

/// `80:8080`, `80`.
fn port(pair: &str) -> Result<Value, CmdError> {
    let (port, target) = pair.split_once(':').unwrap_or((pair, pair));
    let number: u16 = port.parse().map_err(|_| {
        CmdError::new(format!("invalid port specified: strconv.ParseInt: parsing \"{port}\": invalid syntax"))
    })?;
    let target = target.parse::<u16>().map_or_else(|_| Value::from(target), Value::from);
    let name = pair.replace(':', "-");
    Ok(json!({"name": name, "port": number, "protocol": "TCP", "targetPort": target}))
}
