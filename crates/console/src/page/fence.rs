//! Fenced code blocks and inline code of a Markdown page.
//!
//! Not a Markdown library: pages come pasted, with fences indented deeper or less deep than the text between them, and
//! what an author sees as one block must stay one. A fence opens at any depth, in a list or a quotation, and closes at
//! the next line that has nothing but enough of the same sign.

/// A fenced block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fence {
    /// The line of the opening fence, from 1.
    pub(crate) line: u32,
    /// What stands after the opening signs.
    pub(crate) info: String,
    /// The text, without the indentation of the fence.
    pub(crate) body: String,
    /// How many lines it has.
    pub(crate) body_lines: usize,
    /// It has a closing fence.
    pub(crate) closed: bool,
}

impl Fence {
    /// The line after the block.
    pub(crate) fn next_line(&self) -> u32 {
        self.line + u32::try_from(self.body_lines).unwrap_or(u32::MAX - self.line) + u32::from(self.closed) + 1
    }

    /// The language, in small letters: `yaml` of `yaml title="x"`, `{.yaml .podground}`, `yaml:web.yaml`, `YAML`.
    pub(crate) fn language(&self) -> String {
        let info = self.info.trim_start_matches(['{', '.', ' ']);
        info.split([' ', '\t', ',', ':', '}', '{', ';']).next().unwrap_or_default().to_lowercase()
    }

    /// The name of the file it is: from the fence itself (`name=`, `title=`, `file=`, `yaml:x.yaml`, a bare `x.yaml`) or
    /// from a comment in its first line.
    pub(crate) fn name(&self) -> Option<String> {
        self.name_of_fence().or_else(|| self.name_of_comment())
    }

    pub(crate) fn name_of_fence(&self) -> Option<String> {
        for key in ["name=", "title=", "filename=", "file=", "source="] {
            let Some(at) = self.info.find(key) else { continue };
            let value = &self.info[at + key.len()..];
            let value = match value.chars().next() {
                Some(quote @ ('"' | '\'')) => value[1..].split(quote).next(),
                _ => value.split([' ', '}', ',']).next(),
            };
            if let Some(name) = value.and_then(file_name) {
                return Some(name);
            }
        }
        self.info.split([' ', '\t', ':', '{', '}', ',']).find_map(file_name)
    }

    pub(crate) fn name_of_comment(&self) -> Option<String> {
        let first = self.body.lines().find(|line| !line.trim().is_empty() && line.trim() != "---")?;
        let comment = first.trim().strip_prefix('#')?.trim_start_matches('#').trim();
        let mut words = comment.split_whitespace().filter(|word| *word != "-");
        let named = words.next_back()?;
        let before: Vec<String> = words.map(|word| word.trim_end_matches(':').to_lowercase()).collect();
        const LABELS: &[&str] =
            &["file", "filename", "file-name", "name", "save", "as", "this", "in", "manifest", "yaml"];
        if before.iter().all(|word| LABELS.contains(&word.as_str())) { file_name(named) } else { None }
    }
}

/// The path of a manifest that a word is: quotes, backticks, emphasis and punctuation around it are taken off.
pub(crate) fn file_name(word: &str) -> Option<String> {
    let word = word.trim_matches(|c: char| "`*\"'()[],;:<>“”‘’".contains(c)).trim_end_matches('.');
    let path = word.strip_prefix("./").unwrap_or(word);
    let known =
        [".yaml", ".yml", ".json"].iter().any(|end| path.len() > end.len() && path.to_lowercase().ends_with(end));
    let plain = path.chars().all(|c| c.is_alphanumeric() || "._-/~+@".contains(c));
    (known && plain && !path.contains("//")).then(|| path.to_owned())
}

