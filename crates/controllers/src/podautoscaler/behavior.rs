//! How fast an autoscaler may go: limits, policies, and the window over which recommendations are looked at.
//!
//! Models: the second half of pkg/controller/podautoscaler/horizontal.go (Kubernetes 1.36).

use super::{Pass, is_within};
use api::{HPAScalingPolicy, HPAScalingRules, HorizontalPodAutoscalerBehavior, Time};

/// Recommendations to scale down count for so many seconds, unless the behavior says otherwise.
const DOWNSCALE_STABILIZATION_SECONDS: i32 = 300;

/// What the controller remembers of one autoscaler: recommendations and changes of late.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AutoscalerMemory {
    recommendations: Vec<Sample>,
    ups: Vec<Sample>,
    downs: Vec<Sample>,
}

/// A number of replicas at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Sample {
    replicas: i32,
    at: Time,
}

impl AutoscalerMemory {
    /// The first look takes what there is for a recommendation.
    pub(super) fn start(&mut self, replicas: i32, now: Time) {
        if self.recommendations.is_empty() {
            self.recommendations.push(Sample { replicas, at: now });
        }
    }

    /// Notes a change of the number of replicas, for policies that count changes.
    pub(super) fn scaled(
        &mut self,
        behavior: Option<&HorizontalPodAutoscalerBehavior>,
        before: i32,
        after: i32,
        now: Time,
    ) {
        let Some(behavior) = behavior else { return };
        let (changes, rules) =
            if after > before { (&mut self.ups, &behavior.scale_up) } else { (&mut self.downs, &behavior.scale_down) };
        let longest = rules.iter().flat_map(|rules| rules.policies.iter()).map(|p| p.period_seconds).max().unwrap_or(0);
        keep(changes, Sample { replicas: (after - before).abs(), at: now }, |at| is_within(at, longest, now));
    }

    fn recommend(&mut self, replicas: i32, now: Time, counts: impl Fn(Time) -> bool) {
        keep(&mut self.recommendations, Sample { replicas, at: now }, counts);
    }
}

/// Adds a sample and drops those that count no longer.
fn keep(samples: &mut Vec<Sample>, sample: Sample, counts: impl Fn(Time) -> bool) {
    samples.retain(|have| counts(have.at));
    samples.push(sample);
}

/// The number of replicas within all bounds; conditions say which bound held it. Models: normalizeDesiredReplicas and
/// normalizeDesiredReplicasWithBehaviors.
pub(super) fn normalize(look: &mut Pass<'_>, current: i32, desired: i32) -> i32 {
    let behavior = look.autoscaler.spec.behavior.clone();
    let (stable, reason, message) = match behavior.as_deref() {
        None => stabilize(look, desired),
        Some(behavior) => stabilize_by_rules(look, behavior, current, desired),
    };
    if stable == desired {
        look.condition("AbleToScale", true, "ReadyForNewScale", "recommended size matches current size");
    } else {
        look.condition("AbleToScale", true, reason, message);
    }
    let bounds = Bounds {
        least: look.autoscaler.spec.min_replicas.unwrap_or(1),
        most: look.autoscaler.spec.max_replicas,
        current,
    };
    let (bounded, reason, message) = match behavior.as_deref() {
        None => limit(&bounds, stable),
        Some(behavior) => limit_by_rules(&look.memory, behavior, &bounds, stable, look.ctx.now),
    };
    look.condition("ScalingLimited", bounded != stable, reason, message);
    bounded
}

type Said = (i32, &'static str, &'static str);

const DOWN: (&str, &str) = (
    "ScaleDownStabilized",
    "recent recommendations were higher than current one, applying the highest recent recommendation",
);
const UP: (&str, &str) = (
    "ScaleUpStabilized",
    "recent recommendations were lower than current one, applying the lowest recent recommendation",
);

fn stabilize(look: &mut Pass<'_>, desired: i32) -> Said {
    let now = look.ctx.now;
    // A sample exactly as old as the window still counts here.
    let counts = |at: Time| at.plus(super::seconds(DOWNSCALE_STABILIZATION_SECONDS)) >= now;
    let recent = look.memory.recommendations.iter().filter(|sample| counts(sample.at));
    let highest = recent.map(|sample| sample.replicas).max().unwrap_or(desired).max(desired);
    look.memory.recommend(desired, now, counts);
    (highest, DOWN.0, DOWN.1)
}

