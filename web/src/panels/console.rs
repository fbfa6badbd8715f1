//! The console: what was commanded and printed, and a line for the next command.

use std::rc::Rc;

use yew::{AttrValue, Callback, Html, InputEvent, KeyboardEvent, Properties, SubmitEvent, TargetCast, component, html};

use super::value_of;
use crate::app_state::{Action, Prompt};
use crate::intent::Intent;
use crate::session::{ConsoleLine, LineKind};

/// What the console shows.
#[derive(PartialEq, Properties)]
pub struct ConsoleProps {
    /// The lines.
    pub lines: Rc<[ConsoleLine]>,
    /// The line being typed.
    pub prompt: Prompt,
    /// Told what is wanted.
    pub emit: Callback<Intent>,
}

/// The console.
#[component]
pub fn Console(props: &ConsoleProps) -> Html {
    let emit = &props.emit;
    let onsubmit = emit.reform(|event: SubmitEvent| {
        event.prevent_default();
        Intent::SendPrompt
    });
    let oninput = emit.reform(|event: InputEvent| Action::PromptTyped(value_of(&event).into()).into());
    html! {
        <section class="console" data-pane="console" tabindex="-1" aria-label="Console">
            <div class="console-scroll" tabindex="0" role="log" aria-live="off" aria-label="Console output" data-console="">
                <div>
                    if props.lines.is_empty() {
                        <pre class="note">{ "Type a command, for example kubectl get pods -o wide.\nEvery button here is a command, too." }</pre>
                    }
                    { for props.lines.iter().map(view_line) }
                </div>
            </div>
            <form class="prompt" {onsubmit}>
                <label for="prompt" aria-label="Command">{ "$" }</label>
                <input id="prompt" type="text" autocomplete="off" autocapitalize="off" spellcheck="false"
                    placeholder="kubectl get pods" enterkeyhint="send" data-prompt=""
                    value={AttrValue::from(props.prompt.text.clone())} {oninput} onkeydown={recall(emit)} />
            </form>
        </section>
    }
}

fn recall(emit: &Callback<Intent>) -> Callback<KeyboardEvent> {
    let emit = emit.clone();
    Callback::from(move |event: KeyboardEvent| {
        if event.ctrl_key() && event.key() == "c" && !has_selection(&event) {
            event.prevent_default();
            emit.emit(Intent::Interrupt);
            return;
        }
        let action = match event.key().as_str() {
            "ArrowUp" => Action::PromptOlder,
            "ArrowDown" => Action::PromptNewer,
            _ => return,
        };
        event.prevent_default();
        emit.emit(action.into());
    })
}

/// Whether text of the prompt is selected: then Ctrl+C copies it.
fn has_selection(event: &KeyboardEvent) -> bool {
    let target = event.target_dyn_into::<web_sys::HtmlInputElement>();
    target.is_some_and(|input| input.selection_start().ok().flatten() != input.selection_end().ok().flatten())
}

fn view_line(line: &ConsoleLine) -> Html {
    let text = line.text.trim_end_matches('\n');
    match line.kind {
        LineKind::Command => html! { <pre class="command"><i>{ "$ " }</i>{ text }</pre> },
        LineKind::Stdout => html! { <pre>{ text }</pre> },
        LineKind::Stderr => html! { <pre class="stderr">{ text }</pre> },
        LineKind::Clear => Html::default(),
    }
}
