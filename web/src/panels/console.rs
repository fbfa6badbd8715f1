//! The console: what was commanded and printed, and a line for the next command.

use std::rc::Rc;

use yew::{AttrValue, Callback, Html, InputEvent, KeyboardEvent, Properties, SubmitEvent, component, html};

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
        let action = match event.key().as_str() {
            "ArrowUp" => Action::PromptOlder,
            "ArrowDown" => Action::PromptNewer,
            _ => return,
        };
        event.prevent_default();
        emit.emit(action.into());
    })
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
