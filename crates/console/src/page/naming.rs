//! Names for the manifests of a page: what the page says, else what its commands call them, else what they are.

use std::collections::BTreeSet;

use super::fence::{Fence, file_name, inline_code};
use super::objects::{Object, kind_word};
use super::{Note, PageFile, Step, commands};

/// A manifest that may still lack its name.
pub(super) struct Manifest {
    text: String,
    /// The line of its fence, and the first line after it.
    line: u32,
    next_line: u32,
    pub(super) objects: Vec<Object>,
    name: Option<(String, String)>,
    used: bool,
}

impl Manifest {
    pub(super) fn new(fence: &Fence, text: String, objects: Vec<Object>) -> Self {
        let own = fence.name_of_fence().map(|name| (name, "the fence of the block says so".to_owned()));
        let name = own.or_else(|| Some((fence.name_of_comment()?, "its first comment says so".to_owned())));
        Self { text, line: fence.line, next_line: fence.next_line(), objects, name, used: false }
    }

    pub(super) fn into_file(self) -> PageFile {
        let (name, why_name) = self.name.unwrap_or_default();
        PageFile { name, text: self.text, line: self.line + 1, why_name, used: self.used }
    }

    /// Words that a name for it may have, apart from its kind.
    fn words(&self) -> BTreeSet<String> {
        let names = self.objects.iter().flat_map(|object| object.name.split(['-', '_', '.']));
        names.map(str::to_lowercase).collect()
    }

    fn kinds(&self) -> BTreeSet<String> {
        self.objects.iter().map(|object| object.kind.to_lowercase()).collect()
    }
}

/// Gives every manifest a name, and says which are used by no command.
pub(super) fn name(
    manifests: &mut [Manifest],
    steps: &[Step],
    lines: &[&str],
    in_fence: &[bool],
    notes: &mut Vec<Note>,
) {
    let made: BTreeSet<String> = steps.iter().flat_map(|step| commands::written_files(&step.command)).collect();
    let wanted: Vec<(String, u32)> = steps
        .iter()
        .flat_map(|step| commands::read_files(&step.command).into_iter().map(|name| (name, step.line)))
        .filter(|(name, _)| !made.contains(name))
        .collect();
    for manifest in manifests.iter_mut().filter(|manifest| manifest.name.is_none()) {
        manifest.name = said_nearby(manifest, lines, in_fence);
    }
    for (name, line) in &wanted {
        if !manifests.iter().any(|manifest| manifest.name.as_ref().is_some_and(|(known, _)| same(known, name))) {
            claim(manifests, name, *line);
        }
    }
    for (name, line) in &wanted {
        let of_name = |manifest: &&mut Manifest| manifest.name.as_ref().is_some_and(|(known, _)| same(known, name));
        let mut found = false;
        for manifest in manifests.iter_mut().filter(of_name) {
            (manifest.used, found) = (true, true);
            // The command's spelling counts: it may have a folder.
            manifest.name.iter_mut().for_each(|(known, _)| known.clone_from(name));
        }
        if !found {
            notes.push(Note { line: *line, text: format!("no block of the page is {name}") });
        }
    }
    let mut taken: BTreeSet<String> =
        manifests.iter().filter_map(|manifest| Some(manifest.name.as_ref()?.0.clone())).collect();
    for manifest in manifests {
        if manifest.name.is_none() {
            let name = invented(manifest, &taken);
            taken.insert(name.clone());
            manifest.name = Some((name, "no command names it; called after what it is".to_owned()));
        }
        if !manifest.used {
            let name = manifest.name.as_ref().map_or("", |(name, _)| name);
            notes.push(Note { line: manifest.line, text: format!("{name} is not applied by any command of the page") });
        }
    }
}

/// The same file, whether or not one of the two names its folder.
fn same(left: &str, right: &str) -> bool {
    let last = |path: &str| path.rsplit('/').next().unwrap_or(path).to_owned();
    left == right || ((!left.contains('/') || !right.contains('/')) && last(left) == last(right))
}

