//! A fixed picture of a cluster in which much happens at once: for the tests of the panels, and for work on their look.

use std::rc::Rc;

use view::{
    ClaimRow, ClassRow, Coverage, CoverageState, DaemonSetLane, DnsRow, EventRow, Machine, Meter, NodeCard, ObjectRef,
    OrdinalSlot, OwnerRef, PodTile, Problem, Segment, ServiceRow, Severity, SlotClaim, SlotState, Snapshot,
    StatefulSetLane, StatusSentence, Text, TileState, VolumeRow, WorkloadChip, clock_text,
};

const NOW_MS: u64 = 74_200;

/// A StatefulSet that waits for its third Pod, a DaemonSet, a Deployment, and a node that nobody hears.
pub fn snapshot() -> Rc<Snapshot> {
    let pods = pods();
    let on = |node: &str| pods.iter().filter(|pod| pod.node.as_deref() == Some(node)).cloned().collect::<Rc<[_]>>();
    Rc::new(Snapshot {
        now_ms: NOW_MS,
        clock: clock_text(NOW_MS).into(),
        version: "v1.36".into(),
        status: status(),
        nodes: Rc::new([
            node("node-1", ["1.4", "3.5Gi"], [350, 219], on("node-1")),
            silent_node(on("node-2")),
            node("node-3", ["1.9", "4.8Gi"], [475, 300], on("node-3")),
        ]),
        unscheduled: pods.iter().filter(|pod| pod.node.is_none()).cloned().collect(),
        workloads: Rc::new([
            chip("StatefulSet", "mysql", 0, 2, 5, Severity::Waiting),
            chip("DaemonSet", "fluentd", 1, 2, 3, Severity::Bad),
            chip("Deployment", "web", 2, 2, 3, Severity::Bad),
        ]),
        stateful_sets: Rc::new([stateful_set(&pods)]),
        daemon_sets: Rc::new([daemon_set(&pods)]),
        deployments: Rc::new([]),
        jobs: Rc::new([]),
        cron_jobs: Rc::new([]),
        claims: Rc::new([claim(0), claim(1), claim(2)]),
        volumes: Rc::new([volume(0), volume(1)]),
        classes: Rc::new([class()]),
        services: Rc::new([service()]),
        events: events(),
        problems: Rc::new([Problem {
            severity: Severity::Bad,
            target: ObjectRef::new("Node", "", "node-2"),
            text: "node-2 has not reported for 52s.".into(),
        }]),
        pods: pods.into(),
    })
}

fn pods() -> Vec<Rc<PodTile>> {
    use TileState::{Failing, Ready, Starting, Terminating, Unknown, Unscheduled};
    [
        pod("mysql-0", "node-1", Ready, "Running", 0),
        pod("mysql-1", "node-3", Ready, "Running", 0),
        pod("mysql-2", "node-1", Starting, "ContainerCreating", 0),
        pod("web-6f9-9qv7d", "node-2", Terminating, "Terminating", 2),
        pod("web-6f9-d3f6g", "node-3", Ready, "Running", 2),
        pod("web-6f9-k8r2s", "node-3", Failing, "CrashLoopBackOff", 2),
        pod("web-6f9-lm4zt", "node-1", Ready, "Running", 2),
        pod("web-6f9-zz8pq", "", Unscheduled, "Pending", 2),
        // Those of a DaemonSet come last, as on a card.
        pod("fluentd-h5n9t", "node-3", Ready, "Running", 1),
        pod("fluentd-m2c8w", "node-2", Unknown, "Unknown", 1),
        pod("fluentd-x7k2p", "node-1", Ready, "Running", 1),
    ]
    .map(Rc::new)
    .into()
}

fn pod(name: &str, node: &str, state: TileState, status: &str, owner: u8) -> PodTile {
    let is_ready = state == TileState::Ready;
    let workload = [("StatefulSet", "mysql"), ("DaemonSet", "fluentd"), ("Deployment", "web")][usize::from(owner)];
    let short = name.strip_prefix(&format!("{}-", workload.1)).unwrap_or(name);
    PodTile {
        key: format!("default/{name}").into(),
        uid: format!("uid-{name}").into(),
        namespace: "default".into(),
        name: name.into(),
        short: short.into(),
        status: status.into(),
        ready: if is_ready { "1/1" } else { "0/1" }.into(),
        is_ready,
        restarts: if state == TileState::Failing { 3 } else { 0 },
        state,
        ordinal: if owner == 0 { short.parse().ok() } else { None },
        owner: Some(OwnerRef { target: ObjectRef::new(workload.0, "default", workload.1), colour: owner }),
        is_daemon: owner == 1,
        waiting: (state == TileState::Unscheduled)
            .then(|| "0/3 nodes are available: 1 node(s) were unreachable, 2 Insufficient cpu.".into()),
        revision: "".into(),
        image: "example:1".into(),
        node: (!node.is_empty()).then(|| node.into()),
        ip: is_ready.then(|| "10.244.1.7".into()),
        created_ms: 26_000,
    }
}

