//! How many replicas one metric asks for.
//!
//! Models: pkg/controller/podautoscaler/replica_calculator.go, metrics/utilization.go (Kubernetes 1.36).

use crate::Ctx;
use api::{
    HorizontalPodAutoscaler, MetricSpec, MetricStatus, MetricValueStatus, Pod, Quantity, ResourceMetricSource,
    ResourceMetricStatus, Time,
};
use apiserver::METRIC_RESOLUTION;
use serde_json::Value;
use sim::SimDuration;

/// How far from its target a metric may be before anything is done.
const TOLERANCE: f64 = 0.1;
/// How long after its start a pod's use of CPU counts only while it is ready.
const CPU_INITIALIZATION_PERIOD: SimDuration = SimDuration::from_secs(300);
/// A pod that turned unready so soon after its start has never been ready.
const DELAY_OF_INITIAL_READINESS: SimDuration = SimDuration::from_secs(30);

/// What a metric asks for.
pub(super) struct MetricProposal {
    pub(super) replicas: i32,
    pub(super) name: String,
    pub(super) status: MetricStatus,
}

/// Why a metric could not be measured.
pub(super) struct MetricFailure {
    pub(super) reason: &'static str,
    /// What stands before the message where all metrics are spoken of.
    pub(super) prefix: String,
    pub(super) message: String,
}

/// Models: computeReplicasForMetric.
pub(super) fn for_metric(
    ctx: &Ctx<'_>,
    autoscaler: &HorizontalPodAutoscaler,
    spec: &MetricSpec,
    current: i32,
    pods: &[&Pod],
) -> Result<MetricProposal, MetricFailure> {
    let (source, of_container) = match (spec.r#type.as_str(), &spec.resource, &spec.container_resource) {
        ("Resource", Some(source), _) => (source, false),
        ("ContainerResource", _, Some(source)) => (source, true),
        _ => return Err(without_adapter(autoscaler, spec)),
    };
    let look = Measure { ctx, autoscaler, source, current, pods };
    let measured = match &source.target.average_value {
        Some(target) => {
            look.raw(target.milli()).map_err(|error| format!("failed to get {} usage: {error}", source.name))
        }
        None => look.utilization().map_err(|error| format!("failed to get {} utilization: {error}", source.name)),
    };
    let (replicas, value) = measured.map_err(|message| MetricFailure {
        reason: if of_container { "FailedGetContainerResourceMetric" } else { "FailedGetResourceMetric" },
        prefix: if of_container {
            format!("failed to get {} container metric value: ", source.container)
        } else {
            format!("failed to get {} resource metric value: ", source.name)
        },
        message,
    })?;
    let container = if of_container { "container " } else { "" };
    let name = match source.target.average_value {
        Some(_) => format!("{} resource", source.name),
        None => format!("{} {container}resource utilization (percentage of request)", source.name),
    };
    let status = ResourceMetricStatus {
        name: source.name.clone(),
        container: source.container.clone(),
        current: value,
        ..Default::default()
    };
    let mut whole = MetricStatus { r#type: spec.r#type.clone(), ..Default::default() };
    *if of_container { &mut whole.container_resource } else { &mut whole.resource } = Some(status);
    Ok(MetricProposal { replicas, name, status: whole })
}

/// Metrics that only an adapter for them could give. Models: k8s.io/metrics/pkg/client.
fn without_adapter(autoscaler: &HorizontalPodAutoscaler, spec: &MetricSpec) -> MetricFailure {
    let text = |pointer: &str| {
        let (field, rest) = pointer.split_once('/').unwrap_or((pointer, ""));
        let value = spec.rest.get(field).and_then(|source| source.pointer(&format!("/{rest}")));
        value.and_then(Value::as_str).unwrap_or("").to_owned()
    };
    let custom =
        "unable to fetch metrics from custom metrics API: no custom metrics API (custom.metrics.k8s.io) registered";
    let (reason, prefix, message) = match spec.r#type.as_str() {
        "Pods" => (
            "FailedGetPodsMetric",
            "failed to get pods metric value: ".to_owned(),
            format!("unable to get metric {}: {custom}", text("pods/metric/name")),
        ),
        "Object" => (
            "FailedGetObjectMetric",
            "failed to get object metric value: ".to_owned(),
            format!(
                "unable to get metric {}: {} on {} {}/{custom}",
                text("object/metric/name"),
                text("object/describedObject/kind"),
                autoscaler.metadata.namespace,
                text("object/describedObject/name"),
            ),
        ),
        _ => {
            let (name, namespace) = (text("external/metric/name"), &autoscaler.metadata.namespace);
            let average = spec.rest.get("external").and_then(|source| source.pointer("/target/averageValue"));
            let what =
                if average.is_some() { format!("{name} external metric") } else { format!("external metric {name}") };
            (
                "FailedGetExternalMetric",
                format!("failed to get {name} external metric value: failed to get {what}: "),
                format!(
                    "unable to get external metric {namespace}/{name}/nil: unable to fetch metrics from external metrics \
                     API: the server could not find the requested resource (get {name}.external.metrics.k8s.io)"
                ),
            )
        }
    };
    MetricFailure { reason, prefix, message }
}

