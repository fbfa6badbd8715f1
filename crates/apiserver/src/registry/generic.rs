//! Kinds without a type of their own: they are kept as they are given, but status and spec are kept apart and
//! generations are counted, as all kinds have it.
//! Models: what the strategies in pkg/registry have in common.

use super::Part;
use crate::resource;
use api::{Generic, Kind, Rest};
use serde_json::{Map, Value, json};

/// The kinds that count generations, of those without a type of their own.
const COUNTED: [&str; 14] = [
    "CustomResourceDefinition",
    "FlowSchema",
    "Ingress",
    "IngressClass",
    "MutatingAdmissionPolicy",
    "MutatingAdmissionPolicyBinding",
    "MutatingWebhookConfiguration",
    "NetworkPolicy",
    "PodTemplate",
    "PriorityClass",
    "PriorityLevelConfiguration",
    "ValidatingAdmissionPolicy",
    "ValidatingAdmissionPolicyBinding",
    "ValidatingWebhookConfiguration",
];

fn counts_generations(kind: Kind) -> bool {
    resource(kind).is_some_and(|info| COUNTED.contains(&info.kind))
}

fn has_status(kind: Kind) -> bool {
    resource(kind).is_some_and(|info| info.has_subresource("status"))
}

pub(super) fn prepare_for_create(kind: Kind, object: &mut Generic) {
    if counts_generations(kind) {
        object.metadata.generation = 1;
    }
    if has_status(kind) {
        object.rest = object.rest.with("status", json!({}));
    }
}

pub(super) fn prepare_for_update(kind: Kind, new: &mut Generic, old: &Generic, part: Part) {
    let status_of = |object: &Generic| object.rest.get("status").cloned();
    match part {
        Part::Spec => {
            if has_status(kind) {
                new.rest = with_status(&new.rest, status_of(old));
            }
            if counts_generations(kind) && without_status(&new.rest) != without_status(&old.rest) {
                new.metadata.generation += 1;
            }
        }
        Part::Status => {
            new.rest = with_status(&old.rest, status_of(new));
            new.metadata = old.metadata.clone();
        }
    }
}

fn without_status(rest: &Rest) -> Map<String, Value> {
    rest.iter().filter(|(name, _)| *name != "status").map(|(name, value)| (name.clone(), value.clone())).collect()
}

fn with_status(rest: &Rest, status: Option<Value>) -> Rest {
    let mut fields = without_status(rest);
    if let Some(status) = status {
        fields.insert("status".to_owned(), status);
    }
    fields.into()
}

#[cfg(test)]
mod tests {
    use crate::registry::tests::server;
    use api::Object;
    use serde_json::{Value, json};

    #[test]
    fn status_and_spec_are_kept_apart_and_changes_are_counted() {
        let mut server = server();
        let body = json!({"apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "metadata": {"name": "i"},
            "spec": {"defaultBackend": {"service": {"name": "a", "port": {"number": 80}}}}, "status": {"loadBalancer": {"ingress": []}}});
        let created = server.create_from(body).expect("created");
        let field = |object: &Object, field: &str| match object {
            Object::Other(_, inner) => inner.rest.get(field).cloned(),
            _ => None,
        };
        assert_eq!((created.meta().generation, field(&created, "status")), (1, Some(json!({}))));
        let key = created.key();
        let mut patch =
            |body: Value, status: bool| server.patch(&key, crate::PatchType::Merge, &body, status).expect("patched");
        let changed = patch(json!({"spec": {"ingressClassName": "x"}, "status": {"a": 1}}), false);
        assert_eq!((changed.meta().generation, field(&changed, "status")), (2, Some(json!({}))));
        let labelled = patch(json!({"metadata": {"labels": {"a": "b"}}}), false);
        assert_eq!(labelled.meta().generation, 2);
        let reported = patch(json!({"spec": null, "status": {"loadBalancer": {}}}), true);
        assert_eq!(field(&reported, "status"), Some(json!({"loadBalancer": {}})));
        assert!(field(&reported, "spec").is_some());
    }
}
