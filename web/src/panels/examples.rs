//! The menu of examples, by topic, each with what to watch for.

use yew::{Callback, Html, Properties, component, html};

use super::on;
use crate::app_state::Action;
use crate::examples::{EXAMPLES, topics};
use crate::icons::{Icon, icon};
use crate::intent::Intent;

/// Whom the menu tells.
#[derive(PartialEq, Properties)]
pub struct ExamplesProps {
    /// Told what is wanted.
    pub emit: Callback<Intent>,
}

/// The menu.
#[component]
pub fn Examples(props: &ExamplesProps) -> Html {
    let emit = &props.emit;
    html! {
        <section class="examples-menu" role="dialog" aria-label="Examples" data-examples="">
            <div class="drawer-head">
                <div><h2>{ "Examples" }</h2><small>{ "Each opens in a fresh cluster and starts at once. Your files can be had back." }</small></div>
                <button type="button" class="bare" aria-label="Close examples" onclick={on(emit, Action::ExamplesToggled)}>{ icon(Icon::Cross) }</button>
            </div>
            <div class="examples-body" tabindex="0" role="region" aria-label="All examples">
                { for topics().into_iter().map(|topic| html! {
                    <section>
                        <h3>{ topic }</h3>
                        <ul>{ for EXAMPLES.iter().filter(|each| each.topic == topic).map(|each| html! {
                            <li><button type="button" data-example={each.name} onclick={on(emit, Intent::OpenExample(each.name.into()))}>
                                <b>{ each.title }</b><small>{ each.watch }</small>
                            </button></li>
                        }) }</ul>
                    </section>
                }) }
            </div>
        </section>
    }
}
