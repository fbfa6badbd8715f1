//! `new`: starts a member of a list (a controller, a plugin, a verb, a panel): its file with a test, and its line in the list.

use crate::Result;
use crate::process::run as run_loudly;
use crate::project::Project;
use crate::tidy::{LISTS, List, blanked};

/// What can be started.
struct Kind {
    name: &'static str,
    /// Which list it is in, by the folder of that list.
    folder: &'static str,
    /// Its file below the list's folder; `NAME` stands for its name.
    file: &'static str,
    /// What is in it; `NAME`, `TITLE` and `DASHED` stand for its name as a module, a type and a word.
    template: &'static str,
}

const KINDS: &[Kind] = &[
    Kind {
        name: "controller",
        folder: "crates/controllers/src",
        file: "NAME/mod.rs",
        template: include_str!("../templates/controller.txt"),
    },
    Kind {
        name: "plugin",
        folder: "crates/scheduler/src/plugins",
        file: "NAME.rs",
        template: include_str!("../templates/plugin.txt"),
    },
    Kind {
        name: "verb",
        folder: "crates/kubectl/src/verbs",
        file: "NAME.rs",
        template: include_str!("../templates/verb.txt"),
    },
    Kind { name: "panel", folder: "web/src/panels", file: "NAME.rs", template: include_str!("../templates/panel.txt") },
];

/// The command.
pub fn run(project: &Project, args: &[String]) -> Result<()> {
    let usage = || {
        let kinds: Vec<&str> = KINDS.iter().map(|kind| kind.name).collect();
        format!("usage: cargo xtask new {} NAME   (NAME like node_ports)", kinds.join("|"))
    };
    let [kind, name] = args else { return Err(usage()) };
    let kind = KINDS.iter().find(|known| known.name == kind).ok_or_else(usage)?;
    let list = LISTS.iter().find(|list| list.folder == kind.folder).ok_or_else(usage)?;
    let fits = name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    if !fits {
        return Err(usage());
    }
    let list_file = project.path(list.file);
    let text = std::fs::read_to_string(&list_file).map_err(|error| {
        format!("{} lists every {} and cannot be read ({error}): is this checkout complete?", list.file, kind.name)
    })?;
    let below = format!("{}/{}", list.folder, kind.file.replace("NAME", name));
    let file = project.path(&below);
    if file.exists() {
        return Err(format!("{below} is already there"));
    }
    let registered = register(&text, name, list)
        .ok_or_else(|| format!("{} is written in a way I do not understand: add {name} by hand", list.file))?;
    let write = |path: &std::path::Path, text: &str| {
        let folder = path.parent().unwrap_or(&project.root);
        let written = std::fs::create_dir_all(folder).and_then(|()| std::fs::write(path, text));
        written.map_err(|error| format!("cannot write {}: {error}", path.display()))
    };
    write(
        &file,
        &kind.template.replace("NAME", name).replace("TITLE", &title(name)).replace("DASHED", &name.replace('_', "-")),
    )?;
    write(&list_file, &registered)?;
    run_loudly(project.command("rustfmt").args(["--edition", "2024"]).arg(&file).arg(&list_file))?;
    println!("wrote {below} and its line in {}\nnext: fill it in, beginning with its test", list.file);
    Ok(())
}

/// `node_ports` as a type: `NodePorts`.
fn title(name: &str) -> String {
    let words = name.split('_').filter(|word| !word.is_empty());
    words.map(|word| word[..1].to_uppercase() + &word[1..]).collect()
}

/// The list's file with one more member: its `mod`, and its line in the list if there is one beside the `mod`s.
fn register(text: &str, name: &str, list: &List) -> Option<String> {
    let text = match list.entries {
        Some((marker, head)) => with_member(text, head, &format!("{name}::{marker}"))?,
        None => text.to_owned(),
    };
    let modules = |line: &&str| (line.starts_with("mod ") || line.starts_with("pub mod ")) && line.ends_with(';');
    let last = text.lines().rfind(modules)?;
    let visibility = if last.starts_with("pub ") { "pub " } else { "" };
    Some(text.replacen(last, &format!("{last}\n{visibility}mod {name};"), 1))
}

fn with_member(text: &str, head: &str, member: &str) -> Option<String> {
    let code = blanked(text);
    let after = text.find(head)? + head.len();
    let open = after + code[after..].find('[')?;
    let close = open + closing(&code[open..])?;
    let members = code[open + 1..close].trim();
    let reference = if members.starts_with('&') { "&" } else { "" };
    let comma = if members.is_empty() || members.ends_with(',') { "" } else { "," };
    Some(format!("{}{comma} {reference}{member}{}", text[..close].trim_end(), &text[close..]))
}

/// Where the bracket that opens here closes.
fn closing(code: &str) -> Option<usize> {
    let mut depth = 0;
    code.char_indices().find_map(|(position, c)| {
        depth += match c {
            '[' => 1,
            ']' => -1,
            _ => return None,
        };
        (depth == 0).then_some(position)
    })
}

#[cfg(test)]
mod tests {
    use super::{register, title};
    use crate::project::Project;
    use crate::tidy::LISTS;

    #[test]
    fn a_member_is_declared_and_listed() {
        let text = "//! Ü [list].\nmod back_off;\nmod job;\n\npub fn all() -> &'static [Controller] {\n    &[job::CONTROLLER]\n}\n";
        let expected = "//! Ü [list].\nmod back_off;\nmod job;\nmod cron;\n\npub fn all() -> &'static [Controller] {\n    &[job::CONTROLLER, cron::CONTROLLER]\n}\n";
        assert_eq!(register(text, "cron", &LISTS[0]).as_deref(), Some(expected));
        assert_eq!(register("mod a;\n", "cron", &LISTS[0]), None);
        let groups = "mod a;\nconst GROUPS: &[Group] = &[(\"Other Commands\", &[&a::VERB])];\n";
        let expected = "mod a;\nmod b;\nconst GROUPS: &[Group] = &[(\"Other Commands\", &[&a::VERB, &b::VERB])];\n";
        assert_eq!(register(groups, "b", &LISTS[2]).as_deref(), Some(expected));
        assert_eq!(register("pub mod a;\n", "b", &LISTS[3]).as_deref(), Some("pub mod a;\npub mod b;\n"));
    }

    #[test]
    fn every_list_is_understood() {
        let project = Project::find().expect("the checkout");
        for list in LISTS {
            let text = std::fs::read_to_string(project.path(list.file)).expect("the list is there");
            assert!(register(&text, "newcomer", list).is_some(), "{}", list.file);
        }
    }

    #[test]
    fn titles_are_types() {
        assert_eq!(title("node_ports"), "NodePorts");
    }
}
