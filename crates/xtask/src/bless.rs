//! `bless`: rewrite the expectations of tests (inline ones and transcripts), then show what changed for review.

use crate::Result;
use crate::process::run as run_loudly;
use crate::project::Project;

/// The command.
pub fn run(project: &Project, args: &[String]) -> Result<()> {
    let mut cargo = project.command("cargo");
    cargo.args(["test", "--no-fail-fast"]).args(args).env("UPDATE_EXPECT", "1").env("PODGROUND_BLESS", "1");
    // A test that no expectation can mend still fails: say so, but show the changes first.
    let tests = run_loudly(&mut cargo);
    run_loudly(project.command("git").args(["--no-pager", "diff", "--stat"]))?;
    tests
}
