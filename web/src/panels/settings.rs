//! The settings: how the page looks, reads and behaves. They are kept in the browser.

use yew::{Callback, Event, Html, Properties, component, html};

use super::{on, value_of};
use crate::app_state::Action;
use crate::icons::{Icon, icon};
use crate::intent::Intent;
use crate::settings::{Pace, Settings as Chosen};
use crate::theme::Theme;

/// What is chosen.
#[derive(PartialEq, Properties)]
pub struct SettingsProps {
    /// The settings.
    pub settings: Chosen,
    /// Told what is wanted.
    pub emit: Callback<Intent>,
}

/// The settings.
#[component]
pub fn Settings(props: &SettingsProps) -> Html {
    let SettingsProps { settings, emit } = props;
    let change = |change: fn(&mut Chosen, &str)| {
        let before = settings.clone();
        emit.reform(move |event: Event| {
            let mut after = before.clone();
            change(&mut after, &value_of(&event));
            Action::SettingsChanged(after).into()
        })
    };
    let themes = Theme::ALL.iter().map(|theme| (theme.word(), theme.title(), *theme == settings.theme)).collect();
    let paces = Pace::ALL.iter().enumerate();
    let names = ["instant", "classroom", "realistic"];
    let paces = paces.map(|(at, (pace, title))| (names[at], *title, *pace == settings.pace)).collect();
    html! {
        <section class="drawer help settings" role="dialog" aria-label="Settings" data-settings="">
            <div class="drawer-head">
                <h2>{ "Settings" }</h2>
                <button type="button" class="bare" aria-label="Close settings" onclick={on(emit, Action::SettingsToggled)}>
                    { icon(Icon::Cross) }
                </button>
            </div>
            <div class="drawer-body" tabindex="0" role="region" aria-label="All settings">
                <h3>{ "Look" }</h3>
                { view_choice("Theme", "theme", themes, change(|settings, value| settings.theme = Theme::from_word(value).unwrap_or_default())) }
                { view_switch("Large, for a projector", settings.projector, settings, |settings| settings.projector = !settings.projector, emit) }
                { view_switch("Nothing moves", settings.still, settings, |settings| settings.still = !settings.still, emit) }
                <h3>{ "Keys and reading aloud" }</h3>
                { view_switch("Single letters act in the cluster", settings.letters, settings, |settings| settings.letters = !settings.letters, emit) }
                { view_switch("A screen reader hears every event", settings.narration, settings, |settings| settings.narration = !settings.narration, emit) }
                <h3>{ "A fresh cluster" }</h3>
                { view_choice("Starting and pulling take", "pace", paces, change(|settings, value| {
                    settings.pace = match value { "instant" => Pace::Instant, "realistic" => Pace::Realistic, _ => Pace::Classroom };
                })) }
                <label class="setting"><span>{ "Nodes" }</span>
                    <input type="number" class="field" min="0" max="100" data-setting="nodes" value={settings.nodes.to_string()}
                        onchange={change(|settings, value| settings.nodes = value.parse().unwrap_or(3).min(100))} /></label>
                <p>{ "These two hold from the next new cluster on." }</p>
                <div class="deeds">
                    <button type="button" data-action="new-cluster" onclick={on(emit, Intent::NewCluster)}>{ "New cluster now" }</button>
                    <button type="button" data-action="reset-settings" onclick={on(emit, Action::SettingsChanged(Chosen::default()))}>{ "All settings as they were" }</button>
                </div>
            </div>
        </section>
    }
}

fn view_choice(
    label: &'static str,
    name: &'static str,
    choices: Vec<(&'static str, &'static str, bool)>,
    onchange: Callback<Event>,
) -> Html {
    html! {
        <label class="setting"><span>{ label }</span>
            <select data-setting={name} {onchange}>
                { for choices.into_iter().map(|(value, title, is_chosen)| html! { <option {value} selected={is_chosen}>{ title }</option> }) }
            </select>
        </label>
    }
}

fn view_switch(
    label: &'static str,
    is_on: bool,
    settings: &Chosen,
    flip: fn(&mut Chosen),
    emit: &Callback<Intent>,
) -> Html {
    let mut flipped = settings.clone();
    flip(&mut flipped);
    html! {
        <button type="button" class="setting switch" role="switch" aria-checked={is_on.to_string()} data-setting={label}
            onclick={on(emit, Action::SettingsChanged(flipped))}><span>{ label }</span><i aria-hidden="true" /></button>
    }
}
