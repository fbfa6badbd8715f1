//! The page in a real browser: it starts, takes keys and clicks, and shows what its session does.

#![cfg(target_arch = "wasm32")]

use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};
use web::app::App;
use web_sys::{Element, HtmlElement, HtmlSelectElement, HtmlTextAreaElement};
use yew::AppHandle;

wasm_bindgen_test_configure!(run_in_browser);

/// Frames until a condition must hold. At ten times real time that is more than a minute of the cluster's.
const FRAMES: u32 = 1_200;

fn find(selector: &str) -> Option<Element> {
    gloo::utils::document().query_selector(selector).expect("the selector is one")
}

fn count(selector: &str) -> u32 {
    gloo::utils::document().query_selector_all(selector).expect("the selector is one").length()
}

fn click(selector: &str) {
    let element = find(selector).unwrap_or_else(|| panic!("nothing is {selector}"));
    element.unchecked_into::<HtmlElement>().click();
}

async fn frame() {
    let promise = js_sys::Promise::new(&mut |resolve, _| {
        gloo::utils::window().request_animation_frame(&resolve).expect("a window gives frames");
    });
    JsFuture::from(promise).await.expect("frames come");
}

async fn until(what: &str, condition: impl Fn() -> bool) {
    for _ in 0..FRAMES {
        if condition() {
            return;
        }
        frame().await;
    }
    panic!("waited in vain for {what}");
}

/// A page of its own over what an earlier visit may have left.
async fn open() -> AppHandle<App> {
    // The runner writes its results into the body: the page gets an element of its own.
    let page = find("#page").unwrap_or_else(|| {
        let page = gloo::utils::document().create_element("div").expect("an element");
        page.set_id("page");
        gloo::utils::body().append_child(&page).expect("the body takes it");
        page
    });
    page.set_inner_html("<div id=\"app\"></div><div id=\"broken\" hidden></div>");
    gloo::utils::window().local_storage().expect("storage").expect("storage").clear().expect("it can be emptied");
    let page = web::run().expect("there is a place for the page");
    until("three nodes", || count("[data-node]") == 3).await;
    page
}

fn key(target: &Element, key: &str, control: bool) {
    let init = js_sys::Object::new();
    for (name, value) in [
        ("key", JsValue::from(key)),
        ("ctrlKey", control.into()),
        ("bubbles", true.into()),
        ("cancelable", true.into()),
    ] {
        js_sys::Reflect::set(&init, &name.into(), &value).expect("a plain object");
    }
    let event = web_sys::KeyboardEvent::new_with_keyboard_event_init_dict("keydown", init.unchecked_ref());
    target.dispatch_event(&event.expect("an event")).expect("it is heard");
}

#[wasm_bindgen_test]
async fn the_example_becomes_pods_in_order() {
    let page = open().await;
    let speed = find("[data-action=speed]").expect("the speeds").unchecked_into::<HtmlSelectElement>();
    speed.set_value("4000");
    speed.dispatch_event(&bubbling("change")).expect("it is heard");
    click("[data-action=apply]");
    until("mysql-0", || find("[data-pod='default/mysql-0']").is_some()).await;
    assert!(find("[data-pod='default/mysql-1']").is_none(), "mysql-1 waits for mysql-0");
    until("mysql-1", || find("[data-pod='default/mysql-1']").is_some()).await;
    assert!(find(".grid [data-pod='default/mysql-0'][data-ready='true']").is_some());
    assert!(find("#broken[hidden]").is_some(), "nothing broke");
    page.destroy();
}

#[wasm_bindgen_test]
async fn without_the_editor_a_text_area_takes_its_place() {
    let page = open().await;
    let area = find("[data-editor] textarea").expect("a text area").unchecked_into::<HtmlTextAreaElement>();
    area.set_value("kind: Pood\n");
    area.dispatch_event(&bubbling("input")).expect("it is heard");
    until("a problem", || find("[data-problems='0']").is_none()).await;
    assert!(find("[data-problems]").and_then(|strip| strip.text_content()).is_some_and(|text| text.contains("Line 1")));
    page.destroy();
}

#[wasm_bindgen_test]
async fn keys_act_where_the_focus_is() {
    let page = open().await;
    let body = gloo::utils::body();
    key(&body, "?", false);
    frame().await;
    assert!(find("[data-help]").is_none(), "a letter does nothing outside the cluster");
    let cell = find("[data-node='node-1'] [role=rowheader]").expect("a cell");
    key(&cell, "?", false);
    until("the help", || find("[data-help]").is_some()).await;
    key(&body, "Escape", false);
    until("no help", || find("[data-help]").is_none()).await;
    key(&cell, "+", false);
    until("a fourth node", || find("[data-node='node-4']").is_some()).await;
    page.destroy();
}

fn bubbling(name: &str) -> web_sys::Event {
    let init = js_sys::Object::new();
    js_sys::Reflect::set(&init, &"bubbles".into(), &true.into()).expect("a plain object");
    web_sys::Event::new_with_event_init_dict(name, init.unchecked_ref()).expect("an event")
}
