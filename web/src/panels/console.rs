//! The console: what was commanded and printed, and a line for the next command.

use std::rc::Rc;

use yew::{AttrValue, Callback, Html, InputEvent, KeyboardEvent, Properties, SubmitEvent, TargetCast, component, html};

use super::{on, value_of};
use crate::app_state::Action;
use crate::intent::Intent;
use crate::marks::{Mark, Shown, pieces};
use crate::prompt::Prompt;
use crate::session::LineKind;

/// Candidates that are shown at a time.
const CANDIDATES: usize = 40;

/// What the console shows.
#[derive(PartialEq, Properties)]
pub struct ConsoleProps {
    /// The lines.
    pub lines: Rc<[Shown]>,
    /// The line being typed.
    pub prompt: Prompt,
    /// Told what is wanted.
    pub emit: Callback<Intent>,
}

/// The console.
#[component]
pub fn Console(props: &ConsoleProps) -> Html {
    let ConsoleProps { prompt, emit, .. } = props;
    let onsubmit = emit.reform(|event: SubmitEvent| {
        event.prevent_default();
        Intent::SendPrompt
    });
    let oninput = emit.reform(|event: InputEvent| Action::PromptTyped(value_of(&event).into()).into());
    let label = if prompt.search.is_some() { "search" } else { "$" };
    html! {
        <section class="console" data-pane="console" tabindex="-1" aria-label="Console">
            <div class="console-scroll" tabindex="0" role="log" aria-live="off" aria-label="Console output" data-console="">
                <div>
                    if props.lines.is_empty() {
                        <pre class="note">{ "Type a command, for example kubectl get pods -o wide.\nTab completes, Up and Ctrl R look back, Ctrl C ends what waits. Every button here is a command, too." }</pre>
                    }
                    { for props.lines.iter().map(|line| view_line(line, emit)) }
                </div>
            </div>
            { view_help(prompt, emit) }
            <form class="prompt" {onsubmit}>
                <label for="prompt" aria-label={if prompt.search.is_some() { "Search in the history" } else { "Command" }}>{ label }</label>
                <input id="prompt" type="text" autocomplete="off" autocapitalize="off" spellcheck="false"
                    placeholder="kubectl get pods" enterkeyhint="send" data-prompt="" aria-describedby="prompt-help"
                    value={AttrValue::from(prompt.text.clone())} {oninput} onkeydown={keys(prompt, emit)} />
            </form>
        </section>
    }
}

/// What the search has found, or what could complete the line.
fn view_help(prompt: &Prompt, emit: &Callback<Intent>) -> Html {
    let found = prompt.search.as_ref().map(|_| prompt.found());
    html! {
        <div id="prompt-help" role="status" class="prompt-help">
            if let Some(found) = found {
                <pre data-found="">{ found.map_or("nothing in the history", |line| &**line) }</pre>
            }
            if let Some(menu) = &prompt.menu {
                <span class="sr">{ format!("{} candidates, Tab for the next", menu.found.candidates.len()) }</span>
                <ul class="candidates">
                    { for menu.found.candidates.iter().take(CANDIDATES).enumerate().map(|(at, candidate)| html! {
                        <li><button type="button" class={(menu.at == Some(at)).then_some("on")} tabindex="-1" data-candidate={candidate.text.clone()}
                            onclick={on(emit, Action::CandidateTaken(at))}>{ &candidate.text }</button></li>
                    }) }
                    if menu.found.candidates.len() > CANDIDATES {
                        <li>{ format!("and {} more", menu.found.candidates.len() - CANDIDATES) }</li>
                    }
                </ul>
            }
        </div>
    }
}

fn keys(prompt: &Prompt, emit: &Callback<Intent>) -> Callback<KeyboardEvent> {
    let emit = emit.clone();
    let (is_open, is_menu) = (prompt.menu.is_some() || prompt.search.is_some(), prompt.menu.is_some());
    let is_empty = prompt.text.is_empty();
    Callback::from(move |event: KeyboardEvent| {
        let control = event.ctrl_key() && !event.alt_key();
        let intent: Intent = match (event.key().as_str(), control) {
            ("c", true) if !has_selection(&event) => Intent::Interrupt,
            ("r", true) => Action::PromptSearched.into(),
            ("l", true) => Intent::Run("clear".to_owned()),
            ("ArrowUp", false) => Action::PromptOlder.into(),
            ("ArrowDown", false) => Action::PromptNewer.into(),
            // An empty line has nothing to complete, so that Tab goes on to the next control; Shift+Tab always leaves.
            ("Tab", false) if is_menu && !event.shift_key() => Action::CandidateNext.into(),
            ("Tab", false) if !is_empty && !event.shift_key() => Intent::Complete(cursor(&event)),
            ("Escape", false) if is_open => Action::PromptLeft.into(),
            _ => return,
        };
        event.prevent_default();
        event.stop_propagation();
        emit.emit(intent);
    })
}

/// Where the cursor is, in the units of JavaScript.
fn cursor(event: &KeyboardEvent) -> usize {
    let input = event.target_dyn_into::<web_sys::HtmlInputElement>();
    input.and_then(|input| input.selection_end().ok().flatten()).map_or(usize::MAX, |at| at as usize)
}

/// Whether text of the prompt is selected: then Ctrl+C copies it.
fn has_selection(event: &KeyboardEvent) -> bool {
    let target = event.target_dyn_into::<web_sys::HtmlInputElement>();
    target.is_some_and(|input| input.selection_start().ok().flatten() != input.selection_end().ok().flatten())
}

fn view_line(shown: &Shown, emit: &Callback<Intent>) -> Html {
    let text = shown.line.text.trim_end_matches('\n');
    match shown.line.kind {
        LineKind::Command => html! { <pre class="command"><i>{ "$ " }</i>{ text }</pre> },
        LineKind::Stdout if shown.marks.is_empty() => html! { <pre>{ text }</pre> },
        LineKind::Stdout => html! {
            <pre>{ for pieces(shown).into_iter().map(|(piece, mark)| match mark {
                None => html! { { piece } },
                Some(Mark::Tone(tone)) => html! { <span class={*tone}>{ piece }</span> },
                Some(Mark::Link(target)) => html! {
                    <span class="name-link" title={format!("Show {target}")} onclick={on(emit, Action::Selected(Some(target.clone())))}>{ piece }</span>
                },
            }) }</pre>
        },
        LineKind::Stderr => html! { <pre class="stderr">{ text }</pre> },
        LineKind::Clear => Html::default(),
    }
}
