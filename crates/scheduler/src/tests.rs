//! The whole scheduler: what it plans, and what it says.

use crate::harness::Cluster;
use crate::trace::{NodeVerdict, Outcome};
use api::{Node, PersistentVolume, PersistentVolumeClaim, Pod, Taint};
use expect_test::expect;
use serde_json::{Value, json};

const NOT_HELPFUL: &str =
    "no new claims to deallocate, preemption: 0/4 nodes are available: 4 Preemption is not helpful for scheduling.";

/// The cluster of the recordings: a tainted control plane and three workers.
fn recorded() -> Cluster {
    let mut cluster = Cluster::new(&[]);
    cluster.node("cp", json!({"taints": [{"key": "node-role.kubernetes.io/control-plane", "effect": "NoSchedule"}]}));
    for name in ["node-1", "node-2", "node-3"] {
        cluster.node(name, json!({}));
    }
    cluster
}

fn assert_message(requests: Value, spec: Value, expected: &str) {
    let mut cluster = recorded();
    cluster.pod("p", requests, spec);
    cluster.run();
    assert_eq!(cluster.message("p"), expected);
}

#[test]
fn a_pod_is_bound_and_told_so() {
    let mut cluster = Cluster::new(&["n1"]);
    let key = cluster.pod("web", json!({"cpu": "1"}), json!({}));
    expect![[r#"
        bind Pod default/web to n1
          then event Normal Pod default/web Scheduled: Successfully assigned default/web to n1
    "#]]
    .assert_eq(&cluster.run());
    let trace = cluster.scheduler.trace(&key).expect("a trace");
    assert_eq!(trace.outcome, Outcome::Bound { node: "n1".into() });
    assert_eq!(trace.examination.rows()[0].verdict, NodeVerdict::Fits);
    cluster.delete(&key);
    assert!(cluster.scheduler.trace(&key).is_none());
}

#[test]
fn reasons_of_the_recordings_to_the_letter() {
    let tainted = "0/4 nodes are available: 1 node(s) had untolerated taint(s), 3";
    let affinity = |kind: &str, mode: &str, rule: Value| json!({"affinity": {kind: {mode: rule}}});
    let required = "requiredDuringSchedulingIgnoredDuringExecution";
    let hard = |reason: &str| format!("{tainted} {reason}. {NOT_HELPFUL}");
    assert_message(json!({"cpu": "100"}), json!({}), &hard("Insufficient cpu"));
    assert_message(json!({"memory": "900Gi"}), json!({}), &hard("Insufficient memory"));
    assert_message(
        json!({"cpu": "100", "memory": "900Gi"}),
        json!({}),
        &hard("Insufficient cpu, 3 Insufficient memory"),
    );
    let selector = "node(s) didn't match Pod's node affinity/selector";
    assert_message(json!({}), json!({"nodeSelector": {"disk": "ssd"}}), &hard(selector));
    let gpu = json!({"nodeSelectorTerms": [{"matchExpressions": [{"key": "gpu", "operator": "Exists"}]}]});
    assert_message(json!({}), affinity("nodeAffinity", required, gpu), &hard(selector));
    let near = json!([{"labelSelector": {"matchLabels": {"grp": "nope"}}, "topologyKey": "kubernetes.io/hostname"}]);
    assert_message(
        json!({}),
        affinity("podAffinity", required, near),
        &hard("node(s) didn't match pod affinity rules"),
    );
    let racks = json!([{"maxSkew": 1, "topologyKey": "rack", "whenUnsatisfiable": "DoNotSchedule", "labelSelector": {"matchLabels": {"app": "p"}}}]);
    assert_message(
        json!({}),
        json!({"topologySpreadConstraints": racks}),
        &hard("node(s) didn't match pod topology spread constraints (missing required label)"),
    );
    let volumes = json!([{"name": "v", "persistentVolumeClaim": {"claimName": "nope"}}]);
    assert_message(
        json!({}),
        json!({"volumes": volumes}),
        "0/4 nodes are available: persistentvolumeclaim \"nope\" not found. not found",
    );
}

#[test]
fn more_reasons_of_the_recordings() {
    let mut cluster = recorded();
    let spread = json!({"affinity": {"podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [{
        "labelSelector": {"matchExpressions": [{"key": "app", "operator": "In", "values": ["s1", "s2", "s3", "s4"]}]},
        "topologyKey": "kubernetes.io/hostname"}]}}});
    for name in ["s1", "s2", "s3", "s4"] {
        cluster.pod(name, json!({"cpu": "10m"}), spread.clone());
    }
    let on_node_1 = json!({"nodeSelector": {"kubernetes.io/hostname": "node-1"},
                           "ports": [{"containerPort": 80, "hostPort": 8080}]});
    cluster.pod("port-a", json!({}), on_node_1.clone());
    cluster.pod("port-b", json!({}), on_node_1);
    cluster.create(json!({"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "pending", "namespace": "default"},
        "spec": {"accessModes": ["ReadWriteOnce"], "storageClassName": "nope", "resources": {"requests": {"storage": "1Gi"}}}}));
    cluster.pod(
        "unbound",
        json!({}),
        json!({"volumes": [{"name": "v", "persistentVolumeClaim": {"claimName": "pending"}}]}),
    );
    let pinned = json!({"affinity": {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [
        {"matchFields": [{"key": "metadata.name", "operator": "In", "values": ["node-1"]}]}]}}}});
    cluster.pod("fill", json!({"cpu": "3900m"}), pinned.clone());
    cluster.pod("daemon", json!({"cpu": "2"}), pinned);
    cluster.run();
    assert_eq!(
        cluster.message("s4"),
        "0/4 nodes are available: 1 node(s) had untolerated taint(s), 3 node(s) didn't match pod anti-affinity rules. no new claims to deallocate, preemption: 0/4 nodes are available: 1 Preemption is not helpful for scheduling, 3 No preemption victims found for incoming pod."
    );
    assert_eq!(
        cluster.message("port-b"),
        "0/4 nodes are available: 1 node(s) didn't have free ports for the requested pod ports, 1 node(s) had untolerated taint(s), 2 node(s) didn't match Pod's node affinity/selector. no new claims to deallocate, preemption: 0/4 nodes are available: 1 No preemption victims found for incoming pod, 3 Preemption is not helpful for scheduling."
    );
    assert_eq!(
        cluster.message("unbound"),
        "0/4 nodes are available: pod has unbound immediate PersistentVolumeClaims. not found"
    );
    assert_eq!(
        cluster.message("daemon"),
        "0/4 nodes are available: 1 Insufficient cpu, 3 node(s) didn't satisfy plugin(s) [NodeAffinity]. no new claims to deallocate, preemption: 0/4 nodes are available: 1 No preemption victims found for incoming pod, 3 Preemption is not helpful for scheduling."
    );
}

