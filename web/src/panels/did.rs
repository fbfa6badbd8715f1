//! "What did I just do?": the command behind the last button, for a moment.

use yew::{Callback, Html, Properties, component, html};

use super::on;
use crate::app_state::Action;
use crate::icons::{Icon, icon};
use crate::intent::Intent;

/// Lines of the answer that are shown.
const LINES: usize = 4;

/// What is shown.
#[derive(PartialEq, Properties)]
pub struct DidProps {
    /// What was done.
    pub did: crate::did::Did,
    /// Told what is wanted.
    pub emit: Callback<Intent>,
}

/// The command and its answer. The style sheet lets it fade.
#[component]
pub fn Did(props: &DidProps) -> Html {
    let DidProps { did, emit } = props;
    let lines: Vec<(&str, bool)> =
        did.answers.iter().flat_map(|(text, bad)| text.lines().map(move |line| (line, *bad))).collect();
    let commands = did.commands.join("\n");
    html! {
        <section key={did.serial} class={if did.is_bad() { "did bad" } else { "did" }} role="status" aria-label="What was done" data-did="">
            <div>
                { for did.commands.iter().map(|command| html! { <code class="did-command"><i>{ "$ " }</i>{ first_line(command) }</code> }) }
                { for lines.iter().take(LINES).map(|(line, bad)| html! { <p class={if *bad { "bad" } else { "" }}>{ *line }</p> }) }
                if lines.len() > LINES {
                    <p>{ format!("and {} lines more, in the console", lines.len() - LINES) }</p>
                }
            </div>
            <button type="button" class="bare" aria-label="Copy the command" title="Copy the command"
                onclick={on(emit, Intent::Copy(commands.into()))}>{ icon(Icon::Copy) }</button>
            <button type="button" class="bare" aria-label="Close" onclick={on(emit, Action::DidClosed)}>{ icon(Icon::Cross) }</button>
        </section>
    }
}

fn first_line(command: &str) -> String {
    let mut lines = command.lines();
    let first = lines.next().unwrap_or_default();
    if lines.next().is_some() { format!("{first} …") } else { first.to_owned() }
}
