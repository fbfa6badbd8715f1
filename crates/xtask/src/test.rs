//! `test`: the README's second command, and all that CI runs.
//!
//! Every step runs even if an earlier one failed, so that one run tells everything. The last line counts the tests of all
//! runners together; a step that fails without a failed test of its own (a build, a lint) counts as one failure.

use crate::process::{duration, output, shown, tee};
use crate::project::Project;
use crate::setup::{self, PAGE, TEST};
use crate::{Result, dist, page, tidy};
use serde_json::{Value, json};
use std::process::{Command, ExitCode};
use std::time::Instant;

const WASM: &str = "wasm32-unknown-unknown";

/// Tests of one step, or of all.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Count {
    passed: u64,
    failed: u64,
}

struct Step {
    name: &'static str,
    does: &'static str,
    /// Whether it runs tests: then it must have run at least one.
    counts: bool,
    run: fn(&Project) -> Result<Count>,
}

const STEPS: &[Step] = &[
    Step { name: "fmt", does: "the sources are formatted", counts: false, run: fmt },
    Step { name: "clippy", does: "no warning, native and for the browser", counts: false, run: clippy },
    Step {
        name: "tidy",
        does: "the rules of the house",
        counts: false,
        run: |project| tidy::run(project).map(|()| Count::default()),
    },
    Step { name: "native", does: "all Rust tests on this machine", counts: true, run: native },
    Step { name: "wasm", does: "Rust tests as Wasm in a browser", counts: true, run: wasm },
    Step { name: "page", does: "the release build of the page, and its sizes", counts: false, run: build_page },
    Step { name: "browser", does: "the built page in a browser", counts: true, run: browser },
];

