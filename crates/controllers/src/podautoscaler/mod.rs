//! HorizontalPodAutoscaler controller: every 15 seconds it looks how busy a workload's pods are and sets how many
//! there are to be.
//!
//! Models: pkg/controller/podautoscaler/horizontal.go (Kubernetes 1.36). `replicas.rs` says how many replicas a
//! metric asks for, `behavior.rs` how fast it may go. Metrics of pods, objects and the outside are not there, as on a
//! cluster without an adapter for them.

mod behavior;
mod replicas;

use crate::{Controller, Ctx, Decision, Look};
use api::{
    HorizontalPodAutoscaler, HorizontalPodAutoscalerStatus, Kind, LabelSelector, MetricSpec, MetricStatus, Object,
    ObjectKey, Pod, Resource, Selector, Time,
};
use apiserver::{Change, EventRecord, Lister, Plan, Step, Wait, WatchEvent, Write};
use sim::SimDuration;
use std::rc::Rc;

pub use behavior::AutoscalerMemory;

/// The row of this controller.
pub const CONTROLLER: Controller = Controller {
    name: "horizontal-pod-autoscaler",
    keys,
    reconcile,
    period: None,
    when: Some(|_, _, _| Look::Scheduled(SYNC_PERIOD)),
};

/// How often an autoscaler looks.
const SYNC_PERIOD: SimDuration = SimDuration::from_secs(15);
const COMPONENT: &str = "horizontal-pod-autoscaler";
const DOC: &str = "tasks/run-application/horizontal-pod-autoscale/";

fn keys(event: &WatchEvent, _: Lister<'_>, keys: &mut Vec<ObjectKey>) {
    if let Object::HorizontalPodAutoscaler(autoscaler) = &event.object
        && event.change != Change::Deleted
    {
        keys.push(autoscaler.key());
    }
}

/// The scale of a workload. Models: the scale subresources in pkg/registry/apps.
struct Scale {
    /// How many replicas are wanted.
    wanted: i32,
    /// Which pods are its own; empty if the workload does not say.
    selector: String,
}

/// The scale of an object, if it has one.
fn scale_of(object: &Object) -> Option<Scale> {
    let of = |wanted: Option<i32>, selector: String| Some(Scale { wanted: wanted.unwrap_or(1), selector });
    let text = |selector: &LabelSelector| if selector.is_empty() { String::new() } else { selector.to_string() };
    match object {
        Object::Deployment(o) => of(o.spec.replicas, text(&o.spec.selector)),
        Object::ReplicaSet(o) => of(o.spec.replicas, text(&o.spec.selector)),
        Object::StatefulSet(o) => of(o.spec.replicas, text(&o.spec.selector)),
        Object::ReplicationController(o) => {
            let selector = LabelSelector { match_labels: o.spec.selector.clone(), ..Default::default() };
            of(o.spec.replicas, text(&selector))
        }
        _ => None,
    }
}

/// The same object with another number of replicas.
fn scaled(object: &Object, replicas: i32) -> Object {
    let mut object = object.clone();
    match &mut object {
        Object::Deployment(o) => Rc::make_mut(o).spec.replicas = Some(replicas),
        Object::ReplicaSet(o) => Rc::make_mut(o).spec.replicas = Some(replicas),
        Object::StatefulSet(o) => Rc::make_mut(o).spec.replicas = Some(replicas),
        Object::ReplicationController(o) => Rc::make_mut(o).spec.replicas = Some(replicas),
        _ => {}
    }
    object
}

/// The object that an autoscaler is about, or why there is none.
fn target<'a>(lister: Lister<'a>, autoscaler: &HorizontalPodAutoscaler) -> Result<(&'a Object, Scale), String> {
    let reference = &autoscaler.spec.scale_target_ref;
    let group = reference.api_version.split_once('/').map_or("", |(group, _)| group);
    // Upstream asks for every version of the group.
    let info = apiserver::resources().iter().find(|info| reference.kind == info.kind && info.group == group);
    let Some(info) = info else {
        return Err(format!("no matches for kind \"{}\" in group \"{group}\"", reference.kind));
    };
    let missing = || format!("{} \"{}\" not found", info.qualified_plural(), reference.name);
    let kind = apiserver::kind_of(&info.api_version(), info.kind).unwrap_or(Kind::Other(u32::MAX >> 1));
    let key = ObjectKey::new(kind, autoscaler.metadata.namespace.clone(), reference.name.clone());
    if !info.has_subresource("scale") {
        return Err("the server could not find the requested resource".to_owned());
    }
    let object = lister.object(&key).ok_or_else(missing)?;
    let scale = scale_of(object).ok_or("the server could not find the requested resource")?;
    Ok((object, scale))
}

/// One look at an autoscaler: what its status becomes and what is told on the way.
struct Pass<'a> {
    ctx: &'a Ctx<'a>,
    autoscaler: &'a HorizontalPodAutoscaler,
    status: HorizontalPodAutoscalerStatus,
    plan: Plan,
    memory: AutoscalerMemory,
}

