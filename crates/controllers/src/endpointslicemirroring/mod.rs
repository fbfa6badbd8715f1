//! EndpointSlice mirroring controller: slices for Endpoints that somebody wrote by hand for a Service without a selector.
//!
//! Models: pkg/controller/endpointslicemirroring (Kubernetes 1.36).

use crate::endpoint::{Entry, repack};
use crate::endpointslice::{MANAGED_BY, SERVICE_NAME};
use crate::{Controller, Ctx, Decision};
use api::{
    Endpoint, EndpointAddress, EndpointConditions, EndpointPort, EndpointSlice, EndpointSubset, Endpoints, Kind, List,
    Object, ObjectKey, ObjectMeta, OwnerReference, Resource, Service, StrMap,
};
use apiserver::{Change, DeleteOptions, EventRecord, Lister, Plan, WatchEvent, Write};
use std::rc::Rc;

/// The row of this controller. Its keys are Endpoints.
pub const CONTROLLER: Controller =
    Controller { name: "endpointslicemirroring", keys, reconcile, period: None, when: None };

const COMPONENT: &str = "endpoint-slice-mirroring-controller";
const MANAGER: &str = "endpointslicemirroring-controller.k8s.io";
const SKIP: &str = "endpointslice.kubernetes.io/skip-mirror";
/// Annotations that are not mirrored.
const OWN_ANNOTATIONS: [&str; 2] =
    ["endpoints.kubernetes.io/last-change-trigger-time", "kubectl.kubernetes.io/last-applied-configuration"];
const LEADER: &str = "control-plane.alpha.kubernetes.io/leader";
/// The most addresses of a subset.
const SLICE_SIZE: usize = 1000;

fn keys(event: &WatchEvent, lister: Lister<'_>, keys: &mut Vec<ObjectKey>) {
    let named =
        |name: &api::Str, namespace: &api::Str| ObjectKey::new(Kind::Endpoints, namespace.clone(), name.clone());
    match &event.object {
        Object::Service(service) => {
            let had = matches!(&event.old, Some(Object::Service(old)) if !old.spec.selector.is_empty());
            let has = !service.spec.selector.is_empty();
            if !has || event.change == Change::Modified && had != has {
                keys.push(named(&service.metadata.name, &service.metadata.namespace));
            }
        }
        // Most Endpoints belong to a Service with a selector: nothing of them is mirrored.
        Object::Endpoints(endpoints) if !has_selector(lister, endpoints) => keys.push(endpoints.key()),
        Object::EndpointSlice(slice) if is_mirrored(slice) => {
            keys.extend(slice.metadata.labels.get(SERVICE_NAME).map(|name| named(name, &slice.metadata.namespace)));
        }
        _ => {}
    }
}

fn has_selector(lister: Lister<'_>, endpoints: &Endpoints) -> bool {
    let service = lister.get::<Service>(&endpoints.metadata.namespace, &endpoints.metadata.name);
    service.is_some_and(|service| !service.spec.selector.is_empty())
}

fn is_mirrored(slice: &EndpointSlice) -> bool {
    slice.metadata.labels.get(MANAGED_BY).is_some_and(|manager| *manager == MANAGER)
}

fn reconcile(ctx: &Ctx<'_>, key: &ObjectKey) -> Decision {
    let mut plan = Plan::default();
    let belongs =
        |slice: &&Rc<EndpointSlice>| is_mirrored(slice) && slice.metadata.labels.get(SERVICE_NAME) == Some(&key.name);
    let have: Vec<&Rc<EndpointSlice>> = ctx.lister.list_in::<EndpointSlice>(&key.namespace).filter(belongs).collect();
    let is_served = ctx.lister.get::<Service>(&key.namespace, &key.name).is_some_and(|s| s.spec.selector.is_empty());
    let endpoints = ctx.lister.get::<Endpoints>(&key.namespace, &key.name);
    match endpoints.filter(|endpoints| is_served && should_mirror(endpoints)) {
        Some(endpoints) => mirror(endpoints, have, &mut plan),
        None => have.iter().for_each(|slice| plan.write(Write::Delete(slice.key(), DeleteOptions::default()))),
    }
    plan.into()
}

