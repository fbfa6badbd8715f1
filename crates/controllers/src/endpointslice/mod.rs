//! EndpointSlice controller: the addresses behind each Service that has a selector.
//!
//! Models: pkg/controller/endpointslice and staging/src/k8s.io/endpointslice (reconciler.go, utils.go).

use crate::{Controller, Ctx, Decision};
use api::{
    ContainerPort, Endpoint, EndpointConditions, EndpointPort, EndpointSlice, IntOrString, List, Object, ObjectKey,
    ObjectMeta, ObjectReference, OwnerReference, Pod, Resource, Service, ServicePort, StrMap,
};
use apiserver::{Change, DeleteOptions, Lister, Plan, WatchEvent, Write};
use std::collections::BTreeMap;
use std::rc::Rc;

/// The controller that keeps endpoint slices.
pub const CONTROLLER: Controller = Controller { name: "endpointslice", keys, reconcile, period: None, when: None };

pub(crate) const SERVICE_NAME: &str = "kubernetes.io/service-name";
pub(crate) const MANAGED_BY: &str = "endpointslice.kubernetes.io/managed-by";
const MANAGER: &str = "endpointslice-controller.k8s.io";
pub(crate) const HEADLESS: &str = "service.kubernetes.io/headless";
/// The most endpoints of one slice.
const SLICE_SIZE: usize = 100;

fn keys(event: &WatchEvent, lister: Lister<'_>, keys: &mut Vec<ObjectKey>) {
    match &event.object {
        Object::Service(service) => keys.push(service.key()),
        Object::Pod(pod) => keys.extend(services_of(event, pod, lister)),
        Object::EndpointSlice(slice) if event.change == Change::Deleted => {
            keys.extend(
                slice
                    .metadata
                    .controller()
                    .map(|o| ObjectKey::new(api::Kind::Service, slice.metadata.namespace.clone(), o.name.clone())),
            );
        }
        _ => {}
    }
}

/// The Services of a pod that a change of it concerns, before and after.
pub(crate) fn services_of<'a>(
    event: &'a WatchEvent,
    pod: &'a Pod,
    lister: Lister<'a>,
) -> impl Iterator<Item = ObjectKey> {
    let old = event.old.as_ref().and_then(Pod::from_object);
    let is_same = old.is_some_and(|old| same_for_services(old, pod));
    let services = (!is_same).then(|| lister.list_in::<Service>(&pod.metadata.namespace)).into_iter().flatten();
    let concerned = move |service: &&Rc<Service>| selects(service, pod) || old.is_some_and(|old| selects(service, old));
    services.filter(concerned).map(|service| service.key())
}

/// Whether a change of a pod cannot be seen in any slice.
pub(crate) fn same_for_services(old: &Pod, new: &Pod) -> bool {
    old.metadata.labels == new.metadata.labels
        && old.status.pod_ip == new.status.pod_ip
        && old.spec.node_name == new.spec.node_name
        && old.is_ready() == new.is_ready()
        && old.is_finished() == new.is_finished()
        && old.is_terminating() == new.is_terminating()
}

pub(crate) fn selects(service: &Service, pod: &Pod) -> bool {
    let selector = &service.spec.selector;
    !selector.is_empty() && selector.iter().all(|(key, value)| pod.metadata.labels.get(key) == Some(value))
}

fn reconcile(ctx: &Ctx<'_>, key: &ObjectKey) -> Decision {
    let mut plan = Plan::default();
    let Some(service) = ctx.lister.get::<Service>(&key.namespace, &key.name) else { return plan.into() };
    if service.spec.selector.is_empty() || service.spec.r#type == "ExternalName" || service.metadata.is_terminating() {
        return plan.into();
    }
    let slices: Vec<&Rc<EndpointSlice>> =
        ctx.lister.owned_by(&service.metadata.uid).filter_map(EndpointSlice::from_object).collect();
    let pods: Vec<&Rc<Pod>> = ctx
        .lister
        .list_in::<Pod>(&key.namespace)
        .filter(|pod| selects(service, pod) && !pod.status.pod_ip.is_empty() && !pod.is_finished())
        .collect();
    let endpoints = in_standing_order(&slices, pods.iter().map(|pod| endpoint(service, pod)).collect());
    let ports = ports(service, pods.first().map(|pod| &***pod));
    // A Service without pods still has one, empty, slice.
    let chunks: Vec<&[Endpoint]> =
        if endpoints.is_empty() { vec![&[]] } else { endpoints.chunks(SLICE_SIZE).collect() };
    for (i, chunk) in chunks.iter().enumerate() {
        let wanted = slice(service, chunk, &ports);
        match slices.get(i) {
            None => plan.write(Write::Create(wanted.into_object())),
            Some(have)
                if have.endpoints == wanted.endpoints && have.ports == wanted.ports && has_labels(have, &wanted) => {}
            Some(have) => {
                let mut changed = EndpointSlice::clone(have);
                (changed.endpoints, changed.ports) = (wanted.endpoints, wanted.ports);
                changed.metadata.labels = wanted.metadata.labels;
                changed.metadata.generation += 1;
                plan.write(Write::Update(changed.into_object()));
            }
        }
    }
    for surplus in slices.iter().skip(chunks.len()) {
        plan.write(Write::Delete(surplus.key(), DeleteOptions::default()));
    }
    plan.into()
}

