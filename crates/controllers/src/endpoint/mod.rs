//! Endpoints controller: all addresses behind each Service that has a selector, in one object, as older clients read
//! them.
//!
//! Models: pkg/controller/endpoint (Kubernetes 1.36) and pkg/api/v1/endpoints. Ports and subsets stand in the order of
//! their names and numbers; upstream orders them by a hash of Go's own print of them.

mod subsets;
#[cfg(test)]
mod tests;

pub(crate) use subsets::{Entry, repack};

use crate::endpointslice::{HEADLESS, selects, services_of, target};
use crate::pod_control::look_time;
use crate::{Controller, Ctx, Decision};
use api::{
    EndpointAddress, EndpointSubset, Endpoints, Kind, List, Object, ObjectKey, ObjectMeta, ObjectReference, Pod,
    Resource, Service, ServicePort, Str, StrMap, SubsetPort, Time,
};
use apiserver::{Change, DeleteOptions, EventRecord, Lister, Plan, Step, WatchEvent, Write};
use std::collections::BTreeSet;
use std::rc::Rc;

/// The row of this controller. Its keys are Services.
pub const CONTROLLER: Controller = Controller { name: "endpoints", keys, reconcile, period: None, when: None };

const COMPONENT: &str = "endpoint-controller";
const MANAGED_BY: &str = "endpoints.kubernetes.io/managed-by";
const TRIGGER: &str = "endpoints.kubernetes.io/last-change-trigger-time";
const OVER_CAPACITY: &str = "endpoints.kubernetes.io/over-capacity";
/// The most addresses of one object.
const CAPACITY: usize = 1000;

fn keys(event: &WatchEvent, lister: Lister<'_>, keys: &mut Vec<ObjectKey>) {
    match &event.object {
        Object::Service(_) => keys.push(event.object.key()),
        Object::Pod(pod) => keys.extend(services_of(event, pod, lister)),
        Object::Endpoints(endpoints) if event.change == Change::Deleted => {
            keys.push(ObjectKey { kind: Kind::Service, ..endpoints.key() });
        }
        _ => {}
    }
}

fn reconcile(ctx: &Ctx<'_>, key: &ObjectKey) -> Decision {
    let mut plan = Plan::default();
    let have = ctx.lister.get::<Endpoints>(&key.namespace, &key.name);
    match ctx.lister.get::<Service>(&key.namespace, &key.name) {
        Some(service) if service.spec.r#type != "ExternalName" && !service.spec.selector.is_empty() => {
            keep(ctx, service, have, &mut plan);
        }
        Some(_) => {}
        None => plan.steps.extend(have.map(|have| Step {
            write: Write::Delete(have.key(), DeleteOptions::default()),
            on_success: None,
            on_failure: None,
            keep_going: false,
        })),
    }
    plan.into()
}

/// Models: syncService.
fn keep(ctx: &Ctx<'_>, service: &Service, have: Option<&Rc<Endpoints>>, plan: &mut Plan) {
    let pods: Vec<&Rc<Pod>> =
        ctx.lister.list_in::<Pod>(&service.metadata.namespace).filter(|pod| is_behind(service, pod)).collect();
    plan.took = look_time(pods.len());
    let mut subsets = repack(entries(service, &pods));
    let count = |subsets: &List<EndpointSubset>| -> usize {
        subsets.iter().map(|subset| subset.addresses.len() + subset.not_ready_addresses.len()).sum()
    };
    let labels = labels(service);
    if let Some(have) = have
        && have.subsets == subsets
        && have.metadata.labels == labels
        && !have.metadata.annotations.has(OVER_CAPACITY)
    {
        return;
    }
    let since = trigger_time(service, have, &subsets, &pods);
    let is_over = count(&subsets) > CAPACITY;
    if is_over {
        subsets = subsets::truncate(&subsets, CAPACITY);
    }
    let mut wanted = have.map_or_else(|| blank(service), |have| Endpoints::clone(have));
    let annotations = wanted.metadata.annotations.without(TRIGGER).without(OVER_CAPACITY);
    let annotations =
        since.map_or_else(|| annotations.clone(), |at| annotations.with(TRIGGER, Str::from(at.to_string())));
    wanted.metadata.annotations =
        if is_over { annotations.with(OVER_CAPACITY, Str::from("truncated")) } else { annotations };
    wanted.metadata.labels = labels;
    wanted.subsets = subsets;
    if have.is_some_and(|have| **have == wanted) {
        return;
    }
    let place = format!("{}/{}", service.metadata.namespace, service.metadata.name);
    let (reason, told) = match have {
        None => ("FailedToCreateEndpoint", format!("Failed to create endpoint for service {place}: {{error}}")),
        Some(_) => ("FailedToUpdateEndpoint", format!("Failed to update endpoint {place}: {{error}}")),
    };
    let failure = EventRecord::warning(&wanted, COMPONENT, reason, told);
    let wanted = wanted.into_object();
    let write = if have.is_some() { Write::Update(wanted) } else { Write::Create(wanted) };
    plan.steps.push(Step { write, on_success: None, on_failure: Some(failure), keep_going: false });
}

