//! Whole lives of pods: a server, one machine and its kubelet, and what happens when.

mod hooks;
mod logs;

use crate::{ImageBehaviour, Kubelets, LogLine, MachineSpec, Timing};
use api::{ContainerState, Kind, Node, Object, ObjectKey, Pod, Str, Time};
use apiserver::{Change, DeleteOptions, Server, WatchEvent};
use expect_test::{Expect, expect};
use serde_json::{Value, json};
use sim::{Rng, SimDuration};
use std::collections::BTreeMap;
use std::rc::Rc;

/// A server with one machine `n1` and the story of what has changed so far.
struct World {
    server: Server,
    kubelets: Kubelets,
    rng: Rng,
    cursor: u64,
    now: Time,
    story: Vec<String>,
    /// What each pod waits for.
    waits: BTreeMap<Str, String>,
}

impl World {
    fn new(timing: Timing) -> World {
        let start = Time::from_unix_millis(0);
        let mut world = World {
            server: Server::new(start, Rng::new(1)),
            kubelets: Kubelets::new(timing),
            rng: Rng::new(2),
            cursor: 0,
            now: start,
            story: Vec::new(),
            waits: BTreeMap::new(),
        };
        for name in ["default", "kube-node-lease"] {
            world.apply(json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}));
        }
        let plan = world.kubelets.add_ready_machine(&MachineSpec::worker("n1"), start);
        world.server.apply(&plan).expect("a node");
        world.deliver();
        world
    }

    fn apply(&mut self, object: Value) {
        self.server.create_from(object).expect("a valid object");
        self.deliver();
    }

    /// Creates a pod that is bound to `n1`.
    fn pod(&mut self, name: &str, annotations: Value, mut spec: Value) {
        spec["nodeName"] = "n1".into();
        let metadata = json!({"name": name, "annotations": annotations});
        self.apply(json!({"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec}));
    }

    fn get(&self, name: &str) -> Rc<Pod> {
        Rc::clone(self.server.pod("default", name).expect("the pod"))
    }

    fn delete(&mut self, name: &str) {
        let key = ObjectKey::new(Kind::Pod, "default", name);
        self.server.delete(&key, &DeleteOptions::default()).expect("the pod");
        self.deliver();
    }

    fn deliver(&mut self) {
        loop {
            let events: Vec<WatchEvent> = self.server.watch_since(self.cursor).cloned().collect();
            if events.is_empty() {
                return;
            }
            self.cursor = self.server.watch_cursor();
            for event in &events {
                self.kubelets.observe(event, self.server.lister(), self.now);
                self.tell(event);
            }
        }
    }

    fn tell(&mut self, event: &WatchEvent) {
        let text = match &event.object {
            Object::Pod(pod) => format!("{} {} {}", event.change.as_str(), pod.metadata.name, summary(pod)),
            Object::Event(e) if e.involved_object.kind == "Pod" => {
                format!("{} {}x{}: {}", e.r#type, e.reason, e.count, e.message)
            }
            Object::Node(node) if event.change != Change::Added => format!("node ready={}", node.is_ready()),
            _ => return,
        };
        let ms = self.now.unix_millis();
        self.story.push(format!("{}.{:03} {text}", ms / 1000, ms % 1000));
    }

    /// Lets everything happen within the next `seconds`.
    fn run(&mut self, seconds: u64) {
        let until = self.now.plus(SimDuration::from_secs(seconds));
        while let Some(at) = self.kubelets.next_at().filter(|at| *at <= until) {
            self.now = at.max(self.now);
            self.server.set_now(self.now);
            if let Some(outcome) = self.kubelets.step(self.server.lister(), self.now, &mut self.rng) {
                self.server.apply(&outcome.plan).expect("a plan that holds");
                if let Some(key) = outcome.key {
                    let text = |wait: &apiserver::Wait| format!("{}: {}", wait.rule, wait.message);
                    self.waits.insert(key.name, outcome.plan.waits.iter().map(text).collect());
                }
            }
            self.deliver();
        }
        self.now = until;
        self.server.set_now(until);
    }

    /// Lets everything happen but periodic work; how long that took.
    fn settle(&mut self) -> u64 {
        let start = self.now;
        while let Some(at) = self.kubelets.next_progress_at() {
            let ahead = at.since(self.now).as_millis().div_ceil(1000);
            self.run(ahead);
        }
        self.now.since(start).as_secs()
    }

    fn story(&mut self, expect: Expect) {
        expect.assert_eq(&format!("{}\n", self.story.join("\n")));
        self.story.clear();
    }
}

/// `Running [a running x0 ready] Ready=True`, and what else stands out.
fn summary(pod: &Pod) -> String {
    let status = &pod.status;
    let containers: Vec<String> = status
        .init_container_statuses
        .iter()
        .chain(&status.container_statuses)
        .map(|c| {
            let state = match &c.state {
                ContainerState::None => "?".to_owned(),
                ContainerState::Waiting { reason, .. } => reason.to_string(),
                ContainerState::Running { .. } => "running".to_owned(),
                ContainerState::Terminated(end) => format!("{}({})", end.reason, end.exit_code),
            };
            format!("{} {state} x{}{}", c.name, c.restart_count, if c.ready { " ready" } else { "" })
        })
        .collect();
    let mut text = format!("{} [{}]", status.phase, containers.join(", "));
    if let Some(ready) = status.condition("Ready") {
        text.push_str(&format!(" Ready={}", ready.status));
        if !ready.reason.is_empty() {
            text.push_str(&format!("({})", ready.reason));
        }
    }
    if !status.reason.is_empty() {
        text.push_str(&format!(" {}: {}", status.reason, status.message));
    }
    if let Some(grace) = pod.metadata.deletion_grace_period_seconds {
        text.push_str(&format!(" terminating({grace})"));
    }
    text
}

fn one(image: &str) -> Value {
    json!({"containers": [{"name": "a", "image": image}]})
}

#[test]
fn a_pod_starts_and_goes() {
    let mut world = World::new(Timing::Realistic);
    world.pod("web", json!({}), one("nginx:1.27"));
    world.run(10);
    world.delete("web");
    world.run(10);
    world.story(expect![[r#"
        0.000 ADDED web Pending []
        0.022 MODIFIED web Pending [a ContainerCreating x0] Ready=False(ContainersNotReady)
        0.325 Normal Pullingx1: Pulling image "nginx:1.27"
        2.779 Normal Pulledx1: Successfully pulled image "nginx:1.27" in 2.454s (2.454s including waiting). Image size: 72256970 bytes.
        2.779 Normal Createdx1: Container created
        3.137 Normal Startedx1: Container started
        3.137 MODIFIED web Running [a running x0 ready] Ready=True
        10.000 MODIFIED web Running [a running x0 ready] Ready=True terminating(30)
        10.022 Normal Killingx1: Stopping container a
        11.022 MODIFIED web Succeeded [a Completed(0) x0] Ready=False(PodCompleted) terminating(30)
        11.360 MODIFIED web Succeeded [a Completed(0) x0] Ready=False(PodCompleted) terminating(0)
        11.360 DELETED web Succeeded [a Completed(0) x0] Ready=False(PodCompleted) terminating(0)
    "#]]);
}

#[test]
fn an_image_that_is_there_is_not_pulled_again() {
    let mut world = World::new(Timing::Classroom);
    world.pod("web-0", json!({}), one("nginx:1.27"));
    world.run(10);
    world.story.clear();
    world.pod("web-1", json!({}), one("nginx:1.27"));
    world.run(10);
    world.story(expect![[r#"
        10.000 ADDED web-1 Pending []
        10.010 MODIFIED web-1 Pending [a ContainerCreating x0] Ready=False(ContainersNotReady)
        10.276 Normal Pulledx1: Container image "nginx:1.27" already present on machine and can be accessed by the pod
        10.276 Normal Createdx1: Container created
        10.511 Normal Startedx1: Container started
        10.511 MODIFIED web-1 Running [a running x0 ready] Ready=True
    "#]]);
}

#[test]
fn a_crashing_container_backs_off() {
    let mut world = World::new(Timing::Classroom);
    world.pod("bad", json!({}), json!({"containers": [{"name": "a", "image": "busybox:1", "command": ["false"]}]}));
    world.run(45);
    world.story(expect![[r#"
        0.000 ADDED bad Pending []
        0.011 MODIFIED bad Pending [a ContainerCreating x0] Ready=False(ContainersNotReady)
        0.211 Normal Pullingx1: Pulling image "busybox:1"
        0.865 Normal Pulledx1: Successfully pulled image "busybox:1" in 654ms (654ms including waiting). Image size: 2235686 bytes.
        0.865 Normal Createdx1: Container created
        1.068 Normal Startedx1: Container started
        1.068 MODIFIED bad Running [a Error(1) x0] Ready=False(ContainersNotReady)
        1.252 Normal Pulledx1: Container image "busybox:1" already present on machine and can be accessed by the pod
        1.252 Normal Createdx2: Container created
        1.478 Normal Startedx2: Container started
        1.478 MODIFIED bad Running [a Error(1) x1] Ready=False(ContainersNotReady)
        1.582 Warning BackOffx1: Back-off restarting failed container a in pod bad_default(9afcd44d-14cf-4bfe-b476-cf8a4baa5dc0)
        1.582 MODIFIED bad Running [a CrashLoopBackOff x1] Ready=False(ContainersNotReady)
        11.478 Normal Pulledx2: Container image "busybox:1" already present on machine and can be accessed by the pod
        11.478 Normal Createdx3: Container created
        11.731 Normal Startedx3: Container started
        11.731 MODIFIED bad Running [a Error(1) x2] Ready=False(ContainersNotReady)
        11.919 Warning BackOffx2: Back-off restarting failed container a in pod bad_default(9afcd44d-14cf-4bfe-b476-cf8a4baa5dc0)
        11.919 MODIFIED bad Running [a CrashLoopBackOff x2] Ready=False(ContainersNotReady)
        31.731 Normal Pulledx3: Container image "busybox:1" already present on machine and can be accessed by the pod
        31.731 Normal Createdx4: Container created
        32.001 Normal Startedx4: Container started
        32.001 MODIFIED bad Running [a Error(1) x3] Ready=False(ContainersNotReady)
        32.193 Warning BackOffx3: Back-off restarting failed container a in pod bad_default(9afcd44d-14cf-4bfe-b476-cf8a4baa5dc0)
        32.193 MODIFIED bad Running [a CrashLoopBackOff x3] Ready=False(ContainersNotReady)
    "#]]);
}

#[test]
fn a_broken_image_backs_off_and_heals() {
    let mut world = World::new(Timing::Classroom);
    world.kubelets.set_image("nginx:bad", ImageBehaviour::Broken, world.now);
    world.pod("web", json!({}), one("nginx:bad"));
    world.run(15);
    world.kubelets.set_image("nginx:bad", ImageBehaviour::Works, world.now);
    world.settle();
    world.story(expect![[r#"
        0.000 ADDED web Pending []
        0.011 MODIFIED web Pending [a ContainerCreating x0] Ready=False(ContainersNotReady)
        0.211 Normal Pullingx1: Pulling image "nginx:bad"
        0.756 Warning Failedx1: Failed to pull image "nginx:bad": rpc error: code = NotFound desc = failed to pull and unpack image "docker.io/library/nginx:bad": failed to resolve reference "docker.io/library/nginx:bad": docker.io/library/nginx:bad: not found
        0.756 Warning Failedx1: Error: ErrImagePull
        0.756 MODIFIED web Pending [a ErrImagePull x0] Ready=False(ContainersNotReady)
        1.756 Normal BackOffx1: Back-off pulling image "nginx:bad"
        1.756 Warning Failedx1: Error: ImagePullBackOff
        1.756 MODIFIED web Pending [a ImagePullBackOff x0] Ready=False(ContainersNotReady)
        10.756 Normal Pullingx2: Pulling image "nginx:bad"
        11.424 Warning Failedx2: Failed to pull image "nginx:bad": rpc error: code = NotFound desc = failed to pull and unpack image "docker.io/library/nginx:bad": failed to resolve reference "docker.io/library/nginx:bad": docker.io/library/nginx:bad: not found
        11.424 Warning Failedx2: Error: ErrImagePull
        11.424 MODIFIED web Pending [a ErrImagePull x0] Ready=False(ContainersNotReady)
        12.424 Normal BackOffx2: Back-off pulling image "nginx:bad"
        12.424 Warning Failedx2: Error: ImagePullBackOff
        12.424 MODIFIED web Pending [a ImagePullBackOff x0] Ready=False(ContainersNotReady)
        31.424 Normal Pullingx3: Pulling image "nginx:bad"
        32.398 Normal Pulledx1: Successfully pulled image "nginx:bad" in 974ms (974ms including waiting). Image size: 72786934 bytes.
        32.398 Normal Createdx1: Container created
        32.624 Normal Startedx1: Container started
        32.624 MODIFIED web Running [a running x0 ready] Ready=True
    "#]]);
}

#[test]
fn init_containers_then_sidecars_then_the_job() {
    let mut world = World::new(Timing::Instant);
    world.pod(
        "job",
        json!({}),
        json!({"restartPolicy": "Never",
            "initContainers": [{"name": "i", "image": "busybox"}, {"name": "s", "image": "busybox", "restartPolicy": "Always"}],
            "containers": [{"name": "a", "image": "busybox", "command": ["sh", "-c", "echo hi; sleep 3; exit 2"]}]}),
    );
    world.run(20);
    world.story(expect![[r#"
        0.000 ADDED job Pending []
        0.000 Normal Pullingx1: Pulling image "busybox"
        0.000 Normal Pulledx1: Successfully pulled image "busybox" in 0s (0s including waiting). Image size: 2924831 bytes.
        0.000 Normal Createdx1: Container created
        0.000 Normal Startedx1: Container started
        0.000 MODIFIED job Pending [i running x0, s PodInitializing x0, a PodInitializing x0] Ready=False(ContainersNotReady)
        1.000 Normal Pullingx1: Pulling image "busybox"
        1.000 Normal Pulledx1: Successfully pulled image "busybox" in 0s (0s including waiting). Image size: 2924831 bytes.
        1.000 Normal Createdx1: Container created
        1.000 Normal Startedx1: Container started
        1.000 Normal Pullingx1: Pulling image "busybox"
        1.000 Normal Pulledx1: Successfully pulled image "busybox" in 0s (0s including waiting). Image size: 2924831 bytes.
        1.000 Normal Createdx1: Container created
        1.000 Normal Startedx1: Container started
        1.000 MODIFIED job Running [i Completed(0) x0 ready, s running x0 ready, a running x0 ready] Ready=True
        4.000 Normal Killingx1: Stopping container s
        4.000 MODIFIED job Failed [i Completed(0) x0 ready, s Completed(0) x0, a Error(2) x0] Ready=False(PodFailed)
    "#]]);
}

#[test]
fn a_missing_volume_holds_the_pod_until_it_arrives() {
    let mut world = World::new(Timing::Instant);
    let spec = json!({"volumes": [{"name": "v", "configMap": {"name": "missing"}}],
        "containers": [{"name": "a", "image": "nginx", "env": [{"name": "K", "valueFrom": {"configMapKeyRef": {"name": "other", "key": "k"}}}]}]});
    world.pod("web", json!({}), spec);
    world.run(8);
    assert_eq!(world.settle(), 0, "retries are periodic work");
    for name in ["missing", "other"] {
        world.apply(json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": {"k": "v"}}));
        world.run(20);
    }
    world.story(expect![[r#"
        0.000 ADDED web Pending []
        0.000 Warning FailedMountx1: MountVolume.SetUp failed for volume "v" : configmap "missing" not found
        0.000 MODIFIED web Pending [a ContainerCreating x0] Ready=False(ContainersNotReady)
        0.500 Warning FailedMountx2: MountVolume.SetUp failed for volume "v" : configmap "missing" not found
        1.500 Warning FailedMountx3: MountVolume.SetUp failed for volume "v" : configmap "missing" not found
        3.500 Warning FailedMountx4: MountVolume.SetUp failed for volume "v" : configmap "missing" not found
        7.500 Warning FailedMountx5: MountVolume.SetUp failed for volume "v" : configmap "missing" not found
        15.500 Normal Pullingx1: Pulling image "nginx"
        15.500 Normal Pulledx1: Successfully pulled image "nginx" in 0s (0s including waiting). Image size: 72960502 bytes.
        15.500 Warning Failedx1: Error: configmap "other" not found
        15.500 MODIFIED web Pending [a CreateContainerConfigError x0] Ready=False(ContainersNotReady)
        27.500 Normal Pullingx2: Pulling image "nginx"
        27.500 Normal Pulledx2: Successfully pulled image "nginx" in 0s (0s including waiting). Image size: 72960502 bytes.
        27.500 Warning Failedx2: Error: configmap "other" not found
        39.500 Normal Pullingx3: Pulling image "nginx"
        39.500 Normal Pulledx3: Successfully pulled image "nginx" in 0s (0s including waiting). Image size: 72960502 bytes.
        39.500 Normal Createdx1: Container created
        39.500 Normal Startedx1: Container started
        39.500 MODIFIED web Running [a running x0 ready] Ready=True
    "#]]);
}

#[test]
fn refused_pods_fail() {
    let mut world = World::new(Timing::Instant);
    world.pod(
        "big",
        json!({}),
        json!({"containers": [{"name": "a", "image": "nginx", "resources": {"requests": {"cpu": "900"}}}]}),
    );
    world.run(1);
    world.story(expect![[r#"
        0.000 ADDED big Pending []
        0.000 Warning OutOfcpux1: Node didn't have enough resource: cpu, requested: 900000, used: 0, capacity: 4000
        0.000 MODIFIED big Failed [] OutOfcpu: Pod was rejected: Node didn't have enough resource: cpu, requested: 900000, used: 0, capacity: 4000
    "#]]);
}

#[test]
fn stubborn_containers_are_killed_at_the_end_of_their_grace() {
    let mut world = World::new(Timing::Instant);
    let mut spec = one("nginx");
    spec["terminationGracePeriodSeconds"] = 5.into();
    world.pod("web", json!({"podground.dev/ignore-sigterm": "true"}), spec);
    world.run(2);
    world.story.clear();
    world.delete("web");
    world.run(10);
    world.story(expect![[r#"
        2.000 MODIFIED web Running [a running x0 ready] Ready=True terminating(5)
        2.000 Normal Killingx1: Stopping container a
        7.000 MODIFIED web Failed [a Error(137) x0] Ready=False(PodFailed) terminating(5)
        7.000 MODIFIED web Failed [a Error(137) x0] Ready=False(PodFailed) terminating(0)
        7.000 DELETED web Failed [a Error(137) x0] Ready=False(PodFailed) terminating(0)
    "#]]);
}

#[test]
fn a_reboot_restarts_the_containers() {
    let mut world = World::new(Timing::Instant);
    world.pod("web", json!({}), one("nginx:1"));
    world.run(5);
    world.story.clear();
    world.kubelets.power("n1", false, world.now);
    world.run(60);
    world.kubelets.power("n1", true, world.now);
    world.run(5);
    world.story(expect![[r#"
        65.000 node ready=true
        65.000 Normal SandboxChangedx1: Pod sandbox changed, it will be killed and re-created.
        65.000 Normal Pulledx1: Container image "nginx:1" already present on machine and can be accessed by the pod
        65.000 Normal Createdx2: Container created
        65.000 Normal Startedx2: Container started
        65.000 MODIFIED web Running [a running x1 ready] Ready=True
    "#]]);
}

#[test]
fn a_partitioned_machine_runs_on_and_reports_later() {
    let mut world = World::new(Timing::Instant);
    world.pod("web", json!({}), one("nginx:1"));
    world.pod("old", json!({}), one("nginx:1"));
    world.run(5);
    world.story.clear();
    world.kubelets.partition("n1", true, world.now);
    let web = world.get("web");
    assert!(world.kubelets.crash(&web, "a", 3, world.now));
    world.delete("old");
    world.run(30);
    assert_eq!(world.get("web").status.container_statuses[0].restart_count, 0);
    world.kubelets.partition("n1", false, world.now);
    world.run(5);
    world.story(expect![[r#"
        5.000 MODIFIED old Running [a running x0 ready] Ready=True terminating(30)
        35.000 MODIFIED web Running [a running x1 ready] Ready=True
        35.000 Normal Killingx1: Stopping container a
        35.000 MODIFIED old Succeeded [a Completed(0) x0] Ready=False(PodCompleted) terminating(30)
        35.000 MODIFIED old Succeeded [a Completed(0) x0] Ready=False(PodCompleted) terminating(0)
        35.000 DELETED old Succeeded [a Completed(0) x0] Ready=False(PodCompleted) terminating(0)
    "#]]);
}

#[test]
fn readiness_by_command_annotation_and_probe() {
    let mut world = World::new(Timing::Instant);
    world.pod("slow", json!({"podground.dev/ready-after": "7s"}), one("nginx:1"));
    assert_eq!(world.settle(), 7);
    let slow = world.get("slow");
    world.kubelets.set_ready(&slow, false, world.now);
    world.run(1);
    world.kubelets.set_ready(&slow, true, world.now);
    world.run(1);
    world.kubelets.set_image("mysql:8", ImageBehaviour::Unready, world.now);
    let probe = json!({"httpGet": {"port": 80}, "failureThreshold": 2});
    world.pod("probed", json!({}), json!({"containers": [{"name": "a", "image": "mysql:8", "readinessProbe": probe}]}));
    world.run(15);
    world.kubelets.set_image("mysql:8", ImageBehaviour::Works, world.now);
    world.settle();
    world.story(expect![[r#"
        0.000 ADDED slow Pending []
        0.000 Normal Pullingx1: Pulling image "nginx:1"
        0.000 Normal Pulledx1: Successfully pulled image "nginx:1" in 0s (0s including waiting). Image size: 72703772 bytes.
        0.000 Normal Createdx1: Container created
        0.000 Normal Startedx1: Container started
        0.000 MODIFIED slow Running [a running x0] Ready=False(ContainersNotReady)
        7.000 MODIFIED slow Running [a running x0 ready] Ready=True
        7.000 MODIFIED slow Running [a running x0] Ready=False(ContainersNotReady)
        8.000 MODIFIED slow Running [a running x0 ready] Ready=True
        9.000 ADDED probed Pending []
        9.000 Normal Pullingx1: Pulling image "mysql:8"
        9.000 Normal Pulledx1: Successfully pulled image "mysql:8" in 0s (0s including waiting). Image size: 240770694 bytes.
        9.000 Normal Createdx1: Container created
        9.000 Normal Startedx1: Container started
        9.000 MODIFIED probed Running [a running x0] Ready=False(ContainersNotReady)
        9.000 Warning Unhealthyx1: Readiness probe failed: HTTP probe failed with statuscode: 503
        19.000 Warning Unhealthyx2: Readiness probe failed: HTTP probe failed with statuscode: 503
        29.000 MODIFIED probed Running [a running x0 ready] Ready=True
    "#]]);
}

#[test]
fn crashing_images_are_never_ready() {
    let mut world = World::new(Timing::Realistic);
    world.kubelets.set_image("mysql:8", ImageBehaviour::Crashes { exit_code: 1 }, world.now);
    world.pod("db", json!({}), one("mysql:8"));
    world.run(60);
    assert!(world.story.iter().all(|line| !line.contains("Ready=True")), "{:#?}", world.story);
}

#[test]
fn what_is_not_ready_says_what_it_waits_for() {
    let mut world = World::new(Timing::Realistic);
    world.kubelets.set_image("nginx:bad", ImageBehaviour::Broken, world.now);
    let mut waits = Vec::new();
    let mut note = |world: &World, name: &str| waits.push(format!("{name}: {}", world.waits[name]));
    world.pod("web", json!({}), one("nginx:1"));
    world.run(2);
    note(&world, "web");
    world.run(5);
    note(&world, "web");
    world.pod("bad", json!({}), one("nginx:bad"));
    world.run(5);
    note(&world, "bad");
    world.pod("crash", json!({"podground.dev/exit-code": "1", "podground.dev/run-for": "0s"}), one("nginx:1"));
    world.run(8);
    note(&world, "crash");
    let probe = json!({"initialDelaySeconds": 30, "exec": {"command": ["true"]}});
    world.pod("probed", json!({}), json!({"containers": [{"name": "a", "image": "nginx:1", "readinessProbe": probe}]}));
    world.run(3);
    note(&world, "probed");
    world.delete("web");
    world.run(1);
    note(&world, "web");
    expect![[r#"
        web: ContainerCreating: image nginx:1 is being pulled to n1
        web: 
        bad: ImagePullBackOff: container a: Back-off pulling image "nginx:bad": ErrImagePull: rpc error: code = NotFound desc = failed to pull and unpack image "docker.io/library/nginx:bad": failed to resolve reference "docker.io/library/nginx:bad": docker.io/library/nginx:bad: not found; tried again at 1970-01-01T00:00:18Z
        crash: CrashLoopBackOff: container a: back-off 10s restarting failed container=a pod=crash_default(d6de6acd-12c8-4e38-930e-0e6118e9685e); tried again at 1970-01-01T00:00:24Z
        probed: ReadinessProbe: container a runs, its readiness probe has not passed
        web: Terminating: its containers got SIGTERM; what still runs at 1970-01-01T00:00:53Z is killed
    "#]].assert_eq(&format!("{}\n", waits.join("\n")));
}

#[test]
fn a_second_deletion_shortens_the_grace_and_a_forced_one_leaves_no_trace() {
    let mut world = World::new(Timing::Classroom);
    let stubborn = json!({"podground.dev/ignore-sigterm": "true"});
    world.pod("a", stubborn.clone(), one("nginx:1"));
    world.pod("b", stubborn, one("nginx:1"));
    world.run(5);
    world.story.clear();
    world.delete("a");
    world.run(3);
    let key = |name: &str| ObjectKey::new(Kind::Pod, "default", name);
    let grace = |seconds| DeleteOptions { grace_period_seconds: Some(seconds), ..DeleteOptions::default() };
    world.server.delete(&key("a"), &grace(5)).expect("the pod");
    world.server.delete(&key("b"), &grace(0)).expect("the pod");
    world.deliver();
    world.run(30);
    assert_eq!(world.settle(), 0);
    world.story(expect![[r#"
        5.000 MODIFIED a Running [a running x0 ready] Ready=True terminating(30)
        5.011 Normal Killingx1: Stopping container a
        8.000 MODIFIED a Running [a running x0 ready] Ready=True terminating(5)
        8.000 MODIFIED b Running [a running x0 ready] Ready=True terminating(0)
        8.000 DELETED b Running [a running x0 ready] Ready=True terminating(0)
        8.005 Normal Killingx1: Stopping container a
        10.011 MODIFIED a Failed [a Error(137) x0] Ready=False(PodFailed) terminating(5)
        10.119 MODIFIED a Failed [a Error(137) x0] Ready=False(PodFailed) terminating(0)
        10.119 DELETED a Failed [a Error(137) x0] Ready=False(PodFailed) terminating(0)
    "#]]);
}

#[test]
fn logs_show_what_was_echoed() {
    let mut world = World::new(Timing::Instant);
    let command = json!(["sh", "-c", "echo up $(hostname); while true; do echo tick; sleep 2; done"]);
    world.pod("web", json!({}), json!({"containers": [{"name": "a", "image": "busybox", "command": command}]}));
    world.run(5);
    let web = world.get("web");
    let text = |world: &World, previous| -> Option<Vec<String>> {
        let lines: Option<Vec<LogLine>> = world.kubelets.log(&web.metadata.uid, "a", previous, world.now);
        lines.map(|lines| lines.into_iter().map(|line| line.text).collect())
    };
    assert_eq!(text(&world, false).expect("a log"), ["up web", "tick", "tick", "tick"]);
    assert_eq!(text(&world, true), None);
    world.kubelets.crash(&web, "a", 1, world.now);
    world.run(1);
    assert_eq!(text(&world, true).expect("a log").len(), 4);
}

#[test]
fn a_new_machine_turns_ready_and_renews_its_lease() {
    let mut world = World::new(Timing::Classroom);
    let plan = world.kubelets.add_machine(&MachineSpec::worker("n2"), world.now);
    world.server.apply(&plan).expect("a node");
    world.run(1);
    let node = |world: &World| Node::clone(world.server.lister().get::<Node>("", "n2").expect("the node"));
    assert!(!node(&world).is_ready());
    world.run(60);
    assert!(node(&world).is_ready());
    let lease = world.server.lister().get::<api::Lease>("kube-node-lease", "n2").expect("a lease");
    let renewed = lease.spec.renew_time.expect("renewed").0;
    assert!(world.now.since(renewed) < SimDuration::from_millis(10_400));
    let reasons: Vec<Str> =
        world.server.lister().events_about(&node(&world).metadata.uid).map(|event| event.reason.clone()).collect();
    assert!(reasons.iter().any(|reason| *reason == "NodeReady"), "{reasons:?}");
    world.kubelets.remove_machine("n2");
    assert!(!world.kubelets.has_machine("n2"));
    assert_eq!(world.settle(), 0);
}
