//! The editor's column: file tabs, the code, what is wrong with it, and Apply.

use std::rc::Rc;

use yew::{
    AttrValue, Callback, FocusEvent, Html, KeyboardEvent, MouseEvent, Properties, TargetCast, classes, component, html,
    use_effect_with, use_node_ref,
};

use super::problems::Problems;
use super::{on, value_of};
use crate::app_state::{Action, Reveal};
use crate::code_editor::CodeEditor;
use crate::diagnostic::{Diagnostic, Level};
use crate::files::{EditorFile, Files};
use crate::icons::{Icon, icon};
use crate::intent::{FileDeed, Intent};
use crate::snippets::KINDS;

/// What the column shows.
#[derive(PartialEq, Properties)]
pub struct EditorProps {
    /// The files.
    pub files: Files,
    /// The file whose name is being changed.
    pub renaming: Option<u32>,
    /// What is wrong with them.
    pub diagnostics: Rc<[Diagnostic]>,
    /// The place to show.
    pub reveal: Option<Reveal>,
    /// Whether they can be changed.
    pub readonly: bool,
    /// Asked while a person writes.
    pub ask: Callback<(String, String), String>,
    /// Told what is wanted.
    pub emit: Callback<Intent>,
}

/// The column.
#[component]
pub fn Editor(props: &EditorProps) -> Html {
    let EditorProps { files, emit, .. } = props;
    html! {
        <section class="editor" data-pane="editor" data-scope="editor" tabindex="-1" aria-label="Manifests">
            <div class="file-tabs" role="group" aria-label="Files">
                { for files.list().iter().map(|file| view_tab(file, props)) }
                if !props.readonly {
                    <button type="button" class="bare" data-action="new-file" aria-label="New file" title="New file"
                        onclick={on(emit, Action::FileAdded)}>{ icon(Icon::Plus) }</button>
                }
            </div>
            <CodeEditor files={files.list().clone()} active={files.active().id} diagnostics={props.diagnostics.clone()}
                reveal={props.reveal} readonly={props.readonly}
                on_edit={emit.reform(|(id, text): (u32, String)| Action::FileEdited(id, text.into()).into())}
                ask={props.ask.clone()} on_apply={on(emit, Intent::Apply)} />
            <Problems diagnostics={props.diagnostics.clone()} files={files.list().clone()} emit={emit.clone()} />
            <div class="apply-bar">
                <button type="button" class="primary" data-action="apply" onclick={on(emit, Intent::Apply)}>
                    { "Apply" }<kbd>{ "Ctrl ↵" }</kbd>
                </button>
                <button type="button" data-action="reset" title="A fresh cluster; the files stay"
                    onclick={on(emit, Intent::Run("sim reset".to_owned()))}>{ icon(Icon::Reset) }{ "Reset" }</button>
                { view_more(props) }
                <span class="spring" />
                <small class="tally">{ tally(&props.diagnostics) }</small>
            </div>
        </section>
    }
}

/// What else can be done with the file in front, as a menu of the system: it works on a phone, and with keys.
fn view_more(props: &EditorProps) -> Html {
    const DEEDS: [(&str, &str, FileDeed); 7] = [
        ("apply-file", "Apply this file only", FileDeed::Apply),
        ("apply-document", "Apply the document at the cursor", FileDeed::ApplyDocument),
        ("dry-run", "Dry run", FileDeed::DryRun),
        ("diff", "Compare with the cluster", FileDeed::Diff),
        ("delete", "Delete what it describes", FileDeed::Delete),
        ("tidy", "Tidy the text", FileDeed::Tidy),
        ("download", "Download all files (zip)", FileDeed::Download),
    ];
    let onchange = props.emit.reform(|event: yew::Event| {
        let chosen = value_of(&event);
        // The menu shows its title again.
        if let Some(select) = event.target_dyn_into::<web_sys::HtmlSelectElement>() {
            select.set_selected_index(0);
        }
        let deed = DEEDS.iter().find(|(name, ..)| *name == chosen).map(|(_, _, deed)| Intent::File(*deed));
        let kind = KINDS.iter().find(|kind| **kind == chosen).map(|kind| Intent::Insert(kind));
        deed.or(kind).unwrap_or(Intent::Do(Action::RenameStarted(None)))
    });
    html! {
        <select class="more" aria-label="More for this file" data-action="file-menu" {onchange}>
            <option value="" selected=true>{ "More" }</option>
            <optgroup label="This file">
                { for DEEDS.iter().map(|(name, title, _)| html! { <option value={*name}>{ *title }</option> }) }
            </optgroup>
            if !props.readonly {
                <optgroup label="Insert an example">
                    { for KINDS.iter().map(|kind| html! { <option value={*kind}>{ *kind }</option> }) }
                </optgroup>
            }
        </select>
    }
}

