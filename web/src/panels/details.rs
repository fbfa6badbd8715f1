//! The object that was chosen: why it waits, what can be done to it, and what `kubectl describe` says.

use std::rc::Rc;

use view::{ObjectRef, Snapshot};
use yew::{AttrValue, Callback, Html, Properties, component, html};

use super::on;
use super::workloads::view_scale;
use crate::app_state::Action;
use crate::icons::{Icon, icon};
use crate::intent::Intent;

/// What the drawer shows.
#[derive(PartialEq, Properties)]
pub struct DetailsProps {
    /// The object.
    pub target: ObjectRef,
    /// The cluster.
    pub snapshot: Rc<Snapshot>,
    /// What `kubectl describe` says of the object.
    pub description: AttrValue,
    /// Told what is wanted.
    pub emit: Callback<Intent>,
}

/// The drawer.
#[component]
pub fn Details(props: &DetailsProps) -> Html {
    let DetailsProps { target, emit, .. } = props;
    let words = target.kubectl_words();
    html! {
        <section class="drawer details" aria-label={target.to_string()} data-details={target.key()} data-pane="details" tabindex="-1">
            <div class="drawer-head">
                <div>
                    <small>{ &*target.kind }</small>
                    <h2>{ &*target.name }</h2>
                </div>
                <button type="button" class="bare" data-action="close-details" aria-label="Close details"
                    onclick={on(emit, Action::Selected(None))}>{ icon(Icon::Cross) }</button>
            </div>
            { view_why(props) }
            <div class="deeds">
                { view_deeds(props) }
                { view_command("YAML", format!("kubectl get {words} -o yaml"), emit) }
            </div>
            <pre class="drawer-body" tabindex="0" role="region" aria-label="Description">{ props.description.clone() }</pre>
        </section>
    }
}

fn view_command(label: &'static str, command: String, emit: &Callback<Intent>) -> Html {
    html! {
        <button type="button" title={command.clone()} onclick={on(emit, Intent::Run(command))}>{ label }</button>
    }
}

fn view_why(props: &DetailsProps) -> Html {
    let about = props.snapshot.problems.iter().filter(|problem| problem.target == props.target);
    html! { { for about.map(|problem| html! { <p class="why-here">{ icon(Icon::Clock) }{ &*problem.text }</p> }) } }
}

fn view_deeds(props: &DetailsProps) -> Html {
    let DetailsProps { target, snapshot, emit, .. } = props;
    let (name, words) = (&target.name, target.kubectl_words());
    match &*target.kind {
        "Pod" => {
            let namespace =
                if &*target.namespace == "default" { String::new() } else { format!(" -n {}", target.namespace) };
            html! {
                <>
                    <button type="button" class="danger" data-action="delete-pod" title={format!("kubectl delete {words} --wait=false")}
                        onclick={on(emit, Intent::Run(format!("kubectl delete {words} --wait=false")))}>
                        { icon(Icon::Bin) }{ "Delete" }
                    </button>
                    { view_command("Crash", format!("sim pod crash {name}{namespace}"), emit) }
                    { view_command("Make unready", format!("sim pod unready {name}{namespace}"), emit) }
                    { view_command("Make ready", format!("sim pod ready {name}{namespace}"), emit) }
                </>
            }
        }
        "Node" => html! {
            <>
                { view_command("Cordon", format!("kubectl cordon {name}"), emit) }
                { view_command("Uncordon", format!("kubectl uncordon {name}"), emit) }
            </>
        },
        "StatefulSet" | "Deployment" | "ReplicaSet" => {
            let chip = snapshot.workloads.iter().find(|chip| chip.target == *target);
            html! {
                <>
                    { chip.map(|chip| view_scale(target, chip.desired, emit)) }
                    { view_command("Restart", format!("kubectl rollout restart {words}"), emit) }
                </>
            }
        }
        "DaemonSet" => view_command("Restart", format!("kubectl rollout restart {words}"), emit),
        _ => Html::default(),
    }
}
