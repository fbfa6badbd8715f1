//! Test fixture: an API server with one controller, moved by hand. No kubelet: a test says what becomes of a pod.

use crate::{BackOff, Controller, Ctx, Memory};
use api::{Kind, Object, ObjectKey, Pod, PodCondition, Resource, Time, Wire};
use apiserver::{DeleteOptions, Lister, Plan, Server, Write};
use serde_json::{Value, json};
use sim::{Rng, SimDuration};

pub(crate) struct World {
    pub server: Server,
    pub back_off: BackOff,
    pub memory: Memory,
    controller: &'static Controller,
    key: ObjectKey,
}

impl World {
    /// A server with the namespace `default`, for one controller and the object of this kind and name.
    pub(crate) fn new(controller: &'static Controller, kind: Kind, name: &str) -> World {
        World::at(controller, ObjectKey::new(kind, "default", name))
    }

    /// The same for any key.
    pub(crate) fn at(controller: &'static Controller, key: ObjectKey) -> World {
        let mut server = Server::new(Time::parse("2026-11-20T15:07:00Z").expect("a time"), Rng::new(1));
        for (kind, name) in [("Namespace", "default"), ("ServiceAccount", "default")] {
            let body = json!({"apiVersion": "v1", "kind": kind, "metadata": {"name": name}});
            server.create_from(body).expect("created");
        }
        World { server, back_off: BackOff::default(), memory: Memory::default(), controller, key }
    }

    pub(crate) fn create(&mut self, body: Value) -> Object {
        self.server.create_from(body).expect("created")
    }

    /// Merges a patch into the controller's object.
    pub(crate) fn patch(&mut self, body: Value) {
        let key = self.key.clone();
        self.patch_at(&key, body);
    }

    pub(crate) fn patch_at(&mut self, key: &ObjectKey, body: Value) {
        self.server.patch(key, apiserver::PatchType::Merge, &body, false).expect("patched");
    }

    pub(crate) fn lister(&self) -> Lister<'_> {
        self.server.lister()
    }

    pub(crate) fn pod(&self, name: &str) -> Pod {
        self.server.pod("default", name).map(|pod| Pod::clone(pod)).expect("a pod of this name")
    }

    pub(crate) fn pass_time(&mut self, seconds: u64) {
        let now = self.server.now().plus(SimDuration::from_secs(seconds));
        self.server.set_now(now);
    }

    /// What the controller decides now.
    pub(crate) fn decide(&self) -> Plan {
        let ctx = Ctx { lister: self.lister(), now: self.server.now(), back_off: &self.back_off, memory: &self.memory };
        (self.controller.reconcile)(&ctx, &self.key).plan
    }

    /// Lets the controller decide and carries it out; answers with the plan in words.
    pub(crate) fn step(&mut self) -> String {
        let key = self.key.clone();
        self.step_at(&key)
    }

    /// The same for another key of the controller.
    pub(crate) fn step_at(&mut self, key: &ObjectKey) -> String {
        let ctx = Ctx {
            lister: self.server.lister(),
            now: self.server.now(),
            back_off: &self.back_off,
            memory: &self.memory,
        };
        let decision = (self.controller.reconcile)(&ctx, key);
        for failed in &decision.failed {
            self.back_off.count(failed, self.server.now());
        }
        for name in &decision.forgotten {
            self.back_off.forget(name);
        }
        if let Some((key, memory)) = &decision.remembered {
            self.memory.keep(key.clone(), memory.clone());
        }
        let result = self.server.apply(&decision.plan);
        if result.is_ok() {
            decision.runs.iter().for_each(|(name, run)| self.back_off.set_run(name, *run));
        }
        let mut text = words(&decision.plan);
        if let Err(error) = result {
            text.push_str(&format!("error: {}\n", error.message));
        }
        text
    }

    /// Steps until nothing is written any more.
    pub(crate) fn settle(&mut self) {
        for _ in 0..50 {
            let plan = self.decide();
            if plan.steps.is_empty() && plan.finally.is_empty() {
                return;
            }
            self.step();
        }
        panic!("the controller never comes to rest:\n{}", self.step());
    }

    /// Starts every pod that has not been started, as a kubelet does, and settles until nothing is left to do.
    pub(crate) fn run(&mut self) {
        for _ in 0..100 {
            self.settle();
            let pending = |pod: &&std::rc::Rc<Pod>| pod.status.phase == "Pending";
            let waiting: Vec<String> =
                self.lister().list::<Pod>().filter(pending).map(|p| p.metadata.name.to_string()).collect();
            if waiting.is_empty() {
                return;
            }
            for name in waiting {
                self.ready(&name);
            }
        }
    }

    /// Binds a pod if it is not bound, and makes it Running and Ready.
    pub(crate) fn ready(&mut self, name: &str) {
        let pod = self.pod(name);
        if pod.spec.node_name.is_empty() {
            let node = crate::daemonset::target_node(&pod).cloned().unwrap_or("node-1".into());
            self.server.bind(&pod.key(), &node).expect("bound");
        }
        self.set_status(name, "Running", true);
    }

    pub(crate) fn set_status(&mut self, name: &str, phase: &str, ready: bool) {
        let mut pod = self.pod(name);
        pod.status.phase = phase.into();
        pod.status.set_condition(PodCondition::new("Ready", ready), self.server.now());
        self.server.update_status(pod.into_object()).expect("updated");
    }

    /// Asks for a deletion, as a user does.
    pub(crate) fn delete(&mut self, kind: Kind, name: &str) {
        let key = ObjectKey::new(kind, "default", name);
        self.server.delete(&key, &DeleteOptions::default()).expect("deleted");
    }

    /// Removes a pod that is being deleted, as a kubelet does at the end.
    pub(crate) fn gone(&mut self, name: &str) {
        let key = ObjectKey::new(Kind::Pod, "default", name);
        let options = DeleteOptions { grace_period_seconds: Some(0), ..Default::default() };
        self.server.delete(&key, &options).expect("deleted");
    }
}

