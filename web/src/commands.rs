//! The console commands behind the page's buttons and keys: the same that a person could type.

use view::{NodeCard, ObjectRef};

use crate::app_state::{Action, Notice};
use crate::files::NamedText;
use crate::intent::{FileDeed, Intent};

/// Applies every file that has something in it.
pub fn apply(files: &[NamedText]) -> Vec<String> {
    let filled = files.iter().filter(|file| !file.content.trim().is_empty());
    filled.map(|file| format!("kubectl apply -f {}", quoted(&file.name))).collect()
}

/// What is done with one file.
pub fn on_file(deed: FileDeed, name: &str) -> Option<String> {
    let name = quoted(name);
    Some(match deed {
        FileDeed::Apply => format!("kubectl apply -f {name}"),
        FileDeed::DryRun => format!("kubectl apply -f {name} --dry-run=server"),
        FileDeed::Diff => format!("kubectl diff -f {name}"),
        FileDeed::Delete => format!("kubectl delete -f {name} --wait=false"),
        FileDeed::ApplyDocument | FileDeed::Tidy | FileDeed::Download => return None,
    })
}

/// Applies a text as it is.
pub fn apply_text(text: &str) -> String {
    format!("kubectl apply -f - <<'END'\n{}\nEND", text.trim_end())
}

/// Adds a node under the next free number.
pub fn add_node(nodes: &[NodeCard]) -> String {
    let number = |node: &NodeCard| node.name.strip_prefix("node-")?.parse::<u32>().ok();
    let next = nodes.iter().filter_map(number).max().unwrap_or(0).saturating_add(1);
    format!("sim node add node-{next}")
}

/// Deletes a Pod or removes a Node, after asking.
pub fn delete_asking(target: &ObjectRef) -> Intent {
    let command = match &*target.kind {
        "Node" => format!("sim node remove {}", target.name),
        _ => format!("kubectl delete {} --wait=false", target.kubectl_words()),
    };
    let notice = Notice {
        is_bad: false,
        text: format!("Really? {command}").into(),
        button: Some(("Yes".into(), Box::new(Intent::Confirmed(command)))),
    };
    Action::Notified(Some(notice)).into()
}

/// Crashes a Pod's container; nothing for other objects.
pub fn crash(target: &ObjectRef) -> Option<String> {
    let namespace = if &*target.namespace == "default" { String::new() } else { format!(" -n {}", target.namespace) };
    (&*target.kind == "Pod").then(|| format!("sim pod crash {}{namespace}", target.name))
}

/// A word that the console reads as it is.
pub fn quoted(word: &str) -> String {
    let is_plain = |character: char| character.is_ascii_alphanumeric() || "._-/=:@,".contains(character);
    if word.chars().all(is_plain) { word.to_owned() } else { format!("'{}'", word.replace('\'', r"'\''")) }
}

#[cfg(test)]
mod tests {
    use super::{add_node, apply};
    use crate::files::NamedText;
    use crate::fixture;

    #[test]
    fn apply_skips_empty_files_and_quotes_odd_names() {
        let file = |name: &str, content: &str| NamedText { name: name.into(), content: content.into() };
        let files = [file("a.yaml", "kind: Pod"), file("b.yaml", " \n"), file("it's.yaml", "kind: Pod")];
        assert_eq!(apply(&files), ["kubectl apply -f a.yaml", r"kubectl apply -f 'it'\''s.yaml'"]);
    }

    #[test]
    fn a_new_node_takes_the_next_number() {
        let snapshot = fixture::snapshot();
        assert_eq!(add_node(&snapshot.nodes), "sim node add node-4");
        assert_eq!(add_node(&snapshot.nodes[2..]), "sim node add node-4");
        assert_eq!(add_node(&[]), "sim node add node-1");
    }
}
