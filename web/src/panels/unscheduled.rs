//! The Pods that have no node, each with the reason.

use std::rc::Rc;

use view::ObjectRef;
use yew::{Callback, Html, Properties, component, html};

use super::node_card::is_selected;
use super::pod_tile::PodTile;
use crate::icons::{Icon, icon};
use crate::intent::Intent;

/// What the tray shows.
#[derive(PartialEq, Properties)]
pub struct UnscheduledProps {
    /// The Pods.
    pub pods: Rc<[Rc<view::PodTile>]>,
    /// The object whose details are open.
    pub selected: Option<ObjectRef>,
    /// Told what is wanted.
    pub emit: Callback<Intent>,
}

/// The tray. Nothing while every Pod has a node.
#[component]
pub fn Unscheduled(props: &UnscheduledProps) -> Html {
    if props.pods.is_empty() {
        return Html::default();
    }
    let title = if props.pods.iter().all(|pod| pod.node.is_none()) { "Unscheduled" } else { "Without a node" };
    html! {
        <section class="tray" aria-label="Pods without a node" data-unscheduled="">
            <h2>{ icon(Icon::Warning) }{ title }<span class="count">{ props.pods.len() }</span></h2>
            <ul>
                { for props.pods.iter().map(|pod| html! {
                    <li key={&*pod.uid}>
                        <PodTile tile={pod.clone()} emit={props.emit.clone()}
                            is_selected={is_selected(props.selected.as_ref(), pod)} />
                        <span class="reason">{ pod.waiting.as_deref().unwrap_or("waits for the scheduler") }</span>
                    </li>
                }) }
            </ul>
        </section>
    }
}
