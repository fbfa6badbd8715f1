//! Markdown pages as scripts: their manifests become files, their commands become steps.
//!
//! Pages are pasted tutorials, not tidy input: prompts, outputs between commands, placeholders, files named in passing or
//! not at all, and text that lost its encoding. What can be understood without guessing is used; everything that was
//! changed, guessed or left out is said in a note with its line.

mod commands;
pub(crate) mod fence;
mod naming;
mod objects;
mod placeholders;
mod repair;

use commands::Found;
use fence::Fence;
use naming::Manifest;

/// A page, understood.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// The manifests, in the order of the page. Two may have one name: the page changes a file.
    pub files: Vec<PageFile>,
    /// The commands, in the order of the page.
    pub steps: Vec<Step>,
    /// What a reader should know about how the page was understood, in the order of lines.
    pub notes: Vec<Note>,
}

/// A manifest of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageFile {
    /// The name under which commands find it.
    pub name: String,
    /// Its text.
    pub text: String,
    /// The line of the page on which its text starts.
    pub line: u32,
    /// Why it has this name.
    pub why_name: String,
    /// Some command of the page uses it.
    pub used: bool,
}

/// A command of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The line of the page on which it starts.
    pub line: u32,
    /// The command, for the console language; it may have several lines.
    pub command: String,
    /// What was changed in it.
    pub note: Option<String>,
    /// Why it cannot be run, if it cannot.
    pub not_run: Option<String>,
}

/// Something about a line of the page.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Note {
    /// The line.
    pub line: u32,
    /// The remark.
    pub text: String,
}

impl Page {
    /// On a page that never applies a manifest itself, its readers do: each whole manifest is applied where it stands.
    /// A page with commands of its own that apply something is left as it is.
    pub fn imply_applies(&mut self) {
        if self.files.iter().any(|file| file.used) {
            return;
        }
        let implied = self.files.iter().map(|file| Step {
            line: file.line,
            command: format!("kubectl apply -f {}", file.name),
            note: Some("no command of the page applies its manifests: this one is applied where it stands".to_owned()),
            not_run: None,
        });
        self.steps.extend(implied);
        self.steps.sort_by_key(|step| step.line);
        self.notes.retain(|note| !note.text.ends_with("is not applied by any command of the page"));
    }

    /// The files that must be written before a step: all of the page before the first one (of two with one name the
    /// first), later a file that the page has changed since.
    pub fn files_before(&self, step: usize) -> Vec<&PageFile> {
        let line = |step: usize| self.steps.get(step).map_or(u32::MAX, |step| step.line);
        let earlier = |at: usize, file: &PageFile| self.files[..at].iter().any(|other| other.name == file.name);
        let files = self.files.iter().enumerate();
        let due = files.filter(|(at, file)| match (earlier(*at, file), step) {
            (false, step) => step == 0,
            (true, 0) => file.line <= line(0),
            (true, step) => file.line > line(step - 1) && file.line <= line(step),
        });
        due.map(|(_, file)| file).collect()
    }
}

/// Understands a page.
pub fn read(markdown: &str) -> Page {
    let markdown = markdown.trim_start_matches('\u{feff}').replace("\r\n", "\n").replace('\r', "\n");
    let lines: Vec<&str> = markdown.lines().collect();
    let fences = fence::scan(&markdown);
    let mut in_fence = vec![false; lines.len()];
    for fence in &fences {
        let end = (fence.next_line() as usize - 1).min(lines.len());
        in_fence[fence.line as usize - 1..end].fill(true);
    }
    let mut notes = Vec::new();
    let mut manifests: Vec<Manifest> = Vec::new();
    let mut found: Vec<Found> = commands::inline(&lines, &in_fence);
    for fence in &fences {
        if !fence.closed {
            notes.push(Note {
                line: fence.line,
                text: "this block has no end: everything below was taken for a part of it".into(),
            });
        }
        match use_of(fence) {
            Use::Manifest => manifests.extend(manifest(fence, &mut notes)),
            Use::Commands => found.extend(commands::of_fence(fence, &mut notes)),
            Use::Nothing => {}
        }
    }
    found.sort_by_key(|found| found.line);
    let all: Vec<objects::Object> = manifests.iter().flat_map(|manifest| manifest.objects.clone()).collect();
    let steps: Vec<Step> = found.into_iter().map(|found| step(found, &all)).collect();
    naming::name(&mut manifests, &steps, &lines, &in_fence, &mut notes);
    let files = manifests.into_iter().map(Manifest::into_file).collect();
    notes.sort();
    notes.dedup();
    Page { files, steps, notes }
}

/// What a fenced block is for.
enum Use {
    Manifest,
    Commands,
    Nothing,
}

fn use_of(fence: &Fence) -> Use {
    let language = fence.language();
    match language.as_str() {
        "yaml" | "yml" | "json" | "k8s" | "kubernetes" => Use::Manifest,
        "bash" | "sh" | "shell" | "zsh" | "console" | "terminal" | "shellsession" | "shell-session" | "shellscript"
        | "sh-session" | "bash-session" | "cmd" | "command" | "commandline" | "kubectl" => Use::Commands,
        "" | "text" | "txt" | "plaintext" | "plain" | "none" | "no-highlight" | "nohighlight" | "output" | "code" => {
            let objects = objects::objects(&fence.body);
            match fence.body.lines().map(str::trim).find(|line| !line.is_empty() && !line.starts_with("# ")) {
                _ if objects.iter().any(|_| fence.body.contains("apiVersion")) => Use::Manifest,
                Some(line) if commands::begins_a_script(line) => Use::Commands,
                _ => Use::Nothing,
            }
        }
        _ if fence::file_name(&fence.info).is_some() => Use::Manifest,
        _ => Use::Nothing,
    }
}

fn manifest(fence: &Fence, notes: &mut Vec<Note>) -> Option<Manifest> {
    let mut repairs = Vec::new();
    let text = repair::manifest(&fence.body, &mut repairs);
    let objects = objects::objects(&text);
    if !repairs.is_empty() {
        notes.push(Note { line: fence.line, text: format!("repaired in the block: {}", repairs.join(", ")) });
    }
    if objects.is_empty() {
        let text = "this block is no whole object (it has no `kind:`), so it is no file".to_owned();
        notes.push(Note { line: fence.line, text });
        return None;
    }
    Some(Manifest::new(fence, text, objects))
}

fn step(found: Found, objects: &[objects::Object]) -> Step {
    let resolved = placeholders::resolve(&found.command, objects);
    let notes: Vec<String> = found.note.into_iter().chain(resolved.note).collect();
    Step {
        line: found.line,
        command: resolved.command,
        note: (!notes.is_empty()).then(|| notes.join("; ")),
        not_run: resolved.missing.map(|name| format!("not run: placeholder {name}")),
    }
}

#[cfg(test)]
mod tests;
