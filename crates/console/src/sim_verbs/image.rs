//! `sim image`: images that cannot be pulled, that crash, that never get ready.

use super::{Failure, Run, Verb, done, one, split_flags};
use crate::files::Files;
use crate::world::World;
use cluster::ImageBehaviour;

const USAGE: &str = "sim image break|crash|unready|fix IMAGE [--exit-code 1]";

/// Everything about images.
pub(super) const IMAGE: Verb = Verb {
    name: "image",
    help: &[
        ("sim image break IMAGE", "pulling it fails: ErrImagePull, ImagePullBackOff"),
        ("sim image crash IMAGE [--exit-code 1]", "its containers exit right after start: CrashLoopBackOff"),
        ("sim image unready IMAGE", "its containers never pass readiness"),
        ("sim image fix IMAGE", "it works again"),
    ],
    run,
};

fn run(world: &mut World<'_>, args: &[String], _: &mut Files) -> Run {
    let Some((verb, rest)) = args.split_first() else {
        return Err(Failure::usage("what about the image?", USAGE));
    };
    let (flags, rest) = split_flags(rest, &["exit-code"], USAGE)?;
    let image = one(&rest, USAGE)?;
    let code = flags.last().map_or("1", |(_, value)| value);
    let exit_code =
        code.parse().map_err(|_| Failure::usage(format_args!("--exit-code {code}: not a number"), USAGE))?;
    let (behaviour, said) = match verb.as_str() {
        "break" => (ImageBehaviour::Broken, "cannot be pulled from now on"),
        "crash" => (ImageBehaviour::Crashes { exit_code }, "crashes from now on"),
        "unready" => (ImageBehaviour::Unready, "is never ready from now on"),
        "fix" => (ImageBehaviour::Works, "works again"),
        other => return Err(Failure::usage(format_args!("unknown verb: sim image {other}"), USAGE)),
    };
    world.cluster.set_image(image, behaviour);
    Ok(done(format!("image {image} {said}\n")))
}
