//! Which nodes a DaemonSet wants a pod on. Models: NodeShouldRunDaemonPod in pkg/controller/daemon.

use super::template;
use api::{DaemonSet, List, Node, PodTemplateSpec, Toleration};
use std::rc::Rc;

/// How a node fits a set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Fit {
    /// A pod is to be made there.
    pub should_run: bool,
    /// A pod that is there may stay.
    pub may_stay: bool,
}

/// What decides about nodes, worked out once for a set.
pub(super) struct Rule {
    template: Rc<PodTemplateSpec>,
    tolerations: List<Toleration>,
}

impl Rule {
    pub(super) fn new(set: &DaemonSet) -> Rule {
        Rule { template: Rc::clone(&set.spec.template), tolerations: template::tolerations(&set.spec.template.spec) }
    }

    /// Resources play no part, nor does the node being Ready: its taints speak for it.
    pub(super) fn fit(&self, node: &Node) -> Fit {
        let spec = &self.template.spec;
        let is_named = spec.node_name.is_empty() || spec.node_name == node.metadata.name;
        if !is_named || !spec.matches_node(node) {
            return Fit::default();
        }
        let repels = |effect: &str| {
            let mut taints = node.spec.taints.iter().filter(|taint| taint.effect == *effect);
            taints.any(|taint| !self.tolerations.iter().any(|toleration| toleration.tolerates(taint)))
        };
        let may_stay = !repels("NoExecute");
        Fit { should_run: may_stay && !repels("NoSchedule"), may_stay }
    }
}
/// Why a set wants no pod on a node, in words; `None` if it wants one.
pub fn daemon_refusal(node: &Node, set: &DaemonSet) -> Option<String> {
    let rule = Rule::new(set);
    if rule.fit(node).should_run {
        return None;
    }
    let spec = &rule.template.spec;
    if !spec.matches_node(node) {
        return Some("does not match the node selector or affinity".to_owned());
    }
    let repels = |taint: &&api::Taint| {
        taint.effect != "PreferNoSchedule" && !rule.tolerations.iter().any(|toleration| toleration.tolerates(taint))
    };
    Some(match node.spec.taints.iter().find(repels) {
        Some(taint) => format!("taint {taint} is not tolerated"),
        None => format!("the template names node {}", spec.node_name),
    })
}
