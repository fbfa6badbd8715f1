//! Where the keyboard focus is and goes. The only place that reads and moves it.

use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, KeyboardEvent};

use crate::app_state::Spot;
use crate::keys::Scope;

/// The scope that an element is in.
pub fn scope_of(target: Option<&Element>) -> Scope {
    let marked = target.and_then(|element| element.closest("[data-scope]").ok().flatten());
    Scope::from_name(&marked.and_then(|element| element.get_attribute("data-scope")).unwrap_or_default())
}

/// Whether an element takes keys for itself: Space and Enter press a button, letters are typed into a field.
pub fn takes_keys(target: Option<&Element>) -> bool {
    target.is_some_and(|element| {
        element
            .matches("button, input, select, textarea, summary, a, [contenteditable] *, [contenteditable]")
            .unwrap_or(false)
    })
}

/// Whether an element is a field that text is typed into, or a slider that arrows move.
pub fn is_field(target: Option<&Element>) -> bool {
    target.is_some_and(|element| {
        element.matches("input, select, textarea, [contenteditable] *, [contenteditable]").unwrap_or(false)
    })
}

/// Focuses the first element that a selector finds.
pub fn focus(selector: &str) {
    if let Some(element) = find(selector) {
        // An element that cannot take the focus leaves it where it was.
        element.focus().unwrap_or_default();
    }
}

/// Focuses a cell of the grid.
pub fn focus_spot(spot: &Spot) {
    match spot {
        Spot::Node(node) => focus(&format!("[data-node=\"{node}\"] [role=rowheader]")),
        Spot::Pod(_, key) => focus(&format!(".grid [data-pod=\"{key}\"]")),
    }
}

/// Focuses the next part of the page, or the one before.
pub fn next_pane(forward: bool) {
    let Ok(found) = gloo::utils::document().query_selector_all("[data-pane]") else { return };
    let panes: Vec<HtmlElement> = (0..found.length())
        .filter_map(|at| found.item(at)?.dyn_into::<HtmlElement>().ok())
        .filter(|pane| pane.offset_width() > 0)
        .collect();
    if panes.is_empty() {
        return;
    }
    let here = gloo::utils::document().active_element();
    let at = panes.iter().position(|pane| pane.contains(here.as_ref().map(AsRef::as_ref)));
    let next = match (at, forward) {
        (None, _) => 0,
        (Some(at), true) => (at + 1) % panes.len(),
        (Some(at), false) => (at + panes.len() - 1) % panes.len(),
    };
    panes[next].focus().unwrap_or_default();
}

/// Up and down in an open menu.
pub fn walk_menu(event: &KeyboardEvent) {
    let forward = match event.key().as_str() {
        "ArrowDown" => true,
        "ArrowUp" => false,
        _ => return,
    };
    event.prevent_default();
    event.stop_propagation();
    let Some(item) = event.target().and_then(|target| target.dyn_into::<Element>().ok()) else { return };
    let next = if forward { item.next_element_sibling() } else { item.previous_element_sibling() };
    if let Some(next) = next.and_then(|next| next.dyn_into::<HtmlElement>().ok()) {
        next.focus().unwrap_or_default();
    }
}

/// Full screen, or back.
pub fn full_screen() {
    let document = gloo::utils::document();
    if document.fullscreen_element().is_some() {
        document.exit_fullscreen();
    } else {
        // A frame may not be allowed to.
        gloo::utils::document_element().request_fullscreen().unwrap_or_default();
    }
}

/// Shows nothing, or everything again: for who presents.
pub fn blank() {
    let root = gloo::utils::document_element();
    let is_blank = root.has_attribute("data-blank");
    let changed = if is_blank { root.remove_attribute("data-blank") } else { root.set_attribute("data-blank", "") };
    debug_assert!(changed.is_ok(), "the name of the attribute is fixed");
}

fn find(selector: &str) -> Option<HtmlElement> {
    gloo::utils::document().query_selector(selector).ok().flatten()?.dyn_into().ok()
}
