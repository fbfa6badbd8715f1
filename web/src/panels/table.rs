//! Every Pod as a table row: the twin of the picture.

use std::rc::Rc;

use view::{PodTile, Snapshot};
use yew::{AttrValue, Callback, Html, Properties, classes, component, html};

use super::on;
use crate::app_state::Action;
use crate::icons::{glyph, state_class};
use crate::intent::Intent;

/// What the table shows.
#[derive(PartialEq, Properties)]
pub struct TableProps {
    /// The cluster.
    pub snapshot: Rc<Snapshot>,
    /// Told what is wanted.
    pub emit: Callback<Intent>,
}

const COLUMNS: [&str; 8] = ["Namespace", "Name", "Ready", "Status", "Restarts", "Age", "IP", "Node"];

/// The table.
#[component]
pub fn Table(props: &TableProps) -> Html {
    html! {
        <div class="tables">
            { view_table("Pods", &COLUMNS, props.snapshot.pods.iter().map(|pod| view_row(pod, props)).collect()) }
        </div>
    }
}

/// A table with a heading. One without rows says so.
pub fn view_table(title: &str, columns: &[&str], rows: Vec<Html>) -> Html {
    html! {
        <section class="table-card" aria-label={title.to_owned()}>
            <h2>{ title }<span class="count">{ rows.len() }</span></h2>
            if rows.is_empty() {
                <p class="empty">{ "None." }</p>
            } else {
                <div class="table-scroll" tabindex="0" role="region" aria-label={format!("{title}, table")}>
                    <table>
                        <thead><tr>{ for columns.iter().map(|name| html! { <th scope="col">{ *name }</th> }) }</tr></thead>
                        <tbody>{ for rows }</tbody>
                    </table>
                </div>
            }
        </section>
    }
}

fn view_row(pod: &PodTile, props: &TableProps) -> Html {
    let none = "<none>";
    html! {
        <tr key={&*pod.uid} data-row={AttrValue::from(pod.key.clone())}>
            <td>{ &*pod.namespace }</td>
            <th scope="row">
                <button type="button" class="link" onclick={on(&props.emit, Action::Selected(Some(pod.target())))}>
                    { &*pod.name }
                </button>
            </th>
            <td>{ &*pod.ready }</td>
            <td><span class={classes!("state", state_class(pod.state))}><i>{ glyph(pod.state) }</i>{ &*pod.status }</span></td>
            <td>{ pod.restarts }</td>
            <td>{ pod.age(props.snapshot.now_ms) }</td>
            <td>{ pod.ip.as_deref().unwrap_or(none) }</td>
            <td>{ pod.node.as_deref().unwrap_or(none) }</td>
        </tr>
    }
}
