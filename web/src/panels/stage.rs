//! The cluster: the tabs of its views, the workloads' chips, the status sentence, and the view that was chosen.

use std::rc::Rc;

use view::{ObjectRef, Snapshot, Text};
use yew::{AttrValue, Callback, Html, InputEvent, Properties, component, html};

use super::node_card::NodeCard;
use super::status::Status;
use super::storage::Storage;
use super::table::Table;
use super::tree::Tree;
use super::unscheduled::Unscheduled;
use super::workloads::{Chips, Lanes};
use super::{on, value_of};
use crate::app_state::{Action, Spot, StageView};
use crate::icons::{Icon, icon};
use crate::intent::Intent;
use crate::light::{self, Pointing};
use crate::tables::Tables;

/// What the stage shows.
#[derive(PartialEq, Properties)]
pub struct StageProps {
    /// The cluster.
    pub snapshot: Rc<Snapshot>,
    /// The view that was chosen.
    pub view: StageView,
    /// The object whose details are open.
    pub selected: Option<ObjectRef>,
    /// What the views are filtered by.
    pub filter: Text,
    /// The owner under the pointer.
    pub lit: Option<ObjectRef>,
    /// The table view.
    pub tables: Tables,
    /// The cell of the grid that the keyboard is at.
    pub spot: Option<Spot>,
    /// The node whose menu is open.
    pub node_menu: Option<Text>,
    /// Whether the page is a frame in another page: then the time bar has the button that adds a node.
    pub embedded: bool,
    /// Told what is wanted.
    pub emit: Callback<Intent>,
}

/// The stage.
#[component]
pub fn Stage(props: &StageProps) -> Html {
    let StageProps { snapshot, emit, .. } = props;
    let pointing = Pointing { lit: props.lit.as_ref(), selected: props.selected.as_ref(), filter: &props.filter };
    html! {
        <section class="stage" data-pane="cluster" data-scope="cluster" tabindex="-1" aria-label="Cluster">
            <style>{ light::rules(snapshot, &pointing) }</style>
            <div class="stage-bar">
                { view_tabs(props.view, emit) }
                <Chips workloads={snapshot.workloads.clone()} emit={emit.clone()} />
                { view_filter(&props.filter, emit) }
                if !props.embedded {
                    { view_add_node(emit) }
                }
            </div>
            <Status status={snapshot.status.clone()} emit={emit.clone()} />
            <div class="stage-scroll" id="stage-view" role="tabpanel" aria-labelledby={tab_id(props.view)} tabindex="0">
                { match props.view {
                    StageView::Nodes => view_nodes(props),
                    StageView::Workloads => view_lanes(props),
                    StageView::Storage => html! { <Storage snapshot={snapshot.clone()} emit={emit.clone()} /> },
                    StageView::Table => html! {
                        <Table snapshot={snapshot.clone()} tables={props.tables.clone()} filter={props.filter.clone()} emit={emit.clone()} />
                    },
                    StageView::Tree => html! {
                        <Tree snapshot={snapshot.clone()} filter={props.filter.clone()} emit={emit.clone()} />
                    },
                } }
            </div>
        </section>
    }
}

fn view_filter(filter: &Text, emit: &Callback<Intent>) -> Html {
    let oninput = emit.reform(|event: InputEvent| Action::Filtered(value_of(&event).into()).into());
    html! {
        <input type="search" class="filter" data-filter="" data-scope="field" aria-label="Filter" placeholder="Filter /" title="Filter by name ( / ); !name turns it around"
            value={AttrValue::from(filter.clone())} {oninput} />
    }
}

/// The button that adds a node.
pub fn view_add_node(emit: &Callback<Intent>) -> Html {
    html! {
        <button type="button" class="add-node" data-action="add-node" title="Add a node (+)" aria-label="Add node"
            onclick={on(emit, Intent::AddNode)}>{ icon(Icon::Plus) }<span class="wide">{ "Add node" }</span></button>
    }
}

fn tab_id(view: StageView) -> AttrValue {
    format!("tab-{view:?}").to_lowercase().into()
}

fn view_tabs(chosen: StageView, emit: &Callback<Intent>) -> Html {
    html! {
        <div class="tabs" role="tablist" aria-label="Views of the cluster">
            { for StageView::ALL.iter().map(|(view, title)| html! {
                <button type="button" role="tab" id={tab_id(*view)} aria-selected={(*view == chosen).to_string()}
                    aria-controls="stage-view" data-view={format!("{view:?}").to_lowercase()}
                    onclick={on(emit, Action::ViewChosen(*view))}>{ *title }</button>
            }) }
        </div>
    }
}

fn view_nodes(props: &StageProps) -> Html {
    let StageProps { snapshot, emit, .. } = props;
    // The grid has one tab stop: where the keyboard was last, else its first cell.
    let known = props.spot.clone().filter(|spot| snapshot.nodes.iter().any(|node| node.name == *spot.node()));
    let spot = known.or_else(|| snapshot.nodes.first().map(|node| Spot::Node(node.name.clone())));
    html! {
        <>
            <Unscheduled pods={snapshot.unscheduled.clone()} selected={props.selected.clone()} emit={emit.clone()} />
            if snapshot.nodes.is_empty() {
                <p class="empty">{ "This cluster has no nodes. Add one, and pods can run." }</p>
            } else {
                <div class="grid" role="grid" aria-label="Nodes and their pods">
                    { for snapshot.nodes.iter().map(|node| html! {
                        <NodeCard key={&*node.name} card={node.clone()} snapshot={(props.node_menu.as_ref() == Some(&node.name)).then(|| snapshot.clone())} selected={props.selected.clone()}
                            spot={spot.clone().filter(|spot| *spot.node() == node.name)}
                            emit={emit.clone()} />
                    }) }
                </div>
            }
            { view_lanes(props) }
        </>
    }
}

fn view_lanes(props: &StageProps) -> Html {
    let StageProps { snapshot, emit, .. } = props;
    if props.view == StageView::Workloads && snapshot.workloads.is_empty() && snapshot.cron_jobs.is_empty() {
        return html! { <p class="empty">{ "Nothing has been applied yet." }</p> };
    }
    html! {
        <Lanes snapshot={snapshot.clone()} emit={emit.clone()} />
    }
}
