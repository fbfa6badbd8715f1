//! One pass over a Deployment: finds the new and the old sets, and lets scaling or the strategy go on from there.
//! Models: syncDeployment in pkg/controller/deployment/deployment_controller.go, and sync.go.

use super::conditions::{self, PROGRESSING};
use super::numbers::{self, size};
use super::{by_age, recreate, revisions, rolling, scale, status};
use crate::Ctx;
use api::{Deployment, Namespace, ReplicaSet, Resource, Version};
use apiserver::{DeleteOptions, EventRecord, Plan, Step, Write};
use std::rc::Rc;

/// Who records the events.
pub(super) const COMPONENT: &str = "deployment-controller";

/// A pass under way. The Deployment and its sets are as the writes of the pass leave them.
pub(super) struct Pass<'a> {
    pub(super) ctx: &'a Ctx<'a>,
    pub(super) deployment: Deployment,
    /// All its sets, oldest first.
    pub(super) sets: Vec<Rc<ReplicaSet>>,
    /// Which of them has the present template.
    pub(super) new: Option<usize>,
    pub(super) plan: Plan,
}

impl<'a> Pass<'a> {
    pub(super) fn new(ctx: &'a Ctx<'a>, deployment: Deployment, mut sets: Vec<Rc<ReplicaSet>>, plan: Plan) -> Self {
        sets.sort_by(by_age);
        let template = &deployment.spec.template;
        let new = sets.iter().position(|set| revisions::same_template(&set.spec.template, template));
        Pass { ctx, deployment, sets, new, plan }
    }

