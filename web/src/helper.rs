//! What the editor asks for while a person writes: suggestions, meanings of fields, and what to do with dropped or pasted text.

use std::cell::Cell;
use std::rc::Rc;

use serde_json::{Value, json};
use yew::Callback;

use crate::driver::Driver;
use crate::files::NamedText;
use crate::intent::Intent;
use crate::session::Session;

/// The callback that answers the editor, in JSON. `line` always holds the line of the cursor.
pub fn answers(driver: Driver, line: Rc<Cell<u32>>, emit: Callback<Intent>) -> Callback<(String, String), String> {
    Callback::from(move |(what, about): (String, String)| {
        match what.as_str() {
            "line" => line.set(about.parse().unwrap_or(1)),
            "suggest" => return suggest(&driver, &about).to_string(),
            "meaning" => return meaning(&about).to_string(),
            "descriptions" => schema::load_descriptions(about),
            "files" => {
                let files: Vec<NamedText> = serde_json::from_str(&about).unwrap_or_default();
                emit.emit(Intent::FilesDropped(files.into()));
            }
            "page" => emit.emit(Intent::PagePasted(about.as_str().into())),
            _ => {}
        }
        "null".to_owned()
    })
}

/// The text, the line and the column of a question.
fn question(about: &str) -> (String, usize, usize) {
    let asked: Value = serde_json::from_str(about).unwrap_or_default();
    let number = |name: &str| asked[name].as_u64().and_then(|number| usize::try_from(number).ok()).unwrap_or(1);
    (asked["text"].as_str().unwrap_or_default().to_owned(), number("line"), number("column"))
}

fn suggest(driver: &Driver, about: &str) -> Value {
    let (text, line, column) = question(about);
    let names = |plural: &str| driver.with(|session| session.names(plural));
    let found = manifest::suggest(&text, line, column, &names);
    let list = found
        .list
        .iter()
        .map(|each| json!({"label": each.label, "insert": each.insert, "detail": each.detail, "about": each.about}));
    json!({"from": found.from, "list": list.collect::<Vec<Value>>()})
}

fn meaning(about: &str) -> Value {
    let (text, line, column) = question(about);
    manifest::meaning(&text, line, column).map_or(
        Value::Null,
        |found| json!({"path": found.path, "ty": found.ty, "about": found.about, "values": found.values}),
    )
}

/// A page of Markdown taken apart: its manifests as files, its shell lines as commands.
pub fn split_page(page: &str) -> (Vec<NamedText>, Vec<String>) {
    let (mut files, mut commands): (Vec<NamedText>, Vec<String>) = (Vec::new(), Vec::new());
    let mut block: Option<(String, String)> = None;
    for line in page.lines() {
        let fence = line.trim_start().strip_prefix("```");
        match (&mut block, fence) {
            (None, Some(word)) => block = Some((word.trim().to_lowercase(), String::new())),
            (Some(_), Some(_)) => {
                if let Some((word, text)) = block.take() {
                    take_block(&word, &text, &mut files, &mut commands);
                }
            }
            (Some((_, text)), None) => {
                text.push_str(line);
                text.push('\n');
            }
            (None, None) => {}
        }
    }
    (files, commands)
}

fn take_block(word: &str, text: &str, files: &mut Vec<NamedText>, commands: &mut Vec<String>) {
    let is_shell = ["sh", "bash", "shell", "console", "zsh"].iter().any(|shell| word.starts_with(shell));
    let has = |key: &str| text.lines().any(|line| line.trim_start().starts_with(key));
    if !is_shell && has("kind:") {
        let stem = Session::first_name(text).unwrap_or_else(|| format!("manifest-{}", files.len() + 1));
        files.push(NamedText { name: format!("{stem}.yaml"), content: text.to_owned() });
    } else {
        let lines = text.lines().map(|line| line.trim_start().trim_start_matches("$ "));
        commands
            .extend(lines.filter(|line| line.starts_with("kubectl ") || line.starts_with("sim ")).map(str::to_owned));
    }
}

#[cfg(test)]
mod tests {
    use super::split_page;

    #[test]
    fn a_page_becomes_files_and_commands() {
        let page = "# Title\n```yaml\nkind: Service\nmetadata:\n  name: db\n```\ntext\n```bash\n$ kubectl get svc\nls\n```\n```\nkubectl get pods\n```\n";
        let (files, commands) = split_page(page);
        assert_eq!(files.iter().map(|file| file.name.as_str()).collect::<Vec<_>>(), ["service-db.yaml"]);
        assert_eq!(commands, ["kubectl get svc", "kubectl get pods"]);
    }
}
