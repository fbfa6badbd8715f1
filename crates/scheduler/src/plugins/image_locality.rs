//! ImageLocality: prefers nodes that have the pod's images already, the more the larger the images are.
//! Models: pkg/scheduler/framework/plugins/imagelocality.

use super::{CycleState, MAX_SCORE, Plugin, World};
use crate::node_info::NodeInfo;
use api::{Pod, Str};

pub(super) const PLUGIN: Plugin =
    Plugin { weight: 1, pre_score: Some(pre_score), score: Some(score), ..Plugin::named("ImageLocality") };

const MIB: i64 = 1024 * 1024;
const MIN_BYTES: i64 = 23 * MIB;
const MAX_BYTES_PER_CONTAINER: i64 = 1000 * MIB;

/// The pod's images, each with the share of nodes that have it.
#[derive(Clone, Default)]
pub(super) struct State {
    images: Vec<(Str, i64)>,
    nodes: i64,
    containers: i64,
}

fn pre_score(world: &World<'_>, pod: &Pod, _: &[&NodeInfo], state: &mut CycleState) -> bool {
    let containers = || pod.spec.init_containers.iter().chain(&pod.spec.containers);
    let of_volumes = pod.spec.volumes.iter().filter_map(|v| v.rest.get("image")?.get("reference")?.as_str());
    let names = containers().map(|c| c.image.as_str()).chain(of_volumes).map(normalized);
    let images = names.map(|name| {
        let nodes = world.nodes.nodes_with_image(&name);
        (name, nodes)
    });
    state.images = State {
        images: images.filter(|(_, nodes)| *nodes > 0).collect(),
        nodes: i64::try_from(world.nodes.len()).unwrap_or(i64::MAX),
        containers: i64::try_from(containers().count()).unwrap_or(i64::MAX),
    };
    !state.images.images.is_empty()
}

#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    reason = "upstream computes with floats; so do we"
)]
fn score(state: &CycleState, _: &Pod, node: &NodeInfo) -> i64 {
    let State { images, nodes, containers } = &state.images;
    let bytes: i64 = images
        .iter()
        .filter_map(|(name, having)| {
            let spread = *having as f64 / *nodes as f64;
            Some((*node.images.get(name)? as f64 * spread) as i64)
        })
        .sum();
    let max = MAX_BYTES_PER_CONTAINER * containers;
    MAX_SCORE * (bytes.max(MIN_BYTES).min(max) - MIN_BYTES) / (max - MIN_BYTES)
}

/// An image without a tag means `latest`.
fn normalized(name: &str) -> Str {
    let last = name.rsplit('/').next().unwrap_or(name);
    if last.contains(':') { name.into() } else { format!("{name}:latest").into() }
}

#[cfg(test)]
mod tests {
    use crate::harness::{assert_scores, node, pod};
    use serde_json::json;

    #[test]
    fn a_large_image_that_is_there_counts() {
        let having = |name: &str, mib: i64| {
            node(name, json!({"status": {"images": [{"names": ["big:latest"], "sizeBytes": mib * 1024 * 1024}]}}))
        };
        let pod = pod("p", json!({"containers": [{"name": "c", "image": "big"}]}));
        let nodes = [having("all", 1000), having("half", 500), node("none", json!({})), node("too", json!({}))];
        assert_scores("ImageLocality", &pod, &nodes, &[], "all 48, half 23, none 0, too 0");
    }
}
