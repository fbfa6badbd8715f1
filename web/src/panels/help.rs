//! The help: the keyboard map and the legend of the tiles, from the tables that bind and draw them.

use view::TileState;
use yew::{Callback, Html, Properties, classes, component, html};

use super::on;
use crate::app_state::Action;
use crate::icons::{Icon, glyph, icon, state_class};
use crate::intent::Intent;
use crate::keys::{BINDINGS, Scope};

/// Whom the help tells.
#[derive(PartialEq, Properties)]
pub struct HelpProps {
    /// Told what is wanted.
    pub emit: Callback<Intent>,
}

/// The help.
#[component]
pub fn Help(props: &HelpProps) -> Html {
    let legend = |state: &TileState| {
        html! { <li><span class={classes!("box", state_class(*state))}>{ glyph(*state) }</span>{ state.word() }</li> }
    };
    html! {
        <section class="drawer help" role="dialog" aria-label="Help" data-help="">
            <div class="drawer-head">
                <h2>{ "Keys and signs" }</h2>
                <button type="button" class="bare" aria-label="Close help" onclick={on(&props.emit, Action::HelpToggled)}>
                    { icon(Icon::Cross) }
                </button>
            </div>
            <div class="drawer-body" tabindex="0" role="region" aria-label="Help text">
                <ul class="legend">{ for TileState::ALL.iter().map(legend) }</ul>
                <p>{ "A large digit is the ordinal of a StatefulSet's pod; a marked corner is a DaemonSet's pod." }</p>
                { view_keys("Anywhere", |scopes| scopes.contains(&Scope::Any)) }
                { view_keys("In the cluster", |scopes| scopes[0] == Scope::Cluster) }
                { view_keys("In the time bar", |scopes| scopes[0] == Scope::Timeline) }
                <p>{ "In the editor, Tab leaves the text; Ctrl ] and Ctrl [ indent, F8 goes to the next problem." }</p>
                <p>{ "podground is a simulator: no container runs, and nothing leaves this page." }</p>
            </div>
        </section>
    }
}

fn view_keys(title: &str, is_here: impl Fn(&[Scope]) -> bool) -> Html {
    let rows = BINDINGS.iter().filter(|row| is_here(row.scopes) && !row.help.is_empty());
    html! {
        <>
            <h3>{ title }</h3>
            <dl class="keys">
                { for rows.map(|row| html! {
                    <div>
                        <dt>{ for row.keys.iter().map(|key| html! { <kbd>{ shown(key) }</kbd> }) }</dt>
                        <dd>{ row.help }</dd>
                    </div>
                }) }
            </dl>
        </>
    }
}

fn shown(key: &str) -> String {
    match key {
        "ArrowLeft" => "←".to_owned(),
        "ArrowRight" => "→".to_owned(),
        "ArrowUp" => "↑ ↓".to_owned(),
        "+" => key.to_owned(),
        _ => key.replace('+', " "),
    }
}
