//! From a cycle's outcome to a plan: bind, wait for volumes, make room, or say why not.
//! Models: pkg/scheduler/schedule_one.go (scheduleOnePod, bindingCycle, handleSchedulingFailure),
//! pkg/scheduler/framework/preemption/executor.go.

use crate::binding::Progress;
use crate::cycle::{self, Found, NodeStatuses, Prepared};
use crate::diagnosis;
use crate::node_info::{NodeInfo, priority};
use crate::plugins::{ALL, CycleState, PluginSet, PodVolumes, PostFilter, PostFilterAnswer};
use crate::queue::QueuedPod;
use crate::scheduler::{Attempt, NAME, Scheduler, is_ours};
use crate::trace::{Detail, Examination, MAX_ROWS, Outcome, SchedulingTrace};
use crate::waits;
use api::{ObjectKey, Pod, PodCondition, Resource, Str, Time};
use apiserver::{DeleteOptions, EventRecord, Lister, Plan, Wait, Write};
use sim::Rng;
use std::rc::Rc;

/// What becomes of an earlier promise of room.
enum Promise {
    /// It stays as it is.
    Keep,
    /// This node from now on; none if empty.
    Set(Str),
}

/// Why a pod was not bound, and what follows.
struct Failure {
    /// `Unschedulable` or `SchedulerError`.
    reason: &'static str,
    message: String,
    rejected_by: PluginSet,
    promise: Promise,
    victims: Vec<ObjectKey>,
    wait: Wait,
}

/// The outcome of the post-filter plugins.
struct Afterwards {
    text: String,
    promise: Promise,
    victims: Vec<ObjectKey>,
}

impl Scheduler {
    /// Tries to find a node for the pod.
    pub(crate) fn attempt(
        &mut self,
        lister: Lister<'_>,
        key: &ObjectKey,
        pod: &Rc<Pod>,
        queued: QueuedPod,
        now: Time,
        rng: &mut Rng,
    ) -> Attempt {
        let attempts = queued.attempts;
        if pod.is_terminating() {
            let mut plan = Plan::default();
            let message = format!("skip schedule deleting pod: {}/{}", key.namespace, key.name);
            plan.record(EventRecord::warning(&**pod, NAME, "FailedScheduling", message));
            return self.close(key, plan, Look::at_nothing(attempts, now), Outcome::Deleted);
        }
        if self.nodes.len() == 0 {
            let failure = Failure {
                reason: "Unschedulable",
                message: diagnosis::NO_NODES.to_owned(),
                rejected_by: PluginSet::default(),
                promise: Promise::Set(Str::default()),
                victims: Vec::new(),
                wait: waits::no_nodes(pod),
            };
            return self.fail(lister, key, pod, queued, failure, Look::at_nothing(attempts, now));
        }
        let mut state = CycleState::default();
        let mut start = self.start;
        let world = self.world(lister, now);
        let only = match cycle::pre_filter(&world, pod, &mut state) {
            Prepared::Ready { only, named_by } => only.map(|names| (names, named_by)),
            Prepared::Rejected { plugin, reason } => {
                let failure = self.rejected_early(lister, pod, &state, (plugin, &reason), now, rng);
                let nodes = self.nodes.len();
                let examination = Examination { nodes, reasons: vec![(reason, nodes)], ..Examination::default() };
                let look = Look { attempts, at: now, examination: Rc::new(examination) };
                return self.fail(lister, key, pod, queued, failure, look);
            }
        };
        let named_by = only.as_ref().map_or(PluginSet::default(), |(_, named_by)| *named_by);
        let found = cycle::find_feasible(&world, pod, &state, only, &mut start);
        let examined = found.examined as u64;
        let mut chosen = self.choose(lister, pod, &mut state, &found, now, rng);
        let look = Look { attempts, at: now, examination: Rc::new(self.examination(&found, &mut chosen)) };
        self.start = start;
        self.examined += examined;
        let Some(slot) = chosen.best else {
            let failure = self.no_fit(lister, pod, &state, (&found.statuses, named_by), now, rng);
            return self.fail(lister, key, pod, queued, failure, look);
        };
        let node = self.nodes.at(slot).map(NodeInfo::name).cloned().unwrap_or_default();
        let volumes = self.nodes.at(slot).map(|node| state.volumes_on(node)).unwrap_or_default();
        self.assume(key, pod, &node);
        if volumes.is_empty() {
            return self.close(key, bind(key, pod, &node), look, Outcome::Bound { node });
        }
        let plan = order_volumes(pod, &node, &volumes);
        self.binding.start(key, queued, &node, &volumes, now);
        self.close(key, plan, look, Outcome::AwaitsVolumes { node })
    }