    pub(super) fn run(&mut self) {
        if self.deployment.metadata.is_terminating() {
            self.sync_revision();
            status::sync(self);
            return;
        }
        self.note_pause();
        self.sync_revision();
        if self.deployment.spec.paused || self.is_scaling() {
            scale::scale(self);
            if self.deployment.spec.paused {
                self.clean_up();
            }
            status::sync(self);
            return;
        }
        match self.deployment.spec.strategy.r#type.as_str() {
            "Recreate" => recreate::roll(self),
            _ => rolling::roll(self),
        }
    }

    /// The set of the present template.
    pub(super) fn new_set(&self) -> Option<&Rc<ReplicaSet>> {
        self.sets.get(self.new?)
    }

    /// The places of all other sets, oldest first.
    pub(super) fn old(&self) -> Vec<usize> {
        (0..self.sets.len()).filter(|at| Some(*at) != self.new).collect()
    }

    /// The places of those of the sets that want pods.
    pub(super) fn active(&self, places: Vec<usize>) -> Vec<usize> {
        places.into_iter().filter(|at| size(&self.sets[*at]) > 0).collect()
    }

    /// How many pods all sets together want.
    pub(super) fn total_size(&self) -> i32 {
        numbers::total(&self.sets, size)
    }

    /// Writes the status of the Deployment, and its revision.
    pub(super) fn write_status(&mut self) {
        self.plan.write(Write::UpdateStatus(self.deployment.clone().into_object()));
        // The version it will have is not known yet; later writes of the same pass go unconditionally.
        self.deployment.metadata.resource_version = Version::default();
    }

    fn write_set(&mut self, at: usize, set: ReplicaSet, told: Option<EventRecord>) {
        let write = Write::Update(set.clone().into_object());
        self.plan.steps.push(Step { write, on_success: told, on_failure: None, keep_going: false });
        let metadata = api::ObjectMeta { resource_version: Version::default(), ..set.metadata };
        self.sets[at] = Rc::new(ReplicaSet { metadata, ..set });
    }

    /// A pause is no lack of progress. Models: checkPausedConditions.
    fn note_pause(&mut self) {
        let deployment = &mut self.deployment;
        if !conditions::has_deadline(deployment) {
            return;
        }
        let reason = deployment.status.condition(PROGRESSING).map_or("", |c| c.reason.as_str());
        let told = match (deployment.spec.paused, reason) {
            (_, conditions::TIMED_OUT) => return,
            (true, reason) if reason != "DeploymentPaused" => ("DeploymentPaused", "Deployment is paused"),
            (false, "DeploymentPaused") => ("DeploymentResumed", "Deployment is resumed"),
            _ => return,
        };
        let condition = conditions::condition(PROGRESSING, "Unknown", told.0, told.1, self.ctx.now);
        deployment.status.set_condition(condition);
        self.write_status();
    }

    /// Gives the newest set the highest number and the Deployment that of its set.
    /// Models: getAllReplicaSetsAndSyncRevision.
    fn sync_revision(&mut self) {
        let Some(at) = self.new else { return };
        let revision = revisions::highest(self.old().iter().map(|at| &self.sets[*at])) + 1;
        let set = &self.sets[at];
        let annotations = revisions::annotations(set, &self.deployment, revision);
        let min_ready_seconds = self.deployment.spec.min_ready_seconds;
        if annotations != set.metadata.annotations || set.spec.min_ready_seconds != min_ready_seconds {
            let mut set = ReplicaSet::clone(set);
            set.metadata.annotations = annotations;
            set.spec.min_ready_seconds = min_ready_seconds;
            self.write_set(at, set, None);
            return;
        }
        let number = annotations.get(revisions::REVISION).cloned().unwrap_or_default();
        let mut changed = self.note_revision(&number);
        if conditions::has_deadline(&self.deployment) && self.deployment.status.condition(PROGRESSING).is_none() {
            let message = format!("Found new replica set \"{}\"", self.sets[at].metadata.name);
            self.progress("FoundNewReplicaSet", &message);
            changed = true;
        }
        if changed {
            self.write_status();
        }
    }

    fn note_revision(&mut self, number: &str) -> bool {
        let annotations = &mut self.deployment.metadata.annotations;
        let changed = annotations.get(revisions::REVISION).is_none_or(|have| **have != *number);
        if changed {
            *annotations = annotations.with(revisions::REVISION, number);
        }
        changed
    }

    fn progress(&mut self, reason: &str, message: &str) {
        let condition = conditions::condition(PROGRESSING, "True", reason, message, self.ctx.now);
        self.deployment.status.set_condition(condition);
    }

    /// Makes the set of the present template. Answers whether there is one now.
    pub(super) fn create_new(&mut self) -> bool {
        let namespace = self.ctx.lister.get::<Namespace>("", &self.deployment.metadata.namespace);
        if namespace.is_some_and(|namespace| namespace.metadata.is_terminating()) {
            return false;
        }
        let mut set = revisions::new_set(&self.deployment);
        let name = set.metadata.name.clone();
        if self.ctx.lister.get::<ReplicaSet>(&set.metadata.namespace, &name).is_some() {
            // Another template has the same hash: the next pass tries the next name.
            let count = self.deployment.status.collision_count.unwrap_or(0);
            self.deployment.status.collision_count = Some(count + 1);
            self.write_status();
            return false;
        }
        let revision = revisions::highest(&self.sets) + 1;
        let wanted = numbers::new_size(&self.deployment, self.total_size(), 0);
        set.spec.replicas = Some(wanted);
        set.metadata.annotations = revisions::annotations(&set, &self.deployment, revision);
        set.metadata.annotations = revisions::with_replicas(&set.metadata.annotations, &self.deployment);
        self.plan_creation(&set, wanted);
        self.sets.push(Rc::new(set));
        self.new = Some(self.sets.len() - 1);
        let mut changed = self.note_revision(&revision.to_string());
        if conditions::has_deadline(&self.deployment) {
            self.progress("NewReplicaSetCreated", &format!("Created new replica set \"{name}\""));
            changed = true;
        }
        if changed {
            self.write_status();
        }
        true
    }

    fn plan_creation(&mut self, set: &ReplicaSet, wanted: i32) {
        const FAILED: &str = "ReplicaSetCreateError";
        let name = &set.metadata.name;
        let scaled = format!("Scaled up replica set {name} from 0 to {wanted}");
        let failure = format!("Failed to create new replica set \"{name}\": {{error}}");
        if conditions::has_deadline(&self.deployment) {
            let mut failed = self.deployment.clone();
            failed.status.set_condition(conditions::condition(PROGRESSING, "False", FAILED, &failure, self.ctx.now));
            self.plan.on_error = Some(failed.into_object());
        }
        let scaled = EventRecord::normal(&self.deployment, COMPONENT, "ScalingReplicaSet", scaled);
        self.plan.steps.push(Step {
            write: Write::Create(set.clone().into_object()),
            on_success: (wanted > 0).then_some(scaled),
            on_failure: Some(EventRecord::warning(&self.deployment, COMPONENT, FAILED, failure)),
            keep_going: false,
        });
    }

    /// Whether the Deployment was scaled since its sets were. Models: isScalingEvent.
    fn is_scaling(&self) -> bool {
        let wanted = numbers::replicas(&self.deployment);
        let active = self.sets.iter().filter(|set| size(set) > 0);
        active.into_iter().filter_map(|set| revisions::desired_replicas(set)).any(|desired| desired != wanted)
    }

    /// Gives a set another size. Unless `always`, its notes about the Deployment are only renewed along with it.
    /// Models: scaleReplicaSet.
    pub(super) fn scale_set(&mut self, at: usize, to: i32, always: bool) -> bool {
        let from = size(&self.sets[at]);
        let annotations = revisions::with_replicas(&self.sets[at].metadata.annotations, &self.deployment);
        if from == to && (!always || annotations == self.sets[at].metadata.annotations) {
            return false;
        }
        let mut set = ReplicaSet::clone(&self.sets[at]);
        set.metadata.annotations = annotations;
        set.spec.replicas = Some(to);
        let way = if from < to { "up" } else { "down" };
        let message = format!("Scaled {way} replica set {} from {from} to {to}", set.metadata.name);
        let told = EventRecord::normal(&self.deployment, COMPONENT, "ScalingReplicaSet", message);
        self.write_set(at, set, (from != to).then_some(told));
        from != to
    }

    /// Deletes old sets without pods beyond the history limit, oldest revision first. Models: cleanupDeployment.
    pub(super) fn clean_up(&mut self) {
        let limit = self.deployment.spec.revision_history_limit.filter(|limit| *limit != i32::MAX);
        let Some(limit) = limit.and_then(|limit| usize::try_from(limit).ok()) else { return };
        let old = self.old();
        let mut sets: Vec<&Rc<ReplicaSet>> =
            old.iter().map(|at| &self.sets[*at]).filter(|set| !set.metadata.is_terminating()).collect();
        let surplus = sets.len().saturating_sub(limit);
        sets.sort_by(|a, b| match (revisions::number(a), revisions::number(b)) {
            (Some(one), Some(other)) => one.cmp(&other).then_with(|| by_age(a, b)),
            // What has no number that can be read goes first.
            (one, other) => one.is_some().cmp(&other.is_some()).then_with(|| by_age(a, b)),
        });
        let is_empty = |set: &&&Rc<ReplicaSet>| {
            set.status.replicas == 0 && size(set) == 0 && set.metadata.generation <= set.status.observed_generation
        };
        let doomed: Vec<_> = sets.iter().take(surplus).filter(is_empty).map(|set| set.key()).collect();
        for key in doomed {
            self.plan.write(Write::Delete(key, DeleteOptions::default()));
        }
    }
}
