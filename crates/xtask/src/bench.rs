//! `bench`: all benchmarks of the native build, each workload in a process of its own, and their figures into
//! BENCHMARKS.md.

use crate::Result;
use crate::process::{output, run as run_loudly};
use crate::project::Project;
use std::fs;

const FIGURES: &str = "BENCHMARKS.md";
/// What the figures stand between.
const MARKS: (&str, &str) = ("<!-- figures of `cargo xtask bench` -->\n", "<!-- end of figures -->\n");

/// The workloads whose budgets the design names.
const WORKLOADS: &[&[&str]] = &[
    &["100", "1000", "--kind", "deployment"],
    &["3", "50", "--kind", "statefulset"],
    &["100", "1000", "--kind", "statefulset", "--policy", "Parallel"],
    &["100", "1000", "--kind", "daemonset"],
    &["5000", "5000", "--kind", "daemonset"],
    &["5000", "100000", "--kind", "daemonset"],
    &["5000", "150000", "--kind", "daemonset"],
];

/// The command.
pub fn run(project: &Project, args: &[String]) -> Result<()> {
    if let Some(arg) = args.first() {
        return Err(format!("bench takes no arguments, not {arg:?}"));
    }
    run_loudly(project.command("cargo").args(["build", "--release", "--package", "podground"]))?;
    let target = std::env::var("CARGO_TARGET_DIR").unwrap_or_else(|_| "target".to_owned());
    let binary = project.path(&target).join("release/podground");
    let mut text = String::new();
    for workload in WORKLOADS {
        let mut command = project.command(&binary.to_string_lossy());
        let line = output(command.arg("bench").args(*workload));
        let line = line.ok_or_else(|| format!("podground bench {} failed", workload.join(" ")))?;
        println!("{line}");
        text.push_str(&format!("{line}\n"));
    }
    for name in ["deployment", "clone", "seek", "snapshot", "manifest"] {
        let mut command = project.command(&binary.to_string_lossy());
        let lines = output(command.args(["bench", name])).ok_or_else(|| format!("podground bench {name} failed"))?;
        println!("{lines}");
        text.push_str(&format!("{lines}\n"));
    }
    let path = project.path(FIGURES);
    let page = fs::read_to_string(&path).map_err(|error| format!("cannot read {FIGURES}: {error}"))?;
    let page = with_figures(&page, &text).ok_or_else(|| format!("{FIGURES} has lost the marks around the figures"))?;
    fs::write(&path, page).map_err(|error| format!("cannot write {FIGURES}: {error}"))?;
    println!("\nwritten to {FIGURES}");
    Ok(())
}

/// The page with these figures between the marks.
fn with_figures(page: &str, figures: &str) -> Option<String> {
    let (before, rest) = page.split_once(MARKS.0)?;
    let (_, after) = rest.split_once(MARKS.1)?;
    Some(format!("{before}{}\n```text\n{figures}```\n\n{}{after}", MARKS.0, MARKS.1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_replace_those_between_the_marks() {
        let page = format!("a\n{}old\n{}b\n", MARKS.0, MARKS.1);
        let new = with_figures(&page, "one\n").expect("marks");
        assert_eq!(new, format!("a\n{}\n```text\none\n```\n\n{}b\n", MARKS.0, MARKS.1));
        assert_eq!(with_figures(&new, "one\n"), Some(new.clone()));
        assert_eq!(with_figures("a", "one\n"), None);
    }
}