    /// Ends the wait of a pod for its volumes.
    pub(crate) fn finish_binding(
        &mut self,
        lister: Lister<'_>,
        key: &ObjectKey,
        progress: Progress,
        now: Time,
    ) -> Attempt {
        let waiting = self.binding.remove(key);
        let pod = lister.get::<Pod>(&key.namespace, &key.name).cloned();
        let (Some(waiting), Some(pod)) = (waiting, pod) else {
            self.forget_assumed(key, now);
            return self.close(key, Plan::default(), Look::at_nothing(0, now), Outcome::Deleted);
        };
        let examination = self.traces.get(key).map(|trace| trace.examination.clone()).unwrap_or_default();
        let look = Look { attempts: waiting.queued.attempts, at: now, examination };
        let Progress::Failed(error) = progress else {
            let node = waiting.node;
            return self.close(key, bind(key, &pod, &node), look, Outcome::Bound { node });
        };
        self.forget_assumed(key, now);
        let message = format!("running PreBind plugin \"VolumeBinding\": binding volumes: {error}");
        let failure = Failure {
            reason: "SchedulerError",
            rejected_by: PluginSet::default(),
            promise: Promise::Set(Str::default()),
            victims: Vec::new(),
            wait: waits::failed(&pod, &error),
            message,
        };
        self.fail(lister, key, &pod, waiting.queued, failure, look)
    }

    /// Says of a pod that it will not be tried, and why.
    pub(crate) fn say_why_held_back(&mut self, lister: Lister<'_>, key: &ObjectKey, now: Time) -> Option<Attempt> {
        let pod = lister.get::<Pod>(&key.namespace, &key.name).filter(|pod| pod.spec.node_name.is_empty())?;
        let held_by = ALL.iter().filter_map(|plugin| plugin.pre_enqueue).find_map(|look| look(pod));
        let (wait, outcome) = match held_by {
            _ if !is_ours(pod) => (waits::foreign(pod), Outcome::Foreign),
            Some(message) => (waits::gated(pod), Outcome::Gated { message }),
            None => return None,
        };
        let plan = Plan { waits: vec![wait], ..Plan::default() };
        Some(self.close(key, plan, Look::at_nothing(0, now), outcome))
    }

    /// Scores the nodes that fit and takes one of the best.
    fn choose(
        &self,
        lister: Lister<'_>,
        pod: &Pod,
        state: &mut CycleState,
        found: &Found,
        now: Time,
        rng: &mut Rng,
    ) -> Choice {
        // A single node is taken as it is.
        if found.feasible.len() <= 1 {
            return Choice { best: found.feasible.first().copied(), scores: Vec::new() };
        }
        let nodes: Vec<&NodeInfo> = found.feasible.iter().filter_map(|slot| self.nodes.at(*slot)).collect();
        let scores = cycle::score(&self.world(lister, now), pod, state, &nodes);
        let mut totals = vec![0; nodes.len()];
        for (_, points) in &scores {
            totals.iter_mut().zip(points).for_each(|(total, points)| *total += points);
        }
        let top = totals.iter().copied().max().unwrap_or(0);
        let best: Vec<u32> = nodes.iter().zip(&totals).filter(|(_, t)| **t == top).map(|(node, _)| node.slot).collect();
        let pick = if best.len() > 1 { rng.below(best.len() as u64) } else { 0 };
        Choice { best: usize::try_from(pick).ok().and_then(|pick| best.get(pick)).copied(), scores }
    }

    /// Asks the post-filter plugins what can be done. Models: RunPostFilterPlugins.
    fn post_filter(
        &self,
        lister: Lister<'_>,
        pod: &Pod,
        state: &CycleState,
        statuses: &NodeStatuses,
        now: Time,
        rng: &mut Rng,
    ) -> Afterwards {
        let mut after = Afterwards { text: String::new(), promise: Promise::Keep, victims: Vec::new() };
        let mut attempt = PostFilter { world: self.world(lister, now), pod, state, statuses, rng };
        let mut reasons = Vec::new();
        for look in ALL.iter().filter_map(|plugin| plugin.post_filter) {
            match look(&mut attempt) {
                PostFilterAnswer::Nothing { reason, clears_nomination } => {
                    reasons.push(reason);
                    if clears_nomination {
                        after.promise = Promise::Set(Str::default());
                    }
                }
                PostFilterAnswer::Failed(text) => return Afterwards { text, promise: Promise::Keep, ..after },
                PostFilterAnswer::Nominate { node, victims } => {
                    return Afterwards { text: String::new(), promise: Promise::Set(node), victims };
                }
            }
        }
        after.text = reasons.join(", ");
        after
    }

