//! Nodes. Models: pkg/registry/core/node/strategy.go, ValidateNode of pkg/apis/core/validation.

use super::check::{Causes, Path};
use super::meta::META;
use super::{Part, meta, names, pod};
use api::{Node, Taint};

const SPEC: Path<'static> = Path::root("spec");

pub(super) fn default(node: &mut Node) {
    if node.status.allocatable.is_empty() {
        node.status.allocatable = node.status.capacity.clone();
    }
}

pub(super) fn prepare_for_update(new: &mut Node, old: &Node, part: Part) {
    match part {
        Part::Spec => new.status = old.status.clone(),
        Part::Status => {
            new.spec = old.spec.clone();
            new.metadata = old.metadata.clone();
        }
    }
}

pub(super) fn validate(node: &Node, causes: &mut Causes) {
    // Upstream says that the taints are in the metadata.
    taints(&node.spec.taints, &META.field("taints"), causes);
    let status = Path::root("status");
    for (field, list) in [("capacity", &node.status.capacity), ("allocatable", &node.status.allocatable)] {
        for (name, amount) in list.iter() {
            pod::quantity(name, amount, &status.field(field).field(name), causes);
        }
    }
}

fn taints(taints: &[Taint], at: &Path<'_>, causes: &mut Causes) {
    for (i, taint) in taints.iter().enumerate() {
        let at = at.index(i);
        meta::label_key(&taint.key, &at.field("key"), causes);
        let wrong = names::label_value(&taint.value);
        if !wrong.is_empty() {
            causes.invalid(&at.field("value"), taint.value.as_str(), wrong.join(";"));
        }
        if taint.effect.is_empty() {
            causes.required(&at.field("effect"), "");
        } else {
            pod::taint_effect(&taint.effect, &at.field("effect"), causes);
        }
        if taints[..i].iter().any(|t| t.key == taint.key && t.effect == taint.effect) {
            let added = taint.time_added.map_or_else(|| "null".to_owned(), |time| format!("\"{time}\""));
            let shown = format!(
                "{{\"Key\":{},\"Value\":{},\"Effect\":{},\"TimeAdded\":{added}}}",
                schema::go_quote(&taint.key),
                schema::go_quote(&taint.value),
                schema::go_quote(&taint.effect)
            );
            causes.told(&at, "Duplicate value", &shown, "taints must be unique by key and effect pair");
        }
    }
}

pub(super) fn validate_update(new: &Node, old: &Node, causes: &mut Causes) {
    if !old.spec.pod_cidrs.is_empty() && new.spec.pod_cidrs != old.spec.pod_cidrs {
        causes.forbidden(&SPEC.field("podCIDRs"), "node updates may not change podCIDR except from \"\" to valid");
    }
    if !old.spec.provider_id.is_empty() && new.spec.provider_id != old.spec.provider_id {
        causes.forbidden(&SPEC.field("providerID"), "node updates may not change providerID except from \"\" to valid");
    }
    if new.spec.taints != old.spec.taints {
        validate(new, causes);
    }
}

#[cfg(test)]
mod tests {
    use crate::registry::tests::{refused, refused_update};
    use expect_test::expect;
    use serde_json::{Value, json};

    fn node(spec: Value) -> Value {
        json!({"apiVersion": "v1", "kind": "Node", "metadata": {"name": "n"}, "spec": spec})
    }

    #[test]
    fn taints_and_addresses() {
        refused(
            node(json!({"taints": [{"key": "a b", "effect": "Never"}, {"key": "a"}]})),
            expect![[r#"
            metadata.taints[0].key: Invalid value: "a b": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')
            metadata.taints[0].effect: Unsupported value: "Never": supported values: "NoSchedule", "PreferNoSchedule", "NoExecute"
            metadata.taints[1].effect: Required value"#]],
        );
        let twice = json!({"key": "a", "effect": "NoSchedule"});
        refused(
            node(json!({"taints": [twice, twice]})),
            expect![[
                r#"Node "n" is invalid: metadata.taints[1]: Duplicate value: {"Key":"a","Value":"","Effect":"NoSchedule","TimeAdded":null}: taints must be unique by key and effect pair"#
            ]],
        );
        let addresses = |cidr: &str| json!({"podCIDR": cidr, "podCIDRs": [cidr]});
        refused_update(
            node(addresses("10.244.1.0/24")),
            json!({"spec": addresses("10.244.2.0/24")}),
            expect![[
                r#"Node "n" is invalid: spec.podCIDRs: Forbidden: node updates may not change podCIDR except from "" to valid"#
            ]],
        );
    }
}