fn has_labels(have: &EndpointSlice, wanted: &EndpointSlice) -> bool {
    have.metadata.labels == wanted.metadata.labels
}

/// Endpoints that are there keep their places; new ones come last.
fn in_standing_order(slices: &[&Rc<EndpointSlice>], mut wanted: Vec<Endpoint>) -> Vec<Endpoint> {
    let standing: Vec<&Endpoint> = slices.iter().flat_map(|slice| slice.endpoints.iter()).collect();
    fn uid(endpoint: &Endpoint) -> Option<&api::Str> {
        endpoint.target_ref.as_ref().map(|target| &target.uid)
    }
    let places: BTreeMap<_, usize> = standing.iter().enumerate().map(|(place, s)| (uid(s), place)).collect();
    wanted.sort_by_key(|endpoint| places.get(&uid(endpoint)).copied().unwrap_or(usize::MAX));
    wanted
}

fn endpoint(service: &Service, pod: &Pod) -> Endpoint {
    let (ready, terminating) = (pod.is_ready(), pod.is_terminating());
    let publishes = service.spec.publish_not_ready_addresses;
    let named = !pod.spec.hostname.is_empty() && pod.spec.subdomain == service.metadata.name;
    let zone = pod.metadata.labels.get("topology.kubernetes.io/zone");
    Endpoint {
        addresses: vec![pod.status.pod_ip.clone()].into(),
        conditions: EndpointConditions {
            ready: Some(publishes || ready && !terminating),
            serving: Some(ready),
            terminating: Some(terminating),
            ..Default::default()
        },
        hostname: if named { pod.spec.hostname.clone() } else { Default::default() },
        node_name: pod.spec.node_name.clone(),
        target_ref: Some(ObjectReference {
            kind: "Pod".into(),
            namespace: pod.metadata.namespace.clone(),
            name: pod.metadata.name.clone(),
            uid: pod.metadata.uid.clone(),
            ..Default::default()
        }),
        rest: zone.map_or_else(Default::default, |zone| api::Rest::default().with("zone", zone.as_str().into())),
    }
}

/// The Service's ports as numbers of the pods.
fn ports(service: &Service, pod: Option<&Pod>) -> List<EndpointPort> {
    let port = |port: &ServicePort| EndpointPort {
        name: port.name.clone(),
        port: target(port, pod),
        protocol: port.protocol.clone(),
        ..Default::default()
    };
    service.spec.ports.iter().map(port).collect()
}

pub(crate) fn target(port: &ServicePort, pod: Option<&Pod>) -> Option<i32> {
    match port.target_port.as_ref() {
        Some(IntOrString::Text(name)) => {
            let named = |p: &&ContainerPort| p.name == *name && p.protocol == port.protocol;
            pod?.spec.containers.iter().flat_map(|c| c.ports.iter()).find(named).map(|p| p.container_port)
        }
        Some(IntOrString::Int(0)) | None => Some(port.port),
        Some(IntOrString::Int(number)) => Some(*number),
    }
}

fn slice(service: &Service, endpoints: &[Endpoint], ports: &List<EndpointPort>) -> EndpointSlice {
    let mut labels: StrMap = service.metadata.labels.clone();
    labels = labels.with(SERVICE_NAME, service.metadata.name.clone()).with(MANAGED_BY, MANAGER);
    if service.is_headless() {
        labels = labels.with(HEADLESS, "");
    }
    EndpointSlice {
        metadata: ObjectMeta {
            generate_name: format!("{}-", service.metadata.name).into(),
            namespace: service.metadata.namespace.clone(),
            generation: 1,
            labels,
            owner_references: vec![OwnerReference::controller_of(&service.key(), &service.metadata.uid)].into(),
            ..Default::default()
        },
        address_type: "IPv4".into(),
        endpoints: endpoints.to_vec().into(),
        ports: ports.clone(),
        ..Default::default()
    }
}