impl Pass<'_> {
    fn condition(&mut self, r#type: &str, holds: bool, reason: &str, message: &str) {
        self.status.set_condition(r#type, holds, reason, message, self.ctx.now);
    }

    fn warn(&mut self, reason: &str, message: impl Into<String>) {
        self.plan.record(EventRecord::warning(self.autoscaler, COMPONENT, reason, message));
    }

    /// The status is written, if it changed, and everything said until now is told.
    fn end(mut self) -> Decision {
        if self.status != self.autoscaler.status {
            let mut object = self.autoscaler.clone();
            object.status = self.status;
            let write = Write::UpdateStatus(object.into_object());
            self.plan.finally.push(Step { write, on_success: None, on_failure: None, keep_going: true });
        }
        self.plan.recheck(SYNC_PERIOD);
        Decision { plan: self.plan, remembered: Some((self.autoscaler.key(), self.memory)), ..Decision::default() }
    }
}

fn reconcile(ctx: &Ctx<'_>, key: &ObjectKey) -> Decision {
    let Some(autoscaler) = ctx.lister.get::<HorizontalPodAutoscaler>(&key.namespace, &key.name) else {
        return Decision::default();
    };
    let mut look =
        Pass { ctx, autoscaler, status: autoscaler.status.clone(), plan: Plan::default(), memory: ctx.memory.get(key) };
    let (object, scale) = match target(ctx.lister, autoscaler) {
        Ok(found) => found,
        Err(error) => {
            look.warn("FailedGetScale", &error);
            let message = format!("the HPA controller was unable to get the target's current scale: {error}");
            look.condition("AbleToScale", false, "FailedGetScale", &message);
            return look.end();
        }
    };
    let got = "the HPA controller was able to get the target's current scale";
    look.condition("AbleToScale", true, "SucceededGetScale", got);
    look.memory.start(scale.wanted, ctx.now);
    match wanted(&mut look, &scale) {
        Ok(wish) => apply(look, object, &scale, wish),
        Err(Failed { statuses, error }) => {
            look.status.current_replicas = scale.wanted;
            look.status.current_metrics = Some(statuses.into());
            look.warn("FailedComputeMetricsReplicas", error);
            look.end()
        }
    }
}

/// How many replicas there are to be, and why.
struct Wish {
    replicas: i32,
    reason: String,
    /// What was measured; nothing if nothing had to be.
    statuses: Option<Vec<MetricStatus>>,
}

/// No metric could be measured.
struct Failed {
    statuses: Vec<MetricStatus>,
    error: String,
}

fn wanted(look: &mut Pass<'_>, scale: &Scale) -> Result<Wish, Failed> {
    let spec = &look.autoscaler.spec;
    let least = spec.min_replicas.unwrap_or(1);
    let wish = |replicas: i32, reason: &str| Ok(Wish { replicas, reason: reason.to_owned(), statuses: None });
    if scale.wanted == 0 {
        let message = "scaling is disabled since the replica count of the target is zero";
        look.condition("ScalingActive", false, "ScalingDisabled", message);
        return wish(0, "");
    }
    if scale.wanted > spec.max_replicas {
        return wish(spec.max_replicas, "Current number of replicas above Spec.MaxReplicas");
    }
    if scale.wanted < least {
        return wish(least, "Current number of replicas below Spec.MinReplicas");
    }
    let Proposal { replicas, metric, statuses } = propose(look, scale)?;
    let reason = if replicas > scale.wanted {
        format!("{metric} above target")
    } else if replicas < scale.wanted {
        "All metrics below target".to_owned()
    } else {
        String::new()
    };
    let bounded = behavior::normalize(look, scale.wanted, replicas);
    Ok(Wish { replicas: bounded, reason, statuses: Some(statuses) })
}

/// What the metrics ask for together.
struct Proposal {
    replicas: i32,
    metric: String,
    statuses: Vec<MetricStatus>,
}

/// Models: computeReplicasForMetrics.
fn propose(look: &mut Pass<'_>, scale: &Scale) -> Result<Proposal, Failed> {
    let metrics: &[MetricSpec] = &look.autoscaler.spec.metrics;
    let mut statuses = vec![MetricStatus::default(); metrics.len()];
    let pods = match selected_pods(look, scale) {
        Ok(pods) => pods,
        Err(error) => return Err(Failed { statuses: Vec::new(), error }),
    };
    let (mut replicas, mut metric, mut invalid, mut first) = (0, String::new(), 0, None);
    for (spec, status) in metrics.iter().zip(&mut statuses) {
        match replicas::for_metric(look.ctx, look.autoscaler, spec, scale.wanted, &pods) {
            Ok(proposal) => {
                *status = proposal.status;
                if replicas == 0 || proposal.replicas > replicas {
                    (replicas, metric) = (proposal.replicas, proposal.name);
                }
            }
            Err(failure) => {
                look.warn(failure.reason, &failure.message);
                invalid += 1;
                first.get_or_insert(failure);
            }
        }
    }
    if let Some(first) = first
        && (invalid >= metrics.len() || replicas < scale.wanted)
    {
        let message = format!("the HPA was unable to compute the replica count: {}", first.message);
        look.condition("ScalingActive", false, first.reason, &message);
        let error = format!(
            "invalid metrics ({invalid} invalid out of {}), first error is: {}{}",
            metrics.len(),
            first.prefix,
            first.message
        );
        return Err(Failed { statuses, error });
    }
    let message = format!("the HPA was able to successfully calculate a replica count from {metric}");
    look.condition("ScalingActive", true, "ValidMetricFound", &message);
    Ok(Proposal { replicas, metric, statuses })
}

