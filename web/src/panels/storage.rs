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
    let claims = snapshot.claims.iter().map(|row| view_claim(row, snapshot.now_ms, emit)).collect();
    let volumes = snapshot.volumes.iter().map(|row| view_volume(row, emit)).collect();
    let services = snapshot.services.iter().map(|row| view_service(row, emit)).collect();
    let names = snapshot.services.iter().flat_map(|service| service.dns.iter());
    let names = names.map(|row| cells([&*row.name, &*row.addresses, &*row.backend])).collect();
    let classes = snapshot.classes.iter().map(view_class).collect();
    html! {
        <div class="tables">
            { view_table("Claims", &["Namespace", "Name", "Status", "Volume", "Capacity", "Access", "Class", "Used by", "Age"], claims) }
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

fn view_state(severity: Severity, text: &str, waiting: Option<&str>) -> Html {
    html! {
        <td>
            <span class={yew::classes!("phase", severity_class(severity))}>{ severity_icon(severity) }{ text }</span>
            if let Some(waiting) = waiting {
                <small class="reason">{ waiting }</small>
            }
        </td>
    }
}

fn view_claim(row: &ClaimRow, now_ms: u64, emit: &Callback<Intent>) -> Html {
    html! {
        <tr key={format!("{}/{}", row.namespace, row.name)}>
            <td>{ &*row.namespace }</td>
            { view_name("PersistentVolumeClaim", &row.namespace, &row.name, emit) }
            { view_state(row.severity, &row.status, row.waiting.as_deref()) }
            <td>{ &*row.volume }</td>
            <td>{ &*row.capacity }</td>
            <td>{ &*row.access_modes }</td>
            <td>{ &*row.class }</td>
            <td>{ &*row.used_by }</td>
            <td>{ row.age(now_ms) }</td>
        </tr>
    }
}

fn view_volume(row: &VolumeRow, emit: &Callback<Intent>) -> Html {
    html! {
        <tr key={&*row.name}>
            { view_name("PersistentVolume", "", &row.name, emit) }
            <td>{ &*row.capacity }</td>
            <td>{ &*row.access_modes }</td>
            <td>{ &*row.reclaim_policy }</td>
            { view_state(row.severity, &row.status, None) }
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
