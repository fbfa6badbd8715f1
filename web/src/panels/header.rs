//! The top line: whose page this is, the examples, the version, and what concerns the whole page.

use yew::{AttrValue, Callback, Event, Html, Properties, component, html};

use super::{on, value_of};
use crate::app_state::Action;
use crate::examples::EXAMPLES;
use crate::icons::{Icon, icon, logo};
use crate::intent::Intent;
use crate::theme::Theme;

/// What the header shows.
#[derive(PartialEq, Properties)]
pub struct HeaderProps {
    /// The version of Kubernetes that is modelled.
    pub version: AttrValue,
    /// The theme that was chosen.
    pub theme: Theme,
    /// Whether the page is a frame in another page.
    pub embedded: bool,
    /// Told what is wanted.
    pub emit: Callback<Intent>,
}

/// The header.
#[component]
pub fn Header(props: &HeaderProps) -> Html {
    let HeaderProps { emit, theme, .. } = props;
    html! {
        <header class="top">
            <h1>{ logo() }{ "podground" }</h1>
            if !props.embedded {
                { view_examples(emit) }
            }
            <span class="spring" />
            <span class="version" title="The version of Kubernetes that is modelled: a simulator, not a cluster">
                <span class="wide">{ "Kubernetes " }</span>{ props.version.clone() }
            </span>
            if props.embedded {
                <button type="button" data-action="open-full" onclick={on(emit, Intent::OpenFull)}>
                    <span class="wide">{ "Open in playground" }</span>{ icon(Icon::Open) }
                </button>
            } else {
                <button type="button" data-action="share" title="Copy a link to this session" onclick={on(emit, Intent::Share)}>
                    { icon(Icon::Share) }<span class="wide">{ "Share" }</span>
                </button>
                <button type="button" class="square" data-action="theme" aria-label={format!("Theme: {}", theme.word())}
                    title={format!("Theme: {}", theme.word())} onclick={on(emit, Action::ThemeChosen(theme.next()))}>
                    { icon(match theme { Theme::Auto => Icon::Theme, Theme::Light => Icon::Sun, Theme::Dark => Icon::Moon }) }
                </button>
                <button type="button" class="square" data-action="help" aria-label="Help: keys" title="Help: keys"
                    onclick={on(emit, Action::HelpToggled)}>{ icon(Icon::Help) }</button>
            }
        </header>
    }
}

fn view_examples(emit: &Callback<Intent>) -> Html {
    let onchange = emit.reform(|event: Event| Intent::OpenExample(value_of(&event).into()));
    html! {
        <select class="examples" aria-label="Examples" data-action="example" {onchange}>
            <option value="" selected=true disabled=true hidden=true>{ "Examples" }</option>
            { for EXAMPLES.iter().map(|each| html! { <option value={each.name}>{ each.title }</option> }) }
        </select>
    }
}
