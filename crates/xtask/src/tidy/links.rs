//! Relative links in the project's Markdown lead somewhere.

use super::Finding;
use crate::Result;
use crate::page::files;
use crate::project::Project;
use std::path::Path;

/// All Markdown of the project's own; transcripts and lessons hold other people's pages.
pub fn check(project: &Project) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    for file in files(&project.root)? {
        let name = file.strip_prefix(&project.root).unwrap_or(&file).to_string_lossy().replace('\\', "/");
        if !name.ends_with(".md")
            || name.starts_with("tests/")
            || name.contains("/testdata/")
            || name.contains("/content/")
        {
            continue;
        }
        let text =
            std::fs::read_to_string(&file).map_err(|error| format!("cannot read {}: {error}", file.display()))?;
        let folder = file.parent().unwrap_or(&project.root);
        for (line, target) in targets(&text) {
            if !leads_somewhere(folder, &target) {
                findings.push(Finding::new(&name, line, format!("the link to {target} leads nowhere")));
            }
        }
    }
    Ok(findings)
}

/// What `[text](target)` and `![text](target)` point to, outside of code.
fn targets(text: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let mut fenced = false;
    for (index, line) in text.lines().enumerate() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        }
        if fenced {
            continue;
        }
        // Every other piece between backticks is code.
        for prose in line.split('`').step_by(2) {
            for piece in prose.split("](").skip(1) {
                let target = piece.split([')', ' ']).next().unwrap_or_default();
                found.push((index + 1, target.to_owned()));
            }
        }
    }
    found
}

fn leads_somewhere(folder: &Path, target: &str) -> bool {
    let path = target.split('#').next().unwrap_or_default();
    path.is_empty() || path.contains(':') || folder.join(path).exists()
}

#[cfg(test)]
mod tests {
    use super::targets;

    #[test]
    fn links_in_code_are_no_links() {
        let text = "see [a](a.md#x) and `[b](b.md)`\n```\n[c](c.md)\n```\n![d](d.png \"title\")\n";
        assert_eq!(targets(text), [(1, "a.md#x".to_owned()), (5, "d.png".to_owned())]);
    }
}
