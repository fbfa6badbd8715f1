//! `kubectl expose`. Models: kubectl/pkg/cmd/expose.

use super::Verb;
use super::create::make;
use crate::args::Args;
use crate::call::Call;
use crate::errors::CmdError;
use crate::fields;
use crate::flags::{self, Flag};
use crate::outcome::Outcome;
use crate::targets::{self, Item, Rules};
use serde_json::{Map, Value, json};

const FLAGS: &[Flag] = &[
    Flag::text("cluster-ip", "ClusterIP to be assigned to the service. Set to 'None' to create a headless service."),
    Flag::text("external-ip", "Additional external IP address (not managed by Kubernetes) to accept for the service."),
    Flag::text("labels", "Labels to apply to the service created by this call.").short('l'),
    Flag::text("load-balancer-ip", "IP to assign to the LoadBalancer."),
    Flag::text("name", "The name for the newly created object."),
    Flag::text("overrides", "An inline JSON override for the generated object."),
    Flag::text(
        "port",
        "The port that the service should serve on. Copied from the resource being exposed, if unspecified",
    ),
    Flag::text("protocol", "The network protocol for the service to be created. Default is 'TCP'."),
    Flag::text("selector", "A label selector to use for this service."),
    Flag::text("session-affinity", "If non-empty, set the session affinity for the service to this."),
    Flag::text(
        "target-port",
        "Name or number for the port on the container that the service should direct traffic to.",
    ),
    Flag::text(
        "type",
        "Type for this service: ClusterIP, NodePort, LoadBalancer, or ExternalName. Default is 'ClusterIP'.",
    ),
];

pub(super) const VERB: Verb = Verb {
    usage: "expose (-f FILENAME | TYPE NAME) [--port=port] [--protocol=TCP|UDP|SCTP] [--target-port=number-or-name] [--name=name] [--external-ip=external-ip-of-service] [--type=type]",
    long: "Makes a Service for the pods of an object.",
    examples: "  kubectl expose deployment web --port=80 --target-port=8080",
    flags: &[
        FLAGS,
        flags::FILES,
        flags::OUTPUT,
        flags::DRY_RUN,
        flags::SAVE_CONFIG,
        flags::FIELD_MANAGER,
        flags::RECORD,
        flags::VALIDATE,
    ],
    run,
    ..Verb::named(
        "expose",
        "Take a replication controller, service, deployment or pod and expose it as a new Kubernetes service",
    )
};

fn run(call: &mut Call<'_>, args: &Args) -> Result<Outcome, CmdError> {
    // `--selector` is the new Service's own; it selects no objects here.
    let mut search = args.clone();
    search.forget("selector");
    let items =
        targets::find(call, &search, &args.words, Rules { latest: true, ..Rules::default() })?.all_or_error()?;
    for item in &items {
        let mut service = service(args, item)?;
        if let Some(text) = args.maybe("overrides") {
            let overrides: Value = serde_json::from_str(text).map_err(|error| CmdError::new(error.to_string()))?;
            service = apiserver::json_merge(&service, &overrides);
        }
        make(call, args, service, "exposed", "")?;
    }
    Ok(Outcome::Done)
}

fn service(args: &Args, item: &Item) -> Result<Value, CmdError> {
    let value = item.value();
    if !matches!(item.info.kind, "Service" | "Pod" | "Deployment" | "ReplicaSet" | "ReplicationController") {
        let dot = if item.info.group.is_empty() { "" } else { "." };
        return Err(CmdError::new(format!("cannot expose a {}{dot}{}", item.info.kind, item.info.group)));
    }
    let selector = match args.text("selector") {
        "" => own_selector(item, &value)?,
        text => labels(text)?,
    };
    let own_labels = fields::at(&value, "metadata.labels").clone();
    let labels = if args.given("labels") { labels(args.text("labels"))? } else { own_labels };
    let mut spec = Map::new();
    spec.insert("selector".to_owned(), selector);
    let headless = args.text("cluster-ip") == "None";
    let ports = ports(args, item, &value)?;
    if ports.is_empty() && !headless {
        return Err(CmdError::new("couldn't find port via --port flag or introspection"));
    }
    if !ports.is_empty() {
        spec.insert("ports".to_owned(), ports.into());
    }
    for (flag, field) in [
        ("type", "type"),
        ("cluster-ip", "clusterIP"),
        ("load-balancer-ip", "loadBalancerIP"),
        ("session-affinity", "sessionAffinity"),
    ] {
        if !args.text(flag).is_empty() {
            spec.insert(field.to_owned(), args.text(flag).into());
        }
    }
    if args.given("external-ip") {
        spec.insert("externalIPs".to_owned(), json!([args.text("external-ip")]));
    }
    let name = if args.text("name").is_empty() { item.key.name.as_str() } else { args.text("name") };
    let mut meta = json!({"name": name});
    if !fields::is_empty(&labels) {
        meta["labels"] = labels;
    }
    Ok(json!({"apiVersion": "v1", "kind": "Service", "metadata": meta, "spec": spec, "status": {"loadBalancer": {}}}))
}

