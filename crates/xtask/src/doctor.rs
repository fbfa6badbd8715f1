//! `doctor`: what is there, what is missing, and what a chore would do about it. Touches nothing.

use crate::project::Project;
use crate::setup::{PAGE, Part, State, TEST};

/// The command.
pub fn run(project: &Project) {
    println!("To build and serve the page:");
    let mut missing = report(project, PAGE);
    println!("To run the tests, besides:");
    missing += report(project, TEST);
    match missing {
        0 => println!("\nNothing is missing."),
        _ => println!(
            "\n{missing} missing: `cargo xtask serve` or `cargo xtask test` will see to it, or say what you must do."
        ),
    }
}

fn report(project: &Project, parts: &[Part]) -> usize {
    let mut missing = 0;
    for part in parts {
        match (part.look)(project) {
            State::Ready(found) => println!("  ok       {:14} {found}", part.name),
            State::Missing(why) => {
                missing += 1;
                println!("  missing  {:14} {why} (would: {})", part.name, part.remedy);
            }
        }
    }
    missing
}
