//! DefaultPreemption: finds a node on which the pod would fit if pods of lower priority went, and as few as can be.
//! Models: pkg/scheduler/framework/plugins/defaultpreemption, pkg/scheduler/framework/preemption/preemption.go.

use super::{CycleState, Plugin, PostFilter, PostFilterAnswer, World};
use crate::cycle::{self, Rejection};
use crate::diagnosis;
use crate::node_info::{NodeInfo, PodInfo, key_of, priority};
use crate::selector::Selector;
use api::{Pod, PodDisruptionBudget, Str, Time};
use std::cmp::Reverse;
use std::rc::Rc;

pub(super) const PLUGIN: Plugin = Plugin { post_filter: Some(post_filter), ..Plugin::named("DefaultPreemption") };

/// How many nodes are tried at least, before the best of those that help is taken.
const MIN_CANDIDATES: usize = 100;
const MIN_CANDIDATES_PERCENT: usize = 10;

/// A node that would have room without these pods.
struct Candidate {
    node: Str,
    victims: Vec<Rc<PodInfo>>,
    violations: usize,
}

/// A PodDisruptionBudget, as far as it matters here.
struct Budget {
    namespace: Str,
    selector: Selector,
    allowed: i64,
    disrupted: Vec<Str>,
}

fn post_filter(attempt: &mut PostFilter<'_>) -> PostFilterAnswer {
    let nothing = |reason: &str, clears_nomination| PostFilterAnswer::Nothing {
        reason: format!("preemption: {reason}"),
        clears_nomination,
    };
    if let Err(reason) = is_eligible(attempt) {
        return nothing(reason, false);
    }
    let (candidates, rejections) = dry_run(attempt);
    match best(candidates, attempt) {
        Some(best) => PostFilterAnswer::Nominate {
            node: best.node,
            victims: best.victims.iter().map(|v| key_of(&v.pod)).collect(),
        },
        None => nothing(&diagnosis::no_candidates(attempt.world.nodes.len(), &rejections), true),
    }
}

/// Models: PodEligibleToPreemptOthers.
fn is_eligible(attempt: &PostFilter<'_>) -> Result<(), &'static str> {
    let (pod, world) = (attempt.pod, &attempt.world);
    if pod.spec.preemption_policy == "Never" {
        return Err("not eligible due to preemptionPolicy=Never.");
    }
    let Some(node) = world.nodes.get(&pod.status.nominated_node_name) else { return Ok(()) };
    if !attempt.statuses.is_resolvable(node.slot) {
        return Ok(());
    }
    let on_its_way_out = |info: &Rc<PodInfo>| priority(&info.pod) < priority(pod) && is_preempted(&info.pod);
    if node.pods.iter().any(on_its_way_out) {
        return Err("not eligible due to a terminating pod on the nominated node.");
    }
    Ok(())
}

fn is_preempted(pod: &Pod) -> bool {
    let condition = pod.status.condition("DisruptionTarget");
    pod.is_terminating() && condition.is_some_and(|c| c.status == "True" && c.reason == "PreemptionByScheduler")
}

/// Tries the nodes on which fewer pods could help, from a random one on. Models: DryRunPreemption.
fn dry_run(attempt: &mut PostFilter<'_>) -> (Vec<Candidate>, Vec<Rejection>) {
    let slots: Vec<u32> = attempt.statuses.resolvable().collect();
    let budgets = budgets(&attempt.world);
    let enough = (slots.len() * MIN_CANDIDATES_PERCENT / 100).max(MIN_CANDIDATES).min(slots.len());
    let offset = usize::try_from(attempt.rng.below(slots.len() as u64)).unwrap_or(0);
    let (mut candidates, mut rejections) = (Vec::new(), Vec::new());
    for i in 0..slots.len() {
        let Some(node) = attempt.world.nodes.at(slots[(offset + i) % slots.len()]) else { continue };
        match select_victims(attempt, node, &budgets) {
            Ok(candidate) => candidates.push(candidate),
            Err(rejection) => rejections.push(rejection),
        }
        if candidates.len() >= enough && candidates.iter().any(|c: &Candidate| c.violations == 0) {
            break;
        }
    }
    (candidates, rejections)
}

/// Takes every pod of lower priority off the node, then puts back as many as can stay, the most important first and
/// those under a budget before the others. Models: SelectVictimsOnNode.
fn select_victims(attempt: &PostFilter<'_>, node: &NodeInfo, budgets: &[Budget]) -> Result<Candidate, Rejection> {
    let (pod, world) = (attempt.pod, &attempt.world);
    let mut trial = Trial { pod, world, state: attempt.state.clone(), node: node.clone() };
    let mut potential: Vec<Rc<PodInfo>> =
        node.pods.iter().filter(|info| priority(&info.pod) < priority(pod)).cloned().collect();
    if potential.is_empty() {
        return Err(Rejection::of("No preemption victims found for incoming pod"));
    }
    for info in &potential {
        trial.take_off(info);
    }
    trial.fits()?;
    potential.sort_by_key(|info| importance(&info.pod, world.now));
    let (violating, others): (Vec<_>, Vec<_>) = split_by_budget(potential, budgets);
    let mut victims = Vec::new();
    let mut violations = 0;
    for (info, violates) in violating.into_iter().map(|v| (v, true)).chain(others.into_iter().map(|v| (v, false))) {
        trial.put_back(&info);
        if trial.fits().is_err() {
            trial.take_off(&info);
            violations += usize::from(violates);
            victims.push(info);
        }
    }
    victims.sort_by_key(|info| importance(&info.pod, world.now));
    if victims.is_empty() {
        // It fits as it is: some other pod left in the meantime, and the next cycle will find out.
        return Err(Rejection::of("No preemption victims found for incoming pod"));
    }
    Ok(Candidate { node: node.name().clone(), victims, violations })
}

/// A copy of node and cycle state, to try things on.
struct Trial<'a> {
    pod: &'a Pod,
    world: &'a World<'a>,
    state: CycleState,
    node: NodeInfo,
}

