//! The bridge to the code editor. The editor's script is loaded beside the page; until it is there, and where it does not
//! load, a plain text area takes its place.

use std::rc::Rc;

use gloo::events::EventListener;
use wasm_bindgen::prelude::{Closure, JsValue, wasm_bindgen};
use web_sys::{HtmlElement, HtmlTextAreaElement};
use yew::{Callback, Component, Context, Html, InputEvent, NodeRef, Properties, TargetCast, html};

use crate::app_state::Reveal;
use crate::diagnostic::Diagnostic;
use crate::files::EditorFile;

#[wasm_bindgen]
extern "C" {
    /// The object that `js/editor.js` makes of an element.
    type Editor;

    #[wasm_bindgen(js_namespace = podgroundEditor, catch)]
    fn mount(
        parent: &HtmlElement,
        options: &JsValue,
        on_change: &Closure<dyn FnMut(u32, String)>,
        on_apply: &Closure<dyn FnMut()>,
        ask: &Closure<dyn FnMut(String, String) -> String>,
    ) -> Result<Editor, JsValue>;

    /// Offers files, as [name, content] pairs, as one archive.
    #[wasm_bindgen(js_namespace = podgroundEditor, catch)]
    pub fn download(name: &str, files: &JsValue) -> Result<(), JsValue>;

    #[wasm_bindgen(method)]
    fn open(this: &Editor, id: u32, text: &str);
    #[wasm_bindgen(method)]
    fn keep(this: &Editor, ids: Vec<u32>);
    #[wasm_bindgen(method)]
    fn mark(this: &Editor, diagnostics: &JsValue);
    #[wasm_bindgen(method)]
    fn reveal(this: &Editor, line: u32, column: u32);
    #[wasm_bindgen(method)]
    fn destroy(this: &Editor);
}

/// What the editor shows and whom it tells.
#[derive(PartialEq, Properties)]
pub struct CodeEditorProps {
    /// All files; the editor remembers how each was edited.
    pub files: Rc<[EditorFile]>,
    /// The id of the file in front.
    pub active: u32,
    /// What is wrong with the files.
    pub diagnostics: Rc<[Diagnostic]>,
    /// The place to show.
    pub reveal: Option<Reveal>,
    /// Whether the text can be changed.
    pub readonly: bool,
    /// Told a file's id and its new text.
    pub on_edit: Callback<(u32, String)>,
    /// Told when the keys for Apply were pressed.
    pub on_apply: Callback<()>,
    /// Asked for suggestions and the like: what, and about what; the answer is JSON.
    pub ask: Callback<(String, String), String>,
}

impl CodeEditorProps {
    fn file(&self) -> Option<&EditorFile> {
        self.files.iter().find(|file| file.id == self.active)
    }
}

/// The editor, with the closures that JavaScript calls. They live as long as it does.
struct Mounted {
    editor: Editor,
    _on_change: Closure<dyn FnMut(u32, String)>,
    _on_apply: Closure<dyn FnMut()>,
    _ask: Closure<dyn FnMut(String, String) -> String>,
}

/// The editor of the file in front.
pub struct CodeEditor {
    host: NodeRef,
    mounted: Option<Mounted>,
    _arrival: Option<EventListener>,
}

/// The editor's script has arrived.
pub struct Arrived;

impl Component for CodeEditor {
    type Message = Arrived;
    type Properties = CodeEditorProps;

    fn create(_ctx: &Context<Self>) -> Self {
        Self { host: NodeRef::default(), mounted: None, _arrival: None }
    }

    fn update(&mut self, ctx: &Context<Self>, _: Arrived) -> bool {
        self.mount(ctx);
        true
    }

    fn changed(&mut self, ctx: &Context<Self>, old: &CodeEditorProps) -> bool {
        self.show(ctx.props(), Some(old));
        self.mounted.is_none()
    }

    fn view(&self, ctx: &Context<Self>) -> Html {
        html! {
            <div class="code" data-editor="">
                <div class="code-host" ref={self.host.clone()} />
                if self.mounted.is_none() {
                    { view_plain(ctx.props()) }
                }
            </div>
        }
    }

    fn rendered(&mut self, ctx: &Context<Self>, first: bool) {
        if !first {
            return;
        }
        let window = gloo::utils::window();
        if js_sys::Reflect::has(&window, &"podgroundEditor".into()).unwrap_or(false) {
            ctx.link().send_message(Arrived);
        } else {
            let arrived = ctx.link().callback(|()| Arrived);
            self._arrival = Some(EventListener::once(&window, "podground-editor", move |_| arrived.emit(())));
        }
    }

    fn destroy(&mut self, _ctx: &Context<Self>) {
        if let Some(mounted) = self.mounted.take() {
            mounted.editor.destroy();
        }
    }
}

impl CodeEditor {
    fn mount(&mut self, ctx: &Context<Self>) {
        let Some(host) = self.host.cast::<HtmlElement>() else { return };
        let (on_edit, on_apply) = (ctx.props().on_edit.clone(), ctx.props().on_apply.clone());
        let on_change = Closure::new(move |id, text| on_edit.emit((id, text)));
        let on_apply = Closure::new(move || on_apply.emit(()));
        let ask = ctx.props().ask.clone();
        let ask = Closure::new(move |what, about| ask.emit((what, about)));
        let options = serde_json::json!({"label": "Manifest", "readonly": ctx.props().readonly}).to_string();
        let options = js_sys::JSON::parse(&options).unwrap_or(JsValue::NULL);
        // Where this fails the text area stays.
        if let Ok(editor) = mount(&host, &options, &on_change, &on_apply, &ask) {
            self.mounted = Some(Mounted { editor, _on_change: on_change, _on_apply: on_apply, _ask: ask });
            self.show(ctx.props(), None);
        }
    }

    fn show(&self, props: &CodeEditorProps, old: Option<&CodeEditorProps>) {
        let (Some(Mounted { editor, .. }), Some(file)) = (&self.mounted, props.file()) else { return };
        let same_files = old.is_some_and(|old| old.files == props.files && old.active == props.active);
        if !same_files {
            editor.open(file.id, &file.content);
            editor.keep(props.files.iter().map(|file| file.id).collect());
        }
        let same_marks = old.is_some_and(|old| old.diagnostics == props.diagnostics && old.active == props.active);
        if !same_marks {
            let found: Vec<_> = props.diagnostics.iter().filter(|each| each.file == file.id).collect();
            let found = serde_json::to_string(&found).unwrap_or_default();
            editor.mark(&js_sys::JSON::parse(&found).unwrap_or_else(|_| js_sys::Array::new().into()));
        }
        let last = old.and_then(|old| old.reveal);
        if let Some(reveal) = props.reveal.filter(|reveal| Some(*reveal) != last) {
            editor.reveal(reveal.line, reveal.column);
        }
    }
}

fn view_plain(props: &CodeEditorProps) -> Html {
    let Some(file) = props.file() else { return Html::default() };
    let (id, on_edit) = (file.id, props.on_edit.clone());
    let oninput = Callback::from(move |event: InputEvent| {
        let area: HtmlTextAreaElement = event.target_unchecked_into();
        on_edit.emit((id, area.value()));
    });
    html! {
        <textarea class="code-plain" aria-label="Manifest" spellcheck="false" readonly={props.readonly} {oninput}
            value={file.content.clone()} />
    }
}
