//! The first steps of a first visit: three sentences, dismissed for good.

use yew::{Callback, Html, Properties, component, html};

use super::on;
use crate::app_state::Action;
use crate::icons::{Icon, icon};
use crate::intent::Intent;

/// Each step: what to see, and what to try.
pub const STEPS: [(&str, &str); 3] = [
    (
        "Watch it start",
        "This StatefulSet is being applied. Its pods start in order, each with a disk of its own. While one waits, Why? says for what.",
    ),
    (
        "Break something",
        "Open a node's menu (the three dots) and power it off. The pods on it are first unknown, later evicted; the database waits for its machine.",
    ),
    (
        "Make it yours",
        "Change the YAML and press Apply, take another example from the menu, or type kubectl below. Time can be stopped, sped up and rewound.",
    ),
];

/// What the hint shows.
#[derive(PartialEq, Properties)]
pub struct HintProps {
    /// The step, counting from 0.
    pub step: usize,
    /// Told what is wanted.
    pub emit: Callback<Intent>,
}

/// The hint.
#[component]
pub fn Hint(props: &HintProps) -> Html {
    let HintProps { step, emit } = props;
    let (title, text) = STEPS[(*step).min(STEPS.len() - 1)];
    let is_last = step + 1 >= STEPS.len();
    html! {
        <section class="hint-card" aria-label="First steps" data-hint={step.to_string()}>
            <div class="hint-head">
                <b>{ title }</b><small>{ format!("{} of {}", step + 1, STEPS.len()) }</small>
                <button type="button" class="bare" aria-label="Do not show this again" title="Do not show this again" data-action="hint-close"
                    onclick={on(emit, Action::HintClosed)}>{ icon(Icon::Cross) }</button>
            </div>
            <p>{ text }</p>
            <button type="button" class="primary" data-action="hint-next" onclick={on(emit, if is_last { Action::HintClosed } else { Action::HintNext })}>
                { if is_last { "Got it" } else { "Next" } }
            </button>
        </section>
    }
}
