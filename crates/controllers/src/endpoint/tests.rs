//! Decisions of the Endpoints controller.

use super::{CONTROLLER, Entry, repack, subsets};
use crate::world::World;
use api::{EndpointAddress, EndpointSubset, Endpoints, Kind, Resource, SubsetPort};
use expect_test::expect;
use serde_json::{Value, json};

/// Labels, annotations and subsets as they are stored, addresses by the end of their IP.
fn shown(world: &World) -> String {
    let Some(endpoints) = world.lister().get::<Endpoints>("default", "web") else { return "none".to_owned() };
    let pairs = |map: &api::StrMap| api::labels_text(map);
    let subsets: Vec<String> = endpoints.subsets.iter().map(subset_text).collect();
    let meta = &endpoints.metadata;
    format!("{}\n{}\n{}", pairs(&meta.labels), pairs(&meta.annotations), subsets.join("\n"))
}

fn subset_text(subset: &EndpointSubset) -> String {
    let list = |addresses: &[EndpointAddress]| {
        let one = |a: &EndpointAddress| {
            let host = if a.hostname.is_empty() { String::new() } else { format!("={}", a.hostname) };
            format!("{}{host}", a.ip.rsplit('.').next().unwrap_or(""))
        };
        addresses.iter().map(one).collect::<Vec<_>>().join(" ")
    };
    let ports: Vec<String> = subset.ports.iter().map(|p| format!("{}:{}/{}", p.name, p.port, p.protocol)).collect();
    format!("{} ready [{}] not [{}]", ports.join(","), list(&subset.addresses), list(&subset.not_ready_addresses))
}

fn service(world: &mut World, spec: Value) {
    let mut spec = spec;
    spec["selector"] = json!({"app": "web"});
    world.create(json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web", "labels": {"tier": "front"}}, "spec": spec}));
}

/// A pod with an address that ends in this number.
fn pod(world: &mut World, number: u32, ready: bool, port: i32) {
    let name = format!("p{number}");
    world.create(json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "labels": {"app": "web"}},
        "spec": {"nodeName": "node-1", "hostname": name, "subdomain": "web",
            "containers": [{"name": "c", "image": "i", "ports": [{"name": "http", "containerPort": port}]}]}}));
    let mut pod = world.pod(&name);
    pod.status.pod_ip = format!("10.244.1.{number}").into();
    world.server.update_status(pod.into_object()).expect("updated");
    world.set_status(&name, "Running", ready);
}

#[test]
fn addresses_come_turn_ready_and_go() {
    let mut world = World::new(&CONTROLLER, Kind::Service, "web");
    let port = json!([{"port": 80, "targetPort": 8080}]);
    service(&mut world, json!({ "ports": port }));
    expect![[r#"
        create Endpoints default/web
          else FailedToCreateEndpoint Failed to create endpoint for service default/web: {error}
    "#]]
    .assert_eq(&world.step());
    expect![[r#"
        endpoints.kubernetes.io/managed-by=endpoint-controller,tier=front
        endpoints.kubernetes.io/last-change-trigger-time=2026-11-20T15:07:00Z
    "#]]
    .assert_eq(&shown(&world));
    world.pass_time(10);
    pod(&mut world, 9, true, 8080);
    pod(&mut world, 10, false, 8080);
    world.step();
    expect![[r#"
        endpoints.kubernetes.io/managed-by=endpoint-controller,tier=front
        endpoints.kubernetes.io/last-change-trigger-time=2026-11-20T15:07:10Z
        :8080/TCP ready [9=p9] not [10=p10]"#]]
    .assert_eq(&shown(&world));
    world.pass_time(5);
    world.set_status("p10", "Running", true);
    world.step();
    expect![[r#"
        endpoints.kubernetes.io/managed-by=endpoint-controller,tier=front
        endpoints.kubernetes.io/last-change-trigger-time=2026-11-20T15:07:15Z
        :8080/TCP ready [10=p10 9=p9] not []"#]]
    .assert_eq(&shown(&world));
    world.pass_time(5);
    world.delete(Kind::Pod, "p9");
    world.step();
    expect![[r#"
        endpoints.kubernetes.io/managed-by=endpoint-controller,tier=front
        <none>
        :8080/TCP ready [10=p10] not []"#]]
    .assert_eq(&shown(&world));
    expect![""].assert_eq(&world.step());
    world.delete(Kind::Service, "web");
    expect![[r#"
        delete Endpoints default/web
    "#]]
    .assert_eq(&world.step());
}

#[test]
fn names_of_ports_may_mean_other_numbers_in_each_pod() {
    let mut world = World::new(&CONTROLLER, Kind::Service, "web");
    let ports = json!([{"name": "b", "port": 80, "targetPort": "http"}, {"name": "a", "port": 81, "targetPort": 9000}]);
    service(&mut world, json!({ "ports": ports }));
    pod(&mut world, 1, true, 8080);
    pod(&mut world, 2, true, 8081);
    world.step();
    expect![[r#"
        endpoints.kubernetes.io/managed-by=endpoint-controller,tier=front
        endpoints.kubernetes.io/last-change-trigger-time=2026-11-20T15:07:00Z
        a:9000/TCP ready [1=p1 2=p2] not []
        b:8080/TCP ready [1=p1] not []
        b:8081/TCP ready [2=p2] not []"#]]
    .assert_eq(&shown(&world));
}

#[test]
fn a_headless_service_without_ports_that_publishes_everything() {
    let mut world = World::new(&CONTROLLER, Kind::Service, "web");
    service(&mut world, json!({"clusterIP": "None", "publishNotReadyAddresses": true}));
    pod(&mut world, 1, false, 80);
    world.delete(Kind::Pod, "p1");
    world.step();
    expect![[r#"
        endpoints.kubernetes.io/managed-by=endpoint-controller,service.kubernetes.io/headless=,tier=front
        endpoints.kubernetes.io/last-change-trigger-time=2026-11-20T15:07:00Z
         ready [1=p1] not []"#]]
    .assert_eq(&shown(&world));
}

#[test]
fn too_many_addresses_are_cut_and_the_ready_ones_stay() {
    let port = |number: i32| Some(SubsetPort { port: number, ..Default::default() });
    let entry = |number: i32, at: i32, ready: bool| Entry {
        port: port(at),
        address: EndpointAddress { ip: format!("10.0.0.{number:03}").into(), ..Default::default() },
        ready,
    };
    let mut entries: Vec<Entry> = (0..4).map(|n| entry(n, 80, true)).collect();
    entries.extend((10..16).map(|n| entry(n, 80, false)));
    entries.extend((20..22).map(|n| entry(n, 81, false)));
    let packed = repack(entries);
    let sizes = |most: usize| -> Vec<(usize, usize)> {
        let cut = subsets::truncate(&packed, most);
        cut.iter().map(|s| (s.addresses.len(), s.not_ready_addresses.len())).collect()
    };
    assert_eq!(sizes(8), [(4, 3), (0, 1)]);
    assert_eq!(sizes(3), [(3, 0), (0, 0)]);
}
