//! The panels of the page, one file each. A panel shows what it is given and emits intents; it owns nothing.

pub mod branches;
pub mod console;
pub mod daemon_set;
pub mod deeds;
pub mod deployment;
pub mod details;
pub mod did;
pub mod editor;
pub mod events;
pub mod examples;
pub mod header;
pub mod help;
pub mod hint;
pub mod jobs;
pub mod node_card;
pub mod notice;
pub mod pod_tile;
pub mod problems;
pub mod settings;
pub mod share;
pub mod stage;
pub mod stateful_set;
pub mod status;
pub mod storage;
pub mod table;
pub mod time_bar;
pub mod timeline;
pub mod trace;
pub mod tree;
pub mod unscheduled;
pub mod why;
pub mod workloads;

use yew::Callback;

use crate::intent::Intent;

/// The callback that emits this intent, whatever the event.
fn on<E>(emit: &Callback<Intent>, intent: impl Into<Intent>) -> Callback<E> {
    let intent = intent.into();
    emit.reform(move |_| intent.clone())
}

/// The value of the control an event came from.
fn value_of<E: AsRef<web_sys::Event>>(event: &E) -> String {
    use wasm_bindgen::JsCast;
    let target = event.as_ref().target();
    let input = target.as_ref().and_then(|target| target.dyn_ref::<web_sys::HtmlInputElement>());
    let select = target.as_ref().and_then(|target| target.dyn_ref::<web_sys::HtmlSelectElement>());
    input.map(web_sys::HtmlInputElement::value).or(select.map(web_sys::HtmlSelectElement::value)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_file_of_the_folder_is_listed() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/panels");
        let listed = include_str!("mod.rs");
        for entry in std::fs::read_dir(folder).expect("the folder is there") {
            let name = entry.expect("an entry").file_name().into_string().expect("a plain name");
            let stem = name.trim_end_matches(".rs");
            assert!(stem == "mod" || listed.contains(&format!("pub mod {stem};")), "{name} is not listed");
        }
    }
}
