//! The pod template of a workload.

use super::text::Text;
use super::{containers, volumes};
use api::{PodTemplateSpec, TopologySpreadConstraint};

pub(super) fn describe(text: &mut Text, template: &PodTemplateSpec) {
    let spec = &template.spec;
    text.line(0, "Pod Template:");
    text.labels("  Labels", &template.metadata.labels);
    if !template.metadata.annotations.is_empty() {
        text.annotations("  Annotations", &template.metadata.annotations);
    }
    if !spec.service_account_name.is_empty() {
        text.field(1, "Service Account", &spec.service_account_name);
    }
    if !spec.init_containers.is_empty() {
        containers::describe(text, "Init Containers", &spec.init_containers, &[], None, "  ");
    }
    containers::describe(text, "Containers", &spec.containers, &[], None, "  ");
    volumes::describe(text, &spec.volumes, "  ");
    topology_spread_constraints(text, &spec.topology_spread_constraints, "  ");
    if !spec.priority_class_name.is_empty() {
        text.field(1, "Priority Class Name", &spec.priority_class_name);
    }
    text.labels("  Node-Selectors", &spec.node_selector);
    text.tolerations("  Tolerations", &spec.tolerations);
}

pub(super) fn topology_spread_constraints(text: &mut Text, constraints: &[TopologySpreadConstraint], indent: &str) {
    let mut sorted: Vec<&TopologySpreadConstraint> = constraints.iter().collect();
    sorted.sort_by(|a, b| a.topology_key.cmp(&b.topology_key));
    for (index, constraint) in sorted.into_iter().enumerate() {
        let title = if index == 0 { format!("{indent}Topology Spread Constraints:") } else { indent.to_owned() };
        let selector = match &constraint.label_selector {
            Some(selector) => format!(" for selector {selector}"),
            None => String::new(),
        };
        text.line(
            0,
            format_args!(
                "{title}\t{}:{} when max skew {} is exceeded{selector}",
                constraint.topology_key, constraint.when_unsatisfiable, constraint.max_skew
            ),
        );
    }
}
