//! The drawer of the object that was chosen: why it waits, what can be done to it, and what kubectl says of it.

use std::rc::Rc;

use view::{EventRow, ObjectRef, Snapshot};
use yew::{Callback, Html, Properties, component, html};

use super::deeds::Deeds;
use super::on;
use super::why::Why;
use super::workloads::view_scale;
use crate::app_state::Action;
use crate::deeds;
use crate::drawer::{Drawer, DrawerTab};
use crate::icons::{Icon, icon};
use crate::intent::Intent;

/// What the drawer shows.
#[derive(PartialEq, Properties)]
pub struct DetailsProps {
    /// The object.
    pub target: ObjectRef,
    /// The cluster.
    pub snapshot: Rc<Snapshot>,
    /// What is open in the drawer.
    pub drawer: Drawer,
    /// Told what is wanted.
    pub emit: Callback<Intent>,
}

/// The drawer.
#[component]
pub fn Details(props: &DetailsProps) -> Html {
    let DetailsProps { target, emit, drawer, .. } = props;
    html! {
        <section class="drawer details" aria-label={target.to_string()} data-details={target.key()} data-pane="details" tabindex="-1">
            <div class="drawer-head">
                <div>
                    <small>{ &*target.kind }{ place(target) }</small>
                    <h2>{ &*target.name }</h2>
                </div>
                <button type="button" class="bare" data-action="close-details" aria-label="Close details" title="Close (Esc)"
                    onclick={on(emit, Action::Selected(None))}>{ icon(Icon::Cross) }</button>
            </div>
            { view_tabs(props) }
            <div class="drawer-body" tabindex="0" role="tabpanel" id="drawer-body" aria-label={format!("{}, {:?}", target, drawer.tab)}>
                { match drawer.tab {
                    DrawerTab::Overview => view_overview(props),
                    DrawerTab::Events => view_events(props),
                    DrawerTab::Describe | DrawerTab::Yaml | DrawerTab::Logs => view_text(props),
                } }
            </div>
        </section>
    }
}

fn place(target: &ObjectRef) -> String {
    if target.namespace.is_empty() { String::new() } else { format!(" in {}", target.namespace) }
}

fn view_tabs(props: &DetailsProps) -> Html {
    let tabs = DrawerTab::ALL.iter().filter(|(tab, _)| tab.is_of(&props.target));
    html! {
        <div class="drawer-tabs" role="tablist" aria-label="Parts of the details">
            { for tabs.map(|(tab, title)| html! {
                <button type="button" role="tab" aria-selected={(*tab == props.drawer.tab).to_string()} aria-controls="drawer-body"
                    data-drawer-tab={title.to_lowercase()} onclick={on(&props.emit, Action::DrawerTabChosen(*tab))}>{ *title }</button>
            }) }
        </div>
    }
}

fn view_overview(props: &DetailsProps) -> Html {
    let DetailsProps { target, snapshot, emit, drawer } = props;
    let scaled = matches!(&*target.kind, "StatefulSet" | "Deployment" | "ReplicaSet" | "ReplicationController");
    let replicas = deeds::desired(target, snapshot).filter(|_| scaled);
    html! {
        <>
            { view_facts(props) }
            <Why why={drawer.why.clone()} emit={emit.clone()} />
            <h3>{ "What you can do" }</h3>
            if let Some(replicas) = replicas {
                { view_scale(target, replicas, emit) }
            }
            <Deeds target={target.clone()} snapshot={snapshot.clone()} form={drawer.form.clone()} emit={emit.clone()} />
        </>
    }
}

/// What is worth knowing at a glance.
fn view_facts(props: &DetailsProps) -> Html {
    let DetailsProps { target, snapshot, emit, .. } = props;
    let link = |target: &ObjectRef| {
        html! {
            <button type="button" class="link" onclick={on(emit, Action::Selected(Some(target.clone())))}>{ &*target.name }</button>
        }
    };
    let fact = |name: &str, value: Html| html! { <div><dt>{ name }</dt><dd>{ value }</dd></div> };
    let facts: Vec<Html> = match &*target.kind {
        "Pod" => snapshot.pods.iter().find(|pod| pod.target() == *target).map_or_else(Vec::new, |pod| {
            let node =
                pod.node.as_ref().map_or_else(|| html! { "none yet" }, |node| link(&ObjectRef::new("Node", "", node)));
            let mut facts =
                vec![fact("Status", html! { format!("{} · {} ready", pod.status, pod.ready) }), fact("Node", node)];
            facts.extend(pod.owner.as_ref().map(|owner| fact(&owner.target.kind, link(&owner.target))));
            facts.push(fact("Image", html! { &*pod.image }));
            facts.push(fact("Restarts", html! { pod.restarts }));
            facts.push(fact("Age", html! { pod.age(snapshot.now_ms) }));
            facts
        }),
        "Node" => snapshot.nodes.iter().find(|node| node.name == target.name).map_or_else(Vec::new, |node| {
            vec![
                fact("Status", html! { &*node.condition }),
                fact("Pods", html! { format!("{} of {}", node.pod_count.used, node.pod_count.total) }),
                fact(
                    "Taints",
                    html! { { if node.taints.is_empty() { "none".to_owned() } else { node.taints.join(", ") } } },
                ),
                fact("Labels", html! { node.labels.join(", ") }),
            ]
        }),
        _ => {
            snapshot.workloads.iter().find(|chip| chip.target == *target).map_or_else(Vec::new, |chip| {
                vec![fact("Ready", html! { format!("{} of {}", chip.ready, chip.desired) })]
            })
        }
    };
    html! { <dl class="facts">{ for facts }</dl> }
}

fn view_events(props: &DetailsProps) -> Html {
    let about: Vec<&EventRow> = props.snapshot.events.iter().filter(|row| row.object == props.target).collect();
    html! {
        <ul class="own-events">
            { for about.iter().rev().map(|row| html! {
                <li key={&*row.uid} class={if row.is_warning { "warning" } else { "" }}>
                    <time>{ &*row.time }</time>
                    <b>{ &*row.reason }</b>
                    if row.count > 1 {
                        <i class="times">{ format!("×{}", row.count) }</i>
                    }
                    <p>{ &*row.message }<small>{ &*row.from }</small></p>
                </li>
            }) }
            if about.is_empty() {
                <li class="empty">{ "No events about it." }</li>
            }
        </ul>
    }
}

fn view_text(props: &DetailsProps) -> Html {
    let DetailsProps { target, emit, drawer, .. } = props;
    let command = drawer.tab.command(target).unwrap_or_default();
    html! {
        <>
            <div class="text-head">
                <code>{ &command }</code>
                <button type="button" class="bare" data-action="copy-text" title="Copy the text" aria-label="Copy the text"
                    onclick={on(emit, Intent::Copy(drawer.text.clone()))}>{ icon(Icon::Copy) }</button>
                if drawer.tab == DrawerTab::Yaml {
                    <button type="button" data-action="edit" onclick={on(emit, Intent::Edit(target.clone()))}>{ "Edit" }</button>
                }
            </div>
            <pre class="text">{ for drawer.lines().into_iter().map(|(line, is_changed)| if is_changed {
                html! { <mark>{ line }{ "\n" }</mark> }
            } else {
                html! { <>{ line }{ "\n" }</> }
            }) }</pre>
        </>
    }
}