fn node(name: &str, used: [&str; 2], per_mille: [u32; 2], pods: Rc<[Rc<PodTile>]>) -> NodeCard {
    let meter = |used: &str, total: &str, per_mille| Meter { used: used.into(), total: total.into(), per_mille };
    NodeCard {
        name: name.into(),
        condition: "Ready".into(),
        severity: Severity::Good,
        is_ready: true,
        cordoned: false,
        machine: Machine::On,
        roles: "<none>".into(),
        taints: Rc::default(),
        labels: Rc::new([format!("kubernetes.io/hostname={name}").into()]),
        cpu: meter(used[0], "4", per_mille[0]),
        memory: meter(used[1], "16Gi", per_mille[1]),
        pod_count: meter(&pods.len().to_string(), "110", pods.len() as u32 * 1_000 / 110),
        pods,
        created_ms: 0,
    }
}

fn silent_node(pods: Rc<[Rc<PodTile>]>) -> NodeCard {
    NodeCard {
        condition: "NotReady · no heartbeat 52s".into(),
        severity: Severity::Bad,
        is_ready: false,
        machine: Machine::Stopped,
        taints: Rc::new(["unreachable:NoSchedule".into(), "unreachable:NoExecute".into()]),
        ..node("node-2", ["0.4", "1.2Gi"], [100, 75], pods)
    }
}

fn status() -> StatusSentence {
    StatusSentence {
        severity: Severity::Waiting,
        segments: Rc::new([
            Segment::Strong("mysql-3 and mysql-4 are not created yet.".into()),
            Segment::Plain(" OrderedReady: the controller waits for ".into()),
            Segment::Link { text: "mysql-2".into(), target: ObjectRef::new("Pod", "default", "mysql-2") },
            Segment::Plain(" to be Running and Ready.".into()),
        ]),
        why: Some(
            "A StatefulSet with podManagementPolicy OrderedReady creates a Pod only when every Pod before it is Running \
             and Ready. mysql-2 is still pulling its image."
                .into(),
        ),
    }
}

fn chip(kind: &str, name: &str, colour: u8, ready: u32, desired: u32, severity: Severity) -> WorkloadChip {
    WorkloadChip {
        target: ObjectRef::new(kind, "default", name),
        colour,
        ready,
        desired,
        revision: "".into(),
        severity,
    }
}

fn stateful_set(pods: &[Rc<PodTile>]) -> StatefulSetLane {
    let slot = |ordinal: u32| {
        let pod = pods.iter().find(|pod| pod.ordinal == Some(ordinal)).cloned();
        let is_bound = ordinal < 2;
        let claim = SlotClaim {
            name: format!("data-mysql-{ordinal}").into(),
            size: "5Gi".into(),
            status: if is_bound { "Bound" } else { "Pending" }.into(),
            is_bound,
        };
        OrdinalSlot {
            ordinal,
            pod_name: format!("mysql-{ordinal}").into(),
            dns: format!("mysql-{ordinal}.mysql").into(),
            claims: pod.iter().map(|_| claim.clone()).collect(),
            state: match pod {
                Some(pod) => SlotState::Pod(pod),
                None => SlotState::Missing(format!("after mysql-{}", ordinal - 1).into()),
            },
            is_surplus: false,
        }
    };
    StatefulSetLane {
        target: ObjectRef::new("StatefulSet", "default", "mysql"),
        colour: 0,
        policy: "OrderedReady".into(),
        strategy: "RollingUpdate".into(),
        revision: "mysql-7d4b".into(),
        current_revision: "mysql-7d4b".into(),
        partition: 0,
        desired: 5,
        ready: 2,
        slots: (0..5).map(slot).collect(),
    }
}

