//! The top line: whose page this is, the examples, the version, and what concerns the whole page.

use yew::{AttrValue, Callback, Html, Properties, component, html};

use super::on;
use crate::app_state::Action;
use crate::icons::{Icon, icon, logo};
use crate::intent::Intent;
use crate::settings::Settings;
use crate::theme::Theme;

/// What the header shows.
#[derive(PartialEq, Properties)]
pub struct HeaderProps {
    /// The version of Kubernetes that is modelled.
    pub version: AttrValue,
    /// What was chosen about the page.
    pub settings: Settings,
    /// Whether the page is a frame in another page.
    pub embedded: bool,
    /// Told what is wanted.
    pub emit: Callback<Intent>,
}

/// The header.
#[component]
pub fn Header(props: &HeaderProps) -> Html {
    let HeaderProps { emit, settings, .. } = props;
    let theme = settings.theme;
    html! {
        <header class="top">
            <h1>{ logo() }{ "podground" }</h1>
            if !props.embedded {
                <button type="button" data-action="examples" aria-haspopup="dialog" onclick={on(emit, Action::ExamplesToggled)}>
                    { icon(Icon::Grid) }{ "Examples" }
                </button>
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
                    title={format!("Theme: {}", theme.word())} onclick={on(emit, Action::SettingsChanged(Settings { theme: theme.next(), ..props.settings.clone() }))}>
                    { icon(match theme { Theme::Auto => Icon::Theme, Theme::Light => Icon::Sun, Theme::Dark => Icon::Moon, Theme::Contrast => Icon::Contrast }) }
                </button>
                <button type="button" class="square" data-action="settings" aria-label="Settings" title="Settings"
                    onclick={on(emit, Action::SettingsToggled)}>{ icon(Icon::Gear) }</button>
                <button type="button" class="square" data-action="help" aria-label="Help: keys" title="Help: keys"
                    onclick={on(emit, Action::HelpToggled)}>{ icon(Icon::Help) }</button>
            }
        </header>
    }
}
