//! One Pod: its state by colour, glyph, edge and words. Selects the Pod.

use std::rc::Rc;

use yew::{AttrValue, Callback, Html, Properties, classes, component, html};

use super::on;
use crate::app_state::{Action, Spot};
use crate::icons::{Icon, glyph, icon, state_class};
use crate::intent::Intent;

/// What a tile shows.
#[derive(PartialEq, Properties)]
pub struct PodTileProps {
    /// The Pod.
    pub tile: Rc<view::PodTile>,
    /// Whether its details are open.
    pub is_selected: bool,
    /// Whether it is a cell of the grid: then the grid's arrow keys reach it, else it is a button.
    #[prop_or_default]
    pub is_cell: bool,
    /// Whether Tab stops at it.
    #[prop_or(true)]
    pub is_tab_stop: bool,
    /// Told what is wanted.
    pub emit: Callback<Intent>,
}

/// A tile.
#[component]
pub fn PodTile(props: &PodTileProps) -> Html {
    let PodTileProps { tile, emit, .. } = props;
    let class = classes!(
        "pod",
        state_class(tile.state),
        tile.is_daemon.then_some("daemon"),
        props.is_selected.then_some("selected"),
    );
    let colour = tile.owner.as_ref().map_or(7, |owner| owner.colour);
    let onfocus = match (&tile.node, props.is_cell) {
        (Some(node), true) => Some(on(emit, Action::SpotTaken(Spot::Pod(node.clone(), tile.key.clone())))),
        _ => None,
    };
    let (tag, role) = if props.is_cell { ("div", Some("gridcell")) } else { ("button", None) };
    html! {
        <@{tag} {role} {class} {onfocus}
            style={format!("--owner:var(--work-{colour})")}
            type={(!props.is_cell).then_some("button")}
            tabindex={if props.is_tab_stop { "0" } else { "-1" }}
            title={title(tile)}
            aria-label={spoken(tile)}
            data-pod={AttrValue::from(tile.key.clone())}
            data-status={AttrValue::from(tile.status.clone())}
            data-ready={if tile.is_ready { "true" } else { "false" }}
            onclick={on(emit, Action::Selected(Some(tile.target())))}
        >
            <span class="mark">
                if let Some(ordinal) = tile.ordinal {
                    <b class="ordinal">{ ordinal }</b>
                    <span class="badge">{ glyph(tile.state) }</span>
                } else {
                    { glyph(tile.state) }
                }
            </span>
            <span class="words">
                <b class="name">{ &*tile.name }</b>
                <b class="short">{ &*tile.short }</b>
                <small>
                    <span class="line">{ tile.line() }</span>
                    if tile.restarts > 0 {
                        <span class="restarts">{ icon(Icon::Reset) }{ tile.restarts }</span>
                    }
                </small>
            </span>
        </@>
    }
}

fn title(tile: &view::PodTile) -> String {
    let mut title = format!("{} · {} {}", tile.name, tile.status, tile.ready);
    title.push_str(&restarts(tile));
    if let Some(waiting) = &tile.waiting {
        title.push('\n');
        title.push_str(waiting);
    }
    title
}

fn spoken(tile: &view::PodTile) -> String {
    let owner = tile.owner.as_ref().map_or(String::new(), |owner| format!(" of {} {}", owner.target.kind, owner.target.name));
    let place = tile.node.as_ref().map_or(String::new(), |node| format!(", on {node}"));
    format!("Pod {}{owner}: {}, {}{}{place}", tile.name, tile.line(), tile.state.word(), restarts(tile))
}

fn restarts(tile: &view::PodTile) -> String {
    match tile.restarts {
        0 => String::new(),
        1 => ", 1 restart".to_owned(),
        many => format!(", {many} restarts"),
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;
    use yew::Callback;

    use super::{PodTile, PodTileProps};
    use crate::{fixture, testing::render};

    fn check(pod: &str, expected: expect_test::Expect) {
        let snapshot = fixture::snapshot();
        let tile = snapshot.pods.iter().find(|tile| &*tile.name == pod).expect("it is in the fixture").clone();
        let props =
            PodTileProps { tile, is_selected: false, is_cell: true, is_tab_stop: false, emit: Callback::noop() };
        expected.assert_eq(&render::<PodTile>(props));
    }

    #[test]
    fn a_stateful_pod_shows_its_ordinal() {
        check("mysql-2", expect![[""]]);
    }

    #[test]
    fn a_daemon_pod_carries_its_mark() {
        check("fluentd-m2c8w", expect![[""]]);
    }
}
