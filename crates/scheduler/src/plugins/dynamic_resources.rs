//! DynamicResources: devices that pods claim are not modelled, but the plugin runs in every default scheduler and
//! has its say in the message of a pod that fits nowhere.
//! Models: pkg/scheduler/framework/plugins/dynamicresources (PreFilter without claims, PostFilter).

use super::{CycleState, Plugin, PostFilter, PostFilterAnswer, PreFilter, World};
use api::Pod;

pub(super) const PLUGIN: Plugin =
    Plugin { pre_filter: Some(pre_filter), post_filter: Some(post_filter), ..Plugin::named("DynamicResources") };

/// Whether its turn came before some plugin rejected the pod.
#[derive(Clone, Default)]
pub(super) struct State {
    ran: bool,
}

fn pre_filter(_: &World<'_>, _: &Pod, state: &mut CycleState) -> PreFilter {
    state.dynamic_resources.ran = true;
    PreFilter::Pass
}

/// Upstream looks up what its PreFilter stored. If another plugin rejected the pod before, that is an error whose
/// text, `not found`, ends up behind the reason, and preemption is not tried.
fn post_filter(attempt: &mut PostFilter<'_>) -> PostFilterAnswer {
    if attempt.state.dynamic_resources.ran {
        let reason = "no new claims to deallocate".to_owned();
        PostFilterAnswer::Nothing { reason, clears_nomination: false }
    } else {
        PostFilterAnswer::Failed("not found".to_owned())
    }
}
