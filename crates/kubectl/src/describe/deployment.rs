//! Deployments.

use super::text::{Text, moment};
use super::workloads::selector;
use super::{replicaset, template};
use crate::call::Call;
use api::{Deployment, ObjectMeta, PodTemplateSpec, ReplicaSet};
use std::rc::Rc;

pub(super) fn describe(call: &Call<'_>, text: &mut Text, deployment: &Deployment) -> bool {
    let (meta, spec, status) = (&deployment.metadata, &deployment.spec, &deployment.status);
    text.field(0, "Name", &meta.name);
    text.field(0, "Namespace", &meta.namespace);
    text.field(0, "CreationTimestamp", moment(meta.creation_timestamp));
    text.labels("Labels", &meta.labels);
    text.annotations("Annotations", &meta.annotations);
    text.field(0, "Selector", selector(&spec.selector));
    text.field(
        0,
        "Replicas",
        format_args!(
            "{} desired | {} updated | {} total | {} available | {} unavailable",
            spec.replicas.unwrap_or(0),
            status.updated_replicas,
            status.replicas,
            status.available_replicas,
            status.unavailable_replicas
        ),
    );
    text.field(0, "StrategyType", &spec.strategy.r#type);
    text.field(0, "MinReadySeconds", spec.min_ready_seconds);
    if let Some(rolling) = &spec.strategy.rolling_update {
        let part = |count: &Option<api::IntOrString>| count.clone().unwrap_or_default();
        let (unavailable, surge) = (part(&rolling.max_unavailable), part(&rolling.max_surge));
        text.field(0, "RollingUpdateStrategy", format_args!("{unavailable} max unavailable, {surge} max surge"));
    }
    template::describe(text, &spec.template);
    let conditions = status.conditions.iter().map(|c| [&c.r#type, &c.status, &c.reason]);
    replicaset::conditions(text, conditions);
    replica_sets(call, text, deployment);
    true
}

/// The old and the new ReplicaSets, told apart by their templates, oldest first.
fn replica_sets(call: &Call<'_>, text: &mut Text, deployment: &Deployment) {
    let uid = &deployment.metadata.uid;
    let owned = call.lister().owned::<ReplicaSet>(uid).filter(|set| set.metadata.is_controlled_by(uid));
    let mut sets: Vec<&Rc<ReplicaSet>> = owned.collect();
    sets.sort_by_key(|set| (set.metadata.creation_timestamp, set.metadata.name.clone()));
    if sets.is_empty() {
        return;
    }
    let new = sets.iter().position(|set| same_template(&set.spec.template, &deployment.spec.template));
    let line = |set: &Rc<ReplicaSet>| {
        let (have, wanted) = (set.status.replicas, set.spec.replicas.unwrap_or(0));
        format!("{} ({have}/{wanted} replicas created)", set.metadata.name)
    };
    let old: Vec<String> =
        sets.iter().enumerate().filter(|(at, _)| Some(*at) != new).map(|(_, set)| line(set)).collect();
    text.field(0, "OldReplicaSets", if old.is_empty() { "<none>".to_owned() } else { old.join(", ") });
    text.field(0, "NewReplicaSet", new.map_or_else(|| "<none>".to_owned(), |at| line(sets[at])));
}

/// Whether two templates are the same but for the hash that a ReplicaSet's carries.
fn same_template(a: &PodTemplateSpec, b: &PodTemplateSpec) -> bool {
    let plain = |meta: &ObjectMeta| ObjectMeta { labels: meta.labels.without("pod-template-hash"), ..meta.clone() };
    a.spec == b.spec && plain(&a.metadata) == plain(&b.metadata)
}