#[test]
fn cordons_and_taints_are_told_apart_and_a_retry_that_says_the_same_writes_no_status() {
    let mut cluster = recorded();
    cluster.change::<Node>("", "node-1", |node| node.spec.unschedulable = true);
    cluster.change::<Node>("", "node-2", |node| node.spec.unschedulable = true);
    let taint = Taint { key: "dedicated".into(), value: "db".into(), effect: "NoSchedule".into(), ..Taint::default() };
    cluster.change::<Node>("", "node-3", |node| node.spec.taints = vec![taint].into());
    cluster.pod("p", json!({}), json!({}));
    let first = cluster.run();
    assert_eq!(
        cluster.message("p"),
        format!(
            "0/4 nodes are available: 2 node(s) had untolerated taint(s), 2 node(s) were unschedulable. {NOT_HELPFUL}"
        )
    );
    assert!(first.contains("\nstatus Pod default/p"), "{first}");
    cluster.pass(331_000);
    let again = cluster.run();
    assert!(
        again.starts_with("event Warning Pod default/p FailedScheduling") && !again.contains("status Pod"),
        "{again}"
    );
    cluster.change::<Node>("", "node-2", |node| node.spec.unschedulable = false);
    cluster.run();
    assert_eq!(cluster.node_of("p"), "node-2");
}

