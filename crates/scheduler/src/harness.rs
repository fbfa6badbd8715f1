//! For tests: nodes and pods from JSON, one plugin or filter run at a time, and a small cluster around the scheduler.

use crate::cache::NodeCache;
use crate::counts::Map;
use crate::cycle::{self, Nominated, Prepared};
use crate::node_info::{NodeInfo, PodInfo};
use crate::plugins::{ALL, CycleState, World};
use crate::{Attempt, Scheduler};
use api::{Kind, Node, Object, ObjectKey, Pod, Resource, Time, Wire};
use apiserver::{DeleteOptions, Server};
use serde_json::{Value, json};
use sim::{Rng, SimDuration};
use std::rc::Rc;

/// A node with the pods on it.
pub(crate) struct NodeAndPods {
    node: Rc<Node>,
    pods: Vec<Rc<Pod>>,
}

/// A pod in the default namespace with this spec.
pub(crate) fn pod(name: &str, spec: Value) -> Rc<Pod> {
    labelled(name, json!({}), spec)
}

/// The same with labels.
pub(crate) fn labelled(name: &str, labels: Value, spec: Value) -> Rc<Pod> {
    let meta = json!({"name": name, "namespace": "default", "uid": name, "labels": labels});
    Rc::new(Pod::read(json!({"metadata": meta, "spec": spec})))
}

/// An empty node; it has plenty of room unless its status says otherwise.
pub(crate) fn node(name: &str, rest: Value) -> NodeAndPods {
    node_with(name, rest, &[])
}

/// A node with pods on it.
pub(crate) fn node_with(name: &str, mut rest: Value, pods: &[Rc<Pod>]) -> NodeAndPods {
    rest["metadata"]["name"] = name.into();
    if rest["status"]["allocatable"].is_null() {
        rest["status"]["allocatable"] = json!({"cpu": "64", "memory": "64Gi", "pods": "110"});
    }
    NodeAndPods { node: Rc::new(Node::read(rest)), pods: pods.to_vec() }
}

/// Runs `look` with everything that plugins may look at.
fn with_world(nodes: &[NodeAndPods], objects: &[Value], look: impl FnOnce(&World<'_>, &[&NodeInfo])) {
    let mut cache = NodeCache::default();
    for NodeAndPods { node, pods } in nodes {
        cache.set_node(node);
        for pod in pods {
            cache.add_pod(&node.metadata.name, PodInfo::new(pod.clone()));
        }
    }
    let now = Time::from_unix_millis(1_000_000_000_000);
    let mut server = server(now);
    for object in objects {
        server.create_from(object.clone()).expect("a valid object");
    }
    let (nominated, assumed, free_volumes) = (Nominated::default(), Map::new(), Map::new());
    let world = World {
        lister: server.lister(),
        nodes: &cache,
        nominated: &nominated,
        assumed: &assumed,
        free_volumes: &free_volumes,
        now,
    };
    let infos: Vec<&NodeInfo> = nodes.iter().filter_map(|n| cache.get(&n.node.metadata.name)).collect();
    look(&world, &infos);
}

/// What all filters together say about the node: `fits`, or the reasons.
pub(crate) fn assert_filter(pod: &Rc<Pod>, node: &NodeAndPods, expected: &str) {
    let node = NodeAndPods { node: node.node.clone(), pods: node.pods.clone() };
    assert_filter_among(pod, &[node], &[expected]);
}

/// What all filters together say about each of the nodes.
pub(crate) fn assert_filter_among(pod: &Rc<Pod>, nodes: &[NodeAndPods], expected: &[&str]) {
    with_world(nodes, &[], |world, infos| {
        let mut state = CycleState::default();
        if let Prepared::Rejected { reason, .. } = cycle::pre_filter(world, pod, &mut state) {
            panic!("rejected before any node was looked at: {reason}");
        }
        let verdict = |node: &&NodeInfo| match cycle::check_with_nominated(world, &state, pod, node) {
            Ok(()) => "fits".to_owned(),
            Err(why) if why.resolvable => why.reasons.join(", "),
            Err(why) => format!("{} (for good)", why.reasons.join(", ")),
        };
        let verdicts: Vec<String> = infos.iter().map(verdict).collect();
        assert_eq!(verdicts, expected);
    });
}

/// The points that one plugin gives the nodes, before its weight.
pub(crate) fn assert_scores(plugin: &str, pod: &Rc<Pod>, nodes: &[NodeAndPods], objects: &[Value], expected: &str) {
    with_world(nodes, objects, |world, infos| {
        let mut state = CycleState::default();
        cycle::pre_filter(world, pod, &mut state);
        let scores = cycle::score(world, pod, &mut state, infos);
        let given = scores.iter().find(|(index, _)| ALL[*index].name == plugin);
        let points = |i: usize| given.map_or(0, |(index, points)| points[i] / ALL[*index].weight);
        let texts: Vec<String> = infos.iter().enumerate().map(|(i, n)| format!("{} {}", n.name(), points(i))).collect();
        assert_eq!(texts.join(", "), expected);
    });
}

fn server(now: Time) -> Server {
    let mut server = Server::new(now, Rng::new(1));
    for object in [
        json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "default"}}),
        json!({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "default", "namespace": "default"}}),
    ] {
        server.create_from(object).expect("a valid object");
    }
    server
}

