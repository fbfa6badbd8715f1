//! The buttons of what can be done to an object, and the field of the one that asks for a value.

use std::rc::Rc;

use view::{ObjectRef, Snapshot};
use yew::{AttrValue, Callback, Html, InputEvent, Properties, SubmitEvent, component, html};

use super::{on, value_of};
use crate::app_state::Action;
use crate::deeds::{self, Deed, Field};
use crate::drawer::Form;
use crate::icons::{Icon, icon};
use crate::intent::Intent;

/// What the buttons act on.
#[derive(PartialEq, Properties)]
pub struct DeedsProps {
    /// The object.
    pub target: ObjectRef,
    /// The cluster.
    pub snapshot: Rc<Snapshot>,
    /// The field that is open.
    pub form: Option<Form>,
    /// Told what is wanted.
    pub emit: Callback<Intent>,
}

/// The buttons.
#[component]
pub fn Deeds(props: &DeedsProps) -> Html {
    let DeedsProps { target, emit, .. } = props;
    let found = deeds::of(target, &props.snapshot);
    let open =
        props.form.as_ref().and_then(|form| found.iter().find(|deed| deed.id == form.deed).map(|deed| (deed, form)));
    html! {
        <section class="act" aria-label="What you can do">
            <div class="deeds">
                { for found.iter().map(|deed| view_deed(deed, props)) }
                if has_manifest(&target.kind) {
                    <button type="button" data-deed="edit" title="Its YAML as a file of the editor"
                        onclick={on(emit, Intent::Edit(target.clone()))}>{ "Edit…" }</button>
                }
            </div>
            if let Some((deed, form)) = open {
                { view_form(deed, form, emit) }
            }
        </section>
    }
}

fn has_manifest(kind: &str) -> bool {
    !matches!(kind, "Node" | "Event" | "PersistentVolume")
}

fn view_deed(deed: &Deed, props: &DeedsProps) -> Html {
    let class = deed.is_harmful.then_some("danger");
    let is_open = props.form.as_ref().is_some_and(|form| form.deed == deed.id);
    let (intent, title, expanded): (Intent, String, Option<String>) = match &deed.field {
        Some(field) => {
            let form = (!is_open).then(|| Form { deed: deed.id, value: field.value.as_str().into() });
            (Action::FormOpened(form).into(), deed.command("…"), Some(is_open.to_string()))
        }
        None => (Intent::Run(deed.command("")), deed.command(""), None),
    };
    html! {
        <button type="button" {class} {title} data-deed={deed.id} aria-expanded={expanded} onclick={on(&props.emit, intent)}>
            if deed.is_harmful && deed.label.starts_with("Delete") {
                { icon(Icon::Bin) }
            }
            { deed.label }
        </button>
    }
}

fn view_form(deed: &Deed, form: &Form, emit: &Callback<Intent>) -> Html {
    let Some(field) = &deed.field else { return Html::default() };
    let command = deed.command(&form.value);
    let run = command.clone();
    let onsubmit = emit.reform(move |event: SubmitEvent| {
        event.prevent_default();
        Intent::Run(run.clone())
    });
    html! {
        <form class="deed-form" {onsubmit}>
            <label>{ field.label }{ view_field(field, form, emit) }</label>
            <code class="deed-command">{ command }</code>
            <button type="submit" class={if deed.is_harmful { "danger" } else { "primary" }} data-action="do">{ "Do it" }</button>
        </form>
    }
}

fn view_field(field: &Field, form: &Form, emit: &Callback<Intent>) -> Html {
    if field.choices.is_empty() {
        let oninput = emit.reform(|event: InputEvent| Action::FormTyped(value_of(&event).into()).into());
        let is_number = field.value.parse::<u32>().is_ok();
        return html! {
            <input type={if is_number { "number" } else { "text" }} min="0" class="field" autocomplete="off" spellcheck="false"
                data-field="" value={AttrValue::from(form.value.clone())} {oninput} />
        };
    }
    let onchange = emit.reform(|event: yew::Event| Action::FormTyped(value_of(&event).into()).into());
    html! {
        <select data-field="" {onchange}>
            { for field.choices.iter().map(|choice| html! {
                <option value={choice.clone()} selected={**choice == *form.value}>{ choice }</option>
            }) }
        </select>
    }
}
