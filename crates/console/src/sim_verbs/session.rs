//! `sim rewind`, `goto`, `save`, `open`, `share`, `export`, `reset`: what is about the session, not the cluster.

use super::{Failure, Run, Verb, done, one};
use crate::files::Files;
use crate::host::Host;
use crate::world::{Engine, Request, World};
use sim::parse_go_duration;

/// Back by so much.
pub(super) const REWIND: Verb =
    Verb { name: "rewind", help: &[("sim rewind 30s", "back to that long ago")], run: rewind };

/// To a moment.
pub(super) const GOTO: Verb =
    Verb { name: "goto", help: &[("sim goto 12.5s", "back (or on) to that moment")], run: goto };

/// Writes the session to a file.
pub(super) const SAVE: Verb =
    Verb { name: "save", help: &[("sim save FILE", "the session as a scenario file")], run: save };

/// Opens a saved session.
pub(super) const OPEN: Verb =
    Verb { name: "open", help: &[("sim open FILE", "go on with a saved session")], run: open };

/// Prints the link.
pub(super) const SHARE: Verb =
    Verb { name: "share", help: &[("sim share", "the URL fragment that reopens this session")], run: share };

/// Writes a script for a real cluster.
pub(super) const EXPORT: Verb = Verb {
    name: "export",
    help: &[("sim export kind|kwok FILE", "the session as a script for a real cluster on that engine")],
    run: export,
};

/// Starts again.
pub(super) const RESET: Verb =
    Verb { name: "reset", help: &[("sim reset", "a fresh cluster with the same options")], run: reset };

fn moment(text: &str, usage: &str) -> Result<u64, Failure> {
    let wrong = || Failure::usage(format_args!("\"{text}\" is no duration (90s, 5m, 1h30m, 250ms)"), usage);
    parse_go_duration(text).map(|span| span.as_millis()).ok_or_else(wrong)
}

fn rewind(world: &mut World<'_>, args: &[String], _: &mut Files) -> Run {
    let back = moment(one(args, "sim rewind 30s")?, "sim rewind 30s")?;
    *world.request = Some(Request::Goto(world.now_ms().saturating_sub(back)));
    Ok(done(""))
}

fn goto(world: &mut World<'_>, args: &[String], _: &mut Files) -> Run {
    *world.request = Some(Request::Goto(moment(one(args, "sim goto 12.5s")?, "sim goto 12.5s")?));
    Ok(done(""))
}

fn save(world: &mut World<'_>, args: &[String], files: &mut Files) -> Run {
    let path = one(args, "sim save FILE")?;
    let text = format!("{}\n", world.session.saved());
    match files.put(path, text) {
        Ok(()) => Ok(done(format!("saved to {path}\n"))),
        Err(error) => Err(Failure { exit_code: 1, message: format!("error: {error}") }),
    }
}

fn open(world: &mut World<'_>, args: &[String], files: &mut Files) -> Run {
    let path = one(args, "sim open FILE")?;
    let fail = |message: String| Failure { exit_code: 1, message };
    let text = files.read(path).map_err(|error| fail(format!("error: {error}")))?;
    world.session.check_saved(&text).map_err(|why| fail(format!("error: {path}: {why}")))?;
    *world.request = Some(Request::Open(text.to_string()));
    Ok(done(""))
}

fn share(world: &mut World<'_>, _: &[String], _: &mut Files) -> Run {
    Ok(done(format!("{}\n", world.session.fragment())))
}

fn export(world: &mut World<'_>, args: &[String], files: &mut Files) -> Run {
    const USAGE: &str = "sim export kind|kwok FILE";
    let (engine, path) = match args {
        [engine, path] => (engine, path),
        _ => return Err(Failure::usage("an engine and a file are needed", USAGE)),
    };
    let wrong = || Failure::usage(format_args!("{engine} is no engine known here (kind, kwok)"), USAGE);
    let engine = Engine::from_name(engine).ok_or_else(wrong)?;
    match files.put(path, world.session.export(engine)) {
        Ok(()) => Ok(done(format!("exported to {path} (run it with: bash {path})\n"))),
        Err(error) => Err(Failure { exit_code: 1, message: format!("error: {error}") }),
    }
}

fn reset(world: &mut World<'_>, _: &[String], _: &mut Files) -> Run {
    *world.request = Some(Request::Reset);
    Ok(done(""))
}
