//! The table view: what `kubectl get` prints of any kind, live, sorted by any column.

use std::rc::Rc;

use view::{PodTile, Snapshot, Text};
use yew::{AttrValue, Callback, Event, Html, Properties, classes, component, html};

use super::{on, value_of};
use crate::app_state::Action;
use crate::icons::{glyph, state_class};
use crate::intent::Intent;
use crate::session::Session;
use crate::tables::{FIRST, Listed, Tables};

/// Rows that are drawn; there may be more.
const SHOWN: usize = 500;

/// What the table shows.
#[derive(PartialEq, Properties)]
pub struct TableProps {
    /// The cluster.
    pub snapshot: Rc<Snapshot>,
    /// The kind, the table and its order.
    pub tables: Tables,
    /// What is looked for.
    pub filter: Text,
    /// Told what is wanted.
    pub emit: Callback<Intent>,
}

/// The table.
#[component]
pub fn Table(props: &TableProps) -> Html {
    let TableProps { tables, emit, .. } = props;
    let kinds = Session::kinds();
    let listed = kinds.iter().find(|each| each.plural == &*tables.plural).copied();
    let rows = tables.rows(&props.filter);
    html! {
        <section class="table-card" aria-label={tables.plural.to_string()} data-table={tables.plural.to_string()}>
            <div class="table-head">
                { view_kinds(&kinds, tables, emit) }
                <span class="count" data-rows={rows.len().to_string()}>{ rows.len() }</span>
                <code>{ command(tables, listed) }</code>
            </div>
            if rows.is_empty() {
                <p class="empty">{ "None." }</p>
            } else {
                <div class="table-scroll" tabindex="0" role="region" aria-label={format!("{}, table", tables.plural)}>
                    <table>
                        <thead><tr>{ for tables.printed.columns.iter().enumerate().map(|(at, name)| view_head(at, name, tables, emit)) }</tr></thead>
                        <tbody>{ for rows.iter().take(SHOWN).map(|row| view_row(row, listed, props)) }</tbody>
                    </table>
                </div>
                if rows.len() > SHOWN {
                    <p class="empty">{ format!("and {} more: the filter finds them", rows.len() - SHOWN) }</p>
                }
            }
        </section>
    }
}

/// The command whose output the table is.
fn command(tables: &Tables, listed: Option<Listed>) -> String {
    Session::table_command(&tables.plural, listed.is_none_or(|listed| listed.namespaced))
}

fn view_kinds(kinds: &[Listed], tables: &Tables, emit: &Callback<Intent>) -> Html {
    let onchange = emit.reform(|event: Event| Action::TableChosen(value_of(&event).into()).into());
    let option = |each: &Listed| {
        html! { <option value={each.plural} selected={each.plural == &*tables.plural}>{ each.kind }</option> }
    };
    let first = FIRST.iter().filter_map(|plural| kinds.iter().find(|each| each.plural == *plural));
    html! {
        <select aria-label="Kind" data-action="table-kind" {onchange}>
            <optgroup label="Modelled">{ for first.map(option) }</optgroup>
            <optgroup label="All kinds">{ for kinds.iter().filter(|each| !FIRST.contains(&each.plural)).map(option) }</optgroup>
        </select>
    }
}

fn view_head(at: usize, name: &str, tables: &Tables, emit: &Callback<Intent>) -> Html {
    let (order, sign) = match tables.sort {
        Some((column, false)) if column == at => ("ascending", "▲"),
        Some((column, true)) if column == at => ("descending", "▼"),
        _ => ("none", ""),
    };
    html! {
        <th scope="col" aria-sort={order}>
            <button type="button" class="sort" onclick={on(emit, Action::TableSorted(at))}>{ name }<i aria-hidden="true">{ sign }</i></button>
        </th>
    }
}

fn view_row(row: &[Text], listed: Option<Listed>, props: &TableProps) -> Html {
    let kind = listed.map_or("", |listed| listed.kind);
    let target = props.tables.printed.target(row, kind);
    let key = target.as_ref().map(view::ObjectRef::key).unwrap_or_default();
    let tile = (kind == "Pod").then(|| props.snapshot.pods.iter().find(|pod| *pod.key == *key)).flatten();
    let of = target.as_ref().map(ToString::to_string);
    html! {
        <tr key={key.clone()} data-row={key} data-of={of}>
            { for props.tables.printed.columns.iter().zip(row).map(|(column, cell)| match (&**column, &target) {
                ("NAME", Some(target)) => html! {
                    <th scope="row"><button type="button" class="link" onclick={on(&props.emit, Action::Selected(Some(target.clone())))}>{ &**cell }</button></th>
                },
                ("STATUS", _) => view_status(cell, tile),
                _ => html! { <td>{ &**cell }</td> },
            }) }
        </tr>
    }
}

fn view_status(status: &Text, tile: Option<&Rc<PodTile>>) -> Html {
    match tile {
        Some(tile) => html! {
            <td><span class={classes!("state", state_class(tile.state))}><i>{ glyph(tile.state) }</i>{ &**status }</span></td>
        },
        None => html! { <td>{ AttrValue::from(status.clone()) }</td> },
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
