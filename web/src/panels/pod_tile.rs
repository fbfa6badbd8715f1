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
    // Where room is short, the middle of a name goes first: its end tells one Pod from the next.
    let (head, tail) = tile.name.split_at(tile.name.rfind('-').unwrap_or(tile.name.len()));
    let (tag, role) = if props.is_cell { ("div", Some("gridcell")) } else { ("button", None) };
    html! {
        <@{tag} {role} {class} {onfocus}
            style={format!("--owner:var(--work-{colour})")}
            type={(!props.is_cell).then_some("button")}
            tabindex={if props.is_tab_stop { "0" } else { "-1" }}
            title={title(tile)}
            data-pod={AttrValue::from(tile.key.clone())}
            data-of={tile.target().to_string()}
            data-owner={tile.owner.as_ref().map(|owner| owner.target.to_string())}
            data-revision={AttrValue::from(tile.revision.clone())}
            data-status={AttrValue::from(tile.status.clone())}
            data-ready={if tile.is_ready { "true" } else { "false" }}
            onclick={on(emit, Action::Selected(Some(tile.target())))}
        >
            <span class="sr">{ spoken(tile) }</span>
            <span class="mark" aria-hidden="true">
                if let Some(ordinal) = tile.ordinal {
                    <b class="ordinal">{ ordinal }</b>
                    <span class="badge">{ glyph(tile.state) }</span>
                } else {
                    { glyph(tile.state) }
                }
            </span>
            <span class="words" aria-hidden="true">
                <b class="name"><span class="head">{ head }</span><span>{ tail }</span><span class="tag">{ image_tag(&tile.image) }</span></b>
                <b class="short">{ if tile.ordinal.is_some() { &*tile.name } else { &*tile.short } }</b>
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

/// The part of an image's name that tells one version from the next: `:8.4`.
pub fn image_tag(image: &str) -> String {
    let name = image.rsplit('/').next().unwrap_or(image);
    name.split_once('@').map_or(name, |(_, digest)| digest).rsplit_once(':').map_or("latest", |(_, tag)| tag).to_owned()
}

fn title(tile: &view::PodTile) -> String {
    let mut title = format!("{} · {} {} · {}", tile.name, tile.status, tile.ready, tile.image);
    title.push_str(&restarts(tile));
    if let Some(waiting) = &tile.waiting {
        title.push('\n');
        title.push_str(waiting);
    }
    title
}

fn spoken(tile: &view::PodTile) -> String {
    let owner =
        tile.owner.as_ref().map_or(String::new(), |owner| format!(" of {} {}", owner.target.kind, owner.target.name));
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
        check(
            "mysql-2",
            expect![[r#"
                <div role="gridcell" style="--owner:var(--work-0)" tabindex="-1" title="mysql-2 · ContainerCreating 0/1 · example:1" data-pod="default/mysql-2" data-of="Pod default/mysql-2" data-owner="StatefulSet default/mysql" data-revision="" data-status="ContainerCreating" data-ready="false" class="pod st-starting">
                <span class="sr">Pod mysql-2 of StatefulSet mysql: ContainerCreating, starting, on node-1</span>
                <span aria-hidden="true" class="mark">
                <b class="ordinal">2</b>
                <span class="badge">
                <svg viewBox="0 0 16 16" aria-hidden="true" class="glyph">
                <path d="M3.4 8h.01M8 8h.01M12.6 8h.01">
                </path>
                </svg>
                </span>
                </span>
                <span aria-hidden="true" class="words">
                <b class="name">
                <span class="head">mysql</span>
                <span>-2</span>
                <span class="tag">1</span>
                </b>
                <b class="short">mysql-2</b>
                <small>
                <span class="line">ContainerCreating</span>
                </small>
                </span>
                </div>"#]],
        );
    }

    #[test]
    fn a_daemon_pod_carries_its_mark() {
        check(
            "fluentd-m2c8w",
            expect![[r#"
                <div role="gridcell" style="--owner:var(--work-1)" tabindex="-1" title="fluentd-m2c8w · Unknown 0/1 · example:1" data-pod="default/fluentd-m2c8w" data-of="Pod default/fluentd-m2c8w" data-owner="DaemonSet default/fluentd" data-revision="" data-status="Unknown" data-ready="false" class="pod st-unknown daemon">
                <span class="sr">Pod fluentd-m2c8w of DaemonSet fluentd: Unknown, unknown, on node-2</span>
                <span aria-hidden="true" class="mark">
                <svg viewBox="0 0 16 16" aria-hidden="true" class="glyph">
                <path d="M5.6 6a2.5 2.5 0 1 1 3.7 2.2c-.8.5-1.3 1-1.3 1.9M8 12.8v.01">
                </path>
                </svg>
                </span>
                <span aria-hidden="true" class="words">
                <b class="name">
                <span class="head">fluentd</span>
                <span>-m2c8w</span>
                <span class="tag">1</span>
                </b>
                <b class="short">m2c8w</b>
                <small>
                <span class="line">Unknown</span>
                </small>
                </span>
                </div>"#]],
        );
    }
}