#[test]
fn changes_that_cannot_help_leave_a_pod_alone() {
    let mut cluster = Cluster::new(&["n1"]);
    cluster.pod("p", json!({"cpu": "3"}), json!({"nodeSelector": {"disk": "ssd"}}));
    cluster.run();
    let examined = cluster.scheduler.nodes_examined();
    cluster.pod("other", json!({"cpu": "1"}), json!({}));
    cluster.change::<Node>("", "n1", |node| node.metadata.labels = node.metadata.labels.with("disk", "hdd"));
    cluster.run();
    assert_eq!(cluster.scheduler.nodes_examined(), examined + 1, "only the other pod was looked at");
    cluster.change::<Node>("", "n1", |node| node.metadata.labels = node.metadata.labels.with("disk", "ssd"));
    cluster.run();
    assert_eq!(cluster.node_of("p"), "n1");
}

#[test]
fn without_nodes_a_pod_is_tried_again_and_again() {
    let mut cluster = Cluster::new(&[]);
    cluster.pod("p", json!({}), json!({}));
    expect![[r#"
        event Warning Pod default/p FailedScheduling: no nodes available to schedule pods
        status Pod default/p
        wait Pod default/p for [] FailedScheduling: The cluster has no nodes.
    "#]]
    .assert_eq(&cluster.run());
    cluster.node("late", json!({}));
    assert_eq!(cluster.run(), "", "its back-off is not over");
    cluster.pass(2_000);
    cluster.run();
    assert_eq!(cluster.node_of("p"), "late");
}

#[test]
fn gated_and_foreign_pods_wait_without_a_word() {
    let mut cluster = Cluster::new(&["n1"]);
    cluster.pod("gated", json!({}), json!({"schedulingGates": [{"name": "example.com/wait"}]}));
    cluster.pod("foreign", json!({}), json!({"schedulerName": "my-scheduler"}));
    expect![[r#"
        wait Pod default/foreign for [] OtherScheduler: It asks for the scheduler my-scheduler, and no such scheduler runs in this cluster.
        wait Pod default/gated for [] SchedulingGated: It is not scheduled until its gates are removed: example.com/wait.
    "#]]
    .assert_eq(&cluster.run());
    cluster.change::<Pod>("default", "gated", |pod| pod.spec.scheduling_gates = Default::default());
    cluster.run();
    assert_eq!((cluster.node_of("gated"), cluster.node_of("foreign")), ("n1".to_owned(), String::new()));
}

fn priority_class(cluster: &mut Cluster, name: &str, value: i32) {
    cluster.create(json!({"apiVersion": "scheduling.k8s.io/v1", "kind": "PriorityClass", "metadata": {"name": name}, "value": value}));
}

#[test]
fn preemption_takes_what_it_must_and_waits_until_it_is_gone() {
    let mut cluster = Cluster::new(&["n1", "n2"]);
    priority_class(&mut cluster, "high", 1000);
    let pinned = |node: &str| json!({"nodeSelector": {"kubernetes.io/hostname": node}});
    cluster.pod("big", json!({"cpu": "3500m"}), pinned("n1"));
    cluster.pod("small-a", json!({"cpu": "2"}), pinned("n2"));
    cluster.pod("small-b", json!({"cpu": "1500m"}), pinned("n2"));
    cluster.run();
    for name in ["big", "small-a", "small-b"] {
        cluster.change::<Pod>("default", name, |pod| pod.status.start_time = pod.metadata.creation_timestamp);
    }
    let vip = cluster.pod("vip", json!({"cpu": "2"}), json!({"priorityClassName": "high"}));
    let uid = cluster.stored("vip").metadata.uid.to_string();
    let log = cluster.run().replace(&uid, "UID");
    // One pod of n2 is enough, and one victim is better than none only where none would do.
    expect![[r#"
        event Warning Pod default/vip FailedScheduling: 0/2 nodes are available: 2 Insufficient cpu.
        status Pod default/vip
        status Pod default/big
        delete Pod default/big
        event Normal Pod default/big Preempted: Preempted by pod UID on node n1
        wait Pod default/vip for [Pod default/big] Preemption: It waits for a pod of lower priority to leave n1.
    "#]]
    .assert_eq(&log);
    assert_eq!(cluster.stored("vip").status.nominated_node_name, "n1");
    let condition = cluster.stored("big").status.condition("DisruptionTarget").cloned().expect("a condition");
    assert_eq!(
        (condition.reason.as_str(), condition.message.as_str()),
        ("PreemptionByScheduler", "default-scheduler: preempting to accommodate a higher priority pod")
    );
    // A pod of lower priority does not take the room that is being made.
    cluster.pod("greedy", json!({"cpu": "1"}), pinned("n1"));
    assert!(cluster.run().contains("wait Pod default/greedy"));
    cluster.delete(&Cluster::key("big"));
    cluster.run();
    assert_eq!((cluster.node_of("vip"), cluster.node_of("greedy")), ("n1".to_owned(), "n1".to_owned()));
    assert!(cluster.scheduler.nominated_node(&vip).is_none());
}

#[test]
fn budgets_and_policies_guide_preemption() {
    let mut cluster = Cluster::new(&["n1", "n2"]);
    priority_class(&mut cluster, "high", 1000);
    cluster
        .create(json!({"apiVersion": "scheduling.k8s.io/v1", "kind": "PriorityClass", "metadata": {"name": "polite"},
                          "value": 1000, "preemptionPolicy": "Never"}));
    for (name, node) in [("guarded", "n1"), ("free", "n2")] {
        cluster.pod(name, json!({"cpu": "3500m"}), json!({"nodeSelector": {"kubernetes.io/hostname": node}}));
    }
    cluster.create(json!({"apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": {"name": "b", "namespace": "default"},
        "spec": {"minAvailable": 1, "selector": {"matchLabels": {"app": "guarded"}}}, "status": {"disruptionsAllowed": 0}}));
    cluster.run();
    cluster.pod("polite", json!({"cpu": "2"}), json!({"priorityClassName": "polite"}));
    cluster.run();
    assert_eq!(
        cluster.message("polite"),
        "0/2 nodes are available: 2 Insufficient cpu. no new claims to deallocate, preemption: not eligible due to preemptionPolicy=Never."
    );
    cluster.pod("vip", json!({"cpu": "2"}), json!({"priorityClassName": "high"}));
    let log = cluster.run();
    assert!(log.contains("delete Pod default/free") && !log.contains("delete Pod default/guarded"), "{log}");
}

fn storage_class(cluster: &mut Cluster, name: &str, provisioner: &str, mode: &str) {
    cluster.create(json!({"apiVersion": "storage.k8s.io/v1", "kind": "StorageClass", "metadata": {"name": name},
                          "provisioner": provisioner, "volumeBindingMode": mode}));
}

fn claim(cluster: &mut Cluster, name: &str, class: &str) {
    cluster.create(json!({"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": name, "namespace": "default"},
        "spec": {"accessModes": ["ReadWriteOnce"], "storageClassName": class, "resources": {"requests": {"storage": "1Gi"}}}}));
}

fn volume(cluster: &mut Cluster, name: &str, class: &str, size: &str, node: &str) {
    let terms = json!([{"matchExpressions": [{"key": "kubernetes.io/hostname", "operator": "In", "values": [node]}]}]);
    cluster.create(json!({"apiVersion": "v1", "kind": "PersistentVolume", "metadata": {"name": name}, "spec": {
        "capacity": {"storage": size}, "accessModes": ["ReadWriteOnce"], "storageClassName": class, "local": {"path": "/d"},
        "nodeAffinity": {"required": {"nodeSelectorTerms": terms}}}}));
    cluster.change::<PersistentVolume>("", name, |volume| volume.status.phase = "Available".into());
}

/// What the volume controllers do in the end.
fn bind_claim(cluster: &mut Cluster, name: &str, volume: &str) {
    cluster.change::<PersistentVolumeClaim>("default", name, |claim| {
        claim.spec.volume_name = volume.into();
        claim.metadata.annotations = claim.metadata.annotations.with("pv.kubernetes.io/bind-completed", "yes");
        claim.status.phase = "Bound".into();
    });
}

fn with_claim(name: &str) -> Value {
    json!({"volumes": [{"name": "v", "persistentVolumeClaim": {"claimName": name}}]})
}

#[test]
fn a_claim_that_waits_gets_its_node_and_the_pod_is_bound_when_the_volume_is_there() {
    let mut cluster = Cluster::new(&["n1"]);
    storage_class(&mut cluster, "late", "example.com/disks", "WaitForFirstConsumer");
    claim(&mut cluster, "data", "late");
    cluster.pod("db", json!({"cpu": "3"}), with_claim("data"));
    expect![[r#"
        status Pod default/db
        update PersistentVolumeClaim default/data
        wait Pod default/db for [PersistentVolumeClaim default/data] WaitForFirstConsumer: It goes to n1 as soon as a volume is bound to data.
    "#]]
    .assert_eq(&cluster.run());
    let lister = cluster.server.lister();
    let ordered = lister.get::<PersistentVolumeClaim>("default", "data").expect("the claim");
    assert_eq!(ordered.metadata.annotations.get("volume.kubernetes.io/selected-node").map(|n| n.as_str()), Some("n1"));
    // It takes its room already.
    cluster.pod("other", json!({"cpu": "2"}), json!({}));
    assert!(cluster.run().contains("1 Insufficient cpu"));
    cluster.pass(300);
    volume(&mut cluster, "pvc-1", "late", "1Gi", "n1");
    bind_claim(&mut cluster, "data", "pvc-1");
    assert_eq!(cluster.run(), "", "volumes are looked at once a second");
    cluster.pass(700);
    expect![[r#"
        bind Pod default/db to n1
          then event Normal Pod default/db Scheduled: Successfully assigned default/db to n1
    "#]]
    .assert_eq(&cluster.run());
}

#[test]
fn waiting_for_volumes_ends_when_nothing_comes() {
    let mut cluster = Cluster::new(&["n1"]);
    storage_class(&mut cluster, "late", "example.com/disks", "WaitForFirstConsumer");
    claim(&mut cluster, "data", "late");
    cluster.pod("db", json!({}), with_claim("data"));
    cluster.run();
    cluster.pass(1_500);
    cluster.change::<PersistentVolumeClaim>("default", "data", |claim| {
        claim.metadata.annotations = claim.metadata.annotations.without("volume.kubernetes.io/selected-node");
    });
    cluster.pass(500);
    let log = cluster.run();
    assert!(log.starts_with("event Warning Pod default/db FailedScheduling: running PreBind plugin \"VolumeBinding\": binding volumes: provisioning failed for PVC \"data\""), "{log}");
    let condition = cluster.stored("db").status.condition("PodScheduled").cloned().expect("a condition");
    assert_eq!(
        (condition.reason.as_str(), cluster.stored("db").status.nominated_node_name.as_str()),
        ("SchedulerError", "")
    );
    cluster.pass(2_000);
    assert!(cluster.run().contains("update PersistentVolumeClaim default/data"), "it is tried again");
    cluster.pass(600_000);
    assert!(cluster.run().contains("binding volumes: context deadline exceeded"));
}

#[test]
fn a_volume_made_by_hand_is_matched_by_size_and_reach() {
    let mut cluster = Cluster::new(&["n1", "n2"]);
    storage_class(&mut cluster, "local", "kubernetes.io/no-provisioner", "WaitForFirstConsumer");
    claim(&mut cluster, "data", "local");
    cluster.pod("db", json!({}), with_claim("data"));
    cluster.run();
    assert_eq!(
        cluster.message("db"),
        "0/2 nodes are available: 2 node(s) didn't find available persistent volumes to bind. no new claims to deallocate, preemption: 0/2 nodes are available: 2 Preemption is not helpful for scheduling."
    );
    volume(&mut cluster, "tiny", "local", "500Mi", "n1");
    volume(&mut cluster, "large", "local", "10Gi", "n2");
    volume(&mut cluster, "fitting", "local", "2Gi", "n2");
    cluster.run();
    let promised = cluster.server.lister().get::<PersistentVolume>("", "fitting").cloned().expect("the volume");
    assert_eq!(promised.spec.claim_ref.as_ref().map(|r| r.name.as_str()), Some("data"));
    assert!(promised.metadata.annotations.has("pv.kubernetes.io/bound-by-controller"));
    bind_claim(&mut cluster, "data", "fitting");
    cluster.pass(1_000);
    cluster.run();
    assert_eq!(cluster.node_of("db"), "n2");
    // A bound claim ties its pods to where the volume is.
    cluster.change::<Node>("", "n2", |node| node.spec.unschedulable = true);
    cluster.pod("db-2", json!({}), with_claim("data"));
    cluster.run();
    assert_eq!(
        cluster.message("db-2"),
        "0/2 nodes are available: 1 node(s) didn't match PersistentVolume's node affinity, 1 node(s) were unschedulable. no new claims to deallocate, preemption: 0/2 nodes are available: 2 Preemption is not helpful for scheduling."
    );
}

#[test]
fn an_exclusive_claim_lets_one_pod_in() {
    let mut cluster = Cluster::new(&["n1", "n2"]);
    storage_class(&mut cluster, "s", "example.com/disks", "Immediate");
    cluster.create(json!({"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "one", "namespace": "default"},
        "spec": {"accessModes": ["ReadWriteOncePod"], "storageClassName": "s", "resources": {"requests": {"storage": "1Gi"}}}}));
    volume(&mut cluster, "v", "s", "1Gi", "n1");
    bind_claim(&mut cluster, "one", "v");
    cluster.pod("first", json!({}), with_claim("one"));
    cluster.pod("second", json!({}), with_claim("one"));
    cluster.run();
    assert_eq!(cluster.node_of("first"), "n1");
    assert!(cluster.message("second").starts_with("0/2 nodes are available: 2 node(s) unavailable due to PersistentVolumeClaim with ReadWriteOncePod access mode already in-use by another pod."));
    cluster.delete(&Cluster::key("first"));
    cluster.run();
    assert_eq!(cluster.node_of("second"), "n1");
}

#[test]
fn equal_pods_are_spread_evenly() {
    let mut cluster = Cluster::new(&["n1", "n2", "n3"]);
    for i in 0..12 {
        cluster.pod(&format!("p{i}"), json!({"cpu": "100m", "memory": "64Mi"}), json!({}));
    }
    cluster.run();
    let on = |node: &str| (0..12).filter(|i| cluster.node_of(&format!("p{i}")) == node).count();
    assert_eq!([on("n1"), on("n2"), on("n3")], [4, 4, 4]);
}

#[test]
fn a_clone_goes_its_own_way() {
    let mut cluster = Cluster::new(&["n1"]);
    cluster.pod("p", json!({"cpu": "3"}), json!({}));
    let before = cluster.scheduler.clone();
    cluster.run();
    assert!(before.next_at().is_some() && before.trace(&Cluster::key("p")).is_none());
    assert!(cluster.scheduler.next_at().is_none());
}

#[test]
fn five_thousand_pinned_pods_cost_one_look_each() {
    let mut cluster = Cluster::new(&[]);
    for i in 0..5_000 {
        cluster.node(&format!("n{i}"), json!({}));
    }
    for i in 0..5_000 {
        let pinned = json!({"affinity": {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [
            {"matchFields": [{"key": "metadata.name", "operator": "In", "values": [format!("n{i}")]}]}]}}}});
        cluster.pod(&format!("d{i}"), json!({"cpu": "100m"}), pinned);
    }
    cluster.run();
    assert_eq!(cluster.scheduler.nodes_examined(), 5_000);
    assert_eq!(cluster.node_of("d4999"), "n4999");
    let free = cluster.pod("free", json!({}), json!({}));
    cluster.run();
    assert_eq!(cluster.scheduler.nodes_examined(), 5_500, "a tenth of the nodes is enough to choose from");
    assert!(cluster.scheduler.trace(&free).is_some_and(|trace| trace.examination.rows().is_empty()));
}
