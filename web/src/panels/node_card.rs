//! One Node: its condition, how full it is, its Pods, and what can be done to the machine. A row of the grid.

use yew::{AttrValue, Callback, Html, KeyboardEvent, MouseEvent, Properties, classes, component, html};

use std::rc::Rc;

use view::{Machine, Meter, ObjectRef, Snapshot};

use super::on;
use super::pod_tile::PodTile;
use crate::app_state::{Action, Spot};
use crate::deeds::{self, Deed};
use crate::drawer::Form;
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
    /// The cluster while its menu is open: the menu offers what can be done now.
    pub snapshot: Option<Rc<Snapshot>>,
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
    let (emit, open) = (&props.emit, props.snapshot.is_some());
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
            if let Some(snapshot) = &props.snapshot {
                { view_menu(&props.card, snapshot, emit) }
            }
        </span>
    }
}

fn view_menu(card: &view::NodeCard, snapshot: &Snapshot, emit: &Callback<Intent>) -> Html {
    let target = ObjectRef::new("Node", "", &card.name);
    let item = |deed: Deed| {
        let intent: Intent = match &deed.field {
            Some(field) => {
                Action::DeedChosen(target.clone(), Form { deed: deed.id, value: field.value.as_str().into() }).into()
            }
            None => Intent::Run(deed.command("")),
        };
        html! {
            <button type="button" role="menuitem" class={deed.is_harmful.then_some("danger")} data-deed={deed.id}
                title={deed.command("…")} onclick={on(emit, intent)}>{ deed.label }</button>
        }
    };
    let describe = Action::Selected(Some(target.clone()));
    html! {
        <div class="menu" role="menu" aria-label={format!("{} menu", card.name)} onkeydown={walk()}>
            { for deeds::of(&target, snapshot).into_iter().map(item) }
            <button type="button" role="menuitem" data-deed="open" onclick={on(emit, describe)}>{ "Open details" }</button>
        </div>
    }
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
