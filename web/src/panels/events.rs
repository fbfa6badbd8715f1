//! The cluster's Events, oldest first, kept scrolled to the newest.

use std::rc::Rc;

use view::EventRow;
use yew::{AttrValue, Callback, Html, Properties, component, html};

use super::on;
use crate::app_state::Action;
use crate::icons::{Icon, icon};
use crate::intent::Intent;

/// The rows that are shown; the snapshot may hold more.
const SHOWN: usize = 200;

/// What the log shows.
#[derive(PartialEq, Properties)]
pub struct EventsProps {
    /// The Events, oldest first.
    pub events: Rc<[EventRow]>,
    /// Whether a screen reader is told of each.
    pub narrate: bool,
    /// Told what is wanted.
    pub emit: Callback<Intent>,
}

/// The log.
#[component]
pub fn Events(props: &EventsProps) -> Html {
    let EventsProps { events, emit, narrate } = props;
    let shown = &events[events.len().saturating_sub(SHOWN)..];
    html! {
        <section class="events" data-pane="events" tabindex="-1" aria-label="Events">
            <h2>{ "Events" }<span class="count">{ events.len() }</span></h2>
            <div class="events-scroll" tabindex="0" role="log" aria-live={if *narrate { "polite" } else { "off" }} aria-label="Events, newest last" data-events="">
                <div>
                    { for shown.iter().map(|row| view_row(row, emit)) }
                    if shown.is_empty() {
                        <p class="empty">{ "Nothing has happened yet." }</p>
                    }
                </div>
            </div>
        </section>
    }
}

fn view_row(row: &EventRow, emit: &Callback<Intent>) -> Html {
    let select = Action::Selected(Some(row.object.clone()));
    html! {
        <div key={&*row.uid} class={if row.is_warning { "event warning" } else { "event" }}
            data-reason={AttrValue::from(row.reason.clone())}>
            <time>{ &*row.time }</time>
            <span class="event-type" title={if row.is_warning { "Warning" } else { "Normal" }}>
                { icon(if row.is_warning { Icon::Warning } else { Icon::Check }) }
            </span>
            <b>{ &*row.reason }</b>
            <button type="button" class="link" title={row.object.to_string()} onclick={on(emit, select)}>
                { &*row.object.name }
            </button>
            <span class="message">
                { &*row.message }
                if row.count > 1 {
                    <i class="times">{ format!("×{}", row.count) }</i>
                }
            </span>
            <small>{ &*row.from }</small>
        </div>
    }
}

/// What the one live line of a small frame shows.
#[derive(PartialEq, Properties)]
pub struct LastEventProps {
    /// The Events, oldest first.
    pub events: Rc<[EventRow]>,
}

/// The newest Event in one line.
#[component]
pub fn LastEvent(props: &LastEventProps) -> Html {
    let text = |row: &EventRow| format!("{}  {} {}: {}", row.time, row.reason, row.object.name, row.message);
    html! {
        <p class="last-event" data-events="">{ props.events.last().map_or("No events yet.".to_owned(), text) }</p>
    }
}