/// The pods of the workload, if they are this autoscaler's alone. Models: validateAndParseSelector.
fn selected_pods<'a>(look: &mut Pass<'a>, scale: &Scale) -> Result<Vec<&'a Pod>, String> {
    if scale.selector.is_empty() {
        look.warn("SelectorRequired", "selector is required");
        let message = "the HPA target's scale is missing a selector";
        look.condition("ScalingActive", false, "InvalidSelector", message);
        return Err("selector is required".to_owned());
    }
    let selector = Selector::parse(&scale.selector)?;
    let namespace = &look.autoscaler.metadata.namespace;
    let matching = look.ctx.lister.list_in::<Pod>(namespace).filter(|pod| selector.matches(&pod.metadata.labels));
    let pods: Vec<&Pod> = matching.map(|pod| &**pod).collect();
    let mut rivals = Vec::new();
    for other in look.ctx.lister.list_in::<HorizontalPodAutoscaler>(namespace) {
        let same = other.metadata.uid == look.autoscaler.metadata.uid;
        let selects = |other: &HorizontalPodAutoscaler| {
            let (_, scale) = target(look.ctx.lister, other).ok()?;
            let selector = Selector::parse(&scale.selector).ok().filter(|selector| !selector.is_everything())?;
            Some(pods.iter().any(|pod| selector.matches(&pod.metadata.labels)))
        };
        if same || selects(other) == Some(true) {
            rivals.push(format!("{namespace}/{}", other.metadata.name));
        }
    }
    if rivals.len() > 1 && !pods.is_empty() {
        let message =
            format!("pods by selector {} are controlled by multiple HPAs: [{}]", scale.selector, rivals.join(" "));
        look.warn("AmbiguousSelector", &message);
        look.condition("ScalingActive", false, "AmbiguousSelector", &message);
        return Err(message);
    }
    Ok(pods)
}

fn apply(mut look: Pass<'_>, object: &Object, scale: &Scale, wish: Wish) -> Decision {
    let Wish { replicas, reason, statuses } = wish;
    let rescale = replicas != scale.wanted;
    let mut failed = None;
    if rescale {
        let mut before = look.status.clone();
        before.current_replicas = scale.wanted;
        before.current_metrics = statuses.clone().map(Into::into);
        let message = "the HPA controller was unable to update the target scale: {error}";
        before.set_condition("AbleToScale", false, "FailedUpdateScale", message, look.ctx.now);
        failed = Some(before);
        let size = format!("New size: {replicas}; reason: {reason}");
        let on_failure =
            EventRecord::warning(look.autoscaler, COMPONENT, "FailedRescale", format!("{size}; error: {{error}}"));
        let on_success = EventRecord::normal(look.autoscaler, COMPONENT, "SuccessfulRescale", size);
        look.plan.write_recording(Write::Update(scaled(object, replicas)), on_success, on_failure);
        let message = format!("the HPA controller was able to update the target scale to {replicas}");
        look.condition("AbleToScale", true, "SucceededRescale", &message);
        look.memory.scaled(look.autoscaler.spec.behavior.as_deref(), scale.wanted, replicas, look.ctx.now);
        look.status.last_scale_time = Some(look.ctx.now);
    }
    look.status.current_replicas = scale.wanted;
    look.status.desired_replicas = replicas;
    look.status.current_metrics = statuses.map(Into::into);
    wait(&mut look, object, scale);
    if let Some(status) = failed {
        let mut autoscaler = look.autoscaler.clone();
        autoscaler.status = status;
        look.plan.on_error = Some(autoscaler.into_object());
    }
    look.end()
}

/// Why the number of replicas stays as it is, where people would expect another one.
fn wait(look: &mut Pass<'_>, object: &Object, scale: &Scale) {
    let stabilized = look.status.condition("AbleToScale").filter(|c| c.reason.ends_with("Stabilized"));
    let limited = look.status.condition("ScalingLimited").filter(|c| c.status == "True");
    let Some(held) = stabilized.or(limited).filter(|_| look.status.desired_replicas == scale.wanted) else { return };
    look.plan.waits.push(Wait {
        who: look.autoscaler.key(),
        awaits: vec![object.key()],
        rule: held.reason.clone(),
        message: format!("the number of replicas stays {}: {}", scale.wanted, held.message),
        doc: DOC,
    });
}

/// So many seconds as the API gives them.
fn seconds(value: i32) -> SimDuration {
    SimDuration::from_secs(u64::try_from(value).unwrap_or(0))
}

/// Whether something of this moment is within so many seconds before `now`.
fn is_within(at: Time, period: i32, now: Time) -> bool {
    at.plus(seconds(period)) > now
}
