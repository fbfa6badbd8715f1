//! `sim node`: machines that come, go, stop and are cut off.

use super::{Failure, Run, Verb, done, one, split_flags};
use crate::files::Files;
use crate::world::World;
use api::{Quantity, Str, Taint};
use cluster::MachineSpec;

const ADD_USAGE: &str =
    "sim node add NAME [--label k=v]... [--taint k=v:Effect]... [--cpu 4] [--memory 16Gi] [--pods 110]";
const USAGE: &str = "sim node add|remove|stop|start|partition|heal NAME";

/// Everything about machines.
pub(super) const NODE: Verb = Verb {
    name: "node",
    help: &[
        (ADD_USAGE, "a new machine joins"),
        ("sim node remove NAME", "the machine is gone for good, its Node object is deleted"),
        ("sim node stop NAME", "the machine loses power"),
        ("sim node start NAME", "it boots again"),
        ("sim node partition NAME", "the machine is cut off from the control plane"),
        ("sim node heal NAME", "it reconnects"),
    ],
    run,
};

fn run(world: &mut World<'_>, args: &[String], _: &mut Files) -> Run {
    let Some((verb, rest)) = args.split_first() else {
        return Err(Failure::usage("what about the node?", USAGE));
    };
    let cluster = &mut world.cluster;
    let name = || one(rest, USAGE);
    match verb.as_str() {
        "add" => {
            let machine = machine(rest)?;
            cluster.add_node(&machine)?;
            Ok(done(format!("node/{} joins\n", machine.name)))
        }
        "remove" => {
            cluster.remove_node(name()?)?;
            Ok(done(format!("node/{} removed\n", name()?)))
        }
        "stop" => {
            cluster.power_node(name()?, false)?;
            Ok(done(format!("node/{} stopped\n", name()?)))
        }
        "start" => {
            cluster.power_node(name()?, true)?;
            Ok(done(format!("node/{} started\n", name()?)))
        }
        "partition" => {
            cluster.partition_node(name()?, true)?;
            Ok(done(format!("node/{} partitioned\n", name()?)))
        }
        "heal" => {
            cluster.partition_node(name()?, false)?;
            Ok(done(format!("node/{} healed\n", name()?)))
        }
        other => Err(Failure::usage(format_args!("unknown verb: sim node {other}"), USAGE)),
    }
}

fn machine(args: &[String]) -> Result<MachineSpec, Failure> {
    let (flags, rest) = split_flags(args, &["label", "taint", "cpu", "memory", "pods"], ADD_USAGE)?;
    let name = one(&rest, ADD_USAGE)?;
    if !is_dns_name(name) {
        return Err(Failure::usage(
            format_args!("\"{name}\" is no name of a node: small letters, digits, '-' and '.'"),
            ADD_USAGE,
        ));
    }
    let mut machine = MachineSpec::worker(name);
    for (flag, value) in &flags {
        let wrong = |what: &str| Failure::usage(format_args!("--{flag} {value}: {what}"), ADD_USAGE);
        match flag.as_str() {
            "label" => {
                let (key, value) = value.split_once('=').ok_or_else(|| wrong("a label is KEY=VALUE"))?;
                machine.labels.push((Str::from(key), Str::from(value)));
            }
            "taint" => {
                machine.taints.push(taint(value).ok_or_else(|| wrong("a taint is KEY=VALUE:EFFECT or KEY:EFFECT"))?)
            }
            "cpu" => machine.cpu = quantity(value).ok_or_else(|| wrong("not a quantity"))?,
            "memory" => machine.memory = quantity(value).ok_or_else(|| wrong("not a quantity"))?,
            _ => machine.pods = value.parse().map_err(|_| wrong("not a number"))?,
        }
    }
    Ok(machine)
}

fn quantity(text: &str) -> Option<Quantity> {
    Quantity::parse(text).filter(|quantity| quantity.milli() >= 0)
}

fn taint(text: &str) -> Option<Taint> {
    let (pair, effect) = text.rsplit_once(':')?;
    let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
    let known = matches!(effect, "NoSchedule" | "PreferNoSchedule" | "NoExecute");
    (known && !key.is_empty()).then(|| Taint {
        key: key.into(),
        value: value.into(),
        effect: effect.into(),
        ..Default::default()
    })
}

/// RFC 1123 subdomain, as names of nodes are.
fn is_dns_name(name: &str) -> bool {
    let edge = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    !name.is_empty()
        && name.len() <= 253
        && name
            .split('.')
            .all(|label| label.starts_with(edge) && label.ends_with(edge) && label.chars().all(|c| edge(c) || c == '-'))
}
