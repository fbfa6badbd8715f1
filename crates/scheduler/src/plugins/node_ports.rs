//! NodePorts: rejects nodes on which a host port that the pod wants is taken.
//! Models: pkg/scheduler/framework/plugins/nodeports.

use super::{CycleState, Hint, Plugin, PreFilter, Verdict, World};
use crate::events::{Change, Events};
use crate::node_info::{HostPort, NodeInfo};
use api::Pod;

pub(super) const PLUGIN: Plugin = Plugin {
    pre_filter: Some(pre_filter),
    filter: Some(filter),
    hints: &[Hint::when(Events::POD_DELETE, frees_a_port), Hint::always(Events::NODE_ADD)],
    ..Plugin::named("NodePorts")
};

fn pre_filter(_: &World<'_>, pod: &Pod, state: &mut CycleState) -> PreFilter {
    state.ports = HostPort::of(pod);
    if state.ports.is_empty() { PreFilter::Skip } else { PreFilter::Pass }
}

fn filter(state: &CycleState, _: &Pod, node: &NodeInfo) -> Verdict {
    if conflict(&state.ports, &node.ports) {
        return Verdict::reject("node(s) didn't have free ports for the requested pod ports");
    }
    Verdict::Pass
}

fn conflict(wanted: &[HostPort], taken: &[HostPort]) -> bool {
    wanted.iter().any(|port| taken.iter().any(|other| port.conflicts_with(other)))
}

fn frees_a_port(pod: &Pod, change: &Change<'_>) -> bool {
    let Some(gone) = change.pods().0 else { return false };
    let held_a_node = !gone.spec.node_name.is_empty() || !gone.status.nominated_node_name.is_empty();
    held_a_node && conflict(&HostPort::of(pod), &HostPort::of(gone))
}

#[cfg(test)]
mod tests {
    use crate::harness::{assert_filter, node_with, pod};
    use serde_json::{Value, json};

    #[test]
    fn ports_conflict_by_protocol_and_address() {
        let wants = |name: &str, port: Value| pod(name, json!({"containers": [{"name": "c", "ports": [port]}]}));
        let taken = node_with(
            "n",
            json!({}),
            &[wants("old", json!({"containerPort": 80, "hostPort": 8080, "hostIP": "10.0.0.1"}))],
        );
        let reason = "node(s) didn't have free ports for the requested pod ports";
        assert_filter(&wants("new", json!({"containerPort": 1, "hostPort": 8080})), &taken, reason);
        assert_filter(
            &wants("new", json!({"containerPort": 1, "hostPort": 8080, "hostIP": "10.0.0.1"})),
            &taken,
            reason,
        );
        assert_filter(
            &wants("new", json!({"containerPort": 1, "hostPort": 8080, "hostIP": "10.0.0.2"})),
            &taken,
            "fits",
        );
        assert_filter(&wants("new", json!({"containerPort": 1, "hostPort": 8080, "protocol": "UDP"})), &taken, "fits");
        assert_filter(&wants("new", json!({"containerPort": 8080})), &taken, "fits");
    }
}