fn daemon_set(pods: &[Rc<PodTile>]) -> DaemonSetLane {
    let coverage = pods
        .iter()
        .filter(|pod| pod.is_daemon)
        .map(|pod| Coverage { node: pod.node.clone().unwrap_or_default(), state: CoverageState::Pod(pod.clone()) });
    let left_out = Coverage {
        node: "control-plane".into(),
        state: CoverageState::NotEligible("taint node-role.kubernetes.io/control-plane:NoSchedule".into()),
    };
    DaemonSetLane {
        target: ObjectRef::new("DaemonSet", "default", "fluentd"),
        colour: 1,
        strategy: "RollingUpdate".into(),
        desired: 3,
        current: 3,
        ready: 2,
        up_to_date: 3,
        available: 2,
        coverage: [left_out].into_iter().chain(coverage).collect(),
    }
}

fn claim(ordinal: u32) -> ClaimRow {
    let is_bound = ordinal < 2;
    let when_bound = |text: String| -> Text { if is_bound { text.into() } else { "".into() } };
    ClaimRow {
        namespace: "default".into(),
        name: format!("data-mysql-{ordinal}").into(),
        status: if is_bound { "Bound" } else { "Pending" }.into(),
        severity: if is_bound { Severity::Good } else { Severity::Waiting },
        volume: when_bound(format!("pvc-0{ordinal}")),
        capacity: when_bound("5Gi".to_owned()),
        access_modes: "RWO".into(),
        class: "standard".into(),
        used_by: format!("mysql-{ordinal}").into(),
        waiting: (!is_bound).then(|| "waiting for a volume to be created by podground.dev/disk".into()),
        created_ms: 26_000,
    }
}

fn volume(ordinal: u32) -> VolumeRow {
    VolumeRow {
        name: format!("pvc-0{ordinal}").into(),
        capacity: "5Gi".into(),
        access_modes: "RWO".into(),
        reclaim_policy: "Delete".into(),
        status: "Bound".into(),
        severity: Severity::Good,
        claim: format!("default/data-mysql-{ordinal}").into(),
        class: "standard".into(),
    }
}

fn class() -> ClassRow {
    ClassRow {
        name: "standard".into(),
        is_default: true,
        provisioner: "podground.dev/disk".into(),
        reclaim_policy: "Delete".into(),
        binding_mode: "WaitForFirstConsumer".into(),
        allows_expansion: true,
    }
}

fn service() -> ServiceRow {
    let name = |name: &str, address: &str, backend: &str| DnsRow {
        name: name.into(),
        addresses: address.into(),
        backend: backend.into(),
    };
    ServiceRow {
        namespace: "default".into(),
        name: "mysql".into(),
        kind: "ClusterIP".into(),
        cluster_ip: "None".into(),
        ports: "3306/TCP".into(),
        endpoints: Rc::new(["10.244.1.7:3306".into(), "10.244.3.4:3306".into()]),
        dns: Rc::new([
            name("mysql.default.svc.cluster.local", "10.244.1.7, 10.244.3.4", "Service mysql"),
            name("mysql-0.mysql.default.svc.cluster.local", "10.244.1.7", "Pod mysql-0"),
        ]),
    }
}

fn events() -> Rc<[EventRow]> {
    let row = |at_ms: u64, is_warning: bool, object: (&str, &str), from: &str, reason: &str, message: &str| EventRow {
        uid: format!("event-{at_ms}").into(),
        at_ms,
        time: clock_text(at_ms).into(),
        is_warning,
        reason: reason.into(),
        object: ObjectRef::new(object.0, "default", object.1),
        from: from.into(),
        message: message.into(),
        count: if is_warning { 3 } else { 1 },
    };
    let set = ("StatefulSet", "mysql");
    let create = |ordinal| format!("create Pod mysql-{ordinal} in StatefulSet mysql successful");
    Rc::new([
        row(26_000, false, set, "statefulset-controller", "SuccessfulCreate", &create(0)),
        row(43_100, false, set, "statefulset-controller", "SuccessfulCreate", &create(1)),
        row(61_500, true, ("Pod", "web-6f9-k8r2s"), "kubelet", "BackOff", "Back-off restarting failed container web"),
        row(72_000, false, set, "statefulset-controller", "SuccessfulCreate", &create(2)),
        row(72_300, false, ("Pod", "mysql-2"), "default-scheduler", "Scheduled", "Successfully assigned to node-1"),
    ])
}