/// All fenced blocks, in order.
pub(crate) fn scan(markdown: &str) -> Vec<Fence> {
    let mut fences = Vec::new();
    let mut lines = markdown.lines().zip(1u32..);
    while let Some((line, number)) = lines.next() {
        let Some(opening) = opening(line) else { continue };
        let mut fence =
            Fence { line: number, info: opening.info.to_owned(), body: String::new(), body_lines: 0, closed: false };
        for (line, _) in lines.by_ref() {
            let line = unquoted(line, opening.quoted);
            if closes(line, opening.sign, opening.count) {
                fence.closed = true;
                break;
            }
            fence.body.push_str(outdented(line, opening.indent));
            fence.body.push('\n');
            fence.body_lines += 1;
        }
        fences.push(fence);
    }
    fences
}

struct Opening<'a> {
    sign: char,
    count: usize,
    info: &'a str,
    indent: usize,
    quoted: bool,
}

fn opening(line: &str) -> Option<Opening<'_>> {
    let inside = unquoted(line, true);
    let quoted = inside.len() < line.len();
    let mut rest = inside.trim_start();
    // The block may be all that an item of a list has.
    if let Some((marker, after)) = rest.split_once(' ') {
        let numbered = marker.strip_suffix(['.', ')']).is_some_and(|number| number.parse::<u32>().is_ok());
        if numbered || matches!(marker, "-" | "*" | "+") {
            rest = after.trim_start();
        }
    }
    let sign = rest.chars().next().filter(|sign| matches!(sign, '`' | '~'))?;
    let count = rest.chars().take_while(|c| *c == sign).count();
    let info = rest[count..].trim();
    if count < 3 || (sign == '`' && info.contains('`')) {
        return None;
    }
    Some(Opening { sign, count, info, indent: inside.len() - rest.len(), quoted })
}

fn closes(line: &str, sign: char, count: usize) -> bool {
    let line = line.trim();
    line.chars().count() >= count && line.chars().all(|c| c == sign)
}

fn unquoted(line: &str, quoted: bool) -> &str {
    let inside = line.trim_start().strip_prefix('>').filter(|_| quoted);
    inside.map_or(line, |inside| inside.strip_prefix(' ').unwrap_or(inside))
}

/// The line without up to `indent` blanks at its start.
fn outdented(line: &str, indent: usize) -> &str {
    let blanks = line.chars().take(indent).take_while(|c| matches!(c, ' ' | '\t')).count();
    &line[blanks..]
}

/// The texts in backticks of a line.
pub(crate) fn inline_code(line: &str) -> Vec<&str> {
    line.split('`').skip(1).step_by(2).filter(|code| !code.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect;

    #[test]
    fn fences_of_all_kinds() {
        let text = "- item\n  ```yaml\n  a:\n    b: 1\n less\n  ```\n> ~~~ sh\n> $ ls\n> ~~~\n1. ````{.yaml title=\"x/y.yml\"}\n   ```\n   ````\n```inline``` no\n```YAML:web.yaml\nlast";
        let shown = scan(text).into_iter().map(|fence| {
            format!("{}-{} {} {:?} {:?}\n", fence.line, fence.next_line(), fence.language(), fence.name(), fence.body)
        });
        expect![[r#"
            2-7 yaml None "a:\n  b: 1\nless\n"
            7-10 sh None "$ ls\n"
            10-13 yaml Some("x/y.yml") "```\n"
            14-16 yaml Some("web.yaml") "last\n"
        "#]]
        .assert_eq(&shown.collect::<String>());
    }

    #[test]
    fn a_first_comment_names_a_file() {
        let check = |body: &str| scan(&format!("```yaml\n{body}\n```")).remove(0).name();
        assert_eq!(check("# web.yaml"), Some("web.yaml".to_owned()));
        assert_eq!(check("---\n# File: k8s/web.yaml"), Some("k8s/web.yaml".to_owned()));
        assert_eq!(check("# save this as `web.yml`"), Some("web.yml".to_owned()));
        assert_eq!(check("# differs from web.yaml"), None);
        assert_eq!(check("kind: Pod # web.yaml"), None);
    }
}
