//! `base64`: for Secrets.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::input;
use crate::builtins::{Builtin, Context};
use crate::flags::Flags;
use crate::host::Outcome;

pub(crate) const COMMANDS: &[Builtin] = &[Builtin {
    name: "base64",
    help: "[-d] [-w COLUMNS] [FILE]: encode or decode",
    run: |context, args| run(context, args).unwrap_or_else(|outcome| outcome),
}];

fn run(context: &mut Context<'_>, args: &[String]) -> Result<Outcome, Outcome> {
    let flags = Flags::parse("base64", args, "dDiw:", &[("decode", 'd'), ("wrap", 'w'), ("ignore-garbage", 'i')])?;
    let text = input(context, "base64", &flags.words)?;
    if flags.has('d') || flags.has('D') {
        let packed: String = text.split_whitespace().collect();
        return match STANDARD.decode(packed) {
            Ok(bytes) => Ok(Outcome::ok(String::from_utf8_lossy(&bytes))),
            Err(_) => Err(Outcome::error(1, "base64: invalid input")),
        };
    }
    let width = flags.value('w').unwrap_or("76");
    let width: usize = width.parse().map_err(|_| Outcome::error(1, format!("base64: invalid wrap size: '{width}'")))?;
    let encoded = STANDARD.encode(text);
    if width == 0 {
        return Ok(Outcome::ok(encoded));
    }
    let lines: Vec<&str> =
        (0..encoded.len()).step_by(width).map(|at| &encoded[at..encoded.len().min(at + width)]).collect();
    Ok(Outcome::ok(lines.into_iter().map(|line| format!("{line}\n")).collect::<String>()))
}
