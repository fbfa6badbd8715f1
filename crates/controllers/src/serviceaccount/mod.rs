//! What every namespace gets: the ServiceAccount `default` and the ConfigMap with the cluster's certificate.
//!
//! Models: pkg/controller/serviceaccount/serviceaccounts_controller.go, pkg/controller/certificates/rootcacertpublisher.

use crate::{Controller, Ctx, Decision};
use api::{ConfigMap, Kind, Namespace, Object, ObjectKey, ObjectMeta, Resource, ServiceAccount};
use apiserver::{Lister, Plan, WatchEvent, Write};

/// The controller that makes `default`.
pub const CONTROLLER: Controller = Controller { name: "serviceaccount", keys, reconcile, period: None, when: None };

const CERTIFICATE: &str = "kube-root-ca.crt";

fn keys(event: &WatchEvent, _: Lister<'_>, keys: &mut Vec<ObjectKey>) {
    let meta = event.object.meta();
    let watched = match &event.object {
        Object::Namespace(_) => Some(&meta.name),
        Object::ServiceAccount(_) if meta.name == "default" => Some(&meta.namespace),
        Object::ConfigMap(_) if meta.name == CERTIFICATE => Some(&meta.namespace),
        _ => None,
    };
    keys.extend(watched.map(|name| ObjectKey::cluster(Kind::Namespace, name.clone())));
}

fn reconcile(ctx: &Ctx<'_>, key: &ObjectKey) -> Decision {
    let mut plan = Plan::default();
    let living = ctx.lister.get::<Namespace>("", &key.name).filter(|namespace| !namespace.metadata.is_terminating());
    let Some(namespace) = living else { return plan.into() };
    let name = &namespace.metadata.name;
    let meta = |own: &str| ObjectMeta { name: own.into(), namespace: name.clone(), ..Default::default() };
    if ctx.lister.get::<ServiceAccount>(name, "default").is_none() {
        let account = ServiceAccount { metadata: meta("default"), ..Default::default() };
        plan.write(Write::Create(account.into_object()));
    }
    if ctx.lister.get::<ConfigMap>(name, CERTIFICATE).is_none() {
        let mut metadata = meta(CERTIFICATE);
        metadata.annotations = metadata.annotations.with(
            "kubernetes.io/description",
            "Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.",
        );
        let data = api::StrMap::default().with("ca.crt", "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n");
        plan.write(Write::Create(ConfigMap { metadata, data, ..Default::default() }.into_object()));
    }
    plan.into()
}
