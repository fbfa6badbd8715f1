//! NodeResourcesBalancedAllocation: prefers nodes on which the pod evens out the use of CPU and memory.
//! Models: pkg/scheduler/framework/plugins/noderesources/balanced_allocation.go.

use super::{CycleState, MAX_SCORE, Plugin};
use crate::node_info::NodeInfo;
use api::Pod;

pub(super) const PLUGIN: Plugin = Plugin {
    weight: 1,
    pre_score: Some(|_, _, _, state| state.requests.cpu_milli != 0 || state.requests.memory_bytes != 0),
    score: Some(score),
    ..Plugin::named("NodeResourcesBalancedAllocation")
};

fn score(state: &CycleState, _: &Pod, node: &NodeInfo) -> i64 {
    let (used, room) = (&node.requested, &node.allocatable);
    let balance = |cpu: i64, memory: i64| evenness((cpu, room.cpu_milli), (memory, room.memory_bytes));
    let with_pod = balance(used.cpu_milli + state.requests.cpu_milli, used.memory_bytes + state.requests.memory_bytes);
    let without = balance(used.cpu_milli, used.memory_bytes);
    MAX_SCORE / 2 + (MAX_SCORE / 2 + with_pod - without) / 2
}

/// 100 if CPU and memory are used to the same share, less the further they are apart.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    reason = "upstream computes with floats; so do we"
)]
fn evenness(cpu: (i64, i64), memory: (i64, i64)) -> i64 {
    let share = |(used, room): (i64, i64)| (room != 0).then(|| (used as f64 / room as f64).min(1.0));
    let deviation = match (share(cpu), share(memory)) {
        (Some(cpu), Some(memory)) => ((cpu - memory) / 2.0).abs(),
        _ => 0.0,
    };
    ((1.0 - deviation) * MAX_SCORE as f64) as i64
}

#[cfg(test)]
mod tests {
    use crate::harness::{assert_scores, node_with, pod};
    use serde_json::json;

    #[test]
    fn evening_out_is_better_than_tilting() {
        let asking = |cpu: &str, memory: &str| {
            pod("p", json!({"containers": [{"name": "c", "resources": {"requests": {"cpu": cpu, "memory": memory}}}]}))
        };
        let room = json!({"status": {"allocatable": {"cpu": "10", "memory": "10Gi", "pods": "9"}}});
        let nodes = [
            node_with("empty", room.clone(), &[]),
            node_with("cpu-heavy", room.clone(), &[asking("6", "2Gi")]),
            node_with("memory-heavy", room, &[asking("2", "6Gi")]),
        ];
        assert_scores(
            "NodeResourcesBalancedAllocation",
            &asking("4", "0"),
            &nodes,
            &[],
            "empty 65, cpu-heavy 65, memory-heavy 85",
        );
    }
}
