//! One Node: its condition, how full it is, its Pods, and what can be done to the machine. A row of the grid.

use yew::{AttrValue, Callback, Html, KeyboardEvent, MouseEvent, Properties, classes, component, html};

use view::{Machine, Meter, ObjectRef, Text};

use super::on;
use super::pod_tile::PodTile;
use crate::app_state::{Action, Spot};
use crate::icons::{Icon, icon, severity_class};
use crate::intent::Intent;

/// From this many Pods on, a card shows marks instead of tiles.
const DENSE_FROM: usize = 12;

/// What a card shows.
#[derive(PartialEq, Properties)]
pub struct NodeCardProps {
    /// The Node.
    pub card: view::NodeCard,
    /// The object whose details are open.
    pub selected: Option<ObjectRef>,
    /// The cell at which Tab stops, if it is in this row.
    pub spot: Option<Spot>,
    /// Whether its menu is open.
    pub is_menu_open: bool,
    /// Told what is wanted.
    pub emit: Callback<Intent>,
}

/// A card.
#[component]
pub fn NodeCard(props: &NodeCardProps) -> Html {
    let NodeCardProps { card, emit, .. } = props;
    let class = classes!(
        "node",
        severity_class(card.severity),
        (!card.is_ready).then_some("down"),
        card.cordoned.then_some("cordoned"),
        (card.pods.len() >= DENSE_FROM).then_some("dense"),
    );
    let own_spot = Spot::Node(card.name.clone());
    let is_tab_stop = props.spot.as_ref() == Some(&own_spot);
    let target = ObjectRef::new("Node", "", &card.name);
    html! {
        <div role="row" {class} data-node={AttrValue::from(card.name.clone())}>
            <div class="node-head" role="rowheader" tabindex={if is_tab_stop { "0" } else { "-1" }}
                aria-label={spoken(card)} onfocus={on(emit, Action::SpotTaken(own_spot))}>
                <div class="node-title">
                    <span class="lamp">{ icon(lamp(card)) }</span>
                    <b class="node-name" onclick={on(emit, Action::Selected(Some(target)))}>{ &*card.name }</b>
                    <small class="condition" title={AttrValue::from(card.condition.clone())}>{ &*card.condition }</small>
                    { view_buttons(props) }
                </div>
                { view_meter("cpu", &card.cpu) }
                { view_meter("mem", &card.memory) }
                if !card.taints.is_empty() {
                    <div class="taints">
                        { for card.taints.iter().map(|taint| html! { <span class="taint">{ &**taint }</span> }) }
                    </div>
                }
            </div>
            <div class="pods">
                { for card.pods.iter().map(|pod| html! {
                    <PodTile key={&*pod.uid} tile={pod.clone()} is_cell=true emit={emit.clone()}
                        is_selected={is_selected(props.selected.as_ref(), pod)}
                        is_tab_stop={matches!(&props.spot, Some(Spot::Pod(_, key)) if *key == pod.key)} />
                }) }
            </div>
        </div>
    }
}

/// Whether the open details are this Pod's.
pub fn is_selected(selected: Option<&ObjectRef>, pod: &view::PodTile) -> bool {
    selected.is_some_and(|it| &*it.kind == "Pod" && it.name == pod.name && it.namespace == pod.namespace)
}

fn lamp(card: &view::NodeCard) -> Icon {
    match card.machine {
        Machine::Stopped => Icon::Power,
        Machine::Partitioned => Icon::Unplugged,
        Machine::On if card.is_ready => Icon::Lamp,
        Machine::On => Icon::Clock,
    }
}

fn spoken(card: &view::NodeCard) -> String {
    let taints = if card.taints.is_empty() { String::new() } else { format!(", taints {}", card.taints.join(", ")) };
    format!(
        "Node {}: {}, {} pods, cpu {} of {}, memory {} of {}{taints}",
        card.name,
        card.condition,
        card.pods.len(),
        card.cpu.used,
        card.cpu.total,
        card.memory.used,
        card.memory.total
    )
}

fn view_meter(name: &str, meter: &Meter) -> Html {
    let full = if meter.per_mille > 900 { "meter full" } else { "meter" };
    let width = format!("width:{}.{}%", meter.per_mille.min(1_000) / 10, meter.per_mille.min(1_000) % 10);
    html! {
        <div class={full}>
            <span>{ name }</span>
            <div class="track"><i style={width} /></div>
            <span>{ &*meter.used }{ " / " }{ &*meter.total }</span>
        </div>
    }
}