fn stabilize_by_rules(
    look: &mut Pass<'_>,
    behavior: &HorizontalPodAutoscalerBehavior,
    current: i32,
    desired: i32,
) -> Said {
    let now = look.ctx.now;
    let window = |rules: &Option<HPAScalingRules>| rules.as_ref().and_then(|rules| rules.stabilization_window_seconds);
    let up = window(&behavior.scale_up).unwrap_or(0);
    let down = window(&behavior.scale_down).unwrap_or(DOWNSCALE_STABILIZATION_SECONDS);
    let (mut lowest, mut highest) = (desired, desired);
    for sample in &look.memory.recommendations {
        if is_within(sample.at, up, now) {
            lowest = lowest.min(sample.replicas);
        }
        if is_within(sample.at, down, now) {
            highest = highest.max(sample.replicas);
        }
    }
    let stable = current.max(lowest).min(highest);
    look.memory.recommend(desired, now, |at| is_within(at, up.max(down), now));
    let (reason, message) = if desired >= current { UP } else { DOWN };
    (stable, reason, message)
}

struct Bounds {
    least: i32,
    most: i32,
    current: i32,
}

const WITHIN: (&str, &str) = ("DesiredWithinRange", "the desired count is within the acceptable range");
const TOO_FEW: (&str, &str) = ("TooFewReplicas", "the desired replica count is less than the minimum replica count");
const TOO_MANY: (&str, &str) = ("TooManyReplicas", "the desired replica count is more than the maximum replica count");
const TOO_FAST_UP: (&str, &str) =
    ("ScaleUpLimit", "the desired replica count is increasing faster than the maximum scale rate");
const TOO_FAST_DOWN: (&str, &str) =
    ("ScaleDownLimit", "the desired replica count is decreasing faster than the maximum scale rate");

fn said(replicas: i32, (reason, message): (&'static str, &'static str)) -> Said {
    (replicas, reason, message)
}

/// At most double, or four. Models: convertDesiredReplicasWithRules.
fn limit(bounds: &Bounds, desired: i32) -> Said {
    let fastest = bounds.current.saturating_mul(2).max(4);
    let (most, why) = if bounds.most > fastest { (fastest, TOO_FAST_UP) } else { (bounds.most, TOO_MANY) };
    if desired < bounds.least {
        said(bounds.least, TOO_FEW)
    } else if desired > most {
        said(most, why)
    } else {
        said(desired, WITHIN)
    }
}

/// Models: convertDesiredReplicasWithBehaviorRate.
fn limit_by_rules(
    memory: &AutoscalerMemory,
    behavior: &HorizontalPodAutoscalerBehavior,
    bounds: &Bounds,
    desired: i32,
    now: Time,
) -> Said {
    let current = bounds.current;
    if desired > current {
        let fastest = behavior.scale_up.as_ref().map_or(current, |rules| farthest(memory, rules, current, true, now));
        let fastest = fastest.max(current);
        let (most, why) = if bounds.most > fastest { (fastest, TOO_FAST_UP) } else { (bounds.most, TOO_MANY) };
        if desired > most {
            return said(most, why);
        }
    } else if desired < current {
        let fastest =
            behavior.scale_down.as_ref().map_or(current, |rules| farthest(memory, rules, current, false, now));
        let fastest = fastest.min(current);
        let (least, why) = if bounds.least < fastest { (fastest, TOO_FAST_DOWN) } else { (bounds.least, TOO_FEW) };
        if desired < least {
            return said(least, why);
        }
    }
    said(desired, WITHIN)
}

/// How far the policies let it go now.
fn farthest(memory: &AutoscalerMemory, rules: &HPAScalingRules, current: i32, up: bool, now: Time) -> i32 {
    let select = rules.select_policy.as_deref().unwrap_or("Max");
    if select == "Disabled" {
        return current;
    }
    let changed = |samples: &[Sample], period: i32| -> i32 {
        samples.iter().filter(|sample| is_within(sample.at, period, now)).map(|sample| sample.replicas).sum()
    };
    let proposals = rules.policies.iter().map(|policy| {
        let period = policy.period_seconds;
        let start = current - changed(&memory.ups, period) + changed(&memory.downs, period);
        proposal(policy, start, up)
    });
    // The largest change is the highest number on the way up, and the lowest on the way down.
    let highest = (select == "Min") != up;
    let chosen = if highest { proposals.max() } else { proposals.min() };
    chosen.unwrap_or(current)
}

fn proposal(policy: &HPAScalingPolicy, start: i32, up: bool) -> i32 {
    let percent = i64::from(start) * i64::from(policy.value);
    let whole = |hundredths: i64| i32::try_from(hundredths).unwrap_or(if hundredths < 0 { i32::MIN } else { i32::MAX });
    match (policy.r#type.as_str(), up) {
        ("Percent", true) => {
            whole(i64::from(start) + percent.div_euclid(100) + i64::from(percent.rem_euclid(100) != 0))
        }
        // Cut towards zero, as a conversion to a whole number does.
        ("Percent", false) => whole((i64::from(start) * 100 - percent) / 100),
        (_, true) => start.saturating_add(policy.value),
        (_, false) => start.saturating_sub(policy.value),
    }
}