/// The name in the last lines of text before the block, or in the first line after it.
fn said_nearby(manifest: &Manifest, lines: &[&str], in_fence: &[bool]) -> Option<(String, String)> {
    let outside = |number: u32| in_fence.get(number as usize - 1) == Some(&false);
    let text = |number: u32| lines.get(number as usize - 1).copied().unwrap_or_default();
    let mut seen = 0;
    for number in (1..manifest.line).rev() {
        if !outside(number) {
            // `vi x.yaml` in a block right before is as good as a sentence.
            let line = text(number).trim().trim_start_matches("$ ");
            let editor =
                line.split(' ').next().filter(|word| ["vi", "vim", "nano", "touch", "code", "cat"].contains(word));
            if let (true, Some(_), Some(name)) = (seen == 0, editor, line.split(' ').nth(1).and_then(file_name)) {
                return Some((name, format!("line {number} opens it")));
            }
            if text(number).trim().starts_with("```") || text(number).trim().starts_with("~~~") {
                continue;
            }
            break;
        }
        let line = text(number).trim();
        if line.is_empty() {
            continue;
        }
        if let Some(name) = only_name(line) {
            return Some((name, format!("line {number} names it")));
        }
        seen += 1;
        if seen == 2 || line.starts_with('#') {
            break;
        }
    }
    let after =
        (manifest.next_line..).take(4).map(|number| (text(number).trim(), number)).find(|(line, _)| !line.is_empty());
    let (line, number) = after.filter(|(_, number)| outside(*number))?;
    let codes = inline_code(line);
    let names: Vec<String> = codes.iter().flat_map(|code| commands::read_files(code)).collect();
    match &names[..] {
        [name] => Some((name.clone(), format!("the command of line {number} names it"))),
        _ => None,
    }
}

/// The name of a manifest in a line of text, if there is exactly one.
fn only_name(line: &str) -> Option<String> {
    // A command is about a file that exists already.
    if inline_code(line).iter().any(|code| code.starts_with("kubectl ") || code.starts_with("k ")) {
        return None;
    }
    let mut names: Vec<String> = line.split([' ', '(', ')', '[', ']', '|']).filter_map(file_name).collect();
    names.sort();
    names.dedup();
    if names.len() == 1 { names.pop() } else { None }
}

/// Gives a name that a command uses to the manifest that fits it best.
fn claim(manifests: &mut [Manifest], name: &str, line: u32) {
    let stem = name.rsplit('/').next().unwrap_or(name).rsplit_once('.').map_or(name, |(stem, _)| stem).to_lowercase();
    let words: Vec<&str> = stem.split(['-', '_', '.']).filter(|word| !word.is_empty()).collect();
    let kinds: BTreeSet<&str> = words.iter().filter_map(|word| kind_word(word)).chain(kind_word(&stem)).collect();
    let fits = |manifest: &Manifest| {
        if manifest.name.is_some() {
            return None;
        }
        let own = manifest.kinds();
        let of_kind = kinds.iter().filter(|kind| own.contains(**kind)).count();
        if !kinds.is_empty() && of_kind == 0 {
            return None;
        }
        let named = manifest.words();
        let of_name = words.iter().filter(|word| named.contains(**word)).count();
        Some(4 * of_kind + 2 * of_name).filter(|score| *score > 0)
    };
    // Of equals the nearest one above the command, else the first one below it.
    let nearness =
        |manifest: &Manifest| if manifest.line < line { (1, manifest.line) } else { (0, u32::MAX - manifest.line) };
    let best = manifests
        .iter()
        .enumerate()
        .filter_map(|(at, manifest)| Some((fits(manifest)?, nearness(manifest), at)))
        .max()
        .map(|(_, _, at)| at);
    if let Some(at) = best {
        manifests[at].name = Some((name.to_owned(), format!("the command of line {line} means it by its words")));
        return;
    }
    // Nothing fits by its words: the block right above the command, if no other stands between.
    let above = manifests
        .iter()
        .enumerate()
        .filter(|(_, manifest)| manifest.line < line)
        .max_by_key(|(_, manifest)| manifest.line);
    if let Some((at, _)) = above.filter(|(_, manifest)| manifest.name.is_none() && kinds.is_empty()) {
        manifests[at].name = Some((name.to_owned(), format!("the command of line {line} follows it")));
    }
}

fn invented(manifest: &Manifest, taken: &BTreeSet<String>) -> String {
    let plain = |text: &str| text.to_lowercase().replace(|c: char| !c.is_ascii_alphanumeric() && c != '-', "-");
    let first = manifest.objects.first();
    let [name, kind] = first.map(|object| [plain(&object.name), plain(&object.kind)]).unwrap_or_default();
    let stem = match () {
        () if name.is_empty() => kind,
        () if name.ends_with(&kind) => name,
        () => format!("{name}-{kind}"),
    };
    let mut name = format!("{stem}.yaml");
    let mut number = 2;
    while taken.contains(&name) {
        name = format!("{stem}-{number}.yaml");
        number += 1;
    }
    name
}