fn own_selector(item: &Item, value: &Value) -> Result<Value, CmdError> {
    let refuse = |why: &str| {
        Err(CmdError::new(format!("couldn't retrieve selectors via --selector flag or introspection: {why}")))
    };
    let selector = match item.info.kind {
        "Pod" => fields::at(value, "metadata.labels"),
        "Service" | "ReplicationController" => fields::at(value, "spec.selector"),
        _ => {
            if !fields::list(value, "spec.selector.matchExpressions").is_empty() {
                return refuse("couldn't convert expressions - selector contains match expressions");
            }
            fields::at(value, "spec.selector.matchLabels")
        }
    };
    match (fields::is_empty(selector), item.info.kind) {
        (true, "Pod") => refuse("the pod has no labels and cannot be exposed"),
        (true, _) => refuse("no selectors found"),
        (false, _) => Ok(selector.clone()),
    }
}

fn labels(text: &str) -> Result<Value, CmdError> {
    let mut map = Map::new();
    for pair in text.split(',') {
        let (key, value) =
            pair.split_once('=').ok_or_else(|| CmdError::new(format!("unexpected label spec: {pair}")))?;
        map.insert(key.to_owned(), value.into());
    }
    Ok(Value::Object(map))
}

/// The ports that are asked for, or those that the containers name.
fn ports(args: &Args, item: &Item, value: &Value) -> Result<Vec<Value>, CmdError> {
    let containers = match item.info.kind {
        "Pod" => fields::list(value, "spec.containers"),
        _ => fields::list(value, "spec.template.spec.containers"),
    };
    let mut found: Vec<(i64, String)> = Vec::new();
    if args.text("port").is_empty() {
        for port in containers.iter().flat_map(|container| fields::list(container, "ports")) {
            found.push((fields::int(port, "containerPort"), fields::text(port, "protocol").to_owned()));
        }
        for port in fields::list(value, "spec.ports") {
            found.push((fields::int(port, "port"), fields::text(port, "protocol").to_owned()));
        }
    } else {
        for port in args.text("port").split(',') {
            let number =
                port.parse().map_err(|_| CmdError::new(format!("strconv.Atoi: parsing \"{port}\": invalid syntax")))?;
            found.push((number, String::new()));
        }
    }
    let several = found.len() > 1;
    let target = |number: i64| match args.text("target-port") {
        "" => Value::from(number),
        text => text.parse::<i64>().map_or_else(|_| Value::from(text), Value::from),
    };
    let port = |(index, (number, protocol)): (usize, (i64, String))| {
        let protocol = match (args.text("protocol"), protocol.as_str()) {
            ("", "") => "TCP",
            ("", own) => own,
            (given, _) => given,
        };
        let mut port = json!({"port": number, "protocol": protocol, "targetPort": target(number)});
        if several {
            port["name"] = format!("port-{}", index + 1).into();
        }
        port
    };
    Ok(found.into_iter().enumerate().map(port).collect())
}

#[cfg(test)]
mod tests {
    use crate::fixture::World;
    use expect_test::expect;

    #[test]
    fn a_service_for_a_workload() {
        let mut world = World::new();
        world.kubectl("create deployment web --image=nginx --port=8080");
        expect![["service/web exposed\n"]].assert_eq(&world.kubectl("expose deploy web --port=80 --target-port=8080"));
        expect![[r#"[{"port":80,"protocol":"TCP","targetPort":8080}] {"app":"web"}"#]]
            .assert_eq(&world.kubectl("get svc web -o 'jsonpath={.spec.ports} {.spec.selector}'"));
        expect![["service/other exposed\n"]].assert_eq(&world.kubectl("expose deploy web --name=other"));
        expect![["! error: cannot expose a Node\n[exit 1]\n"]].assert_eq(&world.kubectl("expose node node-1 --port=1"));
    }
}
