//! Namespaces. Models: pkg/registry/core/namespace/strategy.go, ValidateNamespace of pkg/apis/core/validation.

use super::check::{Causes, Path};
use super::{Part, meta, names};
use api::Namespace;

pub(super) fn default(namespace: &mut Namespace) {
    let name = namespace.metadata.name.clone();
    if !name.is_empty() {
        namespace.metadata.labels = namespace.metadata.labels.with("kubernetes.io/metadata.name", name);
    }
}

pub(super) fn prepare_for_create(namespace: &mut Namespace) {
    namespace.status = api::NamespaceStatus { phase: "Active".into(), ..Default::default() };
    if !namespace.spec.finalizers.iter().any(|f| f == "kubernetes") {
        namespace.spec.finalizers = namespace.spec.finalizers.iter().cloned().chain(["kubernetes".into()]).collect();
    }
}

pub(super) fn prepare_for_update(new: &mut Namespace, old: &Namespace, part: Part) {
    match part {
        Part::Spec => {
            // The finalizers of the spec change only through the namespace controller, once deletion is under way.
            if !new.metadata.is_terminating() {
                new.spec = old.spec.clone();
            }
            new.status = old.status.clone();
        }
        Part::Status => {
            new.spec = old.spec.clone();
            new.metadata = old.metadata.clone();
        }
    }
}

pub(super) fn validate(namespace: &Namespace, causes: &mut Causes) {
    let spec = Path::root("spec");
    let at = spec.field("finalizers");
    for finalizer in &namespace.spec.finalizers {
        meta::name(finalizer, &at, names::qualified_name, causes);
        meta::kube_finalizer(finalizer, &at, causes);
    }
}
