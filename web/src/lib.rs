//! The page: what a browser shows of a podground session, and how a person acts on it.
//!
//! Time and data come from `driver.rs`, which owns the session; `app.rs` carries out what the panels ask for; everything
//! else is a function from state to markup.

pub mod app;
pub mod app_state;
pub mod code_editor;
pub mod commands;
pub mod deeds;
pub mod diagnostic;
pub mod did;
pub mod drawer;
pub mod driver;
pub mod examples;
pub mod files;
#[cfg(test)]
mod fixture;
pub mod focus;
pub mod helper;
pub mod icons;
pub mod intent;
pub mod keys;
pub mod light;
pub mod marks;
pub mod panels;
pub mod prompt;
pub mod session;
pub mod settings;
pub mod share;
pub mod snippets;
pub mod start;
pub mod storage;
pub mod tables;
#[cfg(test)]
mod testing;
pub mod theme;
pub mod time;
pub mod url;

/// Puts the page into the document's `#app`, if there is one. `#broken` says so if the page ever breaks.
pub fn run() -> Option<yew::AppHandle<app::App>> {
    yew::set_custom_panic_hook(Box::new(|info| {
        let document = gloo::utils::document();
        let Some(root) = document.get_element_by_id("broken") else { return };
        // The page may be half drawn; this element is not part of it.
        root.set_text_content(Some(&format!(
            "Something in the page broke. Your files are kept: reload to go on. ({info})"
        )));
        root.remove_attribute("hidden").unwrap_or_default();
    }));
    let root = gloo::utils::document().get_element_by_id("app")?;
    Some(yew::Renderer::<app::App>::with_root(root).render())
}