/// The command.
pub fn run(project: &Project, args: &[String]) -> Result<ExitCode> {
    if args.iter().any(|arg| arg == "--list") {
        STEPS.iter().for_each(|step| println!("{:8} {}", step.name, step.does));
        return Ok(ExitCode::SUCCESS);
    }
    if let Some(unknown) = args.iter().find(|arg| STEPS.iter().all(|step| step.name != *arg)) {
        return Err(format!("there is no step {unknown:?}: see `cargo xtask test --list`"));
    }
    let start = Instant::now();
    println!("== set-up");
    let mut total = Count::default();
    let mut failures = Vec::new();
    let mut times = Vec::new();
    if let Err(why) = setup::ensure(project, PAGE).and_then(|()| setup::ensure(project, TEST)) {
        failures.push(format!("set-up: {why}"));
        total.failed += 1;
    }
    times.push(format!("set-up {}", duration(start.elapsed())));
    let chosen = |step: &&Step| args.is_empty() || args.iter().any(|arg| arg == step.name);
    for step in STEPS.iter().filter(chosen) {
        println!("\n== {}: {}", step.name, step.does);
        let begin = Instant::now();
        let (count, failure) = judge(step, (step.run)(project));
        total.passed += count.passed;
        total.failed += count.failed;
        failures.extend(failure.map(|why| format!("{}: {why}", step.name)));
        times.push(format!("{} {}", step.name, duration(begin.elapsed())));
    }
    println!("\n{}; all {}", times.join(", "), duration(start.elapsed()));
    for failure in &failures {
        println!("FAILED {failure}");
    }
    println!("{} passed, {} failed", total.passed, total.failed);
    Ok(if failures.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Counts a step and says what is wrong with it, if anything.
fn judge(step: &Step, result: Result<Count>) -> (Count, Option<String>) {
    match result {
        Ok(count) if count.failed > 0 => (count, Some(format!("{} tests failed", count.failed))),
        Ok(Count { passed: 0, .. }) if step.counts => (Count { passed: 0, failed: 1 }, Some("no test ran".to_owned())),
        Ok(count) => (count, None),
        Err(why) => (Count { passed: 0, failed: 1 }, Some(why)),
    }
}

fn fmt(project: &Project) -> Result<Count> {
    plain(project.command("cargo").args(["fmt", "--all", "--check"]))
}

fn clippy(project: &Project) -> Result<Count> {
    plain(project.command("cargo").args(["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]))?;
    let mut web = project.command("cargo");
    plain(web.args(["clippy", "-p", "web", "--target", WASM, "--all-targets", "--", "-D", "warnings"]))
}

fn native(project: &Project) -> Result<Count> {
    counted(project.command("cargo").args(["test", "--workspace", "--no-fail-fast"]), cargo_line)
}

/// The page's tests, and of every other package the test program named `wasm`, if it has one.
fn wasm(project: &Project) -> Result<Count> {
    let driver = setup::chromedriver(project).ok_or("there is no ChromeDriver: see `cargo xtask doctor`")?;
    let settings = webdriver_settings(project)?;
    let cargo = |args: &[&str]| {
        let mut cargo = project.command("cargo");
        // Not the profile of tests: that one optimises for seeded runs, which only run natively.
        cargo.args(["test", "--no-fail-fast", "--profile", "dev", "--target", WASM]).args(args);
        cargo.env("CHROMEDRIVER", &driver).env("WASM_BINDGEN_TEST_WEBDRIVER_JSON", &settings);
        cargo.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER", "wasm-bindgen-test-runner");
        cargo
    };
    let mut total = Count::default();
    let mut failure = None;
    let mut add = |result: Result<Count>| match result {
        Ok(count) => total = Count { passed: total.passed + count.passed, failed: total.failed + count.failed },
        Err(why) => failure = Some(why),
    };
    add(counted(&mut cargo(&["-p", "web"]), cargo_line));
    for package in packages_with_wasm_tests(project)? {
        add(counted(&mut cargo(&["-p", &package, "--test", "wasm"]), cargo_line));
    }
    failure.map_or(Ok(total), Err)
}

fn build_page(project: &Project) -> Result<Count> {
    dist::fresh(project)?;
    dist::report_sizes(project)?;
    Ok(Count::default())
}

fn browser(project: &Project) -> Result<Count> {
    let folder = project.path("target/dist");
    let mut node = page::browser_script(project, "tests/browser/run.mjs")?;
    counted(node.arg(folder), summary_line)
}

/// A command that has nothing to count.
fn plain(command: &mut Command) -> Result<Count> {
    crate::process::run(command).map(|()| Count::default())
}

/// Runs a command and adds up what its lines count. A failure that no line counts is an error.
fn counted(command: &mut Command, count: fn(&str) -> Option<Count>) -> Result<Count> {
    let mut total = Count::default();
    let status = tee(command, |line| {
        if let Some(count) = count(line) {
            total = Count { passed: total.passed + count.passed, failed: total.failed + count.failed };
        }
    })?;
    if status.success() || total.failed > 0 {
        return Ok(total);
    }
    Err(format!("`{}` failed ({status})", shown(command)))
}

/// `test result: ok. 3 passed; 0 failed; …`, as cargo's harness and wasm-bindgen's say it.
fn cargo_line(line: &str) -> Option<Count> {
    let (_, counts) = line.strip_prefix("test result: ")?.split_once(". ")?;
    let number = |word: &str| counts.split(';').find_map(|part| part.trim().strip_suffix(word)?.trim().parse().ok());
    Some(Count { passed: number("passed")?, failed: number("failed")? })
}

/// `3 passed, 0 failed`, as the browser tests say it.
fn summary_line(line: &str) -> Option<Count> {
    let (passed, failed) = line.split_once(" passed, ")?;
    Some(Count { passed: passed.parse().ok()?, failed: failed.strip_suffix(" failed")?.parse().ok()? })
}

/// How the driver starts the browser: as root, without a screen, without calling anybody.
fn webdriver_settings(project: &Project) -> Result<std::path::PathBuf> {
    let browser = setup::chromium(project).ok_or("there is no Chromium: see `cargo xtask doctor`")?;
    let args = [
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
    ];
    let settings = json!({ "goog:chromeOptions": { "binary": browser, "args": args } });
    let file = project.path("target/webdriver.json");
    std::fs::write(&file, settings.to_string()).map_err(|error| format!("cannot write {}: {error}", file.display()))?;
    Ok(file)
}

fn packages_with_wasm_tests(project: &Project) -> Result<Vec<String>> {
    let metadata = metadata(project)?;
    let has_wasm_test = |package: &&Value| {
        let targets = package["targets"].as_array().into_iter().flatten();
        package["name"] != "web"
            && targets.into_iter().any(|target| target["name"] == "wasm" && target["kind"][0] == "test")
    };
    let packages = metadata["packages"].as_array().into_iter().flatten();
    Ok(packages.filter(has_wasm_test).filter_map(|package| Some(package["name"].as_str()?.to_owned())).collect())
}

/// What cargo knows about the workspace.
pub fn metadata(project: &Project) -> Result<Value> {
    let text = output(project.command("cargo").args(["metadata", "--no-deps", "--format-version", "1"]));
    text.and_then(|text| serde_json::from_str(&text).ok()).ok_or_else(|| "`cargo metadata` failed".to_owned())
}

#[cfg(test)]
mod tests {
    use super::{Count, cargo_line, summary_line};

    #[test]
    fn runners_are_understood() {
        let line = "test result: FAILED. 12 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.01s";
        assert_eq!(cargo_line(line), Some(Count { passed: 12, failed: 1 }));
        assert_eq!(cargo_line("test result of a kind"), None);
        assert_eq!(summary_line("7 passed, 2 failed"), Some(Count { passed: 7, failed: 2 }));
        assert_eq!(summary_line("7 passed"), None);
    }
}