/// What one metric is looked at with.
struct Measure<'a> {
    ctx: &'a Ctx<'a>,
    autoscaler: &'a HorizontalPodAutoscaler,
    source: &'a ResourceMetricSource,
    current: i32,
    pods: &'a [&'a Pod],
}

/// A pod with what it uses and what it requests, in thousandths.
struct Sample {
    used: i64,
    requested: i64,
}

/// Pods by what their metric is worth. Models: groupPods.
#[derive(Default)]
struct Groups {
    ready: Vec<Sample>,
    unready: Vec<Sample>,
    missing: Vec<Sample>,
}

type Measured = Result<(i32, MetricValueStatus), String>;

impl Measure<'_> {
    fn groups(&self) -> Result<Groups, String> {
        let mut groups = Groups::default();
        let (mut measured_any, by_utilization) = (false, self.source.target.average_value.is_none());
        let mut error = None;
        for pod in self.pods {
            let metric = self.measured(pod);
            measured_any |= metric.is_some();
            let requested = match self.requested(pod) {
                Ok(requested) => requested,
                Err(why) => {
                    if by_utilization {
                        error.get_or_insert(why);
                    }
                    0
                }
            };
            if pod.is_terminating() || pod.status.phase == "Failed" {
                continue;
            }
            let sample = |used: i64| Sample { used, requested };
            match metric {
                _ if pod.status.phase == "Pending" => groups.unready.push(sample(0)),
                None => groups.missing.push(sample(0)),
                Some((used, at)) if self.source.name == "cpu" && self.is_unready(pod, at) => {
                    groups.unready.push(sample(used));
                }
                Some((used, _)) => groups.ready.push(sample(used)),
            }
        }
        if !measured_any {
            let why = "no metrics returned from resource metrics API";
            return Err(format!("unable to get metrics for resource {}: {why}", self.source.name));
        }
        if groups.ready.is_empty() {
            return Err("did not receive metrics for targeted pods (pods might be unready)".to_owned());
        }
        match error {
            Some(error) => Err(error),
            None => Ok(groups),
        }
    }

    /// What a pod uses in thousandths, and when that was measured.
    fn measured(&self, pod: &Pod) -> Option<(i64, Time)> {
        let metrics = self.ctx.lister.pod_metrics(pod, self.ctx.now)?;
        let usage = match self.source.container.as_str() {
            "" => metrics.total(),
            name => metrics.containers.iter().find(|usage| usage.name == *name)?.clone(),
        };
        let used = match self.source.name.as_str() {
            "cpu" => usage.milli_cpu,
            "memory" => usage.memory.saturating_mul(1000),
            _ => return None,
        };
        Some((used, metrics.timestamp))
    }

    /// Models: calculatePodRequestsFromContainers.
    fn requested(&self, pod: &Pod) -> Result<i64, String> {
        let (resource, wanted) = (&self.source.name, self.source.container.as_str());
        let sidecars = pod.spec.init_containers.iter().filter(|c| c.restart_policy == "Always");
        let mut sum: i64 = 0;
        for container in pod.spec.containers.iter().chain(sidecars) {
            if !wanted.is_empty() && container.name != *wanted {
                continue;
            }
            let Some(request) = container.resources.requests.get(resource) else {
                let (name, pod) = (&container.name, &pod.metadata.name);
                return Err(format!("missing request for {resource} in container {name} of Pod {pod}"));
            };
            sum = sum.saturating_add(request.milli());
            if !wanted.is_empty() {
                return Ok(sum);
            }
        }
        if wanted.is_empty() {
            Ok(sum)
        } else {
            Err(format!("container {wanted} not found in Pod {}", pod.metadata.name))
        }
    }

    fn is_unready(&self, pod: &Pod, measured_at: Time) -> bool {
        let (Some(ready), Some(started)) = (pod.status.condition("Ready"), pod.status.start_time) else { return true };
        let since = ready.last_transition_time.unwrap_or(started);
        if started.plus(CPU_INITIALIZATION_PERIOD) > self.ctx.now {
            ready.status == "False" || measured_at < since.plus(METRIC_RESOLUTION)
        } else {
            ready.status == "False" && started.plus(DELAY_OF_INITIAL_READINESS) > since
        }
    }

    /// Models: GetResourceReplicas.
    fn utilization(&self) -> Measured {
        let target = self.source.target.average_utilization.ok_or(
            "invalid resource metric source: neither an average utilization target nor an average value (usage) target was set",
        )?;
        let groups = self.groups()?;
        let ratio = |samples: &[&Sample]| -> Result<(i32, i64), String> {
            let used: i64 = samples.iter().map(|sample| sample.used).fold(0, i64::saturating_add);
            let requested: i64 = samples.iter().map(|sample| sample.requested).fold(0, i64::saturating_add);
            if requested == 0 {
                return Err("no metrics returned matched known pods".to_owned());
            }
            let percent = i32::try_from(i128::from(used) * 100 / i128::from(requested)).unwrap_or(i32::MAX);
            Ok((percent, used / i64::try_from(samples.len()).unwrap_or(1)))
        };
        let (percent, average) = ratio(&groups.ready.iter().collect::<Vec<_>>())?;
        let fallback = i64::from(target.max(100));
        let replicas = self.replicas(
            &groups,
            f64::from(percent) / f64::from(target),
            |missing| missing.requested.saturating_mul(fallback) / 100,
            |samples| ratio(samples).map(|(percent, _)| f64::from(percent) / f64::from(target)),
        )?;
        let value = MetricValueStatus {
            average_utilization: Some(percent),
            average_value: Some(self.quantity(average)),
            ..Default::default()
        };
        Ok((replicas, value))
    }

    /// Models: GetRawResourceReplicas, calcPlainMetricReplicas.
    fn raw(&self, target: i64) -> Measured {
        let groups = self.groups()?;
        let average = |samples: &[&Sample]| {
            let used: i64 = samples.iter().map(|sample| sample.used).fold(0, i64::saturating_add);
            used / i64::try_from(samples.len()).unwrap_or(1).max(1)
        };
        let measured = average(&groups.ready.iter().collect::<Vec<_>>());
        let ratio = |average: i64| as_float(average) / as_float(target);
        let replicas = self.replicas(&groups, ratio(measured), |_| target, |samples| Ok(ratio(average(samples))))?;
        Ok((replicas, MetricValueStatus { average_value: Some(self.quantity(measured)), ..Default::default() }))
    }

    /// From the ratio of use and target to a number of replicas; pods that were not measured or are not ready count
    /// so that they make the change smaller, never larger.
    fn replicas(
        &self,
        groups: &Groups,
        ratio: f64,
        in_use: impl Fn(&Sample) -> i64,
        again: impl Fn(&[&Sample]) -> Result<f64, String>,
    ) -> Result<i32, String> {
        let up_with_unready = !groups.unready.is_empty() && ratio > 1.0;
        if !up_with_unready && groups.missing.is_empty() {
            return Ok(if self.is_tolerable(ratio) { self.current } else { count(ratio, groups.ready.len()) });
        }
        let mut assumed = Vec::new();
        if ratio < 1.0 {
            let full = |missing: &Sample| Sample { used: in_use(missing), requested: missing.requested };
            assumed.extend(groups.missing.iter().map(full));
        } else if ratio > 1.0 {
            let idle = |pod: &Sample| Sample { used: 0, requested: pod.requested };
            assumed.extend(groups.missing.iter().map(idle));
            if up_with_unready {
                assumed.extend(groups.unready.iter().map(idle));
            }
        }
        let samples: Vec<&Sample> = groups.ready.iter().chain(&assumed).collect();
        let new_ratio = again(&samples)?;
        let turned = (ratio < 1.0 && new_ratio > 1.0) || (ratio > 1.0 && new_ratio < 1.0);
        if self.is_tolerable(new_ratio) || turned {
            return Ok(self.current);
        }
        let replicas = count(new_ratio, samples.len());
        let against = (new_ratio < 1.0 && replicas > self.current) || (new_ratio > 1.0 && replicas < self.current);
        Ok(if against { self.current } else { replicas })
    }

    fn is_tolerable(&self, ratio: f64) -> bool {
        let behavior = self.autoscaler.spec.behavior.as_deref();
        let of = |rules: Option<&api::HPAScalingRules>| {
            rules.and_then(|rules| rules.tolerance.as_ref()).map_or(TOLERANCE, |t| as_float(t.milli()) / 1000.0)
        };
        let down = of(behavior.and_then(|b| b.scale_down.as_ref()));
        let up = of(behavior.and_then(|b| b.scale_up.as_ref()));
        (1.0 - down..=1.0 + up).contains(&ratio)
    }

    fn quantity(&self, milli: i64) -> Quantity {
        match self.source.name.as_str() {
            "memory" if milli % 1000 == 0 => Quantity::bytes(milli / 1000),
            _ => Quantity::from_milli(milli),
        }
    }
}

/// So many times the ratio, rounded up.
fn count(ratio: f64, pods: usize) -> i32 {
    let pods = u32::try_from(pods).unwrap_or(u32::MAX);
    // A cast of a float is cut to the range, which is what is wanted of absurd ratios.
    #[expect(clippy::cast_possible_truncation, reason = "cut to the range on purpose")]
    let count = (ratio * f64::from(pods)).ceil() as i32;
    count
}

fn as_float(value: i64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "ratios of amounts; upstream computes them so, too")]
    let float = value as f64;
    float
}
