//! Pods and pod templates: defaults, checks, what may change.
//! Models: pkg/registry/core/pod/strategy.go, pkg/apis/core/v1/defaults.go, pkg/apis/core/validation.

mod containers;
mod defaults;
mod label_keys;
mod resources;
mod scheduling;
mod security;
#[cfg(test)]
mod tests;
mod update;
mod validate;
mod volumes;

use super::Part;
use api::{Pod, PodCondition, PodSpec, PodStatus};

pub(super) use defaults::{default, default_template, fill};
pub(super) use resources::{container_resource, is_overcommitted, is_quota_resource, quantity, resource_name};
pub(super) use scheduling::{node_selector, taint_effect};
pub(super) use update::validate_update;
pub(super) use validate::{Extra, validate, validate_template};
pub(super) use volumes::{csi_driver, host_path};

pub(super) fn prepare_for_create(pod: &mut Pod) {
    pod.metadata.generation = 1;
    label_keys::merge(pod);
    pod.status = PodStatus { phase: "Pending".into(), qos_class: qos_class(&pod.spec).into(), ..Default::default() };
    if !pod.spec.scheduling_gates.is_empty() {
        let gated = PodCondition::new("PodScheduled", false)
            .because("SchedulingGated", "Scheduling is blocked due to non-empty scheduling gates");
        pod.status.conditions = vec![gated].into();
    }
}

/// Guaranteed, Burstable or BestEffort. Models: pkg/apis/core/helper/qos.
fn qos_class(spec: &PodSpec) -> &'static str {
    let containers = || spec.containers.iter().chain(&spec.init_containers);
    let counts = |name: &str| name == "cpu" || name == "memory";
    let any = containers().any(|c| {
        c.resources.requests.iter().chain(c.resources.limits.iter()).any(|(name, q)| counts(name) && !q.is_zero())
    });
    if !any {
        return "BestEffort";
    }
    let full = containers().all(|c| {
        ["cpu", "memory"].iter().all(|name| {
            let limit = c.resources.limits.get(name).filter(|q| !q.is_zero());
            limit.is_some() && limit.map(|q| q.milli()) == c.resources.requests.get(name).map(|q| q.milli())
        })
    });
    if full { "Guaranteed" } else { "Burstable" }
}

pub(super) fn prepare_for_update(new: &mut Pod, old: &Pod, part: Part) {
    match part {
        Part::Spec => {
            new.status = old.status.clone();
            if new.spec != old.spec {
                new.metadata.generation += 1;
            }
        }
        Part::Status => {
            let status = std::mem::take(&mut new.status);
            new.spec = old.spec.clone();
            new.metadata = old.metadata.clone();
            new.status = PodStatus { qos_class: old.status.qos_class.clone(), ..status };
        }
    }
}