/// An API server and a scheduler.
pub(crate) struct Cluster {
    pub(crate) server: Server,
    pub(crate) scheduler: Scheduler,
    rng: Rng,
    cursor: u64,
}

impl Cluster {
    /// A cluster with these nodes (4 CPUs, 8 GiB, 110 pods each).
    pub(crate) fn new(nodes: &[&str]) -> Self {
        let server = server(Time::from_unix_millis(1_000_000_000_000));
        let mut cluster = Cluster { server, scheduler: Scheduler::new(), rng: Rng::new(7), cursor: 0 };
        for name in nodes {
            cluster.node(name, json!({}));
        }
        cluster
    }

    /// Adds a node.
    pub(crate) fn node(&mut self, name: &str, spec: Value) {
        let labels = json!({"kubernetes.io/hostname": name});
        let allocatable = json!({"cpu": "4", "memory": "8Gi", "pods": "110", "ephemeral-storage": "100Gi"});
        self.create(json!({"apiVersion": "v1", "kind": "Node", "metadata": {"name": name, "labels": labels},
                           "spec": spec, "status": {"allocatable": allocatable}}));
    }

    /// Creates an object.
    pub(crate) fn create(&mut self, body: Value) -> Object {
        let made = self.server.create_from(body.clone()).unwrap_or_else(|error| panic!("{error}: {body}"));
        self.deliver();
        made
    }

    /// Creates a pod with one container that asks for this.
    pub(crate) fn pod(&mut self, name: &str, requests: Value, mut spec: Value) -> ObjectKey {
        let mut container = json!({"name": "c", "image": "i:1", "resources": {"requests": requests}});
        if let Some(ports) = spec.get("ports").cloned() {
            container["ports"] = ports;
            spec.as_object_mut().expect("a map").remove("ports");
        }
        spec["containers"] = json!([container]);
        let meta = json!({"name": name, "namespace": "default", "labels": {"app": name}});
        self.create(json!({"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": spec})).key()
    }

    /// Replaces a stored object with what `change` makes of it.
    pub(crate) fn change<T: Resource>(&mut self, namespace: &str, name: &str, change: impl FnOnce(&mut T)) {
        let stored = self.server.lister().get::<T>(namespace, name).expect("it exists");
        let mut changed = T::clone(stored);
        change(&mut changed);
        let object = changed.into_object();
        self.server.update(object.clone()).and_then(|_| self.server.update_status(unversioned(object))).expect("valid");
        self.deliver();
    }

    /// Deletes an object at once.
    pub(crate) fn delete(&mut self, key: &ObjectKey) {
        let options = DeleteOptions { grace_period_seconds: Some(0), ..DeleteOptions::default() };
        self.server.delete(key, &options).expect("it exists");
        self.deliver();
    }

    /// Lets time pass.
    pub(crate) fn pass(&mut self, ms: u64) {
        let now = self.server.now().plus(SimDuration::from_millis(ms));
        self.server.set_now(now);
    }

    /// Has the scheduler do one thing, if something is due.
    pub(crate) fn step(&mut self) -> Option<Attempt> {
        let due = self.scheduler.next_at().filter(|at| at.since(self.server.now()).as_millis() <= 10)?;
        // The rest between two attempts passes by itself.
        let now = due.max(self.server.now());
        self.server.set_now(now);
        let attempt = self.scheduler.step(self.server.lister(), now, &mut self.rng)?;
        self.server.apply(&attempt.plan).expect("plans can be applied");
        self.deliver();
        Some(attempt)
    }

    /// Has the scheduler do everything that is due; answers with the plans as text.
    pub(crate) fn run(&mut self) -> String {
        let mut log = String::new();
        for _ in 0..100_000 {
            match self.step() {
                Some(attempt) => log.push_str(&attempt.plan.to_string()),
                None => return log,
            }
        }
        panic!("the scheduler never comes to rest:\n{log}");
    }

    /// The node of a pod; empty if it has none.
    pub(crate) fn node_of(&self, name: &str) -> String {
        self.stored(name).spec.node_name.to_string()
    }

    /// The message of the pod's PodScheduled condition.
    pub(crate) fn message(&self, name: &str) -> String {
        self.stored(name).status.condition("PodScheduled").map(|c| c.message.to_string()).unwrap_or_default()
    }

    /// The pod as it is stored.
    pub(crate) fn stored(&self, name: &str) -> &Pod {
        self.server.pod("default", name).expect("it exists")
    }

    /// The key of a pod.
    pub(crate) fn key(name: &str) -> ObjectKey {
        ObjectKey::new(Kind::Pod, "default", name)
    }

    fn deliver(&mut self) {
        let events: Vec<_> = self.server.watch_since(self.cursor).cloned().collect();
        self.cursor = self.server.watch_cursor();
        let now = self.server.now();
        for event in &events {
            self.scheduler.observe(event, self.server.lister(), now);
        }
    }
}

fn unversioned(mut object: Object) -> Object {
    object.meta_mut().resource_version = Default::default();
    object
}
