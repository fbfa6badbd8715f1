//! NodeName: a pod that names its node goes nowhere else.
//! Models: pkg/scheduler/framework/plugins/nodename.

use super::{CycleState, Hint, Plugin, Verdict};
use crate::events::Events;
use crate::node_info::NodeInfo;
use api::Pod;

pub(super) const PLUGIN: Plugin =
    Plugin { filter: Some(filter), hints: &[Hint::always(Events::NODE_ADD)], ..Plugin::named("NodeName") };

fn filter(_: &CycleState, pod: &Pod, node: &NodeInfo) -> Verdict {
    if pod.spec.node_name.is_empty() || pod.spec.node_name == *node.name() {
        return Verdict::Pass;
    }
    Verdict::reject_for_good("node(s) didn't match the requested node name")
}