fn should_mirror(endpoints: &Endpoints) -> bool {
    let meta = &endpoints.metadata;
    meta.labels.get(SKIP).is_none_or(|skip| *skip != "true") && !meta.annotations.has(LEADER)
}

/// A slice for each subset. Slices of ports that are gone take over what is new. Models: reconcile and finalize.
fn mirror(endpoints: &Endpoints, mut have: Vec<&Rc<EndpointSlice>>, plan: &mut Plan) {
    let (mut wanted, mut skipped) = (Vec::new(), 0);
    for subset in &repack(entries(&endpoints.subsets)) {
        for is_v6 in [false, true] {
            let slice = slice(endpoints, subset, is_v6);
            skipped += slice.endpoints.len().saturating_sub(SLICE_SIZE);
            if !slice.endpoints.is_empty() {
                let endpoints = slice.endpoints[..slice.endpoints.len().min(SLICE_SIZE)].to_vec().into();
                wanted.push(EndpointSlice { endpoints, ..slice });
            }
        }
    }
    if skipped > 0 {
        let message = format!(
            "A max of {SLICE_SIZE} addresses can be mirrored to EndpointSlices per Endpoints subset. {skipped} addresses were skipped"
        );
        plan.record(EventRecord::warning(endpoints, COMPONENT, "TooManyAddressesToMirror", message));
    }
    let mut take = |fits: &dyn Fn(&EndpointSlice) -> bool| {
        let place = have.iter().position(|slice| fits(slice))?;
        Some(have.remove(place))
    };
    let mut new = Vec::new();
    for slice in wanted {
        match take(&|known| known.address_type == slice.address_type && known.ports == slice.ports) {
            Some(known) => update(known, slice, plan),
            None => new.push(slice),
        }
    }
    for slice in new {
        match take(&|known| known.address_type == slice.address_type) {
            Some(known) => update(known, slice, plan),
            None => plan.write(Write::Create(slice.into_object())),
        }
    }
    have.iter().for_each(|slice| plan.write(Write::Delete(slice.key(), DeleteOptions::default())));
}

fn update(known: &EndpointSlice, wanted: EndpointSlice, plan: &mut Plan) {
    let mut changed = known.clone();
    (changed.endpoints, changed.ports) = (wanted.endpoints, wanted.ports);
    if changed != *known {
        changed.metadata.generation += 1;
    }
    changed.metadata.labels = wanted.metadata.labels;
    changed.metadata.annotations = wanted.metadata.annotations;
    if changed != *known {
        plan.write(Write::Update(changed.into_object()));
    }
}

fn entries(subsets: &List<EndpointSubset>) -> Vec<Entry> {
    let mut entries = Vec::new();
    for subset in subsets {
        let ports = if subset.ports.is_empty() { vec![None] } else { subset.ports.iter().cloned().map(Some).collect() };
        for port in ports {
            let entry =
                |address: &EndpointAddress, ready| Entry { port: port.clone(), address: address.clone(), ready };
            entries.extend(subset.addresses.iter().map(|address| entry(address, true)));
            entries.extend(subset.not_ready_addresses.iter().map(|address| entry(address, false)));
        }
    }
    entries
}

