//! `fuzz`: seeded runs with faults over many seeds; the first that breaks a rule stops it and says how to repeat it.

use crate::Result;
use crate::process::run as run_loudly;
use crate::project::Project;

const USAGE: &str = "usage: cargo xtask fuzz --seeds N | --seed SEED";

/// The command.
pub fn run(project: &Project, args: &[String]) -> Result<()> {
    let number = |text: &String| text.parse::<u64>().map_err(|_| format!("{text:?} is no number\n{USAGE}"));
    let (first, last) = match args {
        [] => (1, 50),
        [flag, count] if flag == "--seeds" => (1, number(count)?),
        [flag, seed] if flag == "--seed" => (number(seed)?, number(seed)?),
        _ => return Err(USAGE.to_owned()),
    };
    let mut cargo = project.command("cargo");
    cargo.args(["test", "--package", "tests", "seeded_runs"]).env("PODGROUND_SEEDS", format!("{first}-{last}"));
    run_loudly(&mut cargo)
}