    fn rejected_early(
        &self,
        lister: Lister<'_>,
        pod: &Pod,
        state: &CycleState,
        (plugin, reason): (usize, &str),
        now: Time,
        rng: &mut Rng,
    ) -> Failure {
        let after = self.post_filter(lister, pod, state, &NodeStatuses::default(), now, rng);
        let mut rejected_by = PluginSet::default();
        rejected_by.insert(plugin);
        Failure {
            reason: "Unschedulable",
            message: diagnosis::rejected(self.nodes.len(), reason, &after.text),
            rejected_by,
            promise: after.promise,
            victims: Vec::new(),
            wait: waits::rejected(pod, reason),
        }
    }

    fn no_fit(
        &self,
        lister: Lister<'_>,
        pod: &Pod,
        state: &CycleState,
        (statuses, named_by): (&NodeStatuses, PluginSet),
        now: Time,
        rng: &mut Rng,
    ) -> Failure {
        let after = self.post_filter(lister, pod, state, statuses, now, rng);
        let mut rejected_by = named_by;
        for (_, rejection) in &statuses.explicit {
            rejected_by.insert(rejection.plugin);
        }
        let nodes = self.nodes.len();
        let wait = match &after.promise {
            Promise::Set(node) if !node.is_empty() => waits::preempting(pod, node, after.victims.clone()),
            _ => waits::no_fit(pod, nodes, &diagnosis::histogram(statuses, nodes)),
        };
        Failure {
            reason: "Unschedulable",
            message: diagnosis::no_fit(nodes, statuses, &after.text),
            rejected_by,
            promise: after.promise,
            victims: after.victims,
            wait,
        }
    }

    /// Puts the pod back and says why. Models: handleSchedulingFailure.
    fn fail(
        &mut self,
        lister: Lister<'_>,
        key: &ObjectKey,
        pod: &Rc<Pod>,
        queued: QueuedPod,
        failure: Failure,
        look: Look,
    ) -> Attempt {
        let now = look.at;
        self.queue.put_back(key, queued, failure.rejected_by, now);
        let mut plan = Plan::default();
        let message = diagnosis::for_event(&failure.message);
        plan.record(EventRecord::warning(&**pod, NAME, "FailedScheduling", message));
        if let Some(written) = with_outcome(pod, &failure, now) {
            plan.write(Write::UpdateStatus(written.into_object()));
        }
        let nominated = match &failure.promise {
            Promise::Keep => &pod.status.nominated_node_name,
            Promise::Set(node) => node,
        };
        self.nominated.set(key, pod, nominated);
        if let Promise::Set(node) = &failure.promise
            && !node.is_empty()
        {
            self.make_room(lister, pod, node, &failure.victims, &mut plan, now);
        }
        let nominated = Some(nominated.clone()).filter(|node| !node.is_empty());
        let outcome = match failure.reason {
            "Unschedulable" => Outcome::Unschedulable { message: failure.message, nominated },
            _ => Outcome::Failed { message: failure.message },
        };
        plan.waits.push(failure.wait);
        self.close(key, plan, look, outcome)
    }

    /// Has the victims go, and takes back promises of the node to pods of lower priority.
    /// Models: prepareCandidateAsync, PreemptPod.
    fn make_room(
        &mut self,
        lister: Lister<'_>,
        pod: &Pod,
        node: &Str,
        victims: &[ObjectKey],
        plan: &mut Plan,
        now: Time,
    ) {
        let lower: Vec<Rc<Pod>> = self
            .nominated
            .on(node)
            .filter(|info| priority(&info.pod) < priority(pod))
            .filter_map(|info| lister.get::<Pod>(&info.pod.metadata.namespace, &info.pod.metadata.name).cloned())
            .filter(|other| !other.status.nominated_node_name.is_empty())
            .collect();
        for other in lower {
            let mut freed = Pod::clone(&other);
            freed.status.nominated_node_name = Str::default();
            plan.write(Write::UpdateStatus(freed.into_object()));
        }
        for key in victims {
            let Some(victim) = lister.get::<Pod>(&key.namespace, &key.name) else { continue };
            if victim.is_terminating() {
                continue;
            }
            let mut message = format!("Preempted by pod {} on node {node}", pod.metadata.uid);
            if self.binding.has(key) {
                // It has no containers yet: its binding is called off, and it looks for another node.
                self.binding.cancel(key, now);
                message.push_str(" (in kube-scheduler memory).");
            } else {
                evict(victim, plan, now);
            }
            plan.record(EventRecord::normal(&**victim, NAME, "Preempted", message));
        }
    }