fn slice(endpoints: &Endpoints, subset: &EndpointSubset, is_v6: bool) -> EndpointSlice {
    let meta = &endpoints.metadata;
    let endpoint = |address: &EndpointAddress, ready| Endpoint {
        addresses: vec![address.ip.clone()].into(),
        conditions: EndpointConditions { ready: Some(ready), ..Default::default() },
        hostname: address.hostname.clone(),
        node_name: address.node_name.clone(),
        target_ref: address.target_ref.clone(),
        ..Default::default()
    };
    let ready = subset.addresses.iter().map(|address| (address, true));
    let all = ready.chain(subset.not_ready_addresses.iter().map(|address| (address, false)));
    let of_family = all.filter(|(address, _)| address.ip.contains(':') == is_v6);
    let annotations: StrMap = OWN_ANNOTATIONS.iter().fold(meta.annotations.clone(), |map, own| map.without(own));
    EndpointSlice {
        metadata: ObjectMeta {
            generate_name: format!("{}-", meta.name).into(),
            namespace: meta.namespace.clone(),
            generation: 1,
            labels: meta.labels.with(SERVICE_NAME, meta.name.clone()).with(MANAGED_BY, MANAGER),
            annotations,
            owner_references: vec![OwnerReference::controller_of(&endpoints.key(), &meta.uid)].into(),
            ..Default::default()
        },
        address_type: if is_v6 { "IPv6" } else { "IPv4" }.into(),
        endpoints: of_family.map(|(address, ready)| endpoint(address, ready)).collect(),
        ports: subset
            .ports
            .iter()
            .map(|port| EndpointPort {
                name: port.name.clone(),
                port: Some(port.port),
                protocol: port.protocol.clone(),
                rest: port.rest.clone(),
            })
            .collect(),
        ..Default::default()
    }
}

#[cfg(test)]
mod tests {
    use super::CONTROLLER;
    use crate::world::World;
    use api::{EndpointSlice, Kind};
    use expect_test::expect;
    use serde_json::json;

    fn shown(world: &World) -> String {
        let slices = world.lister().list_in::<EndpointSlice>("default");
        let line = |slice: &std::rc::Rc<EndpointSlice>| {
            let endpoint = |e: &api::Endpoint| format!("{}({})", e.addresses[0], e.conditions.ready == Some(true));
            let endpoints: Vec<String> = slice.endpoints.iter().map(endpoint).collect();
            let ports: Vec<String> = slice.ports.iter().filter_map(|p| p.port).map(|p| p.to_string()).collect();
            let labels = api::labels_text(&slice.metadata.labels);
            format!("{} {} {labels}\n", ports.join(","), endpoints.join(" "))
        };
        slices.map(line).collect()
    }

    #[test]
    fn slices_follow_what_was_written_by_hand() {
        let mut world = World::new(&CONTROLLER, Kind::Endpoints, "db");
        let ports = json!([{"port": 5432}]);
        world.create(
            json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "db"}, "spec": {"ports": ports}}),
        );
        let subset = json!({"addresses": [{"ip": "192.0.2.42"}, {"ip": "192.0.2.41"}], "ports": [{"port": 5432}]});
        world.create(json!({"apiVersion": "v1", "kind": "Endpoints", "metadata": {"name": "db", "labels": {"a": "b"}},
            "subsets": [subset]}));
        expect![[r#"
            create EndpointSlice default/db-*
        "#]]
        .assert_eq(&world.step());
        expect![[r#"
            5432 192.0.2.41(true) 192.0.2.42(true) a=b,endpointslice.kubernetes.io/managed-by=endpointslicemirroring-controller.k8s.io,kubernetes.io/service-name=db
        "#]].assert_eq(&shown(&world));
        expect![""].assert_eq(&world.step());
        let other = json!({"notReadyAddresses": [{"ip": "192.0.2.42"}], "ports": [{"port": 5433}]});
        world.patch(json!({"subsets": [other]}));
        expect![[r#"
            update EndpointSlice default/db-k4nvq owners=[db]
        "#]]
        .assert_eq(&world.step());
        expect![[r#"
            5433 192.0.2.42(false) a=b,endpointslice.kubernetes.io/managed-by=endpointslicemirroring-controller.k8s.io,kubernetes.io/service-name=db
        "#]].assert_eq(&shown(&world));
        world.delete(Kind::Service, "db");
        expect![[r#"
            delete EndpointSlice default/db-k4nvq
        "#]]
        .assert_eq(&world.step());
    }
}