fn view_buttons(props: &NodeCardProps) -> Html {
    let name = &props.card.name;
    let (emit, open) = (&props.emit, props.is_menu_open);
    let toggle = Action::NodeMenu((!open).then(|| name.clone()));
    // Tab reaches the buttons of the row at which the grid's one stop is.
    let tabindex = if props.spot.is_some() { "0" } else { "-1" };
    html! {
        <span class="node-buttons">
            <button type="button" class="bare" {tabindex} data-action="remove-node" title={format!("Remove {name}")}
                aria-label={format!("Remove {name}")} onclick={on(emit, Intent::Run(format!("sim node remove {name}")))}>
                { icon(Icon::Bin) }
            </button>
            <button type="button" class="bare" {tabindex} data-action="node-menu" title={format!("More for {name}")}
                aria-label={format!("More for {name}")} aria-expanded={open.to_string()} aria-haspopup="menu"
                onclick={on_stopped(emit, toggle)}>
                { icon(Icon::More) }
            </button>
            if open {
                { view_menu(&props.card, emit) }
            }
        </span>
    }
}

fn view_menu(card: &view::NodeCard, emit: &Callback<Intent>) -> Html {
    let item = |(label, command): (&'static str, String)| {
        html! {
            <button type="button" role="menuitem" title={command.clone()} onclick={on(emit, Intent::Run(command))}>
                { label }
            </button>
        }
    };
    let describe = Action::Selected(Some(ObjectRef::new("Node", "", &card.name)));
    html! {
        <div class="menu" role="menu" aria-label={format!("{} menu", card.name)} onkeydown={walk()}>
            { for commands(card).into_iter().map(item) }
            <button type="button" role="menuitem" onclick={on(emit, describe)}>{ "Describe" }</button>
        </div>
    }
}

/// What the menu offers, and the command that does it.
fn commands(card: &view::NodeCard) -> Vec<(&'static str, String)> {
    let name: &Text = &card.name;
    let power = match card.machine {
        Machine::On => vec![
            ("Power off", format!("sim node stop {name}")),
            ("Cut the network", format!("sim node partition {name}")),
        ],
        Machine::Stopped => vec![("Power on", format!("sim node start {name}"))],
        Machine::Partitioned => vec![("Heal the network", format!("sim node heal {name}"))],
    };
    let cordon = if card.cordoned {
        ("Uncordon", format!("kubectl uncordon {name}"))
    } else {
        ("Cordon", format!("kubectl cordon {name}"))
    };
    let drain = ("Drain", format!("kubectl drain {name} --ignore-daemonsets --delete-emptydir-data"));
    [vec![cordon, drain], power].concat()
}

fn on_stopped(emit: &Callback<Intent>, action: Action) -> Callback<MouseEvent> {
    let emit = emit.clone();
    Callback::from(move |event: MouseEvent| {
        // A click elsewhere closes the menu; this one must not.
        event.stop_propagation();
        emit.emit(action.clone().into());
    })
}

/// Up and down walk the menu.
fn walk() -> Callback<KeyboardEvent> {
    Callback::from(|event: KeyboardEvent| crate::focus::walk_menu(&event))
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::commands;
    use crate::fixture;

    #[test]
    fn the_menu_offers_what_the_machine_can_do() {
        let snapshot = fixture::snapshot();
        let offered = |at: usize| {
            let rows = commands(&snapshot.nodes[at]).into_iter().map(|(label, command)| format!("{label}: {command}"));
            rows.collect::<Vec<_>>().join("\n")
        };
        expect![[r#"
            Cordon: kubectl cordon node-1
            Drain: kubectl drain node-1 --ignore-daemonsets --delete-emptydir-data
            Power off: sim node stop node-1
            Cut the network: sim node partition node-1"#]]
        .assert_eq(&offered(0));
        expect![[r#"
            Cordon: kubectl cordon node-2
            Drain: kubectl drain node-2 --ignore-daemonsets --delete-emptydir-data
            Power on: sim node start node-2"#]]
        .assert_eq(&offered(1));
    }
}
