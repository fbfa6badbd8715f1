//! Rules for each Rust file: documented, short, nothing banned, nothing left undone, not forgotten.

use super::Finding;
use super::code::{blanked, functions};
use crate::Result;
use crate::page::files;
use crate::project::Project;
use std::path::Path;

const LONGEST_FILE: usize = 600;
const LONGEST_FUNCTION: usize = 70;
const EXEMPTION: &str = "// tidy: long because ";

/// Crates that may touch the machine they run on.
const WORKSHOP: &[&str] = &["crates/podground/", "crates/xtask/", "crates/schemagen/", "crates/testkit/"];

/// Words that must not occur in the core, and what to use instead.
const CORE_BANS: &[(&str, &str)] = &[
    ("std::time::Instant", "time is SimTime, handed in"),
    ("SystemTime", "time is SimTime, handed in"),
    ("Instant::now", "time is SimTime, handed in"),
    ("std::thread", "the core has no threads"),
    ("HashMap", "order is a value: BTreeMap"),
    ("HashSet", "order is a value: BTreeSet"),
    ("std::fs", "the core has no I/O"),
    ("std::env", "the core does not see the environment"),
    ("println!", "return the text"),
    ("print!(", "return the text"),
];

/// Words that must not occur anywhere.
const BANS: &[(&str, &str)] = &[
    ("#[allow(", "#[expect(…, reason = …)] says why and notices when it is not needed any more"),
    ("#![allow(", "#![expect(…, reason = …)] says why and notices when it is not needed any more"),
    ("#[ignore", "a test runs or is not there"),
    ("#[should_panic", "test the error, not the panic"),
];

/// All Rust files of the checkout.
pub fn check(project: &Project) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    for folder in ["crates", "web", "tests"] {
        for file in files(&project.path(folder))? {
            if file.extension().is_none_or(|extension| extension != "rs") {
                continue;
            }
            let text =
                std::fs::read_to_string(&file).map_err(|error| format!("cannot read {}: {error}", file.display()))?;
            let name = file.strip_prefix(&project.root).unwrap_or(&file).to_string_lossy().replace('\\', "/");
            findings.extend(check_text(&name, &text));
            findings.extend(forgotten(&name, &file));
        }
    }
    Ok(findings)
}

fn check_text(file: &str, text: &str) -> Vec<Finding> {
    let code = blanked(text);
    let lines: Vec<&str> = text.lines().collect();
    let mut findings = Vec::new();
    if !documented(&lines) {
        findings.push(Finding::new(file, 1, "starts without `//!`: say what this file is"));
    }
    if lines.len() > LONGEST_FILE && !lines.iter().take(10).any(|line| line.starts_with(EXEMPTION)) {
        findings.push(Finding::new(
            file,
            0,
            format!("{} lines, {LONGEST_FILE} at most: split it by what it is about", lines.len()),
        ));
    }
    for function in functions(&code) {
        let length = function.last - function.first + 1;
        if length > LONGEST_FUNCTION && !exempt(&lines, function.first) {
            let message = format!("`{}` has {length} lines, {LONGEST_FUNCTION} at most", function.name);
            findings.push(Finding::new(file, function.first, message));
        }
    }
    let core = file.starts_with("crates/") && !WORKSHOP.iter().any(|workshop| file.starts_with(workshop));
    let bans = BANS.iter().chain(if core { CORE_BANS } else { &[] });
    for (word, instead) in bans {
        for (index, _) in code.lines().enumerate().filter(|(_, line)| line.contains(word)) {
            findings.push(Finding::new(file, index + 1, format!("`{word}` has no place here: {instead}")));
        }
    }
    findings.extend(undone(file, &lines));
    findings
}

/// Attributes and plain comments may come before the documentation.
fn documented(lines: &[&str]) -> bool {
    let first = lines.iter().map(|line| line.trim()).find(|line| {
        let comment = line.starts_with("//") && !line.starts_with("//!");
        !line.is_empty() && !line.starts_with("#![") && !comment
    });
    first.is_some_and(|line| line.starts_with("//!"))
}

/// Whether the comments and attributes above a line hold an exemption.
fn exempt(lines: &[&str], line: usize) -> bool {
    let above = lines[..line - 1].iter().rev().map(|line| line.trim());
    above.take_while(|line| line.starts_with("//") || line.starts_with('#')).any(|line| line.starts_with(EXEMPTION))
}

fn undone(file: &str, lines: &[&str]) -> Vec<Finding> {
    // Written apart, so that this file does not find itself.
    let words = [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("XX", "X")];
    let mut findings = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        let mut parts = line.split(|c: char| !c.is_alphanumeric() && c != '_');
        if let Some(word) = parts.find(|part| words.contains(part)) {
            findings.push(Finding::new(file, index + 1, format!("{word}: do it now, or open an issue")));
        }
    }
    findings
}

/// A file that no `mod` names is compiled by nobody.
fn forgotten(name: &str, file: &Path) -> Option<Finding> {
    let stem = file.file_stem()?.to_str()?;
    if !name.contains("/src/") || ["lib", "main", "mod", "build"].contains(&stem) || name.contains("/src/bin/") {
        return None;
    }
    let folder = file.parent()?;
    let parents = [folder.join("mod.rs"), folder.join("lib.rs"), folder.join("main.rs"), folder.with_extension("rs")];
    let named =
        parents.iter().filter_map(|parent| std::fs::read_to_string(parent).ok()).any(|text| declares(&text, stem));
    (!named).then(|| Finding::new(name, 0, format!("no `mod {stem};` names this file: nobody compiles it")))
}

fn declares(text: &str, module: &str) -> bool {
    let wanted = format!("mod {module};");
    blanked(text)
        .lines()
        .any(|line| line.trim_start().trim_start_matches("pub(crate) ").trim_start_matches("pub ").starts_with(&wanted))
}

#[cfg(test)]
mod tests {
    use super::check_text;

    fn messages(file: &str, text: &str) -> Vec<String> {
        check_text(file, text).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn the_core_is_held_to_more_than_the_workshop() {
        let text = "//! A room.\nuse std::collections::HashMap; // HashMap\n";
        assert_eq!(messages("crates/xtask/src/a.rs", text), [""; 0]);
        let expected = "crates/sim/src/a.rs:2: `HashMap` has no place here: order is a value: BTreeMap";
        assert_eq!(messages("crates/sim/src/a.rs", text), [expected]);
    }

    #[test]
    fn long_functions_must_say_why() {
        let body = "    1;\n".repeat(70);
        let long = format!("//! A room.\n\nfn long() {{\n{body}}}\n");
        assert_eq!(messages("web/src/a.rs", &long), ["web/src/a.rs:3: `long` has 72 lines, 70 at most"]);
        let excused = long.replace("fn long", "// tidy: long because it is a table\nfn long");
        assert_eq!(messages("web/src/a.rs", &excused), [""; 0]);
    }

    #[test]
    fn files_are_documented_and_done() {
        let text = format!("fn a() {{}} // {}: later\n", concat!("TO", "DO"));
        assert_eq!(messages("tests/a.rs", &text).len(), 2);
    }
}
