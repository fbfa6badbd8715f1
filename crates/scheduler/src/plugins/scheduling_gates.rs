//! SchedulingGates: a pod with gates does not enter the queue until they are removed.
//! Models: pkg/scheduler/framework/plugins/schedulinggates.

use super::{Hint, Plugin};
use crate::events::Events;
use api::Pod;

pub(super) const PLUGIN: Plugin = Plugin {
    pre_enqueue: Some(pre_enqueue),
    hints: &[Hint::when(Events::POD_GATES_GONE, |pod, change| {
        change.pods().1.is_some_and(|changed| changed.metadata.uid == pod.metadata.uid)
    })],
    ..Plugin::named("SchedulingGates")
};

fn pre_enqueue(pod: &Pod) -> Option<String> {
    let gates: Vec<&str> = pod.spec.scheduling_gates.iter().map(|gate| gate.name.as_str()).collect();
    (!gates.is_empty()).then(|| format!("waiting for scheduling gates: [{}]", gates.join(" ")))
}