fn tally(diagnostics: &[Diagnostic]) -> String {
    let errors = diagnostics.iter().filter(|each| each.level == Level::Error).count();
    match (errors, diagnostics.len() - errors) {
        (0, 0) => "no problems".to_owned(),
        (0, 1) => "1 warning".to_owned(),
        (0, warnings) => format!("{warnings} warnings"),
        (1, _) => "1 error".to_owned(),
        (errors, _) => format!("{errors} errors"),
    }
}

fn view_tab(file: &EditorFile, props: &EditorProps) -> Html {
    let EditorProps { files, emit, .. } = props;
    let (id, is_active) = (file.id, files.active().id == file.id);
    if props.renaming == Some(id) {
        return html! { <Rename key={format!("rename-{id}")} file={file.clone()} emit={emit.clone()} /> };
    }
    let worst = props.diagnostics.iter().filter(|each| each.file == id).map(|each| each.level).min();
    let class = classes!(
        "file-tab",
        is_active.then_some("on"),
        (worst == Some(Level::Error)).then_some("error"),
        (worst == Some(Level::Warning)).then_some("warning"),
    );
    let rename: Callback<MouseEvent> = on(emit, Action::RenameStarted((!props.readonly).then_some(id)));
    let click: Callback<MouseEvent> = on(emit, Action::FileOpened(id));
    html! {
        <span key={id} {class}>
            <button type="button" class="file-name" data-file-tab={AttrValue::from(file.name.clone())}
                aria-current={is_active.then_some("true")} onclick={click} ondblclick={rename.clone()}
                onkeydown={rename_key(emit, id)} title="Double-click or F2 to rename">{ &*file.name }</button>
            if is_active && !props.readonly && (files.list().len() > 1 || !file.content.is_empty()) {
                <button type="button" class="bare" data-action="close-file" aria-label={format!("Close {}", file.name)}
                    title={format!("Close {}", file.name)} onclick={on(emit, Action::FileClosed(id))}>{ icon(Icon::Cross) }</button>
            }
        </span>
    }
}

fn rename_key(emit: &Callback<Intent>, id: u32) -> Callback<KeyboardEvent> {
    let emit = emit.clone();
    Callback::from(move |event: KeyboardEvent| {
        if event.key() == "F2" {
            event.prevent_default();
            emit.emit(Action::RenameStarted(Some(id)).into());
        }
    })
}

/// What the field for a file's new name needs.
#[derive(PartialEq, Properties)]
struct RenameProps {
    file: EditorFile,
    emit: Callback<Intent>,
}

/// The field for a file's new name. It takes the focus, with the name selected, as it appears.
#[component]
fn Rename(props: &RenameProps) -> Html {
    let id = props.file.id;
    let field = use_node_ref();
    {
        let field = field.clone();
        use_effect_with((), move |()| {
            if let Some(input) = field.cast::<web_sys::HtmlInputElement>() {
                // A field that cannot be focused can still be clicked.
                drop(input.focus());
                input.select();
            }
        });
    }
    let onblur = props.emit.reform(move |event: FocusEvent| Action::FileRenamed(id, value_of(&event).into()).into());
    let keys = props.emit.clone();
    let onkeydown = Callback::from(move |event: KeyboardEvent| {
        let action = match event.key().as_str() {
            "Enter" => Action::FileRenamed(id, value_of(&event).into()),
            "Escape" => Action::RenameStarted(None),
            _ => return,
        };
        event.stop_propagation();
        keys.emit(action.into());
    });
    html! {
        <span class="file-tab on">
            <input ref={field} class="file-rename" aria-label="File name" data-rename=""
                value={AttrValue::from(props.file.name.clone())} {onblur} {onkeydown} />
        </span>
    }
}