    fn close(&mut self, key: &ObjectKey, plan: Plan, look: Look, outcome: Outcome) -> Attempt {
        let Look { attempts, at, examination } = look;
        let trace = Rc::new(SchedulingTrace { pod: key.clone(), at, attempts, outcome, examination });
        self.traces.insert(&trace);
        Attempt { pod: key.clone(), plan, trace }
    }

    fn examination(&self, found: &Found, choice: &mut Choice) -> Examination {
        let nodes = self.nodes.len();
        let small = nodes <= MAX_ROWS;
        let mut reasons: Vec<(String, usize)> = Vec::new();
        if small || found.feasible.is_empty() {
            let counts = diagnosis::histogram(&found.statuses, nodes).into_iter();
            reasons = counts.map(|(reason, count)| (reason.into_owned(), count)).collect();
            reasons.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        }
        Examination {
            nodes,
            examined: found.examined,
            feasible: found.feasible.len(),
            reasons,
            detail: small.then(|| self.detail(found, choice)),
        }
    }

    /// What the rows of a trace are made of; the points are taken out of the choice.
    fn detail(&self, found: &Found, choice: &mut Choice) -> Rc<Detail> {
        Rc::new(Detail {
            nodes: self.nodes.names(),
            feasible: found.feasible.clone(),
            rejected: found.statuses.explicit.clone(),
            scores: std::mem::take(&mut choice.scores),
        })
    }
}

/// What goes into the trace of an attempt, beside how it ended.
struct Look {
    attempts: u32,
    at: Time,
    examination: Rc<Examination>,
}

impl Look {
    /// No node was looked at.
    fn at_nothing(attempts: u32, at: Time) -> Self {
        Look { attempts, at, examination: Rc::default() }
    }
}

/// The node that was taken, and the points of all that fit.
struct Choice {
    best: Option<u32>,
    scores: cycle::Scores,
}

fn bind(key: &ObjectKey, pod: &Pod, node: &Str) -> Plan {
    let mut plan = Plan::default();
    let message = format!("Successfully assigned {}/{} to {node}", key.namespace, key.name);
    plan.write_recording(
        Write::Bind { pod: key.clone(), node: node.clone() },
        EventRecord::normal(pod, NAME, "Scheduled", message),
        EventRecord::warning(pod, NAME, "FailedScheduling", "running Bind plugin \"DefaultBinder\": {error}"),
    );
    plan
}

/// Promises volumes to claims and orders those that have to be made. Models: bindingCycle up to PreBind, bindAPIUpdate.
fn order_volumes(pod: &Rc<Pod>, node: &Str, volumes: &PodVolumes) -> Plan {
    let mut plan = Plan::default();
    if pod.status.nominated_node_name != *node {
        let mut nominated = Pod::clone(pod);
        nominated.status.nominated_node_name = node.clone();
        plan.write(Write::UpdateStatus(nominated.into_object()));
    }
    for volume in volumes.promised_volumes() {
        plan.write(Write::Update(volume.into_object()));
    }
    for claim in volumes.claims_for(node) {
        plan.write(Write::Update(claim.into_object()));
    }
    let claims = volumes.claims().map(|claim| waits::claim_key(pod, &claim.metadata.name)).collect();
    plan.waits.push(waits::volumes(pod, node, claims));
    plan
}

/// The pod with its condition and promise, if they say anything new. Models: updatePod.
fn with_outcome(pod: &Pod, failure: &Failure, now: Time) -> Option<Pod> {
    let mut written = pod.clone();
    let known = pod.status.condition("PodScheduled");
    let says_so =
        |c: &PodCondition| c.status == "False" && c.reason == failure.reason && c.message == failure.message.as_str();
    let is_news = !known.is_some_and(says_so);
    if is_news {
        let condition = PodCondition::new("PodScheduled", false).because(failure.reason, failure.message.as_str());
        let observed_generation = pod.metadata.generation;
        written.status.set_condition(PodCondition { observed_generation, ..condition }, now);
    }
    if let Promise::Set(node) = &failure.promise {
        written.status.nominated_node_name = node.clone();
    }
    (is_news || written.status.nominated_node_name != pod.status.nominated_node_name).then_some(written)
}

/// Marks the pod as disturbed and deletes it gracefully.
fn evict(victim: &Rc<Pod>, plan: &mut Plan, now: Time) {
    let mut marked = Pod::clone(victim);
    let message = format!("{NAME}: preempting to accommodate a higher priority pod");
    let condition = PodCondition::new("DisruptionTarget", true).because("PreemptionByScheduler", message);
    let observed_generation = victim.metadata.generation;
    marked.status.set_condition(PodCondition { observed_generation, ..condition }, now);
    plan.write(Write::UpdateStatus(marked.into_object()));
    plan.write(Write::Delete(victim.key(), DeleteOptions::default()));
}
