//! `sim pod`: containers that crash, readiness that fails.

use super::{Failure, Run, Verb, done, one, split_flags};
use crate::files::Files;
use crate::world::World;
use api::{Kind, ObjectKey};

const USAGE: &str = "sim pod crash|unready|ready POD [-n NAMESPACE] [-c CONTAINER] [--exit-code 1]";

/// Everything about pods.
pub(super) const POD: Verb = Verb {
    name: "pod",
    help: &[
        ("sim pod crash POD [-n NS] [-c CONTAINER] [--exit-code 1]", "the container exits now"),
        ("sim pod unready POD [-n NS]", "its readiness probe fails from now on"),
        ("sim pod ready POD [-n NS]", "its readiness probe passes from now on"),
    ],
    run,
};

fn run(world: &mut World<'_>, args: &[String], _: &mut Files) -> Run {
    let Some((verb, rest)) = args.split_first() else {
        return Err(Failure::usage("what about the pod?", USAGE));
    };
    let (flags, rest) = split_flags(rest, &["n", "namespace", "c", "container", "exit-code"], USAGE)?;
    let flag =
        |names: &[&str]| flags.iter().rev().find(|(name, _)| names.contains(&name.as_str())).map(|(_, v)| v.as_str());
    let name = one(&rest, USAGE)?;
    let name = name.strip_prefix("pod/").or_else(|| name.strip_prefix("pods/")).unwrap_or(name);
    let namespace = flag(&["n", "namespace"]).unwrap_or(world.namespace);
    let key = ObjectKey::new(Kind::Pod, namespace, name);
    match verb.as_str() {
        "crash" => {
            let code = flag(&["exit-code"]).unwrap_or("1");
            let exit_code =
                code.parse().map_err(|_| Failure::usage(format_args!("--exit-code {code}: not a number"), USAGE))?;
            world.cluster.crash_container(&key, flag(&["c", "container"]), exit_code)?;
            Ok(done(format!("pod/{name} crashed\n")))
        }
        "unready" | "ready" => {
            world.cluster.set_ready(&key, verb == "ready")?;
            Ok(done(format!("pod/{name} {verb}\n")))
        }
        other => Err(Failure::usage(format_args!("unknown verb: sim pod {other}"), USAGE)),
    }
}