/// A plan as tests show it: one line a write with what matters of the object, its event, and the waits.
fn words(plan: &Plan) -> String {
    let mut text = String::new();
    for step in plan.steps.iter().chain(&plan.finally) {
        match &step.write {
            Write::Record(event) => text.push_str(&format!("{} {}\n", event.reason, event.message)),
            write => text.push_str(&format!("{}\n", write_words(write))),
        }
        if let Some(event) = &step.on_success {
            text.push_str(&format!("  {} {}\n", event.reason, event.message));
        }
        if let (None, Some(event)) = (&step.on_success, &step.on_failure) {
            text.push_str(&format!("  else {} {}\n", event.reason, event.message));
        }
    }
    if let Some(after) = plan.requeue_after {
        text.push_str(&format!("requeue {after}\n"));
    }
    if let Some(after) = plan.recheck_after {
        text.push_str(&format!("recheck {after}\n"));
    }
    for wait in &plan.waits {
        text.push_str(&format!("wait {}: {}\n", wait.rule, wait.message));
    }
    text
}

/// A ReplicaSet without its hash: its revision, what is noted of its Deployment, and how many pods it wants.
fn set_words(set: &api::ReplicaSet) -> String {
    let note = |name: &str| {
        let key = format!("deployment.kubernetes.io/{name}");
        set.metadata.annotations.get(&key).map_or(String::new(), |value| format!(" {name}={value}"))
    };
    let notes: String = ["revision", "revision-history", "desired-replicas", "max-replicas"].map(note).concat();
    format!("ReplicaSet {} replicas={}{notes}", set.metadata.name, set.spec.replicas.unwrap_or(0))
}

fn write_words(write: &Write) -> String {
    match write {
        Write::Create(Object::Pod(pod)) => {
            let revision = crate::history::label(&**pod, "controller-revision-hash");
            let node = crate::daemonset::target_node(pod).map(|node| format!(" for {node}")).unwrap_or_default();
            let name = if pod.metadata.name.is_empty() {
                format!("{}*", pod.metadata.generate_name)
            } else {
                pod.metadata.name.to_string()
            };
            format!("create pod {name} {revision}{node}")
        }
        Write::Create(Object::ReplicaSet(set)) => format!("create {}", set_words(set)),
        Write::Update(Object::ReplicaSet(set)) => format!("update {}", set_words(set)),
        Write::UpdateStatus(Object::Deployment(deployment)) => {
            let status = &deployment.status;
            let revision = deployment.metadata.annotations.get("deployment.kubernetes.io/revision");
            let conditions: Vec<String> =
                status.conditions.iter().map(|c| format!("{}={}({})", c.r#type, c.status, c.reason)).collect();
            format!(
                "status rev={} {} of {} updated={} ready={} available={} unavailable={} terminating={} [{}]",
                revision.map_or("", |revision| revision),
                status.replicas,
                deployment.spec.replicas.unwrap_or(0),
                status.updated_replicas,
                status.ready_replicas,
                status.available_replicas,
                status.unavailable_replicas,
                status.terminating_replicas.map_or("-".to_owned(), |n| n.to_string()),
                conditions.join(" ")
            )
        }
        Write::Update(object) => {
            let owners: Vec<&str> = object.meta().owner_references.iter().map(|o| o.name.as_str()).collect();
            let number = match object {
                Object::ControllerRevision(revision) => format!(" revision={}", revision.revision),
                _ => String::new(),
            };
            format!("update {} owners=[{}]{number}", object.key(), owners.join(" "))
        }
        Write::UpdateStatus(Object::Pod(pod)) => {
            let conditions = pod.status.conditions.iter().map(|c| format!(" {}={}", c.r#type, c.status));
            format!("status {} {}{}", pod.metadata.name, pod.status.phase, conditions.collect::<String>())
        }
        Write::UpdateStatus(Object::Node(node)) => {
            let conditions = node.status.conditions.iter().map(|c| format!(" {}={}", c.r#type, c.status));
            format!("status {}{}", node.metadata.name, conditions.collect::<String>())
        }
        Write::UpdateStatus(object) => {
            let status = match object {
                Object::StatefulSet(set) => set.status.write(),
                Object::DaemonSet(set) => set.status.write(),
                Object::ReplicaSet(set) => set.status.write(),
                Object::ReplicationController(controller) => controller.status.write(),
                Object::Job(job) => return crate::job::status_words(&job.status),
                Object::CronJob(cron_job) => cron_job.status.write(),
                Object::PodDisruptionBudget(budget) => budget.status.write(),
                Object::ResourceQuota(quota) => quota.status.write(),
                _ => Value::Null,
            };
            let fields = status.as_object().into_iter().flatten().filter(|(name, _)| *name != "collisionCount");
            let fields: Vec<String> = fields.map(|(name, value)| format!("{name}={value}").replace('"', "")).collect();
            format!("status {}", fields.join(" "))
        }
        other => other.to_string(),
    }
}