fn blank(service: &Service) -> Endpoints {
    let metadata = ObjectMeta {
        name: service.metadata.name.clone(),
        namespace: service.metadata.namespace.clone(),
        ..Default::default()
    };
    Endpoints { metadata, ..Default::default() }
}

fn labels(service: &Service) -> StrMap {
    let labels = service.metadata.labels.without(HEADLESS).with(MANAGED_BY, Str::from(COMPONENT));
    if service.is_headless() { labels.with(HEADLESS, Str::default()) } else { labels }
}

/// Whether a pod is behind a Service, ready or not. Models: ShouldPodBeInEndpoints.
fn is_behind(service: &Service, pod: &Pod) -> bool {
    selects(service, pod)
        && !pod.is_finished()
        && !pod.status.pod_ip.is_empty()
        && (service.spec.publish_not_ready_addresses || !pod.is_terminating())
}

/// Each pod with each of its ports. A headless Service may do without ports.
fn entries(service: &Service, pods: &[&Rc<Pod>]) -> Vec<Entry> {
    let mut entries = Vec::with_capacity(pods.len());
    for pod in pods {
        let ready = service.spec.publish_not_ready_addresses || pod.is_ready();
        let address = address(service, pod);
        if service.spec.ports.is_empty() && service.is_headless() {
            entries.push(Entry { port: None, address: address.clone(), ready });
        }
        for port in &service.spec.ports {
            if let Some(number) = target(port, Some(pod)) {
                entries.push(Entry { port: Some(subset_port(port, number)), address: address.clone(), ready });
            }
        }
    }
    entries
}

fn subset_port(port: &ServicePort, number: i32) -> SubsetPort {
    let protocol = port.rest.get("appProtocol").cloned();
    SubsetPort {
        name: port.name.clone(),
        port: number,
        protocol: port.protocol.clone(),
        rest: protocol.map_or_else(Default::default, |value| api::Rest::default().with("appProtocol", value)),
    }
}

fn address(service: &Service, pod: &Pod) -> EndpointAddress {
    let named = !pod.spec.hostname.is_empty() && pod.spec.subdomain == service.metadata.name;
    EndpointAddress {
        ip: pod.status.pod_ip.clone(),
        hostname: if named { pod.spec.hostname.clone() } else { Str::default() },
        node_name: pod.spec.node_name.clone(),
        target_ref: Some(ObjectReference {
            kind: "Pod".into(),
            namespace: pod.metadata.namespace.clone(),
            name: pod.metadata.name.clone(),
            uid: pod.metadata.uid.clone(),
            ..Default::default()
        }),
        ..Default::default()
    }
}

/// When the earliest of the changes happened that are written now; unknown if no pod's readiness is behind it. For new
/// Endpoints it is the birth of the Service. Models: TriggerTimeTracker, which remembers what it saw at its last look;
/// here that is read off what was written.
fn trigger_time(
    service: &Service,
    have: Option<&Rc<Endpoints>>,
    subsets: &List<EndpointSubset>,
    pods: &[&Rc<Pod>],
) -> Option<Time> {
    let Some(have) = have else { return service.metadata.creation_timestamp };
    let known = standing(&have.subsets);
    let changed: BTreeSet<Str> = standing(subsets).difference(&known).map(|(uid, _)| uid.clone()).collect();
    let turned = |pod: &&&Rc<Pod>| pod.status.condition("Ready")?.last_transition_time;
    pods.iter().filter(|pod| changed.contains(&pod.metadata.uid)).filter_map(|pod| turned(&pod)).min()
}

/// The pods of some subsets, and whether they are ready.
fn standing(subsets: &List<EndpointSubset>) -> BTreeSet<(Str, bool)> {
    let uids = |addresses: &List<EndpointAddress>, ready: bool| -> Vec<(Str, bool)> {
        addresses.iter().filter_map(|address| Some((address.target_ref.as_ref()?.uid.clone(), ready))).collect()
    };
    let of =
        |subset: &EndpointSubset| [uids(&subset.addresses, true), uids(&subset.not_ready_addresses, false)].concat();
    subsets.iter().flat_map(of).collect()
}