impl Trial<'_> {
    fn take_off(&mut self, info: &PodInfo) {
        self.node.remove_pod(&key_of(&info.pod));
        cycle::adjust(&mut self.state, self.pod, info, &self.node, -1);
    }

    fn put_back(&mut self, info: &Rc<PodInfo>) {
        self.node.add_pod(info);
        cycle::adjust(&mut self.state, self.pod, info, &self.node, 1);
    }

    fn fits(&self) -> Result<(), Rejection> {
        cycle::check_with_nominated(self.world, &self.state, self.pod, &self.node)
    }
}

/// Sorts the more important first: by priority, then by age. Models: util.MoreImportantPod.
fn importance(pod: &Pod, now: Time) -> (Reverse<i32>, Time) {
    (Reverse(priority(pod)), started(pod, now))
}

fn started(pod: &Pod, now: Time) -> Time {
    pod.status.start_time.unwrap_or(now)
}

/// Fewest budget violations, then lowest top priority, then lowest sum, then fewest pods, then the youngest top pod,
/// then chance. Models: pickOneNodeForPreemption.
fn best(candidates: Vec<Candidate>, attempt: &mut PostFilter<'_>) -> Option<Candidate> {
    let now = attempt.world.now;
    let rank = |candidate: &Candidate| {
        let priorities = || candidate.victims.iter().map(|v| i64::from(priority(&v.pod)));
        let top = priorities().max().unwrap_or(i64::MIN);
        // Shifted above zero, so that many low ones do not look better than few.
        let sum: i64 = priorities().map(|p| p + i64::from(i32::MAX) + 1).sum();
        let of_top = candidate.victims.iter().filter(|v| i64::from(priority(&v.pod)) == top);
        let oldest = of_top.map(|v| started(&v.pod, now)).min();
        (candidate.violations, top, sum, candidate.victims.len(), Reverse(oldest))
    };
    let least = candidates.iter().map(rank).min()?;
    let mut best: Vec<Candidate> = candidates.into_iter().filter(|candidate| rank(candidate) == least).collect();
    let chosen = if best.len() > 1 { attempt.rng.below(best.len() as u64) } else { 0 };
    Some(best.swap_remove(usize::try_from(chosen).unwrap_or(0)))
}

fn budgets(world: &World<'_>) -> Vec<Budget> {
    let budget = |budget: &Rc<PodDisruptionBudget>| Budget {
        namespace: budget.metadata.namespace.clone(),
        selector: Selector::of(budget.spec.selector.as_ref()),
        allowed: i64::from(budget.status.disruptions_allowed),
        disrupted: budget.status.disrupted_pods.iter().map(|(name, _)| name.clone()).collect(),
    };
    world.lister.list::<PodDisruptionBudget>().map(budget).collect()
}

/// Pods whose going would break a budget, and the others. Models: filterPodsWithPDBViolation.
fn split_by_budget(pods: Vec<Rc<PodInfo>>, budgets: &[Budget]) -> (Vec<Rc<PodInfo>>, Vec<Rc<PodInfo>>) {
    let mut left: Vec<i64> = budgets.iter().map(|budget| budget.allowed).collect();
    pods.into_iter().partition(|info| {
        let meta = &info.pod.metadata;
        let mut violates = false;
        for (budget, left) in budgets.iter().zip(&mut left) {
            let covers = budget.namespace == meta.namespace
                && !meta.labels.is_empty()
                && !budget.selector.is_everything()
                && budget.selector.matches(&meta.labels)
                && !budget.disrupted.contains(&meta.name);
            if covers {
                *left -= 1;
                violates |= *left < 0;
            }
        }
        violates
    })
}
