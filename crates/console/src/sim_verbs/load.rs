//! `sim load`: how busy the pods of a workload are.

use super::{Failure, Run, Verb, done, split_flags};
use crate::files::Files;
use crate::world::World;
use api::ObjectKey;

const USAGE: &str = "sim load KIND/NAME 80% [-n NAMESPACE]";

/// The use of CPU that autoscalers and `kubectl top` see.
pub(super) const LOAD: Verb = Verb {
    name: "load",
    help: &[("sim load KIND/NAME 80% [-n NS]", "its pods use so much CPU, in per cent of what they request")],
    run,
};

fn run(world: &mut World<'_>, args: &[String], _: &mut Files) -> Run {
    let (flags, rest) = split_flags(args, &["n", "namespace"], USAGE)?;
    let [target, percent] = rest.as_slice() else {
        return Err(Failure::usage("a workload and a percentage are needed", USAGE));
    };
    let bad = || Failure::usage(format_args!("{percent}: not a percentage from 0% to 100000%"), USAGE);
    let number: u32 = percent.strip_suffix('%').unwrap_or(percent).parse().map_err(|_| bad())?;
    if number > 100_000 {
        return Err(bad());
    }
    let Some((kind, name)) = target.split_once('/').filter(|(kind, name)| !kind.is_empty() && !name.is_empty()) else {
        return Err(Failure::usage(format_args!("{target}: not of the form KIND/NAME"), USAGE));
    };
    let unknown = || Failure::usage(format_args!("the server doesn't have a resource type \"{kind}\""), USAGE);
    let (info, kind) = apiserver::find(kind).ok_or_else(unknown)?;
    let namespace = flags.last().map_or(world.namespace.as_str(), |(_, value)| value.as_str());
    let namespace = if info.namespaced { namespace } else { "" };
    world.cluster.set_load(&ObjectKey::new(kind, namespace, name), number)?;
    Ok(done(format!("{}/{name} uses {number}% of the CPU it requests\n", info.singular())))
}
