//! Claims, volumes, classes, Services and the DNS names they give, as tables.

use std::rc::Rc;

use view::{ClaimRow, ClassRow, ObjectRef, ServiceRow, Severity, Snapshot, VolumeRow};
use yew::{Callback, Html, Properties, component, html};

use super::on;
use super::table::view_table;
use crate::app_state::Action;
use crate::icons::{severity_class, severity_icon};
use crate::intent::Intent;

/// What the tables show.
#[derive(PartialEq, Properties)]
pub struct StorageProps {
    /// The cluster.
    pub snapshot: Rc<Snapshot>,
    /// Told what is wanted.
    pub emit: Callback<Intent>,
}

/// The tables.
#[component]
pub fn Storage(props: &StorageProps) -> Html {
    let StorageProps { snapshot, emit } = props;
    let volumes = snapshot.volumes.iter().map(|row| view_volume(row, emit)).collect();
    let services = snapshot.services.iter().map(|row| view_service(row, emit)).collect();
    let names = snapshot.services.iter().flat_map(|service| service.dns.iter());
    let names = names.map(|row| cells([&*row.name, &*row.addresses, &*row.backend])).collect();
    let classes = snapshot.classes.iter().map(view_class).collect();
    html! {
        <div class="tables">
            { view_flow(snapshot, emit) }
            { view_table("Volumes", &["Name", "Capacity", "Access", "Reclaim", "Status", "Claim", "Class"], volumes) }
            { view_table("Classes", &["Name", "Provisioner", "Reclaim", "Binding", "Grows"], classes) }
            { view_table("Services", &["Namespace", "Name", "Type", "Cluster IP", "Ports", "Endpoints"], services) }
            { view_table("DNS names", &["Name", "Answers", "Behind it"], names) }
        </div>
    }
}

fn cells<const N: usize>(texts: [&str; N]) -> Html {
    html! { <tr>{ for texts.iter().map(|text| html! { <td>{ *text }</td> }) }</tr> }
}

fn view_name(kind: &str, namespace: &str, name: &str, emit: &Callback<Intent>) -> Html {
    let select = Action::Selected(Some(ObjectRef::new(kind, namespace, name)));
    html! { <th scope="row"><button type="button" class="link" onclick={on(emit, select)}>{ name }</button></th> }
}

fn view_state(severity: Severity, text: &str) -> Html {
    html! {
        <td>
            <span class={yew::classes!("phase", severity_class(severity))}>{ severity_icon(severity) }{ text }</span>
        </td>
    }
}

/// Who uses which claim, which volume it is bound to, and which class made that.
fn view_flow(snapshot: &Snapshot, emit: &Callback<Intent>) -> Html {
    html! {
        <section class="table-card" aria-label="Claims">
            <h2>{ "Pods, claims, volumes, classes" }<span class="count">{ snapshot.claims.len() }</span></h2>
            if snapshot.claims.is_empty() {
                <p class="empty">{ "No claims." }</p>
            }
            <div class="flow">{ for snapshot.claims.iter().map(|row| view_claim(row, snapshot, emit)) }</div>
        </section>
    }
}

fn view_claim(row: &ClaimRow, snapshot: &Snapshot, emit: &Callback<Intent>) -> Html {
    let link = |kind: &str, namespace: &str, name: &str| {
        let target = ObjectRef::new(kind, namespace, name);
        let of = target.to_string();
        html! {
            <button type="button" class="link" title={name.to_owned()} data-of={of} onclick={on(emit, Action::Selected(Some(target)))}>{ name }</button>
        }
    };
    let cell = |class: &'static str, content: Html, note: String| {
        html! {
            <div class={yew::classes!("flow-cell", class)}>{ content }<small>{ note }</small></div>
        }
    };
    let users: Vec<&str> = row.used_by.split(", ").filter(|name| !name.is_empty()).collect();
    let volume = snapshot.volumes.iter().find(|volume| volume.name == row.volume);
    let key = format!("{}/{}", row.namespace, row.name);
    let size =
        if row.capacity.is_empty() { String::new() } else { format!(" · {} · {}", row.capacity, row.access_modes) };
    let place = if &*row.namespace == "default" { String::new() } else { format!(" · {}", row.namespace) };
    html! {
        <div class="flow-row" key={key.clone()} data-flow={key}>
            { match users.as_slice() {
                [] => cell("none", html! { "no pod" }, "nobody uses it".to_owned()),
                users => cell("", html! { { for users.iter().map(|user| link("Pod", &row.namespace, user)) } }, String::new()),
            } }
            { cell(severity_class(row.severity), link("PersistentVolumeClaim", &row.namespace, &row.name),
                row.waiting.as_ref().map_or_else(|| format!("{}{size}{place} · {}", row.status, row.age(snapshot.now_ms)), |why| format!("{}: {why}", row.status))) }
            { match volume {
                Some(volume) => cell(severity_class(volume.severity), link("PersistentVolume", "", &volume.name), format!("{} · {}", volume.status, volume.reclaim_policy)),
                None => cell("none", html! { "no volume" }, "not bound".to_owned()),
            } }
            { match snapshot.classes.iter().find(|class| class.name == row.class) {
                Some(class) => cell("", link("StorageClass", "", &class.name), class.provisioner.to_string()),
                None if row.class.is_empty() => cell("none", html! { "no class" }, String::new()),
                None => cell("bad", html! { <b>{ &*row.class }</b> }, "does not exist".to_owned()),
            } }
        </div>
    }
}

fn view_volume(row: &VolumeRow, emit: &Callback<Intent>) -> Html {
    html! {
        <tr key={&*row.name}>
            { view_name("PersistentVolume", "", &row.name, emit) }
            <td>{ &*row.capacity }</td>
            <td>{ &*row.access_modes }</td>
            <td>{ &*row.reclaim_policy }</td>
            { view_state(row.severity, &row.status) }
            <td>{ &*row.claim }</td>
            <td>{ &*row.class }</td>
        </tr>
    }
}

fn view_class(row: &ClassRow) -> Html {
    let name = if row.is_default { format!("{} (default)", row.name) } else { row.name.to_string() };
    let grows = if row.allows_expansion { "yes" } else { "no" };
    cells([&*name, &*row.provisioner, &*row.reclaim_policy, &*row.binding_mode, grows])
}

fn view_service(row: &ServiceRow, emit: &Callback<Intent>) -> Html {
    html! {
        <tr key={format!("{}/{}", row.namespace, row.name)}>
            <td>{ &*row.namespace }</td>
            { view_name("Service", &row.namespace, &row.name, emit) }
            <td>{ &*row.kind }</td>
            <td>{ &*row.cluster_ip }</td>
            <td>{ &*row.ports }</td>
            <td>{ row.endpoints.join(", ") }</td>
        </tr>
    }
}
